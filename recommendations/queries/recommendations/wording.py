"""How the wording of a recommendation changed: why it did last, and what it was before."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Case, F, QuerySet, TextField, Value, When

from recommendations import permissions
from recommendations.audit.rewind import Past
from recommendations.models import Recommendation
from recommendations.permissions import Person

MOST = 20
"""Earlier wordings on one page, the newest; each is a few statements."""

_AN_INSTANT = timedelta(microseconds=1)


def with_reason(rows: QuerySet[Any], person: Person) -> QuerySet[Any]:
    """Recommendations with ``wording_reason_shown``: why the wording changed, as far as they read.

    Reasons given before readers outside saw any are internal.
    """
    reason: Any = F("wording_reason")
    if not permissions.can_read_internally(person):
        shown = When(is_wording_reason_public=True, then=reason)
        reason = Case(shown, default=Value(""), output_field=TextField())
    found: QuerySet[Any] = rows.annotate(wording_reason_shown=reason)
    return found


@dataclass(frozen=True, slots=True)
class EarlierWording:
    """A wording that another one replaced at ``until``, for ``reason`` as far as it is shown."""

    until: datetime
    reason: str
    title: str
    summary: str
    quoted_text: str
    locator: str
    redacted: bool


def earlier_wordings(found: Recommendation, person: Person) -> tuple[EarlierWording, ...]:
    """Those that this reader may see, the newest first: for others only what was public then.

    They are read out of the record, which redaction reaches.
    """
    is_internal = permissions.can_read_internally(person)
    return tuple(
        EarlierWording(
            until=until,
            reason=now.wording_reason if is_internal or now.is_wording_reason_public else "",
            title=then.title,
            summary=then.summary,
            quoted_text=then.quoted_text,
            locator=then.locator,
            redacted=is_redacted,
        )
        for until, now, then, is_redacted in _replaced(found)
        if is_internal or then.published_at is not None
    )


def _replaced(
    found: Recommendation,
) -> Iterator[tuple[datetime, Recommendation, Recommendation, bool]]:
    now = found
    for _number in range(MOST):
        until = now.wording_amended_at
        if until is None:
            return
        past = Past(until - _AN_INSTANT)
        before = past.back([found])
        if not before:
            return
        is_redacted = not {"title", "summary", "quoted_text"}.isdisjoint(past.redactions(found))
        yield until, now, before[0], is_redacted
        now = before[0]
