"""What publishing, archiving or undoing either will show and change, told beforehand."""

from collections.abc import Iterator
from datetime import date

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from recommendations.choices import DateChangeState, UpdateState
from recommendations.models import SHOWN_OUTSIDE, EvidenceLink, IndicatorLink, Recommendation
from recommendations.queries.recommendations.card import for_detail
from recommendations.queries.recommendations.detail import DetailPage, detail_page
from recommendations.queries.shown import Shown, ShownPart, field_parts

PUBLICATION = "publication"
"""What ``Shown`` is about where a recommendation is published."""

PUBLIC_COLUMNS = ("title", "summary", "target_date")
ARCHIVED_COLUMNS = ("title", "summary", "archived_at", "archive_reason")


def public_page(recommendation: Recommendation, today: date) -> DetailPage:
    """The page as the public reads it, or would read it once the recommendation is published."""
    anybody = AnonymousUser()
    found = for_detail(Recommendation.objects.all(), anybody).get(pk=recommendation.pk)
    return detail_page(found, anybody, today)


def shown_publication(found: Recommendation, page: DetailPage) -> Shown:
    """What the preview shows, line by line.

    Lines are in the language of the reader, who reads and decides in the same one.
    """
    if page.archived_at:
        parts = field_parts(found, ARCHIVED_COLUMNS)
        return Shown(f"{PUBLICATION}-{found.pk}", tuple(parts))
    row = page.row
    parts = field_parts(found, PUBLIC_COLUMNS)
    stated = (f"{row.status} {row.confidence}", row.public_statement)
    parts.append(ShownPart("stated", _("Latest approved update"), *stated))
    parts += [
        _line(f"response-{each.pk}", each.name, each.label, each.since, each.part, each.reason)
        for each in page.addressees
    ]
    for measure in page.measures:
        values = (" ".join((v.area, v.period, v.value, *v.marks)) for v in measure.figures)
        parts.append(_line(f"indicator-{measure.code}", measure.title, *values))
    for item in (*page.claims, *page.need):
        file = item.file.sha256 if item.file else ""
        told = (item.title, item.citation, item.address, item.publisher, item.effective_on, file)
        key = f"{item.stance}-{item.url}"
        parts.append(_line(key, item.title, *told, _("verified") if item.is_checked else ""))
    return Shown(f"{PUBLICATION}-{found.pk}", tuple(parts))


def _line(key: str, label: str, *told: object) -> ShownPart:
    text = ", ".join(str(part) for part in told if part)
    return ShownPart(key, label, text, text)


def effects_of_publishing(found: Recommendation) -> Iterator[str]:
    """What the preview cannot show: what stays internal, and what the public will miss."""
    yield _("Everyone can read the content below and cite its address.")
    current = found.current_update
    if current is not None and not current.public_text:
        yield _(
            "The current update has no public summary. The public sees status, confidence and date."
        )
    about = Q(recommendation=found.pk) | Q(update=found.current_update_id, update__isnull=False)
    internal = EvidenceLink.objects.live().filter(about).exclude(SHOWN_OUTSIDE)
    if n := internal.count():
        yield ngettext(
            "%(n)d evidence item stays internal.", "%(n)d evidence items stay internal.", n
        ) % {"n": n}
    unpublished = IndicatorLink.objects.filter(
        recommendation=found.pk, removed_at__isnull=True, indicator__is_published=False
    )
    if n := unpublished.count():
        yield ngettext(
            "%(n)d indicator is not published.", "%(n)d indicators are not published.", n
        ) % {"n": n}


def effects_of_unpublishing(found: Recommendation) -> Iterator[str]:
    """What the public loses."""
    yield _("The page and every cited address answer “not found” to the public.")
    yield _("Public lists, counts and exports no longer include the recommendation.")


def effects_of_archiving(found: Recommendation) -> Iterator[str]:
    """What ends with it."""
    yield _(
        "The recommendation is removed from counts, summaries, My work and Review. "
        "No more updates are due."
    )
    waiting = found.updates.filter(state=UpdateState.SUBMITTED).count()
    if waiting:
        yield ngettext(
            "%(n)d update awaiting review is not decided.",
            "%(n)d updates awaiting review are not decided.",
            waiting,
        ) % {"n": waiting}
    if found.date_changes.filter(state=DateChangeState.REQUESTED).exists():
        yield _("The requested date change is not decided.")
    if found.published_at is not None:
        yield _(
            "The public page states the archiving, the date and the category of reason. "
            "It shows no status and no explanation."
        )


def effects_of_restoring(found: Recommendation) -> Iterator[str]:
    """What begins again."""
    yield _("The recommendation is counted again, and updates become due.")
    yield _("Updates and requests that awaited a decision await a decision again.")
