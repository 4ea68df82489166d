"""The exercises of lesson 1, feature extraction."""

from __future__ import annotations

import functools
from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf

from tlkit.checks.exercise import CheckFailed, Exercise, one_of, register, require, shared_trial
from tlkit.checks.session import locked_prediction
from tlkit.checks.toys import CountingImages, hidden_rng, redraw, tiny_backbone, tiny_classifier, tiny_images

SCALINGS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "0..255": lambda images: images.astype("float32"),
    "0..1": lambda images: images.astype("float32") / 255.0,
    "-1..1": lambda images: images.astype("float32") / 127.5 - 1.0,
}
VERDICTS = ("better", "worse", "undecided")
BUDGET_CHOICES = ("10 or fewer", "20 or 40", "later, or never here")

# --- 1.1 How much of the network learns?


def _share(model: keras.Model) -> float:
    total = sum(int(np.prod(weight.shape)) for weight in model.weights)
    return sum(int(np.prod(weight.shape)) for weight in model.trainable_weights) / total


def _expect_share(trainable_share: Callable, model: keras.Model, message: str) -> None:
    received = float(trainable_share(model))
    truth = _share(model)
    require(abs(received - truth) < 1e-6, f"{message} Received {received:.4f}, the share is {truth:.4f}.")


def counts_numbers(trainable_share):
    """It counts numbers, not arrays or layers."""
    rng = hidden_rng()
    rows, columns = int(rng.integers(5, 10)), int(rng.integers(30, 50))
    model = keras.Sequential([keras.Input((rows,)), keras.layers.Dense(columns), keras.layers.Dense(2, name="head")])
    model.layers[0].trainable = False
    message = f"A kernel of {rows} x {columns} is {rows * columns} parameters, not one. "
    _expect_share(trainable_share, model, message + "Multiply out each shape; divide by *all* parameters.")


def statistics_do_not_learn(trainable_share):
    """BatchNorm's moving statistics are not counted as learning."""
    model = tiny_classifier(hidden_rng(), width=int(hidden_rng().integers(4, 9)))
    message = "With nothing frozen the share is still below 1: two of BatchNorm's four vectors are moving statistics, "
    _expect_share(trainable_share, model, message + "which no gradient reaches. `trainable_weights` leaves them out.")


def the_last_word_counts(trainable_share):
    """A layer that is unfrozen inside a frozen model learns."""
    model = tiny_classifier(hidden_rng(), width=int(hidden_rng().integers(4, 9)))
    model.get_layer("tiny").trainable = False
    model.get_layer("tiny").get_layer("conv").trainable = True
    message = "`tiny` was frozen, then its `conv` unfrozen. In Keras 3 each weight has its own flag: the conv learns."
    _expect_share(trainable_share, model, f"{message} Ask the whole model for its `trainable_weights`.")


def reconciles_the_share(trainable_share):
    """You predicted first."""
    guess = float(locked_prediction("1.1"))
    return f"You predicted {guess:.0f} %. The first half of the layers holds {_frozen():.0f} % of what can learn."


@functools.cache
def _frozen() -> float:
    model = keras.applications.MobileNetV3Small(input_shape=(64, 64, 3), include_top=False, weights=None)
    everything = _share(model)
    for layer in model.layers[: len(model.layers) // 2]:
        layer.trainable = False
    return 100 * (1 - _share(model) / everything)


def _percent(answer: object) -> None:
    if isinstance(answer, bool) or not isinstance(answer, (int, float)) or not 0 <= answer <= 100:
        msg = f"The prediction is a number of percent from 0 to 100. Received: {answer!r}."
        raise CheckFailed(msg)


# --- 1.2 Input detective


def finds_each_scaling(find_scaling):
    """It names the scaling of backbones that it has never seen."""
    rng = hidden_rng()
    backbone = tiny_backbone(rng)
    for name in rng.permutation(np.repeat(list(SCALINGS), 2))[:4]:
        redraw(backbone, rng)
        images = tiny_images(6, rng)
        published = _pooled(backbone, SCALINGS[name](images))
        received = find_scaling(backbone, images, published)
        require(received in SCALINGS, f"Return one of {list(SCALINGS)}. Received: {received!r}.")
        require(received == name, _wrong_scaling(str(name), str(received)))


def trusts_the_features_alone(find_scaling):
    """It is right where the features are negative, tiny or huge."""
    rng = hidden_rng()
    backbone = tiny_backbone(rng)
    layer = backbone.get_layer("bn")
    for factor in rng.permutation([-1.0, 1e-3, 1e3]):
        for name in map(str, rng.permutation(list(SCALINGS))[:2]):
            redraw(backbone, rng)
            images = tiny_images(6, rng)
            layer.gamma.assign(layer.gamma * factor)
            received = find_scaling(backbone, images, _pooled(backbone, SCALINGS[name](images)))
            message = f"A backbone for {name!r} whose features are multiplied by {factor:g} was called {received!r}. "
            require(received == name, message + "Compare with the published features; their size alone says nothing.")


def _pooled(backbone: keras.Model, images: np.ndarray) -> np.ndarray:
    return np.asarray(backbone(images, training=False)).mean(axis=(1, 2))


def _wrong_scaling(truth: str, received: str) -> str:
    return (
        f"A backbone that expects {truth!r} was called {received!r}. Compute features for each scaling, "
        "and take the one that comes nearest to what its authors published."
    )


# --- 1.3 Features, once


@shared_trial
def _extracted(extract_features) -> tuple:
    rng = hidden_rng()
    backbone, images = tiny_backbone(rng), CountingImages(11, 4, rng)
    received = extract_features(backbone, images.dataset)
    require(isinstance(received, (tuple, list)) and len(received) == 2, "Return two arrays: `features, labels`.")
    return backbone, images, np.asarray(received[0]), np.asarray(received[1])


def one_row_per_image(extract_features):
    """There is one row of features per image, one column per channel."""
    _, _, features, labels = _extracted(extract_features)
    message = f"11 images in batches of 4 gave {len(features)} rows: is the last, smaller batch lost?"
    require(len(features) == 11, message)
    message = f"5 channels gave features of shape {features.shape}: average over the positions, not over the channels."
    require(features.shape == (11, 5), message)
    require(labels.shape == (11,), f"11 images gave labels of shape {labels.shape}.")


def equals_the_direct_call(extract_features):
    """The features are those of the frozen network in inference."""
    backbone, images, features, _ = _extracted(extract_features)
    direct = _pooled(backbone, np.stack([images.image_of(number) for number in range(11)]))
    message = "The features differ from `backbone(images, training=False)`, averaged over positions: dropout, or "
    message += "BatchNorm with a batch's own statistics, is at work, or another pooling."
    require(_same_rows(features, direct), message)


def labels_stay_aligned(extract_features):
    """Each label belongs to its row, although the dataset shuffles."""
    backbone, images, features, labels = _extracted(extract_features)
    direct = _pooled(backbone, np.stack([images.image_of(number) for number in range(11)]))
    numbers = [int(np.abs(direct - row).sum(axis=1).argmin()) for row in features.reshape(len(features), -1)]
    message = "Rows and labels come from different passes: a shuffled dataset has a new order each time. "
    require(np.array_equal(images.labels[numbers], labels), message + "Collect both inside the same loop.")


def one_pass_only(extract_features):
    """Each image is read once."""
    _, images, _, _ = _extracted(extract_features)
    message = f"Images were read {images.reads.max()} times. One pass over the dataset is enough, and the point of it."
    require(images.reads.max() == 1, message)


def _same_rows(features: np.ndarray, direct: np.ndarray) -> bool:
    if features.shape != direct.shape:
        return False
    distances = np.abs(features[:, None] - direct[None]).max(axis=2) / np.abs(direct).max()
    return bool((distances.min(axis=0) < 1e-4).all() and (distances.min(axis=1) < 1e-4).all())


# --- 1.4 The leak


NUM_SPLIT, NUM_VAL = 200, 60
CLASSES = np.arange(NUM_SPLIT) * 4 // NUM_SPLIT


@shared_trial
def _split(split_dataset) -> tuple[np.ndarray, list[tuple[np.ndarray, np.ndarray]]]:
    """Return the numbers of the images, sorted by class, and those in training and validation, in two passes."""
    numbers = np.sort(hidden_rng().choice(1_000_000, NUM_SPLIT, replace=False))
    dataset = tf.data.Dataset.from_tensor_slices((numbers, CLASSES))
    dataset.nobody_counts_reads = True  # the grader may read it in large pieces
    train_ds, val_ds = split_dataset(dataset, NUM_VAL)
    return numbers, [(_numbers(train_ds), _numbers(val_ds)) for _ in range(2)]


def _numbers(dataset: tf.data.Dataset) -> np.ndarray:
    parts = [np.asarray(numbers) for numbers, _ in dataset.batch(1024)]
    require(all(part.ndim == 1 for part in parts), "Return data sets of single images with labels, not of batches.")
    return np.concatenate([np.empty(0, "int64"), *parts])


def never_shares_an_image(split_dataset):
    """In two passes no image is in both parts."""
    _, passes = _split(split_dataset)
    train, val = (set(np.concatenate(part).tolist()) for part in zip(*passes, strict=True))
    message = f"{len(train & val)} of {NUM_VAL} validation images were also trained on within two passes. "
    require(not train & val, message + "Is the order drawn anew?")


def keeps_every_image(split_dataset):
    """The parts have the sizes asked for, and lose no image."""
    numbers, passes = _split(split_dataset)
    for train, val in passes:
        message = f"{NUM_SPLIT} images, {NUM_VAL} for validation, gave {len(train)} for training, {len(val)} for it."
        require((len(train), len(val)) == (NUM_SPLIT - NUM_VAL, NUM_VAL), message)
        whole = np.array_equal(np.sort(np.concatenate([train, val])), numbers)
        require(whole, "Some images are in neither part, or twice in one.")


def every_class_in_both(split_dataset):
    """Both parts hold every class, although the dataset is sorted."""
    numbers, passes = _split(split_dataset)
    for name, part in zip(("training", "validation"), passes[0], strict=True):
        missing = {0, 1, 2, 3} - set(CLASSES[np.isin(numbers, part)].tolist())
        message = f"{name} lacks class {sorted(missing)}: the images are stored class by class, so mix them *before* "
        require(not missing, message + "you cut, once.")


# --- 1.5 Better, worse, or undecided?


def sees_paired_gains(verdict, runs):
    """It sees a small gain that every seed shows."""
    rng = hidden_rng()
    luck = rng.permutation([0.45, 0.52, 0.6, 0.67, 0.75])
    gain = 0.02 + rng.uniform(-0.003, 0.003, 5)
    trials = [("better", luck + gain), ("worse", luck - gain)]
    found = {name: verdict(scores, luck) for name, scores in _mixed(trials, rng)}
    better, worse = found["better"], found["worse"]
    message = f"All five seeds gained about 2 points, although luck alone differs by 30; the verdict was {better!r}. "
    require(better == "better", f"{message} Take the difference *per seed* first: the luck cancels.")
    require(worse == "worse", f"The same with a loss of 2 points gave {worse!r}.")


def _mixed(trials: list, rng: np.random.Generator) -> list:
    """Put trials into an order that an answer cannot know: counting its calls must earn nothing."""
    return [trials[row] for row in rng.permutation(len(trials))]


def doubts_noise(verdict, runs):
    """It calls a lucky seed undecided."""
    rng = hidden_rng()
    base = np.array([0.80, 0.70, 0.71, 0.70, 0.69]) + rng.uniform(-0.005, 0.005, 5)
    for lucky in rng.permutation(5):
        other = np.where(np.arange(5) == lucky, 0.90, 0.50)
        received = verdict(other, np.roll(base, lucky))
        message = f"One seed gained 10 points and four lost about 20; the verdict was {received!r}. With five seeds "
        require(received == "undecided", message + "the 95 % interval of the differences holds 0.")


def keeps_the_sign(verdict, runs):
    """The first argument is the one judged."""
    rng = hidden_rng()
    high, low = 0.81 + rng.uniform(-0.02, 0.02, 5), 0.60 + rng.uniform(-0.02, 0.02, 5)
    found = {name: verdict(a, b) for name, a, b in _mixed([("up", high, low), ("down", low, high)], rng)}
    message = f"81 % against 60 % gave {found['up']!r}, the reverse {found['down']!r}."
    require((found["up"], found["down"]) == ("better", "worse"), message)


def reconciles_the_runs(verdict, runs):
    """Your prediction is held against your own runs, five seeds each."""
    order = locked_prediction("1.5")
    require(isinstance(runs, dict) and set(runs) == set(RUN_NAMES), f"`runs` must hold {list(RUN_NAMES)}, as measured.")
    scores = {name: np.asarray(values, float) for name, values in runs.items()}
    for name, values in scores.items():
        fine = values.shape == (5,) and ((values >= 0) & (values <= 1)).all()
        require(fine, f"`runs[{name!r}]` must be five accuracies in [0, 1]. Received shape {values.shape}.")
    measured = sorted(scores, key=lambda name: -scores[name].mean())
    against = ", ".join(f"{name}: {verdict(scores['pre-trained'], scores[name])}" for name in RUN_NAMES[1:])
    return f"Predicted {' > '.join(order)}; measured {' > '.join(measured)}. Pre-trained against {against}."


RUN_NAMES = ("pre-trained", "random frozen", "from scratch")


def _draw_runs(rng: np.random.Generator) -> dict[str, list[float]]:
    return {name: rng.uniform(0.3, 0.9, 5).tolist() for name in RUN_NAMES}


def _order_of_runs(answer: object) -> None:
    if not isinstance(answer, list) or sorted(map(str, answer)) != sorted(RUN_NAMES):
        msg = f"The prediction is a list of {list(RUN_NAMES)}, best first. Received: {answer!r}."
        raise CheckFailed(msg)


# --- 1.6 When does training from scratch catch up?


def finds_the_first_budget(catch_up, curves):
    """It finds the first budget at which the mean from scratch is as high."""
    rng = hidden_rng()
    budgets, transfer = _draw_budgets(rng, 4), np.sort(rng.uniform(0.5, 0.9, (4, 2)), axis=0)
    for row, budget in _mixed(list(enumerate(budgets)), rng):
        scratch = transfer + np.where(np.arange(4) < row, -0.2, 0.01)[:, None]
        received = catch_up(budgets, transfer, scratch)
        message = f"From scratch is level at {budget} images a class for the first time; received {received!r}. "
        require(received == budget, message + "Return the budget itself, the smallest one.")


def _draw_budgets(rng: np.random.Generator, count: int) -> np.ndarray:
    return np.sort(rng.choice(np.arange(5, 100), count, replace=False))


def uses_all_seeds(catch_up, curves):
    """It compares means over the seeds, not one seed."""
    budgets, transfer = _draw_budgets(hidden_rng(), 3), np.full((3, 3), 0.7)
    scratch = np.array([[0.8, 0.4, 0.4], [0.4, 0.8, 0.4], [0.75, 0.7, 0.7]])
    received = catch_up(budgets, transfer, scratch)
    message = f"One lucky seed at a small budget decided: received {received!r}, the means cross at {budgets[2]}."
    require(received == budgets[2], message)


def says_never(catch_up, curves):
    """It says `None` where the curves never meet."""
    rng = hidden_rng()
    scratch = rng.uniform(0.1, 0.4, (2, 2))
    received = catch_up(_draw_budgets(rng, 2), scratch + rng.uniform(0.1, 0.3, (2, 2)), scratch)
    message = f"From scratch stays below at both budgets; received {received!r}. Return `None`: "
    require(received is None, message + "the largest budget that was tried is not an answer.")


def reconciles_the_curves(catch_up, curves):
    """Your prediction is held against your own curves."""
    guess = locked_prediction("1.6")
    require(len(curves) == 3, "`curves` is `(budgets, transfer, scratch)`, as measured.")
    measured = catch_up(*(np.asarray(part) for part in curves))
    found = "not within the budgets tried" if measured is None else f"at {measured} images a class"
    return f"You predicted {guess!r}. Here training from scratch catches up {found}."


def _draw_curves(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return np.array([5, 10, 20, 40]), rng.uniform(0.4, 0.9, (4, 3)), rng.uniform(0.2, 0.9, (4, 3))


# --- 1.7 Which classes fail?


def _report_of(per_class, y_true, y_pred, num_classes) -> list[np.ndarray]:
    report = per_class(np.asarray(y_true), np.asarray(y_pred), num_classes)
    keys = ("precision", "recall", "f1")
    require(isinstance(report, dict) and set(keys) <= set(report), f"Return a dictionary with the keys {list(keys)}.")
    values = [np.asarray(report[key], float) for key in keys]
    for key, value in zip(keys, values, strict=True):
        require(value.shape == (num_classes,), f"`{key}` must have one value a class. Received shape {value.shape}.")
    return values


def precision_and_recall(per_class):
    """Precision looks at what was called a class, recall at what is of that class."""
    precision, recall, _ = _report_of(per_class, [0, 0, 0, 0, 1, 1], [0, 0, 1, 1, 1, 1], 2)
    swapped = "Of 4 images called class 1, 2 are of it: precision 0.5. Of the 2 images of class 1, both were found: "
    swapped += f"recall 1. Received precision {precision[1]:.2f}, recall {recall[1]:.2f}: is the table turned?"
    require(np.allclose(precision, [1.0, 0.5]) and np.allclose(recall, [0.5, 1.0]), swapped)


def never_predicted(per_class):
    """A class that is never predicted has precision and F1 of 0, not NaN."""
    values = _report_of(per_class, [0, 1, 2, 2], [0, 1, 1, 1], 3)
    message = "Class 2 is never predicted: 0 of 0 is no number. By convention its precision and F1 are 0. Received "
    found = [float(value[2]) for value in values]
    require(np.allclose(found, 0.0), f"{message}{found}.")


def agrees_on_random_labels(per_class):
    """It agrees with an independent implementation on hidden labels."""
    from sklearn.metrics import precision_recall_fscore_support

    rng = hidden_rng()
    y_true, y_pred = rng.integers(0, 6, (2, 300))
    truth = precision_recall_fscore_support(y_true, y_pred, labels=range(6), zero_division=0)[:3]
    names = zip(("precision", "recall", "f1"), _report_of(per_class, y_true, y_pred, 6), truth, strict=True)
    wrong = [name for name, value, right in names if not np.allclose(value, right)]
    require(not wrong, f"On 300 random labels of 6 classes {', '.join(wrong)} differ from scikit-learn's.")


register(
    Exercise(
        id="1.1", title="How much of the network learns?", points=2, prediction=_percent,
        hints=(
            "Everything that learns is in `model.trainable_weights`, everything at all in `model.weights`.",
            "A weight is an array: its number of parameters is the product of its shape, `np.prod(weight.shape)`.",
            "Sum over `trainable_weights`, divide by the sum over `weights`.",
        ),
        properties=(counts_numbers, statistics_do_not_learn, the_last_word_counts, reconciles_the_share),
    ),
    Exercise(
        id="1.2", title="Input detective", points=2, all_or_nothing=True,
        hints=(
            "You have the features that its authors published for these very images. Which scaling gives them back?",
            "For each entry of `SCALINGS`: scale, call the backbone with `training=False`, average over positions.",
            "Return the name with the smallest `np.abs(features - published).mean()`: `min(SCALINGS, key=...)`.",
        ),
        properties=(finds_each_scaling, trusts_the_features_alone),
    ),
    Exercise(
        id="1.3", title="Features, once", points=3,
        hints=(
            "Loop over the dataset once; each turn gives a batch of images with *their* labels.",
            "`backbone(images, training=False)` gives `(batch, h, w, channels)`; average over axes 1 and 2.",
            "Append both to lists inside the same loop; `np.concatenate` them at the end.",
        ),
        properties=(one_row_per_image, equals_the_direct_call, labels_stay_aligned, one_pass_only),
    ),
    Exercise(
        id="1.4", title="The leak", points=2,
        hints=(
            "`shuffle` draws a new order at each pass, and `take` and `skip` cut whatever order they get.",
            "Read the documentation of `tf.data.Dataset.shuffle`: one argument keeps the first order.",
            "`mixed = dataset.shuffle(n, seed=0, reshuffle_each_iteration=False)`, then `skip` and `take`.",
        ),
        properties=(never_shares_an_image, keeps_every_image, every_class_in_both),
    ),
    Exercise(
        id="1.5", title="Better, worse, or undecided?", points=3, prediction=_order_of_runs, given={"runs": _draw_runs},
        hints=(
            "Both runs used the same seeds, so the same images: subtract seed by seed before anything else.",
            "`paired_interval(a, b)` from `tlkit.measure` gives the 95 % interval of the mean difference.",
            "Better if `interval.low > 0`, worse if `interval.high < 0`, otherwise undecided.",
        ),
        properties=(sees_paired_gains, doubts_noise, keeps_the_sign, reconciles_the_runs),
    ),
    Exercise(
        id="1.6", title="When does training from scratch catch up?", points=2, prediction=one_of(*BUDGET_CHOICES),
        given={"curves": _draw_curves},
        hints=(
            "The rows of both tables are budgets, the columns seeds.",
            "`transfer.mean(axis=1)` is one number a budget. Compare it with the same of `scratch`.",
            "Go through the budgets in order and return the first where scratch is at least as high; else `None`.",
        ),
        properties=(finds_the_first_budget, uses_all_seeds, says_never, reconciles_the_curves),
    ),
    Exercise(
        id="1.7", title="Which classes fail?", points=2,
        hints=(
            "For one class: how many were called it, how many are it, how many are both?",
            "Precision is both / called, recall is both / are, F1 = 2 * both / (called + are).",
            "Divide by `np.maximum(count, 1)`: where nothing was called a class, 0 / 1 is 0.",
        ),
        properties=(precision_and_recall, never_predicted, agrees_on_random_labels),
    ),
)  # fmt: skip
