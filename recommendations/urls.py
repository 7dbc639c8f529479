"""Addresses of the pages, by what they are about."""

from typing import Any

from django.contrib.auth import views as auth
from django.urls import URLPattern, URLResolver, include, path, register_converter

from recommendations.forms.accounts import (
    QueuedPasswordResetForm,
    RecordedPasswordChangeForm,
    RecordedSetPasswordForm,
    SignInForm,
)
from recommendations.views import (
    accounts,
    areas,
    briefings,
    comments,
    dates,
    feeds,
    health,
    help,
    history,
    lists,
    oversight,
    responses,
    search,
    signoffs,
    structure,
)
from recommendations.views import evidence as evidence_items
from recommendations.views import imports as recommendation_imports
from recommendations.views import indicators as indicator_pages
from recommendations.views import rounds as round_pages
from recommendations.views import setup as setup_pages
from recommendations.views.recommendations import bulk_changes, openings, publication
from recommendations.views.recommendations import detail as recommendation_detail
from recommendations.views.recommendations import pages as saved_views
from recommendations.views.updates import detail, my_work, review, writing

# ---- Parts of addresses that are more than a number or a slug


class CodeConverter:
    """A reference or a code: letters, digits, points and dashes."""

    regex = r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(CodeConverter, "code")


# ---- What belongs to one person: account, calendar, set-up of the site, invitations


def _account(address: str, view: type[Any], name: str, **options: Any) -> URLPattern:
    """One of Django's account pages, with our own template of the same name."""
    options["template_name"] = f"accounts/{name}.html"
    pattern: URLPattern = path(address, view.as_view(**options), name=name)
    return pattern


set_up_pages = [
    path("", setup_pages.set_up, name="set-up"),
    path("source/", setup_pages.set_up_source, name="set-up-source"),
    path("recommendations/", setup_pages.set_up_recommendations, name="set-up-recommendations"),
    path("people/", setup_pages.set_up_people, name="set-up-people"),
    path(
        "invitations/<int:pk>/withdraw/",
        setup_pages.invitation_withdraw,
        name="invitation-withdraw",
    ),
]

account_pages = [
    path("notifications/", accounts.notifications, name="notifications"),
    path("notifications/messages/<int:pk>/", accounts.message, name="message"),
    path("deputies/", accounts.deputies, name="deputies"),
    path("deputies/<int:pk>/end/", accounts.deputy_end, name="deputy-end"),
    path("watch/", accounts.watch_start, name="watch-start"),
    path("watch/stop/", accounts.watch_stop, name="watch-stop"),
    path("calendar/", feeds.calendar_page, name="calendar-page"),
    path("calendar/create/", feeds.calendar_create, name="calendar-create"),
    path("calendar/revoke/", feeds.calendar_revoke, name="calendar-revoke"),
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

account_patterns: list[URLPattern | URLResolver] = [
    path("calendar/<str:token>.ics", feeds.calendar, name="calendar"),
    path("accounts/", include(account_pages)),
    path("set-up/", include(set_up_pages)),
    path("invitations/<str:token>/", accounts.invitation, name="invitation"),
    path("unsubscribe/<str:token>/", accounts.unsubscribe, name="unsubscribe"),
]


# ---- Evidence and its files

evidence_pages = [
    *lists.evidence_list.paths("", "evidence-list", "evidence-export"),
    path("pick/", evidence_items.evidence_pick, name="evidence-pick"),
    path("files/receive/", evidence_items.evidence_receive, name="evidence-receive"),
    path("<int:pk>/", evidence_items.evidence_detail, name="evidence-detail"),
    path("<int:pk>/edit/", evidence_items.evidence_edit, name="evidence-edit"),
    path("<int:pk>/file/", evidence_items.evidence_revise, name="evidence-revise"),
    path("<int:pk>/check/", evidence_items.evidence_check, name="evidence-check"),
    path("<int:pk>/uncheck/", evidence_items.evidence_uncheck, name="evidence-uncheck"),
    path("<int:pk>/files/<int:number>/", evidence_items.evidence_file, name="evidence-file"),
    path("changes/<int:pk>/", evidence_items.evidence_change, name="evidence-change"),
    path(
        "changes/<int:pk>/file/", evidence_items.evidence_change_file, name="evidence-change-file"
    ),
    path(
        "changes/<int:pk>/approve/",
        evidence_items.evidence_change_approve,
        name="evidence-change-approve",
    ),
    path(
        "changes/<int:pk>/reject/",
        evidence_items.evidence_change_reject,
        name="evidence-change-reject",
    ),
    path(
        "changes/<int:pk>/withdraw/",
        evidence_items.evidence_change_withdraw,
        name="evidence-change-withdraw",
    ),
    path("links/<int:pk>/answer/", evidence_items.evidence_answer, name="evidence-answer"),
    path("links/<int:pk>/end/", evidence_items.evidence_end, name="evidence-end"),
]

evidence_patterns: list[URLPattern | URLResolver] = [
    path("evidence/", include(evidence_pages)),
]


# ---- The History of one source or one recommendation, below its page


def history_of(thing: str) -> list[URLPattern | URLResolver]:
    """The addresses of its views, as ``recommendation-changes`` where ``thing`` is that.

    Pages stood one level higher once: those addresses lead to the new ones, which come after them
    and so are those that their names mean. Files answer at both for ever.
    """
    files = [
        path("changes/export/", history.changes_export, name=f"{thing}-changes-export"),
        path("changes/briefing/", briefings.changes_pdf, name=f"{thing}-changes-briefing"),
        path(
            "over-time/<slug:picture>.svg",
            history.over_time_chart,
            name=f"{thing}-over-time-chart",
        ),
        path(
            "over-time/<slug:picture>.csv", history.over_time_data, name=f"{thing}-over-time-data"
        ),
    ]
    pages = [
        path("changes/", history.changes, name=f"{thing}-changes"),
        path("over-time/", history.over_time, name=f"{thing}-over-time"),
        path("sign-offs/", history.sign_offs, name=f"{thing}-sign-offs"),
        path("look-back/", history.look_back, name=f"{thing}-look-back"),
    ]
    return [
        path("changes/", history.moved, name=f"{thing}-changes"),
        path("over-time/", history.moved, name=f"{thing}-over-time"),
        *files,
        path("history/", include([*pages, *files])),
    ]


# ---- Indicators, their values, the gap, and areas

one_indicator = [
    path("", indicator_pages.indicator_detail, name="indicator-detail"),
    path("import/", recommendation_imports.figure_import, name="figure-import"),
    path("imports/<int:pk>/", indicator_pages.import_detail, name="import-detail"),
    path("imports/<int:pk>/undo/", recommendation_imports.import_undo, name="import-undo"),
    path("chart.svg", indicator_pages.indicator_chart, name="indicator-chart"),
    path("chart.csv", indicator_pages.indicator_chart_data, name="indicator-chart-data"),
    path("export/", lists.figure_file, name="figure-export"),
    path("figures/new/", indicator_pages.figure_new, name="figure-new"),
]

indicator_patterns: list[URLPattern | URLResolver] = [
    *lists.indicator_list.paths("indicators/", "indicator-list", "indicator-export"),
    path("indicators/<code:code>/", include(one_indicator)),
    path("gap/", indicator_pages.gap_page, name="gap"),
    path("gap/<slug:picture>.svg", indicator_pages.gap_picture, name="gap-picture"),
    path("gap/<slug:picture>.csv", indicator_pages.gap_data, name="gap-data"),
    path("figures/<int:pk>/confirm/", indicator_pages.value_confirm, name="value-confirm"),
    path("figures/<int:pk>/evidence/", indicator_pages.figure_evidence, name="figure-evidence"),
    path(
        "figures/<int:pk>/evidence/<int:link_pk>/remove/",
        indicator_pages.figure_evidence_remove,
        name="figure-evidence-remove",
    ),
    *lists.area_list.paths("areas/", "area-list", "area-export"),
    path("areas/import/", areas.area_import, name="area-import"),
    path("areas/<code:code>/", areas.area_detail, name="area-detail"),
]


# ---- Exceptions, the History of all, sign-offs and the audit log

oversight_patterns: list[URLPattern | URLResolver] = [
    path("exceptions/", oversight.exception_report, name="exception-report"),
    path("exceptions/export/", oversight.exception_report_export, name="exception-report-export"),
    path(
        "exceptions/briefing/",
        briefings.exception_report_pdf,
        name="exception-report-briefing",
    ),
    *lists.exception_list.paths(
        "exceptions/<slug:rule>/", "exception-list", "exception-list-export"
    ),
    path("history/", history.first, name="home-history"),
    path("history/look-back/", history.look_back, name="home-look-back"),
    path("sign-offs/", history.sign_offs, name="sign-off-list"),
    path("sign-offs/export/", lists.sign_off_file, name="sign-off-export"),
    path("sign-offs/<int:pk>/", signoffs.sign_off_page, name="sign-off"),
    path("sign-offs/<int:pk>/content.json", signoffs.sign_off_file, name="sign-off-file"),
    *lists.audit_log.paths("audit/", "audit-log", "audit-export"),
]


# ---- The list of recommendations, each of them with its parts, and their imports

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
        recommendation_detail.recommendation_cited,
        name="recommendation-cited",
    ),
    path("classify/", structure.recommendation_classify, name="recommendation-classify"),
    path("approvers/", review.recommendation_approvers, name="recommendation-approvers"),
    path("relations/new/", structure.relation_new, name="relation-new"),
    path("parts/new/", structure.part_new, name="part-new"),
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
    path("actions/new/", responses.action_new, name="action-new"),
    path("comments/", comments.recommendation_comments, name="recommendation-comments"),
    path("updates/new/", writing.update_new, name="update-new"),
    path("updates/autosave/", writing.update_new_autosave, name="update-new-autosave"),
    path("updates/no-change/", detail.update_no_change, name="update-no-change"),
]

recommendation_patterns: list[URLPattern | URLResolver] = [
    path("relations/<int:pk>/remove/", structure.relation_remove, name="relation-remove"),
    path("parts/<int:pk>/edit/", structure.part_edit, name="part-edit"),
    path("themes/", structure.theme_list, name="theme-list"),
    path("themes/new/", structure.theme_new, name="theme-new"),
    path("themes/<int:pk>/edit/", structure.theme_edit, name="theme-edit"),
    path("lead-organisations/", saved_views.lead_list, name="lead-list"),
    # Before the page of one: no reference is a word alone, each ends in its number.
    *saved_views.recommendation_list.paths(
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
    path("actions/<int:pk>/", responses.action_edit, name="action-edit"),
]


# ---- Reporting rounds

round_patterns: list[URLPattern | URLResolver] = [
    path("rounds/", round_pages.round_list.page, name="round-list"),
    path("rounds/new/", round_pages.round_new, name="round-new"),
    path("rounds/<int:pk>/", round_pages.round_detail, name="round-detail"),
    *round_pages.round_requests.paths(
        "rounds/<int:pk>/requests/", "round-requests", "round-export"
    ),
    path("rounds/<int:pk>/remind/", round_pages.round_remind, name="round-remind"),
    path("rounds/<int:pk>/close/", round_pages.round_close, name="round-close"),
    path(
        "rounds/<int:pk>/spreadsheet/<int:organisation>/",
        round_pages.round_sheet,
        name="round-sheet-file",
    ),
    path(
        "rounds/<int:pk>/upload/<int:organisation>/",
        round_pages.round_upload,
        name="round-upload",
    ),
    path(
        "rounds/<int:pk>/extend/<int:organisation>/",
        round_pages.round_extend,
        name="round-extend",
    ),
]


# ---- Pages of one source

one_source: list[URLPattern | URLResolver] = [
    path("", saved_views.source_detail, name="source-detail"),
    path("updates.atom", feeds.source_feed, name="source-feed"),
    path("briefing/", briefings.source_pdf, name="source-briefing"),
    *lists.source_date_list.paths("dates/", "source-dates", "dates-export"),
    path("sign-off/", signoffs.sign_off, name="source-sign-off"),
    path("history/", history.first, name="source-history"),
    *history_of("source"),
]

source_patterns = [path("sources/<slug:slug>/", include(one_source))]


# ---- Status updates: writing, one's own work, and review

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
    path("withdraw/", detail.update_withdraw, name="update-withdraw"),
    path("correct/", detail.update_correct, name="update-correct"),
    path("retract/", detail.update_retract, name="update-retract"),
    path("decision/", detail.update_decision, name="update-decision"),
    path(
        "decision/<int:decision_pk>/withdraw/",
        detail.update_decision_withdraw,
        name="update-decision-withdraw",
    ),
    path("approve/", review.update_approve, name="update-approve"),
    path("return/", review.update_return, name="update-return"),
]

review_pages = [
    path("", review.review, name="review"),
    path("no-change/", detail.review_no_change, name="review-no-change"),
    path("dates/<int:pk>/", review.review_date, name="review-date"),
    path("<int:pk>/", review.review_item, name="review-item"),
]

update_patterns: list[URLPattern | URLResolver] = [
    path("updates/<int:pk>/", include(one_update)),
    path("my-work/", my_work.my_work, name="my-work"),
    path("my-work/no-change/", detail.work_no_change, name="work-no-change"),
    path("review/", include(review_pages)),
]


# ---- Addresses of the pages, by what they are about

urlpatterns = [
    path("", saved_views.overview, name="overview"),
    *source_patterns,
    *recommendation_patterns,
    *update_patterns,
    *evidence_patterns,
    *indicator_patterns,
    *round_patterns,
    *oversight_patterns,
    *account_patterns,
    path("search/suggestions/", search.search_suggestions, name="search-suggestions"),
    path("pick/<slug:name>/", search.pick, name="pick"),
    path("feeds/updates.atom", feeds.updates_feed, name="updates-feed"),
    path("help/ratings/", help.help_ratings, name="help-ratings"),
    path("help/choices/", help.help_choices, name="help-choices"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
]
