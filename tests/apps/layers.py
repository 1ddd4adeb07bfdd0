"""The layers of resident memory add up on real programs: python3, which looks at itself, and
redis-server after a benchmark, which leaves its snapshot at exit; and on both as `tamari explain PID`
reads them from outside. The kernel's view of tamari's mappings (those without reservation of swap) is
the judge.
Usage: layers.py LIBRARY TAMARI_COMMAND"""

import ctypes
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

TOLERANCE = 0.03  # of the resident set
LIBRARY, COMMAND = sys.argv[1:3]
SELF = "--self"


def mappings(pid):
    """Resident bytes: of tamari's mappings, of all."""
    ours, everything, resident = 0, 0, 0
    for line in Path(f"/proc/{pid}/smaps").read_text().splitlines():
        if line.startswith("Rss:"):
            resident = int(line.split()[1]) * 1024
            everything += resident
        elif line.startswith("VmFlags:") and re.search(r"\bnr\b", line):
            ours += resident
    return ours, everything


def complaints(name, layers, ours, everything):
    found = []

    def near(what, value, expected):
        print(f"{name}: {what} {value}, expected {expected}, resident {everything}")
        if abs(value - expected) > TOLERANCE * everything:
            found.append(f"{name}: {what} is {value}, expected {expected}")

    parts = [value or 0 for layer, value in layers.items() if layer != "resident"]
    near("the sum of the layers", sum(parts), layers["resident"])
    near("the resident set", layers["resident"], everything)
    near("tamari's part", layers["resident"] - layers["other"], ours)
    return found


def from_outside(pid):
    output = subprocess.run([COMMAND, "explain", "--json", str(pid)], check=True, stdout=subprocess.PIPE).stdout
    explained = json.loads(output)
    return {"resident": explained["resident"], **{row["name"]: row["bytes"] for row in explained["layers"]}}


def look_at_self():
    kept = [b"x" * (10 + i % 5000) for i in range(40000)]
    del kept[: len(kept) // 2]
    words = {str(i): [i] for i in range(100000)}
    time.sleep(2.5)  # what is to be purged is purged
    ours, everything = mappings("self")
    text = ctypes.create_string_buffer(65536)
    ctypes.CDLL(None).tamari_stats_json(text, len(text))
    name = f"python3 ({len(kept) + len(words)} objects)"
    found = complaints(name, json.loads(text.value)["layers"], ours, everything)
    return found + complaints(f"{name}, from outside", from_outside(os.getpid()), ours, everything)


def environment(settings=""):
    return {**os.environ, "LD_PRELOAD": LIBRARY, "TAMARI_CONF": settings}


def look_at_redis():
    tools = ["redis-server", "redis-benchmark", "redis-cli"]
    if not all(map(shutil.which, tools)):
        print("redis: not installed")
        return []
    with tempfile.TemporaryDirectory() as folder:
        socket, snapshot = f"{folder}/socket", f"{folder}/stats.json"
        command = ["redis-server", "--port", "0", "--unixsocket", socket, "--dir", folder, "--save", ""]
        server = subprocess.Popen(
            command, env=environment(f"stats_at_exit=json:{snapshot}"), stdout=subprocess.DEVNULL
        )
        try:
            for _ in range(100):
                if os.path.exists(socket):
                    break
                time.sleep(0.1)
            load = ["redis-benchmark", "-s", socket, "-q", "-n", "20000", "-r", "20000", "-d", "500"]
            subprocess.run([*load, "-t", "set,lpush,lpop,hset"], check=True, stdout=subprocess.DEVNULL)
            time.sleep(2.5)
            ours, everything = mappings(server.pid)
            found = complaints("redis-server, from outside", from_outside(server.pid), ours, everything)
            subprocess.run(["redis-cli", "-s", socket, "shutdown", "nosave"], check=True)
            server.wait(30)
        finally:
            server.kill()
        return found + complaints("redis-server", json.loads(Path(snapshot).read_text())["layers"], ours, everything)


if LIBRARY == SELF:
    found = look_at_self()
else:
    python = [sys.executable, __file__, SELF, COMMAND]
    found = look_at_redis()
    if subprocess.run(python, env=environment()).returncode != 0:
        found.append("python3: see above")
for complaint in found:
    print(complaint)
if found:
    sys.exit(f"{len(found)} complaint(s)")
