"""Sources and recommendations, with their parts, relations and themes."""

from collections.abc import Collection
from functools import reduce
from operator import or_
from typing import Any, ClassVar, Self

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from recommendations import permissions
from recommendations.choices import (
    FINISHED_STATUSES,
    ArchiveReason,
    DateMark,
    DatePrecision,
    Modality,
    Nature,
    Priority,
    RelationKind,
    UpdateState,
)
from recommendations.models.base import (
    Keyed,
    KeyedQuerySet,
    Markable,
    Removable,
    Versioned,
    together,
)
from recommendations.models.fields import (
    LineField,
    PersonField,
    ProseField,
    RelatedField,
)
from recommendations.models.state import RecommendationState
from recommendations.models.updates import StatusUpdate
from recommendations.permissions import Person

# ---- Queries over recommendations; what lists filter and sort by is in their kept states


class RecommendationQuerySet(KeyedQuerySet[Any]):
    def visible_to(self, person: Person) -> Self:
        """All of them for people with a role; what is published for everybody else."""
        if permissions.can_read_internally(person):
            return self
        return self.filter(published_at__isnull=False)

    def followed(self) -> Self:
        """Those that are not archived."""
        return self.filter(archived_at__isnull=True)

    def status_visible_to(self, person: Person) -> Self:
        """Those whose status and responses a person may read.

        Of what is archived the public reads on its page that it is, and nothing else.
        """
        seen = self.visible_to(person)
        return seen if permissions.can_read_internally(person) else seen.followed()

    def loggable_by(self, person: Person) -> Self:
        """Those on which a person may log progress: ``permissions.can_log`` as a query."""
        if permissions.can_review(person):
            return self.followed()
        if not permissions.can_write(person):
            return self.filter(pk__in=[])
        return self.followed().filter(self._involves(person))

    def involving(self, person: Person) -> Self:
        """Those that a person answers for, as officer or through their organisation."""
        return self.filter(self._involves(person))

    def _involves(self, person: Person) -> Q:
        """The person is the lead officer, or their organisation leads or contributes."""
        mine = Q(lead_officer=person.pk)
        own = permissions.organisation_id(person)
        if own is None:
            return mine
        contributed = self.model.contributors.through.objects.filter(
            recommendation=OuterRef("pk"), organisation=own
        )
        return mine | Q(lead=own) | Q(Exists(contributed))


def fictional(path: str = "") -> Q:
    """Whether the recommendation at this path is demonstration data: where what it rests on is.

    That is its source, its lead organisation, its lead officer, or the author of its status.
    """
    marked = ("source", "lead", "lead_officer", "current_update__author")
    return reduce(or_, (Q(**{f"{path}{name}__is_demonstration": True}) for name in marked))


# ---- Sources and the recommendations that they make

REFERENCE_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._-]*$"


class SourceQuerySet(KeyedQuerySet["Source"]):
    def visible_to(self, person: Person) -> Self:
        """All for people with a role; for others only one that shows them something."""
        if permissions.can_read_internally(person):
            return self
        seen = RecommendationState.objects.visible_to(person).followed()
        return self.filter(Exists(seen.filter(source=OuterRef("pk")).order_by()))


class Source(Keyed, Versioned):
    """A document that makes recommendations, and the counter that numbers them."""

    slug = models.SlugField(_("short name for addresses"), max_length=60, unique=True)
    title = LineField(_("title"), max_length=300)
    short_title = LineField(_("short title"), max_length=80)
    author = LineField(_("author"), blank=True)
    publisher = LineField(_("publisher"), blank=True)
    published_on = models.DateField(_("date"), null=True, blank=True)
    date_precision = models.CharField(
        _("precision"), max_length=10, choices=DatePrecision, default=DatePrecision.UNKNOWN
    )
    date_mark = models.CharField(
        _("how obtained"), max_length=10, choices=DateMark, default=DateMark.STATED
    )
    date_reason = ProseField(_("reason for this date"), blank=True)
    language = models.CharField(_("language"), max_length=12, blank=True)
    url = models.URLField(_("address"), blank=True)
    notes = ProseField(
        _("about this document"),
        blank=True,
        help_text=_("What readers should know of the copy that is used. Public."),
    )
    text_sha256 = models.CharField(_("SHA-256 of the text"), max_length=64, blank=True)
    reference_prefix = models.SlugField(
        _("reference prefix"),
        max_length=20,
        unique=True,
        validators=[RegexValidator(REFERENCE_PATTERN, _("Begin with a letter or a digit."))],
    )
    column_map = models.JSONField(
        _("spreadsheet column map"), default=dict, blank=True, editable=False
    )
    last_number = models.PositiveIntegerField(_("last number assigned"), default=0, editable=False)
    is_demonstration = models.BooleanField(
        _("demonstration source"),
        default=False,
        editable=False,
        help_text=_("Its recommendations are fictional and marked as demonstration data."),
    )

    objects = SourceQuerySet.as_manager()

    class Meta:
        verbose_name = _("source")
        verbose_name_plural = _("sources")
        ordering = ("title", "pk")
        constraints = [
            models.CheckConstraint(
                name="source_date_has_precision",
                condition=Q(published_on__isnull=True, date_precision=DatePrecision.UNKNOWN)
                | (Q(published_on__isnull=False) & ~Q(date_precision=DatePrecision.UNKNOWN)),
                violation_error_message=_("Enter the date and its precision, or neither."),
            ),
            models.CheckConstraint(
                name="source_inferred_date_has_reason",
                condition=~Q(date_mark=DateMark.INFERRED) | ~Q(date_reason=""),
                violation_error_message=_("Give the reason for the inferred date."),
            ),
        ]

    def __str__(self) -> str:
        return self.short_title

    def get_absolute_url(self) -> str:
        return reverse("source-detail", args=[self.slug])

    def clean(self) -> None:
        """Name the source that has the prefix, which the rule of its column does not."""
        same = Source.objects.filter(reference_prefix=self.reference_prefix).exclude(pk=self.pk)
        if (other := same.first()) is not None:
            words = _("The source “%(title)s” has this prefix.") % {"title": other.title}
            raise ValidationError({"reference_prefix": words})


class Recommendation(Keyed, Versioned):
    """One thing that a source asks for. Its status moves through status updates alone."""

    NATURAL_KEY: ClassVar[tuple[str, ...]] = ("reference",)

    needs_sentence: bool  # of ``due_for``

    source = RelatedField(Source, _("source"), related_name="recommendations")
    number = models.PositiveIntegerField(_("number in the source"), editable=False)
    reference = models.CharField(_("reference"), max_length=40, unique=True, editable=False)
    external_id = LineField(
        _("external number"),
        max_length=80,
        blank=True,
        help_text=_("As in the office's own list. Stored as text, so 111.1 and 111.10 differ."),
    )
    title = LineField(_("title"))
    summary = ProseField(_("summary"), help_text=_("In your own words. Shown to the public."))
    quoted_text = ProseField(_("wording of the source"), blank=True)
    locator = LineField(_("location in the source"), blank=True)
    quoted_sha256 = models.CharField(max_length=64, blank=True, editable=False)
    wording_amended_at = models.DateTimeField(null=True, blank=True, editable=False)
    # Not of a reason that was given before readers outside saw any.
    is_wording_reason_public = models.BooleanField(default=False, editable=False)
    wording_reason = ProseField(
        _("reason for the amended wording"),
        blank=True,
        help_text=_("Required if the wording changes after publication."),
    )
    modality = models.CharField(_("level of obligation"), max_length=20, choices=Modality)
    nature = models.CharField(_("nature"), max_length=12, choices=Nature)
    rationale = ProseField(_("rationale"), blank=True)
    priority = models.CharField(
        _("priority"), max_length=10, choices=Priority, default=Priority.NOT_SET
    )
    lead = RelatedField(
        "Organisation",
        _("lead organisation"),
        null=True,
        blank=True,
        related_name="led_recommendations",
    )
    lead_officer = PersonField(_("lead officer"), null=True, blank=True, related_name="officer_of")
    reviewer = PersonField(_("reviewer"), null=True, blank=True, related_name="reviewer_of")
    contributors = models.ManyToManyField(
        "recommendations.Organisation",
        verbose_name=_("contributing organisations"),
        blank=True,
        related_name="contributed_recommendations",
    )
    themes = models.ManyToManyField(
        "recommendations.Theme",
        verbose_name=_("themes"),
        blank=True,
        related_name="recommendations",
    )
    target_date = models.DateField(_("target date"), null=True, blank=True, editable=False)
    review_on = models.DateField(
        _("next periodic review"),
        null=True,
        blank=True,
        help_text=_("For continuous recommendations."),
    )
    interval_months = models.PositiveSmallIntegerField(
        _("reporting frequency (months)"),
        default=6,
        validators=[MinValueValidator(1), MaxValueValidator(60)],
    )
    # As its list says, or when it was added by hand: no list is of the day of its import.
    opened_on = models.DateField(_("open since"), null=True, blank=True)
    published_at = models.DateTimeField(_("published since"), null=True, editable=False)
    published_by = PersonField(null=True, editable=False)
    archived_at = models.DateTimeField(_("archived at"), null=True, editable=False)
    archived_by = PersonField(null=True, editable=False)
    archive_reason = models.CharField(max_length=20, choices=ArchiveReason, blank=True)
    archive_note = ProseField(blank=True)

    # Kept by every action that changes what is in force; a property test holds them to the rule.
    current_update = RelatedField(
        "StatusUpdate", _("latest approved update"), null=True, editable=False
    )
    next_due_on = models.DateField(_("next update due"), null=True, editable=False)
    rating_valid_until = models.DateField(
        _("confidence rating valid until"), null=True, editable=False
    )

    objects = RecommendationQuerySet.as_manager()

    class Meta:
        verbose_name = _("recommendation")
        verbose_name_plural = _("recommendations")
        ordering = ("source", "number", "pk")
        constraints = [
            models.UniqueConstraint(fields=["source", "number"], name="recommendation_number_once"),
            models.UniqueConstraint(
                fields=["source", "external_id"],
                condition=~Q(external_id=""),
                name="recommendation_external_id_once",
            ),
            models.CheckConstraint(
                name="recommendation_reference_is_slug",
                condition=Q(reference__regex=REFERENCE_PATTERN),
            ),
            models.CheckConstraint(
                name="recommendation_interval_in_range",
                condition=Q(interval_months__gte=1, interval_months__lte=60),
            ),
            together("recommendation_published_together", "published_at", "published_by"),
            models.CheckConstraint(
                name="recommendation_archived_together",
                condition=Q(archived_at__isnull=True, archived_by__isnull=True, archive_reason="")
                | (Q(archived_at__isnull=False, archived_by__isnull=False) & ~Q(archive_reason="")),
            ),
            models.CheckConstraint(
                name="recommendation_amended_with_reason",
                condition=Q(wording_amended_at__isnull=True) | ~Q(wording_reason=""),
            ),
        ]
        indexes = [
            models.Index(fields=["next_due_on"], name="recommendation_by_due"),
            models.Index(fields=["target_date"], name="recommendation_by_target"),
            models.Index(fields=["title"], name="recommendation_by_title"),
        ]

    def __str__(self) -> str:
        return f"{self.reference} {self.title}"

    def get_absolute_url(self) -> str:
        return reverse("recommendation-detail", args=[self.reference])

    @property
    def office_number(self) -> str:
        """The number that the office gave it before; empty where none is known."""
        return self.external_id

    @property
    def is_continuous(self) -> bool:
        """Whether it stays in effect once it is implemented, under periodic review."""
        return self.nature == Nature.CONTINUOUS

    @property
    def has_date(self) -> bool:
        return self.target_date is not None

    @property
    def is_finished(self) -> bool:
        """Whether its current update says that it is implemented or closed."""
        now = self.current_update
        return now is not None and now.implementation_status in FINISHED_STATUSES

    def organisation_ids(self) -> Collection[int]:
        """Ids of the lead and of the contributors; no query where contributors are prefetched."""
        ids = {organisation.pk for organisation in self.contributors.all()}
        return ids if self.lead_id is None else ids | {self.lead_id}


# ---- Relations between recommendations: one depends on another, or both are related


class RelationQuerySet(models.QuerySet["RecommendationRelation"]):
    def live(self) -> Self:
        return self.filter(removed_at__isnull=True)


class RecommendationRelation(Removable):
    """``recommendation`` depends on ``other``, or both are related, which is stored once.

    That one supersedes another follows from the successor of an update, and that one is a
    duplicate from the reason of its archiving: neither is a row here.
    """

    recommendation = RelatedField("Recommendation", _("recommendation"), related_name="relations")
    other = RelatedField("Recommendation", _("other recommendation"), related_name="relations_from")
    kind = models.CharField(_("relation"), max_length=12, choices=RelationKind)
    why = ProseField(_("explanation"), blank=True)
    added_at = models.DateTimeField(_("added at"), editable=False)
    added_by = PersonField(_("added by"), editable=False)

    objects = RelationQuerySet.as_manager()

    class Meta:
        verbose_name = _("relation between recommendations")
        verbose_name_plural = _("relations between recommendations")
        ordering = ("recommendation", "pk")
        constraints = [
            models.CheckConstraint(
                name="relation_not_to_itself",
                condition=~Q(recommendation=F("other")),
                violation_error_message=_("Choose another recommendation."),
            ),
            models.CheckConstraint(
                name="relation_related_is_stored_once",
                condition=~Q(kind=RelationKind.RELATED) | Q(recommendation__lt=F("other")),
            ),
            models.UniqueConstraint(
                fields=["recommendation", "other", "kind"],
                condition=Q(removed_at__isnull=True),
                name="relation_once",
                violation_error_message=_("This relation already exists."),
            ),
            together("relation_removed_together", "removed_at", "removed_by"),
        ]

    def __str__(self) -> str:
        return f"{self.recommendation.reference}, {self.other.reference}"


# ---- Parts of a recommendation, (a), (b), (c), and the updates that complete them


class PartQuerySet(KeyedQuerySet["Part"]):
    def living(self) -> Self:
        """Those that the recommendation has still, in their order."""
        return self.filter(removed_at__isnull=True).order_by("recommendation", "position", "pk")


class Part(Keyed, Versioned, Removable):
    """A strand of a recommendation that can be complete while others are not."""

    NATURAL_KEY: ClassVar[tuple[str, ...]] = ("recommendation__reference", "label")

    recommendation = RelatedField("Recommendation", _("recommendation"), related_name="parts")
    label = LineField(
        _("label"), max_length=12, help_text=_("A letter or a number, such as a or 1.")
    )
    position = models.PositiveSmallIntegerField(_("position"), default=1)
    text = ProseField(
        _("text"),
        help_text=_("What this part asks for, in your own words. Shown to the public."),
    )
    amended_at = models.DateTimeField(_("text amended at"), null=True, blank=True, editable=False)
    amendment_reason = ProseField(
        _("reason for the amended text"),
        blank=True,
        help_text=_("Required if the recommendation is or was published. Shown to the public."),
    )

    objects = PartQuerySet.as_manager()

    class Meta:
        verbose_name = _("part")
        verbose_name_plural = _("parts")
        ordering = ("recommendation", "position", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=["recommendation", "label"],
                condition=Q(removed_at__isnull=True),
                name="part_label_once",
                violation_error_message=_("The recommendation already has a part with this label."),
            ),
            models.CheckConstraint(
                name="part_has_label_and_text",
                condition=~Q(label="") & ~Q(text=""),
                violation_error_message=_("Enter the label and the text of the part."),
            ),
            models.CheckConstraint(
                name="part_amended_with_reason",
                condition=Q(amended_at__isnull=True) | ~Q(amendment_reason=""),
            ),
            together("part_removed_together", "removed_at", "removed_by"),
        ]

    def __str__(self) -> str:
        return f"({self.label}) {self.text}"


class PartCompletionQuerySet(models.QuerySet["PartCompletion"]):
    def live(self) -> Self:
        return self.filter(removed_at__isnull=True)

    def standing(self) -> Self:
        """Those of approved updates that were neither corrected nor retracted.

        Not only of the current one: what an earlier update completed stays complete until that
        update is retracted.
        """
        replaced = StatusUpdate.objects.filter(
            Q(corrects=OuterRef("update")) | Q(retracts=OuterRef("update")),
            state=UpdateState.APPROVED,
        )
        return self.live().filter(~Exists(replaced.order_by()), update__state=UpdateState.APPROVED)


class PartCompletion(Removable):
    """An update says that a part is complete; it counts once the update is approved."""

    update = RelatedField("StatusUpdate", _("status update"), related_name="completions")
    part = RelatedField("Part", _("part"), related_name="completions")
    added_at = models.DateTimeField(_("added at"), editable=False)
    added_by = PersonField(_("added by"), editable=False)

    objects = PartCompletionQuerySet.as_manager()

    class Meta:
        verbose_name = _("completed part")
        verbose_name_plural = _("completed parts")
        ordering = ("update", "part", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=["update", "part"],
                condition=Q(removed_at__isnull=True),
                name="part_completed_once_by_update",
            ),
            together("part_completion_removed_together", "removed_at", "removed_by"),
        ]

    def __str__(self) -> str:
        return f"{self.part}, {self.update}"


# ---- Themes: what recommendations are about, as one flat list for all sources


class Theme(Keyed, Versioned, Markable):
    """A subject that recommendations of any source may have; a recommendation has any number."""

    slug = models.SlugField(_("short name for addresses"), max_length=60, unique=True)
    name = LineField(
        _("name"),
        max_length=80,
        unique=True,
        error_messages={"unique": _("A theme with this name already exists.")},
    )
    description = ProseField(
        _("description"), blank=True, help_text=_("Which recommendations have this theme.")
    )

    objects = KeyedQuerySet.as_manager()

    class Meta:
        verbose_name = _("theme")
        verbose_name_plural = _("themes")
        ordering = ("name", "pk")
        constraints = [
            models.CheckConstraint(
                name="theme_has_name",
                condition=~models.Q(name=""),
                violation_error_message=_("Enter the name of the theme."),
            ),
        ]

    def __str__(self) -> str:
        return self.name
