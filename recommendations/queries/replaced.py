"""What took approved updates out of force: a correction, a retraction, or an undone import.

The one place that says so, wherever updates are listed.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from recommendations.choices import UpdateState
from recommendations.models import StatusUpdate
from recommendations.queries.dates import day_text

UNDONE: str | Promise = gettext_lazy("Undone on %(day)s")


@dataclass(frozen=True, slots=True)
class Mark:
    """Since when an update holds no longer, and why; ``url`` is that of what replaced it."""

    text: str
    at: datetime
    url: str = ""

    @property
    def sentence(self) -> str:
        """The same among other sentences."""
        return _("%(mark)s.") % {"mark": self.text}


def mark(words: str | Promise, at: datetime, url: str = "") -> Mark:
    """A mark of the words for what happened, such as ``UNDONE``, at that moment."""
    return Mark(str(words) % {"day": day_text(timezone.localdate(at))}, at, url)


def marks_among(updates: Iterable[Any]) -> dict[int, Mark]:
    """The marks by id, of updates read with ``opening_row``, as far as these tell; no query.

    Enough where what replaced one of them would be among them.
    """
    updates = list(updates)
    found = {
        row.pk: mark(UNDONE, row.opening_row.undone_at)
        for row in updates
        if row.opening_row is not None and row.opening_row.undone_at is not None
    }
    for row in updates:
        target = row.retracts_id or row.corrects_id
        if target is not None and row.state == UpdateState.APPROVED:
            words = _("Retracted on %(day)s") if row.retracts_id else _("Corrected on %(day)s")
            found[target] = mark(words, row.decided_at, reverse("update-detail", args=[row.pk]))
    return found


def marks_of(ids: Iterable[int | None]) -> dict[int, Mark]:
    """The marks of updates by id; one query, and none where there is no update."""
    wanted = [pk for pk in ids if pk is not None]
    if not wanted:
        return {}
    told = Q(opening_row__undone_at__isnull=False, pk__in=wanted)
    replacing = Q(retracts__in=wanted) | Q(corrects__in=wanted)
    rows = StatusUpdate.objects.filter(told | replacing, state=UpdateState.APPROVED).order_by("pk")
    columns = ("state", "decided_at", "retracts", "corrects", "opening_row__undone_at")
    found = marks_among(rows.select_related("opening_row").only(*columns))
    return {pk: found[pk] for pk in wanted if pk in found}
