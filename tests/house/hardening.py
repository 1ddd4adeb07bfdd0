"""What the linker was to make of a library: nothing that is writable once the loader is done points
at code, no part is both writable and executable, all symbols are bound at the start.
Usage: hardening.py LIBRARY... | --self-test COMPILER"""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

import tree

PLANTED = """
static void called(void) {}
void (*pointer)(void) = called;
"""


def readelf(*arguments):
    command = ["readelf", "--wide", *map(str, arguments)]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def segments(library):
    """(type, start, end, flags) of each program header."""
    pattern = r"^\s+(\w+)\s+0x\w+ 0x(\w+) 0x\w+ 0x\w+ 0x(\w+) ([R ][W ][E ])"
    for kind, start, size, flags in re.findall(pattern, readelf("--segments", library), re.M):
        yield kind, int(start, 16), int(start, 16) + int(size, 16), flags


def functions(library):
    pattern = r"^\s*\d+: (\w+)\s+\d+ FUNC\s+\S+\s+\S+\s+\S+ (\S+)"
    found = re.findall(pattern, readelf("--symbols", library), re.M)
    return {name.split("@")[0] for _, name in found}


def relocations(library):
    """(place, what is stored there: an address or a name) of each that stores an address."""
    pattern = r"^([0-9a-f]{8,})\s+\w+ R_\w+?_(RELATIVE|GLOB_DAT|JUMP_SLOT?|(?:ABS)?64)\s+(.*)$"
    for place, _, target in re.findall(pattern, readelf("--relocs", library), re.M):
        words = target.split()
        yield int(place, 16), words[1] if len(words) > 1 else words[0]


def complaints(library):
    parts = list(segments(library))
    read_only = [(start, end) for kind, start, end, _ in parts if kind == "GNU_RELRO"]
    code = [(start, end) for kind, start, end, flags in parts if kind == "LOAD" and "E" in flags]
    known = functions(library)

    def lies_in(address, ranges):
        return any(start <= address < end for start, end in ranges)

    def is_code(target):
        if re.fullmatch(r"[0-9a-f]+", target):
            return lies_in(int(target, 16), code)
        return target.split("@")[0] in known or target.startswith("__gxx_personality")

    for kind, start, _, flags in parts:
        if "W" in flags and "E" in flags:
            yield f"{kind} at {start:#x} is writable and executable"
    if not read_only:
        yield "has no part that becomes read-only after relocation"
    if "BIND_NOW" not in readelf("--dynamic", library):
        yield "binds symbols late"
    stored = list(relocations(library))
    if not stored:
        yield "has no relocation that this test can read"
    for place, target in stored:
        if is_code(target) and not lies_in(place, read_only):
            yield f"{place:#x} stays writable and points at code: {target}"


def self_test(compiler):
    with tempfile.TemporaryDirectory() as folder:
        source, library = Path(folder, "planted.c"), Path(folder, "planted.so")
        source.write_text(PLANTED)
        options = ["-shared", "-fPIC", "-Wl,-z,lazy", "-Wl,-z,norelro"]
        subprocess.run([compiler, *options, source, "-o", library], check=True)
        found = "\n".join(complaints(library))
    wanted = ("stays writable and points at code", "binds symbols late", "has no part")
    missed = [f"not found in the planted library: {what}" for what in wanted if what not in found]
    tree.finish(missed, f"{len(wanted)} planted faults found")


if __name__ == "__main__":
    if sys.argv[1] == "--self-test":
        self_test(sys.argv[2])
    else:
        libraries = sys.argv[1:]
        tree.finish([f"{library}: {complaint}" for library in libraries
                     for complaint in complaints(library)], f"{len(libraries)} libraries as meant")
