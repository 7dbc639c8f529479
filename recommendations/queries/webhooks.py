"""What webhooks are told: which events and days, and of each what their owner may read."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

from django.apps import apps
from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.urls import reverse
from django.utils import timezone

from recommendations import permissions
from recommendations.choices import RULES, Flag, WebhookKind
from recommendations.models import (
    AuditEvent,
    ImportRun,
    OpeningBatch,
    Recommendation,
    RecommendationState,
    Request,
    SignOff,
    User,
    Webhook,
    WebhookDelivery,
    with_roles,
)
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
    rows = events.filter(at__gt=now - LOOK_BACK).select_related("recommendation")
    told = [
        {"kind": VERBS[event.verb], "event": event}
        for event in rows.order_by("sequence")
        if webhook.source_id is None or _is_of_source(event, webhook.source_id)
    ]
    return [
        WebhookDelivery(
            webhook=webhook, message_id=f"msg_{uuid4().hex}", queued_at=now, due_at=now, **about
        )
        for about in (*told, *_overdue(webhook, timezone.localdate(now)))
    ]


def _is_of_source(event: AuditEvent, source: int) -> bool:
    """Whether what an event is about belongs to a source, or some of it does."""
    if event.recommendation is not None:
        return event.recommendation.source_id == source
    match event.object_type:
        case "recommendations.signoff":
            found: QuerySet[Any] = SignOff.objects.filter(pk=event.object_id, source=source)
        case "recommendations.openingbatch":
            found = OpeningBatch.objects.filter(pk=event.object_id, source=source)
        case "recommendations.reportinground":
            found = Request.objects.filter(
                round=int(event.object_id), recommendation__source=source, not_asked=""
            )
        case _:
            runs = event.rows.filter(object_type=ImportRun._meta.label_lower)
            linked = Recommendation.objects.filter(
                indicator_links__removed_at__isnull=True,
                indicator_links__indicator__in=ImportRun.objects.filter(
                    pk__in=list(runs.values_list("object_id", flat=True))
                ).values("indicator"),
            )
            found = Recommendation.objects.filter(
                Q(pk__in=event.rows.values("recommendation")) | Q(pk__in=linked.values("pk")),
                source=source,
            )
    return found.exists()


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


@dataclass(frozen=True, slots=True)
class Told:
    """What is told of one event: the ``number`` of what it is about and ``path`` of its page.

    ``source`` and ``title`` are texts: of what everybody may read, else ``None``.
    """

    number: int
    event: int | None
    path: str
    reference: str | None = None
    source: str | None = None
    title: str | None = None


def told_by(delivery: WebhookDelivery) -> Told | None:
    """The facts of a delivery; nothing where its owner may not be told, or it was ended."""
    webhook, event = delivery.webhook, delivery.event
    owner = with_roles(User.objects.filter(pk=webhook.person_id)).get()
    may_have = permissions.can_have_webhooks(owner) and not permissions.is_shut_out(owner)
    if webhook.removed_at is not None or not may_have:
        return None
    told: dict[str, Any] = {"event": event.sequence if event else None}
    recommendation = event.recommendation_id if event else delivery.recommendation_id
    if recommendation is not None:
        if (facts := _facts_of(recommendation, owner)) is None:
            return None
        told |= facts
    if event is None:
        page = reverse("recommendation-detail", args=[told["reference"]])
        return Told(number=recommendation or 0, path=page, **told)
    label, key = event.object_type, event.object_id
    if label == FILE:
        is_open = permissions.can_read_log(owner)
        return Told(number=event.sequence, path=reverse("audit-log"), **told) if is_open else None
    if not apps.get_model(label).objects.visible_to(owner).filter(pk=key).exists():
        return None
    return Told(number=int(key), path=names_of([(label, key)])[label, key].url, **told)


def _facts_of(key: int, owner: Person) -> dict[str, Any] | None:
    """Reference, and texts if everybody may read them; nothing where the owner may not know."""
    nobody = AnonymousUser()
    outside = Recommendation.objects.status_visible_to(nobody).filter(pk=OuterRef("pk"))
    rows = Recommendation.objects.visible_to(owner).annotate(is_public=Exists(outside.order_by()))
    found = rows.values("reference", "source__slug", "title", "is_public").filter(pk=key).first()
    if found is None:
        return None
    texts = {"source": found["source__slug"], "title": found["title"]}
    return {"reference": found["reference"], **(texts if found["is_public"] else {})}
