"""Commands of the orders app, one a file."""
