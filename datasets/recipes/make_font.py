"""Cut the font that draws Hindi down to its script, for machines without one.

    python datasets/recipes/make_font.py

Lohit Devanagari is under the SIL Open Font License 1.1, and so is what is left of it, under a name of its own.
"""

from __future__ import annotations

from fetch import LOHIT, unpack
from fontTools import subset
from fontTools.ttLib import TTFont

from tlkit.paths import package_root

FILE = package_root() / "widgets/tlkit_widgets/shared/fonts/devanagari.ttf"
SCRIPT = [*range(0x900, 0x980), 0x20, 0x2D, 0x200C, 0x200D, 0x25CC]  # joiners, and the circle under a lone vowel sign
NAME, FULL_NAME, POSTSCRIPT, FAMILY = "tlkit Devanagari", 4, 6, (1, 3, 16)


def main() -> None:
    """Write the font."""
    font = TTFont(
        unpack(LOHIT) / "usr/share/fonts/truetype/lohit-devanagari/Lohit-Devanagari.ttf", recalcTimestamp=False
    )
    options = subset.Options(layout_features=["*"], name_IDs=["*"], notdef_outline=True, drop_tables=["FFTM"])
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=SCRIPT)
    subsetter.subset(font)
    for record in font["name"].names:
        if record.nameID in (*FAMILY, FULL_NAME, POSTSCRIPT):
            record.string = NAME.replace(" ", "") if record.nameID == POSTSCRIPT else NAME
    font.save(FILE)
    print(f"{FILE.name}: {FILE.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
