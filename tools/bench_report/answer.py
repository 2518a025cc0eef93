"""One question's answer: medians of the repetitions, their ratio, and whether the goal is met."""

import dataclasses
import statistics

from . import NotMeasured
from .goals import Question
from .results import plain


@dataclasses.dataclass
class Side:
  """One value a repetition, in the question's unit."""
  label: str
  values: list

  @property
  def median(self):
    return statistics.median(self.values)

  def scaled(self, factor, label):
    return Side(label, [value * factor for value in self.values])


@dataclasses.dataclass
class Answer:
  question: Question
  reason: str = ""  # why there is no answer
  subject: Side = None
  against: Side = None  # of a ratio
  parts: list = dataclasses.field(default_factory=list)  # what `against` is the sum or the best of

  @property
  def value(self):
    return self.subject.median / self.against.median if self.against else self.subject.median

  @property
  def limit(self):
    """The goal in the unit of `subject`."""
    return self.question.limit * (self.against.median if self.against else 1)

  @property
  def verdict(self):
    if self.reason:
      return "not run"
    return "met" if self.question.met_by(self.value) else "MISSED"


def _sum(question, program, parts):
  """Repetition by repetition, so that the sum has a spread, too."""
  counts = {len(part.values) for part in parts}
  if len(counts) > 1:
    raise NotMeasured("numbers of repetitions differ: " + ", ".join(f"{p.label} {len(p.values)}" for p in parts))
  label = " + ".join(part.label for part in parts)
  total = Side(label, [sum(values) for values in zip(*(part.values for part in parts))])
  if question.times == 1 and not question.over_processors:
    return total
  factor, words = question.times, f"{question.times:g} × ({label})"
  if question.over_processors:
    factor, words = factor / program.processors(), f"{words} ÷ {program.processors()} processors"
  return total.scaled(factor, words)


def _answer(question, programs):
  program = programs.get(question.program)
  if program is None:
    raise NotMeasured(f"no results of {question.program}")

  def side(name):
    return Side(plain(name), program.values(name, question.counter, question.unit))

  answer = Answer(question, subject=side(question.benchmark))
  answer.parts = [side(name) for name in question.sum_of + question.best_of]
  if question.sum_of:
    answer.against = _sum(question, program, answer.parts)
  elif question.best_of:
    best = min if question.at_least is None else max
    answer.against = best(answer.parts, key=lambda part: part.median)
  if answer.against and answer.against.median <= 0:
    raise NotMeasured(f"{answer.against.label} is {answer.against.median:g}, and nothing can be divided by that")
  return answer


def answer(question, programs):
  try:
    return _answer(question, programs)
  except NotMeasured as error:
    return Answer(question, reason=str(error))
