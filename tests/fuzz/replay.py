"""Runs the lines of seeds.txt again.

replay.py SEEDS LIBRARY HEAP_FUZZ API_FUZZ
"""

import os
import subprocess
import sys
from pathlib import Path


def main():
    seeds, library, heap, api = sys.argv[1:]
    findings = runs = 0
    for line in Path(seeds).read_text().splitlines():
        if not line or line.startswith("#"):
            continue
        settings, kind, *arguments = line.split()
        env = os.environ | {"TAMARI_CONF": f"strict=1,{settings}"}
        if kind == "api":
            env["LD_PRELOAD"] = library
        done = subprocess.run([{"heap": heap, "api": api}[kind], *arguments], env=env,
                              capture_output=True, text=True, check=False)
        runs += 1
        if done.returncode != 0:
            findings += 1
            print(f"{line}\nstatus {done.returncode}: {done.stdout}{done.stderr}")
    print(f"{runs} runs, {findings} findings")
    sys.exit(findings > 0 or runs == 0)


if __name__ == "__main__":
    main()
