#!/usr/bin/env python3
"""Who may include whom: reads the rules in CONTRIBUTING.md and every #include "..." of the tree.

usage: tools/check_includes.py [ROOT]

Prints each line that breaks a rule, and exits with 1 when there is one.
"""

import pathlib
import re
import sys

# Public headers and generated code are included by another path than they have in the tree.
PUBLIC = {"zlayer/sidecar/": "lifecycle/include", "zlayer/fakes/": "fakes/include", "zlayer/proto/": "proto"}


def block(text, heading):
  """The indented lines that follow `heading`, split into words."""
  lines = text[text.index(heading):].splitlines()[1:]
  rules = [line.split() for line in lines[:next(i for i, l in enumerate(lines) if l.startswith("#"))]
           if line.startswith("    ")]
  if not rules:
    sys.exit(f"CONTRIBUTING.md: no rule under '{heading}'")
  return {words[0]: words[1:] for words in rules}


def part_of(path, parts):
  """The part of the tree that `path` is in: the longest that matches."""
  return max((part for part in parts if f"{path}/".startswith(part + "/")), key=len, default=None)


def room_of(path, tree, rooms):
  """The room of `path` in `tree`: its first folder, or the file itself where that is a room."""
  first = path[len(tree) + 1:].split("/")[0]
  name = re.sub(r"\.(cc|h)$", "", first)
  return name if name in rooms else None


def why_not(path, include, trees, rooms):
  """What forbids that `path` includes `include`; empty when nothing does."""
  target = next((base + "/" + include for prefix, base in PUBLIC.items() if include.startswith(prefix)), include)
  source, goal = part_of(path, trees), part_of(target, trees)
  if source is None:
    return "no rule for this folder"
  if goal != source and goal is not None and goal not in trees[source]:
    return f"{source} may include {', '.join(trees[source])}"
  for tree, order in rooms.items():
    if part_of(path, [tree]) and part_of(target, [tree]):
      here, there = room_of(path, tree, order), room_of(target, tree, order)
      if here is None or there is None:
        return f"{path if here is None else target} is in no room of {tree}"
      if order.index(there) < order.index(here):
        return f"{there} is above {here} in {tree}"
  return ""


def main(root):
  text = (root / "CONTRIBUTING.md").read_text()
  trees = block(text, "### Trees")
  rooms = block(text, "### Rooms")
  broken = seen = 0
  for part in sorted({tree.split("/")[0] for tree in trees}):
    for file in sorted(root.glob(f"{part}/**/*")):
      if file.suffix not in (".cc", ".h"):
        continue
      path = file.relative_to(root).as_posix()
      for number, line in enumerate(file.read_text().splitlines(), 1):
        match = re.match(r'#include "([^"]+)"', line)
        if not match:
          continue
        seen += 1
        reason = why_not(path, match[1], trees, rooms)
        if reason:
          broken += 1
          print(f"{path}:{number}: includes {match[1]}: {reason}")
  if seen < 100:
    sys.exit(f"only {seen} includes under {root}: this is not the tree")
  print(f"{seen} includes, {broken} against the rules")
  return 1 if broken else 0


if __name__ == "__main__":
  sys.exit(main(pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else __file__ + "/../..").resolve()))
