"""Rows of a bench: their statistics, whether they meet their goal, a table or JSON.

A row compares medians of ours and a peer's samples; a row that could not be measured is an error,
and a goal that was missed is printed as missed.
"""

import json
import math
import statistics


class NotMeasured(Exception):
    """Something that a row needs did not happen; the bench fails and says what."""


def median(values):
    if not values:
        raise NotMeasured("there is no sample")
    return statistics.median(values)


def percentile(values, share):
    """The value that this share of the values does not exceed (nearest rank)."""
    if not values:
        raise NotMeasured("there is no sample")
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


class Goal:
    """What a row is held to: at most (or at least) so much times the peer's value plus an offset.

    Goal(ratio=0.75) is `ours <= 0.75 x peer`, Goal(plus=8) `ours <= peer + 8`, Goal(value=100)
    `ours <= 100`; least=True turns the comparison round.
    """

    def __init__(self, ratio=None, plus=None, value=None, least=False):
        if sum(x is not None for x in (ratio, plus, value)) != 1:
            raise ValueError("a goal is a ratio, an offset or a value")
        self.ratio, self.plus, self.value, self.least = ratio, plus, value, least

    def met(self, ours, peer):
        if self.value is not None:
            bound = self.value
        elif peer is None:
            raise ValueError("this goal needs a peer")
        else:
            bound = self.ratio * peer if self.ratio is not None else peer + self.plus
        return ours >= bound if self.least else ours <= bound

    def __str__(self):
        sign = ">=" if self.least else "<="
        if self.value is not None:
            return f"{sign} {self.value:g}"
        return f"{sign} {self.ratio:g} x" if self.ratio is not None else f"{sign} peer {self.plus:+g}"


class Row:
    """One comparison. ours and theirs are the samples, one a run or one an event; theirs may be empty
    where there is no peer."""

    def __init__(self, name, unit, ours, peer="", theirs=(), goal=None, runs=None, digits=3):
        self.name, self.unit, self.peer, self.goal, self.digits = name, unit, peer, goal, digits
        self.samples = {"ours": list(ours), "peer": list(theirs)}
        if peer and not theirs:
            raise NotMeasured(f"{name}: {peer} gave no sample")
        if not ours:
            raise NotMeasured(f"{name}: there is no sample of ours")
        self.ours = median(self.samples["ours"])
        self.theirs = median(self.samples["peer"]) if theirs else None
        self.ratio = self.ours / self.theirs if self.theirs else None
        self.met = goal.met(self.ours, self.theirs) if goal else None
        self.runs = runs if runs is not None else len(self.samples["ours"])

    def spread(self):
        """Lowest and highest of our samples."""
        return min(self.samples["ours"]), max(self.samples["ours"])

    def as_object(self):
        def short(value):
            return None if value is None else round(value, self.digits + 2)
        return {"name": self.name, "unit": self.unit, "ours": short(self.ours), "peer": self.peer or None,
                "peer_value": short(self.theirs), "ratio": short(self.ratio),
                "goal": str(self.goal) if self.goal else None, "met": self.met, "runs": self.runs,
                "samples": {who: [short(v) for v in values] for who, values in self.samples.items()}}


def as_json(bench, rows):
    return json.dumps({"bench": bench, "rows": [row.as_object() for row in rows]})


COLUMNS = ("", "unit", "ours", "from", "to", "peer", "peer's", "ratio", "goal", "", "runs")
LEFT = {0, 1, 5, 8, 9}


def cells(row):
    def number(value, digits=row.digits):
        return "" if value is None else f"{value:.{digits}f}"
    low, high = row.spread()
    verdict = {True: "met", False: "MISSED", None: ""}[row.met]
    return (row.name, row.unit, number(row.ours), number(low), number(high), row.peer, number(row.theirs),
            number(row.ratio, 3), str(row.goal) if row.goal else "", verdict, str(row.runs))


def as_table(rows):
    lines = [COLUMNS, *map(cells, rows)]
    widths = [max(len(line[i]) for line in lines) for i in range(len(COLUMNS))]
    return "\n".join("  ".join(text.ljust(width) if i in LEFT else text.rjust(width)
                               for i, (text, width) in enumerate(zip(line, widths))).rstrip()
                     for line in lines)
