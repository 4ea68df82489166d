"""Splits of any arrays: the schema is held, rows stay together, the vault counts."""

import numpy as np
import pytest

from tlkit.data import ArrayDataset, ArraySplit, Field, Vault

SCHEMA = {"text": Field("text"), "mask": Field("mask", (3,)), "label": Field("label")}


def make_split(count=6):
    arrays = {
        "text": np.array([f"text {row}" for row in range(count)], object),
        "mask": np.arange(count * 3).reshape(count, 3) % 2 == 0,
        "label": np.arange(count) % 2,
    }
    return ArraySplit(arrays, SCHEMA, ["even", "odd"], "texts")


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"text": None}, r"must hold what `schema` names: text, mask, label. Received: mask, label"),
        ({"other": np.zeros(6)}, "must hold what `schema` names"),
        (
            {"text": np.array(["a", 3, "b", "c", "d", "e"], object)},
            r"\['text'\]` must hold strings. Received: 3",
        ),
        ({"mask": np.zeros((6, 4), bool)}, r"must have shape \(num_items, 3\). Received: \(6, 4\)"),
        ({"mask": np.zeros((6, 3))}, "holds mask: it must be bool. Received: float64"),
        ({"label": np.array([0, 1, 2, 0, 1, 0])}, r"must lie in \[0, 2\).*Received: 0 to 2"),
        ({"label": np.array([0, 1])}, "one row per item. Received: text 6, mask 6, label 2"),
    ],
)
def test_the_schema_is_held(changed, message):
    arrays = {name: array for name, array in (dict(make_split().arrays) | changed).items() if array is not None}
    with pytest.raises(ValueError, match=message):
        ArraySplit(arrays, SCHEMA, ["even", "odd"])


def test_numbers_must_be_finite():
    with pytest.raises(ValueError, match=r"must be finite. Received: NaN or infinity in 1 items"):
        ArraySplit({"x": np.array([[1.0, np.nan], [0.0, 1.0]])}, {"x": Field("series", (None,))})


def test_a_field_has_a_known_kind():
    with pytest.raises(ValueError, match=r"`kind` must be one of text, tokens.*Received: 'pixels'"):
        Field("pixels")


def test_rows_stay_together():
    split = make_split(10)
    taken = split.take_per_class(3, seed=1)
    assert np.bincount(taken.labels).tolist() == [3, 3]
    for text, mask, label in zip(taken["text"], taken["mask"], taken.labels, strict=True):
        row = int(text.split()[1])
        assert label == row % 2
        assert mask.tolist() == split["mask"][row].tolist()
    with pytest.raises(ValueError, match=r"'even' has only 5 texts. Pass at most 5"):
        split.take_per_class(6)


def test_batches_hold_each_item_once():
    split = make_split(10)
    batches = list(split.as_dataset(["text", "mask"], batch_size=4, shuffle=True, seed=2).as_numpy_iterator())
    assert [len(labels) for _, labels in batches] == [4, 4, 2]
    texts = [text.decode() for inputs, _ in batches for text in inputs["text"]]
    assert sorted(texts) == sorted(split["text"])
    assert texts != split["text"].tolist()
    labels = np.concatenate([labels for _, labels in batches])
    assert labels.tolist() == [int(text.split()[1]) % 2 for text in texts]
    assert next(iter(split.as_dataset("mask", None))).shape == (10, 3)


def test_an_unknown_array_is_named():
    with pytest.raises(KeyError, match=r"one of text, mask, label. Received: 'lable'"):
        make_split()["lable"]


def test_a_dataset_of_arrays_has_a_vault():
    dataset = ArrayDataset("mine", "# mine", make_split(8), make_split(4), Vault(make_split(2)))
    assert repr(dataset.test) == "Vault(2 texts, never opened)"
    smaller = dataset.take_per_class(2)
    assert (len(smaller.train), smaller.num_classes, smaller.class_names) == (4, 2, ["even", "odd"])
    smaller.test.open("a look")
    assert dataset.test.num_opened == 1
    assert dataset.test.num_items == 2


def test_the_schema_is_told():
    told = make_split().describe()
    assert "| mask | mask | (6, 3) bool |" in told
