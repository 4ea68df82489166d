"""What kind of file Pillow cannot read as a photo, and how to turn it into photos."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

__all__ = ["FileFormat", "find_format", "is_photo_like"]


@dataclass(frozen=True)
class FileFormat:
    """A kind of file that is not read as a photo.

    Attributes:
        name: As in "40 files are ...".
        suffixes: Lower case, with the dot.
        next_step: How to turn such files into photos.
        holds_photos: Whether a folder of such files is a class whose photos only need another format.
        brands: What the bytes 8 to 12 of such a file may be, after `ftyp`.
        magic: How such a file begins.
    """

    name: str
    suffixes: frozenset[str]
    next_step: str
    holds_photos: bool = True
    brands: tuple[bytes, ...] = ()
    magic: tuple[bytes, ...] = ()


def _make(name: str, suffixes: str, next_step: str, holds_photos: bool = True, brands=(), magic=()) -> FileFormat:
    return FileFormat(
        name, frozenset(f".{each}" for each in suffixes.split()), next_step, holds_photos, tuple(brands), tuple(magic)
    )


FORMATS = (
    _make(
        "HEIC, as iPhones save photos",
        "heic heif hif heics",
        "Run `pip install pillow-heif` and restart the kernel to read them, or save them as JPEG.",
        brands=(b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1"),
    ),
    _make(
        "AVIF",
        "avif avifs",
        "Install a Pillow with AVIF (`pip install --upgrade pillow`), or save them as JPEG.",
        brands=(b"avif", b"avis"),
    ),
    _make(
        "camera raw",
        "3fr arw cr2 cr3 crw dng erf iiq mef mos mrw nef nrw orf pef raf raw rw2 rwl sr2 srf srw x3f",
        "Export them as JPEG, with darktable, RawTherapee or the camera maker's program.",
        magic=(b"FUJIFILMCCD-RAW", b"II\x1a\x00\x00\x00HEAPCCDR"),
    ),
    _make(
        "PDF documents",
        "pdf",
        "Save each page or picture as an image: `pdftoppm -jpeg file.pdf page`, or `pdfimages -all file.pdf image`.",
        magic=(b"%PDF",),
    ),
    _make(
        "videos",
        "3gp avi flv m2ts m4v mkv mov mp4 mpeg mpg mts ogv webm wmv",
        "Take frames: `ffmpeg -i film.mp4 -vf fps=1 frame_%04d.jpg`. Frames of one film belong in one split.",
        brands=(b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"M4V ", b"qt  ", b"3gp4"),
        magic=(b"\x1aE\xdf\xa3",),
    ),
    _make(
        "vector graphics",
        "ai cdr emf eps ps svg svgz wmf",
        "Export them as PNG in the size you need.",
        magic=(b"%!PS", b"<svg"),
    ),
    _make(
        "medical scans",
        "dcm dicom nii mha mhd nrrd",
        "Read them with pydicom or nibabel, choose the window of grey levels, and save PNG.",
    ),
    _make(
        "arrays",
        "npy npz mat h5 hdf5 pkl pt",
        "Save each picture as PNG: `Image.fromarray(array).save(name)`.",
        magic=(b"\x93NUMPY", b"\x89HDF"),
    ),
    _make(
        "layered or other pictures that are not read here",
        "psd xcf kra jxl tga exr hdr ico",
        "Export them as PNG or JPEG.",
        magic=(b"8BPS", b"gimp xcf", b"\xff\x0a", b"\x00\x00\x00\x0cJXL "),
    ),
    _make(
        "archives",
        "zip rar 7z tar gz tgz bz2 xz zst",
        "Unpack them first.",
        holds_photos=False,
        magic=(b"PK\x03\x04", b"Rar!", b"7z\xbc\xaf"),
    ),
    _make("sounds", "wav mp3 flac ogg m4a aac", "", holds_photos=False),
    _make(
        "no images",
        "csv tsv txt md rst json jsonl xml yaml yml html htm py ipynb xls xlsx ods doc docx odt ppt pptx log ini cfg "
        "toml tex lst names cache lnk url exe sh bat db sqlite parquet feather xmp aae thm sha256 md5 license",
        "",
        holds_photos=False,
    ),
)


def find_format(path: Path, head: bytes = b"") -> FileFormat | None:
    """Name what the first bytes or, if they say nothing, the suffix says; `None` where both may be a photo."""
    for each in FORMATS:
        if head[4:8] == b"ftyp" and head[8:12] in each.brands:
            return each
        if head and each.magic and head.startswith(each.magic):
            return each
    suffix = path.suffix.lower()
    return next((each for each in FORMATS if suffix in each.suffixes), None)


def is_photo_like(path: Path) -> bool:
    """Whether the name may be a photo's: not that of a text, a table, a sound or an archive."""
    found = find_format(path)
    return found is None or found.holds_photos
