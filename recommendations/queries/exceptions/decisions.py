"""Decisions made with an account that another person had changed, each with that change."""

import json
from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta

from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from recommendations.models import AuditEvent
from recommendations.queries.dates import day_text
from recommendations.queries.exceptions.case import Case
from recommendations.queries.exceptions.rules import Limits
from recommendations.queries.log.conditions import BY_OTHERS, account_changes
from recommendations.queries.log.rows import LogRow, log_rows
from recommendations.queries.log.words import action_text, label_text


def cases_of_decisions(keys: Sequence[int]) -> list[Case]:
    """The decisions of these events; a fixed number of statements."""
    found = AuditEvent.objects.select_related("actor", "recommendation", "reason").in_bulk(keys)
    rows = log_rows(found[key] for key in keys if key in found)
    changes = _changes_before([row.event for row in rows])
    return [_case(row, changes) for row in rows]


def _changes_before(events: Sequence[AuditEvent]) -> dict[str, list[AuditEvent]]:
    """What others changed of the accounts that these were made with, by account, newest first."""
    if not events:
        return {}
    days = timedelta(days=Limits.of_site().role_days)
    made = account_changes().filter(
        verb__in=BY_OTHERS,
        object_id__in={str(event.actor_id) for event in events},
        at__gte=min(event.at for event in events) - days,
        at__lte=max(event.at for event in events),
    )
    changes: dict[str, list[AuditEvent]] = defaultdict(list)
    for change in made.select_related("actor").order_by("-sequence"):
        changes[change.object_id].append(change)
    return changes


def _case(row: LogRow, changes: dict[str, list[AuditEvent]]) -> Case:
    event = row.event
    days = timedelta(days=Limits.of_site().role_days)
    before = [
        _change_text(change)
        for change in changes.get(str(event.actor_id), ())
        if event.at - days <= change.at <= event.at
    ]
    return Case(
        row.sentence,
        "; ".join(dict.fromkeys(before)),
        f"{reverse('audit-log')}?object_type=user&object_id={event.actor_id}",
        timezone.localdate(event.at),
        bool(event.actor and event.actor.is_demonstration),
    )


def _change_text(change: AuditEvent) -> str:
    """Who changed the account before, when, and what of it."""
    told = {
        "who": change.actor,
        "day": day_text(timezone.localdate(change.at)),
        "what": _what(change),
    }
    if change.actor is None:
        return _("Account changed at the command line on %(day)s: %(what)s") % told
    return _("Account changed by %(who)s on %(day)s: %(what)s") % told


def _what(change: AuditEvent) -> str:
    if change.verb != "change":
        return action_text(change.verb, change.object_type)
    names = json.loads(change.payload)["changes"]
    return _(", ").join(capfirst(label_text(change.object_type, name)) for name in names)
