"""A required table with a head and no rows was said to be missing from instance.yaml: add the file that stands there."""

import toys

from planner.instance.loading import check_instance
from planner.report.instance_forms import document_of_instance, write_document


def test_the_file_is_named(tmp_path):
    write_document(document_of_instance(toys.tiny()), tmp_path / "tiny")
    (tmp_path / "tiny" / "demand.csv").write_text("customer,item,quantity\n")
    (problem,) = [problem for problem in check_instance(tmp_path / "tiny").problems if problem.severity == "error"]
    assert (problem.file, problem.message) == ("demand.csv", "The table demand has no rows.")
    (tmp_path / "tiny" / "demand.csv").unlink()
    (problem,) = [problem for problem in check_instance(tmp_path / "tiny").problems if problem.severity == "error"]
    assert (problem.file, problem.message) == ("instance.yaml", "The table demand is missing or empty.")
