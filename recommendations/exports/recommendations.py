"""Recommendations as a file: what the reader's list shows, and for people inside what can be
brought in again.

The names of columns that an import knows are its codes, so that an export imports as it is. The
others begin with ``latest_`` or are computed, and an import leaves them out.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from operator import attrgetter
from typing import Any

from django.db.models import F, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import get_language

from recommendations import permissions
from recommendations.actions.imports.spreadsheet.plans import join_names
from recommendations.choices import (
    RelationKind,
    ResponsePosition,
    Stance,
    label_of_confidence,
    label_of_status,
)
from recommendations.columns import (
    OWN,
    PUBLIC,
    Column,
    Field,
    attribute_columns,
    public,
    readable,
    typed,
)
from recommendations.exports.formats import Sheet
from recommendations.fixed import Among, fixed
from recommendations.models import (
    SHOWN_OUTSIDE,
    Addressee,
    EvidenceLink,
    Part,
    Recommendation,
    RecommendationRelation,
    ReportedStatus,
    Response,
    SignOff,
    full_name,
)
from recommendations.permissions import Person
from recommendations.queries.dates import days_between
from recommendations.queries.days import Days
from recommendations.queries.listed import RowsOf, column_names
from recommendations.queries.recommendations.rows import (
    COUNTS,
    Facts,
    RecommendationRow,
    facts_of,
    flags_with_reasons,
)
from recommendations.queries.recommendations.status_text import status_text
from recommendations.queries.recommendations.wording import reason_read
from recommendations.queries.rounds import Requested, requested_of
from recommendations.readers.meanings import join_parts


@dataclass(frozen=True, slots=True)
class RecommendationLine:
    """One recommendation in a file: what this reader may see of it, and what its columns hold.

    ``addressees`` have their latest response. ``raised`` are the flags of the reader's list on
    ``day``, each with the reason in its words. The fields from ``contributors`` on are empty for
    the public.
    """

    facts: Facts
    raised: Sequence[tuple[str, str]]
    own: dict[str, Any]
    addressees: Sequence[tuple[str, str]]
    parts: Sequence[tuple[str, str]]
    day: date
    is_internal: bool
    contributors: Sequence[str] = ()
    relations: Sequence[tuple[str, str]] = ()
    reported: dict[str, Any] | None = None
    requested: Requested | None = None
    addresses: Sequence[str] = ()
    """Those of evidence that supports the current update."""
    signed: tuple[str, date, date] | None = None
    """By whom, on which day and as of which day it was signed off last."""


def recommendation_lines(person: Person, today: date) -> RowsOf:
    """How the lines of a file are read by ids that this person may see, with the flags of a day.

    A file may have every row there is, so each is read as values, and only what is written.
    """
    is_internal = permissions.can_read_internally(person)
    reads_all = permissions.can_read_internal_evidence(person)

    def lines_of(ids: Sequence[int]) -> dict[int, RecommendationLine]:
        facts = facts_of(ids, person)
        own = {row["pk"]: row for row in _own_columns(is_internal, ids=ids)}
        addressees = defaultdict(list)
        for pk, name, position in _addressees(ids=ids):
            addressees[pk].append((name, position or ResponsePosition.AWAITING))
        parts = defaultdict(list)
        for pk, label, text in _parts(ids=ids):
            parts[pk].append((label, text))
        more = _internal(ids, reads_all=reads_all) if is_internal else {}
        raised = flags_with_reasons(facts, person, today)
        return {
            pk: RecommendationLine(
                *(facts[pk], raised[pk], own[pk], addressees[pk], parts[pk], today, is_internal),
                *more.get(pk, ()),
            )
            for pk in facts
            if pk in own
        }

    return lines_of


# Each is one statement, compiled once: a page of the API asks all of them for few rows.


@fixed
def _own_columns(is_internal: bool) -> QuerySet[Any, Any]:
    columns = (each for each in COLUMNS if each.reads and (is_internal or each.is_public))
    reads = dict.fromkeys(column.reads for column in columns)
    rows = Recommendation.objects.filter(Among("pk")).order_by()
    return rows.values("pk", "is_wording_reason_public", _IS_DECISION_PUBLIC, *reads)


@fixed
def _addressees() -> QuerySet[Any, Any]:
    """With what each said last, if anything."""
    said = Response.objects.filter(addressee=OuterRef("pk")).order_by("-pk").values("position")
    asked_of = Addressee.objects.filter(Among("recommendation"), removed_at__isnull=True)
    named = Coalesce("area__name", "organisation__name")
    return asked_of.order_by("pk").values_list("recommendation", named, Subquery(said[:1]))


@fixed
def _parts() -> QuerySet[Any, Any]:
    rows = Part.objects.living().filter(Among("recommendation"))
    return rows.values_list("recommendation", "label", "text")


@fixed
def _contributors() -> QuerySet[Any, Any]:
    rows: Any = Recommendation.contributors.through.objects.filter(Among("recommendation"))
    by_name: QuerySet[Any, Any] = rows.order_by("organisation__name", "organisation")
    return by_name.values_list("recommendation", "organisation__name")


@fixed
def _relations() -> QuerySet[Any, Any]:
    """As seen from either end; of a dependency from that which depends."""
    live = RecommendationRelation.objects.live().order_by()
    here = live.filter(Among("recommendation")).values_list(
        "recommendation", "kind", "other__reference"
    )
    there = live.filter(Among("other"), kind=RelationKind.RELATED).values_list(
        "other", "kind", "recommendation__reference"
    )
    return here.union(there, all=True).order_by("recommendation", "other__reference")


@fixed
def _reported_statuses() -> QuerySet[Any, Any]:
    told = ReportedStatus.objects.filter(Among("recommendation")).order_by("recorded_at", "pk")
    return told.values("recommendation", "words", "as_of", "note")


@fixed
def _supporting(reads_all: bool) -> QuerySet[Any, Any]:
    live = EvidenceLink.objects.live().filter(stance=Stance.SUPPORTS)
    seen = live if reads_all else live.filter(SHOWN_OUTSIDE)
    current = seen.filter(
        Among("update__recommendation"), update__recommendation__current_update=F("update")
    )
    with_address = current.exclude(evidence__url="").order_by("pk")
    return with_address.values_list("update__recommendation", "evidence__url")


@fixed
def _sign_offs() -> QuerySet[Any, Any]:
    """The latest comes last."""
    covered = SignOff.recommendations.through.objects.filter(Among("recommendation"))
    return covered.order_by("signoff__signed_at", "signoff").values_list(
        *("recommendation", "signoff__signed_at", "signoff__as_of"),
        *column_names("signoff__signed_by"),
    )


def _internal(ids: Sequence[int], *, reads_all: bool) -> dict[int, tuple[Any, ...]]:
    """What only people with a role read.

    Contributors, relations, the status that came last with an import, what a round waits for, the
    addresses of evidence, of internal items where they read all, and the latest sign-off.
    """
    contributors = defaultdict(list)
    for pk, name in _contributors(ids=ids):
        contributors[pk].append(name)
    relations = defaultdict(list)
    for pk, kind, other in _relations(ids=ids):
        relations[pk].append((kind, other))
    reported = {row["recommendation"]: row for row in _reported_statuses(ids=ids)}
    requested = requested_of(ids)
    addresses = defaultdict(list)
    for pk, address in _supporting(reads_all, ids=ids):
        addresses[pk].append(address)
    signed = {
        pk: (full_name(*names), timezone.localdate(at), as_of)
        for pk, at, as_of, *names in _sign_offs(ids=ids)
    }
    return {
        pk: (
            *(contributors[pk], relations[pk], reported.get(pk), requested.get(pk)),
            addresses[pk],
            signed.get(pk),
        )
        for pk in ids
    }


def recommendation_sheet(lines: Iterable[RecommendationLine], person: Person) -> Sheet:
    """The lines that a filter found, read by ``recommendation_lines``."""
    return Sheet("recommendations", readable(COLUMNS, person), lines)


def _own(name: str, path: str = "", *, is_public: bool = False) -> Column:
    """A column that is read of the recommendation itself; the rest stands in its facts."""
    read = path or name
    return Column(name, lambda line: line.own[read], is_public, read)


def _fact(name: str, fact: str = "") -> Column:
    return Column(name, attrgetter(f"facts.{fact or name}"))


# A label is looked up in the catalogue at each use, and a file has some for each row.
@lru_cache
def _status_label(_language: str, code: str, is_continuous: bool) -> str:
    return label_of_status(code, is_continuous=is_continuous)


@lru_cache
def _confidence_label(_language: str, code: str, has_date: bool) -> str:
    return label_of_confidence(code, has_date=has_date)


@lru_cache
def _label(_language: str, choice: Any) -> str:
    return str(choice.label)


def _confidence(line: RecommendationLine) -> str:
    code, has_date = line.facts.confidence, line.facts.has_date
    return _confidence_label(get_language() or "", code, has_date) if code else ""


def _status(line: RecommendationLine) -> str:
    return _status_label(get_language() or "", line.facts.status, line.facts.is_continuous)


def _wording_reason(line: RecommendationLine) -> str:
    own = line.own
    return reason_read(
        own["wording_reason"],
        is_public=own["is_wording_reason_public"],
        is_internal=line.is_internal,
    )


def _statement(line: RecommendationLine) -> str:
    return status_text(line.facts, line.raised, line.day, archived_at=line.own["archived_at"])


def _responses(line: RecommendationLine) -> str:
    language = get_language() or ""
    return join_names(
        [
            f"{name}: {_label(language, ResponsePosition(position))}"
            for name, position in line.addressees
        ]
    )


def _related(code: Field, kind: str) -> Column:
    def joined(line: RecommendationLine) -> str:
        return join_names([other for of, other in line.relations if of == kind])

    return Column(code.value, joined)


def _reported(code: Field, name: str) -> Column:
    return Column(code.value, lambda line: line.reported[name] if line.reported else None)


def _requested(name: str, attribute: str) -> Column:
    """What an open round waits for; empty where none does, or where an update answered it."""
    return Column(name, lambda line: getattr(line.requested, attribute, None))


def _signed(name: str, place: int) -> Column:
    """Of the latest sign-off; empty without one."""
    return Column(name, lambda line: line.signed[place] if line.signed else None)


_IS_DECISION_PUBLIC = "kept__decision__is_published"


def _decided(name: str, field: str) -> Column:
    """Of the decision that answers what the current update asks for; outside, if it is public."""
    read = f"kept__decision__{field}"

    def value(line: RecommendationLine) -> Any:
        return line.own[read] if line.is_internal or line.own[_IS_DECISION_PUBLIC] else None

    return Column(name, value, is_public=True, reads=read)


_IMPORTED: Mapping[str, Column] = {
    column.name: column
    for column in (
        *(_own(field.value, is_public=field.value in PUBLIC) for field in OWN),
        *public(_fact(Field.LEAD.value, "lead_name")),
        _fact(Field.LEAD_OFFICER.value, "officer_name"),
        _fact(Field.REVIEWER.value, "reviewer_name"),
        Column(Field.CONTRIBUTORS.value, lambda line: join_names(line.contributors)),
        Column(
            Field.ADDRESSEES.value,
            lambda line: join_names([name for name, _position in line.addressees]),
            is_public=True,
        ),
        Column(Field.THEMES.value, lambda line: join_names(line.facts.theme_names.splitlines())),
        Column(Field.PARTS.value, lambda line: join_parts(line.parts), is_public=True),
        *typed(str, _related(Field.DEPENDS_ON, RelationKind.DEPENDS_ON)),
        _related(Field.RELATED_TO, RelationKind.RELATED),
        _reported(Field.REPORTED_STATUS, "words"),
        _reported(Field.REPORTED_ON, "as_of"),
        _reported(Field.REPORTED_NOTE, "note"),
    )
}

COLUMNS: tuple[Column, ...] = (
    _own("source", "source__slug", is_public=True),
    *(_IMPORTED[name] for name in Field.values if name in _IMPORTED),
    *public(
        Column("latest_status", _status),
        _fact("latest_status_code", "status"),
        Column("latest_confidence", _confidence),
        _fact("latest_confidence_code", "confidence"),
        _fact("latest_rated_on", "rated_on"),
        _fact("latest_as_of", "as_of"),
        _fact("latest_public_text", "public_text"),
        _fact("latest_public_reason", "public_reason"),
        Column(
            "latest_is_opening_status",
            lambda line: line.facts.is_opening if line.facts.assurance else None,
        ),
        Column("latest_responses", _responses),
        *typed(
            int,
            Column(
                "parts_complete", lambda line: line.facts.parts_done if line.facts.parts else None
            ),
            Column("parts_total", lambda line: line.facts.parts or None),
        ),
        Column("flags", lambda line: ", ".join(sorted(flag for flag, _why in line.raised))),
        Column("reasons", lambda line: "; ".join(why for _flag, why in line.raised)),
        Column("latest_statement", _statement, reads="archived_at"),
        _fact("is_demonstration"),
    ),
    _own("wording_changed_at", "wording_amended_at", is_public=True),
    Column("wording_reason", _wording_reason, is_public=True, reads="wording_reason"),
    _decided("latest_decision_body", "body"),
    _decided("latest_decision_on", "decided_on"),
    _decided("latest_decision", "decision"),
    _own("latest_asked_for", "current_update__asked_for"),
    _own(Field.CURRENT_NOTE.value, "current_update__what_happened"),
    _fact(Field.COMPLETED_ON.value, "completed_on"),
    Column(Field.EVIDENCE.value, lambda line: "\n".join(line.addresses)),
    _fact("assurance"),
    *typed(bool, _fact("approved_through_import", "is_approved_by_import")),
    *typed(int, *map(_fact, COUNTS)),
    _fact("awaiting_review", "reported_status"),
    _fact("first_date"),
    *typed(
        int,
        _fact("date_changes", "date_moves"),
        Column(
            "days_moved", lambda line: days_between(line.facts.first_date, line.facts.target_date)
        ),
    ),
    _fact("next_update_due_on", "next_due_on"),
    _requested("requested_in_round", "round_name"),
    *typed(date, _requested("round_reply_by", "reply_by")),
    _signed("signed_off_by", 0),
    _signed("signed_off_on", 1),
    _signed("signed_off_as_of", 2),
    *typed(datetime, _own("public_since", "published_at")),
    _own("archived_at"),
)
"""First what an import takes, in its order; of these a column of the recommendation stands here by
itself. What is worked out has a line."""


# ---- The list of a past day as a file


def past_sheet(rows: Iterable[RecommendationRow], days: Days) -> Sheet:
    """Rows of a past list; each says of which day it is, and until which day that was known."""
    name = f"recommendations-on-{days.as_of}-known-on-{days.known_on}"
    return Sheet(name, past_columns(days), rows)


def past_columns(days: Any = None) -> Sequence[Column]:
    """Their columns; without ``days`` to be told of, not to be read."""

    def statement(row: RecommendationRow) -> str:
        return status_text(row, row.raised, days.as_of, days.known_on)

    told = public(
        Column("status_on", lambda _row: days.as_of),
        Column("known_on", lambda _row: days.known_on),
        *typed(int, Column("known_until_entry", lambda _row: days.entry)),
        # What is not reported of a day, such as the title, is what it was when that was known.
        Column("texts_and_dates_on", lambda _row: days.known_on),
        *attribute_columns("reference", "title", "lead"),
        Column("implementation_status", lambda row: row.status),
        Column(
            "implementation_status_label",
            lambda row: label_of_status(row.status, is_continuous=row.is_continuous),
        ),
        Column("confidence", lambda row: row.confidence),
        Column(
            "confidence_label",
            lambda row: (
                label_of_confidence(row.confidence, has_date=row.has_date) if row.confidence else ""
            ),
        ),
        *attribute_columns("as_of", "rated_on", "target_date", "first_date"),
        *typed(int, *attribute_columns("date_moves")),
        *attribute_columns("finished_on", "is_approved_by_import", "assurance"),
        Column("flags", lambda row: ", ".join(sorted(row.flags))),
        Column("reasons", lambda row: "; ".join(row.reasons)),
        Column("statement", statement),
        Column("is_demonstration", lambda row: row.is_demonstration),
    )
    return (*told, *typed(int, *attribute_columns(*COUNTS)))
