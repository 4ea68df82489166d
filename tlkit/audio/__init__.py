"""Sounds for networks: waveform to spectrogram to mel to decibels, cepstra, masks, windows, and splits by speaker."""

from tlkit.audio.cepstra import mfcc
from tlkit.audio.masks import mask_spans, mask_wave
from tlkit.audio.speakers import draw_by_speaker
from tlkit.audio.transform import decibels, istft, stft
from tlkit.audio.windows import cut_windows, join_windows
from tlkit.data.mel import hertz_to_mel, mel_filters, mel_to_hertz

__all__ = [
    "cut_windows",
    "decibels",
    "draw_by_speaker",
    "hertz_to_mel",
    "istft",
    "join_windows",
    "mask_spans",
    "mask_wave",
    "mel_filters",
    "mel_to_hertz",
    "mfcc",
    "stft",
]
