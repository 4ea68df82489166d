"""SpectrogramBoard without a browser."""

import io

import numpy as np
import pytest
from scipy.io import wavfile
from tlkit_widgets import SpectrogramBoard

RATE = 8000
TIME = np.arange(RATE // 2) / RATE
LOW, HIGH = np.sin(2 * np.pi * 500 * TIME), 0.5 * np.sin(2 * np.pi * 3000 * TIME)


def listen(samples):
    """Say whether the low or the high tone is louder."""
    power = abs(np.fft.rfft(samples)) ** 2
    return {"low": power[:1000].sum() / power.sum(), "high": power[1000:].sum() / power.sum()}


@pytest.fixture
def board():
    return SpectrogramBoard(LOW + HIGH, RATE, name_it=listen, rows=8, columns=10)


def test_what_is_covered_is_silenced_and_heard_no_more(board):
    assert board.guesses[0] == ["low", pytest.approx(0.8, abs=0.01)]
    board.cover(hertz=(0, 2000))
    assert board.covered == list(range(40, 80))
    np.testing.assert_allclose(board.left[300:-300], HIGH[300:-300], atol=0.01)
    assert board.guesses[0] == ["high", pytest.approx(1, abs=0.01)]


def test_a_span_of_time(board):
    board.cover(seconds=(0, 0.25))
    assert abs(board.left[200 : RATE // 4 - 200]).max() < 0.01
    np.testing.assert_allclose(board.left[RATE // 4 + 200 : -300], (LOW + HIGH)[RATE // 4 + 200 : -300], atol=0.01)


def test_all_covered_is_silence_and_reset_brings_all_back(board):
    board.cover()
    assert board.guesses == []
    assert abs(board.left).max() < 1e-9
    assert "nothing is heard" in board.describe()
    board.reset()
    np.testing.assert_array_equal(board.left, LOW + HIGH)
    assert "0% of it is covered. In what is left, the listener hears low 80%" in board.describe()


def test_the_page_gets_the_sounds_as_wav(board):
    board.cover(hertz=(2000, 4000))
    rate, whole = wavfile.read(io.BytesIO(board._whole_wave))
    assert rate == RATE
    assert abs(whole).max() == pytest.approx(0.9 * 32767, abs=1)
    _, left = wavfile.read(io.BytesIO(board._left_wave))
    scale = 0.9 * 32767 / abs(LOW + HIGH).max()
    np.testing.assert_allclose(left[300:-300] / scale, LOW[300:-300], atol=0.01)


def test_levels_are_the_spectrogram_with_high_tones_above(board):
    levels = np.frombuffer(board._levels, np.uint8).reshape(board._size)
    row = int(levels.astype(int).sum(axis=1).argmax())
    assert (len(levels) - 1 - row) * RATE / 2 / (len(levels) - 1) == pytest.approx(500, abs=35)
    assert levels.max() == 255


def test_description_and_picture():
    board = SpectrogramBoard(LOW, RATE)
    assert board.guesses == []
    assert board.describe() == "Spectrogram of 0.50 seconds, up to 4000 Hz; 0% of it is covered."
    assert repr(board) == "SpectrogramBoard(0.50 seconds, 0 cells covered)"
    board.cover(hertz=(3000, 4000))
    assert board.picture().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("act", "match"),
    [
        (lambda: SpectrogramBoard(np.zeros(4000), RATE), "not silent"),
        (lambda: SpectrogramBoard(LOW[:100], RATE), r"Received shape \(100,\)"),
        (lambda: SpectrogramBoard(np.stack([LOW, HIGH]), RATE), "one channel"),
        (lambda: SpectrogramBoard(LOW * np.nan, RATE), "finite"),
        (lambda: SpectrogramBoard(LOW, 100), "rate 100"),
        (lambda: SpectrogramBoard(LOW, RATE, rows=1), "`rows` must lie"),
    ],
)
def test_errors(act, match):
    with pytest.raises(ValueError, match=match):
        act()


def test_cells_outside_are_refused(board):
    with pytest.raises(ValueError, match=r"cells from 0 to 79\. Received: \[3, 80\]"):
        board.covered = [80, 3]
