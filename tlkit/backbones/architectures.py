"""Which models the installed `keras.applications` has, and what is known about each."""

from __future__ import annotations

import functools
import importlib
import inspect
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import keras

from tlkit.backbones.efficientnet_lite import EfficientNetLite0
from tlkit.backbones.embedded_weights import list_embedded
from tlkit.backbones.snake_case import snake_case
from tlkit.choices import nearest_or_all

__all__ = ["OWN", "TABLE_FILE", "BackboneInfo", "find_builder", "list_backbones", "preprocess_input_of"]

TABLE_FILE = Path(__file__).with_name("table.json")
OWN: dict[str, Callable] = {"efficientnet_lite0": EfficientNetLite0}  # what keras.applications lacks
_PUBLISHED_FILE = Path(__file__).with_name("published.json")


@dataclass(frozen=True)
class BackboneInfo:
    """What is known about an architecture; a value missing in the kit's table is `None`.

    Attributes:
        name: As `load_backbone` takes it.
        family: The module of `keras.applications` that it comes from, which also has its `preprocess_input`.
        num_parameters: Without the top, at the default width.
        size_mb: The same as float32, in megabytes of 10^6 bytes.
        input_size: The side of the image that it was designed for, in pixels.
        num_features: Channels of the last feature map.
        imagenet_top1: Published accuracy of Keras' weights with the top, in [0, 1], from
            [keras.io](https://keras.io/api/applications/); `None` where that page has no row.
        embedded: Names of embedded weights for it.
    """

    name: str
    family: str
    num_parameters: int | None
    size_mb: float | None
    input_size: int | None
    num_features: int | None
    imagenet_top1: float | None
    embedded: tuple[str, ...]


def list_backbones() -> list[BackboneInfo]:
    """List all models of the installed `keras.applications`, by family and size.

    A model that is newer than the kit's table is listed too, with `None` for what the table would say.

    Example:
        >>> info = next(info for info in list_backbones() if info.name == "mobilenet_v2")
        >>> info.family, info.num_parameters, info.num_features, info.imagenet_top1
        ('mobilenet_v2', 2257984, 1280, 0.713)
    """
    infos = [_describe(name, builder) for name, builder in builders().items()]
    return sorted(infos, key=lambda info: (info.family, info.num_parameters or 0, info.name))


def find_builder(name: str) -> Callable:
    """Return the function that builds `name`: Keras', or one of the kit's own, which takes the same arguments.

    Raises:
        ValueError: If the installed Keras has no such model.
    """
    found = builders() | OWN
    if name not in found:
        msg = f"`name` must be a model of keras.applications. Received: {name!r}.{nearest_or_all(name, found)}"
        msg += " See `list_backbones()`."
        raise ValueError(msg)
    return found[name]


@functools.cache
def builders() -> dict[str, Callable]:
    """Map names to Keras' functions: whatever takes `include_top` in `keras.applications` and its submodules."""
    places = [keras.applications, *filter(inspect.ismodule, vars(keras.applications).values())]
    functions = [f for place in places for f in vars(place).values() if inspect.isfunction(f)]
    return {snake_case(f.__name__): f for f in functions if "include_top" in inspect.signature(f).parameters}


def preprocess_input_of(family: str) -> Callable:
    """Return the function that prepares images for a family."""
    own = next((builder for builder in OWN.values() if family_of(builder) == family), None)
    place = f"keras.applications.{family}" if own is None else own.__module__
    return importlib.import_module(place).preprocess_input


def family_of(builder: Callable) -> str:
    """Return the last part of the module that a builder is defined in: `resnet_v2`."""
    return builder.__module__.rsplit(".", 1)[-1]


def _describe(name: str, builder: Callable) -> BackboneInfo:
    facts = _tables()[0].get(name, {})
    num_parameters = facts.get("num_parameters")
    return BackboneInfo(
        name=name,
        family=family_of(builder),
        num_parameters=num_parameters,
        size_mb=None if num_parameters is None else round(num_parameters * 4 / 1e6, 1),
        input_size=facts.get("input_size"),
        num_features=facts.get("num_features"),
        imagenet_top1=_tables()[1].get(builder.__name__),
        embedded=tuple(entry.name for entry in list_embedded() if entry.architecture == name),
    )


@functools.cache
def _tables() -> tuple[dict, dict]:
    generated, published = (json.loads(file.read_text("utf-8")) for file in (TABLE_FILE, _PUBLISHED_FILE))
    return generated["models"], published["top1"]
