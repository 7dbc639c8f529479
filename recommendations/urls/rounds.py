"""Reporting rounds."""

from django.urls import URLPattern, URLResolver, path

from recommendations.views.rounds import new as round_new
from recommendations.views.rounds import pages as round_pages
from recommendations.views.rounds import running as round_acts
from recommendations.views.rounds import sheets as round_sheets

round_patterns: list[URLPattern | URLResolver] = [
    path("rounds/", round_pages.round_list.page, name="round-list"),
    path("rounds/new/", round_new.round_new, name="round-new"),
    path("rounds/<int:pk>/", round_pages.round_detail, name="round-detail"),
    *round_pages.round_requests.paths(
        "rounds/<int:pk>/requests/", "round-requests", "round-export"
    ),
    path("rounds/<int:pk>/remind/", round_acts.round_remind, name="round-remind"),
    path("rounds/<int:pk>/close/", round_acts.round_close, name="round-close"),
    path(
        "rounds/<int:pk>/spreadsheet/<int:organisation>/",
        round_sheets.round_sheet,
        name="round-sheet-file",
    ),
    path(
        "rounds/<int:pk>/upload/<int:organisation>/",
        round_sheets.round_upload,
        name="round-upload",
    ),
    path(
        "rounds/<int:pk>/upload/<int:organisation>/<str:token>/",
        round_sheets.round_upload_preview,
        name="round-upload-preview",
    ),
    path(
        "rounds/<int:pk>/extend/<int:organisation>/",
        round_acts.round_extend,
        name="round-extend",
    ),
]
