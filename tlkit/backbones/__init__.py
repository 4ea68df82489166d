# ruff: noqa: E402 - TensorFlow is imported quietly before anything else asks for it
"""Every Keras Applications model and the embedded ones, with the right preprocessing; and the head."""

from tlkit.quiet import quiet_import

quiet_import()

from tlkit.backbones.catalog import BackboneInfo, list_backbones
from tlkit.backbones.embedded import EmbeddedWeights, find_embedded, list_embedded, save_embedded
from tlkit.backbones.head import add_head
from tlkit.backbones.load import load_backbone, load_classifier
from tlkit.backbones.recognition import recognise

__all__ = [
    "BackboneInfo",
    "EmbeddedWeights",
    "add_head",
    "find_embedded",
    "list_backbones",
    "list_embedded",
    "load_backbone",
    "load_classifier",
    "recognise",
    "save_embedded",
]
