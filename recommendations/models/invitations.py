"""Invitations: that somebody with a certain address may make an account, with one role."""

from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from recommendations.choices import Role
from recommendations.models.base import Versioned, together
from recommendations.models.fields import PersonField, RelatedField, UniqueRelatedField
from recommendations.models.people import Organisation


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
