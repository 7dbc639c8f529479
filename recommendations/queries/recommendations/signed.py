"""Sign-offs of a source or a recommendation: the latest in a sentence, all of one in a timeline."""

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from recommendations.models import SignOff
from recommendations.queries.columns import names_of
from recommendations.queries.dates import day_text
from recommendations.queries.recommendations.timeline import LONGEST, TimelineEntry


@dataclass(frozen=True, slots=True)
class SignedLine:
    """A sentence, and the address of the page of the sign-off that it is about."""

    text: str
    url: str


def latest_sign_off(**about: int) -> SignedLine | None:
    """The latest sign-off of a whole ``source``, or that covers ``recommendations``; one query."""
    row = _rows(**about).first()
    if row is None:
        return None
    words = {
        "who": str(row.signed_by),
        "day": day_text(timezone.localdate(row.signed_at)),
        "as_of": day_text(row.as_of),
    }
    text = _("Signed off by %(who)s on %(day)s (status as of %(as_of)s)") % words
    return SignedLine(text, row.get_absolute_url())


def sign_off_entries(pk: int) -> list[TimelineEntry]:
    """The sign-offs that cover a recommendation, the latest first; one query."""
    return [_entry(row) for row in _rows(recommendations=pk)[:LONGEST]]


def _rows(**about: int) -> QuerySet[SignOff]:
    told = ("as_of", "remark", "signed_at", "source__short_title", "signed_by__is_demonstration")
    rows = SignOff.objects.filter(**about).select_related("signed_by", "source")
    return rows.only(*told, *names_of("signed_by")).order_by("-signed_at", "-pk")


def _entry(row: Any) -> TimelineEntry:
    words = {"as_of": day_text(row.as_of), "source": row.source and row.source.short_title}
    title = _("Signed off, status as of %(as_of)s") % words
    if row.source is not None:
        title = _("Signed off with all of %(source)s, status as of %(as_of)s") % words
    return TimelineEntry(
        at=row.signed_at,
        title=title,
        by=str(row.signed_by),
        text=row.remark,
        url=row.get_absolute_url(),
        icon="check",
        tone="green",
    )
