"""People, organisations, deputies and invitations."""

from datetime import date, datetime
from functools import cached_property
from typing import Any, Self

from django.conf import settings
from django.contrib.auth.hashers import check_password
from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce, Concat, NullIf, Trim
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from recommendations.choices import DeputyState, OrganisationKind, Role, Switch
from recommendations.models.base import Keyed, KeyedQuerySet, Markable, Versioned, together
from recommendations.models.fields import LineField, PersonField, RelatedField, UniqueRelatedField
from recommendations.models.uses import TrackerUses

# ---- People and the organisations that they act for


class Organisation(Keyed, Versioned, Markable):
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

    is_service = models.BooleanField(
        _("service account"),
        default=False,
        help_text=_("For a program: uses the API with tokens, never signs in and never decides."),
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
    address_digest = models.CharField("digest of the address", max_length=64)
    client_digest = models.CharField("digest of the client", max_length=64)

    class Meta:
        verbose_name = "request for a new password"
        verbose_name_plural = "requests for a new password"
        ordering = ("-at", "-pk")
        indexes = [
            models.Index(name="reset_for_address", fields=["address_digest", "at"]),
            models.Index(name="reset_from_client", fields=["client_digest", "at"]),
        ]

    def __str__(self) -> str:
        return date_format(localtime(self.at), "j F Y, H:i")


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


def people_in(*roles: str) -> models.QuerySet[User]:
    """Active people by name, those who hold one of these roles, if any are given."""
    people = User.objects.filter(is_active=True)
    if roles:
        held = User.groups.through.objects.filter(user=OuterRef("pk"), group__name__in=roles)
        people = people.filter(Exists(held))
    return people.order_by("last_name", "first_name", "username", "pk")


# ---- Deputies: who looks after the work of a person while they are away


class DeputyQuerySet(models.QuerySet["Deputy"]):
    def active_on(self, day: date | Any) -> Self:
        """Those that stand in on this day; with the day after their last they are over.

        None where deputies are switched off.
        """
        is_off = TrackerUses.objects.switched("deputies", Switch.OFF)
        return self.named_for(day).filter(~is_off)

    def named_for(self, day: date | Any) -> Self:
        """The same, whether or not deputies are switched off."""
        return self.filter(starts_on__lte=day, ends_on__gte=day, ended_at__isnull=True)

    def not_over(self, day: date) -> Self:
        """Those that stand in on this day or will later."""
        return self.filter(ends_on__gte=day, ended_at__isnull=True)


class Deputy(Versioned):
    """That one person stands in for another from one day to another, both included.

    What waits for the person as lead officer or reviewer then also waits for the deputy, who may
    do what their own role and organisation allow, and no more. It ends by the calendar.
    """

    person = PersonField(_("person"), related_name="deputies")
    deputy = PersonField(_("deputy"), related_name="deputy_for")
    starts_on = models.DateField(_("first day"))
    ends_on = models.DateField(_("last day"))
    reason = LineField(_("reason"), max_length=200, blank=True)
    recorded_at = models.DateTimeField(_("recorded at"), editable=False)
    recorded_by = PersonField(_("recorded by"), editable=False)
    ended_at = models.DateTimeField(_("ended early at"), null=True, blank=True, editable=False)
    ended_by = PersonField(_("ended early by"), null=True, blank=True, editable=False)

    objects = DeputyQuerySet.as_manager()

    class Meta:
        verbose_name = _("deputy")
        verbose_name_plural = _("deputies")
        ordering = ("-starts_on", "-pk")
        indexes = [
            # The few that may stand in today, found for each page of who is signed in.
            models.Index(
                name="deputy_not_ended",
                fields=["deputy", "ends_on"],
                condition=Q(ended_at__isnull=True),
            )
        ]
        constraints = [
            models.CheckConstraint(
                name="deputy_is_somebody_else",
                condition=~Q(person=F("deputy")),
                violation_error_message=_("Choose another person as deputy."),
            ),
            models.CheckConstraint(
                name="deputy_ends_after_it_starts",
                condition=Q(starts_on__lte=F("ends_on")),
                violation_error_message=_("The last day must not be before the first."),
            ),
            together("deputy_ended_together", "ended_at", "ended_by"),
        ]

    def state_on(self, day: date) -> DeputyState:
        """Whether it is to come, current or over on a day; one that was ended early is over."""
        if self.ended_at is not None or self.ends_on < day:
            return DeputyState.OVER
        return DeputyState.CURRENT if self.starts_on <= day else DeputyState.TO_COME

    def __str__(self) -> str:
        return f"{self.person_id}, {self.deputy_id}: {date_format(self.starts_on)}"


# ---- Invitations: that somebody with a certain address may make an account, with one role


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def pending(self) -> Self:
        """Neither accepted nor withdrawn; it may have expired."""
        return self.filter(accepted_at__isnull=True, withdrawn_at__isnull=True)


class Invitation(Versioned):
    """For one address, one role and at most one organisation; it works once, for a limited time.

    Of the token in its link a digest is stored. The token is made of ``token_salt`` under the
    secret key of the site, so that the database alone gives no link.
    """

    # Redaction empties it, and with it the invitation ends.
    email = models.EmailField(_("email address"), blank=True)
    role = models.CharField(_("role"), max_length=20, choices=Role)
    organisation = RelatedField(
        Organisation, _("organisation"), null=True, blank=True, related_name="invitations"
    )
    token_salt = models.CharField(_("salt of the link"), max_length=32, editable=False)
    token_digest = models.CharField(
        _("digest of the link"), max_length=64, unique=True, editable=False
    )
    invited_by = PersonField(_("invited by"), related_name="invitations_made")
    invited_at = models.DateTimeField(_("invited at"))
    expires_at = models.DateTimeField(_("expires at"))
    accepted_at = models.DateTimeField(_("accepted at"), null=True, blank=True)
    accepted_by = UniqueRelatedField(
        settings.AUTH_USER_MODEL, _("accepted by"), null=True, blank=True, related_name="invitation"
    )
    withdrawn_at = models.DateTimeField(_("withdrawn at"), null=True, blank=True)
    withdrawn_by = PersonField(_("withdrawn by"), null=True, blank=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        ordering = ("-invited_at", "-pk")
        constraints = [
            models.UniqueConstraint(
                name="invitation_once_for_an_address",
                fields=["email"],
                condition=Q(accepted_at__isnull=True, withdrawn_at__isnull=True) & ~Q(email=""),
                violation_error_message=_("An open invitation for this address exists already."),
            ),
            models.CheckConstraint(
                name="invitation_expires_after_it_was_made",
                condition=Q(expires_at__gt=models.F("invited_at")),
            ),
            together("invitation_accepted_together", "accepted_at", "accepted_by"),
            together("invitation_withdrawn_together", "withdrawn_at", "withdrawn_by"),
            models.CheckConstraint(
                name="invitation_ends_in_one_way",
                condition=Q(accepted_at__isnull=True) | Q(withdrawn_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return self.email

    def is_expired(self, now: datetime) -> bool:
        """Whether its time was over at this moment."""
        return now >= self.expires_at
