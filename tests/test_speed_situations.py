"""In every situation of the table the kit's `fit` leaves what plain Keras leaves, and says which gear it took."""

import copy
import inspect
import re

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.situations import HOT, LOSS, SITUATIONS, TABLE, Situation, X, Y, pieces, small
from tlkit import speed
from tlkit.speed import feature_store as features_module

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def _own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("TLKIT_CACHE", str(tmp_path))
    features_module._STORES.clear()


class Calls(keras.callbacks.Callback):
    """Every hook in its order, with the numbers of its logs and the weights of the model at that time."""

    def __init__(self):
        super().__init__()
        self.calls: list = []

    def _hook(name):
        def hook(self, *numbers, logs=None):
            numbers = [number for number in numbers if isinstance(number, int)]
            # The frozen weights and the head as a callback sees them at this very hook.
            sums = [float(np.sum(weight)) for weight in self.model.get_weights()]
            self.calls.append((name, numbers, sorted(logs or ()), sums))

        return hook

    for _name in ("train", "test"):
        vars()[f"on_{_name}_begin"] = _hook(f"on_{_name}_begin")
        vars()[f"on_{_name}_end"] = _hook(f"on_{_name}_end")
        vars()[f"on_{_name}_batch_begin"] = _hook(f"on_{_name}_batch_begin")
        vars()[f"on_{_name}_batch_end"] = _hook(f"on_{_name}_batch_end")
    on_epoch_begin, on_epoch_end = _hook("on_epoch_begin"), _hook("on_epoch_end")


def arguments_of(situation: Situation) -> dict:
    arguments = {"epochs": 2, "batch_size": 16, "verbose": 0} | situation.fit()
    if not isinstance(arguments["x"], (np.ndarray, list, dict)) and not keras.ops.is_tensor(arguments["x"]):
        del arguments["batch_size"]
    return arguments


def outcome(situation: Situation, fit, watched: bool):
    """What a way of training leaves: weights, optimizer, history, calls; or the error that it raises."""
    keras.utils.set_random_seed(0)
    model, calls = situation.make(), Calls()
    model.compile(**{"jit_compile": False} | situation.compile())
    situation.after(model)
    own = situation.callbacks()
    keras.utils.set_random_seed(1)
    arguments = arguments_of(situation)
    if situation.between is not None:
        fit(model, **arguments, callbacks=[Calls()] if watched else [])
        situation.between(model)
    history = fit(model, **arguments, callbacks=[*own, calls] if watched else own)
    keras.config.set_dtype_policy("float32")
    return {
        "weights": [np.asarray(v.numpy(), "float64") for v in model.variables],
        "optimizer": [np.asarray(v.numpy(), "float64") for v in model.optimizer.variables],
        "history": copy.deepcopy(history.history),
        "metrics": [np.asarray(value) for _, value in sorted(model.get_metrics_result().items())],
        "next draw": [float(keras.random.uniform(())), float(np.random.uniform())],
        "seen": [np.ravel(np.asarray(callback.seen, "float64")) for callback in own if hasattr(callback, "seen")],
    }, (calls.calls, history)


def assert_alike(plain, kit):
    for part in ("weights", "optimizer", "metrics", "seen", "next draw"):
        for one, other in zip(plain[part], kit[part], strict=True):
            np.testing.assert_allclose(other, one, rtol=2e-4, atol=2e-5, err_msg=part)
    assert plain["history"].keys() == kit["history"].keys()
    for name, values in plain["history"].items():
        np.testing.assert_allclose(kit["history"][name], values, rtol=2e-4, atol=2e-5, err_msg=name)


def assert_called_alike(plain, kit):
    assert [call[:3] for call in kit] == [call[:3] for call in plain]
    for one, other in zip(plain, kit, strict=True):
        np.testing.assert_allclose(other[3], one[3], rtol=2e-4, atol=2e-4, err_msg=one[0])


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", SITUATIONS)
def test_the_kit_leaves_what_plain_keras_leaves(name):
    situation = SITUATIONS[name]
    plain, (plain_calls, _) = outcome(situation, keras.Model.fit, True)
    kit, (kit_calls, _) = outcome(situation, speed.fit, True)
    assert_alike(plain, kit)
    assert_called_alike(plain_calls, kit_calls)
    alone, (_, history) = outcome(situation, speed.fit, False)
    assert_alike(plain, alone)
    assert (history.gear, bool(history.why)) == (situation.gear, True)


REFUSED = {
    "labels of another length": {"y": Y[:40]},
    "labels of a rank that the loss refuses": {"y": np.zeros((50, 2, 2))},
    "labels of another width": {"y": HOT},
    "a list of labels": {"y": Y.tolist()},
    "a list of weights": {"sample_weight": [1.0] * 50},
    "images of another size": {"x": np.zeros((50, 9, 9, 3), "float32")},
    "a table in place of images": {"x": TABLE},
    "validation on images of another size": {"validation_data": (np.zeros((5, 9, 9, 3), "float32"), Y[:5])},
    "validation on something else": {"validation_data": {"x": X}},
    "a data set that has no batches": {"x": tf.data.Dataset.from_tensor_slices((X, Y)), "y": None, "batch_size": None},
    "a split of a data set": {"x": pieces(), "y": None, "batch_size": None, "validation_split": 0.2},
    "a batch size below 0": {"batch_size": -1},
    "epochs as a text": {"epochs": "3"},
}


def refusal(fit, given: dict) -> tuple[type, str] | None:
    """The error of a training, without the numbers that Keras gives to names."""
    model = small()
    model.compile("adam", LOSS, jit_compile=False)
    try:
        fit(model, **{"x": X, "y": Y, "batch_size": 16, "verbose": 0} | given)
    except Exception as error:
        return type(error), re.sub(r"_\d+", "", str(error))
    return None


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", REFUSED)
def test_what_plain_keras_refuses_is_refused_in_its_words(name):
    plain, kit = refusal(keras.Model.fit, REFUSED[name]), refusal(speed.fit, REFUSED[name])
    assert plain
    assert kit == plain


def test_a_change_that_plain_keras_would_not_hear_of_is_told_where_it_counts():
    model = small()
    model.compile("adam", LOSS, jit_compile=False)
    speed.fit(model, X, Y, verbose=0)
    model.optimizer.beta_1 = 0.1
    with pytest.warns(UserWarning, match="here it counts"):
        assert speed.fit(model, X, Y, verbose=0, callbacks=[Calls()]).gear == "kept"


def test_what_a_callback_set_before_an_error_is_left():
    def fail(epoch, rate):
        if epoch == 2:
            raise RuntimeError
        return rate

    left = []
    for fit in (keras.Model.fit, speed.fit):
        keras.utils.set_random_seed(0)
        model = small()
        model.compile("adam", LOSS, jit_compile=False)
        plateau = keras.callbacks.ReduceLROnPlateau("loss", patience=0, min_delta=100)
        with pytest.raises(RuntimeError):
            fit(model, X, Y, epochs=4, verbose=0, callbacks=[keras.callbacks.LearningRateScheduler(fail), plateau])
        left.append([float(model.optimizer.learning_rate), float(np.sum(model.get_weights()[-1]))])
    np.testing.assert_allclose(left[1], left[0], rtol=1e-4)


def test_every_argument_of_the_installed_fit_is_taken():
    keras_own = list(inspect.signature(keras.Model.fit).parameters.values())[1:]
    kit = list(inspect.signature(speed.fit).parameters.values())[1:]
    assert [(one.name, one.default) for one in kit] == [(one.name, one.default) for one in keras_own]


def test_the_table_has_all_kinds():
    assert len(SITUATIONS) >= 80
    assert {situation.gear for situation in SITUATIONS.values()} == {"quick", "kept", "plain"}
