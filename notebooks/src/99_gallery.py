# ---
# jupyter:
#   tlkit: {"minutes": 20}
# ---

# %% [markdown]
# # What can you interact with in this kit?
#
# This is a gallery rather than a lesson: it takes about 20 minutes and has no exercises. You will
#
# - see each widget with real images, and the traits that code can read and set;
# - freeze, train and compare on the board, and find the lines of plain Keras that do the same;
# - learn to use the widgets in a notebook of your own, by copying the cell.
#
# Everything works with the mouse and the keyboard. Use a widget, then run the cell below it again: Python and the page
# always agree. If the notebook is opened later, elsewhere, or on GitHub, a picture replaces each widget.

# %%
from tlkit.adaptation import Coral, turned_moons
from tlkit.backbones import add_head, list_backbones, load_backbone
from tlkit.data import load_dataset, load_digit_waves, make_glyphs
from tlkit.freezing import blocks, freeze, unfreeze
from tlkit.plots import explore_tradeoff
from tlkit.probes import linear_probe
from tlkit.selection import Task, list_latencies
from tlkit.speed import cache_features
from tlkit_widgets import AdviceBoard, AugmentationPreview, BackbonePicker, Confusion, FeatureMap, FreezeBoard, GainMap
from tlkit_widgets import GradCam, GradientDial, LatencyFront, LiveCurves, MoonsBoard, PlanBoard, Progress
from tlkit_widgets import PrototypeBoard, SpectrogramBoard, TeamBoard, WordRecorder

import keras
import numpy as np
from sklearn.calibration import CalibratedClassifierCV
from sklearn.decomposition import PCA
from sklearn.svm import SVC

keras.utils.set_random_seed(0)

# %%
data = load_dataset("textures", per_class=20)
train, val = data.train, data.val.take_per_class(20)
backbone = load_backbone("mobilenet_v3_small")
model = add_head(backbone, data.num_classes)
print(len(train), "images to train on,", len(val), "for validation, in", data.num_classes, "classes")

# %% [markdown]
# ## FreezeBoard: choose what learns, and see what it costs
#
# Each tile is a block of the network. Click one, drag the line, or press F on a tile to freeze up to there. The cards
# tell you what follows *before* you pay for it. *Measure* times an epoch; *Train* trains, and computes the frozen part
# only once. Change something, train again, and *Compare*.

# %%
board = FreezeBoard(model, train, val, learning_rate=1e-4)
board.freeze_until("expanded_conv_8")
board

# %%
print(board.states.count("frozen"), "blocks are frozen; rate", board.learning_rate, "and", len(board.runs), "runs")

# %% [markdown]
# The board sets the flags of the model itself, and it shows what your code sets.

# %%
_ = unfreeze(model), freeze(model, "expanded_conv_3")

# %%
print(board.states.count("frozen"), "blocks are frozen on the board now")

# %% [markdown]
# ## LiveCurves: watch training while it runs
#
# This is a Keras callback for any `fit`. While it runs, *Stop training* works; when it ends, a picture stays.

# %%
freeze(model)
loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
model.compile(keras.optimizers.Adam(0.003), loss, metrics=["accuracy"])
live = LiveCurves("head only", phase="feature extraction")
train_ds, val_ds = train.as_dataset(shuffle=True), val.as_dataset()
history = model.fit(train_ds, validation_data=val_ds, epochs=4, shuffle=False, verbose=0, callbacks=[live])

# %%
assert live.curves.best("val_accuracy").value > 2 / data.num_classes
print("the head is at least twice as good as chance, after", live.curves.num_epochs, "epochs:", live.curves.ended)

# %% [markdown]
# Evaluate its name to explore the curves again: zoom, smooth, read values, show the learning rate.

# %%
live

# %% [markdown]
# ## FeatureMap: which images look alike to a network?
#
# Move the slider through the layers. Point at a dot to see its image; click it to see its neighbours.


# %%
def features_at_cuts(backbone, images):
    """Return `{block: (num_images, channels)}`: the output of every third block, averaged over its positions."""
    cuts = {block.name: backbone.get_layer(block.layer_names[-1]).output for block in blocks(backbone)[::-3]}
    pooled = {name: keras.layers.GlobalAveragePooling2D()(cuts[name]) for name in reversed(cuts)}
    return keras.Model(backbone.inputs, pooled).predict(images, verbose=0)


random_backbone = load_backbone("mobilenet_v3_small", weights="random")
features = {
    "pre-trained": features_at_cuts(backbone, val.images),
    "random": features_at_cuts(random_backbone, val.images),
}

# %%
feature_map = FeatureMap(features, val.images, val.labels, data.class_names, selected=0)
feature_map

# %%
print(feature_map.source, feature_map.cut, feature_map.selected)

# %% [markdown]
# ## GainMap: which source helps, with how many labels, and would another seed agree?
#
# The map shows how much a probe on frozen features gains over one on the features of a random network, with five draws
# of the labels. Press a cell to see its single runs; draw one seed at a time, and see whether a cell changes its mind.


# %%
def pooled(weights):
    """Return a backbone that gives one row of features per image."""
    backbone = load_backbone("mobilenet_v3_small", weights=weights)
    return keras.Model(backbone.input, keras.layers.GlobalAveragePooling2D()(backbone.output))


def accuracies(weights):
    """Return `(num_budgets, 5)`: the validation accuracy of a probe, for each budget of labels and five draws."""
    network, found = pooled(weights), []
    unknown = cache_features(network, val).features
    for budget in budgets:
        draws = [train.take_per_class(budget, seed) for seed in range(5)]
        probes = [linear_probe(cache_features(network, draw).features, draw.labels) for draw in draws]
        found.append([probe.score(unknown, val.labels) for probe in probes])
    return np.array(found)


# %% tags=["nbval-ignore-output"]
sources, budgets, scores = ["photos", "glyphs", "colours"], [1, 3, 10], {}
bar = keras.utils.Progbar(1 + len(sources), unit_name="network")
for source in ("random", *sources):
    scores[source] = accuracies(source)
    bar.add(1)

# %%
gains = [scores[source] - scores["random"] for source in sources]
gain_map = GainMap(gains, sources, budgets)
gain_map

# %%
print(gain_map.num_seeds, "seeds drawn; selected:", gain_map.selected)

# %% [markdown]
# ## Confusion: which classes are mistaken for which, and on which images?

# %%
last = feature_map.cuts[-1]
probe = linear_probe(features_at_cuts(backbone, train.images)[last], train.labels)
confusion = Confusion(val.labels, probe.decision_function(features["pre-trained"][last]), val.images, data.class_names)
confusion

# %%
print(confusion.selected, confusion.images)

# %% [markdown]
# ## GradCam: where in the image is the evidence?

# %%
cam = GradCam(model, val.images[:40], data.class_names, val.labels[:40])
cam.block = "expanded_conv_7"  # a finer grid than the last block's
cam

# %%
print("image", cam.index, "explained at", cam.block, "on a grid of", cam.heat.shape)

# %% [markdown]
# ## AugmentationPreview: how far can you change an image and still keep its label?

# %%
captions = [data.class_names[label] for label in train.labels[:20]]
preview = AugmentationPreview(train.images[:20], captions, rotation=0.1, zoom=0.2, flip="horizontal")
preview

# %%
print([type(layer).__name__ for layer in preview.layers.layers])

# %% [markdown]
# ## BackbonePicker: which backbone, at what cost?

# %%
picker = BackbonePicker()
picker

# %%
print(picker.selected)

# %% [markdown]
# ## A trade-off to explore: which backbones are beaten by another?
#
# Each point is a backbone: its size, and the published accuracy of its ImageNet weights. For those on the line, no
# other backbone is as small and more accurate. Point at one to read everything known about it; drag over an area to
# enlarge it.

# %%
rows = [
    {"name": info.name, "MB": info.size_mb, "ImageNet accuracy": info.imagenet_top1, "pixels": info.input_size}
    for info in list_backbones()
]
tradeoff = explore_tradeoff(rows, "MB", "ImageNet accuracy", log_cost=True, title="Small or accurate?")
tradeoff

# %%
print(len(tradeoff.front), "of", len(rows), "backbones; the smallest of them is", tradeoff.front[0])

# %% [markdown]
# ## LatencyFront: which network can you afford?

# %%
explorer = LatencyFront([vars(row) for row in list_latencies()], milliseconds=60)
explorer

# %%
print("the most accurate that you can afford:", explorer.front[-1])

# %% [markdown]
# ## AdviceBoard: which way suits what you have?

# %%
advice = AdviceBoard(Task(labels=20))
advice

# %%
print(advice.advice)

# %% [markdown]
# ## MoonsBoard: how far can a target turn away from its labels?
#
# The target's points have no labels. With strength 1, the source's points get the mean and the covariance of the target
# (CORAL) before a support vector machine learns from them; with strength 0, they stay where they are.


# %%
def fit_svm(source, labels, target, strength):
    """Return a support vector machine that has learned from the source, moved towards the target."""
    moved = Coral(ridge=1e-3).fit(source, target).transform_source(source)
    return CalibratedClassifierCV(SVC(), ensemble=False).fit((1 - strength) * source + strength * moved, labels)


moons = MoonsBoard(fit_svm, lambda angle: turned_moons(200, angle), angles=[0, 20, 40, 60], strengths=[0, 0.5, 1])
moons.angle, moons.strength = 2, 2
moons

# %%
print(moons.describe())

# %% [markdown]
# ## PrototypeBoard: what do a few examples say?

# %%
letters = make_glyphs(15, seed=23, classes="αβγ")
shades = letters.images.mean(axis=-1).reshape(len(letters), -1)
plane = PCA(2, random_state=0).fit_transform(shades)
first = np.concatenate([np.flatnonzero(letters.labels == row)[:3] for row in range(3)])
others = np.setdiff1d(np.arange(len(letters)), first)
prototypes = PrototypeBoard(
    plane[first],
    letters.labels[first],
    letters.images[first],
    letters.class_names,
    plane[others],
    letters.labels[others],
)
prototypes

# %%
print(f"{prototypes.accuracy:.0%} of {len(others)} queries right, by the nearest {prototypes.rule}")

# %% [markdown]
# ## GradientDial: whose loss falls in a shared step?
#
# Drag the second arrow. In the shaded part both losses fall; outside, one of the tasks pays. The angles, lengths and
# gains of the two buttons are made up; lesson 8 measures real ones.

# %%
measured = {"ally": {"angle": 50, "length": 0.8, "gain": 3.0}, "rival": {"angle": 130, "length": 2.0, "gain": -2.0}}
dial = GradientDial(measured, first="digit")
dial.take("rival")
dial

# %%
print(dial.describe())

# %% [markdown]
# ## TeamBoard: who should vote?
#
# Three probes look at the same textures: on the last block, on an early one, and on a random network. Switch them off
# and on. The prices in milliseconds are made up.

# %%
places = [("pre-trained", feature_map.cuts[-1]), ("pre-trained", feature_map.cuts[1]), ("random", feature_map.cuts[1])]
known = {"pre-trained": features_at_cuts(backbone, train.images)}
known["random"] = features_at_cuts(random_backbone, train.images)
chances = [linear_probe(known[name][cut], train.labels).predict_proba(features[name][cut]) for name, cut in places]
order = np.random.default_rng(0).permutation(len(val))[:20]
names = ["photos, last", "photos, early", "random, early"]
team = TeamBoard(chances, val.labels, names, [3, 1, 1], val.images[order], rows=order)
team.on = [True, True, False]
team

# %%
print(sum(team.on), "members vote, for", team.milliseconds, "ms an image")

# %% [markdown]
# ## SpectrogramBoard: what can you take away from a word?
#
# Draw on the sound to silence parts of it, and play what is left.

# %%
six = SpectrogramBoard(load_digit_waves()[6], 8000)
six.cover(hertz=(2500, 4000))
six

# %%
print(six.describe())

# %% [markdown]
# ## WordRecorder: words of your own
#
# Turn the microphone on (the browser asks first), choose a word, and record it; or add sound files.

# %%
recorder = WordRecorder(["yes", "no"])
recorder

# %%
waves, words = recorder.clips
print(len(waves), "clips recorded")

# %% [markdown]
# ## PlanBoard: what will be sold at another price?
#
# The forecast here is a formula: sales fall with the square of the price, and double on display.


# %%
def forecast(price, display):
    """Return the lower end, the middle and the upper end of the units sold in each week."""
    middle = 400 / price**2 * (1 + display)
    return 0.8 * middle, middle, 1.25 * middle


plan = PlanBoard([90, 110, 95, 105, 100, 98], forecast, price=[2.0] * 6, display=[0.0] * 6)
plan.change(price=1.6, weeks=(3, 4))
plan

# %%
print([round(units) for units in plan.middle])

# %% [markdown]
# ## Progress: points, attempts and hints of the exercises

# %%
Progress(1)

# %% [markdown]
# ## What we saw
#
# Each widget is an object whose traits are its state: set one in code, and the page follows; use the page, and code can
# read it. What the widgets do is plain Keras, and they show the lines.
#
# ## References
#
# - [anywidget](https://anywidget.dev), on which the widgets are built; [ipywidgets](https://ipywidgets.readthedocs.io).
# - Selvaraju et al., [Grad-CAM](https://arxiv.org/abs/1610.02391), ICCV 2017.
