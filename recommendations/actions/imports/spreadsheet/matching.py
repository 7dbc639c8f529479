"""What rows of a list may already be: the same, alike, or new."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property, partial
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from recommendations import permissions
from recommendations.actions.base import free_slug
from recommendations.actions.imports.findings import Earlier, FindingCode
from recommendations.actions.imports.spreadsheet import related_records
from recommendations.actions.imports.spreadsheet.plans import (
    KnownBy,
    Party,
    Record,
    RowPlan,
    SpreadsheetOptions,
)
from recommendations.actions.imports.spreadsheet.rows import complete, give_defaults, title_in
from recommendations.actions.recommendations import WORDING, amendment, number_of_reference
from recommendations.choices import ArchiveReason, Role
from recommendations.columns import WRITTEN, Field
from recommendations.models import (
    Addressee,
    Area,
    OpeningBatch,
    OpeningRow,
    Organisation,
    Part,
    Recommendation,
    RecommendationRelation,
    Response,
    Source,
    Theme,
    User,
    with_roles,
)
from recommendations.queries.areas import AreaMatcher
from recommendations.queries.fields import field_label, field_text, value_in_words
from recommendations.queries.publicity import once_public
from recommendations.readers.tables import fold_text

# ---- New rows that may be recorded already: of which the text is that of another recommendation

SHORTEST_WORD = 4
MOST_OF_A_WORD = 50
"""Texts that may share a word that is looked for: words of more texts tell nothing."""
LIKELY = 0.7
"""Share of the words of both texts that both have."""
SHOWN = 120
SHOWN_TITLES = 5
"""References that are named where several recommendations have the title of a row."""


class Likeness:
    """Texts by their words, so that those which share most words with another are found."""

    def __init__(self) -> None:
        self._texts: list[tuple[str, frozenset[str], str]] = []
        self._by_word: dict[str, list[int]] = defaultdict(list)

    def add(self, name: str, text: str) -> None:
        words = words_of(text)
        if words:
            for word in words:
                self._by_word[word].append(len(self._texts))
            self._texts.append((name, words, text))

    def find(self, text: str) -> tuple[str, str] | None:
        """The name and the text that is most alike; none where no text is."""
        words = words_of(text)
        shared: Counter[int] = Counter()
        for word in words:
            places = self._by_word.get(word, ())
            if len(places) <= MOST_OF_A_WORD:
                shared.update(places)
        best, share = None, LIKELY
        for place, _count in shared.most_common(5):
            name, others, found = self._texts[place]
            alike = len(words & others) / len(words | others)
            if alike >= share:
                best, share = (name, found), alike
        return best


def words_of(text: str) -> frozenset[str]:
    """The words of a text that tell it from others."""
    return frozenset(word for word in fold_text(text).split() if len(word) >= SHORTEST_WORD)


def tell_likely(rows: Sequence[RowPlan], recorded: Iterable[Recommendation]) -> None:
    """Show beside each new row the recommendation, or the earlier row, that its text is like."""
    recorded_texts, earlier = Likeness(), Likeness()
    meant = {row.recommendation.pk for row in rows if not row.is_new}
    for other in recorded:
        if other.pk not in meant:
            recorded_texts.add(other.reference, _text(other))
    for row in rows:
        if not row.is_new or row.is_rejected:
            continue
        text = _text(row.recommendation)
        found = recorded_texts.find(text) or earlier.find(text)
        if found is not None:
            there = _("%(label)s: %(value)s") % {"label": found[0], "value": found[1][:SHOWN]}
            row.record.add_finding(FindingCode.LIKELY_SAME, text[:SHOWN], there)
        earlier.add(_("row %d") % row.line, text)


def _text(recommendation: Recommendation) -> str:
    return recommendation.quoted_text or recommendation.summary or recommendation.title


# ---- Existing rows, read once for the whole file: no row of it asks the database by itself


class ExistingRecords:
    """Recommendations of a source, and the organisations, areas and people a row may name."""

    def __init__(self, source: Source, *, create_organisations: bool) -> None:
        self.source = source
        self._is_creating = create_organisations
        self._read_recommendations()
        self._read_parties()
        self._themes = {
            _key(name): theme for theme in Theme.objects.all() for name in (theme.slug, theme.name)
        }
        self._people: dict[str, set[User]] = defaultdict(set)
        for person in with_roles(User.objects.filter(is_active=True)):
            for name in (person.username, person.get_full_name(), person.email):
                if name:
                    self._people[fold_text(name)].add(person)

    def _read_recommendations(self) -> None:
        found = list(
            Recommendation.objects.filter(source=self.source)
            .select_related("lead", "lead_officer", "reviewer", "current_update")
            .prefetch_related(
                "contributors", "themes", "reported_statuses", "date_changes", "actions"
            )
        )
        self.by_reference = {row.reference: row for row in found}
        self.by_external_id = {row.external_id: row for row in found if row.external_id}
        self.addressees: dict[int, list[Addressee]] = defaultdict(list)
        active = Addressee.objects.filter(
            recommendation__source=self.source, removed_at__isnull=True
        ).select_related("area", "organisation")
        for addressee in active:
            self.addressees[addressee.recommendation_id].append(addressee)
        self.responses: dict[int, Response] = {
            response.addressee_id: response
            for response in Response.objects.filter(
                addressee__recommendation__source=self.source
            ).current()
        }

    @property
    def kept(self) -> list[Recommendation]:
        """All but those whose import was undone: a corrected list adds them anew."""
        undone = ArchiveReason.IMPORT_UNDONE
        return [row for row in self.by_reference.values() if row.archive_reason != undone]

    @cached_property
    def _by_title(self) -> dict[str, list[Recommendation]]:
        found = defaultdict(list)
        for row in self.kept:
            found[_key(row.title)].append(row)
        return found

    @cached_property
    def once_public(self) -> frozenset[int]:
        """Recommendations that readers outside could read; asked where a row has other wording."""
        return once_public(self.by_reference.values())

    @cached_property
    def parts(self) -> dict[int, list[Part]]:
        """The parts of each recommendation of the source; read where a row names any."""
        parts = defaultdict(list)
        for part in Part.objects.living().filter(recommendation__source=self.source):
            parts[part.recommendation_id].append(part)
        return parts

    @cached_property
    def waiting_openings(self) -> set[int]:
        """Recommendations of which an opening status awaits approval."""
        waiting = OpeningBatch.objects.waiting().filter(source=self.source)
        rows = OpeningRow.objects.kept().filter(batch__in=waiting).order_by()
        return set(rows.values_list("recommendation", flat=True))

    @cached_property
    def taken_over(self) -> dict[int, set[str]]:
        """For each recommendation the words of the statuses that batches had of it."""
        words = defaultdict(set)
        rows = OpeningRow.objects.filter(batch__source=self.source).order_by()
        for pk, said in rows.values_list("recommendation", "words"):
            words[pk].add(said)
        return words

    @cached_property
    def relations(self) -> set[tuple[int, str, int]]:
        """All relations there are, of all sources; read where a row names any."""
        live = RecommendationRelation.objects.live().order_by()
        return set(live.values_list("recommendation", "kind", "other"))

    def _read_parties(self) -> None:
        self._organisations: dict[str, list[Organisation]] = defaultdict(list)
        self._slugs: dict[str, Organisation] = {}
        for body in Organisation.objects.all():
            self._organisations[_key(body.name)].append(body)
            self._slugs[body.slug] = body
        self._matcher, self._areas = AreaMatcher(), Area.objects.in_bulk()

    def recommendations(self, record: Record) -> list[Recommendation]:
        """Those that a row can mean: none, one, or two that do not agree."""
        found = [
            self.by_external_id.get(record.external_id),
            self.by_reference.get(record.reference),
        ]
        return list(dict.fromkeys(row for row in found if row is not None))

    def titled(self, record: Record) -> list[Recommendation]:
        """Those of its title; of several that are archived one is as good as another."""
        found = self._by_title.get(_key(title_in(record.values)), [])
        return [row for row in found if row.archived_at is None] or found[:1]

    def organisation(self, name: str) -> Organisation | None:
        """The organisation of this name or short name; a new one where that was allowed."""
        named = self._organisations.get(_key(name), [])
        exact = [body for body in named if body.name == name]
        if len(exact) == 1 or len(named) == 1:
            return (exact or named)[0]
        if not named and name in self._slugs:
            return self._slugs[name]
        return self._new_organisation(name) if self._is_creating and not named else None

    def parties(self, recommendation: Recommendation) -> list[Party]:
        """The areas and organisations that a recommendation addresses."""
        named = (row.area or row.organisation for row in self.addressees[recommendation.pk])
        return [party for party in named if party is not None]

    def party(self, name: str) -> Party | None:
        """An area or an organisation; ``None`` where it is neither, or could be two."""
        areas = self._matcher.named(name)
        if len(areas) == 1:
            return self._areas[next(iter(areas))]
        return None if areas else self.organisation(name)

    def theme(self, name: str) -> Theme | None:
        """The theme of this name or short name."""
        return self._themes.get(_key(name))

    def person(self, name: str, role: str = "") -> User | None:
        """The one who is called so, of those who hold the role; ``None`` where it could be two."""
        called = self._people.get(fold_text(name), ())
        found = [person for person in called if not role or role in person.role_names]
        return found[0] if len(found) == 1 else None

    def _new_organisation(self, name: str) -> Organisation | None:
        """A new one; none where a text is too long to be the name of one."""
        if len(name) > (Organisation._meta.get_field("name").max_length or 0):
            return None
        slug = free_slug(Organisation, name, self._slugs)
        body = Organisation(name=name, slug=slug)
        self._slugs[slug] = body
        self._organisations[_key(name)].append(body)
        return body


def _key(name: str) -> str:
    return fold_text(name) or name


# ---- From records to the outcome of each: new, changed, unchanged or rejected


@dataclass(frozen=True, slots=True)
class ImportContext:
    """What all rows of one import share."""

    existing: ExistingRecords
    options: SpreadsheetOptions
    by: User | None
    at: datetime
    file_name: str
    sha256: str

    @property
    def today(self) -> date:
        return timezone.localdate(self.at)

    def column(self, field: Field) -> str:
        """The header of the column that is mapped to a field."""
        columns = self.options.column_map.columns
        return next((header for header, mapped in columns.items() if mapped == field), "")

    @property
    def is_manager(self) -> bool:
        """Whether responses and actions may be recorded; a trial without a person may."""
        return self.by is None or permissions.can_review(self.by)

    @property
    def may_set_dates(self) -> bool:
        """Whether first target dates may be set; a trial without a person may."""
        return self.by is None or permissions.can_set_first_date(self.by)


def match_records(records: Iterable[Record], context: ImportContext) -> list[RowPlan]:
    """Plan every row. A number that an earlier row has is rejected."""
    rows = []
    earlier, named = Earlier(), defaultdict[str, list[RowPlan]](list)
    for record in records:
        same = named[record.name] if record.name else []
        if same and _is_beside(record, same):
            same.append(_plan_beside(record, same, context))
            rows.append(same[-1])
            continue
        external_id, reference = record.external_id, record.reference
        numbers = {f"id {external_id}": external_id, f"ref {reference}": reference}
        _check_once(record, earlier, numbers, FindingCode.DUPLICATE)
        if _is_titled(record, context):
            title = title_in(record.values)
            _check_once(record, earlier, {f"title {_key(title)}": title}, FindingCode.SAME_TITLE)
        row = _plan_row(record, context)
        if not row.is_new and not row.is_rejected:
            known = row.recommendation.reference
            _check_once(record, earlier, {f"ref {known}": known}, FindingCode.DUPLICATE)
        rows.append(row)
        if not same:
            named[record.name].append(row)
    related_records.plan_relations(rows, context)
    tell_likely(rows, context.existing.kept)
    return rows


def _is_beside(record: Record, same: Sequence[RowPlan]) -> bool:
    """Whether a row differs from earlier ones of its number in a body, and in what that says."""
    told = set().union(*(row.record.bodies for row in same))
    is_same = record.common == same[0].record.common
    return is_same and not same[0].is_rejected and bool(record.bodies - told)


def _plan_beside(record: Record, same: Sequence[RowPlan], context: ImportContext) -> RowPlan:
    """Plan a row of the recommendation of earlier ones: another body, and what that says.

    Its lead organisation contributes beside that of the first row.
    """
    row = RowPlan(record, same[0].recommendation, is_new=False, earlier=[*same])
    record.add_finding(FindingCode.SAME_RECOMMENDATION)
    lead = record.text(Field.LEAD)
    if lead and lead != same[0].record.text(Field.LEAD):
        record.cells[Field.CONTRIBUTORS] = [lead, *record.names(Field.CONTRIBUTORS)]
    _plan_names(row, context.existing)
    related_records.plan_status(row, context)
    return row


def _check_once(
    record: Record, earlier: Earlier, keys: Mapping[str, str], code: FindingCode
) -> None:
    """Find a row of which an earlier one has a key; ``keys`` are told by their names, if any."""
    words = (earlier.told(key, record.line, name) for key, name in keys.items() if name)
    if found := next(filter(None, words), ""):
        record.add_finding(code, found)


def _is_titled(record: Record, context: ImportContext) -> bool:
    """Whether a row is known by its title."""
    return context.options.column_map.known_by == KnownBy.TITLE and not record.name


def _plan_row(record: Record, context: ImportContext) -> RowPlan:
    is_titled, existing = _is_titled(record, context), context.existing
    found = existing.titled(record) if is_titled else existing.recommendations(record)
    if len(found) > 1 and is_titled:
        message = ", ".join(row.reference for row in found[:SHOWN_TITLES])
        record.add_finding(FindingCode.SAME_TITLE, message)
    elif len(found) > 1:
        message = _("“%(id)s” and “%(reference)s” are different recommendations")
        record.add_finding(
            FindingCode.WRONG_KEY,
            message % {"id": record.external_id[:80], "reference": record.reference[:40]},
        )
    if not found:
        give_defaults(record, context.options.column_map)
        row = RowPlan(record, _new_recommendation(record, context), is_new=True)
    else:
        row = RowPlan(record, found[0], is_new=False)
        if found[0].archived_at is not None:
            record.add_finding(FindingCode.ARCHIVED)
            return row
        _plan_values(row, context)
    _plan_responsible(row, context)
    _plan_names(row, context.existing)
    related_records.plan_parts(row, context)
    related_records.plan_date(row, context)
    related_records.plan_status(row, context)
    related_records.plan_action(row, context)
    return row


def _new_recommendation(record: Record, context: ImportContext) -> Recommendation:
    source = context.existing.source
    recommendation = Recommendation(source=source, **complete(record, context.options.column_map))
    if record.reference:
        number = number_of_reference(source, record.reference)
        if number is None:
            message = _("“%s” is not a reference of this source") % record.reference[:40]
            record.add_finding(FindingCode.WRONG_KEY, message)
        else:
            recommendation.number, recommendation.reference = number, record.reference
    record.check(recommendation, WRITTEN)
    return recommendation


def _plan_values(row: RowPlan, context: ImportContext) -> None:
    """Columns for which the file has another value; an empty cell says nothing."""
    record, current = row.record, row.recommendation
    values = {
        name: value for name, value in record.values.items() if getattr(current, name) != value
    }
    if current.external_id and "external_id" in values:
        message = _("%(reference)s already has the number “%(id)s”")
        numbers = {"reference": current.reference, "id": current.external_id}
        record.add_finding(FindingCode.WRONG_KEY, message % numbers)
    revised = copy(current)
    for name, value in values.items():
        setattr(revised, name, value)
    try:
        amendment(current, revised, context.at, lambda row: row.pk in context.existing.once_public)
    except ValidationError:
        record.add_finding(FindingCode.WORDING_PUBLIC)
        values = {name: value for name, value in values.items() if name not in WORDING}
    for name, value in values.items():
        label = field_label(current, name)
        row.add_change(label, field_text(current, name), value_in_words(current, name, value), name)
    row.values = values
    record.check(revised, values)


def _plan_responsible(row: RowPlan, context: ImportContext) -> None:
    """Whom a cell names and nobody knows is left empty; a default that nobody knows is wrong."""
    existing, defaults = context.existing, context.options.column_map.defaults
    sought: tuple[tuple[Field, Any, FindingCode], ...] = (
        (Field.LEAD, existing.organisation, FindingCode.UNKNOWN_BODY),
        (Field.LEAD_OFFICER, existing.person, FindingCode.UNKNOWN_PERSON),
        (
            Field.REVIEWER,
            partial(existing.person, role=Role.MANAGER),
            FindingCode.UNKNOWN_PERSON,
        ),
    )
    for code, find, unknown in sought:
        name = row.record.text(code)
        if not name:
            continue
        found, current = find(name), getattr(row.recommendation, code.value)
        if found is None and row.is_new and defaults.get(code) == name:
            message = _("The default “%(name)s” is unknown, or may not be: %(field)s")
            told = {"name": name[:80], "field": code.label}
            row.record.add_finding(FindingCode.WRONG_CELL, message % told)
        elif found is None:
            row.record.add_finding(unknown, name[:200])
        elif found != current:
            row.values[code.value] = found
            if isinstance(found, Organisation):
                row.record.check(found, ("name",))
            before = "" if current is None else str(current)
            label = field_label(row.recommendation, code.value)
            row.add_change(label, before, str(found), code.value)


def _plan_names(row: RowPlan, existing: ExistingRecords) -> None:
    """What a row names several of: they are added, and those that it leaves out stay."""
    of, body = row.recommendation, FindingCode.UNKNOWN_BODY
    kinds: Sequence[tuple[Field, str, Callable[[str], Any], FindingCode, list[Any], Any]] = (
        (
            *(Field.CONTRIBUTORS, _("contributor"), existing.organisation, body),
            *(row.contributors, lambda: of.contributors.all()),
        ),
        (
            *(Field.ADDRESSEES, _("addressee"), existing.party, body),
            *(row.addressees, lambda: existing.parties(of)),
        ),
        (
            *(Field.THEMES, _("theme"), existing.theme, FindingCode.UNKNOWN_THEME),
            *(row.themes, lambda: of.themes.all()),
        ),
    )
    for field, label, find, unknown, planned, there in kinds:
        current = [] if row.is_unsaved else list(there())
        current += [each for before in row.earlier for each in getattr(before, field.value)]
        for name in row.record.names(field):
            found = find(name)
            if found is None:
                row.record.add_finding(unknown, name[:200])
            elif found not in (*current, *planned):
                row.record.check(found, ("name",))
                planned.append(found)
                row.add_change(label, "", found.name)
