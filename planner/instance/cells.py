"""From cells to records: the rules of each field, applied once to each distinct text.

In a long table most cells repeat (ids, periods, prices), so the value of each text is kept after its first validation.
A row in which any cell is refused is validated once more as a whole by its record, which says what is wrong.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from planner.errors import Problems
from planner.instance.fields import USERS_OWN
from planner.instance.records import Record

FIELD, UNKNOWN = "field", "unknown name"  # kinds of problems of a row
DOUBTFUL = re.compile(r"\s*[+-]?[1-9][0-9]{0,2}\.[0-9]{3}\s*")  # 2.000, but not 0.125 or 2.5
COORDINATES = frozenset({"latitude", "longitude"})  # columns whose figures have a point and are never in thousands
KEPT, LONGEST_KEPT = 20_000, 64  # texts of a column whose values are kept; and rows whose ids are, if they are lost
KEPT_SETS = 500  # different sets of filled columns
NAMES = ("site", "item", "customer", "component", "option", "region", "stage", "operator", "cluster")
PlacedRow = tuple[str, int, Mapping[str, Any]]
Explain = Callable[[type[Record], Mapping[str, Any], str, int], Record | None]


@dataclass
class UnreadRows:
    """The rows of a table that could not be read, and the ids in them, so that these are not reported as unknown.

    Attributes:
        count: number of rows.
        ids: the texts of their cells by column; under "" where the column of a cell is not known.
    """

    count: int = 0
    ids: dict[str, set[str]] = field(default_factory=dict)

    def add(self, cells: Mapping[str, Any]) -> None:
        """Add a row with its cells by column."""
        self.count += 1
        if self.known:
            for name in NAMES:
                text = cells.get(name)
                if isinstance(text, str):
                    self.ids.setdefault(name, set()).add(text[:100])

    def add_torn(self, cells: Iterable[str]) -> None:
        """Add a row that has more or fewer cells than the header."""
        self.count += 1
        if self.known:
            self.ids.setdefault("", set()).update(cell for cell in cells if len(cell) <= 100)

    @property
    def known(self) -> bool:
        """Whether the ids of every lost row are kept (only so many are)."""
        return self.count <= KEPT

    def named(self, column: str) -> set[str]:
        """The ids that lost rows may name in a column."""
        return self.ids.get(column, set()) | self.ids.get("", set())


class _Column:
    """The validation of a field, with the values of the texts that it has seen.

    Attributes:
        first: file, row and text of the first cell, if it and every one after it is doubtful; else None.
    """

    def __init__(self, name: str, details: FieldInfo) -> None:
        self.name = name
        annotation: Any = details.annotation
        rules: Hashable = Annotated[annotation, *details.metadata] if details.metadata else annotation
        self.read = _rules(rules)
        self.values: dict[str, Any] = {}
        self.first: tuple[str, int, str] | None = None
        self.asked = False

    def value(self, text: Any, file: str, number: int) -> Any:
        """The value of a text; `_REFUSED` where validation fails."""
        if not self.asked or self.first is not None:
            doubtful = isinstance(text, str) and DOUBTFUL.fullmatch(text) is not None
            self.first = (self.first or (file, number, text)) if doubtful else None
            self.asked = True
        try:
            value = self.read(text)
        except ValidationError:
            value = _REFUSED
        if type(text) is str and len(text) <= LONGEST_KEPT and len(self.values) < KEPT:
            self.values[text] = value
        return value


_REFUSED = object()
_PLAIN = {int, float, bool, str}  # exact types; values of a subclass are validated with the whole row


def labels_of(record: type[BaseModel]) -> dict[str, FieldInfo]:
    """The fields of a record by the name that files use, in their order."""
    return {details.alias or name: details for name, details in record.model_fields.items()}


class RowReader:
    """Reads the rows of one table into records.

    Attributes:
        found: the records, with the places from which they come.
        lost: rows that cannot be read.
    """

    def __init__(
        self, record: type[Record], problems: Problems, explain: Explain, lost: UnreadRows, absent: Collection[str] = ()
    ) -> None:
        """A reader for a table.

        Args:
            record: the class of the rows.
            problems: counts the problems of a kind of which enough are listed.
            explain: reads a row as a whole, and says what is wrong with it; the record where nothing is.
            lost: takes the rows that cannot be read.
            absent: columns that no row has, which has been said.
        """
        self.record, self.problems, self.explain, self.lost, self.absent = record, problems, explain, lost, absent
        self.found: list[tuple[str, int, Record]] = []
        self._labels = {details.alias or name: name for name, details in record.model_fields.items()}
        self._columns = {label: _Column(name, record.model_fields[name]) for label, name in self._labels.items()}

    def read(self, rows: Iterable[PlacedRow], most: int) -> None:
        """Read rows: file, row number, and cells by column; a cell that is None, empty or blank takes the default.

        Of more than `most` records one more is read, and no further ones.
        """
        record, labels = self.record, self._labels
        columns = self._columns | {column.name: column for column in self._columns.values()}  # as Python may name them
        needed = {name: label for label, name in labels.items() if record.model_fields[name].is_required()}
        defaults = {name: details.default for name, details in record.model_fields.items()}
        whole = bool(record.__pydantic_decorators__.model_validators)  # a rule over several fields
        sets: dict[tuple[str, ...], set[str]] = {}
        found = self.found
        for file, number, cells in rows:
            values: dict[str, Any] = defaults.copy()
            filled: list[str] = []
            faults: list[tuple[str, str]] = []
            plain = not whole
            for label, text in cells.items():
                kind = type(text)
                if text is None or (kind is str and (not text or text.isspace())):
                    continue
                column = columns.get(label)
                if column is None:
                    if str(label)[:1] != USERS_OWN:
                        faults.append((UNKNOWN, str(label)))
                    continue
                value = column.values.get(text, column) if kind is str else column
                if value is column:
                    if kind not in _PLAIN:
                        plain = False
                        break
                    value = column.value(text, file, number)
                if value is _REFUSED:
                    faults.append((FIELD, label))
                values[column.name] = value
                filled.append(column.name)
            key = tuple(filled)
            given = sets.get(key)
            if given is None:
                given = set(filled)
                if len(sets) < KEPT_SETS:
                    sets[key] = given
            plain = plain and len(given) == len(key)
            if plain and not faults and given.issuperset(needed):
                found.append((file, number, _made(record, values, given)))
            else:
                faults += [(FIELD, each) for name, each in needed.items() if not (name in given or each in self.absent)]
                self._explained(file, number, cells, faults if plain else None)
            if len(found) > most:
                return

    def _explained(
        self, file: str, number: int, cells: Mapping[str, Any], faults: list[tuple[str, str]] | None
    ) -> None:
        """Validate a row as a whole to name its faults, unless these are known and only have to be counted."""
        row = None
        if faults is None or (faults and not self.problems.counted(file, faults)):
            row = self.explain(self.record, cells, file, number)
        if row is None:
            self.lost.add(cells)
        else:
            self.found.append((file, number, row))

    def doubtful(self) -> Iterator[tuple[str, int, str, str, int]]:
        """Columns of figures that are all doubtful (as 2.000): file, row and text of the first, and their number."""
        for label, column in self._columns.items():
            if column.first is not None:
                file, number, text = column.first
                count = sum(column.name in row.model_fields_set for _, _, row in self.found)
                yield file, number, label, text.strip(), max(count, 1)


def _made(record: type[Record], values: dict[str, Any], filled: set[str]) -> Record:
    """A record of validated values, without validating them again; the set `filled` is shared, not copied."""
    row = record.__new__(record)
    row.__setstate__(
        {
            "__dict__": values,
            "__pydantic_fields_set__": filled,
            "__pydantic_extra__": None,
            "__pydantic_private__": None,
        }
    )
    return row


@functools.cache
def _rules(annotation: Any) -> Callable[[Any], Any]:
    """The validation function of pydantic for a type."""
    return TypeAdapter(annotation).validator.validate_python
