"""Situations in which people train models, for `tests/test_speed_situations.py`: each one a row of a table.

A situation says how a model is made, how it is compiled and what `fit` is given. It is run twice from the same seed,
by plain Keras and by the kit.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import keras
import numpy as np
import tensorflow as tf

LOSS = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
layers, ops = keras.layers, keras.ops


def draw():
    return np.random.default_rng(0)


X = draw().integers(0, 256, (50, 8, 8, 3)).astype("float32")
Y = draw().integers(0, 3, 50)
HOT = np.eye(3, dtype="float32")[Y]
TOKENS = draw().integers(0, 9, (50, 6))
TABLE = draw().normal(size=(50, 5)).astype("float32")
WEIGHTS = draw().uniform(0.1, 2, 50)
BRIGHT = np.concatenate([X[:7], X[7:8] * 2, X[8:]])
CLASS_WEIGHT = {0: 1.0, 1: 5.0, 2: 0.1}


def frozen_conv(z, name="conv", **options):
    return layers.Conv2D(6, 3, trainable=False, name=name, **options)(z)


def pooled(z):
    return layers.GlobalAveragePooling2D()(z)


def small(prepare=None, head=None, cls=keras.Model, units=3, **options):
    """A frozen convolution on scaled images, and a head that learns."""
    image = keras.Input((8, 8, 3))
    z = prepare(image) if prepare else layers.Rescaling(1 / 255)(image)
    z = pooled(frozen_conv(z, **options))
    return cls(image, head(z) if head else layers.Dense(units, name="head")(z))


def fully(model):
    model.trainable = True
    return model


def sequential(built=True):
    start = [keras.Input((8, 8, 3))] if built else []
    conv = layers.Conv2D(6, 3, trainable=False)
    return keras.Sequential([*start, layers.Rescaling(1 / 255), conv, layers.GlobalMaxPooling2D(), layers.Dense(3)])


def nested(training=None):
    inner = keras.Input((8, 8, 3))
    z = layers.BatchNormalization()(layers.Conv2D(6, 3)(layers.Rescaling(1 / 255)(inner)))
    backbone = keras.Model(inner, z, name="backbone")
    backbone.trainable = False
    image = keras.Input((8, 8, 3))
    z = pooled(backbone(image, training=training))
    return keras.Model(image, layers.Dense(3)(layers.Dropout(0.3, seed=1)(z)))


def deep(freeze_upto, learning_norm=False):
    image = z = keras.Input((8, 8, 3))
    z = layers.Rescaling(1 / 255)(z)
    for i in range(3):
        z = layers.ReLU(name=f"relu_{i}")(
            layers.BatchNormalization(name=f"bn_{i}")(layers.Conv2D(6, 3, padding="same", name=f"conv_{i}")(z))
        )
    model = keras.Model(image, layers.Dense(3, name="head")(pooled(z)))
    for layer in model.layers:
        layer.trainable = learning_norm and layer.name.startswith("bn")
        if layer.name == freeze_upto:
            break
    return model


def two_outputs():
    image = keras.Input((8, 8, 3))
    z = pooled(frozen_conv(layers.Rescaling(1 / 255)(image)))
    return keras.Model(image, {"kind": layers.Dense(3, name="kind")(z), "size": layers.Dense(1, name="size")(z)})


def two_inputs(late=False):
    image, table = keras.Input((8, 8, 3), name="image"), keras.Input((5,), name="table")
    z = pooled(frozen_conv(layers.Rescaling(1 / 255)(image)))
    side = table if late else layers.Dense(4, trainable=False)(table)
    z = layers.Dense(4)(z) if late else z
    return keras.Model([image, table], layers.Dense(3)(layers.Concatenate()([z, side])))


def text(mask=False, learner="pool"):
    tokens = keras.Input((6,), dtype="int32")
    z = layers.Embedding(9, 4, mask_zero=mask, trainable=False)(tokens)
    z = layers.LSTM(5)(z) if learner == "lstm" else layers.GlobalAveragePooling1D()(z)
    return keras.Model(tokens, layers.Dense(3)(z))


def transformer(early=False):
    tokens = keras.Input((6,), dtype="int32")
    z = layers.Embedding(9, 8, trainable=False)(tokens)
    attention = layers.MultiHeadAttention(2, 4, trainable=not early)
    z = layers.LayerNormalization(trainable=False)(layers.Add()([z, attention(z, z)]))
    attention.trainable = False  # in vain where it was frozen early: inner layers that are made later learn
    return keras.Model(tokens, layers.Dense(3)(layers.Flatten()(z)))


def tabular():
    table = keras.Input((5,))
    norm = layers.Normalization()
    norm.adapt(TABLE)
    z = layers.Dense(8, activation="relu", trainable=False)(norm(table))
    return keras.Model(table, layers.Dense(3)(z))


class OwnTrainStep(keras.Model):
    def train_step(self, data):
        x, y = data
        return super().train_step((x + 1.0, y))


class OwnLoss(keras.Model):
    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        return 2 * super().compute_loss(x, y, y_pred, sample_weight, training) + ops.mean(x) * 0.01


class OwnTestStep(keras.Model):
    def test_step(self, data):
        return {"own": super().test_step(data)["loss"] * 3}


class OwnMetrics(keras.Model):
    def compute_metrics(self, x, y, y_pred, sample_weight=None):
        return super().compute_metrics(x, y, y_pred, sample_weight) | {"twice": ops.mean(y_pred) * 2}


class OwnCall(keras.Model):
    def __init__(self):
        super().__init__()
        self.conv, self.head = layers.Conv2D(6, 3, trainable=False), layers.Dense(3)

    def call(self, x):
        return self.head(ops.mean(self.conv(x / 255.0), axis=(1, 2)))


class Harmless(keras.Model):
    def explain(self):
        return "a method that Keras does not call"


class Half(layers.Layer):
    def call(self, x):
        return x * 0.5


class Times(layers.Layer):
    factor = 1.0

    def call(self, x):
        return x * self.factor


class Spike(layers.Layer):
    """Rows depend on the others of their batch where one of them is very bright."""

    def call(self, x):
        return ops.cond(ops.max(x) > 1.5, lambda: x * 0.0, lambda: x)


class BatchMean(layers.Layer):
    """Rows depend on the other rows of their batch."""

    def call(self, x):
        return x - ops.mean(x, axis=0, keepdims=True)


class Counter(layers.Layer):
    """Says something else at each step."""

    def build(self, shape):
        self.count = self.add_weight(shape=(), initializer="zeros", trainable=False)

    def call(self, x):
        self.count.assign_add(0.01)
        return x + self.count


class Adds(layers.Layer):
    def call(self, x):
        self.add_loss(ops.mean(x) * 0.01)
        return x


class Rarely(layers.Layer):
    """Random, but hardly ever."""

    def call(self, x):
        return tf.where(tf.random.stateless_uniform([], seed=[1, 2]) < 0.0, x * 0.0, x) + 0.0 * tf.random.uniform([])


def own_loss(y_true, y_pred):
    return ops.mean(ops.square(ops.one_hot(ops.cast(y_true, "int32"), 3) - y_pred), axis=-1)


def own_metric(y_true, y_pred):
    return ops.mean(y_pred, axis=-1)


def pieces(x=X, y=Y, size=16, weights=None):
    parts = (x, y) if weights is None else (x, y, weights)
    return tf.data.Dataset.from_tensor_slices(parts).batch(size)


class Pieces(keras.utils.PyDataset):
    def __len__(self):
        return 4

    def __getitem__(self, i):
        return X[i * 13 : i * 13 + 13], Y[i * 13 : i * 13 + 13]


def generator():
    while True:
        for i in range(4):
            yield X[i * 12 : i * 12 + 12], Y[i * 12 : i * 12 + 12]


@dataclass(frozen=True)
class Situation:
    """One row.

    Attributes:
        make: Gives the model; called anew for each way.
        compile: Arguments of `compile`; values that are functions without a name of Keras are called for each way.
        fit: Gives the arguments of `fit`.
        callbacks: Gives the callbacks.
        gear: The gear that the kit must choose, without the recorder of calls.
        after: Done between `compile` and `fit`.
        between: Done between a first training and the one that is compared, without `compile`; `None` where there is
            only one.
    """

    make: Callable[[], keras.Model] = small
    compile: Callable[[], dict[str, Any]] = lambda: {"optimizer": "adam", "loss": LOSS}
    fit: Callable[[], dict[str, Any]] = lambda: {"x": X, "y": Y}
    callbacks: Callable[[], list] = list
    gear: str = "quick"
    after: Callable[[keras.Model], Any] = field(default=lambda model: None)
    between: Callable[[keras.Model], Any] | None = None


def with_fit(gear="kept", **options):
    return Situation(fit=lambda: {"x": X, "y": Y, **options}, gear=gear)


def with_data(data, gear="kept", **options):
    return Situation(fit=lambda: {"x": data(), **options}, gear=gear)


def with_model(make, gear="kept", **options):
    return Situation(make=make, gear=gear, **options)


def with_compile(gear="kept", **options):
    return Situation(
        compile=lambda: {"optimizer": "adam", "loss": LOSS} | {k: v() for k, v in options.items()}, gear=gear
    )


def twice(between, gear="quick", make=small, **options):
    return Situation(make=make, fit=lambda: {"x": X, "y": Y, **options}, gear=gear, between=between)


def with_callback(make, gear="kept", epochs=3):
    fit = {"x": X, "y": Y, "epochs": epochs, "validation_data": (X[:20], Y[:20])}
    return Situation(fit=lambda: dict(fit), callbacks=lambda: [make()], gear=gear)


def lam(**hooks):
    return lambda: keras.callbacks.LambdaCallback(**hooks)


class RateByBatch(keras.callbacks.Callback):
    def on_train_batch_begin(self, batch, logs=None):
        self.model.optimizer.learning_rate = 0.001 * (batch + 1)


class WeightsByBatch(keras.callbacks.Callback):
    """Clips a weight after each step, and reads what the step did to it."""

    def __init__(self):
        super().__init__()
        self.seen = []

    def on_train_batch_end(self, batch, logs=None):
        kernel = self.model.layers[-1].kernel
        self.seen.append(float(ops.sum(kernel)))
        kernel.assign(ops.clip(kernel, -0.5, 0.5))


class ChangesFrozen(keras.callbacks.Callback):
    def on_epoch_begin(self, epoch, logs=None):
        kernel = self.model.get_layer("conv").kernel
        kernel.assign(kernel * 1.5)


class ChangesFrozenAtBatch(keras.callbacks.Callback):
    def on_train_batch_begin(self, batch, logs=None):
        if batch == 1:
            self.model.get_layer("conv").bias.assign_add(np.ones(6, "float32"))


class Seeds:
    def __call__(self, epoch):
        keras.utils.set_random_seed(5 + epoch)
        return 0.01


def draws_a_rate(epoch):
    return 0.01 + 0.01 * float(keras.random.uniform(()))


def stopping_with_a_hook():
    callback = keras.callbacks.EarlyStopping("loss")
    callback.on_epoch_end = lambda epoch, logs=None: logs.update(own=epoch)
    return callback


class ThawsAtStart(keras.callbacks.Callback):
    def on_train_begin(self, logs=None):
        self.model.get_layer("conv").trainable = True


class ThawsLate(keras.callbacks.Callback):
    def on_epoch_begin(self, epoch, logs=None):
        if epoch == 1:
            self.model.get_layer("conv").trainable = True


class CompilesAgain(keras.callbacks.Callback):
    def on_epoch_begin(self, epoch, logs=None):
        if epoch == 1:
            self.model.get_layer("conv").trainable = True
            self.model.compile("sgd", LOSS)
            self.model.make_train_function(force=True)


class Evaluates(keras.callbacks.Callback):
    def __init__(self):
        super().__init__()
        self.seen = []

    def on_epoch_end(self, epoch, logs=None):
        self.seen.append(self.model.evaluate(X[:9], Y[:9], verbose=0))
        self.seen.append(self.model.predict(X[:5], verbose=0).sum())


class TrainsOnBatch(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        self.model.train_on_batch(X[:7], Y[:7])


class StopsAtBatch(keras.callbacks.Callback):
    def on_train_batch_end(self, batch, logs=None):
        self.model.stop_training = batch == 1


class EditsLogs(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        logs["own"] = epoch


def late_regularizer(model):
    model.layers[-1].kernel.regularizer = keras.regularizers.L2(0.1)


def late_constraint(model):
    model.layers[-1].kernel.constraint = keras.constraints.MaxNorm(0.1)


def freeze_bias(model):
    model.layers[-1].bias.trainable = False


def no_decay(model):
    model.optimizer.exclude_from_weight_decay(var_names=["bias"])


def metrics_that_counted(model):
    metric = keras.metrics.SparseCategoricalAccuracy()
    metric.update_state(Y, HOT)
    model.compile("adam", LOSS, metrics=[metric], jit_compile=False)


def set_rate(model):
    model.optimizer.learning_rate = 0.05


def own_step_on_the_model(model):
    step = model.train_step
    model.train_step = lambda data: step((data[0] * 2, data[1]))


def trained_before(model):
    model.fit(X, Y, verbose=0)


def trained_and_thawed(model):
    model.fit(X, Y, verbose=0)
    model.get_layer("conv").trainable = True


def lora(model):
    model.layers[-1].enable_lora(2)


def thaw(model):
    model.get_layer("conv").trainable = True


def freeze_head(model):
    model.layers[-1].trainable = False


def change(kind, **values):
    """Sets attributes of the layers of a kind."""

    def changed(model):
        for layer in model.layers:
            if isinstance(layer, kind):
                vars(layer).update(values)

    return changed


def set_beta(model):
    model.optimizer.beta_1 = 0.1


def adapt_again(model):
    model.layers[1].adapt(TABLE * 3 + 1)


def replace_head(model):
    model.pop()
    model.add(layers.Dense(3))
    model.compile("adam", LOSS, jit_compile=False)


def drop_bias(model):
    model.layers[-1].use_bias = False


def build_for_all(model):
    model.optimizer.build(model.variables)


def schedule():
    return keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(0.01, 20))


def ema():
    return keras.optimizers.SGD(0.1, use_ema=True, ema_overwrite_frequency=2)


class OwnAdam(keras.optimizers.Adam):
    def update_step(self, gradient, variable, learning_rate):
        super().update_step(gradient, variable, learning_rate * 3)


def labels_of(kind):
    return Y.astype(kind)


def losses_of_two():
    return {"kind": LOSS, "size": "mse"}


TWO = {"kind": Y, "size": TABLE[:, :1]}


def head_active(z):
    return layers.Dense(3, activity_regularizer="l2")(z)


def head_dropped(z):
    return layers.Dense(3)(layers.Dropout(0.4)(z))


def head_normed(z):
    return layers.Dense(3)(layers.BatchNormalization()(z))


def head_decayed(z):
    return layers.Dense(3, kernel_regularizer="l2")(z)


def head_bound(z):
    return layers.Dense(3, kernel_constraint=keras.constraints.UnitNorm())(z)


def flipped(image):
    return layers.Rescaling(1 / 255)(layers.RandomFlip(seed=1)(image))


def dropped(image):
    return layers.Dropout(0.2, seed=3)(layers.Rescaling(1 / 255)(image))


def adapted(image):
    norm = layers.Normalization()
    norm.adapt(X)
    return norm(image)


def via(layer):
    return lambda image: layer()(layers.Rescaling(1 / 255)(image))


def mixed(make, policy="mixed_float16"):
    def made():
        keras.config.set_dtype_policy(policy)
        try:
            return make()
        finally:
            keras.config.set_dtype_policy("float32")

    return made


def half_head(z):
    return layers.Dense(3, dtype="float32")(z)


SITUATIONS = {
    # models
    "a head on a frozen part": Situation(),
    "a sequential model": with_model(sequential, "quick"),
    "a sequential model that is not built": with_model(lambda: sequential(False), "plain"),
    "a nested backbone": with_model(nested, "quick"),
    "a nested backbone, called with training=False": with_model(lambda: nested(False), "quick"),
    "a deeper cut": with_model(lambda: deep("relu_0"), "quick"),
    "a cut at the head": with_model(lambda: deep("relu_2"), "quick"),
    "BatchNorm that moves in the frozen part": with_model(lambda: deep("relu_1", learning_norm=True), "quick"),
    "nothing is frozen": with_model(lambda: fully(small()), "quick"),
    "all is frozen": with_model(lambda: small(head=lambda z: layers.Dense(3, trainable=False)(z)), "plain"),
    "a subclass with methods of its own": with_model(lambda: small(cls=Harmless), "quick"),
    "a subclass with a call of its own": with_model(OwnCall, "plain"),
    "a train_step of its own": with_model(lambda: small(cls=OwnTrainStep), "plain"),
    "a compute_loss of its own": with_model(lambda: small(cls=OwnLoss), "plain"),
    "a test_step of its own": with_model(
        lambda: small(cls=OwnTestStep), "plain", fit=lambda: {"x": X, "y": Y, "validation_data": (X, Y)}
    ),
    "a compute_metrics of its own": with_model(lambda: small(cls=OwnMetrics), "plain"),
    "two outputs": Situation(
        two_outputs, lambda: {"optimizer": "adam", "loss": losses_of_two()}, lambda: {"x": X, "y": TWO}, gear="kept"
    ),
    "two outputs, weighted": Situation(
        two_outputs,
        lambda: {"optimizer": "adam", "loss": losses_of_two(), "loss_weights": {"kind": 1.0, "size": 0.2}},
        lambda: {"x": X, "y": TWO, "validation_split": 0.2},
        gear="kept",
    ),
    "two inputs that meet in the frozen part": Situation(
        two_inputs, fit=lambda: {"x": [X, TABLE], "y": Y}, gear="kept"
    ),
    "two inputs by name": Situation(two_inputs, fit=lambda: {"x": {"image": X, "table": TABLE}, "y": Y}, gear="kept"),
    "two inputs that meet after the frozen part": Situation(
        lambda: two_inputs(late=True), fit=lambda: {"x": [X, TABLE], "y": Y}, gear="plain"
    ),
    "token sequences": Situation(text, fit=lambda: {"x": TOKENS, "y": Y}),
    "padding that is masked": Situation(lambda: text(True, "lstm"), fit=lambda: {"x": TOKENS, "y": Y}, gear="plain"),
    "padding that is masked in the frozen part": Situation(lambda: text(True), fit=lambda: {"x": TOKENS, "y": Y}),
    "an LSTM that learns": Situation(lambda: text(False, "lstm"), fit=lambda: {"x": TOKENS, "y": Y}, gear="kept"),
    "a frozen transformer": Situation(transformer, fit=lambda: {"x": TOKENS, "y": Y}),
    "attention that was frozen before it was built": Situation(
        lambda: transformer(early=True), fit=lambda: {"x": TOKENS, "y": Y}, gear="kept"
    ),
    "a table, normalised by what was adapted": Situation(tabular, fit=lambda: {"x": TABLE, "y": Y}),
    "an adapted normalisation of images": with_model(lambda: small(adapted), "quick"),
    "an adapted normalisation after a flip": with_model(lambda: small(lambda i: adapted(flipped(i))), "plain"),
    "augmentation ahead": with_model(lambda: small(flipped), "quick"),
    "dropout ahead of the frozen part": with_model(lambda: small(dropped), "quick"),
    "dropout in the head": with_model(lambda: small(head=head_dropped), "quick"),
    "BatchNorm in the head": with_model(lambda: small(head=head_normed), "quick"),
    "a regularizer in the head": with_model(lambda: small(head=head_decayed)),
    "a constraint in the head": with_model(lambda: small(head=head_bound)),
    "an activity regularizer in the head": with_model(lambda: small(head=head_active)),
    "an activity regularizer in the frozen part": with_model(
        lambda: small(activity_regularizer=keras.regularizers.L2(0.01)), "quick"
    ),
    "a Lambda of one's own": with_model(lambda: small(lambda i: layers.Lambda(lambda t: t / 255)(i)), "quick"),
    "a layer of one's own": with_model(lambda: small(via(Half)), "quick"),
    "a layer of one's own in the head": with_model(lambda: small(head=lambda z: Half()(layers.Dense(3)(z)))),
    "a layer that mixes the rows of a batch": with_model(lambda: small(via(BatchMean)), "kept"),
    "an operation that mixes the rows of a batch": with_model(
        lambda: small(lambda i: i / 255.0 - ops.mean(i / 255.0, axis=0, keepdims=True)), "plain"
    ),
    "a layer that hardly ever mixes the rows of a batch": with_model(
        lambda: small(via(Spike)), "kept", fit=lambda: {"x": BRIGHT, "y": Y}
    ),
    "a layer that counts its steps": with_model(lambda: small(via(Counter)), "kept"),
    "a layer that adds a loss": with_model(lambda: small(via(Adds)), "kept"),
    "a layer that draws random numbers": with_model(lambda: small(via(Rarely)), "kept"),
    "operations in place of layers": with_model(lambda: small(lambda i: ops.flip(i, axis=-1) / 255.0), "quick"),
    "mixed precision": with_model(mixed(lambda: small(head=half_head)), "kept"),
    "bfloat16": with_model(mixed(lambda: small(head=half_head), "mixed_bfloat16"), "kept"),
    # what was set late
    "a regularizer that is set late": Situation(after=late_regularizer, gear="kept"),
    "a constraint that is set late": Situation(after=late_constraint, gear="kept"),
    "one variable that does not learn": Situation(after=freeze_bias, gear="kept"),
    "variables left out of weight decay": replace(
        with_compile(optimizer=lambda: keras.optimizers.AdamW(0.01, weight_decay=0.1)), after=no_decay
    ),
    "a learning rate that is set after compile": Situation(after=set_rate),
    "a train_step that is set on the model": Situation(after=own_step_on_the_model, gear="plain"),
    "a training by model.fit before": Situation(after=trained_before, gear="plain"),
    "trainable changed after a training, without compile": Situation(after=trained_and_thawed, gear="plain"),
    "LoRA on the head": Situation(after=lora, gear="kept"),
    "a metric that has counted before": Situation(after=metrics_that_counted, gear="kept"),
    "a bias that is not used": Situation(after=drop_bias, gear="kept"),
    "an optimizer that was made for more variables": Situation(after=build_for_all, gear="kept"),
    # what was changed between two trainings, without compile
    "two trainings": twice(lambda model: None),
    "two trainings, kept": twice(lambda model: None, "kept", class_weight=CLASS_WEIGHT),
    "a learning rate between two trainings": twice(set_rate),
    "thawed between two trainings": twice(thaw),
    "thawed between two trainings, kept": twice(thaw, "kept", class_weight=CLASS_WEIGHT),
    "frozen between two trainings": twice(freeze_head),
    "a dropout rate between two trainings": twice(
        change(layers.Dropout, rate=0.9), make=lambda: small(head=head_dropped)
    ),
    "a momentum of BatchNorm between two trainings": twice(
        change(layers.BatchNormalization, momentum=0.1), make=lambda: small(head=head_normed)
    ),
    "a scale of the frozen part between two trainings": twice(change(layers.Rescaling, scale=0.02)),
    "a scale of the frozen part between two trainings, kept": twice(
        change(layers.Rescaling, scale=0.02), "kept", class_weight=CLASS_WEIGHT
    ),
    "an attribute of one's own between two trainings": twice(change(Times, factor=3.0), make=lambda: small(via(Times))),
    "a setting of the optimizer between two trainings": twice(set_beta),
    "a regularizer between two trainings": twice(late_regularizer),
    "adapted again between two trainings": Situation(tabular, fit=lambda: {"x": TABLE, "y": Y}, between=adapt_again),
    "another head between two trainings, compiled": twice(replace_head, make=sequential),
    # compile
    "SGD with momentum": with_compile(
        "quick", optimizer=lambda: keras.optimizers.SGD(0.1, momentum=0.9, nesterov=True)
    ),
    "clipped gradients": with_compile("quick", optimizer=lambda: keras.optimizers.Adam(0.1, global_clipnorm=0.01)),
    "AdamW": with_compile("quick", optimizer=lambda: keras.optimizers.AdamW(0.01, weight_decay=0.1)),
    "a learning-rate schedule": with_compile(optimizer=schedule),
    "averaged weights": with_compile(optimizer=ema),
    "accumulated gradients": with_compile(optimizer=lambda: keras.optimizers.Adam(0.01, gradient_accumulation_steps=3)),
    "a scaled loss": with_compile(optimizer=lambda: keras.optimizers.LossScaleOptimizer(keras.optimizers.SGD(0.1))),
    "an optimizer of one's own": with_compile(optimizer=OwnAdam),
    "an optimizer that is not on the list": with_compile(optimizer=lambda: keras.optimizers.Lamb(0.01)),
    "a loss of one's own": with_compile(loss=lambda: own_loss),
    "a loss as a function of Keras": with_compile(loss=lambda: keras.losses.sparse_categorical_crossentropy),
    "a metric of one's own": with_compile(metrics=lambda: [own_metric]),
    "a metric that is an array": Situation(
        compile=lambda: {
            "optimizer": "adam",
            "loss": keras.losses.CategoricalCrossentropy(from_logits=True),
            "metrics": [keras.metrics.F1Score()],
        },
        fit=lambda: {"x": X, "y": HOT, "validation_data": (X, HOT)},
        gear="kept",
    ),
    "metrics by name": with_compile("quick", metrics=lambda: ["accuracy"]),
    "weighted metrics": with_compile(weighted_metrics=lambda: ["accuracy"]),
    "run eagerly": with_compile(run_eagerly=lambda: True),
    "several steps in one execution": with_compile(steps_per_execution=lambda: 3),
    "compiled by XLA": with_compile(jit_compile=lambda: True),
    "focal loss": Situation(
        compile=lambda: {"optimizer": "adam", "loss": keras.losses.CategoricalFocalCrossentropy(from_logits=True)},
        fit=lambda: {"x": X, "y": HOT},
        gear="kept",
    ),
    "regression": Situation(
        lambda: small(units=1),
        lambda: {"optimizer": "sgd", "loss": "mse", "metrics": ["mae"]},
        lambda: {"x": X, "y": TABLE[:, 0]},
    ),
    # arguments of fit
    "class_weight": with_fit(class_weight=CLASS_WEIGHT),
    "sample_weight": with_fit(sample_weight=WEIGHTS),
    "validation_split": with_fit(validation_split=0.3),
    "validation with weights": with_fit(validation_data=(X[:20], Y[:20], WEIGHTS[:20])),
    "validation now and then": with_fit(validation_data=(X[:20], Y[:20]), validation_freq=2, epochs=4),
    "validation in batches of its own": with_fit("quick", validation_data=(X[:20], Y[:20]), validation_batch_size=7),
    "a few steps of validation": with_fit(
        validation_data=(X[:20], Y[:20]), validation_batch_size=4, validation_steps=2
    ),
    "initial_epoch": with_fit(initial_epoch=2, epochs=4),
    "steps_per_epoch": with_fit(steps_per_epoch=1, batch_size=20, epochs=3),
    "no shuffling": with_fit("quick", shuffle=False),
    "shuffled batch by batch": with_fit(shuffle="batch"),
    "a batch larger than the data": with_fit("quick", batch_size=1000),
    "batches of one": with_fit("quick", batch_size=1, epochs=1),
    "a batch size of 0": with_fit(batch_size=0, epochs=1),
    "a batch size of NumPy": with_fit(batch_size=np.int64(20)),
    "no epochs": with_fit(epochs=0),
    "no rows": with_fit("plain", x=X[:0], y=Y[:0]),
    "no rows for validation": with_fit(validation_data=(X[:0], Y[:0])),
    "validation of another shape that never comes": with_fit(validation_data=(TABLE, Y), validation_freq=3),
    # data
    "uint8 images": Situation(fit=lambda: {"x": X.astype("uint8"), "y": Y}),
    "float64 images": Situation(fit=lambda: {"x": X.astype("float64"), "y": labels_of("float64")}),
    "labels as a column": Situation(fit=lambda: {"x": X, "y": Y[:, None]}),
    "tensors": Situation(fit=lambda: {"x": tf.constant(X), "y": tf.constant(Y)}, gear="kept"),
    "labels as a list of numbers": Situation(fit=lambda: {"x": X, "y": tf.constant(Y)}, gear="kept"),
    "a tf.data.Dataset": with_data(pieces),
    "batches that were cached and shuffled": with_data(
        lambda: pieces(size=16).cache().shuffle(10, seed=4).prefetch(2), epochs=3
    ),
    "a data set with weights": with_data(lambda: pieces(weights=WEIGHTS)),
    "a data set of no batches": with_data(lambda: pieces(X[:0], Y[:0]), "plain"),
    "a data set of unknown length": with_data(lambda: pieces().filter(lambda x, y: True), "plain"),
    "a data set that repeats": with_data(lambda: pieces().repeat(), steps_per_epoch=3, epochs=3),
    "a data set that runs out": with_data(pieces, steps_per_epoch=3, epochs=3),
    "a data set with class weights": with_data(pieces, class_weight=CLASS_WEIGHT),
    "a data set that is augmented": with_data(
        lambda: pieces().map(lambda x, y: (x + tf.random.stateless_normal(tf.shape(x), seed=(1, 2)), y))
    ),
    "a data set for validation": with_fit(validation_data=pieces(X[:20], Y[:20], 6)),
    "a data set of two inputs": Situation(
        two_inputs, fit=lambda: {"x": tf.data.Dataset.from_tensor_slices(((X, TABLE), Y)).batch(16)}, gear="kept"
    ),
    "a PyDataset": with_data(Pieces, shuffle=False),
    "a generator": with_data(generator, "plain", steps_per_epoch=3),
    # callbacks
    "early stopping that restores": with_callback(
        lambda: keras.callbacks.EarlyStopping("loss", patience=0, min_delta=10, restore_best_weights=True), "quick"
    ),
    "a plateau": with_callback(lambda: keras.callbacks.ReduceLROnPlateau("loss", patience=1, min_delta=10), "quick"),
    "a schedule by epoch": with_callback(
        lambda: keras.callbacks.LearningRateScheduler(lambda epoch: 0.1 / (epoch + 1)), "quick"
    ),
    "a schedule that sets the seed": with_callback(lambda: keras.callbacks.LearningRateScheduler(Seeds())),
    "a schedule that reads more than numbers": with_callback(
        lambda: keras.callbacks.LearningRateScheduler(draws_a_rate)
    ),
    "a hook that was replaced": with_callback(stopping_with_a_hook),
    "a callback for batches": with_callback(lam(on_train_batch_end=lambda batch, logs: logs["loss"])),
    "a rate that is set batch by batch": with_callback(RateByBatch),
    "weights that are read and set batch by batch": with_callback(WeightsByBatch),
    "frozen weights that change by epoch": with_callback(ChangesFrozen),
    "frozen weights that change in an epoch": with_callback(ChangesFrozenAtBatch),
    "thawed at the start": with_callback(ThawsAtStart),
    "thawed later, without compile": with_callback(ThawsLate),
    "compiled again in a callback": with_callback(CompilesAgain),
    "evaluated in a callback": with_callback(Evaluates),
    "trained on a batch in a callback": with_callback(TrainsOnBatch),
    "stopped after a batch": with_callback(StopsAtBatch),
    "logs that a callback edits": with_callback(EditsLogs),
    "weights that are swapped with their averages": replace(
        with_callback(lambda: keras.callbacks.SwapEMAWeights(swap_on_epoch=True)),
        compile=lambda: {"optimizer": ema(), "loss": LOSS},
    ),
}
