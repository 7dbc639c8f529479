"""What lists are filtered, ordered and counted by on a past day: kept states as they were.

What was touched neither since the moment nor by anything of a later day is as it is kept now. The
states of the others are worked out (``states``), and stand in place of theirs.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Any, TypeVar

from django.db.models import Model
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from recommendations import permissions
from recommendations.audit.rewind import Past
from recommendations.choices import MEASURING_RELATIONS, DateChangeState, Movement, UpdateState
from recommendations.columns import is_fictional
from recommendations.faults import UnfinishedError
from recommendations.models import (
    Addressee,
    AuditEvent,
    EvidenceLink,
    Organisation,
    Recommendation,
    RecommendationRelation,
    RecommendationState,
    SearchDocument,
    StateColumns,
    StatusUpdate,
    TargetDateChange,
    User,
)
from recommendations.models.state import RecommendationStateQuerySet
from recommendations.permissions import Person
from recommendations.queries.cache import (
    Version,
    audience_of,
    cached,
    extended,
    version_for,
    version_of,
)
from recommendations.queries.dates import PendingDateChange, end_of
from recommendations.queries.days import Days, kept_then, stays, version_of_past
from recommendations.queries.listed import A_PAGE
from recommendations.queries.recommendations.linked_evidence import EvidenceRow, rows_of_links
from recommendations.queries.recommendations.past.ever_public import Publications, never_public
from recommendations.queries.recommendations.past.rows import (
    OneEvidence,
    Standing,
    led,
    standings,
)
from recommendations.queries.recommendations.rows import (
    RecommendationRow,
    facts_from,
    flags_of,
    row_of,
)
from recommendations.search.documents import title_of
from recommendations.state.refresh import touched_since
from recommendations.state.statement import COLUMNS
from recommendations.state.then import Batch, TablesThen

T = TypeVar("T")

AT_ONCE = 200
"""Recommendations that are worked out together: of more each takes longer."""

MOST_SECONDS = 5
"""How long one request works states out; the servers of the site end one after 30."""


def kept_of_then(
    what: str,
    ask: Callable[[RecommendationStateQuerySet], T],
    *,
    days: Days,
    person: Person,
    parts: Any,
) -> T:
    """What ``ask`` finds (``asked_of_then``), from memory where it was found before."""
    return kept_then(
        what, lambda: asked_of_then(ask, days, person), days=days, person=person, parts=parts
    )


def asked_of_then(ask: Callable[[RecommendationStateQuerySet], T], days: Days, person: Person) -> T:
    """What ``ask`` finds among the states of a past day, of all that one reader might see then.

    For the public those are of what was published then and still is, and whose status was public
    (``ever_public``). A fixed number of statements for each ``AT_ONCE`` that were touched since.
    ``UnfinishedError`` after ``MOST_SECONDS``: the next call goes on from there.
    """
    alias = StatusUpdate.objects.db
    while True:
        version = version_of(alias)
        tables = _tables(days, person, version)
        found = ask(tables.states())
        # What is kept now of what the record touched meanwhile is not of then.
        if version == version_of(alias) or _changed(days, person) <= set(tables.ids):
            return found


@dataclass(frozen=True, slots=True)
class _Worked:
    """How far the tables of a past day are worked out: ``left`` are not, as of that version."""

    version: Version
    tables: TablesThen
    left: int


def _tables(days: Days, person: Person, version: Version) -> TablesThen:
    """The tables of lists, with all that is not as it is now; worked out where it is not kept."""
    lasts = stays(days, person)

    def extend(kept: _Worked | None) -> _Worked:
        worked = kept or _Worked(version, TablesThen(), left=1)
        if not worked.left and worked.version == version:
            return worked
        tables = worked.tables
        if not lasts and worked.version != version:
            tables = _without(tables, _touched_after(worked.version))
        # With what else is not as it is now, as far as that is worked out in ``MOST_SECONDS``.
        end = monotonic() + MOST_SECONDS
        left = sorted(_changed(days, person).difference(tables.ids))
        made: list[Batch] = []
        while left and (not made or monotonic() < end):
            some, left = left[:AT_ONCE], left[AT_ONCE:]
            made.append(_batch(some, days, person))
        return _Worked(version, TablesThen([*tables.batches, *made]), len(left))

    worked = extended(
        "tables of a past day",
        extend,
        audience=audience_of(person),
        version=version_of_past(days) if lasts else "",
        parts=(days,),
    )
    if worked.left:
        done = len(worked.tables.ids)
        raise UnfinishedError(
            _("%(done)s of %(all)s recommendations are done.")
            % {"done": number_format(done), "all": number_format(done + worked.left)}
        )
    return worked.tables


def _touched_after(version: Version) -> set[int]:
    """What later events may have changed; some of the same moment may be among it."""
    last = AuditEvent.objects.filter(sequence=version.sequence, hash=version.hash)
    at = last.values_list("at", flat=True).first()
    return touched_since(at - timedelta(microseconds=1) if at else datetime.min.replace(tzinfo=UTC))


def _without(tables: TablesThen, ids: set[int]) -> TablesThen:
    return TablesThen([each for each in tables.batches if ids.isdisjoint(each.ids)])


def _changed(days: Days, person: Person) -> set[int]:
    """Of which something is not as it was, or is of a later day."""
    later = StatusUpdate.objects.filter(
        state__in=(UpdateState.APPROVED, UpdateState.SUBMITTED), as_of__gt=days.as_of
    )
    found = touched_since(days.known)
    found |= set(later.order_by().values_list("recommendation", flat=True).distinct())
    if not permissions.can_read_internally(person) and (
        days.as_of < timezone.localdate(days.known)
    ):
        late = Recommendation.objects.filter(published_at__gt=end_of(days.as_of)).order_by()
        found |= {*late.values_list("pk", flat=True), *Publications(days.known).again}
    return found


def _batch(ids: Sequence[int], days: Days, person: Person) -> Batch:
    """Some of the recommendations that were not as they are now, with the rows of theirs."""
    seen = Recommendation.objects.status_visible_to(person).filter(pk__in=ids)
    found = standings(
        sorted(seen.order_by().values_list("pk", flat=True)),
        days.as_of,
        days.known,
        is_still_public=not permissions.can_read_internal_evidence(person),
    )
    hidden: Collection[int] = ()
    if not permissions.can_read_internally(person):
        current = {pk: each.current.pk if each.current else None for pk, each in found.items()}
        published = {pk: each.one.itself.published_at for pk, each in found.items()}
        end = end_of(days.as_of)
        late = {pk: at for pk, at in published.items() if at is not None and at > end}
        hidden = never_public(current, late, days)
    return Batch.of(ids, _rows([each for pk, each in found.items() if pk not in hidden]))


def _rows(found: Collection[Standing]) -> Mapping[type[Model], list[Any]]:
    ones = [each.one for each in found]
    return {
        RecommendationState: [each.state for each in found],
        Recommendation: [one.itself for one in ones],
        Recommendation.themes.through: [row for one in ones for row in one.themes],
        Addressee: [row for one in ones for row in one.addressees],
        RecommendationRelation: [row for one in ones for row in one.relations],
        SearchDocument: [
            SearchDocument(recommendation_id=one.itself.pk, title=title_of(one.itself))
            for one in ones
        ],
    }


# ---- Rows of a past list: the rows of today's list, of what was there on the day, as it was known


def rows_then(ids: Sequence[int], days: Days, person: Person) -> dict[int, RecommendationRow]:
    """The rows of these recommendations by id, in the order of the ids.

    A fixed number of statements, however many ids; what was not there then is left out. The ids
    must be such as the person might see then, and may now. Those of a page are kept, also with
    the few that come first of a source.
    """

    def read() -> dict[int, RecommendationRow]:
        rows = _read_rows(_standings(ids, days, person), days, person)
        return {pk: rows[pk] for pk in ids if pk in rows}

    if len(ids) > 2 * A_PAGE:
        return read()
    return cached(
        "rows of a past list",
        read,
        audience=audience_of(person),
        version=version_for(person).hash,
        parts=(days, *ids),
    )


def standing_then(pk: int, days: Days, person: Person) -> Standing | None:
    """One recommendation with all that its state follows from; none where it was not there yet."""
    return _standings([pk], days, person).get(pk)


def row_then(standing: Standing, days: Days, person: Person) -> RecommendationRow:
    """The row of one recommendation."""
    [row] = _read_rows({standing.one.itself.pk: standing}, days, person).values()
    return row


def links_then(standing: Standing, person: Person) -> list[tuple[Any, OneEvidence]]:
    """The evidence on the update in force that the person may read."""
    reads_all = permissions.can_read_internal_evidence(person)
    return [
        (link, found)
        for link, found in standing.evidence
        if reads_all or (found.is_still_public and not link.is_withheld)
    ]


def evidence_then(standing: Standing, person: Person) -> tuple[EvidenceRow, ...]:
    """The same as its page shows it: without files, and whether it was verified; one query."""
    links = links_then(standing, person)
    hands = {key for link, found in links for key in (link.answered_by_id, *_hands(link, found))}
    people = _named(hands) if hands else {}
    for link, found in links:
        recorded_by, added_by = (people.get(key) for key in _hands(link, found))
        item: Any = led(found.item, recorded_by=recorded_by)
        item.files_now = []
        led(link, evidence=item, added_by=added_by, answered_by=people.get(link.answered_by_id))
        link.is_checked = link.was_checked = False
    claims, _need = rows_of_links([link for link, _found in links], person)
    return tuple(replace(row, link=None) for row in claims)


def _hands(link: EvidenceLink, found: OneEvidence) -> tuple[int | None, int | None]:
    return found.item.recorded_by_id, link.added_by_id


def _standings(ids: Sequence[int], days: Days, person: Person) -> dict[int, Standing]:
    is_still_public = not permissions.can_read_internal_evidence(person)
    return standings(ids, days.as_of, days.known, is_still_public=is_still_public)


def _read_rows(
    then: Mapping[int, Standing], days: Days, person: Person
) -> dict[int, RecommendationRow]:
    people = _people(then.values())
    columns = StateColumns.for_reader(person)
    # The lead organisations as they were then.
    led_by = Organisation.objects.filter(pk__in={each.one.itself.lead_id for each in then.values()})
    leads: Leads = {row.pk: row for row in Past(days.known).back(list(led_by))}
    facts = {
        pk: facts_from(
            {
                "pk": pk,
                **{name: getattr(each.state, columns.name(name)) for name in _KEPT},
                **_beside(each, leads),
                "fictional": _is_fictional(each, leads, people),
            },
            person,
        )
        for pk, each in then.items()
    }
    flags = flags_of(facts, person, days.as_of)
    is_internal = permissions.can_read_internally(person)
    return {
        pk: _past(
            row_of(
                facts[pk],
                flags[pk],
                days.as_of,
                against=_against(standing),
                late=_late(standing, days) if is_internal else 0,
                is_internal=is_internal,
                is_past=True,
                asked=_asked(standing, people) if is_internal else None,
            ),
            days,
        )
        for pk, standing in then.items()
    }


def _past(row: RecommendationRow, days: Days) -> RecommendationRow:
    """A row that leads to what it is a row of: the recommendation on that day."""
    return replace(row, url=f"{row.url}?{days.query}")


Leads = Mapping[int | None, Organisation]


_KEPT = tuple(name for name in COLUMNS if not name.startswith("public_"))


def _is_fictional(each: Standing, leads: Leads, people: Mapping[int, User]) -> bool:
    """What ``models.fictional`` says of a recommendation of today."""
    itself = each.one.itself
    posts = (people.get(pk) for pk in (itself.lead_officer_id, _author(each.current)) if pk)
    return any(map(is_fictional, (each.one.source, leads.get(itself.lead_id), *posts)))


def _beside(standing: Standing, leads: Leads) -> dict[str, Any]:
    """The facts that a kept state does not hold; the officer is not told of a past day."""
    itself, current = standing.one.itself, standing.current
    lead = leads.get(itself.lead_id)
    return {
        "reference": itself.reference,
        "title": itself.title,
        "next_due_on": standing.state.update_due_on,
        "current_update_id": current.pk if current else None,
        "current_author_id": _author(current),
        "lead_name": lead.name if lead else None,
        "is_lead_fictional": lead.is_demonstration if lead else None,
        "rated_on": current.rated_on if current else None,
        "approved_at": current.decided_at if current else None,
        "completed_on": current.completed_on if current else None,
        "public_text": current.public_text if current else None,
        "public_reason": current.public_reason if current else None,
    }


def _author(current: StatusUpdate | None) -> int | None:
    return current.author_id if current else None


def _people(then: Collection[Standing]) -> Mapping[int, User]:
    """Authors of what was in force, officers, and who asked for another date; as of today."""
    authors = (each.current.author_id for each in then if each.current)
    officers = (pk for each in then if (pk := each.one.itself.lead_officer_id))
    asked = (row.requested_by_id for each in then if (row := _request(each)))
    return _named({*authors, *officers, *asked})


def _named(keys: Collection[int | None]) -> Mapping[Any, User]:
    columns = ("username", "first_name", "last_name", "is_demonstration")
    return User.objects.only(*columns).in_bulk(keys)


def _request(standing: Standing) -> TargetDateChange | None:
    """The request for another date that waited."""
    found = (row for row in standing.one.dates if row.state == DateChangeState.REQUESTED)
    return next(found, None)


def _asked(standing: Standing, people: Mapping[int, User]) -> PendingDateChange | None:
    if (row := _request(standing)) is None:
        return None
    by = people[row.requested_by_id]
    return PendingDateChange(row.pk, row.new_date, by.pk, str(by))


def _against(standing: Standing) -> str:
    """The title of the first indicator that moved against the claim."""
    titles = [
        (each.indicator.code, each.link.pk, each.indicator.title)
        for each in standing.one.measures
        if each.link.relation in MEASURING_RELATIONS and each.indicator.movement == Movement.AGAINST
    ]
    return min(titles)[2] if titles else ""


def _late(standing: Standing, days: Days) -> int:
    """How many responses were overdue."""
    due = (row.due_on for row in standing.one.newest_responses)
    return sum(day is not None and day < days.as_of for day in due)
