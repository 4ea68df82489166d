"""Learning for a domain without labels: features aligned in closed form, networks trained to agree, self-training.

Everything that adapts has one shape: `fit(source, labels, target)`, then `predict`, `predict_proba` and `score` for
rows of the target. None of them asks for a label of the target; how to choose a setting without one is in `choosing`.
"""

import tlkit.quiet_start

from tlkit.adaptation.aligners import Aligner, AsTheyAre, Coral, StandardizedApart, SubspaceAlignment
from tlkit.adaptation.choosing import importance_weights, mean_entropy, reverse_accuracy, weighted_risk
from tlkit.adaptation.components import Tca
from tlkit.adaptation.moons import turned_moons
from tlkit.adaptation.network_parts import (
    GradientReversal,
    covariance_gap,
    make_dense_encoder,
    make_image_encoder,
    mmd_gap,
)
from tlkit.adaptation.networks import Adda, Dann, DeepCoral, DeepMmd, SelfTrainedNetwork, SourceNetwork
from tlkit.adaptation.probes_of_two_domains import AdaptedProbe, SelfTrainedProbe, gradual_guesses

__all__ = [
    "AdaptedProbe",
    "Adda",
    "Aligner",
    "AsTheyAre",
    "Coral",
    "Dann",
    "DeepCoral",
    "DeepMmd",
    "GradientReversal",
    "SelfTrainedNetwork",
    "SelfTrainedProbe",
    "SourceNetwork",
    "StandardizedApart",
    "SubspaceAlignment",
    "Tca",
    "covariance_gap",
    "gradual_guesses",
    "importance_weights",
    "make_dense_encoder",
    "make_image_encoder",
    "mean_entropy",
    "mmd_gap",
    "reverse_accuracy",
    "turned_moons",
    "weighted_risk",
]
