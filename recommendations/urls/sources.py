"""Pages of one source."""

from django.urls import URLPattern, include, path

from recommendations.views import (
    briefings,
    changes,
    lists,
    over_time,
    signoffs,
)
from recommendations.views.recommendations import feeds
from recommendations.views.recommendations import pages as recommendation_pages

one_source: list[URLPattern] = [
    path("", recommendation_pages.source_detail, name="source-detail"),
    path("updates.atom", feeds.source_feed, name="source-feed"),
    path("briefing/", briefings.source_pdf, name="source-briefing"),
    path("over-time/", over_time.source_over_time, name="source-over-time"),
    path(
        "over-time/<slug:picture>.svg",
        over_time.source_over_time_chart,
        name="source-over-time-chart",
    ),
    path(
        "over-time/<slug:picture>.csv",
        over_time.source_over_time_data,
        name="source-over-time-data",
    ),
    *lists.source_date_list.paths("dates/", "source-dates", "dates-export"),
    path("sign-off/", signoffs.source_sign_off, name="source-sign-off"),
    path("changes/", changes.source_changes, name="source-changes"),
    path(
        "changes/export/",
        changes.source_changes_export,
        name="source-changes-export",
    ),
    path(
        "changes/briefing/",
        briefings.source_changes_pdf,
        name="source-changes-briefing",
    ),
]

source_patterns = [path("sources/<slug:slug>/", include(one_source))]
