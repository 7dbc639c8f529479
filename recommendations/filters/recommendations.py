"""Filters over recommendations, their addressees, and areas."""

from datetime import date
from functools import partial
from typing import Any

import django_filters
from django import forms
from django.db.models import F, Q, QuerySet
from django.db.models.lookups import IsNull
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from recommendations import pickers
from recommendations.choices import (
    CLOSED_STATUSES,
    NO_REPORT_YET,
    PRIORITY_ORDER,
    PUBLIC_FLAGS,
    SEVERITY,
    Age,
    AreaKind,
    Assurance,
    Confidence,
    Flag,
    ImplementationStatus,
    Nature,
    Only,
    Priority,
    RelationKind,
    ResponseKind,
    ResponsePosition,
)
from recommendations.filters.base import DayFilter, ListFilter, RowFilter, TextFilter
from recommendations.models import (
    Addressee,
    Area,
    AreaAlias,
    Organisation,
    Recommendation,
    RecommendationRelation,
    StateColumns,
    Theme,
)
from recommendations.models.search import Term
from recommendations.names import NAMED_IN
from recommendations.queries.areas import areas_in_use
from recommendations.queries.bulk_changes import MOST_ROWS
from recommendations.queries.days import AS_OF, KNOWN, THEN, Days
from recommendations.queries.recommendations.rows import ALL_SORTS, SORTS
from recommendations.queries.recommendations.tally import age_tests, only_tests, response_tests
from recommendations.search import queries as search

# ---- Filters over the addressees of a recommendation, and over areas


class PublicAddresseeFilter(ListFilter):
    """What the public may ask of addressees: what they are called and what they say."""

    text = TextFilter(
        over=("area__name", "area__code", "organisation__name"),
        hint=_("Name or code of an addressee"),
        label=_("Search"),
    )
    position = django_filters.ChoiceFilter(
        choices=ResponsePosition.choices, method="with_position", label=capfirst(_("response"))
    )

    class Meta:
        model = Addressee
        fields: list[str] = []

    def with_position(self, qs: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return qs.with_position(value)  # type: ignore[attr-defined]


class AddresseeFilter(PublicAddresseeFilter):
    """What people with a role may ask: also who is late."""

    due = django_filters.ChoiceFilter(
        choices=[("overdue", _("Overdue"))], method="with_due", label=capfirst(_("response"))
    )

    def with_due(self, qs: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return qs.with_overdue_response(timezone.localdate())  # type: ignore[attr-defined]


class AreaTextFilter(TextFilter):
    """Words of a name in any language, of another name, or of a code."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        columns = ("name", "code", *(f"name_{language}" for language in NAMED_IN))
        super().__init__(*args, over=columns, hint=_("Name or code of an area"), **kwargs)

    def holding(self, word: str) -> Q:
        aliases = AreaAlias.objects.filter(search.holding(word, ["alias"]), removed_at__isnull=True)
        return super().holding(word) | Q(pk__in=aliases.values("area"))


class PublicAreaFilter(ListFilter):
    """What the public may ask of the areas that something public speaks to."""

    text = AreaTextFilter(label=_("Search"))
    kind = django_filters.ChoiceFilter(choices=AreaKind.choices, label=capfirst(_("type")))

    class Meta:
        model = Area
        fields: list[str] = []


class AreaFilter(PublicAreaFilter):
    """What people with a role may ask: also for the areas of which nothing is said here."""

    among = django_filters.ChoiceFilter(
        choices=[("all", _("All records"))],
        method="with_all",
        label=_("Scope"),
        empty_label=_("Records in use"),
    )

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        found = super().filter_queryset(queryset)
        if self.is_of_those_in_use:
            found = found.filter(pk__in=areas_in_use(self.request.user))
        return found

    @property
    def is_of_those_in_use(self) -> bool:
        """Whether the table is cut down. Whoever looks for words looks for them everywhere."""
        asked = self.form.cleaned_data
        return not (asked.get("among") or asked.get("text"))

    def with_all(self, qs: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return qs


# ---- Filters over recommendations: one for people inside, and its public part; both of a past day

_boxes = partial(django_filters.MultipleChoiceFilter, widget=forms.CheckboxSelectMultiple)
"""Asks for any of several."""

NO_REPORT = "none"
"""Stands for "no report yet" in an address, where an empty value means "any"."""

STATUS_CHOICES = [(NO_REPORT, NO_REPORT_YET), *ImplementationStatus.choices]
CONTRADICTION_CHOICES = [
    ("unanswered", _("Contradicted (unanswered)")),
    ("answered", _("Contradicting evidence, all answered")),
    ("none", _("No contradicting evidence")),
]
PUBLIC_ONLY = (Only.OPEN, Only.ATTENTION, Only.DUE)
FLAG_CHOICES = [(flag, Flag(flag).label) for flag in SEVERITY]


TIES = ("source_title", "source_id", "number", "pk")
"""What comes first among those that are sorted alike: the order of the list itself."""

DOCUMENT = "recommendation__document__"
"""Leads from a kept state to what is searched of it."""

NEVER_MISSING = ("number", "recommendation__title", "source_title")


class SortFilter(django_filters.OrderingFilter):
    """Sorting in which what is missing comes last, and every order is complete.

    Whether something is missing is a column of its own to sort by: databases differ in where they
    put it, and only PostgreSQL has an index that puts it elsewhere.
    """

    def filter(self, qs: QuerySet[Any], value: list[str] | None) -> QuerySet[Any]:
        chosen = next((part for part in value or () if part), None)
        if chosen is None:
            return qs
        name = self.get_ordering_value(chosen)
        column = StateColumns.for_reader(self.parent.request.user).name(name.removeprefix("-"))
        is_missing = [] if column in NEVER_MISSING else [IsNull(F(column), True)]
        order = F(column).desc() if name.startswith("-") else F(column).asc()
        return qs.order_by(*is_missing, order, *(tie for tie in TIES if tie != column))


class SearchFilter(TextFilter):
    """Words and phrases in what the reader may read."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, over=(), hint=_("Title, reference or text"), **kwargs)

    def filter(self, qs: QuerySet[Any], value: str) -> QuerySet[Any]:
        if not value:
            return qs
        terms = search.parse(value)
        return qs.filter(search.matching(self.parent.request.user, terms, DOCUMENT))


class NameFilter(TextFilter):
    """Words and phrases in the title and the reference."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, over=(), hint=_("Title or reference"), **kwargs)

    def filter(self, qs: QuerySet[Any], value: str) -> QuerySet[Any]:
        return qs.filter(search.naming(search.parse(value), DOCUMENT)) if value else qs


class PublicRecommendationFilter(ListFilter):
    """What the public may ask: only of what the public may see."""

    text = SearchFilter(label=_("Search"))
    source = RowFilter(pickers.SOURCES, label=_("Source"))
    status = _boxes(
        choices=STATUS_CHOICES,
        method="with_status",
        label=_("Status"),
    )
    confidence = _boxes(
        choices=Confidence.choices,
        method="with_confidence",
        label=capfirst(_("delivery confidence")),
    )
    assurance = _boxes(
        choices=Assurance.choices,
        method="with_assurance",
        label=_("Verification"),
    )
    contradiction = django_filters.ChoiceFilter(
        choices=CONTRADICTION_CHOICES,
        method="with_contradiction",
        label=_("Contradicting evidence"),
    )
    responses = django_filters.ChoiceFilter(
        choices=ResponseKind.choices, method="with_responses", label=capfirst(_("responses"))
    )
    only = _boxes(
        choices=[(each, each.label) for each in PUBLIC_ONLY],
        method="with_only",
        label=_("Show only"),
    )
    due_from = DayFilter(field_name="target_date", lookup_expr="gte", label=_("Target date from"))
    due_to = DayFilter(field_name="target_date", lookup_expr="lte", label=_("Target date to"))
    sort = SortFilter(
        fields=[(path, name) for path, (name, _label) in SORTS.items()],
        field_labels={path: label for path, (_name, label) in SORTS.items()},
        label=_("Sort by"),
        empty_label=_("Worst first"),
    )

    class Meta:
        model = Recommendation
        fields: list[str] = []

    def __init__(self, *args: Any, days: Days | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.days = days
        """Those of a past list."""

    @cached_property
    def _terms(self) -> tuple[Term, ...]:
        return search.parse(self.form.cleaned_data[self.WORDS])

    @property
    def most_counted(self) -> int | None:
        """Of words no more than a bulk change takes: each hit is looked up, which takes long."""
        return MOST_ROWS if self._terms else None

    def ordered(self, found: QuerySet[Any], count: int) -> QuerySet[Any]:
        """What was searched for by how well it matches, unless another order is asked for.

        Of very many all are much alike, and it would take long to compare them.
        """
        terms = self._terms
        if not terms or count > search.MOST_RANKED:
            return found
        has_order = bool(self.form.cleaned_data.get("sort"))
        first = search.gathered() if has_order else search.relevance(terms, DOCUMENT)
        return found.order_by(first, *found.query.order_by)

    def with_status(self, qs: QuerySet[Any], name: str, value: list[str]) -> QuerySet[Any]:
        return qs.filter(status__in=["" if code == NO_REPORT else code for code in value])

    def with_confidence(self, qs: QuerySet[Any], name: str, value: list[str]) -> QuerySet[Any]:
        """What has no report yet is not rated."""
        return qs.filter(confidence__in=[*value, ""] if Confidence.NOT_RATED in value else value)

    def with_only(self, qs: QuerySet[Any], name: str, value: list[str]) -> QuerySet[Any]:
        """What all of these are true of."""
        tests = only_tests(self.request.user, self.today)
        return qs.filter(*(tests[each] for each in value))

    def with_responses(self, qs: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """Those of which at least one addressee gave this response."""
        return qs.filter(response_tests()[value])

    def with_assurance(self, qs: QuerySet[Any], name: str, value: list[str]) -> QuerySet[Any]:
        ranks = [Assurance.values.index(code) for code in value]
        return qs.filter(**{f"{self.columns.name('assurance_rank')}__in": ranks})

    def with_contradiction(self, qs: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """By the evidence that this reader may see."""
        since = self.columns.name("contradicted_since")
        if value == "unanswered":
            return qs.filter(**{f"{since}__isnull": False})
        answered = self.columns.name("evidence_answered")
        found = qs.filter(**{f"{since}__isnull": True}).exclude(status="")
        if value == "answered":
            return found.filter(**{f"{answered}__gt": 0})
        return found.filter(**{answered: 0})

    def with_flag(self, qs: QuerySet[Any], name: str, value: list[str]) -> QuerySet[Any]:
        return qs.with_any_flag(value, self.request.user, self.today)  # type: ignore[attr-defined]

    @property
    def columns(self) -> StateColumns:
        return StateColumns.for_reader(self.request.user)

    @cached_property
    def today(self) -> date:
        """The day that is listed."""
        return self.days.as_of if self.days else timezone.localdate()


class RecommendationFilter(PublicRecommendationFilter):
    """What people with a role may ask."""

    lead = RowFilter(pickers.LEADS, label=capfirst(_("lead organisation")))
    theme = RowFilter(pickers.THEMES, method="with_theme", label=capfirst(_("theme")))
    priority = _boxes(
        choices=Priority.choices,
        method="with_priority",
        label=capfirst(_("priority")),
    )
    parts = django_filters.ChoiceFilter(
        choices=[("open", _("At least one part open")), ("complete", _("All parts complete"))],
        method="with_parts",
        label=capfirst(_("parts")),
    )
    dependency = django_filters.ChoiceFilter(
        choices=[
            ("any", _("Depends on another recommendation")),
            ("closed", _("Depends on a closed recommendation")),
        ],
        method="with_dependency",
        label=_("Dependency"),
    )
    officer = RowFilter(
        pickers.OFFICERS,
        field_name="recommendation__lead_officer",
        label=capfirst(_("lead officer")),
    )
    addressee = RowFilter(
        pickers.PLACES, method="addressed_to", label=_("Addressee (country or region)")
    )
    addressee_body = RowFilter(
        pickers.BODIES, method="addressed_to", label=_("Addressee (organisation)")
    )
    own_status = django_filters.ChoiceFilter(
        choices=[(NO_REPORT, _("No report")), *ImplementationStatus.choices],
        method="with_own_status",
        label=_("Status by addressee"),
    )
    sort = SortFilter(
        fields=[(path, name) for path, (name, _label) in ALL_SORTS.items()],
        field_labels={path: label for path, (_name, label) in ALL_SORTS.items()},
        label=_("Sort by"),
        empty_label=_("Worst first"),
    )
    only = _boxes(
        choices=Only.choices,
        method="with_only",
        label=_("Show only"),
    )
    age = django_filters.ChoiceFilter(
        choices=Age.choices, method="with_age", label=capfirst(_("open since"))
    )
    nature = django_filters.ChoiceFilter(choices=Nature.choices, label=capfirst(_("nature")))
    flag = _boxes(
        choices=FLAG_CHOICES,
        method="with_flag",
        label=_("Needs attention"),
    )
    archived = django_filters.ChoiceFilter(
        choices=[("with", _("Include archived")), ("only", _("Archived only"))],
        method="with_archived",
        label=capfirst(_("archived")),
        empty_label=_("Exclude archived"),
    )

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if not self.form.cleaned_data.get("archived"):
            queryset = queryset.filter(is_archived=False)
        return super().filter_queryset(queryset)

    def with_theme(self, qs: QuerySet[Any], name: str, value: Theme) -> QuerySet[Any]:
        having = Recommendation.themes.through.objects.filter(theme=value)
        return qs.filter(pk__in=having.values("recommendation"))

    def with_parts(self, qs: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        having = qs.filter(parts__gt=0)
        if value == "open":
            return having.filter(parts_done__lt=F("parts"))
        return having.filter(parts_done=F("parts"))

    def with_dependency(self, qs: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        depends = RecommendationRelation.objects.live().filter(kind=RelationKind.DEPENDS_ON)
        if value == "closed":
            depends = depends.filter(
                Q(other__kept__status__in=CLOSED_STATUSES) | Q(other__archived_at__isnull=False)
            )
        return qs.filter(pk__in=depends.order_by().values("recommendation"))

    def with_priority(self, qs: QuerySet[Any], name: str, value: list[str]) -> QuerySet[Any]:
        ranks = [PRIORITY_ORDER.index(code) for code in value if code in PRIORITY_ORDER]
        found = Q(priority_rank__in=ranks)
        return qs.filter(found | Q(priority_rank=None) if Priority.NOT_SET in value else found)

    def addressed_to(
        self, qs: QuerySet[Any], name: str, value: Area | Organisation
    ) -> QuerySet[Any]:
        kind = "area" if isinstance(value, Area) else "organisation"
        living = Addressee.objects.filter(removed_at__isnull=True, **{kind: value})
        return qs.filter(pk__in=living.values("recommendation"))

    def with_own_status(self, qs: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """Those that speak to at least one addressee that reports this of itself."""
        status = "" if value == NO_REPORT else value
        known = self.days.known if self.days else None
        found = Addressee.objects.living().with_own_status(status, self.today, known)
        return qs.filter(pk__in=found.order_by().values("recommendation"))

    def with_age(self, qs: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return qs.filter(age_tests(self.today)[value])

    def with_archived(self, qs: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return qs.filter(is_archived=True) if value == "only" else qs


class OfDays(ListFilter):
    """What a filter of a past day has besides: the two days, which narrow nothing."""

    NOT_TOLD = (*ListFilter.NOT_TOLD, AS_OF, KNOWN, THEN)

    as_of = DayFilter(method="as_it_is", label=_("Status on"))
    known = DayFilter(method="as_it_is", label=_("As known on"))
    text = NameFilter(label=_("Search"))

    def as_it_is(self, qs: QuerySet[Any], name: str, value: date) -> QuerySet[Any]:
        return qs

    @property
    def clear(self) -> str:
        return f"{super().clear}?{self.days.query}"


class PublicPastFilter(OfDays, PublicRecommendationFilter):
    """What the public may ask of a past day."""

    flag = _boxes(
        choices=[(flag, Flag(flag).label) for flag in PUBLIC_FLAGS],
        method="with_flag",
        label=_("Needs attention"),
    )


class PastFilter(OfDays, RecommendationFilter):
    """What people with a role may ask of a past day."""

    lead = RowFilter(pickers.EVER_LEADS, label=capfirst(_("lead organisation")))
    theme = RowFilter(pickers.EVER_THEMES, method="with_theme", label=capfirst(_("theme")))
