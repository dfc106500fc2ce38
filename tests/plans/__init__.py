"""How the database answers when there are many printers: whether it walks an index, or reads a whole table."""
