"""Several models in place of one: votes, diversity, calibration, averaged weights, and what a team costs."""

from tlkit.ensembles.averaging import average_weights
from tlkit.ensembles.calibration import calibration_error, fit_temperature, soften
from tlkit.ensembles.diversity import Ambiguity, ambiguity, disagreement
from tlkit.ensembles.teams import Team, price_of, score_teams
from tlkit.ensembles.voting import accuracy_weights, soft_vote

__all__ = [
    "Ambiguity",
    "Team",
    "accuracy_weights",
    "ambiguity",
    "average_weights",
    "calibration_error",
    "disagreement",
    "fit_temperature",
    "price_of",
    "score_teams",
    "soft_vote",
    "soften",
]
