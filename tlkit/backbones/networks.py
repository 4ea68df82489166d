"""Small pre-trained networks for data other than images: texts, names, sounds and sales."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import keras

from tlkit.backbones.embedded_weights import EmbeddedWeights, assign_arrays, read_arrays, weights_dir
from tlkit.backbones.near_attention import NearAttention
from tlkit.choices import did_you_mean
from tlkit.data.texts import WordPieces, split_texts

__all__ = ["build_names", "build_shops", "build_speech", "build_text", "list_networks", "load_network", "load_pieces"]


def list_networks() -> list[EmbeddedWeights]:
    """List the networks that `load_network` knows. Reads the index, no weight file.

    Example:
        >>> "speech" in [entry.name for entry in list_networks()]
        True
    """
    folder = weights_dir()
    index = json.loads((folder / "networks.json").read_text("utf-8"))["weights"]
    return [_entry(name, facts, folder) for name, facts in index.items()]


def load_network(name: str, *, trained: bool = True, seed: int = 0) -> keras.Model:
    """Load a small network without the head that it was trained with: a plain, flat `keras.Model`.

    Args:
        name: As `list_networks` names it.
        trained: Whether to give it the embedded weights. The same network untrained is the control.
        seed: The seed of the initial weights where it is not trained.

    Returns:
        The network; its inputs and outputs are described in its card, `datasets/cards/weights-NAME.md`.

    Raises:
        ValueError: If there is no such network, or its file is damaged.

    Example:
        >>> load_network("speech").output_shape
        (None, 128)
    """
    entry = _find(name)
    keras.utils.set_random_seed(seed)
    model = BUILDERS[entry.architecture](**entry.facts["options"])
    if trained:
        assign_arrays(model.layers, read_arrays(entry), f"The embedded weights {name!r}")
    return model


def load_pieces(name: str) -> WordPieces:
    """Load the word pieces that a text encoder was trained with.

    Raises:
        ValueError: If the network reads no texts, or its file is damaged.

    Example:
        >>> load_pieces("glosses")(["a small cat"], length=5).shape
        (1, 5)
    """
    entry = _find(name)
    if entry.architecture != "text":
        readers = ", ".join(entry.name for entry in list_networks() if entry.architecture == "text")
        msg = f"`name` must be a network that reads texts: {readers}. Received: {name!r}."
        raise ValueError(msg)
    return WordPieces(split_texts(read_arrays(entry)["vocabulary"]).tolist())


def build_text(num_pieces: int, width: int = 128, dropout: float = 0.1) -> keras.Model:
    """Text encoder: the mean of the pieces' vectors, through one residual block. `(n, length)` to `(n, width)`.

    Piece 0 is padding, and does not count.
    """
    pieces = keras.Input((None,), dtype="int32", name="tokens")
    start = keras.initializers.RandomNormal(stddev=0.1)
    x = keras.layers.Embedding(num_pieces, width, embeddings_initializer=start, mask_zero=True, name="pieces")(pieces)
    x = keras.layers.GlobalAveragePooling1D(name="mean")(keras.layers.Dropout(dropout, name="drop_pieces")(x))
    wide = keras.layers.LayerNormalization(name="block_norm")(x)
    wide = keras.layers.Dense(2 * width, activation="gelu", name="block_wide")(wide)
    wide = keras.layers.Dropout(dropout, name="drop_wide")(wide)
    x = keras.layers.Add(name="block_add")([x, keras.layers.Dense(width, name="block_narrow")(wide)])
    return keras.Model(pieces, keras.layers.LayerNormalization(name="norm")(x), name="text")


def build_speech(widths: tuple[int, ...] = (16, 32, 64, 128)) -> keras.Model:
    """Log-mel pictures `(n, 64, 64, 1)` in [0, 255] to features `(n, 128)`."""
    picture = keras.Input((64, 64, 1), name="picture")
    x = keras.layers.Rescaling(1 / 128, offset=-0.7, name="rescaling")(picture)
    for number, width in enumerate(widths, start=1):
        x = keras.layers.Conv2D(width, 3, strides=2, padding="same", use_bias=False, name=f"conv_{number}")(x)
        x = keras.layers.BatchNormalization(momentum=0.9, name=f"norm_{number}")(x)
        x = keras.layers.ReLU(name=f"relu_{number}")(x)
    return keras.Model(picture, keras.layers.GlobalAveragePooling2D(name="pool")(x), name="speech")


def build_shops(num_features: int = 4, width: int = 24) -> keras.Model:
    """Weeks `(n, num_features)` to the change of log sales `(n, 1)`, both relative to a shop's own mean."""
    week = keras.Input((num_features,), name="week")
    x = keras.layers.Dense(width, activation="relu", name="hidden_1")(week)
    x = keras.layers.Dense(width, activation="relu", name="hidden_2")(x)
    return keras.Model(week, keras.layers.Dense(1, name="sales")(x), name="shops")


def build_names(
    num_source: int, num_target: int, length: int = 20, width: int = 64, dropout: float = 0.2
) -> keras.Model:
    """Letters to letters: a convolutional encoder and decoder joined by one cross-attention a block.

    As [ConvS2S](https://arxiv.org/abs/1705.03122). Inputs are the source's letters and the target's letters so far,
    both `(n, length)` with 0 for padding; the output is `(n, length, num_target)`, logits of the next letter.
    """
    letters, before = (keras.Input((length,), dtype="int32", name=name) for name in ("letters", "before"))
    x = keras.layers.Embedding(num_source, width, name="encoder_letters")(letters)
    for number in (1, 2):
        x = _convolve(x, width, dropout, "same", f"encoder_{number}")
    encoded = keras.layers.LayerNormalization(name="encoder_norm")(x)
    y = keras.layers.Embedding(num_target, width, name="decoder_letters")(before)
    # Whole letters are dropped: the decoder has to look at the source.
    y = keras.layers.Dropout(dropout, noise_shape=(None, length, 1), name="decoder_drop")(y)
    for number in (1, 2):
        y = _convolve(y, width, dropout, "causal", f"decoder_{number}")
        y = _attend(y, encoded, letters, width, f"decoder_{number}")
    y = keras.layers.LayerNormalization(name="decoder_norm")(y)
    y = keras.layers.Dense(width, activation="gelu", name="decoder_dense")(y)
    y = keras.layers.Dropout(dropout, name="decoder_dense_drop")(y)
    return keras.Model([letters, before], keras.layers.Dense(num_target, name="next_letter")(y), name="names")


def _convolve(x, width: int, dropout: float, padding: str, name: str):
    """A residual convolution of five letters; a causal one sees no letter to come."""
    inner = keras.layers.LayerNormalization(name=f"{name}_norm")(x)
    inner = keras.layers.Conv1D(width, 5, padding=padding, activation="gelu", name=f"{name}_conv")(inner)
    return keras.layers.Add(name=f"{name}_add")([x, keras.layers.Dropout(dropout, name=f"{name}_drop")(inner)])


def _attend(y, encoded, letters, width: int, name: str):
    query = keras.layers.LayerNormalization(name=f"{name}_query_norm")(y)
    query = keras.layers.Dense(width, name=f"{name}_query")(query)
    key = keras.layers.Dense(width, name=f"{name}_key")(encoded)
    found = NearAttention(name=f"{name}_attention")([query, key, encoded, letters])
    return keras.layers.Add(name=f"{name}_attended")([y, keras.layers.Dense(width, name=f"{name}_found")(found)])


BUILDERS: dict[str, Callable[..., keras.Model]] = {
    "text": build_text,
    "speech": build_speech,
    "shops": build_shops,
    "names": build_names,
}


def _find(name: str) -> EmbeddedWeights:
    entries = {entry.name: entry for entry in list_networks()}
    if name not in entries:
        msg = f"`name` must be one of {', '.join(entries)}. Received: {name!r}.{did_you_mean(name, entries)}"
        raise ValueError(msg)
    return entries[name]


def _entry(name: str, facts: dict, folder: Path) -> EmbeddedWeights:
    return EmbeddedWeights(
        name=name,
        architecture=facts["architecture"],
        alpha=None,
        input_size=0,
        source=facts["source"],
        class_names=(),
        file=folder / facts["file"],
        sha256=facts["sha256"],
        facts=facts,
    )
