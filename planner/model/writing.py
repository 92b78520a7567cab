"""Writing a program to a file that other solvers can read (LP or MPS)."""

from __future__ import annotations

import errno
import re
from pathlib import Path

from pulp import PulpError

from planner.model.program import Program

_SYSTEM = re.compile(r"(.*) \(os error (\d+)\)")


def write_model(program: Program, path: Path) -> None:
    """Write a program as an LP file (suffix `.lp`) or, with any other suffix, as an MPS file.

    Raises:
        OSError: the file cannot be written.
    """
    try:
        if path.suffix.lower() == ".lp":
            program.problem.writeLP(str(path))
        else:
            program.problem.writeMPS(str(path))
    except PulpError as error:
        system = _SYSTEM.fullmatch(str(error))
        number, words = (int(system[2]), system[1]) if system else (errno.EIO, str(error))
        raise OSError(number, words, str(path)) from error
