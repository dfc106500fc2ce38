"""Stripe's local stand-in for development, tests and the demo: a proxy of ours in front of localstripe."""
