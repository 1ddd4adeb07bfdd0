"""Runs a program under the library and without it, and compares the CPU time of the two, and the rate
of those that print one.

beside_glibc.py LIBRARY PROGRAM [argument...]

What the program prints under the library is shown, and its status counts; without the library only
its time and its rate do. Up to four tries of both make up for a busy machine, which only takes
time: the best of each is compared.
"""

import os
import re
import resource
import subprocess
import sys

MOST = 2.0  # times glibc's CPU time
LEAST = 0.5  # times glibc's rate
TRIES = 4
LITTLE_S = 0.05  # too little to compare: a start and an end


def run(command, library):
    """Exit status, CPU seconds and rate, if the program prints one."""
    env = {k: v for k, v in os.environ.items() if k not in ("LD_PRELOAD", "TAMARI_TEST_OWNER")}
    if library:
        env |= {"LD_PRELOAD": library, "TAMARI_TEST_OWNER": "libtamari.so"}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, env=env, stdout=subprocess.PIPE, text=True, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if library:
        print(done.stdout, end="", flush=True)
    rate = re.search(r"^rate: ([\d.e+]+)", done.stdout, re.MULTILINE)
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return done.returncode, max(seconds, LITTLE_S), float(rate[1]) if rate else None


def best(runs):
    """The least time and the greatest rate."""
    rates = [rate for _, _, rate in runs if rate is not None]
    return min(seconds for _, seconds, _ in runs), max(rates, default=None)


def main():
    library, *command = sys.argv[1:]
    ours, glibc = [], []
    for _ in range(TRIES):
        ours.append(run(command, library))
        if ours[-1][0] != 0:
            sys.exit(ours[-1][0])
        glibc.append(run(command, None))
        (our_time, our_rate), (time, rate) = best(ours), best(glibc)
        cheap = our_time <= MOST * time
        quick = rate is None or our_rate >= LEAST * rate
        if cheap and quick:
            break
    verdict = {True: "ok", False: "FAILED"}
    print(f"CPU time: {our_time:.2f} s, glibc {time:.2f} s, {our_time / time:.2f} of it, "
          f"at most {MOST:g}: {verdict[cheap]}")
    if rate is not None:
        print(f"rate: {our_rate:.6g}, glibc {rate:.6g}, {our_rate / rate:.2f} of it, "
              f"at least {LEAST:g}: {verdict[quick]}")
    sys.exit(not (cheap and quick))


if __name__ == "__main__":
    main()
