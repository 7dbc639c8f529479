"""The rows that a state follows from, as they were at a moment."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from recommendations.audit.rewind import Past
from recommendations.choices import Movement, Visibility
from recommendations.models import (
    Action,
    Addressee,
    AuditEvent,
    Evidence,
    EvidenceCheck,
    EvidenceLink,
    EvidenceRevision,
    Indicator,
    IndicatorLink,
    Part,
    PartCompletion,
    Recommendation,
    Response,
    Source,
    StatusUpdate,
    StoredFile,
    TargetDateChange,
    Theme,
    User,
)
from recommendations.models.base import Removable
from recommendations.queries.indicators.status import movements_at

T = TypeVar("T")
R = TypeVar("R", bound=Removable)


@dataclass
class OneEvidence:
    """An evidence item with its checks that stand and its files, by number."""

    item: Evidence
    is_public_now: bool
    checks: list[EvidenceCheck] = field(default_factory=list)
    revisions: dict[int, tuple[EvidenceRevision, StoredFile]] = field(default_factory=dict)

    @property
    def was_public(self) -> bool:
        return self.item.visibility == Visibility.PUBLIC

    @property
    def is_still_public(self) -> bool:
        """Whether it was public then, and is today."""
        return self.was_public and self.is_public_now


@dataclass
class Measure:
    """An indicator that is linked, and which way its figures moved."""

    link: IndicatorLink
    indicator: Indicator
    movement: Movement


@dataclass
class OneRecommendation:
    """A recommendation with all that was there of it. Links, addressees: those that stood."""

    itself: Recommendation
    source: Source
    contributors: Collection[int]
    themes: list[str]
    has_active_officer: bool
    updates: list[StatusUpdate]
    dates: list[TargetDateChange]
    actions: list[Action]
    addressees: list[Addressee]
    responses: dict[int, list[Response]]
    evidence_links: dict[int, list[EvidenceLink]]
    measures: list[Measure]
    parts: list[Part]
    completions: list[PartCompletion]

    @property
    def newest_responses(self) -> list[Response]:
        """The newest of each addressee that gave any."""
        return [max(said, key=lambda row: row.pk) for said in self.responses.values() if said]


@dataclass
class PastRows:
    """All of it for some recommendations, and what several of them share."""

    recommendations: list[OneRecommendation]
    evidence: dict[int, OneEvidence]
    editors: dict[int, set[int]]
    verbs: dict[int, set[str]]
    """Verbs of the events of each update."""


def past_rows(ids: Iterable[int], known: datetime) -> PastRows:
    """What was there of these recommendations at ``known``; those not yet there are left out."""
    past = Past(known)
    today = list(Recommendation.objects.filter(pk__in=list(ids)).order_by("pk"))
    contributors = _pairs(Recommendation.contributors.through, "recommendation", today)
    themes = _pairs(Recommendation.themes.through, "recommendation", today)
    known_by_then = past.back(today)
    rows = _Rows(past, known_by_then)
    found = [
        rows.of(
            one,
            contributors=past.links(one, "contributors", contributors[one.pk]),
            themes=past.links(one, "themes", themes[one.pk]),
        )
        for one in known_by_then
    ]
    updates = [update for each in found for update in each.updates]
    editors = _pairs(StatusUpdate.editors.through, "statusupdate", updates)
    return PastRows(
        found,
        rows.evidence,
        {one.pk: set(past.links(one, "editors", editors[one.pk])) for one in updates},
        _verbs(updates, known),
    )


class _Rows:
    """Reads each table once, then what happened to all of these rows since by one query."""

    def __init__(self, past: Past, recommendations: list[Recommendation]) -> None:
        of = {"recommendation__in": [row.pk for row in recommendations]}
        sources = list(Source.objects.filter(pk__in={row.source_id for row in recommendations}))
        themes = list(Theme.objects.all())
        officers = list(User.objects.filter(pk__in={r.lead_officer_id for r in recommendations}))
        updates = list(StatusUpdate.objects.filter(**of).select_related("opening_row"))
        dates = list(TargetDateChange.objects.filter(**of))
        actions = list(Action.objects.filter(**of))
        addressees = list(Addressee.objects.filter(**of))
        responses = list(Response.objects.filter(addressee__in=addressees))
        links = list(EvidenceLink.objects.filter(update__in=updates))
        items = list(Evidence.objects.filter(pk__in={link.evidence_id for link in links}))
        parts = list(Part.objects.filter(**of))
        completions = list(PartCompletion.objects.filter(update__in=updates))
        checks = list(EvidenceCheck.objects.filter(evidence__in=items))
        revisions = list(EvidenceRevision.objects.filter(evidence__in=items))
        files = list(StoredFile.objects.filter(pk__in={row.file_id for row in revisions}))
        measures = list(IndicatorLink.objects.filter(**of))
        indicators = list(Indicator.objects.filter(pk__in={row.indicator_id for row in measures}))
        past.learn(
            *(sources, themes, officers, updates, dates, actions, addressees, responses),
            *(links, items, checks, revisions, files, measures, indicators, parts, completions),
        )
        known = past.known
        self._sources = {row.pk: row for row in past.rows(sources)}
        self._themes = {row.pk: row.name for row in past.rows(themes)}
        self._active = {row.pk for row in past.rows(officers) if row.is_active}
        self._updates = _by(_since(past.rows(updates), "created_at", known), "recommendation_id")
        self._dates = _by(_since(past.rows(dates), "requested_at", known), "recommendation_id")
        self._actions = _by(past.rows(actions), "recommendation_id")
        self._addressees = _by(_standing(past.rows(addressees), known), "recommendation_id")
        self._responses = _by(_since(past.rows(responses), "recorded_at", known), "addressee_id")
        self._links = _by(_added(past.rows(links), "added_at", known), "update_id")
        self._measures = _by(_standing(past.rows(measures), known), "recommendation_id")
        self._parts = _by(_standing(past.rows(parts), known), "recommendation_id")
        self._completions = _by(_added(past.rows(completions), "added_at", known), "update_id")
        then = past.rows(indicators)
        moved = movements_at(then, known, past.back)
        self._indicators = {row.pk: (row, moved[row.pk]) for row in then}
        self.evidence = _evidence(past, items, checks, revisions, files)

    def of(
        self, one: Recommendation, *, contributors: Collection[int], themes: Collection[int]
    ) -> OneRecommendation:
        updates, addressees = self._updates[one.pk], self._addressees[one.pk]
        return OneRecommendation(
            itself=one,
            source=self._sources[one.source_id],
            contributors=contributors,
            themes=sorted(self._themes[pk] for pk in themes),
            has_active_officer=one.lead_officer_id in self._active,
            updates=updates,
            dates=self._dates[one.pk],
            actions=self._actions[one.pk],
            addressees=addressees,
            responses={row.pk: self._responses[row.pk] for row in addressees},
            evidence_links={row.pk: self._links[row.pk] for row in updates},
            measures=[
                Measure(link, *self._indicators[link.indicator_id])
                for link in self._measures[one.pk]
            ],
            parts=self._parts[one.pk],
            completions=[row for update in updates for row in self._completions[update.pk]],
        )


def _evidence(
    past: Past,
    items: list[Evidence],
    checks: list[EvidenceCheck],
    revisions: list[EvidenceRevision],
    files: list[StoredFile],
) -> dict[int, OneEvidence]:
    """Items by id, as they were, with their checks and files."""
    public = {row.pk for row in items if row.visibility == Visibility.PUBLIC}
    found = {row.pk: OneEvidence(row, row.pk in public) for row in past.rows(items)}
    for check in _added(past.rows(checks), "at", past.known):
        found[check.evidence_id].checks.append(check)
    stored = {row.pk: row for row in past.rows(files)}
    for row in _since(past.rows(revisions), "added_at", past.known):
        found[row.evidence_id].revisions[row.number] = row, stored[row.file_id]
    return found


def _added(rows: Iterable[R], name: str, known: datetime) -> list[R]:
    """Rows that were added by then, and still in use."""
    return _standing(_since(rows, name, known), known)


def _since(rows: Iterable[T], name: str, known: datetime) -> list[T]:
    """Rows whose own time is not after the moment: the record knows not when older ones came."""
    return [row for row in rows if getattr(row, name) <= known]


def _standing(rows: Iterable[R], known: datetime) -> list[R]:
    """Rows that were not taken out of use by then."""
    return [row for row in rows if row.removed_at is None or row.removed_at > known]


def _by(rows: Iterable[T], name: str) -> dict[Any, list[T]]:
    found: dict[Any, list[T]] = defaultdict(list)
    for row in rows:
        found[getattr(row, name)].append(row)
    return found


def _pairs(through: Any, name: str, rows: Iterable[Any]) -> dict[int, list[int]]:
    """The other ends of today's links of rows, by their keys."""
    other = next(
        f.attname for f in through._meta.concrete_fields if f.is_relation and f.name != name
    )
    found: dict[int, list[int]] = defaultdict(list)
    keys = [row.pk for row in rows]
    for key, end in through.objects.filter(**{f"{name}__in": keys}).values_list(name, other):
        found[key].append(end)
    return found


def _verbs(updates: Iterable[StatusUpdate], known: datetime) -> dict[int, set[str]]:
    found: dict[int, set[str]] = defaultdict(set)
    events = AuditEvent.objects.filter(
        object_type=StatusUpdate._meta.label_lower,
        object_id__in=[str(row.pk) for row in updates],
        at__lte=known,
    )
    for key, verb in events.values_list("object_id", "verb"):
        found[int(key)].add(verb)
    return found
