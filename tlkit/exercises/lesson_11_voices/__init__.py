"""The exercises of lesson 11, voices, in order."""

from tlkit.exercises.lesson_11_voices import (
    cepstral_means,
    decibel_scale,
    equal_speakers,
    masked_spans,
    mel_triangles,
    short_spectra,
    speakers_apart,
    windows_to_clips,
)

__all__ = ["EXERCISES"]

EXERCISES = (
    short_spectra.POWER,
    mel_triangles.FILTERS,
    decibel_scale.DECIBELS,
    speakers_apart.APART,
    cepstral_means.CEPSTRA,
    masked_spans.MASKED,
    windows_to_clips.CLIPS,
    equal_speakers.GAP,
)
