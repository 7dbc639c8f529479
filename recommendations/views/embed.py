"""What pages of others show of this site: a small page for a frame, the same as JSON, and a badge.

All of it is what the public reads, whoever asks, and with its warnings. It may be kept for a
minute, so that what is no longer published is soon gone.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import wraps
from typing import Any, Final

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.http import require_safe

from recommendations.charts.badge import BadgeData, badge
from recommendations.charts.line import State
from recommendations.choices import (
    FINISHED_STATUSES,
    label_of_confidence,
    label_of_status,
)
from recommendations.models import Recommendation
from recommendations.queries.over_time import confidence_state
from recommendations.queries.recommendations.overview import build_overview, portfolio_of
from recommendations.queries.recommendations.rows import RecommendationRow, rows_for
from recommendations.queries.recommendations.status_text import (
    Citation,
    citation_now,
    public_reason_text,
    status_text,
    warnings_of,
    with_citation,
)
from recommendations.queries.updates.published import PUBLIC
from recommendations.views.access import public_only, source_for

KEPT_FOR: Final = 60
"""Seconds."""

_POLICY: Final = (
    "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors "
)

View = Callable[..., HttpResponse]


def _embedded(view: View) -> Callable[..., HttpResponseBase]:
    """For what others may show: public pages alone, in the frames that the site allows, and for
    scripts of any site, which are told as well what is not published."""

    @require_safe
    @xframe_options_exempt
    @cache_control(public=True, max_age=KEPT_FOR)
    @public_only
    @wraps(view)
    def answer(request: HttpRequest, **about: Any) -> HttpResponse:
        try:
            response = view(request, **about)
        except Http404:
            # The page of the site that says so is shown in no frame.
            words = _("This page does not exist")
            response = HttpResponse(words, "text/plain; charset=utf-8", status=404)
        response["Access-Control-Allow-Origin"] = "*"
        frames = " ".join(settings.EMBED_ANCESTORS) or "'none'"
        response["Content-Security-Policy"] = f"{_POLICY}{frames}"
        return response

    return answer


# ---- A recommendation


@dataclass(frozen=True, slots=True)
class Embedded:
    """How a published recommendation stands on a day, as everybody may read it."""

    found: Recommendation
    row: RecommendationRow
    today: date

    @property
    def statement(self) -> str:
        return status_text(self.row, self.row.raised, self.today)

    @property
    def warnings(self) -> tuple[str, ...]:
        return warnings_of(self.row, self.row.raised)

    @property
    def reason(self) -> str:
        """Why delivery is at risk or off track, as far as the public was told."""
        return public_reason_text(self.row.confidence or "", self.row.public_reason)

    @property
    def citation(self) -> Citation | None:
        return citation_now(self.found, self.row, self.today)

    @property
    def is_forecast(self) -> bool:
        """Whether confidence still says something."""
        return bool(self.row.status) and self.row.status not in FINISHED_STATUSES

    @property
    def status_label(self) -> str:
        return label_of_status(self.row.status or "", is_continuous=self.row.is_continuous)

    @property
    def confidence_label(self) -> str:
        return label_of_confidence(self.row.confidence or "", has_date=self.row.has_date)

    @property
    def state(self) -> State:
        """The colour of its confidence; status, confidence and the worst that is true of it."""
        told = [self.status_label]
        if self.is_forecast:
            told.append(self.confidence_label)
        told += [capfirst(reason) for _flag, reason in self.row.raised[:1]]
        if self.row.is_demonstration:
            told.append(_("Demonstration"))
        field = confidence_state(self.row.confidence if self.is_forecast else "").field
        return State(field, " · ".join(told))


def _published(reference: str) -> Embedded:
    """404 for what the public does not find, whoever asks."""
    seen = with_citation(Recommendation.objects.status_visible_to(PUBLIC))
    found = get_object_or_404(seen, reference=reference)
    today = timezone.localdate()
    return Embedded(found, rows_for(PUBLIC, [found.pk], today)[0], today)


@_embedded
def embed_recommendation(request: HttpRequest, reference: str) -> HttpResponse:
    """The page for a frame."""
    return render(request, "embed/recommendation.html", {"embedded": _published(reference)})


@_embedded
def embed_status(request: HttpRequest, reference: str) -> HttpResponse:
    """The same as JSON, for scripts of any site: it is public."""
    embedded = _published(reference)
    row, citation = embedded.row, embedded.citation
    return JsonResponse(
        {
            "reference": row.reference,
            "title": row.title,
            "address": request.build_absolute_uri(row.url),
            "cite_as": citation and citation.sentence,
            "cited_at": citation and request.build_absolute_uri(citation.path),
            "current_on": embedded.today,
            "status": row.status or None,
            "status_label": embedded.status_label,
            "as_of": row.as_of,
            "approved_on": row.approved_on,
            "confidence": row.confidence if embedded.is_forecast else None,
            "confidence_label": embedded.confidence_label if embedded.is_forecast else None,
            "statement": embedded.statement,
            "warnings": embedded.warnings,
            "public_summary": row.public_text or None,
            "public_reason": row.public_reason or None,
            "is_demonstration": row.is_demonstration,
        }
    )


@_embedded
def embed_badge(request: HttpRequest, reference: str) -> HttpResponse:
    """The same in one line, as an image."""
    embedded = _published(reference)
    data = BadgeData(
        name=embedded.row.reference, state=embedded.state, statement=embedded.statement
    )
    return HttpResponse(badge(data), content_type="image/svg+xml; charset=utf-8")


# ---- A source


def _source(slug: str) -> dict[str, Any]:
    """What its page says at its head; 404 for what the public does not find."""
    source = source_for(PUBLIC, slug)
    today = timezone.localdate()
    overview = build_overview(portfolio_of([source], PUBLIC, today), PUBLIC, today, 0)
    return {"source": source, "overview": overview, "today": today}


@_embedded
def embed_source(request: HttpRequest, slug: str) -> HttpResponse:
    """The page for a frame."""
    return render(request, "embed/source.html", _source(slug))


@_embedded
def embed_source_status(request: HttpRequest, slug: str) -> HttpResponse:
    """The same as JSON."""
    found = _source(slug)
    source, overview = found["source"], found["overview"]
    return JsonResponse(
        {
            "slug": source.slug,
            "title": source.short_title,
            "address": request.build_absolute_uri(source.get_absolute_url()),
            "current_on": found["today"],
            "recommendations": overview.tally.total,
            "statement": overview.summary,
            "warnings": [*filter(None, [overview.worst]), *overview.rests_on],
            "is_demonstration": source.is_demonstration,
        }
    )
