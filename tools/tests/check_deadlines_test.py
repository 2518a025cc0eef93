#!/usr/bin/env python3
"""The library makes every deadline with DeadlineIn (lifecycle/src/base/deadline.h), never with a sum."""

import pathlib
import re
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
# A sum with the present time. It overflows for milliseconds::max(), which people write for "never".
SUM = re.compile(r"\bnow\(\)\s*\+(?!\+)|\+\s*[\w:]*Clock::now\(\)|gpr_time_add")
# The two functions that saturate.
DOORS = {"base/deadline.h", "connect/grpc_deadline.h"}


def sums(text):
  """The lines of C++ `text` with such a sum outside of a comment."""
  code = re.sub(r"//[^\n]*", "", text)
  return [code[:found.start()].count("\n") + 1 for found in SUM.finditer(code)]


class CheckDeadlinesTest(unittest.TestCase):
  def test_a_sum_with_the_present_time_is_found(self):
    self.assertEqual(sums("int a;\nauto b = Clock::now() + limit;\n"), [2])
    self.assertEqual(sums("auto b = std::chrono::steady_clock::now() +\n  limit;"), [1])
    self.assertEqual(sums("auto b = limit + Clock::now();"), [1])
    self.assertEqual(sums("auto b = Clock::now() - begin;  // not now() + limit"), [])

  def test_the_library_has_none(self):
    source = ROOT / "lifecycle" / "src"
    files = [path for path in source.rglob("*") if path.suffix in (".h", ".cc")]
    self.assertGreater(len(files), 50)
    found = [f"{path}:{line}: use DeadlineIn" for path in files
             if path.relative_to(source).as_posix() not in DOORS for line in sums(path.read_text())]
    self.assertEqual(found, [])


if __name__ == "__main__":
  unittest.main()
