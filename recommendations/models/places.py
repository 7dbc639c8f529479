"""Places: countries, regions, and the groups of countries that sources speak of."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from recommendations.models.base import Versioned
from recommendations.models.fields import LineField, ProseField
from recommendations.vocabulary import AreaKind


class AreaManager(models.Manager["Area"]):
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
