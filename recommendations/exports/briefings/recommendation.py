"""The briefing on one recommendation: what its page has, for the same reader."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from django.utils.text import capfirst
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from recommendations.choices import Assurance, DateMark, DatePrecision, ResponsePosition, Stance
from recommendations.exports.briefings.blocks import (
    Bar,
    Callout,
    Cell,
    Column,
    Document,
    Fact,
    Facts,
    Lead,
    Part,
    Point,
    Points,
    Prose,
    Small,
    State,
    Table,
    Term,
    Terms,
    paragraphs,
    status_label,
)
from recommendations.exports.briefings.strands import parts_blocks, relations_blocks
from recommendations.exports.briefings.wording import (
    audience,
    confidence_of,
    day_of_evidence,
    demonstration,
    first_of,
    long_day,
    note_on_status,
    origins,
    section,
    short_day,
    status_of,
    waiting_text,
)
from recommendations.queries.fields import field_label
from recommendations.queries.indicators.rows import MeasureRow
from recommendations.queries.recommendations.detail import DetailPage
from recommendations.queries.recommendations.linked_evidence import EvidenceRow
from recommendations.queries.responses import AddresseeRow

MOST_ITEMS = 30
"""Rows of evidence, actions or indicators."""
MOST_NAMES = 40
MOST_MOMENTS = 12

NOT_BESIDE = ("asked_for", "internal_note")
"""Parts of an update that stand above the others, or are for its office alone."""

POSITIONS = (
    *(position for position in ResponsePosition.values if position != ResponsePosition.AWAITING),
    ResponsePosition.AWAITING.value,
)


def recommendation_briefing(page: DetailPage, root: str) -> Document:
    """The briefing of the page that was read for a reader; ``root`` stands before addresses."""
    row = page.row
    return Document(
        kind=_("Briefing"),
        reference=row.reference,
        mark=row.reference,
        heading=row.title,
        # The address that shows the same status later on, as a citation has it.
        address=root + (page.citation.path if page.citation else row.url),
        day=status_of(page.today),
        demonstration=demonstration(is_shown=_is_fictional(page)),
        audience=audience(is_internal=row.is_internal),
        blocks=tuple(_archived(page) if _is_gone(page) else _blocks(page)),
    )


def _is_gone(page: DetailPage) -> bool:
    """Whether the public reads of it that it is archived, and no more."""
    return page.archived_at is not None and page.found is None


def _is_fictional(page: DetailPage) -> bool:
    parts: list[Any] = [page.row, *page.claims, *page.need, *page.addressees, *page.timeline]
    return any(part.is_demonstration for part in parts)


def _archived(page: DetailPage) -> Iterator[Any]:
    yield Lead(paragraphs(page.summary))
    yield Prose(
        (_archive_text(page), _("The recommendation is no longer followed, so no status is shown."))
    )


def _archive_text(page: DetailPage) -> str:
    if page.archived_at is None:
        return ""
    day = long_day(localtime(page.archived_at).date())
    return _("Archived on %(day)s: %(reason)s.") % {"day": day, "reason": page.archive_label}


def _blocks(page: DetailPage) -> Iterator[Any]:
    yield Lead(paragraphs(page.summary))
    yield from _state(page)
    yield Facts(tuple(_facts(page)))
    reasons = tuple(Point(capfirst(reason)) for reason in page.row.reasons)
    yield from section(_("Needs attention"), *([Points(reasons)] if reasons else []))
    yield from section(_("Parts"), *parts_blocks(page))
    yield from section(_("Current update"), *_update(page))
    yield from section(_("Evidence on the current update"), *_claims(page))
    yield from section(_("Responses"), *_responses(page))
    yield from section(_("Actions"), *_actions(page))
    yield from section(_("Indicators"), *_indicators(page))
    yield from section(_("Themes and relations"), *relations_blocks(page))
    yield from section(_("Rationale and context"), *_rationale(page))
    yield from section(_("History"), *_history(page))
    yield from section(_("Source"), Prose(tuple(_source(page))))


def _state(page: DetailPage) -> Iterator[Any]:
    row, update = page.row, page.in_force
    note = note_on_status(row.as_of, update.decided_at if update is not None else None)
    status = status_label(row.status, is_continuous=row.is_continuous)
    yield State(status, confidence_of(row), note)
    if origin := origins(row):
        yield Small(tuple(origin))
    if archived := _archive_text(page):
        yield Prose((archived,))
    if waiting := waiting_text(row):
        yield Prose((waiting,))
    if update is not None and update.asked_for:
        yield Callout(capfirst(field_label(update, "asked_for")), paragraphs(update.asked_for))


def _facts(page: DetailPage) -> Iterator[Fact]:
    row = page.row
    if row.finished:
        yield Fact(_("Target date"), row.finished, _target_notes(page))
    else:
        label = _("Revised target date") if row.date_moves else _("Target date")
        yield Fact(label, long_day(row.target_date), _target_notes(page))
    if row.is_internal:
        yield Fact(_("Next update due"), long_day(row.next_due_on))
        officer = (_("Lead officer: %(name)s") % {"name": row.officer},) if row.officer else ()
        yield Fact(_("Lead organisation"), row.lead or _("No lead organisation"), officer)
    if row.responses.addressed:
        yield _response_fact(page)
    if row.status:
        yield _verification(page)


def _target_notes(page: DetailPage) -> tuple[str, ...]:
    row = page.row
    if not row.moved or row.first_date is None:
        return ()
    original = _("Original target date: %(day)s") % {"day": short_day(row.first_date)}
    return (original, capfirst(row.moved))


def _response_fact(page: DetailPage) -> Fact:
    said = page.row.responses
    text = _("Accepted by %(n)d of %(all)d") % {"n": said.accepted, "all": said.addressed}
    notes = []
    if n := said.in_part:
        notes.append(ngettext("Partially by %(n)d", "Partially by %(n)d", n) % {"n": n})
    if n := said.declined:
        notes.append(ngettext("Not accepted by %(n)d", "Not accepted by %(n)d", n) % {"n": n})
    if n := said.missing:
        notes.append(ngettext("No response from %(n)d", "No response from %(n)d", n) % {"n": n})
    return Fact(_("Responses"), text, tuple(notes))


def _verification(page: DetailPage) -> Fact:
    row = page.row
    label = str(Assurance(row.assurance).label) if row.assurance else _("No data")
    if row.unanswered:
        text = _("%(verification)s, but contradicted") % {"verification": label}
        return Fact(_("Verification"), text, tone="red")
    return Fact(_("Verification"), label)


def _update(page: DetailPage) -> Iterator[Any]:
    row, update = page.row, page.in_force
    if not row.status:
        yield Prose((_("No report yet"),))
    elif update is None:
        yield Prose(paragraphs(row.public_statement))
    else:
        left_out = {capfirst(field_label(update, name)) for name in NOT_BESIDE}
        terms = [Term(_("Progress"), paragraphs(update.what_happened))]
        terms += [
            Term(said.label, paragraphs(said.text))
            for said in page.said
            if said.label not in left_out
        ]
        terms.append(Term(_("Public summary"), paragraphs(row.public_statement)))
        yield Terms(tuple(term for term in terms if term.paragraphs))


def _claims(page: DetailPage) -> Iterator[Any]:
    if page.claims:
        against_first = sorted(page.claims, key=lambda item: item.stance != Stance.UNDERMINES)
        yield from _evidence(against_first)
    elif page.row.status:
        words = _("No evidence") if page.row.is_internal else _("No published evidence")
        yield Prose((words,))


def _rationale(page: DetailPage) -> Iterator[Any]:
    """Why it is recommended, as the office has it, and the evidence for that."""
    if page.found is not None and page.found.rationale:
        yield Prose(paragraphs(page.found.rationale))
    yield from _evidence(page.need, is_verified=False)


def _evidence(items: Sequence[EvidenceRow], *, is_verified: bool = True) -> Iterator[Any]:
    """A table of evidence; ``is_verified`` with what is verified of it."""
    if not items:
        return
    shown, more = first_of(items, MOST_ITEMS)
    columns = (
        Column(_("Role")),
        Column(_("Evidence"), 5),
        Column(_("Date")),
        *((Column(_("Verification"), 2),) if is_verified else ()),
    )
    rows = tuple(_evidence_row(item) for item in shown)
    yield Table(columns, tuple(row[: len(columns)] for row in rows))
    yield from more


def _evidence_row(item: EvidenceRow) -> tuple[Cell, ...]:
    is_against = item.stance == Stance.UNDERMINES
    notes = (
        item.publisher,
        item.citation,
        _("Internal") if item.is_internal else "",
        _("Answer: %(text)s") % {"text": item.answer} if item.answer else "",
    )
    return (
        Cell(
            str(Stance(item.stance).label), tone="red" if is_against else "", is_strong=is_against
        ),
        Cell(item.title, tuple(note for note in notes if note)),
        Cell(day_of_evidence(item.effective_on, item.precision)),
        Cell(_checked(item), tone="red" if item.is_unanswered else ""),
    )


def _checked(item: EvidenceRow) -> str:
    if item.is_unanswered:
        return _("Unanswered")
    return _("Verified") if item.is_checked else _("Not verified")


def _responses(page: DetailPage) -> Iterator[Any]:
    said = page.row.responses
    if not said.addressed:
        return
    parts = (
        Part(said.accepted, ngettext("accepted", "accepted", said.accepted)),
        Part(said.in_part, ngettext("partially accepted", "partially accepted", said.in_part)),
        Part(said.declined, ngettext("not accepted", "not accepted", said.declined)),
        Part(said.missing, ngettext("no response yet", "no response yet", said.missing), True),
    )
    if known := tuple(part for part in parts if part.number):
        yield Bar(known)
    if page.addressees:
        yield Terms(tuple(_by_position(page.addressees)))


def _by_position(addressees: tuple[AddresseeRow, ...]) -> Iterator[Term]:
    grouped: dict[str, list[AddresseeRow]] = defaultdict(list)
    for row in addressees:
        grouped[row.position].append(row)
    for position in POSITIONS:
        if found := grouped.get(position):
            yield Term(str(ResponsePosition(position).label), (_names(found),))


def _names(rows: list[AddresseeRow]) -> str:
    rows = sorted(rows, key=lambda row: (not row.is_overdue, row.name))
    names = [
        _("%(name)s (overdue)") % {"name": row.name} if row.is_overdue else row.name
        for row in rows[:MOST_NAMES]
    ]
    if n := len(rows) - len(names):
        names.append(ngettext("%(n)d other", "%(n)d others", n) % {"n": n})
    return _(", ").join(names)


def _actions(page: DetailPage) -> Iterator[Any]:
    if not page.steps:
        return
    shown, more = first_of(page.steps, MOST_ITEMS)
    columns = (
        Column(_("Action"), 5),
        Column(_("State"), 2),
        Column(_("Due")),
        Column(_("Owner"), 3),
    )
    rows = (
        (
            Cell(step.title),
            Cell(str(step.get_state_display()), (_("Overdue"),) if step.is_overdue else ()),
            Cell(short_day(step.due_on), tone="red" if step.is_overdue else ""),
            Cell(step.owner or _("No owner")),
        )
        for step in shown
    )
    yield Table(columns, tuple(rows))
    yield from more


def _indicators(page: DetailPage) -> Iterator[Any]:
    if not page.is_measured:
        yield Prose((_("No outcome or delivery indicator linked."),))
    if page.measures:
        shown, more = first_of(page.measures, MOST_ITEMS)
        columns = (
            Column(_("Indicator"), 5),
            Column(_("Role"), 3),
            Column(_("Latest value"), 4),
        )
        yield Table(columns, tuple(_measure_row(measure) for measure in shown))
        yield from more


def _measure_row(measure: MeasureRow) -> tuple[Cell, ...]:
    latest = measure.headline
    value = Cell(
        _("No overall value. Values by country are online.") if measure.figures else _("No data")
    )
    if latest is not None:
        unit = f" {measure.unit}" if latest.is_number else ""
        notes = (f"{latest.area}, {latest.period}", *latest.marks)
        value = Cell(f"{latest.value}{unit}", tuple(capfirst(note) for note in notes))
    return Cell(f"{measure.code} {measure.title}"), Cell(str(measure.relation_label)), value


def _history(page: DetailPage) -> Iterator[Any]:
    if not page.timeline:
        return
    shown, more = first_of(page.timeline, MOST_MOMENTS)
    columns = (Column(_("Date")), Column(_("Event"), 5), Column(_("By"), 3))
    rows = (
        (
            Cell(short_day(localtime(entry.at).date())),
            Cell(entry.title, paragraphs(entry.text)),
            Cell(entry.by or "–"),
        )
        for entry in shown
    )
    yield Table(columns, tuple(rows))
    yield from more


def _source(page: DetailPage) -> Iterator[str]:
    found, source = page.found, page.source
    parts = [source.author, source.title, _published(source)]
    if found is not None:
        parts.append(found.locator)
    yield ", ".join(part for part in parts if part) + "."
    if found is not None and found.quoted_text:
        yield _("“%(text)s”") % {"text": " ".join(found.quoted_text.split())}


def _published(source: Any) -> str:
    if source.published_on is None:
        return ""
    day = long_day(source.published_on)
    if source.date_precision != DatePrecision.DAY:
        day = day_of_evidence(source.published_on, source.date_precision)
    if source.date_mark == DateMark.INFERRED:
        return _("%(day)s (date inferred)") % {"day": day}
    return day
