"""All that a child may load, loaded before it is forked; nothing is done with it (see children.py)."""

import pkgutil
from importlib import import_module

import planner

LIBRARIES = [
    "jinja2",
    "plotly.graph_objects",
    "plotly.io",
    "pyarrow.parquet",
    "rich.table",
    "ruamel.yaml",
    "xlsxwriter",
    "alembic.command",
    "sqlalchemy.dialects.sqlite",
]

for name in LIBRARIES:
    import_module(name)
for found in pkgutil.walk_packages(planner.__path__, "planner."):
    if not found.name.endswith("__main__"):
        import_module(found.name)
