"""People and the organisations that they act for."""

from functools import cached_property
from typing import Any

from django.contrib.auth.hashers import check_password
from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import Case, F, OuterRef, Q, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce, Concat, NullIf, Trim
from django.utils.translation import gettext_lazy as _

from recommendations.choices import OrganisationKind, Role
from recommendations.models.base import Keyed, KeyedQuerySet, Versioned
from recommendations.models.fields import LineField, RelatedField


class Organisation(Keyed, Versioned):
    """A body that leads, contributes, publishes or is addressed; it may have no account here."""

    slug = models.SlugField(_("short name for addresses"), max_length=60, unique=True)
    name = LineField(_("name"))
    kind = models.CharField(
        _("kind"), max_length=20, choices=OrganisationKind, default=OrganisationKind.OTHER
    )
    valid_from = models.DateField(_("exists from"), null=True, blank=True)
    valid_to = models.DateField(_("existed until"), null=True, blank=True)
    successor = RelatedField(
        "self", _("succeeded by"), null=True, blank=True, related_name="predecessors"
    )

    objects = KeyedQuerySet.as_manager()

    class Meta:
        verbose_name = _("organisation")
        verbose_name_plural = _("organisations")
        ordering = ("name", "pk")
        constraints = [
            models.CheckConstraint(
                name="organisation_valid_from_before_to",
                condition=Q(valid_from__isnull=True)
                | Q(valid_to__isnull=True)
                | Q(valid_from__lte=F("valid_to")),
                violation_error_message=_("“Exists from” must not be after “existed until”."),
            ),
            models.CheckConstraint(
                name="organisation_not_its_own_successor",
                condition=Q(successor__isnull=True) | ~Q(successor=F("pk")),
                violation_error_message=_("An organisation cannot succeed itself."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


def full_name(first: str | None, last: str | None, username: str | None) -> str:
    """What a person is called, from their columns; empty where there is nobody."""
    return f"{first or ''} {last or ''}".strip() or username or ""


def person_name(path: str = "") -> Coalesce:
    """The same in SQL, of the people to whom this path leads."""
    first, last = f"{path}first_name", f"{path}last_name"
    full = Trim(Concat(first, Value(" "), last, output_field=models.TextField()))
    return Coalesce(NullIf(full, Value("")), f"{path}username", output_field=models.TextField())


PERSON_NAME = person_name()
"""The name of rows of people."""


def account_columns(*people: str) -> tuple[str, ...]:
    """Columns of people at these paths that no page shows beside a name, to be deferred."""
    of_an_account = ("password", "last_login", "email", "is_superuser", "is_staff", "date_joined")
    of_settings = ("language", "wants_mail", "version", "updated_at")
    return tuple(f"{path}__{name}" for path in people for name in (*of_an_account, *of_settings))


class User(AbstractUser, Versioned):
    """Somebody with an account. Deactivated, never deleted, once they have left a trace."""

    organisation = RelatedField(
        Organisation, _("organisation"), null=True, blank=True, related_name="people"
    )
    language = models.CharField(
        _("language"),
        max_length=12,
        blank=True,
        help_text=_("If empty, the browser’s language is used."),
    )
    wants_mail = models.BooleanField(_("receives email"), default=True)
    is_demonstration = models.BooleanField(
        _("demonstration account"),
        default=False,
        help_text=_("Entries by this person are marked as demonstration data."),
    )

    class Meta(AbstractUser.Meta):
        ordering = ("username", "pk")

    def __str__(self) -> str:
        return full_name(self.first_name, self.last_name, self.username)

    def check_password(self, raw_password: str | None) -> bool:
        """Whether it is theirs. Django's own would write an outdated hash anew, off the record."""
        return check_password(raw_password, self.password)

    @cached_property
    def role_names(self) -> frozenset[str]:
        """The roles this person holds; no query where they came ``with_roles``, as signed in."""
        if hasattr(self, "role_bits"):
            return frozenset(role for bit, role in _BITS if self.role_bits & bit)
        return frozenset(group.name for group in self.groups.all())


class ResetRequest(models.Model):
    """That somebody asked for a new password: kept for an hour, to be counted.

    Address and client are digests under the key of the site: nobody reads from them who it was.
    """

    at = models.DateTimeField(_("at"))
    address_digest = models.CharField(_("digest of the address"), max_length=64)
    client_digest = models.CharField(_("digest of the client"), max_length=64)

    class Meta:
        verbose_name = _("request for a new password")
        verbose_name_plural = _("requests for a new password")
        ordering = ("-at", "-pk")
        indexes = [
            models.Index(name="reset_for_address", fields=["address_digest", "at"]),
            models.Index(name="reset_from_client", fields=["client_digest", "at"]),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M}"


_BITS = tuple((1 << place, role) for place, role in enumerate(Role))


def with_roles(people: models.QuerySet[User]) -> models.QuerySet[User]:
    """Their roles as the bits of one column, so that asking for roles costs no query."""
    bits = Case(*(When(group__name=role, then=bit) for bit, role in _BITS), default=0)
    held: models.QuerySet[Any] = User.groups.through.objects.filter(user=OuterRef("pk")).values(
        "user"
    )
    return people.annotate(
        role_bits=Coalesce(Subquery(held.annotate(bits=Sum(bits)).values("bits")), 0)
    )
