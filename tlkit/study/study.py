"""A whole study: look at the photos, compare, judge, train the model that comes of it, test it once."""

from __future__ import annotations

import hashlib
import os
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import keras
import numpy as np

from tlkit.data import Dataset
from tlkit.measure import Interval
from tlkit.study.contest import Progress, compare, learning_curve, list_contestants
from tlkit.study.curve import Curve, look_ahead
from tlkit.study.final import Choice, TestResult, choose_network, test_once, with_softmax
from tlkit.study.journal import Journal
from tlkit.study.photos import Photos, read_study_photos
from tlkit.study.plan import Pace, Plan, make_plan, measure_pace
from tlkit.study.refusals import refuse_unfit
from tlkit.study.scores import Outcome
from tlkit.study.settings import Settings
from tlkit.study.source_networks import Source
from tlkit.study.verdict import Verdict, judge

__all__ = ["Study", "order_of", "plan_study", "run_study"]

MORE = 20  # photos of each class that the look ahead asks about


@dataclass(frozen=True, eq=False)
class Study:
    """What a study found.

    Attributes:
        settings: What it was asked to do.
        photos: What it was done on.
        plan: What was compared, and what was left out.
        outcomes: Of all contestants with all seeds.
        transfers: The names of the contestants that transfer.
        num_train: Photos that were learned from, with each seed.
        num_report: Photos that were reported on, with each seed.
        verdict: Whether transfer helps.
        curve: The probe of the first backbone at growing numbers of photos.
        more: What `MORE` photos of each class would add to its balanced accuracy, extrapolated.
        choice: The network that was chosen.
        start: It, before it was trained on all photos; logits.
        training: The settings of that training by name.
        size: Height and width in pixels of the photos that it is given.
        model: It, trained on all photos but those of the test; photos in [0, 255] to probabilities.
        test: What it did on the test set.
    """

    settings: Settings
    photos: Photos
    plan: Plan
    outcomes: list[Outcome]
    transfers: list[str]
    num_train: int
    num_report: int
    verdict: Verdict
    curve: Curve
    more: Interval
    choice: Choice
    start: keras.Model
    training: dict[str, Any]
    size: int
    model: keras.Model
    test: TestResult


def run_study(
    photos: str | os.PathLike[str] | Dataset | Photos,
    settings: Settings | None = None,
    *,
    work_dir: Path | None = None,
    progress: Progress = lambda *_: None,
    on_outcomes: object = None,
) -> Study:
    """Find out whether transfer helps on photos, and train the model that comes of it.

    Args:
        photos: A folder or archive, as `read_study_photos` takes it; a dataset of images; or photos read before.
        settings: By default those of `Settings()`.
        work_dir: Where finished pieces are kept, so that the same call goes on after a kill; `None` keeps none.
        progress: Called with what is being done, the pieces done, and all.
        on_outcomes: Called with the outcomes of each contestant as soon as they are there.

    Raises:
        ValueError: If the photos cannot be studied; what `images_from_folder` refuses.
        JournalMismatch: If `work_dir` holds a study of other photos or with other settings.
    """
    settings = settings or Settings()
    if not isinstance(photos, Photos):
        given = isinstance(photos, Dataset)
        photos = Photos(photos) if given else read_study_photos(photos, settings, unpack_to=work_dir)
    refuse_unfit(photos, are_named=settings.class_names is not None)
    journal = Journal(None if work_dir is None else work_dir / "journal.jsonl")
    journal.check("settings", asdict(settings), "Pass the same, or another folder for the results.")
    journal.check("photos", fingerprint(photos), "Take another folder for the results.")
    plan = plan_study(photos, settings, journal)
    field = list_contestants(photos, settings, plan, progress)
    outcomes = []
    for each in compare(field, journal, progress):
        outcomes += each
        if callable(on_outcomes):
            on_outcomes(each)
    sizes = {"num_train": len(field.draws[0].train), "num_report": len(field.draws[0].report)}
    curve = learning_curve(field, f"probe: {settings.backbones[0]}", journal)
    choice = choose_network(outcomes, list(field.networks))
    progress(f"final: {choice.contestant}", 0, 1)
    everything = list_contestants(photos, settings, replace(plan, num_photos=len(photos)), progress)
    network, rows = everything.networks[choice.contestant], order_of(photos)
    start = _copy(network.prepare(photos.labels, rows, choice.best, seed=0))
    model = with_softmax(network.train(photos.labels, rows, choice.best, seed=0))
    return Study(
        settings=settings,
        photos=photos,
        plan=plan,
        outcomes=outcomes,
        transfers=field.transfers,
        **sizes,
        verdict=judge(outcomes, field.transfers, **sizes),
        curve=curve,
        more=look_ahead(curve, MORE * photos.num_classes, sizes["num_report"]),
        choice=choice,
        start=start,
        training=network.describe_training(choice.best, seed=0),
        size=network.size,
        model=model,
        test=test_once(model, photos.at(network.size).test, photos.class_names),
    )


def order_of(photos: Photos) -> np.ndarray:
    """The order in which the final model learns from all photos: `(num_photos,)` rows."""
    return np.random.default_rng(0).permutation(len(photos))


def plan_study(photos: Photos, settings: Settings, journal: Journal | None = None) -> Plan:
    """Decide, once for a study, how much of a comparison fits its budget; a few steps are timed for it."""
    journal, paces = journal or Journal(None), {}
    for name in settings.backbones:
        source = Source.parse(name, settings.size)
        paces[name] = Pace(**journal.once(f"pace of {name}", lambda source=source: asdict(measure_pace(source))))
    return make_plan(len(photos), settings, paces)


def fingerprint(photos: Photos) -> str:
    """A hash of all images that may be learned from, and their labels, in their order."""
    digest = hashlib.sha256()
    for split in (photos.dataset.train, photos.dataset.val):
        digest.update(np.ascontiguousarray(split.images).data)
        digest.update(np.ascontiguousarray(split.labels).data)
    return digest.hexdigest()


def _copy(model: keras.Model) -> keras.Model:
    copy = keras.models.clone_model(model)
    copy.set_weights(model.get_weights())
    return copy
