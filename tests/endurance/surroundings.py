"""The world outside the process: set-uid, full devices, closed descriptors, a memory limit.

surroundings.py LIBRARY SECURE_PROBE LOADED [unittest arguments]
"""

import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

LIBRARY, SECURE, LOADED = (os.path.abspath(sys.argv.pop(1)) for _ in range(3))
NOBODY = 65534
MEMORY_V1, MEMORY_V2 = Path("/sys/fs/cgroup/memory"), Path("/sys/fs/cgroup")


def environment(conf=None):
    env = {k: v for k, v in os.environ.items() if k not in ("TAMARI_CONF", "LD_PRELOAD")}
    env |= {"LD_PRELOAD": LIBRARY, "TAMARI_TEST_OWNER": "libtamari.so"}
    return env if conf is None else env | {"TAMARI_CONF": conf}


def shell(command, conf):
    return subprocess.run(["bash", "-c", command], env=environment(conf), capture_output=True,
                          text=True, timeout=60, check=False)


class SetUid(unittest.TestCase):
    """A set-uid program reads no settings from outside."""

    def setUp(self):
        if os.geteuid() != 0:
            self.skipTest("only root can make a set-uid program of another user")
        folder = tempfile.mkdtemp(dir="/var/tmp")
        self.addCleanup(shutil.rmtree, folder)
        os.chmod(folder, 0o755)
        self.probe = Path(folder, "probe")
        shutil.copy(SECURE, self.probe)

    def said(self):
        env = {"TAMARI_CONF": "decay_ms=7", "LD_LIBRARY_PATH": os.path.dirname(LIBRARY)}
        done = subprocess.run([self.probe], env=env, capture_output=True, text=True, check=True)
        return done.stdout.split()

    def test_ignores_the_variable(self):
        self.assertEqual(self.said(), ["plain", "7"])
        os.chown(self.probe, NOBODY, NOBODY)
        os.chmod(self.probe, 0o4755)
        state, value = self.said()
        if state != "secure":
            self.skipTest("set-uid has no effect on this file system")
        self.assertEqual(value, "1000")


class Descriptors(unittest.TestCase):
    """Statistics that cannot be written change nothing for the program."""

    def test_a_full_device(self):
        for form in ("text", "json"):
            done = shell("exec cat /proc/self/comm", f"stats_at_exit={form}:/dev/full")
            self.assertEqual((done.returncode, done.stdout), (0, "cat\n"))
            self.assertLessEqual(len(done.stderr.splitlines()), 1, done.stderr)

    def test_a_folder_that_is_not_there(self):
        done = shell("exec cat /proc/self/comm", "stats_at_exit=text:/nowhere/at/all")
        self.assertEqual((done.returncode, done.stdout), (0, "cat\n"))
        self.assertLessEqual(len(done.stderr.splitlines()), 1, done.stderr)

    def test_a_full_standard_error(self):
        done = shell("exec cat /proc/self/comm 2>/dev/full", "stats_at_exit=text,nonsense=1")
        self.assertEqual((done.returncode, done.stdout), (0, "cat\n"))

    def test_a_closed_standard_error(self):
        done = shell("exec cat /proc/self/comm 2>&-", "stats_at_exit=text,nonsense=1")
        self.assertEqual((done.returncode, done.stdout), (0, "cat\n"))

    def test_all_three_closed(self):
        done = shell("(true | cat /dev/null 0<&- 1>&- 2>&-); echo $?", "stats_at_exit=json,verbose=1")
        self.assertIn(done.stdout, ("0\n", "1\n"))  # cat complains of its closed output itself

    def test_a_closed_pipe(self):
        done = shell("cat /proc/self/comm 2> >(exec true)", "stats_at_exit=text")
        self.assertEqual(done.stdout, "cat\n")


class MemoryLimit(unittest.TestCase):
    """A control group with 64 MiB: a program that has 40 alive lives, however it churns."""

    def setUp(self):
        version1 = MEMORY_V1.is_dir()
        self.group = (MEMORY_V1 if version1 else MEMORY_V2) / f"tamari-test-{os.getpid()}"
        try:
            self.group.mkdir()
        except OSError as error:
            self.skipTest(f"no control group can be made here: {error.strerror}")
        self.addCleanup(self.group.rmdir)
        name = "memory.limit_in_bytes" if version1 else "memory.max"
        try:
            (self.group / name).write_text(str(64 << 20))
        except OSError as error:
            self.skipTest(f"no memory limit can be set here: {error.strerror}")

    def test_lives_within_it(self):
        join = f"echo $$ > {self.group}/cgroup.procs && exec {LOADED} 40"
        done = shell(join, None)
        print(done.stdout, end="", flush=True)
        self.assertEqual((done.returncode, done.stderr), (0, ""))


if __name__ == "__main__":
    unittest.main()
