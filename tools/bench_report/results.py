"""What benchmark programs measured, from Google Benchmark's JSON: one file a program, raw repetitions only."""

import dataclasses
import json
import math
import pathlib
import re

from . import BadInput, NotMeasured

NANOSECONDS = {"ns": 1, "us": 10**3, "ms": 10**6, "s": 10**9}

# The parts of a name that say how a benchmark was run and not what it is.
_HOW = re.compile(r"/(manual_time|real_time|process_time|(iterations|repeats|min_time|min_warmup_time):[^/]*)(?=/|$)")


def plain(name):
  return _HOW.sub("", name)


@dataclasses.dataclass
class Program:
  name: str
  path: pathlib.Path  # its file
  context: dict
  runs: dict  # plain name -> one dict a repetition, as Google Benchmark wrote it

  @property
  def processor_count(self):
    """Those that the program might use; of another program than ours the machine's. None: the file does not say."""
    for count in (self.context.get("processors"), self.context.get("num_cpus")):
      if re.fullmatch(r"[1-9][0-9]*", str(count)):
        return int(count)
    return None

  def processors(self):
    if self.processor_count is None:
      raise NotMeasured(f"{self.path.name} does not say how many processors there were")
    return self.processor_count

  def values(self, name, counter, unit):
    """One value a repetition: of `counter`, or with None of the time, in `unit`."""
    runs = self.runs.get(plain(name))
    if not runs:
      raise NotMeasured(f"{self.name} has no {plain(name)}")
    failed = [run for run in runs if run.get("error_occurred")]
    if failed:
      message = failed[0].get("error_message") or "no message"
      raise NotMeasured(f"{plain(name)}, {len(failed)} of {len(runs)} repetitions: {message}")
    return [_value(run, name, counter, unit) for run in runs]


def _value(run, name, counter, unit):
  key = counter or "real_time"
  value = run.get(key)
  if value is None:
    raise NotMeasured(f"{plain(name)} has no {key}")
  if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
    raise NotMeasured(f"{plain(name)}: {key} is {value}, not a number")
  return value if counter else value * NANOSECONDS[run["time_unit"]] / NANOSECONDS[unit]


def _read(path):
  try:
    document = json.loads(path.read_bytes())
  except OSError as error:
    raise BadInput(f"{path}: {error.strerror}") from error
  except ValueError as error:
    raise BadInput(f"{path}: not JSON: {error}") from error
  benchmarks = document.get("benchmarks") if isinstance(document, dict) else None
  if not isinstance(benchmarks, list):
    raise BadInput(f"{path}: not a file of Google Benchmark: it has no list `benchmarks`")
  context = document.get("context")
  program = Program(path.stem, path, context if isinstance(context, dict) else {}, {})
  # A file may be renamed; the program says its own name.
  executable = program.context.get("executable")
  if isinstance(executable, str) and executable:
    program.name = pathlib.PurePath(executable).name
  for run in benchmarks:
    if not isinstance(run, dict) or not isinstance(run.get("name"), str):
      raise BadInput(f"{path}: an entry of `benchmarks` has no name")
    if run.get("run_type") != "iteration":
      continue
    if run.get("time_unit") not in NANOSECONDS:
      raise BadInput(f"{path}: {run['name']}: unknown time_unit {run.get('time_unit')!r}; known: {', '.join(NANOSECONDS)}")
    program.runs.setdefault(plain(run["name"]), []).append(run)
  return program


def read(paths):
  """Name -> Program."""
  programs = {}
  for path in paths:
    program = _read(pathlib.Path(path))
    if program.name in programs:
      raise BadInput(f"{path}: results of {program.name}, as {programs[program.name].path} has them, too")
    programs[program.name] = program
  return programs
