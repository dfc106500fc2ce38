"""People, what is left of a deleted account, and where ink is sent."""

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector
from django.db import models
from django.db.models import F, Func, Value
from django.db.models.functions import Collate, Lower, Reverse
from django.utils import timezone

from printers.facts import Fact, due_index

# What staff find people by; a search says the same, or the database reads every row.
WORDS_OF_NAME = SearchVector("full_name", config="simple")  # each word by how it begins, in any language
EMAIL_AS_TYPED = Collate(Lower("email"), "C")  # bytes in order, so that how it begins is a range
PHONE_BACKWARDS = Collate(
    Reverse(Func(F("phone"), Value(r"\D"), Value(""), Value("g"), function="regexp_replace")), "C"
)


class UserManager(BaseUserManager["User"]):
    """Makes users by e-mail address."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.full_clean(exclude=["password"])
        user.save(force_insert=True)
        return user

    def create_superuser(self, email: str, password: str, **fields: Any) -> "User":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username)


class User(AbstractBaseUser, PermissionsMixin):
    """A person: a customer, or staff. The e-mail address is the name."""

    email = models.EmailField("e-mail address", unique=True)
    full_name = models.CharField(max_length=120, blank=True)
    is_staff = models.BooleanField("staff", default=False)
    is_active = models.BooleanField("active", default=True)
    date_joined = models.DateTimeField(default=timezone.now)
    sessions_ended = models.PositiveIntegerField(default=0, db_default=0, editable=False)  # how often all of them were

    objects = UserManager()
    EMAIL_FIELD = "email"
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="user_email_once")]
        indexes = [
            GinIndex(WORDS_OF_NAME, name="user_words_of_name"),
            models.Index(EMAIL_AS_TYPED, name="user_email_as_typed"),
        ]

    def __str__(self) -> str:
        return self.email

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """What each session carries, and what it is over without: besides the password, how often all were ended."""
        of_password: str = super()._get_session_auth_hash(secret)  # type: ignore[misc]  # not in Django's stubs
        return f"{of_password}-{self.sessions_ended}" if self.sessions_ended else of_password

    @property
    def masked_email(self) -> str:
        """a...@example.com: enough for its owner, and no address for anybody else."""
        name, _, host = self.email.partition("@")
        return f"{name[:1]}...@{host}"


class Closure(Fact):
    """An account its owner deleted, and what is still kept of it. Due while something of that is to be done.

    `email` gets the last mails and is emptied after them. `fingerprint` tells later whose proofs of consent these are
    to whoever names the address, and nothing to anybody else.
    """

    user = models.OneToOneField(User, models.PROTECT, related_name="closure")
    at = models.DateTimeField()
    email = models.EmailField(blank=True)
    fingerprint = models.CharField(max_length=64, blank=True)
    told_at = models.DateTimeField(null=True, blank=True)
    forgotten_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [due_index("closure")]

    def __str__(self) -> str:
        return f"account {self.user_id}, deleted"


class Address(models.Model):
    """A place in the United States ink can be sent to. Never edited: a change is a new row, orders copy it.

    What may be wrong with it is `enrollment.doubts`' to say.
    """

    class Doubt(models.TextChoices):
        INSISTED = "insisted", "Kept as typed, though usually written otherwise"
        CAME_BACK = "came_back", "A parcel came back: it could not be delivered"

    user = models.ForeignKey(User, models.CASCADE, related_name="addresses")
    full_name = models.CharField(max_length=120)
    attention = models.CharField(max_length=60, blank=True)
    line1 = models.CharField(max_length=120)
    line2 = models.CharField(max_length=120, blank=True)
    city = models.CharField(max_length=80)
    state = models.CharField(max_length=2)
    postal_code = models.CharField(max_length=10)
    country = models.CharField(max_length=2, default="US")
    phone = models.CharField(max_length=30, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    doubt = models.CharField(max_length=9, choices=Doubt, blank=True)
    doubted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "addresses"
        indexes = [
            models.Index(PHONE_BACKWARDS, name="address_phone_backwards", condition=~models.Q(phone="")),
            models.Index("doubted_at", name="address_in_doubt", condition=models.Q(doubted_at__isnull=False)),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(doubt="", doubted_at=None)
                | (~models.Q(doubt="") & models.Q(doubted_at__isnull=False)),
                name="doubt_has_a_time",
            ),
        ]

    SHIPPING_FIELDS = ("full_name", "attention", "line1", "line2", "city", "state", "postal_code", "country", "phone")

    def __str__(self) -> str:
        return f"{self.full_name}, {self.line1}, {self.city} {self.state} {self.postal_code}"

    def as_ship_to(self) -> dict[str, str]:
        """The copy an order keeps and the warehouse reads."""
        return {name: getattr(self, name) for name in self.SHIPPING_FIELDS}
