"""What can go wrong, each a sentence that its reader can act on."""

from __future__ import annotations

NO_ANSWER, REFUSED, ASLEEP = "no_answer", "refused", "asleep"  # the reasons of a heartbeat, in the service's words


class AgentError(Exception):
    """Something did not work; the text is one sentence for people."""


class UsageError(AgentError):
    """The command cannot be done as it was given."""


class PrinterError(AgentError):
    """The printer did not say what was asked; `reason` is one of the heartbeat's."""

    def __init__(self, sentence: str, reason: str = REFUSED) -> None:
        super().__init__(sentence)
        self.reason = reason


class Malformed(PrinterError):
    """An answer that is none: the text says what is wrong with it."""
