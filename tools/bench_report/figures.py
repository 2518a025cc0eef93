"""Numbers as a report prints them: three significant digits, thousands apart; more where a goal needs them."""

import math


def _digits(value, significant):
  """Digits behind the point; negative: zeros before it."""
  return significant - 1 - math.floor(math.log10(abs(value))) if value else 0


def figure(value, significant=3):
  digits = _digits(value, significant)
  return f"{round(value, digits):,.{max(0, digits)}f}"


def exactly(value):
  return f"{value:,.0f}" if value == int(value) else f"{value:g}"


def goal(question):
  words = "at most" if question.at_least is None else "at least"
  unit = "" if question.is_ratio else f" {question.unit}"
  return f"{words} {exactly(question.limit)}{unit}"


def result(answer):
  """The value that the goal is about, with as many digits as it takes to meet the goal or miss it as the value does."""
  value, met_by = answer.value, answer.question.met_by
  significant = next(count for count in range(3, 18)  # 17 tell every number from its neighbours
                     if met_by(round(value, _digits(value, count))) == met_by(value))
  return figure(value, significant) + ("" if answer.against else f" {answer.question.unit}")


def spread(side):
  return f"{figure(min(side.values))} to {figure(max(side.values))}"
