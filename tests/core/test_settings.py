"""What is chosen has bounds, the same wherever it is said."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from ltm_cli.core import settings
from ltm_cli.core.errors import InputError, UsageError

NUMBERS = sorted(key for key, about in settings.KEYS.items() if about.kind is int)


@pytest.mark.parametrize("key", NUMBERS)
def test_numbers_have_the_same_bounds_in_a_variable_and_in_the_file(
    key: str, tmp_path: Path
) -> None:
    about = settings.KEYS[key]
    assert 0 < about.least < about.most
    for number in (about.least, about.most):
        (tmp_path / "config.toml").write_text(f"{key} = {number}\n")
        assert settings.load(tmp_path).values[key] == settings.parsed(key, str(number)) == number
    for number in (about.least - 1, about.most + 1, -(10**30), 10**30):
        bounds = f"must be from {about.least} to {about.most}"
        with pytest.raises(UsageError, match=bounds):
            settings.parsed(key, str(number))
        (tmp_path / "config.toml").write_text(f"{key} = {number}\n")
        with pytest.raises(InputError, match=bounds):
            settings.load(tmp_path)


@pytest.mark.parametrize("fixed", ["1900-01-01", "9000-12-31T23:59:59", "2024-05-10T09:30:00.9"])
def test_the_clock_is_fixed_within_the_years(fixed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LTM_NOW", fixed)
    assert settings.now() == datetime.fromisoformat(fixed).replace(microsecond=0)


@pytest.mark.parametrize("fixed", ["0001-01-01", "1899-12-31", "9001-01-01", "9999-12-31T23:59"])
def test_beyond_the_years_it_is_refused(fixed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LTM_NOW", fixed)
    with pytest.raises(UsageError, match="must be from 1900 to 9000"):
        settings.now()


@pytest.mark.parametrize("fixed", ["noon", "2024-13-01", "昨天"])
def test_what_is_no_time_is_refused(fixed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LTM_NOW", fixed)
    with pytest.raises(UsageError, match="is not an ISO 8601 time"):
        settings.now()
