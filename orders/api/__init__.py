"""The fulfilment API: what warehouses read and tell."""
