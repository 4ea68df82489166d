"""Unpack a zip archive of photos, or say why that cannot be done."""

from __future__ import annotations

import contextlib
import hashlib
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path, PurePosixPath

__all__ = ["unpack"]

_MOST_UNPACKED = 20e9  # bytes
_LOCKED, _IS_UTF8 = 0x1, 0x800  # flags of a member


def unpack(archive: Path, folder: Path, progress: Callable[[int, int], object] = lambda *_: None) -> Path:
    """Unpack an archive; nothing of another archive, or of an older one of its name, lies where it is unpacked.

    Args:
        archive: A zip.
        folder: Where folders of archives are made.
        progress: Called with the members done, and all.

    Returns:
        The folder that holds what the archive holds, named like the archive.

    Raises:
        ValueError: If it is damaged, locked, too large, empty, or names files outside of itself.
        OSError: If its files cannot be written.
    """
    try:
        with zipfile.ZipFile(archive) as file:
            members = [member for member in file.infolist() if not member.is_dir()]
            for member in members:
                member.filename = _name(member)
            _check(archive, members)
            target = folder / "unpacked" / _digest(members) / archive.stem
            for number, member in enumerate(members):
                progress(number, len(members))
                file.extract(member, target)
            return target
    except (zipfile.BadZipFile, RuntimeError, EOFError, zlib.error) as error:
        msg = f"{archive.name} cannot be unpacked: {error or 'it is damaged'}. Download it again, or unpack it with "
        raise ValueError(msg + "another program and pass the folder.") from error
    except OSError as error:
        msg = f"{archive.name} cannot be unpacked into {folder}: {error.strerror or error}. Unpack it yourself, and "
        raise OSError(msg + "pass the folder.") from error


def _check(archive: Path, members: list[zipfile.ZipInfo]) -> None:
    size = sum(member.file_size for member in members)
    outside = next((each for each in members if _leads_outside(each.filename)), None)
    if not members:
        msg = f"{archive.name} holds no file. Pass another archive, or a folder of class folders."
    elif size > _MOST_UNPACKED:
        msg = f"{archive.name} holds {size / 1e9:.0f} GB unpacked, more than is unpacked here. Pass a folder."
    elif any(member.flag_bits & _LOCKED for member in members):
        msg = f"{archive.name} is locked with a password. Unpack it yourself, and pass the folder."
    elif outside is not None:
        msg = f"{archive.name} names files outside of itself, such as {outside.filename!r}. If you trust it, unpack it "
        msg += "yourself, and pass the folder."
    else:
        return
    raise ValueError(msg)


def _name(member: zipfile.ZipInfo) -> str:
    """The name as it was meant: some programs write UTF-8 without saying so, and Windows' separators."""
    name = member.orig_filename
    if not member.flag_bits & _IS_UTF8:
        with contextlib.suppress(UnicodeError):
            name = name.encode("cp437").decode("utf-8")
    return name.replace("\\", "/")


def _leads_outside(name: str) -> bool:
    parts = PurePosixPath(name).parts
    return ".." in parts or parts[:1] == ("/",) or name[1:2] == ":"


def _digest(members: list[zipfile.ZipInfo]) -> str:
    told = [f"{member.filename} {member.CRC} {member.file_size}" for member in members]
    return hashlib.sha256("\n".join(told).encode("utf-8", "surrogatepass")).hexdigest()[:12]
