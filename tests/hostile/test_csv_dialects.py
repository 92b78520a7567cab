"""CSV as spreadsheets save it is read, and said in one warning a file; what can mean two things is refused."""

import pytest

import planner

DEMAND = "customer,item,period,quantity,price,late_cost,lost_cost,must_serve\n"


def loaded(folder):
    """The instance, with the warnings that it has."""
    found = planner.check_instance(folder.path)
    assert found.errors == ()
    assert found.instance is not None
    return found.instance, [problem.message for problem in found.problems]


def foreign(folder, file, separator, comma="."):
    """A file of the small instance with other separators and decimal signs."""
    text = folder.read(file)
    rows = [row.split(",") for row in text.splitlines()]
    rows = [
        [cell.replace(".", comma) if cell[:1].isdigit() and "Q" not in cell else cell for cell in row] for row in rows
    ]
    folder.write(file, "\n".join(separator.join(row) for row in rows) + "\n")


@pytest.mark.parametrize(("separator", "word"), [(";", "semicolons"), ("\t", "tabs")])
@pytest.mark.parametrize("comma", [".", ","])
def test_other_separators_and_decimal_commas(folder, separator, word, comma):
    before, _ = loaded(folder)
    for file in ("demand.csv", "processes.csv", "tariffs.csv", "sites.csv"):
        foreign(folder, file, separator, comma)
    instance, warnings = loaded(folder)
    assert instance == before
    assert len(warnings) == 4, "one a file"
    assert all(word in warning for warning in warnings)
    assert sum("decimal commas" in warning for warning in warnings) == (3 if comma == "," else 0)


def test_every_thing_at_once_is_one_warning(folder):
    text = "site;region;operator;;\nfab;TW;Fäbrik GmbH;;\nosat;US;acme;;\n;;;;\n;;;;\n"
    folder.write("sites.csv", b"\xef\xbb\xbf" + text.encode())
    instance, warnings = loaded(folder)
    assert instance.sites[0].operator == "Fäbrik GmbH"
    (warning,) = warnings
    for words in ("byte-order mark", "semicolons", "2 empty rows", "2 empty columns"):
        assert words in warning


def test_windows_letters(folder):
    folder.write("sites.csv", "site,region,operator\nfab,TW,Fäbrik – Süd €\nosat,US,acme\n".encode("cp1252"))
    instance, warnings = loaded(folder)
    assert instance.sites[0].operator == "Fäbrik – Süd €"
    assert "Windows-1252" in warnings[0]


def test_bytes_that_are_no_letters_are_refused(folder):
    folder.write("sites.csv", b"site,region,operator\nfab,TW,\x81\xfe\nosat,US,acme\n")
    (found,) = planner.check_instance(folder.path).errors
    assert "UTF-8" in found.message
    assert found.row == 2


def test_a_plain_file_is_read_without_a_word(folder):
    assert loaded(folder)[1] == []


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("40,5", 40.5),
        ("1.250,5", 1250.5),
        ("1.250", 1250),  # beside a decimal comma a point can only stand between thousands
        ("1,250", 1.25),
        ("1,5e2", 150),
        ("+0,25", 0.25),
        (" 12,0 ", 12),
    ],
)
def test_figures_beside_a_decimal_comma(folder, written, meant):
    text = DEMAND.replace(",", ";") + f"cloud;chip;2027Q1;{written};100;3;;\nlab;chip;*;10;90,5;;120;0,5\n"
    folder.write("demand.csv", text)
    instance, _ = loaded(folder)
    assert next(row.quantity for row in instance.demand if row.customer == "cloud") == meant


@pytest.mark.parametrize("written", ["1,234", "12.000", "-3,250"])
def test_a_figure_that_can_be_two_is_refused_with_both(folder, written):
    folder.write(
        "demand.csv", DEMAND.replace(",", ";") + f"cloud;chip;2027Q1;40;100;3;;\nlab;chip;*;{written};90;;120;1\n"
    )
    (found,) = planner.check_instance(folder.path).errors
    assert (found.file, found.row, found.column, found.value) == ("demand.csv", 3, "quantity", written)
    assert written.replace(",", ".") in found.message
    assert written.replace(",", "").replace(".", "") in found.message


def test_two_decimal_signs_in_one_file_are_refused(folder):
    folder.write("demand.csv", DEMAND.replace(",", ";") + "cloud;chip;2027Q1;40,5;100;3;;\nlab;chip;*;10;90.5;;120;1\n")
    (found,) = planner.check_instance(folder.path).errors
    assert found.row == 2
    assert "'40,5'" in found.message
    assert "'90.5'" in found.message


def test_decimal_points_beside_semicolons_leave_commas_alone(folder):
    folder.write("demand.csv", DEMAND.replace(",", ";") + "cloud;chip;2027Q1;1,000;99.5;3;;\nlab;chip;*;10;90;;120;1\n")
    (found,) = planner.check_instance(folder.path).errors
    assert (found.row, found.column) == (2, "quantity")


def test_text_keeps_its_commas_and_points(folder):
    folder.write("customers.csv", 'customer;name;region\ncloud;"A, B; 1,5";US\nlab;3.000;TW\n')
    instance, _ = loaded(folder)
    assert [row.name for row in instance.customers] == ["A, B; 1,5", "3.000"]


def test_rows_keep_their_numbers(folder):
    text = 'site;region;operator;\n\nfab;TW;"two\nlines";\nosat;;acme;\n'
    folder.write("sites.csv", text)
    rows = {problem.row for problem in planner.check_instance(folder.path).errors if problem.file == "sites.csv"}
    assert rows == {3, 5}


def test_a_column_without_a_name_that_has_values_is_not_cut_off(folder):
    folder.write("sites.csv", "site;region;operator;\nfab;TW;acme;note\nosat;US;acme;\n")
    assert planner.check_instance(folder.path).errors[0].file == "sites.csv"


def test_columns_of_the_users_own_are_passed_over(folder):
    folder.write("sites.csv", "site,#seen,region,operator,#\nfab,yes,TW,acme,\nosat,,US,acme,!\n")
    instance, warnings = loaded(folder)
    assert len(instance.sites) == 2
    assert warnings == []


@pytest.mark.parametrize("text", ["\n\n", '""\n', "\n" + DEMAND], ids=["blank", "quotes", "above"])
def test_an_empty_first_row_is_told_once(folder, text):
    folder.write("demand.csv", text)
    (problem,) = planner.check_instance(folder.path).errors
    assert (problem.row, problem.message) == (1, "The first row is empty.")
    assert "customer, item, period, quantity" in problem.remedy


def test_a_percentage_with_a_decimal_comma_is_told_as_the_file_has_its_figures(folder):
    """Its remedy was a figure with a decimal point, which was then refused for the commas beside it."""
    foreign(folder, "processes.csv", ";", ",")
    text = folder.read("processes.csv")
    folder.write("processes.csv", text.replace("0,9", "92,5%", 1))
    (found,) = planner.check_instance(folder.path).errors
    assert (found.value, found.column) == ("92,5%", "yield")
    written = found.remedy.split(" or as ")[1].split()[0]
    folder.write("processes.csv", text.replace("0,9", written, 1))
    instance, _ = loaded(folder)
    assert 0.925 in {row.yield_ for row in instance.processes}
