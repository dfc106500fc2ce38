"""How long what printers said is kept, and how closely: old months go whole, what is older than THIN_AFTER by the day.

A month is dropped when all of it is older than HISTORY_MONTHS. Before that, when all of it is older than THIN_AFTER, it
is thinned: of each supply and day the last reading stays, which is the one that pages show (`printers.history`), so no
chart and no "enough for so many days" changes. What else stays, because somebody may look it up: every reading of a day
on which a cartridge was changed, the one a low signal was about, all of a supply that is low now (a late report is
compared with them), and the last of a day that knew the level, and of each cartridge.
"""

import logging
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import OperationalError, connection, transaction
from psycopg2.errors import LockNotAvailable

from printers.models import Thinning

log = logging.getLogger(__name__)

THIN_AFTER = timedelta(days=90)
BATCH = 10_000  # readings that one transaction looks at: about a tenth of a second
PATIENCE = "200ms"  # every report waits behind us while we wait for a query that reads the history

FORGET_STRAYS = """
DELETE FROM printers_reading_default WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM printers_reading_default WHERE observed_at < %s LIMIT %s FOR UPDATE SKIP LOCKED))
"""
# The printers of one batch end with this one; nothing when the month has no more.
LAST_OF_BATCH = """
SELECT max(printer_id) FROM (
    SELECT printer_id FROM printers_reading
     WHERE observed_at >= %(since)s AND observed_at < %(until)s AND printer_id > %(done)s
     ORDER BY printer_id LIMIT %(batch)s) batch
"""
THIN = """
WITH said AS (
    SELECT printer_id, slot_id, observed_at, bool_or(replaced) OVER (
               PARTITION BY printer_id, slot_id, date_trunc('day', observed_at, 'UTC')) AS new_cartridge,
           lead(true) OVER (
               PARTITION BY printer_id, slot_id, date_trunc('day', observed_at, 'UTC'), serial, level IS NULL
               ORDER BY observed_at) AS said_again
      FROM printers_reading
     WHERE observed_at >= %(since)s AND observed_at < %(until)s AND printer_id > %(done)s AND printer_id <= %(last)s)
DELETE FROM printers_reading r USING said
 WHERE said.said_again AND NOT said.new_cartridge
   AND r.printer_id = said.printer_id AND r.slot_id = said.slot_id AND r.observed_at = said.observed_at
   AND r.observed_at >= %(since)s AND r.observed_at < %(until)s AND r.printer_id > %(done)s AND r.printer_id <= %(last)s
   AND NOT EXISTS (
       SELECT FROM printers_lowsignal s
        WHERE s.printer_id = r.printer_id AND s.slot_id = r.slot_id AND s.printer_id > %(done)s
          AND s.printer_id <= %(last)s AND (s.closed_at IS NULL OR s.observed_at = r.observed_at))
"""


def drop(now: datetime) -> bool:
    """Drop the oldest month that is too old, or some readings from before all months; False when there is no more now.

    A month that somebody reads for longer than PATIENCE is dropped another time.
    """
    try:
        with transaction.atomic():
            return _drop(_oldest(now))
    except OperationalError as error:
        if not isinstance(error.__cause__, LockNotAvailable):
            raise
        log.info("the history is being read: its oldest month is dropped another time")
        return False


def _drop(oldest: date) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT printers_drop_month(%s, %s)", [oldest, PATIENCE])
        if cursor.fetchone()[0]:
            return True
        cursor.execute(FORGET_STRAYS, [_midnight(oldest), BATCH])
        return bool(cursor.rowcount > 0)


def thin(now: datetime) -> bool:
    """Thin the next batch of readings; False when none is left, or another process is at it."""
    Thinning.objects.get_or_create(pk=1, defaults={"month": _oldest(now)})
    with transaction.atomic(), connection.cursor() as cursor:
        done = Thinning.objects.select_for_update(skip_locked=True).first()
        if done is None:
            return False
        following = _months_on(done.month, 1)
        if _midnight(following) > now - THIN_AFTER:
            return False
        batch: dict[str, Any] = {
            "since": _midnight(done.month),
            "until": _midnight(following),
            "done": done.printer_id,
            "batch": BATCH,
        }
        cursor.execute(LAST_OF_BATCH, batch)
        (last,) = cursor.fetchone()
        if last is None:
            Thinning.objects.update(month=following, printer_id=0)
        else:
            cursor.execute(THIN, batch | {"last": last})
            Thinning.objects.update(printer_id=last)
    return True


def _oldest(now: datetime) -> date:
    """The first day of the first month that is kept."""
    return _months_on(now.astimezone(UTC).date(), -settings.HISTORY_MONTHS)


def _months_on(day: date, months: int) -> date:
    """The first day of the month that is so many later."""
    year, month = divmod(12 * day.year + day.month - 1 + months, 12)
    return date(year, month + 1, 1)


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
