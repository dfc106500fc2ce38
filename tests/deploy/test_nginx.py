"""The nginx site of deploy/: nginx takes it, and it says what the settings rely on."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from bench.standing import DEPLOY, Standing

SITE = (DEPLOY / "nginx" / "ars.conf").read_text()
NGINX = shutil.which("nginx", path="/usr/sbin:/usr/bin")


@pytest.mark.skipif(NGINX is None, reason="nginx is not installed")
def test_nginx_takes_it(tmp_path: Path) -> None:
    conf = Standing(tmp_path, 18443, {}).nginx_conf()
    done = subprocess.run([str(NGINX), "-t", "-c", conf], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, re.findall(r"\[(?!notice)\w+\].*", done.stderr)) == (0, [])


def test_what_a_client_says_of_itself_goes_no_further() -> None:
    assert "X-Forwarded-For $remote_addr;" in SITE
    assert "X-Forwarded-Proto $scheme;" in SITE


def test_a_request_that_was_sent_is_not_sent_twice() -> None:
    directives = re.sub(r"#.*", "", SITE)
    assert "non_idempotent" not in directives
    assert directives.count("max_fails=0") == directives.count("server unix:") == 2


def test_headers_for_browsers_are_the_applications_own() -> None:
    assert "add_header" not in SITE
