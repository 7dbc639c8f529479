"""Filters of the list of recommendations that people keep under a name."""

from typing import Self

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from recommendations import permissions
from recommendations.models.base import Removable, Versioned, together
from recommendations.models.fields import LineField, PersonField
from recommendations.permissions import Person


class SavedViewQuerySet(models.QuerySet["SavedView"]):
    def visible_to(self, person: Person) -> Self:
        """Their own and those that are shared, as long as they are in use."""
        if not permissions.can_read_internally(person):
            return self.none()
        return self.filter(Q(owner=person.pk) | Q(is_shared=True), removed_at__isnull=True)


class SavedView(Removable, Versioned):
    """What somebody filters and sorts the list by, under a name; perhaps for all to use."""

    owner = PersonField(_("owner"), editable=False, related_name="saved_views")
    name = LineField(_("name"), max_length=80)
    query = LineField(_("filter"), max_length=2000)
    is_shared = models.BooleanField(
        _("shared"),
        default=False,
        help_text=_("Everyone with a role sees the view above the list."),
    )

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        verbose_name = _("saved view")
        verbose_name_plural = _("saved views")
        ordering = ("name", "pk")
        constraints = [
            models.UniqueConstraint(
                name="saved_view_name_once",
                fields=["owner", "name"],
                condition=Q(removed_at__isnull=True),
                violation_error_message=_("You already have a view of this name."),
            ),
            models.CheckConstraint(
                name="saved_view_has_filter",
                condition=~Q(query=""),
                violation_error_message=_("Set a filter or an order in the list first."),
            ),
            together("saved_view_removed_together", "removed_at", "removed_by"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return f"{reverse('recommendation-list')}?{self.query}"
