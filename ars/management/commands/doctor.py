"""`manage.py doctor`: what is wrong with this installation, and what to do."""

import json
import sys
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand

from ars.doctor.checks import CHECKS
from ars.doctor.findings import examine

SIGNS = {"ok": "ok     ", "note": "note   ", "trouble": "TROUBLE"}


class Command(BaseCommand):
    """Exit code 1 when something is to be mended, else 0. Changes nothing, sends nothing, shows no secret."""

    help = "Look at settings, services, workers and the machine, and say what is wrong and what to do."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="One JSON object, for programs.")

    def handle(self, *args: Any, **options: Any) -> None:
        found = []
        for each in examine(CHECKS):
            found.append(each)
            if not options["json"]:
                self.stdout.write(f"{SIGNS[each.level]}  {each.check}: {each.says}")
                if each.do:
                    self.stdout.write(f"         {each.do}")
        troubles = sum(each.level == "trouble" for each in found)
        if options["json"]:
            self.stdout.write(json.dumps({"ok": not troubles, "findings": [asdict(each) for each in found]}, indent=2))
        else:
            self.stdout.write(f"\n{troubles} to be mended." if troubles else "\nNothing to be mended.")
        if troubles:
            sys.exit(1)
