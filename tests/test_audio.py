"""Spectra, mel, cepstra, masks, windows and draws against SciPy, TensorFlow, scikit-learn, and plain loops."""

import keras
import numpy as np
import pytest
import scipy.fft
import scipy.signal
import tensorflow as tf
from scipy import stats
from sklearn.naive_bayes import BernoulliNB

from tlkit import audio
from tlkit.data import load_digit_waves, load_real_digits, log_mel

RNG = np.random.default_rng(0)
SOUND = RNG.normal(size=3000)


# --- transform


@pytest.mark.parametrize(("window", "hop"), [(256, 64), (200, 77), (34, 34), (3000, 1)])
def test_stft_is_scipys_and_keras(window, hop):
    mine = audio.stft(SOUND, window, hop)
    _, _, theirs = scipy.signal.stft(SOUND, nperseg=window, noverlap=window - hop, boundary=None, padded=False)
    weight = scipy.signal.get_window("hann", window).sum()
    np.testing.assert_allclose(mine, theirs.T * weight, atol=1e-9)
    real, imaginary = keras.ops.stft(SOUND[None].astype("float32"), window, hop, window, center=False)
    np.testing.assert_allclose(mine, (np.array(real) + 1j * np.array(imaginary))[0], atol=2e-3)


@pytest.mark.parametrize(("window", "hop"), [(256, 64), (201, 50)])
def test_istft_gives_the_sound_back_and_is_scipys_for_a_changed_spectrum(window, hop):
    spectrum = audio.stft(SOUND, window, hop)
    back = audio.istft(spectrum, window, hop)
    np.testing.assert_allclose(back[1:], SOUND[1 : len(back)], atol=1e-6)
    changed = spectrum * RNG.integers(0, 2, spectrum.shape)
    weight = scipy.signal.get_window("hann", window).sum()
    with pytest.warns(UserWarning, match="NOLA"):  # of the very ends, which are not compared
        _, theirs = scipy.signal.istft(changed.T / weight, nperseg=window, noverlap=window - hop, boundary=False)
    inside = slice(window, len(theirs) - window)
    np.testing.assert_allclose(audio.istft(changed, window, hop)[inside], theirs[inside], atol=1e-6)


def test_istft_is_the_least_squares_answer():
    """No other sound has a spectrum nearer to a changed one."""
    target = audio.stft(SOUND[:400], 64, 16) * RNG.integers(0, 2, (22, 33))

    def miss(sound):
        both = np.concatenate([sound, np.zeros(400 - len(sound))])
        difference = abs(audio.stft(both, 64, 16) - target) ** 2
        return 2 * difference.sum() - difference[:, [0, -1]].sum()  # bins between the ends stand for two

    best = audio.istft(target, 64, 16)
    for _ in range(20):
        assert miss(best) < miss(best + 0.01 * RNG.normal(size=len(best)))


def test_decibels_are_those_of_a_loop():
    power = 10 ** RNG.uniform(-9, 3, (5, 6))
    power[0, 0] = 0
    wanted = [max(10 * np.log10(each / power.max()), -60) if each else -60 for each in power.ravel()]
    np.testing.assert_allclose(audio.decibels(power, 60).ravel(), wanted)


# --- mel and cepstra


def test_mel_filters_are_interpolated_corners_and_near_tensorflows():
    mine = audio.mel_filters(20, 512, 16000, lowest=100, highest=7000)
    corners = audio.mel_to_hertz(np.linspace(audio.hertz_to_mel(100), audio.hertz_to_mel(7000), 22))
    pitch = np.arange(257) * 16000 / 512
    wanted = [np.interp(pitch, corners[k : k + 3], [0, 1, 0]) for k in range(20)]
    np.testing.assert_allclose(mine, wanted, atol=1e-12)
    theirs = tf.signal.linear_to_mel_weight_matrix(20, 257, 16000, 100.0, 7000.0).numpy()  # straight in mel, not in Hz
    assert abs(mine - theirs.T).max() < 0.05


def test_mel_scale_is_that_of_natural_logarithms():
    hertz = np.array([0.0, 100, 1000, 3999])
    np.testing.assert_allclose(audio.hertz_to_mel(hertz), 1127.01048 * np.log1p(hertz / 700), rtol=1e-4)
    np.testing.assert_allclose(audio.mel_to_hertz(audio.hertz_to_mel(hertz)), hertz, atol=1e-9)


def test_mfcc_is_a_sum_of_cosines_and_tensorflows_up_to_its_first():
    log_mel_bands = RNG.normal(size=(3, 24, 10))
    mine = audio.mfcc(log_mel_bands, 13)
    band = np.arange(24) + 0.5
    for k in range(13):
        scale = np.sqrt((1 if k == 0 else 2) / 24)
        wanted = scale * (np.cos(np.pi * k * band / 24)[:, None] * log_mel_bands).sum(axis=1)
        np.testing.assert_allclose(mine[:, k], wanted, atol=1e-12)
    theirs = tf.signal.mfccs_from_log_mel_spectrograms(tf.constant(log_mel_bands.transpose(0, 2, 1))).numpy()
    np.testing.assert_allclose(mine[:, 1:], theirs.transpose(0, 2, 1)[:, 1:13], atol=1e-9)


def test_all_coefficients_are_the_spectrum_in_another_basis():
    bands = RNG.normal(size=(24, 10))
    np.testing.assert_allclose(scipy.fft.idct(audio.mfcc(bands, 24), axis=0, norm="ortho"), bands, atol=1e-12)


# --- masks


def test_masks_are_crosses_of_drawn_widths_and_places():
    masked = audio.mask_spans(np.ones((4000, 12, 20), "uint8"), np.random.default_rng(0), frames=5, bands=3)
    assert masked.dtype == np.uint8
    rows, columns = (masked == 0).all(axis=2), (masked == 0).all(axis=1)
    np.testing.assert_array_equal(masked == 0, rows[:, :, None] | columns[:, None])
    for hidden, most in ((rows, 3), (columns, 5)):
        counts = np.bincount(hidden.sum(axis=1), minlength=most + 1)
        assert len(counts) == most + 1
        assert stats.chisquare(counts).pvalue > 0.001
        assert all(len(np.flatnonzero(each)) in (0, np.ptp(np.flatnonzero(each)) + 1) for each in hidden if each.any())
    starts = columns[columns.sum(axis=1) == 5].argmax(axis=1)
    assert stats.chisquare(np.bincount(starts, minlength=16)).pvalue > 0.001


def test_a_masked_wave_keeps_what_is_not_masked():
    time = np.arange(8000) / 8000
    tones = [np.sin(2 * np.pi * hertz * time) for hertz in (400, 1500, 3400)]
    keep = np.ones((4, 2), bool)
    keep[2] = False  # 1000 to 2000 Hz
    keep[0, 1] = False  # above 3000 Hz, in the second half
    left = audio.mask_wave(sum(tones), keep)
    np.testing.assert_allclose(left[300:3700], (tones[0] + tones[2])[300:3700], atol=0.02)
    np.testing.assert_allclose(left[4300:7700], tones[0][4300:7700], atol=0.02)
    np.testing.assert_allclose(audio.mask_wave(SOUND, [[True]]), SOUND, atol=1e-9)
    noisy = audio.mask_wave(SOUND, RNG.integers(0, 2, (8, 8)))
    assert abs(noisy).max() < 2 * abs(SOUND).max()  # also at the ends


# --- windows


@pytest.mark.parametrize(("width", "hop"), [(16, 8), (5, 3), (20, 1)])
def test_windows_are_slices(width, hop):
    pictures = RNG.integers(0, 256, (3, 4, 20))
    wanted = [[each[:, start : start + width] for start in range(0, 21 - width, hop)] for each in pictures]
    np.testing.assert_array_equal(audio.cut_windows(pictures, width, hop), wanted)


def test_joined_windows_name_as_bayes_rule_does_for_equal_priors():
    """Naive Bayes' rule over independent witnesses is the sum of their logarithms."""
    features, classes = RNG.integers(0, 2, (60, 7)), RNG.permutation(np.repeat([0, 1, 2], 20))
    bayes = BernoulliNB().fit(features, classes)
    on, off = bayes.feature_log_prob_, np.log1p(-np.exp(bayes.feature_log_prob_))
    witness = np.where(features[:, None] == 1, on, off).transpose(0, 2, 1)  # (clips, windows, classes)
    names, scores = audio.join_windows(witness.reshape(-1, 3), np.repeat(np.arange(60), 7))
    np.testing.assert_array_equal(names, np.arange(60))
    np.testing.assert_array_equal(scores.argmax(axis=1), bayes.predict(features))


def test_joined_windows_are_means_in_any_order():
    clips = RNG.permutation(np.repeat([30, 4, 17], [2, 5, 3]))
    values = RNG.normal(size=(10, 4))
    names, scores = audio.join_windows(values, clips)
    np.testing.assert_array_equal(names, [4, 17, 30])
    np.testing.assert_allclose(scores, [values[clips == name].mean(axis=0) for name in names])


# --- speakers


def test_draws_keep_speakers_apart_and_words_equal():
    speakers = np.array(list("abcdef")).repeat(12)
    words = np.tile([4, 9, 11], 24)
    seen = np.zeros(72, int)
    for seed in range(600):
        train, test = audio.draw_by_speaker(words, speakers, shots=5, num_speakers=2, seed=seed)
        assert not set(speakers[train]) & set(speakers[test])
        assert np.bincount(words[train])[[4, 9, 11]].tolist() == [5, 5, 5]
        assert len(test) == 48
        seen[train] += 1
    assert stats.chisquare(seen).pvalue > 0.001
    one, again = (audio.draw_by_speaker(words, speakers, shots=5, num_speakers=2, seed=3) for _ in range(2))
    np.testing.assert_array_equal(one[0], again[0])


# --- sounds to listen to


def test_waves_are_the_sounds_that_the_pictures_were_drawn_from():
    real = load_real_digits()
    english = real["picture"][real["speaker"] == "en"].astype(int)
    heard = np.stack([log_mel(wave, 8000) for wave in load_digit_waves()]).astype(int)
    assert real["label"][real["speaker"] == "en"].tolist() == list(range(10))
    assert abs(heard // 16 * 16 - english).mean() < 8  # 8 bits of sound, 16 shades
    for wave in load_digit_waves():
        assert 0.5 < len(wave) / 8000 < 1
        assert abs(wave).max() <= 1


@pytest.mark.parametrize(
    ("act", "match"),
    [
        (lambda: audio.stft(SOUND, 4000, 10), "window 4000, hop 10, 3000 samples"),
        (lambda: audio.stft(SOUND[None], 20, 10), r"Received shape \(1, 3000\)"),
        (lambda: audio.stft(SOUND * np.nan, 20, 10), "must be finite"),
        (lambda: audio.istft(np.zeros((3, 4)), 20, 10), r"must be \(num_frames, 11\)"),
        (lambda: audio.decibels([0, 0]), "not silent"),
        (lambda: audio.decibels([1, -1]), "at least 0"),
        (lambda: audio.mel_filters(4, 256, 8000, lowest=100, highest=5000), "highest <= rate / 2"),
        (lambda: audio.mfcc(np.zeros((4, 5)), 5), "number 5"),
        (lambda: audio.mask_spans(np.zeros((2, 8, 8)), RNG, frames=9, bands=0), "9 frames"),
        (lambda: audio.mask_wave(SOUND, [True]), r"Received shape \(1,\)"),
        (lambda: audio.cut_windows(np.zeros((2, 8, 8)), 9, 1), "width 9"),
        (lambda: audio.join_windows(np.zeros((3, 2)), [0, 1]), r"\(3, 2\) and \(2,\)"),
        (lambda: audio.draw_by_speaker([0, 1], ["a", "b"], shots=1, num_speakers=2, seed=0), "2 speakers"),
        (lambda: audio.draw_by_speaker([0, 1, 0], list("aab"), shots=2, num_speakers=1, seed=0), "clips are needed"),
    ],
)
def test_errors(act, match):
    with pytest.raises(ValueError, match=match):
        act()
