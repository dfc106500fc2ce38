"""Cards and charges: every order charged once, at shipment, for the right amount."""
