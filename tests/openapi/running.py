"""One run of the fuzzer: a server, and each kind of caller in turn."""

import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.core.management import call_command

from bench.intake import serving
from tests.openapi import scene

CONFIG = Path(__file__).parent / "schemathesis.toml"
ROOT = CONFIG.parents[2]
FEW = ("--phases", "fuzzing", "--max-examples", "5")  # where no door opens: refused is refused
LINKED = ("nobody", "warehouse")  # whose answers lead to a next request
PROGRAM = (sys.executable, "-c", "from schemathesis.cli import schemathesis; schemathesis()")


def run(examples: int, seed: int) -> int:
    """0 when all was as it should be. Prints a line for each caller, what failed, and what was answered in all."""
    call_command("migrate", verbosity=0)
    call_command("collectstatic", verbosity=0, interactive=False)
    made = scene.make(homes=30, spare_tokens=1_000)
    failed, told = 0, Counter[str]()
    with tempfile.TemporaryDirectory(prefix="ars-fuzz-") as home, serving("ars.wsgi:application") as (_, url):
        for caller, extent in _turns(made["callers"], ("--max-examples", str(examples), "--seed", str(seed))):
            outcome, answers = _as(caller, made, url, Path(home), extent)
            told.update(answers)
            failed += bool(outcome)
            print(f"{caller}: {sum(answers.values())} requests, {'FAILED' if outcome else 'as documented'}", flush=True)
    _print(told, seed)
    return 1 if failed else 0


def _turns(callers: Iterable[str], whole: tuple[str, ...]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Who asks, and what Schemathesis is told of how: where they are let in all of it, then everybody everywhere."""
    for caller, paths in scene.LET_IN.items():
        phases = "coverage,fuzzing" + (",stateful" if caller in LINKED else "")
        yield caller, ("--include-path-regex", f"^({'|'.join(paths)})", "--phases", phases, *whole)
    for caller in callers:
        yield caller, FEW


def _as(caller: str, made: dict[str, Any], url: str, home: Path, extent: tuple[str, ...]) -> tuple[int, dict[str, int]]:
    """How it ended for one of the callers, and how often each operation was answered how."""
    facts, told = home / "scene.json", home / "told.json"
    facts.write_text(json.dumps({**made, "let_in": scene.LET_IN, "open": scene.OPEN}))
    headers = [word for name, value in made["callers"][caller].items() for word in ("-H", f"{name}: {value}")]
    options = ["--checks", "all", "--workers", "1", "--continue-on-failure", *extent]
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "SCHEMATHESIS_HOOKS": "tests.openapi.hooks",
        "ARS_FUZZ_SCENE": str(facts),
        "ARS_FUZZ_TOLD": str(told),
        "ARS_FUZZ_CALLER": caller,
    }
    command = [*PROGRAM, "--config-file", str(CONFIG), "run", f"{url}/api/schema/", *options, *headers]
    done = subprocess.run(command, env=environment, check=False, cwd=home, capture_output=True, text=True)
    if done.returncode:
        print(done.stdout + done.stderr)
    return done.returncode, json.loads(told.read_text()) if told.exists() else {}


def _print(told: Counter[str], seed: int) -> None:
    statuses = Counter[str]()
    for name, count in told.items():
        statuses[name.rpartition(" ")[2]] += count
    print(f"{told.total()} requests with seed {seed}, answered: {dict(sorted(statuses.items()))}")
    taken = {name.rpartition(" ")[0] for name in told if name.rpartition(" ")[2].startswith("2")}
    print(f"{sum(not name.startswith(('HEAD', 'OPTIONS')) for name in taken)} operations were done.")
