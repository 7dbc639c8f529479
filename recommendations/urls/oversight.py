"""Exceptions, the History of all, sign-offs and the audit log."""

from django.urls import URLPattern, URLResolver, path

from recommendations.views import (
    briefings,
    exceptions,
    exports,
    history,
    log,
    signoffs,
)

oversight_patterns: list[URLPattern | URLResolver] = [
    path("exceptions/", exceptions.exception_report, name="exception-report"),
    path("exceptions/export/", exports.exception_report_export, name="exception-report-export"),
    path(
        "exceptions/briefing/",
        briefings.exception_report_pdf,
        name="exception-report-briefing",
    ),
    path("exceptions/<slug:rule>/", exceptions.exception_list, name="exception-list"),
    path(
        "exceptions/<slug:rule>/export/",
        exports.exception_list_export,
        name="exception-list-export",
    ),
    path("history/", history.first, name="home-history"),
    path("history/look-back/", history.look_back, name="home-look-back"),
    path("sign-offs/", history.sign_offs, name="sign-off-list"),
    path("sign-offs/export/", exports.sign_off_export, name="sign-off-export"),
    path("sign-offs/<int:pk>/", signoffs.sign_off_page, name="sign-off"),
    path("sign-offs/<int:pk>/content.json", signoffs.sign_off_file, name="sign-off-file"),
    path("audit/", log.audit_log, name="audit-log"),
    path("audit/export/", exports.audit_export, name="audit-export"),
]
