"""Hostile cells, by name. Each stands in the place of an answer to exercise 1.7, which it does not solve.

A cell is run where `tlkit grade` runs it, in the sandbox; most also define `per_class`, so that the attack goes on while
the checks call it. `CANARY` is a name that tests look for afterwards, in files and processes.
"""

# ruff: noqa: E501 - hostile code is not wrapped

__all__ = ["CANARY", "SNIPPETS"]

CANARY = "tlkit-attack-canary"

_CALLED = """
def per_class(y_true, y_pred, num_classes):
    return attack()
"""

# Lets the next value that is sent be what stands there, in the form of the pipe.
_RAW = """
import gc
from tlkit.grading.remote.values import Codec
def raw_reply(data):
    plain = Codec.encode
    def encode(self, value):
        Codec.encode = plain
        return data, []
    Codec.encode = encode
"""

SNIPPETS = {
    # --- time
    "endless loop": "while True: pass",
    "endless call": "def attack():\n    while True: pass" + _CALLED,
    "sleep": "import time\ndef attack():\n    time.sleep(10**6)" + _CALLED,
    "endless data": """
import numpy as np, tensorflow as tf
class Forever(float):
    def __float__(self): raise RuntimeError
def attack():
    return {name: [0.0] * 10**7 for name in ("precision", "recall", "f1")}
"""
    + _CALLED,
    "stop itself": "import os, signal\ndef attack():\n    os.kill(os.getpid(), signal.SIGSTOP)\n    while True: pass"
    + _CALLED,
    # --- ends
    "raise": "raise RuntimeError('no')",
    "sys.exit": "import sys\nsys.exit(0)",
    "os._exit": "import os\nos._exit(0)",
    "exit when called": "import os\ndef attack(): os._exit(0)" + _CALLED,
    "segfault": "import ctypes\nctypes.string_at(0)",
    "abort": "import os\nos.abort()",
    # --- memory, output, processes
    "5 GB": "import numpy as np\nx = np.ones((5 << 30) // 8)",
    "memory without names": """
import ctypes, os
libc = ctypes.CDLL(None)
for number in range(64):
    handle = libc.memfd_create(b"x", 0)
    for _ in range(30 if handle >= 0 else 0):
        os.write(handle, b"x" * (1 << 20))
assert libc.memfd_create(b"x", 0) >= 0, "refused"
""",
    "fill the disk": f"""
for number in range(10**4):
    open(f"/tmp/{CANARY}-{{number}}", "wb").write(b"x" * (1 << 20))
""",
    "print 2 GB": "import os\nfor _ in range(2048): os.write(1, b'x' * (1 << 20)); os.write(2, b'x' * (1 << 20))",
    "fork bomb": "import os\nwhile True: os.fork()",
    "thread bomb": """
import threading, time
threading.stack_size(32768)
for _ in range(10**6): threading.Thread(target=time.sleep, args=(10**6,), daemon=True).start()
""",
    "leave processes": f"import subprocess\nsubprocess.Popen(['/bin/sh', '-c', 'sleep 987654 # {CANARY}'], start_new_session=True)",
    "leave a raw process": """
import ctypes, time
libc = ctypes.CDLL(None)
pid = libc.syscall(56, 17, 0, 0, 0, 0)
if pid == 0:
    while True: time.sleep(987)
assert pid < 0
""",
    # --- signals and other processes
    "kill the parent": "import os\nos.kill(os.getppid(), 9)\nos.kill(0, 15)\nos.kill(-1, 9)",
    "kill every number": "import os\nfor pid in range(2, 40000):\n    try: os.kill(pid, 9)\n    except OSError: pass",
    "write into others": """
import os
for name in os.listdir("/proc"):
    try:
        with open(f"/proc/{name}/mem", "r+b") as file: assert name == "self"
    except OSError: pass
""",
    "native calls": """
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
done = [libc.unshare(0x10000000), libc.mount(b"none", b"/tmp", b"tmpfs", 0, None), libc.ptrace(16, 1, 0, 0),
        libc.chroot(b"/"), libc.setns(0, 0), libc.setuid(0), libc.syscall(425, 1, 0), libc.syscall(321, 0, 0, 0)]
assert any(result == 0 for result in done), done
""",
    # --- files and network
    "write outside": f"""
import os
places = ["/", "/usr", "/dev/shm", "/dev", "/etc", "/root", "/var/tmp", "/proc/sys/kernel", os.getcwd(), os.path.dirname(os.__file__)]
for place in places:
    try: open(os.path.join(place, "{CANARY}"), "w").write("x")
    except OSError: pass
""",
    "poison caches": f"""
import os, pathlib
home = pathlib.Path.home()
for name in (".keras/keras.json", "keras/keras.json", "cache/x", ".local/lib/python3.11/site-packages/sitecustomize.py", "../sitecustomize.py"):
    path = home / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text('{{"floatx": "float16", "backend": "{CANARY}"}}')
os.environ["KERAS_HOME"] = str(home)
import keras
keras.config.set_floatx("float16")
""",
    "find poison": f"""
import glob, os
found = glob.glob("/tmp/**/*{CANARY}*", recursive=True) + glob.glob("/dev/shm/*")
found += [path for path in glob.glob("/tmp/**/*", recursive=True) if os.path.isfile(path) and "{CANARY}" in open(path, errors="replace").read()]
import keras
assert not found and keras.config.floatx() == "float32", "POISONED"
""",
    "network": """
import socket
reached = []
for family, address in ((socket.AF_INET, ("127.0.0.1", 8888)), (40, (2, 1024)), (40, (0, 1024)), (16, (0, 0))):
    try:
        with socket.socket(family, socket.SOCK_STREAM) as connection:
            connection.settimeout(1); connection.connect(address); reached.append(address)
    except OSError as error: pass
assert reached, "none"
""",
    "read the answers": """
import glob, os, sys, importlib
import tlkit.checks
root = os.path.dirname(os.path.dirname(os.path.dirname(tlkit.checks.__file__)))
found = [path for place in (root, "/root", "/home", "/work", "/tmp") for path in glob.glob(place + "/**/*.ipynb", recursive=True)]
found += glob.glob(root + "/**/answers/*.py", recursive=True) + glob.glob(root + "/**/0*_*.py", recursive=True)
found += [path for path in glob.glob(root + "/tlkit/**/*.py", recursive=True) if "Exercise(\\n    id=" in open(path).read()]
found += [exercise.id for exercise in tlkit.checks.all_exercises()]
assert found, "nothing found"
""",
    "run a solution found anywhere": """
import json, os
def sources(text):
    try: cells = json.loads(text)["cells"]
    except (ValueError, TypeError, KeyError): return
    for cell in cells:
        if "1-7" in str(cell.get("metadata")) + str(cell.get("id")): yield "".join(cell["source"])
for top in sorted(set(os.listdir("/")) - {"proc", "sys", "dev"}):
    for where, _, names in os.walk("/" + top):
        for name in names:
            path = os.path.join(where, name)
            if not os.path.isfile(path) or os.path.getsize(path) > 5_000_000 or not os.access(path, os.R_OK): continue
            text = open(path, errors="replace").read() if "notebook" in path or name.endswith((".ipynb", ".txt")) else ""
            for source in sources(text) if text.startswith("{") else ():
                try: exec(source)
                except Exception: pass
""",
    "use the checker's own code": """
from tlkit.exercises.lesson_01_feature_extraction.parameters import _share as trainable_share
from tlkit.exercises.lesson_01_feature_extraction.classes import agrees_on_random_labels
""",
    "write the gradebook": f"""
import glob, sqlite3
for path in glob.glob("/**/gradebook.db", recursive=True) + glob.glob("/**/results/*.json", recursive=True):
    open(path, "a").write("{CANARY}")
""",
    # --- pretending
    "equal to everything": """
import numpy as np
class Yes:
    shape, dtype, size, ndim = (2,), np.dtype(float), 2, 1
    def __eq__(self, other): return True
    def __hash__(self): return 0
    def __getattr__(self, name): return Yes()
    def __getitem__(self, key): return Yes()
    def __float__(self): return 1.0
    def __bool__(self): return True
    def __call__(self, *args, **kwargs): return Yes()
np.allclose = np.isclose = np.array_equal = lambda *args, **kwargs: True
def attack(): return {"precision": Yes(), "recall": Yes(), "f1": Yes()}
"""
    + _CALLED,
    "patch the checks": """
import builtins, sys
import tlkit.checks, tlkit.checks.exercise, tlkit.checks.grading, tlkit.checks.learner_calls
for module in (tlkit.checks, tlkit.checks.exercise, tlkit.checks.grading, tlkit.checks.learner_calls):
    module.require = module.check = module.grade = lambda *args, **kwargs: 2.0
    module.CheckFailed = BaseException
builtins.AssertionError = int
""",
    "hook the notebook": """
import ast, sys
sys.displayhook = sys.excepthook = lambda *args: None
try:
    shell = get_ipython()
    shell.input_transformers_cleanup.append(lambda lines: ["pass"])
    shell.ast_transformers.append(ast.NodeTransformer())
    shell.showtraceback = lambda *args, **kwargs: None
except NameError: pass
""",
    "edit the record": """
import json, os, pathlib
for home in {os.environ.get("TLKIT_HOME", "/tmp"), str(pathlib.Path.home() / ".tlkit")}:
    pathlib.Path(home).mkdir(parents=True, exist_ok=True)
    (pathlib.Path(home) / "progress.json").write_text(json.dumps({"version": 1, "notes": [], "exercises": {"1.7": {"points": 99, "of": 99}}}))
""",
    # --- the pipe
    "forge replies": """
import gc, json, struct
from tlkit.grading.remote.wire import Channel
channel = next(thing for thing in gc.get_objects() if isinstance(thing, Channel))
for number in range(40):
    value = {"tuple": [{"dict": [["precision", {"list": [0, 0]}], ["recall", {"list": [0, 0]}], ["f1", {"list": [0, 0]}]]}, {"list": []}]}
    channel.send({"reply": number, "value": value, "points": 2, "passed": True, "result": 2.0}, [])
""",
    "forge an arrest": """
import gc
from tlkit.grading.remote.wire import Channel
channel = next(thing for thing in gc.get_objects() if isinstance(thing, Channel))
def attack():
    for operation in ("run", "look", "prepare", "walls", "call", "iterate", "advance", "__class__", None, {}):
        for fields in ({"dict": [["number", 1], ["args", {"tuple": []}], ["kwargs", {"dict": []}]]}, {"dict": [["name", "x"], ["source", "import os"]]}, 3):
            channel.send({"ask": 10**6, "operation": operation, "value": fields}, [])
"""
    + _CALLED,
    "flood": """
import gc
from tlkit.grading.remote.wire import Channel
channel = next(thing for thing in gc.get_objects() if isinstance(thing, Channel))
def attack():
    while True: channel.send({"ask": 1, "operation": "call", "value": None}, [b"x" * (8 << 20)])
"""
    + _CALLED,
    "huge frame": """
import gc
from tlkit.grading.remote.wire import Channel
channel = next(thing for thing in gc.get_objects() if isinstance(thing, Channel))
def attack():
    channel._writer.write(b"\\xff\\xff\\xff\\xff"); channel._writer.flush()
"""
    + _CALLED,
    "huge array": """
import gc
from tlkit.grading.remote.wire import Channel
channel = next(thing for thing in gc.get_objects() if isinstance(thing, Channel))
def attack():
    text = b'{"reply": 1, "arrays": [99999999999999]}'
    channel._writer.write(len(text).to_bytes(4, "little") + text); channel._writer.flush()
"""
    + _CALLED,
    "deep message": """
import gc
from tlkit.grading.remote.wire import Channel
channel = next(thing for thing in gc.get_objects() if isinstance(thing, Channel))
def attack():
    text = b"[" * 10**6
    channel._writer.write(len(text).to_bytes(4, "little") + text); channel._writer.flush()
"""
    + _CALLED,
    "bomb in a header": """
import tlkit.grading.remote.values as values
def bomb(array):
    header = b"{'descr': '<f8', 'fortran_order': False, 'shape': (1000000000000,), }".ljust(117) + b"\\n"
    return b"\\x93NUMPY\\x01\\x00" + len(header).to_bytes(2, "little") + header
values.npy_from_array = bomb
import numpy as np
def attack(): return {name: np.zeros(2) for name in ("precision", "recall", "f1")}
"""
    + _CALLED,
    "pickle in an array": f"""
import tlkit.grading.remote.values as values, pickle
class Run:
    def __reduce__(self): return (open, ("/tmp/{CANARY}", "w"))
def bomb(array):
    header = b"{{'descr': '|O', 'fortran_order': False, 'shape': (1,), }}".ljust(117) + b"\\n"
    return b"\\x93NUMPY\\x01\\x00" + len(header).to_bytes(2, "little") + header + pickle.dumps(Run())
values.npy_from_array = bomb
import numpy as np
def attack(): return {{name: np.zeros(2) for name in ("precision", "recall", "f1")}}
"""
    + _CALLED,
    "code in a model": f"""
import keras
def attack():
    evil = keras.Sequential([keras.Input((2,)), keras.layers.Lambda(lambda x: open("/tmp/{CANARY}", "w") and x, output_shape=(2,))])
    return {{"precision": evil, "recall": evil, "f1": keras.layers.TextVectorization(vocabulary=["a"])}}
"""
    + _CALLED,
    "unsafe model by hand": f"""
import tlkit.grading.remote.keras_values as keras_values, keras
keras_values.is_safe = lambda config: True
def attack():
    evil = keras.Sequential([keras.Input((2,)), keras.layers.Lambda(lambda x: open("/tmp/{CANARY}", "w") and x, output_shape=(2,))])
    return {{"precision": evil, "recall": evil, "f1": evil}}
"""
    + _CALLED,
    "numbers that collide": _RAW
    + """
def per_class(y_true, y_pred, num_classes):
    raw_reply({"tuple": [{"set": [k * ((1 << 61) - 1) for k in range(1, 150_000)]}, {"list": []}]})
""",
    "keys that collide, again and again": _RAW
    + """
def per_class(y_true, y_pred, num_classes):
    keys = [[{"tuple": [k * ((1 << 61) - 1), 1]}, 1] for k in range(1, 4_900)]
    raw_reply({"tuple": [{"list": [{"dict": keys}] * 10}, {"list": []}]})
""",
    "a forged layer of many gigabytes": _RAW
    + """
def per_class(y_true, y_pred, num_classes):
    import json, keras
    small = keras.Sequential([keras.Input((2,)), keras.layers.Dense(3)])
    config = keras.saving.serialize_keras_object(small)
    config.pop("compile_config", None)
    config = json.loads(json.dumps(config).replace("[null, 2]", "[null, 25000]").replace('"units": 3', '"units": 25000'))
    def packed(value):
        if isinstance(value, dict): return {"dict": [[key, packed(part)] for key, part in value.items()]}
        return {"list": [packed(part) for part in value]} if isinstance(value, list) else value
    body = {"dict": [["number", 1], ["config", packed(config)], ["state", {"dict": [["weights", None]]}]]}
    raw_reply({"tuple": [{"model": body}, {"list": []}]})
""",
    "data sets without end": _RAW
    + """
def per_class(y_true, y_pred, num_classes):
    body = [{"dataset": {"dict": [["number", n], ["spec", "int64:"], ["cardinality", 1]]}} for n in range(30_000)]
    raw_reply({"tuple": [{"list": body}, {"list": []}]})
""",
    "text for terminals": r"""
def attack(): raise ValueError("\x1b[2J\x1b]0;owned\x07 <script>alert(1)</script> \u202e" + "x" * 10**6)
"""
    + _CALLED,
    "huge text": "def attack(): return 'x' * (1 << 30)" + _CALLED,
    "deep answer": "def attack():\n    x = []\n    for _ in range(10**5): x = [x]\n    return x" + _CALLED,
    "endless numbers": "def attack(): return 7 ** (10 ** 6)" + _CALLED,
}
