"""The source tree as the house tests see it."""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CODE = {".c", ".cc", ".cpp", ".h", ".hpp"}
OURS = ("src", "include", "lab", "bench", "tests", "script", ".ci")


def files(*folders, suffixes=None, root=ROOT):
    """Every file under the folders of root, sorted; suffixes limits them by their endings."""
    found = []
    for folder in folders:
        for directory, _, names in os.walk(Path(root) / folder):
            found += [Path(directory, name) for name in names]
    return sorted(f for f in found if suffixes is None or f.suffix in suffixes)


def finish(complaints, done):
    """Ends a test: prints each complaint and fails, or prints what was done."""
    for complaint in complaints:
        print(complaint)
    if complaints:
        sys.exit(f"{len(complaints)} complaint(s)")
    print(done)
