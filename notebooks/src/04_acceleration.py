# ---
# jupyter:
#   tlkit: {"minutes": 60}
# ---

# %% [markdown]
# # What makes training faster, and what only seems to?
#
# This takes about 60 minutes, about two of which are computing time on two CPU cores. You will
#
# - time code fairly, and see how an unfair clock makes the slow look fast;
# - try the usual remedies (pipeline, batch size, 16 bits, XLA, several devices), and say where each one hurts;
# - predict from a measured profile what a faster device would bring, and get a speed-up that needs none.
#
# All of it runs without a GPU. If you have one, the same cells use it. `hint("4.2")` in a cell of your own gives the
# first of three hints for exercise 4.2.

# %%
import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # silences TensorFlow's C++ notes; Python raises real errors
from tlkit.backbones import add_head, load_backbone
from tlkit.checks import check, hint, lesson_card, predict, progress
from tlkit.data import load_dataset
from tlkit.devices import benchmark_in_turns, describe_devices, list_records, replica_devices, split_cpu
from tlkit.exercises.lesson_04_acceleration.shown import DEVICE_TIMES, EPOCH_GAINS, ONCE_GAINS
from tlkit.exercises.lesson_04_acceleration.shown import SPEEDS, THROUGHPUTS, XLA_CHOICES
from tlkit.freezing import freeze
from tlkit.speed import fit

import keras
import numpy as np
import tensorflow as tf

keras.utils.set_random_seed(0)
tf.get_logger().setLevel("ERROR")  # or a strategy notes each step that it takes on several devices

# %% [markdown]
# ## What is there to compute on?
#
# Two settings must be made before TensorFlow computes anything. We let it see the CPU as two *logical* devices, so that
# section 6 can share work between devices without a GPU. And we let it take a GPU's memory as needed: otherwise,
# TensorFlow takes all of it at once, and the next notebook gets none.

# %%
processors = split_cpu(2)
for gpu in tf.config.list_physical_devices("GPU"):
    tf.config.experimental.set_memory_growth(gpu, True)
print(processors)

# %% tags=["nbval-ignore-output"]
print(describe_devices())

# %% [markdown]
# Every tensor knows which device it is on. Ask for a device by name, and then for the first GPU. Where does the second
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
# Without a GPU, this raises no error and gives no warning: TensorFlow uses *soft placement* and takes what there is. A
# wish isn't a measurement: look at `.device`. (`tf.config.set_soft_device_placement(False)` makes it an error.)
#
# ## 1. A fair clock
#
# Is a network faster when TensorFlow turns it into a graph? Let's time both in the usual way: start the clock, call,
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
    """Return the seconds that one call takes."""
    start = time.perf_counter()
    fn()
    return time.perf_counter() - start


calls = {name: [seconds_of(fn)] for name, fn in ways.items()}
print("Timed once, the faster one is:", min(calls, key=lambda name: calls[name][0]))

# %% [markdown]
# So graphs are slow? Before you believe it, call each of them a few more times, and take turns, so that a slow moment
# of the machine affects both.

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
# The first call *traces*: it runs the Python code once and records the graph. If you time only one call, you measure
# that. A fair timing
#
# 1. leaves out the first calls as a warm-up, and reports them separately;
# 2. takes the *median* of the rest, because another program may interrupt a call;
# 3. waits for the result: on a GPU, a call returns before the work is done; `.numpy()` waits for it, and so does
#    `tf.test.experimental.sync_devices()`;
# 4. lets the candidates take turns.
#
# ## Exercise 4.1: a fair time
#
# The kit's `benchmark_in_turns` does all four. Write its core.


# %% exercise="4.1"
def fair_time(seconds, num_warmup):
    """Return the median time of the calls after the first `num_warmup`, or `None` if fewer than five are left.

    `seconds` is an array of the times of the calls, in order.
    """
    ### BEGIN SOLUTION
    timed = seconds[num_warmup:]
    return float(np.median(timed)) if len(timed) >= 5 else None
    ### END SOLUTION


# %% check="4.1" points=2
# Tried on an interrupted call, an even number of calls, and too few of them.
check("4.1", fair_time)

# %% [markdown]
# Now measure with one click. The table lists the backbones in Keras. Sort it by parameters, pick a small and a larger
# one, and press the button that measures. **Is the one with fewer parameters faster?** Find a pair for which it isn't.

# %%
from tlkit_widgets import BackbonePicker

picker = BackbonePicker()
picker

# %%
timed = [row for row in picker.rows if row["name"] in picker.milliseconds]
if len(timed) < 2:
    print("Measure at least two backbones with the button, and then run this cell again.")
else:
    smallest = min(timed, key=lambda row: row["parameters"])["name"]
    print("fewest parameters:", smallest, "| fastest:", min(picker.milliseconds, key=picker.milliseconds.get))

# %% [markdown]
# ## 2. The input pipeline
#
# A device that waits for images is no faster than the disk. To get the same result on every machine, we *simulate* it:
# there is a pause for each image that is read, and a pause for each training step, as if a GPU computed it.

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
    """Augment each batch with new random values."""
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
    """Return the seconds that each epoch takes, and how many images it reads."""
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
    print(f"{name:16} images read in epochs 1 and 2: {num_reads}")

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
# `prefetch` reads the next batch while the network trains on the current one, so only the longer of the two times
# counts. Parallel reads shorten the reading itself. `cache` removes it from the second epoch on, if the images fit
# into memory. **The order matters**: everything before `cache` is done once, and never again. That's right for
# reading, and wrong for anything random.
#
# ## Exercise 4.2: the order of a pipeline
#
# Make it fast, and keep it correct: read each image once, however many epochs there are, with a new order and new
# augmentation in each of them.


# %% exercise="4.2"
def fast_batches(dataset, augment):
    """Return a `tf.data.Dataset` of batches of 8; the last one may be smaller.

    `dataset` gives fewer than 1,000 single pairs of image and label, and reads slowly. `augment` is a Keras layer for
    batches of images; it is random if called with `training=True`.
    """
    ### BEGIN SOLUTION
    batches = dataset.cache().shuffle(1000).batch(8)
    return batches.map(lambda x, y: (augment(x, training=True), y), num_parallel_calls=tf.data.AUTOTUNE).prefetch(2)
    ### END SOLUTION


# %% check="4.2" points=2
# Tried for three epochs on images that count how often they are read.
check("4.2", fast_batches)

# %% [markdown]
# ## 3. Batch size and memory
#
# A device has a fixed cost for each operation, whatever the batch size. So larger batches give more images per second.
# How many times as many images per second does the frozen network process in batches of 64 as it does one by one?

# %%
print(THROUGHPUTS)


# %% exercise="4.3-predict"
def my_throughput():
    """Return one of THROUGHPUTS."""
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
_ = finish(ax, "A full batch shares the fixed cost", "images per batch", "images per second")

# %% [markdown]
# Why not use the largest batch possible, then? Where all layers learn, training must keep the outputs of the layers
# until the gradients are computed. (The outputs of a frozen part at the beginning need not be kept, because no gradient
# passes through it.) Let's count how many numbers one image leaves behind in this network, and how many its weights
# need.

# %%
model = add_head(backbone, data.num_classes)
numbers_per_image = sum(int(np.prod(layer.output.shape[1:])) for layer in model.layers)
kept_for_weights = 4 * 4 * model.count_params()  # weight, gradient, Adam's two averages; 4 bytes each
kept_for_images = 4 * 64 * numbers_per_image
assert kept_for_images > kept_for_weights
print("A batch of 64 images needs more memory than the weights, their gradients and Adam's averages together.")

# %% tags=["nbval-ignore-output"]
print(f"weights, gradients and averages: {kept_for_weights / 1e6:.0f} MB; 64 images: {kept_for_images / 1e6:.0f} MB")
if tf.config.list_physical_devices("GPU"):
    print(f"peak on the GPU so far: {tf.config.experimental.get_memory_info('GPU:0')['peak'] / 1e6:.0f} MB")
else:
    print("TensorFlow only counts the memory of GPUs: if you have one, its peak is shown here.")

# %% [markdown]
# ## Exercise 4.3: how many images fit?
#
# If you just try, "out of memory" comes after minutes of waiting. A few lines of arithmetic tell you in advance. (A
# real library needs some memory for itself, so in practice leave a fifth free; the exercise doesn't.)


# %% exercise="4.3"
def largest_batch(budget, num_weights, num_learning, numbers_per_image):
    """Return how many images fit into `budget` bytes in a training step with Adam; 0 if none fits.

    Memory holds, at 4 bytes each: all `num_weights` weights; a gradient and Adam's two averages for each of the
    `num_learning` weights that learn; and `numbers_per_image` layer outputs for each image.
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
# Half the bits need half the memory for a layer's output, and are faster on a GPU with the right units. *Mixed*
# precision computes in 16 bits and keeps the weights in 32. What happens to the time of a training step on *this*
# machine?

# %%
print(SPEEDS)


# %% exercise="4.4-predict"
def my_half_speed():
    """Return one of SPEEDS, for mixed_float16 compared with float32."""
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
# So the last layer of a model should have `dtype="float32"`: a loss computed from 16-bit logits is coarse.


# %%
def small_network(policy):
    """Return a compiled network that computes with that policy."""
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
_ = finish(ax, "Sixteen bits are fast only where there are units for them", "milliseconds per training step")

# %% [markdown]
# There are two kinds of 16 bits, and they can differ a lot: if a CPU has no units for float16, each number is
# converted to 32 bits and back. Python doesn't warn you; at most, there is a note in TensorFlow's own log. The clock
# tells you.
#
# Speed isn't the only question. What happens to small numbers, such as gradients?

# %%
gradient = np.float32(1e-8)
print("float16: ", "lost" if np.float16(gradient) == 0 else "kept")
print("bfloat16:", "lost" if float(tf.cast(gradient, tf.bfloat16)) == 0 else "kept")
print("bfloat16, 256 + 1 =", float(tf.cast(256, tf.bfloat16) + tf.cast(1, tf.bfloat16)))
scale = np.float32(2**15)
print("float16, scaled:  ", "lost" if np.float16(gradient * scale) == 0 else "kept")

# %% [markdown]
# bfloat16 has the range of float32, but few digits. float16 has more digits, but loses small numbers. The remedy is
# *loss scaling*: multiply the loss, and so all gradients, by a large number, and divide before the optimizer sees
# them. If the number was too large for one of them, skip this step and halve the number.

# %%
print(type(networks["mixed_float16"].optimizer).__name__, "|", type(networks["mixed_bfloat16"].optimizer).__name__)

# %% [markdown]
# ## Exercise 4.4: sixteen bits
#
# As you can see, Keras wraps the optimizer automatically. Write what that wrapper does with the gradients of a step.


# %% exercise="4.4"
def unscale(half, scale):
    """Return `(gradients, next_scale)` for the optimizer.

    `half` is a float16 array: the gradients of a loss that was multiplied by `scale`. Return them as float32, with the
    scale unchanged. If any is infinite or NaN, the step is skipped: return `None`, and half the scale.
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
# XLA compiles a graph for one device and one shape: it fuses operations, so that fewer results travel through memory.
# Compiling takes time, but only once. Here are three convolutions, as in any network for images. After how many steps
# has compiling paid off *here*?

# %%
print(XLA_CHOICES)


# %% exercise="4.5-predict"
def my_xla():
    """Return one of XLA_CHOICES."""
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
        graph.get_concrete_function(x)  # traces, as both must; whatever the first call takes on top is compiling
    both = {"plain": functools.partial(plain, x), "compiled": functools.partial(compiled, x)}
    found = benchmark_in_turns(both, repeats=9)
    extra = found["compiled"].first - found["compiled"].median
    compiling[function.__name__] = {"compile": extra, **{name: one.median for name, one in found.items()}}
xla = compiling["convolve"]

# %% tags=["nbval-ignore-output"]
for name, found in compiling.items():
    print(f"{name:10} compiling {found['compile']:.2f} s; a plain step {1000 * found['plain']:.2f} ms,", end=" ")
    print(f"compiled {1000 * found['compiled']:.2f} ms: {found['plain'] / found['compiled']:.1f} times as fast")

# %% [markdown]
# Compiling turns two hundred tiny operations into one: the fixed cost of each is gone. Convolutions have no such cost
# to save, and on a CPU, XLA's own are often slower than those that TensorFlow calls. On a GPU, it may be the other way
# round. So the question is never "is XLA fast?", but "for this function, on this device, after how many steps?".
#
# ## Exercise 4.5: when has compiling paid off?


# %% exercise="4.5"
def break_even(compile_seconds, plain, compiled):
    """Return the smallest number of steps that saves enough time to pay for compiling, or `None` if no number does.

    All times are in seconds: `compile_seconds` once, `plain` or `compiled` for each step.
    """
    ### BEGIN SOLUTION
    gain = plain - compiled
    return int(np.ceil(compile_seconds / gain)) if gain > 0 else None
    ### END SOLUTION


# %% check="4.5" points=2
# Tried on faster, equal and slower steps, and on your own times.
check("4.5", break_even, xla)

# %% [markdown]
# ## 6. Several devices
#
# In *data parallelism*, each device has a copy of the model and a part of the batch, a *shard*. Each device computes
# the gradient of its shard; the gradients are combined, and every copy takes the same step.

# %%
loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
layers = [keras.layers.Conv2D(8, 3, strides=2, activation="relu"), keras.layers.GlobalAveragePooling2D()]
network = keras.Sequential([keras.Input((64, 64, 3)), keras.layers.Rescaling(1 / 255), *layers, keras.layers.Dense(13)])


def gradients_on(device, images, labels):
    """Return the gradients of the mean loss over these images, computed on that device."""
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
# Keras does all of this if the model is made and compiled in the `scope` of a strategy. `replica_devices` returns your
# GPUs if you have two or more, and otherwise the two halves of the CPU. How long will an epoch take on two of these?

# %%
print(DEVICE_TIMES)


# %% exercise="4.6-predict"
def my_two_devices():
    """Return one of DEVICE_TIMES."""
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
print(f"{strategy.num_replicas_in_sync} devices, one model: after an epoch, the weights are the same, up to rounding.")

# %% tags=["nbval-ignore-output"]
trainings = {
    "one device": lambda: network.fit(batches, **options),
    "two devices": lambda: twin.fit(batches, **options),
}
devices = {name: found.median for name, found in benchmark_in_turns(trainings, repeats=5, warmup=0).items()}
print(f"an epoch on two devices takes {devices['two devices'] / devices['one device']:.1f} times as long as on one")

# %% [markdown]
# Two halves of one CPU share the same cores, so there is nothing to gain, and the sharing has a cost of its own, which
# matters more the smaller the network is. With two GPUs, there is twice the hardware. The *numbers* are the same in
# both cases, and that's what we could test here: the same batch, the same step. If you give each device a full batch,
# you have doubled the batch size, and must look at the learning rate again. (BatchNorm is an exception: each device
# normalises with the images of its own shard.)
#
# For several machines, the strategy is `tf.distribute.MultiWorkerMirroredStrategy()`. Each machine runs the same
# program, with a text that says who takes part and which of them this machine is.

# %%
import json

cluster = {"worker": ["10.0.0.1:2222", "10.0.0.2:2222"]}
print("TF_CONFIG =", json.dumps({"cluster": cluster, "task": {"type": "worker", "index": 0}}))

# %% [markdown]
# With that strategy, `fit` in Keras 3.15 fails at its first batch. Your own loop over Keras' `train_step` works, as a
# test of this kit shows with two processes. The loop runs with any strategy, so it also runs here, on the two halves.


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
# The last batch of an epoch rarely divides evenly. Combine the gradients of shards of any size.


# %% exercise="4.6"
def combine(gradients, num_images):
    """Return the gradient for all images together: a list of arrays, one for each weight.

    `gradients` has one list per device: the gradients of the *mean* loss over its shard, one array for each weight.
    `num_images` holds the size of each shard.
    """
    ### BEGIN SOLUTION
    return [np.average(np.stack(parts), axis=0, weights=num_images) for parts in zip(*gradients, strict=True)]
    ### END SOLUTION


# %% check="4.6" points=2
# Tried on two and three devices, with equal and unequal shards, for a hidden model.
check("4.6", combine, devices)

# %% [markdown]
# ## 7. What remains is what counts
#
# An epoch with a frozen network has three parts: read the images, run the frozen part, train the head. Let's measure a
# *profile*, with the slow disk from section 2. Then suppose you have a GPU that runs the frozen part and the head fifty
# times as fast as this CPU. How many times as fast will the epoch be?

# %%
print(EPOCH_GAINS)


# %% exercise="4.7-predict"
def my_epoch_gain():
    """Return one of EPOCH_GAINS."""
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
# Amdahl's law says that the part you do not speed up sets the limit. Write it for any profile.


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
# Tried on profiles whose parts shrink, vanish and grow, and on your own.
check("4.7", speedup, profile)

# %% [markdown]
# The faster the device, the more the disk matters. So measure a profile before you ask for a GPU.
#
# ## 8. The speed-up that needs no GPU
#
# The frozen part gives the same result for the same image in every epoch. The fastest way to compute it again is not
# to compute it: `tlkit.speed.fit` runs it once for each image and keeps the output. How many times as fast are ten
# epochs of a new head, including the first pass?

# %%
print(ONCE_GAINS)


# %% exercise="4.8-predict"
def my_once_gain():
    """Return one of ONCE_GAINS."""
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
    model.compile(keras.optimizers.SGD(0.01), loss)  # plain SGD does not remember the warm-up
    return model


plain, kept = frozen_model(), frozen_model()
start = plain.get_weights()
warm_up, few = data.val.take_per_class(5), data.train.take_per_class(15)
plain.fit(warm_up.images, warm_up.labels, verbose=0)
fit(kept, warm_up, verbose=0)
plain.set_weights(start)
kept.set_weights(start)

# %% [markdown]
# Both are warmed up now: their graphs were built with other images, and neither has seen the images that follow.

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
# It's Amdahl's law again: the frozen part goes from ten passes to one. This needs no hardware, only a network whose
# early part doesn't learn. That alone can make ten epochs at most ten times as fast. If you measured more, it's
# because the one pass also uses larger batches than `fit` does, and section 3 showed what that brings.
#
# ## Exercise 4.8: never run it twice
#
# How much is gained? Write a formula for any times.


# %% exercise="4.8"
def kept_speedup(once, each, epochs):
    """Return how many times as fast `epochs` epochs become if the frozen part runs only in the first one.

    `once` is the seconds of the frozen part for all images, `each` those of the rest in one epoch.
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
# If you have a GPU, every cell above used it. This kit ships no GPU times: its authors had no GPU to measure, and
# figures from elsewhere would not be measurements. If you have one, make a record, labelled with machine, library and
# date, with this command in a terminal; the cell below then shows it. You can put a friend's record next to it.
#
#     python -m tlkit.devices --record
#
# The command measures whatever there is, so you can compare your CPU, too.

# %% tags=["nbval-ignore-output"]
records = list_records()
for record in records:
    print(record, end="\n\n")
if not records:
    print("There is no record here yet: this part waits until somebody makes one.")

# %% [markdown]
# ## What we saw
#
# - The first call measures tracing. A fair timing warms up, waits, takes turns and reports the median.
# - Everything before `cache` is done once: that's right for reading, and wrong for anything random.
# - 16 bits, XLA and several devices aren't switches for "fast": each has a cost, and devices on which it pays off.
# - The part that you do not speed up sets the limit. A profile comes before a purchase.
# - Not computing again what you already know needs no hardware at all.
#
# Write down what you believe now, in one sentence each. The card shows it next to what you predicted and measured.


# %% exercise="4.8-believe"
def my_beliefs():
    """Return `{"4.3": ..., "4.4": ..., ..., "4.8": ...}`: what you now believe, in your own words."""
    ### BEGIN SOLUTION
    return {
        "4.3": "I take full batches, and count the memory first.",
        "4.4": "I time both kinds of 16 bits on the device that I have.",
        "4.5": "I compile what runs for a long time, after a look at the break-even.",
        "4.6": "More devices help only if there is more hardware behind them.",
        "4.7": "I measure a profile before I ask for a faster device.",
        "4.8": "I compute the frozen part only once.",
    }
    ### END SOLUTION


# %% tags=["nbval-ignore-output"]
gain = xla["plain"] - xla["compiled"]
paid = f"it pays after {xla['compile'] / gain:,.0f} steps" if gain > 0 else XLA_CHOICES[2]
faster = sum(profile.values()) / (profile["read"] + (profile["frozen part"] + profile["head"]) / 50)
measured = {
    "4.3": f"{rates['64'] / rates['1']:.1f} times as many images per second",
    "4.4": f"float16 takes {bits['mixed_float16'] / bits['float32']:.1f} times as long",
    "4.5": f"a compiled step takes {xla['compiled'] / xla['plain']:.1f} times as long: {paid}",
    "4.6": f"two devices take {devices['two devices'] / devices['one device']:.1f} times as long",
    "4.7": f"{faster:.1f} times as fast, for reading is {profile['read'] / sum(profile.values()):.0%} of the epoch",
    "4.8": f"{once['fit'] / once['kept features']:.1f} times as fast",
}
lesson_card(4, measured=measured, believed=my_beliefs)

# %% tags=["nbval-ignore-output"]
progress(4)

# %% [markdown]
# ## In your own words
#
# **What do you believe now, and which of your figures says so?** Double-click the next cell, and replace its text with
# two or three sentences. No check can read them: in a course, a person does, and their points are counted separately.

# %% [markdown] essay="4.9" points=2
# I believe that the cheapest acceleration is not to compute things again: keeping the features of the frozen part made
# training several times as fast on the same CPU (row 4.8). Two devices, on the other hand, made it slower, because they
# share the same cores (4.6).

# %% [markdown]
# ## References
#
# - Amdahl (1967), Validity of the single processor approach to achieving large scale computing capabilities, AFIPS.
# - Micikevicius et al. (2018), [Mixed precision training](https://arxiv.org/abs/1710.03740)
# - Goyal et al. (2017), [Accurate, large minibatch SGD](https://arxiv.org/abs/1706.02677)
# - Murray et al. (2021), [tf.data: a machine learning data processing framework](https://arxiv.org/abs/2101.12127)
# - Sabne (2020), [XLA: compiling machine learning for peak performance](https://openxla.org/xla)
