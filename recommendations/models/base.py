"""What several tables share."""

from collections.abc import Sequence
from datetime import date
from operator import attrgetter
from typing import Any, ClassVar, Self, TypeVar

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from recommendations import permissions
from recommendations.choices import Visibility
from recommendations.models.fields import PersonField
from recommendations.permissions import Person

M = TypeVar("M", bound="Keyed")
R = TypeVar("R", bound=models.Model)


class KeyedQuerySet(models.QuerySet[M]):
    def get_by_natural_key(self, *key: Any) -> Any:
        """The row in use, else the one removed last; ``DoesNotExist`` where there is none."""
        rows = self.filter(**dict(zip(self.model.NATURAL_KEY, key, strict=True)))
        is_removable = any(field.name == "removed_at" for field in self.model._meta.fields)
        return live_or_last_removed(rows) if is_removable else rows.get()


class InternalQuerySet(models.QuerySet[R]):
    """Rows that everybody with a role reads, all of them, and the public none."""

    def visible_to(self, person: Person) -> Self:
        return self if permissions.can_read_internally(person) else self.none()


class Keyed(models.Model):
    """A row that fixtures name by the columns of ``NATURAL_KEY``."""

    NATURAL_KEY: ClassVar[tuple[str, ...]] = ("slug",)

    class Meta:
        abstract = True

    def natural_key(self) -> tuple[Any, ...]:
        return tuple(_plain(self, name) for name in self.NATURAL_KEY)


def _plain(thing: models.Model, path: str) -> Any:
    value = attrgetter(path.replace("__", "."))(thing)
    return value.isoformat() if isinstance(value, date) else value


class Versioned(models.Model):
    """A row that people edit: its version rises with every change, so stale writes are seen."""

    version = models.PositiveIntegerField(_("version"), default=1, editable=False)
    updated_at = models.DateTimeField(_("last changed"), null=True, editable=False)

    class Meta:
        abstract = True

    def unique_error_message(
        self, model_class: type[models.Model], unique_check: Sequence[str]
    ) -> ValidationError:
        """In the words of this site where the column has none of its own."""
        told = super().unique_error_message(model_class, unique_check)
        if told.message == models.Field.default_error_messages["unique"]:
            told.message = _("Another record has this value. Enter a different value.")
        return told


class Markable(models.Model):
    """A row that says of itself whether it is fictional; what demonstration accounts add is."""

    is_demonstration = models.BooleanField(
        _("demonstration data"),
        default=False,
        editable=False,
        help_text=_("Fictional, and marked as such wherever the name is shown."),
    )

    class Meta:
        abstract = True


class Removable(models.Model):
    """A row that is removed from use, with who and when, and is never deleted."""

    removed_at = models.DateTimeField(_("removed at"), null=True, blank=True, editable=False)
    removed_by = PersonField(_("removed by"), null=True, blank=True, editable=False)

    class Meta:
        abstract = True


def live_or_last_removed(rows: models.QuerySet[Any]) -> Any:
    """The row that is in use, else the one removed last; ``DoesNotExist`` where there is none.

    A row may have been removed and added again. So natural keys are for loading; a dump that must
    come back the same keeps its primary keys.
    """
    found = rows.order_by(F("removed_at").desc(nulls_first=True), "-pk").first()
    if found is None:
        raise rows.model.DoesNotExist
    return found


def together(name: str, *fields: str) -> models.CheckConstraint:
    """A constraint that all of these columns are set, or none of them is."""
    return models.CheckConstraint(
        name=name,
        condition=Q(**{f"{field}__isnull": True for field in fields})
        | Q(**{f"{field}__isnull": False for field in fields}),
        violation_error_message=_(
            "Enter the person, the date and the other details together, or none of them."
        ),
    )


def exactly_one(fields: Sequence[str]) -> Q:
    """True where one of these columns is set and all others are empty."""
    found = Q()
    for chosen in fields:
        found |= Q(**{f"{field}__isnull": field != chosen for field in fields})
    return found


AGREED = Q(waits_for_agreement=False) | Q(agreed_at__isnull=False)
"""Condition on evidence links: no second manager has still to agree that readers outside see it."""

SHOWN_OUTSIDE = Q(evidence__visibility=Visibility.PUBLIC) & AGREED
"""Condition on evidence links: neither the item nor the link is internal."""


def readable_links(person: Person) -> Q:
    """Condition on evidence links: only those that the person may read, with their evidence."""
    if permissions.can_read_internal_evidence(person):
        return Q()
    return SHOWN_OUTSIDE
