"""The words a printer shows on its own display (promise P11)."""

from collections.abc import Iterable

from django.utils.text import get_text_list
from django.utils.translation import gettext, ngettext, ngettext_lazy

# What happens about one supply, or about several.
SENTENCES = {
    "on_order": ngettext_lazy("A replacement is on its way.", "Replacements are on their way."),
    "deciding": ngettext_lazy("We are looking at it.", "We are looking at them."),
    "waiting": ngettext_lazy("See your account for what happens next.", "See your account for what happens next."),
}


def display_message(low: Iterable[tuple[str, str]]) -> str:
    """What is low, and what happens about it: (name, replenishment) pairs to sentences; empty when nothing is low."""
    by_state: dict[str, list[str]] = {}
    for name, replenishment in low:
        by_state.setdefault(replenishment, []).append(name)
    return " ".join(_sentence(names, state) for state, names in by_state.items())


def _sentence(names: list[str], state: str) -> str:
    listed = get_text_list(names, gettext("and"))
    low = ngettext("%(supplies)s is low.", "%(supplies)s are low.", len(names)) % {"supplies": listed}
    return f"{low} {SENTENCES[state] % len(names)}" if state in SENTENCES else low
