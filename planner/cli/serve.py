"""The command `planner serve`: the what-if page, in a browser."""

from __future__ import annotations

from pathlib import Path

import click

from planner.cli.answer import answer
from planner.cli.bar import read_instance
from planner.cli.interrupts import writing
from planner.cli.options import instance_argument, json_failures, say


@click.command(
    short_help="The what-if page, in a browser.", epilog="Example: planner serve instances/canning --policy balanced"
)
@instance_argument
@click.option("--policy", metavar="P", help="Policy of the instance that is chosen at first; without it, no limits.")
@click.option("--port", type=click.IntRange(1, 65535), metavar="N", help="Port; without it 8765, or one that is free.")
@click.option("--no-open", "closed", is_flag=True, help="Only print the address; open no browser.")
@json_failures
def serve(instance: Path, policy: str | None, port: int | None, *, closed: bool) -> int:
    """A what-if page in the browser: move limits, capacity, orders and outages, and see the plan answer.

    It is for this machine and whoever has its address alone, which is the first line printed. Ctrl-C ends it.
    """
    from planner.serve.running import serve as serve_page

    loaded = read_instance(instance)

    def told(url: str) -> None:
        click.echo(url, file=answer())
        answer().flush()
        say("the page is open until Ctrl-C")

    serve_page(loaded, instance, policy, port, told, writing, opened=not closed)
    return 0
