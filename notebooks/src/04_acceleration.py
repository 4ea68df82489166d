# ---
# jupyter:
#   tlkit: {"minutes": 60}
# ---

# %% [markdown]
# # What makes training faster, and what only seems to?
#
# About 60 minutes, of which two cores compute about two. You will
#
# - time code fairly, and see how an unfair clock turns the order of the fast and the slow around;
# - try the usual remedies, pipeline, batch size, 16 bits, XLA, several devices, and say where each one hurts;
# - predict from a measured profile what a faster device would bring, and get a speed-up that needs none.
#
# All of it runs without a GPU. With one, the same cells use it. `hint("4.2")` in a cell of your own gives the first
# of three steps for exercise 4.2.

# %%
import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # notes of TensorFlow's C++ part; real errors are raised in Python
from tlkit.backbones import add_head, load_backbone
from tlkit.checks import check, hint, predict, progress
from tlkit.checks.lesson_card import lesson_card
from tlkit.data import load_dataset
from tlkit.devices import benchmark_in_turns, describe_devices, list_records, replica_devices, split_cpu
from tlkit.freezing import freeze
from tlkit.speed import fit

import keras
import numpy as np
import tensorflow as tf

keras.utils.set_random_seed(0)

# %% [markdown]
# ## What is there to compute on?
#
# Two settings must be made before TensorFlow computes anything. We let it see the processor as two *logical* devices,
# so that section 6 can share work between devices without a GPU. And a GPU's memory is to be taken as needed:
# TensorFlow else takes all of it at once, and the next notebook gets none.

# %%
processors = split_cpu(2)
for gpu in tf.config.list_physical_devices("GPU"):
    tf.config.experimental.set_memory_growth(gpu, True)
print(processors)

# %% tags=["nbval-ignore-output"]
print(describe_devices())

# %% [markdown]
# Every tensor knows the device that it is on. Ask for one by name, then ask for the first GPU. Where does the second
# product end up on *your* machine?

# %%
with tf.device(processors[-1]):
    product = tf.ones((2, 2)) @ tf.ones((2, 2))
print("on", product.device[-5:])

# %% tags=["nbval-ignore-output"]
with tf.device("GPU:0"):
    wished = tf.ones((2, 2)) @ tf.ones((2, 2))
print("on", wished.device[-5:])

# %% [markdown]
# Without a GPU this raises nothing and warns of nothing: TensorFlow places *softly*, and takes what there is. A wish
# is not a measurement: look at `.device`. (`tf.config.set_soft_device_placement(False)` makes it an error.)
#
# ## 1. A fair clock
#
# Is a network faster when TensorFlow turns it into a graph? Let us time both, as one does: start the clock, call,
# stop.

# %%
data = load_dataset("textures")
backbone = load_backbone(weights="photos")
one_image = tf.constant(data.train.images[:1], tf.float32)
in_graph = tf.function(lambda: backbone(one_image, training=False))
ways = {"eager": lambda: backbone(one_image, training=False), "graph": in_graph}

# %%
import time


def seconds_of(fn):
    """Return the seconds of one call."""
    start = time.perf_counter()
    fn()
    return time.perf_counter() - start


calls = {name: [seconds_of(fn)] for name, fn in ways.items()}
print("Timed once, the faster one is:", min(calls, key=lambda name: calls[name][0]))

# %% [markdown]
# So graphs are slow? Call each of them some more times before you believe it, and take turns, so that a slow moment
# of the machine hits both.

# %%
for _ in range(12):
    for name, fn in ways.items():
        calls[name].append(seconds_of(fn))
later = {name: np.median(times[1:]) for name, times in calls.items()}
assert calls["graph"][0] > calls["eager"][0]
assert later["graph"] < later["eager"]
print("After the first call, the faster one is:", min(later, key=later.get))

# %%
from tlkit.plots.style import finish, new_axes

ax = new_axes(None, (5.4, 3.0))
for marker, (name, times) in zip("os", calls.items(), strict=True):
    ax.plot(range(1, len(times) + 1), times, marker + "-", label=name)
ax.set_yscale("log")
ax.legend(frameon=False, labelcolor="#222222")
_ = finish(ax, "The first call of a graph builds it", "call", "seconds")

# %% [markdown]
# The first call *traces*: it runs the Python code once and writes down the graph. Timed once, you measure that. A
# fair time
#
# 1. leaves the first calls out, as a warm-up, and reports them apart;
# 2. takes the *median* of the rest: another program may interrupt one call;
# 3. waits for the result: on a GPU a call returns before the work is done, and only `.numpy()` waits;
# 4. lets what is compared take turns.
#
# ## Exercise 4.1: a fair time
#
# The kit's `benchmark_in_turns` does all four. Write its core.


# %% exercise="4.1"
def fair_time(seconds, num_warmup):
    """Return the median of the calls after the first `num_warmup`, or `None` if fewer than five are left.

    `seconds` is an array of the times of calls, in their order.
    """
    ### BEGIN SOLUTION
    timed = seconds[num_warmup:]
    return float(np.median(timed)) if len(timed) >= 5 else None
    ### END SOLUTION


# %% check="4.1" points=2
# Tried on an interrupted call, an even number of calls, and too few of them.
check("4.1", fair_time)

# %% [markdown]
# Now measure by a click. The table lists the backbones of Keras. Sort it by parameters, pick a small and a larger
# one, and press the button that measures. **Is the one with fewer parameters faster?** Find a pair for which it is
# not.

# %%
from tlkit_widgets import BackbonePicker

picker = BackbonePicker()
picker

# %%
timed = [row for row in picker.rows if row["name"] in picker.milliseconds]
if len(timed) < 2:
    print("Measure at least two backbones with the button, then run this cell again.")
else:
    smallest = min(timed, key=lambda row: row["parameters"])["name"]
    print("fewest parameters:", smallest, "| fastest:", min(picker.milliseconds, key=picker.milliseconds.get))

# %% [markdown]
# ## 2. The input pipeline
#
# A device that waits for images is no faster than the disk. So that you see the same on every machine, we *imitate*:
# a pause for each image that is read, and a pause for each training step, as if a GPU computed it.

# %%
NUM_IMAGES, READ_SECONDS, STEP_SECONDS = 96, 0.003, 0.06
reads = []


def read(number):
    """Return an image and its label, after a pause."""
    time.sleep(READ_SECONDS)
    reads.append(number)
    return data.train.images[number].astype("float32"), data.train.labels[number]


def load(number):
    """Call `read` from TensorFlow."""
    image, label = tf.numpy_function(read, [number], (tf.float32, tf.int32))
    return tf.ensure_shape(image, (64, 64, 3)), tf.ensure_shape(label, ())


# %%
augment = keras.Sequential([keras.layers.RandomBrightness(0.1, value_range=(0, 255))])


def augmented(batches):
    """Augment each batch anew."""
    return batches.map(lambda x, y: (augment(x, training=True), y))


numbers = tf.data.Dataset.range(NUM_IMAGES)
pipelines = {
    "as written": augmented(numbers.map(load).batch(32)),
    "prefetch": augmented(numbers.map(load).batch(32)).prefetch(2),
    "parallel reads": augmented(numbers.map(load, num_parallel_calls=8).batch(32)),
    "cache": augmented(numbers.map(load).cache().batch(32)),
    "cache, prefetch": augmented(numbers.map(load).cache().batch(32)).prefetch(2),
}


# %%
def train_for(num_epochs, dataset):
    """Return the seconds of each epoch, and how many images each one read."""
    seconds, num_reads = [], []
    for _ in range(num_epochs):
        reads.clear()
        start = time.perf_counter()
        for _batch in dataset:
            time.sleep(STEP_SECONDS)
        seconds.append(time.perf_counter() - start)
        num_reads.append(len(reads))
    return seconds, num_reads


epochs = {name: train_for(2, dataset) for name, dataset in pipelines.items()}
for name, (_, num_reads) in epochs.items():
    print(f"{name:16} images read in epoch 1 and 2: {num_reads}")

# %%
ax = new_axes(None, (5.4, 2.8))
second_epoch = {name: seconds[1] for name, (seconds, _) in epochs.items()}
ax.barh(list(second_epoch), list(second_epoch.values()), color="#0072B2")
ax.axvline(NUM_IMAGES / 32 * STEP_SECONDS, linestyle=":", color="#D55E00", label="the steps alone")
ax.invert_yaxis()
ax.legend(frameon=False, labelcolor="#222222")
assert second_epoch["cache"] < second_epoch["as written"]
_ = finish(ax, "Who waits for whom?", "seconds of the second epoch")

# %% [markdown]
# `prefetch` reads the next batch while the present one is trained on: the longer of the two remains. Parallel reads
# shorten the reading itself. `cache` removes it, from the second epoch on, if the images fit into memory. **The order
# counts**: what stands before `cache` is done once, and never again. That is right for reading, and wrong for
# whatever is random.
#
# ## Exercise 4.2: the order of a pipeline
#
# Make it fast, and keep it right: each image read once, however many epochs; another order and other augmentation in
# each of them.


# %% exercise="4.2"
def fast_batches(dataset, augment):
    """Return batches of 8 as a `tf.data.Dataset`, the last one smaller.

    `dataset` gives single pairs of image and label, fewer than 1,000, and reads slowly. `augment` is a Keras layer for
    batches of images, random if called with `training=True`.
    """
    ### BEGIN SOLUTION
    batches = dataset.cache().shuffle(1000).batch(8)
    return batches.map(lambda x, y: (augment(x, training=True), y), num_parallel_calls=tf.data.AUTOTUNE).prefetch(2)
    ### END SOLUTION


# %% check="4.2" points=2
# Three epochs over images that count how often they are read.
check("4.2", fast_batches)

# %% [markdown]
# ## 3. Batch size and memory
#
# A device has a fixed price for each operation, whatever the batch. So larger batches give more images a second. How
# many times more does the frozen network give with batches of 64 than image by image?


# %% exercise="4.3-predict"
def my_throughput():
    """Return "below 2 times", "2 to 5 times" or "above 5 times"."""
    ### BEGIN SOLUTION
    return "above 5 times"
    ### END SOLUTION


# %%
predict("4.3", my_throughput)

# %%
import functools

spec = tf.TensorSpec((None, 64, 64, 3), tf.float32)
forward = tf.function(lambda images: backbone(images, training=False), input_signature=[spec])
images = tf.constant(data.train.images[:64], tf.float32)
sizes = [1, 8, 64]
times = benchmark_in_turns({str(size): functools.partial(forward, images[:size]) for size in sizes}, repeats=7)
rates = {str(size): size / times[str(size)].median for size in sizes}

# %%
ax = new_axes(None, (5.4, 2.8))
ax.loglog(sizes, list(rates.values()), "o-", color="#0072B2")
ax.set_xticks(sizes, [str(size) for size in sizes])
assert rates["64"] > rates["1"]
_ = finish(ax, "A full batch shares the fixed price", "images a batch", "images a second")

# %% [markdown]
# Why not take the largest batch there is, then? Training must keep the output of every layer until the gradients are
# computed. Let us count the numbers that one image leaves behind in this network, and those of its weights.

# %%
model = add_head(backbone, data.num_classes)
numbers_per_image = sum(int(np.prod(layer.output.shape[1:])) for layer in model.layers)
kept_for_weights = 4 * 4 * model.count_params()  # weight, gradient, two averages of Adam; 4 bytes each
kept_for_images = 4 * 64 * numbers_per_image
assert kept_for_images > kept_for_weights
print("A batch of 64 images needs more memory than the weights, their gradients and Adam's averages together.")

# %% tags=["nbval-ignore-output"]
print(f"weights and what belongs to them: {kept_for_weights / 1e6:.0f} MB; 64 images: {kept_for_images / 1e6:.0f} MB")
if tf.config.list_physical_devices("GPU"):
    print(f"peak on the GPU so far: {tf.config.experimental.get_memory_info('GPU:0')['peak'] / 1e6:.0f} MB")
else:
    print("TensorFlow counts the memory of GPUs only: with one, its peak stands here.")

# %% [markdown]
# ## Exercise 4.3: how many images fit?
#
# "Out of memory" comes after minutes of waiting, if you try. A few lines of arithmetic say it before. (A real library
# needs some more for itself: leave a fifth free.)


# %% exercise="4.3"
def largest_batch(budget, num_weights, num_learning, numbers_per_image):
    """Return how many images fit into `budget` bytes in a training step with Adam; 0 if none does.

    At once there are, 4 bytes each: all `num_weights` weights; for each of the `num_learning` ones among them also a
    gradient and Adam's two averages; and for each image `numbers_per_image` outputs of layers.
    """
    ### BEGIN SOLUTION
    once = 4 * (num_weights + 3 * num_learning)
    return max(0, (budget - once) // (4 * numbers_per_image))
    ### END SOLUTION


# %% check="4.3" points=2
# Tried with all weights learning, with most of them frozen, with a remainder, and with too little.
check("4.3", largest_batch, rates)

# %% [markdown]
# ## 4. Sixteen bits
#
# Half the bits: half the memory for what a layer says, and more speed on a GPU with the right units. *Mixed*
# precision computes in 16 bits and keeps the weights in 32. What happens to the time of a training step on *this*
# machine?


# %% exercise="4.4-predict"
def my_half_speed():
    """Return "faster", "about as fast" or "slower", for mixed_float16 against float32."""
    ### BEGIN SOLUTION
    return "faster"
    ### END SOLUTION


# %%
predict("4.4", my_half_speed)

# %%
layer = keras.layers.Dense(4, dtype="mixed_float16")
output = layer(np.ones((1, 3)))
print("weights:", layer.kernel.dtype, "| computes in:", layer.compute_dtype, "| output:", output.dtype.name)


# %% [markdown]
# So the last layer of a model should say `dtype="float32"`: a loss of 16-bit logits is coarse.


# %%
def small_network(policy):
    """Return a compiled network that computes by that policy."""
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(policy)
    layers = [keras.layers.Conv2D(32, 3, strides=2, activation="relu") for _ in range(2)]
    head = [keras.layers.GlobalAveragePooling2D(), keras.layers.Dense(13, dtype="float32")]
    network = keras.Sequential([keras.Input((64, 64, 3)), keras.layers.Rescaling(1 / 255), *layers, *head])
    network.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    keras.config.set_dtype_policy(before)
    return network


batch = data.train.images[:32], data.train.labels[:32]
networks = {policy: small_network(policy) for policy in ("float32", "mixed_float16", "mixed_bfloat16")}
steps = {policy: functools.partial(network.train_on_batch, *batch) for policy, network in networks.items()}
bits = {policy: found.median for policy, found in benchmark_in_turns(steps, repeats=7).items()}

# %%
ax = new_axes(None, (5.4, 2.2))
ax.barh(list(bits), [1000 * seconds for seconds in bits.values()], color="#0072B2")
ax.invert_yaxis()
_ = finish(ax, "Sixteen bits are fast only where there are units for them", "milliseconds of a training step")

# %% [markdown]
# Two kinds of 16 bits, and they can differ a lot: where a processor has no units for float16, each number is turned
# into 32 bits and back. Python warns of nothing; at most TensorFlow's own log has a note. The clock says it.
#
# Speed is not the only question. What becomes of small numbers, as gradients are?

# %%
gradient = np.float32(1e-8)
print("float16: ", "lost" if np.float16(gradient) == 0 else "kept")
print("bfloat16:", "lost" if float(tf.cast(gradient, tf.bfloat16)) == 0 else "kept")
print("bfloat16, 256 + 1 =", float(tf.cast(256, tf.bfloat16) + tf.cast(1, tf.bfloat16)))
scale = np.float32(2**15)
print("float16, scaled:  ", "lost" if np.float16(gradient * scale) == 0 else "kept")

# %% [markdown]
# bfloat16 has the range of float32, but few digits. float16 has more digits and loses what is small. The cure is
# *loss scaling*: multiply the loss, and so all gradients, by a large number; divide before the optimizer sees them.
# If the number was too large for one of them, leave this step out and halve it.

# %%
print(type(networks["mixed_float16"].optimizer).__name__, "|", type(networks["mixed_bfloat16"].optimizer).__name__)

# %% [markdown]
# ## Exercise 4.4: sixteen bits
#
# Keras wraps the optimizer by itself, as you see. Write what that wrapper does with the gradients of a step.


# %% exercise="4.4"
def unscale(half, scale):
    """Return `(gradients, next_scale)` for the optimizer.

    `half` are gradients of a loss that was multiplied by `scale`: an array of float16. The gradients are float32, and
    the scale stays. If any is infinite or NaN, the step is left out: `None`, and half of the scale.
    """
    ### BEGIN SOLUTION
    if not np.isfinite(half).all():
        return None, scale / 2
    return half.astype("float32") / scale, scale
    ### END SOLUTION


# %% check="4.4" points=2
# Tried on large gradients, on tiny ones, and on overflows.
check("4.4", unscale, bits)

# %% [markdown]
# ## 5. XLA
#
# XLA compiles a graph for one device and one shape: it joins operations, so that fewer results travel through memory.
# Compiling takes time, once. Here are three convolutions, as in any network for images. After how many steps has
# compiling paid *here*?


# %% exercise="4.5-predict"
def my_xla():
    """Return "within 1,000 steps", "later" or "never here"."""
    ### BEGIN SOLUTION
    return "within 1,000 steps"
    ### END SOLUTION


# %%
predict("4.5", my_xla)


# %%
def convolve(x):
    """Three convolutions."""
    for kernel in kernels:
        x = tf.nn.relu(tf.nn.conv2d(x, kernel, 1, "SAME"))
    return x


def many_small(x):
    """Two hundred operations on very few numbers."""
    for _ in range(100):
        x = x + tf.sin(x)
    return x


kernels = [tf.random.normal((3, 3, 16, 16)) for _ in range(3)]
inputs = {convolve: tf.random.normal((16, 32, 32, 16)), many_small: tf.ones(8)}

# %%
compiling = {}
for function, x in inputs.items():
    plain, compiled = tf.function(function), tf.function(function, jit_compile=True)
    for graph in (plain, compiled):
        graph.get_concrete_function(x)  # traces, as both must; what the first call takes on top is the compiling
    both = {"plain": functools.partial(plain, x), "compiled": functools.partial(compiled, x)}
    found = benchmark_in_turns(both, repeats=9)
    extra = found["compiled"].first - found["compiled"].median
    compiling[function.__name__] = {"compile": extra, **{name: one.median for name, one in found.items()}}
xla = compiling["convolve"]

# %% tags=["nbval-ignore-output"]
for name, found in compiling.items():
    print(f"{name:10} compiling {found['compile']:.2f} s; a step plain {1000 * found['plain']:.2f} ms,", end=" ")
    print(f"compiled {1000 * found['compiled']:.2f} ms: {found['plain'] / found['compiled']:.1f} times as fast")

# %% [markdown]
# Two hundred tiny operations are one after compiling: the fixed price of each is gone. Convolutions have no such
# price to save, and on a processor XLA's own are often slower than those that TensorFlow calls. On a GPU it may be
# the other way round. So the question is never "is XLA fast?", but "for this function, on this device, after how many
# steps?".
#
# ## Exercise 4.5: when has compiling paid?


# %% exercise="4.5"
def break_even(compile_seconds, plain, compiled):
    """Return the smallest number of steps whose gain pays for compiling, or `None` if no number does.

    All in seconds: `compile_seconds` once, `plain` or `compiled` for each step.
    """
    ### BEGIN SOLUTION
    gain = plain - compiled
    return int(np.ceil(compile_seconds / gain)) if gain > 0 else None
    ### END SOLUTION


# %% check="4.5" points=2
# Tried on gains, on equal steps, on losses, and on your own times.
check("4.5", break_even, xla)

# %% [markdown]
# ## 6. Several devices
#
# *Data parallelism*: each device has a copy of the model and a part of the batch, a *shard*. Each computes the
# gradient of its shard; these are combined, and every copy takes the same step.

# %%
loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
layers = [keras.layers.Conv2D(8, 3, strides=2, activation="relu"), keras.layers.GlobalAveragePooling2D()]
network = keras.Sequential([keras.Input((64, 64, 3)), keras.layers.Rescaling(1 / 255), *layers, keras.layers.Dense(13)])


def gradients_on(device, images, labels):
    """Return the gradients of the mean loss of these images, computed on that device."""
    with tf.device(device):
        with tf.GradientTape() as tape:
            value = loss(labels, network(images, training=True))
        return tape.gradient(value, [weight.value for weight in network.trainable_weights])


# %%
images, labels = batch
shards = [gradients_on(processors[0], images[:16], labels[:16]), gradients_on(processors[-1], images[16:], labels[16:])]
whole = gradients_on(processors[0], images, labels)
mean = [(first + second) / 2 for first, second in zip(*shards, strict=True)]
assert all(np.allclose(a, b, atol=1e-5) for a, b in zip(mean, whole, strict=True))
print("The second half was computed on", shards[1][-1].device[-5:])
print("The mean of the two halves' gradients is the gradient of the whole batch.")

# %% [markdown]
# Keras does all of this if the model is made and compiled in the `scope` of a strategy. `replica_devices` names your
# GPUs if you have two or more, else the two halves of the processor. How long will an epoch take on two of these?


# %% exercise="4.6-predict"
def my_two_devices():
    """Return "about half the time", "about the same time" or "clearly longer"."""
    ### BEGIN SOLUTION
    return "about half the time"
    ### END SOLUTION


# %%
predict("4.6", my_two_devices)

# %%
strategy = tf.distribute.MirroredStrategy(replica_devices())
with strategy.scope():
    twin = keras.models.clone_model(network)
    twin.compile(keras.optimizers.SGD(0.1), loss)
twin.set_weights(network.get_weights())
network.compile(keras.optimizers.SGD(0.1), loss)
batches = tf.data.Dataset.from_tensor_slices((data.train.images[:256], data.train.labels[:256])).batch(64)
options = {"shuffle": False, "verbose": 0}
for one in (network, twin):
    one.fit(batches, **options)

# %%
assert all(np.allclose(a, b, atol=1e-4) for a, b in zip(network.get_weights(), twin.get_weights(), strict=True))
print(f"{strategy.num_replicas_in_sync} devices, one model: after an epoch the same weights, up to rounding.")

# %% tags=["nbval-ignore-output"]
trainings = {
    "one device": lambda: network.fit(batches, **options),
    "two devices": lambda: twin.fit(batches, **options),
}
devices = {name: found.median for name, found in benchmark_in_turns(trainings, repeats=5, warmup=0).items()}
print(f"an epoch on two devices takes {devices['two devices'] / devices['one device']:.1f} times as long as on one")

# %% [markdown]
# Two halves of one processor share the same cores, so there is nothing to gain, and the sharing has a price of its
# own, which shows the more the smaller the network is. With two GPUs there is twice the hardware. The *numbers* are
# the same in both cases, and that is what we could test here: the same batch, the same step. Whoever gives each
# device a full batch has doubled the batch, and must look at the learning rate again. (BatchNorm is an exception:
# each device normalises by the images of its own shard.)
#
# Over several machines the strategy is `tf.distribute.MultiWorkerMirroredStrategy()`. Each machine runs the same
# program, with a text that says who takes part, and who it is itself.

# %%
import json

cluster = {"worker": ["10.0.0.1:2222", "10.0.0.2:2222"]}
print("TF_CONFIG =", json.dumps({"cluster": cluster, "task": {"type": "worker", "index": 0}}))

# %% [markdown]
# With that strategy `fit` of Keras 3.15 stops at its first batch. A loop of your own over Keras' `train_step` does not,
# as a test of this kit shows with two processes. The loop runs on any strategy, so also here, on the two halves.


# %%
def train_one_epoch(model, batches, strategy):
    """Take a training step with each batch, on all devices of the strategy."""
    step = tf.function(lambda batch: strategy.run(model.train_step, args=(batch,)))
    for batch in strategy.experimental_distribute_dataset(batches):
        step(batch)


before = twin.get_weights()
train_one_epoch(twin, batches, strategy)
print("The weights moved:", all(not np.array_equal(a, b) for a, b in zip(before, twin.get_weights(), strict=True)))

# %% [markdown]
# ## Exercise 4.6: shards of a batch
#
# The last batch of an epoch is seldom even. Combine the gradients of any shards.


# %% exercise="4.6"
def combine(gradients, num_images):
    """Return the gradient of all images together: a list of arrays, one for each weight.

    `gradients` has a list for each device: the gradients of the *mean* loss of its shard, one array for each weight.
    `num_images` is the size of each shard.
    """
    ### BEGIN SOLUTION
    return [np.average(np.stack(parts), axis=0, weights=num_images) for parts in zip(*gradients, strict=True)]
    ### END SOLUTION


# %% check="4.6" points=2
# Tried on two and three devices, on equal and unequal shards of a hidden model.
check("4.6", combine, devices)

# %% [markdown]
# ## 7. What remains is what counts
#
# An epoch with a frozen network has three parts: read the images, run the frozen part, train the head. Let us measure
# a *profile*, with the slow disk of section 2. Then suppose a GPU that computes fifty times as fast as this
# processor. How many times as fast will the epoch be?


# %% exercise="4.7-predict"
def my_epoch_gain():
    """Return "below 3 times", "3 to 20 times" or "above 20 times"."""
    ### BEGIN SOLUTION
    return "above 20 times"
    ### END SOLUTION


# %%
predict("4.7", my_epoch_gain)

# %%
disk = numbers.map(load).batch(32)
image_batches = [tf.constant(data.train.images[row : row + 32], tf.float32) for row in range(0, NUM_IMAGES, 32)]
features = np.concatenate([np.asarray(forward(images)).mean(axis=(1, 2)) for images in image_batches])
head = keras.Sequential([keras.Input(features.shape[1:]), keras.layers.Dense(13)])
head.compile("adam", loss)
parts = {
    "read": lambda: list(disk),
    "frozen part": lambda: [forward(images) for images in image_batches],
    "head": lambda: head.fit(features, data.train.labels[:NUM_IMAGES], verbose=0),
}
profile = {name: found.median for name, found in benchmark_in_turns(parts, repeats=5).items()}

# %%
ax = new_axes(None, (5.4, 2.2))
left = 0.0
for color, (name, seconds) in zip(("#56B4E9", "#0072B2", "#E69F00"), profile.items(), strict=True):
    ax.barh(["an epoch"], [seconds], left=left, color=color, label=name)
    left += seconds
ax.legend(frameon=False, ncols=3, loc="lower center", labelcolor="#222222")
ax.set_ylim(-0.9, 0.5)
_ = finish(ax, "Where the time of an epoch goes", "seconds")

# %% [markdown]
# ## Exercise 4.7: what remains is what counts
#
# Amdahl's law: the part that you do not speed up decides. Write it for any profile.


# %% exercise="4.7"
def speedup(profile, factors):
    """Return how many times as fast the whole becomes.

    `profile` is `{part: seconds}`. `factors` is `{part: how many times as fast it becomes}`: 2 halves its seconds, 0.5
    doubles them, infinity removes it. Parts without a factor stay as they are.
    """
    ### BEGIN SOLUTION
    after = sum(seconds / factors.get(part, 1) for part, seconds in profile.items())
    return sum(profile.values()) / after
    ### END SOLUTION


# %% check="4.7" points=2
# Tried on profiles with parts that shrink, vanish and grow, and on your own.
check("4.7", speedup, profile)

# %% [markdown]
# The faster the device, the more the disk decides. So before you ask for a GPU: a profile.
#
# ## 8. The speed-up that needs no GPU
#
# The frozen part gives the same result for the same image in every epoch. The fastest way to compute it again is not
# to: `tlkit.speed.fit` runs it once for each image and keeps what it says. How many times as fast are ten epochs of a
# new head, first pass included?


# %% exercise="4.8-predict"
def my_once_gain():
    """Return "below 2 times", "2 to 10 times" or "above 10 times"."""
    ### BEGIN SOLUTION
    return "2 to 10 times"
    ### END SOLUTION


# %%
predict("4.8", my_once_gain)


# %%
def frozen_model():
    """Return the pre-trained network, frozen, with a new head, compiled."""
    model = add_head(backbone, data.num_classes)
    freeze(model)
    model.compile(keras.optimizers.SGD(0.01), loss)  # plain SGD keeps no memory of the warm-up
    return model


plain, kept = frozen_model(), frozen_model()
start = plain.get_weights()
warm_up, few = data.val.take_per_class(5), data.train.take_per_class(15)
plain.fit(warm_up.images, warm_up.labels, verbose=0)
fit(kept, warm_up)
plain.set_weights(start)
kept.set_weights(start)

# %% [markdown]
# Both are warm now: their graphs are built, on other images, and neither has seen the images that follow.

# %%
ten = {"epochs": 10, "shuffle": False, "verbose": 0}
once = {
    "fit": seconds_of(lambda: plain.fit(few.images, few.labels, **ten)),
    "kept features": seconds_of(lambda: fit(kept, few, **ten)),
}

# %%
heads = [model.get_layer("head").get_weights() for model in (plain, kept)]
assert all(np.allclose(a, b, atol=1e-2) for a, b in zip(*heads, strict=True))
assert once["kept features"] < once["fit"]
print("The same head, up to rounding, in less time.")

# %% tags=["nbval-ignore-output"]
print(f"ten epochs: {once['fit'] / once['kept features']:.1f} times as fast")

# %% [markdown]
# It is Amdahl's law again: the frozen part goes from ten passes to one. This needs no hardware, only a network whose
# early part does not learn. By that alone ten epochs can become at most ten times as fast. If you measured more: the
# one pass also takes larger batches than `fit` does, and section 3 showed what that brings.
#
# ## Exercise 4.8: never run it twice
#
# How much is gained? Write it down for any times.


# %% exercise="4.8"
def kept_speedup(once, each, epochs):
    """Return how many times as fast `epochs` epochs become if the frozen part is run in the first one only.

    `once` are the seconds of the frozen part for all images, `each` those of the rest in one epoch.
    """
    ### BEGIN SOLUTION
    return epochs * (once + each) / (once + epochs * each)
    ### END SOLUTION


# %% check="4.8" points=2
# Tried on one epoch, on a few, and on very many.
check("4.8", kept_speedup, once)

# %% [markdown]
# ## With a GPU
#
# Every cell above used your GPU if you have one. This kit ships no times of a GPU: its authors had none to measure,
# and figures from elsewhere would not be measurements. If you have one, make a record, labelled with machine, library
# and date, with this command in a terminal; the cell below then shows it. A record from a friend may be put beside
# it.
#
#     python -m tlkit.devices --record
#
# The command measures whatever there is, so you can compare your processor, too.

# %% tags=["nbval-ignore-output"]
records = list_records()
for record in records:
    print(record, end="\n\n")
if not records:
    print("No record here yet: this part waits until somebody makes one.")

# %% [markdown]
# ## What we saw
#
# - The first call measures tracing. A fair time warms up, waits, takes turns and the median.
# - What stands before `cache` is done once: right for reading, wrong for what is random.
# - 16 bits, XLA and several devices are no switches for "fast": each has a price, and a device on which it pays.
# - The part that you do not speed up decides. A profile comes before a purchase.
# - Not to compute again what is known needs no hardware at all.
#
# Write down what you believe now, in a sentence each. The card keeps it beside what you predicted and measured.


# %% exercise="4.8-believe"
def my_beliefs():
    """Return `{"4.3": ..., "4.4": ..., ..., "4.8": ...}`: what you now believe, in your own words."""
    ### BEGIN SOLUTION
    return {
        "4.3": "I take full batches, and count the memory first.",
        "4.4": "I time both kinds of 16 bits on the device that I have.",
        "4.5": "I compile what runs for long, after a look at the break-even.",
        "4.6": "More devices help only if there is more hardware behind them.",
        "4.7": "I measure a profile before I ask for a faster device.",
        "4.8": "What is frozen I compute once.",
    }
    ### END SOLUTION


# %% tags=["nbval-ignore-output"]
measured = {
    "4.3": f"{rates['64'] / rates['1']:.1f} times the images a second",
    "4.4": f"float16 takes {bits['mixed_float16'] / bits['float32']:.1f} times as long",
    "4.5": f"a compiled step of three convolutions takes {xla['compiled'] / xla['plain']:.1f} times as long",
    "4.6": f"two devices take {devices['two devices'] / devices['one device']:.1f} times as long",
    "4.7": f"reading is {profile['read'] / sum(profile.values()):.0%} of the epoch",
    "4.8": f"{once['fit'] / once['kept features']:.1f} times as fast",
}
lesson_card(4, measured=measured, believed=my_beliefs)

# %% tags=["nbval-ignore-output"]
progress(4)

# %% [markdown]
# ## References
#
# - Amdahl (1967), Validity of the single processor approach to achieving large scale computing capabilities, AFIPS.
# - Micikevicius et al. (2018), [Mixed precision training](https://arxiv.org/abs/1710.03740)
# - Goyal et al. (2017), [Accurate, large minibatch SGD](https://arxiv.org/abs/1706.02677)
# - Murray et al. (2021), [tf.data: a machine learning data processing framework](https://arxiv.org/abs/2101.12127)
# - Sabne (2020), [XLA: compiling machine learning for peak performance](https://openxla.org/xla)
