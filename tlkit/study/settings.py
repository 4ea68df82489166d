"""What a study is asked to do."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from tlkit.counts import check_count

__all__ = ["Settings"]

_MOST = {"size": 1024, "seeds": 100}


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The settings of a study; all of them are in its report.

    Attributes:
        backbones: Weights to transfer from, as `load_backbone(weights=...)` takes them.
        size: Height and width in pixels at which photos are read, from 8 to 1024.
        seeds: How often the photos are dealt anew, from 2 to 100; intervals are over these.
        budget_minutes: What the comparison may take, by the clock, above 0. Where it would take longer, it is made on
            fewer photos, and the report says so.
        group_by: As in `tlkit.data.images_from_folder`.
        labels: As in `tlkit.data.images_from_folder`.
        class_names: As in `tlkit.data.images_from_folder`.
        min_per_class: As in `tlkit.data.images_from_folder`.
    """

    backbones: tuple[str, ...] = ("photos",)
    size: int = 64
    seeds: int = 5
    budget_minutes: float = 10.0
    group_by: str | None = None
    labels: str | None = None
    class_names: tuple[str, ...] | None = None
    min_per_class: int = 10

    def __post_init__(self) -> None:
        _set(self, "backbones", _names("backbones", self.backbones))
        _set(self, "size", check_count("size", self.size, "Embedded weights know 64 pixels.", least=8))
        _set(self, "seeds", check_count("seeds", self.seeds, "A single deal of the photos has no interval.", least=2))
        for name, most in _MOST.items():
            if getattr(self, name) > most:
                msg = f"`{name}` must be at most {most}. Received: {getattr(self, name)}."
                raise ValueError(msg)
        if self.class_names is not None:
            _set(self, "class_names", _names("class_names", self.class_names))
        if not 0 < self.budget_minutes < float("inf"):
            msg = f"`budget_minutes` must be a number of minutes above 0. Received: {self.budget_minutes!r}."
            raise ValueError(msg)

    def as_json(self) -> str:
        """The settings as text; equal settings give equal text."""
        return json.dumps(asdict(self), ensure_ascii=False)

    def changed(self, other: Settings) -> list[str]:
        """The names of the settings in which `other` differs."""
        return [each.name for each in fields(self) if getattr(self, each.name) != getattr(other, each.name)]

    @classmethod
    def read(cls, path: Path) -> Settings:
        """The settings that `as_json` wrote into a file."""
        return cls(**json.loads(path.read_text("utf-8")))


def _set(settings: Settings, name: str, value: object) -> None:
    object.__setattr__(settings, name, value)


def _names(name: str, values: Sequence[str]) -> tuple[str, ...]:
    names = (values,) if isinstance(values, str) else tuple(values)
    if not names or len(set(names)) < len(names) or not all(isinstance(each, str) for each in names):
        msg = f"`{name}` must hold different names, at least one. Received: {values!r}."
        raise ValueError(msg)
    return names
