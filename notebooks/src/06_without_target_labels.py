# ---
# jupyter:
#   tlkit: {"minutes": 80}
# ---

# %% [markdown]
# # Can it learn from a domain for which nobody wrote labels?
#
# This takes about 80 minutes, less than five of which are computing time on two CPU cores. You will
#
# - align features in closed form, train networks to agree, and let them learn from their own guesses;
# - see the same method help on one pair of domains and hurt on another, each with an interval;
# - choose a strength without a single label of the target, and find out what such a choice is worth.
#
# There is a labelled *source* and an unlabelled *target*: the same task, another look. `hint("6.2")` in a cell of your
# own gives the first of three hints for exercise 6.2.

# %%
from tlkit.adaptation import AdaptedProbe, Adda, Coral, Dann, DeepCoral, DeepMmd, SelfTrainedNetwork, SelfTrainedProbe
from tlkit.adaptation import SourceNetwork, StandardizedApart, SubspaceAlignment, Tca, gradual_guesses
from tlkit.adaptation import importance_weights, make_dense_encoder, make_image_encoder, mean_entropy
from tlkit.adaptation import reverse_accuracy, turned_moons, weighted_risk
from tlkit.backbones import load_backbone
from tlkit.checks import check, hint, lesson_card, predict, progress
from tlkit.data import Split, Vault, images_from_folder, load_dataset, make_glyphs
from tlkit.exercises.lesson_06_without_target_labels.shown import KINDS, LUMINANCE, REACHES, RULES, SIGNS, WHERE
from tlkit.exercises.lesson_06_without_target_labels.shown import gains_by, inked
from tlkit.measure import compare_runs, paired_interval
from tlkit.plots import show_images
from tlkit.probes import linear_probe
from tlkit_widgets import MoonsBoard

import keras
import numpy as np
from PIL import Image
from sklearn.svm import SVC

keras.utils.set_random_seed(0)

# %% [markdown]
# ## Printed digits have labels, handwritten ones have none
#
# A computer draws as many printed digits as you like, with their labels. The digits that people wrote come without.

# %%
printed = make_glyphs(60, seed=11, classes="0123456789")
written = load_dataset("digits")
some = np.concatenate([printed.take_per_class(1).images, written.train.take_per_class(1).images])
_ = show_images(some, columns=10, title="Printed, with labels; written, without")

# %% [markdown]
# So that we can say afterwards what helped, labels of the written digits exist. They lie in two vaults. The first holds
# those of the images that the methods learn from; the second holds the images that everything is judged on.

# %%
pool = np.concatenate([written.train.images, written.val.images])
labels_of_pool = np.concatenate([written.train.labels, written.val.labels])
vault = Vault(Split(pool, labels_of_pool, written.class_names))
judged = written.test.open("results only: nothing in this lesson is chosen on them")
print(vault)

# %% [markdown]
# ## Exercise 6.1: three kinds of shift
#
# Inputs `x` and classes `y` have a joint distribution in each domain. Three ways in which it can change have names:
#
# - **covariate shift**: other inputs, but what an input means, p(y | x), stays the same (the same signs, in the rain);
# - **label shift**: other shares of the classes, but what a class looks like, p(x | y), stays the same (an epidemic);
# - **concept shift**: the same inputs mean something else (what counts as spam).

# %%
source_table = np.array([[0.32, 0.08], [0.12, 0.48]])  # two inputs by two classes: joint probabilities
target_table = np.array([[0.64, 0.16], [0.04, 0.16]])
for name, table in (("source", source_table), ("target", target_table)):
    print(name, "shares of inputs", table.sum(axis=1), "p(first class | input)", table[:, 0] / table.sum(axis=1))


# %% exercise="6.1"
def kind_of_shift(source, target):
    """Return the kind of the shift between two joint tables `(num_inputs, num_classes)`, one of KINDS.

    All entries are above 0, and each table sums to 1. "none": nothing changes. "covariate": p(y | x) stays the same.
    "label": p(x | y) stays the same. "concept": p(y | x) changes, and the shares of the inputs stay the same.
    "several": everything else.
    """
    ### BEGIN SOLUTION
    if np.allclose(source, target):
        return "none"
    means = [table / table.sum(axis=1, keepdims=True) for table in (source, target)]
    looks = [table / table.sum(axis=0, keepdims=True) for table in (source, target)]
    if np.allclose(*means):
        return "covariate"
    if np.allclose(*looks):
        return "label"
    return "concept" if np.allclose(source.sum(axis=1), target.sum(axis=1)) else "several"
    ### END SOLUTION


# %%
print(KINDS)

# %% check="6.1" points=2
# Tried on tables of all sizes, with each kind of shift.
check("6.1", kind_of_shift)

# %% [markdown]
# No method below can see a concept shift: without labels of the target, nothing shows it. All of them *assume* that
# there is none.
#
# ## The wrong way first
#
# The network `glyphs` has learned to read printed characters. We keep it frozen, take its features, and fit a linear
# probe to the printed digits. Then we check it: on printed digits that it has not seen.


# %%
def features_of(source, images):
    """Return features `(num_images, channels)` of a frozen network: its last map, averaged over positions."""
    backbone = load_backbone("mobilenet_v3_small", weights=source)
    return backbone.predict(np.ascontiguousarray(images), batch_size=128, verbose=0).mean(axis=(1, 2))


def watched(values, unit):
    """Yield the values one by one, and show how many are done."""
    bar = keras.utils.Progbar(len(values), unit_name=unit)
    for value in values:
        yield value
        bar.add(1)


def in_one_scale(source, *others):
    """Return tables in units of the source's standard deviations, around the source's mean."""
    mean, scale = source.mean(axis=0), source.std(axis=0) + 1e-3
    return [(table - mean) / scale for table in (source, *others)]


# %% tags=["nbval-ignore-output"]
hand = [features_of("glyphs", images) for images in watched((printed.images, pool, judged.images), "table")]
unseen = make_glyphs(30, seed=12, classes="0123456789")

# %%
probe = linear_probe(hand[0], printed.labels, strength=0.05)
on_printed = probe.score(features_of("glyphs", unseen.images), unseen.labels)
on_written = probe.score(hand[2], judged.labels)

# %% tags=["nbval-ignore-output"]
print(f"printed: {on_printed:.0%}; written: {on_written:.0%}")

# %%
assert on_printed > on_written + 0.2
print("More than 20 points are missing, and the check on printed digits knew nothing of it.")

# %% [markdown]
# That is the doubt that this lesson is about: everything that you *can* check is on the source.
#
# ## Exercise 6.2: make the features alike
#
# The oldest remedies need no training. **Standardise each domain by itself** (AdaBN does it in each layer), give the
# source the *covariance* of the target (**CORAL**), or go on with the probe's own surest guesses (**self-training**).
#
# We try them on two shifts. *The hand*: printed to written. *The camera*: photographs of surfaces, and the same kind of
# photographs with noise. The latter come from three splits that share no photograph. (Within a split, patches overlap.
# That would flatter a classifier that learns from labelled patches of the target, so there is none on this pair.) Where
# does CORAL gain?

# %%
surfaces = load_dataset("textures")
patches = surfaces.test.open("results only: nothing in this lesson is chosen on them")


def with_noise(images, seed=0):
    """Return images as a bad camera would take them in the dark."""
    noise = np.random.default_rng(seed).normal(0, 30, (*images.shape[:3], 1))
    return np.clip(images + noise, 0, 255).astype("uint8")


shifted = [surfaces.train.images[::3], with_noise(surfaces.val.images[:400]), with_noise(patches.images[::2])]
camera = [features_of("photos", images) for images in shifted]
_ = show_images(np.concatenate([shifted[0][:6], shifted[1][:6]]), columns=6, title="The source, and the target")

# %%
print(WHERE)


# %% exercise="6.2-predict"
def my_place():
    """Return one of WHERE: on which shift does CORAL gain at least five points on average?"""
    ### BEGIN SOLUTION
    return "the camera"
    ### END SOLUTION


# %%
predict("6.2", my_place)

# %%
CLOSED = {
    "source only": AdaptedProbe,
    "standardised": lambda: AdaptedProbe(StandardizedApart()),
    "CORAL": lambda: AdaptedProbe(Coral()),
    "self-training": lambda: SelfTrainedProbe(num_rounds=3),
    "standardised + self-training": lambda: SelfTrainedProbe(StandardizedApart(), num_rounds=3),
}


def draw(num_rows, share, seed):
    """Return a share of the row numbers, drawn by the seed."""
    return np.random.default_rng(seed).permutation(num_rows)[: int(share * num_rows)]


def compare(methods, tables, labels, true_labels, seeds=5):
    """Return `{method: accuracies on the judged target}`, one for each draw of source and target rows."""
    found = {name: [] for name in methods}
    for seed in watched(range(seeds), "draw"):
        rows, others = draw(len(tables[0]), 0.8, seed), draw(len(tables[1]), 0.6, seed)
        source, target, test = in_one_scale(tables[0][rows], tables[1][others], tables[2])
        for name, make in methods.items():
            found[name].append(make().fit(source, labels[rows], target).score(test, true_labels))
    return found


# %% tags=["nbval-ignore-output"]
by_shift = {
    "the camera": compare(CLOSED, camera, surfaces.train.labels[::3], patches.labels[::2]),
    "the hand": compare(CLOSED, hand, printed.labels, judged.labels),
}
for place, found in by_shift.items():
    print(place, compare_runs(found, baseline="source only"), sep="\n")

# %%
gains = {place: np.subtract(found["CORAL"], found["source only"]) for place, found in by_shift.items()}
corals = {place: paired_interval(gain, np.zeros(5)) for place, gain in gains.items()}
assert corals["the camera"].low > 0.05 > corals["the hand"].mean
both = [np.subtract(found["standardised + self-training"], found["source only"]) for found in by_shift.values()]
assert all(paired_interval(gain, np.zeros(5)).low > 0 for gain in both)
print("CORAL gains with the camera and little with the hand. Standardised self-training gains with both.")

# %% [markdown]
# Why? A camera changes all images in one way, which means and covariances can describe. Another hand draws *other
# shapes*: that is in no covariance. And self-training by itself trusts the guesses that it starts from: look at its row
# where most of these are wrong. (The intervals are over draws of the rows; the judged images stay the same.)
#
# Write CORAL. Its trap is the mean: whitening and colouring know of covariances only.


# %% exercise="6.2"
def coral(source, target):
    """Return the source with the target's mean and covariance, `(num_rows, num_features)`.

    Each has more rows than features, and not the same number. Use symmetric roots of the covariances, as `np.cov` of
    the columns gives them, so that each feature keeps its meaning; add nothing to them.
    """

    ### BEGIN SOLUTION
    def power(covariance, exponent):
        values, vectors = np.linalg.eigh(covariance)
        return (vectors * values**exponent) @ vectors.T

    change = power(np.cov(source.T), -0.5) @ power(np.cov(target.T), 0.5)
    return (source - source.mean(axis=0)) @ change + target.mean(axis=0)
    ### END SOLUTION


# %% check="6.2" points=3
# Tried on correlated features, on domains with other means, and on equal domains.
check("6.2", coral, gains)

# %% [markdown]
# Two more closed forms look for *components* in which the domains agree: subspace alignment, and TCA with a kernel.
# Each gets a usual setting here, and is not tuned.

# %% tags=["nbval-ignore-output"]
SUBSPACES = {
    "subspace alignment": lambda: AdaptedProbe(SubspaceAlignment(40)),
    "TCA": lambda: AdaptedProbe(Tca(20), strength=1.0),
}
components = compare(SUBSPACES, hand, printed.labels, judged.labels)
components["source only"] = by_shift["the hand"]["source only"]
compare_runs(components, baseline="source only")

# %% [markdown]
# ## Exercise 6.3: match the inputs first
#
# Before you align features, look at the *images*. Scanned digits are light ink on dark paper, cut out and centred. The
# printed ones are of any colour, at any place. How far does a network of photos get if the printed digits are made to
# look like scans?

# %%
print(REACHES)


# %% exercise="6.3-predict"
def my_reach():
    """Return one of REACHES: the accuracy on written digits, source only, features of photos, inputs matched."""
    ### BEGIN SOLUTION
    return "30 to 60 %"
    ### END SOLUTION


# %%
predict("6.3", my_reach)


# %%
def cut_out(page, size=16):
    """Return the ink of a page, cut out, centred and scaled to `size` pixels; `(size, size)`, in [0, 1]."""
    rows, columns = (np.flatnonzero((page > 0.45).any(axis=axis)) for axis in (1, 0))
    box = Image.fromarray((255 * np.clip((page - 0.25) / 0.75, 0, 1)).astype("uint8"))
    box = box.crop((columns[0], rows[0], columns[-1] + 1, rows[-1] + 1))
    scale = (size - 2) / max(box.size)
    box = box.resize([max(1, round(side * scale)) for side in box.size], Image.Resampling.BOX)
    sheet = Image.new("L", (size, size))
    sheet.paste(box, ((size - box.width) // 2, (size - box.height) // 2))
    return np.asarray(sheet) / 255


# %%
def matched(images):
    """Return the images as a scanner would see them, `(num_images, 16, 16)`, in [0, 1]."""
    return np.stack([cut_out(page) for page in inked(images)])


def enlarged(pages):
    """Return pages of 16 pixels as the images of 64 pixels that a backbone expects."""
    images = [
        Image.fromarray((255 * page).astype("uint8")).resize((64, 64), Image.Resampling.BICUBIC) for page in pages
    ]
    return np.repeat(np.stack(images)[..., None], 3, axis=-1)


drawn = printed.images, pool, judged.images
pages = [matched(images) for images in drawn]
_ = show_images(enlarged([*pages[0][:10], *pages[1][:10]]), columns=10, title="Printed and written, matched")

# %% tags=["nbval-ignore-output"]
ONLY = {"source only": AdaptedProbe}
of_photos = [features_of("photos", each[:600]) for each in watched(drawn, "table")]  # source only needs few of the pool
of_scans = [features_of("photos", enlarged(each[:600])) for each in watched(pages, "table")]
accuracy = {
    "as drawn": compare(ONLY, of_photos, printed.labels, judged.labels)["source only"],
    "matched": compare(ONLY, of_scans, printed.labels, judged.labels)["source only"],
}

# %% tags=["nbval-ignore-output"]
compare_runs(accuracy, baseline="as drawn")

# %%
assert paired_interval(accuracy["matched"], accuracy["as drawn"]).low > 0.1
print("Matching the inputs gains more than 10 points, before any method of adaptation was tried.")

# %% [markdown]
# Both domains went through the same function, so nothing was tuned to the judged images. Write its first half, which
# the kit calls `inked`.


# %% exercise="6.3"
def as_ink(images):
    """Return pictures of ink, `(num_images, height, width)`, in [0, 1]: paper is 0, the strongest ink 1.

    `images` are `(num_images, height, width, 3)`, `uint8`. Of each image by itself: the distance of each pixel's
    luminance (LUMINANCE weighs red, green and blue) from the image's median, divided by the largest one. A page of one
    colour is 0 everywhere.
    """
    ### BEGIN SOLUTION
    grey = images @ np.array(LUMINANCE)
    far = np.abs(grey - np.median(grey, axis=(1, 2), keepdims=True))
    return far / np.maximum(far.max(axis=(1, 2), keepdims=True), 1e-9)
    ### END SOLUTION


# %% check="6.3" points=2
# Tried on light and on dark ink, on faint pages beside strong ones, and on an empty page.
check("6.3", as_ink, accuracy)

# %% [markdown]
# ## Exercise 6.4: networks that are trained to agree
#
# Now the methods that made the field famous. An *encoder* turns features into codes, and a *head* reads the classes in
# them. A term with the strength λ makes the codes of both domains alike:
#
# - **Deep CORAL** and **Deep MMD** measure how far apart the codes are, and pull;
# - **DANN** trains a *critic* to tell the domains apart, and sends its gradient to the encoder with the sign reversed;
# - **ADDA** first learns the source, and then trains a second encoder to fool a critic;
# - **self-training** goes on with the network's own guesses.
#
# They are all fitted in the same way, start from the same weights for each seed, and see the same batches. What does
# DANN do at a usual strength, 0.1, on the frozen features of the hand?

# %%
print(SIGNS)


# %% exercise="6.4-predict"
def my_sign():
    """Return one of SIGNS: the verdict of the interval of DANN's gain over the network without it."""
    ### BEGIN SOLUTION
    return "negative"
    ### END SOLUTION


# %%
predict("6.4", my_sign)

# %%
DIALS = {
    DeepCoral: (1.0, 100.0),
    DeepMmd: (1.0, 10.0),
    Dann: (0.1, 1.0),
    Adda: (0.01, 0.1),
    SelfTrainedNetwork: (0.3, 1.0),
}
SEEDS = range(5)


def rows_of(seed, tables):
    """Return a draw: source rows to learn from, source rows held out, target rows without labels."""
    rows = draw(len(tables[0]), 1.0, seed)
    held = len(rows) // 5
    return rows[held:], rows[:held], draw(len(tables[1]), 0.6, seed)


def judge(network, tables, seed, true_labels):
    """Fit a network to a draw; return its accuracy on the judged target, and what each rule says."""
    rows, held, others = rows_of(seed, tables)
    network.fit(tables[0][rows], printed.labels[rows], tables[1][others])
    said = {"accuracy": network.score(tables[2], true_labels)}
    return said | rules_for(network, tables[0][held], printed.labels[held], tables[1][others])


# %% [markdown]
# For later, each run also notes what four *rules* say. They need no label of the target; we come to them below.


# %%
def rules_for(network, held, labels, target):
    """Return `{rule: value}`, the larger the better, for source rows that were held out and unlabelled target rows."""
    wrong = network.predict(held) != labels
    flat, other = (table.reshape(len(table), -1) for table in (held, target))
    return {
        "source risk": -float(wrong.mean()),
        "importance weighting": -weighted_risk(wrong, importance_weights(flat, other)),
        "entropy": -mean_entropy(network.predict_proba(target)),
        "reverse validation": reverse_accuracy(flat, labels, other, network.predict(target)),
    }


# %% tags=["nbval-ignore-output"]
scaled = in_one_scale(*hand)
settings = [(SourceNetwork, 0.0), *((method, strength) for method in DIALS for strength in DIALS[method])]
frozen = {
    (method, strength): [judge(method(strength, seed=s), scaled, s, judged.labels) for s in SEEDS]
    for method, strength in watched(settings, "method and strength")
}


# %%
def accuracies(runs, method, strength):
    """Return the accuracies of a method at a strength, one for each seed."""
    return [run["accuracy"] for run in runs[method, strength]]


def named(runs):
    """Return `{"Dann 0.1": accuracies, ...}`, for a table."""
    return {f"{method.__name__} {strength:g}": accuracies(runs, method, strength) for method, strength in runs}


# %% tags=["nbval-ignore-output"]
compare_runs(named(frozen), baseline="SourceNetwork 0")

# %%
base = accuracies(frozen, SourceNetwork, 0.0)
dann_gains = np.subtract(accuracies(frozen, Dann, 0.1), base)
deep_mmd = paired_interval(accuracies(frozen, DeepMmd, 10.0), base)
behind = paired_interval(accuracies(frozen, DeepCoral, 100.0), accuracies(frozen, DeepMmd, 10.0))
assert behind.high < 0 < deep_mmd.low
print("At its largest strength, Deep MMD helps and Deep CORAL stays far behind: same features, seeds and batches.")

# %% [markdown]
# Is it DANN's fault, or that of so small a trained part? On frozen features, one layer learns. Let a whole
# convolutional network learn from the matched pages instead; it reads pixels, and nothing is frozen.

# %% tags=["nbval-ignore-output"]
pixels = [each[..., None] for each in pages]
TRIED = ((SourceNetwork, 0.0), (Dann, 0.1), (Dann, 1.0), (DeepMmd, 10.0))
whole = {
    (method, strength): [
        judge(method(strength, encoder=make_image_encoder, seed=s), pixels, s, judged.labels) for s in SEEDS
    ]
    for method, strength in watched(TRIED, "method and strength")
}
compare_runs(named(whole), baseline="SourceNetwork 0")

# %%
whole_base = accuracies(whole, SourceNetwork, 0.0)
whole_mmd = paired_interval(accuracies(whole, DeepMmd, 10.0), whole_base)
assert whole_mmd.low > 0
best_whole = max(np.mean(found) for found in named(whole).values())
assert best_whole < np.mean(by_shift["the hand"]["standardised + self-training"])
print("With a whole network to train, Deep MMD gains, too. Read the rows of DANN: what did the larger part change?")

# %% [markdown]
# Mind the other column as well: the best whole network is still worse than a probe on frozen features, standardised and
# self-trained. A gain over a weak baseline is not a good classifier.
#
# Write one step of DANN. Three parts, three wishes.


# %% exercise="6.4"
def dann_step(weights, task, domain, strength, rate):
    """Return the weights after one step of gradient descent, `{"encoder": ..., "head": ..., "critic": ...}`.

    `weights`, `task` and `domain` are dictionaries with these keys, of arrays: the weights, the gradient of the
    classes' loss (0 for the critic), and the gradient of the critic's loss (0 for the head). All learn at `rate`: the
    head makes the classes' loss smaller, the critic its own, and the encoder makes the classes' loss smaller and, by
    `strength`, the critic's loss larger.
    """
    ### BEGIN SOLUTION
    return {
        "encoder": weights["encoder"] - rate * (task["encoder"] - strength * domain["encoder"]),
        "head": weights["head"] - rate * task["head"],
        "critic": weights["critic"] - rate * domain["critic"],
    }
    ### END SOLUTION


# %% check="6.4" points=3
# Tried at a strength of 0, at small ones and at large ones; each part is looked at by itself.
check("6.4", dann_step, dann_gains)

# %% [markdown]
# ## Confused is not aligned
#
# Two moons, and the same moons turned. **Turn the target to 30 degrees and look for the best λ with the vault closed.
# Then open it. Do the same at 60 and at 90 degrees.** All that you see with the vault closed is what you would see in a
# real task: how right the network is on the source, and how well the domains can be told apart by what it says.


# %% tags=["nbval-ignore-output"]
dials = {"angles": range(0, 91, 15), "strengths": (0.0, 0.1, 0.3, 1.0, 3.0)}
bar = keras.utils.Progbar(len(dials["angles"]) * len(dials["strengths"]), unit_name="network")


def small_encoder(shape):
    """Return an encoder with 16 units."""
    return make_dense_encoder(shape, 16)


def fit_dann(source, labels, target, strength):
    """Return a DANN that has learned from the moons, and move the bar."""
    network = Dann(strength, encoder=small_encoder, num_steps=300, learning_rate=1e-2).fit(source, labels, target)
    bar.add(1)
    return network


board = MoonsBoard(fit_dann, lambda angle: turned_moons(200, angle), **dials)
board

# %% tags=["nbval-ignore-output"]
board.angle, board.strength = 6, 4
print(board.open_vault())
board.opened = False

# %% [markdown]
# At 90 degrees, λ makes the domains harder to tell apart, and most of the target is wrong: each side of the boundary
# has the *wrong* moon. Nothing in the loss minds: it asks that the domains look alike, not that equal classes meet.

# %%
assert board.told_apart[-1][-1] < board.told_apart[-1][0]
assert max(board.target_accuracies[-1]) < 0.5
print("At 90 degrees, no strength reaches what guessing would.")

# %% [markdown]
# ## Exercise 6.5: what alignment can cost
#
# The same thing happens without any turning, if the classes come in other shares. Suppose that of the written digits,
# nearly all show one of *five* classes. CORAL will give the source, with all ten, the covariance of these five.
# What does it gain over source only?


# %% exercise="6.5-predict"
def my_label_shift():
    """Return one of SIGNS: the verdict of the interval of CORAL's gain, with five of ten classes in the target."""
    ### BEGIN SOLUTION
    return "negative"
    ### END SOLUTION


# %%
predict("6.5", my_label_shift)

# %%
opened = vault.open("to simulate a target with other shares of the classes; no method sees a label")


def with_five_classes(labels, seed):
    """Return rows of which nearly all are of five classes, drawn by the seed; one in twenty of the others stays."""
    rng = np.random.default_rng(seed)
    five = np.random.default_rng(100 + seed).permutation(10)[:5]
    return np.flatnonzero(np.isin(labels, five) | (rng.random(len(labels)) < 0.05))


def label_shift_gain(seed, make=CLOSED["CORAL"]):
    """Return the gain of a method over source only, where the target has other shares of the classes."""
    rows, few, test = draw(600, 0.8, seed), *(with_five_classes(each, seed) for each in (opened.labels, judged.labels))
    source, target, asked = in_one_scale(hand[0][rows], hand[1][few], hand[2][test])
    scores = [
        each().fit(source, printed.labels[rows], target).score(asked, judged.labels[test])
        for each in (make, CLOSED["source only"])
    ]
    return scores[0] - scores[1]


# %% tags=["nbval-ignore-output"]
shift_gains = {
    name: [label_shift_gain(seed, CLOSED[name]) for seed in watched(range(8), "draw")]
    for name in ("standardised", "CORAL", "self-training")
}
for name, found in shift_gains.items():
    print(f"{name:14} {paired_interval(found, np.zeros(8))}")

# %%
assert paired_interval(shift_gains["CORAL"], np.zeros(8)).high < 0
print("With other shares of the classes, CORAL hurts: the whole interval of its gain lies below 0.")

# %% [markdown]
# There is even a bound. If both domains look exactly alike to a classifier, its guesses come in the same shares in
# both. If it is right on the whole source, these are the source's shares of the classes. So what can it reach on the
# target at most?


# %% exercise="6.5"
def ceiling(source_labels, target_labels):
    """Return the greatest accuracy on the target, in [0, 1], of a classifier that is right on the whole source.

    Its guesses come in the same shares on the target as on the source. Both arguments are arrays of integers, in any
    order, of any length; a class may be missing from one of them.
    """
    ### BEGIN SOLUTION
    names = np.unique(np.concatenate([source_labels, target_labels]))
    return sum(min(np.mean(source_labels == name), np.mean(target_labels == name)) for name in names)
    ### END SOLUTION


# %% check="6.5" points=2
# Tried on equal and on other shares, on domains of other sizes, and with classes that one domain lacks.
check("6.5", ceiling, shift_gains["CORAL"])

# %% [markdown]
# ## Exercise 6.6: which strength, without labels?
#
# In the tables above you could see the best strength, because the vault was open. In a real task it is not. Four rules
# ask for no label of the target:
#
# - **source risk**: take the network with the fewest errors on held-out source rows;
# - **importance weighting**: the same, but rows that look like the target count more;
# - **entropy**: take the network that is surest of its guesses for the target;
# - **reverse validation**: teach a new classifier with these guesses, and see whether it is right on the *source*.
#
# Each rule chooses among all networks on frozen features, for each seed; of equals, it takes the first in the table.
# Which rule's choice gains most on average?

# %%
print(RULES)


# %% exercise="6.6-predict"
def my_rule():
    """Return one of RULES."""
    ### BEGIN SOLUTION
    return "reverse validation"
    ### END SOLUTION


# %%
predict("6.6", my_rule)

# %%
candidates = list(frozen)
table = {key: np.array([[run[key] for run in frozen[each]] for each in candidates]) for key in ("accuracy", *RULES)}
chosen = {rule: gains_by(table[rule], table["accuracy"], base) for rule in RULES}
peeking = table["accuracy"].max(axis=0) - base

# %% tags=["nbval-ignore-output"]
for rule, found in (*chosen.items(), ("by peeking", peeking)):
    print(f"{rule:21} {paired_interval(found, np.zeros(5))}")
took = [max(candidates, key=lambda each: frozen[each][seed]["reverse validation"]) for seed in SEEDS]
print("reverse validation took", [f"{method.__name__} {strength:g}" for method, strength in took])

# %%
rule_intervals = {rule: paired_interval(found, np.zeros(5)) for rule, found in chosen.items()}
assert all(found.mean < peeking.mean() for found in rule_intervals.values())
print("No rule reaches what peeking would: choosing is the hard part, and it costs points.")

# %% [markdown]
# Five seeds on one pair of domains prove no rule, and refute none. What you can do is *try a rule* where you have
# labels, on a pair like yours, before you trust it. Write reverse validation.


# %% exercise="6.6"
def way_back(source, labels, target, guesses):
    """Return the accuracy on the source of a linear classifier that has learned from the target and the guesses for it.

    `source` and `target` are `(num_rows, num_features)`, with numbers of rows of their own; `labels` and `guesses` are
    integers, one for each row. If all guesses are one class, the way back knows only this one.
    """
    ### BEGIN SOLUTION
    if len(np.unique(guesses)) < 2:
        return np.mean(labels == guesses[0])
    return linear_probe(target, guesses, strength=0.05).score(source, labels)
    ### END SOLUTION


# %% check="6.6" points=3
# Tried on right guesses, on guesses that confuse classes in a consistent way, and on guesses of one class only.
check("6.6", way_back, chosen)

# %% [markdown]
# ## Exercise 6.7: a gain without peeking
#
# Papers often report the best strength on the target. Report what a rule would have given you instead: for each seed,
# the strength that the criterion chooses, against the same seed without adaptation.


# %% exercise="6.7"
def honest_gain(baseline, accuracy, criterion):
    """Return the gain of each seed, `(num_seeds,)`, at the strength with the seed's largest criterion.

    `baseline` is `(num_seeds,)`: accuracies without adaptation. `accuracy` and `criterion` are
    `(num_strengths, num_seeds)`.
    """
    ### BEGIN SOLUTION
    return accuracy[criterion.argmax(axis=0), np.arange(len(baseline))] - baseline
    ### END SOLUTION


# %%
runs = {"baseline": base, "accuracy": table["accuracy"], "criterion": table["reverse validation"]}

# %% check="6.7" points=2
# Tried on tables where the criterion and the accuracy disagree, and where each seed chooses another strength.
check("6.7", honest_gain, runs)

# %% [markdown]
# ## Exercise 6.8: to a far target in small steps
#
# At 90 degrees, nothing on the board helped. But suppose that the moons turned *slowly*, and that somebody kept
# unlabelled points on the way: at 10 degrees, at 20, and so on. With self-training from each stage to the next, what is
# reached at 90 degrees?


# %% exercise="6.8-predict"
def my_walk():
    """Return one of REACHES: the accuracy at 90 degrees, in steps of ten degrees."""
    ### BEGIN SOLUTION
    return "above 60 %"
    ### END SOLUTION


# %%
predict("6.8", my_walk)


# %%
def curved(points, labels):
    """Return a classifier with a curved boundary."""
    return SVC(C=10, gamma=2.0).fit(points, labels)


def walk_to(angle, seed):
    """Return accuracies at an angle: self-training all at once, and in steps of ten degrees."""
    points, labels = turned_moons(300, seed=1000 * seed)
    target, truth = turned_moons(300, angle, seed=1000 * seed + 1)
    between = [turned_moons(300, turn, seed=1000 * seed + turn)[0] for turn in range(10, angle, 10)]
    at_once = gradual_guesses(points, labels, [target] * 6, curved)  # six rounds of learning from its own guesses
    in_steps = gradual_guesses(points, labels, [*between, target], curved)
    return np.mean(at_once == truth), np.mean(in_steps == truth)


walks = np.array([walk_to(90, seed) for seed in SEEDS])
reached = {"all at once": walks[:, 0], "in steps": walks[:, 1]}

# %% tags=["nbval-ignore-output"]
compare_runs(reached, baseline="all at once")

# %%
assert paired_interval(reached["in steps"], reached["all at once"]).low > 0.3
print("All at once, self-training hardens its errors. In steps, each stage is close enough to be guessed right.")

# %% [markdown]
# What was missing was not a method, but the *data in between*. Collecting unlabelled data on the way may be cheaper
# than any clever loss. Write the walk.


# %% exercise="6.8"
def walk(source, labels, stages):
    """Return the guesses for the last stage, one for each of its rows.

    `source` is `(num_rows, 2)` with two classes in `labels`; `stages` is a list of unlabelled tables, each with a
    number of rows of its own, from the nearest to the source to the target. A straight line tells the classes apart in
    each of them.
    """
    ### BEGIN SOLUTION
    points, guesses = source, labels
    for stage in stages:
        points, guesses = stage, linear_probe(points, guesses).predict(stage)
    return guesses
    ### END SOLUTION


# %% check="6.8" points=3
# Tried on walks of one to many stages, either way round, and back to where they came from.
check("6.8", walk, reached)

# %% [markdown]
# ## How much is there to gain?
#
# Last of all, the *oracle*: a probe that learns from the target's own labels. No method of this lesson may use them; it
# says how much was possible.

# %%
labelled = vault.open("the oracle, last of all")
rows = [draw(len(labelled.labels), 0.6, seed) for seed in SEEDS]
oracle = [linear_probe(hand[1][r], labelled.labels[r], strength=0.05).score(hand[2], judged.labels) for r in rows]
print(vault)

# %% tags=["nbval-ignore-output"]
compare_runs(by_shift["the hand"] | {"oracle": oracle}, baseline="source only")

# %% [markdown]
# ## On your own data
#
# Name two folders with the same subfolders, one for each class: photos with labels, and photos of the same things that
# look otherwise. The labels of the second folder are used only to print what each method reached.

# %% tags=["nbval-ignore-output"]
MY_SOURCE, MY_TARGET = "", ""  # for example "photos/studio" and "photos/phone"
mine = None
try:
    mine = [images_from_folder(each) for each in (MY_SOURCE, MY_TARGET)] if MY_SOURCE and MY_TARGET else None
except (OSError, ValueError) as error:
    print(f"These photos cannot be used: {error}")
if mine is None:
    print("No photos yet: this part waits until you have some.")


# %% tags=["nbval-ignore-output"]
def adapt_mine(source, target):
    """Print what each closed form reaches on the validation photos of the target, in five draws."""
    tables = [features_of("photos", split.images) for split in (source.train, target.train, target.val)]
    found = compare(CLOSED, tables, source.train.labels, target.val.labels)
    print(compare_runs(found, baseline="source only"))


if mine is not None:
    adapt_mine(*mine)

# %% [markdown]
# ## What we saw
#
# - A check on the source says nothing about the target.
# - First match the inputs: it is cheap, it can be looked at, and it gained more than 10 points here.
# - Standardising and CORAL gain where a camera changed all images in one way. They gain little where shapes differ, and
#   CORAL *hurts* where the classes come in other shares. Standardised self-training gained on both pairs.
# - The same loss helps or hurts depending on its strength and on what is trained. Domains that cannot be told apart may
#   have their classes crossed.
# - Without labels of the target, no rule for the strength is proven. Report a gain that was chosen without peeking.
# - Data between source and target can do what no loss does.
#
# Write down what you believe now, in one sentence each. The card shows it next to what you predicted and measured.


# %% exercise="6.8-believe"
def my_beliefs():
    """Return `{"6.2": ..., "6.3": ..., "6.4": ..., "6.5": ..., "6.6": ..., "6.8": ...}`, in your words."""
    ### BEGIN SOLUTION
    return {
        "6.2": "Statistics of features repair what a camera did to them, not what another hand drew.",
        "6.3": "I look at the images before I align features.",
        "6.4": "A famous loss is a setting to be tested, on what I train.",
        "6.5": "Before I align, I ask whether the classes come in the same shares.",
        "6.6": "A rule for the strength must itself be tried where I have labels.",
        "6.8": "I would rather collect data on the way than jump.",
    }
    ### END SOLUTION


# %% tags=["nbval-ignore-output"]
dann = paired_interval(dann_gains, np.zeros(5))
measured = {
    "6.2": "; ".join(f"{place}: {found}" for place, found in corals.items()),
    "6.3": "; ".join(f"{name}: {np.mean(found):.0%}" for name, found in accuracy.items()),
    "6.4": f"DANN 0.1: {dann}, {dann.verdict}",
    "6.5": f"CORAL: {paired_interval(shift_gains['CORAL'], np.zeros(8))}",
    "6.6": "; ".join(f"{rule}: {100 * found.mean:+.1f} points" for rule, found in rule_intervals.items()),
    "6.8": "; ".join(f"{name}: {np.mean(found):.0%}" for name, found in reached.items()),
}
lesson_card(6, measured=measured, believed=my_beliefs)

# %% tags=["nbval-ignore-output"]
progress(6)

# %% [markdown]
# ## In your own words
#
# **When would you adapt without labels, and when would you rather label a few images? Which of your figures says so?**
# Double-click the next cell, and replace its text with two or three sentences. No check can read them: in a course, a
# person does, and their points are counted separately.

# %% [markdown] essay="6.9" points=2
# I would adapt where the shift is a camera's and the classes come in the same shares, because the whole interval of
# CORAL's gain lay above 0 there (6.2). Where shares differ, the same method lost (6.5), and no rule for the strength
# reached what peeking did (6.6). Then I would rather label a few images: the oracle shows how much there is to gain.

# %% [markdown]
# ## References
#
# - Sun, Feng and Saenko (2016), [Return of frustratingly easy domain adaptation](https://arxiv.org/abs/1511.05547)
# - Pan et al. (2011), Domain adaptation via transfer component analysis, IEEE Transactions on Neural Networks 22.
# - Ganin et al. (2016), [Domain-adversarial training of neural networks](https://jmlr.org/papers/v17/15-239.html)
# - Tzeng et al. (2017), [Adversarial discriminative domain adaptation](https://arxiv.org/abs/1702.05464)
# - Zhao et al. (2019), [On learning invariant representations for domain adaptation](https://arxiv.org/abs/1901.09453)
# - Kumar, Ma and Liang (2020), [Understanding self-training for gradual domain
#   adaptation](https://arxiv.org/abs/2002.11361)
# - Musgrave, Belongie and Lim (2021), [Unsupervised domain adaptation: a reality
#   check](https://arxiv.org/abs/2111.15672)
