"""Where pre-trained networks are found, what each place is good for, and how a network from there gets into Keras."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Catalogue", "list_catalogues"]


@dataclass(frozen=True)
class Catalogue:
    """A place where pre-trained networks are found.

    Attributes:
        name: Its name.
        address: Where it is.
        good_for: What you would go there for.
        into_keras: How a network from there becomes a Keras model.
        licence: Where its licence is said; it belongs to each network, and sometimes to its training data, too.
        card: Where the network is described.
    """

    name: str
    address: str
    good_for: str
    into_keras: str
    licence: str
    card: str


_ALL = (
    Catalogue(
        "Keras Applications",
        "https://keras.io/api/applications/",
        "image classifiers trained on ImageNet, with no more than Keras installed",
        'keras.applications.MobileNetV2(weights="imagenet", include_top=False)',
        "Keras' own is Apache 2.0; the page of each model names the licence of its weights where it differs",
        "one table for all, with accuracy, size and time; a page for each model names its paper",
    ),
    Catalogue(
        "KerasHub",
        "https://keras.io/keras_hub/",
        "texts, images and more as Keras models, with their tokenizers and image converters",
        'keras_hub.models.Backbone.from_preset("...")',
        "on the page of each preset",
        "the page of each preset, on Kaggle Models or Hugging Face",
    ),
    Catalogue(
        "TensorFlow Hub",
        "https://www.kaggle.com/models",
        "older TensorFlow models; tfhub.dev now leads to Kaggle Models",
        'keras.layers.TFSMLayer(folder, call_endpoint="serving_default"): it cannot be cut or unfrozen by layers',
        "on the page of each model",
        "on the page of each model, from a line to a whole report",
    ),
    Catalogue(
        "Hugging Face",
        "https://huggingface.co/models",
        "most networks of all, of every kind, in many formats, uploaded by anyone",
        'keras.saving.load_model("hf://name/network") if it was saved by Keras 3; other formats need their own library',
        "in the head of the card, as `license:`; where there is none, you may not assume one",
        "the file README.md of each network; many are empty",
    ),
    Catalogue(
        "Papers with Code",
        "https://github.com/paperswithcode",
        "leaderboards and links from papers to code, as they stood when the site closed in July 2025; copies of its data "
        "can be had",
        "not at all: it held links, and the code that a paper gives is mostly not in Keras",
        "that of the code that a paper links to",
        "the paper",
    ),
)


def list_catalogues() -> list[Catalogue]:
    """List the places in the order in which a user of Keras would look.

    Example:
    >>> [place.name for place in list_catalogues()]
    ['Keras Applications', 'KerasHub', 'TensorFlow Hub', 'Hugging Face', 'Papers with Code']
    """
    return list(_ALL)
