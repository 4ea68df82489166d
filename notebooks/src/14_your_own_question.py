# ---
# jupyter:
#   tlkit: {"minutes": 90}
# ---

# %% [markdown]
# # Does transfer help with a question of your own?
#
# This takes about 100 minutes, about two of which are computing time on two CPU cores. You will
#
# - make a whole study with your own photos: a data card, a plan that is locked, a leak scan, a comparison, a verdict;
# - look at errors one by one, choose a threshold by what errors cost, and see what a shift of the photos does to it;
# - open the vault once, export a model that tests itself, and read an operating point of a medical case.
#
# This lesson gives you no question. It gives you the order in which an honest study asks one. `hint("14.2")` in a cell
# of your own gives the first of three hints for exercise 14.2.

# %%
from tlkit.backbones import load_backbone
from tlkit.checks import check, hint, lesson_card, predict, progress
from tlkit.data import load_cutouts, load_dataset, load_objects
from tlkit.data.embedded_arrays import read_arrays
from tlkit.exercises.lesson_14_your_own_question.shown import ALARMS, COSTS, FAULTS, LEAKS, NUM_DEALS, PLAN
from tlkit.exercises.lesson_14_your_own_question.shown import SCHEMA, SHIFTS, SHRUNK, SIDES, SMALLEST, VERDICTS
from tlkit.measure import operating_point, paired_interval, predictive_values, share_interval, threshold_at
from tlkit.plots import show_images
from tlkit.probes import linear_probe
from tlkit.study import Settings, export_study, plan_study, read_study_photos, run_study, write_report
from tlkit.study.draws import deal
from tlkit.study.verdict import corrected_interval
from tlkit_widgets import Confusion

import tempfile
import time
from pathlib import Path

import keras
import numpy as np
from PIL import Image
from sklearn.model_selection import StratifiedGroupKFold

keras.utils.set_random_seed(0)

# %% [markdown]
# ## On your own data
#
# Put photos into a folder with one subfolder for each class, and name it here; nothing is written there. If several
# photos show one thing (an animal, a site, a day), let `MY_GROUPS` say which part of a file's name tells it.
#
# Without a folder of your own, you study drawings: clip art of ten kinds of things, written into a folder just as your
# photos would lie. Drawings of one thing, as in two colours, share a number in their names. Then everything that this
# text claims is checked in the cells; with your own photos, only your own figures speak.

# %%
MY_PHOTOS = ""  # for example "photos/pets", with photos/pets/cat/*.jpg and photos/pets/dog/*.jpg
MY_GROUPS = None  # for example r"site\d+", for names such as site12_morning.jpg

# %%
place = tempfile.TemporaryDirectory()


def write_drawings(root):
    """Write drawings as PNG files, `root/bird/thing12_train3.png`; return the folder."""
    drawings, cutouts = load_objects("drawn"), load_cutouts("drawn")
    for part in ("train", "val"):
        split, things = getattr(drawings, part), getattr(cutouts, part)["group"]
        for row, (image, label, thing) in enumerate(zip(split.images, split.labels, things, strict=True)):
            name = drawings.class_names[label]
            if name != "fish":  # seven different ones are too few to be dealt
                (root / name).mkdir(parents=True, exist_ok=True)
                Image.fromarray(image).save(root / name / f"thing{int(thing)}_{part}{row}.png")
    return root


folder = Path(MY_PHOTOS).expanduser() if MY_PHOTOS else write_drawings(Path(place.name) / "drawings")
settings = Settings(seeds=5, budget_minutes=0.05, group_by=MY_GROUPS if MY_PHOTOS else r"thing\d+")

# %%
photos = read_study_photos(folder, settings)
images, labels, groups, names = photos.images(64), photos.labels, photos.groups, photos.class_names
order = np.random.default_rng(0).permutation(len(labels))
some = np.concatenate([order[labels[order] == label][:2] for label in range(len(names))])
_ = show_images(images[some], labels[some], names, columns=10, title="Two photos of each class")

# %% tags=["nbval-ignore-output"]
print(photos.describe())

# %% [markdown]
# A fifth of the photos went into the vault. Everything below is decided on the rest.
#
# ## Exercise 14.1: a card, and a plan that is locked
#
# Before the first figure, write down what you have and what you want. A *data card* says where photos come from, what
# they show, and what they cannot show. A schema says which fields a card must have, and of which kind. This card is of
# the drawings; with photos of your own, write your own.

# %%
data_card = {
    "question": "Do features learned on photos help to tell ten kinds of drawings apart?",
    "source": "the Open Clip Art Library, by way of Debian; its fish were left out, for they are too few",
    "licence": "public domain",
    "photos": len(labels),
    "classes": dict(zip(names, np.bincount(labels).tolist(), strict=True)),
    "cannot show": "scenes: each thing is whole, centred and alone on white ground",
}
for name, kind in SCHEMA.items():
    print(f"{name:12} {kind:7} {data_card[name]}")

# %% [markdown]
# A *plan* says what is compared, what it is judged on, which gain is large enough to be worth the trouble, and what
# would change your mind. It is locked now, before anything is trained. Afterwards, each of us finds reasons why exactly
# this result was to be expected.


# %% exercise="14.1-predict"
def my_plan():
    """Return a dictionary with the keys in PLAN: texts, and a share from 0 to 1 for the smallest gain that pays."""
    ### BEGIN SOLUTION
    return {
        "compare": "a probe on features of photos, and the best way without them",
        "judged on": "balanced accuracy on held-out groups, in five deals",
        "smallest gain that pays": 0.05,
        "would change my mind": "an interval that ends below five points",
    }
    ### END SOLUTION


# %%
print(PLAN)
predict("14.1", my_plan)

# %% [markdown]
# A card that nobody checks is soon half empty. Write the check.


# %% exercise="14.1"
def card_faults(card, schema):
    """Return a list of the schema's fields that the card lacks, or that are not of their kind; `[]` if all are well.

    `schema` is `{field: kind}`. A `"text"` is a string with more than spaces in it; a `"count"` is a whole number above
    0 (and `True` is none); `"counts"` are a dictionary of at least two classes, with a count for each. The card may say
    more than the schema asks for.
    """

    ### BEGIN SOLUTION
    def is_count(value):
        return type(value) is int and value > 0

    fits = {
        "text": lambda value: isinstance(value, str) and value.strip() != "",
        "count": is_count,
        "counts": lambda value: isinstance(value, dict) and len(value) > 1 and all(map(is_count, value.values())),
    }
    return [name for name, kind in schema.items() if name not in card or not fits[kind](card[name])]
    ### END SOLUTION


# %% check="14.1" points=2
# Tried on cards that lack fields, on empty texts, on counts such as 0, 2.5 and True, and on cards without fault.
check("14.1", card_faults)

# %% [markdown]
# ## Exercise 14.2: the leak scan
#
# The same picture, saved twice: brighter by a little, smaller, or under another name. If one copy is learned from and
# the other is judged on, the judgement is flattered. Let's plant such copies, of a quarter of the photos.

# %%
copied = np.random.default_rng(0).choice(len(labels), len(labels) // 4, replace=False)
copies = np.clip(images[copied].astype(int) + 3, 0, 255).astype("uint8")
with_copies = np.concatenate([images, copies])
copied_labels = np.concatenate([labels, labels[copied]])
copied_groups = np.concatenate([groups, groups[copied]])
print(f"{len(copies)} copies were planted among {len(labels)} photos.")

# %% [markdown]
# A scan finds them. The mean absolute difference of two copies, pixel by pixel, is a few grey levels of 255; that of
# two different photos is far more. Two traps: photos are `uint8`, in which 3 - 4 is 255; and copies of copies make
# chains, whose ends may be further apart than the limit.


# %% exercise="14.2"
def near_copies(images, limit):
    """Return a group number for each image, `(num_images,)`: equal for copies, different for all others.

    `images` are `(num_images, height, width, 3)`, `uint8`. Two images are near if their mean absolute difference is at
    most `limit`. Nearness is passed on: if a is near b, and b is near c, then the three are one group.
    """
    ### BEGIN SOLUTION
    from scipy.sparse.csgraph import connected_components

    values = images.astype(float)
    near = np.abs(values[:, None] - values[None]).mean(axis=(2, 3, 4)) <= limit
    return connected_components(near, directed=False)[1]
    ### END SOLUTION


# %% check="14.2" points=3
# Tried on planted copies, on chains of copies, on the same colours at other places, and at the edge of the limit.
check("14.2", near_copies)

# %% [markdown]
# The kit did the same when it read the folder, with a finger print of each picture so that thousands of photos take
# seconds. It lists what it found in `photos.dataset.duplicates`, and keeps copies in one group.

# %% tags=["nbval-ignore-output"]
print(len(photos.dataset.duplicates), "near copies were there before any was planted:")
for found in photos.dataset.duplicates[:3]:
    print("-", ", ".join(path.name for path in found.paths))

# %% [markdown]
# ## Exercise 14.3: whole groups
#
# First, the wrong way: mix all photos, and deal them into those that are learned from and those that are judged on. The
# right way keeps *groups* whole: whatever shows one thing stays on one side. By how much does the wrong way flatter?

# %%
print("The wrong way raises the accuracy", LEAKS)


# %% exercise="14.3-predict"
def my_leak():
    """Return one of LEAKS: by how much the accuracy rises if groups are torn, with copies of a quarter."""
    ### BEGIN SOLUTION
    return "by 10 points or more"
    ### END SOLUTION


# %%
predict("14.3", my_leak)

# %% [markdown]
# The features come from a network that learned on photos of 200 kinds of things; it stays as it is. Each deal gets a
# linear classifier, a *probe*. To be fair, both ways are judged on the same photos and learn from as many: the one with
# mates of the judged photos among them, the other without.

# %%
backbone = load_backbone(weights="photos")


def features_of(images):
    """Return features `(num_images, channels)`: the network's last map, averaged over its positions."""
    return backbone.predict(np.ascontiguousarray(images), batch_size=64, verbose=0).mean(axis=(1, 2))


def probe_of(features, labels, rows):
    """Return a linear probe that has learned from some rows."""
    return linear_probe(features[rows], labels[rows], strength=0.03)


features, copied_features = features_of(images), features_of(with_copies)


# %%
def take_apart(groups, rows, rng):
    """Return every second photo of each group to be judged, and the others, which are mates of these."""
    rows = rng.permutation(rows)
    rows = rows[np.argsort(groups[rows], kind="stable")]
    turn = np.concatenate([np.arange(number) for number in np.unique(groups[rows], return_counts=True)[1]])
    return rows[turn % 2 == 0], rows[turn % 2 == 1]


def leak_in_deals(features, labels, groups):
    """Return the accuracies with torn groups and with whole ones, `(num_deals,)` each, and the numbers of photos."""
    torn, whole = [], []
    for seed in range(NUM_DEALS):
        rng, folds = np.random.default_rng(seed), StratifiedGroupKFold(5, shuffle=True, random_state=seed)
        learned, held = next(folds.split(features, labels, groups))
        judged, mates = take_apart(groups, held, rng)
        learned = rng.permutation(learned)
        with_mates = np.concatenate([mates, learned[len(mates) :]])
        for scores, rows in ((torn, with_mates), (whole, learned)):
            scores.append(probe_of(features, labels, rows).score(features[judged], labels[judged]))
    return np.array(torn), np.array(whole), (len(learned), len(judged))


torn, whole, num_photos = leak_in_deals(copied_features, copied_labels, copied_groups)
leak = torn - whole
leak_interval = corrected_interval(leak, *num_photos)

# %% tags=["nbval-ignore-output"]
print(f"groups torn: {torn.mean():.1%}; groups whole: {whole.mean():.1%}; {leak_interval}")

# %%
assert MY_PHOTOS or leak_interval.low > 0
print("With the drawings, the whole interval of what torn groups add lies above 0.")

# %% [markdown]
# Nothing warned you: a wrong split trains without an error and looks like a success. Write the right one.


# %% exercise="14.3"
def hold_out(groups, labels, share, seed):
    """Return `(num_photos,)`, `True` for each photo that is held out.

    Of each class, whole groups are held out in random order until at least `share` of its photos are held out; no group
    more. `groups` and `labels` are `(num_photos,)`, numbers with gaps, in any order; a group is of one class. The same
    seed gives the same split, and another seed another one.
    """
    ### BEGIN SOLUTION
    rng, held = np.random.default_rng(seed), np.zeros(len(groups), bool)
    for label in np.unique(labels):
        mine = labels == label
        for group in rng.permutation(np.unique(groups[mine])):
            if held[mine].sum() < share * mine.sum():
                held |= groups == group
    return held
    ### END SOLUTION


# %% check="14.3" points=2
# Tried on groups of all sizes: none is torn, the share of each class is kept, and the seed decides.
check("14.3", hold_out, leak)

# %% [markdown]
# ## Exercise 14.4: a budget kept
#
# A comparison could go on forever: more networks, more seeds, more settings. A budget in minutes, fixed in advance,
# keeps you from stopping just when you like the figures. The kit times a few steps on your machine, and says what it
# will leave out.

# %% tags=["nbval-ignore-output"]
plan = plan_study(photos, settings)
print(f"{settings.budget_minutes} minutes are granted. {plan.reason}")

# %% [markdown]
# Make such a choice yourself. The contestants stand in the order of your plan, the most important first. A contestant
# runs with all seeds or not at all, since runs are compared seed by seed. Its first run costs more than the others: a
# graph is built, features are computed.


# %% exercise="14.4"
def keep_budget(costs, num_seeds, budget):
    """Return the names of the contestants that are run, in the order of the plan.

    `costs` is `{name: (first, later)}`: the seconds of the first run, and of each later one. Go through the contestants
    in order. Take each one that still fits into `budget` seconds with all its `num_seeds` runs (it may fill it
    exactly); leave out one that does not fit, and go on.
    """
    ### BEGIN SOLUTION
    taken, spent = [], 0
    for name, (first, later) in costs.items():
        cost = first + (num_seeds - 1) * later
        if spent + cost <= budget:
            taken.append(name)
            spent += cost
    return taken
    ### END SOLUTION


# %% check="14.4" points=2
# Tried on plans in which an expensive contestant stands in the way, and on a budget that is filled to the last second.
check("14.4", keep_budget)

# %% [markdown]
# ## Exercise 14.5: the comparison, and its verdict
#
# Now the question itself. With transfer: a probe on features of photos. Without: always the commonest class, a probe on
# the colours of a photo, and one on features of the same network with *random* weights. For each deal, each side enters
# with the way that did best on photos set aside for choosing. A gain of five points, as planned, pays for the trouble.
# What will the verdict be: `"pays"` (the whole interval of the gain is at or above five points), `"too little"` (all
# of it is below) or `"undecided"`?


# %% exercise="14.5-predict"
def my_verdict():
    """Return one of VERDICTS."""
    ### BEGIN SOLUTION
    return "pays"
    ### END SOLUTION


# %%
print(VERDICTS)
predict("14.5", my_verdict)

# %% tags=["nbval-ignore-output"]
began = time.perf_counter()
study = run_study(photos, settings)
seconds = time.perf_counter() - began
for name in dict.fromkeys(each.contestant for each in study.outcomes):
    scores = [each.report.balanced for each in study.outcomes if each.contestant == name]
    print(
        f"{name:15} balanced accuracy {np.mean(scores):.1%}, in the deals from {min(scores):.1%} to {max(scores):.1%}"
    )

# %% [markdown]
# The same figures in the wrong way: one deal, one number. Any of these could have been yours.

# %%
balanced = {(each.contestant, each.seed): each.report.balanced for each in study.outcomes}
sides = zip(study.verdict.with_transfer, study.verdict.without, strict=True)
differences = np.array([balanced[one, seed] - balanced[other, seed] for seed, (one, other) in enumerate(sides)])

# %% tags=["nbval-ignore-output"]
print("gains of single deals, in points:", ", ".join(f"{100 * gain:+.1f}" for gain in differences))

# %% [markdown]
# Better: an interval over the deals. But which? Student's interval, which served us for independent seeds, believes
# that each deal brings new photos. These deals share theirs, so it is too narrow. The *corrected* interval (Nadeau and
# Bengio) widens it by what the deals share.

# %%
naive = paired_interval(differences, np.zeros(len(differences)))
corrected = corrected_interval(differences, study.num_train, study.num_report)
wider = np.sqrt(1 + len(differences) * study.num_report / study.num_train)
print(f"The corrected interval is {wider:.2f} times as wide as Student's.")

# %% tags=["nbval-ignore-output"]
print("Student's:", naive)
print("corrected:", corrected)

# %%
assert MY_PHOTOS or corrected.low >= SMALLEST
print("With the drawings, the whole corrected interval of the gain lies above five points.")

# %% [markdown]
# Write the verdict as a function. It will also be tried on gains that are sure and too small to pay.


# %% exercise="14.5"
def verdict(differences, num_train, num_report, smallest):
    """Return "pays", "too little" or "undecided", by the corrected interval of the mean difference, at 95 %.

    It pays if no end of the interval is below `smallest`, and is too little if both are. `differences` is
    `(num_deals,)`, shares; in each deal, `num_train` photos are learned from and `num_report` are reported on.
    """
    ### BEGIN SOLUTION
    interval = corrected_interval(differences, num_train, num_report)
    if interval.low >= smallest:
        return "pays"
    return "too little" if interval.high < smallest else "undecided"
    ### END SOLUTION


# %%
measured_gain = {
    "differences": differences,
    "num_train": study.num_train,
    "num_report": study.num_report,
    "smallest": SMALLEST,
}

# %% check="14.5" points=3
# Tried on intervals that end close to the smallest gain, on small steady gains, and on your own study.
check("14.5", verdict, measured_gain)

# %% [markdown]
# ## Errors, one by one
#
# A mean hides what goes wrong. Here is each photo, judged by a probe that has learned from no photo of its group.
# **Click the fullest cell off the diagonal, and look at its photos, one by one.** Is it the network that errs, or the
# label, or the picture, in which two things could be seen?

# %%
deals = [deal(labels, groups, seed) for seed in range(NUM_DEALS)]
probes = [probe_of(features, labels, d.train) for d in deals]
chances = np.zeros((len(labels), len(names)))
for learned, judged in StratifiedGroupKFold(5, shuffle=True, random_state=0).split(features, labels, groups):
    probe = probe_of(features, labels, learned)
    chances[np.ix_(judged, probe.classes_)] = probe.predict_proba(features[judged])

# %%
confusion = Confusion(labels, chances, images, names)
confusion

# %% tags=["nbval-ignore-output"]
print(confusion.describe())

# %% [markdown]
# ## Exercise 14.6: what errors cost
#
# Now suppose that your largest class (of the drawings: mammals) is the one that you are looking for. The model raises
# an alarm if its probability reaches a *threshold*. To miss one costs you five; a false alarm costs one. Where do you
# expect the cheapest threshold?

# %%
print(COSTS, SIDES)


# %% exercise="14.6-predict"
def my_side():
    """Return one of SIDES."""
    ### BEGIN SOLUTION
    return "below 0.3"
    ### END SOLUTION


# %%
predict("14.6", my_side)


# %%
def cost(threshold, scores, is_it):
    """Return what errors cost for each 100 photos, if a score of the threshold or above is an alarm."""
    said = scores >= threshold
    return 100 * np.mean(COSTS["missed"] * (is_it & ~said) + COSTS["alarm"] * (said & ~is_it))


wanted = int(np.bincount(labels).argmax())
thresholds, costs = [], {"0.5": [], "one in six": [], "chosen": []}
for d, probe in zip(deals, probes, strict=True):
    scores, is_it = probe.predict_proba(features)[:, wanted], labels == wanted
    tried = [*np.unique(scores[d.tune]), np.inf]
    thresholds.append(min(tried, key=lambda each: cost(each, scores[d.tune], is_it[d.tune])))
    for name, each in {"0.5": 0.5, "one in six": 1 / 6, "chosen": thresholds[-1]}.items():
        costs[name].append(cost(each, scores[d.report], is_it[d.report]))

# %% tags=["nbval-ignore-output"]
for name, values in costs.items():
    print(f"{'threshold ' + name + ':':21} errors cost {np.mean(values):5.1f} for each 100 photos")
size = len(deals[0].train), len(deals[0].report)
for name in ("one in six", "chosen"):
    found = corrected_interval(np.subtract(costs["0.5"], costs[name]), *size, lowest=-np.inf, highest=np.inf)
    print(f"{name}: saves {found.mean:.1f} against 0.5, from {found.low:.1f} to {found.high:.1f}: {found.verdict}")

# %% [markdown]
# If probabilities are honest, theory has an answer without trying: raise an alarm where `5 p >= 1 (1 - p)`, so from
# one in six. A threshold that is chosen on few photos follows the luck of these photos. Read in the intervals above
# which of the two you may trust.
#
# Scores are often not honest, so write the choice by trying.


# %% exercise="14.6"
def choose_threshold(scores, is_it, cost_missed, cost_alarm):
    """Return a threshold for which errors cost least: a score that is the threshold or above is an alarm.

    `scores` is `(num_photos,)`, on any scale; `is_it` is `(num_photos,)`, `True` for photos that should raise an alarm.
    Where no alarm at all is cheapest, return a threshold above all scores; `np.inf` is one.
    """

    ### BEGIN SOLUTION
    def cost(threshold):
        said = scores >= threshold
        return cost_missed * (is_it & ~said).sum() + cost_alarm * (said & ~is_it).sum()

    return min([*scores, np.inf], key=cost)
    ### END SOLUTION


# %% check="14.6" points=2
# Tried with either error costing more, on equal scores, and where never or always is the cheapest answer.
check("14.6", choose_threshold, thresholds)

# %% [markdown]
# ## Exercise 14.7: when the world shifts
#
# A model is judged on photos like those that it learned from, and is then used on others: a darker room, another
# camera, other things. That is a *distribution shift*. Here are five. With the drawings, the first one asks about
# *photographs* of the same ten kinds of things. Which one costs most accuracy?


# %%
def coarse(images):
    """Return the images as 16 x 16 large pixels."""
    return images[:, ::4, ::4].repeat(4, axis=1).repeat(4, axis=2)


shifted = {
    "darker": (images * 0.35).astype("uint8"),
    "grey": images.mean(axis=-1, keepdims=True).repeat(3, axis=-1).astype("uint8"),
    "turned": np.rot90(images, axes=(1, 2)),
    "coarse": coarse(images),
}
_ = show_images(np.stack([images[some[0]], *(each[some[0]] for each in shifted.values())]), columns=5)
print(SHIFTS)


# %% exercise="14.7-predict"
def my_worst_shift():
    """Return one of SHIFTS."""
    ### BEGIN SOLUTION
    return "photographed"
    ### END SOLUTION


# %%
predict("14.7", my_worst_shift)


# %%
def photographs():
    """Return photographs of the same kinds of things, and their labels."""
    kept = load_objects("photographed")
    splits = kept.train, kept.val
    kinds = np.concatenate([np.array(kept.class_names)[split.labels] for split in splits])
    known = np.isin(kinds, names)
    return np.concatenate([split.images for split in splits])[known], [names.index(kind) for kind in kinds[known]]


shifted_features = {name: features_of(each) for name, each in shifted.items()}
plain = np.array([probe.score(features[d.report], labels[d.report]) for d, probe in zip(deals, probes, strict=True)])
after = {
    name: np.array([probe.score(each[d.report], labels[d.report]) for d, probe in zip(deals, probes, strict=True)])
    for name, each in shifted_features.items()
}
if not MY_PHOTOS:
    others, other_labels = photographs()
    other_features = features_of(others)
    after["photographed"] = np.array([probe.score(other_features, other_labels) for probe in probes])

# %% tags=["nbval-ignore-output"]
changes = {name: each - plain for name, each in after.items()}
shift_intervals = {name: corrected_interval(change, *size) for name, change in changes.items()}
for name, found in sorted(shift_intervals.items(), key=lambda item: item[1].mean):
    print(f"{name:13} {found}")

# %%
assert MY_PHOTOS or max(shift_intervals["coarse"].high, shift_intervals["grey"].high) < 0
assert MY_PHOTOS or shift_intervals["photographed"].mean > shift_intervals["grey"].mean
print("With the drawings, coarse and grey images hurt, and more than that they are photographs.")

# %% [markdown]
# What looks like the largest change to us need not be one to the features: these were learned on photos. And the loss
# of colour, after which we still know each thing, costs a lot. Do photographs of the same kinds of things cost
# anything? The interval is wide, and one of its ends lies close to 0. So measure the shifts that you expect. (The
# photographs are other things than the drawings, and the same ones in each deal: their interval says nothing about
# other photographs.)


# %% exercise="14.7"
def harmful(plain, shifted, num_train, num_report):
    """Return a list of the shifts that hurt, by name, the one with the largest mean loss first.

    A shift hurts if the whole corrected interval of its change, at 95 %, lies below 0. `plain` is `(num_deals,)`, the
    accuracy without a shift; `shifted` is `{name: (num_deals,)}`, those with it, in the same deals.
    """
    ### BEGIN SOLUTION
    found = {name: corrected_interval(scores - plain, num_train, num_report) for name, scores in shifted.items()}
    return sorted((name for name in found if found[name].high < 0), key=lambda name: found[name].mean)
    ### END SOLUTION


# %% check="14.7" points=2
# Tried on shifts that hurt, help and do nothing, on deals that differ by luck, and on your own.
check("14.7", harmful, changes)

# %% [markdown]
# ## Open the vault, once
#
# The study chose its model, trained it on all photos but those in the vault, and opened the vault once. We haven't
# looked at what was in it until now, and nothing is chosen from here on. The figure may be higher or lower than those
# of the deals; few photos leave a wide interval. Whatever it is, it stands: whoever opens the vault again until it says
# something nicer has made it one more set for choosing.

# %%
print(photos.dataset.test)

# %% tags=["nbval-ignore-output"]
test = study.test
reach = f"{test.accuracy:.1%} of {len(test.labels)} photos, 95 % interval from {test.low:.1%} to {test.high:.1%}"
print(f"{study.choice.contestant}: {reach}")
print(f"In the deals, probes of this kind were right for {np.mean(plain):.1%} of the photos.")

# %% [markdown]
# The *model card* goes with the model. It says what was asked, what was found and how sure that is, what the model was
# judged on, and when it must not be used.

# %% tags=["nbval-ignore-output"]
model_card = {
    "question": data_card["question"],
    "verdict": study.verdict.sentence,
    "model": f"{study.choice.contestant}, {study.choice.setting}",
    "not tried": study.plan.reason or "all that was planned was tried",
    "learned from": f"{len(labels)} photos of {len(names)} classes",
    "in the vault": reach,
    "weakest class": min(test.by_class.rows(), key=lambda row: row[2])[0],
    "hurt by": ", ".join(name for name, found in shift_intervals.items() if found.high < 0) or "nothing that was tried",
    "not for": data_card["cannot show"],
}
for name, text in model_card.items():
    print(f"{name:14} {text}")

# %% [markdown]
# ## Exercise 14.8: an export that tests itself
#
# A model that is served must predict what it predicted here. `export_study` writes the model, its labels and a program
# that needs only Keras; then it runs that program in a process of its own, without this kit, and compares. The report
# opens in any browser.

# %% tags=["nbval-ignore-output"]
out = Path(place.name) / "export"
written = export_study(study, out, root=folder)
report = write_report(study, out / "report.html", seconds=seconds)
print("exported and tested:", ", ".join(sorted(path.name for path in written)))

# %% [markdown]
# Smaller is easier to serve. In *float16*, each weight takes two bytes in place of four. In *int8*, it takes one: each
# output channel keeps its weights as whole numbers from -127 to 127, and one scale. Which of the two shrunken models
# will name the same class as before for at least 99 % of the photos that it has not learned from?

# %%
print(SHRUNK)


# %% exercise="14.8-predict"
def my_shrunken():
    """Return one of SHRUNK: the models that keep 99 % of their answers."""
    ### BEGIN SOLUTION
    return "only float16"
    ### END SOLUTION


# %%
predict("14.8", my_shrunken)


# %%
def as_float16(weight):
    """Return what two bytes for each number keep of a weight, and the bytes that it takes."""
    return weight.astype("float16").astype("float32"), 2 * weight.size


def as_int8(weight):
    """Return what one byte for each number, and a scale for each output channel, keep of a weight, and its bytes."""
    if weight.ndim < 2:
        return weight, 4 * weight.size
    scale = np.maximum(np.abs(weight).max(axis=tuple(range(weight.ndim - 1))), 1e-12) / 127
    return (np.round(weight / scale).astype("int8") * scale).astype("float32"), weight.size + 4 * scale.size


unseen = test.images if MY_PHOTOS else np.concatenate([test.images, others])
weights = study.model.get_weights()
before = study.model.predict(unseen, verbose=0)
served = {}
for name, shrink in {"float16": as_float16, "int8": as_int8}.items():
    kept = [shrink(weight) for weight in weights]
    study.model.set_weights([weight for weight, _ in kept])
    served[name] = study.model.predict(unseen, verbose=0), sum(num_bytes for _, num_bytes in kept)
study.model.set_weights(weights)

# %% tags=["nbval-ignore-output"]
full = sum(weight.nbytes for weight in weights)
agreement = {name: float((found.argmax(axis=1) == before.argmax(axis=1)).mean()) for name, (found, _) in served.items()}
right = {name: (found[: len(test.labels)].argmax(axis=1) == test.labels).mean() for name, (found, _) in served.items()}
print(f"float32: {full / 1e6:.2f} MB, {test.accuracy:.1%} of the test photos")
for name, (found, num_bytes) in served.items():
    print(
        f"{name}: {num_bytes / 1e6:.2f} MB, {right[name]:.1%}; the same class for {agreement[name]:.1%} of the unseen,"
    )
    print(f"  and a probability changes by up to {np.abs(found - before).max():.4f}")

# %%
assert served["float16"][1] * 2 == full
assert MY_PHOTOS or agreement["float16"] >= 0.99
print("float16 takes half of the bytes. With the drawings, it keeps at least 99 % of the answers.")

# %% [markdown]
# Is it faster, too? These weights are small in the file; the network still computes with float32 numbers. (Lesson 4
# times what happens if it does not.) So nothing should change but the size. Measure it, in turns, so that a busy moment
# of the machine meets both:


# %%
def seconds_for_each(model, batch):
    """Return the seconds that a pass over a batch takes for each of its photos."""
    began = time.perf_counter()
    model.predict_on_batch(batch)
    return (time.perf_counter() - began) / len(batch)


small = [as_int8(weight)[0] for weight in weights]
times = {"float32": [], "int8": []}
seconds_for_each(study.model, unseen[:32])  # the graph is built once
for _ in range(8):
    for name, kept in (("float32", weights), ("int8", small)):
        study.model.set_weights(kept)
        times[name].append(1000 * seconds_for_each(study.model, unseen[:32]))
study.model.set_weights(weights)

# %% tags=["nbval-ignore-output"]
slower = paired_interval(times["int8"], times["float32"], percent=False)
print(", ".join(f"{name}: {np.median(each):.2f} ms for each photo" for name, each in times.items()))
print("difference in ms:", slower)

# %% [markdown]
# Whoever serves a model should test it at each start. A kit beside the model keeps the probabilities of some photos and
# the names of the classes; the server asks its model for the same photos, together and one by one. Say what is wrong.

# %%
print(FAULTS)


# %% exercise="14.8"
def self_test(kit, served, tolerance):
    """Return a list of all faults, as names in FAULTS; `[]` if all is well.

    `kit` holds `"probabilities"` (num_photos, num_classes) and `"class_names"`; `served` holds `"class_names"`,
    `"together"` (the photos as one batch) and `"alone"` (each as a batch of its own). Both should equal those of the
    kit in shape and, up to `tolerance` for the largest absolute difference, in value.

    - `"classes"`: the names, or their order, differ.
    - `"shape"`: `together` or `alone` has another shape. Then nothing else is said of the numbers.
    - `"not finite"`: there is NaN or infinity in one of them. Then no values are compared.
    - `"values"`: `together` differs from the kit. `"alone"`: `alone` differs from `together`.
    """
    ### BEGIN SOLUTION
    kept, together, alone = kit["probabilities"], served["together"], served["alone"]
    faults = ["classes"] if served["class_names"] != kit["class_names"] else []
    if together.shape != kept.shape or alone.shape != kept.shape:
        return [*faults, "shape"]
    if not (np.isfinite(together).all() and np.isfinite(alone).all()):
        return [*faults, "not finite"]
    faults += ["values"] * bool(np.abs(together - kept).max() > tolerance)
    return faults + ["alone"] * bool(np.abs(alone - together).max() > tolerance)
    ### END SOLUTION


# %% check="14.8" points=2
# Tried on one wrong value among many, NaN, shapes that NumPy stretches, names in another order, and a photo alone.
check("14.8", self_test, agreement)

# %% [markdown]
# ## Exercise 14.9: a medical case, and what it cannot claim
#
# Pictures from medicine are the first thing that many want to transfer to. What would a fair study of them need? Here
# is a case that is far too small, so that each need shows: grey patches of *one* photograph of *one* piece of colon
# tissue. We look for glands.
#
# | a fair study has | `tissue` has |
# |---|---|
# | many patients, none of them on two sides of a split | one patient, whose photograph was cut into bands |
# | labels by people who know, and who did not see the model's answer | the density of a stain |
# | cases that are independent, or an interval over patients | patches that overlap within a band |
# | the *prevalence* of the place where it will be used | one third, because we cut as many of each class |
# | a threshold that was fixed before the test | this we can do |
# | *sensitivity* at a fixed *specificity*, with its interval | this we can do |
# | *calibration*: of the cases with a probability of 0.8, eight in ten are ill | this we can try |
# | another hospital as the other domain | nothing: we can only imitate a coarser microscope |
#
# Sensitivity is the share of the ill who are found; specificity is the share of the others who raise no alarm.
#
# Where there is a network, let `CASE, SOUGHT` be `"bloodmnist", "immature granulocyte"` for thousands of blood cells
# (35 MB). Intervals are narrower then, but those come from one hospital, too, and no file says whose cell is whose.

# %%
CASE, SOUGHT, SPECIFICITY = "tissue", "gland", 0.9
case = load_dataset(CASE, size=64, per_class=60)
parts = {"train": case.train, "val": case.val, "test": case.test.open("reading an operating point")}
is_it = {name: split.labels == case.class_names.index(SOUGHT) for name, split in parts.items()}
seen = {name: features_of(split.images) for name, split in parts.items()}
probe = linear_probe(seen["train"], is_it["train"], strength=0.03)
scores = {name: probe.predict_proba(each)[:, 1] for name, each in seen.items()}

# %% [markdown]
# Before you look at what it finds: suppose that the model keeps its specificity of 90 % in a place where one patient in
# a hundred is ill. Of the alarms there, how many are right?

# %%
print("Of the alarms,", ALARMS, "are right.")


# %% exercise="14.9-predict"
def my_alarms():
    """Return one of ALARMS."""
    ### BEGIN SOLUTION
    return "less than a fifth"
    ### END SOLUTION


# %%
predict("14.9", my_alarms)

# %% [markdown]
# The threshold is fixed on validation: the lowest one with a specificity of 90 % there. The test is then read at this
# threshold, whatever comes out. The intervals are Wilson's, for shares of counted cases.

# %%
threshold = threshold_at(scores["val"], is_it["val"], SPECIFICITY)
point = operating_point(scores["test"], is_it["test"], threshold)

# %% tags=["nbval-ignore-output"]
print("on validation:", operating_point(scores["val"], is_it["val"], threshold).specificity, "without an alarm")
print("sensitivity, in the test:", point.sensitivity)
print("specificity, in the test:", point.specificity)

# %% [markdown]
# A specificity that was fixed on some dozens of cases is another one on others. And these intervals are still too
# narrow: they believe that each patch is a case of its own. Patches overlap, so the same glands are counted again and
# again. How many patches would fit side by side?

# %%
side_by_side = point.sensitivity.total
if CASE == "tissue":
    area = read_arrays("tissue")["gland/test"].sum()  # pixels of the test band that are gland
    side_by_side = round(area / 58**2)  # a patch is 58 pixels wide on average
honest = share_interval(round(point.sensitivity.share * side_by_side), side_by_side)
print(f"{point.sensitivity.total} patches show glands, and {side_by_side} of them would fit side by side.")
assert CASE != "tissue" or honest.high - honest.low > 0.2

# %% tags=["nbval-ignore-output"]
print("sensitivity, if only so many count:", honest)
print("sensitivity, over patients: no interval, for there is one patient")

# %% [markdown]
# Now the prevalence. Of 10,000 patients, 100 are ill where one in a hundred is. Of the other 9,900, a specificity of
# 90 % gives 990 a false alarm. Even if all 100 are found, 100 of 1,090 alarms are right.

# %%
alarms = predictive_values(point.sensitivity.share, SPECIFICITY, prevalence=0.01)[0]

# %% tags=["nbval-ignore-output"]
for prevalence in (1 / 3, 0.1, 0.01):
    shares = [predictive_values(end, SPECIFICITY, prevalence) for end in (honest.low, honest.high)]
    right, clear = zip(*shares, strict=True)
    print(
        f"prevalence {prevalence:4.0%}: {right[0]:.0%} to {right[1]:.0%} of the alarms are right,",
        f"and {clear[0]:.1%} to {clear[1]:.1%} of those without one are well",
    )

# %%
assert alarms < 0.1
print("Where one in a hundred is ill, less than a tenth of the alarms are right.")

# %% [markdown]
# The same holds for probabilities: those that are honest where every third case is a gland promise far too much where
# one in a hundred is. Are they honest here? Compare, in thirds of the test cases, the mean probability with the share
# of glands. Then look through a coarser microscope, at the same threshold:

# %% tags=["nbval-ignore-output"]
for third in np.array_split(np.argsort(scores["test"]), 3):
    truth = is_it["test"][third]
    print(f"mean probability {scores['test'][third].mean():5.1%}; share:", share_interval(truth.sum(), len(truth)))
elsewhere = probe.predict_proba(features_of(coarse(parts["test"].images)))[:, 1]
moved = operating_point(elsewhere, is_it["test"], threshold)
print("\ncoarser microscope, sensitivity:", moved.sensitivity)
print("coarser microscope, specificity:", moved.specificity)

# %% [markdown]
# So what may be said? "In the lower band of this photograph, patches with much stain were found so often, at a
# threshold fixed on another band." Nothing about other patients, other hospitals, or people who are ill. A larger file
# makes the intervals narrower, and answers none of these questions.
#
# Write down how an operating point is read.


# %% exercise="14.9"
def operating_numbers(val, test, specificity):
    """Return `(threshold, sensitivity, low, high)`: the sensitivity in the test, with its 95 % interval by Wilson.

    `val` and `test` are pairs `(scores, is_it)`, `(num_cases,)` each: scores on any scale, and `True` for the cases
    that are looked for. A score of the threshold or above is an alarm. The threshold is the lowest of all validation
    scores for which at least the share `specificity` of the *other* validation cases raise no alarm; `np.inf` if there
    is none. The sensitivity is the share of the test cases looked for that raise an alarm.
    """
    ### BEGIN SOLUTION
    from scipy.stats import binomtest

    scores, is_it = val
    tried = [*np.unique(scores), np.inf]
    threshold = next(each for each in tried if (scores[~is_it] < each).mean() >= specificity)
    scores, is_it = test
    found = scores[is_it] >= threshold
    interval = binomtest(int(found.sum()), len(found)).proportion_ci(method="wilson")
    return threshold, found.mean(), interval.low, interval.high
    ### END SOLUTION


# %% check="14.9" points=2
# Tried on scores of any scale, equal scores, tests that lie higher or lower, and on tests in which all are found.
check("14.9", operating_numbers, alarms)

# %% [markdown]
# ## What we saw
#
# - A card and a plan come first: what is locked before the training cannot be bent to fit the result.
# - Copies and look-alikes on both sides of a split flatter it, and nothing warns you: scan, and deal whole groups.
# - A verdict is read from an interval that knows what the deals share, against the smallest gain that pays.
# - Errors have prices, photos shift, and a served model has to prove that it is the one that was tested.
# - A threshold is fixed before the test. What an alarm means depends on how many are ill where it is raised; and no
#   number of patches makes up for patients.
#
# The card below shows what you predicted and what you measured. Say what you believe now.


# %% exercise="14.9-believe"
def my_beliefs():
    """Return a dictionary `{exercise: what you believe now}` in your own words."""
    ### BEGIN SOLUTION
    return {
        "14.1": "I would have found a reason for any result.",
        "14.3": "A split is part of the result.",
        "14.5": "Features of photos pay for drawings, too.",
        "14.6": "The price of errors moves the threshold, and few photos move it, too.",
        "14.7": "Not what looks most different hurts most.",
        "14.8": "A smaller model has to be tested like a new one.",
        "14.9": "A good test on few ill patients mostly alarms the well.",
    }
    ### END SOLUTION


# %% tags=["nbval-ignore-output"]
measured = {
    "14.1": f"{corrected}",
    "14.3": f"{leak_interval}",
    "14.5": f"{corrected}",
    "14.6": f"half of the thresholds below {np.median(thresholds):.2f}",
    "14.7": f"{min(changes, key=lambda name: changes[name].mean())} costs most",
    "14.8": ", ".join(f"{name} {share:.1%}" for name, share in agreement.items()),
    "14.9": f"{alarms:.1%} of the alarms",
}
lesson_card(14, measured=measured, believed=my_beliefs)

# %% tags=["nbval-ignore-output"]
progress(14)

# %% [markdown]
# ## In your own words
#
# **Write the report of your study, in five sentences: the question, what was compared and on what, the verdict with its
# interval, what the errors look like, and what would change your mind.** Double-click the next cell, and replace its
# text. No check can read it: in a course, a person does, and the points are counted separately.

# %% [markdown] essay="14.10" points=2
# I asked whether features learned on photos help to tell ten kinds of drawings apart. A probe on them was compared with
# the best way without transfer, in five deals of whole groups. The corrected interval of the gain lies above the five
# points that my plan asked for, so that it pays. Most errors are between kinds of which I would confuse some drawings
# myself, and coarse or turned images make more of them. An interval below five points on other drawings would change
# my mind.

# %% [markdown]
# If this was your last lesson, answer the [quiz](98_quiz.ipynb) again.
#
# ## References
#
# - Nadeau and Bengio (2003), Inference for the generalization error, Machine Learning 52.
# - Mitchell et al. (2019), [Model cards for model reporting](https://arxiv.org/abs/1810.03993)
# - Gebru et al. (2021), [Datasheets for datasets](https://arxiv.org/abs/1803.09010)
# - Kapoor and Narayanan (2023), [Leakage and the reproducibility crisis](https://arxiv.org/abs/2207.07048)
# - Wilson (1927), Probable inference, the law of succession, and statistical inference, JASA 22(158).
# - Altman and Bland (1994), Diagnostic tests 2: predictive values, BMJ 309.
# - Roberts et al. (2021), Common pitfalls and recommendations for using machine learning to detect and prognosticate
#   for COVID-19, Nature Machine Intelligence 3.
# - Elkan (2001), The foundations of cost-sensitive learning, IJCAI.
