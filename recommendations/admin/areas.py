"""Areas: countries, regions and groups of countries, with what else they are called."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from recommendations.actions import areas
from recommendations.admin.framework.base import TrackedInline
from recommendations.admin.framework.bulk import AreaResource, BulkAdmin
from recommendations.admin.framework.filters import by_row
from recommendations.admin.framework.lists import beside, count
from recommendations.choices import AreaKind
from recommendations.models import Addressee, Area, AreaAlias, GroupMembership
from recommendations.names import NAMED_IN
from recommendations.pickers import kinds
from recommendations.queries.administration.beside import counts_by


class AliasInline(TrackedInline):
    """What files call it. Another spelling is another row: loaded figures went by this one."""

    model = AreaAlias
    fields = ("alias", "code_list")
    fixed = ("alias", "code_list")
    noun = "alias"
    add_action = staticmethod(areas.add_alias)
    remove_action = staticmethod(areas.remove_alias)


class MembershipInline(TrackedInline):
    """The members of a group. One that left keeps its row, with the last day."""

    model = GroupMembership
    fk_name = "group"
    autocomplete_fields = ("member",)
    fields = ("member", "valid_from", "valid_to", "source")
    fixed = ("member",)
    noun = "membership"
    add_action = staticmethod(areas.add_member)
    change_action = staticmethod(areas.change_member)
    remove_action = staticmethod(areas.remove_member)

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("member")


def _members(rows: Sequence[Area]) -> dict[int, int]:
    """How many each group has; no other area has any."""
    groups = [row.pk for row in rows if row.kind == AreaKind.GROUP]
    counts = counts_by(GroupMembership.objects.living(), "group", groups)
    return {key: counts[key] for key in groups}


@admin.register(Area)
class AreaAdmin(BulkAdmin):
    add_action = staticmethod(areas.add_area)
    change_action = staticmethod(areas.change_area)
    resource_classes = [AreaResource]
    list_display = (
        *("name", "code", "kind", "parent"),
        beside(_("members"), _members),
        count(_("recommendations addressed"), Addressee.objects.living, "area"),
    )
    list_filter = ("kind", ("parent", by_row(kinds.PLACES)))
    list_select_related = ("parent",)
    search_fields = ("name", "code", "iso2", "iso3", "m49", *(f"name_{x}" for x in NAMED_IN))
    autocomplete_fields = ("parent",)
    inlines = (AliasInline, MembershipInline)
    # Figures and imports name areas by their code.
    set_once = ("code",)
    fieldsets = (
        (None, {"fields": ("name", "code", "kind", "parent", "iso2", "iso3", "m49", "notes")}),
        (_("Names in other languages"), {"fields": tuple(f"name_{x}" for x in NAMED_IN)}),
    )

    def get_inlines(self, request: HttpRequest, obj: Any) -> Any:
        """Once an area is there; and only a group has members."""
        if obj is None:
            return ()
        return self.inlines if obj.kind == AreaKind.GROUP else (AliasInline,)
