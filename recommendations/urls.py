"""Addresses of the pages."""

from django.contrib.auth import views as auth
from django.urls import path, register_converter

from recommendations.views import (
    evidence,
    health,
    help,
    indicators,
    oversight,
    overview,
    recommendations,
)


class CodeConverter:
    """A reference or a code: letters, digits, points and dashes."""

    regex = r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(CodeConverter, "code")

urlpatterns = [
    path("", overview.overview, name="overview"),
    path("sources/<slug:slug>/", overview.source_detail, name="source-detail"),
    path("recommendations/", recommendations.recommendation_list, name="recommendation-list"),
    path(
        "recommendations/<code:reference>/",
        recommendations.recommendation_detail,
        name="recommendation-detail",
    ),
    path(
        "recommendations/<code:reference>/publish/",
        recommendations.recommendation_publish,
        name="recommendation-publish",
    ),
    path("evidence/", evidence.evidence_list, name="evidence-list"),
    path("evidence/<int:pk>/", evidence.evidence_detail, name="evidence-detail"),
    path("indicators/", indicators.indicator_list, name="indicator-list"),
    path("indicators/<code:code>/", indicators.indicator_detail, name="indicator-detail"),
    path("help/ratings/", help.help_ratings, name="help-ratings"),
    path("audit/", oversight.audit_log, name="audit-log"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
]


def _account(address: str, view: type, name: str, template: str, **options: str) -> object:
    """One of Django's account pages, with our own template."""
    return path(
        f"accounts/{address}",
        view.as_view(template_name=f"accounts/{template}.html", **options),
        name=name,
    )


urlpatterns += [
    _account("login/", auth.LoginView, "login", "login"),
    path("accounts/logout/", auth.LogoutView.as_view(), name="logout"),
    _account("password_change/", auth.PasswordChangeView, "password_change", "password_change"),
    _account(
        "password_change/done/",
        auth.PasswordChangeDoneView,
        "password_change_done",
        "password_change_done",
    ),
    _account(
        "password_reset/",
        auth.PasswordResetView,
        "password_reset",
        "password_reset",
        email_template_name="accounts/password_reset_email.txt",
        subject_template_name="accounts/password_reset_subject.txt",
    ),
    _account(
        "password_reset/done/",
        auth.PasswordResetDoneView,
        "password_reset_done",
        "password_reset_done",
    ),
    _account(
        "reset/<uidb64>/<token>/",
        auth.PasswordResetConfirmView,
        "password_reset_confirm",
        "password_reset_confirm",
    ),
    _account(
        "reset/done/",
        auth.PasswordResetCompleteView,
        "password_reset_complete",
        "password_reset_complete",
    ),
]
