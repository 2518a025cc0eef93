"""Numbers as a report prints them: three significant digits, thousands apart."""

import math


def figure(value):
  if value == 0:
    return "0"
  digits = 2 - math.floor(math.log10(abs(value)))
  return f"{round(value, digits):,.{max(0, digits)}f}"


def exactly(value):
  return f"{value:,.0f}" if value == int(value) else f"{value:g}"


def goal(question):
  words = "at most" if question.at_least is None else "at least"
  unit = "" if question.is_ratio else f" {question.unit}"
  return f"{words} {exactly(question.limit)}{unit}"


def result(answer):
  """The value that the goal is about."""
  return figure(answer.value) + ("" if answer.against else f" {answer.question.unit}")


def spread(side):
  return f"{figure(min(side.values))} to {figure(max(side.values))}"
