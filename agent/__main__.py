"""`python3 -m agent ...`; in ars-agent.pyz its place is taken by what build.py writes."""

import sys

from agent.cli import main

sys.exit(main(sys.argv[1:]))
