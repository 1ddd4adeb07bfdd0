"""Every C and C++ file is formatted as .clang-format says; --fix formats them."""

import subprocess
import sys

import tree

mode = ["-i"] if sys.argv[1:] == ["--fix"] else ["--dry-run", "-Werror"]
sources = tree.files("src", "include", "lab", "bench", "tests", suffixes=tree.CODE)
sys.exit(subprocess.run(["clang-format", "--style=file", *mode, *sources]).returncode)
