"""The experiment proved on this machine: one claim a run.

usage: proof.py CLAIM TAMARI PROGRAM LIBRARY SLOWER_LIBRARY PLANTED_LIBRARY
"""

import json
import math
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

CLAIM, TAMARI, PROGRAM, LIBRARY, SLOWER, PLANTED = sys.argv[1:]

SHORT_GUARD = '{ lane = "guard", threads = 2, iterations = 100000 }'


class Folder:
    """Where a claim keeps its experiments; every sweep gets a folder of its own."""

    def __init__(self, path):
        self.path = Path(path)
        self.sweeps = 0

    def sweep(self, text, *options):
        """The exit status and the summary of a sweep; no summary if it was refused."""
        self.sweeps += 1
        file = self.path / f"{self.sweeps}.toml"
        file.write_text(text)
        out = self.path / str(self.sweeps)
        result = subprocess.run([TAMARI, "sweep", file, "--out", out, "--json", *options],
                                capture_output=True, text=True)
        summary = json.loads(result.stdout) if result.stdout else None
        return result, summary


def expect(truth, words):
    if not truth:
        sys.exit(f"FAILED: {CLAIM}: {words}")


def percent(log_ratio):
    return f"{100 * math.expm1(log_ratio):+.2f}%"


def equal_arms(folder):
    """Twenty sweeps of equal arms: no GO."""
    verdicts = []
    for seed in range(1, 21):
        _, summary = folder.sweep(f"""
seed = {seed}
settle_ms = 0
lanes = [{SHORT_GUARD}]
[[variant]]
name = "same"
[[stage]]
name = "screen"
runs = 8
gates = ["ops>=+3%"]
[[stage]]
name = "replay"
runs = 8
gates = ["ops>=+3%"]
winners_only = true
""")
        expect(summary and summary["failed_samples"] == 0, "a sweep failed")
        verdicts.append(summary["verdict"])
    expect("GO" not in verdicts, f"equal arms were told apart: {verdicts}")
    return f"{len(verdicts)} sweeps: " + ", ".join(
        f"{verdicts.count(word)} {word}" for word in sorted(set(verdicts)))


def slowdown(folder):
    """A library that is 3 % slower is found, and by how much."""
    result, summary = folder.sweep(f"""
[base]
library = "{LIBRARY}"
[[variant]]
name = "slower"
library = "{SLOWER}"
[[program]]
name = "blocks"
command = ["{PROGRAM}"]
[[stage]]
name = "screen"
auto = {{ least = 20, most = 150, half_width = "0.6%" }}
gates = ["cpu<=+1%"]
""")
    expect(summary, result.stderr)
    gate = summary["gates"][0]
    estimate = gate["estimate"]
    words = (f"{percent(estimate['effect'])} [{percent(estimate['interval'][0])}, "
             f"{percent(estimate['interval'][1])}], {estimate['n']} blocks")
    expect(gate["state"] == "failed" and result.returncode == 1, f"{gate['why']}")
    expect(0.02 < math.expm1(estimate["effect"]) < 0.04, f"not about 3 %: {words}")
    return words


def dead_knob(folder):
    """A tunable that nothing reads is INVALID."""
    result, summary = folder.sweep(f"""
settle_ms = 0
lanes = [{SHORT_GUARD}]
[[variant]]
name = "dead"
planted = 7
[[stage]]
name = "screen"
runs = 10
gates = ["ops>=-50%"]
""", "--lib", PLANTED)
    expect(summary, result.stderr)
    expect(result.returncode == 3 and summary["verdict"] == "INVALID", summary["sentence"])
    expect("changed nothing" in summary["sentence"], summary["sentence"])
    return summary["sentence"]


def blind_lane(folder):
    """A knob of the stash is alive where the stash is, and blind on larson_proxy."""
    result, summary = folder.sweep("""
settle_ms = 0
lanes = [{ lane = "guard", threads = 16, iterations = 40000 },
         { lane = "larson_proxy", iterations = 100000 }]
[base]
remote_policy = "owner_stash"
[[variant]]
name = "wide"
stash_drain_limit = 256
[[stage]]
name = "screen"
runs = 8
gates = ["ops>=-50%"]
""")
    expect(summary, result.stderr)
    alive = {life["workload"]: life for life in summary["liveness"]}
    gates = {gate["workload"]: gate for gate in summary["gates"]}
    expect(alive["guard"]["alive"] is True, alive["guard"]["why"])
    expect(alive["larson_proxy"]["alive"] is False, alive["larson_proxy"]["why"])
    expect(gates["larson_proxy"]["state"] == "blind", gates["larson_proxy"]["why"])
    return (f"guard: {', '.join(alive['guard']['counters'][:3])} moved; "
            f"larson_proxy: {gates['larson_proxy']['why']}")


def crashes(folder):
    """What crashes in one of ten runs is never a GO, however wide its gates."""
    library = folder.path / "crashing.so"
    shutil.copy(LIBRARY, library)
    verdicts = []
    for number in range(5):
        count = folder.path / f"count-{number}"
        script = folder.path / f"program-{number}"
        script.write_text(f"""#!/bin/sh
case $LD_PRELOAD in *crashing.so*) echo run >> {count} ;; *) exit 0 ;; esac
if [ $(($(wc -l < {count}) % 10)) -eq 0 ]; then kill -ABRT $$; fi
""")
        script.chmod(0o755)
        result, summary = folder.sweep(f"""
[base]
library = "{LIBRARY}"
[[variant]]
name = "crashing"
library = "{library}"
[[program]]
name = "script"
command = ["{script}"]
[[stage]]
name = "screen"
runs = 12
gates = ["time<=+900%"]
no_failures = {str(number % 2 == 0).lower()}
""")
        expect(summary, result.stderr)
        expect(summary["variants"][0]["failed_samples"] > 0, "nothing crashed")
        verdicts.append(summary["verdict"])
    expect("GO" not in verdicts, f"a crashing arm passed: {verdicts}")
    return f"{len(verdicts)} sweeps: {', '.join(verdicts)}"


def no_preload(folder):
    """An arm whose library does not take malloc over is refused before the first sample."""
    out = folder.path / "out"
    library = subprocess.run(["cc", "-print-file-name=libm.so.6"], capture_output=True, text=True)
    result = subprocess.run(
        [TAMARI, "ab", "--arm", "base", "--arm", f"none:{library.stdout.strip()}", "--out", out,
         "--runs", "1", "--", "/bin/true"], capture_output=True, text=True)
    expect(result.returncode == 4 and "does not own malloc" in result.stderr, result.stderr)
    expect(not (out / "samples.jsonl").exists(), "samples were taken")
    return result.stderr.strip()


with tempfile.TemporaryDirectory() as temporary:
    CLAIMS = {claim.__name__: claim for claim in
              (equal_arms, slowdown, dead_knob, blind_lane, crashes, no_preload)}
    print(CLAIMS[CLAIM](Folder(temporary)))
