"""The page as a web application: its addresses, and what each answers."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from planner.errors import PlannerError
from planner.instance.instance import Instance
from planner.serve.desk import BusyError, Desk, OvertakenError
from planner.serve.fragments import Fragments, script, stylesheet
from planner.serve.guards import Guard, Rate, TooLargeError
from planner.serve.live import Planning
from planner.serve.view import View, ViewError

_WHO = re.compile(r"[a-z0-9-]{1,40}")


@dataclass(frozen=True)
class Page:
    """What the addresses answer from.

    Attributes:
        planning: plans of views.
        fragments: HTML.
        desk: where solves are asked for.
        policy: the policy that is chosen at first; "" for none.
    """

    planning: Planning
    fragments: Fragments
    desk: Desk
    policy: str

    async def home(self, request: Request) -> Response:
        """The page at a view."""
        query = urlencode([pair for pair in parse_qsl(request.url.query, keep_blank_values=True) if pair[0] != "token"])
        return HTMLResponse(self.fragments.page(View.read(query) if query else View(self.policy)))

    async def controls(self, request: Request) -> Response:
        """The left side at a view."""
        return HTMLResponse(str(self.fragments.controls(View.read(request.url.query))))

    async def plan(self, request: Request) -> Response:
        """The right side at the view that is the body."""
        view = View.read(await _text(request))
        try:
            parts = await self.desk.run(_who(request), lambda: self._parts(view))
        except OvertakenError:
            return JSONResponse({"query": view.query, "overtaken": True})
        return JSONResponse({"query": view.query, "parts": parts})

    def _parts(self, view: View) -> Mapping[str, str]:
        """The right side of a view: its plan, and the one that it is held against."""
        against = View(view.policy if view.against is None else view.against)
        baseline = self.planning.answer(against)
        return self.fragments.parts(view, self.planning.answer(view), baseline)


def _who(request: Request) -> str:
    who = request.headers.get("x-page", "")
    if not _WHO.fullmatch(who):
        raise ViewError("A wish says which page it is from.")
    return who


async def _text(request: Request) -> str:
    try:
        return (await request.body()).decode("ascii")
    except UnicodeError:
        raise ViewError("A query is written in ASCII, all else with % signs.") from None


def _said(status: int, words: str) -> Callable[[Request, Exception], Awaitable[Response]]:
    async def say(_: Request, error: Exception) -> Response:
        return PlainTextResponse(words or str(error), status)

    return say


async def _http(_: Request, error: Exception) -> Response:
    return PlainTextResponse(str(error), error.status_code if isinstance(error, HTTPException) else 500)


def application(
    instance: Instance, thread: Executor, *, token: str, port: int, policy: str = "", rate: Rate | None = None
) -> ASGIApp:
    """The page of an instance.

    Args:
        instance: what is planned.
        thread: does the solves; it has one thread.
        token: what whoever opens the page must have.
        port: the port that the page is at.
        policy: the policy that is chosen at first; "" for none.
        rate: how often anything may be asked; None for the usual.
    """
    page = Page(Planning(instance), Fragments(instance), Desk(thread), policy)
    style, code = stylesheet(), script()

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
    ]
    handlers = {
        PlannerError: _said(422, ""),
        BusyError: _said(503, "Too much waits already."),
        TooLargeError: _said(413, "The body is too large."),
        HTTPException: _http,
    }
    return Guard(Starlette(routes=routes, exception_handlers=handlers), token, port, rate)
