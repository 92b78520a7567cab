"""An instance as a mapping of text and numbers, read from a folder or one file with the csv module and a YAML reader."""

import csv
import json
from pathlib import Path

from ruamel.yaml import YAML

TABLES = [
    "sites",
    "items",
    "processes",
    "components",
    "capacities",
    "customers",
    "demand",
    "lanes",
    "lane_capacities",
    "tariffs",
    "stocks",
    "arrivals",
    "owed",
    "limits_used",
    "commitments",
    "expansions",
    "outages",
    "expansion_factors",
]


def read(path):
    """The mapping of an instance folder, or of one YAML or JSON file; cells stay as they are written."""
    path = Path(path)
    if not path.is_dir():
        return _document(path)
    mapping = _document(path / "instance.yaml")
    for table in TABLES:
        file = path / f"{table}.csv"
        if file.exists():
            with file.open(encoding="utf-8-sig", newline="") as opened:
                mapping[table] = [dict(row) for row in csv.DictReader(opened)]
    for kind in ("policies", "scenarios"):
        found = [_document(file) for file in sorted((path / kind).glob("*.yaml"))]
        mapping[kind] = [*mapping.get(kind, []), *found]
    return mapping


def named(mapping, kind, name):
    """The policy or scenario of a name; None for None."""
    if name is None:
        return None
    return next(part for part in mapping.get(kind, []) if part["name"] == name)


def _document(path):
    text = path.read_text(encoding="utf-8")
    return json.loads(text) if path.suffix == ".json" else YAML(typ="safe", pure=True).load(text)
