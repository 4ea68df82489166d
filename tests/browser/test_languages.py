"""Lesson 0 in Hindi and lesson 1 in German as a learner meets them: texts, widgets and cards, and code in English."""

import base64

import pytest
from playwright.sync_api import expect

from tests.browser.lesson import Lesson
from tests.browser.server import ROOT
from tlkit.lessons.catalog import find_lesson
from tlkit.lessons.translation import lesson_bytes

pytestmark = [pytest.mark.browser, pytest.mark.slow]

FONT = ROOT / "widgets/tlkit_widgets/shared/fonts/devanagari.ttf"
# A learner's computer has such a font; a machine for tests may have none.
STYLE = """@font-face {{ font-family: Deva; unicode-range: U+0900-097F; src: url(data:font/ttf;base64,{font}); }}
:root {{ --jp-content-font-family: Deva, sans-serif !important; --jp-ui-font-family: Deva, sans-serif !important;
  --jp-code-font-family: Deva, monospace !important; }}"""
PASSED = "अभ्यास 0.4 · सबसे संभावित नाम: 1 में से 1 अंक"


def _opened(lab, name: str, code: str) -> Lesson:
    """The lesson in a language, with a kernel that speaks it."""
    (lab.server.root / f"{name}.ipynb").write_bytes(lesson_bytes(find_lesson(name).path, code))
    lab.open(f"{name}.ipynb")
    lab.execute(f"import os; os.environ['TLKIT_LANGUAGE'] = {code!r}")
    return Lesson(lab, name)


@pytest.fixture
def hindi(lab):
    """Lesson 0 in Hindi, with a font that draws it."""
    lesson = _opened(lab, "00_orientation", "hi")
    style = lab.page.add_style_tag(content=STYLE.format(font=base64.b64encode(FONT.read_bytes()).decode()))
    yield lesson
    style.evaluate("(tag) => tag.remove()")


def test_lesson_board_and_cards_speak_hindi(hindi):
    lab, page = hindi.lab, hindi.lab.page
    first = lab.cell(0)
    expect(first.get_by_role("heading")).to_contain_text("क्या आप किसी नेटवर्क को एक मिनट में कुछ नया सिखा सकते हैं?")
    expect(first.locator("blockquote")).to_contain_text("मसौदा।")
    assert page.evaluate("document.fonts.load('18px Deva', 'न').then((faces) => faces.length)") == 1
    hindi.picture("lesson-0-hindi-opened")

    hindi.run(*hindi.code()[:2])
    board = page.locator(".tlk-board")
    expect(board).to_have_attribute("lang", "hi")
    expect(board.get_by_role("slider", name="यहाँ तक फ़्रीज़")).to_have_attribute(
        "aria-valuetext", "expanded_conv_8, 14 में से 10 ब्लॉक"
    )
    board.get_by_role("button", name="केवल हेड").click()
    lab.expect_value("[weight.path.split('/')[0] for weight in model.trainable_weights]", ["head", "head"])
    board.get_by_role("button", name="प्रशिक्षित करें").click()
    expect(board.get_by_role("button", name="तुलना करें")).to_be_enabled(timeout=180_000)
    expect(board.locator(".tlk-curves-head")).to_contain_text("5 एपॉक के बाद पूरा हुआ")
    hindi.picture("lesson-0-hindi-board", board)
    assert lab.serious_findings(".tlk-board") == []

    card = hindi.check("0-4")
    expect(card).to_contain_text("अभी प्रयास नहीं किया · 1 अंक मिल सकते हैं")
    card = hindi.grade("0-4")
    expect(card).to_contain_text(PASSED)
    expect(card.locator("[lang=hi]")).to_contain_text("✓ सही: सबसे संभावित नाम पहले आता है।")
    hindi.picture("lesson-0-hindi-card", card)
    lab.run_cell(hindi.index("Progress(0)"))
    expect(page.locator(".tlk-progress")).to_contain_text("7 में से 1 अंक")
    lab.screenshot("lesson-0-hindi-progress-light", page.locator(".tlk-progress"))
    assert lab.output_errors() == []


def test_feature_map_speaks_german(lab):
    lesson = _opened(lab, "01_feature_extraction", "de")
    upto = lesson.index("feature_map = FeatureMap")
    lesson.run(*(i for i in lesson.code() if i <= upto))
    shown = lab.page.locator(".tlk-map")
    expect(shown).to_have_attribute("lang", "de")
    expect(shown.locator(".tlk-map-verdict")).to_contain_text(
        "der 5 nächsten Nachbarn haben dieselbe Klasse (durch Zufall"
    )
    expect(shown).to_contain_text("Zeige auf einen Punkt, um sein Bild zu sehen.")
    shown.get_by_role("application").click(position={"x": 200, "y": 150})
    lesson.picture("lesson-1-german", shown)
    shown.get_by_role("slider", name="Schicht des Schnitts").press("Home")
    lab.expect_value("feature_map.cut == feature_map.cuts[0]", True)
    assert lab.serious_findings(".tlk-map") == []
