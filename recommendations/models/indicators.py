"""Indicators: what is measured, where it started, and where it should go."""

from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from recommendations import permissions
from recommendations.choices import (
    Direction,
    Frequency,
    Measure,
    Movement,
    Relation,
    Reporting,
    ResultLevel,
    TargetKind,
    TargetMark,
)
from recommendations.models.base import Keyed, KeyedQuerySet, Removable, Versioned, together
from recommendations.models.fields import (
    ExactField,
    LineField,
    PersonField,
    ProseField,
    RelatedField,
    UniqueRelatedField,
    validate_period,
)
from recommendations.permissions import Person


class IndicatorQuerySet(KeyedQuerySet["Indicator"]):
    def visible_to(self, person: Person) -> Self:
        """All for people with a role; published ones for everybody else."""
        if permissions.can_read_internally(person):
            return self
        return self.filter(is_published=True)


class Indicator(Keyed, Versioned):
    """Something that is measured or judged from period to period.

    ``movement`` follows from its figures and its direction (``movement_of``): each action
    that touches these works it out again.
    """

    NATURAL_KEY: ClassVar[tuple[str, ...]] = ("code",)

    code = models.CharField(_("code"), max_length=40, unique=True)
    title = LineField(_("title"), max_length=300)
    definition = ProseField(_("definition"))
    unit = LineField(_("unit"), max_length=80)
    measure = models.CharField(_("measure"), max_length=1, choices=Measure)
    direction = models.CharField(_("desired direction"), max_length=12, choices=Direction)
    reporting = models.CharField(
        _("reporting type"), max_length=12, choices=Reporting, default=Reporting.PERIODIC
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
    vocabulary = LineField(
        _("vocabulary"), blank=True, help_text=_("The organisation that maintains the code list.")
    )
    vocabulary_code = LineField(_("code in the code list"), blank=True)
    vocabulary_uri = models.URLField(_("address in the code list"), blank=True)
    is_published = models.BooleanField(_("published"), default=False)
    asks_confirmation = models.BooleanField(
        _("values need confirmation"),
        default=False,
        help_text=_(
            "A second person confirms values entered by hand or without a named "
            "statistical office. On by default for a published indicator."
        ),
    )
    movement = models.CharField(
        _("movement"), max_length=8, choices=Movement, blank=True, editable=False
    )

    objects = IndicatorQuerySet.as_manager()

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

    def get_absolute_url(self) -> str:
        return reverse("indicator-detail", args=[self.code])

    def linked_recommendations(self) -> list[Any]:
        """What it is linked to still, each with what permissions ask of it."""
        links = self.links.filter(removed_at__isnull=True).select_related("recommendation")
        rows = links.prefetch_related("recommendation__contributors").order_by("pk")
        return [link.recommendation for link in rows]


class IndicatorLink(Keyed, Removable):
    """What an indicator says about a recommendation."""

    NATURAL_KEY: ClassVar[tuple[str, ...]] = ("recommendation__reference", "indicator__code")

    recommendation = RelatedField(
        "Recommendation", _("recommendation"), related_name="indicator_links"
    )
    indicator = RelatedField(Indicator, _("indicator"), related_name="links")
    relation = models.CharField(_("role"), max_length=10, choices=Relation)
    why = ProseField(_("relevance"), blank=True)

    objects = KeyedQuerySet.as_manager()

    class Meta:
        verbose_name = _("indicator link")
        verbose_name_plural = _("indicator links")
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(
                fields=["recommendation", "indicator"],
                condition=Q(removed_at__isnull=True),
                name="indicator_link_once",
                violation_error_message=_(
                    "This indicator is already linked to this recommendation."
                ),
            ),
            together("indicator_link_removed_together", "removed_at", "removed_by"),
        ]

    def __str__(self) -> str:
        return f"{self.indicator_id}: {self.get_relation_display()}"


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

    indicator = RelatedField(Indicator, _("indicator"), related_name="targets")
    kind = models.CharField(_("kind"), max_length=10, choices=TargetKind)
    area = RelatedField("Area", _("area"))
    period = models.CharField(_("period"), max_length=10, validators=[validate_period])
    value = ExactField(_("value"), null=True, blank=True)
    text = LineField(_("value in words"), blank=True)
    mark = models.CharField(
        _("how obtained"), max_length=10, choices=TargetMark, default=TargetMark.STATED
    )
    comment = ProseField(_("comment"), blank=True)
    replaces = UniqueRelatedField(
        "self", _("replaces"), null=True, blank=True, related_name="replaced_by"
    )
    reason = ProseField(_("reason for the change"), blank=True)
    recorded_at = models.DateTimeField(_("recorded at"), editable=False)
    recorded_by = PersonField(_("recorded by"), null=True, editable=False)

    objects = TargetManager()

    class Meta:
        verbose_name = _("baseline or target")
        verbose_name_plural = _("baselines and targets")
        ordering = ("indicator", "period", "pk")
        constraints = [
            models.CheckConstraint(
                name="target_says_something",
                condition=Q(value__isnull=False) | ~Q(text=""),
                violation_error_message=_("Enter a value or describe the value in words."),
            ),
            models.CheckConstraint(
                name="target_change_has_reason",
                condition=Q(replaces__isnull=True) | ~Q(reason=""),
                violation_error_message=_("Give the reason for replacing the earlier value."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.period}"

    def natural_key(self) -> tuple[str, ...]:
        indicator, area = self.indicator.natural_key(), self.area.natural_key()
        return (*indicator, self.kind, *area, self.period)
