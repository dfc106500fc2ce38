"""The IEEE 1284 device id, `MFG:Canon;MDL:TS8430 series;...`: long and short keys alike. Pure."""

from __future__ import annotations

MAKE, MODEL = ("MFG", "MANUFACTURER"), ("MDL", "MODEL")
SERIAL = ("SN", "SERN", "SERIALNUMBER", "PSE")  # the last is Canon's


def parse(told: str) -> dict[str, str]:
    """Its fields by key, in capitals; of a key told twice the first counts."""
    fields: dict[str, str] = {}
    for part in told.split(";"):
        key, colon, value = part.partition(":")
        if colon and value.strip():
            fields.setdefault(key.strip().upper(), value.strip())
    return fields


def first(fields: dict[str, str], keys: tuple[str, ...]) -> str:
    """The value of the first of `keys` that is there."""
    return next((fields[key] for key in keys if key in fields), "")


def make_and_model(fields: dict[str, str]) -> str:
    """Both in one, the make once."""
    make, model = first(fields, MAKE), first(fields, MODEL)
    return model if model.lower().startswith(make.lower()) else f"{make} {model}".strip()
