"""The page and its parts as HTML, made of a view and its answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from planner.errors import InfeasibleError
from planner.instance.instance import Instance
from planner.report.names import Names
from planner.report.page.templating import unbroken
from planner.report.pictures.places import world
from planner.report.pictures.policies import shares
from planner.report.pictures.sankey import flows
from planner.report.pictures.svg import Picture, variables
from planner.serve.beside import Known, columns, expected
from planner.serve.controls import Choices, Controls
from planner.serve.figures import binding, cards, headline, moved_options, moved_orders, moved_work
from planner.serve.live import Answer, Refusal
from planner.serve.pair import Pair
from planner.serve.repairing import can_be_written
from planner.serve.titles import repair_title, run_title
from planner.serve.view import LONGEST, View
from planner.serve.written import FILES, written
from planner.text.figures import joined, money

PARTS = ("answer", "beside", "pictures", "flows", "binds", "moves", "save", "proof")  # by the ids of their places
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
            finalize=unbroken,
        )
        self._templates.globals["svg"] = lambda drawing: Markup(drawing.markup())  # noqa: S704 - escaped where drawn

    def page(self, view: View) -> str:
        """The whole page, before its plan is there."""
        settings = self.instance.settings
        return self._made("page.html.j2", title=settings.title or settings.name, controls=self.controls(view))

    def controls(self, view: View) -> Markup:
        """The left side."""
        return Markup(self._made("controls.html.j2", controls=Controls(self.choices, view)))  # noqa: S704 - escaped

    def refused(self, view: View, wrong: Refusal, *, outdated: bool = False) -> Mapping[str, str]:
        """The right side where there is no plan, by the names of its parts: why, and the repairs as buttons."""
        error = wrong.error
        clash = error.summary if isinstance(error, InfeasibleError) else []
        said = self._made(
            "refusal.html.j2",
            title=run_title(self.instance, self.names, view),
            outdated=outdated,
            error=error,
            clash=clash,
            repairs=self._repairs(view, wrong),
        )
        return {**dict.fromkeys(PARTS, ""), "answer": said}

    def parts(
        self, view: View, answer: Answer, pair: Pair, known: Known, *, outdated: bool = False
    ) -> Mapping[str, str]:
        """The right side by the names of its parts, but for those pictures that take longer.

        Args:
            view: what is shown.
            answer: what came of it.
            pair: its plan beside its baseline.
            known: the answer to another view, if it is there.
            outdated: whether the files of the instance are others by now.
        """
        return {
            "answer": self._answer(view, answer, pair, outdated=outdated),
            "beside": self._made(
                "beside.html.j2",
                columns=columns(self.instance, view, pair, known),
                expected=expected(self.instance, view, known),
                concern=pair.concern.title,
            ),
            "pictures": self._pictures([shares(pair)]),
            "binds": self.binds(pair, priced=False),
            "moves": "" if pair.same else self._moves(pair),
            "save": self._save(view),
            "proof": self._made("proof.html.j2", plan=pair.now, seconds=answer.seconds),
        }

    def pictures(self, pair: Pair) -> Mapping[str, str]:
        """The pictures that take longer than the rest: they follow the whole way of every order."""
        return {"flows": self._pictures([flows(pair), world(pair)])}

    def _pictures(self, drawn: Sequence[Picture | None]) -> str:
        return self._made("pictures.html.j2", pictures=[picture for picture in drawn if picture is not None])

    def binds(self, pair: Pair, *, priced: bool) -> str:
        """What binds; with what one more is worth, or a button that asks for it."""
        return self._made("binds.html.j2", grid=self.names.grid(binding(pair, self.names)), priced=priced)

    def _answer(self, view: View, answer: Answer, pair: Pair, *, outdated: bool) -> str:
        done = [
            (
                repair_title(self.names, repair),
                replace(view, repairs=tuple(other for other in view.repairs if other != repair)).query,
            )
            for repair in view.repairs
        ]
        struck = answer.wish is not None and answer.wish.strike is not None
        return self._made(
            "answer.html.j2",
            title=run_title(self.instance, self.names, view),
            headline=headline(pair),
            cards=cards(pair),
            repairs=done,
            struck=struck,
            alone=pair.alone,
            outdated=outdated,
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
        grids = (moved_orders(pair), moved_work(pair), moved_options(pair))
        shown = [self.names.grid(grid) for grid in grids if grid.rows]
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


def stylesheet() -> str:
    """The report's style and the page's own."""
    report = (files("planner.report") / "templates" / "report.css").read_text(encoding="utf-8")
    return variables() + report + (files("planner.serve") / "templates" / "page.css").read_text(encoding="utf-8")


def script() -> str:
    """The page's script."""
    return (files("planner.serve") / "templates" / "page.js").read_text(encoding="utf-8")
