"""Texts for networks: pieces and padding, objectives without labels, word counts, neighbours, heads on few labels."""

from tlkit.text.counts import term_weights
from tlkit.text.neighbours import nearest
from tlkit.text.objectives import info_nce, mask_pieces, masked_loss
from tlkit.text.pooling import mean_of_pieces
from tlkit.text.tuning import SCHEDULES, TunedEncoders, tune_encoders

__all__ = [
    "SCHEDULES",
    "TunedEncoders",
    "info_nce",
    "mask_pieces",
    "masked_loss",
    "mean_of_pieces",
    "nearest",
    "term_weights",
    "tune_encoders",
]
