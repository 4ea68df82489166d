"""Figures hold the data they were given, in a style that both themes and all eyes can read."""

import math
import re
from types import SimpleNamespace

import matplotlib as mpl

mpl.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb

from tlkit.measure import confusion_matrix, learning_curve, paired_interval
from tlkit.plots import (
    describe_figure,
    figure_html,
    plot_confusion,
    plot_curves,
    plot_embedding,
    plot_learning_curves,
    plot_paired,
    show_images,
)
from tlkit.plots.style import CARD, COLORS, INK

LOGS = {
    "accuracy": [0.4, 0.6, 0.7],
    "val_accuracy": [0.5, 0.55, 0.6],
    "loss": [2.0, 1.0, 0.5],
    "val_loss": [2.0, 1.5, 1.4],
}
NAMES = ["brick", "grass", "sand"]


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    plt.close("all")


def lines_of(ax):
    return {line.get_label(): line for line in ax.get_lines()}


def luminance(color):
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(color)]
    return float(np.dot([0.2126, 0.7152, 0.0722], linear))


def contrast(one, other):
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_text_and_the_first_colours_stand_out_from_the_card():
    assert contrast(INK, CARD) > 7
    assert all(contrast(color, CARD) > 2.7 for color in COLORS[:5])
    assert len(set(COLORS)) == 7


@pytest.mark.parametrize("wrap", [dict, lambda logs: SimpleNamespace(history=logs)], ids=["mapping", "History"])
def test_training_is_dashed_and_validation_solid(wrap):
    ax = plot_curves(wrap(LOGS), title="It learns")
    lines = lines_of(ax)
    assert (lines["training"].get_linestyle(), lines["validation"].get_linestyle()) == ("--", "-")
    np.testing.assert_array_equal(lines["validation"].get_ydata(), LOGS["val_accuracy"])
    np.testing.assert_array_equal(lines["training"].get_xdata(), [1, 2, 3])
    assert ax.get_title(loc="left") == "It learns"
    assert ax.get_xlabel().startswith("epoch")


def test_an_array_is_drawn_by_its_mean_and_epochs_without_a_number_are_left_out():
    arrays = [np.array([0.2, 0.4]), None, np.array([0.4, 0.6])]
    ax = plot_curves({"f1_score": arrays, "val_f1_score": [math.nan, 0.5, math.inf]}, "f1_score")
    (training, validation) = ax.lines
    np.testing.assert_allclose(training.get_xydata(), [[1, 0.3], [3, 0.5]])
    np.testing.assert_allclose(validation.get_xydata(), [[2, 0.5]])
    assert ax.get_ylabel() == "f1 score, mean of its values"


def test_runs_differ_in_colour_and_marker():
    lines = lines_of(plot_curves({"probe": LOGS, "tuned": SimpleNamespace(history=LOGS)}, "loss"))
    assert set(lines) == {f"{run}, {kind}" for run in ("probe", "tuned") for kind in ("training", "validation")}
    probe, tuned = lines["probe, validation"], lines["tuned, validation"]
    assert probe.get_color() != tuned.get_color()
    assert probe.get_marker() != tuned.get_marker()


@pytest.mark.parametrize(
    ("history", "metric", "error", "message"),
    [
        (LOGS, "auc", ValueError, "`metric` must be one of .*Received 'auc'"),
        ([1, 2], None, TypeError, "Received list"),
        ({}, None, ValueError, "no metric"),
    ],
)
def test_a_history_without_the_metric_is_refused(history, metric, error, message):
    with pytest.raises(error, match=message):
        plot_curves(history, metric)


def test_learning_curves_show_means_and_bands_at_the_budgets():
    curve = learning_curve(lambda b, s: b / 100 + s / 50, [2, 8, 32], [0, 1, 2])
    ax = plot_learning_curves({"probe": curve})
    np.testing.assert_allclose(lines_of(ax)["probe"].get_ydata(), curve.mean)
    assert [tick.get_text() for tick in ax.get_xticklabels()] == ["2", "8", "32"]
    band = ax.collections[0].get_paths()[0].vertices[:, 1]
    assert band.min() == pytest.approx(min(i.low for i in curve.intervals))
    assert "95 % interval" in ax.get_ylabel()


def test_the_confusion_matrix_writes_counts_and_shades_shares():
    matrix = confusion_matrix([0, 0, 0, 1, 2], [0, 0, 1, 1, 0], 3)
    ax = plot_confusion(matrix, NAMES)
    np.testing.assert_allclose(ax.images[0].get_array()[0], [2 / 3, 1 / 3, 0])
    assert sorted(text.get_text() for text in ax.texts) == ["1", "1", "1", "2"]
    assert [tick.get_text() for tick in ax.get_yticklabels()] == NAMES


def test_a_class_without_images_is_drawn_empty():
    assert not np.isnan(plot_confusion(np.diag([2, 0, 1]), NAMES).images[0].get_array()).any()


def test_the_embedding_is_the_principal_plane():
    rng = np.random.default_rng(0)
    features = rng.normal(0, [5.0, 3.0, 0.1, 0.1], (60, 4))
    labels = np.arange(60) % 3
    ax = plot_embedding(features, labels, NAMES)
    drawn = np.concatenate([np.asarray(points.get_offsets()) for points in ax.collections])
    assert drawn.std(axis=0) == pytest.approx((features - features.mean(axis=0)).std(axis=0)[:2], rel=0.05)
    assert "% of variance" in ax.get_xlabel()
    assert [text.get_text() for text in ax.get_legend().get_texts()] == NAMES


def test_paired_dots_come_with_the_interval_of_the_difference():
    after, before = [0.8, 0.82, 0.79], [0.7, 0.71, 0.72]
    ax = plot_paired(after, before)
    gain = paired_interval(after, before)
    assert ax.get_title(loc="left") == str(gain)
    bar = ax.containers[0].lines[2][0].get_segments()[0][:, 1] - np.mean(before)
    assert bar == pytest.approx([gain.low, gain.high])
    assert [tick.get_text() for tick in ax.get_xticklabels()] == ["scratch", "transfer", "difference"]


@pytest.mark.parametrize("shape", [(5, 6, 4, 3), (5, 6, 4, 1), (5, 6, 4)])
@pytest.mark.parametrize("dtype", ["uint8", "float32"])
def test_images_are_shown_as_they_are(shape, dtype):
    images = np.random.default_rng(0).integers(0, 256, shape).astype(dtype)
    shown = show_images(images, columns=2).images
    assert len(shown) == 5
    expected = np.broadcast_to(images.reshape(5, 6, 4, -1)[3], (6, 4, 3))
    np.testing.assert_array_equal(shown[3].get_array(), expected)


def test_shares_are_shown_as_brightness():
    shown = show_images(np.full((1, 2, 2, 3), 0.5)).images[0].get_array()
    assert (shown == 128).all()


def test_wrong_predictions_are_marked_in_words_and_colour():
    ax = show_images(np.zeros((2, 4, 4, 3)), [0, 1], NAMES, predicted=[0, 2])
    right, wrong = ax.texts
    assert (right.get_text(), wrong.get_text()) == ("brick", "grass\n✗ sand")
    assert right.get_color() != wrong.get_color()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: show_images(np.zeros((4, 4))), r"Received shape \(4, 4\)"),
        (lambda: show_images(np.zeros((4, 4, 3, 5))), "must be"),
        (lambda: show_images(np.full((1, 4, 4, 3), -1.0)), r"must lie in \[0, 255\]"),
        (lambda: show_images(np.zeros((2, 4, 4, 3)), [0]), "for each of 2 images"),
        (lambda: show_images(np.zeros((2, 4, 4, 3)), [0, 9], NAMES), "`labels` must lie"),
        (lambda: plot_confusion(np.eye(2), NAMES), r"\(3, 3\)"),
        (lambda: plot_embedding(np.zeros((4, 2, 2, 8)), np.zeros(4), NAMES), "Pool feature maps"),
        (lambda: plot_embedding(np.zeros((4, 8)), np.zeros(3), NAMES), "`labels`"),
        (lambda: plot_paired([0.5, 0.6], [0.5]), "at least 2"),
        (lambda: figure_html(plt.figure(), "  "), "`alt` must say"),
    ],
)
def test_bad_data_are_refused_with_the_reason(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize(
    "draw",
    [
        lambda ax: plot_curves(LOGS, ax=ax),
        lambda ax: plot_learning_curves({"a": learning_curve(lambda b, s: 0.5, [1], [0, 1])}, ax=ax),
        lambda ax: plot_confusion(np.eye(3, dtype=int), NAMES, ax=ax),
        lambda ax: plot_embedding(np.eye(3), [0, 1, 2], NAMES, ax=ax),
        lambda ax: plot_paired([0.5, 0.6], [0.4, 0.6], ax=ax),
        lambda ax: show_images(np.zeros((3, 4, 4, 3)), ax=ax),
    ],
)
def test_every_plot_draws_in_the_axes_it_is_given(draw):
    ax = plt.figure().add_subplot(1, 2, 2)
    assert draw(ax) is ax
    assert isinstance(ax, Axes)
    assert len(plt.get_fignums()) == 1
    ax.get_figure().canvas.draw()


def test_a_figure_with_alt_text_is_closed_escaped_and_the_same_each_time():
    shown = figure_html(plot_curves(LOGS), 'Accuracy rises to "70 %" < 80 %.')
    again = figure_html(plot_curves(LOGS), "the same")
    assert plt.get_fignums() == []
    assert re.match(r'<img alt="Accuracy rises to &quot;70 %&quot; &lt; 80 %\." ', shown._repr_html_())
    assert repr(shown) == 'Accuracy rises to "70 %" < 80 %.'
    assert shown.png == again.png
    assert shown.png.startswith(b"\x89PNG")


def test_a_figure_says_titles_axes_lines_and_captions():
    ax = plot_curves({"accuracy": [0.4, 0.6], "val_accuracy": [0.5, 0.55]}, title="It learns")
    lines = "training: 40 to 60. validation: 50 to 55."
    assert describe_figure(ax.figure) == (
        f"It learns. Across: epoch (passes over the training images). Upwards: accuracy (%). {lines}"
    )
    tiles = np.zeros((3, 4, 4, 3))
    wrong = show_images(tiles, [0, 1, 2], NAMES, predicted=[0, 2, 2], title="Three surfaces.")
    assert describe_figure(wrong.figure) == "Three surfaces. 3 pictures. brick, grass ✗ sand, sand."
    many = show_images(np.zeros((40, 4, 4, 3)), np.arange(40))
    assert describe_figure(many.figure).endswith("28, 29, and 10 more.")
    assert describe_figure(plt.figure()) == "A figure without any text."
