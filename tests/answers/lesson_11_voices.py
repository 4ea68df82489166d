"""Right and wrong answers to the exercises of lesson 11: each wrong one stands for a misconception."""

import random
import statistics

import keras
import numpy as np
import scipy.signal
import tensorflow as tf
from scipy.fft import dct

from tlkit import audio
from tlkit.checks.testing import Args

# --- 11.1


def _taper(window):
    return 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(window) / window)


def power_by_windows(samples, window, hop):
    frames = np.lib.stride_tricks.sliding_window_view(samples, window)[::hop]
    return abs(np.fft.rfft(frames * _taper(window), axis=1)) ** 2


def power_in_a_loop(samples, window, hop):
    rows = []
    for start in range(0, len(samples) - window + 1, hop):
        spectrum = np.fft.fft(samples[start : start + window] * scipy.signal.get_window("hann", window))
        rows.append([abs(value) ** 2 for value in spectrum[: window // 2 + 1]])
    return rows


def power_of_the_kit(samples, window, hop):
    spectrum = audio.stft(samples, window, hop)
    return spectrum.real**2 + spectrum.imag**2


def power_by_a_matrix(samples, window, hop):
    frames = np.lib.stride_tricks.sliding_window_view(samples, window)[::hop] * _taper(window)
    waves = np.exp(-2j * np.pi * np.outer(np.arange(window), np.arange(window // 2 + 1)) / window)
    return abs(frames @ waves) ** 2


def power_with_tensors(samples, window, hop):
    frames = tf.signal.frame(tf.constant(samples), window, hop)
    return tf.abs(tf.signal.rfft(tf.cast(frames * _taper(window), tf.float32))) ** 2


def power_without_a_window(samples, window, hop):
    frames = np.lib.stride_tricks.sliding_window_view(samples, window)[::hop]
    return abs(np.fft.rfft(frames, axis=1)) ** 2


def power_symmetric(samples, window, hop):
    frames = np.lib.stride_tricks.sliding_window_view(samples, window)[::hop]
    return abs(np.fft.rfft(frames * np.hanning(window), axis=1)) ** 2


def power_not_squared(samples, window, hop):
    return np.sqrt(power_by_windows(samples, window, hop))


def power_by_length(samples, window, hop):
    return power_by_windows(samples, window, hop) / window


def power_turned(samples, window, hop):
    return power_by_windows(samples, window, hop).T


def power_of_one_frame(samples, window, hop):
    found = power_by_windows(samples, window, hop)
    return np.repeat(found[:1], len(found), axis=0)


def power_of_louder_frames(samples, window, hop):
    found = power_by_windows(samples, window, hop)
    return found / found.max()


def power_with_both_halves(samples, window, hop):
    frames = np.lib.stride_tricks.sliding_window_view(samples, window)[::hop]
    return abs(np.fft.fft(frames * _taper(window), axis=1)) ** 2


def power_in_decibels(samples, window, hop):
    return 10 * np.log10(power_by_windows(samples, window, hop) + 1e-10)


SHARPNESS = {"4 ms": 1, "32 ms": 9, "256 ms": 4}

# --- 11.2


def _mel(hertz):
    return 2595 * np.log10(1 + np.asarray(hertz) / 700)


def _hertz(mel):
    return 700 * (10 ** (np.asarray(mel) / 2595) - 1)


def filters_by_interp(num_bands, fft_length, rate, lowest, highest):
    corners = _hertz(np.linspace(_mel(lowest), _mel(highest), num_bands + 2))
    columns = np.fft.rfftfreq(fft_length, 1 / rate)
    return np.stack([np.interp(columns, corners[k : k + 3], [0, 1, 0]) for k in range(num_bands)])


def filters_of_the_kit(num_bands, fft_length, rate, lowest, highest):
    return audio.mel_filters(num_bands, fft_length, rate, lowest=lowest, highest=highest)


def filters_of_two_ramps(num_bands, fft_length, rate, lowest, highest):
    corners = _hertz(np.linspace(_mel(lowest), _mel(highest), num_bands + 2))[:, None]
    columns = np.arange(fft_length // 2 + 1) * rate / fft_length
    up = (columns - corners[:-2]) / (corners[1:-1] - corners[:-2])
    down = (corners[2:] - columns) / (corners[2:] - corners[1:-1])
    return np.maximum(0, np.minimum(up, down))


def filters_in_loops(num_bands, fft_length, rate, lowest, highest):
    step = (_mel(highest) - _mel(lowest)) / (num_bands + 1)
    corners = [float(_hertz(_mel(lowest) + k * step)) for k in range(num_bands + 2)]
    table = []
    for low, middle, high in zip(corners, corners[1:], corners[2:], strict=False):
        row = []
        for column in range(fft_length // 2 + 1):
            hertz = column * rate / fft_length
            if low < hertz <= middle:
                row.append((hertz - low) / (middle - low))
            elif middle < hertz < high:
                row.append((high - hertz) / (high - middle))
            else:
                row.append(0.0)
        table.append(row)
    return table


def filters_with_tensors(num_bands, fft_length, rate, lowest, highest):
    corners = tf.constant(_hertz(np.linspace(_mel(lowest), _mel(highest), num_bands + 2)))
    columns = tf.constant(np.fft.rfftfreq(fft_length, 1 / rate))
    low, middle, high = corners[:-2, None], corners[1:-1, None], corners[2:, None]
    return tf.nn.relu(tf.minimum((columns - low) / (middle - low), (high - columns) / (high - middle)))


def filters_in_hertz(num_bands, fft_length, rate, lowest, highest):
    corners = np.linspace(lowest, highest, num_bands + 2)
    columns = np.fft.rfftfreq(fft_length, 1 / rate)
    return np.stack([np.interp(columns, corners[k : k + 3], [0, 1, 0]) for k in range(num_bands)])


def filters_of_equal_area(num_bands, fft_length, rate, lowest, highest):
    corners = _hertz(np.linspace(_mel(lowest), _mel(highest), num_bands + 2))
    return 2 * filters_by_interp(num_bands, fft_length, rate, lowest, highest) / (corners[2:] - corners[:-2])[:, None]


def filters_of_equal_sum(num_bands, fft_length, rate, lowest, highest):
    found = filters_by_interp(num_bands, fft_length, rate, lowest, highest)
    sums = found.sum(axis=1, keepdims=True)
    return found / np.where(sums > 0, sums, 1)


def filters_upside_down(num_bands, fft_length, rate, lowest, highest):
    return filters_by_interp(num_bands, fft_length, rate, lowest, highest)[::-1]


def filters_of_all_frequencies(num_bands, fft_length, rate, lowest, highest):
    return filters_by_interp(num_bands, fft_length, rate, 0, rate / 2)


def filters_below_zero(num_bands, fft_length, rate, lowest, highest):
    corners = _hertz(np.linspace(_mel(lowest), _mel(highest), num_bands + 2))
    columns = np.fft.rfftfreq(fft_length, 1 / rate)
    low, middle, high = corners[:-2, None], corners[1:-1, None], corners[2:, None]
    return np.minimum((columns - low) / (middle - low), (high - columns) / (high - middle))


def filters_turned(num_bands, fft_length, rate, lowest, highest):
    return filters_by_interp(num_bands, fft_length, rate, lowest, highest).T


def filters_at_columns(num_bands, fft_length, rate, lowest, highest):
    corners = np.floor((fft_length + 1) * _hertz(np.linspace(_mel(lowest), _mel(highest), num_bands + 2)) / rate)
    found = np.zeros((num_bands, fft_length // 2 + 1))
    for band in range(num_bands):
        low, middle, high = corners[band : band + 3].astype(int)
        for column in range(low, middle):
            found[band, column] = (column - low) / (middle - low)
        for column in range(middle, min(high, fft_length // 2 + 1)):
            found[band, column] = (high - column) / (high - middle)
    return found


def filters_at_nearest_columns(num_bands, fft_length, rate, lowest, highest):
    corners = np.round(_hertz(np.linspace(_mel(lowest), _mel(highest), num_bands + 2)) * fft_length / rate)
    columns = np.arange(fft_length // 2 + 1)
    return np.stack([np.interp(columns, corners[k : k + 3], [0, 1, 0]) for k in range(num_bands)])


def filters_straight_in_mel(num_bands, fft_length, rate, lowest, highest):
    corners = np.linspace(_mel(lowest), _mel(highest), num_bands + 2)
    columns = _mel(np.fft.rfftfreq(fft_length, 1 / rate))
    return np.stack([np.interp(columns, corners[k : k + 3], [0, 1, 0]) for k in range(num_bands)])


def filters_with_corners_in_mel(num_bands, fft_length, rate, lowest, highest):
    corners = np.linspace(_mel(lowest), _mel(highest), num_bands + 2)
    columns = np.fft.rfftfreq(fft_length, 1 / rate)
    return np.stack([np.interp(columns, corners[k : k + 3], [0, 1, 0]) for k in range(num_bands)])


def filters_of_rectangles(num_bands, fft_length, rate, lowest, highest):
    return filters_by_interp(num_bands, fft_length, rate, lowest, highest) > 0.5


def filters_at_8000(num_bands, fft_length, rate, lowest, highest):
    return filters_by_interp(num_bands, fft_length, 2 * rate, lowest, highest)


# --- 11.3


def decibels_by_ratio(power, span):
    return 10 * np.log10(np.maximum(power / power.max(), 10 ** (-span / 10)))


def decibels_of_the_kit(power, span):
    return audio.decibels(power, span)


def decibels_by_difference(power, span):
    with np.errstate(divide="ignore"):
        levels = 10 * np.log10(power)
    return np.maximum(levels - levels.max(), -span)


def decibels_one_by_one(power, span):
    loudest = max(power.ravel().tolist())
    found = [10 * np.log10(value / loudest) if value > 0 else -span for value in power.ravel().tolist()]
    return np.reshape([max(value, -span) for value in found], power.shape)


def decibels_with_keras(power, span):
    with np.errstate(divide="ignore"):
        exact = np.log10(power)
    ratio = keras.ops.convert_to_tensor(10 * (exact - exact.max()), dtype="float64")
    return keras.ops.clip(ratio, -span, 0)


def decibels_of_amplitudes(power, span):
    return 20 * np.log10(np.maximum(power / power.max(), 10 ** (-span / 20)))


def decibels_by_the_natural_logarithm(power, span):
    return np.maximum(np.log(np.maximum(power / power.max(), 1e-300)), -span)


def decibels_of_a_unit(power, span):
    return np.maximum(10 * np.log10(np.maximum(power, 1e-300)), -span)


def decibels_without_an_end(power, span):
    with np.errstate(divide="ignore"):
        return 10 * np.log10(power / power.max())


def decibels_with_the_smallest_for_nothing(power, span):
    return decibels_by_ratio(np.where(power > 0, power, power[power > 0].min()), span)


def decibels_above_the_floor(power, span):
    return decibels_by_ratio(power, span) + span


def decibels_turned_round(power, span):
    return -decibels_by_ratio(power, span)


def decibels_with_an_offset(power, span):
    return np.maximum(10 * np.log10((power + 1e-6) / (power.max() + 1e-6)), -span)


def decibels_of_rows(power, span):
    return np.stack([decibels_by_ratio(row, span) for row in np.maximum(power, 1e-300)])


def decibels_of_rows_at_once(power, span):
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.maximum(10 * np.log10(power / power.max(axis=1, keepdims=True)), -span)


def decibels_of_columns(power, span):
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.maximum(10 * np.log10(power / power.max(axis=0)), -span)


def decibels_with_an_end_added(power, span):
    return 10 * np.log10(power / power.max() + 10 ** (-span / 10))


def decibels_with_an_end_above(power, span):
    with np.errstate(divide="ignore"):
        return np.maximum(10 * np.log10(power / power.max()), span)


def decibels_as_one(power, span):
    return decibels_by_ratio(power, span).mean()


# --- 11.4


def apart_by_choice(labels, speakers, shots, num_speakers, seed):
    rng = np.random.default_rng(seed)
    inside = np.isin(speakers, rng.choice(np.unique(speakers), num_speakers, replace=False))
    pools = [np.flatnonzero(inside & (labels == word)) for word in np.unique(labels)]
    return np.concatenate([rng.choice(pool, shots, replace=False) for pool in pools]), np.flatnonzero(~inside)


def apart_by_masks(labels, speakers, shots, num_speakers, seed):
    own = np.random.RandomState(seed)
    inside = np.isin(speakers, own.choice(np.unique(speakers), num_speakers, replace=False))
    words = [np.flatnonzero(inside & (labels == word)) for word in np.unique(labels)]
    return np.concatenate([own.permutation(rows)[:shots] for rows in words]), np.flatnonzero(~inside)


def apart_of_the_kit(labels, speakers, shots, num_speakers, seed):
    return audio.draw_by_speaker(labels, speakers, shots=shots, num_speakers=num_speakers, seed=seed)


def apart_with_pythons_random(labels, speakers, shots, num_speakers, seed):
    own = random.Random(seed)
    chosen = own.sample(sorted(set(speakers.tolist())), num_speakers)
    pools = {}
    for row, (word, name) in enumerate(zip(labels.tolist(), speakers.tolist(), strict=True)):
        if name in chosen:
            pools.setdefault(word, []).append(row)
    train = [row for word in sorted(pools) for row in own.sample(pools[word], shots)]
    return train, [row for row, name in enumerate(speakers) if name not in chosen]


def apart_by_permutation(labels, speakers, shots, num_speakers, seed):
    rng = np.random.RandomState(seed)
    chosen = rng.permutation(np.unique(speakers))[:num_speakers]
    inside = [row for row in rng.permutation(len(labels)) if speakers[row] in chosen]
    taken = dict.fromkeys(labels.tolist(), 0)
    train = []
    for row in inside:
        if taken[labels[row]] < shots:
            train.append(row)
        taken[labels[row]] += 1
    return np.array(train), np.setdiff1d(np.arange(len(labels)), inside)


def apart_by_clips(labels, speakers, shots, num_speakers, seed):
    rng = np.random.default_rng(seed)
    train = np.concatenate(
        [rng.choice(np.flatnonzero(labels == word), shots, replace=False) for word in np.unique(labels)]
    )
    return train, np.setdiff1d(np.arange(len(labels)), train)


def apart_of_each_speaker(labels, speakers, shots, num_speakers, seed):
    rng = np.random.default_rng(seed)
    chosen = rng.choice(np.unique(speakers), num_speakers, replace=False)
    train = [
        rng.choice(np.flatnonzero((speakers == name) & (labels == word)), shots, replace=False)
        for name in chosen
        for word in np.unique(labels)
    ]
    return np.concatenate(train), np.flatnonzero(~np.isin(speakers, chosen))


def apart_of_the_first_speakers(labels, speakers, shots, num_speakers, seed):
    rng = np.random.default_rng(seed)
    inside = np.isin(speakers, np.unique(speakers)[:num_speakers])
    pools = [np.flatnonzero(inside & (labels == word)) for word in np.unique(labels)]
    return np.concatenate([rng.choice(pool, shots, replace=False) for pool in pools]), np.flatnonzero(~inside)


def apart_of_the_first_clips(labels, speakers, shots, num_speakers, seed):
    rng = np.random.default_rng(seed)
    inside = np.isin(speakers, rng.choice(np.unique(speakers), num_speakers, replace=False))
    pools = [np.flatnonzero(inside & (labels == word)) for word in np.unique(labels)]
    return np.concatenate([pool[:shots] for pool in pools]), np.flatnonzero(~inside)


def apart_with_half_a_test(labels, speakers, shots, num_speakers, seed):
    train, test = apart_by_choice(labels, speakers, shots, num_speakers, seed)
    return train, test[::2]


def apart_without_a_seed(labels, speakers, shots, num_speakers, seed):
    return apart_by_choice(labels, speakers, shots, num_speakers, None)


def apart_as_masks(labels, speakers, shots, num_speakers, seed):
    train, test = apart_by_choice(labels, speakers, shots, num_speakers, seed)
    return np.isin(np.arange(len(labels)), train), np.isin(np.arange(len(labels)), test)


def apart_with_few_others(labels, speakers, shots, num_speakers, seed):
    train, test = apart_by_choice(labels, speakers, shots, num_speakers, seed)
    return train, test[speakers[test] != speakers[test[0]]]


def apart_as_a_table(labels, speakers, shots, num_speakers, seed):
    return apart_by_choice(labels, speakers, shots, num_speakers, seed)[0]


LEAKS = [0.14, 0.15, 0.16]

# --- 11.5


def cepstra_of_scipy(log_mel, number):
    kept = dct(log_mel, axis=0, norm="ortho")[:number]
    return np.concatenate([kept.mean(axis=1), kept.std(axis=1)])


def cepstra_by_own_waves(log_mel, number):
    num_bands = len(log_mel)
    waves = np.cos(np.pi / num_bands * np.outer(np.arange(num_bands), np.arange(num_bands) + 0.5))
    waves *= np.where(np.arange(num_bands) == 0, np.sqrt(1 / num_bands), np.sqrt(2 / num_bands))[:, None]
    found = (waves @ log_mel)[:number]
    return [*found.mean(axis=1), *np.sqrt(((found - found.mean(axis=1, keepdims=True)) ** 2).mean(axis=1))]


def cepstra_of_the_kit(log_mel, number):
    kept = audio.mfcc(log_mel, number)
    return [*kept.mean(axis=1), *kept.std(axis=1)]


def cepstra_by_a_matrix(log_mel, number):
    bands = len(log_mel)
    cosines = np.cos(np.pi * np.outer(np.arange(number), np.arange(bands) + 0.5) / bands)
    scale = np.where(np.arange(number) == 0, np.sqrt(1 / bands), np.sqrt(2 / bands))
    frames = (scale[:, None] * cosines) @ log_mel
    return np.stack([np.mean(frames, axis=1), np.std(frames, axis=1)]).ravel()


def cepstra_with_tensors(log_mel, number):
    frames = tf.signal.dct(tf.constant(log_mel.T, tf.float32), norm="ortho")[:, :number]
    mean, variance = tf.nn.moments(frames, axes=[0])
    return tf.concat([mean, tf.sqrt(variance)], axis=0)


def cepstra_without_loudness(log_mel, number):
    kept = dct(log_mel, axis=0, norm="ortho")[1 : number + 1]
    found = np.concatenate([kept.mean(axis=1), kept.std(axis=1)])
    return found if len(kept) == number else np.zeros(2 * number)


def cepstra_not_orthonormal(log_mel, number):
    kept = dct(log_mel, axis=0)[:number]
    return np.concatenate([kept.mean(axis=1), kept.std(axis=1)])


def cepstra_of_bands(log_mel, number):
    return np.concatenate([log_mel[:number].mean(axis=1), log_mel[:number].std(axis=1)])


def cepstra_upside_down(log_mel, number):
    return cepstra_of_scipy(log_mel[::-1], number)


def cepstra_over_time(log_mel, number):
    kept = np.resize(dct(log_mel, axis=1, norm="ortho").T, (number, len(log_mel)))
    return np.concatenate([kept.mean(axis=1), kept.std(axis=1)])


def cepstra_with_variances(log_mel, number):
    kept = dct(log_mel, axis=0, norm="ortho")[:number]
    return np.concatenate([kept.mean(axis=1), kept.var(axis=1)])


def cepstra_in_pairs(log_mel, number):
    kept = dct(log_mel, axis=0, norm="ortho")[:number]
    return np.stack([kept.mean(axis=1), kept.std(axis=1)], axis=1).ravel()


def cepstra_of_the_last(log_mel, number):
    kept = dct(log_mel, axis=0, norm="ortho")[-number:]
    return np.concatenate([kept.mean(axis=1), kept.std(axis=1)])


def cepstra_without_deviations(log_mel, number):
    return dct(log_mel, axis=0, norm="ortho")[:number].mean(axis=1)


def cepstra_of_medians(log_mel, number):
    kept = dct(log_mel, axis=0, norm="ortho")[:number]
    return np.concatenate([np.median(kept, axis=1), kept.std(axis=1)])


def cepstra_along_time(log_mel, number):
    kept = dct(log_mel, norm="ortho")[:number]
    return np.concatenate([kept.mean(axis=1), kept.std(axis=1)])


def cepstra_of_the_third_type(log_mel, number):
    kept = dct(log_mel, type=3, axis=0, norm="ortho")[:number]
    return np.concatenate([kept.mean(axis=1), kept.std(axis=1)])


def cepstra_with_one_factor(log_mel, number):
    bands = len(log_mel)
    waves = np.cos(np.pi / bands * np.outer(np.arange(number), np.arange(bands) + 0.5))
    kept = np.sqrt(2 / bands) * waves @ log_mel
    return np.concatenate([kept.mean(axis=1), kept.std(axis=1)])


BY_SOURCE = {"photos": [0.3], "pixels": [0.4], "MFCC": [0.3], "scratch": [0.2], "speech": [0.6]}

# --- 11.6


def masked_with_pythons_random(picture, frames, bands, seed):
    rng, copy = np.random.default_rng(seed), picture.copy()
    width, height = rng.integers(0, frames + 1), rng.integers(0, bands + 1)
    left = rng.integers(0, picture.shape[1] - width + 1)
    top = rng.integers(0, picture.shape[0] - height + 1)
    copy[:, left : left + width] = 0
    copy[top : top + height] = 0
    return copy


def masked_by_slices(picture, frames, bands, seed):
    own, hidden = random.Random(seed), np.array(picture)
    width, height = own.randint(0, frames), own.randint(0, bands)
    left, low = own.randint(0, hidden.shape[1] - width), own.randint(0, hidden.shape[0] - height)
    hidden[:, left : left + width] = hidden[low : low + height] = 0
    return hidden


def masked_by_the_kit(picture, frames, bands, seed):
    return audio.mask_spans(picture[None], np.random.default_rng(seed), frames=frames, bands=bands)[0]


def masked_by_products(picture, frames, bands, seed):
    own, kept = random.Random(seed), []
    for size, most in zip(picture.shape, (bands, frames), strict=True):
        width = own.randint(0, most)
        start = own.randint(0, size - width)
        kept.append([0.0 if start <= place < start + width else 1.0 for place in range(size)])
    return picture * np.outer(*kept)


def masked_with_tensors(picture, frames, bands, seed):
    rng = np.random.RandomState(seed)
    found = tf.constant(picture)
    for axis, most in ((1, frames), (0, bands)):
        size = picture.shape[axis]
        width = rng.randint(most + 1)
        start = rng.randint(size - width + 1)
        places = tf.range(size)
        hidden = (places >= start) & (places < start + width)
        found = tf.where(hidden[None] if axis else hidden[:, None], tf.zeros_like(found), found)
    return found


def masked_in_place(picture, frames, bands, seed):
    picture[:] = masked_by_slices(picture, frames, bands, seed)
    return picture


def masked_as_a_box(picture, frames, bands, seed):
    rng, copy = np.random.default_rng(seed), picture.copy()
    width, height = rng.integers(0, frames + 1), rng.integers(0, bands + 1)
    left, top = (rng.integers(0, size - 9) for size in (picture.shape[1], picture.shape[0]))
    copy[top : top + height, left : left + width] = 0
    return copy


def masked_with_axes_exchanged(picture, frames, bands, seed):
    return masked_by_slices(picture, bands, frames, seed)


def masked_at_full_width(picture, frames, bands, seed):
    rng, copy = np.random.default_rng(seed), picture.copy()
    left, top = rng.integers(0, picture.shape[1] - frames + 1), rng.integers(0, picture.shape[0] - bands + 1)
    copy[:, left : left + frames] = 0
    copy[top : top + bands] = 0
    return copy


def masked_without_a_seed(picture, frames, bands, seed):
    return masked_by_slices(picture, frames, bands, None)


def masked_by_the_mean(picture, frames, bands, seed):
    found = masked_by_slices(picture, frames, bands, seed)
    return np.where(found == 0, picture.mean(), found)


def masked_in_scattered_columns(picture, frames, bands, seed):
    rng, copy = np.random.default_rng(seed), picture.copy()
    copy[:, rng.choice(picture.shape[1], rng.integers(0, frames + 1), replace=False)] = 0
    copy[rng.choice(picture.shape[0], rng.integers(0, bands + 1), replace=False)] = 0
    return copy


def masked_at_the_beginning(picture, frames, bands, seed):
    rng, copy = np.random.default_rng(seed), picture.copy()
    copy[:, : rng.integers(0, frames + 1)] = 0
    copy[: rng.integers(0, bands + 1)] = 0
    return copy


def masked_without_the_largest(picture, frames, bands, seed):
    return masked_by_slices(picture, max(frames - 1, 0), max(bands - 1, 0), seed)


def masked_but_not_the_end(picture, frames, bands, seed):
    found = masked_by_slices(picture[:-5, :-5], frames, bands, seed)
    copy = picture.copy()
    copy[(found == 0).all(axis=1).nonzero()[0]] = 0
    copy[:, (found == 0).all(axis=0).nonzero()[0]] = 0
    return copy


HELP = [0.01, 0.02, 0.0]

# --- 11.7


def clips_by_means(log_probabilities, clips):
    return [log_probabilities[clips == clip].mean(axis=0).argmax() for clip in np.unique(clips)]


def clips_by_counting(log_probabilities, clips):
    _, places, counts = np.unique(clips, return_inverse=True, return_counts=True)
    sums = np.stack([np.bincount(places, weights=column) for column in log_probabilities.T], axis=1)
    return (sums / counts[:, None]).argmax(axis=1)


def clips_of_the_kit(log_probabilities, clips):
    return audio.join_windows(log_probabilities, clips)[1].argmax(axis=1)


def clips_by_sorting(log_probabilities, clips):
    order = np.argsort(clips, kind="stable")
    _, starts = np.unique(clips[order], return_index=True)
    return np.add.reduceat(log_probabilities[order], starts, axis=0).argmax(axis=1)


def clips_with_tensors(log_probabilities, clips):
    _, places = np.unique(clips, return_inverse=True)
    return tf.argmax(tf.math.unsorted_segment_sum(tf.constant(log_probabilities), places, places.max() + 1), axis=1)


def clips_by_vote(log_probabilities, clips):
    count = log_probabilities.shape[1]
    found = log_probabilities.argmax(axis=1)
    return [np.bincount(found[clips == clip], minlength=count).argmax() for clip in np.unique(clips)]


def clips_by_probabilities(log_probabilities, clips):
    return [np.exp(log_probabilities[clips == clip]).mean(axis=0).argmax() for clip in np.unique(clips)]


def clips_by_the_surest(log_probabilities, clips):
    owns = [log_probabilities[clips == clip] for clip in np.unique(clips)]
    return [own[own.max(axis=1).argmax()].argmax() for own in owns]


def clips_by_the_first(log_probabilities, clips):
    return [log_probabilities[clips == clip][0].argmax() for clip in np.unique(clips)]


def clips_as_windows(log_probabilities, clips):
    return log_probabilities.argmax(axis=1)


def clips_as_they_come(log_probabilities, clips):
    return [log_probabilities[clips == clip].mean(axis=0).argmax() for clip in dict.fromkeys(clips.tolist())]


def clips_of_the_least(log_probabilities, clips):
    return [log_probabilities[clips == clip].mean(axis=0).argmin() for clip in np.unique(clips)]


def clips_with_a_smallest_chance(log_probabilities, clips):
    return clips_by_means(np.log(np.exp(log_probabilities) + 1e-7), clips)


def clips_by_the_largest(log_probabilities, clips):
    return [log_probabilities[clips == clip].min(axis=0).argmax() for clip in np.unique(clips)]


JOINED = [0.08, 0.09, 0.07]

# --- 11.8


def gap_by_speakers(right, speakers, foreign):
    home, abroad = ([right[speakers == name].mean() for name in np.unique(speakers[k])] for k in (~foreign, foreign))
    return np.mean(home) - np.mean(abroad)


def gap_by_counting(right, speakers, foreign):
    _, places = np.unique(speakers, return_inverse=True)
    accuracies = np.bincount(places, weights=right) / np.bincount(places)
    far = np.bincount(places, weights=foreign) > 0
    return accuracies[~far].mean() - accuracies[far].mean()


def gap_in_loops(right, speakers, foreign):
    heard = {True: {}, False: {}}
    for good, name, far in zip(right.tolist(), speakers.tolist(), foreign.tolist(), strict=True):
        heard[far].setdefault(name, []).append(good)
    home, abroad = (statistics.mean(sum(own) / len(own) for own in heard[far].values()) for far in (False, True))
    return home - abroad


def gap_by_weights(right, speakers, foreign):
    _, places, counts = np.unique(speakers, return_inverse=True, return_counts=True)
    weights = 1 / counts[places]
    return np.average(right[~foreign], weights=weights[~foreign]) - np.average(right[foreign], weights=weights[foreign])


def gap_by_clips(right, speakers, foreign):
    return right[~foreign].mean() - right[foreign].mean()


def gap_turned_round(right, speakers, foreign):
    return -gap_by_speakers(right, speakers, foreign)


def gap_in_points(right, speakers, foreign):
    return 100 * gap_by_speakers(right, speakers, foreign)


def gap_from_all(right, speakers, foreign):
    accuracy = {name: right[speakers == name].mean() for name in np.unique(speakers)}
    return np.mean(list(accuracy.values())) - np.mean([accuracy[name] for name in np.unique(speakers[foreign])])


def gap_of_medians(right, speakers, foreign):
    home, abroad = ([right[speakers == name].mean() for name in np.unique(speakers[k])] for k in (~foreign, foreign))
    return np.median(home) - np.median(abroad)


def gap_without_a_sign(right, speakers, foreign):
    return abs(gap_by_speakers(right, speakers, foreign))


def gap_of_both(right, speakers, foreign):
    home, abroad = ([right[speakers == name].mean() for name in np.unique(speakers[k])] for k in (~foreign, foreign))
    return np.mean(home), np.mean(abroad)


def gap_of_ratios(right, speakers, foreign):
    home, abroad = ([right[speakers == name].mean() for name in np.unique(speakers[k])] for k in (~foreign, foreign))
    return 1 - np.mean(abroad) / max(np.mean(home), 1e-9)


GAPS = [0.3, 0.35, 0.4]


ANSWERS = {
    "11.1": {
        "right": [
            Args(power_by_windows, SHARPNESS),
            Args(power_in_a_loop, SHARPNESS),
            Args(power_by_a_matrix, SHARPNESS),
            Args(power_with_tensors, SHARPNESS),
        ],
        "wrong": [
            (Args(power_of_the_kit, SHARPNESS), "write this yourself. Your answer calls stft"),
            (Args(power_without_a_window, SHARPNESS), "leaks into all frequencies"),
            (Args(power_symmetric, SHARPNESS), "is symmetric"),
            (Args(power_not_squared, SHARPNESS), r"the \*square\*"),
            (Args(power_by_length, SHARPNESS), "Do not divide"),
            (Args(power_turned, SHARPNESS), "frames in rows"),
            (Args(power_of_one_frame, SHARPNESS), "Transform each frame by itself"),
            (Args(power_of_louder_frames, SHARPNESS), "the amplitude counts"),
        ],
        "refused": [Args(power_with_both_halves, SHARPNESS), Args(power_in_decibels, SHARPNESS)],
        "prediction": "32 ms",
    },
    "11.2": {
        "right": [filters_by_interp, filters_of_two_ramps, filters_in_loops, filters_with_tensors],
        "wrong": [
            (filters_of_the_kit, "write this yourself. Your answer calls mel_filters"),
            (filters_in_hertz, r"far apart in \*mel\*"),
            (filters_of_equal_area, "equal areas"),
            (filters_of_equal_sum, "a sum of 1"),
            (filters_upside_down, "lowest band comes first"),
            (filters_of_all_frequencies, "span all frequencies"),
            (filters_below_zero, "and never below"),
            (filters_turned, "are a table of the shape"),
            (filters_at_columns, "rounded to columns"),
            (filters_at_nearest_columns, "leave them where they are, between two"),
            (filters_straight_in_mel, r"straight lines in \*Hz\*"),
            (filters_with_corners_in_mel, "corners are still in mel"),
            (filters_at_8000, "last column stands for half of the rate"),
        ],
        "refused": [filters_of_rectangles],
    },
    "11.3": {
        "right": [decibels_by_ratio, decibels_by_difference, decibels_one_by_one, decibels_with_keras],
        "wrong": [
            (decibels_of_the_kit, "write this yourself. Your answer calls decibels"),
            (decibels_of_amplitudes, "20 belongs to amplitudes"),
            (decibels_by_the_natural_logarithm, r"to \*base 10\*"),
            (decibels_of_a_unit, "relative to the loudest cell"),
            (decibels_without_an_end, "is set to -span"),
            (decibels_above_the_floor, "You added the span"),
            (decibels_of_rows_at_once, "not of each row"),
            (decibels_of_columns, "not of each column"),
            (decibels_with_an_end_added, "added the end of the span"),
            (decibels_with_an_end_above, r"\*below\* 0 dB, at -span"),
            (decibels_turned_round, "negative decibels"),
            (decibels_with_an_offset, "add no constant"),
        ],
        "refused": [decibels_of_rows, decibels_as_one, decibels_with_the_smallest_for_nothing],
    },
    "11.4": {
        "right": [
            Args(apart_by_choice, LEAKS),
            Args(apart_by_masks, LEAKS),
            Args(apart_with_pythons_random, LEAKS),
            Args(apart_by_permutation, LEAKS),
        ],
        "wrong": [
            (Args(apart_of_the_kit, LEAKS), "write this yourself. Your answer calls draw_by_speaker"),
            (Args(apart_by_clips, LEAKS), "speaks? in both"),
            (Args(apart_of_each_speaker, LEAKS), "each word needs .* clips in all"),
            (Args(apart_of_the_first_speakers, LEAKS), "Sixteen seeds drew the speakers"),
            (Args(apart_of_the_first_clips, LEAKS), "Draw the clips by chance, too"),
            (Args(apart_with_half_a_test, LEAKS), "Take all"),
            (Args(apart_without_a_seed, LEAKS), "could not be compared"),
            (Args(apart_with_few_others, LEAKS), "Yours lacks those of"),
            (Args(apart_as_masks, LEAKS), "This is a mask"),
            (Args(apart_as_a_table, LEAKS), "Return two lists"),
        ],
        "prediction": "more than 12 points",
    },
    "11.5": {
        "right": [
            Args(cepstra_of_scipy, BY_SOURCE),
            Args(cepstra_by_own_waves, BY_SOURCE),
            Args(cepstra_by_a_matrix, BY_SOURCE),
            Args(cepstra_with_tensors, BY_SOURCE),
        ],
        "wrong": [
            (Args(cepstra_of_the_kit, BY_SOURCE), "write this yourself. Your answer calls mfcc"),
            (Args(cepstra_without_loudness, BY_SOURCE), "the loudness, is kept"),
            (Args(cepstra_not_orthonormal, BY_SOURCE), "transform is orthonormal"),
            (Args(cepstra_of_bands, BY_SOURCE), "over the bands is missing"),
            (Args(cepstra_upside_down, BY_SOURCE), "turned upside down"),
            (Args(cepstra_with_variances, BY_SOURCE), "not variances"),
            (Args(cepstra_in_pairs, BY_SOURCE), "First all means"),
            (Args(cepstra_of_the_last, BY_SOURCE), r"the \*first\* coefficients"),
            (Args(cepstra_without_deviations, BY_SOURCE), "then their deviations"),
            (Args(cepstra_along_time, BY_SOURCE), "transform goes over the bands"),
            (Args(cepstra_of_the_third_type, BY_SOURCE), "transform is DCT-II"),
            (Args(cepstra_with_one_factor, BY_SOURCE), "Coefficient 0 has a factor of its own"),
            (Args(cepstra_of_medians, BY_SOURCE), "not medians"),
        ],
        "refused": [Args(cepstra_over_time, BY_SOURCE)],
        "prediction": "speech",
    },
    "11.6": {
        "right": [
            Args(masked_by_slices, HELP),
            Args(masked_with_pythons_random, HELP),
            Args(masked_by_products, HELP),
            Args(masked_with_tensors, HELP),
        ],
        "wrong": [
            (Args(masked_by_the_kit, HELP), "write this yourself. Your answer calls mask_spans"),
            (Args(masked_in_place, HELP), "Work on a copy"),
            (Args(masked_as_a_box, HELP), "are no such cross"),
            (Args(masked_with_axes_exchanged, HELP), "Columns are frames, and rows are bands"),
            (Args(masked_at_full_width, HELP), "Each width from 0"),
            (Args(masked_without_a_seed, HELP), "must hide the same cells"),
            (Args(masked_by_the_mean, HELP), "A hidden cell is 0"),
            (Args(masked_in_scattered_columns, HELP), "not scattered ones"),
            (Args(masked_at_the_beginning, HELP), "The last place is"),
        ],
        "refused": [Args(masked_without_the_largest, HELP), Args(masked_but_not_the_end, HELP)],
        "prediction": "it helps",
    },
    "11.7": {
        "right": [
            Args(clips_by_means, JOINED),
            Args(clips_by_counting, JOINED),
            Args(clips_by_sorting, JOINED),
            Args(clips_with_tensors, JOINED),
        ],
        "wrong": [
            (Args(clips_of_the_kit, JOINED), "write this yourself. Your answer calls join_windows"),
            (Args(clips_by_vote, JOINED), "forgets how sure"),
            (Args(clips_by_probabilities, JOINED), r"average the \*logarithms\*"),
            (Args(clips_by_the_surest, JOINED), "not only the surest"),
            (Args(clips_by_the_first, JOINED), "not only the first"),
            (Args(clips_as_windows, JOINED), "one for each, in the order"),
            (Args(clips_as_they_come, JOINED), "not in the order of"),
        ],
        "refused": [
            Args(clips_of_the_least, JOINED),
            Args(clips_by_the_largest, JOINED),
            Args(clips_with_a_smallest_chance, JOINED),
        ],
        "prediction": "3 to 15 points",
    },
    "11.8": {
        "right": [
            Args(gap_by_speakers, GAPS),
            Args(gap_by_counting, GAPS),
            Args(gap_in_loops, GAPS),
            Args(gap_by_weights, GAPS),
        ],
        "wrong": [
            (Args(gap_by_clips, GAPS), "must not count more"),
            (Args(gap_turned_round, GAPS), "a loss is a positive gap"),
            (Args(gap_in_points, GAPS), "not points"),
            (Args(gap_from_all, GAPS), r"are \*not\* foreign"),
            (Args(gap_of_medians, GAPS), "not their median"),
            (Args(gap_without_a_sign, GAPS), "home minus abroad"),
            (Args(gap_of_both, GAPS), "Return one number"),
        ],
        "refused": [Args(gap_of_ratios, GAPS)],
        "prediction": "more than 25 points",
    },
}
