"""Lesson 1 as a learner meets it: the first cells, the feature map by hand, a wrong answer, a right one."""

import pytest
from playwright.sync_api import expect

from tests.browser.lesson import Lesson

pytestmark = [pytest.mark.browser, pytest.mark.slow]

WRONG = '''def per_class(y_true, y_pred, num_classes):
    """Precision and recall exchanged."""
    both = np.bincount(y_true[y_true == y_pred], minlength=num_classes)
    called = np.maximum(np.bincount(y_pred, minlength=num_classes), 1)
    are = np.maximum(np.bincount(y_true, minlength=num_classes), 1)
    return {"precision": both / are, "recall": both / called, "f1": 2 * both / (called + are)}
'''


def test_learner_looks_at_features_answers_and_is_graded(lab):
    lesson = Lesson(lab, "01_feature_extraction").open()
    cells = ("data = load_dataset", "random_backbone = load_backbone", "feature_map = FeatureMap")
    lesson.run(lesson.code()[0], *cells)
    lesson.picture("lesson-1-feature-map", lab.page.locator(".tlk-map"))
    last = lab.value("feature_map.cut")
    slider = lab.page.get_by_role("slider", name="Layer of the cut")
    slider.focus()
    slider.press("ArrowLeft")
    lab.expect_value(f"feature_map.cut == {last!r}", False)

    expect(lesson.check("1-7")).to_contain_text("not attempted")
    expect(lesson.grade("1-7", WRONG)).to_contain_text("is the table transposed?")
    card = lesson.grade("1-7")
    expect(card).to_contain_text("2 of 2 points")
    lesson.picture("lesson-1-graded", card)
    assert lab.output_errors() == []
