"""Commands of the whole, one a file."""
