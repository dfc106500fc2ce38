"""One story of each order and each supply, from the facts of all apps: told to customers, shown in full to staff."""
