"""A library needs libc and the dynamic loader, and nothing else, at run time.
Usage: needed_libraries.py LIBRARY"""

import re
import subprocess
import sys

import tree

ALLOWED = re.compile(r"libc\.so\.6|ld-linux[-\w]*\.so\.\d")

library = sys.argv[1]
command = ["readelf", "--dynamic", "--wide", library]
output = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
needed = re.findall(r"\(NEEDED\).*\[(.+)\]", output)
strangers = [name for name in needed if not ALLOWED.fullmatch(name)]
tree.finish(
    [f"{library} needs {name}: only libc.so.6 and ld-linux are allowed" for name in strangers],
    f"needs {' '.join(needed)} only",
)
