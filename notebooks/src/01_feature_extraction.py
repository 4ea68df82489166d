# ---
# jupyter:
#   tlkit: {"minutes": 60}
# ---

# %% [markdown]
# # Can a network that never saw your classes tell them apart?
#
# About 60 minutes, of which two cores compute less than five. You will
#
# - take the features of a pre-trained network and train a classifier on them in a second;
# - measure whether that beats training from scratch, and *random* features, with paired seeds and an interval;
# - find the leak in a well-known tutorial before it finds you.
#
# Every rule of thumb here is a claim. You predict, you run, and the numbers of your own machine decide. Where you are
# stuck, `hint("1.2")` in a cell of your own gives the first of three steps for exercise 1.2.

# %%
from tlkit.backbones import add_head, load_backbone, load_classifier
from tlkit.checks import check, hint, predict, progress
from tlkit.checks.lesson_01 import SCALINGS
from tlkit.data import images_from_folder, load_dataset
from tlkit.freezing import blocks
from tlkit.measure import classification_report, compare_runs, confusion_matrix, learning_curve, paired_interval
from tlkit.plots import plot_confusion, plot_learning_curves, plot_paired, show_images
from tlkit.probes import linear_probe
from tlkit.restart import restart
from tlkit_widgets import FeatureMap

import functools

import keras
import numpy as np
import tensorflow as tf

keras.utils.set_random_seed(0)

# %% [markdown]
# ## It lacks the words
#
# The *source* is what a network was pre-trained on: here 200 kinds of things in colour photos. The *target* is what you
# want: 13 surfaces in grey photos, of which the network has seen none.

# %%
data = load_dataset("textures")
examples = data.train.take_per_class(1)
_ = show_images(examples.images, examples.labels, data.class_names, columns=7, title="One image a class")

# %% [markdown]
# Ask the whole network, with the head it was trained with, what it sees. It must answer with one of its own 200 words.

# %% tags=["nbval-ignore-output"]
classifier, source_names = load_classifier(weights="photos")
guesses = classifier.predict(examples.images, verbose=0).argmax(axis=1)
for label, guess in zip(examples.labels, guesses, strict=True):
    print(f"{data.class_names[label]:12} looks to it like: {source_names[guess]}")

# %%
print("surfaces that it has a word for:", sorted(set(data.class_names) & set(source_names)) or "none")

# %% [markdown]
# Every answer is wrong, and must be. So is the network useless here? Cut its head off, and look at the numbers that the
# head was fed with: the *features*.

# %%
backbone = load_backbone(weights="photos")
random_backbone = load_backbone(weights="random")
print(len(backbone.layers), "layers turn an image into a map of shape", backbone.output_shape[1:])


# %% [markdown]
# The map below shows each image as a point. Move the cut from the first block to the last, and switch between the
# pre-trained network and one of the same shape with *random* weights. Point at a dot to see its image; click it to see
# its nearest neighbours. **Where do the classes come apart?**


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
# To use features means to *freeze* the network. Before you count, guess: if you freeze the first **half of the layers**
# of MobileNetV3-Small, how many percent of its learnable numbers are frozen?


# %% exercise="1.1-predict"
def my_frozen_percentage():
    """Return your guess in percent, from 0 to 100."""
    ### BEGIN SOLUTION
    return 50
    ### END SOLUTION


# %%
predict("1.1", my_frozen_percentage)

# %% [markdown]
# Now write the function that counts. It must be right for any Keras model, whatever is frozen in it.


# %% exercise="1.1"
def trainable_share(model):
    """Return the share of the model's numbers, in [0, 1], that training will change."""

    ### BEGIN SOLUTION
    def count(weights):
        return sum(np.prod(weight.shape) for weight in weights)

    return count(model.trainable_weights) / count(model.weights)
    ### END SOLUTION


# %% check="1.1" points=2
# Tried on a frozen Dense, on BatchNorm, and on a layer that was unfrozen inside a frozen model.
check("1.1", trainable_share)

# %% [markdown]
# Numbers sit where channels are many: at the end. Early layers are cheap to store and dear to run, a fact that
# lesson 4 makes use of.
#
# ## The input contract
#
# A network only knows images that are scaled as in its training. `load_backbone` has the scaling inside: it wants plain
# pixels in [0, 255]. Many tutorials divide by 255 out of habit. Let us do the same, at serving time.


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
print("Divided by 255 once too often, the same classifier keeps less than half of its accuracy, and nothing warns.")

# %% [markdown]
# ## Exercise 1.2: input detective
#
# You are handed a backbone without documentation. Its authors published the features that it gave for a few images.
# Find out how they scaled them. The candidates are in `SCALINGS`.

# %%
print(list(SCALINGS))


# %% exercise="1.2"
def find_scaling(backbone, images, published):
    """Return the key of `SCALINGS` that the backbone was published with.

    `images` are `(n, 8, 8, 3)`, uint8; `published` are their features `(n, channels)`, averaged over positions.
    """

    ### BEGIN SOLUTION
    def distance(name):
        features = np.asarray(backbone(SCALINGS[name](images), training=False)).mean(axis=(1, 2))
        return np.abs(features - published).mean()

    return min(SCALINGS, key=distance)
    ### END SOLUTION


# %% check="1.2" points=2
# Tried on backbones that you have not seen; one slip, and it earns nothing, as in life.
check("1.2", find_scaling)

# %% [markdown]
# ## Exercise 1.3: features, once
#
# The usual recipe sets `backbone.trainable = False` and calls `fit`. That runs the frozen network again for every image
# of every epoch, for the same result each time. Run it **once** and keep what it says.
#
# Two traps wait: a shuffled dataset comes in a new order at each pass, and a layer such as BatchNorm behaves otherwise
# in training than in inference.


# %% exercise="1.3"
def extract_features(backbone, dataset):
    """Return `features (num_images, channels), labels (num_images,)` of a batched dataset, in one pass."""
    ### BEGIN SOLUTION
    features, labels = [], []
    for images, batch_labels in dataset:
        features.append(np.asarray(backbone(images, training=False)).mean(axis=(1, 2)))
        labels.append(np.asarray(batch_labels))
    return np.concatenate(features), np.concatenate(labels)
    ### END SOLUTION


# %% check="1.3" points=3
# Tried on a dataset that shuffles, counts its reads, and ends with a smaller batch.
check("1.3", extract_features)

# %% [markdown]
# Features are a table. Any classifier can take it from here: one dense layer in Keras, a logistic regression, a support
# vector machine.

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
    print(f"{name:23} {score:.0%} of the validation images, with 20 labels a class")

# %% [markdown]
# Which classifier sits on top matters little; where its features come from matters much. That is the next claim, and
# it needs honest data first.
#
# ## Exercise 1.4: the leak
#
# A well-known tutorial takes one shuffled dataset and cuts it: the first part for validation, the rest for the test.
# Here are 1,000 numbered images. Nothing can go wrong, can it?

# %%
numbers = tf.data.Dataset.range(1000).shuffle(1000, seed=0)
val_part, test_part = numbers.take(200), numbers.skip(200)
seen_in_validation = {int(number) for number in val_part}
tested = {int(number) for number in test_part}
print("validation and test share", "no image" if not seen_in_validation & tested else "images")
assert len(seen_in_validation & tested) > 50

# %% [markdown]
# `shuffle` draws a **new order at each pass**, and `take` cuts whatever order it gets. Epoch after epoch, images wander
# between the parts, and you choose your model on what you test it with. Write a split that holds.


# %% exercise="1.4"
def split_dataset(dataset, num_val):
    """Return `train_ds, val_ds` of an unbatched `tf.data.Dataset`, `num_val` images in the second.

    The dataset is stored class by class. No image may ever be in both parts, in any pass.
    """
    ### BEGIN SOLUTION
    num_images = int(dataset.cardinality())
    mixed = dataset.shuffle(num_images, seed=0, reshuffle_each_iteration=False)
    return mixed.skip(num_val), mixed.take(num_val)
    ### END SOLUTION


# %% check="1.4" points=2
# Read three times over: no image in both parts, none lost, every class in both.
check("1.4", split_dataset)

# %% [markdown]
# The kit's own sets are split once, by regions of the photos; the test images lie in a *vault* that counts how often it
# is opened. We choose on validation images, and open it once, at the end.

# %%
data.test

# %% [markdown]
# ## Exercise 1.5: better, worse, or undecided?
#
# The claim: *features of a pre-trained network beat training from scratch when labels are few*. Fair baselines:
#
# - **from scratch**: the same network, all of it learning, its learning rate chosen on validation images;
# - **random frozen**: the same network with random weights, features taken from it in the same way. If this does as
#   well, then pre-training has nothing to do with it.
#
# All three get the same 20 images a class; from scratch gets by far the most computing time. Which order do you expect,
# best first?


# %% exercise="1.5-predict"
def my_order():
    """Return "pre-trained", "random frozen" and "from scratch" as a list, best first."""
    ### BEGIN SOLUTION
    return ["pre-trained", "from scratch", "random frozen"]
    ### END SOLUTION


# %%
predict("1.5", my_order)

# %% [markdown]
# From scratch costs the most, so we build and trace the network once, and `restart` it with new random weights for each
# run. BatchNorm's statistics follow quickly (`momentum = 0.9`): Keras' default for this network is made for long
# trainings, and would make this baseline look worse than it is.

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


# %%
rates = {rate: train_from_scratch(20, seed=100, learning_rate=rate) for rate in (3e-4, 1e-3, 3e-3)}
best_rate = max(rates, key=rates.get)


# %% [markdown]
# The other two only need features, once for all images, and a probe for each draw of 20 images a class.


# %%
def probe_score(features, images_per_class, seed):
    """Fit a probe to `images_per_class` training rows of each class; return its validation accuracy."""
    train, val = features
    order = np.random.default_rng(seed).permutation(len(train))
    rows = [order[data.train.labels[order] == label][:images_per_class] for label in range(data.num_classes)]
    chosen = np.concatenate(rows)
    return linear_probe(train[chosen], data.train.labels[chosen]).score(val, data.val.labels)


pretrained_features = train_features, val_features
random_features = pooled(random_backbone, data.train.images), pooled(random_backbone, data.val.images)

# %%
seeds = range(5)
runs = {
    "pre-trained": [probe_score(pretrained_features, 20, seed) for seed in seeds],
    "random frozen": [probe_score(random_features, 20, seed) for seed in seeds],
    "from scratch": [train_from_scratch(20, seed, best_rate) for seed in seeds],
}

# %% tags=["nbval-ignore-output"]
compare_runs(runs, baseline="from scratch")

# %%
_ = plot_paired(runs["pre-trained"], runs["from scratch"], ("pre-trained", "from scratch"))

# %% [markdown]
# Five seeds are five draws of images and of initial weights. Some draws are easy for everybody; so compare *within*
# each seed. Write the verdict as a function: it will also be tried on runs that are closer than these.


# %% exercise="1.5"
def verdict(scores, baseline):
    """Return "better", "worse" or "undecided": `scores` against `baseline`, paired by seed, at 95 %."""
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
# Pre-training replaces labels. So with enough labels, training from scratch should catch up: with how many images a
# class, if you try 5, 10, 20 and 40?


# %% exercise="1.6-predict"
def my_catch_up():
    """Return "10 or fewer", "20 or 40", or "later, or never here"."""
    ### BEGIN SOLUTION
    return "later, or never here"
    ### END SOLUTION


# %%
predict("1.6", my_catch_up)

# %%
budgets = [5, 10, 20, 40]
transfer_curve = learning_curve(lambda n, seed: probe_score(pretrained_features, n, seed), budgets, seeds=range(3))
scratch_curve = learning_curve(lambda n, seed: train_from_scratch(n, seed, best_rate), budgets, seeds=range(3))
curves = np.array(budgets), transfer_curve.scores, scratch_curve.scores

# %%
_ = plot_learning_curves(
    {"pre-trained features": transfer_curve, "from scratch": scratch_curve}, title="Labels that pre-training saves"
)


# %% exercise="1.6"
def catch_up(budgets, transfer, scratch):
    """Return the smallest budget at which scratch is as good as transfer on average over the seeds, or `None`.

    `budgets` is `(num_budgets,)`, growing; `transfer` and `scratch` are accuracies `(num_budgets, num_seeds)`.
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
# ## Exercise 1.7: which classes fail?
#
# One accuracy hides who pays for it. Look at the errors of the probe with 20 labels a class.

# %%
final = linear_probe(few_features, few.labels)
predicted = final.predict(val_features)
_ = plot_confusion(
    confusion_matrix(data.val.labels, predicted, data.num_classes), data.class_names, title="Errors go in pairs"
)

# %% [markdown]
# *Precision* asks: of what was **called** brick, how much is brick? *Recall* asks: of what **is** brick, how much was
# found? F1 is their harmonic mean. Compute the three for each class.


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
# Everything was chosen on validation images. The last word is the test's, and it is said once.

# %% tags=["nbval-ignore-output"]
test = data.test.open("final accuracy of the probe with 20 labels a class")
print(f"test accuracy {final.score(pooled(backbone, test.images), test.labels):.0%}; {data.test}")

# %% [markdown]
# ## On your own photos
#
# Put photos into a folder, one subfolder a class, and name it here. Nothing is written there, and what cannot be read
# is listed with the reason.

# %% tags=["nbval-ignore-output"]
MY_PHOTOS = ""  # for example "photos/pets", with photos/pets/cat/*.jpg and photos/pets/dog/*.jpg
if MY_PHOTOS:
    photos = images_from_folder(MY_PHOTOS)
    own_probe = linear_probe(pooled(backbone, photos.train.images), photos.train.labels)
    accuracy = own_probe.score(pooled(backbone, photos.val.images), photos.val.labels)
    print(photos.class_names, f"{accuracy:.0%} of the validation photos; skipped: {photos.skipped}")
else:
    print("No folder named: this part waits until you have one.")

# %% [markdown]
# ## What we saw
#
# - A network without a word for your classes can still tell them apart: its features know more than its head says.
# - Features are computed once; the classifier on top trains in a second, and which one it is matters little.
# - A claim about transfer needs a fair baseline, the random control, paired seeds and an interval.
# - The input contract and the split are part of the model: break one, and nothing warns.
#
# The card below keeps what you predicted and what you earned.

# %% tags=["nbval-ignore-output"]
progress(1)

# %% [markdown]
# ## References
#
# - Yosinski et al. (2014), [How transferable are features in deep neural networks?](https://arxiv.org/abs/1411.1792)
# - Donahue et al. (2014), [DeCAF: a deep convolutional activation feature](https://arxiv.org/abs/1310.1531)
# - Howard et al. (2019), [Searching for MobileNetV3](https://arxiv.org/abs/1905.02244)
# - Gardner and Altman (1986), Confidence intervals rather than P values, BMJ 292.
