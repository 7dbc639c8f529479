"""One row a recommendation, as the overview and the list show it; frozen, made for a reader."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from recommendations import permissions
from recommendations.vocabulary import Flag, Nature

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
    Flag.UPDATE_OVERDUE,
    Flag.RATING_OUT_OF_DATE,
    Flag.NO_LEAD,
    Flag.NO_OFFICER,
    Flag.NO_DATE,
    Flag.UPDATE_DUE,
)
"""Flags from the worst to the mildest: the order of attention."""


@dataclass(frozen=True, slots=True)
class Row:
    """What a reader may see of one recommendation in a list.

    The fields below ``is_internal`` are empty for the public.
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
    as_of: date | None
    public_text: str
    assurance: str
    evidence_for: int
    evidence_against: int
    evidence_answered: int
    measures: int
    flags: frozenset[str]
    reasons: tuple[str, ...]
    is_demonstration: bool

    is_internal: bool
    pk: int | None = None
    lead: str = ""
    officer: str = ""
    reported_status: str = ""
    next_due_on: date | None = None
    may_log: bool = False
    is_archived: bool = False

    @property
    def is_out_of_date(self) -> bool:
        return Flag.RATING_OUT_OF_DATE in self.flags

    @property
    def has_date(self) -> bool:
        return self.target_date is not None

    @property
    def unanswered(self) -> int:
        """Evidence items against the latest approved update that nobody has answered."""
        return self.evidence_against - self.evidence_answered


def rows_for(person: Any, recommendations: Iterable[Any], today: date) -> list[Row]:
    """Rows from a query made with ``for_rows`` for the same person."""
    is_internal = permissions.can_read_internally(person)
    return [_row(found, today, is_internal) for found in recommendations]


def _row(found: Any, today: date, is_internal: bool) -> Row:
    update = found.current_update
    known = SEVERITY if is_internal else PUBLIC_FLAGS
    flags = frozenset(flag for flag in known if getattr(found, f"has_{flag}"))
    inside: dict[str, Any] = {}
    if is_internal:
        inside = {
            "pk": found.pk,
            "lead": str(found.lead or ""),
            "officer": str(found.lead_officer or ""),
            "reported_status": found.reported_status or "",
            "next_due_on": found.next_due_on,
            "may_log": found.may_log,
            "is_archived": found.archived_at is not None,
        }
    return Row(
        reference=found.reference,
        number=found.number,
        title=found.title,
        url=found.get_absolute_url(),
        status=update.implementation_status if update else "",
        confidence=update.confidence if update else "",
        rated_on=update.rated_on if update else None,
        is_continuous=found.nature == Nature.CONTINUOUS,
        target_date=found.target_date,
        as_of=update.as_of if update else None,
        public_text=update.public_text if update else "",
        assurance=found.assurance,
        evidence_for=found.evidence_for,
        evidence_against=found.evidence_against,
        evidence_answered=found.evidence_answered,
        measures=found.measures,
        flags=flags,
        reasons=tuple(_why(flag, found, today) for flag in known if flag in flags),
        is_demonstration=bool(update and update.author.is_demonstration),
        is_internal=is_internal,
        **inside,
    )


def _why(flag: str, found: Any, today: date) -> str:
    """The reason a flag is raised, with its days."""
    match flag:
        case Flag.CONTRADICTED:
            since = (today - timezone.localdate(found.contradicted_since)).days
            return _for_days(_("contradicted, unanswered"), since)
        case Flag.DATE_OVERDUE:
            n = (today - found.target_date).days
            return ngettext("%(n)d day past its date", "%(n)d days past its date", n) % {"n": n}
        case Flag.UPDATE_OVERDUE | Flag.UPDATE_DUE:
            n = (today - found.next_due_on).days
            if n == 0:
                return _("update due today")
            return ngettext("update due for %(n)d day", "update due for %(n)d days", n) % {"n": n}
        case Flag.RATING_OUT_OF_DATE:
            n = (today - found.current_update.rated_on).days
            return ngettext("rated %(n)d day ago", "rated %(n)d days ago", n) % {"n": n}
        case Flag.NO_DATE:
            n = (today - found.opened_on).days
            words = ngettext("no date, open for %(n)d day", "no date, open for %(n)d days", n)
            return words % {"n": n}
        case Flag.NO_LEAD:
            return _("no lead")
        case Flag.NO_OFFICER:
            return _("no active officer")
    return _("no valid evidence stands for its status")


def _for_days(what: str, days: int) -> str:
    if days < 1:
        return _("%(what)s since today") % {"what": what}
    return ngettext("%(what)s for %(n)d day", "%(what)s for %(n)d days", days) % {
        "what": what,
        "n": days,
    }
