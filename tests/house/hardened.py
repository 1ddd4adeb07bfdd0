"""Builds the library as the preset `hardened` does, for this processor and, if the cross compiler is
installed, for aarch64, and reads from it what that was to bring.
Usage: hardened.py SOURCES FOLDER"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import hardening
import tree

CROSS = "aarch64-linux-gnu-"
NOTES = {"x86": ("IBT", "SHSTK"), "aarch64": ("BTI", "PAC")}


def preset(sources):
    """The preset's variables, its ancestors' included, as options of cmake."""
    presets = {p["name"]: p for p in
               json.loads((sources / "CMakePresets.json").read_text())["configurePresets"]}
    variables, name = {}, "hardened"
    while name is not None:
        variables = presets[name].get("cacheVariables", {}) | variables
        name = presets[name].get("inherits")
    return [f"-D{key}={value}" for key, value in variables.items()]


def build(sources, folder, *options):
    def run(*command):
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)

    run("cmake", "-G", "Ninja", "-S", sources, "-B", folder, "-DTAMARI_DEVELOP=OFF",
        *preset(sources), *options)
    run("cmake", "--build", folder, "--target", "tamari")
    return folder / "lib" / "libtamari.so.1"


def complaints(library, notes, native):
    yield from hardening.complaints(library)
    found = hardening.readelf("--notes", library)
    for note in notes:
        if note not in found:
            yield f"no note says {note}"
    symbols = hardening.readelf("--dyn-syms", library)
    if "__stack_chk_fail" not in symbols:
        yield "no stack is protected"
    env = os.environ | {"LD_PRELOAD": str(library)}
    if native and subprocess.run([sys.executable, "-c", "pass"], env=env, check=False).returncode:
        yield "a program does not run with it"
    if "_chk@" not in symbols.replace("__stack_chk", ""):
        yield "no call of libc is fortified"


def main():
    sources, folder = Path(sys.argv[1]), Path(sys.argv[2])
    header = hardening.readelf("--file-header", sys.executable)
    machine = "x86" if "X86-64" in header else "aarch64"
    libraries = [(build(sources, folder / "native"), NOTES[machine], True)]
    if machine == "x86" and shutil.which(f"{CROSS}g++"):
        options = [f"-DCMAKE_{name}={value}" for name, value in {
            "SYSTEM_NAME": "Linux", "SYSTEM_PROCESSOR": "aarch64",
            "C_COMPILER": f"{CROSS}gcc", "CXX_COMPILER": f"{CROSS}g++"}.items()]
        cross = build(sources, folder / "aarch64", *options)
        libraries.append((cross, NOTES["aarch64"], False))
    tree.finish([f"{library}: {complaint}" for library, notes, is_native in libraries
                 for complaint in complaints(library, notes, is_native)],
                "; ".join(f"{library}: {' '.join(notes)}" for library, notes, _ in libraries))


if __name__ == "__main__":
    main()
