"""The demo: the whole service on one machine, with people, printers, a warehouse and a carrier at work."""

import sys

NEEDED = (3, 11)

if sys.version_info < NEEDED:
    sys.exit(f"ARS needs Python 3.11 or newer, and this is {sys.version.split()[0]}: install one and start again.")
