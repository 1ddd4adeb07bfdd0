"""Runs a program under the library and without it, and compares the CPU time of the two.

beside_glibc.py LIBRARY PROGRAM [argument...]

What the program prints under the library is shown, and its status counts; without the library only
its time does. A second try of both makes up for a busy machine: the least of each is compared.
"""

import os
import resource
import subprocess
import sys

MOST = 2.0  # times glibc's CPU time
LITTLE_S = 0.05  # too little to compare: a start and an end


def run(command, library):
    """Exit status and CPU seconds."""
    env = {k: v for k, v in os.environ.items() if k not in ("LD_PRELOAD", "TAMARI_TEST_OWNER")}
    if library:
        env |= {"LD_PRELOAD": library, "TAMARI_TEST_OWNER": "libtamari.so"}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    output = None if library else subprocess.DEVNULL
    status = subprocess.run(command, env=env, stdout=output, check=False).returncode
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return status, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main():
    library, *command = sys.argv[1:]
    ours, glibc = [], []
    for _ in range(2):
        status, seconds = run(command, library)
        if status != 0:
            sys.exit(status)
        ours.append(seconds)
        glibc.append(run(command, None)[1])
        ratio = max(min(ours), LITTLE_S) / max(min(glibc), LITTLE_S)
        if ratio <= MOST:
            break
    verdict = "ok" if ratio <= MOST else "FAILED"
    print(f"CPU time: {min(ours):.2f} s, glibc {min(glibc):.2f} s, {ratio:.2f} of it, "
          f"at most {MOST:g}: {verdict}")
    sys.exit(verdict != "ok")


if __name__ == "__main__":
    main()
