"""Exceptions, the History of all, sign-offs and the audit log."""

from django.urls import URLPattern, URLResolver, path

from recommendations.views import (
    briefings,
    exceptions,
    history,
    lists,
    signoffs,
)

oversight_patterns: list[URLPattern | URLResolver] = [
    path("exceptions/", exceptions.exception_report, name="exception-report"),
    path("exceptions/export/", exceptions.exception_report_export, name="exception-report-export"),
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
