"""Every Keras Applications model and the embedded ones, with the right preprocessing; and the head."""

import tlkit.quiet_start

from tlkit.backbones.architectures import BackboneInfo, list_backbones
from tlkit.backbones.embedded_weights import EmbeddedWeights, find_embedded, list_embedded, save_embedded
from tlkit.backbones.head import add_head
from tlkit.backbones.load import load_backbone, load_classifier
from tlkit.backbones.networks import list_networks, load_network, load_pieces
from tlkit.backbones.recognition import recognise
from tlkit.backbones.sizes import ImageSizeWarning

__all__ = [
    "BackboneInfo",
    "EmbeddedWeights",
    "ImageSizeWarning",
    "add_head",
    "find_embedded",
    "list_backbones",
    "list_embedded",
    "list_networks",
    "load_backbone",
    "load_classifier",
    "load_network",
    "load_pieces",
    "recognise",
    "save_embedded",
]
