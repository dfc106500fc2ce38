"""What the doctor says of one part of an installation."""

from ars.doctor.checks import CHECKS
from ars.doctor.findings import Found, examine

BY_NAME = {check.name: check for check in CHECKS}


def at(name: str, seconds: float = 60) -> list[Found]:
    return list(examine([BY_NAME[name]], seconds))


def troubles(name: str) -> list[str]:
    """Each as its two sentences."""
    found = [each for each in at(name) if each.level == "trouble"]
    assert all(each.says.endswith((".", ")", "refused")) or ":" in each.says for each in found)
    assert all(each.do for each in found)
    return [f"{each.says} {each.do}" for each in found]


def is_well(name: str) -> bool:
    levels = {each.level for each in at(name)}
    return "trouble" not in levels and bool(levels)
