"""Texts and sounds that are downloaded at first use, as `online` does it for images."""

from __future__ import annotations

import tarfile
import zipfile
from pathlib import PurePosixPath

import numpy as np

from tlkit.data.arrays import ArrayDataset, ArraySplit, Field
from tlkit.data.bundle import build_array_dataset
from tlkit.data.download import OnlineFile, fetch
from tlkit.data.own import deal_groups, group_equal
from tlkit.data.sounds import read_sound
from tlkit.data.spectrograms import log_mel
from tlkit.data.spoken import DIGITS, SCHEMA
from tlkit.data.texts import words_of

__all__ = ["SMS_SPAM", "SPOKEN_DIGITS", "load_sms_spam", "load_spoken_digits"]

# Hashes as MLDatasets.jl (sms) and TensorFlow Datasets (digits) publish them.
SMS_SPAM = OnlineFile(
    "sms+spam+collection.zip",
    "https://archive.ics.uci.edu/static/public/228/sms+spam+collection.zip",
    "1587ea43e58e82b14ff1f5425c88e17f8496bfcdb67a583dbff9eefaf9963ce3",
)
SPOKEN_DIGITS = OnlineFile(
    "free-spoken-digit-dataset-1.0.9.tar.gz",
    "https://github.com/Jakobovski/free-spoken-digit-dataset/archive/v1.0.9.tar.gz",
    "8bc44cde129d505cbbb6b365c09f80c663f2aa77578afc634e6141a2f87100c0",
)
_SMS_SCHEMA = {"text": Field("text", about="the message"), "label": Field("label", about="ham (wanted) or spam")}


def load_sms_spam(*, per_class: int | None = None, seed: int = 0) -> ArrayDataset:
    """Load short messages, wanted or spam; the first use downloads 0.2 MB.

    Messages with the same words are in one split.

    Args:
        per_class: Keep this many training messages per class; validation and test stay whole.
        seed: Chooses them.

    Raises:
        ConnectionError: If it has not been downloaded and cannot be.
        ValueError: If the download is damaged, or a class has fewer messages.
    """
    with zipfile.ZipFile(fetch(SMS_SPAM)) as archive:
        lines = archive.read("SMSSpamCollection").decode("utf-8").splitlines()
    labels, texts = zip(*(line.split("\t", 1) for line in lines if "\t" in line), strict=True)
    groups = group_equal([" ".join(words_of(text)) or text for text in texts])
    names = ["ham", "spam"]
    arrays = {"text": np.array(texts, object), "label": np.array([names.index(label) for label in labels])}
    everything = ArraySplit(arrays, _SMS_SCHEMA, names, "messages")
    parts = deal_groups(groups, arrays["label"], val_share=0.2, test_share=0.2, seed=0)
    return build_array_dataset(
        "sms_spam", {part: everything.select(rows) for part, rows in parts.items()}, per_class, seed
    )


def load_spoken_digits(*, per_class: int | None = None, seed: int = 0) -> ArrayDataset:
    """Load digits said by real people, as `load_words_spoken` gives words; the first use downloads 12 MB.

    No person is in two splits: in the order of their names, the last two are the test, the one before is validation.

    Args:
        per_class: Keep this many training clips a digit; validation and test stay whole.
        seed: Chooses them.

    Raises:
        ConnectionError: If it has not been downloaded and cannot be.
        ValueError: If the download is damaged, or a digit has fewer clips.
    """
    clips = {}
    with tarfile.open(fetch(SPOKEN_DIGITS)) as archive:
        for member in archive:
            path, file = PurePosixPath(member.name), archive.extractfile(member)
            if path.suffix == ".wav" and file is not None:
                clips[path.stem] = log_mel(*read_sound(file.read()))
    labels, speakers, _ = zip(*(name.split("_") for name in clips), strict=True)
    arrays = {
        "picture": np.stack(list(clips.values())),
        "label": np.array(labels, int),
        "speaker": np.array(speakers, object),
    }
    people = sorted(set(speakers))
    of_split = {"train": people[:-3], "val": people[-3:-2], "test": people[-2:]}
    everything = ArraySplit(arrays, SCHEMA, DIGITS, "clips")
    splits = {part: everything.select(np.isin(speakers, names)) for part, names in of_split.items()}
    return build_array_dataset("spoken_digits", splits, per_class, seed)
