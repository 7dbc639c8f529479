"""Addresses of the pages, by what they are about."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth import views as auth
from django.http import HttpResponseBase
from django.urls import URLPattern, URLResolver, include, path, re_path, register_converter

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
    embed,
    errors,
    feeds,
    health,
    help,
    history,
    lists,
    open_data,
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


def page(address: str, view: Callable[..., HttpResponseBase]) -> URLPattern:
    """A page that is named as its view: ``update_detail`` is ``update-detail``."""
    return path(address, view, name=view.__name__.replace("_", "-"))


# ---- What belongs to one person: account, calendar, set-up of the site, invitations


def _account(address: str, view: type[Any], name: str, **options: Any) -> URLPattern:
    """One of Django's account pages, with our own template of the same name."""
    options["template_name"] = f"accounts/{name}.html"
    pattern: URLPattern = path(address, view.as_view(**options), name=name)
    return pattern


set_up_pages = [
    page("", setup_pages.set_up),
    page("source/", setup_pages.set_up_source),
    page("recommendations/", setup_pages.set_up_recommendations),
    page("people/", setup_pages.set_up_people),
    page("invitations/<int:pk>/withdraw/", setup_pages.invitation_withdraw),
    page("uses/", setup_pages.tracker_uses),
    page("word/", briefings.word_template),
    page("word/template.docx", briefings.word_template_file),
]

account_pages = [
    page("notifications/", accounts.notifications),
    page("notifications/messages/<int:pk>/", accounts.message),
    page("deputies/", accounts.deputies),
    page("deputies/<int:pk>/end/", accounts.deputy_end),
    page("tokens/", accounts.tokens),
    page("tokens/of/<int:pk>/", accounts.tokens),
    page("tokens/<int:pk>/revoke/", accounts.token_revoke),
    page("webhooks/", accounts.webhooks),
    page("webhooks/<int:pk>/remove/", accounts.webhook_remove),
    page("webhooks/<int:pk>/test/", accounts.webhook_test),
    path("watch/", accounts.watch, {"is_on": True}, name="watch-start"),
    path("watch/stop/", accounts.watch, {"is_on": False}, name="watch-stop"),
    page("calendar/", feeds.calendar_page),
    page("calendar/create/", feeds.calendar_create),
    page("calendar/revoke/", feeds.calendar_revoke),
    _account("login/", accounts.SignInView, "login", authentication_form=SignInForm),
    path("logout/", accounts.SignOutView.as_view(), name="logout"),
    _account(
        "password_change/",
        accounts.ChangePasswordView,
        "password_change",
        form_class=RecordedPasswordChangeForm,
    ),
    _account("password_change/done/", auth.PasswordChangeDoneView, "password_change_done"),
    _account(
        "password_reset/",
        auth.PasswordResetView,
        "password_reset",
        form_class=QueuedPasswordResetForm,
    ),
    _account("password_reset/done/", auth.PasswordResetDoneView, "password_reset_done"),
    _account(
        "reset/<uidb64>/<token>/",
        accounts.SetPasswordView,
        "password_reset_confirm",
        form_class=RecordedSetPasswordForm,
    ),
    _account("reset/done/", auth.PasswordResetCompleteView, "password_reset_complete"),
]

account_patterns: list[URLPattern | URLResolver] = [
    page("calendar/<str:token>.ics", feeds.calendar),
    path("accounts/", include(account_pages)),
    path("set-up/", include(set_up_pages)),
    page("invitations/<str:token>/", accounts.invitation),
    page("unsubscribe/<str:token>/", accounts.unsubscribe),
]


# ---- Evidence and its files

evidence_pages = [
    *lists.evidence_list.paths("", "evidence-list", "evidence-export"),
    page("pick/", evidence_items.evidence_pick),
    page("files/receive/", evidence_items.evidence_receive),
    page("<int:pk>/", evidence_items.evidence_detail),
    page("<int:pk>/edit/", evidence_items.evidence_edit),
    page("<int:pk>/file/", evidence_items.evidence_revise),
    page("<int:pk>/check/", evidence_items.evidence_check),
    page("<int:pk>/uncheck/", evidence_items.evidence_uncheck),
    page("<int:pk>/files/<int:number>/", evidence_items.evidence_file),
    page("changes/<int:pk>/", evidence_items.evidence_change),
    page("changes/<int:pk>/file/", evidence_items.evidence_change_file),
    page("changes/<int:pk>/approve/", evidence_items.evidence_change_approve),
    page("changes/<int:pk>/reject/", evidence_items.evidence_change_reject),
    page("changes/<int:pk>/withdraw/", evidence_items.evidence_change_withdraw),
    page("links/<int:pk>/answer/", evidence_items.evidence_answer),
    page("links/<int:pk>/end/", evidence_items.evidence_end),
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
            "over-time/<slug:picture>.svg", history.over_time_chart, name=f"{thing}-over-time-chart"
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
    page("", indicator_pages.indicator_detail),
    page("import/", recommendation_imports.figure_import),
    page("imports/<int:pk>/", indicator_pages.import_detail),
    page("imports/<int:pk>/undo/", recommendation_imports.import_undo),
    page("chart.svg", indicator_pages.indicator_chart),
    page("chart.csv", indicator_pages.indicator_chart_data),
    path("export/", lists.figure_file.file, name="figure-export"),
    page("figures/new/", indicator_pages.figure_new),
]

indicator_patterns: list[URLPattern | URLResolver] = [
    *lists.indicator_list.paths("indicators/", "indicator-list", "indicator-export"),
    page("indicators/import/", recommendation_imports.indicator_import),
    path("indicators/<code:code>/", include(one_indicator)),
    path("gap/", indicator_pages.gap_page, name="gap"),
    page("gap/<slug:picture>.svg", indicator_pages.gap_picture),
    page("gap/<slug:picture>.csv", indicator_pages.gap_data),
    page("figures/<int:pk>/confirm/", indicator_pages.value_confirm),
    page("figures/<int:pk>/evidence/", indicator_pages.figure_evidence),
    page("figures/<int:pk>/evidence/<int:link_pk>/remove/", indicator_pages.figure_evidence_remove),
    *lists.area_list.paths("areas/", "area-list", "area-export"),
    page("areas/import/", areas.area_import),
    page("areas/<code:code>/", areas.area_detail),
]


# ---- Exceptions, the History of all, sign-offs and the audit log

oversight_patterns: list[URLPattern | URLResolver] = [
    page("exceptions/", oversight.exception_report),
    page("exceptions/export/", oversight.exception_report_export),
    path("exceptions/briefing/", briefings.exception_report_pdf, name="exception-report-briefing"),
    *lists.exception_list.paths(
        "exceptions/<slug:rule>/", "exception-list", "exception-list-export"
    ),
    path("history/", history.first, name="home-history"),
    path("briefing/", briefings.home_pdf, name="home-briefing"),
    path("history/look-back/", history.look_back, name="home-look-back"),
    path("sign-offs/", history.sign_offs, name="sign-off-list"),
    path("sign-offs/export/", lists.sign_off_file.file, name="sign-off-export"),
    path("sign-offs/<int:pk>/", signoffs.sign_off_page, name="sign-off"),
    page("sign-offs/<int:pk>/content.json", signoffs.sign_off_file),
    *lists.audit_log.paths("audit/", "audit-log", "audit-export"),
]


# ---- The list of recommendations, each of them with its parts, and their imports

one_batch: list[URLPattern] = [
    page("", openings.opening_batch),
    page("undo/", openings.opening_undo),
    page("rows/<int:number>/", openings.opening_row),
    page("rows/<int:number>/leave-out/", openings.opening_leave_out),
    page("rows/<int:number>/draft/", openings.opening_draft),
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
    page("wording/", recommendation_detail.recommendation_wording),
    path("print/", recommendation_detail.recommendation_print, name="recommendation-print"),
    page("updates.atom", feeds.recommendation_feed),
    path("briefing/", briefings.recommendation_pdf, name="recommendation-briefing"),
    path("print/briefing/", briefings.record_pdf, name="recommendation-record-briefing"),
    page("reported/", recommendation_imports.recommendation_reported),
    # Any words, so that the page can say what is wrong with them.
    page("cited/<str:day>/<str:entry>/", recommendation_detail.recommendation_cited),
    page("classify/", structure.recommendation_classify),
    page("approvers/", review.recommendation_approvers),
    page("relations/new/", structure.relation_new),
    page("parts/new/", structure.part_new),
    path("publish/", publication.recommendation_publish, name="recommendation-publish"),
    path("unpublish/", publication.recommendation_unpublish, name="recommendation-unpublish"),
    path("archive/", publication.recommendation_archive, name="recommendation-archive"),
    path("restore/", publication.recommendation_restore, name="recommendation-restore"),
    path("sign-off/", signoffs.sign_off, name="recommendation-sign-off"),
    *history_of("recommendation"),
    page("dates/", dates.recommendation_dates),
    page("dates/set/", dates.date_set),
    page("dates/request/", dates.date_request),
    page("responses/", responses.response_list),
    path("responses/export/", lists.response_file.file, name="response-export"),
    page("actions/new/", responses.action_new),
    page("comments/", comments.recommendation_comments),
    page("updates/new/", writing.update_new),
    page("updates/autosave/", writing.update_new_autosave),
    page("updates/no-change/", detail.update_no_change),
]

recommendation_patterns: list[URLPattern | URLResolver] = [
    page("relations/<int:pk>/remove/", structure.relation_remove),
    page("parts/<int:pk>/edit/", structure.part_edit),
    page("themes/", structure.theme_list),
    page("themes/new/", structure.theme_new),
    page("themes/<int:pk>/edit/", structure.theme_edit),
    page("lead-organisations/", saved_views.lead_list),
    # Before the page of one: no reference is a word alone, each ends in its number.
    *saved_views.recommendation_list.paths(
        "recommendations/", "recommendation-list", "recommendation-export"
    ),
    path("recommendations/briefing/", briefings.list_pdf, name="list-briefing"),
    page("recommendations/bulk/", bulk_changes.bulk_new),
    page("recommendations/bulk/<int:sequence>/", bulk_changes.bulk_change),
    page("recommendations/bulk/<int:sequence>/undo/", bulk_changes.bulk_undo),
    page("recommendations/views/", saved_views.saved_view_list),
    page("recommendations/views/new/", saved_views.saved_view_new),
    page("recommendations/views/<int:pk>/", saved_views.saved_view_edit),
    page("recommendations/views/<int:pk>/remove/", saved_views.saved_view_remove),
    page("recommendations/import/", recommendation_imports.recommendation_import),
    page(
        "recommendations/import/template.xlsx",
        recommendation_imports.recommendation_import_template,
    ),
    page(
        "recommendations/import/<str:token>/sheet/",
        recommendation_imports.recommendation_import_sheet,
    ),
    page(
        "recommendations/import/<str:token>/progress/",
        recommendation_imports.recommendation_import_progress,
    ),
    page("recommendations/import/<str:token>/", recommendation_imports.recommendation_import_map),
    path("recommendations/openings/<int:pk>/", include(one_batch)),
    path("recommendations/<code:reference>/", include(one_recommendation)),
    path("dates/<int:pk>/approve/", review.date_decide, {"is_approved": True}, name="date-approve"),
    path("dates/<int:pk>/reject/", review.date_decide, {"is_approved": False}, name="date-reject"),
    page("dates/<int:pk>/withdraw/", dates.date_withdraw),
    page("responses/<int:pk>/evidence/", responses.response_evidence),
    page("responses/<int:pk>/evidence/<int:link_pk>/remove/", responses.response_evidence_remove),
    page("actions/<int:pk>/", responses.action_edit),
]


# ---- Reporting rounds

round_patterns: list[URLPattern | URLResolver] = [
    path("rounds/", round_pages.round_list.page, name="round-list"),
    page("rounds/new/", round_pages.round_new),
    page("rounds/<int:pk>/", round_pages.round_detail),
    *round_pages.round_requests.paths(
        "rounds/<int:pk>/requests/", "round-requests", "round-export"
    ),
    page("rounds/<int:pk>/remind/", round_pages.round_remind),
    page("rounds/<int:pk>/close/", round_pages.round_close),
    path(
        "rounds/<int:pk>/spreadsheet/<int:organisation>/",
        round_pages.round_sheet,
        name="round-sheet-file",
    ),
    page("rounds/<int:pk>/upload/<int:organisation>/", round_pages.round_upload),
    page("rounds/<int:pk>/extend/<int:organisation>/", round_pages.round_extend),
]


# ---- Pages of one source

one_source: list[URLPattern | URLResolver] = [
    page("", saved_views.source_detail),
    page("updates.atom", feeds.source_feed),
    path("briefing/", briefings.source_pdf, name="source-briefing"),
    *lists.source_date_list.paths("dates/", "source-dates", "dates-export"),
    path("sign-off/", signoffs.sign_off, name="source-sign-off"),
    path("history/", history.first, name="source-history"),
    *history_of("source"),
]

source_patterns = [path("sources/<slug:slug>/", include(one_source))]


# ---- Status updates: writing, one's own work, and review

one_update = [
    page("", writing.update_detail),
    page("comments/", comments.update_comments),
    path("save/", writing.update_save, name="update-save"),
    page("autosave/", writing.update_autosave),
    path("submit/", writing.update_submit, name="update-submit"),
    page("evidence/", writing.update_evidence),
    page("evidence/<int:link_pk>/remove/", writing.update_evidence_remove),
    page("hand-over/", writing.update_hand_over),
    page("withdraw/", detail.update_withdraw),
    page("correct/", detail.update_correct),
    page("retract/", detail.update_retract),
    page("decision/", detail.update_decision),
    page("decision/<int:decision_pk>/withdraw/", detail.update_decision_withdraw),
    path("approve/", review.update_decide, {"is_approved": True}, name="update-approve"),
    path("return/", review.update_decide, {"is_approved": False}, name="update-return"),
]

review_pages = [
    page("", review.review),
    page("no-change/", detail.review_no_change),
    page("dates/<int:pk>/", review.review_date),
    page("<int:pk>/", review.review_item),
]

update_patterns: list[URLPattern | URLResolver] = [
    path("updates/<int:pk>/", include(one_update)),
    page("my-work/", my_work.my_work),
    page("my-work/no-change/", detail.work_no_change),
    path("review/", include(review_pages)),
]


# ---- What pages of others show

embed_patterns = [
    page("embed/recommendations/<code:reference>/", embed.embed_recommendation),
    page("embed/recommendations/<code:reference>/status.json", embed.embed_status),
    page("embed/recommendations/<code:reference>/badge.svg", embed.embed_badge),
    page("embed/sources/<slug:slug>/", embed.embed_source),
    page("embed/sources/<slug:slug>/status.json", embed.embed_source_status),
    page("data/", open_data.open_data),
    page("data/<str:name>", open_data.open_data_file),
]


# ---- Addresses of the pages, by what they are about

urlpatterns = [
    page("", saved_views.overview),
    *source_patterns,
    *recommendation_patterns,
    *update_patterns,
    *evidence_patterns,
    *indicator_patterns,
    *round_patterns,
    *oversight_patterns,
    *embed_patterns,
    *account_patterns,
    page("search/suggestions/", search.search_suggestions),
    page("pick/<slug:name>/", search.pick),
    page("feeds/updates.atom", feeds.updates_feed),
    page("help/ratings/", help.help_ratings),
    page("help/choices/", help.help_choices),
    page("healthz", health.healthz),
    page("readyz", health.readyz),
    path("api/v1/", include("recommendations.api.urls"))
    if settings.HAS_API
    else re_path("^api/", errors.no_api),
]
