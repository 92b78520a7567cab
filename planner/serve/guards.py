"""What stands before the page: who may ask, how often and how much, and the headers of every answer."""

from __future__ import annotations

import hmac
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qs

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LARGEST_BODY = 64_000  # bytes
LONGEST_URL = 20_000
A_SECOND, AT_ONCE = 20.0, 60.0  # requests
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


@dataclass
class Rate:
    """Requests as they come: so many at once, and then so many a second.

    Attributes:
        now: the clock.
    """

    now: Callable[[], float] = time.monotonic
    _left: float = AT_ONCE
    _last: float = field(default=0.0)

    def allows(self) -> bool:
        """Whether one more may come now; it counts."""
        moment = self.now()
        self._left = min(AT_ONCE, self._left + (moment - self._last) * A_SECOND)
        self._last = moment
        if self._left < 1.0:
            return False
        self._left -= 1.0
        return True


class TooLargeError(Exception):
    """A body is larger than any wish is."""


class Guard:
    """The gate before the page.

    Attributes:
        app: the page.
        token: what a request must have, in its cookie or, for the page itself, in its query.
        port: the port of the page.
        rate: how often anything may be asked.
    """

    def __init__(self, app: ASGIApp, token: str, port: int, rate: Rate | None = None) -> None:
        self.app, self.token, self.port = app, token, port
        self.rate = rate or Rate()

    @property
    def cookie(self) -> str:
        """Name of the cookie: one a port, as browsers keep cookies by host alone."""
        return f"planner-{self.port}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse, or let through with the headers of every answer."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        if scope["type"] != "http":
            return
        headers, opened = Headers(scope=scope), False

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                written = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    written[name] = value
                if opened:
                    written.append("Set-Cookie", f"{self.cookie}={self.token}; HttpOnly; SameSite=Strict; Path=/")
            await send(message)

        refusal = self._refused(scope, headers)
        if refusal is None and not self._has_cookie(headers):
            opened = self._has_token(scope)
            if not opened:
                refusal = PlainTextResponse(
                    "This page belongs to whoever started it: open it with the address that `planner serve` printed.",
                    403,
                )
        if refusal is None and not self.rate.allows():  # strangers, who are refused anyway, do not count
            refusal = PlainTextResponse("Too many requests: wait a second.", 429, {"Retry-After": "1"})
        if refusal is not None:
            await refusal(scope, receive, guarded)
            return
        await self.app(scope, _measured(receive), guarded)

    def _refused(self, scope: Scope, headers: Headers) -> PlainTextResponse | None:
        """Why a request is refused whoever sends it; None where it is not."""
        hosts = {f"127.0.0.1:{self.port}", f"localhost:{self.port}"}
        if headers.getlist("host") and headers.getlist("host") not in [[host] for host in hosts]:
            return PlainTextResponse("This page answers to its own address alone.", 421)
        if not headers.getlist("host"):
            return PlainTextResponse("A request says which host it is for.", 400)
        if scope["method"] not in {"GET", "POST"}:
            return PlainTextResponse("GET or POST.", 405)
        origin = headers.get("origin")
        own = {f"http://{host}" for host in hosts}
        if (origin is not None and origin not in own) or (origin is None and scope["method"] == "POST"):
            return PlainTextResponse("Only this page itself may ask.", 403)
        if headers.get("sec-fetch-site", "none") not in {"none", "same-origin"} and not _is_opening(scope, headers):
            return PlainTextResponse("Only this page itself may ask.", 403)
        if len(scope["path"]) + len(scope["query_string"]) > LONGEST_URL:
            return PlainTextResponse("The address is too long.", 414)
        length = headers.get("content-length", "0")
        if not length.isdecimal() or int(length[:12]) > LARGEST_BODY:
            return PlainTextResponse("The body is too large.", 413)
        return None

    def _has_cookie(self, headers: Headers) -> bool:
        found: SimpleCookie = SimpleCookie()
        try:
            found.load(headers.get("cookie", ""))
        except CookieError:
            return False
        return self.cookie in found and self._is_token(found[self.cookie].value)

    def _has_token(self, scope: Scope) -> bool:
        """Whether the page itself is opened with the token in its query."""
        if scope["method"] != "GET" or scope["path"] != "/":
            return False
        try:
            given = parse_qs(scope["query_string"].decode("ascii"), max_num_fields=500).get("token", [])
        except (UnicodeError, ValueError):
            return False
        return len(given) == 1 and self._is_token(given[0])

    def _is_token(self, given: str) -> bool:
        return hmac.compare_digest(given.encode(), self.token.encode())


def _is_opening(scope: Scope, headers: Headers) -> bool:
    """Whether the page itself is opened by a link from elsewhere, which shows nothing to whoever links to it."""
    return scope["method"] == "GET" and scope["path"] == "/" and headers.get("sec-fetch-mode") == "navigate"


def _measured(receive: Receive) -> Receive:
    """A body that ends with an error where it grows too large, whatever was said of its length."""
    size = 0

    async def measured() -> Message:
        nonlocal size
        message = await receive()
        size += len(message.get("body", b""))
        if size > LARGEST_BODY:
            raise TooLargeError
        return message

    return measured
