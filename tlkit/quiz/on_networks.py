"""Questions on what networks do: what learns, what it costs, and what arrives in them."""

import numpy as np

from tlkit.quiz.question import Drawn, question

__all__: list[str] = []


@question(
    "Freezing after a first fit",
    lesson=2,
    beliefs=(
        "`trainable = False` takes effect at once, without `compile`.",
        "Freezing a layer holds its kernel, and its biases go on learning.",
        "Once `trainable` was changed, nothing learns until the model is compiled again.",
    ),
    because="The function that trains is built at the first `fit`; without `compile`, the second trains all as before.",
)
def _frozen_after_fit(rng: np.random.RandomState) -> Drawn:
    inputs, hidden, outputs = (int(n) for n in rng.randint([3, 4, 2], [10, 12, 6]))
    code = f"""model = keras.Sequential([keras.Input(({inputs},)), Dense({hidden}), Dense({outputs})])
model.compile("sgd", "mse")
model.fit(x, y)
model.layers[0].trainable = False
model.fit(x, y)"""
    first, second = (inputs + 1) * hidden, (hidden + 1) * outputs
    answers = first + second, second, second + hidden, 0
    return Drawn("How many weights, biases included, does the second `fit` change?", tuple(map(str, answers)), code)


@question(
    "BatchNorm and training=False",
    lesson=2,
    beliefs=(
        "`training=False` in the call protects the moving statistics, also when the backbone learns.",
        "BatchNorm keeps one moving statistic for each channel.",
        "The scale and the offset of BatchNorm are moving statistics, too.",
    ),
    because="`fit` hands its `training=True` down into the nested model, so that each moving mean and variance moves.",
)
def _batch_norm(rng: np.random.RandomState) -> Drawn:
    layers, channels = int(rng.randint(2, 9)), int(rng.choice([4, 8, 16, 24, 32]))
    code = """outputs = head(backbone(inputs, training=False))
model = keras.Model(inputs, outputs)
backbone.trainable = True
model.compile("sgd", "mse")
model.fit(x, y)"""
    text = f"`backbone` is a functional model with {layers} BatchNorm layers of {channels} channels each. How many "
    text += "numbers among their moving statistics does `fit` change?"
    each = layers * channels
    return Drawn(text, (f"{2 * each}", "0", f"{each}", f"{4 * each}"), code)


@question(
    "Where the parameters are",
    lesson=1,
    beliefs=(
        "Parameters are spread evenly over the layers.",
        "The parameters of a layer grow as its output channels, not as input times output channels.",
        "A layer has more parameters where its maps are larger.",
    ),
    because="A kernel has a number for each pair of an input and an output channel, whatever the size of the map.",
)
def _where_parameters_are(rng: np.random.RandomState) -> Drawn:
    channels, factor = int(rng.choice([8, 12, 16, 20, 24, 32])), int(rng.randint(2, 4))
    widths = np.array([3, channels, factor * channels, factor**2 * channels])
    parameters = 9 * widths[:-1] * widths[1:]
    shares = parameters[-1] / parameters.sum(), 1 / 3, widths[-1] / widths[1:].sum()
    by_map = parameters[-1] / (parameters * [16, 4, 1]).sum()
    text = "Three convolutions of 3 × 3 without bias turn "
    text += f"{' into '.join(map(str, widths))} channels; the width and height of the map halve before the second and "
    text += "before the third. Which share of the parameters is in the last one?"
    return Drawn(text, tuple(f"{100 * share:.1f} %" for share in (*shares, by_map)))


@question(
    "Scaling twice",
    lesson=1,
    beliefs=(
        "A network that scales its input notices that the images are scaled already.",
        "Your own scaling takes the place of the network's.",
        "Scaling to [-1, 1] is a division alone.",
    ),
    because="The layer scales whatever arrives: of all images, only numbers near -1 are left, and all look black.",
)
def _scaled_twice(rng: np.random.RandomState) -> Drawn:
    pixel = int(rng.randint(40, 221))
    text = "A network begins with `Rescaling(1 / 127.5, offset=-1)`. You give it images that you have divided by 255. "
    text += f"What does its first convolution receive for a pixel that was {pixel} in the file?"
    values = pixel / 255 / 127.5 - 1, pixel / 127.5 - 1, pixel / 255, pixel / 255 / 127.5
    return Drawn(text, tuple(f"{value:.3f}" for value in values))


@question(
    "The cost of a frozen part",
    lesson=4,
    beliefs=(
        "Frozen layers cost nothing.",
        "Keras keeps the outputs of a frozen part after the first epoch.",
        "Freezing saves no time, because the gradients of frozen layers are computed all the same.",
    ),
    because="A frozen part has no backward pass, but `fit` runs it forward in each epoch, and keeps no features.",
)
def _cost_of_frozen_part(rng: np.random.RandomState) -> Drawn:
    forward, head, epochs = int(rng.randint(5, 31)), int(rng.randint(1, 5)), int(rng.randint(5, 21))
    text = f"A backbone needs {forward} s to go forward through all images, and twice as long to go back; its head "
    text += f"needs {head} s for both. `backbone.trainable = False`, `compile`, and {epochs} epochs of Keras' `fit` "
    text += "on images: how long does that take?"
    seconds = epochs * (forward + head), epochs * head, forward + epochs * head, epochs * (3 * forward + head)
    return Drawn(text, tuple(f"{value} s" for value in seconds))


@question(
    "Learning rates for a fair comparison",
    lesson=2,
    beliefs=(
        "The learning rate that suits a new head suits pre-trained layers, too.",
        "The learning rate that suits pre-trained layers suits a new head, too.",
        "Unsuitable learning rates count as much as suitable ones: compare the averages.",
    ),
    because="Each way gets its own best rate, by validation images; pre-trained layers often need a smaller one.",
)
def _rates(rng: np.random.RandomState) -> Drawn:
    frozen = int(rng.randint(74, 84))  # percent, at the large rate
    tuned = frozen + int(rng.randint(3, 9))  # at the small one
    slow, spoilt = frozen - int(rng.randint(6, 13)), frozen - int(rng.randint(2, 15))
    code = f"""learning rate                0.01    0.0001
frozen features, new head    {frozen} %    {slow} %
all layers learn             {spoilt} %    {tuned} %"""
    text = "Validation accuracies of two ways at two learning rates. What does learning in all layers gain over frozen "
    text += "features, compared fairly?"
    points = tuned - frozen, spoilt - frozen, tuned - slow, (spoilt + tuned - frozen - slow) / 2
    return Drawn(text, tuple(f"{value:+g} points" for value in points), code)
