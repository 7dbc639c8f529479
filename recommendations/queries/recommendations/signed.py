"""The latest sign-off of a source or a recommendation, in the sentence that its page shows."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from django.db.models import OuterRef, Subquery
from django.db.models.functions import JSONObject
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from recommendations.models import SignOff, Source, full_name
from recommendations.queries.columns import names_of
from recommendations.queries.dates import day_text

_NAMES = names_of("signed_by")
_TOLD = ("pk", "as_of", "signed_at", *_NAMES)


@dataclass(frozen=True, slots=True)
class SignedLine:
    """A sentence, and the address of the page of the sign-off that it is about."""

    text: str
    url: str


def line_of_source(source: Source) -> SignedLine | None:
    """The latest sign-off of a whole source; one query."""
    rows = SignOff.objects.filter(source=source).order_by("-signed_at", "-pk")
    return signed_line(rows.values(*_TOLD).first())


def latest_told() -> Subquery:
    """Of each recommendation the latest sign-off that covers it, for ``signed_line``."""
    rows = SignOff.objects.filter(recommendations=OuterRef("pk")).order_by("-signed_at", "-pk")
    told = JSONObject(**{name: name for name in _TOLD})
    return Subquery(rows.annotate(told=told).values("told")[:1])


def signed_line(told: Mapping[str, Any] | None) -> SignedLine | None:
    """The sentence about what was read of a sign-off, as a row or as JSON; none without one."""
    if not told:
        return None
    words = {
        "who": full_name(*(told[name] for name in _NAMES)),
        "day": day_text(timezone.localdate(_moment(told["signed_at"]))),
        "as_of": day_text(_day(told["as_of"])),
    }
    text = _("Signed off by %(who)s on %(day)s (status as of %(as_of)s)") % words
    return SignedLine(text, reverse("sign-off", args=[told["pk"]]))


def _day(value: date | str) -> date:
    return date.fromisoformat(value) if isinstance(value, str) else value


def _moment(value: datetime | str) -> datetime:
    """SQLite writes a moment into JSON in UTC and does not say so."""
    at = datetime.fromisoformat(value) if isinstance(value, str) else value
    return at if at.tzinfo else at.replace(tzinfo=UTC)
