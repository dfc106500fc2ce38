"""The customer's clock: dates and times as people read them, in the time zone of the place ink is sent to."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils.dateformat import format as translated
from django.utils.translation import gettext, ngettext

from orders import delivery

JUST_NOW = timedelta(minutes=2)


@dataclass(frozen=True)
class Clock:
    """Now, and in which state of the USA (two letters; Eastern time when there is none): every date a person reads."""

    now: datetime
    state: str = ""

    @property
    def today(self) -> date:
        return self.date_of(self.now)

    def date_of(self, when: datetime | date) -> date:
        """The day it is there at that moment."""
        return delivery.local_date(when, self.state) if isinstance(when, datetime) else when

    def day(self, when: datetime | date) -> str:
        """Tue 25 Nov, with the year when it is another one."""
        return delivery.day_words(self.date_of(when), self.today)

    def dated(self, when: datetime | date) -> str:
        """Tue 25 Nov 2026: for what is kept longer than a year."""
        return delivery.day_words(self.date_of(when), date.min)

    def days(self, window: tuple[date, date]) -> str:
        """Tue 2 - Mon 8 Dec."""
        return delivery.words(*window, self.today)

    def moment(self, when: datetime) -> str:
        """Wed 26 Nov, 10:04 am."""
        local = when.astimezone(delivery.zone(self.state))
        return f"{self.day(when)}, {translated(local, 'g:i A').lower()}"

    def since(self, when: datetime) -> str:
        """How long ago within a day, then the day: '12 minutes ago', '2 hours ago', 'Fri 14 Nov'."""
        if self.now - when < JUST_NOW:
            return gettext("just now")
        minutes = int((self.now - when).total_seconds() // 60)
        if minutes < 60:
            return ngettext("%(n)d minute ago", "%(n)d minutes ago", minutes) % {"n": minutes}
        hours = minutes // 60
        if hours < 24:
            return ngettext("%(n)d hour ago", "%(n)d hours ago", hours) % {"n": hours}
        return self.day(when)
