"""Mails as files: `EMAIL_URL=filemail:///abs/dir` keeps each as one .eml file instead of sending it."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit
from uuid import uuid4

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend


class EmailBackend(BaseEmailBackend):
    """One file a mail, as 8-bit text. What goes wrong is raised, so that the outbox tries again."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        folder = Path(unquote(urlsplit(settings.EMAIL_URL).path))
        folder.mkdir(parents=True, exist_ok=True)
        for email in email_messages:
            _keep(folder, email.message().as_bytes())
        return len(email_messages)


def _keep(folder: Path, mail: bytes) -> None:
    """Whoever lists the folder sees the whole mail or none of it, and no mail takes another's name."""
    name = f"{datetime.now(UTC):%Y%m%dT%H%M%S.%fZ}-{uuid4().hex[:12]}.eml"
    unfinished = folder / f".{name}.part"
    unfinished.write_bytes(mail)
    unfinished.rename(folder / name)
