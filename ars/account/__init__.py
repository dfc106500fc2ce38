"""The customer's pages, over several apps."""
