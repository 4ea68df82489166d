"""The best team within a budget: each network is paid once, and equal accuracy is taken cheaper."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from tlkit.checks.exercise import Exercise, require
from tlkit.checks.held import held, in_words
from tlkit.checks.prediction import one_of
from tlkit.ensembles import score_teams
from tlkit.exercises.lesson_09_several_networks.shown import PRICES
from tlkit.exercises.trials import draws, mixed, random_names

__all__ = ["TEAM"]


@dataclass(frozen=True)
class _Case:
    """Chances of five members, labels, the network of each member, times in whole milliseconds, and a budget."""

    chances: np.ndarray
    labels: np.ndarray
    networks: list[str]
    milliseconds: dict[str, int]

    def price(self, team: tuple[int, ...]) -> int:
        return sum(self.milliseconds[name] for name in {self.networks[place] for place in team})

    def right(self, team: tuple[int, ...]) -> int:
        """How many images the vote names rightly."""
        return int((self.chances[list(team)].sum(axis=0).argmax(axis=1) == self.labels).sum())

    def teams(self) -> list[tuple[int, ...]]:
        places = range(len(self.networks))
        return [team for size in range(1, len(places) + 1) for team in itertools.combinations(places, size)]

    def best(self, budget: int) -> tuple[int, ...]:
        """Return a team of those within the budget that are the most accurate, and of these the cheapest."""
        fitting = [team for team in self.teams() if self.price(team) <= budget]
        return min(fitting, key=lambda team: (-self.right(team), self.price(team)))

    def said(self, best_team: Callable, budget: int) -> tuple[int, ...]:
        """Return the team of an answer, as places in order."""
        received = held(
            best_team(self.chances.copy(), self.labels.copy(), list(self.networks), dict(self.milliseconds), budget)
        )
        message = "Return the places of the members, such as `(0, 2)`."
        fine = isinstance(received, list | tuple | set | frozenset | np.ndarray)
        require(fine, f"{message} Received: {in_words(received)}.")
        places = np.asarray(received).ravel().tolist() if isinstance(received, np.ndarray) else list(received)
        exist = all(type(each) in (int, float) and each in range(len(self.networks)) for each in places)
        fine = exist and 0 < len(set(places)) == len(places)
        require(fine, f"{message} Received: {in_words(received)}.")
        return tuple(sorted(map(int, places)))


def _draw(rng: np.random.Generator, num_networks: int, num_images: int | None = None) -> _Case:
    """Five members; with fewer networks than members, some read the same one."""
    images = int(rng.integers(50, 90)) if num_images is None else num_images
    names = random_names(num_networks, rng)
    networks = mixed([*names, *rng.choice(names, 5 - num_networks).tolist()], rng)
    labels = rng.integers(0, 3, images)
    skill = rng.permutation(np.linspace(0.3, 1.5, 5))[:, None, None]
    logits = skill * np.eye(3)[labels] + rng.normal(size=(5, images, 3))
    chances = np.exp(1.5 * logits)
    times = {name: int(rng.integers(2, 12)) for name in names}
    return _Case(np.round(chances / chances.sum(axis=2, keepdims=True), 6), labels, [str(n) for n in networks], times)


def _expect(best_team: Callable, case: _Case, budget: int, why: str) -> None:
    wanted, found = case.best(budget), case.said(best_team, budget)
    images = len(case.labels)
    told = (
        f"For {budget} ms, the team {wanted} is right {case.right(wanted)} times of {images} and costs "
        f"{case.price(wanted)} ms. The answer {found} is right {case.right(found)} times and costs {case.price(found)}."
    )
    require(case.price(found) <= budget, f"{told} That is more than the budget.")
    require(case.right(found) == case.right(wanted), f"{told} {_reason(case, found, budget) or why}")
    require(case.price(found) == case.price(wanted), f"{told} Of equally good teams, take the cheapest.")


def _reason(case: _Case, found: tuple[int, ...], budget: int) -> str:
    """Say by which other vote a team is the best, or nothing."""
    hard = np.eye(case.chances.shape[2])[case.chances.argmax(axis=2)]
    votes = {
        "This vote counts hands; here, it is the mean of the chances, so that who is sure counts more.": hard,
        "The vote is the mean of the chances, not of their logarithms, nor their product.": np.log(
            case.chances + 1e-12
        ),
    }
    fitting = [team for team in case.teams() if case.price(team) <= budget]
    for said, tables in votes.items():
        right = {team: (tables[list(team)].sum(axis=0).argmax(axis=1) == case.labels).sum() for team in fitting}
        if right[found] == max(right.values()) and right[found] != case.right(found):
            return said
    return ""


def _budgets(case: _Case, rng: np.random.Generator, number: int) -> list[int]:
    """Prices of teams, so that some team costs just as much as there is."""
    return rng.choice([case.price(team) for team in case.teams()], number).tolist()


def the_vote_counts_not_the_members(best_team):
    """The accuracy of the vote decides, not that of its members."""
    for rng in draws(8):
        case = _draw(rng, 5)
        why = "Try all teams: members that are good alone need not be good together."
        _expect(best_team, case, sum(case.milliseconds.values()), why)


def the_budget_may_be_spent(best_team):
    """A team may cost as much as there is, and no more."""
    for rng in draws(4):
        case = _draw(rng, 5)
        alone = [case.price((place,)) for place in range(5)]
        for budget in mixed([*_budgets(case, rng, 2), *alone], rng):
            _expect(best_team, case, budget, "A team that costs just the budget fits, too.")


def a_network_runs_once(best_team):
    """Members that read the same network pay for it once."""
    for rng in draws(4):
        case = _draw(rng, int(rng.integers(2, 4)))
        for budget in _budgets(case, rng, 3):
            _expect(best_team, case, budget, "A network that two members read runs once, and is paid once.")


def equal_accuracy_is_taken_cheaper(best_team):
    """Of equally accurate teams, the cheapest is taken."""
    for rng in draws(6):
        case = _draw(rng, 5, int(rng.integers(5, 9)))
        for budget in [*_budgets(case, rng, 2), sum(case.milliseconds.values())]:
            _expect(best_team, case, budget, "Compare accuracies of the vote.")


def reconciles_the_price(gains, prediction):
    """Your prediction is compared with your own runs."""
    values = np.asarray(gains, float)
    require(values.ndim == 1 and len(values) > 1, "`gains` must hold one difference for each seed, as measured.")
    return f"You predicted {prediction!r}. Here, the one network is {100 * values.mean():+.1f} points from the vote."


TEAM = Exercise(
    id="9.7",
    title="The best team for its price",
    points=3,
    prediction=one_of(*PRICES),
    given={"gains": lambda rng: rng.normal(0.03, 0.02, 8)},
    kit_has=(score_teams,),
    hints=(
        "`itertools.combinations(range(num_members), size)`, for each size from 1, gives all teams.",
        "`{networks[place] for place in team}` are the networks that run; their times add up to the price.",
        "`min(fitting, key=lambda team: (-accuracy(team), price(team)))`; the vote is `chances[list(team)].mean(0)`.",
    ),
    properties=(
        the_vote_counts_not_the_members,
        the_budget_may_be_spent,
        a_network_runs_once,
        equal_accuracy_is_taken_cheaper,
        reconciles_the_price,
    ),
)
