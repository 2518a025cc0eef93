#!/usr/bin/env python3
"""tools/bench gives every program its turn and says which one failed: scripts stand in for the programs."""

import pathlib
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent

WRITE = """#!/bin/sh
echo "$@"
for word; do case $word in --benchmark_out=*) out=${word#*=} ;; esac; done
echo '%s' >"$out"
%s
"""
RESULTS = """{"benchmarks": [
  {"name": "CooperativeShutdown", "run_type": "iteration", "real_time": 1, "time_unit": "ms"},
  {"name": "FloorTermToReaped", "run_type": "iteration", "real_time": 1, "time_unit": "ms"}]}"""


class Bench(unittest.TestCase):

  def setUp(self):
    scratch = tempfile.TemporaryDirectory()
    self.addCleanup(scratch.cleanup)
    self.bin = pathlib.Path(scratch.name) / "bin"
    self.bin.mkdir()
    self.out = self.bin.parent / "bench"

  def program(self, name, results, end):
    (self.bin / name).write_text(WRITE % (results, end), encoding="utf-8")
    (self.bin / name).chmod(0o755)

  def bench(self, *words):
    return subprocess.run([sys.executable, "-B", ROOT / "tools" / "bench", "--bin", self.bin, *words],
                          capture_output=True, text=True, check=False)

  def test_programs_that_fail_do_not_stop_the_rest(self):
    self.program("bench_start", '{"cut', "kill -KILL $$")
    self.program("bench_warm", '{"benchmarks": []}', "exit 1")
    self.program("bench_teardown", RESULTS, "")
    tool = self.bench("bench_start", "bench_warm", "bench_scale", "bench_teardown")
    self.assertEqual(tool.returncode, 1, tool.stderr)
    self.assertEqual(tool.stdout.count("FAILED"), 3, tool.stdout)
    for words in ("ended by signal 9 and no results", "exit status 1; see", "bench_scale: No such file"):
      self.assertIn(words, tool.stdout)
    self.assertIn("1 met, 0 MISSED", tool.stdout)
    self.assertTrue((self.out / "teardown.svg").exists())

  def test_a_program_that_fails_leaves_no_results_of_an_earlier_run(self):
    self.program("bench_teardown", RESULTS, "")
    self.bench("bench_teardown")
    self.program("bench_teardown", '{"cut', "exit 1")
    self.bench("bench_teardown")
    self.assertFalse((self.out / "bench_teardown.json").exists())

  def test_quick_repeats_less(self):
    self.program("bench_teardown", RESULTS, "")
    logs = []
    for words in ([], ["--quick"]):
      self.bench("bench_teardown", *words)
      logs.append((self.out / "bench_teardown.log").read_text(encoding="utf-8"))
    self.assertIn("--benchmark_repetitions=7 ", logs[0])
    self.assertIn("--benchmark_repetitions=3 ", logs[1])
    for log in logs:
      self.assertIn("--benchmark_enable_random_interleaving=true", log)

  def test_a_name_that_no_program_has_is_refused(self):
    tool = self.bench("bench_nothing")
    self.assertEqual(tool.returncode, 2)
    self.assertIn("bench_nothing: no such program", tool.stderr)
    self.assertFalse(self.out.exists())


if __name__ == "__main__":
  unittest.main()
