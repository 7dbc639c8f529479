"""Themes: what recommendations are about, as one flat list for all sources."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from recommendations.models.base import Keyed, KeyedQuerySet, Versioned
from recommendations.models.fields import LineField, ProseField


class Theme(Keyed, Versioned):
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
