"""Online sets without a network: servers on this machine that answer, refuse, stall or lie."""

import gzip
import hashlib
import http.server
import inspect
import io
import pickle
import socket
import struct
import tarfile
import threading
import time
import zipfile

import numpy as np
import pytest
from PIL import Image

from tlkit.data import list_datasets, load_dataset, load_sms_spam, load_spoken_digits, online, online_others
from tlkit.data.download import OnlineFile, fetch

CONTENT = b"some bytes" * 1000


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("TLKIT_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("no_proxy", "*")
    return tmp_path / "cache" / "downloads"


class Server:
    """Serves CONTENT; `cut` sends half of it and then nothing; `missing` answers 404."""

    def __init__(self):
        self.mode, self.requests, self.released = "whole", [], threading.Event()
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_HEAD(self):
                self.send_response(405)  # as some servers do
                self.end_headers()

            def do_GET(self):
                outer.requests.append(self.path)
                self.send_response(404 if outer.mode == "missing" else 200)
                self.send_header("Content-Length", str(len(CONTENT)))
                self.end_headers()
                if outer.mode == "whole":
                    self.wfile.write(CONTENT)
                elif outer.mode == "cut":
                    self.wfile.write(CONTENT[:500])
                    self.wfile.flush()
                    outer.released.wait(20)

            def log_message(self, *args):
                pass

        self.http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.origin = f"http://127.0.0.1:{self.http.server_port}/file.bin"
        threading.Thread(target=self.http.serve_forever, daemon=True).start()

    def close(self):
        self.released.set()
        self.http.shutdown()
        self.http.server_close()


@pytest.fixture
def server():
    server = Server()
    yield server
    server.close()


def test_download_lands_whole_and_is_not_repeated(server, cache):
    file = OnlineFile("file.bin", server.origin, hashlib.sha256(CONTENT).hexdigest())
    assert fetch(file).read_bytes() == CONTENT
    assert fetch(file) == cache / "file.bin"
    assert server.requests == ["/file.bin"]
    assert [path.name for path in cache.iterdir()] == ["file.bin"]


@pytest.mark.parametrize("mode", ["cut", "missing"])
def test_failed_download_leaves_nothing(server, cache, mode):
    server.mode = mode
    start = time.monotonic()
    with pytest.raises(ConnectionError, match=r"file\.bin could not be downloaded.*save that file as .*file\.bin"):
        fetch(OnlineFile("file.bin", server.origin), timeout=0.5)
    assert time.monotonic() - start < 8
    assert list(cache.iterdir()) == []
    assert socket.getdefaulttimeout() is None


def test_server_that_never_answers(cache):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        origin = f"http://127.0.0.1:{silent.getsockname()[1]}/file.bin"
        start = time.monotonic()
        with pytest.raises(ConnectionError, match=r"timed out|no answer"):
            fetch(OnlineFile("file.bin", origin), timeout=0.5)
    assert time.monotonic() - start < 8
    assert list(cache.iterdir()) == []


def test_name_lookup_that_hangs(cache, monkeypatch):
    released = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: released.wait(20))
    start = time.monotonic()
    with pytest.raises(ConnectionError, match=r"no answer within 0\.2 s"):
        fetch(OnlineFile("file.bin", "http://somewhere.invalid/file.bin"), timeout=0.2)
    assert time.monotonic() - start < 8
    released.set()


@pytest.mark.parametrize("name", [info.name for info in list_datasets() if info.online])
def test_offline_error_names_the_file_and_the_place(name, cache, monkeypatch):
    def refuse(*args, **kwargs):
        raise ConnectionRefusedError(111, "Connection refused")

    monkeypatch.setattr(socket, "create_connection", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    with pytest.raises(ConnectionError, match=r"could not be downloaded from https://") as error:
        load_dataset(name)
    assert str(cache) in str(error.value)
    assert "list_datasets()" in str(error.value)


def test_refused_port(cache):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(ConnectionError, match="refused"):
        fetch(OnlineFile("file.bin", f"http://127.0.0.1:{port}/file.bin"), timeout=2)


def test_wrong_published_hash(server, cache):
    with pytest.raises(ValueError, match=r"file\.bin is damaged: its SHA-256.*not 0000"):
        fetch(OnlineFile("file.bin", server.origin, "0" * 64))


def test_hash_of_the_first_copy_is_noted_and_held(server, cache):
    file = OnlineFile("file.bin", server.origin)
    fetch(file)
    assert (cache / "file.bin.sha256").read_text().strip() == hashlib.sha256(CONTENT).hexdigest()
    (cache / "file.bin").write_bytes(CONTENT + b"!")
    with pytest.raises(ValueError, match=r"damaged.*Delete it"):
        fetch(file)


def put(cache, monkeypatch, name, content):
    """Place a file by hand, as a learner without a network would."""
    cache.mkdir(parents=True, exist_ok=True)
    (cache / getattr(online, name).name).write_bytes(content)
    monkeypatch.setattr(online, name, OnlineFile(getattr(online, name).name, "http://127.0.0.1:1/never-asked"))


def tar_of(files):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


def jpeg(seed):
    buffer = io.BytesIO()
    pixels = np.random.default_rng(seed).integers(0, 256, (5, 5, 3), dtype="uint8")
    Image.fromarray(pixels).resize((50, 40), Image.Resampling.BICUBIC).save(buffer, "JPEG")
    return buffer.getvalue()


def test_cifar10_layout(cache, monkeypatch):
    rng = np.random.default_rng(0)
    files = {}
    for name in ("data_batch_1", "data_batch_2", "test_batch"):
        data = rng.integers(0, 256, (20, 3072), dtype="uint8")
        files[f"cifar-10-batches-py/{name}"] = pickle.dumps({b"data": data, b"labels": [*range(10)] * 2})
    put(cache, monkeypatch, "CIFAR10", tar_of(files | {"cifar-10-batches-py/readme.html": b"hello"}))
    dataset = load_dataset("cifar10")
    assert [len(dataset.train), len(dataset.val), dataset.test.num_images] == [40, 0, 20]  # a tenth of 4 is none
    test = dataset.test.open("to check it")
    assert np.array_equal(test.images[3, :, :, 1].ravel(), data[3, 1024:2048])
    assert test.labels.tolist() == [*range(10)] * 2
    assert load_dataset("cifar10", per_class=2, size=48).train.images.shape == (20, 48, 48, 3)


def test_fashion_mnist_layout(cache, monkeypatch):
    rng = np.random.default_rng(0)
    cache.mkdir(parents=True)
    pixels = {
        "train": rng.integers(0, 256, (100, 28, 28), dtype="uint8"),
        "t10k": rng.integers(0, 256, (20, 28, 28), dtype="uint8"),
    }
    pixels["train"][7] = pixels["t10k"][4]
    for part, images in pixels.items():
        labels = bytes([*range(10)] * (len(images) // 10))
        header = struct.pack(">IIII", 2051, len(images), 28, 28)
        content = {
            "images-idx3": header + images.tobytes(),
            "labels-idx1": struct.pack(">II", 2049, len(images)) + labels,
        }
        for kind, values in content.items():
            (cache / online.FASHION[f"{part}-{kind}-ubyte"].name).write_bytes(gzip.compress(values))
    dataset = load_dataset("fashion_mnist")
    assert len(dataset.train) + len(dataset.val) == 99, "the training copy of a test image stayed"
    test = dataset.test.open("to check it")
    assert np.array_equal(test.images[..., 2], pixels["t10k"])
    assert dataset.class_names[test.labels[9]] == "Ankle boot"


def test_flowers_layout(cache, monkeypatch):
    names = ["daisy", "roses", "tulips"]
    files = {
        f"flower_photos/{name}/{number}.jpg": jpeg(100 * index + number)
        for index, name in enumerate(names)
        for number in range(20)
    }
    put(cache, monkeypatch, "FLOWERS", tar_of(files | {"flower_photos/LICENSE.txt": b"hello"}))
    dataset = load_dataset("flowers", size=32)
    assert dataset.class_names == names
    assert [len(dataset.train), len(dataset.val), dataset.test.num_images] == [42, 9, 9]
    assert dataset.train.images.shape[1:] == (32, 32, 3)


def test_cats_vs_dogs_layout(cache, monkeypatch):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for row, (part, name) in enumerate([(p, n) for p in ("train", "validation") for n in ("cats", "dogs")]):
            for number in range(10):
                archive.writestr(f"cats_and_dogs_filtered/{part}/{name}/{number}.jpg", jpeg(100 * row + number))
        archive.writestr("cats_and_dogs_filtered/vectorize.py", "pass")
    put(cache, monkeypatch, "CATS_VS_DOGS", buffer.getvalue())
    dataset = load_dataset("cats_vs_dogs", size=32)
    assert dataset.class_names == ["cats", "dogs"]
    assert [len(dataset.train), len(dataset.val), dataset.test.num_images] == [20, 10, 10]
    assert np.bincount(dataset.val.labels).tolist() == [5, 5]


def test_hash_of_cifar10_is_the_one_in_keras():
    from keras.datasets import cifar10

    source = inspect.getsource(inspect.getmodule(cifar10.load_data))
    assert online.CIFAR10.sha256 in source
    assert online.CIFAR10.origin in source


def put_other(cache, monkeypatch, name, content):
    cache.mkdir(parents=True, exist_ok=True)
    known = getattr(online_others, name)
    (cache / known.name).write_bytes(content)
    monkeypatch.setattr(online_others, name, OnlineFile(known.name, "http://127.0.0.1:1/never-asked"))


def test_short_messages_with_the_same_words_stay_together(cache, monkeypatch):
    lines = [f"{kind}\tmessage {number} for {kind}" for number in range(20) for kind in ("ham", "spam")]
    lines += ["spam\tWIN now!", "spam\twin NOW", "ham\tcalled \tyou"]
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("SMSSpamCollection", "\n".join(lines))
        archive.writestr("readme", "hello")
    put_other(cache, monkeypatch, "SMS_SPAM", buffer.getvalue())
    dataset = load_sms_spam()
    splits = [dataset.train, dataset.val, dataset.test.open("to check it")]
    assert sum(map(len, splits)) == 43
    assert sorted(sum("win" in text.lower() for text in split["text"]) for split in splits) == [0, 0, 2]
    assert any("called \tyou" in split["text"] for split in splits)
    for split in splits:
        assert all(
            split.class_names[label] in text or "win" in text.lower() or "called" in text
            for text, label in zip(split["text"], split.labels, strict=True)
        )
    assert len(load_sms_spam(per_class=3).train) == 6


@pytest.mark.slow
def test_digits_of_people_are_split_by_speaker(cache, monkeypatch):
    import soundfile

    files = {}
    for place, speaker in enumerate(("ann", "bob", "cy", "dee", "eve")):
        for digit in range(10):
            buffer = io.BytesIO()
            sound = np.sin(np.arange(2400) * (0.1 + 0.05 * digit + 0.01 * place))
            soundfile.write(buffer, sound, 8000, format="WAV")
            files[f"free-spoken-digit-dataset-1.0.9/recordings/{digit}_{speaker}_0.wav"] = buffer.getvalue()
    put_other(cache, monkeypatch, "SPOKEN_DIGITS", tar_of(files | {"free-spoken-digit-dataset-1.0.9/README.md": b"hi"}))
    dataset = load_spoken_digits()
    people = [set(split["speaker"]) for split in (dataset.train, dataset.val, dataset.test.open("to check it"))]
    assert people == [{"ann", "bob"}, {"cy"}, {"dee", "eve"}]
    assert np.bincount(dataset.train.labels).tolist() == [2] * 10


def test_blood_cells_layout(cache, monkeypatch):
    rng, arrays = np.random.default_rng(0), {}
    for part, count in (("train", 16), ("val", 8), ("test", 8)):
        arrays[f"{part}_images"] = rng.integers(0, 256, (count, 28, 28, 3), dtype="uint8")
        arrays[f"{part}_labels"] = (np.arange(count) % 8)[:, None].astype("uint8")
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    put(cache, monkeypatch, "BLOOD", buffer.getvalue())
    dataset = load_dataset("bloodmnist", size=32)
    assert [len(dataset.train), len(dataset.val), dataset.test.num_images] == [16, 8, 8]
    assert dataset.train.images.shape == (16, 32, 32, 3)
    assert dataset.class_names[dataset.train.labels[7]] == "platelet"


@pytest.mark.parametrize("load", [load_sms_spam, load_spoken_digits])
def test_other_kinds_say_where_to_put_the_file(load, cache, monkeypatch):
    def refuse(*args, **kwargs):
        raise ConnectionRefusedError(111, "Connection refused")

    monkeypatch.setattr(socket, "create_connection", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    with pytest.raises(ConnectionError, match=r"could not be downloaded from https://") as error:
        load()
    assert str(cache) in str(error.value)


def test_published_hashes_are_held(cache, monkeypatch):
    cache.mkdir(parents=True)
    (cache / online_others.SMS_SPAM.name).write_bytes(b"something else")
    with pytest.raises(ValueError, match=r"damaged.*not 1587ea43"):
        load_sms_spam()
