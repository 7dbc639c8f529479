"""The page of one recommendation: all of it for people inside, named fields for the public."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import (
    BigIntegerField,
    Exists,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
)
from django.urls import reverse

from recommendations import permissions
from recommendations.choices import MEASURING_RELATIONS
from recommendations.models import (
    Addressee,
    EvidenceCheck,
    EvidenceLink,
    Recommendation,
    ReportedStatus,
    StatusUpdate,
    account_columns,
    readable_links,
)
from recommendations.permissions import Person
from recommendations.queries.cache import audience_of, cached
from recommendations.queries.evidence.claims import is_demonstration_link
from recommendations.queries.evidence.files import FileRow, file_now, with_file_now
from recommendations.queries.fields import LabelledValue, labelled_values
from recommendations.queries.fixed import Given, fixed
from recommendations.queries.frame import version_for
from recommendations.queries.indicators.rows import MeasureRow, measure_rows
from recommendations.queries.recommendations.citations import (
    Citation,
    citation_now,
    with_citation,
)
from recommendations.queries.recommendations.rows import RecommendationRow, rows_for
from recommendations.queries.recommendations.timeline import (
    OF_ONE,
    TimelineEntry,
    build_timeline,
    events_of,
)
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

MOMENTS_SHOWN = 8
"""Newest entries of the timeline that stand open; the earlier ones fold."""

ADDRESSEES_SHOWN = 8
"""Addressees on the page itself; all of them stand on the page of responses."""

ADDRESSEES_NAMED = 3
"""Addressees that the line under the title names."""


_OF_A_SUCCESSOR = tuple(
    f"successor__{field.name}"
    for field in Recommendation._meta.concrete_fields
    if field.name not in ("id", "reference", "title")
)
"""Columns of a successor that are not shown: its page has them."""


@dataclass(frozen=True, slots=True)
class EvidenceRow:
    """One evidence item under a recommendation or under its latest approved update.

    ``was_checked`` says that somebody checked a file that it had before.
    """

    link: EvidenceLink | None
    title: str
    url: str
    kind: str
    stance: str
    citation: str
    publisher: str
    address: str
    effective_on: date | None
    precision: str
    why: str
    is_placed_by_source: bool
    is_internal: bool
    is_checked: bool
    was_checked: bool
    file: FileRow | None
    added_at: datetime | None
    answer: str
    answered_by: str
    answered_at: datetime | None
    is_unanswered: bool
    is_demonstration: bool


@dataclass(frozen=True, slots=True)
class DetailPage:
    """What the page shows to one reader. ``found`` and below are empty for the public.

    Of what is archived the public reads ``archived_at`` and the coded reason, and no status.
    """

    row: RecommendationRow
    today: date
    source: Any
    summary: str
    need: tuple[EvidenceRow, ...]
    claims: tuple[EvidenceRow, ...]
    measures: tuple[MeasureRow, ...]
    is_measured: bool
    addressees: tuple[AddresseeRow, ...]
    archived_at: datetime | None
    archive_reason: str
    citation: Citation | None
    found: Any = None
    contributors: tuple[str, ...] = ()
    in_force: StatusUpdate | None = None
    said: tuple[LabelledValue, ...] = ()
    open_updates: tuple[StatusUpdate, ...] = ()
    steps: tuple[Any, ...] = ()
    timeline: tuple[TimelineEntry, ...] = ()
    may_log: bool = False
    my_draft: StatusUpdate | None = None

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
    def newest_moments(self) -> tuple[TimelineEntry, ...]:
        return self.timeline[:MOMENTS_SHOWN]

    @property
    def earlier_moments(self) -> tuple[TimelineEntry, ...]:
        return self.timeline[MOMENTS_SHOWN:]


def detail_page(found: Recommendation, person: Person, today: date) -> DetailPage:
    """The page of a recommendation that was read with ``for_page``."""
    shared = _shared_facts(found, person, today)
    if not permissions.can_read_internally(person):
        return DetailPage(**shared)
    updates = _updates(permissions.can_read_drafts(person), recommendation=found.pk)
    for update in updates:
        update.recommendation = found  # it knows its contributors; permissions ask for them
    by_id = {update.pk: update for update in updates}
    in_force = by_id.get(found.current_update_id or 0)
    mine = [u for u in updates if u.author_id == person.pk and permissions.can_edit(person, u)]
    return DetailPage(
        **shared,
        found=found,
        contributors=tuple(str(body) for body in found.contributors.all()),
        in_force=in_force,
        said=labelled_values(in_force, SAID_BESIDE, person),
        open_updates=tuple(update for update in updates if update.state in UNDECIDED),
        steps=tuple(action_rows(found, person, today)),
        timeline=tuple(
            build_timeline(
                events_of(recommendation=found.pk), by_id, person, dates_url(found), _names(shared)
            )
        ),
        may_log=shared["row"].may_log,
        my_draft=mine[0] if mine else None,
    )


@fixed
def _updates(has_drafts: bool) -> QuerySet[Any]:
    """All that a person inside may see of them, by whether that is drafts as well."""
    seen = StatusUpdate.objects.all() if has_drafts else StatusUpdate.objects.seen_by_viewers()
    return (
        seen.filter(recommendation=OF_ONE)
        .with_people()
        .defer(*account_columns("author", "decided_by"), *_OF_A_SUCCESSOR)
    )


def dates_url(found: Recommendation) -> str:
    """Where the ledger of dates of a recommendation stands."""
    return reverse("recommendation-dates", args=[found.reference])


def recommendations_for_detail(person: Person) -> QuerySet[Any]:
    """The query that ``page_of`` works from: the row, and the people and bodies around it."""
    rows = with_citation(Recommendation.objects.visible_to(person).select_related("source"))
    if not permissions.can_read_internally(person):
        return rows
    reported = ReportedStatus.objects.filter(recommendation=OuterRef("pk"))
    newest = reported.order_by("-recorded_at", "-pk")
    found: QuerySet[Any] = (
        rows.select_related("reviewer", "archived_by")
        .defer(*account_columns("reviewer", "archived_by"))
        .prefetch_related("contributors")
        .annotate(
            reported_words=Subquery(newest.values("words")[:1]),
            reported_as_of=Subquery(newest.values("as_of")[:1]),
        )
    )
    return found


def _shared_facts(found: Recommendation, person: Person, today: date) -> dict[str, Any]:
    """What the public reads as well, as far as it may.

    Indicators and addressees are kept for all of one audience until something is recorded.
    """
    links = _links(readable_links(person), recommendation=found.pk, current=found.current_update_id)
    measures, addressees = cached(
        "beside a recommendation",
        lambda: (tuple(measure_rows(found, person)), tuple(_addressees(found, person, today))),
        audience=audience_of(person),
        version=version_for(person).hash,
        parts=(found.pk,),
    )
    return {
        "row": rows_for(person, [found.pk], today)[0],
        "today": today,
        "source": found.source,
        "summary": found.summary,
        "need": tuple(_evidence(link, person) for link in links if link.recommendation_id),
        "claims": tuple(_evidence(link, person) for link in links if link.update_id),
        "measures": measures,
        "is_measured": any(row.relation in MEASURING_RELATIONS for row in measures),
        "addressees": addressees,
        # Who archived it, and in which words, is for people inside.
        "archived_at": found.archived_at,
        "archive_reason": found.get_archive_reason_display(),
        "citation": citation_now(found, today),
    }


def _addressees(found: Recommendation, person: Person, today: date) -> Iterable[AddresseeRow]:
    """All that are addressed still, as they were entered, each with what it says now."""
    living = Addressee.objects.filter(recommendation=found.pk).living()
    rows = living.with_response().with_own_state(today).select_related("area", "organisation")
    return [addressee_row(row, person, today) for row in rows.order_by("pk")]


def _names(shared: dict[str, Any]) -> dict[int, str]:
    return {row.pk: row.name for row in shared["addressees"]}


@fixed
def _links(readable: Q) -> QuerySet[Any]:
    """Live evidence of the recommendation and of its latest approved update, if there is one."""
    about = Q(recommendation=OF_ONE) | Q(update=Given("current", BigIntegerField()))
    earlier = EvidenceCheck.objects.filter(
        evidence=OuterRef("evidence"),
        revision__lt=OuterRef("evidence__last_revision"),
        removed_at__isnull=True,
    )
    return (
        EvidenceLink.objects.live()
        .filter(readable)
        .filter(about)
        .select_related("evidence__recorded_by", "answered_by", "added_by")
        .defer(*account_columns("evidence__recorded_by", "answered_by", "added_by"))
        .with_checked()
        .annotate(was_checked=Exists(earlier))
        .prefetch_related(with_file_now("evidence__"))
        .order_by("stance", "evidence__title", "pk")
    )


def _evidence(link: Any, person: Person) -> EvidenceRow:
    item = link.evidence
    is_inside = permissions.can_read_internally(person)
    return EvidenceRow(
        link=link if is_inside else None,
        title=item.title,
        url=item.get_absolute_url(),
        kind=item.get_kind_display(),
        stance=link.stance,
        citation=item.citation,
        publisher=item.publisher,
        address=item.url,
        effective_on=item.effective_on,
        precision=item.effective_precision,
        why=link.why if is_inside else "",
        is_placed_by_source=link.is_placed_by_source,
        is_internal=item.visibility == "internal",
        is_checked=link.is_checked,
        was_checked=link.was_checked,
        file=file_now(item, person),
        added_at=link.added_at if is_inside else None,
        answer=link.answer if is_inside else "",
        answered_by=str(link.answered_by or "") if is_inside else "",
        answered_at=link.answered_at if is_inside else None,
        is_unanswered=link.stance == "undermines" and link.answered_at is None,
        is_demonstration=is_demonstration_link(link),
    )
