"""What the book keeps of widgets: their states and answers, as a kernel leaves them and as they are committed."""

import json

import anywidget
import keras
import numpy as np
import pytest
import tlkit_widgets
from tlkit_widgets import AdviceBoard, FreezeBoard, GainMap, LatencyFront, TeamBoard
from tlkit_widgets.live_curves import CurvesView
from tlkit_widgets.recorded import record, write_states
from tlkit_widgets.shared import shown

from tlkit.lessons.notebook import read_notebook
from tlkit.paths import notebooks_dir

STATES = sorted((notebooks_dir() / "states").glob("*.json"))
LESSONS = sorted((notebooks_dir() / "solutions").glob("*.ipynb"))
COMMON = {*anywidget.AnyWidget.class_trait_names(sync=True), "_esm", "_css", "_anywidget_id", "_translations"}
GAINS = [[[0.2, 0.3, 0.25], [0.1, -0.2, 0.0]]]


def _record(widget):
    return record(widget, widget.get_state())


def _class(name):
    return CurvesView if name == "CurvesView" else getattr(tlkit_widgets, name)


def test_answers_are_what_the_widget_gives_and_leave_it_as_it_was():
    widget = GainMap(GAINS, ["glyphs"], [1, 10])
    before = widget.get_state()
    kept = record(widget, before)
    assert widget.get_state() == before
    for asked, changed in kept["answers"]:
        widget.num_seeds, widget.draw = asked["num_seeds"], asked["draw"]
        assert changed["verdicts"] == widget.verdicts
        assert changed["_drawn"] == widget._drawn
    assert [asked for asked, _ in kept["answers"]][:2] == [{"num_seeds": 1, "draw": 0}, {"num_seeds": 1, "draw": 1}]


def test_each_answer_names_all_that_any_changes():
    names = [set(changed) for _, changed in _record(AdviceBoard())["answers"]]
    assert len(names) > 10
    assert all(each == names[0] for each in names)


def test_a_record_is_json_and_keeps_bytes_and_what_python_hears():
    chances = np.array([[[0.9, 0.1], [0.6, 0.4]], [[0.8, 0.2], [0.1, 0.9]]])
    kept = _record(TeamBoard(chances, [0, 1], ["a", "b"], [1, 2], np.zeros((2, 8, 8, 3), "uint8")))
    assert json.loads(json.dumps(kept, allow_nan=False)) == kept
    assert set(kept["state"]["_sprite"]) == {"base64"}
    assert kept["asks"] == ["on"]
    assert len(kept["answers"]) == 4


def test_a_plotly_figure_is_kept_whole():
    row = {"name": "a", "milliseconds": 20.0, "top1": 0.7, "megabytes": 10.0, "embedded": ()}
    widget = LatencyFront([row])
    widget._repr_mimebundle_()
    kept = record(widget, shown.shown_widgets()[widget])
    assert set(kept) == {"class", "figure", "says"}
    assert len(kept["figure"]["data"]) == 3


def test_only_what_was_shown_is_written(tmp_path, monkeypatch):
    monkeypatch.setattr(shown, "_SHOWN", {})
    seen, _unseen = GainMap(GAINS, ["glyphs"], [1, 10]), GainMap(GAINS, ["glyphs"], [1, 10])
    seen._repr_mimebundle_()
    seen.num_seeds = 1  # later than it was shown
    write_states(tmp_path / "states.json")
    written = json.loads((tmp_path / "states.json").read_text())
    assert list(written) == [seen.model_id]
    assert written[seen.model_id]["state"]["num_seeds"] == 3


def test_what_is_within_a_widget_is_kept_as_it_was_then(monkeypatch):
    monkeypatch.setattr(shown, "_SHOWN", {})
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(2)])
    board = FreezeBoard(model)
    board._repr_mimebundle_()
    board.curves.data["0/epoch/loss"] = [1, 2]
    kept = shown.shown_widgets()
    assert list(kept) == [board, board.curves]
    assert kept[board.curves]["data"] == {}


def test_each_lesson_has_its_states():
    """But the quiz, whose questions a kernel draws."""
    assert {path.stem for path in STATES} == {path.stem for path in LESSONS} - {"98_quiz"}


@pytest.mark.parametrize("path", STATES, ids=lambda path: path.stem)
def test_committed_states_are_of_the_widgets_of_today(path):
    """A widget whose traits have changed shows at once; its lesson must be executed anew."""
    for kept in json.loads(path.read_text(encoding="utf-8")).values():
        if "state" in kept:
            assert set(kept["state"]) == set(_class(kept["class"]).class_trait_names(sync=True)) - COMMON, kept["class"]


@pytest.mark.parametrize("path", STATES, ids=lambda path: path.stem)
def test_committed_states_belong_to_the_committed_outputs(path):
    kept = json.loads(path.read_text(encoding="utf-8"))
    outputs = [output for cell in read_notebook(LESSONS[0].with_name(f"{path.stem}.ipynb"))["cells"]
               for output in cell.get("outputs", [])]  # fmt: skip
    views = [output.get("data", {}).get("application/vnd.jupyter.widget-view+json") for output in outputs]
    shown_ids = {view["model_id"] for view in views if view}
    assert shown_ids
    assert shown_ids <= set(kept)


def test_states_are_small():
    assert sum(path.stat().st_size for path in STATES) < 6e6


@pytest.mark.slow
def test_each_cut_of_a_board_is_trained_once_and_the_model_is_as_it_was():
    image = keras.Input((8, 8, 3))
    x = keras.layers.Conv2D(2, 3, name="block_0_conv")(image)
    x = keras.layers.Conv2D(2, 3, name="block_1_conv")(x)
    model = keras.Model(image, keras.layers.Dense(2, name="head")(keras.layers.GlobalAveragePooling2D()(x)))
    rng = np.random.default_rng(0)
    board = FreezeBoard(model, (rng.random((8, 8, 8, 3)), np.arange(8) % 2), epochs=2)
    board.freeze_until("block_0")
    weights, states = model.get_weights(), board.states
    trained = _record(board)["trained"]
    assert [each["states"].count("frozen") for each in trained] == list(range(len(board.blocks)))
    assert [each["moved"][0] > 0 for each in trained][:2] == [True, False]
    assert all(each["run"]["epochs"] == 2 and "0/epoch/loss" in each["curves"]["data"] for each in trained)
    assert board.states == states
    assert all(map(np.array_equal, model.get_weights(), weights))
    assert board.runs == []
