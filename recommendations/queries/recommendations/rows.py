"""A recommendation in a list, with its headline indicator where it has one."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import chain
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, ngettext_lazy

from recommendations import permissions
from recommendations.choices import (
    FINISHED_STATUSES,
    MEASURING_RELATIONS,
    Flag,
    Nature,
    Relation,
    label_of_confidence,
    label_of_status,
)
from recommendations.models import IndicatorLink, Observation, StatusUpdate
from recommendations.permissions import Person
from recommendations.queries.dates import (
    PendingDateChange,
    day_text,
    days_between,
    finished_text,
    pending_date_change,
    postponement_text,
)
from recommendations.queries.indicators.series import latest_value, sparkline_of
from recommendations.queries.indicators.values import ValueRow
from recommendations.queries.responses import Responses

PUBLIC_FLAGS: tuple[str, ...] = (
    Flag.CONTRADICTED,
    Flag.DATE_OVERDUE,
    Flag.RATING_OUT_OF_DATE,
)
"""Flags that rest only on what is public (or, for contradiction, on public evidence)."""

SEVERITY: tuple[str, ...] = (
    Flag.CONTRADICTED,
    Flag.DATE_OVERDUE,
    Flag.EVIDENCE_GAP,
    Flag.INDICATOR_AGAINST,
    Flag.ACTION_OVERDUE,
    Flag.RESPONSE_OVERDUE,
    Flag.UPDATE_OVERDUE,
    Flag.RATING_OUT_OF_DATE,
    Flag.NO_LEAD,
    Flag.NO_OFFICER,
    Flag.NO_DATE,
    Flag.REVIEW_PAST,
    Flag.UPDATE_DUE,
)
"""Flags from the worst to the mildest: the order of attention."""


@dataclass(frozen=True, slots=True)
class HeadlineIndicator:
    """The indicator shown first for a recommendation: latest value, sparkline, how many more.

    ``figure`` is none where no value is recorded for all areas together.
    """

    title: str
    url: str
    unit: str
    figure: ValueRow | None
    spark: str
    others: int


@dataclass(frozen=True, slots=True)
class RecommendationRow:
    """What a reader may see of one recommendation in a list.

    The fields from ``pk`` on are empty for the public.
    """

    reference: str
    number: int
    title: str
    url: str
    status: str
    confidence: str
    rated_on: date | None
    is_continuous: bool
    target_date: date | None
    first_date: date | None
    finished: str
    as_of: date | None
    public_text: str
    assurance: str
    is_approved_by_import: bool
    evidence_for: int
    evidence_against: int
    evidence_answered: int
    contradicted_since: date | None
    measures: int
    date_moves: int
    days_moved: int | None
    responses: Responses
    flags: frozenset[str]
    reasons: tuple[str, ...]
    is_demonstration: bool

    is_internal: bool
    leading: HeadlineIndicator | None = None
    """The indicator on the row; given by ``with_headline_indicators`` where a page shows it."""
    pk: int | None = None
    lead: str = ""
    officer: str = ""
    reported_status: str = ""
    decidable_id: int | None = None
    """The update that waits for the reader's decision, if any."""
    waits_with: str = ""
    """Who decides on what the reader may not, in words; on cards that need attention."""
    next_due_on: date | None = None
    may_log: bool = False
    is_archived: bool = False
    asked: PendingDateChange | None = None
    may_decide_date: bool = False
    may_set_date: bool = False
    may_withdraw_date: bool = False

    @property
    def is_out_of_date(self) -> bool:
        return Flag.RATING_OUT_OF_DATE in self.flags

    @property
    def moved(self) -> str:
        """How far the date has moved since it was first set, in words; empty if it never did."""
        return postponement_text(self.first_date, self.target_date, self.date_moves)

    @property
    def public_statement(self) -> str:
        """What the public reads of the current update: its public wording, else what it states."""
        if self.public_text or self.as_of is None:
            return self.public_text
        status = label_of_status(self.status, is_continuous=self.is_continuous)
        stated = [_("%(status)s as of %(day)s.") % {"status": status, "day": day_text(self.as_of)}]
        if self.status not in FINISHED_STATUSES:
            label = label_of_confidence(self.confidence, has_date=self.has_date)
            stated.append(_confidence_sentence(label, self.rated_on))
        return " ".join(stated)

    @property
    def has_date(self) -> bool:
        return self.target_date is not None

    @property
    def unanswered(self) -> int:
        """Evidence items against the latest approved update that nobody has answered."""
        return self.evidence_against - self.evidence_answered


def _confidence_sentence(label: str, rated_on: date | None) -> str:
    if rated_on is None:
        return _("Delivery confidence: %s.") % label
    return _("Delivery confidence: %(label)s, as of %(day)s.") % {
        "label": label,
        "day": day_text(rated_on),
    }


def recommendation_rows(
    person: Person, recommendations: Iterable[Any], today: date
) -> list[RecommendationRow]:
    """Rows from a query made with ``for_rows`` for the same person."""
    is_internal = permissions.can_read_internally(person)
    return [_row(found, person, today, is_internal) for found in recommendations]


def _row(found: Any, person: Person, today: date, is_internal: bool) -> RecommendationRow:
    known = SEVERITY if is_internal else PUBLIC_FLAGS
    flags = frozenset(flag for flag in known if getattr(found, f"has_{flag}"))
    return RecommendationRow(
        reference=found.reference,
        number=found.number,
        title=found.title,
        url=found.get_absolute_url(),
        is_continuous=found.nature == Nature.CONTINUOUS,
        target_date=found.target_date,
        first_date=found.first_date,
        finished=finished_text(
            found.current_update, is_continuous=found.nature == Nature.CONTINUOUS
        ),
        assurance=found.assurance,
        is_approved_by_import=found.is_approved_by_import,
        evidence_for=found.evidence_for,
        evidence_against=found.evidence_against,
        evidence_answered=found.evidence_answered,
        contradicted_since=(
            timezone.localdate(found.contradicted_since) if found.contradicted_since else None
        ),
        measures=found.measures,
        date_moves=found.date_moves,
        days_moved=days_between(found.first_date, found.target_date),
        responses=Responses(
            found.addressed,
            found.said_accepted,
            found.said_in_part,
            found.said_no,
            found.responses_overdue if is_internal else 0,
        ),
        flags=flags,
        reasons=tuple(_flag_text(flag, found, today) for flag in known if flag in flags),
        is_internal=is_internal,
        **_current_state(found.current_update),
        **(_internal_facts(found, person) if is_internal else {}),
    )


def _current_state(update: StatusUpdate | None) -> dict[str, Any]:
    """What the current update says; without one nothing is known."""
    return {
        "status": update.implementation_status if update else "",
        "confidence": update.confidence if update else "",
        "rated_on": update.rated_on if update else None,
        "as_of": update.as_of if update else None,
        "public_text": update.public_text if update else "",
        "is_demonstration": bool(update and update.author.is_demonstration),
    }


def _internal_facts(found: Any, person: Person) -> dict[str, Any]:
    """For people inside, with the request that waits and what they may do about the date."""
    asked = pending_date_change(found.date_asked)
    is_manager = permissions.can_review(person) and found.archived_at is None
    return {
        "pk": found.pk,
        "lead": str(found.lead or ""),
        "officer": str(found.lead_officer or ""),
        "reported_status": found.reported_status or "",
        "decidable_id": found.decidable_id,
        "next_due_on": found.next_due_on,
        "may_log": found.may_log,
        "is_archived": found.archived_at is not None,
        "asked": asked,
        "may_decide_date": is_manager and asked is not None and asked.by_id != person.pk,
        "may_set_date": is_manager and found.first_date is None,
        "may_withdraw_date": asked is not None
        and permissions.can_withdraw_date(person, asked.by_id),
    }


_PLAIN_REASONS: dict[str, Any] = {
    Flag.ACTION_OVERDUE: gettext_lazy("an action is overdue"),
    Flag.NO_LEAD: gettext_lazy("no lead"),
    Flag.NO_OFFICER: gettext_lazy("no active officer"),
}


# Since which day, and how that is said; the plural goes by the days gone since.
_SINCE: dict[str, tuple[Callable[[Any], date], Any]] = {
    Flag.DATE_OVERDUE: (
        lambda found: found.target_date,
        ngettext_lazy("%(n)d day past its date", "%(n)d days past its date", "n"),
    ),
    Flag.RATING_OUT_OF_DATE: (
        lambda found: found.current_update.rated_on,
        ngettext_lazy("rated %(n)d day ago", "rated %(n)d days ago", "n"),
    ),
    Flag.NO_DATE: (
        lambda found: found.opened_on,
        ngettext_lazy("no date, open for %(n)d day", "no date, open for %(n)d days", "n"),
    ),
    Flag.REVIEW_PAST: (
        lambda found: found.review_on,
        ngettext_lazy("review day past for %(n)d day", "review day past for %(n)d days", "n"),
    ),
}


def _flag_text(flag: str, found: Any, today: date) -> str:
    """The reason a flag is raised, with its days."""
    if flag in _SINCE:
        day, words = _SINCE[flag]
        return str(words % {"n": (today - day(found)).days})
    match flag:
        case Flag.CONTRADICTED:
            since = (today - timezone.localdate(found.contradicted_since)).days
            return _for_days(_("contradicted, unanswered"), since)
        case Flag.INDICATOR_AGAINST:
            title: str = found.measured_against
            return _("“%s” moves against what is claimed") % title
        case Flag.EVIDENCE_GAP:
            return _evidence_gap_text(found.support_ends_on if found.evidence_for else None, today)
        case Flag.UPDATE_OVERDUE | Flag.UPDATE_DUE:
            n = (today - found.next_due_on).days
            if n == 0:
                return _("update due today")
            return ngettext("update due for %(n)d day", "update due for %(n)d days", n) % {"n": n}
        case Flag.RESPONSE_OVERDUE:
            n = found.responses_overdue
            return ngettext("%(n)d response overdue", "%(n)d responses overdue", n) % {"n": n}
    return str(_PLAIN_REASONS[flag])


def _evidence_gap_text(ended_on: date | None, today: date) -> str:
    """Whether there never was evidence for a claim of effect, or what there was has run out."""
    if ended_on is None:
        return _("no evidence stands for its status")
    n = (today - ended_on).days
    return ngettext("evidence expired %(n)d day ago", "evidence expired %(n)d days ago", n) % {
        "n": n
    }


def _for_days(what: str, days: int) -> str:
    if days < 1:
        return _("%(what)s since today") % {"what": what}
    return ngettext("%(what)s for %(n)d day", "%(what)s for %(n)d days", days) % {
        "what": what,
        "n": days,
    }


POINTS = 24
"""Newest figures in a line of a word's size."""


def with_headline_indicators(
    rows: Iterable[RecommendationRow], person: Person
) -> list[RecommendationRow]:
    """The rows, each with the indicator that leads it: two queries, however many there are."""
    rows = list(rows)
    links = _links([row.reference for row in rows], person)
    ids = {link.indicator_id for link in chain.from_iterable(links.values())}
    figures = headline_observations(sorted(ids))
    return [
        replace(row, leading=_headline_indicators(number, links[row.reference], figures))
        for number, row in enumerate(rows, start=1)
    ]


def headline_observations(indicator_ids: Sequence[int]) -> dict[int, list[Observation]]:
    """The newest figures of the headline of each indicator, newest first; one query."""
    found = Observation.objects.filter(indicator__in=indicator_ids).headline()
    grouped: dict[int, list[Observation]] = defaultdict(list)
    for observation in found.newest_of_each(POINTS, "first_day", "pk"):
        grouped[observation.indicator_id].append(observation)
    return grouped


def _links(references: Sequence[str], person: Person) -> dict[str, list[IndicatorLink]]:
    links = IndicatorLink.objects.filter(
        recommendation__reference__in=references,
        removed_at__isnull=True,
        relation__in=MEASURING_RELATIONS,
    ).select_related("indicator", "recommendation")
    if not permissions.can_read_internally(person):
        links = links.filter(indicator__is_published=True)
    grouped: dict[str, list[IndicatorLink]] = defaultdict(list)
    for link in links.order_by("indicator__code", "pk"):
        grouped[link.recommendation.reference].append(link)
    return grouped


def _headline_indicators(
    number: int, links: list[IndicatorLink], figures: dict[int, list[Observation]]
) -> HeadlineIndicator | None:
    if not links:
        return None
    order = Relation.values.index
    link = min(links, key=lambda each: (order(each.relation), each.indicator_id not in figures))
    indicator = link.indicator
    found = figures.get(indicator.pk, [])
    return HeadlineIndicator(
        title=indicator.title,
        url=indicator.get_absolute_url(),
        unit=indicator.unit,
        figure=latest_value(indicator, found),
        spark=sparkline_of(indicator, found, f"leading-{number}"),
        others=len(links) - 1,
    )
