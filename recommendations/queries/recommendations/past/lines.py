"""Past lists: what they are narrowed and counted by, their rows, and what Home says of the day."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from recommendations import permissions
from recommendations.audit.rewind import Past
from recommendations.choices import MEASURING_RELATIONS, DateChangeState, Movement
from recommendations.columns import is_fictional
from recommendations.models import (
    EvidenceLink,
    Organisation,
    RecommendationState,
    StateColumns,
    StatusUpdate,
    TargetDateChange,
    User,
)
from recommendations.permissions import Person
from recommendations.queries.cache import audience_of, cached, version_for
from recommendations.queries.dates import PendingDateChange
from recommendations.queries.days import Days
from recommendations.queries.listed import A_PAGE
from recommendations.queries.recommendations.linked_evidence import EvidenceRow, rows_of_links
from recommendations.queries.recommendations.past.rows import (
    OneEvidence,
    Standing,
    led,
    standings,
)
from recommendations.queries.recommendations.rows import (
    Facts,
    RecommendationRow,
    facts_from,
    flags_of,
    row_of,
)

# ---- Rows of a past list: the rows of today's list, of what was there on the day, as it was known


def rows_then(ids: Sequence[int], days: Days, person: Person) -> dict[int, RecommendationRow]:
    """The rows of these recommendations by id, in the order of the ids.

    A fixed number of statements, however many ids; what was not there then is left out. The ids
    must be such as the person might see then, and may now. Those of a page are kept, also with
    the few that come first of a source.
    """

    def read() -> dict[int, RecommendationRow]:
        rows = _rows(_standings(ids, days, person), days, person)
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
    [row] = _rows({standing.one.itself.pk: standing}, days, person).values()
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


def _rows(then: Mapping[int, Standing], days: Days, person: Person) -> dict[int, RecommendationRow]:
    people = _people(then.values())
    facts = _facts_of(then, days, person, people)
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


def _facts_of(
    then: Mapping[int, Standing], days: Days, person: Person, people: Mapping[int, User]
) -> dict[int, Facts]:
    columns = StateColumns.for_reader(person)
    leads = _leads(then.values(), days)
    return {
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


_KEPT = tuple(
    field.attname
    for field in RecommendationState._meta.concrete_fields
    if not field.name.startswith("public_")
)


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


def _leads(then: Iterable[Standing], days: Days) -> Leads:
    """The lead organisations as they were then."""
    rows = Organisation.objects.filter(pk__in={each.one.itself.lead_id for each in then})
    return {row.pk: row for row in Past(days.known).back(list(rows))}


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
