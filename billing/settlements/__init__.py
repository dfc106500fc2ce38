"""The books of a month: every charge taken and every refund made, line by line, read from those rows themselves."""
