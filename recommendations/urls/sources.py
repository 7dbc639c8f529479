"""Pages of one source."""

from django.urls import URLPattern, URLResolver, include, path

from recommendations.urls.history import history_of
from recommendations.views import (
    briefings,
    history,
    lists,
    signoffs,
)
from recommendations.views.recommendations import feeds
from recommendations.views.recommendations import pages as recommendation_pages

one_source: list[URLPattern | URLResolver] = [
    path("", recommendation_pages.source_detail, name="source-detail"),
    path("updates.atom", feeds.source_feed, name="source-feed"),
    path("briefing/", briefings.source_pdf, name="source-briefing"),
    *lists.source_date_list.paths("dates/", "source-dates", "dates-export"),
    path("sign-off/", signoffs.sign_off, name="source-sign-off"),
    path("history/", history.first, name="source-history"),
    *history_of("source"),
]

source_patterns = [path("sources/<slug:slug>/", include(one_source))]
