"""check_includes.py finds includes that run upwards or across, and accepts this tree."""

import pathlib
import subprocess
import sys
import tempfile
import unittest

TOOLS = pathlib.Path(__file__).resolve().parent.parent
ROOT = TOOLS.parent


def check(root):
  return subprocess.run([sys.executable, TOOLS / "check_includes.py", root], capture_output=True, text=True, check=False)


class CheckIncludesTest(unittest.TestCase):

  def tree(self, path, include):
    """A tree with the rules of this one, one include to look at, and enough others to count as a tree."""
    root = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
    (root / "CONTRIBUTING.md").write_text((ROOT / "CONTRIBUTING.md").read_text())
    allowed = '#include "lifecycle/src/base/deadline.h"\n'
    for place, text in (("lifecycle/src/use/build.cc", allowed * 100), (path, f'#include "{include}"\n')):
      (root / place).parent.mkdir(parents=True, exist_ok=True)
      (root / place).write_text(text)
    return root

  def test_this_tree_keeps_the_rules(self):
    result = check(ROOT)
    self.assertEqual(result.returncode, 0, result.stdout + result.stderr)

  def test_an_upward_include_fails_and_is_named(self):
    result = check(self.tree("lifecycle/src/base/deadline.h", "lifecycle/src/spawn/launch.h"))
    self.assertEqual(result.returncode, 1)
    self.assertIn("lifecycle/src/base/deadline.h:1: includes lifecycle/src/spawn/launch.h: spawn is above base",
                  result.stdout)

  def test_an_include_across_trees_fails(self):
    result = check(self.tree("lifecycle/src/spawn/launch.cc", "fakes/src/base/log.h"))
    self.assertEqual(result.returncode, 1)
    self.assertIn("lifecycle/src may include", result.stdout)

  def test_a_public_header_counts_as_its_tree(self):
    result = check(self.tree("fakes/src/daemon/launch.cc", "zlayer/sidecar/config.h"))
    self.assertEqual(result.returncode, 1)

  def test_a_file_outside_every_room_fails(self):
    result = check(self.tree("fakes/src/loose.cc", "fakes/src/base/log.h"))
    self.assertEqual(result.returncode, 1)
    self.assertIn("in no room", result.stdout)

  def test_an_empty_tree_is_not_green(self):
    root = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
    (root / "CONTRIBUTING.md").write_text((ROOT / "CONTRIBUTING.md").read_text())
    self.assertNotEqual(check(root).returncode, 0)


if __name__ == "__main__":
  unittest.main()
