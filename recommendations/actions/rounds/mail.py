"""Mail of reporting rounds: that updates are requested, and that they are still missing."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from recommendations import audit
from recommendations.actions.mail.queue import Notification
from recommendations.actions.notifications import notify
from recommendations.models import ReportingRound, User
from recommendations.queries.rounds.plan import RoundPlan

MOST_LISTED = 10
"""Items that one message names; My work has them all."""

Item = tuple[str, str, date]
"""Reference, title and day to reply by."""


def tell_asked(entry: audit.Entry, round: ReportingRound, plan: RoundPlan) -> None:
    """Tell everybody who is asked which updates are requested; one message a person."""
    items: dict[User, list[Item]] = defaultdict(list)
    for row in plan.asked:
        for person in row.people:
            items[person].append((row.reference, row.title, round.reply_by))
    by = str(entry.by)

    def write(person: User) -> Notification:
        told = ngettext(
            "%(who)s requests %(n)d update from you in “%(round)s”. Reply by %(day)s.",
            "%(who)s requests %(n)d updates from you in “%(round)s”. Reply by %(day)s.",
            len(items[person]),
        )
        return Notification(
            subject=_("%s: updates requested") % round.name,
            lines=(
                told
                % {
                    "who": by,
                    "n": len(items[person]),
                    "round": round.name,
                    "day": date_format(round.reply_by),
                },
                _("Each update must be as of %s or later.") % date_format(round.as_of),
                *_listed(items[person]),
            ),
            path=reverse("my-work"),
            link=_("Open My work"),
        )

    notify(entry, lambda: items, write)


def tell_missing(
    entry: audit.Entry, round: ReportingRound, items: Mapping[User, Sequence[Item]]
) -> None:
    """Remind people of updates that they have not reported yet; one message a person."""
    today = entry.today

    def write(person: User) -> Notification:
        mine = items[person]
        late = sum(day < today for _reference, _title, day in mine)
        told = ngettext(
            "%(n)d update that “%(round)s” requests from you is missing.",
            "%(n)d updates that “%(round)s” requests from you are missing.",
            len(mine),
        )
        due = ngettext("%(n)d update is late.", "%(n)d updates are late.", late) % {"n": late}
        return Notification(
            subject=_("%s: reminder") % round.name,
            lines=(
                told % {"n": len(mine), "round": round.name},
                *([due] if late else []),
                *_listed(mine),
            ),
            path=reverse("my-work"),
            link=_("Open My work"),
        )

    notify(entry, lambda: items, write)


def _listed(items: Iterable[Item]) -> list[str]:
    """One line an item, and one for all that are not named."""
    every = sorted(items, key=lambda item: (item[2], item[0]))
    lines = [
        _("%(reference)s %(title)s: reply by %(day)s")
        % {"reference": reference, "title": title, "day": date_format(day)}
        for reference, title, day in every[:MOST_LISTED]
    ]
    left = len(every) - MOST_LISTED
    if left > 0:
        more = ngettext("%(n)d more item is in My work.", "%(n)d more items are in My work.", left)
        lines.append(more % {"n": left})
    return lines
