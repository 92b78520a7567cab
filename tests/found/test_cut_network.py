"""A packaging site that no die can reach was no error and no warning."""

import json
from pathlib import Path

from click.testing import CliRunner

from planner.cli.main import cli

CUT = Path(__file__).parent / "cut-network"


def test_check_names_the_lanes_that_are_missing():
    said = json.loads(CliRunner().invoke(cli, ["check", str(CUT), "--json"], standalone_mode=False).output)
    assert said["problems"] == []
    (warning,) = said["warnings"]
    assert warning["message"] == (
        "No lane brings die-ctl or die-npu to osat-penang, so ctl and npu can never start there, "
        "and its capacity is of no use."
    )
    assert (warning["file"], warning["value"]) == ("processes", "osat-penang")
    assert "Add the lane" in warning["remedy"]
