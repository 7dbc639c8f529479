"""What the API gives to read: each resource is one list of the pages, for the same readers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Model

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
)
from recommendations.views import lists
from recommendations.views.lists import ListFile
from recommendations.views.recommendations.pages import recommendation_list
from recommendations.views.rounds import round_list, round_requests
from recommendations.views.updates.form import update_for
from recommendations.views.updates.review import review_shown


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

    @property
    def name(self) -> str:
        """What it is called in the description: the plural of its model."""
        return str(self.model._meta.verbose_name_plural)

    def label(self, column: Column) -> str:
        """What a column is called on pages, where something there is."""
        return label_over(self.model, column)

    @property
    def known(self) -> frozenset[str]:
        """The parameters that its list takes."""
        names = self.filters.base_filters.keys() if self.filters else ()
        days = ("as_of", "known") if self.then else ()
        return frozenset((*names, *self.parameters, *days, "page", "format"))


def _review_digest(key: Any, person: Any) -> dict[str, str]:
    """Of an update that waits for a decision: stands for all that its reviewer is shown of it."""
    if not permissions.can_review(person):
        return {}
    shown = review_shown(update_for(person, key), person)
    return {REVIEW_DIGEST: shown.digest} if shown else {}


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
        filters=AddresseeFilter,
    ),
    Resource(f"recommendations/{ONE}/actions/", Action, lists.action_file, columns.ACTIONS),
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
        more=_review_digest,
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
        filters=FigureFilter,
    ),
    Resource("areas/", Area, lists.area_list, columns.AREAS, "code", filters=AreaFilter),
    Resource(
        "organisations/", Organisation, lists.organisation_file, columns.ORGANISATIONS, "slug"
    ),
    Resource("rounds/", ReportingRound, round_list, columns.ROUNDS, "number", reads="pk"),
    Resource(
        "rounds/<int:pk>/requests/",
        Request,
        round_requests,
        columns.REQUESTS,
        parameters={
            "state": {"type": "string", "enum": RequestState.values},
            "organisation": {"type": "integer"},
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
