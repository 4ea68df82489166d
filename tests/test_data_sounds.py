"""Log-mel pictures and the sound files that they are drawn from."""

import io

import numpy as np
import pytest
import soundfile

from tlkit.data import log_mel
from tlkit.data.sounds import read_sound


def tone(hertz, rate=8000, seconds=0.4):
    return np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate)


def loudest_row(picture):
    return int(picture.astype(int).sum(1).argmax())


def test_high_tones_are_above_low_ones():
    rows = [loudest_row(log_mel(tone(hertz), 8000)) for hertz in (200, 600, 1500, 3000)]
    assert rows == sorted(rows, reverse=True)
    assert rows[0] - rows[-1] > 30


def test_bands_are_equal_steps_in_mel():
    row = loudest_row(log_mel(tone(1000), 8000))
    low, high = (2595 * np.log10(1 + hertz / 700) for hertz in (60, 3900))
    middle = low + (high - low) * (64 - row) / 65
    assert abs(700 * (10 ** (middle / 2595) - 1) - 1000) < 60


@pytest.mark.parametrize("rate", [11025, 16000, 44100])
def test_the_rate_does_not_show(rate):
    """A tone that rises from 300 to 2500 Hz within 0.4 s, told at two rates."""

    def glide(at):
        time = np.arange(round(0.4 * at)) / at
        return np.sin(2 * np.pi * (300 * time + 2200 * time**2 / 0.8))

    one, other = (log_mel(glide(at), at).astype(float) for at in (8000, rate))
    assert abs(one - other).mean() < 12


def test_loudness_and_silence_around_do_not_show():
    def said(before, after, loudness):
        return log_mel(np.concatenate([np.zeros(before), loudness * tone(700), np.zeros(after)]), 8000).astype(int)

    assert abs(said(300, 500, 1.0) - said(3000, 5000, 1e-3)).max() <= 1


def test_a_word_fills_the_picture_or_a_span():
    short, long = log_mel(tone(700, seconds=0.2), 8000), log_mel(tone(700, seconds=0.8), 8000)
    assert abs(short.astype(int) - long)[:, 4:-4].mean() < 8
    spans = [(log_mel(tone(700, seconds=seconds), 8000, seconds=1.0).max(0) > 60).sum() for seconds in (0.2, 0.8)]
    assert spans[0] < 25
    assert spans[1] > 45


@pytest.mark.parametrize(
    ("samples", "rate", "seconds", "message"),
    [
        (np.zeros(100), 8000, None, "Received: silence"),
        (np.ones((10, 2)), 8000, None, r"one channel. Received: shape \(10, 2\)\."),
        (np.array([]), 8000, None, r"Received: shape \(0,\)"),
        (np.array([1.0, np.nan]), 8000, None, "with NaN or infinity"),
        (np.ones(100), 0, None, "`rate` must be an integer.*Received: 0"),
        (np.ones(100), 8000.0, None, r"Received: 8000\.0"),
        (np.ones(100), 8000, 0, "`seconds` must be above 0"),
    ],
)
def test_what_is_no_sound_is_said(samples, rate, seconds, message):
    with pytest.raises(ValueError, match=message):
        log_mel(samples, rate, seconds=seconds)


@pytest.mark.parametrize("kind", ["WAV", "FLAC", "OGG"])
def test_files_are_read_from_a_path_or_from_bytes(tmp_path, kind):
    stereo, buffer = np.stack([tone(500), 0 * tone(500)], 1), io.BytesIO()
    soundfile.write(buffer, stereo, 8000, format=kind)
    file = tmp_path / f"tone.{kind.lower()}"
    file.write_bytes(buffer.getvalue())
    for given in (file, buffer.getvalue()):
        samples, rate = read_sound(given)
        assert rate == 8000
        assert samples.shape == (3200,)
        assert abs(samples - stereo.mean(1)).max() < 0.05, "channels are averaged"


def test_a_file_that_is_no_sound_is_named(tmp_path):
    (tmp_path / "notes.wav").write_text("hello")
    with pytest.raises(ValueError, match=r"notes\.wav is not a readable sound.*Save it as WAV or FLAC"):
        read_sound(tmp_path / "notes.wav")
