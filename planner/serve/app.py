"""The page as a web application: its addresses, and what each answers."""

from __future__ import annotations

import re
import traceback
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from urllib.parse import parse_qsl, urlencode

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from planner.errors import PlannerError
from planner.instance.instance import Instance
from planner.plan.plan import Plan
from planner.serve.beside import kept_views, scenario_views
from planner.serve.fragments import Fragments, script, stylesheet
from planner.serve.guards import Guard, Rate, TooLargeError
from planner.serve.live import Planning, Refusal
from planner.serve.on_disk import stamp_of
from planner.serve.pair import Pair, pair_of
from planner.serve.saving import Writing, file_of, save_run, workbook_of
from planner.serve.view import View, ViewError
from planner.serve.work_queue import BusyError, OvertakenError, WorkQueue
from planner.serve.written import FILES
from planner.text.cases import NO_POLICY

_WHO = re.compile(r"[a-z0-9-]{1,40}")
WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True)
class Setting:
    """What a page is of.

    Attributes:
        instance: what is planned.
        source: where it is, as commands name it.
        policy: the policy that is chosen at first; "" for none.
        token: what whoever opens the page must have.
        port: the port that the page is at.
    """

    instance: Instance
    source: str
    policy: str
    token: str
    port: int


class Page:
    """What the addresses answer from.

    Attributes:
        setting: what the page is of.
        planning: plans of views.
        fragments: HTML.
        queue: where solves wait for their turn.
        writing: is told what is about to be written to disk.
    """

    def __init__(self, setting: Setting, thread: Executor, writing: Writing) -> None:
        self.setting, self.planning = setting, Planning(setting.instance)
        self.fragments, self.queue = Fragments(setting.instance, setting.source), WorkQueue(thread)
        self.writing, self._source = writing, Path(setting.source)
        self._stamp = stamp_of(self._source)

    def begin(self) -> None:
        """Do before it is asked for what every visit needs: the choices, and the plan of the first view."""
        self.fragments.controls(View(self.setting.policy))
        self.planning.answer(View(self.setting.policy))

    async def home(self, request: Request) -> Response:
        """The page at a view."""
        query = urlencode([pair for pair in parse_qsl(request.url.query, keep_blank_values=True) if pair[0] != "token"])
        return HTMLResponse(self.fragments.page(View.read(query) if query else View(self.setting.policy)))

    async def controls(self, request: Request) -> Response:
        """The left side at a view."""
        return HTMLResponse(str(self.fragments.controls(View.read(request.url.query))))

    async def plan(self, request: Request) -> Response:
        """The right side at the view that is the body, and which views are still missing on it."""
        view = View.read(await _text(request))
        return await self._asked(request, lambda: self._shown(view))

    async def ahead(self, request: Request) -> Response:
        """A view is planned, to be there when it is shown beside another."""
        view = View.read(await _text(request))

        def work() -> Mapping[str, object]:
            self.planning.answer(view)
            return {"query": view.query}

        return await self._asked(request, work)

    async def pictures(self, request: Request) -> Response:
        """The pictures that follow the rest of the right side."""
        view = View.read(await _text(request))

        def work() -> Mapping[str, object]:
            pair = self._pair(view, self.planning.answer(view).plan)
            return {"query": view.query, "parts": self.fragments.pictures(pair)}

        return await self._asked(request, work)

    async def prices(self, request: Request) -> Response:
        """What binds, with what one more unit is worth."""
        view = View.read(await _text(request))

        def work() -> Mapping[str, object]:
            pair = self._pair(view, self.planning.priced(view))
            return {"query": view.query, "parts": {"binds": self.fragments.binds(pair, priced=True)}}

        return await self._asked(request, work)

    async def save(self, request: Request) -> Response:
        """A view as a file to be downloaded."""
        what, view = request.path_params["what"], View.read(request.url.query)
        if what == "workbook":
            content = await self.queue.run("save workbook", lambda: workbook_of(self.planning.priced(view)))
            return Response(content, media_type=WORKBOOK, headers=_attached("what-if.xlsx"))
        if what not in FILES:
            raise HTTPException(404)
        text = await self.queue.run(f"save {what}", lambda: file_of(self.setting.instance, view, what))
        return Response(text, media_type="application/yaml", headers=_attached(FILES[what]))

    async def run(self, request: Request) -> Response:
        """A view is written as a run under the name in the query."""
        name, view = request.query_params.get("name", ""), View.read(await _text(request))

        def work() -> Mapping[str, object]:
            struck = not view.planned.warning
            return {
                "query": view.query,
                "said": save_run(self.planning.priced(view), name, self.writing, struck=struck),
            }

        return await self._asked(request, work)

    async def _asked(self, request: Request, work: Callable[[], Mapping[str, object]]) -> Response:
        """What a piece of work returns, as JSON, when its turn has come."""
        who = request.headers.get("x-page", "")
        if not _WHO.fullmatch(who):
            raise ViewError("A wish says which page it is from.")
        try:
            return JSONResponse(await self.queue.run(who, work))
        except OvertakenError:
            return JSONResponse({"overtaken": True})

    def _pair(self, view: View, plan: Plan | Refusal) -> Pair:
        """A plan beside the baseline of its view.

        Raises:
            PlannerError: there is no plan.
        """
        if not isinstance(plan, Plan):
            raise plan.error
        against = _baseline(view)
        usual = self.planning.answer(against).plan
        name = f"{against.policy} as written" if against.policy else NO_POLICY
        return pair_of(self.setting.instance, name, usual if isinstance(usual, Plan) else None, plan, view.follow)

    def _shown(self, view: View) -> Mapping[str, object]:
        """The right side of a view, and the queries of the views that are missing on it."""
        answer = self.planning.answer(view)
        outdated = stamp_of(self._source) != self._stamp
        if not isinstance(answer.plan, Plan):
            parts = self.fragments.refused(view, answer.plan, outdated=outdated)
            return {"query": view.query, "alone": "", "parts": parts, "missing": []}
        pair = self._pair(view, answer.plan)
        parts = self.fragments.parts(view, answer, pair, self.planning.known, outdated=outdated)
        beside = (*kept_views(view), *scenario_views(self.setting.instance, view).values())
        missing = [other.query for other in beside if self.planning.known(other) is None]
        return {"query": view.query, "alone": view.alone.query, "parts": parts, "missing": missing}


def _baseline(view: View) -> View:
    """The view that a view is held against: a policy as it is written, and nothing happens."""
    return View(view.policy if view.against is None else view.against)


def _attached(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}"'}


async def _text(request: Request) -> str:
    try:
        return (await request.body()).decode("ascii")
    except UnicodeError:
        raise ViewError("A query is written in ASCII, all else with % signs.") from None


async def _say(status: int, words: str, _: Request, error: Exception) -> Response:
    return PlainTextResponse(words or str(error), status)


async def _http(_: Request, error: Exception) -> Response:
    return PlainTextResponse(str(error), error.status_code if isinstance(error, HTTPException) else 500)


async def _bug(_: Request, error: Exception) -> Response:
    traceback.print_exception(error)
    return PlainTextResponse("This is a bug of the planner: the terminal that it was started in says more.", 500)


def _said(status: int, words: str = "") -> Callable[[Request, Exception], Awaitable[Response]]:
    return partial(_say, status, words)


def application(setting: Setting, thread: Executor, writing: Writing, rate: Rate | None = None) -> ASGIApp:
    """The page of an instance.

    Args:
        setting: what it is of.
        thread: does the solves; it has one thread.
        writing: is told what is about to be written to disk.
        rate: how often anything may be asked; None for the usual.
    """
    page, style, code = Page(setting, thread, writing), stylesheet(), script()
    thread.submit(page.begin)

    async def css(_: Request) -> Response:
        return Response(style, media_type="text/css")

    async def js(_: Request) -> Response:
        return Response(code, media_type="text/javascript")

    routes = [
        Route("/", page.home),
        Route("/page.css", css),
        Route("/page.js", js),
        Route("/controls", page.controls),
        Route("/plan", page.plan, methods=["POST"]),
        Route("/ahead", page.ahead, methods=["POST"]),
        Route("/pictures", page.pictures, methods=["POST"]),
        Route("/prices", page.prices, methods=["POST"]),
        Route("/save/{what}", page.save),
        Route("/run", page.run, methods=["POST"]),
    ]
    handlers = {
        PlannerError: _said(422),
        OSError: _said(422),
        OvertakenError: _said(409, "A newer wish came first."),
        BusyError: _said(503, "Too much waits already."),
        TooLargeError: _said(413, "The body is too large."),
        HTTPException: _http,
        Exception: _bug,
    }
    return Guard(Starlette(routes=routes, exception_handlers=handlers), setting.token, setting.port, rate)
