# ---
# jupyter:
#   tlkit: {"minutes": 90}
# ---

# %% [markdown]
# # When do two tasks help each other?
#
# This takes about 90 minutes, about two of which are computing time on two CPU cores. You will
#
# - train one network for two tasks, with labels that are missing for one of them, and find out where help comes from;
# - see a second task that helps and one that hurts, and what the width of the shared trunk has to do with it;
# - weigh losses by hand, by uncertainty and by the length of gradients, and make labels that cost nothing.
#
# "Tasks that share a network teach each other": predict, run, and let your own numbers decide. `hint("8.2")` in a cell
# of your own gives the first of three hints for exercise 8.2.

# %%
from tlkit.backbones import load_backbone, load_network, load_pieces
from tlkit.checks import check, hint, lesson_card, predict, progress
from tlkit.data import images_from_folder, load_dataset, load_glosses, load_sms_spam
from tlkit.exercises.lesson_08_two_tasks.shown import ANGLES, FILLED, FREE_TASKS, NARROWED, NUM_SEEDS
from tlkit.exercises.lesson_08_two_tasks.shown import SECOND_HEADS, SOURCES_OF_HELP, WEIGHED
from tlkit.measure import paired_interval
from tlkit.multitask import hard_sharing, jigsaw, quarter_turns, soft_sharing, train_tasks
from tlkit.plots import show_images
from tlkit.plots.style import finish, new_axes
from tlkit_widgets import GradientDial

import keras
import numpy as np
import tensorflow as tf

keras.utils.set_random_seed(0)

# %% [markdown]
# ## One image, several questions
#
# Handwritten digits, and **three** labelled images of each: 30 in all. The network gets features from the middle of
# `glyphs`, which learned printed characters; on top of them it learns a *trunk*, one layer, and a *head* for each task.
# The first task is always the same: which digit is it? The second is one of these:
#
# - **loop**: is there a closed loop in it, as in 0, 6, 8 and 9?
# - **parity**: is it even?
# - **brightness**: in which quarter of all images is it by the amount of ink?
# - **noise**: labels that were drawn by chance. Nothing can be learned from them; they can only be remembered.

# %%
digits = load_dataset("digits")
parts = {"train": digits.train, "test": digits.test.open("results of lesson 8: one task against two")}
_ = show_images(digits.train.images[:10], digits.train.labels[:10], digits.train.class_names, columns=10)

# %%
HAS_LOOP = np.isin(np.arange(10), (0, 6, 8, 9))
quarters = np.quantile(digits.train.images.mean(axis=(1, 2, 3)), (0.25, 0.5, 0.75))


def answers_to(split):
    """Return `{task: labels (num_images,)}` for all five questions."""
    return {
        "digit": split.labels,
        "loop": HAS_LOOP[split.labels].astype(int),
        "parity": split.labels % 2,
        "brightness": np.searchsorted(quarters, split.images.mean(axis=(1, 2, 3))),
        "noise": np.random.default_rng(0).integers(10, size=len(split.labels)),
    }


answers = {part: answers_to(split) for part, split in parts.items()}
NUM_CLASSES = {"digit": 10, "loop": 2, "parity": 2, "brightness": 4, "noise": 10}

# %% tags=["nbval-ignore-output"]
backbone = load_backbone("mobilenet_v3_small", weights="glyphs")
middle = backbone.get_layer("expanded_conv_8_project_bn").output
cut = keras.Model(backbone.input, keras.layers.GlobalAveragePooling2D()(middle))
found = {part: cut.predict(split.images, batch_size=64, verbose=0) for part, split in parts.items()}
mean, deviation = found["train"].mean(axis=0), found["train"].std(axis=0) + 1e-3
features = {part: ((table - mean) / deviation / 4).astype("float32") for part, table in found.items()}

# %% [markdown]
# Twenty seeds draw the 30 images, the start and the batches. A seed draws the *same* 30 images, the same start of trunk
# and head, and the same batches of digits whether there is a second task or not: so runs are compared in pairs, seed by
# seed. Each task adds a batch of its own to each of 300 steps, at one learning rate for all, 0.003. (With 0.01, or with
# 600 steps, the signs of what follows about help and harm stay the same.) `train_tasks` trains all twenty in one graph.
# `-1` says that a label is missing.


# %%
SEEDS = range(NUM_SEEDS)


def few_of(labels, per_class, seed):
    """Return a copy of labels that keeps `per_class` of each class, drawn by chance, and has -1 for all others."""
    order = np.random.default_rng(1000 + seed).permutation(len(labels))
    kept = np.concatenate([order[labels[order] == each][:per_class] for each in np.unique(labels)])
    return np.where(np.isin(np.arange(len(labels)), kept), labels, -1)


def labels_for(second=None, which="all", per_class=3):
    """Return `{task: labels (num_seeds, num_images)}`; the second task has labels on `"all"` images or on `"few"`."""
    own = answers["train"]
    found = {"digit": np.stack([few_of(own["digit"], per_class, seed) for seed in SEEDS])}
    if second is not None:
        found[second] = np.where((found["digit"] >= 0) | (which == "all"), own[second], -1)
    return found


def score(models, table, truth):
    """Return the accuracy of each model's head for digits."""
    return np.array([np.mean(np.argmax(model(table)["digit"], axis=1) == truth) for model in models])


def trained(labels, width, *, sharing=hard_sharing, weights=None):
    """Return the accuracy on test digits of each seed, and what was noted while training."""
    sizes = {task: NUM_CLASSES[task] for task in labels}
    models = [sharing(features["train"].shape[1], sizes, width=width, seed=seed) for seed in SEEDS]
    notes = train_tasks(models, features["train"], labels, seeds=SEEDS, weights=weights)
    return score(models, features["test"], answers["test"]["digit"]), notes


# %% [markdown]
# ## Exercise 8.1: a second head
#
# The obvious way: the same 30 images, a second question about each. Whether there is a loop is surely worth knowing to
# tell digits apart. With a trunk of 64 units, what does a second head for *loop* do to the accuracy on digits?

# %%
print(SECOND_HEADS)


# %% exercise="8.1-predict"
def my_second_head():
    """Return one of SECOND_HEADS."""
    ### BEGIN SOLUTION
    return "more than 1 point up"
    ### END SOLUTION


# %%
predict("8.1", my_second_head)

# %% tags=["nbval-ignore-output"]
wide = {"alone": trained(labels_for(), 64)}
wide["loop, few"] = trained(labels_for("loop", "few"), 64)
gains = wide["loop, few"][0] - wide["alone"][0]
print(f"digits alone {wide['alone'][0].mean():.1%}")
print("with loop, the same few:", paired_interval(wide["loop, few"][0], wide["alone"][0]))

# %%
assert paired_interval(wide["loop, few"][0], wide["alone"][0]).low < 0.01
print("A second head on the same images shows no gain worth a point.")

# %% [markdown]
# A *digit* label already says whether there is a loop. The second head asks nothing new of these 30 images.
#
# Did the second loss reach the trunk at all? Never believe a drawing of a network: ask its gradients. The loss of a
# task reaches a layer if its gradient with respect to the layer's weights is not `None`.


# %% exercise="8.1"
def reached(model, x):
    """Return `{task: names of layers}`, a list of the layers that would learn from the task's loss.

    `model` is a Keras model from `(batch, num_features)` to `{task: logits (batch, num_classes)}`, and `x` is a batch
    for it. A layer learns from a loss if the loss has a gradient by one of its trainable weights. The model is not
    changed. Names are those of `layer.name`.
    """
    ### BEGIN SOLUTION
    found = {}
    for task in model.output:
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(model(x)[task])
        gradients = tape.gradient(loss, model.trainable_variables)
        taught = {id(w) for w, g in zip(model.trainable_variables, gradients, strict=True) if g is not None}
        found[task] = [layer.name for layer in model.layers if any(id(w) in taught for w in layer.trainable_weights)]
    return found
    ### END SOLUTION


# %% check="8.1" points=3
# Tried on shared trunks, trunks side by side, a head on top of another head, and frozen layers.
check("8.1", reached, gains)

# %% [markdown]
# ## Exercise 8.2: missing labels
#
# What the trunk lacks is not questions, but images. Labels for *loop* are cheap: let us have them for all 1,078 images,
# while digits are known for 30 as before. But then 1,048 labels are missing in a table that needs a number everywhere.
#
# First, the wrong way: many tables are filled up with 0. By how much does that lower the accuracy on digits?

# %%
print(FILLED)


# %% exercise="8.2-predict"
def my_filling():
    """Return one of FILLED."""
    ### BEGIN SOLUTION
    return "by 5 to 20 points"
    ### END SOLUTION


# %%
predict("8.2", my_filling)

# %% tags=["nbval-ignore-output"]
missing = labels_for()["digit"]
filled = trained({"digit": np.where(missing < 0, 0, missing)}, 64)[0] - wide["alone"][0]
print("missing digits filled with 0:", paired_interval(filled, np.zeros(NUM_SEEDS)))

# %%
assert paired_interval(filled, np.zeros(NUM_SEEDS)).high < -0.2
print("Filled labels are wrong labels: the network learns that nearly everything is a 0.")

# %% [markdown]
# The right way is a *masked* loss: an image without a label for a task takes no part in that task. What remains is
# divided by the number of *known* labels; divided by the size of the batch, a task with few labels would count for
# little without anybody having decided it. In Keras, `SparseCategoricalCrossentropy(from_logits=True, ignore_class=-1)`
# does just that.


# %% exercise="8.2"
def masked_loss(logits, labels):
    """Return the mean cross-entropy of the images whose label is known, one number; 0 if none is known.

    `logits` is `(batch, num_classes)`, and `labels` is `(batch,)`: integers, -1 where the label is missing.
    """
    ### BEGIN SOLUTION
    from scipy.special import log_softmax

    known = labels >= 0
    if not known.any():
        return 0.0
    found = log_softmax(logits[known], axis=1)
    return -found[np.arange(len(found)), labels[known]].mean()
    ### END SOLUTION


# %% check="8.2" points=3
# Tried with few and with all labels known, with none, with images added that have no label, and with large logits.
check("8.2", masked_loss, filled)

# %% [markdown]
# ## Exercise 8.3: where the help comes from
#
# Now *loop* and *parity* have labels on all images. If that helps the digits: is it the second head that helped, or the
# labels of further images?

# %%
print(SOURCES_OF_HELP)


# %% exercise="8.3-predict"
def my_source_of_help():
    """Return one of SOURCES_OF_HELP."""
    ### BEGIN SOLUTION
    return "both about equally"
    ### END SOLUTION


# %%
predict("8.3", my_source_of_help)

# %% tags=["nbval-ignore-output"]
wide["parity, few"] = trained(labels_for("parity", "few"), 64)
for second in ("loop", "parity"):
    wide[f"{second}, all"] = trained(labels_for(second), 64)
by_labels = {name: wide[name][0] - wide["alone"][0] for name in wide if name != "alone"}
for name, differences in by_labels.items():
    print(f"{name:13}", paired_interval(differences, np.zeros(NUM_SEEDS)))

# %%
for second in ("loop", "parity"):
    assert by_labels[f"{second}, all"].mean() > by_labels[f"{second}, few"].mean() + 0.003
print("The same head helps with labels on all images, and not with labels on the same few.")
print("The help is the labels of further images; the second head is only the door through which they come in.")

# %% [markdown]
# It is a small help: about a point. Write down what may be said of a second task, and how surely.


# %% exercise="8.3"
def verdicts(alone, together):
    """Return `{task: verdict}`: `"helps"`, `"hurts"` or `"not shown"`.

    `alone` is `(num_seeds,)`, the accuracy of each seed without a second task. `together` is
    `{task: (num_seeds,)}`, the accuracy with that second task, of the same seeds in the same order. A second task
    helps or hurts if Student's 95 % interval of the mean difference lies above or below 0 as a whole.
    """
    ### BEGIN SOLUTION
    found = {}
    for task, accuracies in together.items():
        gain = paired_interval(accuracies, alone)
        found[task] = "helps" if gain.low > 0 else "hurts" if gain.high < 0 else "not shown"
    return found
    ### END SOLUTION


# %% check="8.3" points=3
# Tried on seeds that differ much, on lucky means, on small steady gains, and on few seeds.
check("8.3", verdicts, by_labels)

# %% [markdown]
# ## Exercise 8.4: a narrow trunk
#
# A trunk of 64 units has room for two tasks that ignore each other. What if it has only **6** units? *Loop* has labels
# on all images, and *brightness* on the same few: what will the narrow trunk make of their help and harm?

# %%
print(NARROWED)


# %% exercise="8.4-predict"
def my_narrow_trunk():
    """Return one of NARROWED."""
    ### BEGIN SOLUTION
    return "less help and more harm"
    ### END SOLUTION


# %%
predict("8.4", my_narrow_trunk)

# %% tags=["nbval-ignore-output"]
PAIRS = {"loop": "all", "brightness": "few"}
runs = {(64, "alone"): wide["alone"], (64, "loop"): wide["loop, all"]}
runs[64, "brightness"] = trained(labels_for("brightness", "few"), 64)
for width in (24, 12, 6):
    runs[width, "alone"] = trained(labels_for(), width)
    for second, which in PAIRS.items():
        runs[width, second] = trained(labels_for(second, which), width)


# %%
def gain(width, second):
    """Return what a second task adds to the accuracy on digits, one difference for each seed."""
    return runs[width, second][0] - runs[width, "alone"][0]


# %%
ax = new_axes(None, (5.4, 3.0))
for second, line in zip(PAIRS, ("o-", "s--"), strict=True):
    ends = [paired_interval(gain(width, second), np.zeros(NUM_SEEDS)) for width in (64, 24, 12, 6)]
    bars = 100 * np.array([[each.mean - each.low, each.high - each.mean] for each in ends]).T
    ax.errorbar([64, 24, 12, 6], [100 * each.mean for each in ends], bars, fmt=line, capsize=3, label=second)
ax.axhline(0, color="#767676", linewidth=0.9, linestyle=":")
ax.set_xscale("log")
ax.set_xticks([64, 24, 12, 6], ["64", "24", "12", "6"])
ax.minorticks_off()
ax.legend(frameon=False, labelcolor="#222222")
_ = finish(ax, "The narrower the trunk, the more a second task matters", "units of the trunk", "gain (points)")

# %% tags=["nbval-ignore-output"]
by_width = {f"{second}, {width} units": gain(width, second) for second in PAIRS for width in (64, 6)}
for name, differences in by_width.items():
    print(f"{name:20}", paired_interval(differences, np.zeros(NUM_SEEDS)))
print(f"alone: {runs[64, 'alone'][0].mean():.1%} with 64 units, {runs[6, 'alone'][0].mean():.1%} with 6")

# %%
assert paired_interval(gain(6, "loop"), np.zeros(NUM_SEEDS)).low > 0
assert paired_interval(gain(6, "brightness"), np.zeros(NUM_SEEDS)).high < 0
print("With 6 units, loop helps and brightness hurts: each whole interval lies on its side of 0.")
assert gain(6, "loop").mean() > gain(64, "loop").mean()
assert gain(6, "brightness").mean() < gain(64, "brightness").mean() - 0.01
print("A narrow trunk turns tolerance into competition, and it is also where help is needed most.")

# %% [markdown]
# (The wide trunk is better in any case, with one task or with two: a narrow one is not a recommendation, but a
# microscope. Large networks that serve many tasks are narrow in this sense.)
#
# Between "one trunk for both" and "a trunk for each" lies *soft sharing*. A *cross-stitch* unit gives each task a
# mixture of all trunks, and learns the weights of the mixture.


# %% exercise="8.4"
def cross_stitch(trunks, exchange):
    """Return `(num_tasks, batch, width)`: for each task, the sum of all trunks by the weights of its row.

    `trunks` is `(num_tasks, batch, width)`, what the trunk of each task says, and `exchange` is
    `(num_tasks, num_tasks)`: `exchange[i, j]` is the weight of trunk j for task i. Weights may be negative.
    """
    ### BEGIN SOLUTION
    return np.tensordot(exchange, trunks, axes=1)
    ### END SOLUTION


# %% check="8.4" points=2
# Tried with two to four tasks, without exchange, and with equal rows.
check("8.4", cross_stitch, by_width)

# %% [markdown]
# Two trunks of 6 units with such an exchange, against one trunk of 6:

# %% tags=["nbval-ignore-output"]
for second, which in PAIRS.items():
    runs["soft", second] = trained(labels_for(second, which), 6, sharing=soft_sharing)
    soft = runs["soft", second][0]
    print(f"{second:11} hard {paired_interval(gain(6, second), np.zeros(NUM_SEEDS))}")
    print(f"{second:11} soft {paired_interval(soft, runs[6, 'alone'][0])}")
    print(f"{second:11} soft against one task with 12 units {paired_interval(soft, runs[12, 'alone'][0])}")

# %%
spared = runs["soft", "brightness"][0] - runs[6, "brightness"][0]
assert paired_interval(spared, np.zeros(NUM_SEEDS)).low > 0
print("Soft sharing spares the digits the harm. But it has twice the units, and one task with as many does better.")

# %% [markdown]
# ## Exercise 8.5: do they pull in one direction?
#
# Each task pulls the trunk along its own gradient. It is tempting to measure the *cosine of the angle* between the two
# gradients, and to share only where it is above 0. *Loop* helps by points in the narrow trunk. What is the mean cosine
# between its gradient and that of the digits, over all steps of training?

# %%
print(ANGLES)


# %% exercise="8.5-predict"
def my_angle():
    """Return one of ANGLES."""
    ### BEGIN SOLUTION
    return "clearly above 0"
    ### END SOLUTION


# %%
predict("8.5", my_angle)

# %% tags=["nbval-ignore-output"]
runs[6, "noise"] = trained(labels_for("noise", "few"), 6)
runs[6, "brightness, all"] = trained(labels_for("brightness"), 6)
names = ("loop", "brightness", "brightness, all", "noise")
angles = {name: runs[6, name][1].cosines[:, :, 0, 1].mean(axis=0) for name in names}
cosines = angles["loop"]
for name in names:
    told = paired_interval(gain(6, name), np.zeros(NUM_SEEDS))
    print(f"{name:16} cosine {angles[name].mean():+.3f}, gain {told}")

# %%
assert paired_interval(cosines, np.zeros(NUM_SEEDS)).high < 0
print("The task that helps pulls, on average, slightly *against* the digits: the whole interval lies below 0.")
assert abs(angles["brightness, all"].mean() - cosines.mean()) < 0.03
assert gain(6, "brightness, all").mean() < gain(6, "loop").mean() - 0.02
print("Brightness on all images has nearly the same cosine, and gains points less. The angle does not tell them apart.")

# %% [markdown]
# The tasks that hurt most do have the lowest cosines here; but by the rule "share where it is above 0", nothing would
# have been shared, not even *loop*, and *brightness* on all images comes before it. A gradient is about the next step
# on the *known* labels, and help is about images that no step has seen.


# %% exercise="8.5"
def cosine(a, b):
    """Return the cosine of the angle between two gradients, one number; 0 if one of them is 0.

    `a` and `b` are lists of arrays, the gradients of two losses by the same weights: arrays in the same place have the
    same shape. Together, the arrays of a list are one long vector.
    """
    ### BEGIN SOLUTION
    x, y = (np.concatenate([each.ravel() for each in gradients]) for gradients in (a, b))
    lengths = np.linalg.norm(x) * np.linalg.norm(y)
    return x @ y / lengths if lengths > 0 else 0.0
    ### END SOLUTION


# %% check="8.5" points=2
# Tried on arrays of different sizes, on losses in other units, on opposite gradients, and on gradients of 0.
check("8.5", cosine, cosines)

# %% [markdown]
# ## See it: the dial of two gradients
#
# Two arrows pull at one trunk, downhill, and the step is their weighted sum. **Turn the second one** with the slider,
# or drag its tip, from 0 to 180 degrees. Beyond 90 degrees the two are in conflict. But whose loss rises, and when?
# Make the second arrow longer, and then give it less weight. The buttons set the dial to what was measured above, with
# 6 units: the mean angle, and how long the second gradient is compared with that of the digits. They name the gain.


# %%
def as_measured(name):
    """Return the angle in degrees, the ratio of lengths, and the gain in points, means over all seeds."""
    norms = runs[6, name][1].norms.mean(axis=(0, 1))
    angle = float(np.degrees(np.arccos(angles[name].mean())))
    return {"angle": angle, "length": float(norms[1] / norms[0]), "gain": 100 * float(gain(6, name).mean())}


# %% tags=["nbval-ignore-output"]
dial = GradientDial({name: as_measured(name) for name in names}, first="digit")
dial

# %%
dial.angle, dial.length, dial.weight = 120, 1.0, 1.0
assert max(dial.changes) < 0
print("At 120 degrees and equal lengths, both losses still fall, each half as fast as alone.")
dial.length = 3.0
assert dial.changes[0] > 0 > dial.changes[1]
print("With a second gradient three times as long, the first task pays: its loss rises.")
dial.weight = 0.25
assert max(dial.changes) < 0
print("A smaller weight for the second task makes peace again.")
dial.reset()

# %% [markdown]
# ## Exercise 8.6: who pays for a shared step?
#
# Write down what the dial computes. It holds for any number of tasks, and for as many weights as a trunk has.


# %% exercise="8.6"
def changes(gradients, weights, learning_rate):
    """Return `(num_tasks,)`: by how much the loss of each task changes in a shared step, to first order.

    `gradients` is `(num_tasks, num_weights)`: the gradient of each loss with respect to the shared weights. The step is
    minus `learning_rate` times the sum of the gradients, each multiplied by its task's number in `weights`,
    `(num_tasks,)`; it is not normalised. A change is of the task's own loss, without its weight; below 0, it falls.
    """
    ### BEGIN SOLUTION
    step = -learning_rate * (weights @ gradients)
    return gradients @ step
    ### END SOLUTION


# %% check="8.6" points=3
# Tried with two to four tasks, on conflicts of unequal gradients, and with a weight of 0.
check("8.6", changes)

# %% [markdown]
# ## Exercise 8.7: who sets the weights?
#
# By hand first. The second loss counts a tenth, as much, or ten times as much, with 6 units:

# %% tags=["nbval-ignore-output"]
for second, which in PAIRS.items():
    for weight in (0.1, 10.0):
        given = {"digit": 1.0, second: weight}
        runs[weight, second] = trained(labels_for(second, which), 6, weights=given)
    for weight in (0.1, 6, 10.0):
        told = paired_interval(runs[weight, second][0], runs[6, "alone"][0])
        print(f"{second:11} weight {1.0 if weight == 6 else weight:4g}: {told}")

# %%
heavy = {second: paired_interval(runs[10.0, second][0], runs[6, "alone"][0]) for second in PAIRS}
assert max(each.high for each in heavy.values()) < 0
print("With ten times the weight even the task that helps does harm: the trunk has no room left for the digits.")

# %% [markdown]
# A rule might choose the weights. *By uncertainty*, the network learns for each task a number `s`, the logarithm of a
# variance, and minimises the sum over the tasks of `exp(-s) * loss + s / 2`. *By the length of gradients*, the weights
# make all gradients on the trunk equally long. Neither knows which of the tasks we care for. With *brightness* on the
# same few, how will weights by uncertainty do on digits?

# %%
print(WEIGHED)


# %% exercise="8.7-predict"
def my_weights():
    """Return one of WEIGHED."""
    ### BEGIN SOLUTION
    return "better than equal weights"
    ### END SOLUTION


# %%
predict("8.7", my_weights)

# %% tags=["nbval-ignore-output"]
tried = {}
for second, which in {**PAIRS, "noise": "few"}.items():
    tried[second] = {"equal": gain(6, second)}
    for rule in ("uncertainty", "gradient norm"):
        accuracies, notes = trained(labels_for(second, which), 6, weights=rule)
        tried[second][rule] = accuracies - runs[6, "alone"][0]
        runs[rule, second] = accuracies, notes
    for rule, differences in tried[second].items():
        weighed = runs[rule, second][1].weights.mean(axis=(0, 1)) if rule != "equal" else np.ones(2)
        told = paired_interval(differences, np.zeros(NUM_SEEDS))
        print(f"{second:11} {rule:14} weights {weighed[0]:.2f} and {weighed[1]:.2f}: {told}")
    told = paired_interval(tried[second]["uncertainty"], tried[second]["equal"])
    print(f"{second:11} uncertainty minus equal weights: {told}")
by_rule = tried["brightness"]

# %%
noise = paired_interval(tried["noise"]["uncertainty"], tried["noise"]["equal"])
assert noise.low > 0
print("Weights by uncertainty turn noise down, and spare the digits its harm: the loss of noise stays large.")
assert paired_interval(by_rule["uncertainty"], by_rule["equal"]).mean < 0
assert paired_interval(tried["loop"]["uncertainty"], tried["loop"]["equal"]).low <= 0
print("They do not spare the digits the harm of brightness, and do not add to the help of loop.")

# %% [markdown]
# A loss says how hard a task is, and not whether it is of use to another one. *Brightness* is easily learned, so it
# gets *more* weight. (Uncertainty here takes its closed form at each step, from a running mean of the losses; learned
# along with the network, `s` would follow more slowly.)


# %% exercise="8.7"
def weights_by_uncertainty(losses):
    """Return `(num_tasks,)`: the weights `exp(-s)` at which the sum of `exp(-s) * loss + s / 2` is least.

    `losses` is `(num_tasks,)`, each above 0. The sum is over the tasks, each of which has an `s` of its own.
    """
    ### BEGIN SOLUTION
    return 1 / (2 * losses)
    ### END SOLUTION


# %% check="8.7" points=2
# Tried on two to eight tasks, and on losses in other units.
check("8.7", weights_by_uncertainty, by_rule)

# %% [markdown]
# ## How many labels?
#
# So far, three labels for each digit. Two tasks against one, with 10 and with 30 labels, and *loop* on all images:

# %% tags=["nbval-ignore-output"]
budgets = {3: gain(6, "loop")}
levels = {3: runs[6, "alone"][0].mean()}
for per_class in (10, 30):
    alone = trained(labels_for(per_class=per_class), 6)[0]
    levels[per_class] = alone.mean()
    budgets[per_class] = trained(labels_for("loop", per_class=per_class), 6)[0] - alone
for per_class, differences in budgets.items():
    told = paired_interval(differences, np.zeros(NUM_SEEDS))
    print(f"{per_class:2} labels for each digit: alone {levels[per_class]:.1%}, with loop {told}")

# %%
assert budgets[3].mean() > max(budgets[10].mean(), budgets[30].mean()) + 0.01
assert levels[10] - levels[3] > budgets[3].mean()
print("The help is gone with ten labels. Seven more labels for each digit were worth more than a thousand for loop.")

# %% [markdown]
# ## Exercise 8.8: labels that cost nothing
#
# If the help is in the images, do the labels have to be written by a person? Turn an image, and ask by how many quarter
# turns it was turned; or cut it into four tiles, swap them, and ask in which of eight orders they lie (a *jigsaw*).
# Such labels cost nothing, and all 1,078 images have them; the kit's `quarter_turns` and `jigsaw` make both. Now the
# features are the pixels themselves, 8 x 8 levels of grey, there is **one** labelled image of each digit, and the trunk
# has 64 units. Which of the two gains more?

# %%
print(FREE_TASKS)


# %% exercise="8.8-predict"
def my_free_task():
    """Return one of FREE_TASKS."""
    ### BEGIN SOLUTION
    return "quarter turns"
    ### END SOLUTION


# %%
predict("8.8", my_free_task)


# %%
def small_grey(images):
    """Return `(num_images, 8, 8, 1)`: the mean grey level of 8 x 8 patches."""
    return images.mean(axis=-1).reshape(len(images), 8, 8, 8, 8).mean(axis=(2, 4))[..., None]


grey = {part: small_grey(split.images) for part, split in parts.items()}
_ = show_images(np.concatenate([make(grey["train"][4:5])[0] for make in (quarter_turns, jigsaw)]), columns=12)


# %%
def trained_on_pixels(make, width, per_class=1):
    """Return the accuracy on test digits of each seed, with a task that `make` makes of all images, or without."""
    pictures, labels = grey["train"], labels_for(per_class=per_class)
    sizes = {"digit": 10}
    if make is not None:
        made, free = make(grey["train"])
        pictures = np.concatenate([pictures, made])
        labels = {"digit": np.pad(labels["digit"], ((0, 0), (0, len(made))), constant_values=-1)}
        labels["free"] = np.pad(free, (len(grey["train"]), 0), constant_values=-1)
        sizes["free"] = int(free.max()) + 1
    centre, spread = grey["train"].mean(axis=0), np.maximum(grey["train"].std(axis=0), 10)
    scaled = [(each - centre) / spread / 4 for each in (pictures, grey["test"])]
    table, test = (each.reshape(-1, 64).astype("float32") for each in scaled)
    models = [hard_sharing(64, sizes, width=width, seed=seed) for seed in SEEDS]
    train_tasks(models, table, labels, seeds=SEEDS)
    return score(models, test, answers["test"]["digit"])


# %% tags=["nbval-ignore-output"]
free = {}
for width in (64, 6):
    alone = trained_on_pixels(None, width)
    print(f"{width:2} units, digits alone {alone.mean():.1%}")
    for name, make in zip(FREE_TASKS, (quarter_turns, jigsaw), strict=True):
        free[width, name] = trained_on_pixels(make, width) - alone
        print(f"{width:2} units, {name:14}", paired_interval(free[width, name], np.zeros(NUM_SEEDS)))
free_gains = {name: free[64, name] for name in FREE_TASKS}

# %%
assert paired_interval(free_gains["the jigsaw"], np.zeros(NUM_SEEDS)).low > 0
assert free[6, "the jigsaw"].mean() < 0
print("With room in the trunk, the jigsaw helps: nobody wrote a label for it. With 6 units it only takes up the room.")

# %% [markdown]
# Where the parts of a digit lie is what makes it a digit; a turned 6, on the other hand, is a 9. A free task is chosen
# with the same care as a task that is paid for. Train *first* on such labels, without any others, and then on the few:
# that is *self-supervision*, and this was its door.


# %% exercise="8.8"
def turned(images):
    """Return `(pictures, turns)`: `(4 * num_images, size, size, channels)` and `(4 * num_images,)`.

    First come all images as they are, with the label 0; then all images turned by one quarter counterclockwise, so that
    the right edge becomes the top, with the label 1; then by two, and by three. `images` is
    `(num_images, size, size, channels)`.
    """
    ### BEGIN SOLUTION
    pictures = [np.rot90(images, k, axes=(1, 2)) for k in range(4)]
    return np.concatenate(pictures), np.repeat(np.arange(4), len(images))
    ### END SOLUTION


# %% check="8.8" points=2
# Tried on images of several sizes, in grey and in colour.
check("8.8", turned, free_gains)

# %% [markdown]
# ## The same in text
#
# "One model for the topic of news and for spam": here the two tasks have *texts of their own*, each labelled for one
# task only. The encoder of lesson 10 has read the definitions of a dictionary. The first task is to sort those of nouns
# into ten topics, with ten labelled texts of each; the second is the same for verbs. With `DOWNLOAD = True`, the second
# is spam among short messages. Do both profit from one trunk?

# %% tags=["nbval-ignore-output"]
DOWNLOAD = False
pieces, encoder = load_pieces("glosses"), load_network("glosses")
first, second = load_glosses("nouns"), load_sms_spam() if DOWNLOAD else load_glosses("verbs")


def read(part):
    """Return the encoder's vectors of texts, `(num_texts, 128)`."""
    return encoder.predict(pieces(part["text"]), batch_size=512, verbose=0)


vectors = [read(part) for part in (first.train, second.train, first.val)]
centre, spread = vectors[0].mean(axis=0), vectors[0].std(axis=0) + 1e-3
of_first, of_second, judged = ((table - centre) / spread / 4 for table in vectors)
texts = np.concatenate([of_first, of_second]).astype("float32")


# %%
def labels_of_texts(second_task):
    """Return `{task: labels (num_seeds, num_texts)}`; the second task has `"no"`, `"few"` or `"all"` labels."""
    own, other = first.train["label"], second.train["label"]
    found = {"topic": np.stack([np.append(few_of(own, 10, seed), np.full(len(other), -1)) for seed in SEEDS])}
    if second_task != "no":
        kept = [other if second_task == "all" else few_of(other, 10, seed) for seed in SEEDS]
        found["second"] = np.stack([np.append(np.full(len(own), -1), each) for each in kept])
    return found


def read_together(second_task):
    """Return the accuracy of each seed on the first task's validation texts."""
    labels, sizes = labels_of_texts(second_task), {"topic": len(first.class_names), "second": len(second.class_names)}
    sizes = {task: sizes[task] for task in labels}
    models = [hard_sharing(texts.shape[1], sizes, width=64, seed=seed) for seed in SEEDS]
    train_tasks(models, texts, labels, seeds=SEEDS)
    answers = [np.argmax(model(judged)["topic"], axis=1) for model in models]
    return np.array([np.mean(each == first.val["label"]) for each in answers])


# %% tags=["nbval-ignore-output"]
in_text = {second_task: read_together(second_task) for second_task in ("no", "few", "all")}
print(f"topics of nouns alone {in_text['no'].mean():.1%}")
for second_task in ("few", "all"):
    print(f"with {second_task} labels of the second task:", paired_interval(in_text[second_task], in_text["no"]))

# %%
assert DOWNLOAD or paired_interval(in_text["few"], in_text["no"]).high < 0
print("Two tasks with texts of their own and one trunk: the first is worse than alone.")

# %% [markdown]
# The encoder is shared in any case. To share the trunk as well saves 8,256 numbers here, and it costs accuracy: what
# the trunk learns for verbs is not what nouns need, and few labels cannot hold it back. That is a price to know before
# you merge two models that work.

# %% [markdown]
# ## On your own data
#
# Name a folder with one subfolder for each class, at least four images in each. Three of them are labelled; all of them
# are turned. Does the task that costs nothing help with your classes?

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
def judge_own(dataset, width=64):
    """Print what quarter turns of all training images gain on the validation images, over 20 seeds."""
    network = load_backbone("mobilenet_v3_small", weights="photos")
    pictures, turns = quarter_turns(dataset.train.images)
    tables = [
        network.predict(each, batch_size=64, verbose=0).mean(axis=(1, 2)) for each in (pictures, dataset.val.images)
    ]
    centre, spread = tables[0].mean(axis=0), tables[0].std(axis=0) + 1e-3
    table, judge = ((each - centre) / spread / 4 for each in tables)
    own, extra = dataset.train.labels, ((0, len(pictures) - len(dataset.train.labels)),)
    labels = {"digit": np.stack([np.pad(few_of(own, 3, seed), extra, constant_values=-1) for seed in SEEDS])}
    found = []
    for tasks in (labels, {**labels, "turn": turns}):
        sizes = {"digit": len(dataset.train.class_names), "turn": 4}
        sizes = {task: sizes[task] for task in tasks}
        models = [hard_sharing(table.shape[1], sizes, width=width, seed=seed) for seed in SEEDS]
        train_tasks(models, table, tasks, seeds=SEEDS)
        found.append(score(models, judge, dataset.val.labels))
    print(f"alone {found[0].mean():.1%}, with quarter turns: {paired_interval(found[1], found[0])}")


if photos is not None:
    judge_own(photos)

# %% [markdown]
# ## What we saw
#
# - A second head on the same images does not help. Labels of *further* images help, whichever question they answer, as
#   long as the question is about what we want to know; a few more labels of our own are worth more.
# - With room, tasks on the same images tolerate one another; tasks with texts of their own did not. In a narrow trunk
#   one helps, another hurts, and a heavy weight turns help into harm. Soft sharing spares the harm, at the price of
#   more units.
# - The angle between gradients is no guide; weights by uncertainty recognise noise, but not harm. What tells help from
#   harm is a paired comparison with learning alone.
#
# Write down what you believe now, in one sentence each. The card shows it next to what you predicted and measured.


# %% exercise="8.8-believe"
def my_beliefs():
    """Return `{"8.1": ..., "8.2": ..., "8.3": ..., "8.4": ..., "8.5": ..., "8.7": ..., "8.8": ...}`, in your words."""
    ### BEGIN SOLUTION
    return {
        "8.1": "A second question about the same few images teaches nothing new.",
        "8.2": "A missing label is no label, and above all not class 0.",
        "8.3": "The help comes from the images that the second task has labels for.",
        "8.4": "The narrower the trunk, the more a second task helps or hurts.",
        "8.5": "A helpful task may pull the other way.",
        "8.7": "No rule of weighting knows which task I care for.",
        "8.8": "Some labels cost nothing, if the question is well chosen.",
    }
    ### END SOLUTION


# %% tags=["nbval-ignore-output"]
def in_points(differences):
    """Return `{name: differences}` as one line of means in points."""
    return ", ".join(f"{name} {100 * np.mean(values):+.1f}" for name, values in differences.items())


measured = {
    "8.1": f"{100 * gains.mean():+.1f} points",
    "8.2": f"{100 * filled.mean():+.1f} points",
    "8.3": in_points(by_labels),
    "8.4": in_points(by_width),
    "8.5": f"a mean cosine of {cosines.mean():+.3f}",
    "8.7": in_points(by_rule),
    "8.8": in_points(free_gains),
}
lesson_card(8, measured=measured, believed=my_beliefs)

# %% tags=["nbval-ignore-output"]
progress(8)

# %% [markdown]
# ## In your own words
#
# **You have few labels for one task and many for another. Would you train them together, how would you find out whether
# it helps, and which of your figures says so?** Double-click the next cell, and replace its text with two or three
# sentences. No check can read them: in a course, a person does, and their points are counted separately.

# %% [markdown] essay="8.9" points=2
# I would try it if the labels of the other task are on images for which mine has none: with labels on the same images
# nothing was gained (8.1), with labels on all of them about a point, or three in a narrow trunk (8.3 and 8.4). I would
# compare it with learning alone over paired seeds, since neither the angle of the gradients (8.5) nor a rule of
# weighting (8.7) told help from harm, and I would first ask whether a few more labels of my own are not cheaper.

# %% [markdown]
# ## References
#
# - Caruana (1997), [Multitask learning](https://doi.org/10.1023/A:1007379606734)
# - Ruder (2017), [An overview of multi-task learning in deep neural networks](https://arxiv.org/abs/1706.05098)
# - Misra et al. (2016), [Cross-stitch networks](https://arxiv.org/abs/1604.03539)
# - Kendall, Gal and Cipolla (2018), [Multi-task learning using uncertainty to weigh
#   losses](https://arxiv.org/abs/1705.07115)
# - Chen et al. (2018), [GradNorm](https://arxiv.org/abs/1711.02257)
# - Gidaris, Singh and Komodakis (2018), [Unsupervised representation learning by predicting image
#   rotations](https://arxiv.org/abs/1803.07728)
# - Noroozi and Favaro (2016), [Unsupervised learning of visual representations by solving jigsaw
#   puzzles](https://arxiv.org/abs/1603.09246)
