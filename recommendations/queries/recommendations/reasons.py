"""Which flags a row shows, and why each is raised, in words."""

from datetime import date
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, ngettext_lazy

from recommendations.choices import Flag
from recommendations.queries.dates import day_text
from recommendations.queries.recommendations.facts import Facts

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


_PLAIN_REASONS: dict[str, Any] = {
    Flag.ACTION_OVERDUE: gettext_lazy("Action overdue"),
    Flag.NO_LEAD: gettext_lazy("No lead organisation"),
    Flag.NO_OFFICER: gettext_lazy("No active lead officer"),
}


# Since which day, and how that is said; the plural goes by the days gone since.
_SINCE: dict[str, tuple[str, Any]] = {
    Flag.DATE_OVERDUE: (
        "date_overdue_after",
        ngettext_lazy("Overdue by %(n)d day", "Overdue by %(n)d days", "n"),
    ),
    Flag.RATING_OUT_OF_DATE: (
        "rated_on",
        ngettext_lazy(
            "Confidence last rated %(n)d day ago", "Confidence last rated %(n)d days ago", "n"
        ),
    ),
    Flag.NO_DATE: (
        "open_without_date_since",
        ngettext_lazy("No target date after %(n)d day", "No target date after %(n)d days", "n"),
    ),
    Flag.REVIEW_PAST: (
        "review_past_after",
        ngettext_lazy(
            "Periodic review overdue by %(n)d day", "Periodic review overdue by %(n)d days", "n"
        ),
    ),
}


def flag_text(
    flag: str, found: Facts, today: date, *, against: str, late: int, is_past: bool = False
) -> str:
    """The reason a flag is raised, with its days; on a past day the day of what contradicts.

    ``against`` is the title of an indicator that moves against what is claimed, ``late`` the number
    of overdue responses.
    """
    if flag in _SINCE:
        column, words = _SINCE[flag]
        return str(words % {"n": (today - getattr(found, column)).days})
    match flag:
        case Flag.CONTRADICTED if found.contradicted_since:
            since = timezone.localdate(found.contradicted_since)
            if is_past:
                return _("Contradicted (unanswered) since %(day)s") % {"day": day_text(since)}
            return _for_days(_("Contradicted (unanswered)"), (today - since).days)
        case Flag.INDICATOR_AGAINST:
            return _("Indicator “%s” contradicts the claim") % against
        case Flag.EVIDENCE_GAP:
            return _evidence_gap_text(
                found.evidence_gap_after if found.evidence_for else None, today
            )
        case Flag.UPDATE_OVERDUE | Flag.UPDATE_DUE if found.update_due_on:
            n = (today - found.update_due_on).days
            if n == 0:
                return _("Update due today")
            return ngettext("Update overdue by %(n)d day", "Update overdue by %(n)d days", n) % {
                "n": n
            }
        case Flag.RESPONSE_OVERDUE:
            return ngettext("%(n)d response overdue", "%(n)d responses overdue", late) % {"n": late}
    return str(_PLAIN_REASONS[flag])


def _evidence_gap_text(ended_on: date | None, today: date) -> str:
    """Whether there never was evidence for a claim of effect, or what there was has run out."""
    if ended_on is None:
        return _("No evidence supports the status")
    n = (today - ended_on).days
    return ngettext("Evidence expired %(n)d day ago", "Evidence expired %(n)d days ago", n) % {
        "n": n
    }


def _for_days(what: str, days: int) -> str:
    if days < 1:
        return _("%(what)s since today") % {"what": what}
    return ngettext("%(what)s for %(n)d day", "%(what)s for %(n)d days", days) % {
        "what": what,
        "n": days,
    }
