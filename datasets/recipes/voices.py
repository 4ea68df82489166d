"""Words said by speech synthesisers: any word, in many voices and accents.

Needs `espeak-ng` 1.51 and `flite` 2.2 on the path (Debian: `apt-get install espeak-ng flite`). What they say is ours.
"""

from __future__ import annotations

import io
import re
import subprocess
import tempfile
import wave
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tlkit.data.spectrograms import RATE, log_mel, resample

__all__ = [
    "DIGITS",
    "SOURCE_ACCENTS",
    "SOURCE_WORDS",
    "TARGET_VOICES",
    "TARGET_WORDS",
    "Voice",
    "check_versions",
    "list_source_variants",
    "picture_of",
    "read_wave",
]

_WORDS = """water mother father house garden window table chair paper letter number people money morning evening summer
winter river mountain ocean island city village street market school teacher doctor music colour yellow purple orange
green black white little happy angry quiet simple never always after before under over between together because bread
butter coffee sugar apple banana cherry lemon tiger monkey horse chicken rabbit fish bird tree flower stone iron silver
gold cotton shadow thunder lightning rain snow friend dance picture"""
SOURCE_WORDS = _WORDS.split()
TARGET_WORDS = ["up", "down", "left", "right", "yes", "no", "stop", "go", "on", "off"]
DIGITS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
SOURCE_ACCENTS = ("en-gb", "en-us", "en-gb-x-gbclan", "en-gb-x-rp", "en-gb-x-gbcwmd", "en-us-nyc")
_TARGET_ACCENTS = ("en-gb-scotland", "en-029")
_TARGET_VARIANTS = ("f3", "f5", "m4", "m7", "Annie", "Lee", "zac", "linda")
# Variants that whisper, croak or hurry: hardly words any more.
_STRANGE = {
    "fast", "whisper", "whisperf", "croak", "UniRobot", "anikaRobot", "Demonic", "RicishayMax", "RicishayMax2",
    "RicishayMax3", "Mr serious",
}  # fmt: skip
_VERSIONS = {"espeak-ng": "1.51", "flite": "2.2"}


@dataclass(frozen=True)
class Voice:
    """Who speaks.

    Attributes:
        program: `"espeak-ng"` or `"flite"`.
        name: Of the voice; for espeak-ng that of the variant.
        accent: For espeak-ng.
    """

    program: str
    name: str
    accent: str = ""

    def say(self, word: str, rng: np.random.Generator) -> tuple[np.ndarray, int]:
        """Say a word at a speed and a pitch that `rng` draws: samples and their rate."""
        return _say_espeak(word, self, rng) if self.program == "espeak-ng" else _say_flite(word, self, rng)


TARGET_VOICES = (
    *(Voice("flite", name) for name in ("kal16", "awb", "rms", "slt")),
    *(Voice("espeak-ng", name, accent) for name in _TARGET_VARIANTS for accent in _TARGET_ACCENTS),
)


def check_versions() -> dict[str, str]:
    """Return the versions of the synthesisers.

    Raises:
        RuntimeError: If one is missing, or is another than the stored data were made with.
    """
    for program, wanted in _VERSIONS.items():
        try:
            said = subprocess.run([program, "--version"], capture_output=True, text=True).stdout
        except FileNotFoundError:
            said = "no such program"
        if wanted not in said:
            msg = f"{program} {wanted} is needed. Found: {said.strip()[:60]!r}. Run `apt-get install {program}`."
            raise RuntimeError(msg)
    return dict(_VERSIONS)


def list_source_variants() -> list[str]:
    """Voices of espeak-ng that pre-training may hear: none that a target is said by."""
    said = subprocess.run(["espeak-ng", "--voices=variant"], capture_output=True, text=True, check=True).stdout
    names = sorted(re.findall(r"!v/(.+?)\s*$", said, re.MULTILINE))
    return [name for name in names if name not in _STRANGE and name not in _TARGET_VARIANTS]


def picture_of(voice: Voice, word: str, rng: np.random.Generator) -> np.ndarray:
    """Log-mel picture of a word, said and heard through a little of a room: `(64, 64)`, `uint8`."""
    return log_mel(_in_a_room(resample(*voice.say(word, rng)), rng), RATE)


def read_wave(content: bytes) -> tuple[np.ndarray, int]:
    """Samples in [-1, 1] and their rate, of a WAV of 16 bits with one channel; espeak-ng's header gives no length."""
    with wave.open(io.BytesIO(content)) as file:
        endless = file.getnframes() > 10**8
        frames = content[44:] if endless else file.readframes(file.getnframes())
        return np.frombuffer(frames, "<i2") / 32768, file.getframerate()


def _say_espeak(word: str, voice: Voice, rng: np.random.Generator) -> tuple[np.ndarray, int]:
    speed, pitch = rng.integers(130, 210), rng.integers(20, 80)
    command = ["espeak-ng", "-v", f"{voice.accent}+{voice.name}", "-s", str(speed), "-p", str(pitch), "--stdout", word]
    return read_wave(subprocess.run(command, capture_output=True, check=True).stdout)


def _say_flite(word: str, voice: Voice, rng: np.random.Generator) -> tuple[np.ndarray, int]:
    stretch = f"duration_stretch={rng.uniform(0.85, 1.25):.2f}"
    pitch = f"int_f0_target_mean={rng.integers(140, 210) if voice.name == 'slt' else rng.integers(90, 150)}"
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "word.wav")
        options = ["-voice", voice.name, "-t", word, "--setf", stretch, "--seti", pitch, "-o", str(file)]
        subprocess.run(["flite", *options], capture_output=True, check=True)
        return read_wave(file.read_bytes())


def _in_a_room(samples: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """What a microphone adds: a tilt of the spectrum, and noise at 15 to 45 dB below the word."""
    word = np.append(samples[0], samples[1:] - rng.uniform(-0.3, 0.5) * samples[:-1])
    return word + rng.normal(size=len(word)) * word.std() * 10 ** (-rng.uniform(15, 45) / 20)
