"""How Keras' class names are written here."""

from __future__ import annotations

import re

__all__ = ["snake_case"]

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
