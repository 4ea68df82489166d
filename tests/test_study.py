"""A study: fair deals, one verdict, a budget that is kept, pieces that stay done."""

import json
from dataclasses import replace

import numpy as np
import pytest

from tests.study_photos import make_folder, small_study
from tests.study_verdicts import wrong_verdicts
from tlkit.data import load_dataset
from tlkit.measure import paired_interval
from tlkit.study import Photos, Settings, read_study_photos, write_report
from tlkit.study import plan as plan_module
from tlkit.study.contestants import Majority, Probe, colour_histograms
from tlkit.study.curve import Curve, look_ahead
from tlkit.study.draws import deal, sample_groups
from tlkit.study.export.record import study_record
from tlkit.study.journal import Journal, JournalMismatch
from tlkit.study.plan import Pace, make_plan
from tlkit.study.refusals import refuse_unfit
from tlkit.study.scores import Outcome, Score, score
from tlkit.study.source_networks import Source
from tlkit.study.verdict import corrected_interval, judge

FAST, SLOW = Pace(0.001, 0.0001), Pace(1.0, 0.01)


def groups_of(labels, size):
    return np.arange(len(labels)) // size


@pytest.mark.parametrize("seed", range(5))
def test_a_deal_keeps_groups_whole_and_classes_everywhere(seed):
    labels = np.repeat([0, 1, 2], [60, 40, 20])
    groups = groups_of(labels, 4)
    draw = deal(labels, groups, seed)
    parts = [draw.train, draw.tune, draw.report]
    assert sorted(np.concatenate(parts)) == list(range(len(labels)))
    assert np.array_equal(draw.tune, deal(labels, groups, seed + 1).tune)  # what is chosen on is never reported on
    for one, other in ((0, 1), (0, 2), (1, 2)):
        assert not set(groups[parts[one]]) & set(groups[parts[other]])
    assert all(set(labels[part]) == {0, 1, 2} for part in parts)
    assert 0.15 < len(draw.report) / len(labels) < 0.25


def test_photos_with_look_alikes_are_reported_on_too():
    labels = np.repeat([0, 1], 60)
    groups = np.concatenate([np.arange(60), 100 + np.arange(60) // 3])  # of the second class, three of each
    groups[:30] = 200 + np.arange(30) // 2
    reported = np.concatenate([deal(labels, groups, seed).report for seed in range(40)])
    often = np.bincount(reported, minlength=120)
    often[deal(labels, groups, 0).tune] = -1
    assert 0 not in often
    pairs, single = (rows[rows > 0].mean() for rows in (often[:30], often[30:60]))  # of one class
    assert 0.6 < pairs / single < 1.6


def test_deals_of_two_seeds_differ_and_of_one_are_equal():
    labels = np.repeat([0, 1], 30)
    first, again, other = (deal(labels, np.arange(60), seed).report for seed in (0, 0, 1))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_too_few_groups_are_refused_with_the_class():
    with pytest.raises(ValueError, match="Class 1 has photos in too few groups"):
        deal(np.repeat([0, 1], [30, 6]), np.repeat(np.arange(12), 3) // np.repeat([1, 12], [30, 6]), 0)


def test_a_sample_keeps_groups_whole():
    labels = np.repeat([0, 1], 100)
    groups = groups_of(labels, 5)
    rows = sample_groups(labels, groups, 60, seed=0)
    assert 40 <= len(rows) <= 70
    assert not set(groups[rows]) & set(groups[np.setdiff1d(np.arange(200), rows)])


def test_the_interval_is_nadeau_and_bengios():
    values = [0.10, 0.14, 0.06, 0.10, 0.10]
    mine, student = corrected_interval(values, 64, 20), paired_interval(values, np.zeros(5))
    widened = np.sqrt((1 / 5 + 20 / 64) / (1 / 5))
    assert mine.high - mine.mean == pytest.approx(widened * (student.high - student.mean))


def test_an_interval_of_costs_is_not_cut_off_as_one_of_shares():
    costs = [23.0, 20.0, 28.0]
    with pytest.raises(ValueError, match="Divide points by 100; for another unit"):
        corrected_interval(costs, 64, 20)
    found = corrected_interval(costs, 64, 20, lowest=-np.inf, highest=np.inf)
    assert found.low < found.mean < found.high


def outcome(name, seed, tune, report):
    return Outcome(name, seed, 0, "", Score(tune, tune), Score(report, report), 0.0)


def test_each_side_is_chosen_without_the_report():
    outcomes = [outcome("a", seed, 0.9, 0.5 + seed / 100) for seed in range(4)]
    outcomes += [outcome("b", seed, 0.8, 0.99) for seed in range(4)]  # better on the report, worse on the choosing
    outcomes += [outcome("none", seed, 0.5, 0.5) for seed in range(4)]
    verdict = judge(outcomes, ["a", "b"], num_train=64, num_report=20)
    assert verdict.with_transfer == ("a",) * 4
    assert verdict.gain.mean == pytest.approx(0.015)


def test_a_difference_below_one_photo_decides_nothing():
    outcomes = [outcome("a", seed, 0.9, 0.52) for seed in range(4)]
    outcomes += [outcome("none", seed, 0.5, 0.5) for seed in range(4)]
    assert judge(outcomes, ["a"], num_train=64, num_report=20).gain.verdict == "undecided"


@pytest.mark.parametrize(("mean", "word"), [(0.3, "Transfer helps"), (-0.3, "Transfer hurts"), (0.0, "Undecided")])
def test_the_sentence_says_the_verdict(mean, word):
    wobble = [0.01, -0.01, 0.02, -0.02]
    outcomes = [outcome("a", seed, 0.9, 0.5 + mean + wobble[seed]) for seed in range(4)]
    outcomes += [outcome("none", seed, 0.5, 0.5) for seed in range(4)]
    assert judge(outcomes, ["a"], num_train=64, num_report=20).sentence.startswith(word)


@pytest.mark.slow
def test_where_nothing_differs_at_most_one_verdict_in_twenty_is_wrong():
    assert wrong_verdicts(num_runs=40) <= 5  # of 200: `python -m tests.study_verdicts`


def test_a_plan_keeps_its_budget_and_says_what_it_leaves_out():
    settings = Settings(budget_minutes=10)
    rich = make_plan(300, settings, {"photos": FAST})
    assert (rich.num_photos, rich.reason) == (300, "")
    assert rich.epochs * np.ceil(0.64 * 300 / 32) >= plan_module.USUAL_STEPS
    many = make_plan(50_000, settings, {"photos": Pace(0.02, 0.001)})
    assert many.seconds <= 600
    assert 200 <= many.num_photos < 50_000
    assert "compared on" in many.reason
    none = make_plan(300, settings, {"photos": SLOW})
    assert none.epochs == 0
    assert "No network is trained" in none.reason


def test_a_slow_backbone_is_probed_and_not_fine_tuned():
    settings = Settings(backbones=("large", "photos"), budget_minutes=10)
    plan = make_plan(300, settings, {"large": Pace(0.05, 0.01), "photos": Pace(0.03, 0.001)})
    assert set(plan.fine_tuned) == {"photos", "large"}
    slow = make_plan(300, settings, {"large": Pace(0.7, 0.01), "photos": Pace(0.03, 0.001)})
    assert slow.fine_tuned == ("photos",)
    assert "large: not fine-tuned" in slow.reason


def test_a_journal_goes_on_where_it_was_cut(tmp_path):
    path = tmp_path / "work" / "journal.jsonl"
    journal = Journal(path)
    assert journal.once("a", lambda: [1, 2]) == [1, 2]
    path.write_text(path.read_text() + '{"name": "b", "val')
    again = Journal(path)
    assert again.once("a", lambda: pytest.fail("done already")) == [1, 2]
    assert again.once("b", lambda: 3) == 3
    assert Journal(path).once("b", lambda: None) == 3


def test_a_journal_of_other_settings_is_refused(tmp_path):
    Journal(tmp_path / "j").check("settings", {"seeds": 5}, "Take another folder.")
    with pytest.raises(JournalMismatch, match="other settings"):
        Journal(tmp_path / "j").check("settings", {"seeds": 3}, "Take another folder.")


def test_the_look_ahead_reads_off_a_known_curve():
    sizes = (50, 100, 200)
    curve = Curve(sizes, tuple((0.9 - 1 / np.sqrt(size),) * 3 for size in sizes))
    ahead = look_ahead(curve, 56, 40)
    assert ahead.mean == pytest.approx(1 / np.sqrt(200) - 1 / np.sqrt(256))


def test_colours_are_told_by_their_histogram():
    images = np.stack([np.full((8, 8, 3), value, "uint8") for value in (0, 255)])
    assert colour_histograms(images).shape == (2, 64)
    assert colour_histograms(images).argmax(axis=1).tolist() == [0, 63]


def test_the_majority_is_worth_nothing_where_classes_count_the_same():
    labels = np.repeat([0, 1], [40, 20])
    found = Majority().run(labels, deal(labels, np.arange(60), 0))
    assert found.report.balanced == 0.5
    assert found.report.accuracy > 0.6


def test_a_probe_chooses_on_the_photos_for_choosing():
    labels = np.repeat([0, 1], 50)
    features = labels[:, None] + np.random.default_rng(0).normal(0, 0.3, (100, 4))
    probe, draw = Probe("probe", True, 8, lambda: features), deal(labels, np.arange(100), 0)
    found = probe.run(labels, draw)
    assert found.report.balanced > 0.9
    assert replace(probe.run(labels, draw, found.best), seconds=0) == replace(found, seconds=0)
    assert [probe.run(labels, draw, place).best for place in range(3)] == [0, 1, 2]


def test_balanced_accuracy_counts_each_class_the_same():
    assert score(np.array([0, 0, 0, 1]), np.array([0, 0, 0, 0])) == Score(0.75, 0.5)


@pytest.mark.parametrize(
    ("names", "word"),
    [
        ([f"{age}" for age in range(20, 32)], "regression"),
        (["1.5", "2.0", "2.5"], "regression"),
        (["cat", "dog", "cat,dog"], "several"),
    ],
)
def test_wishes_of_another_kind_are_refused(tmp_path, names, word):
    folder = make_folder(tmp_path, 10, dict.fromkeys(names, (120, 120, 120)))
    with pytest.raises(ValueError, match=word):
        refuse_unfit(read_study_photos(folder, Settings()), are_named=False)


def test_digits_are_names(tmp_path):
    folder = make_folder(tmp_path, 10, dict.fromkeys("012", (120, 120, 120)))
    refuse_unfit(read_study_photos(folder, Settings()), are_named=False)


def test_groups_of_a_path_stay_together(tmp_path):
    photos = read_study_photos(make_folder(tmp_path), Settings(group_by=r"site\d"))
    sites = {path.name.split("_")[0] for path in photos.paths}
    assert len(np.unique(photos.groups)) == len(sites)
    tested = {path.name.split("_")[0] for path in photos.dataset.test.open("which sites").paths}
    assert not sites & tested


def test_an_archive_is_unpacked_elsewhere(tmp_path):
    import shutil

    folder = make_folder(tmp_path / "photos")
    archive = shutil.make_archive(str(tmp_path / "given"), "zip", folder)
    before = sorted(tmp_path.iterdir())
    photos = read_study_photos(archive, Settings(), unpack_to=tmp_path / "work")
    assert len(photos) + photos.dataset.test.num_images == 48
    assert sorted(tmp_path.iterdir()) == [*before, tmp_path / "work"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("photos", Source("photos", 64)),
        ("photos@96", Source("photos", 96)),
        ("efficientnet_lite0@224", Source("imagenet", 224, "efficientnet_lite0")),
        ("mobilenet_v2", Source("imagenet", 64, "mobilenet_v2")),
    ],
)
def test_a_source_is_read_with_its_size(text, expected):
    assert Source.parse(text, 64) == expected


def test_a_size_that_is_none_is_refused():
    with pytest.raises(ValueError, match="after @"):
        Source.parse("photos@large", 64)


@pytest.mark.slow
def test_a_study_that_was_stopped_goes_on_to_the_same_end(tmp_path):
    folder = make_folder(tmp_path / "photos")
    whole = small_study(folder, trains=True, work_dir=tmp_path / "whole")
    page = write_report(whole, tmp_path / "whole.html", seconds=60).read_bytes()
    journal = (tmp_path / "whole" / "journal.jsonl").read_text().splitlines(keepends=True)
    for thirds in (1, 2):
        work = tmp_path / f"stopped {thirds}"
        work.mkdir()
        (work / "journal.jsonl").write_text("".join(journal[: thirds * len(journal) // 3]) + journal[-1][:20])
        resumed = small_study(folder, trains=True, work_dir=work)
        assert np.array_equal(resumed.test.probabilities, whole.test.probabilities)
        assert study_record(resumed) == study_record(whole)
        assert write_report(resumed, tmp_path / f"{thirds}.html", seconds=60).read_bytes() == page
        pieces = [json.loads(line)["name"] for line in (work / "journal.jsonl").read_text().splitlines()]
        assert len(pieces) == len(set(pieces))
    assert whole.photos.dataset.test.num_opened == 1


@pytest.mark.slow
def test_an_embedded_dataset_can_be_studied_in_its_own_size():
    photos = Photos(load_dataset("textures"))
    assert photos.groups.tolist() == list(range(len(photos)))
    with pytest.raises(ValueError, match="`size` must be 64"):
        photos.images(32)
