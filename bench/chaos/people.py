"""`python -m bench.chaos.people COUNT CROWD FILE`: the schema, the catalogue, customers with a printer each, the shelf.

Written to FILE: what an outsider needs to be a printer or the warehouse.
"""

import json
import sys
from pathlib import Path
from typing import Any

import django
from django.utils.module_loading import import_string


def main(count: int, crowd: int, told: Path) -> None:
    django.setup()
    cast: Any = import_string("bench.chaos.casting.cast")  # what reads the settings, and they exist only now
    told.write_text(json.dumps(cast(count, told.parent, crowd)))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]))
