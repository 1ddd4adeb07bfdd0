"""The documents made from the tables in src/config are up to date. With --update, writes them.
Usage: tables.py [--update] PRINT_TABLES_PROGRAM"""

import subprocess
import sys

from citations import ROOT

DOCUMENTS = ["docs/tunables.md", "docs/counters.md", "man/tamari-tunables.7"]

stale = []
for document in DOCUMENTS:
    path = ROOT / document
    command = [sys.argv[-1], path.name]
    text = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    if path.is_file() and path.read_text() == text:
        continue
    if sys.argv[1] == "--update":
        path.write_text(text)
        print(f"wrote {document}")
    else:
        stale.append(document)
if stale:
    sys.exit(f"out of date, run script/docs: {' '.join(stale)}")
