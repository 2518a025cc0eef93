"""The report: a table of all questions, then the charts, then what was run."""

from .figures import figure, goal, result, spread

_END = """
Medians of the repetitions; in brackets the lowest and the highest. A ratio divides two medians of one run of one program.
"""


def _cell(text):
  return " ".join(str(text).split()).replace("|", "\\|")


def _row(*cells):
  return "| " + " | ".join(_cell(cell) for cell in cells) + " |"


def _side(side, unit):
  return f"{figure(side.median)} {unit} ({spread(side)})" if side else ""


def _question_row(answer):
  question = answer.question
  if answer.reason:
    return _row(f"**{question.id}**: {question.asks}", "", "", "", goal(question), f"not run: {answer.reason}")
  against = _side(answer.against, question.unit)
  if question.best_of:
    against = f"{answer.against.label}: {against}"
  return _row(f"[**{question.id}**](#{question.id}): {question.asks}", _side(answer.subject, question.unit), against,
              result(answer), goal(question), answer.verdict)


def _program_row(program):
  context = program.context
  load = context.get("load_avg")  # missing where the system does not tell
  repetitions = max((len(runs) for runs in program.runs.values()), default=0)
  load = load[0] if isinstance(load, list) and load else ""
  return _row(program.name, context.get("date", ""), program.processor_count or "", load, repetitions)


def summary(answers):
  verdicts = [answer.verdict for answer in answers]
  return ", ".join(f"{verdicts.count(verdict)} {verdict}" for verdict in ("met", "MISSED", "not run"))


def report(answers, programs):
  """Links charts as ID.svg, beside it."""
  lines = [f"# Benchmarks: {summary(answers)}", "",
           "| question | measured | against | result | goal | |", "|---|---|---|---|---|---|"]
  lines += [_question_row(answer) for answer in answers]
  lines.append(_END)
  for answer in answers:
    if not answer.reason:
      lines += [f"## {answer.question.id}", "", f"![{_cell(answer.question.asks)}]({answer.question.id}.svg)", ""]
  lines += ["## What was run", "", "| program | when | processors | load | repetitions |", "|---|---|---|---|---|"]
  lines += [_program_row(programs[name]) for name in sorted(programs)]
  return "\n".join(lines) + "\n"
