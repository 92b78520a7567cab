"""Reading YAML 1.2 and JSON, strictly, into mappings and lists of text that remember their lines."""

from __future__ import annotations

import io
import json
from collections import Counter
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.events import AliasEvent
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.parser import Parser

from planner.instance.fields import ID_PATTERN
from planner.instance.safe_opening import ReadError, text_of
from planner.instance.syntax import json_fault, yaml_fault

LARGEST_YAML = 20_000_000
MOST_VALUES = 150_000  # values in a YAML file, which is slow to read; JSON may have ten times as many
TOO_MANY = "Write long tables as CSV files."
DEEPEST = 24
_NOTHING = {"", "~", "null", "Null", "NULL"}


class Placed(dict[str, Any]):
    """A mapping that remembers its lines.

    Attributes:
        line: the line on which it starts; 0 where that is not known.
        lines: the lines of its names; None where all stand on the first.
    """

    line: int = 0
    lines: dict[str, int] | None = None

    def line_at(self, name: Any) -> int:
        """The line on which one of its names stands, for messages."""
        return self.line if self.lines is None else self.lines.get(name, self.line)


class PlacedList(list[Any]):
    """A list that remembers the lines of its items, as `Placed` does for a mapping."""

    line: int = 0
    lines: list[int] | None = None

    def line_at(self, position: int) -> int:
        """The line on which the item at a position stands, for messages."""
        return self.line if self.lines is None else self.lines[position]


def read_mapping_file(path: Path) -> Any:
    """What a YAML or JSON file holds, normally a mapping (an instance, a policy, a scenario).

    Raises:
        ReadError: the file is not that.
    """
    text = text_of(path, LARGEST_YAML)
    containers = text.count("[") + text.count("{")
    values = text.count("\n") + text.count(",") + containers
    if not text.lstrip().startswith(("{", "[")):
        return _small_yaml(text, values)
    if values > 10 * MOST_VALUES or containers > 2 * MOST_VALUES:
        raise ReadError("The file has millions of values.", TOO_MANY)
    try:
        return _json(text)
    except json.JSONDecodeError as error:
        try:
            return _small_yaml(text, values)  # YAML may begin with a brace too
        except ReadError:
            if path.suffix.lower() == ".json":
                raise ReadError(*json_fault(error)) from None
            raise


def _small_yaml(text: str, values: int) -> Any:
    if values > MOST_VALUES:
        raise ReadError(f"The file has more than {MOST_VALUES:,} values, too many for YAML.", TOO_MANY)
    return parse_yaml(text)


def name_after_file(mapping: Any, path: Path) -> None:
    """Give a policy or scenario without a name that of its file.

    Raises:
        ReadError: the file's name is no id.
    """
    if not isinstance(mapping, dict) or mapping.get("name") is not None:
        return
    if not ID_PATTERN.fullmatch(path.stem):
        raise ReadError(
            "name is missing, and the name of the file is no id.",
            "Add name: with 1 to 64 letters, digits, '_', '.' or '-', or rename the file.",
        )
    mapping["name"] = path.stem


def _json(text: str) -> Any:
    def pairs(items: list[tuple[str, Any]]) -> Placed:
        mapping = Placed(items)
        if len(mapping) != len(items):
            twice = Counter(name for name, _ in items).most_common(1)[0][0]
            raise ReadError(f"The name '{twice}' stands twice in one mapping.", "Keep one of the two.")
        return mapping

    try:
        return json.loads(text, object_pairs_hook=pairs, parse_float=str, parse_int=str, parse_constant=float)
    except RecursionError:
        raise ReadError("The file is nested too deeply.", "An instance needs no more than a few levels.") from None


class _PlainParser(Parser):
    """A YAML parser that refuses unsupported syntax (anchors, aliases, deep nesting) before any value is built."""

    def __init__(self, loader: Any) -> None:
        super().__init__(loader)
        self.depth = 0

    def get_event(self) -> Any:
        """The next event of the parser.

        Raises:
            ReadError: it is syntax that instances may not use.
        """
        event = super().get_event()
        mark = event.start_mark.line + 1 if event.start_mark else None
        if isinstance(event, AliasEvent) or getattr(event, "anchor", None):
            raise ReadError(
                "YAML anchors and aliases (& and *) are not read.", "Write the value out, or in quotes.", mark
            )
        if getattr(event, "tag", None):
            raise ReadError("YAML tags are not read.", "Remove the tag (the word after !).", mark)
        kind = type(event).__name__
        self.depth += kind.endswith("StartEvent") - kind.endswith("EndEvent")
        if self.depth > DEEPEST:
            raise ReadError("The file is nested too deeply.", "An instance needs only a few levels.", mark)
        return event


def parse_yaml(text: str) -> Any:
    """A YAML 1.2 document as dicts, lists and text; empty and null scalars are None.

    Anchors, aliases, several documents and duplicate names are refused.

    Raises:
        ReadError: with the row at which it fails.
    """
    reader = YAML(typ="safe", pure=True)
    reader.version = (1, 2)
    reader.Parser = _PlainParser
    try:
        documents = list(reader.compose_all(io.StringIO(text)))
    except (YAMLError, RecursionError, ValueError) as error:
        raise ReadError(*yaml_fault(error, text)) from None
    if not documents:
        return {}
    if len(documents) > 1:
        raise ReadError("The file holds several YAML documents.", "Keep one.")
    return _plain(documents[0])


def _plain(node: Node) -> Any:
    """A YAML node as dicts, lists and text that remember their lines."""
    if isinstance(node, ScalarNode):
        return None if node.style is None and node.value in _NOTHING else node.value
    if isinstance(node, SequenceNode):
        items = PlacedList(_plain(part) for part in node.value)
        items.line, starts = node.start_mark.line + 1, [part.start_mark.line + 1 for part in node.value]
        items.lines = starts if any(line != items.line for line in starts) else None
        return items
    if isinstance(node, MappingNode):
        mapping = Placed()
        lines: dict[str, int] = {}
        mapping.line = node.start_mark.line + 1
        for key, value in node.value:
            if not isinstance(key, ScalarNode):
                raise ReadError(
                    "A list or mapping stands where a name is wanted.", "Write `name: value`.", key.start_mark.line + 1
                )
            name = key.value
            if name in mapping:
                raise ReadError(
                    f"The name '{name}' stands twice in one mapping.", "Keep one of the two.", key.start_mark.line + 1
                )
            mapping[name] = _plain(value)
            lines[name] = key.start_mark.line + 1
        mapping.lines = lines if any(line != mapping.line for line in lines.values()) else None
        return mapping
    raise ReadError("The file holds something that is neither text, list nor mapping.", "Write plain YAML.")
