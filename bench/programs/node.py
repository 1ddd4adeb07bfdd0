"""node: buffers, compression, JSON and strings. The objects of the language live in its own heap."""

import subprocess

from driver import WORK, digest, main, require, scaled
from process import run_to_end


def run(folder):
    with open(folder / "out", "wb") as out:
        figures = run_to_end(["node", str(WORK / "churn.js"), str(scaled(150, 1))], stdout=out, stderr=subprocess.STDOUT)
    output = (folder / "out").read_bytes()
    require(output.startswith(b"digest "), "a digest is printed")
    figures.checksum = digest(output)
    return figures


main("node: buffers, compression and JSON", {"nodejs": "node"}, run)
