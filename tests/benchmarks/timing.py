"""Medians of calls measured in turns, so that a busy machine slows all of them alike."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any


def medians(calls: Mapping[str, Callable[[], Any]], rounds: int = 31) -> dict[str, float]:
    """Median milliseconds of each call; two unmeasured rounds compile and warm up."""
    taken: dict[str, list[float]] = {name: [] for name in calls}
    for measured in [False, False, *[True] * rounds]:
        for name, call in calls.items():
            start = time.perf_counter()
            call()
            if measured:
                taken[name].append(1e3 * (time.perf_counter() - start))
    return {name: statistics.median(times) for name, times in taken.items()}


def print_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """A Markdown table whose columns also line up in a terminal; the first is text."""
    widths = [max(len(row[i]) for row in [header, *rows]) for i in range(len(header))]
    rule = ["-" * widths[0], *["-" * (width - 1) + ":" for width in widths[1:]]]
    for row in [header, rule, *rows]:
        first, *others = (row[i] for i in range(len(header)))
        cells = [first.ljust(widths[0])]
        cells += [cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True)]
        print("| " + " | ".join(cells) + " |", flush=True)
