"""What publishing, archiving or undoing either will show and change, told beforehand."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from recommendations.choices import DateChangeState, UpdateState
from recommendations.models import (
    SHOWN_OUTSIDE,
    EvidenceLink,
    IndicatorLink,
    Recommendation,
)
from recommendations.queries.dates import day_text
from recommendations.queries.indicators.rows import measure_rows_of
from recommendations.queries.recommendations.detail import (
    DetailPage,
    addressed,
    card_of,
    detail_page,
    for_detail,
    verification_of,
)
from recommendations.queries.recommendations.linked_evidence import EvidenceRow, evidence_rows_of
from recommendations.queries.recommendations.rows import rows_by_id
from recommendations.queries.recommendations.status_text import public_reason_text, warnings_of
from recommendations.queries.recommendations.structure import part_rows_of
from recommendations.queries.responses import addressee_row
from recommendations.queries.shown import Shown, ShownPart, field_parts

PUBLICATION = "publication"
"""What ``Shown`` is about where a recommendation is published."""

PUBLIC_COLUMNS = ("title", "summary", "quoted_text", "locator", "nature", "target_date")
ARCHIVED_COLUMNS = ("title", "summary", "archived_at", "archive_reason")

KINDS: Mapping[str, Promise] = {
    "title": capfirst(gettext_lazy("title")),
    "summary": capfirst(gettext_lazy("summary")),
    "date": gettext_lazy("Target date"),
    "stated": gettext_lazy("Current update"),
    "verification": gettext_lazy("Verification"),
    "source": gettext_lazy("Source"),
    "part": capfirst(gettext_lazy("parts")),
    "response": capfirst(gettext_lazy("responses")),
    "indicator": gettext_lazy("Indicators"),
    "evidence": gettext_lazy("Evidence"),
}
"""What the parts of a public page are about, by how their keys begin; in the order of the page."""

_HINT = 4
"""Characters by which a kind is told from what it was: they name what changed, and bind nothing."""


def public_page(recommendation: Recommendation, today: date) -> DetailPage:
    """The page as the public reads it, or would read it once the recommendation is published."""
    anybody = AnonymousUser()
    found = for_detail(Recommendation.objects.all(), anybody).get(pk=recommendation.pk)
    return detail_page(found, anybody, today)


def public_pages(ids: Collection[int], today: date) -> Iterator[tuple[Recommendation, DetailPage]]:
    """The same of many recommendations, each with its page; as many queries as for a few."""
    anybody = AnonymousUser()
    found = list(for_detail(Recommendation.objects.filter(pk__in=ids), anybody))
    keys = [each.pk for each in found]
    rows = rows_by_id(anybody, keys, today)
    parts = part_rows_of(keys, is_internal=False)
    evidence = evidence_rows_of(found, anybody)
    measures = measure_rows_of(keys, anybody)
    addressees = defaultdict(list)
    for row in addressed(Q(recommendation__in=keys), today):
        addressees[row.recommendation_id].append(addressee_row(row, anybody, today))
    for each in found:
        claims, need = evidence[each.pk]
        yield (
            each,
            DetailPage(
                **card_of(each, rows[each.pk], today),
                parts=tuple(parts[each.pk]),
                claims=claims,
                need=need,
                measures=tuple(measures[each.pk]),
                addressees=tuple(addressees[each.pk]),
            ),
        )


def publication_marks(
    ids: Collection[int], today: date, *, is_restored: bool = False
) -> dict[int, tuple[str, str]]:
    """By what the public page of each is known to be as it was: a digest, and hints for ``KINDS``.

    ``is_restored``: the pages that archived ones have once they are restored.
    """
    marks = {}
    for found, page in public_pages(ids, today) if ids else ():
        if is_restored:
            page = replace(page, archived_at=None)
        values: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for part in shown_publication(found, page).parts:
            values[_kind_of(part.key)].append((part.key, part.value))
        digests = [_digest(values[kind]) for kind in KINDS]
        marks[found.pk] = _digest(digests), "".join(digest[:_HINT] for digest in digests)
    return marks


def changed_kinds(before: str, now: str) -> list[str]:
    """What differs between two hints, in words."""
    starts = range(0, _HINT * len(KINDS), _HINT)
    pairs = ((before[at : at + _HINT], now[at : at + _HINT]) for at in starts)
    return [str(kind) for kind, (a, b) in zip(KINDS.values(), pairs, strict=True) if a != b]


def _kind_of(key: str) -> str:
    """Nature and archiving change how the status reads."""
    kind = key.partition("-")[0]
    return {"target_date": "date", "quoted_text": "summary", "locator": "source"}.get(
        kind, kind if kind in KINDS else "stated"
    )


def _digest(told: object) -> str:
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()


def shown_publication(found: Recommendation, page: DetailPage) -> Shown:
    """What the preview shows, line by line.

    Lines are in the language of the reader, who reads and decides in the same one.
    """
    if page.archived_at:
        parts = field_parts(found, ARCHIVED_COLUMNS)
        return Shown(f"{PUBLICATION}-{found.pk}", tuple(parts))
    parts = [*field_parts(found, PUBLIC_COLUMNS), *_status_lines(page)]
    for number, part in enumerate(page.parts):
        label = _("Part (%(label)s)") % {"label": part.label}
        days = (_day(part.completed_on), _day(part.amended_on))
        parts.append(_line(f"part-{number}", label, part.words, *days, part.amendment_reason))
    parts += [
        _line(f"response-{each.pk}", each.name, each.name, each.label, _day(each.since), each.part)
        for each in page.addressees
    ]
    for measure in page.measures:
        values = [
            " ".join((value.area, value.period, value.value, *value.marks))
            for value in (measure.headline, *measure.figures)
            if value
        ]
        told = (measure.title, measure.relation_label, measure.unit, *values)
        parts.append(_line(f"indicator-{measure.code}", measure.title, *told))
    parts += [_evidence_line(item) for item in (*page.claims, *page.need)]
    return Shown(f"{PUBLICATION}-{found.pk}", tuple(parts))


def restored_page(found: Recommendation, today: date) -> DetailPage | None:
    """The page that the public reads again once it is restored; none where it is not public."""
    if found.published_at is None:
        return None
    return replace(public_page(found, today), archived_at=None)


def shown_step(
    found: Recommendation, effects: Iterable[str], page: DetailPage | None = None
) -> Shown:
    """Of which recommendation a step is, what it does, and what the public will read again."""
    parts = [*shown_publication(found, page).parts] if page else []
    parts += field_parts(found, ("title",))
    parts += [ShownPart(f"effect-{text}", _("Effects"), text, text) for text in effects]
    return Shown(f"{PUBLICATION}-{found.pk}", tuple({part.key: part for part in parts}.values()))


def _status_lines(page: DetailPage) -> Iterator[ShownPart]:
    """The current update, how it is verified, what became of the date, and the source."""
    row, source = page.row, page.source
    told = (row.public_text, page.public_reason, page.statement if row.status else "")
    statement = " ".join(filter(None, told))
    stated = (row.status, row.confidence, row.as_of, row.rated_on, *told[:2])
    value = " ".join(str(each or "") for each in (*stated, *warnings_of(row, row.raised)))
    yield ShownPart("stated", capfirst(_("latest approved update")), value, statement)
    against = _("Contradicted (unanswered)") if row.unanswered else ""
    since = _day(row.contradicted_since) if row.unanswered else ""
    imported = _("Approved through an import") if row.is_approved_by_import else ""
    yield _line("verification", _("Verification"), verification_of(row), imported, against, since)
    yield _line("date-changes", capfirst(_("date changes")), row.moved, row.finished)
    published = (_day(source.published_on), source.date_precision, source.date_mark)
    yield _line("source", _("Source"), source.author, source.title, beside=published)


def _evidence_line(item: EvidenceRow) -> ShownPart:
    told = (
        *(item.title, item.kind_label, item.citation, item.address, item.publisher),
        *(_day(item.effective_on), item.file.label if item.file else ""),
        capfirst(_("verified")) if item.is_checked else "",
        _("Unanswered") if item.is_unanswered else "",
    )
    beside = (item.precision, item.file.sha256 if item.file else "")
    return _line(f"evidence-{item.stance}-{item.url}", item.title, *told, beside=beside)


def _day(day: date | None) -> str:
    return day_text(day) if day else ""


def _line(key: str, label: str, *told: object, beside: Iterable[object] = ()) -> ShownPart:
    """``beside`` is compared as well, and is in no words."""
    text = ", ".join(str(part) for part in told if part)
    return ShownPart(key, label, "\n".join((text, *(str(each) for each in beside))), text)


def effects_of_publishing(found: Recommendation) -> Iterator[str]:
    """What the preview cannot show: what stays internal, and what the public will miss."""
    yield _("Everyone can read the content below and cite its address.")
    current = found.current_update
    if current is not None and not current.public_text:
        yield _(
            "The current update has no public summary. The public sees status, confidence and date."
        )
    if (
        current is not None
        and not current.public_reason
        and public_reason_text(current.confidence, "")
    ):
        yield _("The current update gives no public reason for its delivery confidence.")
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
    if found.published_at is not None:
        yield _("Everyone can read the content below and cite its address.")
    yield _("The recommendation is counted again, and updates become due.")
    yield _("Updates and requests that awaited a decision await a decision again.")
