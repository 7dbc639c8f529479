"""The latest sign-off of a source or a recommendation, in the sentence that its page shows."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import BigIntegerField
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from recommendations.fixed import Given, fixed
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
    return _line(rows.values(*_TOLD).first())


def line_of_recommendation(pk: int) -> SignedLine | None:
    """The latest sign-off that covers a recommendation; one query."""
    return _line(next(iter(_latest(recommendation=pk)), None))


@fixed
def _latest() -> Any:
    about = Given("recommendation", BigIntegerField())
    rows = SignOff.objects.filter(recommendations=about).order_by("-signed_at", "-pk")
    return rows.values(*_TOLD)[:1]


def _line(told: Mapping[str, Any] | None) -> SignedLine | None:
    if told is None:
        return None
    words = {
        "who": full_name(*(told[name] for name in _NAMES)),
        "day": day_text(timezone.localdate(told["signed_at"])),
        "as_of": day_text(told["as_of"]),
    }
    text = _("Signed off by %(who)s on %(day)s (status as of %(as_of)s)") % words
    return SignedLine(text, reverse("sign-off", args=[told["pk"]]))
