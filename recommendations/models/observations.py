"""Values of indicators, their confirmation, and imports of them."""

from datetime import datetime
from typing import ClassVar, Self

from django.db import models
from django.db.models import F, Q
from django.db.models.expressions import OrderBy
from django.db.models.functions import RowNumber
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from recommendations.choices import (
    MISSING_CODES,
    AreaKind,
    ConfirmationState,
    ObsStatus,
    SourceStatus,
)
from recommendations.choices.statuses import stated_code
from recommendations.models.base import Keyed, KeyedQuerySet
from recommendations.models.fields import (
    ExactField,
    LineField,
    PersonField,
    ProseField,
    RelatedField,
    UniqueRelatedField,
    validate_period,
)

# ---- Figures of indicators as they were observed, and the files that they came from


class ImportRunQuerySet(models.QuerySet["ImportRun"]):
    def undone(self, known: datetime | None = None) -> Self:
        """Those that were undone; with ``known``, by that moment."""
        if known is None:
            return self.filter(undone_at__isnull=False)
        return self.filter(undone_at__lte=known)


class ImportRun(models.Model):
    """One file of statistics that was brought in, and what became of its figures.

    ``vintage`` is the day on which its source last updated it, as far as that is known; when it
    came in here is ``at``. ``reading`` is what a person stated about the file, and its columns: the
    next one with the same columns is read alike. Undone once, it withdraws each of its figures from
    ``undone_at`` on: they stay on record, and what was believed before is read as it was.
    """

    indicator = RelatedField("Indicator", _("indicator"), related_name="imports")
    at = models.DateTimeField(_("at"))
    by = PersonField(_("by"))
    file_name = LineField(_("name of the file"))
    file_sha256 = models.CharField(_("SHA-256 of the file"), max_length=64)
    format = models.CharField(_("format"), max_length=20)
    series = LineField(_("series in the file"), blank=True)
    source = LineField(_("source"), blank=True, max_length=300)
    vintage = models.DateField(_("last updated by its source"), null=True, blank=True)
    new = models.PositiveIntegerField(_("new"))
    revised = models.PositiveIntegerField(_("revised"))
    unchanged = models.PositiveIntegerField(_("unchanged"))
    left_out = models.PositiveIntegerField(_("skipped"))
    reading = models.JSONField(_("how the file was read"), default=dict, blank=True, editable=False)
    undone_at = models.DateTimeField(_("undone at"), null=True, blank=True, editable=False)
    undone_by = PersonField(_("undone by"), null=True, blank=True, editable=False)
    undo_reason = ProseField(
        _("reason for undoing"), blank=True, default="", max_length=2000, editable=False
    )

    objects = ImportRunQuerySet.as_manager()

    class Meta:
        verbose_name = _("data import")
        verbose_name_plural = _("data imports")
        ordering = ("-at", "-pk")
        indexes = [
            # Nearly none are, and every read of figures asks which.
            models.Index(
                fields=["undone_at"],
                condition=Q(undone_at__isnull=False),
                name="import_run_undone",
            )
        ]
        constraints = [
            models.CheckConstraint(
                name="import_run_digest_is_sha256",
                condition=Q(file_sha256__regex=r"^[0-9a-f]{64}$"),
            ),
            models.CheckConstraint(
                name="import_run_changed_something", condition=Q(new__gt=0) | Q(revised__gt=0)
            ),
            models.CheckConstraint(
                name="import_run_undone_together",
                condition=Q(undone_at__isnull=True, undone_by__isnull=True, undo_reason="")
                | Q(undone_at__isnull=False, undone_at__gte=F("at"), undone_by__isnull=False)
                & ~Q(undo_reason=""),
                violation_error_message=_(
                    "Enter the person, the date and the other details together, or none of them."
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.file_name}, {date_format(localtime(self.at))}"

    def get_absolute_url(self) -> str:
        """With ``indicator`` at hand; else it is a query."""
        return reverse("import-detail", args=[self.indicator.code, self.pk])


class ObservationQuerySet(KeyedQuerySet["Observation"]):
    def with_headline(self) -> Self:
        """``is_headline``: it is for all areas, or its indicator has figures for one area only.

        What is told apart by a dimension is a part of a figure, and leads nothing.
        """
        leads = models.When(_leads(), then=models.Value(True))
        return self.annotate(
            is_headline=models.Case(
                leads, default=models.Value(False), output_field=models.BooleanField()
            )
        )

    def standing(self, known: datetime | None = None) -> Self:
        """Without figures of imports that were undone; with ``known``, as it stood at that moment.

        A list of the few imports that were, which a database reads once for all figures.
        """
        withdrawn = ImportRun.objects.undone(known).order_by().values("pk")
        stood = self.exclude(import_run__in=withdrawn)
        return stood if known is None else stood.filter(recorded_at__lte=known)

    def unconfirmed(self) -> Self:
        """Values that wait for a second person to confirm them."""
        return self.filter(asks_confirmation=True, confirmation__isnull=True)

    def latest_revisions(self, known: datetime | None = None) -> Self:
        """The last revision of each figure; with ``known``, as it stood at that moment.

        What was withdrawn is passed over: the revision before it is the last one again, and of a
        figure that has no other there is none.
        """
        later = Observation.objects.filter(
            indicator=models.OuterRef("indicator"),
            area=models.OuterRef("area"),
            period=models.OuterRef("period"),
            dimensions=models.OuterRef("dimensions"),
            revision__gt=models.OuterRef("revision"),
        )
        return self.standing(known).filter(~models.Exists(later.standing(known)))

    def newest_of_each(self, most: int, *ties: str) -> Self:
        """The last revisions of the newest figures of each indicator, newest period first.

        ``most`` for each; ``ties`` are the columns that order those that end on one day.
        """
        order: list[OrderBy | str] = [models.F("last_day").desc(), *ties]
        place = models.Window(RowNumber(), partition_by="indicator", order_by=order)
        return (
            self.latest_revisions()
            .annotate(place=place)
            .filter(place__lte=most)
            .select_related("area", "recorded_by", "confirmation")
            .order_by("indicator", "-last_day", *ties)
        )


def _leads() -> Q:
    rows = Observation.objects.filter(indicator=models.OuterRef("indicator"), dimensions="")
    elsewhere = rows.standing().exclude(area=models.OuterRef("area"))
    # Its own parts stand in the way of no country.
    is_like = Q(area__kind=models.OuterRef("area__kind"))
    beside = elsewhere.filter(~Q(area__kind=AreaKind.PART) | is_like)
    return Q(dimensions="") & (Q(area__kind=AreaKind.ALL) | ~Q(models.Exists(beside)))


class FigureColumns(models.Model):
    """What is stated of one figure, but for its indicator and its area."""

    period = models.CharField(_("period"), max_length=10, validators=[validate_period])
    first_day = models.DateField(_("first day"), editable=False)
    last_day = models.DateField(_("last day"), editable=False)
    dimensions = LineField(
        _("dimensions"), blank=True, help_text=_("For example SEX=F|AGE=Y15T24.")
    )
    value = ExactField(_("value"), null=True, blank=True)
    text = LineField(_("value in words"), blank=True)
    numerator = ExactField(_("numerator"), null=True, blank=True)
    denominator = ExactField(_("denominator"), null=True, blank=True)
    obs_status = models.CharField(
        _("observation status"), max_length=1, choices=ObsStatus, default=ObsStatus.NORMAL
    )
    source_status = models.CharField(
        _("status code of the source"), max_length=1, choices=SourceStatus, blank=True, default=""
    )
    is_lower_bound = models.BooleanField(_("lower bound"), default=False)
    is_approximate = models.BooleanField(_("approximate"), default=False)
    is_derived = models.BooleanField(_("derived"), default=False)
    is_assumed = models.BooleanField(_("assumed"), default=False)
    comment = ProseField(_("comment"), blank=True)
    source = LineField(_("source"), blank=True, max_length=300)
    revision = models.PositiveIntegerField(_("revision"), default=1, editable=False)

    class Meta:
        abstract = True


class Observation(Keyed, FigureColumns):
    """One figure, or one finding in words, of an indicator for an area and a period.

    Never edited: a changed figure is the next revision, and the earlier one stays.
    ``asks_confirmation`` is whether a second person was to confirm it when it was recorded.
    """

    NATURAL_KEY: ClassVar[tuple[str, ...]] = (
        "indicator__code",
        "area__code",
        "period",
        "dimensions",
        "revision",
    )

    indicator = RelatedField(
        "Indicator",
        _("indicator"),
        related_name="observations",
        db_index=False,  # observation_once begins with it
    )
    area = RelatedField("Area", _("area"), related_name="observations")
    import_run = RelatedField(
        "ImportRun",
        _("import"),
        null=True,
        blank=True,
        editable=False,
        related_name="observations",
        db_constraint=False,  # the record proves it, see DECISIONS.md
    )
    recorded_at = models.DateTimeField(_("recorded at"), editable=False)
    recorded_by = PersonField(
        _("recorded by"),
        null=True,
        editable=False,
        db_index=False,  # nobody asks by it
        db_constraint=False,  # the record proves it, see DECISIONS.md
    )

    asks_confirmation = models.BooleanField(
        _("confirmation required"), default=False, editable=False
    )

    objects = ObservationQuerySet.as_manager()

    class Meta:
        verbose_name = _("observation")
        verbose_name_plural = _("observations")
        ordering = ("indicator", "area", "period", "dimensions", "-revision", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=["indicator", "area", "period", "dimensions", "revision"],
                name="observation_once",
            ),
            models.CheckConstraint(
                name="observation_missing_has_no_value",
                condition=~Q(obs_status=ObsStatus.MISSING) | Q(value__isnull=True, text=""),
                violation_error_message=_("A missing value has no number."),
            ),
            models.CheckConstraint(
                name="observation_says_something",
                condition=Q(obs_status=ObsStatus.MISSING) | Q(value__isnull=False) | ~Q(text=""),
                violation_error_message=_("Enter a value, words, or the status “Missing value”."),
            ),
            models.CheckConstraint(
                name="observation_source_status_fits",
                condition=Q(source_status="")
                | Q(source_status__in=sorted(MISSING_CODES), obs_status=ObsStatus.MISSING)
                | Q(obs_status=ObsStatus.NORMAL) & ~Q(source_status__in=sorted(MISSING_CODES)),
                violation_error_message=_("The source’s code does not fit the observation status."),
            ),
            models.CheckConstraint(
                name="observation_days_in_order", condition=Q(first_day__lte=F("last_day"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.period}"

    @property
    def is_withdrawn(self) -> bool:
        """Whether its import was undone; a query unless ``import_run`` was selected with it."""
        return self.import_run is not None and self.import_run.undone_at is not None

    @property
    def confirmation_state(self) -> ConfirmationState:
        """How far the value is confirmed; a query unless ``confirmation`` was selected with it."""
        if not self.asks_confirmation:
            return ConfirmationState.NOT_ASKED
        is_confirmed = getattr(self, "confirmation", None) is not None
        return ConfirmationState.CONFIRMED if is_confirmed else ConfirmationState.UNCONFIRMED

    @property
    def stated_code(self) -> str:
        """The SDMX code that the source stated; empty where it was not kept."""
        return stated_code(self.obs_status, self.source_status, self.comment)

    @property
    def marks(self) -> list[str]:
        """Names of the marks that this figure carries, in a fixed order, as field names."""
        names = ("is_lower_bound", "is_approximate", "is_derived", "is_assumed")
        return [name for name in names if getattr(self, name)]


class ObservationConfirmation(models.Model):
    """That a second person confirmed a value; never changed.

    Who was mistaken records the right value, which asks for a confirmation of its own.
    """

    observation = UniqueRelatedField(Observation, _("observation"), related_name="confirmation")
    confirmed_at = models.DateTimeField(_("confirmed at"))
    confirmed_by = PersonField(_("confirmed by"))
    recorded_by = PersonField(_("recorded by"), null=True)

    class Meta:
        verbose_name = _("confirmation of a value")
        verbose_name_plural = _("confirmations of values")
        ordering = ("pk",)
        constraints = [
            models.CheckConstraint(
                name="confirmation_by_second_person",
                condition=Q(recorded_by__isnull=True) | ~Q(confirmed_by=F("recorded_by")),
                violation_error_message=_("You cannot confirm a value that you recorded."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.observation_id}"


# ---- Rows of an import that is under way: made ready here, and written all at once at its end.
# Nothing refers to them and no page reads them. Of an import that was interrupted they stay until
# the next one clears them.


class StagedImport(models.Model):
    """One file of figures that is being imported, by which process, and when it last gave a sign.

    ``is_imported`` is set with the figures themselves: all of them are written, or none. It has no
    indicator yet where it adds that.
    """

    indicator = RelatedField("Indicator", _("indicator"), null=True)
    by = PersonField(_("by"))
    file_name = LineField(_("name of the file"))
    begun_at = models.DateTimeField(_("started at"))
    touched_at = models.DateTimeField(_("last active"))
    host = models.CharField(_("machine"), max_length=255)
    process = models.PositiveIntegerField(_("process number"))
    is_imported = models.BooleanField(_("imported"), default=False)

    class Meta:
        verbose_name = _("import in progress")
        verbose_name_plural = _("imports in progress")
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"{self.file_name}, {self.begun_at:%Y-%m-%d %H:%M}"


class StagedFigure(FigureColumns):
    """A figure that is to be written, in the order of the ids, and what the record will say of it.

    ``observation`` and ``area`` are keys; the first is reserved. ``changes`` is that of the
    ``AuditRow``, in which only the time is not the right one yet.
    """

    staged = models.ForeignKey(
        StagedImport, models.CASCADE, verbose_name=_("import"), related_name="figures"
    )
    observation = models.BigIntegerField(_("observation"))
    area = models.BigIntegerField(_("area"))
    changes = models.TextField(_("changes"))

    class Meta:
        verbose_name = _("value of an import in progress")
        verbose_name_plural = _("values of imports in progress")
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"{self.observation}"


class StagedText(models.Model):
    """A text that ``changes`` of staged figures refer to, as the record will keep it."""

    staged = models.ForeignKey(
        StagedImport, models.CASCADE, verbose_name=_("import"), related_name="texts"
    )
    digest = models.CharField(_("digest"), max_length=64)
    salt = models.CharField(_("salt"), max_length=32)
    text = models.TextField(_("text"))

    class Meta:
        verbose_name = _("text of an import in progress")
        verbose_name_plural = _("texts of imports in progress")
        ordering = ("pk",)

    def __str__(self) -> str:
        return self.digest[:12]
