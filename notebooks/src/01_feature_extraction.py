# ---
# jupyter:
#   tlkit: {"minutes": 60}
# ---

# %% [markdown]
# # Can a network that never saw your classes tell them apart?
#
# This takes about 60 minutes, less than five of which are computing time on two CPU cores. You will
#
# - take the features of a pre-trained network and train a classifier on them in a second;
# - measure whether that beats training from scratch, and *random* features, with paired seeds and an interval;
# - find the leak in a well-known tutorial before it finds you.
#
# Every rule of thumb here is a claim. You predict, you run, and the numbers from your own machine decide. If you're
# stuck, `hint("1.2")` in a cell of your own gives the first of three hints for exercise 1.2.

# %%
from tlkit.backbones import add_head, load_backbone, load_classifier
from tlkit.checks import check, hint, predict, progress
from tlkit.data import images_from_folder, load_dataset
from tlkit.exercises.lesson_01_feature_extraction.shown import BUDGET_CHOICES, RUN_NAMES, SCALINGS
from tlkit.freezing import blocks
from tlkit.measure import classification_report, compare_runs, confusion_matrix, learning_curve, paired_interval
from tlkit.plots import plot_confusion, plot_learning_curves, plot_paired, show_images
from tlkit.probes import linear_probe
from tlkit.restart import restart
from tlkit.speed import fit_together
from tlkit_widgets import FeatureMap

import functools
import time

import keras
import numpy as np
import tensorflow as tf

keras.utils.set_random_seed(0)

# %% [markdown]
# ## It lacks the words
#
# The *source* is what a network was pre-trained on: here, 200 kinds of things in colour photos. The *target* is what
# you want: 13 surfaces in grey photos, none of which the network has seen.

# %%
data = load_dataset("textures")
examples = data.train.take_per_class(1)
_ = show_images(examples.images, examples.labels, data.class_names, columns=7, title="One image per class")

# %% [markdown]
# Ask the whole network, with its original head, what it sees. It must answer with one of its own 200 words.

# %% tags=["nbval-ignore-output"]
classifier, source_names = load_classifier(weights="photos")
guesses = classifier.predict(examples.images, verbose=0).argmax(axis=1)
for label, guess in zip(examples.labels, guesses, strict=True):
    print(f"{data.class_names[label]:12} looks to the network like: {source_names[guess]}")

# %%
print("surfaces for which it has a word:", sorted(set(data.class_names) & set(source_names)) or "none")

# %% [markdown]
# Every answer is wrong, and has to be. So is the network useless here? Cut off its head, and look at the numbers that
# the head received: the *features*.

# %%
backbone = load_backbone(weights="photos")
random_backbone = load_backbone(weights="random")
print(len(backbone.layers), "layers turn an image into a map of shape", backbone.output_shape[1:])


# %% [markdown]
# The map below shows each image as a point. Move the cut from the first block to the last, and switch between the
# pre-trained network and one with the same architecture but *random* weights. Point at a dot to see its image; click
# it to see its nearest neighbours. **Where do the classes separate?**


# %%
def features_at_cuts(backbone, images):
    """Return `{block: (num_images, channels)}`: the output of every third block, averaged over its positions."""
    cuts = {block.name: backbone.get_layer(block.layer_names[-1]).output for block in blocks(backbone)[::-3]}
    pooled = {name: keras.layers.GlobalAveragePooling2D()(cuts[name]) for name in reversed(cuts)}
    return keras.Model(backbone.inputs, pooled).predict(images, verbose=0)


shown = data.val.take_per_class(20)
features = {
    "pre-trained": features_at_cuts(backbone, shown.images),
    "random": features_at_cuts(random_backbone, shown.images),
}
feature_map = FeatureMap(features, shown.images, shown.labels, data.class_names)
feature_map

# %%
last = feature_map.cuts[-1]
agreement = {source: shares[last] for source, shares in feature_map.agreement.items()}
assert agreement["pre-trained"] > agreement["random"]
print("At the last cut, neighbours share their class more often in the pre-trained network than in the random one.")

# %% [markdown]
# ## Exercise 1.1: how much of the network learns?
#
# Using features means *freezing* the network. Before you count, guess: if you freeze the first **half of the layers**
# of MobileNetV3-Small, what percentage of its trainable parameters is frozen?


# %% exercise="1.1-predict"
def my_frozen_percentage():
    """Return your guess in percent, from 0 to 100."""
    ### BEGIN SOLUTION
    return 50
    ### END SOLUTION


# %%
predict("1.1", my_frozen_percentage)

# %% [markdown]
# Now write the function that counts them. It must be right for any Keras model, whatever is frozen in it.


# %% exercise="1.1"
def trainable_share(model):
    """Return the share of the model's parameters, in [0, 1], that are trained by gradients.

    `model.weights` has all parameters; BatchNorm's moving statistics are among them, but no gradient trains them.
    """

    ### BEGIN SOLUTION
    def count(weights):
        return sum(np.prod(weight.shape) for weight in weights)

    return count(model.trainable_weights) / count(model.weights)
    ### END SOLUTION


# %% check="1.1" points=2
# Tried on a frozen Dense, on BatchNorm, and on a layer that was unfrozen inside a frozen model.
check("1.1", trainable_share)

# %% [markdown]
# Most parameters are where there are many channels: at the end. Early layers are cheap to store and expensive to run, a
# fact that lesson 4 uses.
#
# ## The input contract
#
# A network only knows images scaled as in its training. The models of `load_backbone` include the scaling: they expect
# plain pixels in [0, 255]. Many tutorials divide by 255 out of habit. Let's do the same at serving time.


# %%
def pooled(backbone, images):
    """Return features `(num_images, channels)`: the last map, averaged over its positions."""
    return backbone.predict(images, batch_size=128, verbose=0).mean(axis=(1, 2))


train_features, val_features = pooled(backbone, data.train.images), pooled(backbone, data.val.images)
probe = linear_probe(train_features, data.train.labels)
served_wrongly = pooled(backbone, data.val.images / 255.0)

# %%
right = probe.score(val_features, data.val.labels)
wrong = probe.score(served_wrongly, data.val.labels)
assert wrong < right / 2
print("Divided by 255 once too often, the classifier keeps less than half of its accuracy, and nothing warns you.")

# %% [markdown]
# ## Exercise 1.2: input detective
#
# Someone hands you a backbone without documentation. Its authors published the features that it gave for a few images.
# Find out how they scaled these images. `SCALINGS` holds the candidates: each name has a function that scales images.

# %%
print(list(SCALINGS))


# %% exercise="1.2"
def find_scaling(backbone, images, published):
    """Return the key of `SCALINGS` with which the published features were computed.

    `images` are `(n, 8, 8, 3)`, uint8; `published` are their features `(n, channels)`, averaged over positions.
    """

    ### BEGIN SOLUTION
    def distance(name):
        features = np.asarray(backbone(SCALINGS[name](images), training=False)).mean(axis=(1, 2))
        return np.abs(features - published).mean()

    return min(SCALINGS, key=distance)
    ### END SOLUTION


# %% check="1.2" points=2
# Tried on backbones that you haven't seen. One slip earns nothing, as in real life.
check("1.2", find_scaling)

# %% [markdown]
# ## Exercise 1.3: features, once
#
# The usual recipe sets `backbone.trainable = False` and calls `fit`. That runs the frozen network again for every
# image in every epoch, with the same result each time. Run it **once**, and keep its output.
#
# Two traps are waiting: a shuffled dataset comes in a new order on each pass, and a layer such as BatchNorm behaves
# differently in training and in inference.


# %% exercise="1.3"
def extract_features(backbone, dataset):
    """Return `features (num_images, channels), labels (num_images,)` of a batched dataset, in one pass.

    A feature is the backbone's output averaged over its positions. The backbone stays as it is.
    """
    ### BEGIN SOLUTION
    features, labels = [], []
    for images, batch_labels in dataset:
        features.append(np.asarray(backbone(images, training=False)).mean(axis=(1, 2)))
        labels.append(np.asarray(batch_labels))
    return np.concatenate(features), np.concatenate(labels)
    ### END SOLUTION


# %% check="1.3" points=3
# Tried on a dataset that shuffles, counts how often it is read, and ends with a smaller batch.
check("1.3", extract_features)

# %% [markdown]
# Features are a table, and any classifier can take it from here: one dense layer in Keras, a logistic regression, or a
# support vector machine.

# %%
few = data.train.take_per_class(20, seed=0)
few_features = pooled(backbone, few.images)
scaler = keras.layers.Normalization()
scaler.adapt(few_features)
head = keras.Sequential([scaler, keras.layers.Dense(data.num_classes)])
loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
head.compile("adam", loss, metrics=["accuracy"])
history = head.fit(few_features, few.labels, batch_size=64, epochs=60, verbose=0)

# %% tags=["nbval-ignore-output"]
from sklearn.svm import SVC
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

svm = make_pipeline(StandardScaler(), SVC(C=10.0)).fit(few_features, few.labels)
scores = {
    "Keras head": head.evaluate(val_features, data.val.labels, verbose=0)[1],
    "logistic regression": linear_probe(few_features, few.labels).score(val_features, data.val.labels),
    "support vector machine": svm.score(val_features, data.val.labels),
}
for name, score in scores.items():
    print(f"{name:23} {score:.0%} of the validation images, with 20 labels per class")

# %% [markdown]
# Which classifier is on top matters little; where its features come from matters a lot. That's the next claim, but
# first it needs honest data.
#
# ## Exercise 1.4: the leak
#
# A well-known tutorial splits one shuffled dataset: the first part is for validation, the rest for the test. Here are
# 1,000 numbered images. Nothing can go wrong, can it?

# %%
numbers = tf.data.Dataset.range(1000).shuffle(1000, seed=0)
val_part, test_part = numbers.take(200), numbers.skip(200)
seen_in_validation = {int(number) for number in val_part}
tested = {int(number) for number in test_part}
print("validation and test share", "no image" if not seen_in_validation & tested else "images")
assert len(seen_in_validation & tested) > 50

# %% [markdown]
# `shuffle` draws a **new order on each pass**, and `take` cuts whatever order it gets. Epoch after epoch, images wander
# between the parts, and you choose your model on the images that you test it with. Write a split that holds.


# %% exercise="1.4"
def split_dataset(dataset, num_val):
    """Split an unbatched `tf.data.Dataset`: return `train_ds, val_ds`, with `num_val` images in the second.

    Elements are pairs (image, label), stored class by class; `len(dataset)` works. No image may ever be in both parts,
    in any pass.
    """
    ### BEGIN SOLUTION
    num_images = int(dataset.cardinality())
    mixed = dataset.shuffle(num_images, seed=0, reshuffle_each_iteration=False)
    return mixed.skip(num_val), mixed.take(num_val)
    ### END SOLUTION


# %% check="1.4" points=2
# Read several times: no image in both parts, none lost, every class in both.
check("1.4", split_dataset)

# %% [markdown]
# The kit's own data sets are split once, by regions of the photos. The test images are in a *vault* that counts how
# often it is opened. We make our choices on validation images, and open the vault once, at the end.

# %%
data.test

# %% [markdown]
# ## Exercise 1.5: better, worse, or undecided?
#
# The claim: *features of a pre-trained network beat training from scratch when labels are scarce*. The fair baselines
# are
#
# - **from scratch**: the same network with all layers learning, its learning rate chosen on validation images;
# - **random frozen**: the same network with random weights, and features taken from it in the same way. If this does as
#   well, then pre-training has nothing to do with it.
#
# All three get the same 20 images per class; training from scratch gets by far the most computing time. Which order do
# you expect, best first?

# %%
print(RUN_NAMES)


# %% exercise="1.5-predict"
def my_order():
    """Return RUN_NAMES as a list, best first."""
    ### BEGIN SOLUTION
    return ["pre-trained", "from scratch", "random frozen"]
    ### END SOLUTION


# %%
predict("1.5", my_order)

# %% [markdown]
# Training from scratch costs the most, so we build and trace the network once, and `restart` it with new random
# weights for each run. BatchNorm's statistics adapt quickly (`momentum = 0.9`): Keras' default for this network is
# meant for long training runs, and would make this baseline look worse than it is.

# %%
scratch = add_head(load_backbone("mobilenet_v3_small", weights=None), data.num_classes)
for layer in scratch.layers:
    if isinstance(layer, keras.layers.BatchNormalization):
        layer.momentum = 0.9
scratch.compile(keras.optimizers.Adam(), loss, metrics=["accuracy"])


@functools.cache  # the same run is not trained twice
def train_from_scratch(images_per_class, seed, learning_rate):
    """Train all layers for 12 epochs; return the validation accuracy."""
    train = data.train.take_per_class(images_per_class, seed)
    restart(scratch, seed).optimizer.learning_rate = learning_rate
    scratch.fit(train.images, train.labels, batch_size=32, epochs=12, verbose=0)
    return scratch.evaluate(data.val.images, data.val.labels, batch_size=130, verbose=0)[1]


# %% tags=["nbval-ignore-output"]
def counted(values, unit):
    """Yield the values, and show how many are done."""
    bar = keras.utils.Progbar(len(values), unit_name=unit)
    for value in values:
        yield value
        bar.add(1)


rates = {rate: train_from_scratch(20, seed=100, learning_rate=rate) for rate in counted([3e-4, 1e-3, 3e-3], "rate")}
best_rate = max(rates, key=rates.get)


# %% [markdown]
# The other two only need features, computed once for all images, and a probe for each draw of 20 images per class.


# %%
def draw(images_per_class, seed):
    """Return the rows of `images_per_class` training images from each class."""
    order = np.random.default_rng(seed).permutation(len(data.train.labels))
    rows = [order[data.train.labels[order] == label][:images_per_class] for label in range(data.num_classes)]
    return np.concatenate(rows)


def probe_score(features, images_per_class, seed):
    """Fit a probe to `images_per_class` training rows of each class; return its validation accuracy."""
    train, val = features
    chosen = draw(images_per_class, seed)
    return linear_probe(train[chosen], data.train.labels[chosen]).score(val, data.val.labels)


pretrained_features = train_features, val_features
random_features = pooled(random_backbone, data.train.images), pooled(random_backbone, data.val.images)

# %% tags=["nbval-ignore-output"]
seeds = range(5)
runs = {
    "pre-trained": [probe_score(pretrained_features, 20, seed) for seed in seeds],
    "random frozen": [probe_score(random_features, 20, seed) for seed in seeds],
    "from scratch": [train_from_scratch(20, seed, best_rate) for seed in counted(seeds, "run")],
}

# %% tags=["nbval-ignore-output"]
compare_runs(runs, baseline="from scratch")

# %%
_ = plot_paired(runs["pre-trained"], runs["from scratch"], ("pre-trained", "from scratch"))

# %% [markdown]
# Five seeds mean five draws of images and of initial weights. Some draws are easy for every run, so compare *within*
# each seed. Write the verdict as a function: it will also be tried on runs that are closer than these.


# %% exercise="1.5"
def verdict(scores, baseline):
    """Return "better", "worse" or "undecided" for `scores` against `baseline`, paired by seed, at 95 %."""
    ### BEGIN SOLUTION
    interval = paired_interval(scores, baseline)
    if interval.low > 0:
        return "better"
    return "worse" if interval.high < 0 else "undecided"
    ### END SOLUTION


# %% check="1.5" points=3
# Tried on small gains that every seed shows, on one lucky seed, and on your own runs.
check("1.5", verdict, runs)

# %% [markdown]
# ## Exercise 1.6: when does training from scratch catch up?
#
# Pre-training replaces labels. So with enough labels, training from scratch should catch up. With how many images per
# class, if you try 5, 10, 20 and 40?

# %%
print(BUDGET_CHOICES)


# %% exercise="1.6-predict"
def my_catch_up():
    """Return one of BUDGET_CHOICES."""
    ### BEGIN SOLUTION
    return "later, or never here"
    ### END SOLUTION


# %%
predict("1.6", my_catch_up)

# %% tags=["nbval-ignore-output"]
budgets = [5, 10, 20, 40]
transfer_curve = learning_curve(lambda n, seed: probe_score(pretrained_features, n, seed), budgets, seeds=range(3))
for n, seed in counted([(n, seed) for n in budgets for seed in range(3)], "run"):
    train_from_scratch(n, seed, best_rate)
scratch_curve = learning_curve(lambda n, seed: train_from_scratch(n, seed, best_rate), budgets, seeds=range(3))
curves = np.array(budgets), transfer_curve.scores, scratch_curve.scores

# %%
_ = plot_learning_curves(
    {"pre-trained features": transfer_curve, "from scratch": scratch_curve}, title="Labels that pre-training saves"
)


# %% exercise="1.6"
def catch_up(budgets, transfer, scratch):
    """Return the smallest budget at which scratch is at least as good as transfer, or `None`: compare means over seeds.

    `budgets` is `(num_budgets,)`, increasing; `transfer` and `scratch` are accuracies `(num_budgets, num_seeds)`.
    """
    ### BEGIN SOLUTION
    for budget, with_transfer, without in zip(budgets, transfer, scratch, strict=True):
        if without.mean() >= with_transfer.mean():
            return int(budget)
    return None
    ### END SOLUTION


# %% check="1.6" points=2
# Tried on curves that meet early, late and never, and on your own.
check("1.6", catch_up, curves)

# %% [markdown]
# Three seeds leave wide intervals. Ten seeds needn't cost ten times as much if only a head learns: `fit_together`
# trains identically built heads side by side, with the seeds as one more axis of the same arrays. Each of them ends up
# with the weights that `fit` would give it alone.


# %%
def heads(seeds):
    """Train a head for each budget and seed; return `{(budget, seed): validation accuracy}`, and the CPU seconds."""
    train, val = pretrained_features
    runs, began = [(budget, seed) for budget in budgets for seed in seeds], time.process_time()
    models = [new_head(train.shape[1:], seed) for _, seed in runs]
    few = [(train[rows], data.train.labels[rows]) for rows in (draw(*each) for each in runs)]
    options = {"seeds": [seed for _, seed in runs], "epochs": 40, "validation_data": (val, data.val.labels)}
    histories = fit_together(models, few, **options)
    found = [history.history["val_accuracy"][-1] for history in histories]
    return dict(zip(runs, found, strict=True)), time.process_time() - began


def new_head(shape, seed):
    """Return a linear head, compiled."""
    start = keras.initializers.GlorotUniform(seed)
    layers = [keras.Input(shape), keras.layers.Dense(data.num_classes, kernel_initializer=start)]
    model = keras.Sequential(layers)
    model.compile(keras.optimizers.Adam(3e-3), loss, metrics=["accuracy"])
    return model


# %%
heads(range(1))  # the graph is built once
_, seconds_of_one = heads(range(1))
found, seconds_of_ten = heads(range(10))
ten = learning_curve(lambda n, seed: found[n, seed], budgets, seeds=range(10))
three = learning_curve(lambda n, seed: found[n, seed], budgets, seeds=range(3))

# %% tags=["nbval-ignore-output"]
print(f"10 seeds cost {seconds_of_ten / seconds_of_one:.1f} times as much as one, {seconds_of_ten:.1f} CPU seconds.")
print(f"10 seeds:\n{ten}\n3 seeds:\n{three}")

# %% [markdown]
# ## Exercise 1.7: which classes fail?
#
# A single accuracy hides which classes pay for it. Look at the errors of the probe with 20 labels per class.

# %%
final = linear_probe(few_features, few.labels)
predicted = final.predict(val_features)
_ = plot_confusion(
    confusion_matrix(data.val.labels, predicted, data.num_classes), data.class_names, title="Errors go in pairs"
)

# %% [markdown]
# *Precision* asks: how much of what was **called** brick is brick? *Recall* asks: how much of what **is** brick was
# found? F1 is their harmonic mean. Compute all three for each class.


# %% exercise="1.7"
def per_class(y_true, y_pred, num_classes):
    """Return `{"precision": ..., "recall": ..., "f1": ...}`, each `(num_classes,)` in [0, 1]; 0 where undefined."""
    ### BEGIN SOLUTION
    both = np.bincount(y_true[y_true == y_pred], minlength=num_classes)
    called = np.bincount(y_pred, minlength=num_classes)
    are = np.bincount(y_true, minlength=num_classes)
    return {
        "precision": both / np.maximum(called, 1),
        "recall": both / np.maximum(are, 1),
        "f1": 2 * both / np.maximum(called + are, 1),
    }
    ### END SOLUTION


# %% check="1.7" points=2
# Tried on a class that is never predicted, and against an independent implementation.
check("1.7", per_class)

# %% tags=["nbval-ignore-output"]
classification_report(data.val.labels, predicted, data.class_names)

# %% [markdown]
# ## Open the vault, once
#
# Everything was chosen on validation images. The test set has the last word, and it speaks only once.

# %% tags=["nbval-ignore-output"]
test = data.test.open("final accuracy of the probe with 20 labels per class")
print(f"test accuracy {final.score(pooled(backbone, test.images), test.labels):.0%}; {data.test}")

# %% [markdown]
# ## On your own photos
#
# Put photos into a folder with one subfolder per class, and name it here. Nothing is written there, and files that
# cannot be read are listed with the reason.

# %% tags=["nbval-ignore-output"]
MY_PHOTOS = ""  # for example "photos/pets", with photos/pets/cat/*.jpg and photos/pets/dog/*.jpg
photos = None
try:
    photos = images_from_folder(MY_PHOTOS) if MY_PHOTOS else None
except (OSError, ValueError) as error:
    print(f"These photos cannot be used: {error}")
if photos is None:
    print("No photos yet: this part waits until you have some.")
else:
    own_probe = linear_probe(pooled(backbone, photos.train.images), photos.train.labels)
    accuracy = own_probe.score(pooled(backbone, photos.val.images), photos.val.labels)
    print(photos, f"{accuracy:.0%} of the validation photos", sep="\n")

# %% [markdown]
# ## What we saw
#
# - A network without a word for your classes can still tell them apart: its features know more than its head says.
# - Features are computed once; the classifier on top trains in a second, and it matters little which one you choose.
# - A claim about transfer needs a fair baseline, the random control, paired seeds and an interval.
# - The input contract and the split are part of the model: break either, and nothing warns you.
#
# The card below shows what you predicted and what you earned.

# %% tags=["nbval-ignore-output"]
progress(1)

# %% [markdown]
# ## In your own words
#
# **What do you believe now, and which of your figures says so?** Double-click the next cell, and replace its text with
# two or three sentences. No check can read them: in a course, a person does, and their points are counted separately.

# %% [markdown] essay="1.8" points=2
# I believe that features learned on photos are worth more than labels here: the interval of the difference from
# training from scratch lies far above zero, with five paired seeds. What counts is the training and not the
# architecture, because the same network with random weights is no better than guessing.

# %% [markdown]
# ## References
#
# - Yosinski et al. (2014), [How transferable are features in deep neural networks?](https://arxiv.org/abs/1411.1792)
# - Donahue et al. (2014), [DeCAF: a deep convolutional activation feature](https://arxiv.org/abs/1310.1531)
# - Howard et al. (2019), [Searching for MobileNetV3](https://arxiv.org/abs/1905.02244)
# - Gardner and Altman (1986), Confidence intervals rather than P values, BMJ 292.
