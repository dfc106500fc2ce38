"""Measurements at scale, each on a database of its own that is dropped afterwards. `make bench` runs them."""
