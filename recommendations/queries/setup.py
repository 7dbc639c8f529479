"""The set-up of a site: what it lacks, its steps, a grid of recommendations to be added."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Count, Exists, Model, OuterRef, Q, QuerySet, TextChoices
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, ngettext_lazy

from recommendations import permissions
from recommendations.choices import BulkChange, Modality, Nature, Role, code_of
from recommendations.columns import own
from recommendations.models import (
    Invitation,
    Organisation,
    Recommendation,
    Source,
    User,
    with_roles,
)
from recommendations.permissions import Person
from recommendations.queries.people import without_approver
from recommendations.queries.shown import preview_mark
from recommendations.readers.meanings import DateError, DateOrder, read_date
from recommendations.readers.text_tables import pasted_rows

# ---- How far the set-up of a site is: who holds which role, and which steps are done

NAMED = 6
"""People of a role that are named; of more the number is told."""

MAY: Mapping[str, Promise] = {
    Role.VIEWER: gettext_lazy("Reads all but drafts and internal evidence."),
    Role.STAFF: gettext_lazy("Writes updates where their organisation leads or contributes."),
    Role.MANAGER: gettext_lazy(
        "Writes updates on all, approves those of others, sets target dates."
    ),
    Role.AUDITOR: gettext_lazy("Reads everything, the audit log included; changes nothing."),
    Role.ADMINISTRATOR: gettext_lazy(
        "Adds sources and people, sets first target dates, imports, redacts; approves nothing."
    ),
}
"""What each role is for, in a line."""


def names_in_words(named: Sequence[Any], count: int) -> str:
    """Who are named of so many people, and how many others there are."""
    names = ", ".join(str(person) for person in named)
    if not (others := count - len(named)):
        return names
    told = ngettext("%(names)s and %(n)d other", "%(names)s and %(n)d others", others)
    return told % {"names": names, "n": others}


@dataclass(frozen=True, slots=True)
class RoleHolders:
    """A role: what it may do, how many active people hold it, and the first of them."""

    role: Role
    count: int
    people: Sequence[Any]

    @property
    def label(self) -> str:
        return str(self.role.label)

    @property
    def may(self) -> Promise:
        return MAY[self.role]

    @property
    def names(self) -> str:
        """Those who hold it, in words; empty where there are none."""
        return names_in_words(self.people, self.count)


def role_holders() -> list[RoleHolders]:
    """Each role with those who hold it; at most six queries, however many people there are."""
    counts = dict(
        User.groups.through.objects.filter(user__is_active=True)
        .order_by()
        .values_list("group__name")
        .annotate(n=Count("pk"))
    )
    named = {
        role: User.objects.filter(is_active=True, groups__name=role).order_by(
            "last_name", "first_name", "username", "pk"
        )[:NAMED]
        for role in Role
    }
    return [
        RoleHolders(role, counts.get(role, 0), list(people) if counts.get(role) else [])
        for role, people in named.items()
    ]


@dataclass(frozen=True, slots=True)
class SetupStep:
    """One step of the set-up, and its page."""

    name: str
    label: Promise
    is_done: bool

    @property
    def url(self) -> str:
        return reverse(self.name)


def setup_steps() -> list[SetupStep]:
    """The steps in their order; three queries."""
    people = list(with_roles(User.objects.filter(is_active=True).filter(_DECIDES | _WRITES))[:50])
    managers = [person for person in people if Role.MANAGER in person.role_names]
    return [
        SetupStep("set-up-source", gettext_lazy("Source"), Source.objects.exists()),
        SetupStep(
            "set-up-people", gettext_lazy("People and roles"), bool(managers) and len(people) > 1
        ),
        SetupStep(
            "set-up-recommendations",
            gettext_lazy("Recommendations"),
            Recommendation.objects.followed().exists(),
        ),
    ]


_DECIDES = Q(groups__name=Role.MANAGER)
_WRITES = Q(groups__name=Role.STAFF)


# ---- What a site still lacks before its recommendations can be reported on and approved

LISTED = 60
"""References that one line knows; they fit an address."""


@dataclass(frozen=True, slots=True)
class Missing:
    """One line of the check list: what is missing, and the page where it is done.

    ``url`` is empty where the reader may not do it; ``who`` says who may. ``rows`` are the
    first recommendations that it is about.
    """

    text: str
    url: str = ""
    action: str = ""
    who: str = ""
    rows: Sequence[Any] = ()
    others: int = 0


def missing_for(person: Person, holders: Sequence[RoleHolders]) -> list[Missing]:
    """All that is missing, in the order of the steps; at most 20 queries."""
    return [*_sources(person, holders), *_people(person, holders), *_recommendations(person)]


def _sources(person: Person, holders: Sequence[RoleHolders]) -> Iterator[Missing]:
    may_add = permissions.can_manage(person)
    if not Source.objects.exists():
        yield _doable(_("No source"), "set-up-source", _("Add source"), may_add, holders)
        return
    rows = Recommendation.objects.order_by().filter(source=OuterRef("pk"))
    empty = Source.objects.filter(~Exists(rows)).order_by("title", "pk")
    for source in empty[:5]:
        yield Missing(
            _("%s has no recommendations") % source,
            f"{reverse('set-up-recommendations')}?{urlencode({'source': source.slug})}",
            _("Add recommendations"),
        )


def _people(person: Person, holders: Sequence[RoleHolders]) -> Iterator[Missing]:
    may_invite = permissions.can_invite(person)
    held = {each.role: each.count for each in holders}

    def line(text: str) -> Missing:
        return _doable(text, "set-up-people", _("Invite people"), may_invite, holders)

    if not held[Role.MANAGER]:
        yield line(_("No manager: no one can approve updates"))
    elif held[Role.MANAGER] == 1:
        yield line(_("Only one manager: what that person reports cannot be approved"))
    if not held[Role.STAFF]:
        yield line(_("No policy staff"))
    if not held[Role.ADMINISTRATOR]:
        yield Missing(_("No administrator"))
    late = Invitation.objects.pending().filter(expires_at__lte=timezone.now()).exclude(email="")
    if n := late.count():
        told = ngettext("%d invitation has expired", "%d invitations have expired", n)
        yield line(told % n)


def _doable(
    text: str, page: str, action: str, is_allowed: bool, holders: Sequence[RoleHolders]
) -> Missing:
    """For who may do it a link, for others the names of administrators."""
    if is_allowed:
        return Missing(text, reverse(page), action)
    names = next((each.names for each in holders if each.role == Role.ADMINISTRATOR), "")
    return Missing(text, who=_("Administrators: %s") % names if names else "")


def _recommendations(person: Person) -> Iterator[Missing]:
    """What followed and open recommendations lack; two queries a line that is shown."""
    for rows, told, link in _LACKING:
        found = rows(Recommendation.objects.followed().filter(kept__open_since__isnull=False))
        count = found.count()
        if not count:
            continue
        first = list(found.order_by("source", "number", "pk").only("reference", "title")[:LISTED])
        url, action = link([row.reference for row in first])
        yield Missing(told % count, url, action, rows=first[:5], others=max(count - 5, 0))


def _bulk(change: BulkChange) -> Callable[[list[str]], tuple[str, str]]:
    """A bulk change of these recommendations."""

    def link(references: list[str]) -> tuple[str, str]:
        asked = [("scope", "picked"), ("change", str(change))]
        query = urlencode([*asked, *(("pick", each) for each in references)])
        return f"{reverse('bulk-new')}?{query}", str(change.label)

    return link


def _no_active(name: str, *roles: Role) -> Callable[[QuerySet[Any]], QuerySet[Any]]:
    """Those without an active person with one of these roles in a post."""

    def rows(found: QuerySet[Any]) -> QuerySet[Any]:
        fit = User.objects.filter(pk=OuterRef(name), is_active=True, groups__name__in=roles)
        return found.filter(~Exists(fit))

    return rows


_LACKING: Sequence[tuple[Any, Any, Any]] = (
    (
        lambda found: found.filter(lead__isnull=True),
        ngettext_lazy(
            "%d recommendation without a lead organisation",
            "%d recommendations without a lead organisation",
        ),
        _bulk(BulkChange.LEAD),
    ),
    (
        _no_active("lead_officer", Role.STAFF, Role.MANAGER),
        ngettext_lazy(
            "%d recommendation without an active lead officer",
            "%d recommendations without an active lead officer",
        ),
        _bulk(BulkChange.LEAD_OFFICER),
    ),
    (
        _no_active("reviewer", Role.MANAGER),
        ngettext_lazy(
            "%d recommendation without an active reviewer",
            "%d recommendations without an active reviewer",
        ),
        _bulk(BulkChange.REVIEWER),
    ),
    (
        lambda found: found.filter(
            Q(nature=Nature.TIME_BOUND), target_date__isnull=True, date_changes__isnull=True
        ),
        ngettext_lazy(
            "%d recommendation without a first target date",
            "%d recommendations without a first target date",
        ),
        lambda first: (reverse("recommendation-dates", args=[first[0]]), _("Set target date")),
    ),
    (
        without_approver,
        ngettext_lazy(
            "%d recommendation that no one can approve",
            "%d recommendations that no one can approve",
        ),
        lambda first: (reverse("set-up-people"), _("Invite people")),
    ),
    (
        lambda found: found.filter(published_at__isnull=True),
        ngettext_lazy("%d recommendation not published", "%d recommendations not published"),
        _bulk(BulkChange.PUBLISH),
    ),
)
"""What a recommendation can lack: which lack it, how that is told, and where it is done."""


# ---- A grid of recommendations to be added: its cells as text, and what would come of each row.
# Nothing is written here. An empty cell takes the default of its column.

MOST_ROWS = 60
"""Rows of one grid; longer lists come in by the import."""

SUGGESTED = 100
"""Names that a cell suggests at most."""


class Column(TextChoices):
    """The columns, in the order in which cells are pasted."""

    TITLE = own(Recommendation, "title")
    NATURE = own(Recommendation, "nature")
    LEAD = own(Recommendation, "lead")
    OFFICER = own(Recommendation, "lead_officer")
    REVIEWER = own(Recommendation, "reviewer")
    TARGET_DATE = "target_date", gettext_lazy("First target date")
    INTERVAL = own(Recommendation, "interval_months")
    SUMMARY = own(Recommendation, "summary")


DEFAULTED = tuple(each for each in Column if each not in (Column.TITLE, Column.SUMMARY))
"""Columns that have a default."""

Cells = Mapping[str, str]
"""What the cells of a row say, by column; one that is missing is empty."""


class TooManyRows(Exception):
    """More rows than a grid holds."""


def read_pasted(text: str) -> list[dict[str, str]]:
    """The rows of a pasted text. A first row of names of columns says which column is which.

    ``TooManyRows`` where it is longer than a grid. Cells beyond the last column are left out.
    """
    rows = list(pasted_rows(text))
    order = [str(each) for each in Column]
    if rows and (named := _header(rows[0])):
        order, rows = named, rows[1:]
    if len(rows) > MOST_ROWS:
        raise TooManyRows
    return [
        {
            name: code_of(cell, Nature.choices) or cell if name == Column.NATURE else cell
            for name, cell in zip(order, cells, strict=False)
            if name and cell
        }
        for cells in rows
    ]


def _header(cells: Sequence[str]) -> list[str]:
    """The columns that a row names; empty where it names none, so that it is no header."""
    others = [(column, word) for word, column in _OTHER_NAMES.items()]
    found = [code_of(cell, [*Column.choices, *others]) for cell in cells]
    return found if Column.TITLE in found else []


_OTHER_NAMES = {
    "Recommendation": Column.TITLE,
    "Lead": Column.LEAD,
    "Officer": Column.OFFICER,
    "Target date": Column.TARGET_DATE,
    "Reporting frequency": Column.INTERVAL,
}


@dataclass(frozen=True, slots=True)
class People:
    """Whom and what a cell can name: organisations, and people by role, by their folded names."""

    organisations: Mapping[str, Organisation]
    people: Mapping[str, Sequence[User]]
    may_add_organisations: bool
    may_set_dates: bool

    def names(self, column: str) -> list[str]:
        """What the cells of a column suggest."""
        if column == Column.LEAD:
            return sorted({str(each) for each in self.organisations.values()})[:SUGGESTED]
        roles = _ROLES_OF.get(column, frozenset())
        named = {
            str(each) for found in self.people.values() for each in found if each.role_names & roles
        }
        return sorted(named)[:SUGGESTED]


_ROLES_OF: Mapping[str, frozenset[str]] = {
    Column.OFFICER: frozenset({Role.STAFF, Role.MANAGER}),
    Column.REVIEWER: frozenset({Role.MANAGER}),
}


def known_people(by: Person) -> People:
    """All organisations and all people who may hold a post; two queries."""
    bodies: dict[str, Organisation] = {}
    for body in Organisation.objects.order_by("-pk"):
        bodies |= {_folded(body.slug): body, _folded(body.name): body}
    people: dict[str, list[User]] = {}
    active = User.objects.filter(is_active=True, groups__name__in=(Role.STAFF, Role.MANAGER))
    for person in with_roles(active.distinct().order_by("pk")):
        for name in {_folded(str(person)), _folded(person.username), _folded(person.email)} - {""}:
            people.setdefault(name, []).append(person)
    return People(bodies, people, permissions.can_manage(by), permissions.can_set_first_date(by))


@dataclass(frozen=True, slots=True)
class GridRow:
    """What a row would add: the values of the recommendation, its first date, and what is wrong.

    ``new_lead`` is the name of an organisation that would be added. ``shown`` are the values in
    words, by column, and ``defaulted`` the columns that took their default.
    """

    number: int
    values: Mapping[str, Any]
    first_date: date | None
    new_lead: str
    shown: Mapping[str, str]
    defaulted: frozenset[str]
    problems: Mapping[str, str] = field(default_factory=dict)

    @property
    def title(self) -> str:
        return self.shown.get(Column.TITLE, "")

    @property
    def told(self) -> list[tuple[str, str]]:
        """Labels and values of the columns that have a default, as a preview shows them."""
        empty = {Column.REVIEWER: _("Any manager")}
        return [
            (str(each.label), self.shown.get(each) or empty.get(each, _("Not set")))
            for each in DEFAULTED
        ]


@dataclass(frozen=True, slots=True)
class GridPlan:
    """All rows that are not empty, and the organisations that would be added."""

    source: Source
    rows: Sequence[GridRow]
    chosen: object
    """The cells and defaults that were entered."""

    @property
    def problems(self) -> dict[tuple[int, str], str]:
        """What is wrong, by row and column."""
        return {(row.number, name): why for row in self.rows for name, why in row.problems.items()}

    @property
    def new_organisations(self) -> list[str]:
        return list(dict.fromkeys(row.new_lead for row in self.rows if row.new_lead))

    @property
    def digest(self) -> str:
        """Stands for what a preview showed."""
        told = [
            [row.number, sorted(row.shown.items()), row.new_lead, _keys(row.values)]
            for row in self.rows
        ]
        return preview_mark((self.source.pk, self.chosen), told)


def _keys(values: Mapping[str, Any]) -> list[int]:
    """The rows that values lead to: two people may be called the same."""
    return [value.pk for value in values.values() if isinstance(value, Model)]


def plan_grid(source: Source, rows: Sequence[Cells], defaults: Cells, by: Person) -> GridPlan:
    """What would come of these rows under these defaults; two queries."""
    people = known_people(by)
    return GridPlan(
        source,
        [
            _RowReader(number, cells, defaults, people).row()
            for number, cells in enumerate(rows, 1)
            if any(cells.values())
        ],
        (rows, defaults),
    )


class _RowReader:
    """Reads one row, cell after cell."""

    def __init__(self, number: int, cells: Cells, defaults: Cells, people: People) -> None:
        self.number, self.cells, self.defaults, self.people = number, cells, defaults, people
        self.problems: dict[str, str] = {}
        self.shown: dict[str, str] = {}
        self.new_lead = ""

    def row(self) -> GridRow:
        title, nature = self._text(Column.TITLE), self._nature()
        values: dict[str, Any] = {
            "title": title,
            "summary": self._text(Column.SUMMARY) or title,
            "nature": nature,
            "modality": Modality.SHOULD,
            "lead": self._lead(),
            "lead_officer": self._person(Column.OFFICER),
            "reviewer": self._person(Column.REVIEWER),
            "interval_months": self._months(),
        }
        first_date = self._date(nature)
        if not title:
            self.problems[Column.TITLE] = _("Enter the title.")
        elif not self.problems:
            self._check(values)
        defaulted = {
            name for name in DEFAULTED if not self.cells.get(name) and self.shown.get(name)
        }
        return GridRow(
            self.number,
            values,
            first_date,
            self.new_lead,
            {name: told for name, told in self.shown.items() if told},
            frozenset(defaulted),
            self.problems,
        )

    def _text(self, column: str) -> str:
        text = self.cells.get(column, "") or (
            self.defaults.get(column, "") if column in DEFAULTED else ""
        )
        self.shown[column] = text
        return text

    def _nature(self) -> str:
        text = self._text(Column.NATURE)
        if not text:
            return self._told(Column.NATURE, Nature.TIME_BOUND)
        if nature := code_of(text, Nature.choices):
            return self._told(Column.NATURE, Nature(nature))
        labels = " / ".join(str(nature.label) for nature in Nature)
        self.problems[Column.NATURE] = _("“%(text)s” is none of: %(labels)s.") % {
            "text": text,
            "labels": labels,
        }
        return Nature.TIME_BOUND

    def _told(self, column: str, nature: Nature) -> str:
        self.shown[column] = str(nature.label)
        return nature

    def _lead(self) -> Organisation | None:
        text = self._text(Column.LEAD)
        if not text:
            return None
        body = self.people.organisations.get(_folded(text))
        if body is not None:
            self.shown[Column.LEAD] = str(body)
            return body
        if self.people.may_add_organisations:
            self.new_lead = text
        else:
            self.problems[Column.LEAD] = (
                _("No organisation is called “%s”. An administrator adds organisations.") % text
            )
        return None

    def _person(self, column: str) -> User | None:
        text = self._text(column)
        if not text:
            return None
        found = self.people.people.get(_folded(text), [])
        fit = [each for each in found if each.role_names & _ROLES_OF[column]]
        if len(fit) == 1:
            self.shown[column] = str(fit[0])
            return fit[0]
        if fit:
            why = _("Several people are called “%s”. Give the username or the email address.")
        elif found:
            why = _("“%s” is not a manager. Only managers can approve.")
        else:
            why = _("No active person with a fitting role is called “%s”. Invite the person first.")
        self.problems[column] = why % text
        return None

    def _date(self, nature: str) -> date | None:
        """One that is continuous takes no default: it has no end."""
        text = self.cells.get(Column.TARGET_DATE, "")
        if not text and nature == Nature.TIME_BOUND:
            text = self.defaults.get(Column.TARGET_DATE, "")
        try:
            day = read_date(text, DateOrder.ISO)
        except DateError as error:
            self.problems[Column.TARGET_DATE] = str(error)
            return None
        self.shown[Column.TARGET_DATE] = date_format(day) if day else ""
        if day is not None and not self.people.may_set_dates:
            self.problems[Column.TARGET_DATE] = _("You cannot set target dates.")
        return day

    def _months(self) -> int:
        text = self._text(Column.INTERVAL) or "6"
        self.shown[Column.INTERVAL] = text
        if text.isascii() and text.isdigit() and len(text) < 4 and 1 <= int(text) <= 60:
            return int(text)
        self.problems[Column.INTERVAL] = _("Enter a number of months from 1 to 60.")
        return 6

    def _check(self, values: Mapping[str, Any]) -> None:
        """By the fields of the model, as the action does."""
        checked = ("title", "summary")
        row = Recommendation(**values)
        try:
            row.clean_fields(
                exclude={each.name for each in row._meta.fields if each.name not in checked}
            )
        except ValidationError as error:
            self.problems |= {name: " ".join(told) for name, told in error.message_dict.items()}


def _folded(text: str) -> str:
    return " ".join(text.split()).casefold()
