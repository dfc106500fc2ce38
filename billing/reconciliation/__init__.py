"""Our charges and refunds beside Stripe's, both ways: what differs is kept for a person, who applies the repair."""
