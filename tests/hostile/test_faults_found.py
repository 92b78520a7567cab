"""Every fault of a list of real ones is found where it is, and says how to mend it."""

import pytest

import planner

CSV = [  # id, file, old text, new text, row, column, value, words in the message or remedy
    ("nan", "processes.csv", "die,10,", "die,nan,", 2, "unit_cost", "nan", "not a number"),
    ("inf", "capacities.csv", "fab,*,500", "fab,*,inf", 2, "capacity", "inf", "empty"),
    ("overflow", "capacities.csv", "fab,*,500", "fab,*,1e999", 2, "capacity", "1e999", "too large"),
    ("no-limit-number", "capacities.csv", "fab,*,500", "fab,*,1e30", 2, "capacity", "1e30", "empty"),
    ("largest", "capacities.csv", "fab,*,500", "fab,*,1e15", 2, "capacity", "1e15", "1e15"),
    ("underscore", "demand.csv", "2027Q1,40", "2027Q1,1_0", 2, "quantity", "1_0", "not a number"),
    ("true", "demand.csv", "2027Q1,40", "2027Q1,True", 2, "quantity", "True", "not a number"),
    ("hex", "demand.csv", "2027Q1,40", "2027Q1,0x10", 2, "quantity", "0x10", "not a number"),
    ("arabic-digits", "demand.csv", "2027Q1,40", "2027Q1,٤٠", 2, "quantity", "٤٠", "not a number"),
    ("fullwidth-digits", "demand.csv", "2027Q1,40", "2027Q1,４０", 2, "quantity", "４０", "not a number"),
    ("percent", "demand.csv", "120,0.5", "120,50%", 4, "must_serve", "50%", "Write 50 % as 0.5"),
    ("thousands", "demand.csv", "2027Q1,40", '2027Q1,"1,000"', 2, "quantity", "1,000", "thousands"),
    ("decimal-comma", "demand.csv", "2027Q1,40", '2027Q1,"4,5"', 2, "quantity", "4,5", "not a number"),
    ("negative-quantity", "demand.csv", "2027Q1,40", "2027Q1,-40", 2, "quantity", "-40", "negative"),
    ("negative-capacity", "capacities.csv", "osat,*,300", "osat,*,-1", 3, "capacity", "-1", "negative"),
    ("yield-zero", "processes.csv", "10,0.9", "10,0", 2, "yield", "0", "yield"),
    ("yield-above", "processes.csv", "10,0.9", "10,92", 2, "yield", "92", "0.92"),
    ("share-above", "demand.csv", "120,0.5", "120,50", 4, "must_serve", "50", "50 % is 0.5"),
    ("lead-half", "lanes.csv", "die,1,0", "die,1,0.5", 2, "lead_time", "0.5", "whole"),
    ("quantity-zero-component", "components.csv", "die,2", "die,0", 2, "quantity", "0", "above 0"),
    ("missing-required", "components.csv", "die,2", "die,", 2, "quantity", None, "missing"),
    ("blank-id", "sites.csv", "fab,TW", " ,TW", 2, "site", None, "missing"),
    ("unknown-site", "processes.csv", "osat,chip", "osta,chip", 3, "site", "osta", "osat"),
    ("unknown-item", "demand.csv", "cloud,chip,2027Q1", "cloud,chop,2027Q1", 2, "item", "chop", "chip"),
    ("unknown-customer", "demand.csv", "lab,chip", "lba,chip", 4, "customer", "lba", "lab"),
    ("unknown-component", "components.csv", "chip,die", "chip,dye", 2, "component", "dye", "die"),
    ("unknown-lane-end", "lanes.csv", "fab,osat", "fab,osatt", 2, "to", "osatt", "osat"),
    ("region-as-place", "lanes.csv", "osat,region:TW", "osat,TW", 4, "to", "TW", "region:TW"),
    ("unknown-region", "lanes.csv", "region:TW", "region:TV", 4, "to", "region:TV", "TW"),
    ("unknown-tariff-region", "tariffs.csv", "TW,US", "TV,US", 2, "from_region", "TV", "TW"),
    ("unknown-stage", "items.csv", "die,wafer", "die,wafre", 2, "stage", "wafre", "wafer"),
    ("unknown-period", "demand.csv", "2027Q1,40", "2027Q9,40", 2, "period", "2027Q9", "2027Q"),
    ("window-backwards", "demand.csv", "2027Q1,40", "2027Q3..2027Q2,40", 2, "period", "2027Q3..2027Q2", "first..last"),
    ("customer-is-site", "customers.csv", "lab,Lab", "fab,Fab", 3, "customer", "fab", "rename"),
    ("lane-to-itself", "lanes.csv", "fab,osat", "osat,osat", 2, "to", "osat", "Remove"),
    ("unknown-column", "sites.csv", "operator", "oprator", 1, "oprator", None, "operator"),
    ("duplicate-header", "sites.csv", "site,region,operator", "site,region,region", 1, "region", None, "twice"),
    ("one-comma-too-many", "demand.csv", "2027Q1,40,100,3,,", "2027Q1,40,100,3,,,", 2, None, None, "too many"),
    ("one-comma-too-few", "demand.csv", "2027Q1,40,100,3,,", "2027Q1,40,100,3,", 2, None, None, "too few"),
    ("comma-in-a-name", "customers.csv", "cloud,Cloud,US", "cloud,Cloud, Inc.,US", 2, None, None, "double quotes"),
    ("open-quote", "customers.csv", "cloud,Cloud", 'cloud,"Cloud', 2, None, None, "quote is opened"),
    ("slash-id", "sites.csv", "fab,TW", "../../x,TW", 2, "site", "../../x", "letters"),
    ("formula-id", "sites.csv", "fab,TW", "=HYPERLINK(1),TW", 2, "site", "=HYPERLINK(1)", "letters"),
    ("script-id", "items.csv", "die,wafer", "<script>,wafer", 2, "item", "<script>", "letters"),
    ("space-id", "sites.csv", "fab,TW", "a b,TW", 2, "site", "a b", "letters"),
    ("padded-id", "sites.csv", "fab,TW", "fab ,TW", 2, "site", "fab ", "blanks"),
    ("cjk-id", "sites.csv", "fab,TW", "台積,TW", 2, "site", "台積", "letters"),
    ("bidi-name", "customers.csv", "cloud,Cloud", "cloud,Cl\u202eoud", 2, "name", None, "invisible"),
    ("bidi-isolate-name", "customers.csv", "cloud,Cloud", "cloud,Cl\u2067oud", 2, "name", None, "invisible"),
    ("bidi-mark-name", "customers.csv", "cloud,Cloud", "cloud,Cl\u200foud", 2, "name", None, "invisible"),
    ("control-name", "customers.csv", "cloud,Cloud", "cloud,Cl\x07oud", 2, "name", None, "invisible"),
    ("c1-control-name", "customers.csv", "cloud,Cloud", "cloud,Cl\x9boud", 2, "name", None, "invisible"),
    ("long-id", "sites.csv", "fab,TW", "f" * 300 + ",TW", 2, "site", None, "64"),
    ("long-name", "customers.csv", "cloud,Cloud", "cloud," + "C" * 3000, 2, "name", None, "Shorten"),
    ("cycle", "components.csv", "chip,die,2", "chip,die,2\ndie,chip,1", None, "component", None, "circle"),
    ("lead-past-horizon", "processes.csv", "fab,die,10,0.9,0", "fab,die,10,0.9,3", 2, "lead_time", "3", "periods"),
    ("lane-lead-past-horizon", "lanes.csv", "fab,osat,die,1,0", "fab,osat,die,1,12", 2, "lead_time", "12", "periods"),
    ("duplicate-row", "sites.csv", "osat,US,acme", "fab,US,acme", 3, "site", "fab", "row 2"),
    ("duplicate-key-window", "demand.csv", "2027Q2,50", "2027Q1..2027Q2,50", 3, "period", "2027Q1..2027Q2", "overlap"),
    ("duplicate-whole-window", "capacities.csv", "osat,*,300", "fab,*,300", 3, None, None, "row 2"),
    (
        "maximum-below-minimum",
        "stocks.csv",
        "opening,maximum\nfab,die,20,500",
        "minimum,maximum\nfab,die,20,5",
        2,
        "maximum",
        "5",
        "minimum",
    ),
    ("both-measures", "commitments.csv", "deal,fab,,,", "deal,fab,fab,die,", 2, None, None, "not both"),
    ("unknown-resource", "expansions.csv", "option,site,period", "option,site,resource\nx", None, None, None, "cells"),
    ("option-window", "expansions.csv", "osat,2027Q2", "osat,2027Q2..", 2, "period", "2027Q2..", "one first period"),
    ("yes-or-no", "expansions.csv", "0,6,no", "0,6,maybe", 2, "all_or_nothing", "maybe", "yes or no"),
    ("item-not-made-there", "commitments.csv", "deal,fab,,,", "deal,fab,,chip,", 2, "item", "chip", "does not make"),
]


def errors_of(source):
    return [problem for problem in planner.check_instance(source).problems if problem.severity == "error"]


def test_the_instance_to_spoil_is_valid(folder, mapping):
    assert planner.check_instance(folder.path).problems == ()
    assert planner.check_instance(mapping).problems == ()
    assert planner.solve(planner.load_instance(folder.path), policy="limited", scenario="strike").status == "optimal"


@pytest.mark.parametrize(
    ("file", "old", "new", "row", "column", "value", "words"), [case[1:] for case in CSV], ids=[case[0] for case in CSV]
)
def test_fault_in_a_csv_file(folder, file, old, new, row, column, value, words):
    folder.replace(file, old, new)
    found = errors_of(folder.path)
    assert found
    matching = [
        problem
        for problem in found
        if problem.file == file
        and (row is None or problem.row == row)
        and (column is None or problem.column == column)
        and (value is None or problem.value == value)
        and words in f"{problem.message} {problem.remedy}"
    ]
    assert matching, [str(problem) for problem in found]
    assert len(matching[0].remedy) > 5
    assert "\n" not in str(matching[0])


SETTINGS_FAULTS = [
    ("unknown-setting", "currency: USD", "curency: USD", "curency", "currency"),
    ("count-zero", "count: 3", "count: 0", "periods", "1"),
    ("count-huge", "count: 3", "count: 100000", "periods", "1200"),
    ("first-malformed", "first: 2027Q1", "first: 2027-Q1", "periods", "Write 2027Q1."),
    ("first-fifth-quarter", "first: 2027Q1", "first: 2027Q5", "periods", "2027Q1"),
    ("length-unknown", "length: quarter", "length: weeks", "periods", "week, month, quarter or year"),
    ("group-is-region", "world: [TW, US]", "TW: [US]", "region_groups", "another id"),
    ("group-unknown-member", "world: [TW, US]", "world: [TW, UX]", "region_groups", "US"),
    ("version", "schema_version: 1", "schema_version: 2", None, "reads 1"),
    ("name-missing", "name: small", "title: small", "name", "missing"),
    ("name-path", "name: small", "name: ../../x", "name", "letters"),
    ("stage-missing", "stages: [wafer, packaging]", "stages: [wafer]", "stage", "wafer"),
    ("discount-negative", "currency: USD", "currency: USD\ndiscount_rate: -0.1", "discount_rate", "0 or more"),
    ("stock-word", "currency: USD", "currency: USD\nstock: nowhere", "stock", "listed"),
    ("report-window", "currency: USD", "currency: USD\nreport_periods: 2030Q1..", None, "2027Q1"),
    ("regions-a-list", "regions: {TW: Taiwan, US: United States}", "regions: [TW, US]", "regions", ""),
    (
        "periods-twice",
        "periods: {first: 2027Q1, count: 3, length: quarter}",
        "periods: [2027Q1, 2027Q1, 2027Q2]",
        None,
        "same label",
    ),
    ("periods-none", "periods: {first: 2027Q1, count: 3, length: quarter}", "periods: []", None, "label"),
    ("key-twice", "currency: USD", "currency: USD\ncurrency: EUR", None, "twice"),
    ("tab-indent", "currency: USD", "\tcurrency: USD", None, "YAML"),
    ("anchor", "currency: USD", "currency: &a USD\ntitle: *a", None, "anchors"),
    ("two-documents", "currency: USD", "currency: USD\n---\nname: other", None, "documents"),
    ("python-tag", "currency: USD", "currency: !!python/object/apply:os.system [ls]", None, ""),
]


@pytest.mark.parametrize(
    ("old", "new", "column", "words"), [case[1:] for case in SETTINGS_FAULTS], ids=[case[0] for case in SETTINGS_FAULTS]
)
def test_fault_in_the_settings(folder, old, new, column, words):
    folder.replace("instance.yaml", old, new)
    found = errors_of(folder.path)
    matching = [
        problem
        for problem in found
        if (column is None or (problem.column or "").split(".")[0] == column)
        and words in f"{problem.message} {problem.remedy}"
    ]
    assert matching, [str(problem) for problem in found]
    assert len(matching[0].remedy) > 5


POLICY_FAULTS = [
    ("stage", "stage: packaging", "stage: packging", "packging", "packaging"),
    ("of", "of: US", "of: UK", "UK", "US"),
    ("share-percent", "max_share: 1.0", "max_share: 60", "60", "0.6"),
    ("share-missing", ", max_share: 1.0", "", None, "max_share"),
    ("both-kinds", "max_share: 1.0", "max_share: 1.0, min_free: 0.2", None, "min_free"),
    ("measure", "measure: stage", "measure: stages", "stages", "pathway"),
    ("unknown-key", "max_share: 1.0", "max_share: 1.0, softcost: 3", None, "softcost"),
    ("unknown-item", "max_share: 1.0", "max_share: 1.0, items: [chop]", "chop", "chip"),
    ("unknown-option", "name: limited", "name: limited\noptions: [mroe]", "mroe", "more"),
    ("period", "max_share: 1.0", "max_share: 1.0, period: 2031Q1", "2031Q1", "2027Q"),
    ("no-such-items-at-stage", "max_share: 1.0", "max_share: 1.0, items: [die]", "cap", "matches no item"),
    (
        "name-twice",
        "limits:",
        "limits:\n  - {name: cap, measure: stage, stage: wafer, of: TW, max_share: 1}",
        None,
        "twice",
    ),
]


@pytest.mark.parametrize(
    ("old", "new", "value", "words"), [case[1:] for case in POLICY_FAULTS], ids=[case[0] for case in POLICY_FAULTS]
)
def test_fault_in_a_policy(folder, old, new, value, words):
    folder.replace("policies/limited.yaml", old, new)
    _assert_found_in(folder, "policies/limited.yaml", value, words)


SCENARIO_FAULTS = [
    ("unknown-site", "site: osat", "site: osta", "osta", "osat"),
    ("unknown-change", "change: capacity", "change: capacities", None, "capacity"),
    ("two-figures", "factor: 0.5", "factor: 0.5, add: 3", None, "one of factor, set and add"),
    ("no-figure", ", factor: 0.5", "", None, "one of factor, set and add"),
    ("negative-factor", "factor: 0.5", "factor: -0.5", None, "0 or more"),
    ("unknown-key", "site: osat", "sites: osat", None, "sites"),
    ("wrong-key", "site: osat", "customer: cloud", None, "customer"),
    ("matches-nothing", "site: osat", "site: osat, region: TW", None, "selects nothing"),
    ("period", "period: 2027Q2", "period: 2029Q2", "2029Q2", "2027Q"),
    ("probability", "name: strike", "name: strike\nprobability: 3", "3", "0 to 1"),
    ("nan-factor", "factor: 0.5", "factor: .nan", ".nan", "number"),
]


@pytest.mark.parametrize(
    ("old", "new", "value", "words"), [case[1:] for case in SCENARIO_FAULTS], ids=[case[0] for case in SCENARIO_FAULTS]
)
def test_fault_in_a_scenario(folder, old, new, value, words):
    folder.replace("scenarios/strike.yaml", old, new)
    _assert_found_in(folder, "scenarios/strike.yaml", value, words)


def _assert_found_in(folder, file, value, words):
    found = errors_of(folder.path)
    matching = [
        problem
        for problem in found
        if problem.file == file
        and (value is None or problem.value == value)
        and words in f"{problem.message} {problem.remedy}"
    ]
    assert matching, [str(problem) for problem in found]
    assert len(matching[0].remedy) > 5


def test_probabilities_above_one_are_refused(folder):
    for name in ("one", "two"):
        folder.write(
            f"scenarios/{name}.yaml", f"name: {name}\nprobability: 0.6\nchanges:\n  - {{change: demand, factor: 2}}\n"
        )
    assert any(problem.column == "probability" and problem.value == "1.2" for problem in errors_of(folder.path))


def test_ten_faults_are_reported_together(folder):
    folder.replace("demand.csv", "2027Q1,40", "2027Q1,nan")
    folder.replace("demand.csv", "lab,chip", "lba,chip")
    folder.replace("processes.csv", "10,0.9", "10,1.9")
    folder.replace("components.csv", "chip,die", "chip,dye")
    folder.replace("lanes.csv", "fab,osat", "fab,osatt")
    folder.replace("customers.csv", "cloud,Cloud,US", "cloud,Cloud, Inc.,US")
    folder.replace("capacities.csv", "osat,*,300", "osat,2030Q1,300")
    folder.replace("tariffs.csv", "TW,US", "TV,US")
    folder.replace("policies/limited.yaml", "stage: packaging", "stage: packging")
    folder.replace("scenarios/strike.yaml", "site: osat", "site: osta")
    found = {(problem.file, problem.row, problem.column) for problem in errors_of(folder.path)}
    assert {
        ("demand.csv", 2, "quantity"),
        ("demand.csv", 4, "customer"),
        ("processes.csv", 2, "yield"),
        ("components.csv", 2, "component"),
        ("lanes.csv", 2, "to"),
        ("customers.csv", 2, None),
        ("capacities.csv", 3, "period"),
        ("tariffs.csv", 2, "from_region"),
        ("policies/limited.yaml", 3, "limits.cap.stage"),
        ("scenarios/strike.yaml", 3, "changes.0.where.site"),
    } <= found


def test_faults_of_the_settings_do_not_hide_those_of_the_tables(folder):
    folder.replace("instance.yaml", "count: 3", "count: 0")
    folder.replace("demand.csv", "lab,chip", "lba,chip")
    folder.replace("components.csv", "chip,die", "chip,dye")
    found = {(problem.file, problem.column) for problem in errors_of(folder.path)}
    assert {("demand.csv", "customer"), ("components.csv", "component")} <= found
    assert any(file == "instance.yaml" for file, _ in found)


@pytest.mark.parametrize("table", ["sites", "items", "processes", "customers", "demand", "lanes"])
def test_a_missing_or_empty_table_is_named(folder, table):
    text = folder.read(f"{table}.csv")
    folder.write(f"{table}.csv", text.splitlines()[0] + "\n")
    empty = errors_of(folder.path)
    assert any(problem.value == table and table in problem.remedy for problem in empty)
    (folder.path / f"{table}.csv").unlink()
    assert any(problem.value == table for problem in errors_of(folder.path))
    folder.write(f"{table}.csv", "")
    assert any(problem.file == f"{table}.csv" and "header" in problem.remedy for problem in errors_of(folder.path))


def test_an_item_that_nobody_makes_or_stocks(folder):
    folder.append("items.csv", "ghost,wafer,3\n")
    folder.append("demand.csv", "cloud,ghost,*,5,10,,,\n")
    assert any(
        (problem.file, problem.row, problem.value) == ("demand.csv", 5, "ghost") and "process" in problem.remedy
        for problem in errors_of(folder.path)
    )


def test_demand_that_no_lane_can_reach(folder):
    folder.replace("lanes.csv", "osat,region:TW,chip,3,0\n", "")
    with pytest.raises(planner.InstanceError) as caught:
        planner.solve(planner.load_instance(folder.path))
    assert any("lab" in problem.message and "lane" in problem.remedy for problem in caught.value.problems)


def test_no_demand_at_all_is_said(folder):
    folder.write("demand.csv", "customer,item,period,quantity\ncloud,chip,*,0\n")
    problems = planner.check_instance(folder.path).problems
    assert any(problem.column == "quantity" and "0" in problem.message for problem in problems)


def test_a_unit_slip_is_a_warning_at_its_row(folder):
    rows = "".join(f"c{k},Name,US\n" for k in range(8))
    folder.append("customers.csv", rows)
    folder.append("demand.csv", "".join(f"c{k},chip,*,{50_000_000 if k == 5 else 40},90,,,\n" for k in range(8)))
    folder.append("lanes.csv", "".join(f"osat,c{k},chip,3,0\n" for k in range(8)))
    checked = planner.check_instance(folder.path)
    assert not checked.errors
    assert [(problem.file, problem.row, problem.column) for problem in checked.problems] == [
        ("demand.csv", 10, "quantity")
    ]


def test_an_unknown_table_is_named_with_the_nearest(folder):
    folder.write("demands.csv", folder.read("demand.csv"))
    assert any(problem.file == "demands.csv" and "demand" in problem.remedy for problem in errors_of(folder.path))


def test_a_table_twice_is_refused(folder):
    folder.append("instance.yaml", "sites:\n  - {site: fab, region: TW}\n")
    assert any("inline" in problem.message for problem in errors_of(folder.path))


def test_two_equally_exact_rows_with_other_figures(folder):
    folder.append("instance.yaml", "")
    folder.replace("instance.yaml", "world: [TW, US]", "world: [TW, US], all: [TW, US]")
    folder.append("lanes.csv", "region:world,cloud,*,5,0\nregion:all,cloud,*,6,0\n")
    assert any(
        problem.file == "lanes.csv" and problem.row == 6 and "equally exact" in problem.message
        for problem in errors_of(folder.path)
    )


@pytest.mark.parametrize("suffix", ["yaml", "json"])
@pytest.mark.parametrize(
    ("table", "row", "column", "value"),
    [
        ("demand", 1, "quantity", "nan"),
        ("demand", 0, "quantity", "1_0"),
        ("processes", 1, "yield", "1.5"),
        ("lanes", 0, "to", "osatt"),
        ("sites", 1, "site", "a b"),
    ],
)
def test_faults_in_a_single_file(single, mapping, suffix, table, row, column, value):
    mapping[table][row][column] = value
    matching = [
        problem
        for problem in errors_of(single(mapping, suffix))
        if table in problem.file and problem.column == column and problem.value == value
    ]
    assert matching
    assert matching[0].row is not None
    assert len(matching[0].remedy) > 5


@pytest.mark.parametrize("suffix", ["yaml", "json"])
@pytest.mark.parametrize("figure", ["true", "NaN", "Infinity", "1e999", "[1]", "{}"])
def test_a_figure_that_is_none_in_a_single_file(single, mapping, suffix, figure):
    import json

    mapping["demand"][0]["quantity"] = "@@"
    source = single(json.dumps(mapping, indent=1).replace('"@@"', figure), suffix)
    assert any("demand" in problem.file and problem.column == "quantity" for problem in errors_of(source))


@pytest.mark.parametrize("content", ["[]", "3", '"text"', "null", "[[1]]", "{", "", "- a", "a: [", "\x01"])
@pytest.mark.parametrize("suffix", ["yaml", "json"])
def test_a_file_that_is_no_mapping(single, content, suffix):
    assert errors_of(single(content, suffix))


@pytest.mark.parametrize("table", ["sites", "demand", "policies", "scenarios", "periods", "regions", "region_groups"])
@pytest.mark.parametrize("value", [3, "text", {"a": {"b": [1]}}, [3], [[]], [None], [{"x": {"y": 1}}], True])
def test_a_part_of_another_shape(mapping, table, value):
    mapping[table] = value
    assert errors_of(mapping)


def test_nothing_to_read_is_a_planner_error(tmp_path):
    for path in (tmp_path / "absent", tmp_path, tmp_path / "absent.yaml", tmp_path / "x.docx"):
        if path.suffix == ".docx":
            path.write_bytes(b"PK")
        with pytest.raises(planner.PlannerError):
            planner.check_instance(path)


def test_a_column_that_stands_several_times_is_said_once(folder):
    folder.replace("sites.csv", "site,region,operator", "site,region,region,region")
    found = [problem for problem in errors_of(folder.path) if problem.file == "sites.csv" and problem.row == 1]
    assert [(problem.column, problem.message) for problem in found] == [("region", "The column region stands twice.")]
