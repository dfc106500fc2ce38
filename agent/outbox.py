"""Reports that wait to be sent: a file each, in order, whole or not there, and never more than the disk can bear."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from agent import home
from agent.errors import AgentError
from agent.paired import Paired

FOLDER = "outbox"
MOST = 500  # a printer: of more, the oldest go; at a report in four hours that is twelve weeks


class Outbox:
    """One printer's."""

    def __init__(self, printer: Paired) -> None:
        self.folder = home.private_folder(FOLDER, printer.key)

    def __len__(self) -> int:
        return len(self._files())

    def add(self, report: dict[str, Any]) -> None:
        """Durable when this returns."""
        files = self._files()
        last = int(files[-1].stem) if files else 0
        home.write(self.folder / f"{last + 1:012d}.json", report)
        for oldest in files[: len(files) + 1 - MOST]:
            self.drop(oldest)

    def waiting(self) -> Iterator[tuple[Path, dict[str, Any]]]:
        """Oldest first; one that the disk has spoilt is dropped."""
        for file in self._files():
            try:
                report = home.load(file)
            except AgentError:
                report = None
            if isinstance(report, dict):
                yield file, report
            else:
                self.drop(file)

    def drop(self, file: Path) -> None:
        """It was sent, or nobody wants it."""
        file.unlink(missing_ok=True)

    def empty(self) -> None:
        """Drop all, and the folder."""
        with suppress(FileNotFoundError):
            for file in self.folder.iterdir():
                file.unlink()
            self.folder.rmdir()

    def _files(self) -> list[Path]:
        return sorted(file for file in self.folder.glob("*.json") if file.stem.isdigit())
