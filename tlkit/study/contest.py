"""All contestants on all deals of the photos."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import cast

import keras
import numpy as np

from tlkit.backbones import add_head
from tlkit.study.contestants import COLOURS, Contestant, Majority, Network, Probe, colour_histograms
from tlkit.study.curve import Curve, grow
from tlkit.study.draws import Draw, deal, sample_groups
from tlkit.study.journal import Journal
from tlkit.study.photos import Photos
from tlkit.study.plan import Plan
from tlkit.study.scores import Outcome, Score
from tlkit.study.settings import Settings
from tlkit.study.source_networks import Source, pooled_features
from tlkit.study.trained_contestants import FINE_TUNING, FROM_SCRATCH, Trained

__all__ = ["Field", "Progress", "compare", "learning_curve", "list_contestants"]

Progress = Callable[[str, int, int], object]  # what is being done, pieces done, pieces in all
RANDOM, SCRATCH = "random frozen", "from scratch"


@dataclass(eq=False)
class Field:
    """What is compared on what.

    Attributes:
        labels: `(num_photos,)`, `int32`.
        draws: One for each seed.
        contestants: In the order of the report, the cheap ones first.
    """

    labels: np.ndarray
    draws: list[Draw]
    contestants: list[Contestant]

    @property
    def transfers(self) -> list[str]:
        """The names of the contestants that transfer."""
        return [each.name for each in self.contestants if each.transfers]

    @property
    def networks(self) -> dict[str, Network]:
        """The contestants with a network that can be kept, by name."""
        return {each.name: cast(Network, each) for each in self.contestants if each.is_network}


def list_contestants(photos: Photos, settings: Settings, plan: Plan, progress: Progress) -> Field:
    """Choose the photos that are compared on, deal them, and name the contestants; nothing is trained yet."""
    rows = sample_groups(photos.labels, photos.groups, plan.num_photos, seed=0)
    labels = photos.labels[rows]
    draws = [deal(labels, photos.groups[rows], seed) for seed in range(settings.seeds)]
    sources = {text: Source.parse(text, settings.size) for text in settings.backbones}
    images = {source.size: photos.images(source.size)[rows] for source in sources.values()}
    first = next(iter(sources.values()))

    def probe(name: str, transfers: bool, source: Source, load: Callable[[], keras.Model]) -> Probe:
        report = functools.partial(progress, f"{name}: features")
        make = functools.partial(_features, load, images[source.size], report)
        return Probe(name, transfers, source.size, make, functools.partial(_classifier, load, photos.num_classes))

    def trained(name: str, transfers: bool, source: Source, start: Probe | None) -> Trained:
        return Trained(
            name,
            source,
            transfers,
            images[source.size],
            photos.num_classes,
            FINE_TUNING if transfers else FROM_SCRATCH,
            plan.epochs,
            start,
            functools.partial(progress, f"{name}: tries"),
        )

    probes = {text: probe(f"probe: {text}", True, source, source.load) for text, source in sources.items()}
    contestants: list[Contestant] = [
        Majority(),
        Probe(COLOURS, False, first.size, functools.partial(colour_histograms, images[first.size])),
        probe(RANDOM, False, first, first.load_control),
        *probes.values(),
        *(trained(f"fine-tuned: {text}", True, sources[text], probes[text]) for text in plan.fine_tuned),
        *([trained(SCRATCH, False, first, None)] if plan.epochs else []),
    ]
    return Field(labels, draws, contestants)


def compare(field: Field, journal: Journal, progress: Progress) -> Iterator[list[Outcome]]:
    """Run each contestant on each deal; yield its outcomes, one for each seed, as soon as they are there.

    Each chooses its setting with the first deal and keeps it with the others.

    Args:
        field: What is compared on what.
        journal: What it holds is not run again.
        progress: Called before each piece of work.
    """
    total = len(field.contestants) * len(field.draws)
    for place, contestant in enumerate(field.contestants):
        outcomes: list[Outcome] = []
        for draw in field.draws:
            progress(contestant.name, place * len(field.draws) + draw.seed, total)
            run = functools.partial(_run, contestant, field.labels, draw, outcomes[0].best if outcomes else None)
            outcomes.append(_outcome(journal.once(f"{contestant.name} | deal {draw.seed}", run)))
        yield outcomes
    progress("compared", total, total)


def learning_curve(field: Field, name: str, journal: Journal) -> Curve:
    """The curve of a probe over all deals."""
    probe = next(each for each in field.contestants if isinstance(each, Probe) and each.name == name)
    grown = [
        journal.once(f"curve of {name} | deal {draw.seed}", functools.partial(grow, probe, field.labels, draw))
        for draw in field.draws
    ]
    sizes = tuple(size for size, _ in grown[0])
    return Curve(sizes, tuple(tuple(each[place][1] for each in grown) for place in range(len(sizes))))


def _features(load: Callable[[], keras.Model], images: np.ndarray, progress: Callable) -> np.ndarray:
    return pooled_features(load(), images, progress)


def _classifier(load: Callable[[], keras.Model], num_classes: int) -> keras.Model:
    return add_head(load(), num_classes)


def _run(contestant: Contestant, labels: np.ndarray, draw: Draw, best: int | None) -> dict:
    return asdict(contestant.run(labels, draw, best))


def _outcome(piece: dict) -> Outcome:
    return Outcome(**piece | {"tune": Score(**piece["tune"]), "report": Score(**piece["report"])})
