"""Places: countries, regions, and the groups of countries that sources speak of."""

from typing import Any, ClassVar, Self

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Value
from django.db.models.functions import Coalesce, NullIf
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from recommendations import permissions
from recommendations.choices import AreaKind, CodeList
from recommendations.models.base import Keyed, KeyedQuerySet, Removable, Versioned, together
from recommendations.models.fields import LineField, ProseField, RelatedField
from recommendations.models.indicators import Target
from recommendations.models.observations import Observation
from recommendations.models.responses import Addressee
from recommendations.names import NAMED_IN
from recommendations.permissions import Person


class AreaQuerySet(KeyedQuerySet["Area"]):
    def visible_to(self, person: Person) -> Self:
        """All for people with a role; for the public those that something public speaks to."""
        if permissions.can_read_internally(person):
            return self
        shown = Addressee.objects.living().shown_to(person)
        return self.filter(Exists(shown.filter(area=OuterRef("pk"))))

    def in_use(self) -> Self:
        """Those that something here is about besides being addressed.

        Measured, a group, or a member of one: a table of all countries holds many of which nothing
        is said.
        """
        here = {"area": OuterRef("pk")}
        return self.filter(
            Q(kind=AreaKind.GROUP)
            | Exists(Observation.objects.standing().filter(**here))
            | Exists(Target.objects.filter(**here))
            | Exists(GroupMembership.objects.living().filter(member=OuterRef("pk")))
        )

    def localised(self) -> models.QuerySet[Any]:
        """``shown_name``: the name in the language of the reader, else in English."""
        column = _name_column()
        if not column:
            return self.annotate(shown_name=F("name"))
        return self.annotate(shown_name=Coalesce(NullIf(F(column), Value("")), F("name")))


def _name_column() -> str:
    """The column of names in the reader's language; empty where that is English or another."""
    language = (get_language() or "").partition("-")[0]
    return f"name_{language}" if language in NAMED_IN else ""


def is_fictional_area(code: str) -> bool:
    """Whether this is the code of one of the fictional areas of the demonstration."""
    return code.startswith("demonstration-")


class Area(Keyed, Versioned):
    """A country (ISO 3166-1), a region (UN M49), a group of countries, a part of a country, or all.

    ``code`` is the ISO alpha-3 code of a country, ``M49-`` and three digits for a region, and a
    word of our own for a group. That of a part begins with the code of its country, the ``parent``.
    """

    NATURAL_KEY: ClassVar[tuple[str, ...]] = ("code",)

    code = models.SlugField(_("code"), max_length=40, unique=True)
    kind = models.CharField(_("kind"), max_length=10, choices=AreaKind)
    name = LineField(
        _("name"), help_text=_("In English. Shown if there is no name in the reader’s language.")
    )
    # A column a language, and no table or JSON of names: lists need no join, each is checked as
    # any other line, and a file of the administration has a column for each.
    name_ar = LineField(_("name in Arabic"), blank=True)
    name_zh = LineField(_("name in Chinese"), blank=True)
    name_fr = LineField(_("name in French"), blank=True)
    name_ru = LineField(_("name in Russian"), blank=True)
    name_es = LineField(_("name in Spanish"), blank=True)
    iso2 = models.CharField(_("ISO 3166-1 alpha-2"), max_length=2, blank=True)
    iso3 = models.CharField(_("ISO 3166-1 alpha-3"), max_length=3, blank=True)
    m49 = models.CharField(_("UN M49"), max_length=3, blank=True)
    parent = RelatedField("self", _("part of"), null=True, blank=True, related_name="parts")
    notes = ProseField(_("notes"), blank=True)

    objects = AreaQuerySet.as_manager()

    class Meta:
        verbose_name = _("area")
        verbose_name_plural = _("areas")
        ordering = ("name", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=[field],
                condition=~models.Q(**{field: ""}),
                name=f"area_{field}_unique",
                violation_error_message=said,
            )
            for field, said in (
                ("iso2", _("Another area has this ISO 3166-1 alpha-2 code.")),
                ("iso3", _("Another area has this ISO 3166-1 alpha-3 code.")),
                ("m49", _("Another area has this UN M49 code.")),
            )
        ] + [
            models.CheckConstraint(
                name="area_codes_have_their_form",
                condition=Q(
                    iso2__regex="^([A-Z]{2})?$",
                    iso3__regex="^([A-Z]{3})?$",
                    m49__regex="^([0-9]{3})?$",
                ),
                violation_error_message=_(
                    "ISO 3166-1 codes are two and three capital letters, UN M49 codes three digits."
                ),
            ),
            models.CheckConstraint(
                name="area_part_is_of_something",
                condition=~Q(kind=AreaKind.PART) | Q(parent__isnull=False),
                violation_error_message=_("State the country that this is a part of."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_demonstration(self) -> bool:
        """Whether it is one of the fictional areas of the demonstration."""
        return is_fictional_area(self.code)

    @property
    def local_name(self) -> str:
        """The name in the language of the reader, else in English."""
        column = _name_column()
        return (column and getattr(self, column)) or self.name

    def get_absolute_url(self) -> str:
        return reverse("area-detail", args=[self.code])


class AreaAlias(Keyed, Removable):
    """Another name under which files speak of an area, or a code of another list.

    Names are compared folded (``recommendations.names``), so case and accents need no alias.
    """

    NATURAL_KEY: ClassVar[tuple[str, ...]] = ("code_list", "alias")

    area = RelatedField(Area, _("area"), related_name="aliases")
    alias = LineField(_("name or code"))
    # Empty for a name.
    code_list = models.CharField(_("code list"), max_length=10, choices=CodeList, blank=True)

    objects = KeyedQuerySet.as_manager()

    class Meta:
        verbose_name = _("other name or code")
        verbose_name_plural = _("other names and codes")
        ordering = ("area", "code_list", "alias", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=["code_list", "alias"],
                condition=Q(removed_at__isnull=True),
                name="area_alias_once",
                violation_error_message=_("This name or code already identifies an area."),
            ),
            together("area_alias_removed_together", "removed_at", "removed_by"),
        ]

    def __str__(self) -> str:
        return self.alias


class GroupMembershipQuerySet(KeyedQuerySet["GroupMembership"]):
    def living(self) -> Self:
        """Those that are in use, of whatever time they speak."""
        return self.filter(removed_at__isnull=True)


class GroupMembership(Keyed, Removable):
    """That an area belongs to a group, from a first to a last day, both included.

    An area that left and came back has two rows.
    """

    NATURAL_KEY: ClassVar[tuple[str, ...]] = ("group__code", "member__code", "valid_from")

    group = RelatedField(Area, _("group"), related_name="memberships")
    member = RelatedField(Area, _("member"), related_name="member_of")
    valid_from = models.DateField(_("valid from"), null=True, blank=True)
    valid_to = models.DateField(_("valid to"), null=True, blank=True)
    source = LineField(_("source"), blank=True, max_length=300)

    objects = GroupMembershipQuerySet.as_manager()

    class Meta:
        verbose_name = _("member of a group")
        verbose_name_plural = _("members of groups")
        ordering = ("group", "member", "valid_from", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=["group", "member", "valid_from"],
                condition=Q(removed_at__isnull=True),
                name="membership_once",
                violation_error_message=_("This area is already a member from that day."),
            ),
            models.UniqueConstraint(
                fields=["group", "member"],
                condition=Q(removed_at__isnull=True, valid_from__isnull=True),
                name="membership_without_beginning_once",
                violation_error_message=_("This area is already a member."),
            ),
            models.CheckConstraint(
                name="membership_is_of_another",
                condition=~Q(group=F("member")),
                violation_error_message=_("A group cannot be a member of itself."),
            ),
            models.CheckConstraint(
                name="membership_days_in_order",
                condition=Q(valid_from__isnull=True)
                | Q(valid_to__isnull=True)
                | Q(valid_from__lte=F("valid_to")),
                violation_error_message=_("The last day is before the first."),
            ),
            together("membership_removed_together", "removed_at", "removed_by"),
        ]

    def __str__(self) -> str:
        return f"{self.member} – {self.group}"

    def clean(self) -> None:
        """Only a group has members; a constraint cannot look at another row."""
        group = getattr(self, "group", None)  # Not there yet where the form lacks it.
        if group is not None and group.kind != AreaKind.GROUP:
            raise ValidationError(_("Only a group of countries has members."))
