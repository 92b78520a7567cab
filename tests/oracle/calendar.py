"""Periods: labels, windows, and the length of a period in years."""

import datetime as dt

A_YEAR = {"year": 1, "quarter": 4, "month": 12, "week": 365.2425 / 7}


class Calendar:
    """The planned periods: `labels` in order, `years` the length of one (1 for plain labels)."""

    def __init__(self, periods):
        if isinstance(periods, str):
            first, last = periods.split("..")
            length = _length(first)
            self.labels = _from(first, length, None, last)
        elif isinstance(periods, dict):
            length = periods["length"]
            self.labels = _from(str(periods["first"]), length, int(periods["count"]), None)
        else:
            length, self.labels = "year", [str(label) for label in periods]
        self.years = 1.0 / A_YEAR[length]
        self.count = len(self.labels)

    def window(self, text):
        """Positions of the periods of a label, a window or `*` (also nothing)."""
        if text is None or str(text).strip() in {"", "*"}:
            return list(range(self.count))
        first, dots, last = (part.strip() for part in str(text).partition(".."))
        if not dots:
            return [self.labels.index(first)]
        start = self.labels.index(first) if first else 0
        return list(range(start, self.labels.index(last) + 1 if last else self.count))


def _length(label):
    if "W" in label:
        return "week"
    return "quarter" if "Q" in label else "month" if "-" in label else "year"


def _from(first, length, count, last):
    labels, label = [first], first
    while (count is not None and len(labels) < count) or (last is not None and label != last):
        label = _next(label, length)
        labels.append(label)
    return labels


def _next(label, length):
    if length == "year":
        return f"{int(label) + 1:04d}"
    year, part = int(label[:4]), int(label[-1] if length == "quarter" else label[-2:])
    if length == "week":
        monday = dt.date.fromisocalendar(year, part, 1) + dt.timedelta(days=7)
        return "{}-W{:02d}".format(*monday.isocalendar()[:2])
    year, part = (year + 1, 1) if part == A_YEAR[length] else (year, part + 1)
    return f"{year:04d}Q{part}" if length == "quarter" else f"{year:04d}-{part:02d}"
