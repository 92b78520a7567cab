"""How a command or study uses the store: it looks up runs that answer its question already, and stores new ones.

An error of the store never ends the command: the error is noted in `lost`, and the work goes on without the store.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from planner.errors import StoreError
from planner.instance.applying import apply_scenario
from planner.instance.instance import Instance
from planner.instance.policy import Policy
from planner.instance.scenario import Scenario
from planner.plan.case import names_of
from planner.plan.plan import Plan
from planner.plan.run_options import RunOptions
from planner.store.answers import Answer, answer_entry, answer_of
from planner.store.entry import DamagedRunError, Entry, KeptRun, reading_contents
from planner.store.plans import LASTING, failure_entry, plan_entry, run_of, table_parts, tables_to_keep
from planner.store.questions import PLAN, plan_question
from planner.store.run_store import RunStore
from planner.study.failure import Run

Names = tuple[str | None, str | None]


class StoreMemory:
    """The access of one command or study to a store.

    Attributes:
        ids: the ids of the runs that were recalled or stored, by the names of policy and scenario, in that order.
        recalled: the ids of the runs that were in the store already.
        answer: the id of the whole answer that was recalled or stored; None where there is none.
        lost: why something could not be looked up or stored; empty where nothing failed.
        damaged: what was wrong with a damaged run, which was therefore solved anew; empty where none was damaged.
    """

    def __init__(
        self, command: str, where: str | Path | None = None, *, fresh: bool = False, recalls: bool = True
    ) -> None:
        """Open a store for a command.

        Args:
            command: the name of the command, for the list of runs.
            where: the address of the store, as for `open_store`.
            fresh: whether nothing is recalled, and new answers are stored beside earlier ones.
            recalls: whether single runs are recalled. A report is recalled only as a whole, because it needs values and
                duals of its plans, which the store does not keep.
        """
        self.command, self.fresh, self.recalls = command, fresh, recalls
        self.ids: dict[Names, str] = {}
        self.recalled: list[KeptRun] = []
        self.answer: str | None = None
        self.lost = self.damaged = ""
        self._plans: dict[str, tuple[Plan, set[str]]] = {}  # by id, with the tables that are kept of them
        self._store: RunStore | None = None
        self._try(lambda: self._open(where))

    @property
    def place(self) -> str:
        """The address of the store, for people."""
        return "" if self._store is None else self._store.address.words

    def recall(
        self, instance: Instance, policy: Policy | None, scenario: Scenario | None, options: RunOptions
    ) -> Run | None:
        """The run of an undisturbed instance under a policy and a scenario, if the store has it."""
        if not self.recalls:
            return None
        kept = self._recalled(plan_question(instance, policy, scenario, options.as_json()))
        if kept is None:
            return None
        solved = None if kept.kind != PLAN else instance if scenario is None else apply_scenario(instance, scenario)
        run = self._try(lambda: run_of(kept, solved))
        if run is None:
            self.recalled.remove(kept)
            return None
        self.ids[names_of(policy, scenario)] = kept.id
        if isinstance(run, Plan):
            self._plans[kept.id] = (run, tables_to_keep(run))
        return run

    def keep(
        self, run: Run, instance: Instance, policy: Policy | None, scenario: Scenario | None, options: RunOptions
    ) -> None:
        """Store a plan, or a run without a plan where more time would not find one."""
        if isinstance(run, Plan):
            id_ = self.keep_plan(run)
        elif run.status in LASTING:
            id_ = self._put(lambda: failure_entry(run, instance, policy, scenario, options.as_json()))
        else:
            return
        if id_ is not None:
            self.ids[names_of(policy, scenario)] = id_

    def keep_plan(self, plan: Plan) -> str | None:
        """Store a plan, and return the id of its run; None where it could not be stored."""
        before = tables_to_keep(plan)
        id_ = self._put(lambda: plan_entry(plan))
        if id_ is not None:
            self._plans[id_] = (plan, before)
        return id_

    def recall_answer[Found](self, question: str, read: Callable[[Answer], Found]) -> Found | None:
        """The latest stored answer of the command to a question, converted by `read`; None where there is none."""
        kept = self._recalled(question)
        if kept is None:
            return None

        def reading() -> Found:
            with reading_contents(kept):
                return read(answer_of(kept))

        found = self._try(reading)
        if found is None:
            self.recalled.remove(kept)
        else:
            self.answer = kept.id
        return found

    def keep_answer(
        self, question: str, instance: Instance, answer: Answer, names: tuple[str | None, str | None] = (None, None)
    ) -> None:
        """Store the answer of the command to a question.

        Args:
            question: the hash of the question.
            instance: the undisturbed instance.
            answer: the answer.
            names: the names of the policy and the scenario; None where there is none or several.
        """
        self.answer = self._put(lambda: answer_entry(self.command, question, instance, names, answer))

    def _recalled(self, question: str) -> KeptRun | None:
        store = self._store
        if store is None or self.fresh:
            return None
        kept = self._try(lambda: store.answer(question))
        if kept is not None:
            self.recalled.append(kept)
        return kept

    def _put(self, entry: Callable[[], Entry]) -> str | None:
        """Store the entry that a function makes, and return the id of its run; None where it could not be stored."""
        store = self._store
        if store is None:
            return None
        again = self.fresh or bool(self.damaged)
        found = self._try(lambda: store.put([entry()], self.command, again=again))
        return None if found is None else found[0]

    def done(self) -> None:
        """End the use of the store: add tables computed since, and mark recalled runs as the latest ones, in order."""
        store = self._store
        for id_, (plan, before) in self._plans.items():
            further = tables_to_keep(plan) - before
            if store is not None and further:
                self._try(partial(store.add, id_, table_parts(plan, further)))
        store = self._store
        if store is not None and self.recalled:
            self._try(lambda: store.mark_latest([*self.ids.values(), *([] if self.answer is None else [self.answer])]))

    def _open(self, where: str | Path | None) -> None:
        self._store = RunStore(where)

    def _try[Found](self, ask: Callable[[], Found]) -> Found | None:
        """The result of a call to the store; None where the run is damaged, or the store cannot be used."""
        try:
            return ask()
        except DamagedRunError as error:
            self.damaged = error.what
            return None
        except StoreError as error:
            self.lost, self._store = str(error), None
            return None
