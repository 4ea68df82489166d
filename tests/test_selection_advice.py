"""The table of Keras Applications, the catalogues, and the tree of advice."""

import itertools
import json

import pytest

from tlkit.backbones import list_backbones
from tlkit.plots import pareto_front
from tlkit.selection import Task, advice_tree, advise, list_catalogues, list_latencies, measure_latency, setting_of
from tlkit.selection.latency import TIMES_FILE
from tlkit.selection.ways_to_go import FEW, HARDWARE, SIMILARITIES, SOME

TASKS = [
    Task(*case) for case in itertools.product((0, FEW - 1, FEW, SOME, SOME + 1), (False, True), SIMILARITIES, HARDWARE)
]


def test_each_application_of_keras_is_listed_and_each_time_belongs_to_one():
    rows = list_latencies()
    assert [row.name for row in rows] == [info.name for info in list_backbones()]
    times = json.loads(TIMES_FILE.read_text(encoding="utf-8"))
    assert set(times["published"]["milliseconds"]) < {row.name for row in rows}
    assert [row.name for row in rows if row.published] == [
        row.name for row in rows if row.name in times["published"]["milliseconds"]
    ]
    assert all(row.milliseconds > 0 for row in rows)


def test_vgg_and_resnet50_are_beaten():
    rows = [vars(row) for row in list_latencies()]
    front = [row["name"] for row in pareto_front(rows, "milliseconds", "top1")]
    assert not {"vgg16", "vgg19", "resnet50"} & set(front)


@pytest.mark.slow
def test_latency_is_measured_without_weights():
    assert 0 < measure_latency("mobilenet_v3_small", pixels=32, repeats=1) < 10_000
    with pytest.raises(ValueError, match="at least 1"):
        measure_latency("mobilenet", repeats=0)


def test_each_catalogue_says_how_a_network_gets_into_keras():
    for place in list_catalogues():
        assert all(vars(place).values())
        assert place.address.startswith("https://")


def test_each_way_is_reached_and_named_by_the_tree():
    ways = {advise(task).way for task in TASKS}
    assert len(ways) == 7
    assert all(way in advice_tree() for way in ways)


@pytest.mark.parametrize("task", TASKS[:: len(TASKS) // 12])
def test_the_marked_path_ends_with_the_advice(task):
    marked = [line for line in advice_tree(task).splitlines() if line.startswith(">")]
    assert f"{advise(task).way}: lesson {advise(task).lesson}" in marked[-1]
    assert ">" not in advice_tree()


def test_setting_depends_on_what_may_be_learned_from():
    assert {setting_of(task) for task in TASKS if task.labels} == {"inductive"}
    assert {setting_of(task) for task in TASKS if not task.labels and task.source_labels} == {"transductive"}
    assert {setting_of(task) for task in TASKS if not task.labels and not task.source_labels} == {"unsupervised"}


@pytest.mark.parametrize(
    ("fields", "match"),
    [
        ({"labels": -1}, "at least 0"),
        ({"labels": True}, "whole number"),
        ({"labels": 3, "similarity": "near"}, "must be one of alike"),
        ({"labels": 3, "hardware": "tpu"}, "must be one of cpu"),
    ],
)
def test_a_task_that_cannot_be_is_refused(fields, match):
    with pytest.raises(ValueError, match=match):
        Task(**fields)
