"""What may be meant by the beginning of a search, by kind, and what somebody opened last."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, F, OuterRef, QuerySet
from django.urls import Resolver404, get_script_prefix, resolve, reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from recommendations import permissions
from recommendations.models import Area, Evidence, Indicator, Recommendation, Source
from recommendations.permissions import Person
from recommendations.search.queries import LONGEST, holding, suggest

MOST_OF_A_KIND = 3
"""Suggestions of each kind but recommendations, which the search is for."""

MOST_RECENT = 8


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One page that may be meant: the code of what it shows, if it has one, and its title."""

    code: str
    title: str
    url: str


@dataclass(frozen=True, slots=True)
class Group:
    """Suggestions under one heading."""

    label: str
    items: tuple[Suggestion, ...]


@dataclass(frozen=True)
class _Kind:
    """Pages of one kind: the rows that a person may open, and their columns."""

    page: str
    key: str
    rows: QuerySet[Any]
    title: str = "title"
    code: str = ""

    def among(self, rows: QuerySet[Any]) -> Iterator[tuple[str, Suggestion]]:
        """Suggestions of these rows, each with the key in its address."""
        code = F(self.code) if self.code else F(self.title)
        for key, each, title in rows.values_list(self.key, code, self.title):
            yield (
                str(key),
                Suggestion(each if self.code else "", title, reverse(self.page, args=[key])),
            )

    def holding(self, words: Iterable[str]) -> list[Suggestion]:
        """The first whose code or title holds all the words."""
        rows = self.rows
        for word in words:
            rows = rows.filter(holding(word, filter(None, (self.title, self.code))))
        return [found for _key, found in self.among(rows[:MOST_OF_A_KIND])]


def suggestions(person: Person, text: str) -> list[Group]:
    """What may be meant, recommendations first; nothing where no word has two characters."""
    found = [
        Suggestion(row.reference, row.title, row.get_absolute_url())
        for row in suggest(person, text)
    ]
    groups = [Group(_("Recommendations"), tuple(found)), *others_found(person, text)]
    return [group for group in groups if group.items]


def others_found(person: Person, text: str) -> list[Group]:
    """The first indicators, evidence, sources and areas whose title or code holds all the words."""
    words = [word for word in text[:LONGEST].replace("\0", " ").split() if len(word) > 1]
    if not words:
        return []
    indicators, evidence, sources, areas = _kinds(person)[1:]
    groups = (
        Group(_("Indicators"), tuple(indicators.holding(words))),
        Group(_("Evidence"), tuple(evidence.holding(words))),
        Group(capfirst(_("sources")), tuple(sources.holding(words))),
        Group(_("Countries and regions"), tuple(areas.holding(words))),
    )
    return [group for group in groups if group.items]


def recent(person: Person, paths: Iterable[str]) -> list[Group]:
    """What these addresses show, in their order, as far as the person may still open it.

    The browser remembers addresses alone, so that a title is told only to who may read it now.
    """
    pages = list(dict.fromkeys(page for path in paths if (page := _page_of(path))))
    found: dict[tuple[str, str], Suggestion] = {}
    for kind in _kinds(person):
        if keys := [key for page, key in pages if page == kind.page]:
            rows = kind.rows.filter(**{f"{kind.key}__in": keys})
            found |= {(kind.page, key): each for key, each in kind.among(rows)}
    items = tuple(found[page] for page in pages if page in found)
    return [Group(_("Recently opened"), items[:MOST_RECENT])] if items else []


def _page_of(path: str) -> tuple[str, str] | None:
    """The page of an address and the key in it; ``None`` where no single row is shown there."""
    try:
        match = resolve("/" + path.removeprefix(get_script_prefix()))
    except Resolver404:
        return None
    keys = [str(value) for value in match.kwargs.values()]
    # No row has a number that no column can hold.
    is_one = len(keys) == 1 and (len(keys[0]) < 19 or not keys[0].isdecimal())
    return (match.url_name or "", keys[0]) if is_one else None


def _kinds(person: Person) -> tuple[_Kind, ...]:
    """The kinds of pages, with the rows that a person may open."""
    shown = Recommendation.objects.visible_to(person)
    of_source = shown.order_by().filter(source=OuterRef("pk"))
    areas = Area.objects.localised().order_by("shown_name", "pk")
    return (
        _Kind("recommendation-detail", "reference", shown.order_by("-pk"), code="reference"),
        _Kind(
            "indicator-detail",
            "code",
            Indicator.objects.visible_to(person).order_by("code"),
            code="code",
        ),
        _Kind("evidence-detail", "pk", Evidence.objects.visible_to(person).order_by("-pk")),
        _Kind(
            "source-detail",
            "slug",
            Source.objects.filter(Exists(of_source)).order_by("pk"),
            "short_title",
        ),
        _Kind(
            "area-detail",
            "code",
            areas if permissions.can_read_internally(person) else areas.none(),
            "shown_name",
        ),
    )
