"""Recommendations as a file: what the reader's list shows, and for people inside what can be
brought in again.

The names of columns that an import knows are its codes, so that an export imports as it is. The
others begin with ``latest_`` or are computed, and an import leaves them out.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from operator import attrgetter, itemgetter
from typing import Any

from django.db.models import F, OuterRef, QuerySet, Subquery, Value
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
from recommendations.queries.rounds import Requested, requested_on
from recommendations.readers.meanings import join_parts


class _Beside(dict[tuple[Any, ...], dict[int, list[Any]]]):
    """What statements find beside the recommendations of a batch, by the statement and its shape.

    Each is asked once a column that is written reads it.
    """

    def __init__(self, ids: Sequence[int]) -> None:
        super().__init__()
        self.ids = ids

    def __missing__(self, asked: tuple[Any, ...]) -> dict[int, list[Any]]:
        statement, *shape = asked
        found = self[asked] = defaultdict(list)
        for pk, *row in statement(*shape, ids=self.ids):
            found[pk].append(row)
        return found


@dataclass(frozen=True, slots=True)
class RecommendationLine:
    """One recommendation in a file: what this reader may see of it, and what its columns hold.

    ``raised`` are the flags of the reader's list on ``day``, each with the reason in its words.
    """

    facts: Facts
    raised: Sequence[tuple[str, str]]
    own: dict[str, Any]
    beside: _Beside
    day: date
    is_internal: bool
    reads_all: bool
    """Evidence too that is shown to nobody else."""

    def rows(self, statement: Callable[..., Iterable[Any]], *shape: Any) -> Sequence[Any]:
        """What a statement finds beside this one."""
        return self.beside[statement, *shape].get(self.facts.pk, ())


def recommendation_lines(person: Person, today: date) -> RowsOf:
    """How the lines of a file are read by ids that this person may see, with the flags of a day.

    A file may have every row there is, so each is read as values, and only what is written.
    """
    is_internal = permissions.can_read_internally(person)
    reads_all = permissions.can_read_internal_evidence(person)

    def lines_of(ids: Sequence[int]) -> dict[int, RecommendationLine]:
        facts = facts_of(ids, person)
        own = {row["pk"]: row for row in _own_columns(is_internal, ids=ids)}
        raised, beside = flags_with_reasons(facts, person, today), _Beside(ids)
        return {
            pk: RecommendationLine(
                *(found, raised[pk], own[pk], beside, today, is_internal, reads_all)
            )
            for pk, found in facts.items()
            if pk in own
        }

    return lines_of


# Each is one statement, compiled once. What stands beside a recommendation begins with its id.


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
    position = Coalesce(Subquery(said[:1]), Value(ResponsePosition.AWAITING.value))
    return asked_of.order_by("pk").values_list("recommendation", named, position)


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
    """The status that an import brought last comes last."""
    told = ReportedStatus.objects.filter(Among("recommendation")).order_by("recorded_at", "pk")
    return told.values_list("recommendation", "words", "as_of", "note")


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


def _requests(ids: Sequence[int]) -> Iterator[tuple[int, Requested]]:
    """What open rounds wait for and no update answered; the one to reply to first comes last."""
    return ((each.recommendation_id, each) for each in reversed(requested_on(ids)))


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


def _beside(name: str, statement: Any, told: Callable[[Sequence[Any]], Any]) -> Column:
    """A column of rows that stand beside a recommendation."""
    return Column(name, lambda line: told(line.rows(statement)), is_apart=True)


def _last(name: str, statement: Any, told: Callable[[Any], Any]) -> Column:
    """The same of the last of them; empty without one."""
    return _beside(name, statement, lambda rows: told(rows[-1]) if rows else None)


def _joined(name: Field, statement: Any, kind: str = "") -> Column:
    """The same of their names, which come last; where kinds come first, of one."""
    return _beside(
        name.value,
        statement,
        lambda rows: join_names([row[-1] for row in rows if not kind or row[0] == kind]),
    )


def _responses(rows: Sequence[Any]) -> str:
    language = get_language() or ""
    return join_names(
        [f"{name}: {_label(language, ResponsePosition(position))}" for name, position in rows]
    )


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
        _joined(Field.CONTRIBUTORS, _contributors),
        *public(
            _beside(
                Field.ADDRESSEES.value,
                _addressees,
                lambda rows: join_names([name for name, _position in rows]),
            ),
            _beside(Field.PARTS.value, _parts, join_parts),
        ),
        Column(Field.THEMES.value, lambda line: join_names(line.facts.theme_names.splitlines())),
        *typed(str, _joined(Field.DEPENDS_ON, _relations, RelationKind.DEPENDS_ON)),
        _joined(Field.RELATED_TO, _relations, RelationKind.RELATED),
        _last(Field.REPORTED_STATUS.value, _reported_statuses, itemgetter(0)),
        _last(Field.REPORTED_ON.value, _reported_statuses, itemgetter(1)),
        _last(Field.REPORTED_NOTE.value, _reported_statuses, itemgetter(2)),
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
        _beside("latest_responses", _addressees, _responses),
        *typed(
            int,
            Column(
                "parts_complete", lambda line: line.facts.parts_done if line.facts.parts else None
            ),
            Column("parts_total", lambda line: line.facts.parts or None),
        ),
        Column("flags", lambda line: ", ".join(sorted(flag for flag, _why in line.raised))),
        Column("reasons", lambda line: "; ".join(why for _flag, why in line.raised)),
        Column("latest_statement", _statement, reads="archived_at", is_apart=True),
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
    Column(
        Field.EVIDENCE.value,
        lambda line: "\n".join(each for [each] in line.rows(_supporting, line.reads_all)),
        is_apart=True,
    ),
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
    _last("requested_in_round", _requests, lambda row: row[0].round_name),
    *typed(date, _last("round_reply_by", _requests, lambda row: row[0].reply_by)),
    _last("signed_off_by", _sign_offs, lambda row: full_name(*row[2:])),
    _last("signed_off_on", _sign_offs, lambda row: timezone.localdate(row[0])),
    _last("signed_off_as_of", _sign_offs, itemgetter(1)),
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
