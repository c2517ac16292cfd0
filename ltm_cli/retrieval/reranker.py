"""The SideNet: a trained residual on the base ranking, after LONGMEM (Wang et al. 2023, §2.3).

    score = base + Σ weight[name] · feature[name]

With no weights the ranking is the base, exactly. The weights ship as a small JSON file that says
what they were trained on; a user's own residual, from feedback, is added to them. Weights for
features that this program does not have are refused: they would mean something else.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from ltm_cli.core.errors import LtmError
from ltm_cli.core.messages import N_, text
from ltm_cli.core.sanitize import json_value
from ltm_cli.retrieval.features import NAMES

FORMAT = 1


class WeightsError(LtmError):
    """A weights file that cannot be used; ranking goes on without it."""


@dataclass(frozen=True)
class SideNet:
    """Weights by feature name; `about` says where they come from."""

    weights: Mapping[str, float] = field(default_factory=dict)
    about: Mapping[str, Any] = field(default_factory=dict)

    def residual(self, row: Mapping[str, float]) -> float:
        """What is added to the base score of a candidate with these features."""
        weights = self.weights
        return sum([value * weights[name] for name, value in row.items() if name in weights])

    def contributions(self, row: Mapping[str, float]) -> dict[str, float]:
        """What each feature adds, largest first; what adds nothing is left out."""
        parts = {name: value * self.weights.get(name, 0.0) for name, value in row.items()}
        largest = sorted(parts.items(), key=lambda part: -abs(part[1]))
        return {name: part for name, part in largest if part}

    def plus(self, other: SideNet) -> SideNet:
        """Both residuals as one."""
        names = dict.fromkeys([*self.weights, *other.weights])
        total = {name: self.weights.get(name, 0.0) + other.weights.get(name, 0.0) for name in names}
        return SideNet(total, self.about)


@lru_cache(maxsize=1)
def load_shipped() -> SideNet:
    """The weights that come with the package."""
    return parse(files("ltm_cli").joinpath("data/sidenet.json").read_text("utf-8"))


def load(path: Path) -> SideNet:
    """The weights in a file; none where there is no file. Raises WeightsError."""
    try:
        return parse(path.read_text("utf-8"))
    except FileNotFoundError:
        return SideNet()
    except (OSError, UnicodeDecodeError) as error:
        raise WeightsError(
            text("the ranking weights in {path} cannot be read: {error}", path=path, error=error),
            text(_HINT),
        ) from None


def load_combined(path: Path) -> SideNet:
    """The shipped weights with a user's own, in `path`, on top. Raises WeightsError."""
    return load_shipped().plus(load(path)) if path.exists() else load_shipped()


def load_or_warn(path: Path, warn: Callable[[str], None]) -> SideNet:
    """As `load_combined`; where the user's own cannot be used, the shipped ones after a warning."""
    try:
        return load_combined(path)
    except WeightsError as error:
        warn(text("{error}; {hint}", error=error, hint=error.hint))
        return load_shipped()


def parse(document: str) -> SideNet:
    """Weights from their JSON form; raises WeightsError for any that do not fit this program."""
    try:
        values = json_value(document)
        if values["format"] != FORMAT:
            raise WeightsError(
                text("ranking weights of the unknown format {format}", format=values["format"]),
                text(_HINT),
            )
        weights = {str(name): float(weight) for name, weight in values["weights"].items()}
        if not all(map(math.isfinite, weights.values())):
            raise ValueError("a weight is not finite")
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError) as error:
        raise WeightsError(
            text("not a file of ranking weights: {error}", error=repr(error)), text(_HINT)
        ) from None
    if unknown := weights.keys() - NAMES:
        raise WeightsError(
            text("ranking weights for unknown features: {names}", names=", ".join(sorted(unknown))),
            text(_HINT),
        )
    return SideNet(weights, values.get("about", {}))


def serialise(net: SideNet) -> str:
    """The JSON form, one weight a line."""
    weights = {name: round(weight, 5) for name, weight in net.weights.items()}
    document = {"format": FORMAT, "about": dict(net.about), "weights": weights}
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


_HINT = N_("go back to the original ranking with ltm learn --reset")
