"""How the wording of a recommendation changed: why it did last, and what it was before."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from recommendations import permissions
from recommendations.audit.rewind import Past
from recommendations.models import Recommendation
from recommendations.permissions import Person
from recommendations.queries.recommendations.past.ever_public import Publications, Stretch

MOST = 20
"""Earlier wordings on one page, the newest; each is a few statements."""

_AN_INSTANT = timedelta(microseconds=1)


def reason_read(reason: str, *, is_public: bool, is_internal: bool) -> str:
    """Why a wording changed, as far as a reader is told.

    Reasons given before readers outside saw any are internal.
    """
    return reason if is_public or is_internal else ""


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
    """Those that this reader may see, the newest first: for others only what ever was public.

    They are read out of the record, which redaction reaches.
    """
    is_internal = permissions.can_read_internally(person)
    published = Publications(timezone.now(), [found.pk]).of(found.pk, found.published_at)
    return tuple(
        EarlierWording(
            until=until,
            reason=reason_read(
                now.wording_reason,
                is_public=now.is_wording_reason_public,
                is_internal=is_internal,
            ),
            title=then.title,
            summary=then.summary,
            quoted_text=then.quoted_text,
            locator=then.locator,
            redacted=is_redacted,
        )
        for until, now, then, is_redacted in _replaced(found)
        if is_internal or _was_public(then, until, published)
    )


def _was_public(then: Recommendation, until: datetime, published: Iterable[Stretch]) -> bool:
    """Whether it was published at any time while this was its wording.

    Since the first publication every wording has the moment at which it came, so that one without
    it is the one that was published first.
    """
    came = then.wording_amended_at
    return any(
        each.since < until and (each.until is None or came is None or came < each.until)
        for each in published
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
