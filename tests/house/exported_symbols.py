"""The exported symbols of a library equal exported_symbols.txt beside this file.
Usage: exported_symbols.py [--update] LIBRARY"""

import subprocess
import sys
from pathlib import Path

import tree

LIST = Path(__file__).with_name("exported_symbols.txt")


def exported(library):
    command = ["nm", "--dynamic", "--defined-only", "--format=just-symbols", library]
    output = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    return set(output.split())


actual = exported(sys.argv[-1])
if sys.argv[1] == "--update":
    LIST.write_text("".join(f"{symbol}\n" for symbol in sorted(actual)))
listed = set(LIST.read_text().split())
complaints = [f"- {symbol}  (listed, not exported)" for symbol in sorted(listed - actual)]
complaints += [f"+ {symbol}  (exported, not listed)" for symbol in sorted(actual - listed)]
if complaints:
    complaints.append("If the change is meant, run again with --update and commit the list.")
tree.finish(complaints, f"{len(actual)} exported symbols, as listed")
