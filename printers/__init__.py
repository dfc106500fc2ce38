"""The physical world: models, slots, supplies, printers and what they report. Knows no people and no money."""
