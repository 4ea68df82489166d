"""Names: how Keras' class names are written here, and what to say about an unknown one."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable

__all__ = ["did_you_mean", "snake_case"]

_WORD = re.compile(
    r"(?:[A-Z][a-z]*|[A-Z]+)Ne[Xx]?t\d*"  # DenseNet121, NASNet, ConvNeXt
    r"|[VB]\d+"  # V2, B0
    r"|[A-Z]?[A-Z][a-z]+\d*"  # Inception, XLarge
    r"|[A-Z]+\d*"  # VGG16, S
)


def snake_case(class_name: str) -> str:
    """Return a Keras class name as the field writes it.

    Example:
        >>> [snake_case(name) for name in ("MobileNetV3Small", "ConvNeXtXLarge", "ResNet50V2", "VGG16")]
        ['mobilenet_v3_small', 'convnext_xlarge', 'resnet50_v2', 'vgg16']
    """
    return "_".join(_WORD.findall(class_name)).lower()


def did_you_mean(name: object, allowed: Iterable[str]) -> str:
    """Return the sentence that names the nearest of `allowed`, or all of them when none is near.

    Example:
        >>> did_you_mean("blok_3", ["stem", "block_2", "block_3"])
        "Did you mean 'block_3'?"
    """
    allowed = list(allowed)
    near = difflib.get_close_matches(str(name), allowed, n=1)
    return f"Did you mean {near[0]!r}?" if near else f"Allowed: {', '.join(allowed) or 'none'}."
