# ---
# jupyter:
#   tlkit: {"minutes": 20}
# ---

# %% [markdown]
# # Can you teach a network something new within a minute?
#
# Looking around takes about 10 minutes, and the seven small exercises take as long again. You will
#
# - teach a pre-trained network to tell surfaces apart with one click, and find out how much of it should learn;
# - ask it what it sees in photos, including your own, and learn to doubt how sure it says it is;
# - get to know the panels of this kit, and measure what this machine can do.
#
# Before you begin, answer the [quiz](98_quiz.ipynb): 15 questions without points. You meet them again after your last
# lesson, with other numbers, and then see what has changed.
#
# Click the next cell and press **Shift + Enter**. It loads TensorFlow, which takes a few seconds; read on in the
# meantime.

# %%
from tlkit.backbones import add_head, load_backbone, load_classifier, recognise
from tlkit.checks import check, hint, lesson_card, predict, progress
from tlkit.data import images_from_folder, load_dataset
from tlkit.devices import benchmark, describe_devices
from tlkit.exercises.lesson_00_orientation.shown import FACTORS, OUTCOMES, WIDTHS
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
# Run the cell below in the same way, and a board appears. Each tile on it is a block of the network, from the photo on
# the left to the answer on the right.
#
# 1. **Drag the blue line** to the right until only the last tile, `head`, is green. Blue blocks are *frozen*; green
#    ones learn.
# 2. **Press Train** and watch the curves below the board: the solid one is the accuracy on photos that the network
#    never learned from.

# %%
data = load_dataset("textures", per_class=10)  # 10 photos of each surface to learn from
val = data.val.take_per_class(10)  # and 10 of each that it never learns from
model = add_head(load_backbone(weights="photos"), data.num_classes)
board = FreezeBoard(model, data.train, val, learning_rate=0.01, epochs=5)
board.freeze_until("expanded_conv_8")
board

# %% [markdown]
# The network had been trained on photos of 200 kinds of things, such as goldfish and school buses. In this minute, it
# has learned to tell these surfaces apart far better than chance:

# %%
examples = data.train.take_per_class(1)
_ = show_images(examples.images, examples.labels, data.class_names, columns=7, title="Thirteen surfaces to tell apart")

# %% [markdown]
# ## Exercise 0.1: what if all of it learns?
#
# Only the head learned: that's a small part of the network's numbers, as *parameters that learn* on the board says.
# Now let **all** of it learn, at the same learning rate, for as many epochs, from the same start. Will the result on
# photos that it has never seen be better, about the same, or worse? Say so before you try: in this kit, a prediction
# is *locked*, and a wrong one costs nothing. Write it in place of `raise NotImplementedError()`; then run that cell
# and the one below it.

# %%
print(OUTCOMES)


# %% exercise="0.1-predict"
def my_outcome():
    """Return one of OUTCOMES."""
    ### BEGIN SOLUTION
    return "better"
    ### END SOLUTION


# %%
predict("0.1", my_outcome)

# %% [markdown]
# Try it on the board: *All learn*, then *Train*, then *Compare*. The next cell does the same in code, with the settings
# from above, so that everything that follows is the same for everybody.


# %% tags=["nbval-ignore-output"]
def train_on_the_board(frozen_until):
    """Train from the pre-trained weights, as the button does; return the history of losses and accuracies."""
    board.bn, board.factors, board.learning_rate, board.epochs, board.fresh = "frozen", {}, 0.01, 5, True
    board.freeze_until(frozen_until)
    board.train()
    bar.add(1)
    return dict(board.recorder.curves.history)


bar = keras.utils.Progbar(2, unit_name="training")
all_history = train_on_the_board(None)
head_history, taught = train_on_the_board("conv_1"), model.get_weights()
finals = {"head": head_history["val_accuracy"][-1], "everything": all_history["val_accuracy"][-1]}

# %%
assert finals["head"] > 3 / data.num_classes
assert finals["everything"] < finals["head"] - 0.1
print("The head alone got more than three times as many right as chance would.")
print("With everything learning, it ended more than 10 points below the head alone.")

# %% [markdown]
# Surprised? At this rate, with so few photos, training *overwrote* what the network knew; the head alone had nothing
# to overwrite. That isn't a law: set a smaller rate on the board, such as 0.0003, and train again. Lessons 1 and 2 are
# about which rate to use, how deep to train, and how often to repeat a run before you believe it.
#
# Below, the same head learns for longer, on one photo per class. The panel is `LiveCurves`, a callback for any Keras
# `fit`.

# %% tags=["nbval-ignore-output"]
few = load_dataset("textures", per_class=1).train
learner = add_head(load_backbone(weights="photos"), data.num_classes)
freeze(learner)
loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
learner.compile(keras.optimizers.Adam(0.01), loss, metrics=["accuracy"])
live = LiveCurves("head, 1 photo per class")
history = fit(learner, few, validation_data=val, epochs=30, callbacks=[live], verbose=0).history

# %%
assert history["accuracy"][-1] - history["val_accuracy"][-1] > 0.2
print("It knows the photos it learned from by heart, and does far worse on others.")

# %% [markdown]
# So the training curve flatters the network. Now write your first function: which epoch was the best?


# %% exercise="0.1"
def best_epoch(history):
    """Return the number, counted from 1, of the first epoch with the highest accuracy on unseen photos.

    `history` is `{"loss": [...], "accuracy": [...], "val_loss": [...], "val_accuracy": [...]}`, one number per epoch.
    """
    ### BEGIN SOLUTION
    return int(np.argmax(history["val_accuracy"])) + 1
    ### END SOLUTION


# %% check="0.1" points=1
# Tried on curves that rise, fall, rise again and tie. Your prediction is compared with what was measured.
check("0.1", best_epoch, finals)

# %% [markdown]
# The card says what your answer already does, and what it doesn't do yet. Change the function and run both cells
# again, as often as you like: only the best result is kept. Stuck? There are three hints; you get the next one each
# time you run this:

# %%
hint("0.1")

# %% [markdown]
# ## What does it see?
#
# Now we use the network as it was trained, with its own head. It takes photos of 64 x 64 pixels.

# %%
small = np.stack([ImageOps.fit(Image.fromarray(photo), (64, 64)) for photo in (coffee(), chelsea())])
network, source_names = load_classifier(weights="photos")
_ = show_images(small, columns=2, title="A cup of coffee, and a cat")

# %% [markdown]
# ## Exercise 0.2: ask it yourself
#
# Two mistakes are common. A network expects a *batch*, even for one photo. And it only knows photos scaled as in its
# training: this one expects [0, 255]. Some libraries give floats in [0, 1] instead, and nothing warns you:

# %%
as_trained, divided = np.asarray(network(small)), np.asarray(network(small / 255.0))
assert np.abs(divided[0] - divided[1]).mean() < np.abs(as_trained[0] - as_trained[1]).mean() / 4
print("Divided by 255, a cup and a cat look nearly the same to it: both are black.")


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
# Tried on bytes, on fractions, and on a very dark picture.
check("0.2", ask)

# %% [markdown]
# ## Exercise 0.3: from scores to probabilities
#
# The scores (*logits*) can be any numbers. The *softmax* makes them positive, with a sum of 1: each exp(logit) is
# divided by the sum of all exp(logit). Written down like that, it breaks:

# %%
with np.errstate(over="ignore", invalid="ignore"):
    powers = np.exp(np.array([1000.0, 998.0]))
    print(powers / powers.sum())


# %% exercise="0.3"
def softmax(logits):
    """Return probabilities in the shape of `logits`.

    The shape is `(num_classes,)` or `(num_images, num_classes)`.
    """
    ### BEGIN SOLUTION
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)
    ### END SOLUTION


# %% check="0.3" points=1
# Tried on one image, on a batch, and on logits around a thousand.
check("0.3", softmax)

# %% [markdown]
# ## Exercise 0.4: the most likely names


# %% exercise="0.4"
def top_names(probabilities, names, k):
    """Return a list of the `k` most likely pairs `(name, probability)`.

    The most likely comes first. If there are fewer than `k`, return all of them.
    """
    ### BEGIN SOLUTION
    return [(names[i], float(probabilities[i])) for i in np.argsort(probabilities)[::-1][:k]]
    ### END SOLUTION


# %% check="0.4" points=1
# Tried on unordered probabilities, for one name, for several, and for more than there are.
check("0.4", top_names)

# %% [markdown]
# Together, these three make the kit's `recognise`. Add a photo of your own: write its path between the quotes. (After
# `pip install "tlkit[imagenet]"`, `recognise(photo, weights="imagenet")` chooses among 1,000 words.)

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
# It recognises the coffee. For the cat, it must make do with the words it has; whatever it says, note *how sure* it is.
#
# ## Exercise 0.5: let it refuse
#
# Let's go back to the network that you taught the 13 surfaces. Give it pure noise: every pixel is random. By chance
# alone, each surface would get one thirteenth. How sure will it be of its answer on average, in percent?


# %% exercise="0.5-predict"
def my_sureness():
    """Return your guess for the average highest probability, in percent."""
    ### BEGIN SOLUTION
    return 8
    ### END SOLUTION


# %%
predict("0.5", my_sureness)

# %%
noise = np.random.default_rng(0).integers(0, 256, (130, 64, 64, 3)).astype("uint8")
model.set_weights(taught)  # undoes whatever you have tried on the board since
of_noise = np.asarray(keras.ops.softmax(model(noise)))
of_photos = np.asarray(keras.ops.softmax(model(val.images)))
sure_of_noise = float(of_noise.max(axis=1).mean())
assert sure_of_noise > 2 / data.num_classes
print("It is more than twice as sure about noise as chance would be.")


# %% [markdown]
# It always answers: there is no output for "none of these". So give it one.


# %% exercise="0.5"
def refuse(probabilities, names, at_least):
    """Return a list: for each image, the most likely name, or "unknown" if its probability is below `at_least`.

    `probabilities` is `(num_images, num_classes)`.
    """
    ### BEGIN SOLUTION
    return [names[row.argmax()] if row.max() >= at_least else "unknown" for row in probabilities]
    ### END SOLUTION


# %% check="0.5" points=1
# Tried on images of which it is sure, not sure, and exactly sure enough.
check("0.5", refuse, sure_of_noise)

# %% [markdown]
# What does refusing cost, and does it keep out what the network has never seen? Noise is one such thing; drawn letters
# (the glyphs of this kit) are another.

# %% tags=["nbval-ignore-output"]
right, sure = of_photos.argmax(axis=1) == val.labels, of_photos.max(axis=1)
of_letters = np.asarray(keras.ops.softmax(model(load_dataset("glyphs").val.take_per_class(3).images)))
unseen = {"noise": of_noise.max(axis=1), "letters": of_letters.max(axis=1)}
print("at least   photos answered   right among these   noise answered   letters answered")
for at_least in (0.0, 0.3, 0.5, 0.7, 0.9):
    answered, fooled = sure >= at_least, {name: (most >= at_least).mean() for name, most in unseen.items()}
    print(f"{at_least:8.0%} {answered.mean():17.0%} {right[answered].mean():19.0%}", end=" ")
    print(f"{fooled['noise']:16.0%} {fooled['letters']:18.0%}")

# %%
assert right[sure >= np.median(sure)].mean() > right.mean()
assert (unseen["letters"] >= 0.7).mean() > (unseen["noise"] >= 0.7).mean() + 0.2
print("It gets more of the half right that it is surest about than of all photos.")
print("A threshold of 70 % keeps out nearly all of the noise, but lets many of the letters through.")

# %% [markdown]
# How sure the network is tells you something about photos like those it learned from. About anything else, it promises
# nothing: here, a threshold works for noise and fails for letters, and you only know because you tried both. Show a
# network what it must refuse before you trust a threshold.
#
# ## Exercise 0.6: how good is it, really?
#
# A share of right answers among 130 photos is an estimate: with 130 other photos, it would come out differently. How
# wide is its 95 % interval, from low to high?

# %%
print(WIDTHS)


# %% exercise="0.6-predict"
def my_width():
    """Return one of WIDTHS."""
    ### BEGIN SOLUTION
    return "5 to 10 points"
    ### END SOLUTION


# %%
predict("0.6", my_width)


# %% [markdown]
# The formula in most books is the share ± 1.96 standard errors. Try it on ten right answers out of ten:


# %%
def half_width_of_books(share, num_images):
    """Return 1.96 standard errors of a share."""
    return 1.96 * np.sqrt(share * (1 - share) / num_images)


print(f"10 of 10: 100 % ± {half_width_of_books(1.0, 10):.0%}")

# %% [markdown]
# Certain, after ten photos? Doubt it, and find a better formula. You may always look things up.


# %% exercise="0.6"
def accuracy_interval(right):
    """Return `low, high` in [0, 1]: the 95 % interval of the accuracy; `right` is `(num_images,)`, true or false."""
    ### BEGIN SOLUTION
    from scipy.stats import binomtest

    interval = binomtest(int(sum(right)), len(right)).proportion_ci(method="wilson")
    return interval.low, interval.high
    ### END SOLUTION


# %% check="0.6" points=1
# Tried on ten out of ten, on how often it contains the truth, on its width, and on your own network's answers.
check("0.6", accuracy_interval, right)

# %% [markdown]
# ## What does this machine have?
#
# Everything here runs on an ordinary CPU. In a terminal, `tlkit doctor` looks at the whole installation and suggests a
# fix for each problem.

# %% tags=["nbval-ignore-output"]
print(describe_devices())

# %% [markdown]
# ## Exercise 0.7: how long will it take?
#
# Time one step: 32 photos pass through the network. TensorFlow builds a *graph* in the first call. How many times as
# long as a later call will the first one take?

# %%
print(FACTORS)


# %% exercise="0.7-predict"
def my_factor():
    """Return one of FACTORS."""
    ### BEGIN SOLUTION
    return "2 to 10 times"
    ### END SOLUTION


# %%
predict("0.7", my_factor)

# %% tags=["nbval-ignore-output"]
backbone, photos = load_backbone(weights="photos"), tf.constant(val.images[:32])
one_step = tf.function(lambda images: backbone(images, training=False))
timed = benchmark(lambda: one_step(photos), repeats=9)
print(f"{timed}: {32 / timed.median:.0f} images per second")

# %%
first_to_later = timed.first / timed.median
assert first_to_later > 2
print("The first call took more than twice as long as a later one.")

# %% [markdown]
# If you time only the first step, you measure the wrong thing, and your machine looks hopeless. Use both times.


# %% exercise="0.7"
def seconds_for(num_images, batch_size, epochs, first, later):
    """Return the seconds of a training run whose very first step takes `first` seconds, and each later one `later`.

    Each epoch goes through all images once; its last batch may be smaller, but takes as long as the others.
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
# Put photos into a folder with one subfolder per class, and name it here; or set `DOWNLOAD = True` to fetch five kinds
# of flowers. The board is the same.

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
# - A network learns new things fast if it can keep what it knows: the head alone is often enough, and more isn't always
#   better.
# - It always answers. How sure it is tells you little about pictures unlike those it learned from.
# - Report a share of right answers with an interval, and time the first step separately.
#
# Write down what you believe now, in one sentence each. The card shows it next to what you predicted and measured.


# %% exercise="0.7-believe"
def my_beliefs():
    """Return `{"0.1": ..., "0.5": ..., "0.6": ..., "0.7": ...}`: what you now believe, in your own words."""
    ### BEGIN SOLUTION
    return {
        "0.1": "I start with the head, and let more learn only where it helps.",
        "0.5": "Sure isn't right: I show a network what it has never seen before I trust a threshold.",
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
# ## In your own words
#
# **What do you believe now, and which of your figures says so?** Double-click the next cell, and replace its text with
# two or three sentences. No check can read them: in a course, a person does, and their points are counted separately.

# %% [markdown] essay="0.8" points=2
# I believe that the head alone is enough for a small set of photos: with it, my network got most of the validation
# photos right, and with everything learning, hardly any (row 0.1). And I no longer mistake "sure" for "right": it was
# still about a third sure about pure noise (0.5).

# %% [markdown]
# These are your points in this lesson. The panel keeps up as you work; `progress()` shows all lessons as a table.
# Right-click a panel and choose *Create New View for Output*: then it stays in sight while you scroll.

# %% tags=["nbval-ignore-output"]
Progress(0)

# %% [markdown]
# Next comes `01_feature_extraction.ipynb`, in the list of files on the left. It puts the claim of the first minute to
# the test.
#
# ## References
#
# - Guo et al. (2017), [On calibration of modern neural networks](https://arxiv.org/abs/1706.04599)
# - Hendrycks and Gimpel (2017), [A baseline for detecting misclassified and out-of-distribution
#   examples](https://arxiv.org/abs/1610.02136)
# - Wilson (1927), Probable inference, the law of succession, and statistical inference, JASA 22.
# - Howard et al. (2019), [Searching for MobileNetV3](https://arxiv.org/abs/1905.02244)
