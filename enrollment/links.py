"""Signed links of mails: each for one purpose and one row, good for 30 days. Whoever holds one needs no password."""

from datetime import timedelta

from django.core import signing

GOOD_FOR = timedelta(days=30)
PAY = "pay"  # an order that waits for a payment


class LinkError(Exception):
    """A link that opens nothing; `pk` is the row it once stood for, None when it is forged or cut short."""

    def __init__(self, pk: int | None) -> None:
        super().__init__("run out" if pk else "forged")
        self.pk = pk


def sign(purpose: str, pk: int) -> str:
    """What stands for the row in its link; no other purpose accepts it."""
    return signing.dumps(pk, salt=_salt(purpose))


def read(purpose: str, signed: str) -> int:
    """The row's primary key. Raises LinkError for a link that is forged, made for another purpose, or too old."""
    try:
        pk: int = signing.loads(signed, salt=_salt(purpose), max_age=GOOD_FOR)
    except signing.SignatureExpired as old:
        raise LinkError(signing.loads(signed, salt=_salt(purpose))) from old
    except signing.BadSignature as forged:
        raise LinkError(None) from forged
    return pk


def _salt(purpose: str) -> str:
    return f"enrollment.links.{purpose}"
