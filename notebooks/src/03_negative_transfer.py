# ---
# jupyter:
#   tlkit: {"minutes": 75}
# ---

# %% [markdown]
# # When is it better not to transfer at all?
#
# This takes about 75 minutes, less than four of which are computing time on two CPU cores. You will
#
# - define negative transfer against a fair baseline, and map it: four sources, four budgets, ten seeds, intervals;
# - turn the dials of its three causes, and see what a distance between domains can predict and what it can't;
# - rescue a bad transfer: pull less, unfreeze more, take another source, or don't transfer at all.
#
# "Pre-trained is better" is a claim like any other: predict, run, and let your own numbers decide. `hint("3.2")` in a
# cell of your own gives the first of three hints for exercise 3.2.

# %%
from tlkit.backbones import add_head, load_backbone
from tlkit.checks import check, hint, lesson_card, predict, progress
from tlkit.data import images_from_folder, load_dataset
from tlkit.domains import Anchored, fit_anchored, proxy_a_distance, squared_mmd
from tlkit.exercises.lesson_03_negative_transfer.shown import ANGLES, CLOSER, PULLS, RESCUES, SOURCES, UNFAIR
from tlkit.measure import compare_runs, paired_interval, transfer_gain
from tlkit.plots import show_images
from tlkit.probes import linear_probe
from tlkit.speed import cache_features, fit_together
from tlkit_widgets import GainMap

import keras
import numpy as np

keras.utils.set_random_seed(0)

# %% [markdown]
# ## One target, four sources
#
# The *target* is handwriting: ten digits, with few labels. Four networks with the same architecture offer their
# features. They learned from photos; from printed characters (`glyphs`); from the hues of blobs, whatever their shape
# (`colours`); and from printed characters that were labelled by *font* (`opposed`).

# %%
data = load_dataset("digits")
examples = data.train.take_per_class(2)
_ = show_images(examples.images, examples.labels, data.class_names, columns=10, title="Two images of each class")

# %% [markdown]
# Every choice below is made on validation images, so we can open the vault now, for results only. Each network sees
# each image once; its features then serve every seed and every budget. A fifth network, `random`, has learned nothing:
# it is not a source, but one of the ways to do *without* one.

# %%
test = data.test.open("results of lesson 3; all choices are made on validation images")
parts = {"train": data.train, "val": data.val, "test": test}
labels = {part: split.labels for part, split in parts.items()}


def features_of(source):
    """Return `{part: features (num_images, 576)}`: a frozen network's features of each image."""
    backbone = load_backbone("mobilenet_v3_small", weights=source)
    pooled = keras.layers.GlobalAveragePooling2D()(backbone.output)
    prefix = keras.Model(backbone.inputs, pooled)
    return {part: cache_features(prefix, split).features for part, split in parts.items()}


def watched(values, unit):
    """Yield the values one by one, and show how many are done."""
    bar = keras.utils.Progbar(len(values), unit_name=unit)
    for value in values:
        yield value
        bar.add(1)


# %% tags=["nbval-ignore-output"]
tables = {name: features_of(name) for name in watched((*SOURCES, "random"), "network")}

# %% [markdown]
# Another way without a source is the image itself, as 8 x 8 levels of grey.


# %%
def pixels_of(images):
    """Return `(num_images, 64)`: the mean grey level of 8 x 8 patches, in [0, 1]."""
    grey = images.mean(axis=-1)
    return grey.reshape(len(grey), 8, 8, 8, 8).mean(axis=(2, 4)).reshape(len(grey), 64) / 255


tables["pixels"] = {part: pixels_of(split.images) for part, split in parts.items()}


# %% [markdown]
# All six tables get the same treatment: the same images, the same linear classifier, the best of three penalties on
# validation (with a draw of images that is not used again), and ten seeds.


# %%
def draw(budget, seed, among=None):
    """Return the rows of `budget` training images from each class; a larger budget contains the smaller ones."""
    rows = np.random.default_rng(seed).permutation(len(labels["train"]))
    rows = rows if among is None else rows[among[rows]]
    return np.concatenate([rows[labels["train"][rows] == label][:budget] for label in range(10)])


def score(table, budget, seed, strength, part="test"):
    """Return the accuracy on a part after learning from few images of a table."""
    rows = draw(budget, seed)
    probe = linear_probe(table["train"][rows], labels["train"][rows], strength=strength)
    return probe.score(table[part], labels[part])


def run(table, budget):
    """Choose a penalty on validation; return the accuracy there, and on the test for each of ten seeds."""
    found = {strength: score(table, budget, 100, strength, "val") for strength in (0.003, 0.05, 1.0)}
    best = max(found, key=found.get)
    return {"validation": found[best], "test": [score(table, budget, seed, best) for seed in range(10)]}


# %% [markdown]
# ## Exercise 3.1: negative, against what?
#
# You have ten labels for each class. Which of the four will *help*, compared with the best you could do without any of
# them?


# %% exercise="3.1-predict"
def my_helpers():
    """Return a list of those of SOURCES that help with 10 labels for each class; it may be empty."""
    ### BEGIN SOLUTION
    return ["photos", "glyphs"]
    ### END SOLUTION


# %%
predict("3.1", my_helpers)

# %% tags=["nbval-ignore-output"]
results = {10: {name: run(tables[name], 10) for name in watched(tables, "table")}}
scores = {name: found["test"] for name, found in results[10].items()}

# %% [markdown]
# First, the wrong way: a comparison with an *untrained* network of the same kind. By that measure, the network that has
# only ever looked at hues is a great help in reading digits:

# %% tags=["nbval-ignore-output"]
compare_runs({name: scores[name] for name in ("random", "colours", "opposed")}, baseline="random")

# %%
flattered = transfer_gain(scores["colours"], scores["random"])
assert flattered.low > 0
print("Against an untrained network, the whole interval lies above 0: hues seem to help.")

# %% [markdown]
# Doubt it. Who would read digits with an untrained network? See what all six reach.

# %% tags=["nbval-ignore-output"]
compare_runs(scores, baseline="pixels")

# %%
honest = {name: transfer_gain(scores[name], scores["pixels"]) for name in SOURCES}
assert max(honest["colours"].high, honest["opposed"].high) < 0
print("Against 64 levels of grey, the intervals of hues and fonts lie below 0: that is negative transfer.")

# %% [markdown]
# Does that depend on the linear probe? A head that Keras trains step by step is a different learner. `fit_together`
# trains ten of them side by side, one for each seed; each ends up with the weights that `fit` would give it. For both
# tables, the rate is chosen on validation in the same way.


# %%
def head(num_features, rate, seed):
    """Return a linear head on `num_features`, compiled."""
    start = keras.initializers.GlorotUniform(seed)
    model = keras.Sequential([keras.Input((num_features,)), keras.layers.Dense(10, kernel_initializer=start)])
    model.compile(keras.optimizers.Adam(rate), loss, metrics=["accuracy"])
    return model


def trained(table, rate, seeds, part):
    """Return, for each seed, the accuracy on a part of a head that was trained with ten labels for each class."""
    models = [head(table["train"].shape[1], rate, seed) for seed in seeds]
    few = [(table["train"][rows], labels["train"][rows]) for rows in (draw(10, seed) for seed in seeds)]
    histories = fit_together(models, few, seeds=list(seeds), epochs=60, validation_data=(table[part], labels[part]))
    return [history.history["val_accuracy"][-1] for history in histories]


def trained_scores(table):
    """Choose a rate on validation, with draws that are not used again; return the test accuracies of ten seeds."""
    rate = max((1e-2, 1e-1), key=lambda rate: np.mean(trained(table, rate, range(100, 110), "val")))
    return trained(table, rate, range(10), "test")


# %% tags=["nbval-ignore-output"]
loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
on_hues, on_pixels = (trained_scores(tables[name]) for name in watched(("colours", "pixels"), "table"))

# %% tags=["nbval-ignore-output"]
by_step = transfer_gain(on_hues, on_pixels)
print("trained step by step, hues against grey:", by_step)

# %%
assert by_step.high < 0
print("With this learner, too, the whole interval lies below 0.")

# %% [markdown]
# *Transfer is negative if the whole interval of its gain lies below 0, against the best way without the source that had
# the same images, the same tuning and the same selection.* "No gain shown" is not negative.
#
# Is the same network, trained from scratch, a stronger way than the pixels? With ten labels for each class, it takes
# minutes per seed, so here is what `python -m tests.benchmarks.transfer_map` recorded, tuned in the same way, with
# different draws.

# %%
import json

from tlkit.data import data_dir

record = json.loads((data_dir() / "weights" / "transfer_map.json").read_text("utf-8"))
from_scratch = record["cells"]["scratch | digits 10"]["scores"]
assert np.mean(from_scratch) < np.mean(scores["pixels"])
print("The network from scratch stays below the pixels: with few labels, the simple way is the strong one.")

# %% [markdown]
# Write down the definition.


# %% exercise="3.1"
def gain(transfer, ways):
    """Return the mean gain over the best way without a source, and Student's 95 % interval of it: `(mean, low, high)`.

    `transfer` is `(num_seeds,)` test accuracies. `ways` is `{name: {"validation": accuracy, "test": (num_seeds,)}}`,
    of the same seeds; the best way is the one with the best *validation* accuracy.
    """
    ### BEGIN SOLUTION
    best = max(ways, key=lambda name: ways[name]["validation"])
    found = paired_interval(transfer, ways[best]["test"])
    return found.mean, found.low, found.high
    ### END SOLUTION


# %%
at_ten = {
    "transfer": {name: scores[name] for name in SOURCES},
    "ways": {name: results[10][name] for name in ("pixels", "random")},
}

# %% check="3.1" points=3
# Tried on ways that are weak, lucky or listed first, on few seeds, and on your own runs.
check("3.1", gain, at_ten)

# %% [markdown]
# ## Exercise 3.2: a map with doubts
#
# Now try all budgets: 1, 3, 10 and 30 labels for each class. Four sources and four budgets make sixteen cells. In how
# many of them does the whole interval lie below 0?


# %% exercise="3.2-predict"
def my_negative_cells():
    """Return how many of the 16 cells will be negative."""
    ### BEGIN SOLUTION
    return 10
    ### END SOLUTION


# %%
predict("3.2", my_negative_cells)

# %% tags=["nbval-ignore-output"]
budgets = [1, 3, 10, 30]
for budget in watched((1, 3, 30), "budget"):
    results[budget] = {name: run(tables[name], budget) for name in (*SOURCES, "pixels")}

# %%
gains = np.array(
    [
        [np.subtract(results[budget][name]["test"], results[budget]["pixels"]["test"]) for budget in budgets]
        for name in SOURCES
    ]
)  # (sources, budgets, seeds)
interval = {
    (name, budget): transfer_gain(results[budget][name]["test"], results[budget]["pixels"]["test"])
    for name in SOURCES
    for budget in budgets
}

# %%
gain_map = GainMap(gains, SOURCES, budgets)
gain_map

# %%
assert interval["glyphs", 1].low > 0 > interval["colours", 1].high
assert interval["glyphs", 1].mean > interval["glyphs", 30].mean
print("With one label for each class, printed characters help and hues hurt.")
print("With thirty, the characters help less, or not at all.")

# %% [markdown]
# The same source may help with one label for each class and not with thirty. Which cells may you colour? Write the
# rule. Judge each cell by its own interval, without correcting for the number of cells. So remember what such a colour
# is worth: where nothing is gained at all, one cell in twenty is coloured anyway. And the ten seeds draw different
# training images, but share one test set: the intervals say nothing about other test images.


# %% exercise="3.2"
def mark(gains):
    """Return `(num_sources, num_budgets)`: 1, -1 or 0.

    It is 1 where Student's 95 % interval of the mean lies above 0, -1 where it lies below, and 0 otherwise. `gains` is
    `(num_sources, num_budgets, num_seeds)`: differences paired by seed.
    """
    ### BEGIN SOLUTION
    from scipy import stats

    return (np.sign(gains.mean(axis=2)) * (stats.ttest_1samp(gains, 0, axis=2).pvalue < 0.05)).astype(int)
    ### END SOLUTION


# %% check="3.2" points=2
# Tried on clear cells, on lucky ones, on small steady gains, and on 3,000 cells in which nothing is gained.
check("3.2", mark, gains)

# %% [markdown]
# ## Exercise 3.3: one seed lies
#
# Most published comparisons show a single run. Here is the map as one seed draws it. **Press *Draw other seeds* until a
# green cell turns red.** Then press that cell to see its ten runs, and drag the slider to 10.

# %%
one_seed = GainMap(gains, SOURCES, budgets, num_seeds=1)
one_seed

# %% [markdown]
# Take the *decided* cell, with an interval that excludes 0, whose gain or loss is smallest. How many of its ten seeds
# do not show that sign on their own?


# %% exercise="3.3-predict"
def my_liars():
    """Return how many of the ten seeds of that cell lie, from 0 to 10."""
    ### BEGIN SOLUTION
    return 4
    ### END SOLUTION


# %%
predict("3.3", my_liars)

# %%
decided = {place: found for place, found in interval.items() if found.excludes_zero}
smallest = min(decided, key=lambda place: abs(decided[place].mean))
cell = gains[SOURCES.index(smallest[0]), budgets.index(smallest[1])]
num_liars = int((np.sign(cell) != np.sign(cell.mean())).sum())
assert num_liars > 0

# %% tags=["nbval-ignore-output"]
print(f"{smallest[0]}, {smallest[1]} labels for each class: {decided[smallest]}")
print(f"Of its ten seeds, {num_liars} do not show that sign. Published alone, each would have misled its readers.")

# %% [markdown]
# How many seeds are enough? Go through all groups of `k` seeds, and count those that lie: a group lies if its mean does
# not have the sign of the mean of all ten. A mean of exactly 0 has neither sign, so it lies, too.


# %% exercise="3.3"
def lies(gains, k):
    """Return the share of groups of `k` seeds whose mean lacks the sign (1, 0 or -1) of the mean of all seeds."""
    ### BEGIN SOLUTION
    import itertools

    groups = itertools.combinations(gains, k)
    return float(np.mean([np.sign(np.mean(group)) != np.sign(np.mean(gains)) for group in groups]))
    ### END SOLUTION


# %% check="3.3" points=2
# Tried on single seeds, on groups, on losses, and on your own cell.
check("3.3", lies, cell)

# %% [markdown]
# ## Exercise 3.4: spot the unfair baseline
#
# Here are three reports on one question: do printed characters help with ten labels for each class? All numbers were
# measured just now.

# %% tags=["nbval-ignore-output"]
pixels, glyphs = tables["pixels"], tables["glyphs"]
untuned = [score(pixels, 10, seed, 1e-5) for seed in range(10)]
reports = {
    "A: against an untrained network": (scores["glyphs"], scores["random"]),
    "B: three settings tried for the source, one for the pixels": (scores["glyphs"], untuned),
    "C: 30 labels for each class for the source, 10 for the pixels": (results[30]["glyphs"]["test"], scores["pixels"]),
}
for claim, (transfer, baseline) in reports.items():
    print(f"{claim}: {transfer_gain(transfer, baseline)}")

# %%
assert all(transfer_gain(*pair).low > 0 for pair in reports.values())
assert honest["glyphs"].low < 0
print("All three intervals lie above 0. With a fair baseline there is no such gain.")

# %% [markdown]
# Write a tool for referees: what is unfair about a report? *labels*, *settings tried* and *seeds* must be the same on
# both sides; nothing may be *chosen on* the test set; and the baseline's *way* must be the best, on validation, of
# those without a source.

# %%
print("What can be unfair:", UNFAIR)
example = {
    "transfer": {"way": "glyphs", "labels": 10, "settings tried": 3, "chosen on": "validation", "seeds": [0, 1, 2]},
    "baseline": {"way": "random", "labels": 10, "settings tried": 3, "chosen on": "validation", "seeds": [2, 0, 1]},
    "ways": {"pixels": 0.89, "random": 0.52},  # without a source: name and validation accuracy
}


# %% exercise="3.4"
def what_is_unfair(report):
    """Return a list of what is unfair, as names in UNFAIR: `["way"]` for the example, `[]` if everything is fair."""
    ### BEGIN SOLUTION
    transfer, baseline, ways = report["transfer"], report["baseline"], report["ways"]
    found = [name for name in ("labels", "settings tried") if transfer[name] != baseline[name]]
    if "test" in (transfer["chosen on"], baseline["chosen on"]):
        found.append("chosen on")
    if set(transfer["seeds"]) != set(baseline["seeds"]):
        found.append("seeds")
    if baseline["way"] != max(ways, key=ways.get):
        found.append("way")
    return found
    ### END SOLUTION


# %% check="3.4" points=2
# Tried on fair reports, on each unfairness alone, on three at once, and on two sides with the same fault.
check("3.4", what_is_unfair)

# %% [markdown]
# ## Three causes, three dials
#
# Why does a source hurt? Because it asks *another question*, because its features are *irrelevant*, or because its
# *images* look different. In real life, these come together; here, each has a dial, from harmless to ruinous.
#
# **The first dial: another question.** Half of the digits play the source: a classifier learns from all their labels.
# The target has three labels for each class of the other half, and *trusts* the source: its weights are pulled towards
# those of the source. The strength of the pull is chosen on validation from six values. To be fair, the strength of
# the pull towards 0, for a learner without a source, is chosen in the same way. The dial renames the source's classes:
# at 4, its 0 is called 1 here, its 1 is called 2, its 2 is called 3, and its 3 is called 0.

# %%
is_source = np.arange(len(labels["train"])) % 2 == 0
source = fit_anchored(pixels["train"][is_source], labels["train"][is_source], 10)


def learn(table, seed, strength, start=None, part="test"):
    """Learn from 3 images of each class of the other half, pulled towards `start` or towards 0; return the accuracy."""
    rows = draw(3, seed, ~is_source)
    found = fit_anchored(table["train"][rows], labels["train"][rows], 10, start=start, strength=strength)
    return found.score(table[part], labels[part])


strengths = [1e-4, 1e-3, 1e-2, 1e-1, 1.0, 10.0]


def ten_scores(table, start=None):
    """Choose a strength on validation, with a draw that is not used again; return the test accuracies of ten seeds."""
    best = max(strengths, key=lambda strength: learn(table, 100, strength, start, "val"))
    return [learn(table, seed, best, start) for seed in range(10)]


# %%
def renamed(num_classes):
    """Return the source with the names of its first classes shifted by one."""
    weights = source.weights.copy()
    weights[:, :num_classes] = np.roll(weights[:, :num_classes], 1, axis=1)
    return Anchored(weights)


alone = ten_scores(pixels)
other_names = [0, 2, 4, 6, 8, 10]
by_task = [np.subtract(ten_scores(pixels, renamed(n)), alone) for n in other_names]

# %%
from tlkit.plots.style import finish, new_axes


def plot_dial(values, gains, what, xlabel):
    """Draw the mean gain at each setting of a dial, with its 95 % interval; the title says where it leads."""
    found = [paired_interval(row, np.zeros(len(row))) for row in gains]
    means = 100 * np.array([each.mean for each in found])
    reach = 100 * np.array([each.high - each.mean for each in found])
    ax = new_axes(None, (5.4, 2.8))
    ax.errorbar(values, means, yerr=reach, fmt="o-", capsize=4)
    ax.axhline(0, color="#222222", linewidth=0.9, linestyle=":")
    title = f"{what}: from {means[0]:+.0f} to {means[-1]:+.0f} points"
    return finish(ax, title, xlabel, "gain (points), 95 % interval")


_ = plot_dial(other_names, by_task, "Another question", "classes under another name")

# %% [markdown]
# **The second dial: irrelevant features.** A share of the 576 features of `glyphs` is replaced by features of
# `colours`: true features of a well-trained network, but about something that doesn't matter here. The target has one
# label for each class.


# %%
def mixed(share):
    """Return the tables of `glyphs` with a share of the features, always the same ones, taken from `colours`."""
    is_hue = np.random.default_rng(0).permutation(576) < share * 576
    return {part: np.where(is_hue, tables["colours"][part], tables["glyphs"][part]) for part in parts}


shares = [0, 0.25, 0.5, 0.75, 1]
by_features = [np.subtract(run(mixed(share), 1)["test"], results[1]["pixels"]["test"]) for share in shares]
_ = plot_dial(np.multiply(100, shares), by_features, "Irrelevant features", "% of features from colours")

# %%
for found in (by_task, by_features):
    first, last = (paired_interval(row, np.zeros(10)) for row in (found[0], found[-1]))
    assert first.low > 0 > last.high
print("Both dials lead from an interval above 0 to an interval below 0.")

# %% [markdown]
# ## Exercise 3.5: how far is too far?
#
# **The third dial: other images.** The question stays the same, ten digits with their right names, but the target's
# images are rotated. At which angle does it stop paying to trust the upright source, if the strength of that trust is
# tuned at each angle? Choose a range:

# %%
print(ANGLES)


# %% exercise="3.5-predict"
def my_angle():
    """Return one of ANGLES."""
    ### BEGIN SOLUTION
    return "10 to 25 degrees"
    ### END SOLUTION


# %%
predict("3.5", my_angle)

# %%
from scipy import ndimage


def turned_by(angle):
    """Return the tables of pixels of the digits, rotated by an angle in degrees."""
    turn = {"axes": (2, 1), "reshape": False, "order": 1, "mode": "nearest"}
    return {part: pixels_of(ndimage.rotate(split.images[..., :1], angle, **turn)) for part, split in parts.items()}


angles = [0, 5, 10, 15, 20, 30, 45, 60]
views = {angle: turned_by(angle) for angle in angles}

# %% tags=["nbval-ignore-output"]
baselines = {angle: ten_scores(views[angle]) for angle in watched(angles, "angle")}

# %% tags=["nbval-ignore-output"]
by_angle = [np.subtract(ten_scores(views[angle], source), baselines[angle]) for angle in watched(angles, "angle")]

# %%
_ = plot_dial(angles, by_angle, "Other images", "angle of the target's images (degrees)")

# %% [markdown]
# The truth lies between two measured settings, so interpolate.


# %% exercise="3.5"
def break_even(dial, gains):
    """Return where the mean gain first falls to 0, on a straight line between settings; `None` if it never does.

    `dial` is `(num_settings,)`, increasing; `gains` is `(num_settings, num_seeds)`. If the first setting gains nothing,
    with a mean of 0 or below, the answer is that setting.
    """
    ### BEGIN SOLUTION
    means = np.mean(gains, axis=1)
    if (means > 0).all():
        return None
    first = int(np.argmax(means <= 0))
    if first == 0:
        return float(dial[0])
    before, after = means[first - 1], means[first]
    return float(dial[first - 1] + (dial[first] - dial[first - 1]) * before / (before - after))
    ### END SOLUTION


# %%
turned = {"angles": angles, "gains": by_angle}

# %% check="3.5" points=2
# Tried on lines that cross once, twice and never, and on your own dial.
check("3.5", break_even, turned)

# %% [markdown]
# ## Exercise 3.6: a distance that sees no labels
#
# Could you have known before you labelled anything? A *distance between domains* compares only images. The proxy
# A-distance asks a classifier to tell the domains apart: it is `2 (1 - 2 error)`, which is 0 if the classifier guesses
# and 2 if it makes no errors.
#
# Compare two sources: printed characters labelled *by character*, in eleven fonts (they help, with one label for each
# class), and the same characters labelled *by font*, in four (they hurt). Whose images are closer to the handwritten
# digits?

# %%
print(CLOSER)


# %% exercise="3.6-predict"
def my_closer():
    """Return one of CLOSER."""
    ### BEGIN SOLUTION
    return "about the same"
    ### END SOLUTION


# %%
predict("3.6", my_closer)

# %%
from tlkit.data import make_glyphs

four_fonts = ["DejaVuSans", "DejaVuSans-Bold", "STIXGeneral", "STIXGeneralBolIta"]
domains = {
    "by character": pixels_of(make_glyphs(6, seed=1).images),
    "by font": pixels_of(make_glyphs(6, seed=2, fonts=four_fonts).images),
    "digits": pixels["train"][:340],
}
for name in CLOSER[:2]:
    proxy, mmd = (measure(domains[name], domains["digits"]) for measure in (proxy_a_distance, squared_mmd))
    print(f"{name}: proxy A-distance {proxy:.1f}, squared MMD {mmd:.2f}")

# %% [markdown]
# The proxy A-distance is at its maximum for both, so it can't tell which is closer. The *maximum mean discrepancy*
# (MMD) has no such limit: it says how far apart the mean images are, in the space of a Gaussian kernel.

# %%
mmd = {name: squared_mmd(domains[name], domains["digits"]) for name in CLOSER[:2]}
assert abs(mmd["by character"] - mmd["by font"]) < 0.1 * max(mmd.values())
assert interval["glyphs", 1].low > 0 > interval["opposed", 1].high
print("By MMD the two differ by less than a tenth, but the gain of one lies above 0 and that of the other below.")

# %% [markdown]
# A distance between images can't see what is *asked* about them, so it is blind to the first two causes. What about the
# third? Here it is along the dial of angles:

# %%
upright, others = pixels["train"][is_source], ~is_source
distances = {
    "proxy A-distance": [proxy_a_distance(upright, views[angle]["train"][others]) for angle in angles],
    "squared MMD (x 4)": [4 * squared_mmd(upright, views[angle]["train"][others]) for angle in angles],
}
ax = new_axes(None, (5.4, 3.0))
for (name, values), line in zip(distances.items(), ("o-", "s--"), strict=True):
    ax.plot(values, 100 * np.mean(by_angle, axis=1), line, label=name)
ax.axhline(0, color="#222222", linewidth=0.9, linestyle=":")
ax.legend(frameon=False, labelcolor="#222222")
_ = finish(ax, "From 0 degrees, left, to 60, right", "distance from the source", "gain (points)")

# %%
from scipy import stats

proxy = dict(zip(angles, distances["proxy A-distance"], strict=True))
mean_gain = dict(zip(angles, np.mean(by_angle, axis=1), strict=True))
assert max(stats.spearmanr(values, list(mean_gain.values())).statistic for values in distances.values()) < -0.9
assert proxy[15] > 1.7
assert paired_interval(by_angle[angles.index(15)], np.zeros(10)).low > 0 > mean_gain[60]
print("At 15 degrees a classifier tells the domains apart almost without error, and the source still helps.")

# %% [markdown]
# Within *one* cause, the distance orders the gains. But the proxy distance soon gets close to 2, where it says the same
# about a source that helps and one that ruins. A distance is a warning, not a verdict. Write it, and mind which images
# the classifier is judged on, and how many there are from each domain.


# %% exercise="3.6"
def proxy_distance(a, b):
    """Return `2 * (1 - 2 * error)` of a linear classifier that tells the rows of `a` from those of `b`.

    `a` is `(num_images, num_features)`, `b` is `(other_num_images, num_features)`, with the rows of each in any order.
    The error is measured on images that the classifier has not seen, equally many from each domain.
    """
    ### BEGIN SOLUTION
    size, rng = min(len(a), len(b)), np.random.default_rng(0)
    a, b = (table[rng.permutation(len(table))[:size]] for table in (a, b))
    half = size // 2
    probe = linear_probe(np.concatenate([a[:half], b[:half]]), np.repeat([0, 1], half), strength=0.05)
    error = 1 - probe.score(np.concatenate([a[half:], b[half:]]), np.repeat([0, 1], size - half))
    return 2 * (1 - 2 * error)
    ### END SOLUTION


# %% check="3.6" points=3
# Tried on domains whose distance is known, with many features, and with unequal numbers of images.
check("3.6", proxy_distance, domains)

# %% [markdown]
# ## Exercise 3.7: how strong a pull?
#
# The way in which the target trusts its source has a name: *L2-SP*. It penalises not the size of the weights, but their
# distance from where they started. Without a pull, the source is forgotten; a strong pull returns it unchanged. So far,
# validation chose the strength; now look at all six.
#
# Which of the six is best at 15 degrees? The smallest is "weak", the largest "strong", and the others are "in between".

# %%
print(PULLS)


# %% exercise="3.7-predict"
def my_pull():
    """Return one of PULLS."""
    ### BEGIN SOLUTION
    return "in between"
    ### END SOLUTION


# %%
predict("3.7", my_pull)

# %% tags=["nbval-ignore-output"]
by_pull = {
    angle: [
        np.subtract([learn(views[angle], seed, strength, source) for seed in range(10)], baselines[angle])
        for strength in strengths
    ]
    for angle in watched((0, 15, 30, 60), "angle")
}

# %%
ax = new_axes(None, (5.4, 3.2))
for (angle, found), line in zip(by_pull.items(), ("o-", "s--", "^-.", "D:"), strict=True):
    ax.plot(strengths, 100 * np.mean(found, axis=1), line, label=f"{angle} degrees")
ax.axhline(0, color="#222222", linewidth=0.9, linestyle=":")
ax.set_xscale("log")
ax.legend(frameon=False, labelcolor="#222222")
best_pulls = [strengths[int(np.mean(found, axis=1).argmax())] for found in by_pull.values()]
title = "Best pull at 0, 15, 30, 60 degrees: " + ", ".join(f"{pull:g}" for pull in best_pulls)
_ = finish(ax, title, "strength of the pull", "gain (points), 10 seeds")

# %% tags=["nbval-ignore-output"]
fixed, best = (100 * np.mean(by_pull[30][strengths.index(pull)]) for pull in (0.1, best_pulls[2]))
print(f"at 30 degrees: {fixed:+.0f} points with a pull of 0.1, {best:+.0f} with the best")

# %%
assert best_pulls == sorted(best_pulls, reverse=True)
assert best_pulls[0] > best_pulls[-1]
assert all(paired_interval(row, np.zeros(10)).high < 0 for row in by_pull[60])
print("The further the source, the weaker the best pull. At 60 degrees every pull loses, the weakest too.")

# %% [markdown]
# Had we fixed the pull at 0.1 for all angles, the source would have looked ruinous at 30 degrees: an unfair comparison
# can hide a gain as well as invent one. It is a balance: if you pull too little, you waste the source; if you pull too
# much, you inherit its faults. And if the source is bad, even the weakest of these pulls leaves its trace. Write the
# penalty for a network that has some new layers.


# %% exercise="3.7"
def pull(weights, start, strength):
    """Return L2-SP: `strength / 2` times the sum of all squared distances of the weights from their start.

    `weights` is `{layer: array}`, `start` the same for the layers that came from the source; neither is changed. A
    layer that is not in `start` is new: it is pulled towards 0.
    """
    ### BEGIN SOLUTION
    return strength / 2 * sum(((array - start.get(layer, 0.0)) ** 2).sum() for layer, array in weights.items())
    ### END SOLUTION


# %%
balance = {"strengths": strengths, "gains": by_pull[15]}

# %% check="3.7" points=2
# Tried at the start, with a new head, at two strengths, and on your own balance.
check("3.7", pull, balance)

# %% [markdown]
# ## Exercise 3.8: do not lose
#
# Let's go back to the networks, with ten labels for each class. `colours` lost badly as long as it was frozen. What is
# the best rescue: to let the network learn, to take another source, both, or to take the pixels?

# %%
print(RESCUES)


# %% exercise="3.8-predict"
def my_rescue():
    """Return one of RESCUES: the one with the highest accuracy."""
    ### BEGIN SOLUTION
    return "glyphs unfrozen"
    ### END SOLUTION


# %%
predict("3.8", my_rescue)

# %%
from tlkit.freezing import freeze, unfreeze
from tlkit.restart import renew_optimizer


model = add_head(load_backbone("mobilenet_v3_small", weights=None), 10)
freeze(model)
unfreeze(model)
model.compile(keras.optimizers.Adam(1e-3), loss)
reader = keras.Model(model.inputs, model.outputs)  # the same weights, never compiled: traced once


def unfrozen(source):
    """Let all layers but BatchNorm learn, starting from a source's weights; return five test accuracies."""
    start, found = add_head(load_backbone(weights=source), 10).get_weights(), []
    for seed in watched(range(5), "run"):
        rows = draw(10, seed)
        model.set_weights(start)
        renew_optimizer(model)
        few = data.train.images[rows], labels["train"][rows]
        fit_together([model], [few], seeds=[seed], batch_size=25, epochs=10)
        answers = reader.predict(test.images, batch_size=128, verbose=0).argmax(axis=1)
        found.append(float(np.mean(answers == test.labels)))
    return found


# %% tags=["nbval-ignore-output"]
rescued = {"colours unfrozen": unfrozen("colours")}

# %% tags=["nbval-ignore-output"]
rescued["glyphs unfrozen"] = unfrozen("glyphs")

# %% tags=["nbval-ignore-output"]
rescued |= {"glyphs frozen": scores["glyphs"][:5], "pixels": scores["pixels"][:5]}
compare_runs({"colours frozen": scores["colours"][:5], **rescued}, baseline="pixels")

# %%
assert np.mean(rescued["colours unfrozen"]) > np.mean(scores["colours"][:5])
assert np.mean(rescued["glyphs unfrozen"]) > np.mean(rescued["glyphs frozen"])
print("Unfreezing wins back some of what irrelevant features lost; it lets good ones become better.")

# %% [markdown]
# Each unfrozen run had one learning rate, not the best of three, so whatever it gains, it gains with a handicap.
# Compare `colours unfrozen` with `pixels`: has the rescue made the transfer worth it, or only less bad? Then compare
# the two rows of `glyphs`. In 3.1, the verdict on this source was about frozen features. Transfer means a source *and*
# a way of using it.
#
# The safest rescue is a rule that may say no. You have a few labelled images, and a table of features for each source,
# including `pixels`. Choose without looking at any other image.


# %% exercise="3.8"
def choose_table(tables, labels):
    """Return the name of the table to learn from.

    `tables` is `{name: features (num_images, num_features)}`, `labels` are `(num_images,)`, sorted, three or more of
    each class. A linear classifier will be fitted to all labelled images of the table that you name. The best table is
    the one with which it is right most often on other images.
    """
    ### BEGIN SOLUTION
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import cross_val_score

    probe = LogisticRegression(max_iter=1000)
    found = {name: cross_val_score(probe, table, labels, cv=3).mean() for name, table in tables.items()}
    return max(found, key=found.get)
    ### END SOLUTION


# %%
rows = draw(10, 0)
own = {"tables": {name: table["train"][rows] for name, table in tables.items()}, "labels": labels["train"][rows]}

# %% check="3.8" points=3
# Tried on sources that help, sources that only memorize, three labels for each class, and your own tables.
check("3.8", choose_table, own, rescued)

# %% [markdown]
# ## On real photos
#
# Name a folder with one subfolder for each class, or set `DOWNLOAD = True` to fetch five kinds of flowers. Does a
# source help with photos, compared with their colours alone?

# %% tags=["nbval-ignore-output"]
MY_PHOTOS, DOWNLOAD = "", False  # for example "photos/pets", with photos/pets/cat/*.jpg and photos/pets/dog/*.jpg
photos = None
try:
    photos = images_from_folder(MY_PHOTOS) if MY_PHOTOS else load_dataset("flowers", size=64) if DOWNLOAD else None
except (OSError, ValueError) as error:
    print(f"These photos cannot be used: {error}")
if photos is None:
    print("No photos yet: this part waits until you have some.")


# %% tags=["nbval-ignore-output"]
def gains_on(photos):
    """Print what photos and glyphs gain over the pixels, in five draws of half of the training photos."""
    split, found = (photos.train, photos.val), {}
    for source in ("photos", "glyphs", None):
        if source:
            backbone = load_backbone("mobilenet_v3_small", weights=source)
            few, judged = (backbone.predict(part.images, verbose=0).mean(axis=(1, 2)) for part in split)
        else:
            few, judged = (part.images[:, 4::8, 4::8].reshape(len(part), -1) / 255 for part in split)
        halves = [np.random.default_rng(seed).permutation(len(few))[: len(few) // 2] for seed in range(5)]
        probes = [linear_probe(few[half], photos.train.labels[half], strength=0.05) for half in halves]
        found[source or "pixels"] = [probe.score(judged, photos.val.labels) for probe in probes]
    print(compare_runs(found, baseline="pixels"))


if photos is not None:
    gains_on(photos)

# %% [markdown]
# ## What we saw
#
# - Negative transfer is a comparison. Against a weak baseline, anything helps. The fair baseline is the best you could
#   do without the source, and both sides are tuned and chosen in the same way.
# - It belongs to a source, a target, a budget, *and a way of using the source*: what helps with one label for each
#   class may not be needed with thirty, and what a frozen source loses may be won back when it goes on learning.
# - One seed lies. Ten paired seeds and an interval say what is known about other training images, and what isn't.
# - There are three causes: another question, irrelevant features, other images. A distance between images sees only
#   the last one.
# - The remedies are a weaker pull, more layers that learn, another source, or none. A rule that may say no doesn't
#   lose much.
#
# Write down what you believe now, in one sentence each. The card shows it next to what you predicted and measured.


# %% exercise="3.8-believe"
def my_beliefs():
    """Return `{"3.1": ..., "3.2": ..., "3.3": ..., "3.5": ..., "3.6": ..., "3.7": ..., "3.8": ...}`, in your words."""
    ### BEGIN SOLUTION
    return {
        "3.1": "Before I praise a source I ask what the simplest way without it reaches.",
        "3.2": "The fewer the labels, the more a source can give, or take.",
        "3.3": "One run is an anecdote.",
        "3.5": "Small shifts are forgiven, larger ones are not.",
        "3.6": "A distance between images warns of other images, and of nothing else.",
        "3.7": "How much to trust the source is a setting to tune, like any other.",
        "3.8": "I let validation choose, and no transfer is among the choices.",
    }
    ### END SOLUTION


# %% tags=["nbval-ignore-output"]
signs = [each.verdict for each in interval.values()]
place = int(np.argmax(np.mean(by_pull[15], axis=1)))
strong = PULLS[0] if place == 0 else PULLS[2] if place == len(strengths) - 1 else PULLS[1]
measured = {
    "3.1": "; ".join(f"{name}: {found.verdict}" for name, found in honest.items()),
    "3.2": f"{signs.count('negative')} negative, {signs.count('positive')} positive",
    "3.3": f"{num_liars} of 10 seeds without the sign of the mean",
    "3.5": "; ".join(f"{100 * mean_gain[angle]:+.0f} points at {angle} degrees" for angle in (20, 30, 45)),
    "3.6": "; ".join(f"{name}: squared MMD {value:.2f}" for name, value in mmd.items()),
    "3.7": f"best of six: {strengths[place]:g}, {strong}",
    "3.8": "; ".join(f"{name}: {np.mean(found):.0%}" for name, found in rescued.items()),
}
lesson_card(3, measured=measured, believed=my_beliefs)

# %% tags=["nbval-ignore-output"]
progress(3)

# %% [markdown]
# ## In your own words
#
# **What do you believe now, and which of your figures says so?** Double-click the next cell, and replace its text with
# two or three sentences. No check can read them: in a course, a person does, and their points are counted separately.

# %% [markdown] essay="3.9" points=2
# I believe that "transfer hurts" means nothing without the baseline: the photos look helpful against a poor one, but
# their interval lies below zero against plain pixels that were tuned as well (row 3.1). And I wouldn't say so after one
# seed: even in a decided cell, some of my ten seeds did not have the sign of the mean (3.3).

# %% [markdown]
# ## References
#
# - Wang et al. (2019), [Characterizing and avoiding negative transfer](https://arxiv.org/abs/1811.09751)
# - Ben-David et al. (2007), [Analysis of representations for domain
#   adaptation](https://papers.nips.cc/paper/2983-analysis-of-representations-for-domain-adaptation)
# - Gretton et al. (2012), [A kernel two-sample test](https://jmlr.org/papers/v13/gretton12a.html)
# - Li, Grandvalet and Davoine (2018), [Explicit inductive bias for transfer learning](https://arxiv.org/abs/1802.01483)
# - Kornblith, Shlens and Le (2019), [Do better ImageNet models transfer better?](https://arxiv.org/abs/1805.08974)
