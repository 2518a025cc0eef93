"""A question's chart as SVG: a row for each benchmark, a dot for each repetition, the goal as a line."""

import math
import textwrap
from xml.sax.saxutils import escape

from .figures import exactly, figure, goal, result, spread

_WIDTH, _MARGIN, _LINE, _ROW = 820, 24, 18, 46

_STYLE = """
text { font: 13px system-ui, sans-serif; fill: #1f2328; paint-order: stroke; stroke: #ffffff; stroke-width: 4px }
.title { font-size: 15px; font-weight: 600 }
.ground { fill: #ffffff } .grid { stroke: #d8dee4 } .faint { fill: #59636e }
.subject { fill: #0969da; stroke: #0969da } .other { fill: #6e7781; stroke: #6e7781 }
circle { fill-opacity: .45; stroke: none } .range { stroke-width: 1.5 } .median { stroke-width: 3 }
.goal { stroke: #cf222e; stroke-width: 1.5; stroke-dasharray: 5 4 } .goal-text { fill: #cf222e }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3; stroke: #0d1117 } .ground { fill: #0d1117 } .grid { stroke: #30363d } .faint { fill: #9198a1 }
  .subject { fill: #4493f8; stroke: #4493f8 } .other { fill: #9198a1; stroke: #9198a1 }
  .goal { stroke: #ff7b72 } .goal-text { fill: #ff7b72 }
}
"""


def _ticks(low, high):
  """Round numbers from below `low` to above `high`, at most seven steps apart."""
  if low == high:
    high = low + 1
  power = 10 ** math.floor(math.log10((high - low) / 6))
  step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= (high - low) / 6)
  return [step * number for number in range(math.floor(low / step), math.ceil(high / step) + 1)]


def _text(x, y, words, kind="", anchor="start"):
  return f'<text x="{x:.1f}" y="{y}" class="{kind}" text-anchor="{anchor}">{escape(words)}</text>'


def _line(x1, y1, x2, y2, kind):
  return f'<line x1="{x1:.1f}" y1="{y1}" x2="{x2:.1f}" y2="{y2}" class="{kind}"/>'


def _row(side, kind, y, unit, at):
  """A line of words, and below it the dots."""
  middle, low, high, median = y + 30, min(side.values), max(side.values), at(side.median)
  shapes = [_text(_MARGIN, y + 14, f"{side.label}: {figure(side.median)} {unit} ({spread(side)})"),
            _line(at(low), middle, at(high), middle, f"{kind} range")]
  shapes += [f'<circle cx="{at(value):.1f}" cy="{middle}" r="5" class="{kind}"/>' for value in side.values]
  return shapes + [_line(median, middle - 9, median, middle + 9, f"{kind} median")]


def _rows(answer):
  rows = [(answer.subject, "subject")]
  rows += [(part, "other") for part in answer.parts]
  if answer.against and all(answer.against.label != part.label for part in answer.parts):
    rows.append((answer.against, "other"))
  return rows


def _goal(answer, top, bottom, at):
  words = goal(answer.question)
  if answer.against:
    words += f" × {figure(answer.against.median)} = {figure(answer.limit)} {answer.question.unit}"
  x = at(answer.limit)
  left = x > _WIDTH / 2
  return [_line(x, top - 14, x, bottom, "goal"),
          _text(x - 6 if left else x + 6, top - 4, f"goal: {words}", "goal-text", "end" if left else "start")]


def svg(answer):
  rows, unit = _rows(answer), answer.question.unit
  seen = [value for side, _ in rows for value in side.values] + [answer.limit, 0]
  ticks = _ticks(min(seen), max(seen))

  def at(value):
    return _MARGIN + (value - ticks[0]) / (ticks[-1] - ticks[0]) * (_WIDTH - 2 * _MARGIN)

  title = textwrap.wrap(answer.question.asks, 88)
  top = 2 * _LINE + _LINE * (len(title) + 1)
  bottom = top + _ROW * len(rows) + 6
  height = bottom + 2 * _LINE + 8
  shapes = [f'<rect width="{_WIDTH}" height="{height}" class="ground"/>']
  shapes += [_text(_MARGIN, 26 + _LINE * number, words, "title") for number, words in enumerate(title)]
  shapes.append(_text(_MARGIN, 28 + _LINE * len(title), f"{answer.verdict}: {result(answer)}", "faint"))
  for tick in ticks:
    anchor = {ticks[0]: "start", ticks[-1]: "end"}.get(tick, "middle")
    shapes += [_line(at(tick), top, at(tick), bottom, "grid"),
               _text(at(tick), bottom + 16, exactly(round(tick, 9)), "faint", anchor)]
  shapes.append(_text(_WIDTH - _MARGIN, bottom + 34, unit, "faint", "end"))
  shapes += _goal(answer, top, bottom, at)
  for number, (side, kind) in enumerate(rows):
    shapes += _row(side, kind, top + _ROW * number, unit, at)
  return "\n".join([
    f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" height="{height}" role="img">',
    f"<title>{escape(answer.question.asks)}</title>", f"<style>{_STYLE}</style>", *shapes, "</svg>"]) + "\n"
