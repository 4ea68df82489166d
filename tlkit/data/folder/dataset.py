"""A dataset of your own photos, with what was found in their folder."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from tlkit.data.assemble import describe_counts
from tlkit.data.folder.findings import Finding, Scan, Skipped
from tlkit.data.folder.photo_files import FoundFile
from tlkit.data.folder.scan import read_photos
from tlkit.data.split import Dataset, Split, Vault

__all__ = ["Duplicate", "FolderDataset", "build_dataset"]

_SHOWN = 10  # skipped files that a card names


@dataclass(frozen=True)
class Duplicate:
    """Files with the same picture, all of which are in one split.

    Attributes:
        paths: Two or more.
        is_exact: Whether the decoded pixels are equal; otherwise they are nearly equal.
        class_names: The classes that the files are in. More than one is most likely a labelling mistake.
    """

    paths: tuple[Path, ...]
    is_exact: bool
    class_names: tuple[str, ...]


@dataclass(frozen=True, eq=False, repr=False)
class FolderDataset(Dataset):
    """A dataset from a folder, with what was found there. Its `repr` shows it, too.

    Attributes:
        findings: What you should look at, each with a next step, and then what was decided and needs none.
        skipped: Files and folders that were not used, each with the reason.
        duplicates: Pictures found more than once.
        groups: The number of each photo's group: copies, and what `group_by` puts together, share one.
    """

    findings: list[Finding]
    skipped: list[Skipped]
    duplicates: list[Duplicate]
    groups: dict[Path, int] = field(default_factory=dict)

    def at_size(self, size: int) -> FolderDataset:
        """Return the same photos in the same splits, read again at another size in pixels.

        Raises:
            FileNotFoundError: If a photo is not there any more, or cannot be read any more.
        """
        splits = {"train": self.train, "val": self.val}
        again = {name: read_split(split, size) for name, split in splits.items()}
        return replace(self, **again, test=self.test.map(lambda split: read_split(split, size)))

    def __repr__(self) -> str:
        return "\n".join([super().__repr__(), *(f"- {finding}" for finding in self.findings)])


def read_split(split: Split, size: int) -> Split:
    """Read the files of a split again, at another size.

    Values of more than 8 bits are brought to 8 by the range of this split.
    """
    scan = Scan()
    files = [] if split.paths is None else [FoundFile(Path(path)) for path in split.paths]
    photos = read_photos(files, size, scan)
    if scan.skipped:
        msg = f"{scan.skipped[0].path} cannot be read any more: {scan.skipped[0].reason}. Read the folder again."
        raise FileNotFoundError(msg)
    return replace(split, images=np.array([photo.decoded.image for photo in photos], "uint8"))


def build_dataset(root: Path, splits: dict[str, Split], scan: Scan, duplicates: list[Duplicate]) -> FolderDataset:
    """Put the parts together, and write the card."""
    return FolderDataset(
        name=root.resolve().name,
        class_names=splits["train"].class_names,
        card=_write_card(root, splits, scan, duplicates),
        train=splits["train"],
        val=splits["val"],
        test=Vault(splits["test"]),
        findings=sorted(scan.findings, key=lambda finding: not finding.next_step),
        skipped=scan.skipped,
        duplicates=duplicates,
    )


def _write_card(root: Path, splits: dict[str, Split], scan: Scan, duplicates: list[Duplicate]) -> str:
    mixed = sum(len(duplicate.class_names) > 1 for duplicate in duplicates)
    lines = [
        f"# {root.resolve().name}: your own photos",
        "",
        *[f"- {finding.sentence} **{finding.next_step}**".replace(" ****", "") for finding in scan.findings],
        "",
        f"{len(duplicates)} pictures were found more than once ({mixed} of them in more than one class); "
        f"{len(scan.skipped)} files or folders were not used.",
        "",
        *[f"- `{item.path.name}`: {item.reason}" for item in scan.skipped[:_SHOWN]],
        *([f"- and {len(scan.skipped) - _SHOWN} more: see `skipped`"] if len(scan.skipped) > _SHOWN else []),
        "",
        describe_counts(splits),
        "",
    ]
    return "\n".join(lines)
