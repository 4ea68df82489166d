"""Several tasks with one network: what they share, how their losses are weighed, and how their gradients lie."""

import tlkit.quiet_start

from tlkit.multitask.free_labels import jigsaw, quarter_turns
from tlkit.multitask.sharing import CrossStitch, hard_sharing, soft_sharing
from tlkit.multitask.training import TaskTraining, train_tasks
from tlkit.multitask.weighting import gradient_norm_weights, uncertainty_weights

__all__ = [
    "CrossStitch",
    "TaskTraining",
    "gradient_norm_weights",
    "hard_sharing",
    "jigsaw",
    "quarter_turns",
    "soft_sharing",
    "train_tasks",
    "uncertainty_weights",
]
