"""Write `digits_heard.npz`: the ten English digits as waveforms, to listen to.

    python datasets/recipes/make_waves.py

Said by Allison Smith, from Debian's `asterisk-core-sounds-en-wav`, 8000 samples a second. The 16 bits of a sample are
kept as 8, by the mu-law of telephones (ITU-T G.711), which costs little that can be heard.
"""

from __future__ import annotations

import numpy as np
import store
from fetch import DIGIT_VOICES, unpack

from tlkit.data.sounds import read_sound
from tlkit.data.spectrograms import RATE


def to_mu_law(samples: np.ndarray) -> np.ndarray:
    """Samples in [-1, 1] to `uint8`: fine steps where it is quiet."""
    bent = np.sign(samples) * np.log1p(255 * abs(samples)) / np.log(256)
    return np.round((bent + 1) * 127.5).astype(np.uint8)


def main() -> None:
    """Fetch and write."""
    files = sorted((unpack(DIGIT_VOICES["en"]) / "usr/share/asterisk/sounds").glob("*/digits/[0-9].wav"))
    waves, rates = zip(*map(read_sound, files), strict=True)
    assert set(rates) == {RATE}
    arrays = {"mu_law": np.concatenate([to_mu_law(wave) for wave in waves])}
    store.write_arrays("digits_heard", arrays | {"length": np.array([len(wave) for wave in waves], np.int32)})


if __name__ == "__main__":
    main()
