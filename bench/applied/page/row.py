"""What the rows of the page share."""

from dataclasses import dataclass
from typing import Callable


@dataclass
class Summary:
    """A row of the last table; the verdict in words, and in short."""
    ours: str
    baseline: str
    published: str
    seeds: str
    verdict: str
    short: str


@dataclass
class Row:
    name: str
    title: str
    minutes: float
    example: str  # of examples/
    section: Callable  # (measured, folder of pictures) -> lines
    summary: Callable  # measured -> Summary
    draw: Callable = None  # (measured, folder of pictures): what only its picture keeps, of "drawn"

    def anchor(self):
        return "".join(c for c in self.title.lower().replace(" ", "-") if c.isalnum() or c == "-")


def mean(values):
    return sum(values) / len(values)


def spread(values):
    middle = mean(values)
    return (sum((v - middle) ** 2 for v in values) / max(1, len(values) - 1)) ** 0.5


def over(values, digits=3, times=1):
    """Mean and deviation; of one value or of equal ones the mean alone."""
    text = f"{times * mean(values):.{digits}f}"
    return text if spread(values) == 0 else f"{text} ± {times * spread(values):.{digits}f}"


def markdown_table(head, rows):
    lines = [head, ["---"] * len(head), *rows]
    return ["| " + " | ".join(str(cell) for cell in line) + " |" for line in lines]


def bold_best(texts, values, best=max):
    """The text of the best value in bold."""
    chosen = best(range(len(values)), key=lambda i: values[i])
    return [f"**{t}**" if i == chosen else t for i, t in enumerate(texts)]


def without_drawn(measured):
    """What is kept of a measurement: all but the numbers that are only drawn."""
    if not isinstance(measured, dict):
        return measured
    return {key: without_drawn(value) for key, value in measured.items() if key != "drawn"}
