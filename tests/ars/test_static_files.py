"""Static files as they leave the production server: named by what is in them, so kept for years, and compressed."""

import gzip
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bench.scratch import ENVIRONMENT

ROOT = Path(__file__).resolve().parents[2]
ASK = """
import json
import django
from django.core.management import call_command
django.setup()
call_command("collectstatic", interactive=False, verbosity=0)
from django.templatetags.static import static
from django.test import Client
name, told = static("css/site.css"), {}
for accepts in ("", "gzip"):
    answer = Client().get(name, secure=True, headers={"host": "localhost", "accept-encoding": accepts})
    body = b"".join(answer.streaming_content).hex()
    told[accepts] = {"path": name, "status": answer.status_code, "body": body, **dict(answer.headers)}
print(json.dumps(told))
"""


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """What a process with production's settings answers for one file: to who takes gzip, and to who does not."""
    unset = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    own = {"STATIC_ROOT": str(tmp_path_factory.mktemp("static")), "DATABASE_URL": "postgresql://nobody@localhost/none"}
    done = subprocess.run(
        [sys.executable, "-c", ASK], env=unset | ENVIRONMENT | own, cwd=ROOT, check=True, stdout=subprocess.PIPE
    )
    return json.loads(done.stdout)


def test_a_file_is_named_by_its_content_and_kept_for_good(told: Any) -> None:
    for answer in told.values():
        assert answer["status"] == 200
        assert answer["path"].startswith("/static/css/site.")
        assert answer["path"] != "/static/css/site.css"
        assert answer["Cache-Control"] == "max-age=315360000, public, immutable"


def test_it_is_sent_compressed_to_who_takes_that(told: Any) -> None:
    plain, packed = told[""], told["gzip"]
    assert "Content-Encoding" not in plain
    assert packed["Content-Encoding"] == "gzip"
    assert packed["Vary"] == "Accept-Encoding"
    assert gzip.decompress(bytes.fromhex(packed["body"])) == bytes.fromhex(plain["body"])
    assert len(packed["body"]) < len(plain["body"]) / 2
