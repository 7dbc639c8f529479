"""Existing rows, read once for the whole file: no row of it asks the database by itself."""

from collections import defaultdict
from functools import cached_property

from recommendations.actions.base import free_slug
from recommendations.actions.imports.spreadsheet.plans import Party, Record
from recommendations.choices import AreaKind
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
)
from recommendations.queries.publicity import once_public
from recommendations.readers.tables import fold_text


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
        for person in User.objects.filter(is_active=True):
            for name in (person.username, person.get_full_name(), person.email):
                if name:
                    self._people[fold_text(name)].add(person)

    def _read_recommendations(self) -> None:
        found = list(
            Recommendation.objects.filter(source=self.source)
            .select_related("lead", "lead_officer", "current_update")
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
        self._areas: dict[str, set[Area]] = defaultdict(set)
        for area in Area.objects.all():
            for code in (area.code, area.iso2, area.iso3):
                if code:
                    self._areas[code].add(area)
            if area.kind != AreaKind.PART:  # It may have the name of another country.
                self._areas[_key(area.name)].add(area)

    def recommendations(self, record: Record) -> list[Recommendation]:
        """Those that a row can mean: none, one, or two that do not agree."""
        found = [
            self.by_external_id.get(record.external_id),
            self.by_reference.get(record.reference),
        ]
        return list(dict.fromkeys(row for row in found if row is not None))

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
        areas = self._areas.get(name) or self._areas.get(_key(name)) or set()
        if len(areas) == 1:
            return next(iter(areas))
        return None if areas else self.organisation(name)

    def theme(self, name: str) -> Theme | None:
        """The theme of this name or short name."""
        return self._themes.get(_key(name))

    def person(self, name: str) -> User | None:
        found = self._people.get(fold_text(name), set())
        return next(iter(found)) if len(found) == 1 else None

    def _new_organisation(self, name: str) -> Organisation:
        slug = free_slug(Organisation, name, self._slugs)
        body = Organisation(name=name, slug=slug)
        self._slugs[slug] = body
        self._organisations[_key(name)].append(body)
        return body


def _key(name: str) -> str:
    return fold_text(name) or name
