"""The application as production has it: what requirements.txt does not name is not there to be imported."""

import re
import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.metadata import packages_distributions
from pathlib import Path
from types import ModuleType

LOCKED = Path(__file__).resolve().parents[1] / "requirements.txt"
OF_EVERY_ENVIRONMENT = {"pip", "setuptools"}


class NotInstalled(MetaPathFinder):
    """Looks like an environment without some packages."""

    def __init__(self, modules: set[str]) -> None:
        self._modules = modules

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname.partition(".")[0] in self._modules:
            raise ModuleNotFoundError(f"No module named {fullname!r}: requirements.txt has none", name=fullname)
        return None


def _only_here() -> set[str]:
    """Modules of packages that are installed for development alone."""
    locked = {_plain(name) for name in re.findall(r"^([\w.-]+)(?:\[\w+\])?==", LOCKED.read_text(), re.MULTILINE)}
    locked |= OF_EVERY_ENVIRONMENT
    return {module for module, of in packages_distributions().items() if not locked & {_plain(name) for name in of}}


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


sys.meta_path.insert(0, NotInstalled(_only_here()))

application = import_module("ars.wsgi").application
