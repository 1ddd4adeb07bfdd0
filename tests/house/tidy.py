"""clang-tidy has no complaint about src/; the checks are in .clang-tidy.
Usage: tidy.py BUILD_DIR, the folder that holds compile_commands.json"""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import tree


def tidy(source):
    command = ["clang-tidy", "--quiet", "-p", sys.argv[1], source]
    result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    return [] if result.returncode == 0 else [result.stdout or result.stderr]


sources = tree.files("src", suffixes={".cpp"})
with ThreadPoolExecutor(2) as pool:
    found = sum(pool.map(tidy, sources), [])
tree.finish(found, f"{len(sources)} sources are tidy")
