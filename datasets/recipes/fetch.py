"""Fetch a package by its ordinary client, check it, and unpack it outside the repository."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

from tlkit.data import cache_dir

__all__ = [
    "BABEL",
    "BAYESM",
    "DIGIT_VOICES",
    "KLETTRES",
    "LOHIT",
    "OPENCLIPART",
    "TUXPAINT",
    "WORDNET",
    "Package",
    "unpack",
]


@dataclass(frozen=True)
class Package:
    """A package of one version.

    Attributes:
        client: `"apt"` (a Debian package) or `"pip"` (a wheel).
        name: As the client takes it.
        version: As the client takes it.
        sha256: Of the file that the client downloads.
    """

    client: str
    name: str
    version: str
    sha256: str

    @property
    def download(self) -> list[str]:
        """The command that leaves the package's file in the current folder."""
        if self.client == "apt":
            return ["apt-get", "download", f"{self.name}={self.version}"]
        return [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", f"{self.name}=={self.version}"]


WORDNET = Package("apt", "wordnet-base", "1:3.0-37", "61060d960f9ada8fa120872312eccd3ecebfbab8c4579e4f5a74e1cf67620752")
BAYESM = Package(
    "apt", "r-cran-bayesm", "3.1-5+dfsg-1", "57252e899b2e9913aa2c22938050d4b6c7a8c68ae54b909baaeb5f8130d4b75a"
)
KLETTRES = Package(
    "apt", "klettres-data", "4:22.12.3-1", "1186d257a19e84230856baea0b0b1ded8be9195080fcdb2588970b5cd937f5a8"
)
OPENCLIPART = Package(
    "apt", "openclipart-png", "1:0.18+dfsg-19", "f07f1545a2970c2cf3fa339bc2405da1a95cf2b1827bfa05bf73eb1c20291c02"
)
TUXPAINT = Package(
    "apt", "tuxpaint-stamps-default", "2022.06.04-1", "6db6c1bfc870a47f1499d6203b083522eacb57c5f9c87d468f2e92eb6d9d5f34"
)
LOHIT = Package(
    "apt", "fonts-lohit-deva", "2.95.4-5", "f872a508d33322c1c24199656c1edac637c1df63d62cb47e2d23629aa770652f"
)
DIGIT_VOICES = {
    language: Package("apt", f"asterisk-core-sounds-{language}-wav", "1.6.1-1", sha256)
    for language, sha256 in {
        "en": "2be3ea287d83299d143815fa804f11179a75b7affd4a758b98b55f5afc18a35d",
        "es": "9283a09a6d56fccdcc2bcfe86c48f0f844289cfbd46a3184d8785a6f7f569903",
        "fr": "8d4e1bc32ed5ba7fbda40841ca1825ed20cc6232724a473c90f8bb0e53e6073e",
        "it": "5a26638089e134b8ac39363fe249c5c93c50cd8bfdc9b2499ae61ec4a35e2fcb",
        "ru": "ccbfaebfa450b7a9ddf644ae0f3d1e9017d5df7c0aebe816e946345589d38201",
    }.items()
}
BABEL = Package("pip", "babel", "2.19.0", "6d49734aed1d595b2c065d012174df8c83964692f26fc461702281634dd7555b")


def unpack(package: Package, *, folder: Path | None = None) -> Path:
    """Return the folder that holds the package's content, after fetching it if it is not there.

    Args:
        package: What to fetch.
        folder: Where packages are kept; `cache_dir() / "packages"` by default.

    Raises:
        RuntimeError: If the client cannot fetch it.
        ValueError: If its SHA-256 is not the recipe's.
    """
    folder = folder or cache_dir() / "packages"
    target = folder / f"{package.name}-{package.sha256[:12]}"
    if not target.exists():
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder) as work:
            file = _fetch(package, Path(work))
            _verify(package, file)
            _extract(file, Path(work, "content"))
            shutil.move(Path(work, "content"), target)
    return target


def _fetch(package: Package, work: Path) -> Path:
    found = subprocess.run(package.download, cwd=work, capture_output=True, text=True)
    files = [path for path in work.iterdir() if path.suffix in (".deb", ".whl")]
    if found.returncode or len(files) != 1:
        said = (found.stderr or found.stdout).strip().splitlines()[-1:] or ["it says nothing"]
        msg = f"{' '.join(package.download)} failed: {said[0]}. Is the package index current (`apt-get update`)?"
        raise RuntimeError(msg)
    return files[0]


def _verify(package: Package, file: Path) -> None:
    with open(file, "rb") as content:
        found = hashlib.file_digest(content, "sha256").hexdigest()
    if found != package.sha256:
        msg = f"{file.name} has SHA-256 {found}; the recipe was written for {package.sha256}. Look at what has changed."
        raise ValueError(msg)


def _extract(file: Path, target: Path) -> None:
    if file.suffix == ".whl":
        zipfile.ZipFile(file).extractall(target)
    else:
        subprocess.run(["dpkg", "-x", file, target], check=True)
