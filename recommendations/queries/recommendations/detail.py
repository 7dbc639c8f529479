"""The page of one recommendation: all of it for people inside, named fields for the public.

A card stands on each of its tabs; a tab reads the card and its own sections, and nothing else.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from typing import Any

from django.db.models import BigIntegerField, DateField, Q, QuerySet
from django.db.models.expressions import Combinable
from django.urls import reverse
from django.utils.dateparse import parse_date

from recommendations import audiences, permissions
from recommendations.choices import MEASURING_RELATIONS, UpdateState
from recommendations.fixed import Given, fixed
from recommendations.models import (
    Addressee,
    Recommendation,
    StatusUpdate,
)
from recommendations.permissions import Person
from recommendations.queries.columns import names_of
from recommendations.queries.dates import Ledger, ledger_of
from recommendations.queries.fields import LabelledValue, labelled_values
from recommendations.queries.indicators.rows import MeasureRow, measure_rows
from recommendations.queries.recommendations.attention import Need, needs_of
from recommendations.queries.recommendations.citations import Citation, citation_now
from recommendations.queries.recommendations.linked_evidence import (
    EvidenceRow,
    claims_summary,
    evidence_rows,
)
from recommendations.queries.recommendations.relations import RelationRow, relation_rows
from recommendations.queries.recommendations.rows import RecommendationRow, rows_for
from recommendations.queries.recommendations.signed import (
    SignedLine,
    latest_sign_off,
    sign_off_entries,
)
from recommendations.queries.recommendations.strands import PartRow, part_rows_of
from recommendations.queries.recommendations.taken_over import OPENING_COLUMNS, not_stated
from recommendations.queries.recommendations.timeline import (
    UPDATE,
    TimelineEntry,
    build_timeline,
    events_of,
    named_in,
)
from recommendations.queries.replaced import Mark, marks_of
from recommendations.queries.responses import (
    AddresseeRow,
    action_rows,
    addressee_row,
    by_urgency,
    own_states_text,
)
from recommendations.transitions import UNDECIDED

SAID_BESIDE = (
    "remaining",
    "next_steps",
    "issue",
    "response_action",
    "response_owner",
    "asked_for",
    "completed_on",
    "review_on",
    "closing_reason",
    "successor",
    "reopening_reason",
    "internal_note",
)
"""What an update may say besides what happened, in the order of the page."""

ADDRESSEES_SHOWN = 8
"""Addressees in a section; all of them stand on the tab of responses."""

ADDRESSEES_NAMED = 3
"""Addressees that the key facts name."""

EARLIER_SHOWN = 3
"""Earlier approved updates under the current one; the history has all of them."""

OPEN_SHOWN = 6
"""Updates that are not decided, on the tab of the status."""

_NAMED = (
    *names_of("author", "last_editor", "decided_by"),
    *("author__is_demonstration", "addressee__area__name", "addressee__organisation__name"),
)
_TOLD = (
    *OPENING_COLUMNS,
    *("recommendation", "kind", "state", "as_of", "implementation_status", "confidence"),
    *("contradictions_confirmed", "decided_at", "corrects", "retracts", *_NAMED),
    *("successor__reference", "successor__title"),
)
"""Columns of updates that the timeline tells."""

_CONTENT = (
    *_TOLD,
    *("what_happened", "public_text", *SAID_BESIDE),
)
"""Columns of updates that the tab of the status shows."""


_RECOMMENDATION = Given("recommendation", BigIntegerField())


class Section(Enum):
    """A part of the page that is read by itself."""

    STATUS = "status"
    EVIDENCE = "evidence"
    RESPONSES = "responses"
    ACTIONS = "actions"
    INDICATORS = "indicators"
    HISTORY = "history"


@dataclass(frozen=True, slots=True)
class Wording:
    """How the source words it and where, and when and why that or the restatement changed."""

    quoted_text: str
    locator: str
    changed_at: datetime | None
    reason: str


@dataclass(frozen=True, slots=True)
class DetailPage:
    """What the page shows to one reader. ``found`` and below are empty for the public.

    Sections that were not asked for are empty. Of what is archived the public reads
    ``archived_at`` and the coded reason, and no status.
    """

    row: RecommendationRow
    today: date
    source: Any
    summary: str
    linked_indicators: int
    wording: Wording
    archived_at: datetime | None
    archive_label: str
    citation: Citation | None
    archived_by: str = ""
    need: tuple[EvidenceRow, ...] = ()
    claims: tuple[EvidenceRow, ...] = ()
    measures: tuple[MeasureRow, ...] = ()
    addressees: tuple[AddresseeRow, ...] = ()
    parts: tuple[PartRow, ...] = ()
    relations: tuple[RelationRow, ...] = ()
    found: Any = None
    needs: tuple[Need, ...] = ()
    contributors: tuple[str, ...] = ()
    in_force: StatusUpdate | None = None
    signed: SignedLine | None = None
    not_stated: tuple[str, ...] = ()
    """What the current status, taken over from a list, lacks."""
    said: tuple[LabelledValue, ...] = ()
    open_updates: tuple[StatusUpdate, ...] = ()
    earlier: tuple[tuple[StatusUpdate, Mark | None], ...] = ()
    """Earlier approved updates, each with what took it out of force, if anything did."""
    steps: tuple[Any, ...] = ()
    timeline: tuple[TimelineEntry, ...] = ()
    ledger: Ledger | None = None
    may_log: bool = False

    @property
    def measuring(self) -> tuple[MeasureRow, ...]:
        """Indicators of what it is for and of what is delivered."""
        return tuple(row for row in self.measures if row.relation in MEASURING_RELATIONS)

    @property
    def context(self) -> tuple[MeasureRow, ...]:
        """Indicators of what surrounds it; they measure nothing of it."""
        return tuple(row for row in self.measures if row.relation not in MEASURING_RELATIONS)

    @property
    def claims_summary(self) -> tuple[str, ...]:
        return claims_summary(self.claims)

    @property
    def first_addressees(self) -> tuple[AddresseeRow, ...]:
        """Those that stand on the page itself: who is late, then who has said something."""
        return tuple(by_urgency(self.addressees)[:ADDRESSEES_SHOWN])

    @property
    def first_states(self) -> tuple[AddresseeRow, ...]:
        """Those that report of themselves, as far as they stand on the page itself."""
        return tuple(row for row in self.addressees if row.own)[:ADDRESSEES_SHOWN]

    @property
    def asked(self) -> tuple[AddresseeRow, ...]:
        """Addressees that are named in one line; for the rest there is their number."""
        return self.addressees[:ADDRESSEES_NAMED]

    @property
    def others_asked(self) -> int:
        return max(len(self.addressees) - ADDRESSEES_NAMED, 0)

    @property
    def own_states(self) -> str:
        return own_states_text(self.addressees, is_continuous=self.row.is_continuous)

    @property
    def steps_overdue(self) -> int:
        return sum(step.is_overdue for step in self.steps)

    @property
    def reported_as_of(self) -> date | None:
        """The day of what a file reported, where it gave one."""
        return parse_date(self.found.reported["as_of"] or "")

    @property
    def first_open(self) -> tuple[StatusUpdate, ...]:
        return self.open_updates[:OPEN_SHOWN]


def detail_page(
    found: Any,
    person: Person,
    today: date,
    sections: Collection[Section] = tuple(Section),
) -> DetailPage:
    """The card and these sections of a recommendation from ``find_for_detail``."""
    is_inside = permissions.can_read_internally(person)
    row = rows_for(person, [found.pk], today)[0]
    parts = card_of(found, row, today)
    if is_inside:
        parts["archived_by"] = str(found.archived_by) if found.archived_at else ""
        parts |= {"found": found, "may_log": row.may_log, "needs": needs_of(found, row, person)}
    if row.parts and Section.STATUS in sections:
        parts["parts"] = tuple(part_rows_of([found.pk], is_internal=is_inside)[found.pk])
    for section in sections:
        parts |= _READERS[section](found, person, today)
        if is_inside and section in _INSIDE:
            parts |= _INSIDE[section](found, person, today)
    return DetailPage(**parts)


def card_of(found: Any, row: RecommendationRow, today: date) -> dict[str, Any]:
    """What everybody is shown of the card. Who archived it, and why, is for people inside."""
    return {
        "row": row,
        "today": today,
        "source": found.source,
        "summary": found.summary,
        "linked_indicators": found.linked_indicators,
        "wording": Wording(
            found.quoted_text, found.locator, found.wording_amended_at, found.wording_reason_shown
        ),
        "archived_at": found.archived_at,
        "archive_label": found.get_archive_reason_display(),
        "citation": citation_now(found, row, today),
    }


def dates_url(found: Recommendation) -> str:
    """Where the ledger of dates of a recommendation stands."""
    return reverse("recommendation-dates", args=[found.reference])


def _nothing(_found: Recommendation, _person: Person, _today: date) -> dict[str, Any]:
    return {}


def _evidence(found: Recommendation, person: Person, _today: date) -> dict[str, Any]:
    claims, need = evidence_rows(found, person)
    return {"claims": claims, "need": need}


def _measures(found: Recommendation, person: Person, _today: date) -> dict[str, Any]:
    return {"measures": tuple(measure_rows(found, person))}


def _addressees(found: Any, person: Person, today: date) -> dict[str, Any]:
    """All that are addressed still, as they were entered, each with what it says now.

    Several sections tell of them: they are read once for a page.
    """
    if not hasattr(found, "addressee_rows"):
        rows = _living(recommendation=found.pk, today=today)
        found.addressee_rows = tuple(addressee_row(row, person, today) for row in rows)
    return {"addressees": found.addressee_rows}


@fixed
def _living() -> Any:
    return addressed(Q(recommendation=_RECOMMENDATION), Given("today", DateField()))


def addressed(about: Q, today: date | Combinable) -> Any:
    """Addressees of recommendations as ``addressee_row`` needs them."""
    living = Addressee.objects.filter(about).living()
    rows = living.with_response().with_own_state(today)
    return rows.select_related("area", "organisation").order_by("pk")


def _status(found: Recommendation, person: Person, today: date) -> dict[str, Any]:
    """The current update, those that are not decided, and a few earlier ones."""
    current = found.current_update_id or 0
    updates = _newest(audiences.audience(person), recommendation=found.pk, current=current)
    by_id = {update.pk: update for update in updates}
    in_force = by_id.pop(current, None)
    others = list(by_id.values())
    earlier = [update for update in others if update.state not in UNDECIDED]
    marks = marks_of(update.pk for update in earlier)
    return {
        **_addressees(found, person, today),
        "contributors": tuple(str(body) for body in found.contributors.all()),
        "relations": tuple(relation_rows(found.pk, in_force.successor_id if in_force else None)),
        "in_force": in_force,
        "not_stated": tuple(not_stated(in_force)),
        "signed": latest_sign_off(recommendations=found.pk),
        "said": labelled_values(in_force, SAID_BESIDE, person),
        "open_updates": tuple(update for update in others if update.state in UNDECIDED),
        "earlier": tuple((update, marks.get(update.pk)) for update in earlier),
    }


@fixed
def _newest(audience: audiences.Audience) -> Any:
    """The current update, those that are not decided, and a few earlier ones."""
    current = Given("current", BigIntegerField())
    approved = StatusUpdate.objects.of_scope(_RECOMMENDATION, None)
    earlier = approved.filter(state=UpdateState.APPROVED).exclude(pk=current)
    newest = earlier.order_by("-as_of", "-decided_at", "-pk").values("pk")[:EARLIER_SHOWN]
    shown = Q(pk=current) | Q(state__in=UNDECIDED) | Q(pk__in=newest)
    return _updates(_RECOMMENDATION, audience, _CONTENT).filter(shown)


def _updates(
    recommendation: Combinable | int, person: Person, columns: tuple[str, ...]
) -> QuerySet[StatusUpdate]:
    rows = StatusUpdate.objects.visible_to(person).filter(recommendation=recommendation)
    return rows.with_people().only(*columns)


def _actions(found: Recommendation, person: Person, today: date) -> dict[str, Any]:
    return {"steps": tuple(action_rows(found, person, today))}


def _history(found: Recommendation, person: Person, today: date) -> dict[str, Any]:
    names = {row.pk: row.name for row in _addressees(found, person, today)["addressees"]}
    events = list(events_of(found.pk))
    ids = [event.object_id for event in events if event.object_type == UPDATE]
    updates = {row.pk: row for row in _updates(found.pk, person, _TOLD).filter(pk__in=ids)}
    spoken_of = named_in(events, person)
    told = build_timeline(events, updates, person, dates_url(found), names, spoken_of)
    told += sign_off_entries(found.pk)
    told.sort(key=lambda entry: entry.at, reverse=True)
    return {"timeline": tuple(told), "ledger": ledger_of(found, person)}


_Reader = Callable[[Recommendation, Person, date], dict[str, Any]]

_READERS: dict[Section, _Reader] = {
    Section.STATUS: _nothing,
    Section.EVIDENCE: _evidence,
    Section.RESPONSES: _addressees,
    Section.ACTIONS: _nothing,
    Section.INDICATORS: _measures,
    Section.HISTORY: _nothing,
}
"""What everybody reads of each section, as far as they may."""

_INSIDE: dict[Section, _Reader] = {
    Section.STATUS: _status,
    Section.ACTIONS: _actions,
    Section.HISTORY: _history,
}
"""What people inside read of it besides."""
