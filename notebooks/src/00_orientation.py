# ---
# jupyter:
#   tlkit: {"minutes": 20}
# ---

# %% [markdown]
# # Can you teach a network something new within a minute?
#
# About 10 minutes to look around, and as many again for seven small exercises. You will
#
# - teach a pre-trained network to tell surfaces apart, by a click, and find out why less was more;
# - ask it what it sees on photos, on your own too, and learn to doubt how sure it says it is;
# - meet the panels of this kit, and measure what this machine can do.
#
# Click the next cell and press **Shift + Enter**. It loads TensorFlow, which takes some seconds; read on meanwhile.

# %%
from tlkit.backbones import add_head, load_backbone, load_classifier, recognise
from tlkit.checks import check, hint, predict, progress
from tlkit.checks.lesson_card import lesson_card
from tlkit.data import images_from_folder, load_dataset
from tlkit.devices import benchmark, describe_devices
from tlkit.freezing import freeze
from tlkit.plots import show_images
from tlkit.speed import fit
from tlkit_widgets import FreezeBoard, LiveCurves, Progress

import keras
import numpy as np
import tensorflow as tf
from PIL import Image, ImageOps
from skimage.data import chelsea, coffee

keras.utils.set_random_seed(0)

# %% [markdown]
# ## Teach it
#
# Run the cell below in the same way: a board appears. Each tile on it is a block of the network, from the photo on the
# left to the answer on the right.
#
# 1. **Drag the blue line** to the right, until only the last tile, `head`, is green. Blue blocks are *frozen*, green
#    ones learn.
# 2. **Press Train**, and watch the curves below it: the solid one is the accuracy on photos that it never learned from.

# %%
data = load_dataset("textures", per_class=10)  # 10 photos of each surface to learn from
val = data.val.take_per_class(10)  # and 10 of each that it never learns from
model = add_head(load_backbone(weights="photos"), data.num_classes)
board = FreezeBoard(model, data.train, val, learning_rate=0.01, epochs=5)
board.freeze_until("expanded_conv_8")
board

# %% [markdown]
# The network had been trained on photos of 200 kinds of things, goldfish and school buses among them. In this minute it
# has learned to tell these surfaces apart, better than chance by far:

# %%
examples = data.train.take_per_class(1)
_ = show_images(examples.images, examples.labels, data.class_names, columns=7, title="Thirteen surfaces to tell apart")

# %% [markdown]
# ## Exercise 0.1: what if all of it learns?
#
# Only the head learned: a small part of the network's numbers, as *parameters that learn* on the board says. Now let
# **all** of it learn, at the same learning rate, for as many epochs, from the same start. On photos that it has never
# seen, will that be better, about the same, or worse? Say so before you try: in this kit a prediction is *locked*, and
# a wrong one costs nothing. Write it in place of `raise NotImplementedError()`, and run the cell and the one below.


# %% exercise="0.1-predict"
def my_outcome():
    """Return "better", "about the same" or "worse"."""
    ### BEGIN SOLUTION
    return "better"
    ### END SOLUTION


# %%
predict("0.1", my_outcome)

# %% [markdown]
# Try it on the board: *All learn*, then *Train*, then *Compare*. The next cell does the same by code, with the settings
# from above, so that all that follows is alike for everybody.


# %%
def train_on_the_board(frozen_until):
    """Train from the pre-trained weights, as the button does; return the history of losses and accuracies."""
    board.bn, board.factors, board.learning_rate, board.epochs, board.fresh = "frozen", {}, 0.01, 5, True
    board.freeze_until(frozen_until)
    board.train()
    return dict(board.recorder.curves.history)


all_history = train_on_the_board(None)
head_history, taught = train_on_the_board("conv_1"), model.get_weights()
finals = {"head": head_history["val_accuracy"][-1], "everything": all_history["val_accuracy"][-1]}

# %%
assert finals["head"] > 3 / data.num_classes
assert finals["everything"] < finals["head"] - 0.1
print("The head alone got right more than three times as many as chance would.")
print("With everything learning it ended more than 10 points below the head alone.")

# %% [markdown]
# Surprised? At this rate, with so few photos, training *overwrote* what the network knew; the head alone had nothing to
# overwrite. That is not a law: set a smaller rate on the board, as 0.0003, and train again. Which rate, how deep, and
# how often to repeat before you believe it, is what lessons 1 and 2 are about.
#
# Below, the same head learns for longer, on one photo a class. The panel is `LiveCurves`: a callback for any Keras
# `fit`.

# %% tags=["nbval-ignore-output"]
few = load_dataset("textures", per_class=1).train
learner = add_head(load_backbone(weights="photos"), data.num_classes)
freeze(learner)
loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
learner.compile(keras.optimizers.Adam(0.01), loss, metrics=["accuracy"])
live = LiveCurves("head, 1 photo a class")
history = fit(learner, few, validation_data=val, epochs=30, callbacks=[live]).history

# %%
assert history["accuracy"][-1] - history["val_accuracy"][-1] > 0.2
print("It knows the photos that it learned from by heart, and does far worse on others.")

# %% [markdown]
# So the curve of training flatters. Your first function: which epoch was the best?


# %% exercise="0.1"
def best_epoch(history):
    """Return the number, from 1, of the first epoch with the highest accuracy on unseen photos.

    `history` is `{"loss": [...], "accuracy": [...], "val_loss": [...], "val_accuracy": [...]}`, a number an epoch.
    """
    ### BEGIN SOLUTION
    return int(np.argmax(history["val_accuracy"])) + 1
    ### END SOLUTION


# %% check="0.1" points=1
# Tried on curves that rise, fall and tie; and your prediction is held against what was measured.
check("0.1", best_epoch, finals)

# %% [markdown]
# The card says what your answer can do already, and what not yet. Change the function and run both cells again, as
# often as you like: only the best result is kept. Stuck? A hint comes in three steps, one each time that you run it:

# %%
hint("0.1")

# %% [markdown]
# ## What does it see?
#
# Now the network as it was trained, with its own head. It takes photos of 64 x 64 pixels.

# %%
small = np.stack([ImageOps.fit(Image.fromarray(photo), (64, 64)) for photo in (coffee(), chelsea())])
network, source_names = load_classifier(weights="photos")
_ = show_images(small, columns=2, title="A cup of coffee, and a cat")

# %% [markdown]
# ## Exercise 0.2: ask it yourself
#
# Two slips are common. A network wants a *batch*, even of one photo. And it knows only photos that are scaled as in its
# training: this one wants [0, 255]. Some libraries give floats in [0, 1] instead, and nothing warns:

# %%
as_trained, divided = np.asarray(network(small)), np.asarray(network(small / 255.0))
assert np.abs(divided[0] - divided[1]).mean() < np.abs(as_trained[0] - as_trained[1]).mean() / 4
print("Divided by 255, a cup and a cat are nearly the same to it: both are black.")


# %% exercise="0.2"
def ask(network, picture):
    """Return the network's scores for one picture, `(num_classes,)`.

    `picture` is `(height, width, 3)`: `uint8` in [0, 255], or floats in [0, 1]. The network takes batches in [0, 255].
    """
    ### BEGIN SOLUTION
    pixels = picture if picture.dtype == np.uint8 else 255 * picture
    return network(pixels[None])[0]
    ### END SOLUTION


# %% check="0.2" points=1
# Tried on bytes, on fractions, and on a picture that is very dark.
check("0.2", ask)

# %% [markdown]
# ## Exercise 0.3: from scores to probabilities
#
# The scores (*logits*) are any numbers. The *softmax* makes them positive, with a sum of 1: exp(logit), divided by the
# sum of all exp(logit). Written down like that, it breaks:

# %%
with np.errstate(over="ignore", invalid="ignore"):
    powers = np.exp(np.array([1000.0, 998.0]))
    print(powers / powers.sum())


# %% exercise="0.3"
def softmax(logits):
    """Return probabilities, of the shape of `logits`.

    That is `(num_classes,)` or `(num_images, num_classes)`.
    """
    ### BEGIN SOLUTION
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)
    ### END SOLUTION


# %% check="0.3" points=1
# Tried on one image, on a batch, and on logits of a thousand.
check("0.3", softmax)

# %% [markdown]
# ## Exercise 0.4: the likeliest names


# %% exercise="0.4"
def top_names(probabilities, names, k):
    """Return a list of the `k` likeliest pairs `(name, probability)`.

    The likeliest comes first; all pairs, if there are fewer.
    """
    ### BEGIN SOLUTION
    return [(names[i], float(probabilities[i])) for i in np.argsort(probabilities)[::-1][:k]]
    ### END SOLUTION


# %% check="0.4" points=1
# Tried on probabilities in no order, for one name, for some, and for more than there are.
check("0.4", top_names)

# %% [markdown]
# These three together are the kit's `recognise`. Add a photo of your own: write its path between the quotes.

# %% tags=["nbval-ignore-output"]
MY_PHOTO = ""  # for example "holiday/dog.jpg"
pictures = {"coffee": coffee(), "cat": chelsea()} | ({"your photo": MY_PHOTO} if MY_PHOTO else {})
for title, picture in pictures.items():
    try:
        print(f"{title:10}", ", ".join(f"{name} {share:.0%}" for name, share in recognise(picture, top=3)))
    except OSError as error:
        print(f"{title} could not be read: {error}")
if not MY_PHOTO:
    print("No photo named: write a path above and run the cell again, whenever you have one.")

# %%
assert "espresso" in [name for name, _ in recognise(coffee())]
print(len(source_names), "words; for cats:", [name for name in source_names if name.endswith(" cat")])

# %% [markdown]
# It finds the coffee. The cat must be squeezed into the words that it has; whatever it says, note *how sure* it is.
#
# ## Exercise 0.5: let it refuse
#
# Back to the network that you taught the 13 surfaces. Give it pure noise: every pixel drawn at random. By chance alone
# each surface would get one thirteenth. How sure, in percent, will it be of its answer on average?


# %% exercise="0.5-predict"
def my_sureness():
    """Return your guess of the average highest probability, in percent."""
    ### BEGIN SOLUTION
    return 8
    ### END SOLUTION


# %%
predict("0.5", my_sureness)

# %%
noise = np.random.default_rng(0).integers(0, 256, (130, 64, 64, 3)).astype("uint8")
model.set_weights(taught)  # whatever you have tried on the board since
of_noise = np.asarray(keras.ops.softmax(model(noise)))
of_photos = np.asarray(keras.ops.softmax(model(val.images)))
sure_of_noise = float(of_noise.max(axis=1).mean())
assert sure_of_noise > 2 / data.num_classes
print("Of noise it is more than twice as sure as chance would be.")


# %% [markdown]
# It always answers: there is no output for "none of these". So give it one.


# %% exercise="0.5"
def refuse(probabilities, names, at_least):
    """Return a list: for each image the likeliest name, or "unknown" if its probability is below `at_least`.

    `probabilities` is `(num_images, num_classes)`.
    """
    ### BEGIN SOLUTION
    return [names[row.argmax()] if row.max() >= at_least else "unknown" for row in probabilities]
    ### END SOLUTION


# %% check="0.5" points=1
# Tried on images that it is sure of, is not sure of, and is exactly sure enough of.
check("0.5", refuse, sure_of_noise)

# %% [markdown]
# What does refusing cost, and does it keep the noise out?

# %% tags=["nbval-ignore-output"]
right, sure = of_photos.argmax(axis=1) == val.labels, of_photos.max(axis=1)
print("at least   photos answered   right among these   noise answered")
for at_least in (0.0, 0.3, 0.5, 0.7, 0.9):
    answered, fooled = sure >= at_least, (of_noise.max(axis=1) >= at_least).mean()
    print(f"{at_least:8.0%} {answered.mean():17.0%} {right[answered].mean():19.0%} {fooled:16.0%}")

# %%
assert right[sure >= np.median(sure)].mean() > right.mean()
print("Of the half that it is surest of, it gets more right than of all.")

# %% [markdown]
# How sure it is says something about photos like those that it learned from. About anything else it says little: read
# the last column before you trust a threshold.
#
# ## Exercise 0.6: how good is it, really?
#
# A share of right answers among 130 photos is an estimate: with other 130 photos it would come out otherwise. How wide,
# from low to high, is its 95 % interval?


# %% exercise="0.6-predict"
def my_width():
    """Return "below 5 points", "5 to 10 points" or "above 10 points"."""
    ### BEGIN SOLUTION
    return "5 to 10 points"
    ### END SOLUTION


# %%
predict("0.6", my_width)


# %% [markdown]
# The formula of most books is the share ± 1.96 standard errors. Ask it about ten right answers of ten:


# %%
def half_width_of_books(share, num_images):
    """Return 1.96 standard errors of a share."""
    return 1.96 * np.sqrt(share * (1 - share) / num_images)


print(f"10 of 10: 100 % ± {half_width_of_books(1.0, 10):.0%}")

# %% [markdown]
# Certain, after ten photos? Doubt it, and find a better one. Looking things up is allowed, here and always.


# %% exercise="0.6"
def accuracy_interval(right):
    """Return `low, high` in [0, 1]: the 95 % interval of the accuracy; `right` is `(num_images,)`, true or false."""
    ### BEGIN SOLUTION
    from scipy.stats import binomtest

    interval = binomtest(int(sum(right)), len(right)).proportion_ci(method="wilson")
    return interval.low, interval.high
    ### END SOLUTION


# %% check="0.6" points=1
# Tried on ten of ten, on how often it holds the truth, on more images, and on your own network's answers.
check("0.6", accuracy_interval, right)

# %% [markdown]
# ## What has this machine?
#
# Everything here runs on a processor; `tlkit doctor` in a terminal looks at the whole installation and names a cure for
# each problem.

# %% tags=["nbval-ignore-output"]
print(describe_devices())

# %% [markdown]
# ## Exercise 0.7: how long will it take?
#
# Time one step: 32 photos through the network. TensorFlow builds a *graph* at the first call. How many times as long
# as a later call will it take?


# %% exercise="0.7-predict"
def my_factor():
    """Return "about the same", "2 to 10 times" or "above 10 times"."""
    ### BEGIN SOLUTION
    return "2 to 10 times"
    ### END SOLUTION


# %%
predict("0.7", my_factor)

# %% tags=["nbval-ignore-output"]
backbone, photos = load_backbone(weights="photos"), tf.constant(val.images[:32])
one_step = tf.function(lambda images: backbone(images, training=False))
timed = benchmark(lambda: one_step(photos), repeats=9)
print(f"{timed}: {32 / timed.median:.0f} images a second")

# %%
first_to_later = timed.first / timed.median
assert first_to_later > 2
print("The first call took more than twice as long as a later one.")

# %% [markdown]
# Who measures the first step, measures the wrong thing: divide by it, and your machine looks hopeless. Use both.


# %% exercise="0.7"
def seconds_for(num_images, batch_size, epochs, first, later):
    """Return the seconds of a training whose very first step takes `first` seconds, and each later one `later`.

    Each epoch goes once through all images; its last batch may be smaller, and takes as long as the others.
    """
    ### BEGIN SOLUTION
    steps = epochs * -(-num_images // batch_size)
    return first + (steps - 1) * later
    ### END SOLUTION


# %% check="0.7" points=1
# Tried on several epochs, on a smaller last batch, and on a single step.
check("0.7", seconds_for, first_to_later)

# %% [markdown]
# ## On real photos
#
# Put photos into a folder, one subfolder a class, and name it here; or say `DOWNLOAD = True` to fetch five kinds of
# flowers. The board is the same.

# %% tags=["nbval-ignore-output"]
MY_FOLDER, DOWNLOAD = "", False  # for example "photos/pets", with photos/pets/cat/*.jpg and photos/pets/dog/*.jpg
own = None
try:
    own = images_from_folder(MY_FOLDER) if MY_FOLDER else load_dataset("flowers", size=64) if DOWNLOAD else None
except (OSError, ValueError) as error:
    print(f"These photos cannot be used: {error}")
if own is None:
    print("No photos yet: this part waits until you have some.")
else:
    own_model = add_head(load_backbone(weights="photos"), own.num_classes)
    own_board = FreezeBoard(own_model, own.train, own.val, learning_rate=0.01)
    own_board.freeze_until("conv_1")
    display(own_board)

# %% [markdown]
# ## What we saw
#
# - A network learns new things fast where it may keep what it knows: the head alone is often enough, and more is not
#   always better.
# - It always answers. How sure it is says little about pictures unlike those that it learned from.
# - A share of right answers comes with an interval, and a time with its first step taken apart.
#
# Write down what you believe now, in a sentence each. The card keeps it beside what you predicted and measured.


# %% exercise="0.7-believe"
def my_beliefs():
    """Return `{"0.1": ..., "0.5": ..., "0.6": ..., "0.7": ...}`: what you now believe, in your own words."""
    ### BEGIN SOLUTION
    return {
        "0.1": "I start with the head, and let more learn only where it helps.",
        "0.5": "Sure is not right: I show a network what it never saw before I trust a threshold.",
        "0.6": "A few points of difference on 130 photos mean nothing yet.",
        "0.7": "I warm up before I time anything.",
    }
    ### END SOLUTION


# %% tags=["nbval-ignore-output"]
measured = {
    "0.1": f"only the head {finals['head']:.0%}, everything {finals['everything']:.0%}",
    "0.5": f"{sure_of_noise:.0%} on average",
    "0.6": f"{200 * half_width_of_books(right.mean(), len(right)):.0f} points",
    "0.7": f"{first_to_later:.0f} times",
}
lesson_card(0, measured=measured, believed=my_beliefs)

# %% [markdown]
# Your points, here and in every lesson. The panel follows along while you work; `progress()` gives it as a table. A
# right click on a panel offers *Create New View for Output*: then it stays in sight while you scroll.

# %% tags=["nbval-ignore-output"]
Progress(0)

# %% [markdown]
# Next: `01_feature_extraction.ipynb`, in the list of files on the left. There the claim of the first minute is put to
# the proof.
#
# ## References
#
# - Guo et al. (2017), [On calibration of modern neural networks](https://arxiv.org/abs/1706.04599)
# - Hendrycks and Gimpel (2017), [A baseline for detecting misclassified and out-of-distribution
#   examples](https://arxiv.org/abs/1610.02136)
# - Wilson (1927), Probable inference, the law of succession, and statistical inference, JASA 22.
# - Howard et al. (2019), [Searching for MobileNetV3](https://arxiv.org/abs/1905.02244)
