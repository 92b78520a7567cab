"""What gave way after a strike is said in words: people were shown the names of blocks, such as `over` and `below`."""

import pandas as pd

from planner.model.catalogue import BLOCKS
from planner.study.stress.tables import GAVE_WAY, promises_in_words


def test_kinds_in_words():
    given = pd.DataFrame({"kind": ["over", "commitment", "limit"], "quantity": 1.0})
    shown = promises_in_words(given)
    assert list(shown["kind"]) == ["stock above its maximum", "commitment", "limit"]
    assert list(given["kind"]) == ["over", "commitment", "limit"]  # in JSON and Python they keep their names


def test_every_block_of_recourse_has_words():
    names = [block.name for block in BLOCKS]
    assert set(GAVE_WAY) == set(names[names.index("unserved") : names.index("over") + 1])
