"""The mean of a text's pieces, in which padding does not count."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tlkit.checks.exercise import Exercise, require
from tlkit.checks.prediction import one_of
from tlkit.checks.received import close, numbers_of
from tlkit.exercises.lesson_10_words.shown import PADDED
from tlkit.exercises.trials import draws
from tlkit.text import mean_of_pieces

__all__ = ["POOL"]

Case = tuple[np.ndarray, np.ndarray]


def _draw(rng: np.random.Generator, longest: int = 7, spare: int = 3) -> Case:
    """Vectors of each place, those of padding far from 0, and tokens with a different number of pieces."""
    number, width = int(rng.integers(3, 7)), int(rng.integers(2, 6))
    sizes = np.append(rng.integers(1, longest + 1, number - 1), longest)
    tokens = np.zeros((number, longest + spare), int)
    for row, size in enumerate(sizes):
        tokens[row, :size] = rng.integers(1, 5, size)  # an unknown or masked piece is one, too
    return rng.normal(rng.uniform(1, 3), 1, (*tokens.shape, width)), tokens


def _truth(vectors: np.ndarray, tokens: np.ndarray) -> np.ndarray:
    return np.array([row[:size].mean(axis=0) for row, size in zip(vectors, (tokens > 0).sum(axis=1), strict=True)])


def _slips(vectors: np.ndarray, tokens: np.ndarray) -> list[tuple[np.ndarray, str]]:
    is_piece = (tokens != 0)[:, :, None]
    total, most = (vectors * is_piece).sum(axis=1), is_piece.sum(axis=1).max()
    return [
        (vectors.mean(axis=1), "Here padding counts as if it were a word."),
        (total / tokens.shape[1], "Divide by the number of pieces, not by the length with its padding."),
        (total, "It is the mean, not the sum."),
        (total / most, "Each text is divided by the number of its own pieces."),
        (total / len(tokens), "Divide by the number of pieces, not by that of texts."),
        (vectors[:, 0], "All pieces count, not only the first."),
        (np.where(is_piece, vectors, -np.inf).max(axis=1), "It is the mean, not the largest value."),
        ((vectors * ~is_piece).sum(axis=1) / np.maximum((~is_piece).sum(axis=1), 1), "This averages the padding."),
        (total / np.linalg.norm(total, axis=1, keepdims=True), "It is the mean; its length does not become 1."),
    ]


def _expect(pool: Callable, case: Case, why: str) -> None:
    vectors, tokens = case
    truth, slips = _truth(*case), _slips(*case)
    message = f"Return a vector for each of {len(tokens)} texts, {truth.shape}."
    received = numbers_of(pool(vectors.copy(), tokens.copy()), truth.shape, message)
    if close(received, truth, rtol=1e-4, atol=1e-5):
        return
    told = next((text for value, text in slips if close(received, value, rtol=1e-4, atol=1e-5)), why)
    row = int(abs(np.nan_to_num(received, nan=1e9) - truth).max(axis=1).argmax())
    pieces = int((tokens[row] != 0).sum())
    require(
        False, f"A text of {pieces} pieces: the mean is {truth[row].round(3)}, not {received[row].round(3)}. {told}"
    )


def only_pieces_count(pool):
    """It is the mean of the vectors of a text's pieces."""
    for rng in draws(5):
        _expect(pool, _draw(rng), "Leave out the places whose token is 0.")


def more_padding_changes_nothing(pool):
    """However much padding follows, and whatever its vectors are, the answer stays."""
    for rng in draws(4):
        vectors, tokens = _draw(rng, spare=0)
        spare = int(rng.integers(4, 30))
        padded = np.pad(tokens, ((0, 0), (0, spare)))
        junk = rng.normal(0, 100, (len(tokens), spare, vectors.shape[2]))
        _expect(pool, (np.concatenate([vectors, junk], axis=1), padded), "Padding was added, and the answer changed.")


def one_piece_is_its_own_mean(pool):
    """A text of one piece has that piece's vector; a text without padding, the plain mean."""
    for rng in draws(4):
        _expect(pool, _draw(rng, longest=1, spare=5), "With one piece, the mean is its vector.")
        _expect(pool, _draw(rng, longest=int(rng.integers(2, 9)), spare=0), "There is one text without padding.")


def reconciles_the_padding(padded, prediction):
    """Your prediction is compared with your own vectors."""
    fine = isinstance(padded, dict) and set(padded) == {"padding counts", "padding is left out"}
    require(fine, "`padded` must hold the cosines of both, as measured.")
    told = ", ".join(f"{name} {np.mean(values):.2f}" for name, values in padded.items())
    return f"You predicted {prediction!r}. Your mean cosines: {told}."


POOL = Exercise(
    id="10.2",
    title="Padding that does not count",
    points=2,
    prediction=one_of(*PADDED),
    given={
        "padded": lambda rng: {"padding counts": rng.uniform(0.5, 0.9, 9), "padding is left out": np.ones(9)},
    },
    kit_has=(mean_of_pieces,),
    hints=(
        "`tokens != 0` says where the pieces are.",
        "Multiply the vectors by it, `(tokens != 0)[:, :, None]`, add them up, and divide by the number of pieces.",
        "`(vectors * is_piece).sum(axis=1) / is_piece.sum(axis=1)`.",
    ),
    properties=(only_pieces_count, more_padding_changes_nothing, one_piece_is_its_own_mean, reconciles_the_padding),
)
