"""Somebody else's authorization server, django-oauth-toolkit, on a port of its own; run as a program, in a folder."""

import os
import sys
from pathlib import Path
from wsgiref.simple_server import WSGIServer, make_server

import django
from django.apps import apps
from django.core.handlers.wsgi import WSGIHandler
from django.core.management import call_command

GRANT = "urn:ietf:params:oauth:grant-type:device_code"


def fill() -> None:
    """Ana, and the agent as a client without a secret."""
    call_command("migrate", verbosity=0)
    apps.all_models["auth"]["user"]._default_manager.create(username="ana")
    applications = apps.all_models["oauth2_provider"]["application"]._default_manager
    applications.create(client_id="ars-agent", client_type="public", authorization_grant_type=GRANT)


def main(folder: str) -> None:
    """Serve; the file `port` is there once it does."""
    os.chdir(folder)
    server: WSGIServer = make_server("127.0.0.1", 0, lambda *_: [])
    os.environ.update(DJANGO_SETTINGS_MODULE="foreign_settings", FOREIGN_PORT=str(server.server_port))
    django.setup()
    fill()
    server.set_app(WSGIHandler())
    Path("port.new").write_text(str(server.server_port))
    Path("port.new").rename("port")
    server.serve_forever()


if __name__ == "__main__":
    main(sys.argv[1])
