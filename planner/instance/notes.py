"""Comments of YAML files as notes on what they stand beside, mostly the origin of a figure.

Reading an instance ignores comments. When it is converted to another form they are kept as names with `#`:
`#discount_rate` beside a setting, `#note` in a policy, scenario, limit or change.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import YAMLError
from ruamel.yaml.tokens import CommentToken

from planner.instance.document import NOTE
from planner.instance.fields import USERS_OWN
from planner.instance.files import Raw

LARGEST = 300_000  # characters; comments of longer files are not looked for


def add_notes(raw: Raw, path: Path) -> list[str]:
    """Add the comments of an instance's YAML files to what was read from them.

    Args:
        raw: what was read from it; names that begin with `#` are added.
        path: the folder or file.

    Returns:
        The files whose comments could not be taken.
    """
    files: dict[Path, list[dict[str, Any]]] = {}
    if path.is_file():
        files[path] = [raw.settings]
    else:
        files[path / raw.settings_file] = [raw.settings]
        for file, _, mapping in [*raw.policies, *raw.scenarios]:
            if (path / file).is_file():
                files.setdefault(path / file, []).append(mapping)
    yaml = {file: mappings for file, mappings in files.items() if file.suffix.lower() in {".yaml", ".yml"}}
    return [file.name for file, mappings in yaml.items() if not _take(raw, file, mappings[0])]


def _take(raw: Raw, file: Path, mapping: dict[str, Any]) -> bool:
    """Add the comments of one file to its mapping; False where they could not be read."""
    text = file.read_text(encoding="utf-8-sig")
    if "#" not in text:
        return True
    try:
        root = YAML(typ="rt", pure=True).load(text) if len(text) < LARGEST else None
    except (YAMLError, ValueError):
        return False
    if not isinstance(root, CommentedMap):
        return False
    head = _joined(_texts(root.ca.comment), "\n")
    if head:
        mapping.setdefault(NOTE, head)
    for name, value in root.items():
        behind = list(_texts(root.ca.items.get(name)))
        rows = [cells for _, _, cells in raw.tables.get(name, [])] if mapping is raw.settings else mapping.get(name)
        if isinstance(value, CommentedSeq) and isinstance(rows, list) and len(rows) == len(value):
            behind += _take_rows(value, rows)
        else:
            behind += _inside(value)
        note = _joined(behind, "; ")
        if note and mapping is raw.settings:
            mapping.setdefault(f"{USERS_OWN}{name}", note)
        elif note:
            mapping[NOTE] = _joined([mapping.get(NOTE, ""), note], "\n")
    return True


def _take_rows(value: CommentedSeq, rows: Sequence[Any]) -> list[str]:
    """Add the comments in and behind each row of a list to that row; returns those that belong to no row."""
    left = list(_texts(value.ca.comment))
    for number, (node, row) in enumerate(zip(value, rows, strict=True)):
        found = [*_texts(value.ca.items.get(number)), *_inside(node)]
        note = _joined(found, "; ")
        if note and isinstance(row, dict):
            row.setdefault(NOTE, note)
        else:
            left += found
    return left


def _inside(node: Any) -> Iterator[str]:
    """All comments inside a list or mapping, in order."""
    if not isinstance(node, CommentedMap | CommentedSeq):
        return
    yield from _texts(node.ca.comment)
    for comments in node.ca.items.values():
        yield from _texts(comments)
    for part in node.values() if isinstance(node, CommentedMap) else node:
        yield from _inside(part)


def _texts(comments: Any) -> Iterator[str]:
    """The texts of comment tokens, wherever they are nested."""
    if isinstance(comments, CommentToken):
        lines = [line.strip().lstrip("#").strip() for line in str(comments.value).splitlines()]
        yield "\n".join(line for line in lines if line)
    elif isinstance(comments, list):
        for part in comments:
            yield from _texts(part)


def _joined(texts: Iterable[str], between: str) -> str:
    """Distinct texts joined to one; the parser attaches some comments to two places."""
    return between.join(dict.fromkeys(text for text in texts if text))
