"""The page and its parts as HTML, made of a view and its answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from planner.errors import InfeasibleError
from planner.instance.instance import Instance
from planner.plan.plan import Plan
from planner.report.names import Names
from planner.report.page.grids import Grid
from planner.report.pictures.flows import flows
from planner.report.pictures.places import world
from planner.report.pictures.policies import shares
from planner.report.pictures.svg import Picture, variables
from planner.serve.controls import Choices, Controls
from planner.serve.figures import binding, cards, headline, moved_orders, moved_work
from planner.serve.live import Answer, Refusal
from planner.serve.pair import Pair, pair_of
from planner.serve.view import LONGEST, View
from planner.text.figures import money

PARTS = ("answer", "binds", "moves", "pictures", "proof")  # of the right side, by the ids of their places


class Fragments:
    """What the page shows.

    Attributes:
        instance: as it is given.
        choices: what can be chosen.
        names: names instead of ids.
    """

    def __init__(self, instance: Instance) -> None:
        self.instance, self.choices, self.names = instance, Choices(instance), Names.of_instance(instance)
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

    def parts(self, view: View, answer: Answer, baseline: Answer) -> Mapping[str, str]:
        """The right side by the names of its parts; those of a plan are empty where there is none."""
        plan, usual = answer.plan, baseline.plan
        if isinstance(plan, Refusal):
            return {**dict.fromkeys(PARTS, ""), "answer": self.refusal(view, plan)}
        if isinstance(usual, Refusal):
            return {**dict.fromkeys(PARTS, ""), "answer": self.refusal(view, usual)}
        pair = self.pair(view, baseline.view, usual, plan)
        told: dict[str, Callable[[], str]] = {
            "answer": lambda: self._made("answer.html.j2", headline=headline(pair), cards=cards(pair)),
            "binds": lambda: self._grids(
                [binding(pair, self.names)], "Nothing binds: no limit is at its level, no work is full."
            ),
            "moves": lambda: "" if pair.same else self._grids([moved_orders(pair), moved_work(pair)], "Nothing moves."),
            "pictures": lambda: self._made("pictures.html.j2", pictures=_pictures(pair)),
            "proof": lambda: self._made("proof.html.j2", plan=plan, seconds=answer.seconds),
        }
        return {name: make() for name, make in told.items()}

    def pair(self, view: View, baseline: View, before: Plan, now: Plan) -> Pair:
        """The plan of a view beside that of its baseline."""
        name = f"{baseline.policy} as written" if baseline.policy else "no policy"
        return pair_of(self.instance, name, before, None if before is now else now, view.follow)

    def refusal(self, view: View, wrong: Refusal) -> str:
        """Why there is no plan, with the repairs as buttons."""
        error = wrong.error
        clash = error.summary if isinstance(error, InfeasibleError) else []
        return self._made("refusal.html.j2", error=error, clash=clash, repairs=self._repairs(view, wrong))

    def _repairs(self, view: View, wrong: Refusal) -> list[tuple[str, str, str]]:
        """What each repair says, what the plan then costs, and the query of the view with it; "" for none."""
        error = wrong.error
        if not isinstance(error, InfeasibleError):
            return []
        found = []
        for at, entry in enumerate(error.repair):
            lines = wrong.ways[at] if at < len(wrong.ways) else ()
            query = replace(view, repairs=(*view.repairs, *lines)).query if lines else ""
            cost = money(float(entry["cost"]), self.instance.settings.currency)
            found.append((str(entry["text"]), cost, query if len(query) <= LONGEST else ""))
        return found

    def _grids(self, grids: list[Grid], none: str) -> str:
        shown = [self.names.grid(grid) for grid in grids if grid.rows]
        return self._made("grids.html.j2", grids=shown, none=none)

    def _made(self, template: str, **values: object) -> str:
        return self._templates.get_template(template).render(**values)


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
