"""Places: countries, regions, and the groups of countries that sources speak of."""

from typing import Any, Self

from django.apps import apps
from django.db import models
from django.db.models import Count, Exists, IntegerField, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from recommendations import permissions
from recommendations.models.base import Versioned
from recommendations.models.fields import LineField, ProseField
from recommendations.vocabulary import AreaKind


class AreaQuerySet(models.QuerySet["Area"]):
    def visible_to(self, person: Any) -> Self:
        """All for people with a role; for the public those that something public speaks to."""
        if permissions.can_read_internally(person):
            return self
        return self.filter(Exists(_addressees_shown_to(person).filter(area=OuterRef("pk"))))

    def with_addressed(self, person: Any) -> Self:
        """``addressed`` and ``answered``: by how many recommendations, to how many of them it says.

        Only those that the person sees and that are followed.
        """
        addressees = _addressees_shown_to(person).filter(area=OuterRef("pk")).order_by()
        counted = addressees.values("area").annotate(n=Count("pk")).values("n")
        answered = addressees.responded().values("area").annotate(n=Count("pk")).values("n")
        return self.annotate(
            addressed=Coalesce(Subquery(counted, output_field=IntegerField()), 0),
            answered=Coalesce(Subquery(answered, output_field=IntegerField()), 0),
        )


def _addressees_shown_to(person: Any) -> Any:
    # By the registry: tables of different themes do not import one another.
    addressees = apps.get_model("recommendations", "Addressee")._default_manager
    return addressees.living().shown_to(person)


_AreaManager = models.Manager.from_queryset(AreaQuerySet)


class AreaManager(_AreaManager["Area"]):
    def get_by_natural_key(self, code: str) -> "Area":
        return self.get(code=code)


class Area(Versioned):
    """A country (ISO 3166-1), a region (UN M49), a group of countries, or all of them.

    ``code`` is the ISO alpha-3 code of a country, ``M49-`` and three digits for a region, and a
    word of our own for a group.
    """

    code = models.SlugField(_("code"), max_length=40, unique=True)
    kind = models.CharField(_("kind"), max_length=10, choices=AreaKind)
    name = LineField(_("name"))
    iso2 = models.CharField(_("ISO 3166-1 alpha-2"), max_length=2, blank=True)
    iso3 = models.CharField(_("ISO 3166-1 alpha-3"), max_length=3, blank=True)
    m49 = models.CharField(_("UN M49"), max_length=3, blank=True)
    parent = models.ForeignKey(
        "self",
        models.PROTECT,
        verbose_name=_("lies in"),
        null=True,
        blank=True,
        related_name="parts",
    )
    notes = ProseField(_("notes"), blank=True)

    objects = AreaManager()

    class Meta:
        verbose_name = _("area")
        verbose_name_plural = _("areas")
        ordering = ("name", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=[field], condition=~models.Q(**{field: ""}), name=f"area_{field}_unique"
            )
            for field in ("iso2", "iso3", "m49")
        ]

    def __str__(self) -> str:
        return self.name

    def natural_key(self) -> tuple[str]:
        return (self.code,)

    def get_absolute_url(self) -> str:
        return reverse("area-detail", args=[self.code])
