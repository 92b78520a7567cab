"""Lanes, tariffs and recipes: which row counts for what."""

import toys

PLACES = {
    "region_groups": {"asia": ["TW", "KR"]},
    "sites": [{"site": "tw1", "region": "TW"}, {"site": "tw2", "region": "TW"}, {"site": "kr1", "region": "KR"}],
    "items": [{"item": "unit", "stage": "make", "value": 10}, {"item": "other", "stage": "make", "value": 10}],
    "processes": [{"site": site, "item": item} for site in ("tw1", "tw2", "kr1") for item in ("unit", "other")],
    "customers": [{"customer": "shop", "region": "US"}, {"customer": "home", "region": "TW"}],
    "demand": [
        {"customer": customer, "item": item, "quantity": 1, "price": 9}
        for customer in ("shop", "home")
        for item in ("unit", "other")
    ],
    "lanes": [{"from": "region:asia", "to": "region:US"}, {"from": "region:asia", "to": "region:TW"}],
}


def network(**tables):
    return toys.network(toys.tiny(**{**PLACES, **tables}))


def freight(*lanes, **tables):
    """{(from, to, item): freight}, or with periods {(from, to, item, period): freight}."""
    found = network(lanes=list(lanes), **tables)
    many = len(found.labels) > 1
    return {
        (row._1, row.to, row.item, *([found.labels[row.period]] if many else [])): row.freight
        for row in found.ship[["from", "to", "item", "period", "freight"]].itertuples()
    }


def test_a_region_stands_for_its_sites_and_in_to_for_its_customers_as_well():
    found = freight({"from": "region:TW", "to": "region:TW", "item": "unit", "unit_cost": 1})
    assert set(found) == {
        ("tw1", "home", "unit"),
        ("tw2", "home", "unit"),
        ("tw1", "tw2", "unit"),
        ("tw2", "tw1", "unit"),
    }


def test_a_group_stands_for_the_sites_of_all_its_regions():
    found = freight({"from": "region:asia", "to": "shop", "item": "unit"})
    assert set(found) == {("tw1", "shop", "unit"), ("tw2", "shop", "unit"), ("kr1", "shop", "unit")}


def test_an_id_beats_a_region_beats_a_group():
    found = freight(
        {"from": "region:asia", "to": "shop", "unit_cost": 1},
        {"from": "region:TW", "to": "shop", "unit_cost": 2},
        {"from": "tw1", "to": "shop", "unit_cost": 3},
    )
    assert {start: cost for (start, _, item), cost in found.items() if item == "unit"} == {"kr1": 1, "tw2": 2, "tw1": 3}


def test_from_is_compared_before_to_and_to_before_item():
    by_from = freight(
        {"from": "tw1", "to": "region:US", "unit_cost": 1}, {"from": "region:TW", "to": "shop", "unit_cost": 2}
    )
    assert by_from["tw1", "shop", "unit"] == 1
    by_to = freight(
        {"from": "tw1", "to": "shop", "unit_cost": 1},
        {"from": "tw1", "to": "region:US", "item": "unit", "unit_cost": 2},
    )
    assert by_to["tw1", "shop", "unit"] == 1
    by_item = freight(
        {"from": "tw1", "to": "shop", "unit_cost": 1}, {"from": "tw1", "to": "shop", "item": "unit", "unit_cost": 2}
    )
    assert (by_item["tw1", "shop", "unit"], by_item["tw1", "shop", "other"]) == (2, 1)


def test_precedence_is_period_by_period():
    found = freight(
        {"from": "region:TW", "to": "shop", "item": "unit", "unit_cost": 1},
        {"from": "tw1", "to": "shop", "item": "unit", "period": "P2", "unit_cost": 5},
        periods=["P1", "P2", "P3"],
    )
    assert [found["tw1", "shop", "unit", period] for period in ("P1", "P2", "P3")] == [1, 5, 1]


def test_a_row_of_an_item_leaves_the_other_periods_to_the_row_of_all_items():
    found = freight(
        {"from": "tw1", "to": "shop", "unit_cost": 1},
        {"from": "tw1", "to": "shop", "item": "unit", "period": "P2", "unit_cost": 5},
        periods=["P1", "P2"],
    )
    assert [found["tw1", "shop", "unit", period] for period in ("P1", "P2")] == [1, 5]


def test_lead_times_of_wide_and_exact_rows_do_not_mix():
    found = network(
        periods=["P1", "P2"], lanes=[{"from": "region:TW", "to": "shop", "lead_time": 1}, {"from": "tw1", "to": "shop"}]
    )
    unit = found.ship[found.ship["item"] == "unit"]
    assert unit[["from", "period", "arrive"]].values.tolist() == [["tw1", 0, 0], ["tw1", 1, 1], ["tw2", 0, 1]]


def tariffs(*rows, **tables):
    """{(from, to, item): duty a unit}; every value is 10."""
    found = network(tariffs=list(rows), **tables)
    return {(row._1, row.to, row.item): row.tariff for row in found.ship[["from", "to", "item", "tariff"]].itertuples()}


def test_tariff_by_region_of_departure_and_arrival():
    found = tariffs({"from_region": "TW", "to_region": "US", "rate": 0.3})
    assert found["tw1", "shop", "unit"] == 3
    assert found["kr1", "shop", "unit"] == 0
    assert found["tw1", "home", "unit"] == 0


def test_tariff_precedence():
    rows = [
        {"from_region": "*", "to_region": "US", "rate": 0.1},
        {"from_region": "asia", "to_region": "US", "rate": 0.2},
        {"from_region": "KR", "to_region": "US", "rate": 0.3},
        {"from_region": "KR", "to_region": "US", "item": "other", "rate": 0.4},
    ]
    found = tariffs(*rows)
    assert (found["tw1", "shop", "unit"], found["kr1", "shop", "unit"], found["kr1", "shop", "other"]) == (2, 3, 4)
    # from before item: an exact region of departure beats a group with an item
    assert (
        tariffs({"from_region": "asia", "to_region": "US", "item": "unit", "rate": 0.9}, *rows[2:])[
            "kr1", "shop", "unit"
        ]
        == 3
    )


def test_groups_and_stars_mean_crossings_of_a_border_only():
    for row in (
        {"from_region": "*", "to_region": "*"},
        {"from_region": "asia", "to_region": "asia"},
        {"from_region": "TW", "to_region": "*"},
        {"from_region": "*", "to_region": "TW"},
        {"from_region": "TW", "to_region": "asia"},
    ):
        found = tariffs({**row, "rate": 0.5})
        assert found["tw1", "home", "unit"] == 0, row
        assert found["tw1", "tw2", "unit"] == 0, row
    assert tariffs({"from_region": "asia", "to_region": "asia", "rate": 0.5})["kr1", "home", "unit"] == 5


def test_a_named_region_can_tax_itself():
    assert tariffs({"from_region": "TW", "to_region": "TW", "rate": 0.5})["tw1", "home", "unit"] == 5


def test_duty_is_that_of_the_period_of_departure():
    found = network(
        periods=["P1", "P2"],
        lanes=[{"from": "tw1", "to": "shop", "lead_time": 1}],
        tariffs=[{"from_region": "TW", "to_region": "US", "rate": 0.5, "period": "P2"}],
    )
    assert found.ship[["period", "arrive", "tariff"]].drop_duplicates().values.tolist() == [[0, 1, 0]]


BILL = {
    "items": [
        {"item": "unit", "stage": "make"},
        {"item": "bolt", "stage": "parts"},
        {"item": "plate", "stage": "parts"},
    ],
    "processes": [
        {"site": "plant", "item": "unit"},
        {"site": "plant", "item": "unit", "recipe": "light"},
        {"site": "plant", "item": "bolt"},
        {"site": "plant", "item": "plate"},
    ],
}


def bill(*components):
    found = toys.network(toys.tiny(**BILL, components=[{"item": "unit", **row} for row in components]))
    recipe = found.make["recipe"].to_numpy()[found.uses["row"].to_numpy(dtype=int)]
    return {
        (recipe, part): quantity
        for recipe, part, quantity in zip(recipe, found.uses["component"], found.uses["quantity"], strict=True)
    }


def test_a_row_for_a_recipe_replaces_the_wide_row_of_that_component_only():
    found = bill(
        {"component": "bolt", "quantity": 4},
        {"component": "plate", "quantity": 2},
        {"recipe": "light", "component": "bolt", "quantity": 1},
    )
    assert found == {("standard", "bolt"): 4, ("standard", "plate"): 2, ("light", "bolt"): 1, ("light", "plate"): 2}


def test_a_component_of_one_recipe_alone():
    found = bill({"component": "bolt", "quantity": 4}, {"recipe": "light", "component": "plate", "quantity": 1})
    assert found == {("standard", "bolt"): 4, ("light", "bolt"): 4, ("light", "plate"): 1}


def test_items_made_at_a_site_are_used_there_without_a_lane():
    instance = toys.tiny(**BILL, components=[{"item": "unit", "component": "bolt", "quantity": 2}])
    assert toys.solve(instance).production.set_index(["item"])["started"].groupby("item").sum().to_dict() == {
        "unit": 10,
        "bolt": 20,
    }


def test_what_cannot_arrive_in_time_has_no_decision():
    found = toys.network(toys.tiny(periods=["P1", "P2"], processes=[{"site": "plant", "item": "unit", "lead_time": 1}]))
    assert found.make["period"].tolist() == [0]
    assert found.ship["period"].tolist() == [1]


def test_a_process_starts_only_in_its_window():
    found = toys.network(
        toys.tiny(periods=["P1", "P2", "P3"], processes=[{"site": "plant", "item": "unit", "period": "P2.."}])
    )
    assert found.make["period"].tolist() == [1, 2]
