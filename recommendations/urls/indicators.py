"""Indicators, their values, the gap, and areas."""

from django.urls import URLPattern, URLResolver, include, path

import recommendations.urls.converters  # noqa: F401 (which knows <code:…>)
from recommendations.views import (
    area_imports,
    areas,
    lists,
)
from recommendations.views.indicators import confirmations, gap
from recommendations.views.indicators import imports as observation_imports
from recommendations.views.indicators import pages as indicator_pages

one_indicator = [
    path("", indicator_pages.indicator_detail, name="indicator-detail"),
    path("import/", observation_imports.figure_import, name="figure-import"),
    path("imports/<int:pk>/", confirmations.import_detail, name="import-detail"),
    path("imports/<int:pk>/undo/", observation_imports.import_undo, name="import-undo"),
    path("chart.svg", indicator_pages.indicator_chart, name="indicator-chart"),
    path("chart.csv", indicator_pages.indicator_chart_data, name="indicator-chart-data"),
    path("export/", lists.figure_file, name="figure-export"),
    path("figures/new/", indicator_pages.figure_new, name="figure-new"),
]

indicator_patterns: list[URLPattern | URLResolver] = [
    *lists.indicator_list.paths("indicators/", "indicator-list", "indicator-export"),
    path("indicators/<code:code>/", include(one_indicator)),
    path("gap/", gap.gap_page, name="gap"),
    path("gap/<slug:picture>.svg", gap.gap_picture, name="gap-picture"),
    path("gap/<slug:picture>.csv", gap.gap_data, name="gap-data"),
    path("figures/<int:pk>/confirm/", confirmations.value_confirm, name="value-confirm"),
    path("figures/<int:pk>/evidence/", indicator_pages.figure_evidence, name="figure-evidence"),
    path(
        "figures/<int:pk>/evidence/<int:link_pk>/remove/",
        indicator_pages.figure_evidence_remove,
        name="figure-evidence-remove",
    ),
    *lists.area_list.paths("areas/", "area-list", "area-export"),
    path("areas/import/", area_imports.area_import, name="area-import"),
    path("areas/<code:code>/", areas.area_detail, name="area-detail"),
]
