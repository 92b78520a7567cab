"""The command `planner schema`: the JSON Schema of the files, for editors."""

from __future__ import annotations

import json
from pathlib import Path

import click

from planner.cli.options import json_failures, print_json, say


@click.command(
    short_help="JSON Schema of the files, for editors.", epilog="Example: planner schema --out planner.schema.json"
)
@click.option("--out", type=click.Path(path_type=Path), metavar="FILE", help="Write it to this file.")
@json_failures
def schema(out: Path | None) -> int:
    """JSON Schema (2020-12) of instance.yaml, policies and scenarios, for editors that complete and check YAML.

    In many editors a first line `# yaml-language-server: $schema=planner.schema.json` is all that is needed.
    """
    from planner.instance.schema import json_schema
    from planner.instance.whole_files import put_file, text_writer

    if out is None:
        print_json(json_schema())
    else:
        text = json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"
        say(f"wrote {put_file(out, text_writer(text))}")
    return 0
