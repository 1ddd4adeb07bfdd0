"""Debian's python3 with every object in a block of its own: JSON, dictionaries, strings, threads."""

import subprocess

from driver import WORK, digest, main, require, scaled
from process import run_to_end

PACKAGES = {"python3": "/usr/bin/python3"}


def run(folder):
    command = ["/usr/bin/python3", str(WORK / "churn.py"), str(scaled(120, 1))]
    with open(folder / "out", "wb") as out:
        figures = run_to_end(command, {"PYTHONMALLOC": "malloc"}, stdout=out, stderr=subprocess.STDOUT)
    output = (folder / "out").read_bytes()
    require(output.count(b"\n") == 2, "two digests are printed")
    figures.checksum = digest(output)
    return figures


main("python3: JSON, dictionaries and objects, without its own pools", PACKAGES, run)
