"""Runs tests of python's package `test` and prints what became of each, sorted; reports go to stderr.
Tests about time limits are left out: they fail where the machine is slow.
Usage: python_tests.py NAME..."""

import contextlib
import sys
import unittest


class Outcomes(unittest.TestResult):
    def __init__(self):
        super().__init__()
        self.outcomes = []

    def note(self, test, outcome):
        self.outcomes.append(f"{test.id()}: {outcome}")

    def addSuccess(self, test):
        self.note(test, "ok")

    def addSkip(self, test, reason):
        self.note(test, f"skipped, {reason}")

    def addExpectedFailure(self, test, error):
        self.note(test, "fails as expected")


def each_test(suite):
    for part in suite:
        if isinstance(part, unittest.TestSuite):
            yield from each_test(part)
        else:
            yield part


names = [f"test.{name}" for name in sys.argv[1:]]
loaded = each_test(unittest.defaultTestLoader.loadTestsFromNames(names))
result = Outcomes()
with contextlib.redirect_stdout(sys.stderr):
    unittest.TestSuite(test for test in loaded if "timeout" not in test.id()).run(result)
print(*sorted(result.outcomes), sep="\n")
for test, report in result.failures + result.errors:
    print(f"{test.id()}: {report}", file=sys.stderr)
if not result.wasSuccessful():
    sys.exit("python's own tests fail")
