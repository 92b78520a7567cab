"""Tables by name, some of which are computed only when they are first asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, MutableMapping
from functools import cache, partial

import pandas as pd

from planner.errors import LimitReachedError

Tables = Mapping[str, pd.DataFrame]
Later = Mapping[str, Callable[[], pd.DataFrame]]
Waiting = Callable[[Tables], Later]  # what is made only when it is asked for, given the tables that are made at once
PRICED = ("limits", "choke_points", "price_sides")  # tables with shadow prices


class LazyTables(MutableMapping[str, pd.DataFrame]):
    """Tables by name, some of which are computed only when they are first asked for."""

    def __init__(
        self, tables: Mapping[str, pd.DataFrame | Callable[[], pd.DataFrame]], unpriced: Tables | None = None
    ) -> None:
        """Take tables by name, or functions without arguments that compute them.

        Args:
            tables: all of them.
            unpriced: tables of the same names whose shadow prices are empty, for `unpriced`.
        """
        self._tables = dict(tables)
        self._unpriced = unpriced or {}

    def __getitem__(self, name: str) -> pd.DataFrame:
        """The table of a name, computed now if it was not before."""
        table = self._tables[name]
        if not isinstance(table, pd.DataFrame):
            table = self._tables[name] = table()
        return table

    def __setitem__(self, name: str, table: pd.DataFrame) -> None:
        """Set or replace the table of a name."""
        self._tables[name] = table

    def __delitem__(self, name: str) -> None:
        """Remove the table of a name."""
        del self._tables[name]

    def __contains__(self, name: object) -> bool:
        """Whether there is a table of that name, without computing it."""
        return name in self._tables

    def __iter__(self) -> Iterator[str]:
        """The names of all tables, computed or not."""
        return iter(self._tables)

    def __len__(self) -> int:
        """The number of tables, computed or not."""
        return len(self._tables)

    def made(self) -> set[str]:
        """The names of the tables that are computed."""
        return {name for name, table in self._tables.items() if isinstance(table, pd.DataFrame)}

    def unpriced(self, name: str) -> pd.DataFrame:
        """The table of a name for callers that do not need its shadow prices: they may be empty, as they take long."""
        known = isinstance(self._tables[name], pd.DataFrame) or name not in self._unpriced
        return self[name] if known else self._unpriced[name]

    def __reduce__(self) -> tuple[type[dict[str, pd.DataFrame]], tuple[dict[str, pd.DataFrame]]]:
        """Pickle as a plain dictionary with all tables computed, because functions cannot go to another process."""
        return dict, (dict(self),)


def with_table(tables: Tables, name: str, table: pd.DataFrame) -> LazyTables:
    """The tables with another one of a name; those that are not computed yet stay so."""
    return LazyTables({**{other: partial(tables.__getitem__, other) for other in tables}, name: table})


def unpriced(tables: Tables, name: str) -> pd.DataFrame:
    """The table of a name where its shadow prices do not matter, as `LazyTables.unpriced`."""
    return tables.unpriced(name) if isinstance(tables, LazyTables) else tables[name]


def priced_later(anew: Callable[[], Tables], without: Callable[[], Tables]) -> Later:
    """Functions that make the tables with shadow prices when one of them is first asked for.

    Args:
        anew: makes all tables of the plan again, priced.
        without: the tables with empty prices, for where the time limit leaves no time to make them.
    """

    @cache
    def priced() -> Tables:
        try:
            return anew()
        except LimitReachedError:
            return without()

    def table(name: str) -> pd.DataFrame:
        return priced()[name]

    return {name: partial(table, name) for name in PRICED}
