"""Lesson 12 as a learner meets it: thresholds and boxes moved, answers graded, boxes drawn on photos of one's own."""

import pytest
from playwright.sync_api import expect

from tests.browser.lesson import Lesson

pytestmark = [pytest.mark.browser, pytest.mark.slow]

# In place of trained detectors: the truths, shaken, with scores that grow with their number
SCENES = """from tlkit.detection import Detections
test = make_scenes(24, classes=STREET, size=96, seed=1).test.open("the board")
rng = np.random.default_rng(0)
photos = [[]]
for truths, names in zip(test["boxes"], test["classes"]):
    there = np.repeat(truths[names >= 0], 2, axis=0).astype(float)
    moved = np.clip(there + rng.normal(scale=2, size=there.shape), 0, 96)
    photos[0].append(Detections(moved, np.linspace(0.9, 0.25, len(moved)), np.repeat(names[names >= 0], 2)))
shift = 0.39"""
PHOTOS = """from pathlib import Path
SIZE = 96
from PIL import Image
folder = Path("photos"); folder.mkdir()
for number in range(10):
    pixels = np.random.default_rng(number).integers(0, 255, (300, 400, 3), np.uint8)
    Image.fromarray(pixels).save(folder / f"{number}.jpg")"""
DRAWN, READ = "display(BoxDrawing(", "MY_BOXES ="
WRONG = '''def iou(boxes, others):
    """Divides by the sum of the areas."""
    a, b = boxes[:, None], others[None]
    sides = np.clip(np.minimum(a[..., 2:], b[..., 2:]) - np.maximum(a[..., :2], b[..., :2]), 0, None)
    areas = (a[..., 2:] - a[..., :2]).prod(-1) + (b[..., 2:] - b[..., :2]).prod(-1)
    return sides.prod(-1) / np.where(areas > 0, areas, 1)
'''


def test_learner_moves_a_threshold_and_a_box_and_is_graded(lab):
    lesson = Lesson(lab, "12_finding_objects").open()
    lesson.run(lesson.code()[0])
    lab.execute(SCENES)
    lesson.run("board = BoxBoard")
    shown = lesson.cell("board = BoxBoard")
    stage, boxes, status = (shown.locator(f".tlk-box{name}") for name in ("board-stage", "", "board-status"))
    expect(status).to_contain_text("In 12 scenes")
    stage.evaluate("(el) => el.scrollIntoView({ block: 'center' })")
    count, curve, average = boxes.count(), lab.value("board._curve"), lab.value("board.average")
    assert count == lab.value("int(sum(score >= 0.3 for score in photos[0][0].scores))")
    lesson.picture("lesson-12-board", shown)

    slider = shown.get_by_role("slider")
    slider.focus()
    for _ in range(30):
        slider.press("ArrowRight")
    lab.expect_value("round(board.threshold, 2)", 0.6)
    assert lab.value("board._curve") == curve
    expect(boxes).to_have_count(lab.value("int(sum(score >= 0.6 for score in photos[0][0].scores))"))

    before, place = lab.value("board.boxes[0]"), stage.bounding_box()
    box = boxes.first.bounding_box()
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    lab.page.mouse.move(*middle)
    lab.page.mouse.down()
    lab.page.mouse.move(middle[0], place["y"] + 4, steps=4)
    lab.page.mouse.up()
    lab.expect_value("board.boxes[0][1]", pytest.approx(0))
    after = lab.value("board.boxes[0]")
    assert after[3] - after[1] == pytest.approx(before[3] - before[1], abs=1e-6)
    boxes.first.focus()
    lab.page.keyboard.press("Shift+ArrowLeft")
    lab.expect_value("round(board.boxes[0][2], 4)", round(after[2] - 1, 4))
    lab.press_command_keys(".tlk-boxboard")
    found = {}
    for theme in ("light", "dark"):
        lab.theme(theme)
        found[theme] = lab.serious_findings(".tlk-boxboard")
    assert found == {"light": [], "dark": []}
    shown.get_by_role("button", name="Put all back").click()
    lab.expect_value("board.average", average)

    expect(lesson.check("12-1")).to_contain_text("not attempted", timeout=60_000)
    expect(lesson.grade("12-1", WRONG)).to_contain_text("subtract it once from their sum")
    lesson.answer("12-1-predict")
    lesson.run('predict("12.1"')
    expect(lesson.grade("12-1")).to_contain_text("2 of 2 points")
    assert lab.output_errors() == []


def test_learner_draws_boxes_on_own_photos_and_the_next_cell_reads_them(lab):
    lesson = Lesson(lab, "12_finding_objects").open()
    lesson.run(lesson.code()[0], DRAWN, READ)
    assert lab.outputs(lesson.index(READ))[0]["text"].startswith("No boxes yet")
    lab.execute(PHOTOS)
    given = list(lesson.cells.values())[lesson.index(DRAWN)].replace(
        'MY_PHOTOS, MY_NAMES = ""', 'MY_PHOTOS, MY_NAMES = "photos"'
    )
    lab.run_cell(lesson.index(DRAWN), source=given)
    shown = lesson.cell(DRAWN)
    stage, boxes = shown.locator(".tlk-boxdraw-stage"), shown.locator(".tlk-box")
    expect(stage.locator("img")).to_be_visible()
    stage.evaluate("(el) => el.scrollIntoView({ block: 'center' })")
    for number in range(10):
        place = stage.bounding_box()
        corner = [place["x"] + place["width"] / 4, place["y"] + place["height"] / 4]
        lab.page.mouse.move(*corner)
        lab.page.mouse.down()
        lab.page.mouse.move(corner[0] + place["width"] / 2, corner[1] + place["height"] / 4, steps=4)
        lab.page.mouse.up()
        expect(boxes).to_have_count(1)
        if number < 9:
            shown.get_by_role("button", name="Next").click()
            expect(boxes).to_have_count(0)
    lab.execute(
        "import json\ndef kept(key):\n    table = json.loads(Path('photos/boxes.json').read_text())\n"
        "    return [entry[key] for entry in table['annotations']]"
    )
    lab.expect_value("kept('bbox')", [pytest.approx([100, 75, 200, 75], abs=2)] * 10)
    shown.get_by_role("combobox").select_option("key")
    shown.get_by_role("button", name="Add").click()
    lab.page.keyboard.press("ArrowRight")
    lab.page.keyboard.press("Shift+ArrowDown")
    expect(boxes).to_have_count(2)
    lab.expect_value("kept('category_id')", [1] * 10 + [2])
    lesson.picture("lesson-12-drawing", shown)
    found = {}
    for theme in ("light", "dark"):
        lab.theme(theme)
        found[theme] = lab.serious_findings(".tlk-boxdraw")
    assert found == {"light": [], "dark": []}
    boxes.last.focus()
    lab.page.keyboard.press("Delete")
    expect(boxes).to_have_count(1)
    lesson.run(READ)
    assert lab.outputs(lesson.index(READ)) == []
    assert lab.value("own.class_names") == ["cup", "key"]
    assert lab.output_errors() == []
