"""Questions to benchmarks, answered: results and goals go in, a Markdown report and charts come out."""


class BadInput(Exception):
  """A file that cannot be used. The message is one line that names it and says what is wrong."""


class NotMeasured(Exception):
  """A question has no answer. The message says why."""
