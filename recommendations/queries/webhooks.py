"""What webhooks are told: which events and days, and of each what their owner may read."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

from django.apps import apps
from django.contrib.auth.models import AnonymousUser
from django.db.models import CharField, Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Cast
from django.urls import reverse
from django.utils import timezone

from recommendations import permissions
from recommendations.choices import RULES, Flag, WebhookKind
from recommendations.models import (
    AuditEvent,
    AuditRow,
    Recommendation,
    RecommendationState,
    SignOff,
    User,
    Webhook,
    WebhookDelivery,
    with_roles,
)
from recommendations.models.recommendations import fictional
from recommendations.permissions import Person
from recommendations.queries.log.words import names_of

VERBS: Mapping[str, WebhookKind] = {
    "approve": WebhookKind.APPROVED,
    "approve_batch": WebhookKind.APPROVED,
    "import": WebhookKind.IMPORT,
    "import_areas": WebhookKind.IMPORT,
    "import_figures": WebhookKind.IMPORT,
    "return": WebhookKind.RETURNED,
    "send_round": WebhookKind.ROUND,
    "sign_off": WebhookKind.SIGN_OFF,
}
"""What a webhook is told of, by the verb of its event."""

FLAGS: Mapping[WebhookKind, Flag] = {
    WebhookKind.OVERDUE: Flag.DATE_OVERDUE,
    WebhookKind.UPDATE_OVERDUE: Flag.UPDATE_OVERDUE,
}
"""What begins with a day, by the flag that is raised then."""

LOOK_BACK = timedelta(days=3)
"""What is older was missed: for as long as a delivery is tried."""

FILE = "file"
"""What the events of imports are about; their rows say of what."""


def webhooks_of(person: Person) -> QuerySet[Webhook]:
    """Those in use that a person may see, with the latest ``error`` of what waits or failed."""
    failed = WebhookDelivery.objects.filter(webhook=OuterRef("pk")).exclude(error="")
    last = Subquery(failed.order_by("-queued_at", "-pk").values("error")[:1])
    rows = Webhook.objects.visible_to(person).in_use().select_related("person", "source")
    return rows.annotate(error=last)


def news_for(webhook: Webhook, last_event: int, now: datetime) -> list[WebhookDelivery]:
    """What it is to be told, not stored yet: of events until the last, and days until today."""
    since, until = webhook.seen_event, last_event
    verbs = [verb for verb, kind in VERBS.items() if kind in webhook.kinds]
    events = AuditEvent.objects.filter(sequence__gt=since, sequence__lte=until, verb__in=verbs)
    rows = events.filter(at__gt=now - LOOK_BACK)
    if webhook.source_id is not None:
        rows = rows.filter(_of_source(webhook.source_id))
    told = [{"kind": VERBS[event.verb], "event": event} for event in rows.order_by("sequence")]
    return [
        WebhookDelivery(
            webhook=webhook, message_id=f"msg_{uuid4().hex}", queued_at=now, due_at=now, **about
        )
        for about in (*told, *_overdue(webhook, timezone.localdate(now)))
    ]


def _of_source(source: int) -> Q:
    """The condition that what an event is about belongs to a source, or one of its rows does."""
    kind = SignOff._meta.label_lower
    signed = SignOff.objects.filter(source=source).values(key=Cast("pk", CharField()))
    rows = AuditRow.objects.filter(event=OuterRef("pk"), recommendation__source=source)
    of_many = Q(object_type=kind, object_id__in=signed) | ~Q(object_type=kind) & Q(Exists(rows))
    return Q(recommendation__source=source) | Q(recommendation=None) & of_many


def _overdue(webhook: Webhook, today: date) -> Iterator[dict[str, Any]]:
    """What became overdue since the day that was looked at last, by the kept state."""
    since = max(webhook.seen_day, today - LOOK_BACK)
    if since >= today:
        return
    states = RecommendationState.objects.followed()
    if webhook.source_id is not None:
        states = states.filter(source=webhook.source_id)
    for kind, flag in FLAGS.items():
        if kind in webhook.kinds:
            column = RULES[flag].column
            found = states.filter(RULES[flag].as_q(today), **{f"{column}__gte": since})
            for key, day in found.order_by("pk").values_list("pk", column):
                yield {"kind": kind, "recommendation_id": key, "day": day}


# ---- The facts of one delivery, as they are told outside


def facts_of(delivery: WebhookDelivery) -> dict[str, Any] | None:
    """What is told of a delivery; nothing where its owner may not be told, or has ended it.

    ``number`` is that of what it is about, ``event`` that of the event, ``path`` of the page.
    ``source`` and ``title`` are texts: of what everybody may read, else ``None``.
    """
    webhook, event = delivery.webhook, delivery.event
    owner = with_roles(User.objects.filter(pk=webhook.person_id)).get()
    may_have = permissions.can_have_webhooks(owner) and not permissions.is_shut_out(owner)
    if webhook.removed_at is not None or not may_have:
        return None
    about = event.recommendation_id if event else delivery.recommendation_id
    told = {"event": event.pk if event else None, **_texts_of(about)}
    if event is not None and event.object_type == FILE:
        told |= {"number": event.pk, "path": reverse("audit-log")}
        return told if permissions.can_read_log(owner) else None
    label, key = Recommendation._meta.label_lower, str(about)
    if event is not None:
        label, key = event.object_type, event.object_id
    if not apps.get_model(label).objects.visible_to(owner).filter(pk=key).exists():
        return None
    return {**told, "number": int(key), "path": names_of([(label, key)])[label, key].url}


def _texts_of(recommendation: int | None) -> dict[str, Any]:
    """Reference, what everybody may read of source and title, and whether it is fictional."""
    rows = Recommendation.objects.filter(pk=recommendation or 0)
    shown = rows.status_visible_to(AnonymousUser()).values_list("source__slug", "title").first()
    source, title = shown or (None, None)
    known = rows.values_list("reference", flat=True).first()
    told = {"reference": known, "source": source, "title": title}
    return {**told, "is_demonstration": rows.filter(fictional()).exists() if known else None}
