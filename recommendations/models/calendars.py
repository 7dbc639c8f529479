"""Private addresses at which people fetch their due dates as a calendar."""

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from recommendations.models.base import Versioned, together
from recommendations.models.fields import PersonField


class CalendarAddressQuerySet(models.QuerySet["CalendarAddress"]):
    def in_use(self) -> Self:
        """Those that were not revoked."""
        return self.filter(revoked_at__isnull=True)


class CalendarAddress(Versioned):
    """The address of one person; whoever knows it reads the calendar without signing in.

    Token, salt and digest are as those of an invitation.
    """

    person = PersonField(_("person"), related_name="calendar_addresses")
    token_salt = models.CharField(_("salt of the link"), max_length=32, editable=False)
    token_digest = models.CharField(
        _("digest of the link"), max_length=64, unique=True, editable=False
    )
    created_at = models.DateTimeField(_("created at"))
    revoked_at = models.DateTimeField(_("revoked at"), null=True, blank=True)
    revoked_by = PersonField(_("revoked by"), null=True, blank=True)

    objects = CalendarAddressQuerySet.as_manager()

    class Meta:
        verbose_name = _("calendar address")
        verbose_name_plural = _("calendar addresses")
        ordering = ("-created_at", "-pk")
        constraints = [
            models.UniqueConstraint(
                name="calendar_address_once_for_a_person",
                fields=["person"],
                condition=Q(revoked_at__isnull=True),
            ),
            together("calendar_address_revoked_together", "revoked_at", "revoked_by"),
        ]

    def __str__(self) -> str:
        return str(self.person)
