"""`python -m bench.worker`: says that it is ready, sweeps signals once told to, and ends when none is left."""

import sys
from typing import Any

import django
from django.db import connection
from django.utils.module_loading import import_string


def main() -> None:
    django.setup()
    sweep: Any = import_string("orders.tasks.sweep_signals")
    connection.ensure_connection()
    print("ready", flush=True)
    sys.stdin.readline()
    while sweep():
        pass


if __name__ == "__main__":
    main()
