"""The list of recommendations, each of them with its parts, and their imports."""

from django.urls import URLPattern, URLResolver, include, path

import recommendations.urls.converters  # noqa: F401 (which knows <code:…>)
from recommendations.urls.history import history_of
from recommendations.views import (
    action_items,
    approvers,
    briefings,
    comments,
    dates,
    lists,
    parts,
    relations,
    responses,
    signoffs,
    themes,
)
from recommendations.views.recommendations import (
    bulk_changes,
    citations,
    feeds,
    openings,
    publication,
    saved_views,
)
from recommendations.views.recommendations import detail as recommendation_detail
from recommendations.views.recommendations import imports as recommendation_imports
from recommendations.views.recommendations import pages as recommendation_pages
from recommendations.views.updates import review, transitions, writing

one_batch: list[URLPattern] = [
    path("", openings.opening_batch, name="opening-batch"),
    path("undo/", openings.opening_undo, name="opening-undo"),
    path("rows/<int:number>/", openings.opening_row, name="opening-row"),
    path("rows/<int:number>/leave-out/", openings.opening_leave_out, name="opening-leave-out"),
    path("rows/<int:number>/draft/", openings.opening_draft, name="opening-draft"),
]

one_recommendation: list[URLPattern | URLResolver] = [
    path("", recommendation_detail.recommendation_detail, name="recommendation-detail"),
    path(
        "evidence/", recommendation_detail.recommendation_evidence, name="recommendation-evidence"
    ),
    path("actions/", recommendation_detail.recommendation_actions, name="recommendation-actions"),
    path(
        "indicators/",
        recommendation_detail.recommendation_indicators,
        name="recommendation-indicators",
    ),
    path("history/", recommendation_detail.recommendation_history, name="recommendation-history"),
    path("wording/", recommendation_detail.recommendation_wording, name="recommendation-wording"),
    path("print/", recommendation_detail.recommendation_print, name="recommendation-print"),
    path("updates.atom", feeds.recommendation_feed, name="recommendation-feed"),
    path("briefing/", briefings.recommendation_pdf, name="recommendation-briefing"),
    path(
        "reported/", recommendation_imports.recommendation_reported, name="recommendation-reported"
    ),
    # Any words, so that the page can say what is wrong with them.
    path(
        "cited/<str:day>/<str:entry>/",
        citations.recommendation_cited,
        name="recommendation-cited",
    ),
    path("classify/", themes.recommendation_classify, name="recommendation-classify"),
    path("approvers/", approvers.recommendation_approvers, name="recommendation-approvers"),
    path("relations/new/", relations.relation_new, name="relation-new"),
    path("parts/new/", parts.part_new, name="part-new"),
    path("publish/", publication.recommendation_publish, name="recommendation-publish"),
    path("unpublish/", publication.recommendation_unpublish, name="recommendation-unpublish"),
    path("archive/", publication.recommendation_archive, name="recommendation-archive"),
    path("restore/", publication.recommendation_restore, name="recommendation-restore"),
    path("sign-off/", signoffs.sign_off, name="recommendation-sign-off"),
    *history_of("recommendation"),
    path("dates/", dates.recommendation_dates, name="recommendation-dates"),
    path("dates/set/", dates.date_set, name="date-set"),
    path("dates/request/", dates.date_request, name="date-request"),
    path("responses/", responses.response_list, name="response-list"),
    path("responses/export/", lists.response_file, name="response-export"),
    path("actions/new/", action_items.action_new, name="action-new"),
    path("comments/", comments.recommendation_comments, name="recommendation-comments"),
    path("updates/new/", writing.update_new, name="update-new"),
    path("updates/autosave/", writing.update_new_autosave, name="update-new-autosave"),
    path("updates/no-change/", transitions.update_no_change, name="update-no-change"),
]

recommendation_patterns: list[URLPattern | URLResolver] = [
    path("relations/<int:pk>/remove/", relations.relation_remove, name="relation-remove"),
    path("parts/<int:pk>/edit/", parts.part_edit, name="part-edit"),
    path("themes/", themes.theme_list, name="theme-list"),
    path("themes/new/", themes.theme_new, name="theme-new"),
    path("themes/<int:pk>/edit/", themes.theme_edit, name="theme-edit"),
    path("lead-organisations/", recommendation_pages.lead_list, name="lead-list"),
    # Before the page of one: no reference is a word alone, each ends in its number.
    *recommendation_pages.recommendation_list.paths(
        "recommendations/", "recommendation-list", "recommendation-export"
    ),
    path("recommendations/briefing/", briefings.list_pdf, name="list-briefing"),
    path("recommendations/bulk/", bulk_changes.bulk_new, name="bulk-new"),
    path("recommendations/bulk/<int:sequence>/", bulk_changes.bulk_change, name="bulk-change"),
    path("recommendations/bulk/<int:sequence>/undo/", bulk_changes.bulk_undo, name="bulk-undo"),
    path("recommendations/views/", saved_views.saved_view_list, name="saved-view-list"),
    path("recommendations/views/new/", saved_views.saved_view_new, name="saved-view-new"),
    path("recommendations/views/<int:pk>/", saved_views.saved_view_edit, name="saved-view-edit"),
    path(
        "recommendations/views/<int:pk>/remove/",
        saved_views.saved_view_remove,
        name="saved-view-remove",
    ),
    path(
        "recommendations/import/",
        recommendation_imports.recommendation_import,
        name="recommendation-import",
    ),
    path(
        "recommendations/import/template.xlsx",
        recommendation_imports.recommendation_import_template,
        name="recommendation-import-template",
    ),
    path(
        "recommendations/import/<str:token>/sheet/",
        recommendation_imports.recommendation_import_sheet,
        name="recommendation-import-sheet",
    ),
    path(
        "recommendations/import/<str:token>/progress/",
        recommendation_imports.recommendation_import_progress,
        name="recommendation-import-progress",
    ),
    path(
        "recommendations/import/<str:token>/",
        recommendation_imports.recommendation_import_map,
        name="recommendation-import-map",
    ),
    path("recommendations/openings/<int:pk>/", include(one_batch)),
    path("recommendations/<code:reference>/", include(one_recommendation)),
    path("dates/<int:pk>/approve/", review.date_approve, name="date-approve"),
    path("dates/<int:pk>/reject/", review.date_reject, name="date-reject"),
    path("dates/<int:pk>/withdraw/", dates.date_withdraw, name="date-withdraw"),
    path("responses/<int:pk>/evidence/", responses.response_evidence, name="response-evidence"),
    path(
        "responses/<int:pk>/evidence/<int:link_pk>/remove/",
        responses.response_evidence_remove,
        name="response-evidence-remove",
    ),
    path("actions/<int:pk>/", action_items.action_edit, name="action-edit"),
]
