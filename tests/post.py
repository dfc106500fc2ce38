"""The mails as they arrive, secrets and all: what the outbox holds, sent."""

import re

from django.core import mail
from django.utils import timezone

from notifications import outbox


def arrived() -> list[mail.EmailMessage]:
    """Send what is due; every mail there is, oldest first."""
    while outbox.send_next(timezone.now()):
        pass
    return list(mail.outbox)


def latest_code() -> str:
    """The six digits of the latest mail."""
    (code,) = re.findall(r"^ +(\d{6})$", str(arrived()[-1].body), re.MULTILINE)
    return str(code)


def latest_link() -> str:
    """The path of the first link of the latest mail."""
    return str(re.findall(r"https?://[^/\s]+(/\S+)", str(arrived()[-1].body))[0])
