"""Outgoing webhooks: what partners' systems are told, signed as Standard Webhooks, and sent until it is taken."""
