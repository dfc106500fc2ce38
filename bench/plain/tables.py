"""`python -m bench.plain.tables N`: makes the tutorial's tables with N printers that have reported six levels."""

import sys

from django.apps import apps
from django.db import connection

from bench.plain import wsgi

FILL = """
INSERT INTO plain_device (id, token) SELECT n, 'ars_device_bench_' || n FROM generate_series(1, %(printers)s) n;
INSERT INTO plain_supply (device_id, slot, level)
SELECT n, slot, 60 FROM generate_series(1, %(printers)s) n, unnest(%(slots)s) slot;
ANALYZE plain_device, plain_supply;
"""


def main() -> None:
    print(f"tables of {wsgi.__name__}")  # whose settings are ready, and with them the models
    with connection.schema_editor() as editor:
        for model in apps.get_app_config("plain").get_models():
            editor.create_model(model)
    with connection.cursor() as cursor:
        cursor.execute(FILL, {"printers": int(sys.argv[1]), "slots": sys.argv[2].split(",")})


if __name__ == "__main__":
    main()
