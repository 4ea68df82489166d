"""Intervals against SciPy and by simulation, reports against scikit-learn, and what is refused."""

import numpy as np
import pytest
from scipy import stats
from sklearn import metrics

from tlkit.measure import (
    Interval,
    classification_report,
    compare_runs,
    confusion_matrix,
    learning_curve,
    mean_interval,
    operating_point,
    paired_interval,
    predictive_values,
    share_interval,
    threshold_at,
    transfer_gain,
)


def simulated_pairs(num_trials, num_seeds, gain):
    """Pairs that share a strong effect of the seed, as accuracies do."""
    rng = np.random.default_rng(7)
    shared = rng.normal(0.6, 0.1, (num_trials, num_seeds))
    return shared + gain + rng.normal(0, 0.02, shared.shape), shared + rng.normal(0, 0.02, shared.shape)


@pytest.mark.slow
@pytest.mark.parametrize("num_seeds", [3, 5, 20])
def test_the_paired_interval_covers_the_true_gain_as_often_as_it_says(num_seeds):
    pairs = zip(*simulated_pairs(2000, num_seeds, 0.05), strict=True)
    intervals = [paired_interval(a, b) for a, b in pairs]
    assert 0.93 <= np.mean([i.low <= 0.05 <= i.high for i in intervals]) <= 0.97


def test_pairing_shortens_the_interval_where_seeds_share_their_luck():
    a, b = (x[0] for x in simulated_pairs(1, 10, 0.05))
    paired = paired_interval(a, b)
    unpaired = stats.ttest_ind(a, b).confidence_interval()
    assert paired.high - paired.low < 0.5 * (unpaired.high - unpaired.low)


@pytest.mark.parametrize("level", [0.5, 0.95, 0.99])
def test_the_intervals_are_those_of_scipy(level):
    a, b = (x[0] for x in simulated_pairs(1, 6, 0.1))
    expected = stats.ttest_rel(a, b).confidence_interval(level)
    assert paired_interval(a, b, level=level).low == pytest.approx(expected.low)
    assert transfer_gain(a, b, level=level).high == pytest.approx(expected.high)
    expected = stats.ttest_1samp(a, 0).confidence_interval(level)
    assert mean_interval(a, level=level).high == pytest.approx(expected.high)


def test_the_bootstrap_is_that_of_scipy_and_repeats():
    a, b = (x[0] for x in simulated_pairs(1, 30, 0.1))
    mine = paired_interval(a, b, method="bootstrap")
    theirs = stats.bootstrap((a - b,), np.mean, method="percentile", rng=1).confidence_interval
    assert [mine.low, mine.high] == pytest.approx([theirs.low, theirs.high], abs=5e-4)
    assert mine == paired_interval(a, b, method="bootstrap")


@pytest.mark.parametrize(
    ("interval", "text", "verdict"),
    [
        (Interval(0.123, 0.081, 0.165, 0.95, 5, True), "+12.3 points [8.1, 16.5], 5 paired seeds", "positive"),
        (Interval(-0.02, -0.03, -0.01, 0.9, 3, True), "-2.0 points [-3.0, -1.0], 3 paired seeds, 90 %", "negative"),
        (Interval(0.0, -0.00001, 0.00001, 0.95, 3, True), "+0.0 points [0.0, 0.0], 3 paired seeds", "undecided"),
        (Interval(0.7, 0.6, 0.8, 0.95, 4), "70.0 % [60.0, 80.0], 4 seeds", "positive"),
        (Interval(1.25, 1.0, 1.5, 0.95, 4, percent=False), "1.25 [1, 1.5], 4 seeds", "positive"),
    ],
)
def test_an_interval_prints_its_unit_and_decides(interval, text, verdict):
    assert str(interval).startswith(text)
    assert interval.verdict == verdict
    assert interval.excludes_zero == (verdict != "undecided")


@pytest.mark.parametrize(
    ("a", "b", "options", "message"),
    [
        ([0.1, 0.2], [0.1, 0.2, 0.3], {}, "same order. Received 2 and 3"),
        ([0.1], [0.2], {}, "at least 2 seeds"),
        ([0.1, float("nan")], [0.2, 0.3], {}, "`with_transfer` must hold finite numbers. Received nan at position 1"),
        ([0.1, 0.2], [0.2, float("inf")], {}, "`baseline` must hold finite"),
        ([81.0, 82.0], [0.2, 0.3], {}, "Divide percentages by 100"),
        ([[0.1], [0.2]], [0.2, 0.3], {}, "1-D"),
        (["a", "b"], [0.2, 0.3], {}, "1-D array of numbers"),
        ([0.1, 0.2], [0.2, 0.3], {"level": 95}, "pass `level=0.95`"),
        ([0.1, 0.2], [0.2, 0.3], {"method": "z"}, "'bootstrap'"),
    ],
)
def test_bad_scores_are_refused_with_the_reason(a, b, options, message):
    with pytest.raises(ValueError, match=message):
        transfer_gain(a, b, **options)


@pytest.fixture(params=["all classes", "never predicted", "absent"])
def labels(request):
    rng = np.random.default_rng(3)
    true = rng.integers(0, 4 if request.param == "absent" else 5, 200)
    pred = np.where(rng.random(200) < 0.6, true, rng.integers(0, 5, 200))
    return true, np.where(pred == 2, 0, pred) if request.param == "never predicted" else pred


def test_the_confusion_matrix_is_that_of_sklearn(labels):
    expected = metrics.confusion_matrix(*labels, labels=range(5))
    np.testing.assert_array_equal(confusion_matrix(*labels, 5), expected)


def test_the_report_is_that_of_sklearn(labels):
    names = list("abcde")
    report = classification_report(*labels, names)
    expected = metrics.classification_report(
        *labels, labels=range(5), target_names=names, output_dict=True, zero_division=0
    )
    rows = {name: values for name, *values in report.rows()}
    for name in names:
        assert rows[name] == pytest.approx(list(expected[name].values()))
    assert rows["macro average"] == pytest.approx(list(expected["macro avg"].values()))
    assert report.accuracy == pytest.approx(metrics.accuracy_score(*labels))


def test_a_class_never_predicted_or_absent_is_named():
    report = classification_report([0, 0, 1], [0, 2, 0], ["brick", "<grass>", "sand"])
    assert report.precision[1] == 0
    assert report.zero_division == ("precision of '<grass>': never predicted", "recall of 'sand': no such image")
    assert "zero_division: precision of '<grass>'" in repr(report)
    assert "&lt;grass&gt;" in report._repr_html_()
    assert "<grass>" not in report._repr_html_()


@pytest.mark.parametrize(
    ("true", "pred", "message"),
    [
        ([0, 1], [0], "same length. Received 2 and 1"),
        ([], [], "non-empty"),
        ([0, 3], [0, 1], r"`y_true` must lie in \[0, 3\). Received 3"),
        ([0, 1], [-1, 1], "`y_pred` must lie"),
        ([0, 1], [0.2, 0.9], "integer class indices"),
        ([0, 1], [[0.2, 0.8], [0.9, 0.1]], r"np.argmax\(y_pred, axis=-1\)"),
    ],
)
def test_bad_labels_are_refused_with_the_reason(true, pred, message):
    with pytest.raises(ValueError, match=message):
        confusion_matrix(true, pred, 3)


def test_a_learning_curve_calls_each_budget_with_each_seed():
    calls = []

    def fit_and_score(budget, seed):
        calls.append((budget, seed))
        return budget / 100 + seed / 1000

    curve = learning_curve(fit_and_score, [1, 4, 16], seeds=range(3))
    assert calls == [(b, s) for b in (1, 4, 16) for s in range(3)]
    np.testing.assert_allclose(curve.mean, [0.011, 0.041, 0.161])
    assert str(curve.intervals[1]) == str(mean_interval([0.04, 0.041, 0.042]))
    assert len(str(curve).splitlines()) == 3


@pytest.mark.parametrize(
    ("scratch", "expected"),
    [
        ([0.3, 0.5, 0.9], 4.0 * 4 ** (0.1 / 0.3)),  # -0.1 at 4, +0.2 at 16
        ([0.5, 0.6, 0.9], 1.0),
        ([0.3, 0.4, 0.7], 16.0),
        ([0.3, 0.4, 0.5], None),
    ],
)
def test_the_crossover_is_where_the_means_meet_on_a_log_scale(scratch, expected):
    probe = learning_curve(lambda b, s: {1: 0.5, 4: 0.6, 16: 0.7}[b], [1, 4, 16], [0, 1])
    other = learning_curve(lambda b, s: dict(zip((1, 4, 16), scratch, strict=True))[b], [1, 4, 16], [0, 1])
    assert probe.crossover(other) == (expected if expected is None else pytest.approx(expected))


def test_the_gain_of_one_curve_over_another_is_paired_by_seed():
    better = learning_curve(lambda b, s: 0.5 + s / 10 + b / 100, [1, 2], [0, 1, 2])
    worse = learning_curve(lambda b, s: 0.4 + s / 10, [1, 2], [0, 1, 2])
    first, second = better.gain(worse)
    assert (first.mean, second.mean) == (pytest.approx(0.11), pytest.approx(0.12))
    assert first.high - first.low == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize(
    ("budgets", "seeds", "score", "message"),
    [
        ([4, 1], [0, 1], 0.5, "`budgets` must increase"),
        ([0, 1], [0, 1], 0.5, "at least 1"),
        ([1, 2], [0, 0], 0.5, "2 different"),
        ([1, 2], [0], 0.5, "at least 2"),
        ([1, 2], [0, 1], float("nan"), r"`fit_and_score\(1, 0\)` must return a finite"),
    ],
)
def test_bad_learning_curves_are_refused(budgets, seeds, score, message):
    with pytest.raises(ValueError, match=message):
        learning_curve(lambda b, s: score, budgets, seeds)


def test_curves_over_other_seeds_are_not_compared():
    one, other = (learning_curve(lambda b, s: 0.5, [1], seeds) for seeds in ([0, 1], [0, 2]))
    with pytest.raises(ValueError, match="same `seeds`"):
        one.crossover(other)


def test_runs_are_compared_with_the_baseline_named():
    runs = {"scratch": [0.5, 0.52], "probe": [0.7, 0.71], "tuned <b>": [0.8, 0.84]}
    table = compare_runs(runs, baseline="probe")
    assert list(table.gains) == ["scratch", "tuned <b>"]
    assert table.gains["scratch"] == paired_interval(runs["scratch"], runs["probe"])
    assert "against probe" in repr(table)
    assert "tuned &lt;b&gt;" in table._repr_html_()


@pytest.mark.parametrize(
    ("runs", "baseline", "message"),
    [
        ({"a": [0.1, 0.2]}, None, "at least two runs"),
        ({"a": [0.1, 0.2], "b": [0.1, 0.2]}, "c", r"one of \['a', 'b'\]. Received 'c'"),
        ({"a": [0.1, 0.2], "b": [0.1]}, None, "at least 2 seeds"),
    ],
)
def test_bad_comparisons_are_refused(runs, baseline, message):
    with pytest.raises(ValueError, match=message):
        compare_runs(runs, baseline=baseline)


@pytest.mark.parametrize("level", [0.8, 0.95])
def test_a_share_has_wilsons_interval(level):
    for total in (1, 7, 40):
        for count in range(total + 1):
            mine = share_interval(count, total, level=level)
            theirs = stats.binomtest(count, total).proportion_ci(level, method="wilson")
            assert [mine.low, mine.high] == pytest.approx([theirs.low, theirs.high], abs=1e-12)
            assert 0 <= mine.low <= mine.share <= mine.high <= 1


def test_a_threshold_is_the_lowest_that_spares_enough_of_the_others_as_on_the_curve_of_scikit_learn():
    rng = np.random.default_rng(0)
    for _ in range(20):
        is_it = np.arange(60) % 3 == 0
        scores = np.round(rng.normal(is_it, 1), 1)  # some are equal
        false_alarms, found, thresholds = metrics.roc_curve(is_it, scores, drop_intermediate=False)
        allowed = np.flatnonzero(false_alarms <= 0.2 + 1e-12)[-1]
        threshold = threshold_at(scores, is_it, 0.8)
        assert threshold == thresholds[allowed]
        point = operating_point(scores, is_it, threshold)
        assert point.sensitivity.share == pytest.approx(found[allowed])
        assert point.specificity.share == pytest.approx(1 - false_alarms[allowed])
        assert point.specificity.total == 40


def test_no_threshold_may_be_low_enough():
    assert threshold_at([1.0, 2.0, 3.0], [True, True, False], 1.0) == np.inf
    assert operating_point([1.0, 2.0, 3.0], [True, True, False], np.inf).sensitivity.count == 0


def test_the_meaning_of_an_alarm_is_that_of_counting():
    ill, well = 30, 970  # of these, 27 and 97 raise an alarm
    assert predictive_values(27 / ill, 873 / well, ill / 1000) == pytest.approx((27 / 124, 873 / 876))
    assert np.isnan(predictive_values(0.0, 1.0, 0.1)[0])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: share_interval(5, 4), "at most `total`"),
        (lambda: share_interval(0.5, 4), "whole numbers"),
        (lambda: share_interval(0, 0), "at least 1"),
        (lambda: share_interval(1, 4, level=95), "For 95 %"),
        (lambda: threshold_at([0.1, 0.2], [0, 1], 0.9), "Compare labels"),
        (lambda: threshold_at([0.1, 0.2], [True, True], 0.9), "both kinds"),
        (lambda: threshold_at([0.1, np.nan], [True, False], 0.9), "finite"),
        (lambda: threshold_at([0.1, 0.2], [True, False], 90), "For 90 %"),
        (lambda: predictive_values(90, 0.9, 0.1), "Divide percentages"),
        (lambda: predictive_values(0.9, 0.9, 0), "`prevalence`"),
    ],
    ids=range(10),
)
def test_alarms_refuse_what_is_no_share(call, message):
    with pytest.raises(ValueError, match=message):
        call()
