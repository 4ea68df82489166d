"""Where a model may be cut, against cutting it there; how far it stays the same, against running it as in training."""

import keras
import numpy as np
import pytest

from tlkit.freezing import blocks, freeze, last_kept, places, set_states, unfreeze
from tlkit.freezing.cuts import draws

L = keras.layers
RNG = np.random.default_rng(0)


def siamese():
    """One network for both inputs: two tensors go on, although they come from the same layer."""
    tower = keras.Sequential([keras.Input((6,)), L.Dense(4, name="in_tower")], name="tower")
    one, two = keras.Input((6,)), keras.Input((6,))
    return keras.Model([one, two], L.Dense(2)(L.Subtract()([tower(one), tower(two)])))


def nested():
    """A bare operation and a layer inside a nested model: neither is a tensor of the model itself."""
    inner_in = keras.Input((6,))
    inner = keras.Model(inner_in, L.Dense(5, name="in_b")(keras.ops.abs(L.Dense(4, name="in_a")(inner_in)) * 2.0))
    inputs = keras.Input((6,))
    return keras.Model(inputs, L.Dense(2)(keras.ops.abs(inner(inputs))))


def residual():
    x = inputs = keras.Input((6,))
    x = L.Add()([L.Dense(6)(x), x])
    return keras.Model(inputs, L.Dense(2)(L.Concatenate()([L.Dense(3)(x), L.Dense(3)(x)])))


def two_outputs():
    inputs = keras.Input((6,))
    x = L.Dense(4)(inputs)
    return keras.Model(inputs, [L.Dense(2)(x), L.Dense(3)(x)])


def sequential():
    return keras.Sequential([keras.Input((6,)), L.Dense(4), L.Dropout(0.5), L.Dense(2)])


MODELS = [siamese, nested, residual, two_outputs, sequential]


@pytest.mark.parametrize("make", MODELS)
def test_a_model_can_be_cut_where_places_say_so_and_nowhere_else(make):
    model = make()
    inputs = [RNG.normal(size=(3, *tensor.shape[1:])).astype("float32") for tensor in model.inputs]
    expected = keras.tree.flatten(model(inputs if len(inputs) > 1 else inputs[0]))
    cut_after = {p.step.layer.name for p in places(model) if p.may_cut and p.step.layer is not None}
    last = {tensor._keras_history.operation for tensor in model.outputs}
    for layer in (layer for layer in model.layers if not isinstance(layer, (keras.Model, L.InputLayer))):
        if layer in last:
            continue
        middle = layer.output
        try:
            second = keras.Model(middle, model.outputs)
        except ValueError:  # Keras says that it would need more than this tensor
            assert layer.name not in cut_after
            continue
        assert layer.name in cut_after
        made = keras.tree.flatten(second(keras.Model(model.inputs, middle)(inputs)))
        for one, other in zip(made, expected, strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-5)
    inner = {layer.name for layer in model._flatten_layers()} - {layer.name for layer in model.layers}
    assert "in_a" not in cut_after
    assert cut_after & inner <= {"in_b"}  # the end of a nested model is a tensor of the outer one


def test_what_is_kept_ends_before_what_changes():
    model = sequential()
    dense, dropout, _ = model.layers
    assert last_kept(model, places(model)) == (None, f"{dense.name!r} learns")
    dense.trainable = False
    kept, why = last_kept(model, places(model))
    assert (places(model)[kept].step.layer, why) == (dense, f"{dropout.name!r} (Dropout) acts randomly during training")
    model.trainable = False
    assert last_kept(model, places(model))[1] == why


def test_nothing_is_kept_of_a_siamese_network_and_all_of_a_frozen_nested_one():
    model = siamese()
    model.get_layer("tower").trainable = False
    kept, _ = last_kept(model, places(model))
    assert isinstance(places(model)[kept].step.layer, L.Subtract)
    model = nested()
    model.layers[1].trainable = False
    ends = places(model)
    assert ends[last_kept(model, ends)[0]].step.layer is None  # the operation behind it


def test_flags_of_single_variables_and_of_hidden_layers_are_read_as_keras_reads_them():
    model = sequential()
    dense = model.layers[0]
    dense.kernel.trainable = dense.bias.trainable = False
    assert last_kept(model, places(model))[0] == 1
    dense.bias.trainable = True
    assert last_kept(model, places(model))[0] is None
    model = nested()
    inner = model.layers[1]
    inner.trainable = False
    inner.get_layer("in_a").trainable = True  # what is around it is frozen
    hidden = not any(v.path.startswith("in_a") for v in model.trainable_variables)
    assert (last_kept(model, places(model))[0] is not None) == hidden


@pytest.mark.parametrize(
    ("layer", "why"),
    [
        (L.BatchNormalization(name="it"), "statistics move"),
        (L.Dense(6, activity_regularizer="l2", trainable=False, name="it"), "adds to the loss"),
        (L.GaussianNoise(1.0, name="it"), "randomly"),
        (L.LSTM(6, dropout=0.5, trainable=False, name="it"), "randomly"),
        (L.LSTM(6, trainable=False, name="it"), "'last' learns"),
        (L.Dropout(0.0, name="it"), "'last' learns"),
        (L.TimeDistributed(L.BatchNormalization(), name="it"), "statistics move"),
    ],
)
def test_why_a_layer_changes_from_step_to_step(layer, why):
    model = keras.Sequential([keras.Input((3, 6)), layer, L.Flatten(), L.Dense(2, name="last")])
    x = RNG.normal(size=(4, 3, 6)).astype("float32")
    kept, reason = last_kept(model, places(model))
    assert why in reason
    outputs = [np.asarray(layer(x, training=True)) for _ in range(2)]
    losses = [float(sum(layer.losses))] if layer.losses else []
    same = np.array_equal(*outputs) and np.array_equal(outputs[0], layer(x, training=False)) and not losses
    assert same == (kept is not None)


def test_draws_is_about_the_layer_itself():
    assert draws(L.Dropout(0.5))
    assert not draws(L.Dropout(0.0))
    assert not draws(L.Dense(3))


def states_model():
    inner = keras.Sequential([keras.Input((8, 8, 3)), L.Conv2D(3, 3, name="a"), L.BatchNormalization(name="a_bn")])
    image = keras.Input((8, 8, 3))
    x = L.Conv2D(4, 3, name="b")(inner(image))
    return keras.Model(image, L.Dense(2, name="out")(L.GlobalAveragePooling2D()(x)))


@pytest.mark.parametrize("bn", ["frozen", "learning"])
def test_set_states_sets_what_it_says(bn):
    model = states_model()
    model.layers[1].trainable = False  # a frozen container hides all inside it
    parts = blocks(model)
    set_states(model, parts, ["learning", "frozen", "learning"], bn=bn)
    assert [part.state for part in blocks(model)] == ["learning", "frozen", "learning"]
    learning = {variable.path.split("/")[-2] for variable in model.trainable_variables}
    assert learning == {"a", "out"} | ({"a_bn"} if bn == "learning" else set())


def test_partly_leaves_a_block_as_it_is():
    model = states_model()
    parts = blocks(model)
    model.layers[1].get_layer("a").trainable = False
    set_states(model, parts, ["partly", "frozen", "frozen"])
    assert not model.layers[1].get_layer("a").trainable
    assert model.layers[1].get_layer("a_bn").trainable


@pytest.mark.parametrize(
    ("states", "bn", "message"),
    [
        (["learning", "frosen", "learning"], "frozen", "`states` must be 'frozen', 'learning' or 'partly'. .*'frosen'"),
        (["learning"] * 3, "no", "`bn` must be 'frozen' or 'learning'. Received: 'no'"),
        (["learning"], "frozen", "one entry for each of the 3 blocks. Received: 1"),
    ],
)
def test_set_states_refuses_and_changes_nothing(states, bn, message):
    model = states_model()
    model.trainable = False
    with pytest.raises(ValueError, match=message):
        set_states(model, blocks(model), states, bn=bn)
    assert not model.trainable_variables


def test_single_variables_keep_their_flags():
    model = states_model()
    model.layers[1].trainable = False
    out, inner = model.get_layer("out"), model.layers[1].get_layer("a")
    inner.trainable = True
    out.bias.trainable = inner.bias.trainable = False
    freeze(model, "b")
    assert (inner.trainable, out.kernel.trainable, out.bias.trainable) == (False, True, False)
    unfreeze(model, "b")
    assert not out.bias.trainable  # in Keras, too, a flag that is set to what it is reaches no weight
    inner.trainable = True
    inner.bias.trainable = False
    assert blocks(model)[0].state == "partly"
    freeze(model, "out")
    set_states(model, blocks(model), ["partly", "learning", "learning"])
    assert not inner.bias.trainable


def test_single_flags_below_a_frozen_container_outlive_its_thawing():
    model = states_model()
    model.layers[1].trainable = False
    inner = model.layers[1].get_layer("a")
    inner.trainable = True
    inner.bias.trainable = False
    unfreeze(model, "out")
    assert (inner.kernel.trainable, inner.bias.trainable) == (True, False)
