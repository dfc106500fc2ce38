"""Texts that printers send, made fit for people: one line, nothing that cannot be printed, of bearable length."""

from __future__ import annotations

LONGEST = 255


def clean(told: bytes | str, longest: int = LONGEST) -> str:
    """UTF-8, or Latin-1 where it is none; control characters become blanks, and blanks one."""
    text = _decoded(told) if isinstance(told, bytes) else told
    printable = "".join(character if character.isprintable() else " " for character in text)
    return " ".join(printable.split())[:longest].rstrip()


def _decoded(told: bytes) -> str:
    try:
        return told.decode()
    except UnicodeDecodeError:
        return told.decode("latin-1")
