"""The right answers of the quiz, computed anew from the text of the question, and by Keras where it is cheap."""

import hashlib
import re

import numpy as np
import pytest

from tlkit.quiz import all_questions, asked_in
from tlkit.quiz import attempt as attempt_module
from tlkit.quiz.attempt import NUM_QUESTIONS

TITLES = [question.title for question in all_questions()]


def _drawn(title: str, seed: int = 3):
    return asked_in(seed, 0)[TITLES.index(title)].drawn


def _numbers(text: str) -> list[float]:
    return [float(number) for number in re.findall(r"-?\d+(?:\.\d+)?", text)]


def _first(text: str) -> float:
    return _numbers(text)[0]


def test_fifteen_questions_each_with_three_misconceptions_of_its_own():
    questions = all_questions()
    assert len(questions) == len(set(TITLES)) == NUM_QUESTIONS
    beliefs = [belief for question in questions for belief in question.beliefs]
    assert len(set(beliefs)) == 3 * NUM_QUESTIONS
    assert all(sentence.endswith(".") for question in questions for sentence in (*question.beliefs, question.because))


@pytest.mark.slow
def test_answers_are_distinct_and_the_retake_has_other_numbers_for_200_seeds():
    places = set()
    for seed in range(200):
        first, second = asked_in(seed, 0), asked_in(seed, 1)
        for before, after in zip(first, second, strict=True):
            assert before.question is after.question
            assert (before.drawn.text, before.drawn.code) != (after.drawn.text, after.drawn.code)
            for one in (before, after):
                assert len(set(one.choices)) == 4
                assert sorted(one.order) == [0, 1, 2, 3]
        places |= {(place, one.order.index(0)) for place, one in enumerate(first)}
    assert len(places) == 4 * NUM_QUESTIONS  # no question has its right answer always in the same place


def test_other_draws_need_another_version():
    """Attempts hold a seed and choices: where the draws changed, old ones would be judged by other questions."""
    asked = [one for seed in range(3) for attempt in (0, 1) for one in asked_in(seed, attempt)]
    told = repr([(one.drawn, one.order) for one in asked])
    digest = hashlib.sha256(told.encode()).hexdigest()[:16]
    assert (attempt_module._VERSION, digest) == (1, "37ccd16106f1be5a"), "raise _VERSION, and write its new digest here"


def test_the_same_seed_asks_the_same():
    texts = [[(one.drawn, one.order) for one in asked_in.__wrapped__(7, attempt)] for attempt in (0, 0, 1)]
    assert texts[0] == texts[1] != texts[2]


@pytest.mark.parametrize("seed", range(5))
def test_arithmetic_of_the_text_gives_the_right_answer(seed):
    def of(title: str) -> tuple[list[float], float]:
        drawn = _drawn(title, seed)
        return _numbers(f"{drawn.code}\n{drawn.text}"), _first(drawn.answers[0])

    (trained, _, random), answer = of("What random features show")
    assert answer == trained - random
    (transfer, without, *_), answer = of("Negative transfer")
    assert answer == transfer - without < 0
    (_, _, frozen, slow, spoilt, tuned), answer = of("Learning rates for a fair comparison")
    assert answer == max(spoilt, tuned) - max(frozen, slow)
    (forward, head, epochs), answer = of("The cost of a frozen part")
    assert answer == epochs * (forward + head)
    numbers, answer = of("Scaling twice")
    assert answer == pytest.approx(numbers[-1] / 255 / 127.5 - 1, abs=6e-4)
    (episodes, *_), answer = of("How many measurements there are")
    assert answer == episodes


@pytest.mark.parametrize("seed", range(5))
def test_threshold_is_where_the_costs_meet(seed):
    drawn = _drawn("Where to put the threshold", seed)
    price, chances = _first(drawn.text), np.linspace(0, 1, 100_001)
    cheaper = chances[chances * price > (1 - chances)]  # of an alarm, wrong with 1 - p, against none, wrong with p
    assert 100 * cheaper[0] == pytest.approx(_first(drawn.answers[0]), abs=0.06)


@pytest.mark.parametrize("seed", range(5))
def test_balanced_accuracy_is_scikit_learns(seed):
    from sklearn.metrics import balanced_accuracy_score

    drawn = _drawn("Accuracy where one class is rare", seed)
    ill, found, well, right = map(int, _numbers(drawn.text))
    truth = [1] * ill + [0] * well
    said = [1] * found + [0] * (ill - found) + [0] * right + [1] * (well - right)
    assert 100 * balanced_accuracy_score(truth, said) == pytest.approx(_first(drawn.answers[0]), abs=0.06)


@pytest.mark.parametrize("seed", range(5))
def test_best_of_many_is_as_lucky_as_in_a_simulation(seed):
    drawn = _drawn("Choosing on the test set", seed)
    tried, percent, images, _ = map(int, _numbers(drawn.text))
    best = np.random.default_rng(seed).binomial(images, percent / 100, (20_000, tried)).max(axis=1).mean()
    assert 100 * best / images - percent == pytest.approx(_first(drawn.answers[0]), abs=0.15)


@pytest.mark.parametrize("seed", range(20))
def test_interval_contains_zero_and_the_right_answer_names_both_its_ends(seed):
    drawn = _drawn("An interval that contains 0", seed)
    mean, _, low, high = _numbers(drawn.text)[1:]
    assert low < 0 < mean < high
    assert mean == pytest.approx((low + high) / 2)
    assert _numbers(drawn.answers[0].removesuffix(".")) == [high, -low]


@pytest.mark.parametrize("seed", range(20))
def test_the_right_source_has_the_best_probe_and_each_wrong_one_another_record(seed):
    drawn = _drawn("Choosing a source", seed)
    table = np.array([_numbers(row) for row in drawn.code.splitlines()[1:]])  # distance, own task, parameters, probe
    best = [table[:, 3].argmax(), table[:, 0].argmin(), table[:, 1].argmax(), table[:, 2].argmax()]
    assert [f"source {'ABCD'[place]}" for place in best] == list(drawn.answers)


# --- by Keras and TensorFlow


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 1])
def test_keras_changes_as_many_weights_as_the_right_answer_says(seed):
    import keras

    drawn = _drawn("Freezing after a first fit", seed)
    keras.utils.set_random_seed(0)
    inputs, _, outputs = map(int, _numbers(drawn.code)[:3])
    x, y = (np.random.default_rng(0).normal(size=(16, width)) for width in (inputs, outputs))
    code = drawn.code.replace("model.layers[0]", "before = model.get_weights()\nmodel.layers[0]")
    own = {"keras": keras, "Dense": keras.layers.Dense, "x": x, "y": y}
    exec(code.replace("fit(x, y)", "fit(x, y, verbose=0)"), own)
    changed = [(new != old).sum() for new, old in zip(own["model"].get_weights(), own["before"], strict=True)]
    assert sum(changed) == int(drawn.answers[0])


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 1])
def test_keras_moves_as_many_statistics_as_the_right_answer_says(seed):
    import keras

    drawn = _drawn("BatchNorm and training=False", seed)
    layers, channels = map(int, _numbers(drawn.text))
    inputs = keras.Input((channels,))
    norms = [keras.layers.BatchNormalization(beta_initializer="ones") for _ in range(layers)]  # none rests by chance
    backbone = keras.Sequential([keras.Input((channels,)), *norms])
    x = np.random.default_rng(0).normal(3, 2, size=(32, channels))
    statistics = [weight for weight in backbone.weights if "moving" in weight.path]
    before = [weight.numpy() for weight in statistics]
    backbone.trainable = False
    own = {"keras": keras, "backbone": backbone, "inputs": inputs, "head": keras.layers.Dense(1), "x": x}
    exec(drawn.code.replace("fit(x, y)", "fit(x, y, verbose=0)"), own | {"y": np.zeros(32)})
    moved = sum((weight.numpy() != old).sum() for weight, old in zip(statistics, before, strict=True))
    assert moved == int(drawn.answers[0])


@pytest.mark.slow
def test_keras_counts_the_parameters_as_the_right_answer_says():
    import keras

    drawn = _drawn("Where the parameters are")
    first, *widths = map(int, _numbers(drawn.text)[2:6])
    convolutions = [keras.layers.Conv2D(width, 3, use_bias=False) for width in widths]
    model = keras.Sequential([keras.Input((32, 32, first)), *convolutions])
    share = model.layers[-1].count_params() / model.count_params()
    assert 100 * share == pytest.approx(_first(drawn.answers[0]), abs=0.06)


@pytest.mark.slow
def test_a_frozen_part_runs_in_each_epoch():
    import keras

    class Counting(keras.layers.Layer):
        def build(self, shape):
            self.calls = self.add_weight(shape=(), initializer="zeros", trainable=False)

        def call(self, x):
            self.calls.assign_add(1.0)
            return x

    backbone = keras.Sequential([keras.Input((2,)), Counting(), keras.layers.Dense(2)])
    backbone.trainable = False
    model = keras.Sequential([keras.Input((2,)), backbone, keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    model.fit(np.ones((8, 2)), np.zeros(8), epochs=5, batch_size=8, verbose=0)
    assert float(backbone.layers[0].calls.numpy()) == 5


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_as_many_images_leak_as_the_right_answer_says(seed):
    import tensorflow as tf

    drawn = _drawn("Shuffle, then take and skip", seed)
    own = {"tf": tf}
    exec(drawn.code, own)
    trained = {int(image) for image in own["train"]}
    leaked = sum(int(image) in trained for image in own["test"])
    assert leaked == pytest.approx(int(drawn.answers[0]), rel=0.25)
    assert min(abs(leaked - _first(wrong)) for wrong in drawn.answers[2:]) > abs(leaked - int(drawn.answers[0]))
