"""A window of periods drawn at random, as tables write them."""


def window_of(rng, labels):
    """One period, or a range with both ends or one."""
    first = rng.randrange(len(labels))
    last = rng.randrange(first, len(labels))
    return rng.choice([f"{labels[first]}..{labels[last]}", f"{labels[first]}..", f"..{labels[last]}", labels[first]])
