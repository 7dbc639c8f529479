"""Areas: countries, regions and groups of countries."""

from django.contrib import admin

from recommendations.admin.bulk import AreaResource, BulkAdmin
from recommendations.models import Area


@admin.register(Area)
class AreaAdmin(BulkAdmin):
    resource_classes = [AreaResource]
    list_display = ("name", "code", "kind", "parent")
    list_filter = ("kind",)
    list_select_related = ("parent",)
    search_fields = ("name", "code", "iso2", "iso3", "m49")
    autocomplete_fields = ("parent",)
    # Figures and imports name areas by their code.
    set_once = ("code",)
    fields = ("name", "code", "kind", "parent", "iso2", "iso3", "m49", "notes")
