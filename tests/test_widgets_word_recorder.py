"""WordRecorder without a browser: messages as the page sends them."""

import io

import numpy as np
import pytest
import soundfile
from scipy.io import wavfile
from tlkit_widgets import WordRecorder

from tlkit.data import log_mel


def tone(hertz, *, rate=48000, seconds=1.0, peak=0.5):
    return peak * np.sin(2 * np.pi * hertz * np.arange(round(rate * seconds)) / rate)


def pitch(wave, rate=8000):
    return abs(np.fft.rfft(wave)).argmax() * rate / len(wave)


def say(recorder, *buffers, **content):
    """Send a message of the page."""
    recorder._handle_custom_msg(content, list(buffers))


@pytest.fixture
def recorder():
    return WordRecorder(["yes", "no", "stop"])


def test_recordings_arrive_at_the_rate_of_the_kit_with_their_labels(recorder):
    for rate, word in ((48000, "no"), (44100, "yes"), (16000, "stop")):
        samples = tone(440, rate=rate).astype("<f4")
        say(recorder, memoryview(samples.tobytes()), kind="recorded", word=word, rate=rate)
    waves, labels = recorder.clips
    assert labels.tolist() == [1, 0, 2]
    assert [len(wave) for wave in waves] == [8000] * 3
    assert [pitch(wave) for wave in waves] == [440] * 3
    assert log_mel(waves[0], 8000).shape == (64, 64)
    assert [clip[:2] for clip in recorder._listed] == [[0, "no"], [1, "yes"], [2, "stop"]]


def test_what_8000_samples_cannot_hold_is_filtered_and_not_folded(recorder):
    recorder.add(tone(440) + tone(7000), 48000, "yes")
    assert pitch(recorder.clips.waves[0]) == 440
    assert abs(np.fft.rfft(recorder.clips.waves[0]))[1000] < 20  # 7000 Hz would come back at 1000


@pytest.mark.parametrize("kind", ["wav", "flac", "ogg"])
def test_files_are_the_other_way(recorder, kind):
    content = io.BytesIO()
    soundfile.write(content, np.stack([tone(440, rate=22050)] * 2, axis=1), 22050, format=kind)
    say(recorder, memoryview(content.getvalue()), kind="file", word="stop")
    assert recorder._error == ""
    assert pitch(recorder.clips.waves[0]) == pytest.approx(440, abs=1)
    assert recorder.clips.labels.tolist() == [2]


def test_play_sends_the_clip_back_as_wav(recorder, monkeypatch):
    sent = []
    monkeypatch.setattr(recorder, "send", lambda content, buffers: sent.append((content, buffers)))
    recorder.add(tone(440, peak=0.05), 48000, "yes")
    say(recorder, kind="play", clip=0)
    ((content, (wave,)),) = sent
    assert content == {"kind": "sound", "clip": 0}
    rate, samples = wavfile.read(io.BytesIO(wave))
    assert (rate, abs(samples).max()) == (8000, 32767)
    assert pitch(samples) == 440
    say(recorder, kind="play", clip=7)
    assert len(sent) == 1


def test_clips_are_deleted_by_the_page_and_by_code(recorder):
    for word in ("yes", "no", "stop", "no"):
        recorder.add(tone(300), 48000, word)
    say(recorder, kind="delete", clip=1)
    say(recorder, kind="delete", clip=1)
    assert recorder.clips.labels.tolist() == [0, 2, 1]
    recorder.delete(-1)
    assert recorder.clips.labels.tolist() == [0, 2]
    recorder.add(tone(300), 48000, "no")
    assert [clip[0] for clip in recorder._listed] == [0, 2, 4]


@pytest.mark.parametrize(
    ("samples", "match"),
    [
        (np.zeros(48000), "Nothing was heard"),
        (tone(440, peak=0.005), "Nothing was heard"),
        (tone(440, seconds=0.05), r"Received: 0\.05 seconds"),
        (tone(440, seconds=11), r"Received: 11\.00 seconds"),
        (tone(440) * np.nan, "finite"),
    ],
    ids=["silence", "faint", "short", "long", "not finite"],
)
def test_a_clip_that_cannot_be_used_is_told_and_not_kept(recorder, samples, match):
    with pytest.raises(ValueError, match=match):
        recorder.add(samples, 48000, "yes")
    say(recorder, samples.astype("<f4").tobytes(), kind="recorded", word="yes", rate=48000)
    assert recorder._error
    assert recorder.clips.waves == []
    say(recorder, tone(440).astype("<f4").tobytes(), kind="recorded", word="yes", rate=48000)
    assert recorder._error == ""


def test_a_file_that_is_no_sound_is_told(recorder):
    say(recorder, b"text", kind="file", word="yes")
    assert recorder._error.startswith("The file is not a readable sound")


def test_too_loud_is_marked(recorder):
    recorder.add(np.clip(tone(440, rate=8000, peak=2), -1, 1), 8000, "yes")
    recorder.add(tone(440, rate=8000), 8000, "yes")
    assert [clip[3] for clip in recorder._listed] == [True, False]


def test_description_and_picture_hold_no_voice(recorder):
    assert repr(recorder) == "WordRecorder(3 words, 0 clips)"
    recorder.add(tone(440), 48000, "no")
    assert repr(recorder) == "WordRecorder(3 words, 1 clip)"
    assert recorder.describe() == "Recorded clips of each word: yes 0, no 1, stop 0."
    assert recorder.picture().startswith(b"\x89PNG")
    assert max(len(str(value)) for value in recorder.get_state(["_listed", "_words", "word"]).values()) < 200


@pytest.mark.parametrize(
    "words", ["yes", ["yes"], ["yes", "yes"], ["yes", ""], ["yes", 3], [str(k) for k in range(13)]]
)
def test_words_must_differ(words):
    with pytest.raises(ValueError, match="2 to 12 different words"):
        WordRecorder(words)


def test_other_errors(recorder):
    with pytest.raises(ValueError, match="`seconds` must lie between"):
        WordRecorder(["yes", "no"], seconds=0.1)
    with pytest.raises(ValueError, match="maybe"):
        recorder.word = "maybe"
    with pytest.raises(ValueError, match="maybe"):
        recorder.add(tone(440), 48000, "maybe")
    with pytest.raises(ValueError, match="one channel"):
        recorder.add(np.ones((100, 2)), 8000, "yes")
