"""A class on the example hub, in the browser: two learners hand in, an instructor grades, each reads his own points."""

import json
import re
from pathlib import Path
from types import SimpleNamespace

import pytest
from playwright.sync_api import Page, expect

from tests.browser.lab import Lab
from tests.hub import Hub
from tests.needs import NEEDS_SANDBOX
from tlkit.lessons.catalog import find_lesson
from tlkit.lessons.notebook import read_source
from tlkit.paths import notebooks_dir

pytest.importorskip("nbgrader", reason="needs nbgrader: pip install tlkit[instructor]")
pytestmark = [pytest.mark.browser, pytest.mark.slow, NEEDS_SANDBOX]

LESSON = "00_orientation"
RIGHT = {"ada": ("0.3", "0.4"), "bob": ("0.3",)}  # who solves what; 0.4 alone tells the two apart
PAGE = Path(__file__).resolve().parents[2] / "docs" / "instructors.md"


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    hub = Hub(tmp_path_factory.mktemp("class"), "--Spawner.args=--LabApp.expose_app_in_browser=True")
    yield hub
    hub.stop()


@pytest.fixture(scope="module")
def people(browser, hub) -> dict[str, Lab]:
    """Everybody, logged in, each in a browser of his own."""
    hub.login("ada", hub.password)  # waits for the hub
    return {name: _log_in(browser, hub, name) for name in ("ada", "bob", "instructor")}


def _log_in(browser, hub: Hub, name: str) -> Lab:
    home = hub.folder / "hub" / "home" / name
    lab = Lab.start(browser, SimpleNamespace(root=home, url=f"{hub.url}/user/{name}", token=""))
    lab.page.goto(f"{hub.url}/hub/login")
    lab.page.fill("#username_input", name)
    lab.page.fill("#password_input", hub.password)
    lab.page.click("#login_submit")
    lab.page.wait_for_function("window.jupyterapp?.shell", timeout=180_000)
    lab.page.evaluate("async () => { await jupyterapp.restored; }")
    return lab


def _formgrader(instructor: Lab) -> Page:
    """Open formgrader as a person does, by its menu."""
    instructor.page.locator(".lm-MenuBar-itemLabel", has_text="Formgrader").click()
    with instructor.page.context.expect_page() as opened:
        instructor.page.locator(".lm-Menu-itemLabel", has_text="Formgrader").click()
    expect(opened.value.get_by_text(LESSON, exact=True)).to_be_visible()
    return opened.value


def _press(formgrader: Page, column: str) -> str:
    """Press the button of the lesson in a column, and return what formgrader says of it."""
    formgrader.locator("tr", has_text=LESSON).locator(f".{column} a").click()
    expect(formgrader.locator(".modal-title")).to_have_text(re.compile("Success|Error"))
    said = formgrader.locator(".modal-title").inner_text()
    formgrader.locator(".modal-footer").get_by_role("button", name="OK").click()
    expect(formgrader.locator(".modal-title")).to_have_count(0)
    return said


def _assignments(learner: Lab):
    """Open the list of assignments by its menu, and return it."""
    learner.page.locator(".lm-MenuBar-itemLabel", has_text="Nbgrader").click()
    learner.page.locator(".lm-Menu-itemLabel", has_text="Assignment List").click()
    found = learner.page.locator("#assignments")
    found.locator("#refresh_assignments_list").click()
    return found


def _solve(learner: Lab, exercise: str) -> None:
    """Write the solution into the learner's notebook, run it, and let the lesson's own check see it."""
    solved, _ = read_source(notebooks_dir() / "src" / f"{LESSON}.py")
    ids = [cell["id"] for cell in solved["cells"]]
    answer, check = (ids.index(f"{kind}-{exercise.replace('.', '-')}") for kind in ("exercise", "check"))
    learner.run_cell(answer, source=solved["cells"][answer]["source"])
    learner.run_cell(check)
    assert learner.output_errors() == []


def _run_in_terminal(instructor: Lab, commands: list[str]) -> None:
    """Type commands in a terminal of JupyterLab, in the course's folder, and wait for their end."""
    course = instructor.server.root / "course"
    (course / "steps.sh").write_text("\n".join([f"LESSON={LESSON}", *commands]))
    instructor.command("terminal:create-new")
    instructor.page.locator(".xterm-helper-textarea").focus()
    instructor.page.keyboard.type("cd ~/course && bash -ex steps.sh >steps.log 2>&1; echo $? >steps.end\n")
    for _ in range(600):
        if (course / "steps.end").exists():
            break
        instructor.page.wait_for_timeout(500)
    assert (course / "steps.end").read_text() == "0\n", (course / "steps.log").read_text()[-3000:]


def _commands(*wanted: str) -> list[str]:
    """Return commands as they stand on the instructors' page."""
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    return [next(line for line in lines if line.startswith(start)) for start in wanted]


def test_learners_find_the_lessons_in_their_home(people):
    for name in RIGHT:
        expect(people[name].page.locator(".jp-DirListing-item", has_text=LESSON)).to_be_visible()
        people[name].open(f"{LESSON}/{LESSON}.ipynb")
    assert not list((people["instructor"].server.root).glob("0*"))


def test_formgrader_opens_and_hands_out(people):
    formgrader = _formgrader(people["instructor"])
    assert (_press(formgrader, "assign"), _press(formgrader, "release")) == ("Success", "Success")
    formgrader.close()


@pytest.mark.parametrize("name", RIGHT)
def test_a_learner_works_and_hands_in(people, name):
    learner = people[name].open(f"{LESSON}/{LESSON}.ipynb")
    learner.run_cell(1)  # the imports
    for exercise in RIGHT[name]:
        _solve(learner, exercise)
    learner.save()
    listed = _assignments(learner)
    listed.locator("#fetched_assignments_list").get_by_role("button", name="Submit").click()
    expect(listed.locator("#submitted_assignments_list")).to_contain_text(LESSON)
    progress = json.loads((learner.server.root / ".tlkit" / "progress.json").read_text())
    assert tuple(progress["exercises"]) == RIGHT[name]


def test_each_is_collected_under_his_own_name_and_reads_his_own_points(people):
    formgrader = _formgrader(people["instructor"])
    assert _press(formgrader, "collect") == "Success"
    submitted = people["instructor"].server.root / "course" / "submitted"
    assert sorted(path.name for path in submitted.iterdir()) == sorted(RIGHT)
    starts = ("nbgrader autograde", "tlkit grade submitted --out grades --gradebook gradebook.db #")
    _run_in_terminal(people["instructor"], _commands(*starts, "nbgrader generate_f", "nbgrader release_f"))
    points = find_lesson(LESSON).exercises
    for name, solved in RIGHT.items():
        assert f"Score: {sum(points[one] for one in solved):g}" in _feedback(people[name])


def _feedback(learner: Lab) -> str:
    """Fetch the feedback by the list of assignments, and return its page."""
    listed = _assignments(learner)
    listed.get_by_role("button", name="Fetch Feedback").click()
    expect(listed.get_by_text("view feedback")).to_be_visible()
    (page,) = (learner.server.root / LESSON / "feedback").rglob("*.html")
    return page.read_text(encoding="utf-8")
