# ---
# jupyter:
#   tlkit: {"minutes": 90}
# ---

# %% [markdown]
# # How much of a network should learn again, and what does it cost?
#
# This takes about 90 minutes, less than five of which are computing time on two CPU cores. You will
#
# - predict what moves in six common set-ups, audit them, and repair three broken notebooks;
# - find a learning rate, and measure what a network forgets while it learns something new;
# - choose how deep to go on validation images, with paired seeds and intervals, and open the vault once.
#
# Every rule of thumb here is a claim: predict, run, and let the numbers from your own machine decide. `hint("2.2")` in
# a cell of your own gives the first of three hints for exercise 2.2.

# %%
from tlkit.backbones import add_head, load_backbone, load_classifier
from tlkit.checks import check, hint, lesson_card, predict, progress
from tlkit.data import images_from_folder, load_dataset
from tlkit.exercises.lesson_02_fine_tuning.shown import CONFIGURATIONS, DEPTHS, DRIFTS, MOVES, kind_of_moves
from tlkit.freezing import audit, blocks, freeze, unfreeze
from tlkit.measure import compare_runs, paired_interval
from tlkit.plots import plot_paired, show_images
from tlkit.restart import renew_optimizer
from tlkit.speed import fit, fit_together
from tlkit.tuning import LayerwiseAdam, block_factors, find_learning_rate, linear_cka, make_layerwise_adam
from tlkit_widgets import AugmentationPreview, FreezeBoard, LiveCurves

import keras
import numpy as np
import tensorflow as tf

keras.utils.set_random_seed(0)

# %% [markdown]
# ## One trunk, two heads
#
# The *source* network knows 200 kinds of things in photos. The *target* is handwriting: ten digits, with 20 labelled
# images of each. Nothing could look less like a photo, so the features will have to change. But what do they lose?

# %%
data = load_dataset("digits")
examples = data.train.take_per_class(2)
_ = show_images(examples.images, examples.labels, data.class_names, columns=10, title="Two images of each class")

# %% [markdown]
# We give the trunk a second head. The old head stays where it was, so we can ask the old network at any time what it
# thinks *now* about the photos of surfaces from lesson 1, without using their labels.

# %%
classifier, source_names = load_classifier(weights="photos")
backbone = keras.Model(classifier.inputs, classifier.get_layer("head_pool").input, name="mobilenet_v3_small")
model = add_head(backbone, data.num_classes)
old_head, head = classifier.get_layer("head"), model.get_layer("head")
pretrained = model.get_weights()
unlabelled = load_dataset("textures").val.images[::8]
loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
print([block.name for block in blocks(model)])


# %%
def pooled(images):
    """Return features `(num_images, channels)`: the last map of the trunk, averaged over its positions."""
    return backbone.predict(images, batch_size=130, verbose=0).mean(axis=(1, 2))


def look():
    """Return the validation accuracy, what the old head says about the photos, and validation features."""
    features = pooled(data.val.images)
    answers = np.asarray(head(features)).argmax(axis=1)
    old = np.asarray(old_head(pooled(unlabelled)))
    return {"accuracy": float(np.mean(answers == data.val.labels)), "old": old, "features": features[::3]}


start = look()

# %% [markdown]
# First comes the *probe*: the trunk is frozen, and only the new head learns. `fit_together` is the kit's own: it trains
# as `model.fit` does, but runs the frozen part only once for each image. A seed draws the 20 images of each class, the
# head's initial weights and the order of the images. Five seeds are for results. One more is for choices, such as a
# learning rate, and for nothing else. Building the graph of a training takes longer than these trainings do, so an
# optimizer that has trained before starts afresh, with an empty memory, on the graph that is already there.


# %%
def learn(seed, optimizer, epochs):
    """Train the unfrozen part on 20 images of each class."""
    if not model.compiled or model.optimizer is not optimizer:
        model.compile(optimizer, loss, metrics=["accuracy"])
    renew_optimizer(model)
    fit_together([model], [data.train.take_per_class(20, seed)], seeds=[seed], batch_size=25, epochs=epochs)


def with_new_head(seed):
    """Give the model its pre-trained trunk and a random head."""
    model.set_weights(pretrained)
    head.kernel.assign(keras.initializers.GlorotUniform(seed=seed)(head.kernel.shape))


probe_adam = keras.optimizers.Adam(1e-2)


def probe(seed):
    """Train a new head on the frozen trunk and keep all weights in `probes`; return the validation accuracy."""
    freeze(model)
    with_new_head(seed)
    learn(seed, probe_adam, epochs=30)
    probes[seed] = model.get_weights()
    return look()["accuracy"]


def watched(values, unit="run"):
    """Yield the values one by one, and show how many are done."""
    bar = keras.utils.Progbar(len(values), unit_name=unit)
    for value in values:
        yield value
        bar.add(1)


# %% tags=["nbval-ignore-output"]
seeds, spare_seed, probes = range(5), 100, {}
of_probes = {seed: probe(seed) for seed in watched((*seeds, spare_seed), "probe")}
probe_runs = [of_probes[seed] for seed in seeds]

# %%
assert min(probe_runs) > 0.5
print(
    "A linear head on frozen features of photos reads more than half of the handwritten digits, where chance is 10 %."
)

# %% [markdown]
# ## Exercise 2.1: what moves?
#
# Before we tune anything: do you know *what* `fit` changes? Here are six set-ups from tutorials and books. In each, the
# model is a backbone, called as a layer, with a head on top.

# %%
for letter, description in CONFIGURATIONS.items():
    print(f"{letter}: {description}")
print("What moves is one of", MOVES)


# %% exercise="2.1-predict"
def my_moves():
    """Return `{"A": ..., ..., "F": ...}`: one of MOVES for each set-up."""
    ### BEGIN SOLUTION
    kept = dict.fromkeys("BEF", "head only")
    return kept | {"A": "everything", "C": "all but BatchNorm", "D": "all but BatchNorm"}
    ### END SOLUTION


# %%
predict("2.1", my_moves)

# %% [markdown]
# Now audit. `audit` trains the model for one step, compares each weight array before and after, and puts everything
# back. So it doesn't ask what a flag says, but what happens.


# %%
def nested(training):
    """Return a model, a backbone called with `training=...` with a head on it, and the backbone."""
    inner = load_backbone(weights="photos")
    image = keras.Input((64, 64, 3))
    x = keras.layers.GlobalAveragePooling2D()(inner(image, training=training))
    return keras.Model(image, keras.layers.Dense(10, name="head")(x)), inner


reports = {}
batch = data.train.images[:32], data.train.labels[:32]
whole, inner = nested(training=None)
whole.compile("adam", loss)
reports["A"] = audit(whole, batch)

# %%
whole, inner = nested(training=False)  # "so that BatchNorm stays in inference mode", as the tutorials say
inner.trainable = False
whole.compile("adam", loss)
reports["B"] = audit(whole, batch)

inner.trainable = True
whole.compile("adam", loss)
reports["C"] = audit(whole, batch)

# %%
for layer in inner.layers:
    if isinstance(layer, keras.layers.BatchNormalization):
        layer.trainable = False
whole.compile("adam", loss)
reports["D"] = audit(whole, batch)

# %% [markdown]
# There is a surprise on the way. Now the BatchNorm layers are frozen one by one, but the backbone itself isn't. Will
# `inner.trainable = True` unfreeze them again?

# %%
inner.trainable = True
num_free = sum(layer.trainable for layer in inner.layers if isinstance(layer, keras.layers.BatchNormalization))
print("BatchNorm layers that it freed:", num_free)
assert num_free == 0

# %% [markdown]
# Not one. With TensorFlow, assigning a value that is already set is skipped, so nothing is passed on to the layers
# inside. To unfreeze a partly frozen model, set its *layers*, or set the model to `False` first. On to E and F: changes
# that come after `compile`.

# %%
inner.trainable = False
whole.compile("adam", loss)
whole.fit(*batch, verbose=0)
inner.trainable = True  # after the first fit
reports["E"] = audit(whole, batch)

whole.compile("adam", loss)
inner.trainable = False  # after compile, before the first fit
reports["F"] = audit(whole, batch)

# %%
for letter, report in reports.items():
    print(f"{letter}: {kind_of_moves(report):19} {CONFIGURATIONS[letter]}")

# %% [markdown]
# C is what the best-known tutorials do, and yet the statistics move: in Keras 3, `fit` overrides the flag that was
# passed when the backbone was called. D holds them still. E and F differ by one `fit`: Keras reads the flags when it
# builds its training step, in the first `fit` after `compile`.
#
# Write an audit of your own, for any model.


# %% exercise="2.1"
def what_moves(model, images, labels):
    """Train for one epoch on all images; return how many weight arrays moved, as two numbers.

    The first counts arrays that are not BatchNorm statistics (kernels, biases, scales, offsets), the second those that
    are (moving means and variances). An array has moved if any of its numbers differs at all. The model is not
    compiled. Leave its weights as they were.
    """
    ### BEGIN SOLUTION
    before = model.get_weights()
    model.compile(keras.optimizers.Adam(1e-3), keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    model.fit(images, labels, verbose=0)
    pairs = zip(model.weights, before, strict=True)
    moved = [weight.name for weight, old in pairs if not np.array_equal(weight.numpy(), old)]
    model.set_weights(before)
    num_statistics = sum(name.startswith("moving_") for name in moved)
    return len(moved) - num_statistics, num_statistics
    ### END SOLUTION


# %% check="2.1" points=3
# Tried on a dead branch and on BatchNorm layers frozen one by one, and checked for traces that it leaves.
check("2.1", what_moves)

# %% [markdown]
# ## Exercise 2.2: the backbone that never learned
#
# Here is the first broken notebook. It froze the backbone, trained the head, and now "fine-tunes" from a named layer
# on. It runs without an error, and the head keeps learning, so the curves look fine.


# %%
def unfreeze_by_name(model, name):
    """Let the layer `name` and all layers after it learn."""
    names = [layer.name for layer in model.layers]
    if name in names:
        for layer in model.layers[names.index(name) :]:
            layer.trainable = True


inner.trainable = False
unfreeze_by_name(whole, "expanded_conv_8_expand")
whole.compile("adam", loss)
print(kind_of_moves(audit(whole, batch)))

# %% [markdown]
# Doubt any fine-tuning if you haven't seen the backbone move. Repair the function, for any model, and keep BatchNorm
# still.


# %% exercise="2.2"
def unfreeze_from(model, name):
    """Let the layer `name` and every layer after it learn; all layers before it, and every BatchNorm, hold still.

    This holds whatever the flags were before. `name` is the full name of one layer, which may be inside a nested model,
    at any depth. The function sets the flags of `model` and returns nothing.
    """

    ### BEGIN SOLUTION
    def flat(model):
        for layer in model.layers:
            yield from flat(layer) if isinstance(layer, keras.Model) else [layer]

    learns = False
    for layer in flat(model):
        learns = learns or layer.name == name
        layer.trainable = learns and not isinstance(layer, keras.layers.BatchNormalization)
    ### END SOLUTION


# %% check="2.2" points=2
# Tried with one training step on nested, flat and sequential models, with and without BatchNorm.
check("2.2", unfreeze_from)

# %% [markdown]
# The kit's `freeze` and `unfreeze` do this by block, and the **FreezeBoard** does it with a click. Try it now:
#
# 1. Click a tile: its block is frozen, or it learns. Drag the line. What do the counts say?
# 2. Press *Train* with only the head learning, then with the last half. A bar below each tile shows how far it moved.
# 3. Open *Show the code*. Which line is between the flags and `fit`, and why?

# %%
model.set_weights(probes[0])
board = FreezeBoard(model, data.train.take_per_class(20), data.val, epochs=3)
board.freeze_until("expanded_conv_7")
board

# %%
board.reset()
print(board.describe())

# %% [markdown]
# ## Exercise 2.3: the change that nobody heard
#
# The second broken notebook trains the head first, then the whole network at a smaller rate. Watch the first
# convolution.

# %%
images, labels = batch
freeze(model)
model.compile(keras.optimizers.Adam(1e-2), loss)
model.fit(images, labels, verbose=0)

unfreeze(model)  # all but BatchNorm
model.optimizer.learning_rate = 1e-4
first_kernel = next(weight for weight in model.trainable_weights if len(weight.shape) > 1)
before = first_kernel.numpy().copy()
model.fit(images, labels, verbose=0)
print("The first convolution moved:", bool((first_kernel.numpy() != before).any()))
assert np.array_equal(first_kernel.numpy(), before)


# %% [markdown]
# There was no error and no warning: Keras just trained the head again. Repair it.


# %% exercise="2.3"
def fine_tune(model, images, labels):
    """Train only the layer `head` for one epoch with Adam at 1e-2, then all but BatchNorm for one epoch at 1e-4.

    Both epochs use all images, unchanged, in batches of 32. The model is flat and not compiled; its labels are whole
    numbers, and its outputs are logits.
    """
    ### BEGIN SOLUTION
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    for layer in model.layers:
        layer.trainable = layer.name == "head"
    model.compile(keras.optimizers.Adam(1e-2), loss)
    model.fit(images, labels, verbose=0)
    for layer in model.layers:
        layer.trainable = not isinstance(layer, keras.layers.BatchNormalization)
    model.compile(keras.optimizers.Adam(1e-4), loss)
    model.fit(images, labels, verbose=0)
    ### END SOLUTION


# %% check="2.3" points=2
# Tried on a hidden network: what moved, and how far did it move?
check("2.3", fine_tune)

# %% [markdown]
# ## Exercise 2.4: the same pictures every epoch
#
# *Augmentation* shows the network a different version of each image in each epoch. Which changes keep the label true?
# Move the sliders. A digit may be shifted; may it be mirrored?

# %%
captions = [data.class_names[label] for label in examples.labels]
preview = AugmentationPreview(examples.images, captions, rotation=0.05, shift=0.1, zoom=0.1)
preview

# %% [markdown]
# The third broken notebook puts `cache` where a well-known guide puts it: after the augmentation.

# %%
pairs = tf.data.Dataset.from_tensor_slices((examples.images.astype("float32"), examples.labels))
augment = preview.layers
augmented = pairs.batch(8).map(lambda x, y: (augment(x, training=True), y)).cache()
first, second = (np.concatenate([x for x, _ in augmented]) for _ in range(2))
assert np.array_equal(first, second)
print("Two epochs of random augmentation, identical to the bit: the cache keeps the first draw.")

# %% [markdown]
# A second repetition hides in Keras itself. After `set_random_seed`, `fit` on *arrays* draws one order and keeps it; so
# do the runs of this lesson, all of them alike, with another order for each seed. To see it, train on numbered rows
# with a learning rate of 0; the loss of each step then tells you which row it was.

# %%
from tlkit.curves import CurveRecorder

numbered = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, kernel_initializer="zeros")])
numbered.compile(keras.optimizers.SGD(0.0), "mse")
recorder = CurveRecorder()
numbered.fit(np.zeros((6, 1)), np.arange(6.0), batch_size=1, epochs=2, verbose=0, callbacks=[recorder])
order = [round(value**0.5) for _, value in recorder.curves.batches["loss"]]
print("Epoch 2 takes the rows in", "the same order as" if order[:6] == order[6:] else "another order than", "epoch 1.")

# %% [markdown]
# Write a pipeline in which every epoch is new, with a new order and new draws of the augmentation.


# %% exercise="2.4"
def training_batches(images, labels, augment):
    """Return a `tf.data.Dataset` of batches of 32: each pass has all images in a new order, newly augmented.

    `images` are `(n, height, width, 3)` float32; `augment` is a Keras layer for batches of them, to be called in
    training mode. The last batch of a pass may be smaller.
    """
    ### BEGIN SOLUTION
    batches = tf.data.Dataset.from_tensor_slices((images, labels)).shuffle(len(images)).batch(32)
    return batches.map(lambda x, y: (augment(x, training=True), y)).prefetch(2)
    ### END SOLUTION


# %% check="2.4" points=2
# Tried with two passes over numbered images: new pixels, a new order, every image with its own label.
check("2.4", training_batches)

# %% [markdown]
# ## Exercise 2.5: what the old network forgets
#
# Now let the *whole* network learn, starting from the probe. At which rate? If it is too small, nothing happens in the
# time available. If it is too large, what the trunk knew is washed away. Does the best rate for the digits spare the
# old network?
#
# Guess the best of 1e-4, 3e-4 and 1e-3, and what percentage of the photos will get a *different* answer from the old
# head once the trunk has been tuned at that rate.


# %% exercise="2.5-predict"
def my_rate():
    """Return `{"rate": ..., "forgotten": ...}`: the best rate, and the percentage of old answers that change."""
    ### BEGIN SOLUTION
    return {"rate": 1e-3, "forgotten": 20}
    ### END SOLUTION


# %%
predict("2.5", my_rate)


# %%
import functools


def tune_with(optimizer, seed, first=None):
    """Continue from the probe of that seed: the block `first` and all after it learn; BatchNorm holds still."""
    freeze(model)
    unfreeze(model, first)
    model.set_weights(probes[seed])
    learn(seed, optimizer, epochs=4)
    return look()


@functools.cache
def adam_from(first):
    """Return the Adam that tunes the block `first` and all after it, always the same one."""
    return keras.optimizers.Adam()


@functools.cache  # the same run is not trained twice
def tune(rate, seed, first=None):
    """Tune with Adam at that rate."""
    adam_from(first).learning_rate = rate
    return tune_with(adam_from(first), seed, first)


# %% [markdown]
# The first run builds the graph, which takes a while; all later runs, at any rate, reuse it.

# %% tags=["nbval-ignore-output"]
runs = {1e-4: [tune(1e-4, seed) for seed in watched(seeds)]}

# %% tags=["nbval-ignore-output"]
runs[3e-4] = [tune(3e-4, seed) for seed in watched(seeds)]

# %% tags=["nbval-ignore-output"]
runs[1e-3] = [tune(1e-3, seed) for seed in watched(seeds)]


# %%
def accuracies(outcomes):
    """Return the validation accuracy of each run."""
    return [outcome["accuracy"] for outcome in outcomes]


def lost(outcomes):
    """Return, for each run, the share of photos to which the old head now gives a different answer."""
    return [np.mean(outcome["old"].argmax(axis=1) != start["old"].argmax(axis=1)) for outcome in outcomes]


rates = [1e-4, 3e-4, 1e-3]
tuned = {f"all at {rate:g}": accuracies(runs[rate]) for rate in rates}
forgotten_shares = {f"all at {rate:g}": lost(runs[rate]) for rate in rates}

# %% tags=["nbval-ignore-output"]
compare_runs({"probe": probe_runs, **tuned}, baseline="probe")

# %%
from tlkit.plots.style import finish, new_axes

ax = new_axes(None, (5.4, 3.2))
for name, values in [("digits right (validation)", tuned), ("old answers that changed", forgotten_shares)]:
    marker = "o-" if values is tuned else "s--"
    ax.plot(rates, [100 * np.mean(share) for share in values.values()], marker, label=name)
ax.set_xscale("log")
ax.set_ylim(0, 102)
ax.legend(frameon=False, labelcolor="#222222")
best_rate = max(rates, key=lambda rate: np.mean(accuracies(runs[rate])))
title = f"Best for the digits: {best_rate:g}. There {np.mean(lost(runs[best_rate])):.0%} of the old answers changed"
_ = finish(ax, title, "learning rate", "% of images, mean of 5 seeds")

# %% tags=["nbval-ignore-output"]
gain = paired_interval(accuracies(runs[best_rate]), probe_runs)
price = paired_interval(lost(runs[rates[-1]]), lost(runs[rates[0]]))
assert gain.mean > 0
assert price.low > 0
print("digits right, the best rate against the probe:  ", gain)
print("old answers lost, largest rate against smallest:", price)

# %% [markdown]
# What happened to the digits themselves at the largest rate? And nothing in the training asked the trunk to keep what
# it knew: if you still need the old network, keep a copy or tune gently. Is the best of the three at an end of the
# range? Then a still better one may lie beyond it. Write the measure down.


# %% exercise="2.5"
def forgotten(before, after):
    """Return the share of images, in [0, 1], whose top answer changed.

    `before` and `after` are logits `(num_images, num_classes)` for the same images.
    """
    ### BEGIN SOLUTION
    return float(np.mean(before.argmax(axis=1) != after.argmax(axis=1)))
    ### END SOLUTION


# %%
sweep = {
    "rates": rates,
    "accuracy": [accuracies(runs[rate]) for rate in rates],
    "before": start["old"],
    "logits": [runs[rate][0]["old"] for rate in rates],
}

# %% check="2.5" points=2
# Tried on answers that change, on logits that only grow, and on your own runs.
check("2.5", forgotten, sweep)

# %% [markdown]
# ## Exercise 2.6: a finder that leaves no trace
#
# Fifteen runs to compare three rates are too expensive for every new model. A *learning-rate finder* takes one step at
# each of many increasing rates, and looks where the loss falls and where it blows up. It must leave nothing behind. We
# begin with a new head: after the probe, the loss is already low, and there would be no fall to see.

# %%
with_new_head(0)
model.compile(keras.optimizers.Adam(), loss)
before = model.get_weights()
search = find_learning_rate(model, data.train.take_per_class(20), low=1e-6, high=1.0, num_steps=40)
assert all(np.array_equal(old, new) for old, new in zip(before, model.get_weights(), strict=True))
print("The weights are as they were, bit for bit.")

# %%
ax = new_axes(None, (5.4, 3.2))
ax.plot(search.rates, search.losses, ".", alpha=0.4, label="loss of each step")
ax.plot(search.rates, search.smoothed, label="smoothed")
ax.axvline(search.suggestion, linestyle=":", label="a tenth of the edge")
ax.set_xscale("log")
ax.set_ylim(0, 4 * search.smoothed[:5].max())
ax.legend(frameon=False, labelcolor="#222222")
lowest = search.rates[int(np.nanargmin(search.smoothed))]
_ = finish(ax, f"The loss falls until {lowest:.0e}", "learning rate of the step", "loss of its batch")

# %%
assert search.smoothed[:5].mean() > 1.2 * np.nanmin(search.smoothed)
assert search.has_broken

# %% tags=["nbval-ignore-output"]
print(f"suggested: {search.suggestion:.0e}; best of three on validation: {best_rate:g}")

# %% [markdown]
# The finder looks at a few steps on the *training* images: it finds where training breaks down, not what generalises
# best, and nothing about what is forgotten. It's only a starting point. Write its core.


# %% exercise="2.6"
def try_rates(model, images, labels, rates):
    """Take one step of plain SGD at each rate, in the given order; return the loss *before* each step.

    There is one loss for each rate. Each step takes all images as one batch. The loss is the one that the step itself
    minimises, in training mode, as `train_on_batch` reports it. The model is not compiled. Afterwards, all its weights
    are as they were.
    """
    ### BEGIN SOLUTION
    before = model.get_weights()
    model.compile(keras.optimizers.SGD(), keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    losses = []
    for rate in rates:
        model.optimizer.learning_rate = rate
        losses.append(float(model.train_on_batch(images, labels)))
    model.set_weights(before)
    return losses
    ### END SOLUTION


# %% check="2.6" points=3
# Compared with Keras' own steps; afterwards, the weights are compared bit for bit.
check("2.6", try_rates)

# %% [markdown]
# ## Exercise 2.7: a rate for each depth
#
# Early layers see edges; late layers see things. So let late layers learn faster: each block learns at 0.7 times the
# rate of the one after it. Does that keep the gain at a lower price?
#
# Beware of an unfair comparison. With rates that fall from 1e-3, nearly every block learns at *less* than 1e-3;
# against 1e-3 everywhere, any gain could come from that alone. So both ways choose their rate from several, with the
# spare seed.


# %%
falling = make_layerwise_adam(model, 1e-3, decay=0.7)


def tune_by_depth(rate, seed):
    """Tune with Adam at a rate that falls by a factor of 0.7 with each block towards the input."""
    falling.learning_rate = rate
    return tune_with(falling, seed)


def best_of(run, rates):
    """Return the rate at which `run(rate, spare_seed)` is most accurate on validation."""
    found = {rate: run(rate, spare_seed)["accuracy"] for rate in watched(rates)}
    return max(found, key=found.get)


# %% tags=["nbval-ignore-output"]
one_rate = best_of(tune, rates)
top_rate = best_of(tune_by_depth, (3e-4, 1e-3, 3e-3))
print(f"one rate: {one_rate:g}; falling rates: from {top_rate:g}")

# %% tags=["nbval-ignore-output"]
runs["one rate"] = runs[one_rate]
runs["by depth"] = [tune_by_depth(top_rate, seed) for seed in watched(seeds)]


# %%
def in_words(found):
    """Return what an interval lets us say about the first of two ways."""
    return {"positive": "more", "negative": "less"}.get(found.verdict, "five seeds do not decide")


# %% tags=["nbval-ignore-output"]
for what, measure in (("digits right", accuracies), ("old answers lost", lost)):
    found = paired_interval(measure(runs["by depth"]), measure(runs["one rate"]))
    print(f"{what}, falling rates against one: {found}: {in_words(found)}")

# %% [markdown]
# Read both lines. Whatever they say here, *"each depth its own rate"* is a claim to be tested against a single rate
# that was chosen just as carefully.
#
# Write one step of gradient descent in which each layer has its own rate, without an optimizer.


# %% exercise="2.7"
def gradient_step(model, images, labels, rates):
    """Move each layer named in `rates`, `{layer name: rate}`, by minus its rate times its gradient, once.

    The loss is the mean cross-entropy of the logits over all images. Layers without a rate hold still. Add nothing
    else, neither momentum nor weight decay.
    """
    ### BEGIN SOLUTION
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    pairs = [(weight, rate) for name, rate in rates.items() for weight in model.get_layer(name).trainable_weights]
    with tf.GradientTape() as tape:
        value = loss(labels, model(images, training=True))
    gradients = tape.gradient(value, [weight.value for weight, _ in pairs])
    for (weight, rate), gradient in zip(pairs, gradients, strict=True):
        weight.assign_sub(rate * gradient)
    ### END SOLUTION


# %% check="2.7" points=2
# Each layer is compared with rate times gradient, alone and together.
check("2.7", gradient_step)

# %% [markdown]
# ## Exercise 2.8: head first
#
# Why train the head before the trunk at all? You could unfreeze everything at once, with a random head. But the
# gradients that reach the trunk pass through that head, and at first it is noise. The trunk learns at the rate that we
# just chose; a random head must learn faster, so it gets the rate of the probe.
#
# In which case will the features end up further from where they began?

# %%
print(DRIFTS)


# %% exercise="2.8-predict"
def my_drift():
    """Return which one drifts more: one of DRIFTS."""
    ### BEGIN SOLUTION
    return "joint"
    ### END SOLUTION


# %%
predict("2.8", my_drift)


# %%
parts = blocks(model)
jointly = LayerwiseAdam(1e-2, block_factors(parts, {part.name: one_rate / 1e-2 for part in parts[:-1]}))


def tune_jointly(seed):
    """Let everything learn from the start: a random head at the probe's rate, the trunk at `one_rate`."""
    freeze(model)
    unfreeze(model)
    with_new_head(seed)
    learn(seed, jointly, epochs=4)
    return look()


# %% tags=["nbval-ignore-output"]
runs["joint"] = [tune_jointly(seed) for seed in watched(seeds)]

# %% tags=["nbval-ignore-output"]
drift = {
    name: [1 - linear_cka(start["features"], run["features"]) for run in runs[key]]
    for name, key in (("joint", "joint"), ("head first", "one rate"))
}
gap = paired_interval(drift["joint"], drift["head first"], percent=False)
print(f"drift, joint minus head first: {gap}")
_ = plot_paired(accuracies(runs["one rate"]), accuracies(runs["joint"]), ("head first", "joint"))

# %% [markdown]
# The trunk had the same images, rate and epochs; only the head on top of it differed. Does the interval contain 0? Then
# five seeds have shown no difference, however good the reason for one sounded.
#
# *Drift* is 1 minus the similarity of the features before and after. Write that similarity, linear CKA: with both
# tables centred, it is $\|A^T B\|^2 / (\|A^T A\| \cdot \|B^T B\|)$ in Frobenius norms.


# %% exercise="2.8"
def similarity(a, b):
    """Return the linear CKA, in [0, 1], of two tables of features of the same images, leaving both unchanged.

    `a` is `(num_images, num_features)`, `b` is `(num_images, other_num_features)`.
    """
    ### BEGIN SOLUTION
    a, b = a - a.mean(axis=0), b - b.mean(axis=0)
    return np.linalg.norm(a.T @ b) ** 2 / (np.linalg.norm(a.T @ a) * np.linalg.norm(b.T @ b))
    ### END SOLUTION


# %%
drifted = {
    "before": start["features"],
    "joint": [run["features"] for run in runs["joint"]],
    "head first": [run["features"] for run in runs["one rate"]],
}

# %% check="2.8" points=3
# Tried on rotated, scaled and shifted features, and on your own runs.
check("2.8", similarity, drifted)

# %% [markdown]
# ## Exercise 2.9: when to stop
#
# With few labels and many weights, the network soon knows the training images by heart. Watch both losses. The button
# stops the training and keeps what was learned.

# %% tags=["nbval-ignore-output"]
few = data.train.take_per_class(5, seed=0)
freeze(model)
unfreeze(model, "expanded_conv_9")
model.set_weights(pretrained)
model.compile(keras.optimizers.Adam(1e-3), loss, metrics=["accuracy"])
live = LiveCurves("5 labels for each class")
history = fit(model, few, validation_data=data.val, epochs=30, callbacks=[live], verbose=0)

# %% tags=["nbval-ignore-output"]
best = live.curves.best("val_loss")
print(f"lowest validation loss in epoch {best.epoch} of {live.curves.num_epochs}")
print(f"training accuracy at the end {history.history['accuracy'][-1]:.0%}")

# %% [markdown]
# `keras.callbacks.EarlyStopping(patience=5, restore_best_weights=True)` watches this for you. Do you know what it does
# with its patience?


# %% exercise="2.9"
def early_stop(val_losses, patience):
    """Return the number of epochs run, and the best epoch, counted from 1.

    Training ends after `patience` consecutive epochs without a new lowest validation loss (however small the
    improvement), or at the end of the list.
    """
    ### BEGIN SOLUTION
    lowest, best_epoch = float("inf"), 0
    for epoch, value in enumerate(val_losses, 1):
        if value < lowest:
            lowest, best_epoch = value, epoch
        if epoch - best_epoch >= patience:
            return epoch, best_epoch
    return len(val_losses), best_epoch
    ### END SOLUTION


# %% check="2.9" points=2
# Tried on losses that fall, rise, tie and recover.
check("2.9", early_stop)

# %% [markdown]
# Here are two more remedies from the books: *dropout* of features, and *weight decay*. Try them with five seeds, five
# labels for each class, and only the last blocks learning. Do they help *here*?


# %%
def score(seed, learner, optimizer):
    """Train the last blocks and a new head on five images of each class; return the validation accuracy."""
    model.set_weights(pretrained)
    own_head = learner.get_layer("head")
    own_head.kernel.assign(keras.initializers.GlorotUniform(seed=seed)(own_head.kernel.shape))
    own_head.bias.assign(np.zeros(data.num_classes))
    learner.compile(optimizer, loss, metrics=["accuracy"])
    fit_together([learner], [data.train.take_per_class(5, seed)], seeds=[seed], batch_size=25, epochs=12)
    answers = np.asarray(own_head(pooled(data.val.images))).argmax(axis=1)
    return float(np.mean(answers == data.val.labels))


dropping = add_head(backbone, data.num_classes, dropout=0.5)

# %% tags=["nbval-ignore-output"]
remedies = {"plain": [score(seed, model, keras.optimizers.Adam(1e-3)) for seed in watched(seeds)]}

# %% tags=["nbval-ignore-output"]
remedies["dropout"] = [score(seed, dropping, keras.optimizers.Adam(1e-3)) for seed in watched(seeds)]

# %% tags=["nbval-ignore-output"]
decaying = keras.optimizers.AdamW
remedies["weight decay"] = [score(seed, model, decaying(1e-3, weight_decay=0.05)) for seed in watched(seeds)]
compare_runs(remedies, baseline="plain")

# %% [markdown]
# Look at the intervals before you believe in a remedy. If one contains 0, five seeds can't tell.
#
# ## Exercise 2.10: how deep?
#
# The last question: how much of the network should learn? The deeper you tune, the smaller the rate may have to be. So
# each depth gets the best of four rates, chosen on validation images with the spare seed. That's what makes the
# comparison fair. Which depth will you choose?

# %%
first_block = {"last blocks": ["expanded_conv_9"], "upper half": ["expanded_conv_5"], "everything": []}
print(DEPTHS)


# %% exercise="2.10-predict"
def my_depth():
    """Return one of DEPTHS."""
    ### BEGIN SOLUTION
    return "upper half"
    ### END SOLUTION


# %%
predict("2.10", my_depth)


# %%
def choose_rate(depth):
    """Return the best of four rates for a depth."""
    return best_of(lambda rate, seed: tune(rate, seed, *first_block[depth]), (1e-4, 3e-4, 1e-3, 3e-3))


def score_depth(depth):
    """Return the validation accuracies for a depth at its rate, one for each seed."""
    return accuracies([tune(chosen_rate[depth], seed, *first_block[depth]) for seed in watched(seeds)])


# %% tags=["nbval-ignore-output"]
chosen_rate = {depth: choose_rate(depth) for depth in first_block}
print(chosen_rate)

# %% tags=["nbval-ignore-output"]
depth_scores = {"head only": probe_runs, **{depth: score_depth(depth) for depth in first_block}}
compare_runs(depth_scores, baseline="head only")

# %% [markdown]
# And what about BatchNorm, which was frozen in all of these? Let it learn in the upper half. This network's default
# momentum moves the statistics by a thousandth in each step: it is meant for runs of a million steps, and ours have a
# few dozen. So a fair trial needs a smaller momentum, too.


# %%
def with_momentum(momentum):
    """Return a copy of the model whose BatchNorm layers learn in the upper half, with that momentum."""
    copy = keras.models.clone_model(model)
    for layer in copy.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.momentum = momentum
    freeze(copy)
    unfreeze(copy, *first_block["upper half"], bn="learning")
    return copy


def tune_copy(copy, seed):
    """Continue from the probe of that seed; return the validation accuracy."""
    copy.set_weights(probes[seed])
    copy.compile(keras.optimizers.Adam(chosen_rate["upper half"]), loss, metrics=["accuracy"])
    few, options = data.train.take_per_class(20, seed), {"validation_data": data.val, "batch_size": 25, "epochs": 4}
    history = fit_together([copy], [few], seeds=[seed], **options)[0]
    return history.history["val_accuracy"][-1]


# %% tags=["nbval-ignore-output"]
batchnorm = {"at rest": depth_scores["upper half"][:3]}
for momentum in (0.999, 0.9):
    copy = with_momentum(momentum)
    batchnorm[f"momentum {momentum}"] = [tune_copy(copy, seed) for seed in watched(range(3))]
compare_runs(batchnorm, baseline="at rest")

# %% [markdown]
# Choose by a rule, not by the highest number of the day: go deeper only if the whole interval of the gain lies above 0.


# %% exercise="2.10"
def choose_depth(scores):
    """Return the name of the depth to take.

    `scores` is `{name: [accuracy of each seed]}`, from the depth at which the least learns to the deepest; there may be
    more or fewer depths than ours. Start with the first. Go through the others in order, and switch to one if it beats
    the one chosen *so far*: if Student's two-sided 95 % interval of the mean difference, paired by seed, lies above 0.
    """
    ### BEGIN SOLUTION
    chosen = next(iter(scores))
    for name in scores:
        if name != chosen and paired_interval(scores[name], scores[chosen]).low > 0:
            chosen = name
    return chosen
    ### END SOLUTION


# %% [markdown]
# The choice is made on validation images, so their accuracy flatters it. The test set has the last word, only once, and
# it judges the depth that *your* rule chooses.


# %%
def last_word(choose_depth):
    """Train the depth that the rule chooses, then open the vault; without a rule, the vault stays closed."""
    try:
        final = choose_depth(depth_scores)
    except NotImplementedError:
        return "Write `choose_depth` first, then run this cell again: the vault is still closed."
    model.set_weights(probes[0])
    if final != "head only":
        tune_with(keras.optimizers.Adam(chosen_rate[final]), 0, *first_block[final])
    test = data.test.open("final accuracy of the chosen depth")
    answers = np.asarray(head(pooled(test.images))).argmax(axis=1)
    return f"{final}: test accuracy {np.mean(answers == test.labels):.0%}; {data.test}"


# %% tags=["nbval-ignore-output"]
print(last_word(choose_depth))

# %% check="2.10" points=3
# Tried on clear winners, on lucky seeds and on small gains in every seed. The vault's log is read, too.
check("2.10", choose_depth, depth_scores, list(data.test.log))

# %% [markdown]
# ## On real photos
#
# Name a folder with one subfolder for each class, or set `DOWNLOAD = True` to fetch five kinds of flowers. Train the
# probe first, then the whole network, gently.

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
def tune_on(photos):
    """Print the validation accuracy of the probe, and the accuracy after tuning everything from there."""
    own = add_head(load_backbone(weights="photos"), photos.num_classes)
    for name, prepare, rate, epochs in (("probe", freeze, 1e-2, 30), ("tuned", unfreeze, 3e-4, 6)):
        prepare(own)
        own.compile(keras.optimizers.Adam(rate), loss, metrics=["accuracy"])
        history = fit(own, photos.train, validation_data=photos.val, epochs=epochs, verbose=0)
        print(f"{name}: {history.history['val_accuracy'][-1]:.0%} of the validation photos")


if photos is not None:
    tune_on(photos)

# %% [markdown]
# ## What we saw
#
# - Flags say what may learn; an audit says what does. `training=False` does not protect BatchNorm, a change without
#   `compile` has no effect, and `model.trainable = True` does not always unfreeze.
# - Tuning beat the probe, and the old network paid for it. Nobody warns you about that price: measure it.
# - Training the head first keeps the features from adapting to a head that is noise. That's a good reason, but five
#   seeds may not show it.
# - A finder, a depth and a remedy are only proposals. Validation with paired seeds decides, and the vault has the last
#   word.
#
# Write down what you believe now, in one sentence each. The card shows it next to what you predicted and measured.


# %% exercise="2.10-believe"
def my_beliefs():
    """Return `{"2.1": ..., "2.5": ..., "2.8": ..., "2.10": ...}`: what you now believe, in your own words."""
    ### BEGIN SOLUTION
    return {
        "2.1": "I audit a set-up before I trust it; BatchNorm I freeze layer by layer.",
        "2.5": "The rate that is best for the target may ruin the source: I keep a copy.",
        "2.8": "I train the head first.",
        "2.10": "On images unlike photos it pays to go deep; I would test it again for photos.",
    }
    ### END SOLUTION


# %% tags=["nbval-ignore-output"]
shares = {name: np.mean(values) for name, values in forgotten_shares.items()}
measured = {
    "2.1": "; ".join(f"{letter}: {kind_of_moves(report)}" for letter, report in reports.items()),
    "2.5": "; ".join(f"{name}: {np.mean(tuned[name]):.0%} right, {share:.0%} lost" for name, share in shares.items()),
    "2.8": f"drift, joint minus head first: {gap}",
    "2.10": "; ".join(f"{name}: {np.mean(scores):.0%}" for name, scores in depth_scores.items()),
}
lesson_card(2, measured=measured, believed=my_beliefs)

# %% tags=["nbval-ignore-output"]
progress(2)

# %% [markdown]
# ## In your own words
#
# **What do you believe now, and which of your figures says so?** Double-click the next cell, and replace its text with
# two or three sentences. No check can read them: in a course, a person does, and their points are counted separately.

# %% [markdown] essay="2.11" points=2
# I believe that the best rate for the new task is not the best rate for me: at the rate at which the target was learned
# best, the old network had already lost part of what it knew, and at the largest rate, nearly all of it (row 2.5). So I
# measure what is forgotten before I choose a rate, and I keep a copy of the source.

# %% [markdown]
# ## References
#
# - Yosinski et al. (2014), [How transferable are features in deep neural networks?](https://arxiv.org/abs/1411.1792)
# - Kumar et al. (2022), [Fine-tuning can distort pretrained features](https://arxiv.org/abs/2202.10054)
# - Howard and Ruder (2018), [Universal language model fine-tuning](https://arxiv.org/abs/1801.06146)
# - Smith (2017), [Cyclical learning rates for training neural networks](https://arxiv.org/abs/1506.01186)
# - Kornblith et al. (2019), [Similarity of neural network representations revisited](https://arxiv.org/abs/1905.00414)
# - Ioffe and Szegedy (2015), [Batch normalization](https://arxiv.org/abs/1502.03167)
