"""Addresses of the pages, by what they are about."""

from django.urls import path

from recommendations.urls.accounts import account_patterns
from recommendations.urls.evidence import evidence_patterns
from recommendations.urls.indicators import indicator_patterns
from recommendations.urls.oversight import oversight_patterns
from recommendations.urls.recommendations import recommendation_patterns
from recommendations.urls.rounds import round_patterns
from recommendations.urls.sources import source_patterns
from recommendations.urls.updates import update_patterns
from recommendations.views import health, help, pickers, search
from recommendations.views.recommendations import feeds
from recommendations.views.recommendations import pages as recommendation_pages

urlpatterns = [
    path("", recommendation_pages.overview, name="overview"),
    *source_patterns,
    *recommendation_patterns,
    *update_patterns,
    *evidence_patterns,
    *indicator_patterns,
    *round_patterns,
    *oversight_patterns,
    *account_patterns,
    path("search/suggestions/", search.search_suggestions, name="search-suggestions"),
    path("pick/<slug:name>/", pickers.pick, name="pick"),
    path("feeds/updates.atom", feeds.updates_feed, name="updates-feed"),
    path("help/ratings/", help.help_ratings, name="help-ratings"),
    path("help/choices/", help.help_choices, name="help-choices"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
]
