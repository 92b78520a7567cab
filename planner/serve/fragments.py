"""The page and its parts as HTML, made of a view and its answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from planner.errors import InfeasibleError
from planner.instance.instance import Instance
from planner.plan.plan import Plan
from planner.report.names import Names
from planner.report.pictures.flows import flows
from planner.report.pictures.places import world
from planner.report.pictures.policies import shares
from planner.report.pictures.svg import Picture, variables
from planner.serve.beside import Known, columns, expected
from planner.serve.controls import Choices, Controls
from planner.serve.figures import binding, cards, headline, moved_orders, moved_work
from planner.serve.live import Answer, Refusal
from planner.serve.pair import Pair, pair_of
from planner.serve.repairing import can_be_written
from planner.serve.view import LONGEST, Repair, View
from planner.serve.wishes import run_title
from planner.serve.written import FILES, written
from planner.text.figures import joined, money

PARTS = ("answer", "beside", "pictures", "binds", "moves", "save", "proof")  # by the ids of their places
SAVES = {
    "policy": "policy as YAML",
    "scenario": "scenario as YAML",
    "instance": "instance as YAML",
    "workbook": "plan as a workbook",
}


class Fragments:
    """What the page shows.

    Attributes:
        instance: as it is given.
        source: where it is, for commands.
        choices: what can be chosen.
        names: names instead of ids.
    """

    def __init__(self, instance: Instance, source: str) -> None:
        self.instance, self.source = instance, source
        self.choices, self.names = Choices(instance), Names.of_instance(instance)
        self._templates = Environment(
            loader=PackageLoader("planner.serve", "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.globals["svg"] = lambda drawing: Markup(drawing.markup())  # noqa: S704 - escaped where drawn

    def page(self, view: View) -> str:
        """The whole page, before its plan is there."""
        settings = self.instance.settings
        return self._made("page.html.j2", title=settings.title or settings.name, controls=self.controls(view))

    def controls(self, view: View) -> Markup:
        """The left side."""
        return Markup(self._made("controls.html.j2", controls=Controls(self.choices, view)))  # noqa: S704 - escaped

    def parts(self, view: View, answer: Answer, baseline: Answer, known: Known) -> Mapping[str, str]:
        """The right side by the names of its parts; those of a plan are empty where there is none.

        Args:
            view: what is shown.
            answer: what came of it.
            baseline: what came of the view that it is held against.
            known: the answer to another view, if it is there.
        """
        plan, usual = answer.plan, baseline.plan
        for found in (plan, usual):
            if isinstance(found, Refusal):
                return {**dict.fromkeys(PARTS, ""), "answer": self.refusal(view, found)}
        if not isinstance(plan, Plan) or not isinstance(usual, Plan):
            return {}
        pair = self.pair(view, baseline.view, usual, plan)
        moves = "" if pair.same else self._moves(pair)
        return {
            "answer": self._answer(view, answer, pair),
            "beside": self._made(
                "beside.html.j2",
                columns=columns(self.instance, view, pair, known),
                expected=expected(self.instance, view, known),
                concern=pair.concern.title,
            ),
            "pictures": self._made("pictures.html.j2", pictures=_pictures(pair)),
            "binds": self.binds(pair, priced=False),
            "moves": moves,
            "save": self._save(view),
            "proof": self._made("proof.html.j2", plan=plan, seconds=answer.seconds),
        }

    def pair(self, view: View, baseline: View, before: Plan, now: Plan) -> Pair:
        """The plan of a view beside that of its baseline."""
        name = f"{baseline.policy} as written" if baseline.policy else "no policy"
        return pair_of(self.instance, name, before, None if before is now else now, view.follow)

    def binds(self, pair: Pair, *, priced: bool) -> str:
        """What binds; with what one more is worth, or a button that asks for it."""
        return self._made("binds.html.j2", grid=self.names.grid(binding(pair, self.names)), priced=priced)

    def refusal(self, view: View, wrong: Refusal) -> str:
        """Why there is no plan, with the repairs as buttons."""
        error = wrong.error
        clash = error.summary if isinstance(error, InfeasibleError) else []
        return self._made(
            "refusal.html.j2", title=run_title(view), error=error, clash=clash, repairs=self._repairs(view, wrong)
        )

    def _answer(self, view: View, answer: Answer, pair: Pair) -> str:
        done = [
            (
                repair.rule.replace("_", " "),
                _about(repair),
                replace(view, repairs=tuple(other for other in view.repairs if other != repair)).query,
            )
            for repair in view.repairs
        ]
        struck = answer.wish is not None and answer.wish.strike is not None
        return self._made(
            "answer.html.j2",
            title=run_title(view),
            headline=headline(pair),
            cards=cards(pair),
            repairs=done,
            struck=struck,
        )

    def _repairs(self, view: View, wrong: Refusal) -> list[tuple[str, str, str]]:
        """What each repair says, what the plan then costs, and the query of the view with it; "" for none."""
        error = wrong.error
        if not isinstance(error, InfeasibleError):
            return []
        found = []
        for at, entry in enumerate(error.repair):
            lines = wrong.ways[at] if at < len(wrong.ways) else ()
            query = replace(view, repairs=(*view.repairs, *lines)).query if lines else ""
            can = all(map(can_be_written, lines)) and len(query) <= LONGEST
            cost = money(float(entry["cost"]), self.instance.settings.currency)
            found.append((str(entry["text"]), cost, query if can else ""))
        return found

    def _moves(self, pair: Pair) -> str:
        shown = [self.names.grid(grid) for grid in (moved_orders(pair), moved_work(pair)) if grid.rows]
        return self._made("grids.html.j2", grids=shown, none="Nothing moves.")

    def _save(self, view: View) -> str:
        made = written(self.instance, view)
        missing = {what for what, part in (("policy", made.policy), ("scenario", made.scenario)) if part is None}
        return self._made(
            "save.html.j2",
            files=[(what, words) for what, words in SAVES.items() if what not in missing],
            query=view.alone.query,
            needs=joined([FILES[what] for what in FILES if what in made.files]),
            command=made.command(self.source),
            python=made.python(self.source),
        )

    def _made(self, template: str, **values: object) -> str:
        return self._templates.get_template(template).render(**values)


def _about(repair: Repair) -> str:
    labels = ", ".join(value for _, value in repair.labels)
    return f"{labels} to {repair.figures[1]:g}" if len(repair.figures) > 1 else labels


def _pictures(pair: Pair) -> list[Picture]:
    found = [shares(pair), flows(pair), world(pair)]
    return [picture for picture in found if picture is not None]


def stylesheet() -> str:
    """The report's style and the page's own."""
    report = (files("planner.report") / "templates" / "report.css").read_text(encoding="utf-8")
    return variables() + report + (files("planner.serve") / "templates" / "page.css").read_text(encoding="utf-8")


def script() -> str:
    """The page's script."""
    return (files("planner.serve") / "templates" / "page.js").read_text(encoding="utf-8")
