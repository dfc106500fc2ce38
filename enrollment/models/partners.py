"""The partners whose keys open the API, and what stores tell of printers they sold."""

from django.db import models

from enrollment.models.plans import Plan


class Partner(models.Model):
    """A store or warehouse that speaks to our API. Its ids (dispatch, receipt, ...) are its own, whatever its key."""

    name = models.CharField(max_length=80, unique=True)

    def __str__(self) -> str:
        return self.name


class ApiKey(models.Model):
    """A partner's credential: scoped, revocable, kept as a SHA-256. `last_used_at` is true to a minute."""

    class Scope(models.TextChoices):
        STORE = "store", "Store"
        WAREHOUSE = "warehouse", "Warehouse"

    partner = models.ForeignKey(Partner, models.CASCADE, related_name="keys")
    prefix = models.CharField(max_length=12)
    key_hash = models.BinaryField(max_length=32, unique=True)
    scope = models.CharField(max_length=10, choices=Scope)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(
        "expires", null=True, blank=True, help_text="From then on it opens nothing. Empty: it is good until revoked."
    )
    last_used_at = models.DateTimeField("last used", null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "API key"

    def __str__(self) -> str:
        return f"{self.prefix}... ({self.partner}, {self.scope})"


class Purchase(models.Model):
    """A printer bought with the box for auto replenishment ticked (promise P3). The id is the store's own."""

    partner = models.ForeignKey(Partner, models.PROTECT, related_name="purchases")
    purchase_id = models.CharField(max_length=100)
    body = models.JSONField(help_text="As the store sent it.")
    plan = models.OneToOneField(Plan, models.CASCADE, related_name="purchase")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["partner", "purchase_id"], name="purchase_once_a_partner")]

    def __str__(self) -> str:
        return f"{self.purchase_id} of {self.partner}"
