"""What the scripts of this folder share. Each drives one real program and takes one word:

    about     prints what it does, and a line "missing: PACKAGE..." if Debian packages are missing
    install   installs those packages; no service is started
    run       starts the program under an allocator, checks its work, prints one line of key=value

The allocator comes from BENCH_PRELOAD (for LD_PRELOAD), BENCH_SETTINGS (for TAMARI_CONF) and
BENCH_LIBRARY (the file that must be mapped); BENCH_SCALE is the amount of work. Only the program under
test runs preloaded: no client and no script does. Servers listen on 127.0.0.1."""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from process import Failure, Figures

WORK = Path(__file__).resolve().parent / "work"
POLICY = Path("/usr/sbin/policy-rc.d")


def scaled(amount, least=1):
    return max(least, int(amount * float(os.environ.get("BENCH_SCALE", "1"))))


def digest(data):
    """What fits a double: allocators are compared by it."""
    return int(hashlib.sha256(data).hexdigest()[:12], 16)


def require(condition, what):
    if not condition:
        raise Failure(what)


def client(argv, **options):
    """A helper that is not under test; its output, or a Failure."""
    result = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **options)
    output = result.stdout.decode(errors="replace")
    require(result.returncode == 0, f"{argv[0]} ends with {result.returncode}: {output[-300:]}")
    return output


def missing_packages(packages):
    """Of {package: program or file that it brings}."""
    return [p for p, part in packages.items() if shutil.which(part) is None and not Path(part).exists()]


def install(packages):
    """While the packaging system is told to start nothing."""
    ours = not POLICY.exists()
    if ours:
        POLICY.write_text("#!/bin/sh\nexit 101\n")
        POLICY.chmod(0o755)
    try:
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        command = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages]
        subprocess.run(command, check=True, env=environment)
    finally:
        if ours:
            POLICY.unlink()


def main(about, packages, run):
    """`run(folder)` works in an empty folder and returns Figures."""
    word = sys.argv[1] if len(sys.argv) == 2 else ""
    missing = missing_packages(packages)
    if word == "about":
        print(about)
        if missing:
            print("missing:", *missing)
    elif word == "install":
        if missing:
            install(missing)
    elif word == "run":
        with tempfile.TemporaryDirectory(prefix="tamari-bench-") as folder:
            try:
                figures = run(Path(folder))
            except Failure as failure:
                sys.exit(f"{Path(sys.argv[0]).stem}: check failed: {failure}")
            assert isinstance(figures, Figures)
            print(figures.line())
    else:
        sys.exit(__doc__)
