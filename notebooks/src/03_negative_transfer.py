# ---
# jupyter:
#   tlkit: {"minutes": 75}
# ---

# %% [markdown]
# # When is it better not to transfer at all?
#
# About 75 minutes, of which two cores compute less than five. You will
#
# - define negative transfer against a fair baseline, and map it: five sources, four budgets, ten seeds, intervals;
# - turn the dials of its three causes, and see what a distance between domains can foretell and what it cannot;
# - rescue a bad transfer: pull less, unfreeze more, take another source, or do not transfer.
#
# "Pre-trained is better" is a claim like any other: predict, run, and let your own numbers decide. `hint("3.2")` in a
# cell of your own gives the first of three steps for exercise 3.2.

# %%
from tlkit.backbones import add_head, load_backbone
from tlkit.checks import check, hint, predict, progress
from tlkit.checks.lesson_03 import ANGLES, CLOSER, PULLS, RESCUES, SOURCES, UNFAIR
from tlkit.checks.lesson_card import lesson_card
from tlkit.data import Split, images_from_folder, load_dataset
from tlkit.domains import Anchored, fit_anchored, proxy_a_distance, squared_mmd
from tlkit.measure import compare_runs, paired_interval, transfer_gain
from tlkit.plots import show_images
from tlkit.probes import linear_probe
from tlkit.speed import cache_features, fit
from tlkit_widgets import GainMap

import keras
import numpy as np

keras.utils.set_random_seed(0)

# %% [markdown]
# ## One target, five sources
#
# The *target* is handwriting: ten digits, few labels. Five networks of one architecture offer their features. They
# learned from photos; from printed characters (`glyphs`); from the hues of blobs, whatever their shape (`colours`);
# from the same characters, labelled by their *font* (`opposed`); and from nothing (`random`).

# %%
data = load_dataset("digits")
examples = data.train.take_per_class(2)
_ = show_images(examples.images, examples.labels, data.class_names, columns=10, title="Two images a class")

# %% [markdown]
# Every choice below is made on validation images. So the vault is opened now, for results only. Each network sees each
# image once; its features then serve every seed and every budget.

# %%
test = data.test.open("results of lesson 3; all choices are made on validation images")
parts = {"train": data.train, "val": data.val, "test": test}
labels = {part: split.labels for part, split in parts.items()}


def features_of(source):
    """Return `{part: features (num_images, 576)}`: what a frozen network says of each image."""
    backbone = load_backbone("mobilenet_v3_small", weights=source)
    pooled = keras.layers.GlobalAveragePooling2D()(backbone.output)
    prefix = keras.Model(backbone.inputs, pooled)
    return {part: cache_features(prefix, split).features for part, split in parts.items()}


# %% tags=["nbval-ignore-output"]
tables = {source: features_of(source) for source in SOURCES}

# %% [markdown]
# And a way *without* a source: the image itself, as 8 x 8 levels of grey.


# %%
def pixels_of(images):
    """Return `(num_images, 64)`: the mean grey of 8 x 8 patches, in [0, 1]."""
    grey = images.mean(axis=-1)
    return grey.reshape(len(grey), 8, 8, 8, 8).mean(axis=(2, 4)).reshape(len(grey), 64) / 255


tables["pixels"] = {part: pixels_of(split.images) for part, split in parts.items()}


# %% [markdown]
# All six get the same treatment: the same images, the same linear classifier, the best of three penalties on
# validation (with a draw of images that is not used again), ten seeds.


# %%
def draw(budget, seed, among=None):
    """Return the rows of `budget` training images a class; a larger budget contains the smaller one."""
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
# Ten labels a class. Which of the five will *help*, compared with the best that you could do without any of them?


# %% exercise="3.1-predict"
def my_helpers():
    """Return a list of those of SOURCES that help with 10 labels a class; it may be empty."""
    ### BEGIN SOLUTION
    return ["photos", "glyphs"]
    ### END SOLUTION


# %%
predict("3.1", my_helpers)

# %%
results = {10: {name: run(table, 10) for name, table in tables.items()}}
scores = {name: found["test"] for name, found in results[10].items()}

# %% [markdown]
# First the wrong way. Many papers compare with an *untrained* network of the same kind. By that measure the network
# that only ever looked at hues is a great help in reading digits:

# %% tags=["nbval-ignore-output"]
compare_runs({name: scores[name] for name in ("random", "colours", "opposed")}, baseline="random")

# %%
flattered = transfer_gain(scores["colours"], scores["random"])
assert flattered.low > 0
print("Against an untrained network, hues help beyond doubt.")

# %% [markdown]
# Doubt it. Who would read digits with an untrained network? Ask what the six reach.

# %% tags=["nbval-ignore-output"]
compare_runs(scores, baseline="pixels")

# %%
honest = {name: transfer_gain(scores[name], scores["pixels"]) for name in SOURCES}
assert max(honest["colours"].high, honest["opposed"].high) < 0
print("Against 64 levels of grey, hues and fonts hurt beyond doubt: that is negative transfer.")

# %% [markdown]
# *Transfer is negative where the whole interval of its gain lies below 0, against the best way without the source that
# had the same images, the same tuning and the same selection.* "No gain shown" is not negative.
#
# Is the same network, trained from scratch, a stronger way than the pixels? At ten labels a class it takes minutes for
# a seed, so here is what `python -m tests.benchmarks.transfer_map` recorded, tuned alike, with other draws.

# %%
import json

from tlkit.data import data_dir

record = json.loads((data_dir() / "weights" / "transfer_map.json").read_text("utf-8"))
from_scratch = record["cells"]["scratch | digits 10"]["scores"]
assert np.mean(from_scratch) < np.mean(scores["pixels"])
print("The network from scratch stays below the pixels: with few labels, the simple way is the strong one.")

# %% [markdown]
# Write the definition down.


# %% exercise="3.1"
def gain(transfer, ways):
    """Return the mean gain over the best way without a source, and its 95 % interval: `(mean, low, high)`.

    `transfer` is `(num_seeds,)` test accuracies. `ways` is `{name: {"validation": accuracy, "test": (num_seeds,)}}`;
    the best way is the one with the best *validation* accuracy.
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
# Tried on ways that are weak, lucky or first in line, on few seeds, and on your own runs.
check("3.1", gain, at_ten)

# %% [markdown]
# ## Exercise 3.2: a map with doubts
#
# Now all budgets: 1, 3, 10 and 30 labels a class. Five sources, four budgets: twenty cells. In how many does transfer
# hurt beyond doubt?


# %% exercise="3.2-predict"
def my_negative_cells():
    """Return how many of the 20 cells will be negative."""
    ### BEGIN SOLUTION
    return 15
    ### END SOLUTION


# %%
predict("3.2", my_negative_cells)

# %% tags=["nbval-ignore-output"]
budgets = [1, 3, 10, 30]
bar = keras.utils.Progbar(len(budgets) - 1, unit_name="budget")
for budget in (1, 3, 30):
    results[budget] = {name: run(table, budget) for name, table in tables.items()}
    bar.add(1)

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
print("With one label a class, printed characters help and hues hurt; with thirty, the help is spent.")

# %% [markdown]
# The more labels there are, the less a source can give: the same source may help with one label a class and not with
# thirty. Which cells may you colour? Write the rule. Beware: where nothing is gained at all, a 95 % interval still
# excludes 0 in one cell of twenty.


# %% exercise="3.2"
def mark(gains):
    """Return `(num_sources, num_budgets)`: 1 or -1 where the 95 % interval of the mean excludes 0, else 0.

    `gains` is `(num_sources, num_budgets, num_seeds)`, differences that are paired by seed.
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
# Most published comparisons show one run. Here is the map as one seed draws it. **Press *Draw other seeds* until a
# green cell turns red.** Then press that cell, to see its ten runs, and drag the slider to 10.

# %%
one_seed = GainMap(gains, SOURCES, budgets, num_seeds=1)
one_seed

# %% [markdown]
# Take the cell whose mean is nearest to 0. How many of its ten seeds, alone, would have told the wrong sign?


# %% exercise="3.3-predict"
def my_liars():
    """Return how many of the ten seeds of that cell lie, from 0 to 10."""
    ### BEGIN SOLUTION
    return 4
    ### END SOLUTION


# %%
predict("3.3", my_liars)

# %%
flat = gains.reshape(-1, 10)
cell = flat[np.abs(flat.mean(axis=1)).argmin()]
num_liars = int((np.sign(cell) != np.sign(cell.mean())).sum())
assert num_liars > 0
print("Some of its ten seeds have the wrong sign. Drawn alone, each of these would have been a finding.")

# %% [markdown]
# How many seeds are enough? Go through all groups of `k` seeds, and count those that lie.


# %% exercise="3.3"
def lies(gains, k):
    """Return the share of all groups of `k` seeds whose mean has another sign than the mean of all seeds."""
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
# Three reports on one question: do printed characters help with ten labels a class? All numbers are measured, just now.

# %% tags=["nbval-ignore-output"]
pixels, glyphs = tables["pixels"], tables["glyphs"]
untuned = [score(pixels, 10, seed, 1e-5) for seed in range(10)]
reports = {
    "A: against an untrained network": (scores["glyphs"], scores["random"]),
    "B: three settings tried for the source, one for the pixels": (scores["glyphs"], untuned),
    "C: 30 labels a class for the source, 10 for the pixels": (results[30]["glyphs"]["test"], scores["pixels"]),
}
for claim, (transfer, baseline) in reports.items():
    print(f"{claim}: {transfer_gain(transfer, baseline)}")

# %%
assert all(transfer_gain(*pair).low > 0 for pair in reports.values())
assert honest["glyphs"].low < 0
print("Three reports say 'help, beyond doubt'. With a fair baseline there is no such gain.")

# %% [markdown]
# A referee's tool: what is unfair about a report? *labels*, *settings tried* and *seeds* must be the same on both
# sides; nothing may be *chosen on* the test; and the baseline's *way* must be the best, on validation, of those without
# a source.

# %%
print("What can be unfair:", UNFAIR)
example = {
    "transfer": {"way": "glyphs", "labels": 10, "settings tried": 3, "chosen on": "validation", "seeds": [0, 1, 2]},
    "baseline": {"way": "random", "labels": 10, "settings tried": 3, "chosen on": "validation", "seeds": [2, 0, 1]},
    "ways": {"pixels": 0.89, "random": 0.52},  # without a source: name and validation accuracy
}


# %% exercise="3.4"
def what_is_unfair(report):
    """Return a list of what is unfair, names among UNFAIR; `["way"]` for the example, `[]` if all is fair."""
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
# Tried on fair reports, on each unfairness alone, on three at once, and on two sides that sin alike.
check("3.4", what_is_unfair)

# %% [markdown]
# ## Three causes, three dials
#
# Why does a source hurt? Because it asks *another question*, because its features are *irrelevant*, or because its
# *images* look otherwise. In life they come together; here each has a dial, from harmless to ruinous.
#
# **The first dial: another question.** Half of the digits play the source: a classifier learns from all their labels.
# The target has three labels a class of the other half, and *trusts* the source: its weights are pulled towards those
# of the source. The dial renames the source's classes: with 4, what the source calls 0, 1, 2, 3 is 3, 0, 1, 2 for you.

# %%
is_source = np.arange(len(labels["train"])) % 2 == 0
source = fit_anchored(pixels["train"][is_source], labels["train"][is_source], 10)


def learn(table, seed, strength, start=None, part="test"):
    """Learn from 3 images a class of the other half, pulled towards `start`, or towards 0; return the accuracy."""
    rows = draw(3, seed, ~is_source)
    found = fit_anchored(table["train"][rows], labels["train"][rows], 10, start=start, strength=strength)
    return found.score(table[part], labels[part])


strengths = [1e-4, 1e-3, 1e-2, 1e-1, 1.0, 10.0]


def learn_alone(table):
    """Return the accuracies without a source, one a seed; the strength is chosen on validation."""
    best = max(strengths, key=lambda strength: learn(table, 100, strength, part="val"))
    return [learn(table, seed, best) for seed in range(10)]


# %%
def renamed(num_classes):
    """Return the source with the names of its first classes handed on, each to the next."""
    weights = source.weights.copy()
    weights[:, :num_classes] = np.roll(weights[:, :num_classes], 1, axis=1)
    return Anchored(weights)


alone = learn_alone(pixels)
other_names = [0, 2, 4, 6, 8, 10]
by_task = [np.subtract([learn(pixels, seed, 0.1, renamed(n)) for seed in range(10)], alone) for n in other_names]

# %%
from tlkit.plots.style import finish, new_axes


def plot_dial(values, gains, title, xlabel):
    """Draw the mean gain at each setting of a dial, with its 95 % interval."""
    found = [paired_interval(row, np.zeros(len(row))) for row in gains]
    means = 100 * np.array([each.mean for each in found])
    reach = 100 * np.array([each.high - each.mean for each in found])
    ax = new_axes(None, (5.4, 2.8))
    ax.errorbar(values, means, yerr=reach, fmt="o-", capsize=4)
    ax.axhline(0, color="#222222", linewidth=0.9, linestyle=":")
    return finish(ax, title, xlabel, "gain (points), 95 % interval")


_ = plot_dial(other_names, by_task, "A source that asks another question hurts", "classes under another name")

# %% [markdown]
# **The second dial: irrelevant features.** Of the 576 features that `glyphs` has, a share is replaced by as many of
# `colours`: true features of a well-trained network, about something that does not matter here. One label a class.


# %%
def mixed(share):
    """Return the tables of `glyphs` with a share of the features, always in the same order, taken from `colours`."""
    is_hue = np.random.default_rng(0).permutation(576) < share * 576
    return {part: np.where(is_hue, tables["colours"][part], tables["glyphs"][part]) for part in parts}


shares = [0, 0.25, 0.5, 0.75, 1]
by_features = [np.subtract(run(mixed(share), 1)["test"], results[1]["pixels"]["test"]) for share in shares]
percent = [100 * share for share in shares]
_ = plot_dial(percent, by_features, "Features of hues drown those of shapes", "% of features from colours")

# %%
for found in (by_task, by_features):
    first, last = (paired_interval(row, np.zeros(10)) for row in (found[0], found[-1]))
    assert first.low > 0 > last.high
print("Both dials lead from a gain beyond doubt to a loss beyond doubt.")

# %% [markdown]
# ## Exercise 3.5: how far is too far?
#
# **The third dial: other images.** The question stays the same, ten digits with their right names, but the target's
# images are turned. At which angle does trusting the upright source stop to pay? Is it one of these?

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
    """Return the tables of pixels of the digits, turned by an angle in degrees."""
    turn = {"axes": (2, 1), "reshape": False, "order": 1, "mode": "nearest"}
    return {part: pixels_of(ndimage.rotate(split.images[..., :1], angle, **turn)) for part, split in parts.items()}


angles = [0, 5, 10, 15, 20, 30, 45, 60]
views = {angle: turned_by(angle) for angle in angles}
baselines = {angle: learn_alone(views[angle]) for angle in angles}

# %%
by_angle = [
    np.subtract([learn(views[angle], seed, 0.1, source) for seed in range(10)], baselines[angle]) for angle in angles
]
_ = plot_dial(angles, by_angle, "A source of upright digits stops to pay", "angle of the target's images (degrees)")

# %% [markdown]
# Between two settings the truth lies on no measured point. Interpolate.


# %% exercise="3.5"
def break_even(dial, gains):
    """Return where the mean gain first falls to 0, on a straight line between settings; `None` if it never does.

    `dial` is `(num_settings,)`, growing; `gains` is `(num_settings, num_seeds)`. If the first setting already loses,
    the answer is that setting.
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
# Could you have known before you labelled anything? A *distance between domains* compares images alone. The proxy
# A-distance asks a classifier to tell the domains apart: `2 (1 - 2 error)`, 0 if it guesses, 2 if it never errs.
#
# Two sources to compare: printed characters labelled *by character* (they help, at one label a class), and *by font*
# (they hurt). Whose images are closer to the handwritten digits?

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
    print(f"{name}: proxy A-distance {proxy:.1f}, squared MMD {mmd:.1f}")

# %%
assert interval["glyphs", 1].low > 0 > interval["opposed", 1].high
print("The same pictures at the same distance: one source helps beyond doubt, the other hurts beyond doubt.")

# %% [markdown]
# A distance between images cannot see what is *asked* of them, so it is blind to the first two causes. And to the
# third? The maximum mean discrepancy (MMD) is a second distance: how far apart the mean images are, in the space of a
# Gaussian kernel. Along the dial of angles:

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
_ = finish(ax, "The further the images, the less there is to gain", "distance from the source", "gain (points)")

# %%
proxy = dict(zip(angles, distances["proxy A-distance"], strict=True))
mean_gain = dict(zip(angles, np.mean(by_angle, axis=1), strict=True))
assert proxy[15] > 1.7
assert mean_gain[15] > 0 > mean_gain[60]
print("At 15 degrees a classifier tells the domains apart almost without error, and the source still helps.")

# %% [markdown]
# Within *one* cause the distance orders the gains. But the proxy distance soon ends at 2, where it says the same of a
# source that helps and of one that ruins. A distance is a warning, not a verdict. Write it; mind on which images the
# classifier is judged, and how many there are of each domain.


# %% exercise="3.6"
def proxy_distance(a, b):
    """Return `2 * (1 - 2 * error)` of a linear classifier that tells the rows of `a` from those of `b`.

    `a` is `(num_images, num_features)`, `b` is `(other_num_images, num_features)`. The error is measured on images
    that the classifier has not seen, as many of each domain.
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
# Until now the target trusted its source, come what may. *L2-SP* makes trust a dial: the penalty is not the size of the
# weights, but their distance from where they started. No pull forgets the source, a strong one returns it unchanged.
#
# At 15 degrees: which of the six strengths is best? The smallest is "weak", the largest "strong".

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

# %%
by_pull = {
    angle: [
        np.subtract([learn(views[angle], seed, strength, source) for seed in range(10)], baselines[angle])
        for strength in strengths
    ]
    for angle in (0, 15, 30, 60)
}

# %%
ax = new_axes(None, (5.4, 3.2))
for (angle, found), line in zip(by_pull.items(), ("o-", "s--", "^-.", "D:"), strict=True):
    ax.plot(strengths, 100 * np.mean(found, axis=1), line, label=f"{angle} degrees")
ax.axhline(0, color="#222222", linewidth=0.9, linestyle=":")
ax.set_xscale("log")
ax.legend(frameon=False, labelcolor="#222222")
_ = finish(ax, "The further the source, the weaker the best pull", "strength of the pull", "gain (points), 10 seeds")

# %%
at_sixty = [paired_interval(row, np.zeros(10)) for row in by_pull[60]]
assert all(found.high < 0 for found in at_sixty)
assert np.mean(by_pull[30][0]) > np.mean(by_pull[30][-1])
print("At 60 degrees every pull loses beyond doubt, the weakest too. Adapting may cost more than not transferring.")

# %% [markdown]
# A balance: pull too little and you waste the source, too much and you inherit its faults. And where the source is bad,
# even a start that is hardly held leaves its trace. Write the penalty for a network, some of whose layers are new.


# %% exercise="3.7"
def pull(weights, start, strength):
    """Return L2-SP: `strength / 2` times the sum of all squared distances of the weights from their start.

    `weights` is `{layer: array}`, `start` the same for the layers that came from the source. A layer that is not in
    `start` is new: it is pulled towards 0.
    """
    ### BEGIN SOLUTION
    return strength / 2 * sum(((array - start.get(layer, 0.0)) ** 2).sum() for layer, array in weights.items())
    ### END SOLUTION


# %%
balance = {"strengths": strengths, "gains": by_pull[15]}

# %% check="3.7" points=2
# At the start, with a new head, at two strengths, and your own balance.
check("3.7", pull, balance)

# %% [markdown]
# ## Exercise 3.8: do not lose
#
# Back to the networks, ten labels a class. `colours` lost badly as long as it was frozen. What is the best rescue: let
# the whole network learn, take another source, both, or the pixels?

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


def unfrozen(source):
    """Let all layers learn, BatchNorm at rest, from the weights of a source; return five test accuracies."""
    model = add_head(load_backbone(weights=source), 10)
    freeze(model)
    unfreeze(model)
    start, found = model.get_weights(), []
    reader = keras.Model(model.inputs, model.outputs)  # the same weights, never compiled: traced once
    bar = keras.utils.Progbar(5, unit_name="run")
    for seed in range(5):
        rows = draw(10, seed)
        few = Split(data.train.images[rows], labels["train"][rows], data.class_names)
        model.set_weights(start)
        model.compile(keras.optimizers.Adam(1e-3), keras.losses.SparseCategoricalCrossentropy(from_logits=True))
        fit(model, few.as_dataset(25, shuffle=True, seed=seed), epochs=15)
        answers = reader.predict(test.images, batch_size=128, verbose=0).argmax(axis=1)
        found.append(float(np.mean(answers == test.labels)))
        bar.add(1)
    return found


# %% tags=["nbval-ignore-output"]
rescued = {"colours unfrozen": unfrozen("colours")}

# %% tags=["nbval-ignore-output"]
rescued["glyphs unfrozen"] = unfrozen("glyphs")

# %% tags=["nbval-ignore-output"]
rescued |= {"glyphs frozen": scores["glyphs"][:5], "pixels": scores["pixels"][:5]}
compare_runs({"colours frozen": scores["colours"][:5], **rescued}, baseline="pixels")

# %%
assert paired_interval(rescued["colours unfrozen"], scores["colours"][:5]).low > 0
assert np.mean(rescued["glyphs unfrozen"]) > np.mean(rescued["glyphs frozen"])
print("Unfreezing wins back most of what irrelevant features lost; it lets good ones become better.")

# %% [markdown]
# Each unfrozen run had one learning rate, not the best of three: what it gains is gained with a handicap. Compare
# `colours unfrozen` with `pixels`: has the rescue made the transfer worth it, or only less bad?
#
# The surest rescue is a rule that may say no. You have a few labelled images, and a table of features for each source,
# `pixels` among them. Choose without a look at any other image.


# %% exercise="3.8"
def choose_table(tables, labels):
    """Return the name of the table to learn from.

    `tables` is `{name: features (num_images, num_features)}`, `labels` are `(num_images,)`, sorted, three or more of
    each class. A linear classifier will be fitted to the table that you name.
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
# Tried on sources that help, sources that only fit by heart, three labels a class, and your own tables.
check("3.8", choose_table, own, rescued)

# %% [markdown]
# ## On real photos
#
# Name a folder with one subfolder a class, or say `DOWNLOAD = True` to fetch five kinds of flowers. Does a source help
# on photos, compared with their colours alone?

# %% tags=["nbval-ignore-output"]
MY_PHOTOS, DOWNLOAD = "", False  # for example "photos/pets", with photos/pets/cat/*.jpg and photos/pets/dog/*.jpg
photos = None
try:
    photos = images_from_folder(MY_PHOTOS) if MY_PHOTOS else load_dataset("flowers", size=64) if DOWNLOAD else None
except OSError as error:
    print(f"The photos could not be fetched: {error}")
if photos is None:
    print("No photos named: this part waits until you have some.")


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
# - Negative transfer is a comparison. Against a weak baseline anything helps; the fair one is the best that you would
#   do without the source, tuned and chosen alike.
# - It belongs to a source, a target *and* a budget: one label a class is grateful for what thirty do not need.
# - One seed lies. Ten paired seeds and an interval say what is known, and what is not.
# - Three causes: another question, irrelevant features, other images. A distance between images sees only the last.
# - Cures: a weaker pull, more layers that learn, another source, none. A rule that may say no does not lose much.
#
# Write down what you believe now, in a sentence each. The card keeps it beside what you predicted and measured.


# %% exercise="3.8-believe"
def my_beliefs():
    """Return `{"3.1": ..., "3.2": ..., "3.3": ..., "3.5": ..., "3.6": ..., "3.7": ..., "3.8": ...}` in own words."""
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
place = strengths[int(np.argmax(np.mean(by_pull[15], axis=1)))]
measured = {
    "3.1": "; ".join(f"{name}: {found.verdict}" for name, found in honest.items()),
    "3.2": f"{signs.count('negative')} negative, {signs.count('positive')} positive",
    "3.3": f"{num_liars} of 10 seeds with the wrong sign",
    "3.5": f"{100 * mean_gain[15]:+.0f} points at 15 degrees, {100 * mean_gain[30]:+.0f} at 30",
    "3.6": "the same distance, opposite gains",
    "3.7": f"best at {place:g}",
    "3.8": "; ".join(f"{name}: {np.mean(found):.0%}" for name, found in rescued.items()),
}
lesson_card(3, measured=measured, believed=my_beliefs)

# %% tags=["nbval-ignore-output"]
progress(3)

# %% [markdown]
# ## References
#
# - Wang et al. (2019), [Characterizing and avoiding negative transfer](https://arxiv.org/abs/1811.09751)
# - Ben-David et al. (2007), [Analysis of representations for domain adaptation](https://papers.nips.cc/paper/2983-analysis-of-representations-for-domain-adaptation)
# - Gretton et al. (2012), [A kernel two-sample test](https://jmlr.org/papers/v13/gretton12a.html)
# - Li, Grandvalet and Davoine (2018), [Explicit inductive bias for transfer learning](https://arxiv.org/abs/1802.01483)
# - Kornblith, Shlens and Le (2019), [Do better ImageNet models transfer better?](https://arxiv.org/abs/1805.08974)
