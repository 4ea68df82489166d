"""Lesson 11 as a learner meets it: a sound drawn on by the pointer and by keys, and played; answers graded."""

import pytest
from playwright.sync_api import expect

from tests.browser.lesson import Lesson

pytestmark = [pytest.mark.browser, pytest.mark.slow]

BOARD = "board = SpectrogramBoard"
GIVEN = "gaps = [0.3, 0.35, 0.4]"
WRONG = '''def gap(right, speakers, foreign):
    """Counts clips."""
    return right[~foreign].mean() - right[foreign].mean()
'''


def test_learner_draws_on_a_sound_and_is_graded(lab):
    lesson = Lesson(lab, "11_voices").open()
    lesson.run(lesson.code()[0], "waves = load_digit_waves()", "spoken = load_words_spoken", BOARD)
    shown = lesson.cell(BOARD)
    stage, cells = shown.locator(".tlk-spectrogram-stage"), shown.locator(".tlk-spectrogram-cell")
    heard = shown.locator(".tlk-spectrogram-heard")
    expect(cells).to_have_count(12 * 24)
    expect(heard).to_contain_text("0 % covered. The listener hears: six")
    stage.evaluate("(el) => el.scrollIntoView({ block: 'center' })")

    place = stage.bounding_box()
    lab.page.mouse.move(place["x"] + 4, place["y"] + 4)
    lab.page.mouse.down()
    lab.page.mouse.move(place["x"] + place["width"] - 4, place["y"] + 4, steps=3)
    lab.page.mouse.up()
    lab.expect_value("board.covered", list(range(24)))
    expect(heard).to_contain_text("8 % covered")

    cells.nth(24).focus()
    for name in ("ArrowRight", "ArrowDown", "Space"):
        lab.page.keyboard.press(name)
    lab.expect_value("board.covered", [*range(24), 49])
    lab.press_command_keys(".tlk-spectrogram")
    found = {}
    for theme in ("light", "dark"):
        lab.theme(theme)
        found[theme] = lab.serious_findings(".tlk-spectrogram")
    assert found == {"light": [], "dark": []}
    lesson.picture("lesson-11-spectrogram", shown)

    sounds = shown.locator("audio")
    seconds = lab.value("len(six) / RATE")
    for number, name in enumerate(("Play the whole", "Play what is left")):
        shown.get_by_role("button", name=name).click()
        played = "(sound) => sound.ended || sound.currentTime > 0"
        lab.page.wait_for_function(played, arg=sounds.nth(number).element_handle())
        assert sounds.nth(number).evaluate("(sound) => sound.duration") == pytest.approx(seconds, abs=0.01)
    shown.get_by_role("button", name="Uncover all").click()
    lab.expect_value("board.covered", [])

    lab.execute(GIVEN)
    expect(lesson.check("11-8")).to_contain_text("not attempted", timeout=60_000)
    expect(lesson.grade("11-8", WRONG)).to_contain_text("must not count more")
    lesson.answer("11-8-predict")
    lesson.run('predict("11.8"')
    expect(lesson.grade("11-8")).to_contain_text("2 of 2 points")
    assert lab.output_errors() == []
