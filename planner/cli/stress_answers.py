"""The answers of planner stress: which study is asked, and the tables that are shown."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from planner.cli.bar import progress
from planner.cli.show import console, figure, print_table
from planner.errors import LimitReachedError, PlannerError
from planner.text.cases import NO_POLICY, policy_called
from planner.text.figures import counted
from planner.text.json_values import records

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from planner.instance.instance import Instance
    from planner.instance.scenario import Scenario
    from planner.store.answers import Answer
    from planner.study.progress import Effort, Progress
    from planner.study.stress.undisturbed import Undisturbed

TWO = 2  # threads: the solver runs outside Python's lock


@dataclass(frozen=True)
class AnswerTable:
    """A table of an answer.

    Attributes:
        name: its name in JSON; empty for a table that JSON output does not have.
        title: its heading in text output.
        shown: the table as text output shows it; None where text output does not show it.
        whole: the table with all columns, for JSON.
    """

    name: str
    title: str
    shown: pd.DataFrame | None
    whole: pd.DataFrame


@dataclass
class StressAnswers:
    """The answers of `planner stress`, collected question by question.

    Attributes:
        instance: the undisturbed instance.
        bases: the undisturbed plan of each policy, or the error where there is none.
        deadline: the moment of time.perf_counter() at which all questions must be answered; None for no limit.
        tables: the answers so far.
        failures: why a run or a question has no answer, by its name.
        left_out: the names of what the deadline left unanswered.
    """

    instance: Instance
    bases: dict[str | None, Undisturbed | PlannerError]
    deadline: float | None = None
    tables: list[AnswerTable] = field(default_factory=list)
    failures: dict[str | None, str] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)

    def add(self, name: str, title: str, table: pd.DataFrame, shown: pd.DataFrame | None = None) -> None:
        """Add the table of an answer; `shown` is what text output shows of it, None for all of it."""
        self.tables.append(AnswerTable(name, title, table if shown is None else shown, table))

    def failed(self, name: str | None, base: Undisturbed | PlannerError) -> bool:
        """Whether a policy has no plan; its error is then noted among the failures."""
        from planner.study.stress.undisturbed import Undisturbed

        if isinstance(base, Undisturbed):
            return False
        self.failures[name] = str(base)
        if isinstance(base, LimitReachedError):
            self.left_out.append(policy_called(name))
        return True

    def ask(self, name: str | None, question: str, answer: Callable[[], None]) -> None:
        """Ask a question of a policy; where the deadline comes first, that is noted among the failures."""
        try:
            answer()
        except LimitReachedError as error:
            words = f"{policy_called(name)}, {question}"
            self.failures[words] = str(error)
            self.left_out.append(words)

    def plan(self, name: str | None) -> Undisturbed:
        """The undisturbed plan of a policy that has one."""
        from planner.study.stress.worth_of_resilience import undisturbed_of

        return undisturbed_of(self.bases[name], name)

    def strike(self, scenarios: list[Scenario], price: float | None) -> None:
        """Strike every policy by every scenario; then the figures that follow."""
        from planner.study.stress.stress import stress_of
        from planner.study.stress.undisturbed import Undisturbed

        with progress("striking") as advance:
            found = stress_of(self.bases, self.instance, scenarios, price, self.effort(advance))
        for words, failure in found.failures.items():
            self.failures[words] = failure.message
            self.left_out += [words] if failure.status == "limit" else []
        currency, table = self.instance.settings.currency, found.table
        shown = table.drop(
            columns=["undisturbed_cost", "waiting" if table["delay_weeks"].notna().any() else "delay_weeks"]
        )
        self.add(
            "stress",
            f"Struck without warning (all planned periods; loss and promises in {currency}, against undisturbed)",
            table,
            shown,
        )
        if len(found.lost):
            self.add("lost", "Units lost, by product (all planned periods)", found.lost, _wide(found.lost, "item"))
            by_customer = "Units lost, by customer (all planned periods)"
            self.tables.append(AnswerTable("", by_customer, _wide(found.lost, "customer"), found.lost))
        if len(found.promises):
            from planner.study.stress.tables import promises_in_words

            title = f"What gave way: units, and the price of promises ({currency})"
            self.add("promises", title, found.promises, promises_in_words(found.promises))
        if found.tariff is not None:
            title = f"Concentration tariff: expected loss a unit that touched it ({currency})"
            self.add("tariff", title, found.tariff)
        if found.premium is not None:
            first = next(name for name, base in self.bases.items() if isinstance(base, Undisturbed))
            title = f"What diversifying may cost and costs, a delivered unit, against {policy_called(first)}"
            shown = found.premium.assign(pays=found.premium["pays"].map({True: "yes", False: "no"}))
            self.add("premium", f"{title} ({currency})", found.premium, shown)

    def effort(self, advance: Progress) -> Effort:
        """The effort of a question: two threads, until the deadline of all."""
        from planner.study.progress import Effort

        return Effort(threads=TWO, progress=advance, deadline=self.deadline)

    def each(
        self, name: str | None, over: tuple[str, ...], start: int, periods: int, recovery: int, price: float | None
    ) -> None:
        """Strike each set of sites in turn."""
        from planner.study.outage.n_minus_one_without_warning import Outage, strike_each

        with progress(policy_called(name)) as advance:
            found = strike_each(self.plan(name), Outage(start, periods, recovery), over, price, self.effort(advance))
        back = f", recovery over {counted(recovery, 'period')}" if recovery else ""
        title = (
            f"{policy_called(name)}: each out without warning from {self.instance.periods.labels[start]} for "
            f"{counted(periods, 'period')}{back} (loss in {self.instance.settings.currency})"
        )
        none = ["waiting" if found.table["delay_weeks"].notna().any() else "delay_weeks", "start"]
        shown = found.table.drop(columns=[*none, "sites"])
        if (shown["status"] == "optimal").all():
            shown = shown.drop(columns="status")
        self.add("each", title, found.table.assign(policy=name), shown)
        self.tables.append(AnswerTable("each_by_order", "", None, found.by_order.assign(policy=name)))

    def survive(self, name: str | None, start: int | None, recover: float | None, scenarios: list[Scenario]) -> None:
        """Time to survive, beside time to recover where it is given."""
        from planner.study.stress.longest_outages import rows_within_horizon, without_a_limit
        from planner.study.stress.time_to_survive import survival_of

        with progress(policy_called(name)) as advance:
            found = survival_of(self.plan(name), start, recover, scenarios, effort=self.effort(advance))
        shown = found.worst.drop(columns=["sites", *(["weeks"] if found.worst["weeks"].isna().all() else [])])
        if shown["recover"].isna().all():
            shown = shown.drop(columns=["recover", "risk"])
        shown = shown.rename(columns={"periods": "survive", "start": "worst_start"})
        shown["at_least"] = shown["at_least"].map({True: "yes", False: "no"})
        title = f"{policy_called(name)}: time to survive, in periods, from the worst start"
        if (made_up := without_a_limit(found.worst)).any():
            under = "under " + found.worst["periods"].round().map("{:.0f}".format)
            shown["survive"] = under.where(made_up, shown["survive"].map(figure))
            title += "; under 1: no part of a period is noticed, for lines without a limit of capacity make up for it"
        if not rows_within_horizon(found.worst).any():
            title += "; the horizon ends before anything can be told"
        self.add("survive", title, found.table.assign(policy=name), shown)

    def leverage(self, name: str | None, price: float | None) -> None:
        """The cost of doing without each region and operator."""
        from planner.study.stress.worth_of_resilience import leverage

        with progress(policy_called(name)) as advance:
            table = leverage(self.plan(name), price=price, effort=self.effort(advance))
        title = f"{policy_called(name)}: leverage: cost without it, known in advance, less cost with it"
        self.add(
            "leverage",
            f"{title} ({self.instance.settings.currency})",
            table.assign(policy=name),
            table.drop(columns="sites"),
        )

    def decide_by(self, name: str | None) -> None:
        """The last periods in which something can be started to keep a promise."""
        from planner.study.stress.decide_by import decide_by

        with progress(policy_called(name)) as advance:
            table = decide_by(self.plan(name), self.effort(advance))
        told = "started by then, the limit is still kept"
        if table.empty:
            told = "what must have been started for a limit to be kept, each by itself (options and qualifications)"
        self.add("decide_by", f"{policy_called(name)}: {told}", table.assign(policy=name), table)

    def per_dollar(self, name: str | None, start: int | None, scenarios: list[Scenario], price: float | None) -> None:
        """What stock, an option or a second source buys."""
        from planner.study.stress.buffers_against_sources import survival_per_dollar
        from planner.study.stress.longest_outages import Outages

        with progress(policy_called(name)) as advance:
            outages = Outages(starts=None if start is None else [start])
            table = survival_per_dollar(self.plan(name), scenarios, outages, price=price, effort=self.effort(advance))
        begin = self.instance.periods.labels[self.instance.report_periods[0] if start is None else start]
        title = (
            f"{policy_called(name)}: what a measure buys (money in {self.instance.settings.currency}; survival in "
            f"periods, on average over all that can be out from {begin})"
        )
        self.add("per_dollar", title, table.assign(policy=name), table)

    def as_json(self) -> dict[str, Any]:
        """The object that --json prints: a list of rows for each table, and failures by run."""
        found: dict[str, Any] = {"schema_version": 1, "instance": self.instance.settings.name}
        for table in self.tables:
            if table.name:
                found.setdefault(table.name, []).extend(records(table.whole))
        found["failures"] = [{"run": name, "message": message} for name, message in self.failures.items()]
        return found

    def answer(self) -> Answer:
        """The tables and failures as the store keeps them."""
        from planner.store.answers import Answer

        tables: dict[str, pd.DataFrame] = {}
        for number, table in enumerate(self.tables):
            tables[f"{number}/whole"] = table.whole
            if table.shown is not None:
                tables[f"{number}/shown"] = table.shown
        names = [[table.name, table.title] for table in self.tables]
        return Answer({"tables": names, "failures": list(self.failures.items())}, tables)

    @classmethod
    def of_answer(cls, instance: Instance, answer: Answer) -> StressAnswers:
        """The answers from which `answer` was made."""
        tables = [
            AnswerTable(name, title, answer.tables.get(f"{number}/shown"), answer.tables[f"{number}/whole"])
            for number, (name, title) in enumerate(answer.record["tables"])
        ]
        return cls(instance, {}, tables=tables, failures=dict(answer.record["failures"]))

    def show(self) -> None:
        """Print the tables."""
        out = console()
        for table in self.tables:
            if table.shown is not None:
                print_table(_named(table.shown), table.title, limit=60)
                out.print()
        for name, message in self.failures.items():
            out.print(f"{policy_called(name)}: {message}", markup=False, soft_wrap=True)


_DIGITS = {"weeks": 1, "delay_weeks": 1, "survive": 2}
_A_UNIT = ("tariff", "premium", "break_even")  # money a unit


def _wide(lost: pd.DataFrame, by: str) -> pd.DataFrame:
    """Units lost with a column for each product or customer."""
    keys = ["policy", "scenario"]
    wide = lost.fillna({"policy": ""}).pivot_table("lost_units", keys, by, "sum", fill_value=0.0, sort=False)
    found: pd.DataFrame = wide.reset_index()
    return found


def _decimals(amounts: pd.Series) -> int:
    """Decimals of a column of money: two, and three digits of the largest where it is below 1."""
    largest = float(amounts.abs().max())
    return 2 - math.floor(math.log10(largest)) if 0 < largest < 1 else 2


def _named(table: pd.DataFrame) -> pd.DataFrame:
    """A table with words for what is empty; times and money a unit as exactly as they mean something."""
    small = {name: _decimals(table[name]) for name in _A_UNIT if name in table}
    found = table.round(_DIGITS | small)
    for column, word in (("policy", NO_POLICY), ("back", "never")):
        if column in found:
            found[column] = found[column].fillna(word).replace("", word)
    return found
