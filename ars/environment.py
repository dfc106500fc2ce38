"""Secrets from the environment: each as NAME, or as NAME_FILE, a file that holds it, as Docker and Kubernetes do.

Imports nothing of the settings, which are made of this.
"""

import os
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured


def secret(name: str, default: str = "") -> str:
    """What NAME says, or what the file at NAME_FILE holds, without the space around it; `default` where neither is set.

    ImproperlyConfigured where both are set, or where the file cannot be read or says nothing. What is empty is not set.
    """
    said, path = os.environ.get(name, ""), os.environ.get(f"{name}_FILE", "")
    if not path:
        return said or default
    if said:
        raise ImproperlyConfigured(f"{name} and {name}_FILE are both set: unset one of them.")
    return _read(name, path)


def is_set(name: str) -> bool:
    """Whether somebody named it, either way."""
    return bool(os.environ.get(name) or os.environ.get(f"{name}_FILE"))


def with_password(database: dict[str, Any]) -> dict[str, Any]:
    """A database's settings with the password of DATABASE_PASSWORD, for a DATABASE_URL that tells none."""
    password = secret("DATABASE_PASSWORD")
    if password and database["PASSWORD"]:
        raise ImproperlyConfigured("DATABASE_URL has a password and DATABASE_PASSWORD is set: leave one of them out.")
    return database | ({"PASSWORD": password} if password else {})


def _read(name: str, path: str) -> str:
    try:
        held = Path(path).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ImproperlyConfigured(f"{name}_FILE is {path}, which cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise ImproperlyConfigured(f"{name}_FILE is {path}, which is not text.") from error
    if not held:
        raise ImproperlyConfigured(f"{name}_FILE is {path}, which is empty.")
    return held
