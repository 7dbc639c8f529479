"""Indicators: what is measured, where it started, where it should go, what was observed."""

from datetime import datetime
from typing import Any, Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from recommendations import periods, permissions
from recommendations.models.base import Removable, Versioned, live_or_last_removed, together
from recommendations.models.fields import ExactField, LineField, ProseField
from recommendations.vocabulary import (
    AreaKind,
    Direction,
    Frequency,
    Measure,
    Movement,
    ObsStatus,
    Relation,
    Reporting,
    ResultLevel,
    TargetKind,
    TargetMark,
)


class IndicatorQuerySet(models.QuerySet["Indicator"]):
    def visible_to(self, person: Any) -> Self:
        """All for people with a role; published ones for everybody else."""
        if permissions.can_read_internally(person):
            return self
        return self.filter(is_published=True)


_IndicatorManager = models.Manager.from_queryset(IndicatorQuerySet)


class IndicatorManager(_IndicatorManager["Indicator"]):
    def get_by_natural_key(self, code: str) -> "Indicator":
        return self.get(code=code)


class Indicator(Versioned):
    """Something that is measured or judged from period to period.

    ``movement`` follows from its figures and its direction (``summaries.movement``): each action
    that touches these works it out again.
    """

    code = models.CharField(_("code"), max_length=40, unique=True)
    title = LineField(_("title"), max_length=300)
    definition = ProseField(_("definition"))
    unit = LineField(_("unit"), max_length=80)
    measure = models.CharField(_("measure"), max_length=1, choices=Measure)
    direction = models.CharField(_("direction"), max_length=12, choices=Direction)
    reporting = models.CharField(
        _("reporting"), max_length=12, choices=Reporting, default=Reporting.PERIODIC
    )
    level = models.CharField(
        _("result level"), max_length=1, choices=ResultLevel, default=ResultLevel.OTHER
    )
    decimals = models.PositiveSmallIntegerField(_("decimals shown"), default=0)
    source = ProseField(_("source"), blank=True)
    method = ProseField(_("method"), blank=True)
    limitations = ProseField(_("limitations"), blank=True)
    frequency = models.CharField(
        _("frequency"), max_length=1, choices=Frequency, default=Frequency.IRREGULAR
    )
    vocabulary = LineField(_("vocabulary"), blank=True, help_text=_("Whose code list it is in."))
    vocabulary_code = LineField(_("code there"), blank=True)
    vocabulary_uri = models.URLField(_("address there"), blank=True)
    is_published = models.BooleanField(_("published"), default=False)
    movement = models.CharField(
        _("movement"), max_length=8, choices=Movement, blank=True, editable=False
    )

    objects = IndicatorManager()

    class Meta:
        verbose_name = _("indicator")
        verbose_name_plural = _("indicators")
        ordering = ("code",)
        constraints = [
            models.CheckConstraint(
                name="indicator_code_is_slug",
                condition=Q(code__regex=r"^[A-Za-z0-9][A-Za-z0-9._-]*$"),
                violation_error_message=_("A code has letters, digits, points and dashes only."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"

    def natural_key(self) -> tuple[str]:
        return (self.code,)

    def get_absolute_url(self) -> str:
        return reverse("indicator-detail", args=[self.code])

    def linked_recommendations(self) -> list[Any]:
        """What it is linked to still, each with what permissions ask of it."""
        links = self.links.filter(removed_at__isnull=True).select_related("recommendation")
        rows = links.prefetch_related("recommendation__contributors").order_by("pk")
        return [link.recommendation for link in rows]


class IndicatorLinkManager(models.Manager["IndicatorLink"]):
    def get_by_natural_key(self, reference: str, code: str) -> "IndicatorLink":
        found: IndicatorLink = live_or_last_removed(
            self.filter(recommendation__reference=reference, indicator__code=code)
        )
        return found


class IndicatorLink(Removable):
    """What an indicator says about a recommendation."""

    recommendation = models.ForeignKey(
        "recommendations.Recommendation",
        models.PROTECT,
        verbose_name=_("recommendation"),
        related_name="indicator_links",
    )
    indicator = models.ForeignKey(
        Indicator, models.PROTECT, verbose_name=_("indicator"), related_name="links"
    )
    relation = models.CharField(_("relation"), max_length=10, choices=Relation)
    why = ProseField(_("why"), blank=True)

    objects = IndicatorLinkManager()

    class Meta:
        verbose_name = _("indicator link")
        verbose_name_plural = _("indicator links")
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(
                fields=["recommendation", "indicator"],
                condition=Q(removed_at__isnull=True),
                name="indicator_link_once",
            ),
            together("indicator_link_removed_together", "removed_at", "removed_by"),
        ]

    def __str__(self) -> str:
        return f"{self.indicator_id}: {self.get_relation_display()}"

    def natural_key(self) -> tuple[str, ...]:
        return (*self.recommendation.natural_key(), *self.indicator.natural_key())

    natural_key.dependencies = [  # type: ignore[attr-defined]
        "recommendations.recommendation",
        "recommendations.indicator",
    ]


def validate_period(code: str) -> None:
    """Refuse what is not an SDMX period."""
    try:
        periods.parse(code)
    except ValueError as error:
        raise ValidationError(str(error), code="period") from error


class TargetManager(models.Manager["Target"]):
    def get_by_natural_key(self, code: str, kind: str, area: str, period: str) -> "Target":
        """The one in use: the last of those that replace each other."""
        found = (
            self.filter(indicator__code=code, kind=kind, area__code=area, period=period)
            .order_by(F("replaced_by").asc(nulls_first=True), "-pk")
            .first()
        )
        if found is None:
            raise Target.DoesNotExist
        return found


class Target(models.Model):
    """A baseline or a target. A change is a new row, with a reason, that replaces the old."""

    indicator = models.ForeignKey(
        Indicator, models.PROTECT, verbose_name=_("indicator"), related_name="targets"
    )
    kind = models.CharField(_("kind"), max_length=10, choices=TargetKind)
    area = models.ForeignKey(
        "recommendations.Area", models.PROTECT, verbose_name=_("area"), related_name="+"
    )
    period = models.CharField(_("period"), max_length=10, validators=[validate_period])
    value = ExactField(_("value"), null=True, blank=True)
    text = LineField(_("in words"), blank=True)
    mark = models.CharField(
        _("how known"), max_length=10, choices=TargetMark, default=TargetMark.STATED
    )
    comment = ProseField(_("comment"), blank=True)
    replaces = models.OneToOneField(
        "self",
        models.PROTECT,
        verbose_name=_("replaces"),
        null=True,
        blank=True,
        related_name="replaced_by",
    )
    reason = ProseField(_("reason for the change"), blank=True)
    recorded_at = models.DateTimeField(_("recorded at"), editable=False)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name=_("recorded by"),
        null=True,
        editable=False,
        related_name="+",
    )

    objects = TargetManager()

    class Meta:
        verbose_name = _("baseline or target")
        verbose_name_plural = _("baselines and targets")
        ordering = ("indicator", "period", "pk")
        constraints = [
            models.CheckConstraint(
                name="target_says_something",
                condition=Q(value__isnull=False) | ~Q(text=""),
                violation_error_message=_("Give a value or say it in words."),
            ),
            models.CheckConstraint(
                name="target_change_has_reason",
                condition=Q(replaces__isnull=True) | ~Q(reason=""),
                violation_error_message=_("Say why the earlier one is replaced."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.period}"

    def natural_key(self) -> tuple[str, ...]:
        indicator, area = self.indicator.natural_key(), self.area.natural_key()
        return (*indicator, self.kind, *area, self.period)

    natural_key.dependencies = [  # type: ignore[attr-defined]
        "recommendations.indicator",
        "recommendations.area",
    ]


class ImportRun(models.Model):
    """One file of statistics that was brought in, and what became of its figures.

    ``vintage`` is the day on which its source last updated it, as far as that is known; when it
    came in here is ``at``.
    """

    indicator = models.ForeignKey(
        Indicator, models.PROTECT, verbose_name=_("indicator"), related_name="imports"
    )
    at = models.DateTimeField(_("at"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("by"), related_name="+"
    )
    file_name = LineField(_("name of the file"))
    file_sha256 = models.CharField(_("SHA-256 of the file"), max_length=64)
    format = models.CharField(_("format"), max_length=20)
    series = LineField(_("series in the file"), blank=True)
    source = LineField(_("source"), blank=True, max_length=300)
    vintage = models.DateField(_("last updated by its source"), null=True, blank=True)
    new = models.PositiveIntegerField(_("new"))
    revised = models.PositiveIntegerField(_("revised"))
    unchanged = models.PositiveIntegerField(_("unchanged"))
    left_out = models.PositiveIntegerField(_("left out"))

    class Meta:
        verbose_name = _("import of figures")
        verbose_name_plural = _("imports of figures")
        ordering = ("-at", "-pk")
        constraints = [
            models.CheckConstraint(
                name="import_run_digest_is_sha256",
                condition=Q(file_sha256__regex=r"^[0-9a-f]{64}$"),
            ),
            models.CheckConstraint(
                name="import_run_changed_something", condition=Q(new__gt=0) | Q(revised__gt=0)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.file_name}, {self.at:%Y-%m-%d}"


class ObservationQuerySet(models.QuerySet["Observation"]):
    def get_by_natural_key(
        self, code: str, area: str, period: str, dimensions: str, revision: int
    ) -> "Observation":
        return self.get(
            indicator__code=code,
            area__code=area,
            period=period,
            dimensions=dimensions,
            revision=revision,
        )

    def headline(self) -> Self:
        """Figures that lead their indicator: those of ``with_headline``."""
        return self.filter(_leads())

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

    def latest_revisions(self, known: datetime | None = None) -> Self:
        """The last revision of each figure; with ``known``, as it stood at that moment."""
        later = Observation.objects.filter(
            indicator=models.OuterRef("indicator"),
            area=models.OuterRef("area"),
            period=models.OuterRef("period"),
            dimensions=models.OuterRef("dimensions"),
            revision__gt=models.OuterRef("revision"),
        )
        if known is None:
            return self.filter(~models.Exists(later))
        return self.filter(~models.Exists(later.filter(recorded_at__lte=known))).filter(
            recorded_at__lte=known
        )


def _leads() -> Q:
    rows = Observation.objects.filter(indicator=models.OuterRef("indicator"), dimensions="")
    elsewhere = rows.exclude(area=models.OuterRef("area"))
    return Q(dimensions="") & (Q(area__kind=AreaKind.ALL) | ~Q(models.Exists(elsewhere)))


class Observation(models.Model):
    """One figure, or one finding in words, of an indicator for an area and a period.

    Never edited: a changed figure is the next revision, and the earlier one stays.
    """

    indicator = models.ForeignKey(
        Indicator, models.PROTECT, verbose_name=_("indicator"), related_name="observations"
    )
    area = models.ForeignKey(
        "recommendations.Area", models.PROTECT, verbose_name=_("area"), related_name="observations"
    )
    period = models.CharField(_("period"), max_length=10, validators=[validate_period])
    first_day = models.DateField(_("first day"), editable=False)
    last_day = models.DateField(_("last day"), editable=False)
    dimensions = LineField(_("dimensions"), blank=True, help_text=_("Such as SEX=F|AGE=Y15T24."))
    value = ExactField(_("value"), null=True, blank=True)
    text = LineField(_("in words"), blank=True)
    numerator = ExactField(_("numerator"), null=True, blank=True)
    denominator = ExactField(_("denominator"), null=True, blank=True)
    obs_status = models.CharField(
        _("observation status"), max_length=1, choices=ObsStatus, default=ObsStatus.NORMAL
    )
    is_lower_bound = models.BooleanField(_("lower bound"), default=False)
    is_approximate = models.BooleanField(_("approximate"), default=False)
    is_derived = models.BooleanField(_("derived"), default=False)
    is_assumed = models.BooleanField(_("assumed"), default=False)
    comment = ProseField(_("comment"), blank=True)
    source = LineField(_("source"), blank=True, max_length=300)
    import_run = models.ForeignKey(
        "recommendations.ImportRun",
        models.PROTECT,
        verbose_name=_("import"),
        null=True,
        blank=True,
        editable=False,
        related_name="observations",
    )
    revision = models.PositiveIntegerField(_("revision"), default=1, editable=False)
    recorded_at = models.DateTimeField(_("recorded at"), editable=False)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name=_("recorded by"),
        null=True,
        editable=False,
        related_name="+",
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
                violation_error_message=_("A missing figure has no value."),
            ),
            models.CheckConstraint(
                name="observation_says_something",
                condition=Q(obs_status=ObsStatus.MISSING) | Q(value__isnull=False) | ~Q(text=""),
                violation_error_message=_("Give a value, words, or the status “missing”."),
            ),
            models.CheckConstraint(
                name="observation_days_in_order", condition=Q(first_day__lte=F("last_day"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.period}"

    def natural_key(self) -> tuple[str | int, ...]:
        indicator, area = self.indicator.natural_key(), self.area.natural_key()
        return (*indicator, *area, self.period, self.dimensions, self.revision)

    natural_key.dependencies = [  # type: ignore[attr-defined]
        "recommendations.indicator",
        "recommendations.area",
    ]

    @property
    def marks(self) -> list[str]:
        """Names of the marks that this figure carries, in a fixed order, as field names."""
        names = ("is_lower_bound", "is_approximate", "is_derived", "is_assumed")
        return [name for name in names if getattr(self, name)]
