"""Webhooks: what is sent to the programs of others as it happens, and to whom."""

from functools import reduce
from operator import or_
from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from recommendations import permissions
from recommendations.choices import WebhookKind, WebhookShape
from recommendations.models.base import Removable, Versioned, exactly_one, together
from recommendations.models.fields import LineField, PersonField, RelatedField
from recommendations.models.messages import Queued, has_end, to_be_sent
from recommendations.permissions import Person


class WebhookQuerySet(models.QuerySet["Webhook"]):
    def in_use(self) -> Self:
        return self.filter(removed_at__isnull=True)

    def visible_to(self, person: Person) -> Self:
        """All of them for administrators, their own for others who may have any."""
        if permissions.can_administer(person):
            return self
        return (
            self.filter(person=person.pk) if permissions.can_have_webhooks(person) else self.none()
        )


def _told(kind: WebhookKind) -> "models.BooleanField[bool, bool]":
    return models.BooleanField(kind.label, default=False)


class Webhook(Removable, Versioned):
    """An address that is told of events that a person may read, of one source or of all.

    The address and the secret that signs are encrypted together: the address of a chat lets whoever
    knows it write there. ``seen_event`` and ``seen_day`` are how far events and days were looked
    at, from its own creation on.
    """

    person = PersonField(_("person"), related_name="webhooks", editable=False)
    name = LineField(_("name"), max_length=80)
    shape = models.CharField(
        _("format"), max_length=10, choices=WebhookShape, default=WebhookShape.STANDARD
    )
    source = RelatedField("Source", _("source"), null=True, blank=True)
    on_approved = _told(WebhookKind.APPROVED)
    on_returned = _told(WebhookKind.RETURNED)
    on_update_overdue = _told(WebhookKind.UPDATE_OVERDUE)
    on_overdue = _told(WebhookKind.OVERDUE)
    on_round = _told(WebhookKind.ROUND)
    on_sign_off = _told(WebhookKind.SIGN_OFF)
    on_import = _told(WebhookKind.IMPORT)
    domain = LineField(_("address"), max_length=300, editable=False)
    sealed = models.TextField(_("digest of the link"), editable=False)
    created_at = models.DateTimeField(_("created at"), editable=False)
    seen_event = models.BigIntegerField("last event looked at", editable=False)
    seen_day = models.DateField("last day looked at", editable=False)

    objects = WebhookQuerySet.as_manager()

    class Meta:
        verbose_name = _("webhook")
        verbose_name_plural = _("webhooks")
        ordering = ("-created_at", "-pk")
        constraints = [
            models.CheckConstraint(
                name="webhook_tells_of_something",
                condition=reduce(or_, (Q(**{kind.column: True}) for kind in WebhookKind)),
                violation_error_message=_("Choose an option from the list."),
            ),
            together("webhook_removed_together", "removed_at", "removed_by"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def kinds(self) -> list[WebhookKind]:
        """What it is told of."""
        return [kind for kind in WebhookKind if getattr(self, kind.column)]


class WebhookDelivery(Queued):
    """That a webhook is told of one event, or that a recommendation is overdue since a ``day``.

    What it is told is made when it is sent, by the rights of then: no word of it is kept.
    """

    webhook = RelatedField(Webhook, _("webhook"), related_name="deliveries")
    message_id = models.CharField(_("Message-ID"), max_length=40, unique=True)
    kind = models.CharField(_("event"), max_length=30, choices=WebhookKind)
    event = RelatedField("AuditEvent", _("audit log entry"), null=True)
    recommendation = RelatedField("Recommendation", _("recommendation"), null=True)
    day = models.DateField(_("day"), null=True)

    class Meta:
        verbose_name = _("webhook delivery")
        verbose_name_plural = _("webhook deliveries")
        ordering = ("-queued_at", "-pk")
        indexes = [to_be_sent("webhook_to_be_sent")]
        constraints = [
            has_end("webhook_has_an_end_once_it_ended"),
            models.CheckConstraint(
                name="webhook_delivery_is_of_one",
                condition=exactly_one(("event", "recommendation")),
            ),
            together("webhook_delivery_overdue_since_a_day", "recommendation", "day"),
            models.UniqueConstraint(name="webhook_event_once", fields=["webhook", "event"]),
            models.UniqueConstraint(
                name="webhook_overdue_once", fields=["webhook", "recommendation", "kind", "day"]
            ),
        ]

    def __str__(self) -> str:
        return f"{self.webhook}: {self.get_kind_display()}"

    @property
    def happened_at(self) -> Any:
        """When what it tells of happened, or was found."""
        return self.event.at if self.event else self.queued_at
