"""The default home is where platformdirs says a user's data belongs."""

from __future__ import annotations

import platformdirs
import pytest

from ltm_cli.core.home import default_home


@pytest.mark.parametrize("given", [None, "", "  ", "/data/of me", "relative"])
def test_the_default_is_the_platforms(given: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LTM_HOME", raising=False)
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    if given is not None:
        monkeypatch.setenv("XDG_DATA_HOME", given)
    assert default_home() == platformdirs.user_data_dir("ltm", appauthor=False)


def test_a_home_that_is_named_goes_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LTM_HOME", "/elsewhere")
    assert default_home() == "/elsewhere"
