"""What docs name is there: files, and the headings that their links point at."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])
# `orders/words.py`, `tests/races/`: a path of ours in a line of prose
ROOMS = "printers|enrollment|orders|billing|notifications|ars|tests|templates|bench|deploy"
NAMED = re.compile(rf"`((?:{ROOMS})/[\w./-]*)`")
MADE = (ROOT / ".gitignore").read_text().split()  # what commands leave there
LINK = re.compile(r"\]\((?!https?:)([^)#]+)?(?:#([^)]+))?\)")


def name_of(page: Path) -> str:
    return str(page.relative_to(ROOT))


def anchors(page: Path) -> set[str]:
    """As GitHub makes them of headings."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_files_that_are_named_exist(page: Path) -> None:
    named = set(NAMED.findall(page.read_text())) - set(MADE)
    assert [path for path in named if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_lead_somewhere(page: Path) -> None:
    broken = []
    for path, heading in LINK.findall(page.read_text()):
        target = page.parent / path if path else page
        if not target.exists() or (heading and heading not in anchors(target)):
            broken.append((path, heading))
    assert broken == []
