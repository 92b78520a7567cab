"""The page's process: its port and token, from its first line to Ctrl-C."""

from __future__ import annotations

import secrets
import socket
import webbrowser
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from urllib.parse import urlencode

from planner.errors import UsageError
from planner.instance.instance import Instance
from planner.solve.threads import Pool

MISSING = "The what-if page needs the extra `page`: pip install 'planner[page]'."
HOST, USUAL_PORT = "127.0.0.1", 8765


def serve(
    instance: Instance,
    source: Path,
    policy: str | None,
    port: int | None,
    told: Callable[[str], None],
    writing: Callable[[Path], AbstractContextManager[None]],
    *,
    opened: bool,
) -> None:
    """Show the page until the process is interrupted.

    Args:
        instance: what is planned.
        source: where it is, as commands name it.
        policy: name of the policy that is chosen at first; None for none.
        port: where; None for the usual one, or another that is free.
        told: called with the address of the page, once it answers.
        writing: called with a run that is about to be written.
        opened: whether to open it in a browser.

    Raises:
        UsageError: the extra is not installed, there is no such policy, or the port is taken.
    """
    try:
        import uvicorn

        from planner.serve.app import Setting, application
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("planner"):
            raise
        raise UsageError(f"{MISSING} ({error})") from None
    chosen = instance.policy(policy).name if policy else ""
    token = secrets.token_urlsafe(24)
    with bound(port) as listening, Pool(1) as thread:
        at = listening.getsockname()[1]
        config = uvicorn.Config(
            application(Setting(instance, str(source), chosen, token, at), thread, writing),
            log_config=None,
            log_level="critical",  # the application says itself what is a bug
            access_log=False,
            server_header=False,
            ws="none",
            lifespan="off",
            timeout_graceful_shutdown=1,
        )
        url = f"http://{HOST}:{at}/?{urlencode({'token': token})}"
        told(url)
        if opened:
            webbrowser.open(url)
        uvicorn.Server(config).run(sockets=[listening])


def bound(port: int | None) -> socket.socket:
    """A socket of this machine alone, listening.

    Raises:
        UsageError: the port that was asked for is taken.
    """
    for wanted in [USUAL_PORT, 0] if port is None else [port]:
        found = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            found.bind((HOST, wanted))
            found.listen(64)
        except OSError:
            found.close()
        else:
            return found
    raise UsageError(f"Port {port} is taken. Choose another with --port, or leave it out.")
