"""Addresses of the pages."""

from typing import Any

from django.contrib.auth import views as auth
from django.urls import URLPattern, include, path, register_converter

from recommendations.forms.passwords import (
    QueuedPasswordResetForm,
    RecordedPasswordChangeForm,
    RecordedSetPasswordForm,
)
from recommendations.forms.sign_in import SignInForm
from recommendations.views import (
    accounts,
    action_items,
    approvers,
    area_imports,
    areas,
    briefings,
    changes,
    comments,
    dates,
    deputies,
    exceptions,
    exports,
    health,
    help,
    invitations,
    log,
    notifications,
    over_time,
    parts,
    pickers,
    relations,
    responses,
    search,
    signoffs,
    themes,
)
from recommendations.views.evidence import files as evidence_files
from recommendations.views.evidence import items as evidence_items
from recommendations.views.indicators import confirmations, gap
from recommendations.views.indicators import imports as observation_imports
from recommendations.views.indicators import pages as indicator_pages
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
from recommendations.views.rounds import new as round_new
from recommendations.views.rounds import pages as round_pages
from recommendations.views.rounds import running as round_acts
from recommendations.views.rounds import sheets as round_sheets
from recommendations.views.setup import grid as setup_grid
from recommendations.views.setup import pages as setup_pages
from recommendations.views.setup import people as setup_people
from recommendations.views.updates import calendars, my_work, review, transitions, writing


class CodeConverter:
    """A reference or a code: letters, digits, points and dashes."""

    regex = r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(CodeConverter, "code")

one_batch: list[URLPattern] = [
    path("", openings.opening_batch, name="opening-batch"),
    path("undo/", openings.opening_undo, name="opening-undo"),
    path("rows/<int:number>/", openings.opening_row, name="opening-row"),
    path("rows/<int:number>/leave-out/", openings.opening_leave_out, name="opening-leave-out"),
    path("rows/<int:number>/draft/", openings.opening_draft, name="opening-draft"),
]


one_recommendation = [
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
    path("print/", recommendation_detail.recommendation_print, name="recommendation-print"),
    path("updates.atom", feeds.recommendation_feed, name="recommendation-feed"),
    path("briefing/", briefings.recommendation_pdf, name="recommendation-briefing"),
    path(
        "reported/", recommendation_imports.recommendation_reported, name="recommendation-reported"
    ),
    # Any words, so that the page can say what is wrong with them.
    path(
        "cited/<str:day>/<str:number>/",
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
    path("sign-off/", signoffs.recommendation_sign_off, name="recommendation-sign-off"),
    path("changes/", changes.recommendation_changes, name="recommendation-changes"),
    path(
        "changes/export/",
        changes.recommendation_changes_export,
        name="recommendation-changes-export",
    ),
    path("over-time/", over_time.recommendation_over_time, name="recommendation-over-time"),
    path(
        "over-time/<slug:picture>.svg",
        over_time.recommendation_over_time_chart,
        name="recommendation-over-time-chart",
    ),
    path(
        "over-time/<slug:picture>.csv",
        over_time.recommendation_over_time_data,
        name="recommendation-over-time-data",
    ),
    path(
        "changes/briefing/",
        changes.recommendation_changes_pdf,
        name="recommendation-changes-briefing",
    ),
    path("dates/", dates.recommendation_dates, name="recommendation-dates"),
    path("dates/set/", dates.date_set, name="date-set"),
    path("dates/request/", dates.date_request, name="date-request"),
    path("responses/", responses.response_list, name="response-list"),
    path("responses/export/", exports.response_export, name="response-export"),
    path("actions/new/", action_items.action_new, name="action-new"),
    path("comments/", comments.recommendation_comments, name="recommendation-comments"),
    path("updates/new/", writing.update_new, name="update-new"),
    path("updates/autosave/", writing.update_new_autosave, name="update-new-autosave"),
    path("updates/no-change/", transitions.update_no_change, name="update-no-change"),
]

one_update = [
    path("", writing.update_detail, name="update-detail"),
    path("comments/", comments.update_comments, name="update-comments"),
    path("save/", writing.update_save, name="update-save"),
    path("autosave/", writing.update_autosave, name="update-autosave"),
    path("submit/", writing.update_submit, name="update-submit"),
    path("evidence/", writing.update_evidence, name="update-evidence"),
    path(
        "evidence/<int:link_pk>/remove/",
        writing.update_evidence_remove,
        name="update-evidence-remove",
    ),
    path("hand-over/", writing.update_hand_over, name="update-hand-over"),
    path("withdraw/", transitions.update_withdraw, name="update-withdraw"),
    path("correct/", transitions.update_correct, name="update-correct"),
    path("retract/", transitions.update_retract, name="update-retract"),
    path("approve/", review.update_approve, name="update-approve"),
    path("return/", review.update_return, name="update-return"),
]

review_pages = [
    path("", review.review, name="review"),
    path("no-change/", transitions.review_no_change, name="review-no-change"),
    path("dates/<int:pk>/", review.review_date, name="review-date"),
    path("<int:pk>/", review.review_item, name="review-item"),
]

evidence_pages = [
    path("", evidence_items.evidence_list, name="evidence-list"),
    path("export/", exports.evidence_export, name="evidence-export"),
    path("pick/", evidence_items.evidence_pick, name="evidence-pick"),
    path("files/receive/", evidence_items.evidence_receive, name="evidence-receive"),
    path("<int:pk>/", evidence_items.evidence_detail, name="evidence-detail"),
    path("<int:pk>/edit/", evidence_items.evidence_edit, name="evidence-edit"),
    path("<int:pk>/file/", evidence_items.evidence_revise, name="evidence-revise"),
    path("<int:pk>/check/", evidence_items.evidence_check, name="evidence-check"),
    path("<int:pk>/uncheck/", evidence_items.evidence_uncheck, name="evidence-uncheck"),
    path("<int:pk>/files/<int:number>/", evidence_files.evidence_file, name="evidence-file"),
    path("links/<int:pk>/answer/", evidence_items.evidence_answer, name="evidence-answer"),
    path("links/<int:pk>/end/", evidence_items.evidence_end, name="evidence-end"),
]

one_indicator = [
    path("", indicator_pages.indicator_detail, name="indicator-detail"),
    path("import/", observation_imports.figure_import, name="figure-import"),
    path("imports/<int:pk>/", confirmations.import_detail, name="import-detail"),
    path("imports/<int:pk>/undo/", observation_imports.import_undo, name="import-undo"),
    path("chart.svg", indicator_pages.indicator_chart, name="indicator-chart"),
    path("chart.csv", indicator_pages.indicator_chart_data, name="indicator-chart-data"),
    path("export/", exports.figure_export, name="figure-export"),
    path("figures/new/", indicator_pages.figure_new, name="figure-new"),
]


set_up_pages = [
    path("", setup_pages.set_up, name="set-up"),
    path("source/", setup_pages.set_up_source, name="set-up-source"),
    path("recommendations/", setup_grid.set_up_recommendations, name="set-up-recommendations"),
    path("people/", setup_people.set_up_people, name="set-up-people"),
    path(
        "invitations/<int:pk>/withdraw/",
        setup_people.invitation_withdraw,
        name="invitation-withdraw",
    ),
]


def _account(address: str, view: type[Any], name: str, **options: Any) -> URLPattern:
    """One of Django's account pages, with our own template of the same name."""
    options["template_name"] = f"accounts/{name}.html"
    pattern: URLPattern = path(address, view.as_view(**options), name=name)
    return pattern


account_pages = [
    path("notifications/", notifications.notifications, name="notifications"),
    path("notifications/messages/<int:pk>/", notifications.message, name="message"),
    path("deputies/", deputies.deputies, name="deputies"),
    path("deputies/<int:pk>/end/", deputies.deputy_end, name="deputy-end"),
    path("watch/", notifications.watch_start, name="watch-start"),
    path("watch/stop/", notifications.watch_stop, name="watch-stop"),
    path("calendar/", calendars.calendar_page, name="calendar-page"),
    path("calendar/create/", calendars.calendar_create, name="calendar-create"),
    path("calendar/revoke/", calendars.calendar_revoke, name="calendar-revoke"),
    _account("login/", accounts.SignInView, "login", authentication_form=SignInForm),
    path("logout/", accounts.SignOutView.as_view(), name="logout"),
    _account(
        "password_change/",
        accounts.ChangePasswordView,
        "password_change",
        form_class=RecordedPasswordChangeForm,
    ),
    _account(
        "password_change/done/",
        auth.PasswordChangeDoneView,
        "password_change_done",
    ),
    _account(
        "password_reset/",
        auth.PasswordResetView,
        "password_reset",
        form_class=QueuedPasswordResetForm,
    ),
    _account(
        "password_reset/done/",
        auth.PasswordResetDoneView,
        "password_reset_done",
    ),
    _account(
        "reset/<uidb64>/<token>/",
        accounts.SetPasswordView,
        "password_reset_confirm",
        form_class=RecordedSetPasswordForm,
    ),
    _account(
        "reset/done/",
        auth.PasswordResetCompleteView,
        "password_reset_complete",
    ),
]

urlpatterns = [
    path("", recommendation_pages.overview, name="overview"),
    path("sources/<slug:slug>/", recommendation_pages.source_detail, name="source-detail"),
    path("sources/<slug:slug>/updates.atom", feeds.source_feed, name="source-feed"),
    path("sources/<slug:slug>/briefing/", briefings.source_pdf, name="source-briefing"),
    path("sources/<slug:slug>/over-time/", over_time.source_over_time, name="source-over-time"),
    path(
        "sources/<slug:slug>/over-time/<slug:picture>.svg",
        over_time.source_over_time_chart,
        name="source-over-time-chart",
    ),
    path(
        "sources/<slug:slug>/over-time/<slug:picture>.csv",
        over_time.source_over_time_data,
        name="source-over-time-data",
    ),
    path("sources/<slug:slug>/dates/", dates.source_dates_page, name="source-dates"),
    path("sources/<slug:slug>/dates/export/", exports.source_dates_export, name="dates-export"),
    path("sources/<slug:slug>/sign-off/", signoffs.source_sign_off, name="source-sign-off"),
    path("sources/<slug:slug>/changes/", changes.source_changes, name="source-changes"),
    path(
        "sources/<slug:slug>/changes/export/",
        changes.source_changes_export,
        name="source-changes-export",
    ),
    path(
        "sources/<slug:slug>/changes/briefing/",
        changes.source_changes_pdf,
        name="source-changes-briefing",
    ),
    path("exceptions/", exceptions.exception_report, name="exception-report"),
    path("exceptions/export/", exports.exception_report_export, name="exception-report-export"),
    path(
        "exceptions/briefing/",
        exceptions.exception_report_pdf,
        name="exception-report-briefing",
    ),
    path("exceptions/<slug:rule>/", exceptions.exception_list, name="exception-list"),
    path(
        "exceptions/<slug:rule>/export/",
        exports.exception_list_export,
        name="exception-list-export",
    ),
    path("sign-offs/", signoffs.sign_off_list, name="sign-off-list"),
    path("sign-offs/export/", exports.sign_off_export, name="sign-off-export"),
    path("sign-offs/<int:pk>/", signoffs.sign_off_page, name="sign-off"),
    path("sign-offs/<int:pk>/content.json", signoffs.sign_off_file, name="sign-off-file"),
    path("relations/<int:pk>/remove/", relations.relation_remove, name="relation-remove"),
    path("parts/<int:pk>/edit/", parts.part_edit, name="part-edit"),
    path("rounds/", round_pages.round_list, name="round-list"),
    path("rounds/new/", round_new.round_new, name="round-new"),
    path("rounds/<int:pk>/", round_pages.round_detail, name="round-detail"),
    path("rounds/<int:pk>/requests/", round_pages.round_requests, name="round-requests"),
    path("rounds/<int:pk>/requests/export/", exports.round_export, name="round-export"),
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
    path("themes/", themes.theme_list, name="theme-list"),
    path("themes/new/", themes.theme_new, name="theme-new"),
    path("themes/<int:pk>/edit/", themes.theme_edit, name="theme-edit"),
    path("lead-organisations/", recommendation_pages.lead_list, name="lead-list"),
    path("recommendations/", recommendation_pages.recommendation_list, name="recommendation-list"),
    path("search/suggestions/", search.search_suggestions, name="search-suggestions"),
    # Before the page of one: no reference is a word alone, each ends in its number.
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
    path("recommendations/export/", exports.recommendation_export, name="recommendation-export"),
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
    path("updates/<int:pk>/", include(one_update)),
    path("my-work/", my_work.my_work, name="my-work"),
    path("my-work/no-change/", transitions.work_no_change, name="work-no-change"),
    path("review/", include(review_pages)),
    path("evidence/", include(evidence_pages)),
    path("indicators/", indicator_pages.indicator_list, name="indicator-list"),
    path("indicators/export/", exports.indicator_export, name="indicator-export"),
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
    path("areas/", areas.area_list, name="area-list"),
    path("areas/export/", exports.area_export, name="area-export"),
    path("areas/import/", area_imports.area_import, name="area-import"),
    path("areas/<code:code>/", areas.area_detail, name="area-detail"),
    path("pick/<slug:name>/", pickers.pick, name="pick"),
    path("calendar/<str:token>.ics", calendars.calendar, name="calendar"),
    path("feeds/updates.atom", feeds.updates_feed, name="updates-feed"),
    path("help/ratings/", help.help_ratings, name="help-ratings"),
    path("help/choices/", help.help_choices, name="help-choices"),
    path("audit/", log.audit_log, name="audit-log"),
    path("audit/export/", exports.audit_export, name="audit-export"),
    path("accounts/", include(account_pages)),
    path("set-up/", include(set_up_pages)),
    path("invitations/<str:token>/", invitations.invitation, name="invitation"),
    path("unsubscribe/<str:token>/", notifications.unsubscribe, name="unsubscribe"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
]
