"""Who changed what in the back office or through the API, from where, before and after: written by the database."""

from django.db import models

from enrollment.models.partners import ApiKey
from enrollment.models.people import User


class Change(models.Model):
    """One row that one request added, changed or removed. Nobody writes here: a trigger does, and nobody edits.

    `before` and `after` hold the columns that differ, or all of them for a row that came or went; what is secret or
    names a person is `HIDDEN` in both. `who` and `object_text` say what was true then. The rows pointed to may be gone.
    """

    class Verb(models.TextChoices):
        ADDED = "added", "added"
        CHANGED = "changed", "changed"
        REMOVED = "removed", "removed"

    HIDDEN = "(hidden)"

    at = models.DateTimeField("when", db_index=True)
    request_id = models.UUIDField("request", db_index=True, help_text="The same for all that one click changed.")
    user = models.ForeignKey(User, models.DO_NOTHING, null=True, db_constraint=False, related_name="+")
    key = models.ForeignKey(ApiKey, models.DO_NOTHING, null=True, db_constraint=False, related_name="+")
    who = models.CharField(max_length=254, db_index=True)
    from_address = models.GenericIPAddressField("from", null=True)
    request = models.CharField(max_length=300, help_text="Method and address.")
    action = models.CharField(max_length=60, blank=True, help_text="The action chosen in a list.")
    model = models.CharField(max_length=80)
    object_id = models.CharField("number", max_length=64)
    object_text = models.CharField("name", max_length=120, blank=True)
    about = models.ForeignKey(
        User, models.DO_NOTHING, null=True, db_constraint=False, related_name="+", verbose_name="customer"
    )
    verb = models.CharField(max_length=8, choices=Verb)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)

    class Meta:
        indexes = [models.Index(fields=["model", "object_id"], name="change_of_object")]

    def __str__(self) -> str:
        return f"{self.model} {self.object_text or self.object_id} {self.verb} by {self.who}"
