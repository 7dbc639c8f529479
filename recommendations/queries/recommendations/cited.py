"""A recommendation as it was quoted: what was current on a day, as known at an entry of the record.

Worked out from what was there then (``audit.rewind``), not from what is kept of today.
"""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.db.models import Model
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from recommendations import permissions
from recommendations.audit.rewind import Past
from recommendations.choices import Stance, UpdateState
from recommendations.models import (
    AuditEvent,
    Recommendation,
    StatusUpdate,
    SteeringDecision,
    account_columns,
)
from recommendations.permissions import Person
from recommendations.queries.dates import day_text
from recommendations.queries.days import Days, day_in, entry_in
from recommendations.queries.fields import INTERNAL, LabelledValue, field_label, labelled_values
from recommendations.queries.publicity import marks_among
from recommendations.queries.recommendations.detail import SAID_BESIDE, Decided
from recommendations.queries.recommendations.past.ever_public import is_public_of
from recommendations.queries.recommendations.past.lines import (
    PastEvidence,
    evidence_then,
    row_then,
    standing_then,
)
from recommendations.queries.recommendations.past.rows import Standing
from recommendations.queries.recommendations.rows import RecommendationRow
from recommendations.queries.recommendations.status_text import (
    Citation,
    citation_then,
    public_reason_text,
    sentences_of,
    standing_text,
    status_text,
    taken_over_publicly,
    texts_of,
    warnings_of,
)


class NotCitable(Exception):
    """There is nothing at this address; the message says why."""


class NotRecordedYet(NotCitable):
    """There was no such recommendation yet."""


@dataclass(frozen=True, slots=True)
class Newer:
    """Whether what is quoted still holds: a title, and sentences on what happened since."""

    is_current: bool
    title: str
    texts: tuple[str, ...] = ()
    replaced: str = ""
    """How and when the update that is quoted was replaced."""

    @property
    def quoted(self) -> tuple[str, ...]:
        """What a citation that is copied by now says besides."""
        texts = () if self.is_current else (self.replaced, self.title)
        return tuple(text for text in texts if text)


@dataclass(frozen=True, slots=True)
class CitedPage:
    """What one reader is shown of a recommendation on a day, as it was known at ``at``.

    ``row`` is the row of the list of that day, and ``evidence`` what was linked to the update.
    From ``url`` on empty for the public.
    """

    row: RecommendationRow
    at: Days
    source: Any
    summary: str
    archived_at: datetime | None
    citation: Citation
    redactions: tuple[str, ...]
    newer: Newer
    evidence: Sequence[PastEvidence]
    decided: Decided | None = None
    approved_at: datetime | None = None
    origin: str = ""
    """Where an opening status was taken over from, in words."""

    url: str = ""
    author: str = ""
    approved_by: str = ""
    said: tuple[LabelledValue, ...] = ()

    @property
    def status(self) -> str:
        """Empty without an approved update."""
        return self.row.status

    @property
    def warnings(self) -> tuple[str, ...]:
        """What needed attention on the day, in the words in which it is quoted."""
        return warnings_of(self.row, self.row.raised)

    @property
    def recorded_after(self) -> tuple[str, ...]:
        """What counts on the day, since it is of it, and was recorded after it."""
        at, row, told = self.at, self.row, []
        if row.approved_on and row.approved_on > at.as_of:
            told.append(_("Update approved on %(day)s.") % {"day": day_text(row.approved_on)})
        added = _("Contradicting evidence “%(title)s”, added on %(day)s.")
        answered = _("Answer to contradicting evidence “%(title)s”, given on %(day)s.")
        for item in self.evidence:
            if item.stance == Stance.UNDERMINES:
                told += [
                    words % {"title": item.title, "day": day_text(day)}
                    for words, day in ((added, item.added_on), (answered, item.answered_on))
                    if day and day > at.as_of
                ]
        return tuple(told)

    @property
    def public_reason(self) -> str:
        return public_reason_text(self.row.confidence, self.row.public_reason)

    @property
    def statement(self) -> str:
        """What stood about it on the day."""
        row, at = self.row, self.at
        return status_text(row, row.raised, at.as_of, at.known_on, self.archived_at)


def page_cited(
    found: Recommendation, day: str, entry: str, today: date, person: Person
) -> CitedPage:
    """The page at an address; ``NotCitable`` where it leads to none.

    Whatever entry leads nowhere is refused in the same words, and one that was made up after the
    same reading: neither the end of the record nor when something was recorded is found by trying.
    """
    at = _moment(_cited_day(day, today), entry)
    if at is not None:
        with suppress(ObjectDoesNotExist, NotRecordedYet):
            return cited_page(found, at, person)
    raise NotCitable(_("No citation has this address."))


def _cited_day(text: str, today: date) -> date:
    on = day_in(text)
    if on is None:
        raise NotCitable(
            _("The address contains no date. Write a date as year-month-day, such as 2026-11-25.")
        )
    if on > today:
        raise NotCitable(_("%(day)s is in the future.") % {"day": day_text(on)})
    return on


def _moment(on: date, name: str) -> Days | None:
    """The entry that an address names; one query. None where it names none of this day.

    The entry must have been the newest at some time of the day, so that nobody can quote for a day
    what was out of date on it.
    """
    entry, beginning = entry_in(name)
    rows = AuditEvent.objects.filter(sequence__gte=entry, sequence__lte=entry + 1).order_by()
    found = {each: (at, digest) for each, at, digest in rows.values_list("sequence", "at", "hash")}
    if entry not in found:
        return None
    at, digest = found[entry]
    if not digest.startswith(beginning):
        return None
    after = found.get(entry + 1)
    has_ended = after is not None and timezone.localdate(after[0]) < on
    if has_ended or timezone.localdate(at) > on:
        return None
    return Days(on, on, at, entry, at, digest)


def cited_page(found: Recommendation, at: Days, person: Person) -> CitedPage:
    """The page for one reader, by a number of queries that does not grow with its updates.

    ``NotCitable`` where there was no such recommendation yet, and where it is archived by now and
    the reader is outside. ``ObjectDoesNotExist`` where it was not public then, or its status never
    (``past.ever_public``): that takes another query where the day was over when it was known.
    """
    is_internal = permissions.can_read_internally(person)
    if not is_internal and found.archived_at is not None:
        raise _archived(found.reference, found.archived_at)
    standing = standing_then(found.pk, at, person)
    if standing is None:
        if not is_internal:
            raise ObjectDoesNotExist
        raise NotRecordedYet(
            _("%(reference)s was recorded after this day.") % {"reference": found.reference}
        )
    then, current = standing.one.itself, standing.current
    overall = [row for row in standing.one.updates if row.addressee_id is None]
    is_public = _is_public(then, found) and is_public_of(then, current, overall, at)
    if not (is_internal or is_public):
        raise ObjectDoesNotExist
    updates = _approved(found)
    past = standing.past
    update = next(iter(past.rows([row for row in updates if row == current])), None)
    row = row_then(standing, at, person)
    newer = _newer(found, then, row, update, updates, person)
    return CitedPage(
        row=row,
        at=at,
        source=found.source,
        summary=then.summary,
        archived_at=then.archived_at,
        evidence=evidence_then(standing, person),
        citation=citation_then(
            *(then, row, at),
            is_public=is_public,
            since=newer.quoted,
        ),
        redactions=_redactions(past, then, update, person),
        newer=newer,
        decided=_decided(standing, person),
        **(_facts(update, person) if update else {}),
    )


def _decided(standing: Standing, person: Person) -> Decided | None:
    """The decision that answered the update; outside one that is public then and stands today."""
    found = (row for row in standing.one.decisions if row.pk == standing.state.decision_id)
    row: SteeringDecision | None = next(found, None)
    if row is None:
        return None
    now = SteeringDecision.objects.select_related("recorded_by").get(pk=row.pk)
    is_public = row.is_published and now.removed_at is None
    if not (is_public or permissions.can_read_internally(person)):
        return None
    return Decided(
        body=row.body,
        day=row.decided_on,
        decision=row.decision,
        note=row.note if permissions.can_read_drafts(person) else "",
        is_published=row.is_published,
        is_demonstration=now.recorded_by.is_demonstration,
    )


def _archived(reference: str, at: datetime) -> NotCitable:
    return NotCitable(
        _("%(reference)s was archived on %(day)s. Its status is no longer published.")
        % {"reference": reference, "day": day_text(timezone.localdate(at))}
    )


def _approved(found: Recommendation) -> list[StatusUpdate]:
    """Every approved update on the whole of it: what was approved then is approved now."""
    people = ("author", "last_editor", "decided_by")
    rows = StatusUpdate.objects.of_scope(found.pk, None).filter(state=UpdateState.APPROVED)
    return list(rows.with_people().defer(*account_columns(*people)))


def _is_public(*rows: Recommendation) -> bool:
    """Whether the public could read the status in each of these states of it."""
    return all(row.published_at is not None and row.archived_at is None for row in rows)


def _facts(update: StatusUpdate, person: Person) -> dict[str, Any]:
    """What is told of an update besides its row; to readers outside named fields alone."""
    outside = {
        "approved_at": update.decided_at,
        "origin": taken_over_publicly(update.kind),
    }
    if not permissions.can_read_internally(person):
        return outside
    return outside | {
        "origin": update.origin or outside["origin"],
        "url": update.get_absolute_url(),
        "author": str(update.author if update.is_opening else update.writer),
        "approved_by": str(update.decided_by),
        "said": labelled_values(update, ("what_happened", *SAID_BESIDE), person),
    }


def _redactions(
    past: Past, then: Recommendation, update: StatusUpdate | None, person: Person
) -> tuple[str, ...]:
    """What was redacted since of the texts that this reader is shown."""
    shown = ["public_text", "public_reason"]
    if permissions.can_read_internally(person):
        shown = ["what_happened", *SAID_BESIDE, *shown]
    if not permissions.can_read_drafts(person):
        shown = [name for name in shown if name not in INTERNAL]
    told = _redacted(past, then, ("title", "summary"))
    return (*told, *(_redacted(past, update, shown) if update else ()))


def _redacted(past: Past, row: Model, names: Iterable[str]) -> tuple[str, ...]:
    held = past.redactions(row)
    return tuple(
        _("%(field)s: words were redacted on %(day)s.")
        % {
            "field": capfirst(field_label(row, name)),
            "day": day_text(timezone.localdate(held[name])),
        }
        for name in names
        if name in held
    )


def _newer(
    found: Recommendation,
    then: Recommendation,
    row: RecommendationRow,
    update: StatusUpdate | None,
    updates: Iterable[StatusUpdate],
    person: Person,
) -> Newer:
    """What differs today. That the update was replaced is told to all who read it; why, to none."""
    texts, replaced = [], ""
    if found.current_update_id != (update and update.pk):
        mark = marks_among(updates).get(update.pk) if update else None
        replaced = mark.sentence if mark else ""
        texts += [replaced] if replaced else []
        texts.append(_current_text(found, person))
    if (found.title, found.summary) != (then.title, then.summary):
        texts.append(_("The title or the summary was revised since."))
    if found.target_date != then.target_date:
        texts.append(_("The target date was changed since."))
    if found.archived_at and found.archived_at != then.archived_at:
        day = day_text(timezone.localdate(found.archived_at))
        texts.append(_("Archived on %(day)s.") % {"day": day})
    if not texts:
        texts = _warned_since(found, row, person)
    if not texts:
        return Newer(is_current=True, title=_("This is still the current status."))
    title = _("Newer information exists.")
    return Newer(is_current=False, title=title, texts=tuple(texts), replaced=replaced)


def _warned_since(found: Recommendation, row: RecommendationRow, person: Person) -> list[str]:
    """What stands today, where a warning has begun or ended since; three statements."""
    told = sentences_of([found.pk], person, timezone.localdate())[found.pk]
    if told[:-1] == standing_text(row, row.raised):
        return []
    return [_("Current status: %(status)s") % {"status": " ".join(told)}]


def _current_text(found: Recommendation, person: Person) -> str:
    """What stands about it today, for the same reader."""
    if found.current_update_id is None:
        return _("Today there is no current update: “No report yet”.")
    texts = texts_of([found.pk], person, timezone.localdate())
    return _("Current status: %(status)s") % {"status": texts[found.pk]}
