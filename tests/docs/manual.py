"""The manual pages name every subcommand and option of the command, every function that the library
exports for C, and every declaration of tamari.h; and they are sound roff where groff is installed.
Usage: manual.py TAMARI_COMMAND"""

import re
import shutil
import subprocess
import sys

from citations import ROOT

COMMANDS = [[], ["run"], ["env"], ["options"]]
BENCH = [["bench"]] + [["bench", what] for what in ("growth", "lanes", "programs", "scaling", "suite")]
# Reachable names that no program should spell.
HIDDEN = re.compile(r"__|_Z")


def plain(page):
    """A page's text without roff's escapes."""
    text = (ROOT / "man" / page).read_text()
    return re.sub(r"\\f.", "", text.replace("\\-", "-"))


def help_words(command):
    output = subprocess.run(
        [sys.argv[1], *command, "--help"], check=True, stdout=subprocess.PIPE, text=True
    ).stdout
    options = re.findall(r"^  (?:-\w,)?(--[\w-]+)", output, re.MULTILINE)
    subcommands = re.search(r"^Subcommands:\n((?:  .*\n)+)", output, re.MULTILINE)
    if subcommands:
        options += re.findall(r"^  (\w+)", subcommands[1], re.MULTILINE)
    return options


def exported_functions():
    names = (ROOT / "tests/house/exported_symbols.txt").read_text().split()
    header = (ROOT / "include/tamari/tamari.h").read_text()
    return sorted({n for n in names if not HIDDEN.match(n)} | set(re.findall(r"\btamari_\w+(?=\()", header)))


def missing(page, words):
    text = plain(page)
    return [
        f"man/{page} does not name {word}"
        for word in words
        if re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", text) is None
    ]


def roff_complaints(page):
    if shutil.which("groff") is None:
        return []
    command = ["groff", "-man", "-Tutf8", "-ww", "-z", ROOT / "man" / page]
    output = subprocess.run(command, stderr=subprocess.PIPE, text=True).stderr
    return output.splitlines()


found = missing("tamari.1", sorted({word for command in COMMANDS for word in help_words(command)}))
for command in ("ab", "doctor", "explain", "sweep"):
    found += missing(f"tamari-{command}.1", help_words([command]))
found += missing("tamari-bench.1", sorted({word for command in BENCH for word in help_words(command)}))
found += missing("libtamari.3", exported_functions())
for path in sorted((ROOT / "man").iterdir()):
    found += roff_complaints(path.name)
for complaint in found:
    print(complaint)
if found:
    sys.exit(f"{len(found)} complaint(s)")
