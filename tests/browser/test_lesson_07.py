"""Lesson 7 as a learner meets it: an example dragged by the mouse and by the keys, a wrong answer and a right one."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.lesson import Lesson

pytestmark = [pytest.mark.browser, pytest.mark.slow]

# In place of the features of a network: three letters whose images lie in three clouds
TABLES = """images = {"test": make_glyphs(15, seed=23, classes="αβγ")}
labels = {"test": images["test"].labels}
clouds = np.array([[0, 0, 1], [4, 0, 0], [0, 4, 0]])[labels["test"]]
tables = {"glyphs": {"test": clouds + np.random.default_rng(0).normal(size=clouds.shape)}}"""
GAINS = "gains = {'photos': [0.06, 0.07], 'glyphs': [-0.02, -0.03]}"
WRONG = '''def prototypical_loss(support, queries):
    """Forgets the square."""
    from scipy.special import log_softmax

    logits = -np.linalg.norm(queries[:, :, None] - support.mean(axis=1), axis=3)
    own = np.arange(len(support))
    return -log_softmax(logits, axis=2)[own, :, own].mean()
'''


def test_learner_drags_an_example_and_is_graded(lab):
    lesson = Lesson(lab, "07_few_examples").open()
    lesson.run(lesson.code()[0])
    lab.execute(TABLES)
    lesson.run("board = PrototypeBoard")
    shown = lesson.cell("board = PrototypeBoard")
    stage, tiles = shown.locator(".tlk-proto-stage"), shown.locator(".tlk-proto-tile")
    expect(tiles).to_have_count(9)
    expect(shown.locator(".tlk-proto-region")).to_have_count(3)
    stage.evaluate("(el) => el.scrollIntoView({ block: 'center' })")
    before = lab.value("board.points")
    lesson.picture("lesson-7-prototypes", shown)

    place, centre = stage.bounding_box(), tiles.last.bounding_box()  # the last lies over all others
    lab.page.mouse.move(centre["x"] + 17, centre["y"] + 17)
    lab.page.mouse.down()
    lab.page.mouse.move(place["x"] + place["width"] * 0.9, place["y"] + place["height"] * 0.1, steps=6)
    lab.page.mouse.up()
    expect(tiles.last).to_have_attribute("aria-label", re.compile("90 from the left, 10 from the top"))
    left, right, low, high = lab.value("board._box")
    released = [left + 0.9 * (right - left), high - 0.1 * (high - low)]
    lab.expect_value("board.points[8]", pytest.approx(released, abs=0.02 * min(right - left, high - low)))
    lab.expect_value("board.points[:8]", before[:8])
    expect(shown.locator(".tlk-proto-share")).to_have_text(
        f"{lab.value('round(100 * board.accuracy)')} % of 36 queries right"
    )

    tiles.nth(4).focus()
    for name in ("ArrowRight", "ArrowRight", "ArrowUp"):
        lab.page.keyboard.press(name)
    step = (right - left) / 60, (high - low) / 40
    wanted = [round(before[4][0] + 2 * step[0], 6), round(before[4][1] + step[1], 6)]
    lab.expect_value("[round(value, 6) for value in board.points[4]]", wanted)
    lab.press_command_keys(".tlk-proto")
    shown.get_by_label("Rule").select_option("neighbour")
    lab.expect_value("board.rule", "neighbour")
    expect(shown.locator(".tlk-proto-region")).to_have_count(9)
    found = {}
    for theme in ("light", "dark"):
        lab.theme(theme)
        found[theme] = lab.serious_findings(".tlk-proto")
    assert found == {"light": [], "dark": []}
    lesson.picture("lesson-7-neighbours", shown)
    shown.get_by_role("button", name="Put all back").click()
    lab.expect_value("board.points", before)

    lab.execute(GAINS)
    expect(lesson.check("7-4")).to_contain_text("not attempted", timeout=60_000)
    expect(lesson.grade("7-4", WRONG)).to_contain_text("squared")
    lesson.answer("7-4-predict")
    lesson.run('predict("7.4"')
    expect(lesson.grade("7-4")).to_contain_text("3 of 3 points")
    assert lab.output_errors() == []
