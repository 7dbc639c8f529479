"""What the API gives to read: each resource is one list of the pages, for the same readers."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Model, QuerySet

from recommendations import permissions
from recommendations.choices import RequestState
from recommendations.columns import Column, label_over
from recommendations.exports import lists as columns
from recommendations.exports.recommendations import COLUMNS, past_columns
from recommendations.filters.base import ListFilter
from recommendations.filters.lists import (
    AuditEventFilter,
    EvidenceFilter,
    FigureFilter,
    IndicatorFilter,
)
from recommendations.filters.recommendations import (
    AddresseeFilter,
    AreaFilter,
    RecommendationFilter,
)
from recommendations.models import (
    Action,
    Addressee,
    Area,
    AuditEvent,
    Evidence,
    EvidenceLink,
    EvidenceRevision,
    ImportRun,
    Indicator,
    Observation,
    Organisation,
    Part,
    Recommendation,
    RecommendationRelation,
    ReportingRound,
    Request,
    SignOff,
    Source,
    StatusUpdate,
    SteeringDecision,
    TargetDateChange,
    Theme,
    User,
)
from recommendations.queries.dates import ledger_of, shown_date_change
from recommendations.queries.shown import Shown
from recommendations.views import lists
from recommendations.views.lists import ListFile
from recommendations.views.recommendations.pages import recommendation_list
from recommendations.views.rounds import round_list, round_requests
from recommendations.views.updates.form import update_for
from recommendations.views.updates.review import change_for, review_shown

_PART = re.compile(r"<\w+:(\w+)>")


@dataclass(frozen=True, slots=True, eq=False)
class Resource:
    """A list at an address, and each of its rows by its ``key``, where that leads to one.

    ``list`` is the list of a page; the rest is for the description of the API: its ``columns``,
    those of a past day where it has one, its ``filters`` for who may read most, and parameters
    that it reads itself.
    """

    address: str
    model: type[Model]
    list: ListFile
    columns: Sequence[Column]
    key: str = ""
    """Name of the column that is in the address of one, and leads to it in a query."""
    reads: str = ""
    """Where the rows that are found have that column; under its own name if nothing is said."""
    filters: type[ListFilter] | None = None
    then: Sequence[Column] = ()
    more: Callable[[Any, Any], Mapping[str, str]] | None = None
    """What one row has besides, for this reader: made of its key and the person."""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    stands: Callable[[int], QuerySet[Any]] | None = None
    """What stands by now in the place of a row, where others replace it."""

    @property
    def one(self) -> str:
        """The address of one row."""
        kind = {"number": "int", "slug": "slug"}.get(self.key, "code")
        return f"{self.address}<{kind}:{self.key}>/"

    def under(self, about: Mapping[str, Any]) -> dict[str, Any]:
        """What its list takes of the parts of an address."""
        return {name: about[name] for name in _PART.findall(self.address)}

    def address_of(self, about: Mapping[str, Any], pk: int) -> dict[str, Any]:
        """The parts of the address of one row, which is under the same as this address."""
        path = "pk" if self.key == "number" else self.key
        rows = self.stands(pk) if self.stands else self.model._default_manager.filter(pk=pk)
        return {**self.under(about), self.key: rows.values_list(path, flat=True).first()}

    @property
    def words(self) -> tuple[str, ...]:
        """Of what it is, and under what: the words of its address."""
        return tuple(word for word in self.address.split("/") if word and "<" not in word)

    @property
    def name(self) -> str:
        """What it is called in the description: the plural of its model."""
        return str(self.model._meta.verbose_name_plural)

    def label(self, column: Column) -> str:
        """What a column is called on pages, where something there is."""
        return label_over(self.model, column)

    def known(self, filters: ListFilter | None) -> frozenset[str]:
        """The parameters that its list takes of a reader who has these filters."""
        names = filters.filters.keys() if filters is not None else ()
        days = ("as_of", "known") if self.then else ()
        return frozenset((*names, *self.parameters, *days, "page", "format"))


def _last_revision(pk: int) -> QuerySet[Any]:
    """Of the figure of which a value was recorded."""
    figure = Observation.objects.values("indicator", "area", "period", "dimensions").get(pk=pk)
    return Observation.objects.filter(**figure).latest_revisions()


def _review_digest(shown_of: Callable[[Any, Any], Any]) -> Callable[[Any, Any], dict[str, str]]:
    """Of what waits for a decision: stands for all that its reviewer is shown of it."""

    def more(key: Any, person: Any) -> dict[str, str]:
        shown = shown_of(key, person) if permissions.can_review(person) else None
        return {REVIEW_DIGEST: shown.digest} if shown else {}

    return more


def update_shown(number: Any, person: Any) -> Shown | None:
    """What the page of a decision on an update shows of it, while it waits."""
    return review_shown(update_for(person, number), person)


def date_shown(found: Any, person: Any) -> Shown | None:
    """The same of a request for another date."""
    change = change_for(person, found.pk)
    about = change.recommendation
    return shown_date_change(change, about, ledger_of(about, person)) if change.is_waiting else None


REVIEW_DIGEST = "review_digest"
ONE = "<code:reference>"

RESOURCES: tuple[Resource, ...] = (
    Resource("sources/", Source, lists.source_file, columns.SOURCES, "slug"),
    Resource(
        "recommendations/",
        Recommendation,
        recommendation_list,
        COLUMNS,
        "reference",
        reads="recommendation__reference",
        filters=RecommendationFilter,
        then=past_columns(),
    ),
    Resource(f"recommendations/{ONE}/parts/", Part, lists.part_file, columns.PARTS),
    Resource(
        f"recommendations/{ONE}/relations/",
        RecommendationRelation,
        lists.relation_file,
        columns.RELATIONS,
    ),
    Resource(
        f"recommendations/{ONE}/responses/",
        Addressee,
        lists.response_file,
        columns.RESPONSES,
        "number",
        reads="pk",
        filters=AddresseeFilter,
    ),
    Resource(
        f"recommendations/{ONE}/actions/",
        Action,
        lists.action_file,
        columns.ACTIONS,
        "number",
        reads="pk",
    ),
    Resource(
        f"recommendations/{ONE}/dates/",
        TargetDateChange,
        lists.date_change_file,
        columns.DATE_CHANGES,
        "number",
        reads="pk",
        more=_review_digest(date_shown),
    ),
    Resource(
        f"recommendations/{ONE}/updates/",
        StatusUpdate,
        lists.update_file,
        (*columns.UPDATES, *columns.OF_DRAFTS),
    ),
    Resource(
        "updates/",
        StatusUpdate,
        lists.update_file,
        (*columns.UPDATES, *columns.OF_DRAFTS),
        "number",
        reads="pk",
        more=_review_digest(update_shown),
    ),
    Resource("updates/<int:number>/evidence/", EvidenceLink, lists.link_file, columns.LINKS),
    Resource("proposals/", StatusUpdate, lists.proposal_file, columns.PROPOSALS),
    Resource(
        "decisions/", SteeringDecision, lists.decision_file, columns.DECISIONS, "number", reads="pk"
    ),
    Resource(
        "evidence/",
        Evidence,
        lists.evidence_list,
        columns.EVIDENCE,
        "number",
        reads="pk",
        filters=EvidenceFilter,
    ),
    Resource("evidence/<int:number>/files/", EvidenceRevision, lists.revision_file, columns.FILES),
    Resource(
        "indicators/",
        Indicator,
        lists.indicator_list,
        columns.INDICATORS,
        "code",
        filters=IndicatorFilter,
    ),
    Resource(
        "indicators/<code:code>/observations/",
        Observation,
        lists.figure_file,
        columns.figure_sheet(Indicator(), ()).columns,
        "number",
        reads="pk",
        filters=FigureFilter,
        stands=_last_revision,
    ),
    Resource(
        "indicators/<code:code>/imports/",
        ImportRun,
        lists.import_file,
        columns.IMPORTS,
        "number",
        reads="pk",
    ),
    Resource("areas/", Area, lists.area_list, columns.AREAS, "code", filters=AreaFilter),
    Resource(
        "organisations/", Organisation, lists.organisation_file, columns.ORGANISATIONS, "slug"
    ),
    Resource("themes/", Theme, lists.theme_file, columns.THEMES, "slug"),
    Resource("rounds/", ReportingRound, round_list, columns.ROUNDS, "number", reads="pk"),
    Resource(
        "rounds/<int:pk>/requests/",
        Request,
        round_requests,
        columns.REQUESTS,
        parameters={
            "state": {"type": "string", "enum": RequestState.values},
            "organisation": {"type": "integer", "minimum": 1},
        },
    ),
    Resource(
        "events/",
        AuditEvent,
        lists.audit_log,
        columns.EVENTS,
        "number",
        reads="pk",
        filters=AuditEventFilter,
    ),
    Resource("sign-offs/", SignOff, lists.sign_off_file, columns.SIGN_OFFS, "number", reads="pk"),
)


KEYS: dict[type[Model], str] = {
    User: "username",
    **{each.model: each.key for each in RESOURCES if each.key},
}
"""By what rows of a table are named in what is sent: as in the address of one."""


def resource_at(address: str) -> Resource:
    """The one whose list is at this address."""
    return next(each for each in RESOURCES if each.address == address)
