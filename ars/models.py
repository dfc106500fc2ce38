"""What the back office keeps: who works on which entry of a queue, figures counted by the hour, and signs of life."""

from django.db import models
from django.db.models import Q

from enrollment.models import User


class QueueMark(models.Model):
    """Somebody works on an entry of a queue, or it sleeps until a day, for a reason. One row an entry."""

    queue = models.CharField(max_length=32)
    key = models.BigIntegerField(help_text="The primary key of what waits there.")
    by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    claimed_at = models.DateTimeField(null=True, blank=True)
    asleep_until = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=160, blank=True)

    class Meta:
        indexes = [models.Index(fields=["by", "claimed_at"], name="queue_mark_of_somebody")]
        constraints = [
            models.UniqueConstraint(fields=["queue", "key"], name="one_mark_an_entry"),
            models.CheckConstraint(condition=Q(asleep_until=None) | ~Q(reason=""), name="who_puts_it_off_says_why"),
        ]

    def __str__(self) -> str:
        return f"{self.queue} {self.key}"


class QueueCount(models.Model):
    """How full a queue was when it was counted last."""

    queue = models.CharField(max_length=32, primary_key=True)
    count = models.PositiveIntegerField()
    late = models.PositiveIntegerField()
    oldest = models.DateTimeField(null=True, blank=True)
    counted_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.count} in {self.queue}"


class Figure(models.Model):
    """One number of one hour, as `ars.backoffice.figures` names them."""

    hour = models.DateTimeField()
    name = models.CharField(max_length=40)
    value = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["name", "hour"], name="one_figure_an_hour")]

    def __str__(self) -> str:
        return f"{self.name} of {self.hour:%Y-%m-%d %H} h: {self.value}"


class Tick(models.Model):
    """The last sign of life of a queue: when beat sent it, and when a worker of that queue took it. One row a queue."""

    queue = models.CharField(max_length=32, primary_key=True)
    sent_at = models.DateTimeField()
    ran_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.queue} at {self.ran_at:%Y-%m-%d %H:%M:%S}"
