"""Pre-train text encoders on pairs of a definition and what it defines.

    python datasets/recipes/pretrain_glosses.py glosses
    python datasets/recipes/pretrain_glosses.py glosses_apart

In each batch the encoder has to find, for every definition, its words and their hypernym among those of all others,
and the reverse (InfoNCE, [van den Oord et al. 2018](https://arxiv.org/abs/1807.03748)). `glosses_apart` reads no text
of the topics that `load_glosses` asks for. A run can be killed at any time; the same command goes on.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import keras
import network_training
import numpy as np
import tensorflow as tf

from tlkit.backbones.networks import build_text
from tlkit.data.glosses import load_gloss_pairs
from tlkit.data.texts import WordPieces, join_texts

ABOUT = {
    "glosses": "definitions of nouns and verbs (WordNet)",
    "glosses_apart": "definitions of nouns, without the targets' topics (WordNet)",
}
LENGTH, BATCH, EPOCHS, RATE, SCALE = 20, 256, 10, 2e-3, 20.0
NUM_VAL = 2560


def contrast(encoder: keras.Model, texts, meanings, training_now: bool) -> tuple:
    """InfoNCE in both directions, and how often a definition's own meaning is the nearest of the batch."""
    one, other = (tf.math.l2_normalize(encoder(part, training=training_now), axis=1) for part in (texts, meanings))
    scores = SCALE * tf.matmul(one, other, transpose_b=True)  # (batch, batch)
    own = tf.range(tf.shape(scores)[0])
    losses = [tf.nn.sparse_softmax_cross_entropy_with_logits(own, given) for given in (scores, tf.transpose(scores))]
    found = tf.reduce_mean(tf.cast(tf.argmax(scores, 1, tf.int32) == own, tf.float32))
    return tf.reduce_mean(losses), found


def make_step(encoder: keras.Model, optimizer: keras.optimizers.Optimizer):
    """One traced step of training; returns its loss."""

    @tf.function
    def step(texts, meanings):
        with tf.GradientTape() as tape:
            loss, _ = contrast(encoder, texts, meanings, True)
        optimizer.apply_gradients(
            zip(tape.gradient(loss, encoder.trainable_variables), encoder.trainable_variables, strict=True)
        )
        return loss

    return step


def make_optimizer(num_steps: int) -> keras.optimizers.Optimizer:
    """AdamW; the rate rises for a twentieth of the steps, then falls as a cosine."""
    warm = num_steps // 20
    rate = keras.optimizers.schedules.CosineDecay(
        RATE * 0.1, num_steps - warm, alpha=0.02, warmup_target=RATE, warmup_steps=warm
    )
    return keras.optimizers.AdamW(rate, weight_decay=1e-3, clipnorm=1.0)


def main() -> None:
    """Read the pairs, learn word pieces, train, and write weights and record."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("name", choices=list(ABOUT))
    parser.add_argument("--work", type=Path, default=network_training.WORK)
    options = parser.parse_args()
    pairs = load_gloss_pairs(with_targets=options.name == "glosses")
    pieces = WordPieces.learn([*pairs["text"], *pairs["meaning"]])
    texts, meanings = pieces(pairs["text"], LENGTH), pieces(pairs["meaning"], LENGTH)
    order = np.random.default_rng(0).permutation(len(pairs))
    val, train = order[:NUM_VAL], order[NUM_VAL:]
    keras.utils.set_random_seed(0)
    encoder = build_text(len(pieces))
    encoder.optimizer = make_optimizer(len(train) // BATCH * EPOCHS)
    encoder.optimizer.build(encoder.trainable_variables)
    step = make_step(encoder, encoder.optimizer)

    def found_of_val() -> float:
        batches = val.reshape(-1, BATCH)
        return float(np.mean([contrast(encoder, texts[rows], meanings[rows], False)[1] for rows in batches]))

    def train_epoch(epoch: int) -> dict[str, float]:
        rows = np.random.default_rng([1, epoch]).permutation(train)[: len(train) // BATCH * BATCH].reshape(-1, BATCH)
        losses = [float(step(texts[batch], meanings[batch])) for batch in rows]
        return {"loss": float(np.mean(losses)), "val_found": found_of_val()}

    record = network_training.run(encoder, EPOCHS, train_epoch, options.work / options.name)
    recipe = {"epochs": EPOCHS, "batch": BATCH, "rate": RATE, "scale": SCALE, "length": LENGTH}
    results = {"num_train": len(train), "num_val": NUM_VAL, "num_pieces": len(pieces)}
    facts = {
        "architecture": "text",
        "options": {"num_pieces": len(pieces)},
        "source": "glosses",
        "about": ABOUT[options.name],
        "length": LENGTH,
    }
    vocabulary = {"vocabulary": join_texts(pieces.vocabulary)}
    network_training.export(options.name, encoder, {"recipe": recipe, **record, **results}, facts=facts, **vocabulary)


if __name__ == "__main__":
    main()
