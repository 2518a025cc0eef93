#!/usr/bin/env python3
"""tools/bootstrap installs what is missing and takes nothing away: stubs stand in for dpkg, apt, CMake and tools/bench."""

import os
import pathlib
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent

# Says "installed" of those packages that are files in installed/.
DPKG_QUERY = """#!/bin/sh
for word; do [ -e "$STUBS/installed/$word" ] && echo "installed $word"; done
true
"""
APT_GET = '#!/bin/sh\necho "$@" >>"$STUBS/apt-get.log"\n'
SUDO = '#!/bin/sh\nshift\nexec "$@"\n'  # without -n
NOTHING = "#!/bin/sh\n"


class Bootstrap(unittest.TestCase):

  def setUp(self):
    scratch = tempfile.TemporaryDirectory()
    self.addCleanup(scratch.cleanup)
    self.directory = pathlib.Path(scratch.name)
    self.stubs = self.directory / "stubs"
    (self.stubs / "installed").mkdir(parents=True)
    for name, script in (("dpkg-query", DPKG_QUERY), ("apt-get", APT_GET), ("sudo", SUDO), ("cmake", NOTHING)):
      self.program(self.stubs / name, script)
    text = (ROOT / "tools" / "bootstrap").read_text(encoding="utf-8")
    # Whatever system runs this test.
    text = text.replace("\ncd ", "\nis_debian_12() { true; }\ncd ", 1)
    (self.directory / "tools").mkdir()
    self.program(self.directory / "tools" / "bootstrap", text)
    self.program(self.directory / "tools" / "bench", NOTHING)

  def program(self, file, script):
    file.write_text(script, encoding="utf-8")
    file.chmod(0o755)

  def bench(self, *installed):
    """What `tools/bootstrap bench` says, and the words of its `apt-get install`."""
    for package in installed:
      (self.stubs / "installed" / package).touch()
    tool = subprocess.run([self.directory / "tools" / "bootstrap", "bench"], capture_output=True, text=True, check=False,
                          env={**os.environ, "PATH": f"{self.stubs}:{os.environ['PATH']}", "STUBS": str(self.stubs)})
    self.assertEqual((tool.returncode, tool.stderr), (0, ""))
    calls = (self.stubs / "apt-get.log").read_text(encoding="utf-8").splitlines()
    return tool.stdout, next(call.split() for call in calls if " install " in call)

  def test_nothing_is_removed_for_what_is_installed(self):
    said, words = self.bench("cmake")
    self.assertIn("--no-remove", words)
    self.assertIn("libboost1.81-dev", words)
    self.assertNotIn("cmake", words)
    self.assertNotIn("without", said)

  def test_another_boost_stays_and_its_peer_is_left_out(self):
    said, words = self.bench("libboost1.74-dev")
    self.assertNotIn("libboost1.81-dev", words)
    self.assertIn("libuv1-dev", words)
    self.assertIn("==> packages: without libboost1.81-dev", said)


if __name__ == "__main__":
  unittest.main()
