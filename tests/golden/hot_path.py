"""The hit paths stay as short as hot_path.txt says: instructions per turn of a loop, counted by
callgrind. Two runs of different length are subtracted, so that start and end do not count. Without
the checks of the first blocks: in what order those wait is drawn in each run.
Usage: hot_path.py LIBRARY TURN_PROGRAM"""

import os
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

FEW, MANY = 2_000, 102_000
SKIPPED = 77
# The same memset whatever the processor can do: calloc's count includes it.
PLAIN_MEMSET = "glibc.cpu.hwcaps=-AVX2,-AVX512F,-AVX512VL,-AVX512BW,-ERMS,-FSRM"

library, program = sys.argv[1:]


def instructions(case, size, count):
    command = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null"]
    environment = dict(os.environ, LD_PRELOAD=library, GLIBC_TUNABLES=PLAIN_MEMSET)
    environment["TAMARI_CONF"] = "check_first=0"
    command += [program, case, size, str(count)]
    result = subprocess.run(command, env=environment, stderr=subprocess.PIPE, text=True)
    collected = re.search(r"Collected : (\d+)", result.stderr)
    if result.returncode != 0 or collected is None:
        sys.exit(f"{' '.join(command)} ended with {result.returncode}\n{result.stderr}")
    return int(collected[1])


def judge(row):
    case, size, most = row.split()
    runs = [instructions(case, size, count) for count in (FEW, MANY)]
    turn = (runs[1] - runs[0]) / (MANY - FEW)
    good = turn <= float(most)
    print(f"{case:<14}{size:>6}{turn:>10.2f}   at most {most}{'' if good else '   TOO MANY'}")
    return good


if shutil.which("valgrind") is None:
    print("valgrind is not installed")
    sys.exit(SKIPPED)
rows = Path(__file__).with_name("hot_path.txt").read_text().splitlines()
rows = [row for row in rows if row and not row.startswith("#")]
with ThreadPoolExecutor(2) as pool:
    bad = list(pool.map(judge, rows)).count(False)
if bad:
    sys.exit(f"{bad} hit path(s) grew")
