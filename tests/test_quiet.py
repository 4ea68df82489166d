"""No red box at import: in a real kernel, and a real error is still seen."""

import logging
import os
import sys

import pytest

from tlkit.lessons.execute import run_notebook
from tlkit.quiet import _filtered_stderr, _replay

NOISE = """\
WARNING: All log messages before absl::InitializeLog() is called are written to STDERR
I0000 00:00:1795238465.682724    7952 port.cc:153] oneDNN custom operations are on. You may see slightly different
W0000 00:00:1795238465.682724    7952 gpu_device.cc:2341] Cannot dlopen some GPU libraries.
2026-01-31 14:22:33.123456: I tensorflow/core/platform/cpu_feature_guard.cc:210] This TensorFlow binary is optimized
To enable the following instructions: AVX2 AVX512F, in other operations, rebuild TensorFlow with the appropriate flags.
E0000 00:00:1795238469.581580    7952 cuda_platform.cc:52] failed call to cuInit: INTERNAL: CUDA error: (303)
E0000 00:00:1795238469.581580    7952 cuda_dnn.cc:8310] Unable to register cuDNN factory: Attempting to register
Skipping registering GPU devices...
"""
REAL = [
    "E0000 00:00:1795238469.581580    7952 cuda_executor.cc:9] CUDA_ERROR_OUT_OF_MEMORY: out of memory",
    "F0000 00:00:1795238469.581580    7952 tensor.cc:9] Check failed: 1 == 2",
    "2026-01-31 14:22:33.123456: E tensorflow/core/util.cc:1] disk is full",
    "Traceback (most recent call last):",
    "Illegal instruction (core dumped)",
]


@pytest.mark.parametrize(
    ("name", "unhelpful"),
    [
        ("matplotlib.font_manager", "Matplotlib is building the font cache; this may take a moment."),
        ("tensorflow", "6 out of the last 6 calls to f triggered tf.function retracing. Tracing is expensive."),
    ],
)
def test_what_a_learner_can_do_nothing_about_is_not_said(name, unhelpful):
    said = [
        text
        for text in (unhelpful, "disk is full")
        if logging.getLogger(name).filter(logging.makeLogRecord({"msg": text}))
    ]
    assert said == ["disk is full"]


def test_known_noise_is_dropped(capsys):
    _replay(NOISE)
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("line", REAL)
def test_anything_else_is_replayed(line, capsys):
    _replay(NOISE + line + "\n" + NOISE)
    assert capsys.readouterr().err == line + "\n"


def test_error_during_import_is_seen(capfd):
    def broken_import():
        os.write(2, b"libcudart.so: wrong version\nI0000 00:00:1.2 3 port.cc:1] oneDNN\n")
        raise ImportError("no such library")

    with pytest.raises(ImportError, match="no such"), _filtered_stderr():
        broken_import()
    assert capfd.readouterr().err == "libcudart.so: wrong version\n"
    print("still open", file=sys.stderr)
    assert capfd.readouterr().err == "still open\n"


def _run(*sources: str) -> list[dict]:
    """Run cells in a real kernel; return all outputs."""
    cells = [
        {"cell_type": "code", "id": f"c{i}", "metadata": {}, "source": s, "execution_count": None, "outputs": []}
        for i, s in enumerate(sources)
    ]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    book = {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
    return [output for cell in run_notebook(book).notebook["cells"] for output in cell["outputs"]]


@pytest.mark.slow
def test_kernel_would_show_what_is_not_filtered():
    # The kernel reads descriptor 2 in a thread of its own: give it time, or the line comes after the cell's end.
    outputs = _run(
        "import os, time\n_ = os.write(2, b'I0000 00:00:1.2 3 port.cc:1] oneDNN\\n')\ntime.sleep(1)\nprint('done')"
    )
    assert {output["name"] for output in outputs} == {"stdout", "stderr"}


@pytest.mark.slow
def test_kernel_shows_no_stderr():
    outputs = _run(
        "from tlkit.backbones import load_backbone",
        "import keras, numpy as np\nkeras.utils.set_random_seed(0)",
        "model = keras.Sequential([keras.layers.Input((3,)), keras.layers.Dense(2)])\n"
        "model.compile('sgd', 'mse')\n_ = model.fit(np.ones((8, 3)), np.ones((8, 2)), verbose=0)\nprint('trained')",
    )
    assert outputs == [{"name": "stdout", "output_type": "stream", "text": "trained\n"}]


@pytest.mark.slow
def test_kernel_shows_a_real_error(tmp_path):
    (tmp_path / "keras.py").write_text("")
    (tmp_path / "tensorflow.py").write_text(
        "import os\nfrom types import SimpleNamespace\n"
        "os.write(2, b'I0000 00:00:1.2 3 port.cc:1] oneDNN\\nlibcudart.so: wrong version\\n')\n"
        "config = SimpleNamespace(list_physical_devices=list)\n"
    )
    outputs = _run(f"import sys\nsys.path.insert(0, {str(tmp_path)!r})", "import tlkit.quiet as q\nq.quiet_import()")
    assert outputs == [{"name": "stderr", "output_type": "stream", "text": "libcudart.so: wrong version\n"}]
