"""Few-shot learning: episodes of classes never seen, prototypes, losses that teach to compare, and verification."""

import tlkit.quiet_start

from tlkit.fewshot.episodes import Episode, draw_episode, draw_episodes, score_episodes
from tlkit.fewshot.episodic_training import train_embeddings
from tlkit.fewshot.metric_losses import ContrastiveLoss, PrototypicalLoss, TripletSemiHardLoss
from tlkit.fewshot.prototypes import PrototypeClassifier
from tlkit.fewshot.verification import EqualError, draw_pairs, equal_error_rate, error_rates, pair_distances

__all__ = [
    "ContrastiveLoss",
    "Episode",
    "EqualError",
    "PrototypeClassifier",
    "PrototypicalLoss",
    "TripletSemiHardLoss",
    "draw_episode",
    "draw_episodes",
    "draw_pairs",
    "equal_error_rate",
    "error_rates",
    "pair_distances",
    "score_episodes",
    "train_embeddings",
]
