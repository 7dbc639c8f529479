"""The kept state of recommendations: all that lists, overviews and filters need, one row each.

It follows from other rows and is written by ``recommendations.state`` alone. Columns whose names
begin with ``public_`` rest on public evidence or published indicators, for readers of these only.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any, Self

from django.db import models
from django.db.models import F, Q
from django.db.models.lookups import IsNull
from django.utils.translation import gettext_lazy as _

from recommendations import permissions
from recommendations.choices import FINISHED_STATUSES, PUBLIC_FLAGS, RULES, SEVERITY, Assurance
from recommendations.permissions import Person

RESTS_ON_EVIDENCE = frozenset(
    {
        "assurance_rank",
        "evidence_for",
        "evidence_against",
        "evidence_answered",
        "contradicted_since",
        "support_ends_on",
        "evidence_gap_after",
    }
)
"""What is kept for two audiences: which column a reader may see says ``StateColumns``."""


@dataclass(frozen=True, slots=True)
class StateColumns:
    """The columns that one reader sees, so that nothing hidden can be told from what is shown."""

    has_internal_evidence: bool

    @classmethod
    def for_reader(cls, person: Person) -> Self:
        return cls(permissions.can_read_internal_evidence(person))

    def name(self, column: str) -> str:
        """The column that holds this for the reader."""
        is_public = column in RESTS_ON_EVIDENCE and not self.has_internal_evidence
        return f"public_{column}" if is_public else column


class RecommendationStateQuerySet(models.QuerySet["RecommendationState"]):
    """The same questions as of recommendations, without their table."""

    def visible_to(self, person: Person) -> Self:
        return self if permissions.can_read_internally(person) else self.filter(is_published=True)

    def followed(self) -> Self:
        return self.filter(is_archived=False)

    def status_visible_to(self, person: Person) -> Self:
        seen = self.visible_to(person)
        return seen if permissions.can_read_internally(person) else seen.followed()

    def waiting(self) -> Self:
        """Followed ones of which an update or a date waits to be decided."""
        return self.followed().filter(WAITS)

    def with_any_flag(self, flags: list[str], person: Person, today: date) -> Self:
        """Those for which at least one of these flags is raised, as far as the person may know."""
        tests = flag_tests(person, today)
        raised = Q()
        for flag in flags:
            raised |= tests[flag]
        return self.filter(raised)


IS_OPEN = Q(is_archived=False) & ~Q(status__in=FINISHED_STATUSES)

IS_AGELESS = IS_OPEN & Q(open_since__isnull=True)
"""It is open, and not known since when."""

WAITS = Q(submitted__gt=0) | Q(has_date_request=True)

ASKS = Q(asks_decision=True) | Q(has_date_request=True)
"""A decision is asked for: of a body, or on a date."""

IS_OPENING = Q(assurance_rank=Assurance.values.index(Assurance.BATCH_APPROVED))
"""The current status was taken over from a list. The column for the public says so alike."""


def known_flags(person: Person) -> tuple[str, ...]:
    """The flags that a person may know of, from the worst to the mildest."""
    return SEVERITY if permissions.can_read_internally(person) else PUBLIC_FLAGS


def flag_tests(person: Person, today: date) -> dict[str, Q]:
    """The condition of each flag on kept states, by the columns that a person sees."""
    columns = StateColumns.for_reader(person)
    return {flag: rule.as_q(today, columns.name) for flag, rule in RULES.items()}


def _sorted(column: str, *, name: str, after: str = "") -> models.Index:
    """The index of an order by this column, downwards with a minus, and then as the list is."""
    field = F(column.removeprefix("-"))
    return models.Index(
        *([F(after)] if after else []),
        IsNull(field, True),
        field.desc() if column.startswith("-") else field.asc(),
        *(F(tie) for tie in ("source_title", "source", "number", "recommendation")),
        condition=Q(is_archived=False),
        name=name,
    )


def _copied(model: str) -> Any:
    """A copy of what another row refers to: the reference itself is guarded there."""
    return models.ForeignKey(
        f"recommendations.{model}",
        models.CASCADE,
        null=True,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )


class RecommendationState(models.Model):
    """What is true of one recommendation now, whatever the day.

    What changes by the calendar is kept as the day after which it is so (``…_after``), to be
    compared with today: see ``choices.flags``.
    """

    recommendation = models.OneToOneField(
        "recommendations.Recommendation",
        models.CASCADE,
        primary_key=True,
        related_name="kept",
        verbose_name=_("recommendation"),
    )
    # Copies of what lists are filtered and sorted by, so that one index serves a page.
    source = models.ForeignKey(
        "recommendations.Source", models.CASCADE, related_name="+", db_index=False
    )
    source_title = models.CharField(max_length=300)
    number = models.PositiveIntegerField()
    nature = models.CharField(max_length=12)
    priority_rank = models.PositiveSmallIntegerField(null=True)
    theme_names = models.TextField(blank=True)
    """One name a line, in the order of their letters."""
    theme_ids = models.TextField(blank=True)
    """The same by their keys, short enough to be counted by an index."""
    lead = _copied("Organisation")
    lead_officer = _copied("User")
    reviewer = _copied("User")
    target_date = models.DateField(null=True)
    is_published = models.BooleanField()
    is_archived = models.BooleanField()

    # The latest approved update; empty without one.
    status = models.CharField(max_length=24, blank=True)
    status_rank = models.PositiveSmallIntegerField()
    confidence = models.CharField(max_length=12, blank=True)
    as_of = models.DateField(null=True)
    is_approved_by_import = models.BooleanField()
    # Whether these two wrote any version of it: then they do not answer what contradicts it.
    officer_wrote = models.BooleanField()
    reviewer_wrote = models.BooleanField()
    assurance_rank = models.PositiveSmallIntegerField(null=True)
    public_assurance_rank = models.PositiveSmallIntegerField(null=True)

    # Its parts, and how many of them approved updates completed.
    parts = models.PositiveSmallIntegerField()
    parts_done = models.PositiveSmallIntegerField()

    # The evidence linked to it.
    evidence_for = models.PositiveIntegerField()
    evidence_against = models.PositiveIntegerField()
    evidence_answered = models.PositiveIntegerField()
    contradicted_since = models.DateTimeField(null=True)
    support_ends_on = models.DateField(null=True)
    public_evidence_for = models.PositiveIntegerField()
    public_evidence_against = models.PositiveIntegerField()
    public_evidence_answered = models.PositiveIntegerField()
    public_contradicted_since = models.DateTimeField(null=True)
    public_support_ends_on = models.DateField(null=True)

    # What waits: the newest overall update that was submitted, and how many of any kind.
    reported_status = models.CharField(max_length=24, blank=True)
    submitted = models.PositiveIntegerField()
    has_date_request = models.BooleanField()
    asks_decision = models.BooleanField()
    # What answers that which the update in force asks for.
    decision = _copied("SteeringDecision")

    first_date = models.DateField(null=True)
    date_moves = models.PositiveIntegerField()
    measures = models.PositiveIntegerField()
    public_measures = models.PositiveIntegerField()
    addressed = models.PositiveIntegerField()
    said_accepted = models.PositiveIntegerField()
    said_in_part = models.PositiveIntegerField()
    said_neither = models.PositiveIntegerField()
    said_rejected = models.PositiveIntegerField()
    said_not_for_us = models.PositiveIntegerField()
    said_withdrawn = models.PositiveIntegerField()

    # Flags, and since when it is open.
    open_since = models.DateField(null=True)
    update_due_on = models.DateField(null=True)
    date_overdue_after = models.DateField(null=True)
    rating_out_of_date_after = models.DateField(null=True)
    open_without_date_since = models.DateField(null=True)
    no_date_after = models.DateField(null=True)
    review_past_after = models.DateField(null=True)
    evidence_gap_after = models.DateField(null=True)
    public_evidence_gap_after = models.DateField(null=True)
    response_overdue_after = models.DateField(null=True)
    action_overdue_after = models.DateField(null=True)
    has_indicator_against = models.BooleanField()
    has_no_lead = models.BooleanField()
    has_no_officer = models.BooleanField()

    # The order of attention on a day, for each audience: see ``state.urgency``.
    urgency = models.CharField(max_length=12, db_default="")
    inside_urgency = models.CharField(max_length=12, db_default="")
    public_urgency = models.CharField(max_length=12, db_default="")
    urgency_until = models.DateField(db_default=date.min)

    objects = RecommendationStateQuerySet.as_manager()

    class Meta:
        # Short, since its name stands before each of its many columns in every statement.
        db_table = "recommendations_state"
        verbose_name = "computed state"
        verbose_name_plural = "computed states"
        # One index for each order of lists that is much used, of what is not archived. What is
        # missing comes last, both ways, so that it is missing is a column before it.
        indexes = [
            # The order of the list itself, for what is archived as well: with all that a list is
            # narrowed by from the start, so that a late page visits no row before its own.
            models.Index(
                fields=[
                    *("source_title", "source", "number", "recommendation"),
                    *("is_archived", "is_published"),
                ],
                name="state_in_order",
            ),
            # Both ways: the few that have a number in common are put in order afterwards.
            models.Index(
                fields=["number", "source_title", "source", "recommendation"],
                condition=Q(is_archived=False),
                name="state_by_number_of_all",
            ),
            models.Index(
                fields=["source", "number", "recommendation"],
                condition=Q(is_archived=False),
                name="state_by_number",
            ),
            models.Index(
                fields=["source", "status_rank", "number", "recommendation"],
                condition=Q(is_archived=False),
                name="state_by_status_rank",
            ),
            *(
                models.Index(
                    fields=[
                        *(name, "source_title", "source", "number", "recommendation"),
                        *("is_archived", "is_published"),
                    ],
                    name=f"state_by_{name}",
                )
                for name in ("urgency", "inside_urgency", "public_urgency")
            ),
            models.Index(fields=["urgency_until"], name="state_turning"),
            _sorted("target_date", name="state_by_target_date"),
            _sorted("-target_date", name="state_by_target_date_down"),
            _sorted("target_date", after="status", name="state_by_status_and_date"),
            _sorted("as_of", name="state_by_reported"),
            _sorted("-as_of", name="state_by_reported_down"),
            _sorted("contradicted_since", name="state_by_contradicted"),
            _sorted("-contradicted_since", name="state_by_contradicted_down"),
            _sorted("assurance_rank", name="state_by_assurance"),
            _sorted("-assurance_rank", name="state_by_assurance_down"),
            # The few of which something waits, to be counted for each page.
            models.Index(
                fields=["source"],
                include=["submitted", "has_date_request"],
                condition=Q(is_archived=False) & WAITS,
                name="state_waiting",
            ),
            # The few on which managers act, by whose they are, for the badge of each.
            models.Index(
                fields=["reviewer", "recommendation"],
                condition=Q(is_archived=False, asks_decision=True),
                name="state_asking",
            ),
            models.Index(
                fields=[
                    *("reviewer", "reviewer_wrote", "lead_officer", "officer_wrote"),
                    "recommendation",
                ],
                condition=Q(is_archived=False, contradicted_since__isnull=False),
                name="state_contradicted",
            ),
            models.Index(
                fields=["reviewer", "no_date_after", "recommendation"],
                condition=Q(
                    is_archived=False,
                    no_date_after__isnull=False,
                    first_date__isnull=True,
                    target_date__isnull=True,
                ),
                name="state_undated",
            ),
            # How many each person is officer or reviewer of.
            models.Index(
                fields=["reviewer", "lead_officer"],
                condition=Q(is_archived=False),
                name="state_of_people",
            ),
            _sorted("priority_rank", name="state_by_priority"),
            _sorted("-priority_rank", name="state_by_priority_down"),
            # What is counted and picked out of a source, so that no row is visited: a row is long.
            # ``is_archived`` as well, which ``IS_OPEN`` asks: a condition alone holds no column.
            models.Index(
                fields=["source", "lead"],
                include=[
                    *("theme_ids", "status", "confidence", "open_since", "date_overdue_after"),
                    *("assurance_rank", "is_archived"),
                ],
                condition=Q(is_archived=False),
                name="state_led",
            ),
            models.Index(
                fields=["source"],
                include=[
                    *("is_published", "addressed", "said_accepted", "said_in_part"),
                    *("said_neither", "said_rejected", "said_not_for_us", "said_withdrawn"),
                ],
                condition=Q(is_archived=False, addressed__gt=0),
                name="state_said",
            ),
            models.Index(
                fields=["source", "number", "recommendation"],
                include=["source_title", "confidence"],
                condition=Q(is_archived=False) & ASKS,
                name="state_asked",
            ),
            models.Index(
                fields=["source", "status", "confidence"],
                include=[
                    *("recommendation", "number", "nature", "lead", "is_published", "as_of"),
                    *("has_date_request", "asks_decision", "open_since", "update_due_on"),
                    *("rating_out_of_date_after", "date_overdue_after", "contradicted_since"),
                    *("public_contradicted_since", "open_without_date_since"),
                    *("no_date_after", "review_past_after"),
                    *("evidence_gap_after", "has_indicator_against"),
                    *("response_overdue_after", "action_overdue_after"),
                    *("has_no_lead", "has_no_officer", "assurance_rank", "is_archived"),
                ],
                condition=Q(is_archived=False),
                name="state_tally",
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class SourceStamp(models.Model):
    """The number of the last event that touched a recommendation of this source.

    While it stays the same so does all that is counted of the source: that is kept under it.
    """

    source = models.OneToOneField(
        "recommendations.Source",
        models.CASCADE,
        primary_key=True,
        related_name="stamp",
        verbose_name=_("source"),
    )
    sequence = models.BigIntegerField()

    class Meta:
        verbose_name = "computed state of a source"
        verbose_name_plural = "computed states of sources"

    def __str__(self) -> str:
        return f"{self.pk}: {self.sequence}"


class ReadModel(models.Model):
    """Which release of a read model the tables hold: built anew when its definition changes."""

    name = models.CharField(max_length=40, primary_key=True)
    digest = models.CharField(max_length=64)

    class Meta:
        verbose_name = "read model"
        verbose_name_plural = "read models"

    def __str__(self) -> str:
        return self.name
