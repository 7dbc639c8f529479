"""Planning an import of recommendations, which only reads, and running it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from typing import Any, ClassVar, Self

from django.db.models import Q
from django.utils.translation import gettext as _

from recommendations import audit, permissions
from recommendations.actions.base import BATCH, require
from recommendations.actions.dates import set_first_many
from recommendations.actions.imports.openings import submit_batch
from recommendations.actions.imports.pipeline import (
    Import,
    ImportProgress,
    ImportStep,
    of_kinds,
    quiet,
)
from recommendations.actions.imports.spreadsheet.matching import (
    ExistingRecords,
    ImportContext,
    match_records,
)
from recommendations.actions.imports.spreadsheet.plans import (
    DATE_FIELDS,
    NUMBERS,
    TEXTS,
    ColumnMap,
    KnownBy,
    Record,
    RowPlan,
    SpreadsheetPlan,
    check_map,
    is_number,
    is_of_report,
    propose,
    read_map,
)
from recommendations.actions.imports.spreadsheet.rows import (
    open_list,
    read_records,
    title_in,
)
from recommendations.actions.people import add_organisations
from recommendations.actions.recommendations import (
    add_addressees,
    add_contributors,
    add_many,
    add_themes,
    remember_columns,
    revise_many,
)
from recommendations.actions.responses import add_actions, record_many
from recommendations.actions.structure import add_parts, add_relations, revise_parts
from recommendations.characters import replace_invalid
from recommendations.columns import OWN, Field
from recommendations.models import (
    Addressee,
    OpeningBatch,
    ReportedStatus,
    Response,
    Source,
    User,
)
from recommendations.queries.publicity import IMPORTED
from recommendations.readers import Cell, Table
from recommendations.readers.meanings import (
    MapError,
    certain_order,
    confidence_of,
    meaning_of,
    split_number,
)
from recommendations.readers.tables import fold_text, one_line

TOLD_EACH = 100
"""Rows after which the progress is told once more."""

MOST_STATUSES = 100
"""Different words for a status that one file may use."""

STATUSES = (Field.REPORTED_STATUS, Field.RESPONSE)
"""Fields whose words are mapped to a status, a response or both."""

MOSTLY = 0.8
"""Share of the rows with numbers of their own in a list that is taken to have these."""

HALF = 0.5
"""Share of the cells of a column that are words for a status, if it is taken to hold statuses."""


@dataclass(frozen=True, slots=True)
class SpreadsheetImport(Import[SpreadsheetPlan]):
    """One list of recommendations of a source. The map of its columns is remembered with that."""

    source: Source
    VERB: ClassVar[str] = IMPORTED

    def plan(self, at: datetime, progress: ImportProgress = quiet) -> SpreadsheetPlan:
        """``MapError`` too says why the file cannot be read."""
        upload, options = self.upload, self.options
        source = self.source
        check_map(options.column_map)
        sha256 = upload.sha256()
        table = open_list(upload)
        existing = ExistingRecords(source, create_organisations=options.create_organisations)
        context = ImportContext(existing, options, self.by, at, upload.name, sha256)
        records = read_records(
            table, options.column_map, context.today, replaces_invalid=options.replaces_invalid
        )
        rows = match_records(_counted(records, progress), context)
        is_map_new = remembered(source) != options.column_map
        if unread := [name for name in table.header if name not in options.column_map.columns]:
            told = {"label": _("Not imported"), "value": " · ".join(unread)}
            table.notes.append(_("%(label)s: %(value)s") % told)
        return SpreadsheetPlan(upload.name, sha256, options, rows, is_map_new, notes=table.notes)

    def as_stored(self) -> Self:
        return replace(self, source=Source.objects.get(pk=self.source.pk))

    def require_may(self, by: User, plan: SpreadsheetPlan | None = None) -> None:
        require(permissions.can_import(by), _("You cannot import recommendations."))

    def rests_on(self, plan: SpreadsheetPlan) -> Q:
        """Bodies, places, people, and all about the recommendations.

        Relations rest on all others, and on the recommendations at their other ends.
        """
        others = of_kinds("area", "organisation", "redaction", "source", "theme", "user")
        named = [other.pk for row in plan.rows for _kind, other in row.relations if other.pk]
        if any(row.relations for row in plan.rows):
            others |= of_kinds("recommendationrelation") | Q(recommendation__in=named)
        return others | Q(recommendation__source=self.source.pk)

    def write(self, act: audit.BulkAct, plan: SpreadsheetPlan) -> dict[str, Any]:
        source = Source.objects.get(pk=self.source.pk)
        if plan.is_map_new:
            remember_columns(act, source, plan.options.column_map.as_json())
        _write(act, plan)
        return _counts(plan, source)


def remembered(source: Source) -> ColumnMap | None:
    """The map that was confirmed for the last list of a source, if it can still be read."""
    try:
        return read_map(source.column_map) if source.column_map else None
    except MapError:
        return None


def words_in(table: Table, columns: ColumnMap, *fields: Field) -> list[tuple[str, Field]]:
    """The different words in the columns of these fields, each with the first that has it."""
    found: dict[str, Field] = {}
    for field in fields:
        for cell in _cells(table, columns, field):
            words = replace_invalid(one_line(cell))
            if words and len(found) < MOST_STATUSES:
                found.setdefault(words, field)
    return sorted(found.items())


def _cells(table: Table, columns: ColumnMap, field: Field) -> list[Cell]:
    """The cells of the first column that is mapped to a field."""
    at = columns.column_of(table.header, field)
    return [row.cells[at] for row in table.rows if not row.fault] if at is not None else []


def proposed_map(
    table: Table, kept: ColumnMap | None = None, columns: Mapping[str, Field] | None = None
) -> ColumnMap:
    """How a list, of which the rows are at hand, is likely to be read; a person confirms it.

    As the last one of its source where that had these columns, else by what is usual; ``columns``
    were chosen already.
    """
    fits = kept is not None and kept.fits(table.header)
    base = kept or ColumnMap({})
    found = replace(base, columns=columns or (base.columns if fits else _proposed(table)))
    if not fits:
        found = _with_numbers(table, found)
    statuses = {
        fold_text(words): base.statuses.get(fold_text(words))
        or meaning_of(words, is_response=field == Field.RESPONSE)
        for words, field in words_in(table, found, *STATUSES)
    }
    confidences = {
        fold_text(words): base.confidences.get(fold_text(words)) or confidence_of(words)
        for words, _field in words_in(table, found, Field.CONFIDENCE)
    }
    days = (cell for field in DATE_FIELDS for cell in _cells(table, found, field))
    order = base.date_order or certain_order(days)
    return replace(found, statuses=statuses, confidences=confidences, date_order=order)


def _proposed(table: Table) -> dict[str, Field]:
    """A field for each column by its header, unless its cells are not as that says."""
    found = propose(table.header)
    rows = [row.cells for row in table.rows if not row.fault]
    words = {
        name: [word for cells in rows if (word := one_line(cells[at]))]
        for at, name in enumerate(table.header)
    }
    texts = [name for name in found if found[name] in TEXTS]
    is_one = list(found.values()).count(Field.EXTERNAL_ID) == 1
    for name, field in list(found.items()):
        others = [words[each] for each in texts if each != name]
        if field == Field.TITLE and not _are_titles(words[name], others):
            _locate(found, name, words[name])
        elif field == Field.EXTERNAL_ID and is_one and not _tell_rows(words[name]):
            numbers = [each for each in table.header if each not in found and is_number(each)]
            if telling := [each for each in numbers if _tell_rows(words[each])]:
                found[telling[0]] = found.pop(name)
            elif _begin_anew(words[name]) and any(map(_tell_rows, others)):
                _locate(found, name, words[name])
        elif words[name] and not any(_may_be(field, each) for each in words[name]):
            del found[name]
    if Field.REPORTED_STATUS not in found.values():
        found |= _by_statuses({name: words[name] for name in table.header if name not in found})
    return found


def _locate(found: dict[str, Field], name: str, cells: Sequence[str]) -> None:
    """Take a column for the place in the source, if that is free and the cells fit, or for none."""
    del found[name]
    if Field.LOCATOR not in found.values() and _fitting(cells, Field.LOCATOR) == 1:
        found[name] = Field.LOCATOR


def _begin_anew(cells: Sequence[str]) -> bool:
    """Whether numbers come again after others, as below a heading or in another report."""
    return sum(1 for _cell in groupby(cells)) > len(set(cells))


def _tell_rows(cells: Sequence[str]) -> bool:
    """Whether most rows have a cell of their own in a column."""
    return len(set(cells)) > len(cells) * MOSTLY


def _fitting(cells: Sequence[str], field: Field) -> float:
    """The share of the cells of a column that are short enough for a field."""
    longest: int = OWN[field].max_length
    return sum(len(cell) <= longest for cell in cells) / max(len(cells), 1)


def _are_titles(cells: Sequence[str], others: Sequence[Sequence[str]]) -> bool:
    """Whether cells are titles, beside other texts: those of reports repeat, texts are too long."""
    is_of_report = not _tell_rows(cells) and any(map(_tell_rows, others))
    return not is_of_report and not (any(others) and _fitting(cells, Field.TITLE) < MOSTLY)


def _by_statuses(columns: Mapping[str, Sequence[str]]) -> dict[str, Field]:
    """The column of statuses by its cells: that of which most are words for one, if most are."""
    shares = {
        name: sum(bool(meaning_of(cell).code) for cell in cells) / len(cells)
        for name, cells in columns.items()
        if 0 < len(set(cells)) <= MOST_STATUSES
    }
    found = max(shares, key=lambda name: shares[name], default="")
    return {found: Field.REPORTED_STATUS} if found and shares[found] > HALF else {}


def _may_be(field: Field, word: str) -> bool:
    """Whether a cell may be of a field: a rating is one that is known, a text is no number."""
    if field == Field.CONFIDENCE:
        return bool(confidence_of(word))
    return not (field in (Field.ACTION, *TEXTS) and word.isdigit())


def _with_numbers(table: Table, columns: ColumnMap) -> ColumnMap:
    """What the rows of a list are known by: a number in a column, else that with which most texts
    begin, which is their own or that within a report, else the title, or the place of texts that
    begin alike."""
    if NUMBERS & set(columns.columns.values()):
        return replace(columns, known_by=KnownBy.NUMBER)
    reports = {name: Field.EXTERNAL_ID for name in table.header if is_of_report(name)}
    for field in TEXTS:
        cells = _cells(table, columns, field)
        numbers = [found for cell in cells if (found := split_number(one_line(cell))[0])]
        if len(numbers if reports else set(numbers)) > len(cells) * MOSTLY:
            return replace(columns, known_by=KnownBy.TEXT, columns={**columns.columns, **reports})
    known_by = KnownBy.TITLE
    if Field.TITLE not in columns.columns.values():
        texts = [one_line(cell) for field in TEXTS for cell in _cells(table, columns, field)]
        titles = [title_in({"summary": text}) for text in texts if text]
        known_by = KnownBy.TITLE if len(set(titles)) == len(titles) else KnownBy.ORDER
    return replace(columns, known_by=known_by)


def _counted(records: Iterable[Record], progress: ImportProgress) -> Iterator[Record]:
    for count, record in enumerate(records, start=1):
        yield record
        if count % TOLD_EACH == 0:
            progress(ImportStep.READING, count)


def _write(act: audit.BulkAct, plan: SpreadsheetPlan) -> None:
    """Write what the plan holds by the bulk forms of the actions; the act covers each row."""
    rows = plan.written
    add_organisations(act, plan.organisations)
    _add(act, [row for row in rows if row.is_new])
    _revise(act, [row for row in rows if not row.is_new and not row.earlier])
    add_contributors([(row.recommendation, body) for row in rows for body in row.contributors])
    add_themes([(row.recommendation, theme) for row in rows for theme in row.themes])
    add_parts(act, [(row.recommendation, part) for row in rows for part in row.parts])
    revise_parts(act, [revised for row in rows for revised in row.revised_parts])
    add_relations(act, [(row.recommendation, *named) for row in rows for named in row.relations])
    _add_responses(act, rows)
    dated = [(row.recommendation, row.first_date) for row in rows if row.first_date is not None]
    set_first_many(act, dated, reason=_("imported from %s") % plan.file_name)
    add_actions(act, [(row.recommendation, row.action) for row in rows if row.action is not None])
    _report(act, rows)
    _submit(act, plan)


def _submit(act: audit.BulkAct, plan: SpreadsheetPlan) -> None:
    """Submit the opening statuses of the file as one batch, if it has any."""
    rows = [row for row in plan.written if row.opening is not None]
    if not rows:
        return
    openings = []
    for row in rows:
        opening: Any = row.opening
        opening.recommendation = row.recommendation
        openings.append(opening)
    batch = OpeningBatch(
        source=rows[0].recommendation.source,
        file_name=plan.file_name,
        file_sha256=plan.sha256,
        stated_on=plan.options.stated_on,
    )
    plan.batch = submit_batch(act, batch, openings)


def _counts(plan: SpreadsheetPlan, source: Source) -> dict[str, Any]:
    """What the event of the file holds."""
    written, counts = plan.written, plan.counts
    return {
        "source": audit.FreeText(source.slug),
        **{name: counts[name] for name in ("new", "changed", "unchanged")},
        "left_out": counts["rejected"],
        "dates": sum(row.first_date is not None for row in written),
        "opening_statuses": len(plan.openings),
        "reported_statuses": sum(len(row.reported) for row in written),
        "responses": sum(len(row.responses) for row in written),
        "actions": sum(row.action is not None for row in written),
        "parts": sum(len(row.parts) + len(row.revised_parts) for row in written),
        "relations": sum(len(row.relations) for row in written),
        "organisations": len(plan.organisations),
    }


def _add(act: audit.BulkAct, rows: Sequence[RowPlan]) -> None:
    for row in rows:
        for name, value in row.values.items():
            setattr(row.recommendation, name, value)
        row.recommendation.target_date = row.first_date
    add_many(act, [row.recommendation for row in rows])


def _revise(act: audit.BulkAct, rows: Sequence[RowPlan]) -> None:
    revisions = []
    for row in rows:
        values = dict(row.values)
        if row.first_date is not None:
            values["target_date"] = row.first_date
        if values or row.contributors or row.themes:
            revisions.append((row.recommendation, values))
    revise_many(act, revisions)


def _add_responses(act: audit.BulkAct, rows: Sequence[RowPlan]) -> None:
    """Add the new addressees, and what old and new ones respond."""
    parties = [(row.recommendation, party) for row in rows for party in row.addressees]
    new = {
        (addressee.recommendation_id, addressee.area or addressee.organisation): addressee
        for addressee in add_addressees(act, parties)
    }
    responses: list[Response] = []
    for row in rows:
        for whose, response in row.responses:
            if not isinstance(whose, Addressee):
                whose = new[row.recommendation.pk, whose]
            response.addressee = whose
            responses.append(response)
    record_many(act, responses)


def _report(act: audit.BulkAct, rows: Sequence[RowPlan]) -> None:
    """Statuses as reported history, which only imports write."""
    by: Any = act.entry.by
    reported = []
    act.follow(status for row in rows for status, _meaning in row.interpreted)
    for row in rows:
        for status in row.reported:
            status.recommendation = row.recommendation
            status.recorded_at, status.recorded_by = act.entry.at, by
            reported.append(status)
        for status, meaning in row.interpreted:
            ReportedStatus.objects.filter(pk=status.pk).update(implementation_status=meaning)
    act.follow_new(ReportedStatus.objects.bulk_create(reported, batch_size=BATCH))
