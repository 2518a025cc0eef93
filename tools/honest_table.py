#!/usr/bin/env python3
"""The table of what the honest fake does: fakes/HONEST.md, made from fakes/honest/*.toml.

usage: tools/honest_table.py [ROOT] > fakes/HONEST.md

A statement says one thing that the deployed daemon does. It names the tests that see the fake do it, or says how the
fake differs:

    [[statement]]
    part = "Signals"                       # the heading from here on; without one, the file's name
    says = "SIGHUP ends the daemon by signal."
    seen = ["SignalsTest.HangupKills", "scenario teardown/cooperative"]

    [[statement]]
    says = "GOAWAY is followed by a second one."
    limit = "the fake sends one"

A test is a GoogleTest "Suite.Name", a method "Class.test_name" of a Python test, or a scenario of the catalogue.
Prints what is wrong on stderr and exits with 1 when a statement is malformed or a test is missing; prints no table then.
"""

import pathlib
import re
import sys
import tomllib

HEAD = """# What the honest fake does

For people who rely on the fake instead of the deployed daemon. Each row is something that the deployed daemon was seen to do. The
tests behind it see the fake do the same. Where the fake differs, the row says how. What no row names may differ, too.

Made by `tools/honest_table.py` from the files of [honest/](honest): change those, not this file.
"""

GTEST = re.compile(r"^(?:TYPED_)?TEST(?:_F|_P)?\(\s*(\w+)\s*,\s*(\w+)\s*\)", re.MULTILINE)
PYTHON = re.compile(r"^class (\w+)\(|^  def (test_\w+)\(", re.MULTILINE)
KEYS = {"part", "says", "seen", "limit"}


def tests_of(root):
  """The name of each test in the tree, and the file that has it."""
  found = {}
  for file in sorted(root.glob("*/**/*.cc")):
    for suite, name in GTEST.findall(file.read_text()):
      found[f"{suite}.{name}"] = file
  for file in sorted(root.glob("*/**/*_test.py")):
    owner = ""
    for declared, method in PYTHON.findall(file.read_text()):
      owner = declared or owner
      if method:
        found[f"{owner}.{method}"] = file
  catalog = root / "scenarios" / "catalog"
  for file in sorted(catalog.glob("*/*.txtpb")):
    found[f"scenario {file.relative_to(catalog).with_suffix('').as_posix()}"] = file
  return found


def mistake(statement, tests):
  """What is wrong with the statement; empty when nothing is."""
  unknown = sorted(set(statement) - KEYS)
  if unknown:
    return f"unknown key '{unknown[0]}'; valid: {', '.join(sorted(KEYS))}"
  if not isinstance(statement.get("says"), str) or not statement["says"].endswith("."):
    return "'says' must be a sentence"
  if ("seen" in statement) == ("limit" in statement):
    return "must have either 'seen' or 'limit'"
  if "limit" in statement:
    return "" if isinstance(statement["limit"], str) and statement["limit"] else "'limit' must be words"
  if not isinstance(statement["seen"], list) or not statement["seen"]:
    return "'seen' must name at least one test"
  return next((f"there is no test '{name}'" for name in statement["seen"] if name not in tests), "")


def cell(text):
  return " ".join(text.split()).replace("|", "\\|")


def row(statement, tests, root):
  if "limit" in statement:
    return f"| {cell(statement['says'])} | **differs:** {cell(statement['limit'])} |"
  links = [f"[{name}](../{tests[name].relative_to(root).as_posix()})" for name in statement["seen"]]
  return f"| {cell(statement['says'])} | {', '.join(links)} |"


def statements(file):
  """The statements of the file. Raises ValueError when it has none."""
  content = tomllib.loads(file.read_text())
  if set(content) != {"statement"}:
    raise ValueError("must have [[statement]] and nothing else")
  return content["statement"]


def section(file, tests, root):
  """The tables of one file. Raises ValueError at its first mistake."""
  text = part = ""
  for number, statement in enumerate(statements(file), 1):
    why = mistake(statement, tests)
    if why:
      raise ValueError(f"statement {number} ({statement.get('says', '')}): {why}")
    heading = statement.get("part", part or file.stem.capitalize())
    if heading != part:
      part = heading
      text += f"\n## {part}\n\n| the deployed daemon | the fake |\n|---|---|\n"
    text += row(statement, tests, root) + "\n"
  return text


def table(root):
  """The text of HONEST.md, and the mistakes: one a file."""
  tests = tests_of(root)
  text, mistakes = HEAD, []
  for file in sorted((root / "fakes" / "honest").glob("*.toml")):
    try:
      text += section(file, tests, root)
    except ValueError as error:
      mistakes.append(f"{file.relative_to(root).as_posix()}: {error}")
  return text, mistakes


def main(root):
  text, mistakes = table(root)
  for line in mistakes:
    print(line, file=sys.stderr)
  if not mistakes:
    print(text, end="")
  return 1 if mistakes else 0


if __name__ == "__main__":
  sys.exit(main(pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else __file__ + "/../..").resolve()))
