"""The doctor finds planted illnesses and names the cure."""

import hashlib
import json
import subprocess
from collections import namedtuple

import pytest

from tlkit import doctor
from tlkit.doctor import Finding, examine


@pytest.mark.slow
def test_everything_is_looked_at(tmp_path, monkeypatch):
    monkeypatch.setenv("TLKIT_HOME", str(tmp_path / "home"))
    found = {finding.what: finding for finding in examine()}
    for what in ("Python", "tensorflow", "keras", "GPU", "embedded data", "cache", "sandbox", "disk", "lessons"):
        assert what in found
    assert found["extension anywidget"].found == "enabled"
    assert found["extension @jupyter-widgets/jupyterlab-manager"].found == "enabled"
    assert found["Keras' backend"].cure == ""
    assert found["tensorflow"].found.startswith("2.")
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize(("version", "is_fine"), [((3, 10), False), ((3, 11), True), ((3, 13), True), ((3, 14), False)])
def test_python_version(monkeypatch, version, is_fine):
    monkeypatch.setattr(doctor.sys, "version_info", (*version, 1))
    assert (next(doctor._python()).cure == "") is is_fine


@pytest.fixture
def data(tmp_path, monkeypatch):
    (tmp_path / "a.npz").write_bytes(b"data")
    (tmp_path / "index.json").write_text(json.dumps({"a.npz": {"sha256": hashlib.sha256(b"data").hexdigest()}}))
    (tmp_path / "weights").mkdir()
    (tmp_path / "weights" / "w.npz").write_bytes(b"weights")
    entry = {"sha256": hashlib.sha256(b"weights").hexdigest(), "file": "w.npz"}
    (tmp_path / "weights" / "weights.json").write_text(json.dumps({"weights": {"w": entry}}))
    monkeypatch.setattr(doctor, "data_dir", lambda: tmp_path)
    return tmp_path


def _sick(look) -> dict[str, str]:
    return {finding.what: f"{finding.found} | {finding.cure}" for finding in look() if finding.cure}


@pytest.mark.parametrize(
    ("harm", "expected"),
    [
        (lambda data: None, {}),
        (lambda data: (data / "a.npz").write_bytes(b"dato"), {"embedded data": "missing or damaged: a.npz"}),
        (lambda data: (data / "a.npz").unlink(), {"embedded data": "missing or damaged: a.npz"}),
        (lambda data: (data / "weights" / "w.npz").write_bytes(b""), {"embedded weights": "missing or damaged: w.npz"}),
        (lambda data: (data / "weights" / "weights.json").unlink(), {"embedded weights": "weights.json | reinstall"}),
    ],
)
def test_damaged_files_are_found(data, harm, expected):
    harm(data)
    sick = _sick(doctor._embedded_files)
    assert sick.keys() == expected.keys()
    assert all(text in sick[what] for what, text in expected.items())


def test_look_that_fails_is_a_problem(monkeypatch, data):
    (data / "index.json").write_text("{")
    monkeypatch.setattr(doctor, "_LOOKS", (doctor._embedded_files, doctor._python))
    found = list(examine())
    assert found[0].what == "embedded files"
    assert "JSONDecodeError" in found[0].found
    assert found[0].cure
    assert found[1].what == "Python"


@pytest.mark.parametrize("listed", [["anywidget"], {"anywidget": True}])
def test_disabled_extension(tmp_path, monkeypatch, listed):
    (tmp_path / "labconfig").mkdir()
    (tmp_path / "labconfig" / "page_config.json").write_text(json.dumps({"disabledExtensions": listed}))
    monkeypatch.setattr("jupyter_core.paths.jupyter_config_path", lambda: [str(tmp_path)])
    assert _sick(doctor._widgets) == {"extension anywidget": "disabled | jupyter labextension enable anywidget"}


def test_missing_extension(tmp_path, monkeypatch):
    monkeypatch.setattr("jupyter_core.paths.jupyter_path", lambda *_: [str(tmp_path)])
    assert "pip install --force-reinstall jupyterlab_widgets" in str(_sick(doctor._widgets))


def test_missing_package(monkeypatch):
    def absent(name):
        raise doctor.importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(doctor.importlib.metadata, "version", absent)
    assert _sick(doctor._packages)["keras"] == "not installed | pip install keras"


def test_little_disk(monkeypatch):
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda path: namedtuple("Usage", "free")(5e8))
    assert _sick(doctor._disk) == {"disk": "0.5 GB free | free 2 GB"}


def test_folder_that_cannot_be_written(monkeypatch):
    monkeypatch.setattr(doctor.os, "access", lambda path, mode: False)
    assert set(_sick(doctor._folders)) == {"workspace", "progress"}


@pytest.mark.parametrize(
    ("program", "status", "expected"),
    [
        (None, 0, "not installed"),
        ("/bin/bwrap", 1, "is not allowed here: no"),
        ("/bin/bwrap", 0, "available (/bin/bwrap)"),
    ],
)
def test_sandbox_is_tried_but_not_demanded(monkeypatch, program, status, expected):
    result = subprocess.CompletedProcess([], status, "", "no")
    monkeypatch.setattr(doctor.shutil, "which", lambda name: program)
    monkeypatch.setattr(doctor.subprocess, "run", lambda *_, **__: result)
    finding = next(doctor._sandbox())
    assert expected in finding.found
    assert finding.cure == ""


def test_finding_in_words():
    assert str(Finding("disk", "full", "free 2 GB")) == "[problem] disk: full\n          fix: free 2 GB"
    assert str(Finding("disk", "80 GB free")) == "[ok] disk: 80 GB free"
