"""The kept state of recommendations: all that lists, overviews and filters need, one row each.

It follows from other rows and is written by ``recommendations.state`` alone. Columns whose names
begin with ``public_`` rest on public evidence or published indicators, for readers of these only.
"""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class RecommendationState(models.Model):
    """What is true of one recommendation now, whatever the day.

    What changes by the calendar is kept as the day after which it is so (``…_after``), to be
    compared with today: see ``recommendations.models.recommendations.flags``.
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
    source_title = models.CharField(max_length=60)
    number = models.PositiveIntegerField()
    nature = models.CharField(max_length=12)
    lead = models.ForeignKey(
        "recommendations.Organisation",
        models.CASCADE,
        null=True,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    target_date = models.DateField(null=True)
    is_published = models.BooleanField()
    is_archived = models.BooleanField()

    # The latest approved update; empty without one.
    status = models.CharField(max_length=24, blank=True)
    confidence = models.CharField(max_length=12, blank=True)
    as_of = models.DateField(null=True)
    is_approved_by_import = models.BooleanField()
    assurance_rank = models.PositiveSmallIntegerField(null=True)
    public_assurance_rank = models.PositiveSmallIntegerField(null=True)

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

    first_date = models.DateField(null=True)
    date_moves = models.PositiveIntegerField()
    measures = models.PositiveIntegerField()
    public_measures = models.PositiveIntegerField()
    addressed = models.PositiveIntegerField()
    said_accepted = models.PositiveIntegerField()
    said_in_part = models.PositiveIntegerField()
    said_no = models.PositiveIntegerField()

    # Flags.
    update_due_on = models.DateField(null=True)
    date_overdue_after = models.DateField(null=True)
    rating_out_of_date_after = models.DateField(null=True)
    open_without_date_since = models.DateField(null=True)
    review_past_after = models.DateField(null=True)
    evidence_gap_after = models.DateField(null=True)
    public_evidence_gap_after = models.DateField(null=True)
    response_overdue_after = models.DateField(null=True)
    action_overdue_after = models.DateField(null=True)
    has_indicator_against = models.BooleanField()
    has_no_lead = models.BooleanField()
    has_no_officer = models.BooleanField()

    class Meta:
        verbose_name = _("kept state")
        verbose_name_plural = _("kept states")
        # One index for each order of the list, of what is not archived: filters first.
        indexes = [
            models.Index(
                fields=["source_title", "source", "number", "recommendation"],
                condition=Q(is_archived=False),
                name="state_by_source_title",
            ),
            models.Index(
                fields=["source", "number", "recommendation"],
                condition=Q(is_archived=False),
                name="state_by_number",
            ),
            models.Index(
                fields=["target_date", "source", "number", "recommendation"],
                condition=Q(is_archived=False),
                name="state_by_target_date",
            ),
            models.Index(
                fields=["status", "target_date", "source", "number", "recommendation"],
                condition=Q(is_archived=False),
                name="state_by_status_and_date",
            ),
            models.Index(
                fields=["source", "status", "confidence"],
                include=[
                    "nature",
                    "is_published",
                    "as_of",
                    "rating_out_of_date_after",
                    "date_overdue_after",
                    "contradicted_since",
                    "public_contradicted_since",
                ],
                condition=Q(is_archived=False),
                name="state_tally",
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class SourceState(models.Model):
    """The number of the last event that touched a recommendation of a source, or the source.

    While it stays the same so does all that is read of the source's recommendations: pages keep
    what they counted under it.
    """

    source = models.OneToOneField(
        "recommendations.Source",
        models.CASCADE,
        primary_key=True,
        related_name="kept",
        verbose_name=_("source"),
    )
    sequence = models.BigIntegerField()

    class Meta:
        verbose_name = _("kept state of a source")
        verbose_name_plural = _("kept states of sources")

    def __str__(self) -> str:
        return f"{self.source_id}: {self.sequence}"


class ReadModel(models.Model):
    """Which release of a read model the tables hold: built anew when its definition changes."""

    name = models.CharField(max_length=40, primary_key=True)
    digest = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("read model")
        verbose_name_plural = _("read models")

    def __str__(self) -> str:
        return self.name
