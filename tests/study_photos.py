"""Folders of small made-up photos, on which a study takes seconds."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tlkit.study import Settings, Study, final, plan, run_study, study
from tlkit.study.plan import Pace
from tlkit.study.trained_contestants import Try

SIDE = 40


def make_photo(rng: np.random.Generator, colour: tuple[int, int, int]) -> Image.Image:
    """Coarse noise around a colour."""
    coarse = rng.normal(0, 50, (5, 5, 3)) + np.array(colour)
    image = Image.fromarray(np.clip(coarse, 0, 255).astype("uint8"))
    return image.resize((SIDE, SIDE), Image.Resampling.BICUBIC)


def make_folder(root: Path, per_class: int = 24, colours: dict | None = None) -> Path:
    """A folder of classes that differ in their colour."""
    colours = colours or {"red": (170, 110, 110), "blue": (110, 110, 170)}
    for number, (name, colour) in enumerate(colours.items()):
        (root / name).mkdir(parents=True)
        rng = np.random.default_rng(number)
        for photo in range(per_class):
            make_photo(rng, colour).save(root / name / f"site{photo % 6}_{photo}.png")
    return root


def small_study(
    folder: Path, *, trains: bool, work_dir: Path | None = None, backbones: tuple[str, ...] = ("photos",)
) -> Study:
    """A study of two seeds in seconds: with one try of one epoch whose network is chosen, or without any training."""
    pace = Pace(0.001, 0.0001) if trains else Pace(1000.0, 0.0001)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {"USUAL_STEPS": 1, "FEWEST_STEPS": 1, "FEWEST_EPOCHS": 1}.items():
            patch.setattr(plan, name, value)
        patch.setattr(study, "measure_pace", lambda source: pace)
        patch.setattr("tlkit.study.contest.FINE_TUNING", (Try(0.3, 1e-3),))
        patch.setattr("tlkit.study.contest.FROM_SCRATCH", (Try(1, 1e-3),))
        patch.setattr(study, "choose_network", _choose_trained if trains else final.choose_network)
        return run_study(folder, Settings(seeds=2, backbones=backbones), work_dir=work_dir)


def _choose_trained(outcomes, networks):
    return final.choose_network(outcomes, [name for name in networks if name.startswith("fine-tuned")])
