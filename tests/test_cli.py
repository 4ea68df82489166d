"""The command line: fast, careful with files, right exit codes."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tlkit import cli, doctor
from tlkit.checks.record import update_record
from tlkit.doctor import Finding
from tlkit.lessons import catalog, start_lab

DEMO = Path(__file__).parent / "fixtures" / "demo"


@pytest.fixture(autouse=True)
def _home(tmp_path, monkeypatch):
    """A home and a workspace of its own, and the demonstration as the only lesson."""
    monkeypatch.setenv("TLKIT_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("TLKIT_WORKSPACE", str(tmp_path / "workspace"))
    monkeypatch.setattr(catalog, "notebooks_dir", lambda: DEMO)


@pytest.mark.parametrize("arguments", [["--help"], ["lessons"], ["--version"], ["progress"]])
def test_answers_well_within_a_second_without_tensorflow(arguments):
    code = f"import sys; from tlkit.cli import main\ntry: main({arguments!r})\nexcept SystemExit: pass\n"
    code += "print([name for name in ('tensorflow', 'keras', 'numpy', 'nbformat', 'IPython') if name in sys.modules])"
    start = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
    assert time.perf_counter() - start < 5  # 0.2 s on an idle machine: the bound only catches a heavy import


@pytest.mark.parametrize(
    "command", ["lab", "lessons", "check", "reset", "progress", "doctor", "bench", "cache", "backbones", "datasets"]
)
def test_each_command_has_help(command, capsys):
    with pytest.raises(SystemExit) as done:
        cli.main([command, "--help"])
    assert done.value.code == 0
    assert f"usage: tlkit {command}" in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [[], ["nonsense"], ["check"], ["reset"], ["lab", "--port", "x"]])
def test_wrong_call(arguments, capsys):
    with pytest.raises(SystemExit) as done:
        cli.main(arguments)
    assert done.value.code == 2
    assert "usage: tlkit" in capsys.readouterr().err


def test_lessons_shows_progress(capsys):
    update_record("90.1", lambda entry: entry.update(points=2.0, of=2))
    assert cli.main(["lessons"]) == 0
    assert "90  Are class means enough to tell classes apart?  5        2 of 3.5" in capsys.readouterr().out


def test_progress_lists_exercises(capsys):
    update_record("90.2", lambda entry: entry.update(hints=2, attempts=3, prediction={"answer": "no"}))
    assert cli.main(["progress"]) == 0
    assert "90.2      0 of 1.5  3         2      no" in capsys.readouterr().out


def test_lab_prepares_the_workspace(tmp_path, capsys):
    assert cli.main(["lab", "--prepare"]) == 0
    assert "Added: 90_demo.ipynb" in capsys.readouterr().out
    mine = tmp_path / "workspace" / "90_demo.ipynb"
    mine.write_text("my work")
    (tmp_path / "workspace" / ".tlkit" / "shipped.json").unlink()
    assert cli.main(["lab", "--prepare"]) == 0
    assert "Kept your 90_demo.ipynb" in capsys.readouterr().out
    assert mine.read_text() == "my work"


def test_lab_starts_jupyterlab_on_the_first_lesson(tmp_path, monkeypatch):
    started = []

    class Server:
        def __init__(self, command, cwd, env):
            started.append((command, cwd, env))

        def __enter__(self):
            return self

        def __exit__(self, *_):
            pass

        def terminate(self):
            started.append("terminated")

        def wait(self):
            if len(started) == 1:
                os.kill(os.getpid(), signal.SIGTERM)
                raise KeyboardInterrupt
            return 7

    monkeypatch.setattr(start_lab.subprocess, "Popen", Server)
    before = signal.getsignal(signal.SIGTERM)
    options = ["--dir", str(tmp_path / "own"), "--port", "9999", "--no-browser", "--", "--IdentityProvider.token=x"]
    try:
        assert cli.main(["lab", *options]) == 7
    finally:
        signal.signal(signal.SIGTERM, before)
    assert started[1:] == ["terminated"]
    command, folder, environment = started[0]
    assert folder == tmp_path / "own"
    assert command[1:3] == ["-m", "jupyterlab"]
    assert {
        "--LabApp.default_url=/lab/tree/90_demo.ipynb",
        "--port=9999",
        "--no-browser",
        "--IdentityProvider.token=x",
    } <= set(command)
    assert environment["TLKIT_HOME"] == str(folder / ".tlkit")


def test_kernels_have_one_thread_for_an_operation_unless_told_otherwise(tmp_path, monkeypatch):
    monkeypatch.delenv("TF_NUM_INTRAOP_THREADS", raising=False)
    assert start_lab.lab_environment(tmp_path)["TF_NUM_INTRAOP_THREADS"] == "1"
    monkeypatch.setenv("TF_NUM_INTRAOP_THREADS", "0")
    assert start_lab.lab_environment(tmp_path)["TF_NUM_INTRAOP_THREADS"] == "0"


def test_lab_settings_are_jupyterlabs(tmp_path):
    settings = json.loads((start_lab.SETTINGS / "overrides.json").read_text())
    assert settings["@jupyterlab/apputils-extension:notification"]["fetchNews"] == "false"
    shared = [Path(sys.prefix) / "share/jupyter/lab/schemas", Path(sys.prefix) / "share/jupyter/labextensions"]
    for plugin, values in settings.items():
        package, name = plugin.split(":")
        found = [path for folder in shared for path in folder.rglob(f"{name}.json") if package in str(path)]
        assert found, plugin
        assert values.keys() <= json.loads(found[0].read_text())["properties"].keys()


def test_reset(tmp_path, capsys):
    cli.main(["lab", "--prepare"])
    mine = tmp_path / "workspace" / "90_demo.ipynb"
    mine.write_text("my work")
    assert cli.main(["reset", "90"]) == 0
    kept = list(mine.parent.glob("90_demo.*.ipynb"))
    assert [path.read_text() for path in kept] == ["my work"]
    assert kept[0].name in capsys.readouterr().out


def test_reset_of_an_unknown_lesson(capsys):
    assert cli.main(["reset", "7"]) == 2
    assert "tlkit: `lesson` must name a lesson" in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.parametrize(
    ("version", "status", "rows"),
    [
        ("solutions/90_demo.ipynb", 0, ["90.1      2 of 2", "90.2      1.5 of 1.5", "all       3.5 of 3.5"]),
        ("90_demo.ipynb", 1, ["90.1      0 of 2", "all       0 of 3.5"]),
    ],
)
def test_check_counts_points(version, status, rows, tmp_path, capsys):
    path = tmp_path / "90_demo.ipynb"
    shutil.copy(DEMO / version, path)
    before = path.read_bytes()
    assert cli.main(["check", str(path)]) == status
    said = capsys.readouterr().out
    assert all(row in said for row in rows), said
    assert "your permissions" in said
    assert path.read_bytes() == before
    assert not (tmp_path / "home").exists()  # a self-check leaves the record alone


@pytest.mark.slow
def test_check_reports_a_cell_that_fails(tmp_path, capsys):
    text = (DEMO / "solutions" / "90_demo.ipynb").read_text().replace("print(rng.normal())", "print(rgn)")
    (tmp_path / "mine.ipynb").write_text(text)
    assert cli.main(["check", str(tmp_path / "mine.ipynb")]) == 1
    assert "code cell 9 failed with NameError: name 'rgn' is not defined" in capsys.readouterr().out


@pytest.mark.parametrize("content", [None, "not json", "{}"])
def test_check_of_what_is_no_notebook(tmp_path, content, capsys):
    if content is not None:
        (tmp_path / "x.ipynb").write_text(content)
    assert cli.main(["check", str(tmp_path / "x.ipynb")]) == 2
    assert "x.ipynb" in capsys.readouterr().err


@pytest.mark.slow
def test_check_stops_an_endless_cell(tmp_path, capsys):
    text = (DEMO / "90_demo.ipynb").read_text().replace("print(rng.normal())", "while True: pass")
    (tmp_path / "mine.ipynb").write_text(text)
    assert cli.main(["check", "--timeout", "3", str(tmp_path / "mine.ipynb")]) == 2
    assert "took more than 3 s" in capsys.readouterr().err


@pytest.mark.parametrize(("cure", "status", "said"), [("", 0, "no problems"), ("do this", 1, "1 problem")])
def test_doctor_status(monkeypatch, capsys, cure, status, said):
    monkeypatch.setattr(doctor, "examine", lambda: iter([Finding("disk", "x", cure), Finding("cache", "y")]))
    assert cli.main(["doctor"]) == status
    assert said in capsys.readouterr().out


def test_datasets_lists_them(capsys):
    from tlkit.data import data_dir, list_datasets

    assert cli.main(["datasets"]) == 0
    said = capsys.readouterr().out
    assert all(info.name in said for info in list_datasets(None))
    line = next(line for line in said.splitlines() if line.startswith("glosses "))
    assert "texts" in line
    assert "WordNet 3.0" in line
    assert f"{(data_dir() / 'glosses.npz').stat().st_size / 1e6:.2f}" in line
    assert "tlkit.data.load_glosses()" in said


@pytest.mark.slow
def test_backbones_lists_them(capsys):
    from tlkit.backbones import list_backbones, list_embedded, list_networks

    assert cli.main(["backbones"]) == 0
    said = capsys.readouterr().out
    assert all(info.name in said for info in list_backbones())
    embedded = said.split("Embedded weights for")[1].splitlines()
    for entry in list_embedded():
        line = next(line for line in embedded if line.startswith(f"{entry.name} "))
        assert f"{entry.facts['val_accuracy']:.1%}" in line
    assert any(line.startswith("random ") for line in embedded)
    networks = said.split("Small networks for")[1].splitlines()
    assert all(any(line.startswith(f"{entry.name} ") for line in networks) for entry in list_networks())


@pytest.mark.slow
def test_cache_is_listed_and_cleared(tmp_path, monkeypatch, capsys):
    from tlkit.speed import cache_features

    monkeypatch.setenv("TLKIT_CACHE", str(tmp_path / "cache"))
    import keras
    import numpy as np

    prefix = keras.Sequential([keras.Input((4, 4, 3)), keras.layers.Flatten()])
    cache_features(prefix, np.zeros((5, 4, 4, 3), "uint8"), on_disk=True)
    assert cli.main(["cache"]) == 0
    assert "1 frozen parts" in capsys.readouterr().out
    assert cli.main(["cache", "--clear"]) == 0
    assert "MB freed" in capsys.readouterr().out
    assert cli.main(["cache"]) == 0
    assert "0 frozen parts" in capsys.readouterr().out


@pytest.mark.slow
def test_bench_measures(capsys):
    assert cli.main(["bench"]) == 0
    assert "32 images of 64 x 64" in capsys.readouterr().out
