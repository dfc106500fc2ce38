"""How long one call to Stripe may take, and how long until a fact it left open is asked about again."""

from datetime import timedelta

# How long one call to Stripe may take at worst: three tries of 3 s for a slot, 3 s to connect and 20 s to read, and
# 1.5 s between them (billing/gateway/wire.py).
# The lease outlasts that and is renewed before each call; it stays far below the two minutes in which a killed worker's
# charge must be taken up by another.
LEASE = timedelta(seconds=90)
BACKOFF = [timedelta(seconds=seconds) for seconds in (2, 5, 10, 30, 60, 300)]
