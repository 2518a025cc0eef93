#!/usr/bin/env python3
"""tools/bench-report judges what benchmarks measured: small inputs, with answers worked out by hand."""

import json
import pathlib
import signal
import subprocess
import sys
import tempfile
import tomllib
import unittest
import xml.etree.ElementTree

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
TOOL = ROOT / "tools" / "bench-report"

HEAD = '[[question]]\nid = "q"\nasks = "A & B < C?"\nprogram = "p"\nbenchmark = "Ours"\nunit = "ms"\n'
RATIO = HEAD + 'sum_of = ["Floor", "Tls"]\nat_most = 1.25\n'
BEST = HEAD + 'best_of = ["Slow", "Fast"]\nat_most = 1\n'
COUNTER = HEAD.replace('"ms"', '"calls/s"') + 'counter = "rate"\nat_least = 1_000\n'


def repetitions(name, *times, unit="ms", **more):
  return [{"name": name, "run_type": "iteration", "repetition_index": number, "real_time": time, "time_unit": unit, **more}
          for number, time in enumerate(times)]


def aggregate(name, time):
  return [{"name": name + "_median", "run_name": name, "run_type": "aggregate", "real_time": time, "time_unit": "ms"}]


def error(name, message):
  return repetitions(name, 0.0, error_occurred=True, error_message=message)


# Medians 6, 4 and 1; sums by repetition 4.5, 5, 6.5; so 6 / 5.
OURS = repetitions("Ours/manual_time", 9, 5, 6)
FLOORS = repetitions("Floor", 3.5, 4, 5) + repetitions("Tls/iterations:1/manual_time", 1, 1, 1.5)


class BenchReport(unittest.TestCase):

  def setUp(self):
    scratch = tempfile.TemporaryDirectory()
    self.addCleanup(scratch.cleanup)
    self.directory = pathlib.Path(scratch.name)

  def write(self, name, content):
    (self.directory / name).write_text(content, encoding="utf-8")
    return self.directory / name

  def run_tool(self, goals, *files):
    return subprocess.run([sys.executable, "-B", TOOL, *files, "--goals", self.write("goals.toml", goals)],
                          capture_output=True, text=True, check=False)

  def judge(self, goals, runs, cpus=2, **context):
    document = {"context": {"executable": "./bin/p", "num_cpus": cpus, **context}, "benchmarks": runs}
    return self.run_tool(goals, self.write("file.json", json.dumps(document)))

  def row(self, question="q"):
    """The cells of a question's row in the report: question, measured, against, result, goal, verdict."""
    lines = (self.directory / "report.md").read_text(encoding="utf-8").splitlines()
    row = next(line for line in lines if line.startswith("|") and f"**{question}**" in line)
    return [cell.strip() for cell in row.split(" | ")][1:5] + [row.rsplit(" | ", 1)[1].rstrip(" |")]

  def refuses(self, tool, *words):
    self.assertEqual(tool.returncode, 2, tool.stdout + tool.stderr)
    self.assertEqual(tool.stderr.count("\n"), 1, tool.stderr)
    for word in words:
      self.assertIn(word, tool.stderr)
    self.assertFalse((self.directory / "report.md").exists())


class Answers(BenchReport):

  def test_a_ratio_of_medians_of_repetitions_meets_its_goal(self):
    tool = self.judge(RATIO, OURS + FLOORS)
    self.assertEqual(tool.returncode, 0, tool.stdout + tool.stderr)
    self.assertEqual(self.row(), ["6.00 ms (5.00 to 9.00)", "5.00 ms (4.50 to 6.50)", "1.20", "at most 1.25", "met"])

  def test_aggregates_are_not_measurements(self):
    self.judge(RATIO, OURS + aggregate("Ours", 100) + FLOORS + aggregate("Floor", 1))
    self.assertEqual(self.row()[2], "1.20")

  def test_the_median_of_an_even_number_is_between_the_two_in_the_middle(self):
    self.judge(HEAD + "at_most = 7", repetitions("Ours", 1, 100, 6, 7))
    self.assertEqual(self.row()[2:], ["6.50 ms", "at most 7 ms", "met"])

  def test_a_missed_goal_makes_the_status_1(self):
    tool = self.judge(RATIO.replace("1.25", "1.19"), OURS + FLOORS)
    self.assertEqual((tool.returncode, self.row()[4]), (1, "MISSED"))

  def test_a_goal_is_met_at_its_limit(self):
    self.assertEqual(self.judge(HEAD + "at_most = 6", OURS).returncode, 0)
    self.assertEqual(self.judge(HEAD + "at_least = 6", OURS).returncode, 0)

  def test_units_of_time_are_converted(self):
    # 6 ms over (4 + 1) ms, each side written in another unit.
    self.judge(RATIO, repetitions("Ours", 6e6, unit="ns") + repetitions("Floor", 4000, unit="us") +
               repetitions("Tls", 0.001, unit="s"))
    self.assertEqual(self.row()[2], "1.20")

  def test_a_sum_is_multiplied_and_shared_by_the_processors(self):
    # 5 ms, 64 times, by 4 processors: 80 ms; 100 / 80.
    tool = self.judge(RATIO + "times = 64\nover_processors = true", repetitions("Ours", 100, 100, 100) + FLOORS, cpus=4)
    self.assertEqual((tool.returncode, self.row()[1:3]), (0, ["80.0 ms (72.0 to 104)", "1.25"]))

  def test_processors_that_the_program_may_not_use_do_not_count(self):
    # As above, but by 4 of 64 processors. A program's own word of its context is a string.
    self.judge(RATIO + "times = 64\nover_processors = true", repetitions("Ours", 100, 100, 100) + FLOORS, cpus=64,
               processors="4")
    self.assertEqual(self.row()[1:3], ["80.0 ms (72.0 to 104)", "1.25"])
    self.assertIn("| p |  | 4 |", (self.directory / "report.md").read_text(encoding="utf-8"))

  def test_a_result_is_on_the_same_side_of_its_goal_as_its_verdict(self):
    for goal, measured, result in [("at_most = 1.25", 1.2549, "1.255 ms"), ("at_most = 1.25", 1.25, "1.25 ms"),
                                   ("at_most = 1.2555", 1.2551, "1.255 ms"), ("at_least = 0.9", 0.8996, "0.8996 ms"),
                                   ("at_least = 0.9", 0.9004, "0.900 ms"), ("at_most = 0", 0, "0 ms"),
                                   ("at_most = -3.82", -3.8151, "-3.815 ms")]:
      with self.subTest(measured):
        self.judge(HEAD + goal, repetitions("Ours", measured))
        self.assertEqual(self.row()[2], result)

  def test_the_best_peer_is_the_one_with_the_lowest_median(self):
    # Slow has the lowest single repetition, and a median of 8; Fast has 5; so 6 / 5.
    tool = self.judge(BEST, OURS + repetitions("Slow", 1, 8, 9) + repetitions("Fast", 5, 6, 5))
    self.assertEqual(tool.returncode, 1)
    self.assertEqual(self.row()[1:3], ["Fast: 5.00 ms (5.00 to 6.00)", "1.20"])

  def test_a_counter_must_reach_at_least_its_limit(self):
    tool = self.judge(COUNTER, repetitions("Ours", 1, rate=999.0) + repetitions("Ours", 1, rate=12345.0) +
                      repetitions("Ours", 1, rate=2000.0))
    self.assertEqual((tool.returncode, self.row()[2:4]), (0, ["2,000 calls/s", "at least 1,000 calls/s"]))


class WithoutAnAnswer(BenchReport):

  def unanswered(self, tool, *words):
    self.assertEqual(tool.returncode, 1, tool.stdout + tool.stderr)
    verdict = self.row()[4]
    self.assertTrue(verdict.startswith("not run: "), verdict)
    for word in words:
      self.assertIn(word, verdict)
      self.assertIn(word, tool.stdout)
    self.assertFalse((self.directory / "q.svg").exists())

  def test_an_error_is_told_with_its_message(self):
    self.unanswered(self.judge(RATIO, OURS + FLOORS + error("Tls", "connect: refused")), "Tls", "1 of 4", "connect: refused")

  def test_a_message_cannot_break_the_table(self):
    self.judge(RATIO, error("Ours", "a | b\nc"))
    self.assertIn("a \\| b c", (self.directory / "report.md").read_text(encoding="utf-8"))

  def test_a_missing_benchmark_is_named(self):
    self.unanswered(self.judge(RATIO, OURS), "p has no Floor")

  def test_a_missing_program_is_named(self):
    self.unanswered(self.judge(RATIO.replace('"p"', '"other"'), OURS), "no results of other")

  def test_a_missing_counter_is_named(self):
    self.unanswered(self.judge(COUNTER, OURS), "Ours has no rate")

  def test_what_is_not_a_number_is_not_judged(self):
    self.unanswered(self.judge(HEAD + "at_most = 9", repetitions("Ours", float("nan"))), "real_time is nan")

  def test_nothing_is_divided_by_0(self):
    self.unanswered(self.judge(BEST, OURS + repetitions("Fast", 0) + repetitions("Slow", 1)), "Fast is 0")

  def test_a_sum_needs_as_many_repetitions_of_each(self):
    self.unanswered(self.judge(RATIO, OURS + FLOORS + repetitions("Tls", 1)), "Floor 3, Tls 4")

  def test_the_chart_of_an_earlier_run_goes(self):
    self.judge(RATIO, OURS + FLOORS)
    self.unanswered(self.judge(RATIO, OURS))

  def test_the_others_are_answered(self):
    tool = self.judge(RATIO + HEAD.replace('"q"', '"r"') + "at_most = 6\n", OURS)
    self.assertEqual((tool.returncode, self.row("r")[4]), (1, "met"))
    self.assertIn("1 met, 0 MISSED, 1 not run", tool.stdout)


class Readers(BenchReport):

  def test_one_that_leaves_gets_no_traceback(self):
    goals, results = self.write("goals.toml", RATIO), self.write("a.json", '{"benchmarks": []}')
    tool = subprocess.Popen([sys.executable, "-B", TOOL, results, "--goals", goals], stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, text=True)
    tool.stdout.close()
    self.assertEqual(tool.stderr.read(), "")
    self.assertEqual(tool.wait(), -signal.SIGPIPE)
    tool.stderr.close()
    self.assertTrue((self.directory / "report.md").exists())


class BadInput(BenchReport):

  def test_results_that_are_not_json(self):
    self.refuses(self.run_tool(RATIO, self.write("bad.json", '{"context": {')), "bad.json", "not JSON")

  def test_results_that_are_not_there(self):
    self.refuses(self.run_tool(RATIO, self.directory / "none.json"), "none.json", "No such file")

  def test_json_that_has_no_benchmarks(self):
    for content in ("{}", "[]", '{"benchmarks": {}}', '{"benchmarks": [1]}'):
      self.refuses(self.run_tool(RATIO, self.write("bad.json", content)), "bad.json", "benchmarks")

  def test_an_unknown_unit_of_time(self):
    self.refuses(self.judge(RATIO, repetitions("Ours", 1, unit="weeks")), "file.json", "Ours", "weeks")

  def test_two_files_of_one_program(self):
    document = json.dumps({"context": {"executable": "p"}, "benchmarks": OURS})
    self.refuses(self.run_tool(RATIO, self.write("a.json", document), self.write("b.json", document)), "a.json", "b.json")

  def test_goals_that_are_not_there(self):
    tool = subprocess.run([sys.executable, "-B", TOOL, self.write("a.json", '{"benchmarks": []}'),
                           "--goals", self.directory / "none.toml"], capture_output=True, text=True, check=False)
    self.refuses(tool, "none.toml", "No such file")

  def test_goals_that_say_something_else(self):
    for goals, word in [("x = [", "not TOML"), ("", "no [[question]]"), ("[goal]\n", "unknown field `goal`"),
                        (RATIO + "limit = 3", "unknown field `limit`"), (RATIO + "at_least = 1", "at_most"),
                        (HEAD, "at_most"), (RATIO.replace("1.25", '"low"'), "must be a number"),
                        (RATIO.replace("1.25", "nan"), "must be a number"),
                        (RATIO.replace('"ms"', '"weeks"'), "unknown unit of time `weeks`"),
                        (RATIO + 'best_of = ["X"]', "exclude"), (BEST + "times = 2", "need `sum_of`"),
                        (RATIO.replace('"q"', '"../q"'), "`id` must be"), (RATIO + RATIO, "the id is taken"),
                        (RATIO.replace('benchmark = "Ours"\n', ""), "`benchmark` is missing")]:
      with self.subTest(word):
        self.refuses(self.judge(goals, OURS + FLOORS), "goals.toml", word)


class Charts(BenchReport):

  def test_a_chart_is_xml_with_a_dot_for_each_repetition(self):
    self.judge(RATIO, OURS + FLOORS)
    root = xml.etree.ElementTree.parse(self.directory / "q.svg").getroot()
    self.assertEqual(root.tag, "{http://www.w3.org/2000/svg}svg")
    # Three of ours, of each floor and of their sum.
    self.assertEqual(len(root.findall("{*}circle")), 12)
    words = [text.text for text in root.findall("{*}text")]
    self.assertIn("A & B < C?", words)
    self.assertIn("goal: at most 1.25 × 5.00 = 6.25 ms", words)

  def test_a_chart_can_be_drawn_of_any_numbers(self):
    for times in ((0, 0), (-1, -2), (1e-9, 1e9), (3, 3)):
      tool = self.judge(HEAD + "at_most = 0", repetitions("Ours", *times))
      self.assertEqual(tool.stderr, "")
      xml.etree.ElementTree.parse(self.directory / "q.svg")


class OurGoals(BenchReport):

  def test_every_question_is_about_a_program_that_is_run(self):
    listed = tomllib.loads((ROOT / "bench" / "programs.toml").read_text(encoding="utf-8"))
    asked = tomllib.loads((ROOT / "bench" / "goals.toml").read_text(encoding="utf-8"))["question"]
    self.assertEqual({question["program"] for question in asked} - set(listed), set())

  def test_every_question_is_about_a_benchmark_that_is_run(self):
    listed = tomllib.loads((ROOT / "bench" / "programs.toml").read_text(encoding="utf-8"))
    for question in tomllib.loads((ROOT / "bench" / "goals.toml").read_text(encoding="utf-8"))["question"]:
      # A filter sees how a benchmark was run, too.
      for name in (question["benchmark"], *question.get("sum_of", ()), *question.get("best_of", ())):
        self.assertRegex(f"{name}\n{name}/manual_time", f"(?m){listed[question['program']].get('filter', '.')}")

  def test_they_can_be_read(self):
    tool = self.judge((ROOT / "bench" / "goals.toml").read_text(encoding="utf-8"), [])
    self.assertEqual((tool.returncode, tool.stderr), (1, ""))
    self.assertIn("0 met, 0 MISSED", tool.stdout)
    self.assertIn("not run", tool.stdout)


if __name__ == "__main__":
  unittest.main()
