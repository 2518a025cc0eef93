#!/usr/bin/env python3
"""tools/bench gives every program its turn and says which one failed: scripts stand in for the programs."""

import os
import pathlib
import shutil
import signal
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
    for out, words in ((self.out, []), (self.bin.parent / "bench-quick", ["--quick"])):
      self.bench("bench_teardown", *words)
      logs.append((out / "bench_teardown.log").read_text(encoding="utf-8"))
    self.assertIn("--benchmark_repetitions=7 ", logs[0])
    self.assertIn("--benchmark_repetitions=3 ", logs[1])
    for log in logs:
      self.assertIn("--benchmark_enable_random_interleaving=true", log)

  def test_quick_leaves_the_results_of_a_real_run(self):
    self.program("bench_teardown", RESULTS, "")
    self.bench("bench_teardown")
    before = {file.name: file.read_bytes() for file in self.out.iterdir()}
    self.bench("bench_teardown", "--quick")
    self.assertEqual({file.name: file.read_bytes() for file in self.out.iterdir()}, before)

  def test_ctrl_c_leaves_no_cut_results(self):
    fifo = self.bin.parent / "begun"
    os.mkfifo(fifo)
    self.program("bench_teardown", '{"cut', f"echo begun >{fifo}; exec sleep 60")
    tool = subprocess.Popen([sys.executable, "-B", ROOT / "tools" / "bench", "--bin", self.bin, "bench_teardown"],
                            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    fifo.read_text(encoding="utf-8")
    tool.send_signal(signal.SIGINT)
    self.assertEqual(tool.communicate()[1], "")
    self.assertEqual(tool.returncode, 130)
    self.assertFalse((self.out / "bench_teardown.json").exists())

  def test_only_whole_files_of_programs_are_reported(self):
    self.program("bench_teardown", RESULTS, "")
    self.out.mkdir()
    for name in ("copy_of_bench_teardown.json", "bench_start.json"):
      (self.out / name).write_text('{"cut', encoding="utf-8")
    tool = self.bench("bench_teardown")
    self.assertEqual((tool.returncode, tool.stderr), (1, ""))
    self.assertIn("1 met, 0 MISSED", tool.stdout)

  def test_a_report_that_is_killed_is_a_failure(self):
    tools = self.bin.parent / "tools"
    tools.mkdir()
    shutil.copy(ROOT / "tools" / "bench", tools)
    self.out.mkdir()
    shutil.copy(ROOT / "bench" / "programs.toml", self.out)
    (tools / "bench-report").write_text("#!/bin/sh\nkill -KILL $$\n", encoding="utf-8")
    (tools / "bench-report").chmod(0o755)
    self.program("bench_teardown", RESULTS, "")
    tool = subprocess.run([sys.executable, "-B", tools / "bench", "--bin", self.bin, "bench_teardown"],
                          capture_output=True, text=True, check=False)
    self.assertEqual((tool.returncode, tool.stderr), (1, "bench: bench-report ended by signal 9\n"))

  def test_the_programs_may_be_in_the_working_directory(self):
    self.program("bench_teardown", RESULTS, "")
    tool = subprocess.run([sys.executable, "-B", ROOT / "tools" / "bench", "--bin", ".", "bench_teardown"], cwd=self.bin,
                          capture_output=True, text=True, check=False)
    self.assertIn("1 met, 0 MISSED", tool.stdout)
    self.assertTrue((self.out / "bench_teardown.json").exists())

  def test_a_name_that_no_program_has_is_refused(self):
    tool = self.bench("bench_nothing")
    self.assertEqual(tool.returncode, 2)
    self.assertIn("bench_nothing: no such program", tool.stderr)
    self.assertFalse(self.out.exists())


if __name__ == "__main__":
  unittest.main()
