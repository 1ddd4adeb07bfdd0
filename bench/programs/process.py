"""The program under test as a process: started with the allocator preloaded, proved to call it,
measured. Imported by driver.py."""

import os
import re
import signal
import socket
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

TICK = 1 / os.sysconf("SC_CLK_TCK")


class Failure(Exception):
    """The program did not do its work: there are no figures."""


@dataclass
class Figures:
    """Of one run: the work done, its time, and the memory it took."""

    ops: float
    seconds: float
    user_s: float
    sys_s: float
    faults: float
    rss_peak_kib: float
    checksum: int
    rss_settled_kib: float = -1  # unknown

    def for_ops(self, ops):
        """The same run as if it had done `ops`: for work that is bounded by time."""
        factor = ops / self.ops
        self.ops, self.seconds = ops, self.seconds * factor
        self.user_s, self.sys_s = self.user_s * factor, self.sys_s * factor
        self.faults *= factor
        return self

    def line(self):
        return (
            f"ops/s={self.ops / self.seconds:.3f} seconds={self.seconds:.6f} ops={self.ops:.0f} "
            f"user_s={self.user_s:.6f} sys_s={self.sys_s:.6f} minor_faults={self.faults:.0f} "
            f"rss_peak_kib={self.rss_peak_kib:.0f} rss_settled_kib={self.rss_settled_kib:.0f} "
            f"checksum={self.checksum}"
        )


def environment(more=None):
    """Of the program under test."""
    values = {k: v for k, v in os.environ.items() if not k.startswith("BENCH_")}
    for variable, source in (("LD_PRELOAD", "BENCH_PRELOAD"), ("TAMARI_CONF", "BENCH_SETTINGS")):
        if os.environ.get(source):
            values[variable] = os.environ[source]
    values.update(more or {})
    return values


def same_file(path, other):
    try:
        return os.path.samefile(path, other)
    except OSError:
        return False


def require_ownership(program):
    """The dynamic linker says which file each malloc and free of the program and its libraries is bound
    to: a program may bring an allocator along, and a preload that failed is only a warning."""
    library = os.environ.get("BENCH_LIBRARY")
    if not library:
        return
    with tempfile.TemporaryDirectory(prefix="tamari-bench-") as folder:
        debug = {"LD_DEBUG": "bindings", "LD_BIND_NOW": "1", "LD_DEBUG_OUTPUT": f"{folder}/ld"}
        quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        subprocess.run([program, "--version"], env=environment(debug), timeout=30, cwd=folder, **quiet)
        text = "".join(path.read_text(errors="replace") for path in Path(folder).glob("ld.*"))
    found = re.findall(r"binding file (\S+) \[\d+\] to (\S+) \[\d+\]: normal symbol `(?:malloc|free)'", text)
    # An allocator may look for the one that it replaces.
    found = [(source, target) for source, target in found if not same_file(source, library)]
    owners = {target for _, target in found}
    if any(source == program and same_file(target, library) for source, target in found):
        # Where the address of malloc is taken, it is that of the program's jump to the real one.
        owners.discard(program)
    foreign = sorted(owner for owner in owners if not same_file(owner, library))
    if not owners or foreign:
        raise Failure(f"malloc of {program} is that of {', '.join(foreign) or 'nobody'}, not of {library}")


def run_to_end(argv, more_environment=None, ops=1, **options):
    """A program that ends by itself. Its figures lack the checksum; its peak is that of the largest of
    its processes, and never below that of this script, some 12 MiB."""
    require_ownership(argv[0])
    start = time.monotonic()
    process = subprocess.Popen(argv, env=environment(more_environment), **options)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.monotonic() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise Failure(f"{argv[0]} ends with {process.returncode}")
    return Figures(ops, seconds, usage.ru_utime, usage.ru_stime, usage.ru_minflt, usage.ru_maxrss, 0)


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Server:
    """A server under test, from its start to its stop, as a context: it must end by itself, with status 0,
    when it is asked to. `ready` is asked until it says yes. `user`: its owner, if this script may choose."""

    PATIENCE_S = 30

    def __init__(self, argv, ready, user=None, **options):
        self.argv, self.ready = argv, ready
        if user is not None and os.getuid() == 0:
            options.update(user=user, group=user, extra_groups=[])
        self.options = options

    def __enter__(self):
        require_ownership(self.argv[0])
        quiet = {"stdout": subprocess.DEVNULL, "stdin": subprocess.DEVNULL}
        self.process = subprocess.Popen(self.argv, env=environment(), **{**quiet, **self.options})
        try:
            self.wait_until_ready()
        except BaseException:
            self.stop()
            raise
        return self

    def wait_until_ready(self):
        end = time.monotonic() + self.PATIENCE_S
        while not self.ready():
            if self.process.poll() is not None:
                raise Failure(f"{self.argv[0]} ends with {self.process.returncode} at its start")
            if time.monotonic() > end:
                raise Failure(f"{self.argv[0]} is not ready after {self.PATIENCE_S} s")
            time.sleep(0.05)

    def __exit__(self, failure, *_):
        self.stop()
        if failure is None and self.process.returncode != 0:
            raise Failure(f"{self.argv[0]} ends with {self.process.returncode} at its stop")

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def status(self, key):
        """A line of /proc/PID/status, in KiB."""
        with open(f"/proc/{self.process.pid}/status") as status:
            for line in status:
                if line.startswith(key + ":"):
                    return int(line.split()[1])
        raise Failure(f"no {key} of {self.argv[0]}")

    def counters(self):
        """User and system seconds and minor faults, with those of children that have ended."""
        with open(f"/proc/{self.process.pid}/stat") as stat:
            fields = stat.read().rpartition(")")[2].split()
        user, system = int(fields[11]) + int(fields[13]), int(fields[12]) + int(fields[14])
        return user * TICK, system * TICK, int(fields[7]) + int(fields[8])

    def measure(self, load, ops):
        """Runs `load()`; the server's figures while it ran, without a checksum."""
        before = self.counters()
        start = time.monotonic()
        load()
        seconds = time.monotonic() - start
        user, system, faults = (b - a for a, b in zip(before, self.counters()))
        peak = self.status("VmHWM")
        time.sleep(0.1)
        settled = self.status("VmRSS")
        return Figures(ops, seconds, user, system, faults, peak, 0, settled)
