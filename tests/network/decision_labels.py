"""The labels of decisions that an earlier plan hands over, by their block."""

LABELS = {
    "make": ["site", "item", "recipe", "period"],
    "ship": ["from", "to", "item", "period"],
    "late": ["customer", "item", "period"],
    "lost": ["customer", "item", "period"],
    "expand": ["option"],
    "open": ["option"],
}
