"""The pages of one recommendation: the card on every tab, and what each reader is shown."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import Enum
from typing import Any, NamedTuple

from django.db.models import (
    BigIntegerField,
    CharField,
    Count,
    DateField,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import JSONObject
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from recommendations import audiences, permissions
from recommendations.choices import (
    MEASURING_RELATIONS,
    REVISIONS,
    ActionState,
    Assurance,
    UpdateKind,
    UpdateState,
    label_of_status,
)
from recommendations.columns import PUBLIC
from recommendations.fixed import Among, Given, fixed
from recommendations.models import (
    Action,
    Addressee,
    IndicatorLink,
    Recommendation,
    ReportedStatus,
    StatusUpdate,
    SteeringDecision,
    full_name,
)
from recommendations.permissions import Person
from recommendations.queries.dates import Ledger, day_text, ledger_of
from recommendations.queries.days import Days
from recommendations.queries.fields import LabelledValue, labelled_values
from recommendations.queries.indicators.rows import MeasureRow, measure_rows
from recommendations.queries.listed import column_names, columns_of, how_many
from recommendations.queries.people import (
    has_several_managers,
    is_without_approver,
    lacking_text,
    managers,
)
from recommendations.queries.publicity import Mark, marks_of
from recommendations.queries.recommendations.attention import Need, needs_of, next_update
from recommendations.queries.recommendations.linked_evidence import (
    EvidenceRow,
    claims_summary,
    evidence_rows,
)
from recommendations.queries.recommendations.rows import Help, RecommendationRow, rows_for
from recommendations.queries.recommendations.status_text import (
    OPENING_COLUMNS,
    Citation,
    citation_now,
    not_stated,
    public_reason_text,
    status_text,
    with_citation,
)
from recommendations.queries.recommendations.structure import (
    PartRow,
    RelationRow,
    part_rows_of,
    relation_rows,
)
from recommendations.queries.recommendations.tally import DUE_COLUMNS, first_due
from recommendations.queries.recommendations.timeline import (
    UPDATE,
    LinkedLine,
    TimelineEntry,
    build_timeline,
    events_of,
    latest_sign_off,
    named_in,
    sign_off_entries,
)
from recommendations.queries.recommendations.wording import reason_read
from recommendations.queries.responses import (
    AddresseeRow,
    action_rows,
    addressee_row,
    by_urgency,
    own_states_text,
)
from recommendations.transitions import OPEN_TO_AUTHOR, UNDECIDED

# ---- The page of one recommendation: all of it for people inside, named fields for the public.
# A card stands on each of its tabs; a tab reads the card and its own sections, and nothing else.

SAID_BESIDE = (
    "remaining",
    "next_steps",
    "response_action",
    "response_owner",
    "completed_on",
    "review_on",
    "closing_reason",
    "successor",
    "reopening_reason",
    "internal_note",
)
"""What an update says beside what happened and what its card tells, in the order of the page."""

ADDRESSEES_SHOWN = 8
"""Addressees in a section; all of them stand on the tab of responses."""

ADDRESSEES_NAMED = 3
"""Addressees that the key facts name."""

EARLIER_SHOWN = 3
"""Earlier approved updates under the current one; the history has all of them."""

OPEN_SHOWN = 6
"""Updates that are not decided, on the tab of the status."""

_NAMED = (
    *column_names("author", "last_editor", "decided_by"),
    *("author__is_demonstration", "addressee__area__name", "addressee__organisation__name"),
)
_TOLD = (
    *OPENING_COLUMNS,
    *("recommendation", "kind", "state", "as_of", "implementation_status", "confidence"),
    *("contradictions_confirmed", "decided_at", "corrects", "retracts", *_NAMED),
    *("successor__reference", "successor__title"),
)
"""Columns of updates that the timeline tells."""

CONTENT = (
    *_TOLD,
    *("what_happened", "public_text", "public_reason", *SAID_BESIDE),
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


class MarkedName(NamedTuple):
    """What a contributor or a theme is called, and whether it is fictional."""

    name: str
    is_demonstration: bool


@dataclass(frozen=True, slots=True)
class Since:
    """What has come since a past day: ``texts`` say what differs today, if anything does.

    ``replaced`` is how and when the update was replaced, ``recorded`` what counts on the day, since
    it is of it, and was recorded after it, and ``redactions`` what was taken out of the texts.
    """

    texts: tuple[str, ...]
    replaced: str
    recorded: tuple[str, ...]
    redactions: tuple[str, ...]

    @property
    def is_current(self) -> bool:
        return not self.texts

    @property
    def title(self) -> str:
        if self.is_current:
            return _("This is still the current status.")
        return _("Newer information exists.")

    @property
    def quoted(self) -> tuple[str, ...]:
        """What a citation that is copied by now says besides."""
        texts = () if self.is_current else (self.replaced, self.title)
        return tuple(text for text in texts if text)


@dataclass(frozen=True, slots=True)
class DetailPage:
    """What the page shows to one reader. ``found`` and below are empty for the public.

    Sections that were not asked for are empty. Of what is archived the public reads
    ``archived_at`` and the coded reason, and no status. On a past day ``today`` is that day, and
    ``days`` and ``since`` say more of it.
    """

    row: RecommendationRow
    today: date
    source: Any
    summary: str
    wording: Mapping[str, Any]
    """How the source words it and where, and when and why that or the restatement changed."""
    archived_at: datetime | None
    archive_label: str
    citation: Citation | None = None
    days: Days | None = None
    since: Since | None = None
    linked_indicators: int = 0
    decided: Mapping[str, Any] | None = None
    """The decision that answers what the update in force asks for; its note for the office."""
    archived_by: str = ""
    need: tuple[EvidenceRow, ...] = ()
    claims: tuple[EvidenceRow, ...] = ()
    measures: tuple[MeasureRow, ...] = ()
    addressees: tuple[AddresseeRow, ...] = ()
    parts: tuple[PartRow, ...] = ()
    relations: tuple[RelationRow, ...] = ()
    found: Any = None
    needs: tuple[Need, ...] = ()
    contributors: tuple[MarkedName, ...] = ()
    themes: tuple[MarkedName, ...] = ()
    in_force: StatusUpdate | None = None
    signed: LinkedLine | None = None
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
    def public_reason(self) -> str:
        """Why delivery is at risk or off track, as everybody reads it."""
        return public_reason_text(self.row.confidence, self.row.public_reason)

    @property
    def needed_on(self) -> date | None:
        """The day by which the decision is needed that it asks for."""
        return first_due(getattr(self.found, name) for name in DUE_COLUMNS)

    @property
    def statement(self) -> str:
        """What stands about it on the day."""
        row, known_on = self.row, self.days.known_on if self.days else None
        return status_text(row, row.raised, self.today, known_on, self.archived_at)

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
    def sorted_addressees(self) -> list[AddresseeRow]:
        """Who is late, then who has said something."""
        return by_urgency(self.addressees)

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
    parts["citation"] = citation_now(found, row, today)
    parts["linked_indicators"] = found.linked_indicators
    if is_inside:
        parts["archived_by"] = str(found.archived_by) if found.archived_at else ""
        parts |= {"found": found, "may_log": row.may_log, "needs": needs_of(found, row, person)}
    if row.parts and Section.STATUS in sections:
        parts["parts"] = tuple(part_rows_of([found.pk], is_internal=is_inside)[found.pk])
    for section in sections:
        for readers in (_READERS, _INSIDE) if is_inside else (_READERS,):
            if section in readers:
                parts |= readers[section](found, person, today)
    return DetailPage(**parts)


def card_of(found: Any, row: RecommendationRow, today: date) -> dict[str, Any]:
    """What everybody is shown of the card. Who archived it, and why, is for people inside."""
    return {
        "row": row,
        "today": today,
        "source": found.source,
        "summary": found.summary,
        "wording": {
            "quoted_text": found.quoted_text,
            "locator": found.locator,
            "changed_at": found.wording_amended_at,
            "reason": reason_read(
                found.wording_reason,
                is_public=found.is_wording_reason_public,
                is_internal=row.is_internal,
            ),
        },
        "archived_at": found.archived_at,
        "archive_label": found.get_archive_reason_display(),
        "decided": {**decided, "day": date.fromisoformat(decided["decided_on"])}
        if (decided := found.decided)
        else None,
    }


def dates_url(found: Recommendation) -> str:
    """Where the ledger of dates of a recommendation stands."""
    return reverse("recommendation-dates", args=[found.reference])


def _evidence(found: Recommendation, person: Person, _today: date) -> dict[str, Any]:
    claims, need = evidence_rows(found, person)
    return {"claims": claims, "need": need}


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
        **_marked_names(found.pk),
        "relations": tuple(relation_rows(found.pk, in_force.successor_id if in_force else None)),
        "in_force": in_force,
        "not_stated": tuple(not_stated(in_force)),
        "signed": latest_sign_off(recommendations=found.pk),
        "said": labelled_values(in_force, SAID_BESIDE, person),
        "open_updates": tuple(update for update in others if update.state in UNDECIDED),
        "earlier": tuple((update, marks.get(update.pk)) for update in earlier),
    }


def _marked_names(pk: int) -> dict[str, tuple[MarkedName, ...]]:
    """Its contributors and its themes by name; one query for both."""
    parts: list[QuerySet[Any, Any]] = [
        getattr(Recommendation, name)
        .through.objects.filter(recommendation=pk)
        .values_list(Value(name), f"{path}__name", f"{path}__is_demonstration", path)
        for name, path in (("contributors", "organisation"), ("themes", "theme"))
    ]
    found = sorted(parts[0].union(parts[1], all=True), key=lambda row: (row[1], row[3]))
    return {
        kind: tuple(MarkedName(name, is_marked) for of, name, is_marked, _pk in found if of == kind)
        for kind in ("contributors", "themes")
    }


@fixed
def _newest(audience: audiences.Audience) -> Any:
    """The current update, those that are not decided, and a few earlier ones."""
    current = Given("current", BigIntegerField())
    approved = StatusUpdate.objects.of_scope(_RECOMMENDATION, None)
    earlier = approved.filter(state=UpdateState.APPROVED).exclude(pk=current)
    newest = earlier.order_by("-as_of", "-decided_at", "-pk").values("pk")[:EARLIER_SHOWN]
    shown = Q(pk=current) | Q(state__in=UNDECIDED) | Q(pk__in=newest)
    return updates_shown(_RECOMMENDATION, audience, CONTENT).filter(shown)


def updates_shown(
    recommendation: Combinable | int, person: Person, columns: tuple[str, ...]
) -> QuerySet[StatusUpdate]:
    """Updates of a recommendation that a person may read, with those whom a page names."""
    rows = StatusUpdate.objects.visible_to(person).filter(recommendation=recommendation)
    return rows.with_people().only(*columns)


def _history(found: Recommendation, person: Person, today: date) -> dict[str, Any]:
    names = {row.pk: row.name for row in _addressees(found, person, today)["addressees"]}
    events = list(events_of(found.pk))
    ids = [int(event.object_id) for event in events if event.object_type == UPDATE]
    rows = _told_of(audiences.audience(person), recommendation=found.pk, ids=ids)
    updates = {row.pk: row for row in rows}
    spoken_of = named_in(events, person)
    told = build_timeline(events, updates, person, dates_url(found), names, spoken_of)
    told += sign_off_entries(found.pk)
    told.sort(key=lambda entry: entry.at, reverse=True)
    return {"timeline": tuple(told), "ledger": ledger_of(found, person)}


@fixed
def _told_of(audience: audiences.Audience) -> Any:
    return updates_shown(_RECOMMENDATION, audience, _TOLD).filter(Among("pk"))


_Reader = Callable[[Recommendation, Person, date], dict[str, Any]]

_READERS: dict[Section, _Reader] = {
    Section.EVIDENCE: _evidence,
    Section.RESPONSES: _addressees,
    Section.INDICATORS: lambda found, person, _today: {
        "measures": tuple(measure_rows(found, person))
    },
}
"""What everybody reads of each section, as far as they may."""

_INSIDE: dict[Section, _Reader] = {
    Section.STATUS: _status,
    Section.ACTIONS: lambda found, person, today: {
        "steps": tuple(action_rows(found, person, today))
    },
    Section.HISTORY: _history,
}
"""What people inside read of it besides."""


# ---- The card that stands on every tab of a recommendation: what it reads, its tabs and buttons

_SHOWN = (
    *PUBLIC,
    *("nature", "published_at", "archived_at", "archive_reason", "current_update"),
    *("wording_amended_at", "wording_reason", "is_wording_reason_public"),
    *("source__slug", "source__title", "source__short_title", "source__author"),
    *("source__published_on", "source__date_precision", "source__date_mark"),
)
"""Columns that everybody is shown, or that word what is; people inside may read all others too."""


def find_for_detail(person: Person, reference: str) -> Any:
    """The recommendation that ``detail_page`` works from; none where the person may see none."""
    found = _found(audiences.audience(person), person=person.pk, reference=reference)
    return found[0] if found else None


@fixed
def _found(audience: audiences.Audience) -> Any:
    rows = Recommendation.objects.visible_to(audience)
    rows = rows.filter(reference=Given("reference", CharField()))
    return with_citation(for_detail(rows, audience, Given("person", BigIntegerField())))


def for_detail(rows: Any, person: Person, reader: Combinable | int | None = None) -> Any:
    """The same of these rows, for a person with the key ``reader``."""
    linked = IndicatorLink.objects.filter(removed_at__isnull=True)
    rows = rows.order_by().select_related("source")
    if not permissions.can_read_internally(person):
        linked = linked.filter(indicator__is_published=True)
        rows = rows.only(*_SHOWN)
        decided = _decision(_PUBLIC_DECISION, is_published=True)
        return rows.annotate(linked_indicators=how_many(linked, "recommendation"), decided=decided)
    reads_notes = permissions.can_read_drafts(person)
    sums = JSONObject(total=Count("*"), done=Count(Value(1), filter=Q(state=ActionState.DONE)))
    actions = Action.objects.exclude(state=ActionState.DROPPED).order_by()
    of_it = actions.filter(recommendation=OuterRef("pk")).values("recommendation")
    approved = StatusUpdate.objects.filter(addressee__isnull=True, state=UpdateState.APPROVED)
    return (
        rows.select_related("reviewer")
        .only(
            *(*_SHOWN, *columns_of(Recommendation), *column_names("reviewer")),
            "reviewer__is_demonstration",
        )
        .annotate(
            linked_indicators=how_many(linked, "recommendation"),
            is_officer_fictional=F("lead_officer__is_demonstration"),
            asked_for=F("current_update__asked_for"),
            issue=F("current_update__issue"),
            **{name: F(f"kept__{name}") for name in DUE_COLUMNS},
            decided=_decision(_NOTED_DECISION if reads_notes else _PUBLIC_DECISION),
            several=has_several_managers(),
            action_sums=Subquery(of_it.annotate(n=sums).values("n")),
            n_approved=how_many(approved, "recommendation"),
            **_waiting(reader if reader is not None else person.pk),
        )
    )


def _waiting(person_id: Combinable | int | None) -> dict[str, Any]:
    """The overall update that awaits review, the reader's own draft, and a file's words.

    Of several the newest, reports before corrections and retractions.
    """
    of_it = StatusUpdate.objects.filter(recommendation=OuterRef("pk"))
    submitted = of_it.filter(addressee__isnull=True, state=UpdateState.SUBMITTED).annotate(
        revises=Q(kind__in=REVISIONS), told=_SUBMITTED
    )
    mine = of_it.filter(author=person_id, state__in=OPEN_TO_AUTHOR).order_by("-as_of", "-pk")
    reported = ReportedStatus.objects.filter(recommendation=OuterRef("pk"))
    newest = reported.order_by("-recorded_at", "-pk").annotate(told=_REPORTED)
    return {
        "waiting": Subquery(
            submitted.order_by("revises", "-submitted_at", "-pk").values("told")[:1]
        ),
        "my_draft_id": Subquery(mine.values("pk")[:1]),
        "reported": Subquery(newest.values("told")[:1]),
    }


def _decision(told: JSONObject, **of: bool) -> Subquery:
    """The decision that answers the update in force, as one value."""
    found = SteeringDecision.objects.filter(pk=OuterRef("kept__decision"), **of)
    return Subquery(found.order_by().annotate(told=told).values("told"))


_OF_DECISIONS = {
    **{name: name for name in ("body", "decided_on", "decision", "is_published")},
    "is_demonstration": "recorded_by__is_demonstration",
}
_PUBLIC_DECISION = JSONObject(**_OF_DECISIONS)
_NOTED_DECISION = JSONObject(**_OF_DECISIONS, note="note")
_REPORTED = JSONObject(words="words", as_of="as_of")
_SUBMITTED = JSONObject(
    pk="pk",
    kind="kind",
    status="implementation_status",
    at="submitted_at",
    **{name: name for name in column_names("author")},
)


TABS: Mapping[str, Promise] = {
    "detail": gettext_lazy("Status"),
    "evidence": gettext_lazy("Evidence"),
    "responses": capfirst(gettext_lazy("responses")),
    "actions": capfirst(gettext_lazy("actions")),
    "indicators": gettext_lazy("Indicators"),
    "history": gettext_lazy("History"),
}
"""What the tabs are called."""


def tabs_of(view: DetailPage, uses: Collection[str]) -> list[dict[str, str]]:
    """The tabs of one reader, with what there is on each; ``uses`` are those of the frame.

    Each is a link to its own address; ``anchor`` is what led to its section once.
    """
    row, found = view.row, view.found
    tabs = [
        ("detail", "", "latest-update"),
        ("evidence", _evidence_count(row), "claims"),
    ]
    if row.responses.addressed and "responses" in uses:
        asked = row.responses.addressed
        told = {"n": asked - row.responses.missing, "total": asked}
        tabs.append(("responses", _("%(n)s of %(total)s") % told, "responses"))
    if found:
        sums = found.action_sums or {"done": 0, "total": 0}
        words = _("%(n)d of %(total)d completed")
        tabs.append(("actions", words % {"n": sums["done"], "total": sums["total"]}, "steps"))
    tabs.append(("indicators", str(view.linked_indicators), "indicators"))
    if found:
        n = found.n_approved
        count = ngettext("%(n)s update", "%(n)s updates", n) % {"n": n}
        tabs.append(("history", count, "timeline"))
    return [
        {
            "name": name,
            "label": str(TABS[name]),
            "count": count,
            "url": reverse(
                "response-list" if name == "responses" else f"recommendation-{name}",
                args=[row.reference],
            ),
            "anchor": anchor,
        }
        for name, count, anchor in tabs
    ]


def _evidence_count(row: RecommendationRow) -> str:
    n, against = row.evidence_for, row.evidence_against
    supports = ngettext("%(n)d supports", "%(n)d support", n) % {"n": n}
    contradicts = ngettext("%(n)d contradicts", "%(n)d contradict", against) % {"n": against}
    if n and against:
        return _("%(first)s, %(second)s") % {"first": supports, "second": contradicts}
    return contradicts if against else supports


def waiting_of(view: DetailPage) -> LinkedLine | None:
    """What was reported and is not decided; nothing for the public."""
    told = view.found.waiting if view.found else None
    if not told:
        return None
    row = view.row
    names = (told[name] for name in column_names("author"))
    # A moment out of JSON; SQLite writes it in UTC and does not say so.
    at = datetime.fromisoformat(told["at"])
    values = {
        "kind": UpdateKind(told["kind"]).label,
        "status": label_of_status(told["status"], is_continuous=row.is_continuous),
        "who": full_name(*names),
        "day": day_text(timezone.localdate(at if at.tzinfo else at.replace(tzinfo=UTC))),
    }
    words = _("Reported as “%(status)s” by %(who)s on %(day)s, awaiting review.")
    if told["kind"] in REVISIONS:
        words = _("%(kind)s awaiting review")
    elif row.decidable_id:
        words = _("Reported as “%(status)s” by %(who)s on %(day)s, awaiting your review.")
    return LinkedLine(words % values, reverse("update-detail", args=[told["pk"]]))


def approval_warning(view: DetailPage) -> str:
    """That nobody can approve what is reported on it, and what to do; empty where somebody can."""
    found = view.found
    if not found or view.row.is_archived or found.several:
        return ""
    # At most two statements more, where one manager alone is left, or none.
    if not is_without_approver(found):
        return ""
    return lacking_text(has_manager=bool(managers()))


def primary_of(view: DetailPage) -> Help | None:
    """The one thing that the reader should do next, if there is any."""
    found = view.found
    return view.row.decision or (next_update(found) if found and view.may_log else None)


def verification_of(row: RecommendationRow) -> str:
    """How the current update is verified, in one phrase; that it is contradicted is said apart."""
    if not row.status:
        return _("No approved update yet")
    return str(Assurance(row.assurance).label) if row.assurance else _("No data")
