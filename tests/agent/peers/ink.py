#!/usr/bin/python3
"""Run by ippeveprinter for each job: every copy uses one percent of each ink, and fills the absorber."""

import json
import os
import sys
from pathlib import Path

state = Path(os.environ["INK_STATE"])
black, cyan, waste = json.loads(state.read_text()) if state.exists() else (80, 17, 35)
used = int(os.environ.get("IPP_COPIES", "1"))
levels = [max(0, black - used), max(0, cyan - used), min(100, waste + used)]
state.write_text(json.dumps(levels))
sys.stderr.write(f"ATTR: marker-levels={','.join(map(str, levels))}\n")
sys.stderr.write(f"STATE: {'+' if min(levels[:2]) <= 15 else '-'}marker-supply-low\n")
