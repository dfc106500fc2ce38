"""Printers' certificates, each believed at first sight and held to it: they are signed by nobody but the printer."""

from __future__ import annotations

from agent import home
from agent.errors import PrinterError

FILE = "certificates.json"


class Certificates:
    """What is remembered; `trust_new` takes another certificate for the printer's own, because its owner says so."""

    def __init__(self, *, trust_new: bool = False) -> None:
        self.trust_new = trust_new

    def check(self, authority: str, fingerprint: str) -> None:
        """Remember the first certificate of an address; PrinterError for another."""
        path = home.private_folder() / FILE
        known: dict[str, str] = home.load(path) or {}
        if known.get(authority) == fingerprint:
            return
        if authority in known and not self.trust_new:
            raise PrinterError(
                f"The certificate of {authority} is not the one it had: if you reset or replaced the printer, "
                "say so with --trust-new-certificate."
            )
        home.write(path, {**known, authority: fingerprint})
