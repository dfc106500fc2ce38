"""`manage.py reconcile`: compare our charges and refunds with Stripe's now; 1 when something differs."""

import sys
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from billing.reconciliation import running


class Command(BaseCommand):
    help = "Compare our charges and refunds of the last days with Stripe's, both ways."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--days", type=int, default=running.NIGHTLY.days, help="how far back")

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        run = running.reconcile(now - timedelta(days=max(options["days"], 1)), now, now, by="command")
        if run.failure:
            self.stderr.write(f"Stripe could not be read: {run.failure}")
            sys.exit(1)
        found = list(run.differences.all())
        for difference in found:
            self.stdout.write(f"{difference}: ours {difference.ours or '-'}, theirs {difference.theirs or '-'}")
        self.stdout.write(f"{run.payments} payments, {run.refunds} refunds, {len(found)} new differences")
        if found:
            sys.exit(1)
