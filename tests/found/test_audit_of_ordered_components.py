"""The audit asks for one product as if the chain worked for it alone: what else is ordered, or owed, takes nothing away."""

import pytest
import toys

from planner.study.audit.audit import audit

ORDERED = {"customer": "shop", "price": 100}


def chain(**tables):
    """50 parts can be made in the US; 44 units, of a part each, are ordered, and 46 parts."""
    return toys.tiny(
        sites=[{"site": "plant", "region": "US"}],
        items=[{"item": "part", "stage": "die"}, {"item": "unit", "stage": "make"}],
        components=[{"item": "unit", "component": "part", "quantity": 1}],
        processes=[{"site": "plant", "item": "part", "resource": "fab"}, {"site": "plant", "item": "unit"}],
        capacities=[{"site": "plant", "resource": "fab", "capacity": 50}],
        **{
            "demand": [{**ORDERED, "item": "unit", "quantity": 44}, {**ORDERED, "item": "part", "quantity": 46}],
            "lanes": [{"from": "plant", "to": "shop"}],
            **tables,
        },
    )


def verdicts(instance):
    return audit(instance, ["US"]).free_of.set_index("product")


def test_a_component_that_is_ordered_too():
    found = verdicts(chain())
    assert found["any_region"].to_dict() == pytest.approx({"unit": 1, "part": 1, "*": 50 / 90})
    assert (found["share"] == 0).all()


def test_orders_of_a_component_that_only_the_avoided_region_could_serve():
    """Ended as a failure of the solver: 46 parts had to be delivered, and none could be."""
    found = verdicts(chain(lanes=[{"from": "plant", "to": "shop", "item": "part"}]))
    assert found["any_region"].to_dict() == pytest.approx({"unit": 0, "part": 1, "*": 46 / 90})
    assert (found["share"] == 0).all()


def test_what_is_owed_and_cannot_be_lost():
    """Owed from before without a late cost it must be delivered at once; without the region it cannot be."""
    found = verdicts(chain(owed=[{"customer": "shop", "item": "unit", "quantity": 5}]))
    assert found["share"].to_dict() == {"unit": 0, "part": 0, "*": 0}
    assert found["any_region"].to_dict() == pytest.approx({"unit": 1, "part": 1, "*": 50 / 90})
