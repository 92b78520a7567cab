"""What is drawn for a random instance: figures, windows, parts of lists."""

import random

from windows import window_of


class Draws:
    """Draws from a seed; `labels` and `T` are the periods of the instance, `whole` asks for round figures."""

    labels: list
    T: int
    whole: bool

    def __init__(self, seed):
        self.rng = random.Random(seed)

    def chance(self, share):
        return self.rng.random() < share

    def figure(self, low, high):
        value = self.rng.uniform(low, high)
        return float(round(value)) if self.whole else round(value, 2)

    def window(self):
        """All periods, one, or a range with open ends."""
        if self.T == 1 or self.chance(0.5):
            return "*"
        return window_of(self.rng, self.labels)

    def split(self):
        """One window, or several that do not overlap and may leave a hole."""
        if self.T == 1 or self.chance(0.6):
            return [self.window() if self.chance(0.3) else "*"]
        cut = self.rng.randrange(1, self.T)
        first, second = f"..{self.labels[cut - 1]}", f"{self.labels[cut]}.."
        return [first, second] if self.chance(0.8) else [self.labels[0], second if cut > 0 else "*"]

    def lead(self):
        return self.rng.choice([0, 0, 0, 0, min(1, self.T - 1), self.rng.randint(0, self.T - 1)])

    def some(self, values, most=None):
        values = list(values)
        return self.rng.sample(values, self.rng.randint(1, min(len(values), most or len(values))))
