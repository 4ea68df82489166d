"""The quiz as a learner takes it: by clicks and keys, twice, in both themes; the saved notebook holds the answers."""

import json

import pytest
from playwright.sync_api import expect

from tests.browser.lesson import Lesson
from tlkit.grading.quiz import attempts_in
from tlkit.quiz.attempt import asked_in

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_learner_takes_the_quiz_twice(lab):
    lesson = Lesson(lab, "98_quiz").open()
    lab.execute("import os, tempfile; os.environ['TLKIT_HOME'] = tempfile.mkdtemp()")
    lesson.run(*lesson.code())
    form = lab.page.locator(".tlk-quiz")
    send, status = form.get_by_role("button", name="Hand in"), form.get_by_role("status")
    seed = lab.value("quiz._attempts.seed")

    send.click()
    expect(status).to_contain_text("Still open: question 1, 2, 3")
    found = _look(lab, form, "quiz-first")
    first, second = ([one.order.index(0) for one in asked_in(seed, attempt)] for attempt in (0, 1))
    known = [choice if place < 5 else 4 for place, choice in enumerate(first)]
    _choose(form, known)
    assert json.dumps(lab.value("quiz.get_state()['_questions']")).count("right") == 0
    send.click()
    expect(status).to_contain_text("The first attempt is saved.")
    expect(form.locator("fieldset, li")).to_have_count(0)
    expect(lab.cell(lesson.code()[1])).to_contain_text("1 of 2 attempts are in this notebook")
    assert attempts_in(json.dumps(lab.save()).encode()).answers == (tuple(known),)

    form.get_by_role("button", name="Begin the second attempt").click()
    radio = form.locator("fieldset").first.get_by_role("radio")
    radio.first.focus()
    radio.first.press("ArrowDown")
    lab.expect_value("quiz.answers[0]", 1)
    wrong = [second[0], (second[1] + 1) % 4, *second[2:]]
    _choose(form, wrong)
    send.click()
    expect(status).to_contain_text("5 of 15 right before, 14 after.")
    expect(form.locator("li")).to_have_count(15)
    form.locator("summary").first.click()
    belief = asked_in(seed, 1)[1].belief(wrong[1]).replace("`", "")
    expect(form.locator("li").nth(1)).to_contain_text(f"After: ✗ wrong, as if: {belief}")
    found |= _look(lab, form, "quiz-review")
    assert attempts_in(json.dumps(lab.save()).encode()).answers == (tuple(known), tuple(wrong))
    lesson.run("quiz_result()")
    lab.screenshot("quiz-result", lesson.cell("quiz_result()").first)
    lab.narrow()
    assert form.evaluate("(el) => el.scrollWidth <= el.clientWidth")
    assert found == {}
    assert lab.output_errors() == []


def _choose(form, choices: list[int]) -> None:
    for field, choice in zip(form.locator("fieldset").all(), choices, strict=True):
        field.get_by_role("radio").nth(choice).check()


def _look(lab, form, name: str) -> dict:
    """Keep pictures in both themes, press keys of the command mode, and return what axe finds serious."""
    lab.press_command_keys(".tlk-quiz")
    found = {}
    for theme in ("dark", "light"):
        lab.theme(theme)
        lab.width(1280, 2400)
        form.evaluate("(el) => el.scrollIntoView()")
        lab.screenshot(f"{name}-{theme}")
        if problems := lab.serious_findings(".tlk-quiz"):
            found[name, theme] = problems
    lab.width(1280)
    return found
