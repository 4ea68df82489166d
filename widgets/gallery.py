# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # What can be touched in this kit?
#
# Each widget on real images, with the traits that code can read and set. Click, then run the cell below it: Python
# and the page always agree.

# %%
import keras
from IPython.display import display
from sklearn.linear_model import LogisticRegression
from tlkit_widgets import (
    AugmentationPreview,
    BackbonePicker,
    Confusion,
    FeatureMap,
    FreezeBoard,
    GradCam,
    LiveCurves,
    Progress,
)

from tlkit.backbones import add_head, load_backbone
from tlkit.data import load_dataset
from tlkit.freezing import blocks

keras.utils.set_random_seed(0)

# %%
data = load_dataset("textures", per_class=30)
train, val = data.train, data.val
backbone = load_backbone("mobilenet_v3_small")

# %% [markdown]
# ## FeatureMap
# Which images does a network take for alike? Move the slider through its layers; click a dot for its neighbours.


# %%
def features_at_cuts(model, images):
    """Pooled features after each block that a single tensor leaves."""
    cuts = {part.name: part.layers[-1].output for part in blocks(model) if part.cut}
    pooled = [keras.layers.GlobalAveragePooling2D()(output) for output in cuts.values()]
    return dict(zip(cuts, keras.Model(model.inputs, pooled).predict(images, verbose=0), strict=True))


# %%
random_backbone = load_backbone("mobilenet_v3_small", weights=None)
features = {
    "pre-trained": features_at_cuts(backbone, train.images),
    "random": features_at_cuts(random_backbone, train.images),
}

# %%
feature_map = FeatureMap(features, train.images, train.labels, data.class_names, selected=0)
display(feature_map)

# %%
print(feature_map.source, feature_map.cut, feature_map.selected, feature_map.same_class)

# %% [markdown]
# ## LiveCurves
# A Keras callback. While `fit` runs the curves are live and *Stop training* works; then a picture stays.

# %%
model = add_head(backbone, data.num_classes)
backbone.trainable = False
model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])

# %%
live = LiveCurves("head only", phase="feature extraction")
train_ds, val_ds = train.as_dataset(shuffle=True), val.as_dataset()
model.fit(train_ds, validation_data=val_ds, epochs=6, shuffle=False, verbose=0, callbacks=[live])
print(live.curves.best())

# %% [markdown]
# Name it to explore the curves again: zoom, smooth, read values.

# %%
display(live)

# %% [markdown]
# ## FreezeBoard
# Choose what learns, see what it costs, train, compare.

# %%
board = FreezeBoard(model, train, val, learning_rate=1e-4, epochs=3)
board.freeze_until("expanded_conv_8")
display(board)

# %%
print(board.states.count("frozen"), board.learning_rate, board.runs)

# %% [markdown]
# ## Confusion
# Which classes are confused, and with which images?

# %%
last = feature_map.cuts[-1]
probe = LogisticRegression(max_iter=300).fit(features["pre-trained"][last], train.labels)
val_features = features_at_cuts(backbone, val.images)[last]
confusion = Confusion(val.labels, probe.decision_function(val_features), val.images, data.class_names)
display(confusion)

# %%
print(confusion.selected, confusion.images)

# %% [markdown]
# ## GradCam
# Where in the image is the evidence?

# %%
cam = GradCam(model, val.images[:40], data.class_names, val.labels[:40])
display(cam)

# %%
print(cam.index, cam.class_names[cam.explained], cam.heat.shape)

# %% [markdown]
# ## AugmentationPreview
# How far may an image be changed and still keep its label?

# %%
preview = AugmentationPreview(
    train.images[:20], [data.class_names[i] for i in train.labels[:20]], rotation=0.1, zoom=0.2, flip="horizontal"
)
display(preview)

# %%
preview.layers.summary()

# %% [markdown]
# ## BackbonePicker
# Which backbone, at what price on this machine?

# %%
picker = BackbonePicker()
display(picker)

# %%
print(picker.selected)

# %% [markdown]
# ## Progress
# Points and attempts of the exercises, kept up to date while cells run.

# %%
display(Progress())
