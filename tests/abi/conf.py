"""Settings through TAMARI_CONF and the report at exit, as a user of a terminal meets them.

conf.py LIBRARY PROBE PROGRAM_WITH_SETTINGS TUNABLES_H [unittest arguments]
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import unittest

LIBRARY = os.path.abspath(sys.argv.pop(1))
PROBE = os.path.abspath(sys.argv.pop(1))
WITH_SETTINGS = os.path.abspath(sys.argv.pop(1))
with open(sys.argv.pop(1), encoding="utf-8") as table:
    ROWS = re.findall(r'^  X\((\w+), (\d+), (\d+), (\d+), "([^"]*)", k(Live|Start),', table.read(), re.M)


def probe(conf=None, cwd=None, program=PROBE, **more):
    """Runs the probe under the library; returns its status, output and lines of complaint."""
    env = {k: v for k, v in os.environ.items() if k not in ("TAMARI_CONF", "LD_PRELOAD")}
    env.update(LD_PRELOAD=LIBRARY, TAMARI_TEST_OWNER="libtamari.so", **more)
    if conf is not None:
        env["TAMARI_CONF"] = conf
    done = subprocess.run(
        [program], env=env, cwd=cwd, capture_output=True, text=True, timeout=20, check=False)
    return done.returncode, done.stdout, done.stderr.splitlines()


class Settings(unittest.TestCase):
    def expect_complaints(self, conf, *wanted):
        """The program runs; there is one line per bad entry, and it has all the wanted words."""
        status, output, lines = probe(conf)
        self.assertEqual((status, output), (0, "in main\n"), lines)
        self.assertEqual(len(lines), len(wanted), lines)
        for line, words in zip(lines, wanted):
            self.assertTrue(line.startswith("tamari: "), line)
            for word in words:
                self.assertIn(word, line)

    def test_silent_without_settings(self):
        self.expect_complaints(None)

    def test_silent_with_good_settings(self):
        self.expect_complaints("stash_drain_limit=64")
        self.expect_complaints("remote_policy=owner_stash,stash_drain_limit=128,stash_limit=1000")

    def test_empty_setting(self):
        self.expect_complaints("")

    def test_misspelt_key(self):
        self.expect_complaints(
            "stash_drain_limt=64", ("stash_drain_limt", "stash_drain_limit"))

    def test_key_of_nothing(self):
        self.expect_complaints("=5", ("tamari:",))
        self.expect_complaints("stash_drain_limit", ("stash_drain_limit",))

    def test_out_of_range(self):
        for value in ("0", "99999999999"):
            self.expect_complaints(
                f"stash_drain_limit={value}", ("stash_drain_limit", value, "1 to 65536"))

    def test_malformed(self):
        for value in ("many", "6x4", "-1", "0x40", "1.5", "18446744073709551617"):
            self.expect_complaints(
                f"stash_drain_limit={value}", ("stash_drain_limit", value, "1 to 65536"))

    def test_bad_choice(self):
        self.expect_complaints(
            "remote_policy=fastest",
            ("remote_policy", "fastest", "direct", "owner_stash", "hybrid"))

    def test_empty_value(self):
        self.expect_complaints("stash_drain_limit=", ("stash_drain_limit", "1 to 65536"))

    def test_quotes_are_part_of_the_value(self):
        self.expect_complaints('stash_drain_limit="64"', ("stash_drain_limit", '"64"'))

    def test_two_separators(self):
        self.expect_complaints("stash_drain_limit=64,,remote_policy=direct,")
        self.expect_complaints(",,stash_drain_limit=64")

    def test_other_variables_are_nobodys(self):
        for name in ("TAMARI_CONFIG", "TAMARI_CON", "tamari_conf", "TAMARI_OPTIONS",
                     "LIBTAMARI_CONF", "MALLOC_CONF", "MALLOC_OPTIONS", "GLIBC_TUNABLES"):
            for value in ("stash_drain_limit=64", "strict=1,nonsense=1", "", "x" * 5000):
                said = probe(None, **{name: value})
                self.assertEqual(said, (0, "in main\n", []), name)

    def test_a_key_with_the_variables_name(self):
        self.expect_complaints("TAMARI_CONF=remote_policy=direct", ("TAMARI_CONF",))
        self.expect_complaints("tamari.remote_policy=direct", ("tamari.remote_policy",))

    def test_one_line_for_each_bad_entry(self):
        self.expect_complaints(
            "stash_bathc=3,stash_drain_limit=64,purge=never,remote_batch=0",
            ("stash_bathc",), ("purge", "never"), ("remote_batch",))

    def test_long_rubbish(self):
        status, output, lines = probe("x" * 100000 + "=1")
        self.assertEqual((status, output), (0, "in main\n"))
        self.assertEqual(len(lines), 1)

    def test_last_entry_wins(self):
        effective = exit_json("stash_drain_limit=64,stash_drain_limit=128")["effective"]
        self.assertEqual(value_of(effective["stash_drain_limit"]), 128)

    def test_other_variables_change_nothing(self):
        os.environ["TAMARI_CONFIG"] = "stash_drain_limit=64"
        self.addCleanup(os.environ.pop, "TAMARI_CONFIG")
        self.assertEqual(value_of(exit_json("")["effective"]["stash_drain_limit"]), 32)

    def test_bad_entry_leaves_the_default(self):
        default = exit_json("")["effective"]["stash_drain_limit"]
        self.assertEqual(
            value_of(exit_json("stash_drain_limit=0")["effective"]["stash_drain_limit"]),
            value_of(default))


class Strict(unittest.TestCase):
    def test_bad_setting_is_fatal_before_main(self):
        for conf in ("strict=1,stash_drain_limt=64", "stash_drain_limt=64,strict=1",
                     "strict=1,stash_drain_limit=0"):
            status, output, lines = probe(conf)
            self.assertEqual((status, output), (78, ""), lines)
            self.assertIn("stash_drain_lim", lines[0])

    def test_good_settings_run(self):
        self.assertEqual(probe("strict=1,stash_drain_limit=64"), (0, "in main\n", []))


class Help(unittest.TestCase):
    def test_lists_every_setting_and_ends_before_main(self):
        status, output, lines = probe("help")
        self.assertEqual((status, lines), (0, []))
        self.assertNotIn("in main", output)
        for name in exit_json("")["effective"]:
            self.assertIn(name, output)

    def help_lines(self, program):
        """The line of each setting."""
        output = probe("help", program=program)[1]
        return {line.partition(":")[0]: line for line in output.splitlines() if ": default" in line}

    def test_each_line_has_default_range_unit_and_when(self):
        lines = self.help_lines(PROBE)
        self.assertEqual(set(lines), {row[0] for row in ROWS} | {"stats_at_exit"})
        for name, default, least, greatest, unit, when in ROWS:
            names = unit.split("|")
            shown = names[int(default)] if len(names) > 1 else default
            allowed = unit if len(names) > 1 else f"{least}..{greatest} {unit}"
            when = "live" if when == "Live" else "at start"
            self.assertEqual(lines[name], f"{name}: default {shown}  [{allowed}, takes effect {when}]")

    def test_what_is_in_force_stands_beside_another_default(self):
        lines = self.help_lines(WITH_SETTINGS)
        self.assertTrue(lines["decay_ms"].startswith(
            "decay_ms: default 1000, in force 200 (program)  [0..3600000 ms"), lines["decay_ms"])
        self.assertTrue(lines["remote_policy"].startswith(
            "remote_policy: default hybrid, in force direct (program)  ["), lines["remote_policy"])
        self.assertEqual([name for name in lines if "in force" in lines[name]],
                         ["remote_policy", "decay_ms"])


def value_of(setting):
    """A setting is printed bare or together with its origin."""
    return setting["value"] if isinstance(setting, dict) else setting


def exit_json(conf):
    """The JSON that a run under these settings leaves."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "stats.json")
        status, _, lines = probe(",".join(filter(None, (conf, f"stats_at_exit=json:{path}"))))
        if status != 0 or not os.path.exists(path):
            raise AssertionError(f"status {status}, no report: {lines}")
        with open(path, encoding="utf-8") as report:
            return json.load(report)


class ReportAtExit(unittest.TestCase):
    def test_json_to_path_with_pid(self):
        with tempfile.TemporaryDirectory() as folder:
            status, output, lines = probe(f"stats_at_exit=json:{folder}/a-%p-b.json")
            self.assertEqual((status, output, lines), (0, "in main\n", []))
            names = os.listdir(folder)
            self.assertEqual(len(names), 1, names)
            self.assertRegex(names[0], r"^a-[0-9]+-b\.json$")
            with open(os.path.join(folder, names[0]), encoding="utf-8") as report:
                self.assertIsInstance(json.load(report), dict)

    def test_json_has_the_promised_keys(self):
        report = exit_json("remote_policy=owner_stash,stash_drain_limit=64")
        for key in ("schema", "version", "effective", "counters"):
            self.assertIn(key, report)
        self.assertEqual(value_of(report["effective"]["stash_drain_limit"]), 64)
        self.assertEqual(value_of(report["effective"]["remote_policy"]), "owner_stash")
        self.assertGreater(len(report["counters"]), 5)
        for name, value in report["counters"].items():
            self.assertIsInstance(value, (int, float), name)
        self.assertGreater(sum(report["counters"].values()), 0)

    def test_json_to_stderr(self):
        status, output, lines = probe("stats_at_exit=json")
        self.assertEqual((status, output), (0, "in main\n"))
        self.assertIn("counters", json.loads("\n".join(lines)))

    def test_text_to_stderr(self):
        status, output, lines = probe("stats_at_exit=text")
        self.assertEqual((status, output), (0, "in main\n"))
        self.assertGreater(len(lines), 5)
        self.assertTrue(any(re.search(r"\bstash_drain_limit\b.*\b32\b", l) for l in lines), lines)

    def test_unwritable_path_is_one_line(self):
        status, output, lines = probe("stats_at_exit=json:/nowhere/at/all.json")
        self.assertEqual((status, output), (0, "in main\n"))
        self.assertEqual(len(lines), 1, lines)
        self.assertIn("/nowhere/at/all.json", lines[0])

    def test_unknown_format(self):
        status, output, lines = probe("stats_at_exit=xml:/tmp/x")
        self.assertEqual((status, output, len(lines)), (0, "in main\n", 1))
        self.assertIn("stats_at_exit", lines[0])


if __name__ == "__main__":
    unittest.main()
