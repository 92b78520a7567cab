"""What cannot be judged because something else could not be read is not judged."""

import pytest

import planner

CASES = {  # one thing that cannot be read, and all that is said of it: (file, row, column)
    "a site with a bad figure": (
        ("sites.csv", "site,region,operator\nfab,TW,acme", "site,region,operator,latitude\nfab,TW,acme,north"),
        ("sites.csv", "osat,US,acme", "osat,US,acme,"),
        [("sites.csv", 2, "latitude")],
    ),
    "a torn row of sites": (("sites.csv", "osat,US,acme", "osat,US,acme,more"), [("sites.csv", 3, None)]),
    "a torn row of customers": (("customers.csv", "cloud,Cloud,US", "cloud,Cloud, Inc.,US"), [("customers.csv", 2, None)]),
    "a torn row of items": (("items.csv", "die,wafer,20", "die,wafer"), [("items.csv", 2, None)]),
    "a process that makes the only die": (("processes.csv", "10,0.9", "10,92"), [("processes.csv", 2, "yield")]),
    "a column without its name": (("items.csv", "item,stage", "itm,stage"), [("items.csv", 1, "itm"), ("items.csv", 1, "item")]),
    "a key column twice": (("sites.csv", "site,region,operator", "site,site,region"), [("sites.csv", 1, "site"), ("sites.csv", 1, "site"), ("sites.csv", 1, "region")]),
    "an option": (("expansions.csv", "2027Q2,100", "2027Q2,all"), [("expansions.csv", 2, "capacity")]),
    "a table in UTF-16": (("customers.csv", None, "customer,region\ncloud,US\n".encode("utf-16")), [("customers.csv", None, None)]),
    "settings that are no YAML": (("instance.yaml", "name: small", "name: [small"), [("instance.yaml", None, None)]),
}  # fmt: skip


def found(source):
    return [(problem.file, problem.row, problem.column) for problem in planner.check_instance(source).errors]


@pytest.mark.parametrize("case", CASES)
def test_one_thing_is_said_of_one_thing(folder, case):
    *changes, expected = CASES[case]
    for name, old, new in changes:
        if old is None:
            folder.write(name, new)
        else:
            folder.replace(name, old, new)
    said = found(folder.path)
    if case == "a key column twice":
        assert set(said) <= set(expected)
    elif case == "settings that are no YAML":
        assert [file for file, _, _ in said] == ["instance.yaml"]
    else:
        assert sorted(said, key=str) == sorted(expected, key=str)


def test_a_single_file_that_cannot_be_read_is_one_problem(tmp_path):
    (tmp_path / "one.yaml").write_text("name: [one\nsites: here\n")
    assert len(found(tmp_path / "one.yaml")) == 1
    (tmp_path / "none.json").write_text("[1, 2")
    assert len(found(tmp_path / "none.json")) == 1


def test_a_table_that_is_no_list_is_one_problem(mapping):
    mapping["sites"] = "fab"
    assert [(problem.file, problem.message) for problem in planner.check_instance(mapping).errors] == [
        ("instance: sites", "'sites' is not a list of rows.")
    ]


def test_what_is_unknown_all_the_same_is_still_said(folder):
    """A lost row hides the ids that stand in it, and no others."""
    folder.replace("sites.csv", "osat,US,acme", "osat,US,acme,more")
    folder.replace("processes.csv", "fab,die", "fbb,die")
    folder.replace("policies/limited.yaml", "of: US", "of: UX")
    folder.replace("scenarios/strike.yaml", "site: osat", "site: osta")
    assert {("sites.csv", 3, None), ("processes.csv", 2, "site")} <= set(found(folder.path))
    assert {column for _, _, column in found(folder.path)} >= {"limits.cap.of", "changes.0.where.site"}
    folder.replace("scenarios/strike.yaml", "site: osta", "site: osat")
    assert "changes.0.where.site" not in {column for _, _, column in found(folder.path)}
