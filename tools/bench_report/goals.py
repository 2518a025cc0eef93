"""The questions, from a TOML file; bench/goals.toml says what each field means."""

import dataclasses
import math
import pathlib
import re
import tomllib

from . import BadInput
from .results import NANOSECONDS


@dataclasses.dataclass(frozen=True)
class Question:
  id: str
  asks: str
  program: str
  benchmark: str
  unit: str
  counter: str = None
  sum_of: tuple = ()
  best_of: tuple = ()
  times: float = 1
  over_processors: bool = False
  at_most: float = None
  at_least: float = None

  @property
  def limit(self):
    return self.at_least if self.at_most is None else self.at_most

  @property
  def is_ratio(self):
    return bool(self.sum_of or self.best_of)

  def met_by(self, value):
    return value >= self.limit if self.at_most is None else value <= self.limit


_NUMBER = ("a number",
           lambda value: isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value))
_WORDS = ("words", lambda value: isinstance(value, str) and value)
_NAMES = ("a list of names", lambda value: isinstance(value, list) and value and all(isinstance(n, str) for n in value))
_KINDS = {
  # It names a file, too.
  "id": ("lower-case words with hyphens", lambda value: isinstance(value, str) and re.fullmatch(r"[a-z0-9-]+", value)),
  "asks": _WORDS, "program": _WORDS, "benchmark": _WORDS, "unit": _WORDS, "counter": _WORDS,
  "sum_of": _NAMES, "best_of": _NAMES,
  "times": _NUMBER, "at_most": _NUMBER, "at_least": _NUMBER,
  "over_processors": ("true or false", lambda value: isinstance(value, bool)),
}
_REQUIRED = ("id", "asks", "program", "benchmark", "unit")


def _question(table):
  """Raises ValueError that says what is wrong."""
  for field, value in table.items():
    if field not in _KINDS:
      raise ValueError(f"unknown field `{field}`")
    kind, holds = _KINDS[field]
    if not holds(value):
      raise ValueError(f"`{field}` must be {kind}")
  for field in _REQUIRED:
    if field not in table:
      raise ValueError(f"`{field}` is missing")
  if ("at_most" in table) == ("at_least" in table):
    raise ValueError("one of `at_most` and `at_least` must be there")
  if "sum_of" in table and "best_of" in table:
    raise ValueError("`sum_of` and `best_of` exclude each other")
  if ("times" in table or "over_processors" in table) and "sum_of" not in table:
    raise ValueError("`times` and `over_processors` need `sum_of`")
  if "counter" not in table and table["unit"] not in NANOSECONDS:
    raise ValueError(f"unknown unit of time `{table['unit']}`; known: {', '.join(NANOSECONDS)}")
  return Question(**{field: tuple(value) if isinstance(value, list) else value for field, value in table.items()})


def read(path):
  path = pathlib.Path(path)
  try:
    document = tomllib.loads(path.read_text(encoding="utf-8"))
  except OSError as error:
    raise BadInput(f"{path}: {error.strerror}") from error
  except ValueError as error:
    raise BadInput(f"{path}: not TOML: {error}") from error
  for field in document:
    if field != "question":
      raise BadInput(f"{path}: unknown field `{field}`; a question begins with [[question]]")
  tables = document.get("question")
  if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
    raise BadInput(f"{path}: no [[question]]")
  questions = {}
  for number, table in enumerate(tables, 1):
    where = f"{path}: question {number} ({table.get('id', 'without id')})"
    try:
      question = _question(table)
    except ValueError as error:
      raise BadInput(f"{where}: {error}") from error
    if question.id in questions:
      raise BadInput(f"{where}: the id is taken by another question")
    questions[question.id] = question
  return list(questions.values())
