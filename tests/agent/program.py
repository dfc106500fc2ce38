"""The agent as customers have it: the one file, with a home of its own."""

import os
import subprocess
import sys
from pathlib import Path

PATIENCE = 30  # seconds


class Program:
    """Runs its commands; what it printed is the outcome's."""

    def __init__(self, file: Path, home: Path, python: str = sys.executable) -> None:
        self.command = [python, "-X", "utf8", str(file)]
        unproxied = {name: told for name, told in os.environ.items() if not name.lower().endswith("_proxy")}
        self.environment = {**unproxied, "ARS_AGENT_HOME": str(home)}

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*self.command, *arguments],
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
            env=self.environment,
            stdin=subprocess.DEVNULL,
        )

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [*self.command, *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=self.environment,
        )
