"""Recommendations as they were: their rows, and the state that follows from them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import chain
from typing import Any, NamedTuple, TypeVar

from django.db.models import Model

from recommendations.audit.rewind import Past
from recommendations.choices import UpdateKind, UpdateState, Visibility
from recommendations.models import (
    Action,
    Addressee,
    Evidence,
    EvidenceCheck,
    EvidenceLink,
    EvidenceRevision,
    Indicator,
    IndicatorLink,
    Part,
    PartCompletion,
    Recommendation,
    RecommendationRelation,
    RecommendationState,
    Response,
    Source,
    StatusUpdate,
    SteeringDecision,
    StoredFile,
    TargetDateChange,
    Theme,
    User,
)
from recommendations.queries.indicators.status import movements_at
from recommendations.state.statement import next_due_day, rating_end
from recommendations.state.then import states_of

# ---- The rows that a state follows from, as they were at a moment

T = TypeVar("T")
Led = TypeVar("Led", bound=Model)

Tables = dict[type[Model], list[Any]]
"""Rows by their model."""


class OfAnotherTimeError(Exception):
    """A row of then was asked for a row that it leads to, which would be that of now."""


class _Led(dict[str, Any]):
    """The rows to which one of then leads, as far as they were read: no other is looked up."""

    def __missing__(self, name: str) -> Any:
        raise OfAnotherTimeError(name)


def led(row: Led, **others: Any) -> Led:
    """A row of then that leads to ``others`` and to what was read with it, and to no row of now."""
    row._state.fields_cache = _Led({**row._state.fields_cache, **others})
    return row


_CAME: Mapping[type[Model], str] = {
    EvidenceCheck: "at",
    EvidenceLink: "added_at",
    EvidenceRevision: "added_at",
    PartCompletion: "added_at",
    Response: "recorded_at",
    StatusUpdate: "created_at",
    SteeringDecision: "recorded_at",
    TargetDateChange: "requested_at",
}
"""By which time of its own a row had come: the record knows not when older ones did."""


@dataclass
class OneEvidence:
    """An evidence item with its checks that stand and its files, by number."""

    item: Evidence
    is_public_now: bool
    checks: list[EvidenceCheck] = field(default_factory=list)
    revisions: dict[int, EvidenceRevision] = field(default_factory=dict)

    @property
    def is_still_public(self) -> bool:
        """Whether it was public then, and is today."""
        return self.item.visibility == Visibility.PUBLIC and self.is_public_now


@dataclass
class Measure:
    """An indicator that is linked, with the movement of its figures of then."""

    link: IndicatorLink
    indicator: Indicator


@dataclass
class OneRecommendation:
    """A recommendation with all that was there of it. Links, addressees: those that stood."""

    itself: Recommendation
    source: Source
    updates: list[StatusUpdate]
    dates: list[TargetDateChange]
    actions: list[Action]
    addressees: list[Addressee]
    responses: dict[int, list[Response]]
    evidence_links: dict[int, list[EvidenceLink]]
    measures: list[Measure]
    parts: list[Part]
    completions: list[PartCompletion]
    decisions: list[SteeringDecision]
    relations: list[RecommendationRelation]
    themes: list[Any]
    """Links to its themes."""

    @property
    def newest_responses(self) -> list[Response]:
        """The newest of each addressee that gave any."""
        return [max(said, key=lambda row: row.pk) for said in self.responses.values() if said]


@dataclass
class PastRows:
    """All of it for some recommendations, and what several of them share."""

    recommendations: list[OneRecommendation]
    evidence: dict[int, OneEvidence]
    tables: Tables
    """All of these rows, and those of links of many to many, as they were."""
    past: Past


def past_rows(ids: Iterable[int], known: datetime) -> PastRows:
    """What was there of these recommendations at ``known``; those not yet there are left out.

    Reads each table once, then what happened to all of these rows since by one query. No relation
    of these rows is followed to what is there now: that raises.
    """
    past = Past(known)
    today = Recommendation.objects.filter(pk__in=list(ids)).order_by("pk")
    recommendations = past.back(list(today))
    now = _rows_of(recommendations)
    past.learn(*now.values())
    tables: Tables = {Recommendation: recommendations}
    for model, rows in now.items():
        tables[model] = [row for row in past.rows(rows) if _was_there(row, known)]
    for relation, path in (
        (Recommendation.contributors, ""),
        (Recommendation.themes, ""),
        (StatusUpdate.editors, "recommendation__"),
    ):
        tables[relation.through] = _linked(past, tables, relation.field, path)
    movements = movements_at(tables[Indicator], known, past.back)
    for row in tables[Indicator]:
        row.movement = movements[row.pk]
    for row in chain.from_iterable(tables.values()):
        led(row)
    public = {row.pk for row in now[Evidence] if row.visibility == Visibility.PUBLIC}
    return PastRows(_ones(tables), _evidence(tables, public), tables, past)


def _rows_of(recommendations: list[Recommendation]) -> Tables:
    """What there is of these today."""

    def read(model: type[Any], **of: Iterable[Any]) -> list[Any]:
        return list(model.objects.filter(**of))

    ids = [row.pk for row in recommendations]
    own = {"recommendation__in": ids}
    updates = list(StatusUpdate.objects.filter(**own).select_related("opening_row"))
    # By the ids of recommendations, of which there are few: a statement takes long to write that
    # names each update. Nothing is asked where there are none.
    of_updates = {"update__recommendation__in": ids if updates else []}
    addressees, measures = read(Addressee, **own), read(IndicatorLink, **own)
    links = read(EvidenceLink, **of_updates)
    items = read(Evidence, pk__in={link.evidence_id for link in links})
    revisions = read(EvidenceRevision, evidence__in=items)
    return {
        Source: read(Source, pk__in={row.source_id for row in recommendations}),
        Theme: read(Theme),
        User: read(User, pk__in={row.lead_officer_id for row in recommendations}),
        StatusUpdate: updates,
        **{model: read(model, **own) for model in (TargetDateChange, Action, Part)},
        RecommendationRelation: read(RecommendationRelation, **own),
        PartCompletion: read(PartCompletion, **of_updates),
        SteeringDecision: read(SteeringDecision, **of_updates),
        Addressee: addressees,
        Response: read(Response, addressee__recommendation__in=ids if addressees else []),
        EvidenceLink: links,
        Evidence: items,
        EvidenceCheck: read(EvidenceCheck, evidence__in=items),
        EvidenceRevision: revisions,
        StoredFile: read(StoredFile, pk__in={row.file_id for row in revisions}),
        IndicatorLink: measures,
        Indicator: read(Indicator, pk__in={row.indicator_id for row in measures}),
    }


def _was_there(row: Any, known: datetime) -> bool:
    """Whether a row had come by then, and was not taken out of use."""
    came, removed_at = _CAME.get(type(row)), getattr(row, "removed_at", None)
    has_come = came is None or getattr(row, came) <= known
    return has_come and (removed_at is None or removed_at > known)


def _linked(past: Past, tables: Tables, field: Any, path: str) -> list[Any]:
    """The links that made a field of many to many; ``path`` leads on to the recommendation."""
    rows, through = tables[field.model], field.remote_field.through
    one, other = f"{field.m2m_field_name()}_id", f"{field.m2m_reverse_field_name()}_id"
    now: dict[int, list[int]] = defaultdict(list)
    ids = [row.pk for row in tables[Recommendation]] if rows else []
    held = through.objects.filter(**{f"{field.m2m_field_name()}__{path}in": ids})
    for key, end in held.values_list(one, other):
        now[key].append(end)
    return [
        through(**{one: row.pk, other: end})
        for row in rows
        for end in past.links(row, field.name, now[row.pk])
    ]


def _ones(tables: Tables) -> list[OneRecommendation]:
    of = {
        model: _by(tables[model], f"{name}_id")
        for name, models in (
            ("recommendation", (StatusUpdate, TargetDateChange, Action, Addressee)),
            ("recommendation", (Part, IndicatorLink, RecommendationRelation)),
            ("recommendation", (Recommendation.themes.through,)),
            ("addressee", (Response,)),
            ("update", (EvidenceLink, PartCompletion, SteeringDecision)),
        )
        for model in models
    }
    sources, indicators = ({row.pk: row for row in tables[each]} for each in (Source, Indicator))
    return [
        OneRecommendation(
            itself=one,
            source=sources[one.source_id],
            updates=of[StatusUpdate][one.pk],
            dates=of[TargetDateChange][one.pk],
            actions=of[Action][one.pk],
            addressees=of[Addressee][one.pk],
            responses={row.pk: of[Response][row.pk] for row in of[Addressee][one.pk]},
            evidence_links={row.pk: of[EvidenceLink][row.pk] for row in of[StatusUpdate][one.pk]},
            measures=[
                Measure(link, indicators[link.indicator_id]) for link in of[IndicatorLink][one.pk]
            ],
            parts=of[Part][one.pk],
            completions=[
                row for update in of[StatusUpdate][one.pk] for row in of[PartCompletion][update.pk]
            ],
            decisions=[
                row
                for update in of[StatusUpdate][one.pk]
                for row in of[SteeringDecision][update.pk]
            ],
            relations=of[RecommendationRelation][one.pk],
            themes=of[Recommendation.themes.through][one.pk],
        )
        for one in tables[Recommendation]
    ]


def _evidence(tables: Tables, public: set[int]) -> dict[int, OneEvidence]:
    """Items by id, as they were, with their checks and files; ``public`` are those of today."""
    found = {row.pk: OneEvidence(row, row.pk in public) for row in tables[Evidence]}
    for check in tables[EvidenceCheck]:
        found[check.evidence_id].checks.append(check)
    for row in tables[EvidenceRevision]:
        found[row.evidence_id].revisions[row.number] = row
    for each in found.values():
        each.item.last_revision = max(each.revisions, default=0)
    return found


def _by(rows: Iterable[T], name: str) -> dict[Any, list[T]]:
    found: dict[Any, list[T]] = defaultdict(list)
    for row in rows:
        found[getattr(row, name)].append(row)
    return found


# ---- The kept state of recommendations on any day, as it was known at any moment.
# Worked out by the statement that keeps the state of today, of rows set back to that moment.


@dataclass(frozen=True, slots=True)
class Standing:
    """A recommendation as it was, with its state and the update in force, if there was one.

    ``evidence`` are the links of that update that stood then, with what they lead to.
    """

    one: OneRecommendation
    current: StatusUpdate | None
    state: RecommendationState
    evidence: Sequence[tuple[EvidenceLink, OneEvidence]]
    past: Past
    """Which set all of it back."""


def standings(
    ids: Iterable[int], effective: date, known: datetime, *, is_still_public: bool = False
) -> dict[int, Standing]:
    """How recommendations stood on the day ``effective`` as known at ``known``, by their ids.

    One that was not there by then is left out. A fixed number of statements.

    With ``is_still_public`` the public columns rest on what was public then and is today.
    """
    rows = past_rows(ids, known)
    current = {one.itself.pk: _derive(one, effective, known) for one in rows.recommendations}
    # The rows without those that say nothing of the day, since they are of a later status.
    tables = dict(rows.tables)
    standing = {
        update.pk
        for one in rows.recommendations
        for update in standing_updates(one.updates, effective, known)
    }
    tables[PartCompletion] = [row for row in tables[PartCompletion] if row.update_id in standing]
    tables[SteeringDecision] = [
        row for row in tables[SteeringDecision] if row.decided_on <= effective
    ]
    tables[StatusUpdate] = [
        row
        for row in tables[StatusUpdate]
        if row.state != UpdateState.SUBMITTED or row.as_of <= effective
    ]
    if is_still_public:
        tables[Evidence] = [_as_public(each) for each in rows.evidence.values()]
    states = states_of(tables, current, known)
    found = {}
    for one in rows.recommendations:
        update = current[one.itself.pk]
        links = one.evidence_links[update.pk] if update else []
        pairs = [(link, rows.evidence[link.evidence_id]) for link in links]
        found[one.itself.pk] = Standing(one, update, states[one.itself.pk], pairs, rows.past)
    return found


def _derive(one: OneRecommendation, effective: date, known: datetime) -> StatusUpdate | None:
    """Set what no event tells of a recommendation: the update in force, and what follows of it."""
    itself = one.itself
    overall = (row for row in one.updates if row.addressee_id is None)
    current = update_in_force(overall, effective, known)
    itself.current_update_id = current.pk if current else None
    itself.next_due_on = next_due_day(itself, current)
    itself.rating_valid_until = rating_end(itself, current)
    return current


def _as_public(found: OneEvidence) -> Evidence:
    """An item, as one that was internal where it is by now."""
    if found.is_still_public:
        return found.item
    hidden = copy(found.item)
    hidden.visibility = Visibility.INTERNAL
    return hidden


class Approved(NamedTuple):
    """What was approved of many recommendations: whole rows would take twice as long to read."""

    pk: int
    recommendation: int
    kind: str
    as_of: date
    decided_at: datetime | None
    corrects_id: int | None
    retracts_id: int | None
    undone_at: datetime | None
    state: str = UpdateState.APPROVED

    @property
    def opening_row(self) -> "Approved | None":
        """Itself, where it was undone with its batch."""
        return self if self.undone_at else None


Update = TypeVar("Update", StatusUpdate, Approved)
"""An update, read with its ``opening_row``, or what of it decides which one is in force."""


def update_in_force(updates: Iterable[Update], effective: date, known: datetime) -> Update | None:
    """Of the updates on one scope the one in force on a day, as known at a moment."""
    standing = [
        (row.as_of, row.decided_at, row.pk, row)
        for row in standing_updates(updates, effective, known)
    ]
    return max(standing)[3] if standing else None


def standing_updates(updates: Iterable[Update], effective: date, known: datetime) -> list[Update]:
    """The approved ones that were neither corrected, retracted nor undone, as known at a moment.

    Read with their ``opening_row``.
    """
    decided = [
        (row, row.decided_at)
        for row in updates
        if row.state == UpdateState.APPROVED and row.decided_at and row.decided_at <= known
    ]
    replaced = {row.corrects_id or row.retracts_id for row, _at in decided}
    return [
        row
        for row, _at in decided
        if row.kind != UpdateKind.RETRACTION
        and row.pk not in replaced
        and row.as_of <= effective
        and not _was_undone(row, known)
    ]


def _was_undone(update: StatusUpdate | Approved, known: datetime) -> bool:
    """Whether it was taken over with a batch that was undone by then."""
    row = update.opening_row
    return row is not None and row.undone_at is not None and row.undone_at <= known
