"""Write embedded arrays, and note their size and hash in `index.json`."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from pathlib import Path

import numpy as np

from tlkit.files import write_whole

__all__ = ["write_arrays"]

FOLDER = Path(__file__).resolve().parents[1]


def write_arrays(name: str, arrays: dict[str, np.ndarray]) -> None:
    """Write `name.npz`, the same bytes for the same arrays, and its entry in the index."""
    write_whole(FOLDER / f"{name}.npz", _pack(arrays))
    index_file = FOLDER / "index.json"
    index = json.loads(index_file.read_text()) if index_file.exists() else {}
    content = (FOLDER / f"{name}.npz").read_bytes()
    index[f"{name}.npz"] = {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    write_whole(index_file, json.dumps(index, indent=1, sort_keys=True) + "\n")
    print(f"{name}.npz: {len(content):,} bytes, {len(arrays)} arrays")


def _pack(arrays: dict[str, np.ndarray]) -> bytes:
    """As `np.savez_compressed`, but smaller, and with a fixed date so that the bytes can be compared."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, array in sorted(arrays.items()):
            member = io.BytesIO()
            np.lib.format.write_array(member, np.ascontiguousarray(array), allow_pickle=False)
            info = zipfile.ZipInfo(f"{name}.npy", date_time=(1980, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, member.getvalue())
    return buffer.getvalue()
