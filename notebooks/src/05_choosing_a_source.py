# ---
# jupyter:
#   tlkit: {"minutes": 75}
# ---

# %% [markdown]
# # Which network should I start from, before I have trained any?
#
# This takes about 75 minutes, less than four of which are computing time on two CPU cores. You will
#
# - score fifteen candidates before training, and measure afterwards what each of them gains on five targets;
# - find out which score foretells that gain, which misleads, and what each costs in images that a network sees;
# - explore accuracy against time for all Keras Applications, and sort tasks by what may be learned from.
#
# Everyone has a rule for this question: the largest network, the best one on ImageNet, the one from the nearest domain.
# A rule is a score: it ranks candidates before anything is trained. So we can ask of each how well it foretells.
# `hint("5.1")` in a cell of your own gives the first of three hints for exercise 5.1.

# %%
from tlkit.backbones import list_embedded, load_backbone, load_classifier
from tlkit.checks import check, hint, lesson_card, predict, progress
from tlkit.data import Split, images_from_folder, load_dataset
from tlkit.exercises.lesson_05_choosing_a_source.shown import BUDGETS, CUTS, LEAKS, NEAREST
from tlkit.exercises.lesson_05_choosing_a_source.shown import SCORES, SETTINGS, SOURCES, TARGETS, WINNERS
from tlkit.freezing import blocks
from tlkit.measure import mean_interval, paired_interval, transfer_gain
from tlkit.plots import show_images
from tlkit.plots.style import COLORS, MARKERS, finish, new_axes
from tlkit.probes import linear_probe
from tlkit.selection import Task, advice_tree, foretell, h_score, list_catalogues, list_latencies, logme
from tlkit.selection import measure_latency, nce, probe_accuracy, proxy_a_distance, regret, squared_mmd
from tlkit.selection import taus_of_draws, weighted_tau
from tlkit_widgets import AdviceBoard, LatencyFront

import time

import keras
import numpy as np
from scipy.special import softmax

keras.utils.set_random_seed(0)

# %% [markdown]
# ## Five targets, fifteen candidates
#
# The targets: handwritten digits, textures, tissue, drawings of things, and photographs of the same kinds of things. A
# class with fewer than twelve images is left out, so that ten can be labelled.


# %%
def read_target(name):
    """Return images to learn from and images to judge on, of the common classes: `{"train": Split, "test": Split}`."""
    data = load_dataset(name)
    test = data.test.open("results of lesson 5; scores see training images only")
    images = np.concatenate([data.train.images, data.val.images])
    labels = np.concatenate([data.train.labels, data.val.labels])
    common = np.flatnonzero(np.bincount(labels) >= 12)
    found = {}
    for part, x, y in (("train", images, labels), ("test", test.images, test.labels)):
        rows = np.random.default_rng(0).permutation(len(y))
        rows = np.concatenate([rows[y[rows] == label][:40] for label in common])
        found[part] = Split(x[rows], y[rows], data.class_names)
    return found


targets = {name: read_target(name) for name in TARGETS}

# %%
first = [targets[name]["train"].images[::40][:4] for name in TARGETS]
_ = show_images(np.concatenate(first), columns=4, title="Digits, textures, tissue, drawn things, photographed things")

# %% tags=["nbval-ignore-output"]
for name, parts in targets.items():
    num_classes, sizes = len(np.unique(parts["train"].labels)), [len(split) for split in parts.values()]
    print(f"{name:21} {num_classes:2} classes, {sizes[0]} images to draw from, {sizes[1]} to judge on")

# %% [markdown]
# The sources are networks of one architecture. They learned from photos, from printed characters (`glyphs`), from the
# hues of blobs, and from printed characters that were labelled by font (`opposed`); `random` has learned nothing. Each
# may be cut early, late or at its end: that makes fifteen candidates. One pass of an image through a network gives the
# features at all three cuts, and what its own head says.


# %%
def read_network(source):
    """Return a model from images to pooled features at each cut, and to the head's probabilities if there is a head."""
    network = load_backbone(weights="random") if source == "random" else load_classifier(weights=source)[0]
    pool = keras.layers.GlobalAveragePooling2D()
    last = {block.name: network.get_layer(block.layer_names[-1]) for block in blocks(network)}
    ends = {cut: pool(last[block].output) for cut, block in CUTS.items()}
    heads = {} if source == "random" else {"head": keras.layers.Softmax()(network.output)}
    return keras.Model(network.input, ends | heads)


# %% tags=["nbval-ignore-output"]
tables, bar = {}, keras.utils.Progbar(len(SOURCES), unit_name="network")
for source in SOURCES:
    network = read_network(source)
    for name, parts in targets.items():
        for part, split in parts.items():
            tables[name, source, part] = network.predict(split.images, batch_size=128, verbose=0)
    bar.add(1)

# %% [markdown]
# ## Exercise 5.1: what the source's head says
#
# Before any figure: is there one source that is best for all five targets, with ten labels for each class?

# %%
print(WINNERS)


# %% exercise="5.1-predict"
def my_winners():
    """Return one of WINNERS."""
    ### BEGIN SOLUTION
    return "one for most, another for some"
    ### END SOLUTION


# %%
predict("5.1", my_winners)

# %% [markdown]
# Here is the truth that scores are to foretell: the accuracy of a linear probe on the test images, in five draws of the
# labels. All candidates get the same images, the same classifier and the same penalty. So do two ways *without* a
# source: the image itself, as 8 x 8 levels of grey, and the untrained network. The difference from the better of these
# two, draw by draw, is the *gain*.


# %%
NUM_DRAWS = 5
candidates = [(source, cut) for source in SOURCES for cut in CUTS]


def draw(name, budget, seed):
    """Return the rows of `budget` labelled images of each class; a larger budget contains the smaller one."""
    labels = targets[name]["train"].labels
    rows = np.random.default_rng(seed).permutation(len(labels))
    return np.concatenate([rows[labels[rows] == label][:budget] for label in np.unique(labels)])


def grey(images):
    """Return `(num_images, 64)`: the mean grey level of 8 x 8 patches, in [0, 1]."""
    return images.mean(axis=-1).reshape(len(images), 8, 8, 8, 8).mean(axis=(2, 4)).reshape(len(images), 64) / 255


def accuracies(train, test, name, budget):
    """Return `(num_draws,)`: the test accuracy of a probe on a table of features."""
    y, judged = targets[name]["train"].labels, targets[name]["test"].labels
    draws = [draw(name, budget, seed) for seed in range(NUM_DRAWS)]
    return [linear_probe(train[rows], y[rows], strength=0.05).score(test, judged) for rows in draws]


# %% tags=["nbval-ignore-output"]
truths, pixels, bar = {}, {}, keras.utils.Progbar(len(TARGETS) * len(BUDGETS), unit_name="target and budget")
for name in TARGETS:
    greys = {part: grey(split.images) for part, split in targets[name].items()}
    for budget in BUDGETS:
        pixels[name, budget] = np.array(accuracies(greys["train"], greys["test"], name, budget))
        columns = [
            accuracies(tables[name, source, "train"][cut], tables[name, source, "test"][cut], name, budget)
            for source, cut in candidates
        ]
        truths[name, budget] = np.array(columns).T  # (draws, candidates)
        bar.add(1)

# %% tags=["nbval-ignore-output"]
untrained = [candidates.index(("random", cut)) for cut in CUTS]
trained = list(range(untrained[0]))
winners, gains = {}, {}
for name in TARGETS:
    truth = truths[name, 10]
    best = max(trained, key=lambda column: truth[:, column].mean())
    without = max([pixels[name, 10], *truth[:, untrained].T], key=np.mean)
    winners[name], gains[name] = candidates[best][0], transfer_gain(truth[:, best], without)
    print(f"{name:21} {winners[name]}, cut {candidates[best][1]:5} gains {gains[name]}")

# %%
assert winners["digits"] == "glyphs"
assert all(winners[name] == "photos" for name in TARGETS[1:])
assert min(gains[name].low for name in TARGETS[1:]) > 0
print("Printed characters are best for digits, photos for the rest.")
print("For all targets but the digits, the whole interval of the gain lies above 0.")

# %% [markdown]
# Look at the digits: is even the best source better than plain levels of grey? A ranking of sources doesn't say whether
# any of them is worth it, so keep "none" among the candidates.
#
# (The best source and the best way without one were both picked by the test images. Nothing here is fine-tuned: the
# truth is what frozen features give to a probe. And the draws share one test set, small for the photographs.)
#
# The oldest rule says: take the network that is *best at its own task*. We know these figures from the weights' index.
# (The untrained network has no task of its own, and counts as 0.)

# %% tags=["nbval-ignore-output"]
own = {each.name: each.facts["val_accuracy"] for each in list_embedded() if each.name in SOURCES}
own["random"] = 0.0
for source, accuracy in own.items():
    column = candidates.index((source, "end"))
    mean = np.mean([truths[name, 10][:, column].mean() for name in TARGETS])
    print(f"{source:8} {accuracy:6.1%} on its own task, {mean:6.1%} on average over the five targets")

# %% [markdown]
# The network that is nearly perfect at telling hues is of little use to anyone else: its task was easy. A better score
# asks what the head says about *our* images. If source class 17 lights up for all our sevens and for nothing else, then
# the source sees what a seven is, whatever it calls it. *LEEP* makes this a number:
#
# - the joint table $P(y, z)$ is the mean, over the images of class $y$, of the probability that the head gives to $z$,
#   counted over all images: $\frac{1}{n} \sum_{i: y_i = y} \theta(x_i)_z$;
# - $P(y \mid z)$ divides each column by its sum; the score is the mean of $\log \sum_z P(y_i \mid z)\, \theta(x_i)_z$.


# %% exercise="5.1"
def leep(probabilities, labels):
    """Return LEEP, in nats, at most 0.

    `probabilities` are `(num_images, num_source_classes)`, rows that sum to 1; a source class may have probability 0
    for all images, and then adds nothing. `labels` are `(num_images,)`, whole numbers with gaps.
    """
    ### BEGIN SOLUTION
    hot = (labels[:, None] == np.unique(labels)).astype(float)  # (images, classes)
    joint = hot.T @ probabilities / len(labels)  # (classes, source classes)
    conditional = joint / np.maximum(joint.sum(axis=0), 1e-300)
    return np.log(((probabilities @ conditional.T) * hot).sum(axis=1)).mean()
    ### END SOLUTION


# %% check="5.1" points=3
# Tried on heads that are sure and unsure, on labels with gaps, and on a source class that never occurs.
check("5.1", leep, winners)

# %% [markdown]
# Can LEEP be fooled? Take the same photos network, and change nothing but its *head*: make it surer or less sure by a
# temperature, or merge its 200 classes into a few. The features stay, and so does the accuracy of a probe on them.

# %%
import tlkit.selection

rows, kinds = draw("textures", 10, 0), targets["textures"]["train"].labels
said = tables["textures", "photos", "train"]["head"][rows]
logits = np.log(said + 1e-12)
heads = {f"temperature {heat:g}": softmax(logits / heat, axis=1) for heat in (0.25, 1, 4, 16)}
heads |= {
    f"merged into {number}": np.stack([said[:, k::number].sum(axis=1) for k in range(number)], 1)
    for number in (57, 12, 4)
}
rivals = {source: tables["textures", source, "train"]["head"][rows] for source in ("glyphs", "opposed", "colours")}

# %% tags=["nbval-ignore-output"]
moved = {name: tlkit.selection.leep(head, kinds[rows]) for name, head in heads.items()}
others = {name: tlkit.selection.leep(head, kinds[rows]) for name, head in rivals.items()}
print("the same photos network:", ", ".join(f"{name} {value:.2f}" for name, value in moved.items()))
print("other networks:", ", ".join(f"{name} {value:.2f}" for name, value in others.items()))

# %%
assert max(moved.values()) - min(moved.values()) > 0.5
assert min(moved.values()) < max(others.values())
print("LEEP moves by more than half a nat, down past another network, while the features stand still.")

# %% [markdown]
# LEEP scores a head, not features. It compares networks well only if their heads are of a kind.
#
# ## Exercise 5.2: a score that is blind, and a cure
#
# Not every network has a head that you can ask, and a network that is cut has none. Then there are the features. The
# *H-score* asks how much of their spread lies between classes: $\mathrm{tr}(\mathrm{cov}(f)^{-1}\,
# \mathrm{cov}(E[f \mid y]))$. First, the wrong way: as it was published, with few labels. Mix the labels, so that
# nothing can be learned. The score should fall.

# %%
features = tables["textures", "photos", "train"]["end"][rows]
mixed = np.random.default_rng(0).permutation(kinds[rows])
plain = [h_score(features, y, shrinkage=0) for y in (kinds[rows], mixed)]
shrunk = [h_score(features, y) for y in (kinds[rows], mixed)]

# %%
assert np.allclose(plain, len(np.unique(kinds)) - 1)
assert shrunk[0] > shrunk[1] + 1
print(f"plain: {plain[0]:.3f} with the labels, {plain[1]:.3f} with mixed ones, for {features.shape} features")
print(f"shrunk: {shrunk[0]:.3f} with the labels, {shrunk[1]:.3f} with mixed ones")

# %% [markdown]
# With as many features as images, some direction separates *any* labels perfectly, so that the score is always the
# number of classes less 1. Nothing warns you: it is a number, with decimals. The cure is to *shrink* the covariance
# towards the identity; how much, Ledoit and Wolf have a formula for, `shrinkage_of`. Write the score for a given
# shrinkage $s$: with $m$ the mean variance of a feature, $(1 - s)\, \mathrm{tr}\big(((1 - s)\,\mathrm{cov}(f) + s\,m\,
# I)^{-1}\, \mathrm{cov}(E[f \mid y])\big)$.


# %% exercise="5.2"
def shrunken_h_score(features, labels, shrinkage):
    """Return the shrunk H-score, a number.

    `features` are `(num_images, num_features)`, `labels` are `(num_images,)`. Covariances divide by the number of
    images; that of E[f | y] is of a table in which each image has the mean of its class. With a shrinkage of 0 there
    may be no inverse: `np.linalg.pinv(..., rcond=1e-10)`.
    """
    ### BEGIN SOLUTION
    x = features - features.mean(axis=0)
    means = np.zeros_like(x)
    for label in np.unique(labels):
        means[labels == label] = x[labels == label].mean(axis=0)
    cov, between = x.T @ x / len(x), means.T @ means / len(x)
    shrunk = (1 - shrinkage) * cov + shrinkage * np.diag(cov).mean() * np.eye(len(cov))
    return (1 - shrinkage) * np.trace(np.linalg.pinv(shrunk, rcond=1e-10) @ between)
    ### END SOLUTION


# %% check="5.2" points=2
# Tried without shrinkage and with much, on few features and on more features than images, on classes of uneven size.
check("5.2", shrunken_h_score)

# %% [markdown]
# ## Exercise 5.3: a probe in folds, without a leak
#
# The most honest score is a small experiment: hold out a part of the labelled images, train a probe on the rest, and
# see. Its trap is the leak. Take textures with *mixed* labels, of which nothing can be learned, keep the 20 of 576
# features that separate the classes best, and cross-validate a probe on those. What will it reach? Chance is one
# in the number of classes.

# %%
print(LEAKS)


# %% exercise="5.3-predict"
def my_leak():
    """Return one of LEAKS: where the accuracy lands if the features are chosen before the folds are dealt."""
    ### BEGIN SOLUTION
    return "between"
    ### END SOLUTION


# %%
predict("5.3", my_leak)

# %%
from sklearn.feature_selection import SelectKBest
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler


def leaky_and_clean(seed):
    """Return the accuracies with the features chosen before the folds are dealt, and inside each fold."""
    rows = draw("textures", 10, seed)
    table = tables["textures", "photos", "train"]["end"][rows]
    labels = np.random.default_rng(seed).permutation(targets["textures"]["train"].labels[rows])
    probe, folds = (
        (StandardScaler(), LogisticRegression(C=0.05, max_iter=500)),
        StratifiedKFold(3, shuffle=True, random_state=seed),
    )
    chosen = SelectKBest(k=20).fit_transform(table, labels)
    outside = cross_val_score(make_pipeline(*probe), chosen, labels, cv=folds).mean()
    return outside, cross_val_score(make_pipeline(SelectKBest(k=20), *probe), table, labels, cv=folds).mean()


# %% tags=["nbval-ignore-output"]
outside, inside = np.array([leaky_and_clean(seed) for seed in range(10)]).T
leak = {"outside": outside.tolist(), "inside": inside.tolist(), "chance": 1 / len(np.unique(kinds))}
difference = paired_interval(outside, inside)
print(f"chosen before: {outside.mean():.1%}; chosen inside each fold: {inside.mean():.1%}; {difference}")

# %%
chance = mean_interval(inside)
assert difference.low > 0
assert chance.low < leak["chance"] < chance.high
print("Chosen outside, noise looks like knowledge. Chosen inside, the interval holds chance.")

# %% [markdown]
# So whatever is estimated, is estimated inside the fold: choices, penalties, and the scaler, too, although that one
# rarely matters as much. Write it.


# %% exercise="5.3"
def held_out_accuracy(features, labels, fold, classify):
    """Return the share of *images* that are answered rightly by what was learned from the other folds.

    `features` are `(num_images, num_features)`, `labels` and `fold` are `(num_images,)`: whole numbers with gaps; folds
    differ in size. Each feature is standardised, inside the fold; a deviation of 0 counts as 1.
    `classify(train_features, train_labels, other_features)` returns the labels of the others.
    """
    ### BEGIN SOLUTION
    right = np.zeros(len(labels), bool)
    for number in np.unique(fold):
        held = fold == number
        train = features[~held]
        mean, spread = train.mean(axis=0), train.std(axis=0)
        spread[spread == 0] = 1
        said = classify((train - mean) / spread, labels[~held], (features[held] - mean) / spread)
        right[held] = said == labels[held]
    return right.mean()
    ### END SOLUTION


# %% check="5.3" points=2
# Tried on folds of uneven size from other cameras, on features in other units, and on one that never changes.
check("5.3", held_out_accuracy, leak)

# %% [markdown]
# ## Exercise 5.4: which score foretells?
#
# Seven scores: LEEP, NCE (LEEP's older relative, which uses only the head's answers), LogME (how probable the labels
# are under a Bayesian linear model), the H-score shrunk and plain, the probe in three folds, and the accuracy at the
# source's own task. First the four trained sources, at their end, where each score can be computed.

# %%
print(SCORES)


# %% exercise="5.4-predict"
def my_best_score():
    """Return one of SCORES: the one that foretells best on average over the five targets."""
    ### BEGIN SOLUTION
    return "probe"
    ### END SOLUTION


# %%
predict("5.4", my_best_score)


# %%
def score_of(score, name, source, cut, rows):
    """Return a score of one candidate from the labelled rows of a target; NaN where it cannot be computed."""
    table, y = tables[name, source, "train"], targets[name]["train"].labels[rows]
    if score in ("LEEP", "NCE"):
        has_head = cut == "end" and source != "random"
        return {"LEEP": tlkit.selection.leep, "NCE": nce}[score](table["head"][rows], y) if has_head else np.nan
    if score == "own accuracy":
        return own[source]
    if score == "plain H-score":
        return h_score(table[cut][rows], y, shrinkage=0)
    return {"LogME": logme, "H-score": h_score, "probe": probe_accuracy}[score](table[cut][rows], y)


# %%
scores, seconds = {}, {}


def score_everywhere(score):
    """Score all candidates in each target, budget and draw, note the CPU seconds, and move the bar."""
    began = time.process_time()
    for name in TARGETS:
        for budget in BUDGETS:
            draws = [draw(name, budget, seed) for seed in range(NUM_DRAWS)]
            found = [[score_of(score, name, source, cut, rows) for source, cut in candidates] for rows in draws]
            scores[score, name, budget] = np.array(found)
            bar.add(1)
    seconds[score] = time.process_time() - began


# %% tags=["nbval-ignore-output"]
bar = keras.utils.Progbar(len(SCORES) * len(TARGETS) * len(BUDGETS), unit_name="score, target and budget")
for score in SCORES:
    if score != "probe":
        score_everywhere(score)

# %% tags=["nbval-ignore-output"]
score_everywhere("probe")  # three trainings for each candidate and draw: it takes longer than all others together

# %% [markdown]
# How do we judge a score? By whether it *ranks* candidates as the truth does, above all the best ones: `weighted_tau`
# gives each pair of candidates that agrees a weight that is large if one of them is among the best. 1 is the same
# ranking, 0 says nothing. One trap has to be avoided: a score and an accuracy of the same draw saw the same labelled
# images, and share their luck. So each draw's scores are compared with the truth of the *other* draws.


# %% exercise="5.4"
def foretells(truths, scores):
    """Return the mean weighted tau over draws, and Student's 95 % interval of it: `(mean, low, high)`.

    `truths` and `scores` are `(num_draws, num_candidates)`. The scores of a draw are compared with the mean truth of
    all other draws, by `weighted_tau(truth, score)`.
    """
    ### BEGIN SOLUTION
    others = (truths.sum(axis=0) - truths) / (len(truths) - 1)
    found = mean_interval([weighted_tau(*pair) for pair in zip(others, scores, strict=True)], percent=False)
    return found.mean, found.low, found.high
    ### END SOLUTION


# %%
at_end = [candidates.index((source, "end")) for source in SOURCES if source != "random"]
judged = {score: (truths["textures", 10][:, at_end], scores[score, "textures", 10][:, at_end]) for score in SCORES}

# %% check="5.4" points=3
# Tried on good and useless scores, on scores that repeat their own draw's luck, on equal scores, and on your textures.
check("5.4", foretells, judged)

# %% [markdown]
# Now over all targets and both budgets. The draws of one target share its images, so an interval over draws speaks of
# these five targets only. The harder question is: what about *other targets*? For that, the interval goes over the
# five, as few as they are. (Tau ends at 1; Student's interval doesn't know that, and may reach beyond.)


# %%
def judge(score, columns):
    """Return tau and regret of a score for each target, `(5,)` each: means over budgets and draws."""
    taus, lost = [], []
    for name in TARGETS:
        cells = [(truths[name, budget][:, columns], scores[score, name, budget][:, columns]) for budget in BUDGETS]
        taus.append(np.mean([foretell(*cell).mean for cell in cells]))
        lost.append(np.mean([regret(truth.mean(axis=0), row) for truth, given in cells for row in given]))
    return np.array(taus), np.array(lost)


def over_draws(score, columns):
    """Return the interval of tau over draws, with the mean over targets and budgets taken first."""
    cells = [(name, budget) for name in TARGETS for budget in BUDGETS]
    found = [taus_of_draws(truths[cell][:, columns], scores[score, *cell][:, columns]) for cell in cells]
    return mean_interval(np.mean(found, axis=0), percent=False)


def tell(score, found):
    """Print what was found out about a score."""
    draws, places, points = found
    spans = [f"[{each.low:.2f}, {each.high:.2f}]" for each in (draws, places)]
    spans = f"over draws {spans[0]}, over targets {spans[1]}"
    print(f"{score:14} tau {draws.mean:+.2f}, {spans}; its choice loses {100 * points:.1f} points")


# %% tags=["nbval-ignore-output"]
four = {}
for score in SCORES:
    taus, lost = judge(score, at_end)
    four[score] = over_draws(score, at_end), mean_interval(taus, percent=False), lost.mean()
    tell(score, four[score])

# %%
seeing = [score for score in SCORES if score not in ("plain H-score", "own accuracy")]
assert min(min(four[score][0].low, four[score][1].low) for score in seeing) > 0
assert four["own accuracy"][0].high < 0
assert four["plain H-score"][0].mean < min(four[score][0].mean for score in seeing) - 0.3
print("All five scores that see the labels foretell: their intervals over draws and over targets lie above 0.")
print("The plain H-score is far behind. The accuracy at its own task is worse than nothing: it points the wrong way.")

# %%
ax = new_axes(None, (5.6, 3.4))
for name, color, marker in zip(TARGETS, COLORS, MARKERS, strict=False):
    gained = 100 * (truths[name, 10].mean(axis=0) - pixels[name, 10].mean())[at_end]
    ax.plot(100 * np.array([own[source] for source in SOURCES[:4]]), gained, marker, color=color, label=name)
ax.axhline(0, color="#222222", linewidth=0.9, linestyle=":")
ax.legend(frameon=False, fontsize=8, labelcolor="#222222")
_ = finish(
    ax, "Best at its own task is not best for others", "accuracy at its own task (%)", "gain over pixels (points)"
)

# %% [markdown]
# Is a score better than a rule that costs nothing: "always the photos, at their end"? And where should the network be
# *cut*? LEEP and NCE cannot answer that: only the end has a head. So take all fifteen candidates.


# %% tags=["nbval-ignore-output"]
everything = list(range(len(candidates)))
fifteen = {}
for score in ("LogME", "H-score", "probe", "own accuracy"):
    taus, lost = judge(score, everything)
    fifteen[score] = over_draws(score, everything), mean_interval(taus, percent=False), lost.mean()
    tell(score, fifteen[score])


# %% tags=["nbval-ignore-output"]
def lost_by_rule(rule, columns):
    """Return the mean points that a rule loses, which takes the same candidate everywhere."""
    cells = [truths[name, budget].mean(axis=0) for name in TARGETS for budget in BUDGETS]
    return 100 * np.mean([cell[columns].max() - cell[candidates.index(rule)] for cell in cells])


print(f"always the end of photos: {lost_by_rule(('photos', 'end'), at_end):.1f} points lost of four candidates")
for cut in CUTS:
    print(f"always photos, cut {cut}: {lost_by_rule(('photos', cut), everything):.1f} points lost of fifteen")

# %%
assert fifteen["probe"][1].low > 0
assert fifteen["probe"][2] < fifteen["own accuracy"][2]
print("The probe foretells among sources and cuts, too: its interval over targets lies above 0.")

# %% [markdown]
# Compare the lines: with these sources, a fixed rule that nobody could have known beforehand may lose as little as a
# good score, or less. A score is a measurement with errors like any other. What it buys is that you need not know the
# rule.
# (The probe is flattered on textures and tissue, since patches of one photo overlap: its folds are not independent.)
#
# ## Exercise 5.5: the nearest domain
#
# Another rule: "take the source whose images look most like mine". It needs no labels at all. The proxy A-distance
# trains a classifier to tell the two domains apart: 0 if it can only guess, 2 if it never errs. Let's ask for printed
# characters and photographs (of things, standing in for the source's photos, which do not come with the kit).

# %%
print("The nearest domain transfers best", NEAREST)


# %% exercise="5.5-predict"
def my_nearest():
    """Return one of NEAREST: in how many of four targets the nearer of the two domains gains more."""
    ### BEGIN SOLUTION
    return "in some targets"
    ### END SOLUTION


# %%
predict("5.5", my_nearest)

# %% tags=["nbval-ignore-output"]
printed = grey(load_dataset("glyphs").train.take_per_class(4).images)
domains = {"glyphs": printed, "photos": grey(targets["objects_photographed"]["train"].images)}
nearest = {}
for name in TARGETS[:4]:
    mine = grey(targets[name]["train"].images)
    apart = {source: proxy_a_distance(mine, domain) for source, domain in domains.items()}
    mmd = {source: squared_mmd(mine, domain) for source, domain in domains.items()}
    ends = {source: truths[name, 10][:, candidates.index((source, "end"))].mean() for source in domains}
    nearest[name] = bool(min(mmd, key=mmd.get) == max(ends, key=ends.get))
    text = ", ".join(f"{s}: A {apart[s]:.2f}, MMD² {mmd[s]:.2f}, accuracy {ends[s]:.1%}" for s in domains)
    print(f"{name:14} {text}")

# %% [markdown]
# Where both distances A are near 2, the classifier tells either domain from the target without an error, and which one
# is nearer is luck. MMD², the squared maximum mean discrepancy of lesson 3, has no such ceiling, and it decides here
# which domain is the nearer one. Neither of them names the better source for every target.
#
# There is a simpler objection. `opposed` learned from the same kind of images as `glyphs`, printed characters, with
# other labels on them: by font. A distance between images cannot tell these two sources apart. Can the digits?

# %%
assert 0 < sum(nearest.values()) < len(nearest)

# %% tags=["nbval-ignore-output"]
pair = [truths["digits", 10][:, candidates.index((source, "end"))] for source in ("glyphs", "opposed")]
same_images = paired_interval(*pair)
print("glyphs minus opposed, at the end, ten labels for each digit:", same_images)

# %%
assert same_images.low > 0.1
print("The same kind of images, and more than ten points between them: a distance sees no question.")

# %% [markdown]
# Write the distance from the answers of a domain classifier on images that it has not learned from. Mind the sizes: if
# one domain has far more images, always naming it is right most of the time, and knows nothing.


# %% exercise="5.5"
def proxy_a(answers, domains):
    """Return the proxy A-distance, in [0, 2]: 2 (1 - 2 e), but at least 0.

    `answers` and `domains` are `(num_images,)`: the domain that was named, and the true one, each one of two whole
    numbers. e is the mean of the two domains' shares of wrong answers.
    """
    ### BEGIN SOLUTION
    errors = [np.mean(answers[domains == name] != name) for name in np.unique(domains)]
    return max(0.0, 2 * (1 - 2 * np.mean(errors)))
    ### END SOLUTION


# %% check="5.5" points=2
# Tried on classifiers that guess, that never err, that always name the larger domain, and on bad luck.
check("5.5", proxy_a, nearest)

# %% [markdown]
# ## Exercise 5.6: what does choosing cost?
#
# The unit that does not depend on your machine is an image that goes through a network. Scores on frozen features are
# cheap, since all cuts of a network share one pass, and so do all scores. Whoever fine-tunes each candidate to find
# the best one pays for each image, in each epoch, for each candidate.


# %% exercise="5.6"
def images_seen(candidates, num_images, epochs):
    """Return how many images go through a network, a whole number.

    `candidates` are `(network, cut)` pairs; one that is named twice is run once. With `epochs` 0, each is scored on
    frozen features: one pass of each image through each network serves all its cuts. Otherwise each candidate is
    fine-tuned for so many epochs, and sees each image in each of them; the scores' pass is not needed.
    """
    ### BEGIN SOLUTION
    networks = {network for network, _ in candidates}
    return num_images * (epochs * len(set(candidates)) if epochs else len(networks))
    ### END SOLUTION


# %% check="5.6" points=2
# Tried on networks with one cut and with several, on candidates that are named twice, and on one epoch and many.
check("5.6", images_seen)

# %% tags=["nbval-ignore-output"]
num_labelled = 10 * len(np.unique(kinds))
cheap = tlkit.selection.images_seen(candidates, num_labelled)
dear = tlkit.selection.images_seen(candidates, num_labelled, epochs=20)
print(
    f"textures, {num_labelled} labelled images, 15 candidates: {cheap} images for all scores, {dear} for 20 epochs each"
)
runs = len(TARGETS) * len(BUDGETS) * NUM_DRAWS
for score in SCORES[:-1]:
    each = 1000 * seconds[score] / (runs * (4 if score in ("LEEP", "NCE") else len(candidates)))
    print(f"{score:14} {each:6.1f} CPU ms for each candidate, once its features are there")

# %% [markdown]
# ## Exercise 5.7: accuracy, time, size
#
# So far, all candidates cost the same to run. Among the networks of Keras Applications, the largest needs dozens of
# times as long as the smallest. Their documentation gives accuracy on ImageNet, and the kit has measured how long each
# takes for one image on two cores. Of those with both numbers: how many does no other *beat*, being at least as good in
# both, and better in one?

# %%
known = {row.name: (row.milliseconds, row.top1) for row in list_latencies()}
complete = {name: row for name, row in known.items() if None not in row}
print(f"{len(known)} networks, {len(complete)} with both numbers")


# %% exercise="5.7-predict"
def my_unbeaten():
    """Return how many of them are not beaten, a whole number."""
    ### BEGIN SOLUTION
    return 9
    ### END SOLUTION


# %%
predict("5.7", my_unbeaten)

# %% [markdown]
# **Drag the first slider to the left until ResNet50 can no longer be afforded, and see whether the line moves.** Point
# at a network to read what is known about it. The third control asks where the weights come from. (Of the architecture
# whose weights come with the kit, no accuracy is published, so that it cannot be drawn.)

# %%
explorer = LatencyFront([vars(row) for row in list_latencies()])
explorer

# %%
front = LatencyFront([vars(row) for row in list_latencies()]).front
assert not {"vgg16", "vgg19", "resnet50"} & set(front)
print(f"{len(front)} of {len(complete)} are not beaten; VGG and ResNet50, which many tutorials use, are not.")

# %% [markdown]
# This says what is best *on ImageNet*, on the machine where the times were taken. ImageNet is one more source with an
# accuracy at its own task, and you saw above what that is worth. (Among networks of one kind, trained on ImageNet, it
# is worth more: see Kornblith et al. in the references.) And do the times hold here? Two networks that are built in
# seconds, with random weights, at 224 pixels:

# %% tags=["nbval-ignore-output"]
here = {name: measure_latency(name, pixels=224) for name in ("mobilenet", "mobilenet_v2")}
for name, value in here.items():
    print(f"{name}: {value:.0f} ms for an image here, {known[name][0]:.0f} ms where the kit was measured")


# %% exercise="5.7"
def unbeaten(networks, limit):
    """Return a list of the names of networks that can be afforded and that no other such network beats, fastest first.

    `networks` is `{name: (milliseconds, accuracy)}`, either of which may be `None`: such a network is left out, and
    beats nobody. A network can be afforded if it takes at most `limit` ms. One beats another if it is as good in both,
    and better in one. No two are equal in both.
    """
    ### BEGIN SOLUTION
    known = {name: row for name, row in networks.items() if None not in row and row[0] <= limit}
    best, found = -1.0, []
    for name in sorted(known, key=lambda name: (known[name][0], -known[name][1])):
        if known[name][1] > best:
            found.append(name)
            best = known[name][1]
    return found
    ### END SOLUTION


# %% check="5.7" points=2
# Tried on networks that are as fast or as accurate as another, on unknown numbers, and on limits that just suffice.
check("5.7", unbeaten, front)

# %% [markdown]
# Where else are networks found? A catalogue is not a score: a name and a large number of downloads say nothing about
# your target. Read the licence, and the card.

# %%
for place in list_catalogues():
    print(f"{place.name}: {place.good_for}.\n    into Keras: {place.into_keras}\n    licence: {place.licence}")

# %% [markdown]
# ## Exercise 5.8: which setting is it?
#
# Which way is open at all depends on what is given to *learn* from. Pan and Yang (2010) tell three settings apart:
# *inductive* (the target has labels), *transductive* (only the source has labels), *unsupervised* (neither has any).
# Labels that are kept for judging don't count: whoever learns from them can no longer judge.

# %%
print(SETTINGS)


# %% exercise="5.8"
def setting(given):
    """Return one of SETTINGS.

    `given` is a list of dictionaries, one for each part of the data, in any order: `"domain"` is "source" or "target",
    `"use"` is "learn" or "judge", `"images"` and `"labels"` are whole numbers: how many images there are, and how many
    of them have a label; `"name"` says nothing.
    """
    ### BEGIN SOLUTION
    has = {part["domain"] for part in given if part["use"] == "learn" and part["labels"] > 0}
    return "inductive" if "target" in has else "transductive" if "source" in has else "unsupervised"
    ### END SOLUTION


# %% check="5.8" points=2
# Tried on all three, with labels that are kept for judging, with a single label, and with many parts of data.
check("5.8", setting)

# %% [markdown]
# `advise` asks these questions, and a few more, and says what to try first, and which lesson tests it. It is a rule of
# thumb: start there, and measure. **Change what is given**, and see where the path turns.

# %%
board = AdviceBoard(Task(labels=20, similarity="related", hardware="cpu"))
board

# %%
print(board.advice, "\n")
print(advice_tree(board.task))

# %% [markdown]
# ## On your own data
#
# Name a folder with one subfolder for each class, each with at least three images. Four networks are scored, at two
# cuts; nothing of a network is trained, and the test images stay in their vault.

# %% tags=["nbval-ignore-output"]
MY_PHOTOS = ""  # for example "photos/pets", with photos/pets/cat/*.jpg and photos/pets/dog/*.jpg
photos = None
try:
    photos = images_from_folder(MY_PHOTOS) if MY_PHOTOS else None
except (OSError, ValueError) as error:
    print(f"These photos cannot be used: {error}")
if photos is None:
    print("No photos yet: this part waits until you have some.")


# %% tags=["nbval-ignore-output"]
def rank_sources(split):
    """Print the scores of four networks at two cuts, the best probe first."""
    found = []
    for source in SOURCES[:4]:
        table = read_network(source).predict(split.images, verbose=0)
        for cut in ("late", "end"):
            scored = probe_accuracy(table[cut], split.labels), logme(table[cut], split.labels)
            found.append((*scored, source, cut))
    found.append(
        (probe_accuracy(grey(split.images), split.labels), logme(grey(split.images), split.labels), "pixels", "")
    )
    for accuracy, evidence, source, cut in sorted(found, reverse=True):
        print(f"{source:8} {cut:5} probe in folds {accuracy:.1%}, LogME {evidence:.2f}")


if photos is not None:
    rank_sources(photos.train)

# %% [markdown]
# ## What we saw
#
# - One source was best for most targets, another for some. No source was best because it was best at its own task:
#   among these, that accuracy pointed the wrong way.
# - Scores that see the target's labels foretell the gain, over draws and over targets. A fixed rule may lose as little;
#   a score spares you from having to know it. Whether the best source beats none is another question: measure it.
# - Each score has its blind spot: LEEP scores a head, a plain H-score is blind to wide tables, a probe leaks if
#   something is chosen outside its folds, and a distance sees no labels.
# - A score on frozen features costs one pass for each network. Fine-tuning all candidates costs many times that.
# - Some of the best-known networks are beaten by a faster and better one, on ImageNet.
#
# The card below shows what you predicted and what you measured. Say what you believe now.


# %% exercise="5.8-believe"
def my_beliefs():
    """Return a dictionary `{exercise: what you believe now}` in your own words."""
    ### BEGIN SOLUTION
    return {
        "5.1": "The best source depends on the target.",
        "5.3": "Whatever is chosen, is chosen inside the fold.",
        "5.4": "A cheap score that sees my labels is worth more than a famous accuracy.",
        "5.5": "Near images are not near questions.",
        "5.7": "I start on the line, and not with ResNet50.",
    }
    ### END SOLUTION


# %% tags=["nbval-ignore-output"]
measured = {
    "5.1": ", ".join(f"{name}: {source}" for name, source in winners.items()),
    "5.3": f"{outside.mean():.0%} outside the folds, {inside.mean():.0%} inside",
    "5.4": ", ".join(f"{score} {four[score][0].mean:+.2f}" for score in SCORES),
    "5.5": f"the nearer domain was better in {sum(nearest.values())} of {len(nearest)} targets",
    "5.7": f"{len(front)} of {len(complete)} are not beaten",
}
lesson_card(5, measured=measured, believed=my_beliefs)

# %% tags=["nbval-ignore-output"]
progress(5)

# %% [markdown]
# ## In your own words
#
# **A colleague wants to start from the network with the best ImageNet accuracy. What do you advise, and which of your
# figures says so?** Double-click the next cell, and replace its text with two or three sentences. No check can read
# them: in a course, a person does, and their points are counted separately.

# %% [markdown] essay="5.9" points=2
# I would label ten images of each class, pass them once through three or four networks that we can afford, and compare
# a probe in folds. The accuracy at the source's own task had a negative tau over my five targets (row 5.4), while the
# scores that look at the labels had intervals above 0. And I would start on the line of row 5.7, since the most
# accurate network may take dozens of times as long.

# %% [markdown]
# ## References
#
# - Nguyen et al. (2020), [LEEP: a new measure to evaluate transferability](https://arxiv.org/abs/2002.12462)
# - Tran, Nguyen and Hassner (2019), [Transferability and hardness of supervised
#   classification](https://arxiv.org/abs/1908.08142)
# - You et al. (2021), [LogME: practical assessment of pre-trained models](https://arxiv.org/abs/2102.11005)
# - Bao et al. (2019), An information-theoretic approach to transferability in task transfer learning, ICIP.
# - Ibrahim, Ponomareva and Mazumder (2022), [Newer is not always better](https://arxiv.org/abs/2110.06893)
# - Kornblith, Shlens and Le (2019), [Do better ImageNet models transfer better?](https://arxiv.org/abs/1805.08974)
# - Pan and Yang (2010), A survey on transfer learning, IEEE Transactions on Knowledge and Data Engineering 22.
# - Keras, [Available models](https://keras.io/api/applications/), with accuracies and times.
