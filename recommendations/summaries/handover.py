"""What one person has on their hands, and what stands in the way of giving all of it to another."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from recommendations import permissions
from recommendations.models import Recommendation, StatusUpdate, TargetDateChange, User
from recommendations.vocabulary import DateChangeState, UpdateState
from recommendations.workflow import UNDECIDED


@dataclass(frozen=True, slots=True)
class Load:
    """All that waits for one person, or will come back to them.

    ``forsaken`` are their open updates on what is archived: nobody goes on with those.
    """

    officer_of: tuple[Any, ...]
    reviewer_of: tuple[Any, ...]
    drafts: tuple[StatusUpdate, ...]
    returned: tuple[StatusUpdate, ...]
    submitted: tuple[StatusUpdate, ...]
    date_requests: tuple[TargetDateChange, ...]
    forsaken: tuple[StatusUpdate, ...]

    @property
    def updates(self) -> tuple[StatusUpdate, ...]:
        return (*self.drafts, *self.returned, *self.submitted)

    @property
    def count(self) -> int:
        """How many things change hands; to be officer and reviewer of one counts once."""
        led = {found.pk for found in (*self.officer_of, *self.reviewer_of)}
        return len(led) + len(self.updates) + len(self.date_requests) + len(self.forsaken)

    @property
    def digest(self) -> str:
        """Stands for this load: what was shown and what is handed over can be compared."""
        told = [[thing.pk for thing in getattr(self, name)] for name in self.__dataclass_fields__]
        return hashlib.sha256(json.dumps(told).encode()).hexdigest()


def load_of(person: User) -> Load:
    """What this person has on their hands now; three queries and one for contributors."""
    led = Recommendation.objects.followed().order_by("source", "number", "pk")
    written = (
        StatusUpdate.objects.filter(author=person.pk, state__in=UNDECIDED)
        .select_related("recommendation", "decided_by")
        .prefetch_related("recommendation__contributors")
        .order_by("recommendation__source", "recommendation__number", "pk")
    )
    live = [update for update in written if update.recommendation.archived_at is None]
    by_state = {
        state: tuple(update for update in live if update.state == state) for state in UNDECIDED
    }
    asked = (
        TargetDateChange.objects.filter(
            requested_by=person.pk,
            state=DateChangeState.REQUESTED,
            recommendation__archived_at__isnull=True,
        )
        .select_related("recommendation")
        .prefetch_related("recommendation__contributors")
        .order_by("recommendation__source", "recommendation__number", "pk")
    )
    return Load(
        officer_of=tuple(led.filter(lead_officer=person.pk)),
        reviewer_of=tuple(led.filter(reviewer=person.pk)),
        drafts=by_state[UpdateState.DRAFT],
        returned=by_state[UpdateState.RETURNED],
        submitted=by_state[UpdateState.SUBMITTED],
        date_requests=tuple(asked),
        forsaken=tuple(
            update for update in written if update.recommendation.archived_at is not None
        ),
    )


def obstacles(load: Load, of: User, to: User) -> list[str]:
    """Why ``to`` cannot take all of it, each in a sentence; empty where they can."""
    found: list[str] = []
    if of.pk == to.pk:
        found.append(_("Choose somebody else."))
    if not permissions.can_write(to):
        found.append(_("%s may not log progress, so cannot take work over.") % to)
        return found
    for about in _touched(load):
        # That post changes hands in the same step, and with it comes the right.
        is_officer_then = about.lead_officer_id == of.pk
        if not is_officer_then and not permissions.can_log(to, about):
            found.append(
                _("%(what)s: %(to)s may not log progress on it.") % {"what": about, "to": to}
            )
    for update in load.returned:
        if update.decided_by_id == to.pk:
            found.append(
                _("%(what)s: %(to)s returned this update, so cannot write it. Hand it over first.")
                % {"what": update.recommendation, "to": to}
            )
    return list(dict.fromkeys(found))


def _touched(load: Load) -> Iterator[Any]:
    """The recommendations on which something was begun."""
    for update in load.updates:
        yield update.recommendation
    for row in load.date_requests:
        yield row.recommendation
