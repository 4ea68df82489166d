"""Lesson 11 as a learner meets it: a sound drawn on by the pointer and by keys, and played; answers graded."""

import pytest
from playwright.sync_api import expect

from tests.browser.lesson import Lesson

pytestmark = [pytest.mark.browser, pytest.mark.slow]

BOARD = "board = SpectrogramBoard"
RECORDER = "recorder = WordRecorder"
LEFT_OUT = "def leave_one_out"
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


def test_learner_records_words_and_teaches_them(lab):
    """The microphone is refused first; then it is Chromium's own, which beeps."""
    lesson = Lesson(lab, "11_voices").open()
    lesson.run(lesson.code()[0], "waves = load_digit_waves()", "RATE = 8000", "spoken = load_words_spoken", RECORDER)
    lesson.run(LEFT_OUT)
    assert lab.outputs(lesson.index(LEFT_OUT))[0]["text"].startswith("No words yet")
    shown = lesson.cell(RECORDER)
    state, power = shown.locator(".tlk-recorder-state"), shown.get_by_role("button", name="Turn the microphone")
    record = shown.get_by_role("button", name="Record")
    power.click()
    expect(state).to_contain_text("The microphone was refused")
    expect(record).to_be_disabled()
    lesson.picture("lesson-11-refused", shown)

    lab.page.context.grant_permissions(["microphone"])
    power.click()
    expect(state).to_contain_text("The microphone is on")
    for number, word in enumerate(("light", "light", "dark", "dark", "dark"), 1):
        shown.get_by_text(word, exact=True).click()
        record.click()
        lab.expect_value("len(recorder.clips.waves)", number, timeout=30)
    lab.expect_value("recorder.clips.labels.tolist()", [0, 0, 1, 1, 1])
    assert lab.value("[len(wave) for wave in recorder.clips.waves]") == [12000] * 5
    assert lab.value("[len(recorder.clips.waves), recorder._error]") == [5, ""]

    clips = shown.locator(".tlk-recorder-clips li")
    clips.nth(0).get_by_role("button", name="Play").click()
    played = "(sound) => sound.ended || sound.currentTime > 0"
    lab.page.wait_for_function(played, arg=shown.locator("audio").element_handle())
    assert shown.locator("audio").evaluate("(sound) => sound.duration") == pytest.approx(1.5, abs=0.01)
    clips.nth(4).get_by_role("button", name="Delete").click()
    expect(clips).to_have_count(4)
    lab.execute("import soundfile; soundfile.write('six.flac', six, RATE)")
    shown.get_by_text("more", exact=True).click()
    for number in (5, 6):
        shown.locator("input[type=file]").set_input_files(lab.server.root / "six.flac")
        expect(clips).to_have_count(number)
    lab.expect_value("recorder.clips.labels.tolist()", [0, 0, 1, 1, 2, 2])

    lab.press_command_keys(".tlk-recorder")
    found = {}
    for theme in ("light", "dark"):
        lab.theme(theme)
        found[theme] = lab.serious_findings(".tlk-recorder")
    assert found == {"light": [], "dark": []}
    lesson.picture("lesson-11-recorder", shown)
    lesson.run(LEFT_OUT)
    assert " of 6 named rightly" in lab.outputs(lesson.index(LEFT_OUT))[0]["text"]
    power.click()
    expect(state).to_have_text("The microphone is off.")
    assert lab.output_errors() == []
