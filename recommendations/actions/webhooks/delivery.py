"""Finding what webhooks are to be told, and telling them."""

import html
import json
import logging
import time
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from recommendations import permissions
from recommendations.actions.base import ActionRefused, require
from recommendations.actions.deliveries import (
    PassResult,
    claimed,
    end,
    error_text,
    note_failure,
    one_line,
    prune,
)
from recommendations.actions.webhooks.posting import post
from recommendations.actions.webhooks.signing import signed_headers, unseal
from recommendations.choices import MailState, WebhookKind, WebhookShape
from recommendations.models import ChainHead, User, Webhook, WebhookDelivery
from recommendations.queries.webhooks import facts_of, news_for

logger = logging.getLogger(__name__)

PASS_SECONDS = 30.0
"""After so long no further delivery is begun in a pass: mail waits for the next one."""

GONE = 410
"""The status by which a receiver says that it will never take anything again."""


class Answered(ActionRefused):
    """The receiver answered, but not with a status of success."""

    def __init__(self, status: int, words: str) -> None:
        self.status = status
        super().__init__(f"HTTP {status}: {words}")


def send_queue(result: PassResult) -> None:
    """Queue what is new, and send what is due; one that fails has no second try in a pass."""
    now = timezone.now()
    prune(WebhookDelivery, now)
    queue_news(now)
    ends, failed = time.monotonic() + PASS_SECONDS, set[int]()
    while time.monotonic() < ends:
        waiting = WebhookDelivery.objects.exclude(webhook__in=failed)
        delivery = claimed(waiting.select_related("webhook__person", "event"))
        if delivery is None:
            return
        if not _deliver(delivery, result):
            failed.add(delivery.webhook_id)


def queue_news(now: datetime) -> None:
    """Queue what each webhook is to be told of all that was recorded since the last look.

    The chain is written under a lock: no event comes before one that was there already. Of two who
    look at once each finds the same, and what the first has queued is queued once.
    """
    last = ChainHead.objects.values_list("last_sequence", flat=True).first() or 0
    today = timezone.localdate(now)
    for webhook in Webhook.objects.in_use().order_by("pk"):
        if (webhook.seen_event, webhook.seen_day) == (last, today):
            continue
        news = news_for(webhook, last, now)
        with transaction.atomic():
            WebhookDelivery.objects.bulk_create(news, ignore_conflicts=True)
            here = Webhook.objects.filter(pk=webhook.pk, seen_day__lte=today, seen_event__lte=last)
            here.update(seen_event=last, seen_day=today)


def _deliver(delivery: WebhookDelivery, result: PassResult) -> bool:
    """Tell one; whether its receiver can be told more now."""
    webhook, state = delivery.webhook, MailState.DROPPED
    try:
        if (facts := facts_of(delivery)) is not None:
            with translation.override(webhook.person.language or settings.LANGUAGE_CODE):
                body = _body(webhook.shape, delivery.kind, delivery.happened_at, facts)
            _send(webhook, delivery.message_id, body)
            state = MailState.SENT
    except Exception as error:
        # Whatever a receiver, the network or a strange address can think of.
        result.failed += 1
        logger.warning("A webhook was not delivered", extra={"delivery": delivery.pk})
        is_final = isinstance(error, Answered) and error.status == GONE
        note_failure(delivery, error, is_final=is_final)
        return False
    result.sent += state == MailState.SENT
    result.dropped += state == MailState.DROPPED
    end(delivery, state)
    return True


def send_test(*, webhook: Webhook, by: User) -> str:
    """Send a message of no event to one's own webhook now; what came back."""
    is_own = webhook.person_id == by.pk and webhook.removed_at is None
    require(is_own and permissions.can_have_webhooks(by), _("You cannot change that account."))
    body = _body(webhook.shape, "test", timezone.now(), {"path": "/"})
    try:
        answer = _send(webhook, f"msg_{uuid4().hex}", body)
    except Exception as error:
        raise ActionRefused(_("Test message not delivered: %s") % error_text(error)) from error
    return _("Test message delivered: %s") % one_line(answer)


def _send(webhook: Webhook, message_id: str, body: bytes) -> str:
    """Sign and post; the answer. ``Answered`` where it is none of success."""
    url, secret = unseal(webhook.sealed)
    headers = signed_headers(secret, message_id, int(time.time()), body)
    status, words = post(url, body, headers)
    if not 200 <= status < 300:
        raise Answered(status, words)
    return f"HTTP {status} {words}"


# ---- What a message says, in the shape that its receiver takes


def _body(shape: str, kind: str, at: datetime, facts: dict[str, Any]) -> bytes:
    address = f"{settings.SITE_ADDRESS}{facts.pop('path')}"
    label = WebhookKind(kind).label if kind in WebhookKind else _("Recommendation Tracker")
    words = " ".join(filter(None, (f"{label}:", facts.get("reference"), facts.get("title"))))
    if facts.get("is_demonstration"):
        words = _("Demonstration: %(title)s") % {"title": words}
    content: dict[str, Any]
    match shape:
        case WebhookShape.SLACK:
            content = {"text": f"{html.escape(words, quote=False)}\n{address}"}
        case WebhookShape.TEAMS:
            content = _card(words, address)
        case _:
            when = at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
            content = {"type": kind, "timestamp": when, "data": {**facts, "address": address}}
    return json.dumps(content).encode()


def _card(words: str, address: str) -> dict[str, Any]:
    """What the workflow "when a webhook request is received" of Teams posts, without markup."""
    said = [{"type": "TextRun", "text": words}]
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": [{"type": "RichTextBlock", "inlines": said}],
        "actions": [{"type": "Action.OpenUrl", "title": _("Open"), "url": address}],
    }
    kind = "application/vnd.microsoft.card.adaptive"
    return {"type": "message", "attachments": [{"contentType": kind, "content": card}]}
