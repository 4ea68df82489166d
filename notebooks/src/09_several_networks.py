# ---
# jupyter:
#   tlkit: {"minutes": 90}
# ---

# %% [markdown]
# # Are several networks better than the best one, and at what price?
#
# This takes about 90 minutes, about two of which are computing time on two CPU cores. You will
#
# - let networks vote, weight their votes and stack them, and find a leak that costs thirty points;
# - average weights in place of answers, mend how sure a team is, and pass what it knows on to one small network;
# - pay for it: milliseconds for points; and ask what the same features tell without any label.
#
# "Several models are better than one": predict, run, and let your own numbers decide. `hint("9.2")` in a cell of your
# own gives the first of three hints for exercise 9.2.

# %%
from tlkit.backbones import load_backbone
from tlkit.checks import check, hint, lesson_card, predict, progress
from tlkit.data import images_from_folder, load_dataset, make_glyphs
from tlkit.devices import benchmark_in_turns
from tlkit.ensembles import accuracy_weights, ambiguity, average_weights, calibration_error, disagreement
from tlkit.ensembles import fit_temperature, price_of, score_teams, soft_vote, soften
from tlkit.exercises.lesson_09_several_networks.shown import CLUSTERED, GAINS, LEAKS, MANY, NUM_SEEDS
from tlkit.exercises.lesson_09_several_networks.shown import PAIRS, PRICES, SOUPS, SURENESS
from tlkit.measure import paired_interval
from tlkit.plots.style import finish, new_axes
from tlkit.speed import fit_together
from tlkit_widgets import TeamBoard

import itertools
import keras
import numpy as np
from sklearn.base import clone
from sklearn.cluster import KMeans
from sklearn.compose import make_column_transformer
from sklearn.decomposition import PCA
from sklearn.ensemble import AdaBoostClassifier, BaggingClassifier, RandomForestClassifier
from sklearn.ensemble import StackingClassifier, VotingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import adjusted_rand_score, silhouette_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.semi_supervised import LabelSpreading
from sklearn.svm import SVC
from threadpoolctl import threadpool_limits

keras.utils.set_random_seed(0)
_ = threadpool_limits(1)  # for tables this small, threads wait for each other longer than they work

# %% [markdown]
# ## Five members, two tasks
#
# Four networks of one architecture learned different things: `photos` from photos, `glyphs` from printed characters,
# `colours` hues, and `opposed` to ignore what tells photos apart. A fifth member reads only 8 x 8 levels of grey. They
# are to name handwritten digits, and patches of textures.
#
# All features are reduced to their 32 main directions (PCA) on training images, without labels: that is five tables of
# the same size, side by side in a wide one. One part is for learning, one for all choices, and one for results.

# %%
SOURCES, SIZE, SEEDS = ("photos", "glyphs", "colours", "opposed", "pixels"), 32, range(NUM_SEEDS)
COLUMNS = {source: slice(SIZE * place, SIZE * (place + 1)) for place, source in enumerate(SOURCES)}
splits = {}
for name in ("digits", "textures"):
    dataset = load_dataset(name)
    test = dataset.test.open("results of lesson 9: votes of five networks")
    splits[name] = {"train": dataset.train.take_per_class(60), "val": dataset.val, "test": test}
labels = {name: {part: split.labels for part, split in parts.items()} for name, parts in splits.items()}


# %%
def pixels_of(pictures):
    """Return `(num_images, 64)`: the mean grey level of 8 x 8 patches."""
    grey = pictures.mean(axis=-1)
    return grey.reshape(len(grey), 8, 8, 8, 8).mean(axis=(2, 4)).reshape(len(grey), 64)


def reduced(tables):
    """Return `{part: (num_images, 32)}`: the main directions of the first table, in one common unit."""
    first = next(iter(tables.values()))
    directions = make_pipeline(StandardScaler(), PCA(SIZE, random_state=0)).fit(first)
    unit = directions.transform(first).std()
    return {part: directions.transform(table) / unit for part, table in tables.items()}


def at_two_depths(source):
    """Return a network that gives the means of its fifth block and of its last one, in one pass."""
    backbone = load_backbone("mobilenet_v3_small", weights=source)
    mean = keras.layers.GlobalAveragePooling2D()
    return keras.Model(backbone.inputs, [mean(backbone.get_layer("expanded_conv_5_add").output), mean(backbone.output)])


# %% tags=["nbval-ignore-output"]
networks = {source: at_two_depths(source) for source in SOURCES[:4]}
features, early = {}, {}  # by data set and source, and by part
for name, parts in splits.items():
    features[name, "pixels"] = reduced({part: pixels_of(split.images) for part, split in parts.items()})
    for source, network in networks.items():
        found = {part: network.predict(split.images, batch_size=64, verbose=0) for part, split in parts.items()}
        early[name, source] = reduced({part: depths[0] for part, depths in found.items()})
        features[name, source] = reduced({part: depths[1] for part, depths in found.items()})
wide = {
    name: {part: np.hstack([features[name, source][part] for source in SOURCES]) for part in parts}
    for name, parts in splits.items()
}

# %% [markdown]
# ## Exercise 9.1: a vote of equals
#
# Each member is a logistic regression on its own columns. A *soft vote* takes the mean of their chances for each class;
# the class with the largest mean is the answer. In scikit-learn it is a `VotingClassifier`. All have the same 20 labels
# for each class, drawn anew for each seed, and the same strength, set in advance.
#
# On textures, compared with its best member alone (chosen on validation images): what does the vote of five do?

# %%
print(GAINS)


# %% exercise="9.1-predict"
def my_gain():
    """Return one of GAINS."""
    ### BEGIN SOLUTION
    return "it gains more than 1 point"
    ### END SOLUTION


# %%
predict("9.1", my_gain)


# %%
def draw(name, per_class, seed):
    """Return rows of the training part: so many of each class, by chance."""
    order = np.random.default_rng(seed).permutation(len(labels[name]["train"]))
    numbers = labels[name]["train"][order]
    return np.concatenate([order[numbers == label][:per_class] for label in np.unique(numbers)])


def members(learner):
    """Return `[(source, member)]`: each member reads only the columns of its source."""
    return [
        (source, make_pipeline(make_column_transformer(("passthrough", COLUMNS[source])), clone(learner)))
        for source in SOURCES
    ]


def right(chances, name, part="test"):
    """Return the share of images whose largest chance is that of their class."""
    return np.mean(chances.argmax(axis=-1) == labels[name][part], axis=-1)


# %%
PROBE = LogisticRegression(max_iter=300)


def answers(name, per_class, seed):
    """Return `{part: chances (num_members, num_images, num_classes)}` of members with so many labels."""
    rows = draw(name, per_class, seed)
    vote = VotingClassifier(members(PROBE), voting="soft", flatten_transform=False)
    vote.fit(wide[name]["train"][rows], labels[name]["train"][rows])
    return {part: vote.transform(wide[name][part]) for part in ("val", "test")}


# %% tags=["nbval-ignore-output"]
said = {(name, 20): [answers(name, 20, seed) for seed in SEEDS] for name in splits}
best = {}  # the place of the member that is best on validation images
for name in splits:
    of_members = np.array([right(each["test"], name) for each in said[name, 20]])
    best[name] = int(np.mean([right(each["val"], name, "val") for each in said[name, 20]], axis=0).argmax())
    print(f"{name:9}", ", ".join(f"{s} {share:.1%}" for s, share in zip(SOURCES, of_members.mean(axis=0), strict=True)))

# %% tags=["nbval-ignore-output"]
alone, voted = {}, {}
for name in splits:
    alone[name] = np.array([right(each["test"][best[name]], name) for each in said[name, 20]])
    voted[name] = np.array([right(soft_vote(each["test"]), name) for each in said[name, 20]])
    print(f"{name:9} vote minus {SOURCES[best[name]]}: {paired_interval(voted[name], alone[name])}")
vote_gains = voted["textures"] - alone["textures"]

# %%
assert paired_interval(voted["textures"], alone["textures"]).high < -0.02
assert paired_interval(voted["digits"], alone["digits"]).low > 0.01
print("The same five networks, the same vote: on digits it gains, on textures it loses.")

# %% [markdown]
# On digits two members are about equally good, and they err on other images. On textures only `photos` knows the task;
# four members that guess outvote it where it is unsure. (Patches of textures overlap within a part, so that 780 of them
# are fewer than they seem. The intervals are over draws of labels; they know nothing of that.)
#
# Write the vote, for members as they come: with their columns in an order of their own, and some that never met a
# class.


# %% exercise="9.1"
def vote(chances, columns, classes):
    """Return the soft vote, `(num_images, len(classes))`, with its columns in the order of `classes`.

    `chances` is a list with one array `(num_images, num_columns)` for each member, and `columns` a list with the names
    of its columns, such as `["grass", "brick"]`. A member that lacks a class gives it the chance 0. All members count
    alike.
    """
    ### BEGIN SOLUTION
    total = np.zeros((len(chances[0]), len(classes)))
    for table, own in zip(chances, columns, strict=True):
        for place, name in enumerate(own):
            total[:, classes.index(name)] += table[:, place] / len(chances)
    return total
    ### END SOLUTION


# %% check="9.1" points=3
# Tried on sure and unsure members, on columns in another order, and on members that lack classes.
check("9.1", vote, vote_gains)

# %% [markdown]
# ## Exercise 9.2: do those that differ gain more?
#
# "A good team is a diverse team." There is a theorem behind it. For squared errors of chances, the error of a vote is
# the mean error of its members *less* their spread around the vote:

# %% tags=["nbval-ignore-output"]
for name in splits:
    parts = np.mean([ambiguity(each["test"], labels[name]["test"]) for each in said[name, 20]], axis=0)
    print(f"{name:9} members {parts[0]:.3f} - spread {parts[2]:.3f} = vote {parts[1]:.3f}")

# %% [markdown]
# So a vote is never worse than its members *on average*. But we compare it with the **best** one. Ten pairs can be
# formed of five members. How does the share of images on which a pair disagrees go with what its vote gains over the
# better of the two?

# %%
print(PAIRS)


# %% exercise="9.2-predict"
def my_direction():
    """Return one of PAIRS."""
    ### BEGIN SOLUTION
    return "pairs that disagree more gain more"
    ### END SOLUTION


# %%
predict("9.2", my_direction)


# %%
def gains_of_pairs(name):
    """Return `(num_pairs, 2)`: disagreement and gain over the better member, as means over seeds."""
    found = []
    for pair in itertools.combinations(range(len(SOURCES)), 2):
        both = [each["test"][list(pair)] for each in said[name, 20]]
        apart = [disagreement(each.argmax(axis=2)) for each in both]
        gain = [right(soft_vote(each), name) - right(each, name).max() for each in both]
        found.append((np.mean(apart), np.mean(gain)))
    return np.array(found)


# %% tags=["nbval-ignore-output"]
pairs = {name: gains_of_pairs(name) for name in splits}
correlations = {name: float(np.corrcoef(found.T)[0, 1]) for name, found in pairs.items()}
ax = new_axes(None, (5.4, 3.0))
for (name, found), marker in zip(pairs.items(), "os", strict=True):
    ax.plot(100 * found[:, 0], 100 * found[:, 1], marker, label=f"{name}: correlation {correlations[name]:+.2f}")
ax.axhline(0, color="#767676", linewidth=0.9, linestyle=":")
ax.legend(frameon=False, labelcolor="#222222")
_ = finish(
    ax, "Disagreement does not tell what a pair gains", "disagreement (% of images)", "gain over the better (points)"
)

# %%
assert max(map(abs, correlations.values())) < 0.6
print("Pairs that disagree much gain or lose about as often as others: there is no clear direction.")

# %% [markdown]
# Disagreement counts the errors of a bad member as diversity, too. What pays is to be *right where the other is wrong*,
# and that takes two members that are about equally good. How unequal a pair is, tells more about its gain:

# %% tags=["nbval-ignore-output"]
for name, found in pairs.items():
    of_members = np.mean([right(each["test"], name) for each in said[name, 20]], axis=0)
    gaps = [abs(of_members[a] - of_members[b]) for a, b in itertools.combinations(range(len(SOURCES)), 2)]
    print(f"{name:9} correlation of the gap in accuracy and the gain: {np.corrcoef(gaps, found[:, 1])[0, 1]:+.2f}")


# %% exercise="9.2"
def split(chances, labels):
    """Return three numbers: the members' mean squared error, the error of their vote, and their spread.

    `chances` is `(num_members, num_images, num_classes)`, and `labels` is `(num_images,)`, the columns of the right
    classes. The squared error of an image is summed over the classes, with 1 for the right class and 0 for the others;
    then comes the mean over images (and members). The spread is the same mean of squares, around the vote.
    """
    ### BEGIN SOLUTION
    truth, mean = np.eye(chances.shape[2])[labels], chances.mean(axis=0)

    def square(a, b):
        return ((a - b) ** 2).sum(axis=-1).mean()

    return square(chances, truth), square(mean, truth), square(chances, mean)
    ### END SOLUTION


# %% check="9.2" points=2
# Tried on members that are alike and unlike, and on copies of one member.
check("9.2", split, correlations)

# %% [markdown]
# ## See it: switch members on and off
#
# Each row is a member, each column a validation image of a texture: filled if the member names it rightly. The last row
# is the vote of those that are switched on. **Switch off all but `photos`; then add the others one by one.** Which of
# them makes the vote better, and what does it cost?

# %% tags=["nbval-ignore-output"]
batch = splits["textures"]["val"].images[:64]
calls = {source: (lambda network=network: network.predict(batch, verbose=0)) for source, network in networks.items()}
times = benchmark_in_turns(calls | {"pixels": lambda: pixels_of(batch)}, repeats=5)
milliseconds = {source: 1000 * found.median / len(batch) for source, found in times.items()}
print(", ".join(f"{source} {each:.2f} ms" for source, each in milliseconds.items()), "for one image, in batches of 64")

# %%
shown = np.random.default_rng(0).permutation(len(labels["textures"]["val"]))[:24]
board = TeamBoard(
    said["textures", 20][0]["val"],
    labels["textures"]["val"],
    SOURCES,
    [round(milliseconds[source], 2) for source in SOURCES],
    splits["textures"]["val"].images[shown],
    rows=shown,
)
board

# %%
with_all = board.accuracy
board.on = [source == "photos" for source in SOURCES]
assert board.accuracy > with_all
board.reset()
print("One member alone names more textures than all five together.")

# %% [markdown]
# ## Exercise 9.3: out of fold
#
# If members differ so much, they should not have equal votes. Which weights? The wrong way first: by the accuracy on
# the rows that the members have learned from. The other way is *out of fold*: the rows are dealt into three folds, and
# each row is predicted by a model that learned from the other two. Only three labels for each texture:


# %%
def folds(seed):
    """Return three folds with all classes in each."""
    return StratifiedKFold(3, shuffle=True, random_state=seed)


def shares(name, per_class, seed):
    """Return the members' accuracies on the rows that they learned from, and on the same rows out of fold."""
    rows = draw(name, per_class, seed)
    table, numbers = wide[name]["train"][rows], labels[name]["train"][rows]
    by_heart = [member.fit(table, numbers).score(table, numbers) for _, member in members(PROBE)]
    unseen = [cross_val_predict(member, table, numbers, cv=folds(seed)) for _, member in members(PROBE)]
    return by_heart, np.mean(np.array(unseen) == numbers, axis=1)


# %% tags=["nbval-ignore-output"]
said["textures", 3] = [answers("textures", 3, seed) for seed in SEEDS]
measured_shares = [shares("textures", 3, seed) for seed in SEEDS]
for kind, found in zip(("learned from", "out of fold"), np.mean(measured_shares, axis=0), strict=True):
    print(f"{kind:13}", ", ".join(f"{source} {share:.0%}" for source, share in zip(SOURCES, found, strict=True)))

# %% tags=["nbval-ignore-output"]
num_classes = len(splits["textures"]["train"].class_names)
weighted = {"equal": [], "by rows learned from": [], "out of fold": []}
few = np.array([right(each["test"][best["textures"]], "textures") for each in said["textures", 3]])
for each, (by_heart, unseen) in zip(said["textures", 3], measured_shares, strict=True):
    for kind, accuracies in zip(weighted, (None, by_heart, unseen), strict=True):
        weights = None if accuracies is None else accuracy_weights(accuracies, num_classes)
        weighted[kind].append(right(soft_vote(each["test"], weights), "textures"))
for kind, found in weighted.items():
    print(f"weights {kind:20} minus photos alone: {paired_interval(found, few)}")

# %%
assert paired_interval(weighted["out of fold"], weighted["by rows learned from"]).low > 0.05
assert abs(np.mean(weighted["out of fold"]) - few.mean()) < 0.03
print("Four of five members know the rows they learned from by heart, so those do not say who is good.")
print("Weights from rows out of fold lose nothing here. But they gain nothing, either.")

# %% [markdown]
# *Stacking* lets a second model learn from the answers of the members. It has the same leak: answers about the rows
# that a member has learned from are no answers. Members that know their rows by heart (the nearest neighbour) show it
# best. With 20 labels for each texture: how many points does it cost to stack answers about the learned rows, compared
# with answers out of fold? (`StackingClassifier(cv="prefit")` does the first, if it gets the same rows again.)

# %%
print(LEAKS)


# %% exercise="9.3-predict"
def my_leak():
    """Return one of LEAKS."""
    ### BEGIN SOLUTION
    return "5 to 15 points"
    ### END SOLUTION


# %%
predict("9.3", my_leak)


# %%
def stacked(name, per_class, seed, *, leak):
    """Return the accuracy of a logistic regression on the answers of five nearest-neighbour rules."""
    rows = draw(name, per_class, seed)
    table, numbers = wide[name]["train"][rows], labels[name]["train"][rows]
    team = members(KNeighborsClassifier(1))
    if leak:
        team = [(source, member.fit(table, numbers)) for source, member in team]
    stack = StackingClassifier(team, PROBE, cv="prefit" if leak else folds(seed), stack_method="predict_proba")
    return stack.fit(table, numbers).score(wide[name]["test"], labels[name]["test"])


# %% tags=["nbval-ignore-output"]
stacks = {leak: np.array([stacked("textures", 20, seed, leak=leak) for seed in SEEDS]) for leak in (True, False)}
leaks = stacks[False] - stacks[True]
print(f"learned rows {stacks[True].mean():.1%}, out of fold {stacks[False].mean():.1%}")
print("out of fold minus learned rows:", paired_interval(stacks[False], stacks[True]))
print("out of fold minus photos alone:", paired_interval(stacks[False], alone["textures"]))

# %%
assert paired_interval(stacks[False], stacks[True]).low > 0.15
print(
    "A nearest neighbour is always right about its own rows, whatever its features: the stack cannot tell them apart."
)

# %% [markdown]
# Nothing fails, and no number looks odd while it learns; the leak only shows on new images. (Neighbouring patches of
# textures overlap, also across folds. That makes the answers out of fold a little too good as well, so the leak may
# cost even more than this.)


# %% exercise="9.3"
def out_of_fold(fit, table, labels, folds):
    """Return the chances of all rows, each predicted by a model that has not learned from its fold.

    `fit(table, labels)` learns, and returns a function: `predict(rows)` gives chances `(len(rows), num_classes)`.
    `table` is `(num_rows, num_features)`, `labels` and `folds` are `(num_rows,)`, integers; folds may be numbered with
    gaps, as 2, 5, 9. Row i of the result is about row i of the table. `fit` is called once for each fold.
    """
    ### BEGIN SOLUTION
    found = None
    for fold in np.unique(folds):
        held = folds == fold
        told = fit(table[~held], labels[~held])(table[held])
        found = np.zeros((len(table), told.shape[1])) if found is None else found
        found[held] = told
    return found
    ### END SOLUTION


# %% check="9.3" points=3
# Tried on folds of several sizes, on rows in any order, with a learner that notes what it has seen.
check("9.3", out_of_fold, leaks)

# %% [markdown]
# ## Exercise 9.4: many of one kind
#
# So far the members read different features. *Bagging* makes members that read the same: each learns from rows drawn
# with replacement. *Boosting* makes each look at what the others got wrong, with *stumps*, trees of one question. A
# *random forest* bags trees. All get features of `glyphs`, for digits, with 20 labels each. Which of them is better
# than **one** logistic regression, with its whole interval above 0?

# %%
print(MANY)


# %% exercise="9.4-predict"
def my_kind():
    """Return one of MANY."""
    ### BEGIN SOLUTION
    return "random forest"
    ### END SOLUTION


# %%
predict("9.4", my_kind)


# %%
def accuracy_of(make, seed):
    """Return the accuracy on digits of `make(seed)`, which learns from features of `glyphs`."""
    rows, table = draw("digits", 20, seed), features["digits", "glyphs"]
    model = make(seed).fit(table["train"][rows], labels["digits"]["train"][rows])
    return model.score(table["test"], labels["digits"]["test"])


KINDS = {
    "bagging": lambda seed: BaggingClassifier(PROBE, n_estimators=10, random_state=seed),
    "boosting": lambda seed: AdaBoostClassifier(n_estimators=40, random_state=seed),
    "random forest": lambda seed: RandomForestClassifier(100, random_state=seed),
}

# %% tags=["nbval-ignore-output"]
one_probe = np.array([accuracy_of(lambda seed: clone(PROBE), seed) for seed in SEEDS])
by_kind = {}
for kind, make in KINDS.items():
    scores = np.array([accuracy_of(make, seed) for seed in SEEDS])
    by_kind[kind] = scores - one_probe
    print(f"{kind:13} {scores.mean():.1%}, minus one regression: {paired_interval(scores, one_probe)}")

# %%
assert paired_interval(by_kind["boosting"], np.zeros(NUM_SEEDS)).high < -0.05
assert by_kind["bagging"].mean() < 0.02
print("Bagging a regression changes little: it hardly varies. Boosted stumps fail with few rows and ten classes.")

# %% [markdown]
# Bagging mends what *varies*, such as deep trees, and a regression on good features hardly does. It brings one thing
# for free, though: about a third of the rows are not drawn by a member, so the others can be told *out of bag*,
# without a validation part.


# %% exercise="9.4"
def out_of_bag(chances, drawn):
    """Return `(num_rows, num_classes)`: for each row the mean chances of those members that did not draw it.

    `chances` is `(num_members, num_rows, num_classes)`, what each member says of each training row. `drawn` is
    `(num_members, num_rows)`, how often a member drew a row: 0, 1, 2 or more. Where all members drew a row, its chances
    are 0.
    """
    ### BEGIN SOLUTION
    free = drawn == 0
    total = (free[:, :, None] * chances).sum(axis=0)
    return total / np.maximum(free.sum(axis=0), 1)[:, None]
    ### END SOLUTION


# %% check="9.4" points=2
# Tried with many and with few members, and on rows that all of them drew.
check("9.4", out_of_bag, by_kind)

# %% [markdown]
# ## Exercise 9.5: one network out of several
#
# A vote of four networks costs four times as much. Can one average their *weights* in place of their answers, and run a
# single network? Such a mean is called a *soup*. A small network on 8 x 8 pixels learns 57 printed characters, and then
# four times the digits, in four orders of the rows: four networks tuned from **one start**. Four others begin at
# random, each at a **start of its own**. What does the soup of own starts do, compared with its members?

# %%
print(SOUPS)


# %% exercise="9.5-predict"
def my_soup():
    """Return one of SOUPS."""
    ### BEGIN SOLUTION
    return "up to 20 points worse"
    ### END SOLUTION


# %%
predict("9.5", my_soup)


# %%
def small_network(start, num_classes=10, width=64, loss=keras.losses.SparseCategoricalCrossentropy):
    """Return a network on 64 pixels with two hidden layers, which begins at a start of its own."""
    kernels = [keras.initializers.GlorotUniform(1000 * start + place) for place in range(3)]
    hidden = [keras.layers.Dense(width, "relu", kernel_initializer=kernel) for kernel in kernels[:2]]
    top = keras.layers.Dense(num_classes, kernel_initializer=kernels[2])
    model = keras.Sequential([keras.Input((64,)), *hidden, top])
    model.compile(keras.optimizers.Adam(2e-3), loss(from_logits=True))
    return model


glyphs = make_glyphs(20, seed=3)
printed = pixels_of(glyphs.images)
scale = StandardScaler().fit(printed)
pixels = {part: scale.transform(pixels_of(x.images)).astype("float32") for part, x in splits["digits"].items()}


def told(model):
    """Return the chances of the digits of the test part, `(num_images, 10)`."""
    return keras.ops.convert_to_numpy(keras.ops.softmax(model(pixels["test"])))


# %%
def learned_digits(models, *, epochs=40, orders=None):
    """Train `models`, equally many for each seed, on the 20 labels of that seed; each in an order of its own."""
    each = len(models) // NUM_SEEDS
    rows = [draw("digits", 20, seed) for seed in SEEDS for _ in range(each)]
    data = [(pixels["train"][own], labels["digits"]["train"][own]) for own in rows]
    fit_together(models, data, seeds=orders or list(range(len(models))), epochs=epochs)
    return models


def from_one_start(seed, parent):
    """Return a network whose hidden layers are those of the parent, with a new top."""
    model = small_network(50 + seed)
    for own, given in zip(model.layers[:2], parent.layers[:2], strict=True):
        own.set_weights(given.get_weights())
    return model


# %% tags=["nbval-ignore-output"]
parent = small_network(0, 57)
fit_together([parent], [(scale.transform(printed).astype("float32"), glyphs.labels)], seeds=[0], epochs=30)
teams = {
    "one start": learned_digits([from_one_start(seed, parent) for seed in SEEDS for _ in range(4)]),
    "own starts": learned_digits([small_network(100 + 4 * seed + i) for seed in SEEDS for i in range(4)]),
}


# %%
def of_team(four):
    """Return the accuracies of the members (their mean), of their vote, and of their soup."""
    chances = np.stack([told(model) for model in four])
    soup = small_network(0)
    soup.set_weights(average_weights(four))
    return right(chances, "digits").mean(), right(soft_vote(chances), "digits"), right(told(soup), "digits")


# %% tags=["nbval-ignore-output"]
of_teams = {
    start: np.array([of_team(team[4 * seed : 4 * seed + 4]) for seed in SEEDS]) for start, team in teams.items()
}
for start, scores in of_teams.items():
    print(
        f"{start:10} members {scores[:, 0].mean():.1%}; vote minus members", paired_interval(scores[:, 1], scores[:, 0])
    )
    print(f"{start:10} soup {scores[:, 2].mean():.1%}; soup minus members", paired_interval(scores[:, 2], scores[:, 0]))
apart = of_teams["own starts"][:, 2] - of_teams["own starts"][:, 0]

# %%
assert paired_interval(apart, np.zeros(NUM_SEEDS)).high < -0.2
assert abs(np.mean(of_teams["one start"][:, 2] - of_teams["one start"][:, 0])) < 0.03
print("From one start, the mean of the weights works as well as a member. From own starts it is ruined.")

# %% [markdown]
# Unit 7 of one network has nothing to do with unit 7 of another one: their mean is neither of them. Networks that were
# tuned from one start still have their units in one order.
#
# *Snapshots* are cheaper still: one run, whose weights are kept after each quarter of its steps, and vote in the end.

# %% tags=["nbval-ignore-output"]
running, snapshots = [from_one_start(seed, parent) for seed in SEEDS], []
for quarter in range(4):
    learned_digits(running, epochs=10, orders=[100 * quarter + seed for seed in SEEDS])
    snapshots.append([told(model) for model in running])
last = right(np.array(snapshots[-1]), "digits")
of_snapshots = right(np.mean(snapshots, axis=0), "digits")
print("four snapshots minus the last of them:", paired_interval(of_snapshots, last))

# %% [markdown]
# Snapshots of a single short run differ little, and the younger ones are worse: here, that costs more than the vote
# gains. (Snapshot ensembles raise the rate again for each of them, which makes them differ more.) A *greedy soup*
# takes no chances: it adds a network only if the validated score does not fall.


# %% exercise="9.5"
def greedy_soup(members, score):
    """Return the mean weights of those networks that a greedy soup keeps, a list of arrays.

    `members` is a list of networks, each a list of arrays. `score(weights)` returns the validated accuracy of a list of
    arrays; higher is better. Begin with the best member. Try the others in the order of their own scores, the best
    first, and keep one if the mean of all kept ones and it scores *no lower* than before. Each that is kept counts
    alike."""

    ### BEGIN SOLUTION
    def mean(some):
        return [np.mean(same, axis=0) for same in zip(*some, strict=True)]

    first, *others = sorted(members, key=score, reverse=True)
    kept = [first]
    for member in others:
        if score(mean([*kept, member])) >= score(mean(kept)):
            kept.append(member)
    return mean(kept)
    ### END SOLUTION


# %% check="9.5" points=3
# Tried on members in any order, on members far off, and on copies.
check("9.5", greedy_soup, apart)

# %% [markdown]
# ## Exercise 9.6: how sure is a team?
#
# A model that says "90 %" should be right nine times out of ten. Then it is *calibrated*. The vote of five on textures
# takes the mean of members that know and of members that guess. What is it?

# %%
print(SURENESS)


# %% exercise="9.6-predict"
def my_sureness():
    """Return one of SURENESS."""
    ### BEGIN SOLUTION
    return "too sure"
    ### END SOLUTION


# %%
predict("9.6", my_sureness)

# %% [markdown]
# One number mends it: the *temperature* divides all logits (logarithms of chances, here). Above 1 it makes a model less
# sure, below 1 surer. It is chosen on validation images. The error of calibration, before and after, is measured on the
# others:

# %% tags=["nbval-ignore-output"]
temperatures, errors = {}, {}
for who, chances_of in {"photos alone": lambda x: x[best["textures"]], "vote of five": soft_vote}.items():
    temperatures[who], errors[who] = [], []
    for each in said["textures", 20]:
        chosen = fit_temperature(chances_of(each["val"]), labels["textures"]["val"])
        both = chances_of(each["test"]), soften(chances_of(each["test"]), chosen)
        temperatures[who].append(chosen)
        errors[who].append([calibration_error(each, labels["textures"]["test"]) for each in both])
    before, after = np.mean(errors[who], axis=0)
    print(f"{who}: temperature {np.mean(temperatures[who]):.2f}, error of calibration {before:.1%} -> {after:.1%}")

# %%
before, after = np.array(errors["vote of five"]).T
assert max(temperatures["vote of five"]) < 0.8
assert paired_interval(before, after).low > 0.05
print("The vote is not sure enough: it is right far more often than it says. A temperature below 1 mends that.")

# %% [markdown]
# Big networks alone are known for being too sure. A mean of unlike members is the opposite, and right answers stay
# right: a temperature changes no order.


# %% exercise="9.6"
def temperature(logits, labels):
    """Return the temperature t, one number, at which `softmax(logits / t)` makes the labels likeliest.

    That is: at which the mean cross-entropy is lowest. `logits` is `(num_images, num_classes)`, and `labels` is
    `(num_images,)`, the columns of the right classes. It lies between 0.05 and 20, and may be wrong by 2 %.
    """
    ### BEGIN SOLUTION
    from scipy.special import log_softmax

    tried = np.exp(np.linspace(np.log(0.05), np.log(20), 1500))
    rows = np.arange(len(labels))
    costs = [-log_softmax(logits / t, axis=1)[rows, labels].mean() for t in tried]
    return tried[np.argmin(costs)]
    ### END SOLUTION


# %% check="9.6" points=2
# Tried on models that are too sure, on models that are not sure enough, and on shifted logits.
check("9.6", temperature, temperatures["vote of five"])

# %% [markdown]
# ## Exercise 9.7: the price
#
# A team runs all its networks for each image, for as long as it is in use. So it has rivals: **one** network that is
# used better, or a larger one. A single pass of `photos` gives not only its last features, but also those of an earlier
# block. A vote of the two costs one pass. With three labels for each texture, which is better: this one network, or the
# vote of all five, weighted out of fold?

# %%
print(PRICES)


# %% exercise="9.7-predict"
def my_price():
    """Return one of PRICES."""
    ### BEGIN SOLUTION
    return "the vote of all five"
    ### END SOLUTION


# %%
predict("9.7", my_price)


# %%
def two_depths(name, source, per_class, seed):
    """Return the accuracies of an earlier block of a network, and of its vote with the last one."""
    rows, chances = draw(name, per_class, seed), []
    for table in (early[name, source], features[name, source]):
        probe = clone(PROBE).fit(table["train"][rows], labels[name]["train"][rows])
        chances.append(probe.predict_proba(table["test"]))
    return right(chances[0], name), right(np.mean(chances, axis=0), name)


# %% tags=["nbval-ignore-output"]
block_alone, one_network = np.transpose([two_depths("textures", "photos", 3, seed) for seed in SEEDS])
by_depths = one_network - np.array(weighted["out of fold"])
all_five, one_price = price_of(range(5), SOURCES, milliseconds), milliseconds["photos"]
print("one network at two depths minus the vote of five:", paired_interval(one_network, weighted["out of fold"]))
print("the same minus its earlier block alone:", paired_interval(one_network, block_alone))
print("the vote of five minus photos alone:", paired_interval(weighted["out of fold"], few))
print(f"price for one image: five {all_five:.2f} ms, one {one_price:.2f} ms")

# %%
assert paired_interval(one_network, weighted["out of fold"]).low > 0
assert paired_interval(weighted["out of fold"], few).high < 0.03
print("A team that does not pay: four networks run in place of one, and one of them at two depths is better.")

# %% [markdown]
# The earlier block alone does most of it: where to read a network was worth more here than any team. (The members of
# the team read the last blocks only.)
#
# And on digits, where the vote gained? All 31 teams are scored on validation images, and the best that runs so many
# networks at most is judged on the others:

# %% tags=["nbval-ignore-output"]
by_price = {number: [] for number in (0, 1, 2, 4)}
for each in said["digits", 20]:
    formed = score_teams(each["val"], labels["digits"]["val"], SOURCES, milliseconds)
    for number, scores in by_price.items():
        fitting = [team for team in formed if len(set(team.members) - {SOURCES.index("pixels")}) <= number]
        team = max(fitting, key=lambda one: (one.accuracy, -one.milliseconds))
        scores.append(right(soft_vote(each["test"][list(team.members)]), "digits"))
for number, scores in by_price.items():
    print(
        f"{number} networks: {np.mean(scores):.1%}, minus the best member: {paired_interval(scores, alone['digits'])}"
    )

# %% tags=["nbval-ignore-output"]
svm = []
for seed in SEEDS:
    rows, table = draw("digits", 20, seed), features["digits", "pixels"]
    model = SVC(C=3).fit(table["train"][rows], labels["digits"]["train"][rows])
    svm.append(model.score(table["test"], labels["digits"]["test"]))
print(f"no network at all, a kernel machine on the pixels: {np.mean(svm):.1%}")
print("vote of five minus that:", paired_interval(voted["digits"], svm))
large = [right(told(model), "digits") for model in learned_digits([small_network(900 + s, width=152) for s in SEEDS])]
four = of_teams["own starts"][:, 1]
print("four small networks minus one larger one at the same cost:", paired_interval(four, large))

# %%
assert paired_interval(by_price[1], alone["digits"]).low > 0
assert np.mean(by_price[4]) - np.mean(by_price[1]) < 0.03
print("A team that pays: one network and the pixels gain nearly as much as four networks and the pixels.")

# %% [markdown]
# The last line compares networks on pixels: a vote of four with 64 units in a layer, against one with 152 units, which
# multiplies as often as those four together. No difference is shown.
#
# And what a team knows can be passed on: a *student*, one small network on pixels, learns from the chances that the
# vote gives to images **without labels**. Its rivals get the same number of steps: one learns from the labels only,
# and one from the classes that the vote names, without its doubts. That is tried with 5 and with 20 labels for each
# digit.


# %%
def lesson_of(kind, per_class, seed):
    """Return what a student learns from, `(pixels, chances)`."""
    rows, everything = draw("digits", per_class, seed), labels["digits"]["train"]
    if kind == "labels":
        repeated = np.resize(rows, len(everything))
        return pixels["train"][repeated], np.eye(10, dtype="float32")[everything[repeated]]
    table = wide["digits"]["train"]
    teacher = VotingClassifier(members(PROBE), voting="soft").fit(table[rows], everything[rows])
    chances = teacher.predict_proba(table).astype("float32")
    return pixels["train"], chances if kind == "chances" else np.eye(10, dtype="float32")[chances.argmax(axis=1)]


def student_scores(kind, per_class):
    """Return the accuracies of the students, one for each seed."""
    models = [small_network(seed, loss=keras.losses.CategoricalCrossentropy) for seed in SEEDS]
    fit_together(models, [lesson_of(kind, per_class, seed) for seed in SEEDS], seeds=list(SEEDS), epochs=40)
    return np.array([right(told(model), "digits") for model in models])


# %% tags=["nbval-ignore-output"]
students = {}
for number in (5, 20):
    for kind in ("labels", "chances", "classes"):
        students[kind, number] = student_scores(kind, number)
        print(f"{number:2} labels, student of {kind:8} {students[kind, number].mean():.1%}")
    for rival in ("labels", "classes"):
        gain = paired_interval(students["chances", number], students[rival, number])
        print(f"{number:2} labels, chances minus {rival}: {gain}")
print("20 labels, the vote of five minus its student:", paired_interval(voted["digits"], students["chances", 20]))

# %%
assert students["chances", 5].mean() > students["labels", 5].mean()
print("With few labels, one small network on pixels learns from the team, and then runs without any of its networks.")


# %% exercise="9.7"
def best_team(chances, labels, networks, milliseconds, budget):
    """Return the places of the members of the best team within the budget, such as `(0, 2)`.

    A team votes with equal weights; the most accurate vote is the best, and of equally accurate teams the cheapest.
    `chances` is `(num_members, num_images, num_classes)`, `labels` is `(num_images,)`. `networks[i]` is the name of the
    network that member i reads, and `milliseconds[name]` the time of a network. A network runs once for a team, however
    many members read it. A team may cost as much as the budget, and no more.
    """

    ### BEGIN SOLUTION
    def price(team):
        return sum(milliseconds[name] for name in {networks[place] for place in team})

    def accuracy(team):
        return np.mean(chances[list(team)].mean(axis=0).argmax(axis=1) == labels)

    sizes = range(1, len(chances) + 1)
    teams = [team for size in sizes for team in itertools.combinations(range(len(chances)), size)]
    return min((team for team in teams if price(team) <= budget), key=lambda team: (-accuracy(team), price(team)))
    ### END SOLUTION


# %% check="9.7" points=3
# Tried on budgets that are spent to the last millisecond, on members that share a network, and on equal accuracies.
check("9.7", best_team, by_depths)

# %% [markdown]
# ## Exercise 9.8: and without any label?
#
# All of that took labels. Features group images even without them: *k-means* looks for clusters, and the *adjusted Rand
# index* says how well these fit the classes: 1 if they are the same, about 0 by chance, whatever the numbers of the
# clusters. Whose clusters fit the ten digits best?

# %%
print(CLUSTERED)


# %% exercise="9.8-predict"
def my_clusters():
    """Return one of CLUSTERED."""
    ### BEGIN SOLUTION
    return "pixels"
    ### END SOLUTION


# %%
predict("9.8", my_clusters)


# %%
def clusters(name, source, number, seed):
    """Return the cluster of each test image."""
    return KMeans(number, n_init=2, random_state=seed).fit_predict(features[name, source]["test"])


def fits(name, source, number, seed):
    """Return the adjusted Rand index of clusters and classes."""
    return adjusted_rand_score(labels[name]["test"], clusters(name, source, number, seed))


# %% tags=["nbval-ignore-output"]
indices = {}
for name, number in (("digits", 10), ("textures", 13)):
    for source in SOURCES:
        indices[name, source] = np.array([fits(name, source, number, seed) for seed in SEEDS])
    print(f"{name:9}", ", ".join(f"{source} {indices[name, source].mean():.2f}" for source in SOURCES))

# %%
assert indices["digits", "glyphs"].mean() > indices["digits", "photos"].mean() + 0.05
assert indices["textures", "photos"].mean() > indices["textures", "glyphs"].mean() + 0.2
print("Clusters tell which source fits a task, as probes with labels do.")

# %% [markdown]
# (The index itself takes labels, of course: it is how we judge. And patches of textures that overlap lie in one part,
# so that some of them are near each other for that reason.) The first two main directions show what the clusters find:

# %%
for source in ("glyphs", "pixels"):
    ax = new_axes(None, (4.2, 3.4))
    plane = features["digits", source]["test"][:, :2]
    _ = ax.scatter(*plane.T, c=labels["digits"]["test"], cmap="tab10", s=9)
    _ = finish(ax, f"Digits by {source}: two directions of 32", "first", "second")

# %% [markdown]
# Nobody tells k-means how many clusters there are. The *silhouette* compares how near an image is to its own cluster
# and to the next one, and needs no label. The largest value is a proposal:

# %% tags=["nbval-ignore-output"]
tried = (2, 4, 6, 8, 10, 13, 16, 20, 30)
ax = new_axes(None, (5.4, 3.2))
for (name, source), line in zip((("digits", "glyphs"), ("textures", "photos")), ("o-", "s--"), strict=True):
    table = features[name, source]["test"]
    heights = [np.mean([silhouette_score(table, clusters(name, source, k, seed)) for seed in range(3)]) for k in tried]
    found_at = [np.mean([fits(name, source, k, seed) for seed in range(3)]) for k in tried]
    ax.plot(tried, found_at, line, label=f"{name}: the silhouette proposes {tried[int(np.argmax(heights))]}")
ax.legend(frameon=False, labelcolor="#222222")
_ = finish(ax, "How many clusters? 10 digits, 13 textures", "clusters", "adjusted Rand index")

# %% [markdown]
# On digits the proposal is right here. On textures it is too low, and more clusters than classes fit best: some
# textures look like two. What does a wrong number hide? With six clusters for ten digits, some digits have no cluster
# of their own. No number that k-means prints says so, and whoever counts clusters, counts six kinds.

# %% tags=["nbval-ignore-output"]
six = clusters("digits", "glyphs", 6, 0)
for number in range(6):
    counts = np.bincount(labels["digits"]["test"][six == number], minlength=10)
    print(f"cluster {number}:", ", ".join(f"{counts[digit]} of {digit}" for digit in np.argsort(-counts)[:3]))

# %% [markdown]
# Between no labels and many there is *label spreading*: a few labels run along a graph of near images, most of which
# have none. Three labels for each digit, all other training images without, judged on images that are not in the
# graph. (On textures the graph would link patches that overlap, which is close to a leak.)

# %% tags=["nbval-ignore-output"]
for source in ("glyphs", "pixels"):
    spread, probed, table, numbers = [], [], features["digits", source], labels["digits"]["train"]
    for seed in SEEDS:
        rows = draw("digits", 3, seed)
        known = np.where(np.isin(np.arange(len(numbers)), rows), numbers, -1)
        graph = LabelSpreading(kernel="knn", n_neighbors=10, alpha=0.8, max_iter=100).fit(table["train"], known)
        spread.append(graph.score(table["test"], labels["digits"]["test"]))
        probe = clone(PROBE).fit(table["train"][rows], numbers[rows])
        probed.append(probe.score(table["test"], labels["digits"]["test"]))
    print(f"{source}: {np.mean(spread):.1%}, minus a regression on the same labels: {paired_interval(spread, probed)}")


# %% exercise="9.8"
def adjusted_rand(labels, clusters):
    """Return the adjusted Rand index, one number, at most 1.

    `labels` and `clusters` are `(num_images,)`, integers. Count pairs of images: `both` are in one class and in one
    cluster, `first` in one class, `second` in one cluster, `pairs` all. By chance, `first * second / pairs` would be in
    both. The index is what `both` exceeds that by, divided by what the mean of `first` and `second` exceeds it by.
    Write it yourself: an answer that calls `adjusted_rand_score` earns nothing.
    """
    ### BEGIN SOLUTION
    each_once = np.triu_indices(len(labels), 1)
    same = (labels[:, None] == labels)[each_once]
    together = (clusters[:, None] == clusters)[each_once]
    both, first, second = (same & together).sum(), same.sum(), together.sum()
    chance = first * second / len(same)
    return (both - chance) / ((first + second) / 2 - chance)
    ### END SOLUTION


# %%
of_digits = {source: indices["digits", source] for source in CLUSTERED}

# %% check="9.8" points=2
# Tried on good clusters, on clusters by chance, on classes that are split, and under other numbers.
check("9.8", adjusted_rand, of_digits)

# %% [markdown]
# ## On your own data
#
# Name a folder with one subfolder for each class, with at least six images each. Is the vote of three sources better
# than the best of them, out of fold?

# %% tags=["nbval-ignore-output"]
MY_PHOTOS = ""  # for example "photos/plants", with photos/plants/oak/*.jpg and photos/plants/elm/*.jpg
photos = None
try:
    photos = images_from_folder(MY_PHOTOS) if MY_PHOTOS else None
except (OSError, ValueError) as error:
    print(f"These photos cannot be used: {error}")
if photos is None:
    print("No photos yet: this part waits until you have some.")


# %% tags=["nbval-ignore-output"]
def judge_own(dataset):
    """Print the accuracies of three members and of their votes on own photos, in three folds."""
    own, numbers = dataset.train.images, dataset.train.labels
    found = {source: networks[source].predict(own, verbose=0)[1] for source in ("photos", "glyphs")}
    found["pixels"] = pixels_of(own)
    rule = make_pipeline(StandardScaler(), LogisticRegression(C=0.05, max_iter=300))
    options = {"cv": folds(0), "method": "predict_proba"}
    chances = np.array([cross_val_predict(rule, table, numbers, **options) for table in found.values()])
    shares = (chances.argmax(axis=2) == numbers).mean(axis=1)
    for source, share in zip(found, shares, strict=True):
        print(f"{source:7} {share:.1%}")
    print(f"equal vote {(soft_vote(chances).argmax(axis=1) == numbers).mean():.1%}")


if photos is not None:
    judge_own(photos)

# %% [markdown]
# ## What we saw
#
# - A vote gains where several members are good and err on different images; otherwise it loses to its best member, and
#   disagreement does not tell the one from the other.
# - Weights and stacks learn from rows that the members have not seen, or they learn nothing about them. Weights can be
#   averaged if the networks have one start. A vote of unlike members is not sure enough, and a temperature mends it.
# - Price decides: one network and the pixels got most of the gain of five members, one network at two depths beat them,
#   and with few labels a student learned from them. Without labels, clusters show which source fits; how many there are
#   remains a choice.
#
# Write down what you believe now, in one sentence each. The card shows it next to what you predicted and measured.


# %% exercise="9.8-believe"
def my_beliefs():
    """Return `{"9.1": ..., "9.2": ..., "9.3": ..., "9.4": ..., "9.5": ..., "9.6": ..., "9.7": ..., "9.8": ...}`."""
    ### BEGIN SOLUTION
    return {
        "9.1": "Equal votes help among equals, and harm where one member knows more than the others.",
        "9.2": "Members should be equally good first, and different second.",
        "9.3": "A row must never be predicted by a model that has learned from it.",
        "9.4": "Bagging helps what varies; a regression on good features does not.",
        "9.5": "I average weights only of networks that have one start.",
        "9.6": "A mean of unlike members is less sure than it is right.",
        "9.7": "I look for what one network can give before I pay for five.",
        "9.8": "Clusters rank sources without labels; their number is a choice of mine.",
    }
    ### END SOLUTION


# %% tags=["nbval-ignore-output"]
digit_gains, from_one = voted["digits"] - alone["digits"], of_teams["one start"][:, 2] - of_teams["one start"][:, 0]
measured = {
    "9.1": f"{100 * vote_gains.mean():+.1f} points on textures, {100 * digit_gains.mean():+.1f} on digits",
    "9.2": ", ".join(f"{name} {value:+.2f}" for name, value in correlations.items()),
    "9.3": f"{100 * leaks.mean():.1f} points lost by the leak",
    "9.4": ", ".join(f"{kind} {100 * scores.mean():+.1f}" for kind, scores in by_kind.items()),
    "9.5": f"own starts {100 * apart.mean():+.1f} points, one start {100 * from_one.mean():+.1f}",
    "9.6": f"temperature {np.mean(temperatures['vote of five']):.2f}",
    "9.7": f"one network {100 * by_depths.mean():+.1f} points from five",
    "9.8": ", ".join(f"{source} {values.mean():.2f}" for source, values in of_digits.items()),
}
lesson_card(9, measured=measured, believed=my_beliefs)

# %% tags=["nbval-ignore-output"]
progress(9)

# %% [markdown]
# ## In your own words
#
# **For a task of yours, would you run several networks, one, or a student, and which of your figures says so?**
# Double-click the next cell, and replace its text with two or three sentences. No check can read them: in a course, a
# person does, and their points are counted separately.

# %% [markdown] essay="9.9" points=2
# I would start with one network and look at its features at two depths, since that costs nothing more, and on textures
# it beat a vote of five by some seven points (9.7). If two sources are about equally good on validation images, as on
# digits, I would let them vote: nearly four points more than the better one, the whole interval above 0 (9.1). For a
# phone and few labels I would train a student. I would never weigh members by rows that they have learned from (9.3).

# %% [markdown]
# ## References
#
# - Krogh and Vedelsby (1994), [Neural network ensembles, cross validation, and active
#   learning](https://papers.nips.cc/paper/1994/hash/b8c37e33defde51cf91e1e03e51657da-Abstract.html)
# - Wolpert (1992), [Stacked generalization](https://doi.org/10.1016/S0893-6080(05)80023-1)
# - Breiman (1996), [Bagging predictors](https://doi.org/10.1007/BF00058655)
# - Huang et al. (2017), [Snapshot ensembles](https://arxiv.org/abs/1704.00109)
# - Guo et al. (2017), [On calibration of modern neural networks](https://arxiv.org/abs/1706.04599)
# - Wortsman et al. (2022), [Model soups](https://arxiv.org/abs/2203.05482)
# - Hinton, Vinyals and Dean (2015), [Distilling the knowledge in a neural network](https://arxiv.org/abs/1503.02531)
