"""Every header under src/ and include/ compiles alone, and twice in a row.
Usage: headers.py C_COMPILER CXX_COMPILER"""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import tree

C_COMPILER, CXX_COMPILER = sys.argv[1:]
COMMON = ["-Wall", "-Wextra", "-Wshadow", "-Werror", "-fsyntax-only"]
INCLUDES = [f"-I{tree.ROOT}/src", f"-I{tree.ROOT}/include"]


def languages(header):
    """Public headers promise older languages than the library is written in, to the letter."""
    c, cxx = [C_COMPILER, "-x", "c"], [CXX_COMPILER, "-x", "c++"]
    if header.is_relative_to(tree.ROOT / "src"):
        return [cxx + ["-std=c++20"]]
    if header.suffix == ".hpp":
        return [cxx + ["-Wpedantic", "-std=c++17"]]
    return [c + ["-Wpedantic", "-std=c11"], cxx + ["-Wpedantic", "-std=c++17"]]


def compile_alone(header):
    text = f'#include "{header}"\n' * 2
    complaints = []
    for language in languages(header):
        command = [*language, *COMMON, *INCLUDES, "-"]
        result = subprocess.run(command, input=text, stderr=subprocess.PIPE, text=True)
        if result.returncode != 0:
            name = header.relative_to(tree.ROOT)
            complaints.append(f"{name} with {language[-1]}:\n{result.stderr}")
    return complaints


headers = tree.files("src", "include", suffixes={".h", ".hpp"})
with ThreadPoolExecutor(2) as pool:
    found = sum(pool.map(compile_alone, headers), [])
tree.finish(found, f"{len(headers)} headers compile alone")
