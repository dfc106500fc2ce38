"""The tutorial's tables: a printer with its token, and a row for each supply with what was reported."""

from typing import ClassVar

from django.db import models


class Device(models.Model):
    token = models.CharField(max_length=64, unique=True)
    seen_at = models.DateTimeField(null=True)

    objects: ClassVar[models.Manager["Device"]] = models.Manager()

    def __str__(self) -> str:
        return f"device {self.pk}"


class Supply(models.Model):
    device = models.ForeignKey(Device, models.CASCADE, related_name="supplies")
    slot = models.CharField(max_length=16)
    level = models.SmallIntegerField(null=True)

    objects: ClassVar[models.Manager["Supply"]] = models.Manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["device", "slot"], name="plain_one_supply_a_slot")]

    def __str__(self) -> str:
        return self.slot


class Reading(models.Model):
    device = models.ForeignKey(Device, models.CASCADE, related_name="readings")
    message_id = models.CharField(max_length=100)
    observed_at = models.DateTimeField()
    levels = models.JSONField()

    objects: ClassVar[models.Manager["Reading"]] = models.Manager()

    class Meta:
        indexes = [models.Index(fields=["device", "observed_at"], name="plain_reading_of_device")]

    def __str__(self) -> str:
        return self.message_id
