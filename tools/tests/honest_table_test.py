#!/usr/bin/env python3
"""honest_table.py names what is wrong with a statement, and fakes/HONEST.md is its output for this tree."""

import pathlib
import subprocess
import sys
import tempfile
import unittest

TOOLS = pathlib.Path(__file__).resolve().parent.parent
ROOT = TOOLS.parent


def run(root):
  return subprocess.run([sys.executable, TOOLS / "honest_table.py", root], capture_output=True, text=True, check=False)


class HonestTableTest(unittest.TestCase):

  def tree(self, statements):
    """A tree with these statements, a test in each language and a scenario."""
    root = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
    files = {"fakes/honest/daemon.toml": statements,
             "fakes/tests/stop/stop_test.cc": "TEST(StopTest, Ends) {}\n// TEST(StopTest, Commented) {}\n",
             "tools/tests/up_test.py": "class UpTest(unittest.TestCase):\n\n  def test_up(self):\n    pass\n",
             "scenarios/catalog/teardown/twice.txtpb": ""}
    for place, text in files.items():
      (root / place).parent.mkdir(parents=True, exist_ok=True)
      (root / place).write_text(text)
    return root

  def refused(self, statements):
    result = run(self.tree(statements))
    self.assertEqual((result.returncode, result.stdout), (1, ""), result.stderr)
    return result.stderr

  def test_the_table_of_this_tree_is_up_to_date(self):
    result = run(ROOT)
    self.assertEqual(result.returncode, 0, result.stderr)
    self.assertEqual((ROOT / "fakes" / "HONEST.md").read_text(), result.stdout,
                     "stale: tools/honest_table.py > fakes/HONEST.md")

  def test_a_row_links_to_each_kind_of_test(self):
    result = run(self.tree('[[statement]]\npart = "Stop"\nsays = "It | ends."\n'
                           'seen = ["StopTest.Ends", "UpTest.test_up", "scenario teardown/twice"]\n'))
    self.assertEqual(result.returncode, 0, result.stderr)
    self.assertIn("\n## Stop\n", result.stdout)
    self.assertIn("| It \\| ends. | [StopTest.Ends](../fakes/tests/stop/stop_test.cc), "
                  "[UpTest.test_up](../tools/tests/up_test.py), "
                  "[scenario teardown/twice](../scenarios/catalog/teardown/twice.txtpb) |\n", result.stdout)

  def test_a_limit_is_a_row_of_its_own(self):
    result = run(self.tree('[[statement]]\nsays = "It ends."\nlimit = "the fake stays"\n'))
    self.assertIn("| It ends. | **differs:** the fake stays |\n", result.stdout)

  def test_a_part_is_a_table_and_goes_on_until_the_next(self):
    limit = 'says = "It ends."\nlimit = "x"\n'
    result = run(self.tree(f'[[statement]]\n{limit}[[statement]]\npart = "Stop"\n{limit}[[statement]]\n{limit}'))
    headings = [line for line in result.stdout.splitlines() if line.startswith("## ")]
    self.assertEqual(headings, ["## Daemon", "## Stop"])

  def test_a_test_that_is_missing_is_named(self):
    for name in ("StopTest.Commented", "UpTest.test_down", "scenario teardown/thrice"):
      said = self.refused(f'[[statement]]\nsays = "It ends."\nseen = ["StopTest.Ends", "{name}"]\n')
      self.assertEqual(said, f"fakes/honest/daemon.toml: statement 1 (It ends.): there is no test '{name}'\n")

  def test_a_malformed_statement_is_named(self):
    for keys, why in (('says = "no sentence"\nseen = ["StopTest.Ends"]', "'says' must be a sentence"),
                      ('says = "It ends."', "must have either 'seen' or 'limit'"),
                      ('says = "It ends."\nseen = ["StopTest.Ends"]\nlimit = "x"', "must have either"),
                      ('says = "It ends."\nseen = []', "'seen' must name at least one test"),
                      ('says = "It ends."\nlimt = "x"', "unknown key 'limt'; valid: limit, part, says, seen")):
      self.assertIn(why, self.refused(f"[[statement]]\n{keys}\n"))

  def test_a_file_that_is_no_toml_is_named(self):
    self.assertIn("fakes/honest/daemon.toml: ", self.refused("[[statement"))
    for text in ("", 'part = "Stop"\n[[statement]]\nsays = "It ends."\nlimit = "x"\n'):
      self.assertIn("must have [[statement]] and nothing else", self.refused(text))


if __name__ == "__main__":
  unittest.main()
