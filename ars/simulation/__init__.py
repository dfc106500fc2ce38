"""A year of printers in minutes: the real endpoint, the real sweeps, and an auditor who knows what is true.

`truth` is the world outside: cartridges, what printers say of them, what their owners do. `cast` makes the rows it
starts from, `shop` packs, ships and answers, `audit` says what was missed or sent twice, `year` lets the days pass.
"""
