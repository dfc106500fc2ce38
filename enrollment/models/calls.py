"""What staff write of a customer, how they made sure whom they speak with, and when they looked at their pages."""

from django.db import models
from django.db.models import F, Q

from enrollment.models.people import User

NOTE_LENGTH = 2000


class Note(models.Model):
    """What one of the staff wrote about a customer. Appended, never edited; a follow-up on it is done once."""

    user = models.ForeignKey(User, models.CASCADE, related_name="notes")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    text = models.CharField(max_length=NOTE_LENGTH)
    pinned = models.BooleanField(default=False, help_text="Stays at the top of the customer's page.")
    follow_up_on = models.DateField(null=True, blank=True, help_text="When somebody is to look at it again.")
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    key = models.UUIDField(unique=True, help_text="Made with the page: sent twice, it is one note.")

    class Meta:
        default_permissions = ("add", "view")
        indexes = [
            models.Index(fields=["user", "-at"], name="note_user_newest"),
            models.Index(
                fields=["follow_up_on"], condition=Q(follow_up_on__isnull=False, done_at=None), name="note_follow_up"
            ),
        ]
        constraints = [
            models.CheckConstraint(condition=~Q(text=""), name="note_says_something"),
            models.CheckConstraint(
                condition=Q(done_at=None, done_by=None)
                | Q(done_at__isnull=False, done_by__isnull=False, follow_up_on__isnull=False),
                name="only_a_follow_up_is_done_and_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.by} on {self.user}"

    @property
    def waits(self) -> bool:
        """Whether somebody is still to look at it again."""
        return self.follow_up_on is not None and self.done_at is None


class CallerCheck(models.Model):
    """One attempt to make sure that a caller is the customer: what was asked, how often it was tried, if it was right.

    Of a code nothing is kept but its hash. The times and limits are `enrollment.callers`.
    """

    class How(models.TextChoices):
        CODE = "code", "by code"
        FACTS = "facts", "by an order and the last charge"

    user = models.ForeignKey(User, models.CASCADE, related_name="caller_checks")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    how = models.CharField(max_length=5, choices=How)
    code_hash = models.CharField(max_length=64, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    verified_at = models.DateTimeField(null=True, blank=True)
    verified_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        default_permissions = ("add", "view")
        permissions = [("without_callercheck", "Can act for a customer who does not call")]
        indexes = [models.Index(fields=["user", "-at"], name="caller_check_user_newest")]
        constraints = [
            models.CheckConstraint(condition=Q(how="facts") | ~Q(code_hash=""), name="code_of_a_caller_is_kept_hashed"),
            models.CheckConstraint(
                condition=Q(verified_at=None, verified_by=None)
                | Q(verified_at__isnull=False, verified_by__isnull=False),
                name="verified_caller_was_heard_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} {self.get_how_display()}"


class Look(models.Model):
    """Staff look at a customer's own pages as they see them: who, at whose, since when, until when at most, and why.

    While it lasts, nothing is changed there. The times are `enrollment.looks`.
    """

    user = models.ForeignKey(User, models.CASCADE, related_name="looks")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    ends_at = models.DateTimeField(help_text="When it is over by itself.")
    ended_at = models.DateTimeField(null=True, blank=True, help_text="When it was left before that.")
    why = models.CharField(max_length=160, blank=True, help_text="Empty once the account is closed.")

    class Meta:
        default_permissions = ("add", "view")
        indexes = [models.Index(fields=["user", "-at"], name="look_user_newest")]
        constraints = [models.CheckConstraint(condition=Q(ends_at__gt=F("at")), name="look_ends_after_it_began")]

    def __str__(self) -> str:
        return f"{self.by} at the account of {self.user}"
