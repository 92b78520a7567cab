"""Processes of their own: what is true of a whole process cannot be seen from within the suite's."""

import os
import subprocess
import sys
from pathlib import Path

TESTS = Path(__file__).parent


def python(code, *words, folder=None, **options):
    """Run Python code in a process of its own, with the modules of tests/ at hand."""
    environment = {**os.environ, "PYTHONPATH": str(TESTS), **options.pop("env", {})}
    return subprocess.run(
        [sys.executable, "-c", code, *map(str, words)],
        cwd=folder,
        env=environment,
        text=True,
        check=False,
        timeout=300,
        **({"capture_output": True} if not {"stdout", "stderr"} & set(options) else {}),
        **options,
    )


def planner(*words, folder=None, **options):
    """Run a command as its console script does, in a process of its own."""
    return python("from planner.cli.process import start; start()", *words, folder=folder, **options)
