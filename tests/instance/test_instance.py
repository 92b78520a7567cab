"""The instance as a value: its content, its hash, and copies of it."""

import toys

import planner
from planner.instance.applying import apply_scenario

DOUBLED = {"change": "demand", "factor": 2}


def test_reading_back_gives_an_equal_instance():
    instance = toys.toy()
    again = planner.load_instance(instance.as_mapping())
    assert again == instance
    assert again.content_hash == instance.content_hash


def test_values_are_read_alike_as_text_and_as_numbers():
    def as_text(value):
        if isinstance(value, dict):
            return {key: as_text(part) for key, part in value.items()}
        return [as_text(part) for part in value] if isinstance(value, list) else str(value)

    assert planner.load_instance(as_text(toys.TOY)).content_hash == toys.toy().content_hash


def test_row_order_is_no_content():
    turned = {
        name: value[::-1] if isinstance(value, list) and name not in {"periods", "stages"} else value
        for name, value in toys.TOY.items()
    }
    assert planner.load_instance(turned).content_hash == toys.toy().content_hash


def test_a_copy_with_other_rows_has_another_hash():
    base = toys.tiny()
    before = base.content_hash
    changed = apply_scenario(base, toys.scenario(DOUBLED))
    assert changed.demand != base.demand
    assert changed.content_hash != before
    assert base.content_hash == before


def test_a_copy_with_other_places_has_other_regions():
    base = toys.two_plants()
    assert base.regions == ("TW", "US")
    changed = base.replace(sites=[row for row in base.sites if row.region == "TW"])
    assert changed.regions == ("TW",)


def test_a_second_run_of_a_scenario_is_the_same_as_the_first():
    base = toys.tiny()
    scenario = toys.scenario(DOUBLED)
    hashes = {planner.solve(base, scenario=scenario).instance.content_hash for _ in range(2)}
    assert hashes == {apply_scenario(toys.tiny(), scenario).content_hash}
