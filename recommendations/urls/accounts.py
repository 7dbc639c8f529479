"""What belongs to one person: account, calendar, set-up of the site, invitations."""

from typing import Any

from django.contrib.auth import views as auth
from django.urls import URLPattern, URLResolver, include, path

from recommendations.forms.passwords import (
    QueuedPasswordResetForm,
    RecordedPasswordChangeForm,
    RecordedSetPasswordForm,
)
from recommendations.forms.sign_in import SignInForm
from recommendations.views import (
    accounts,
    deputies,
    invitations,
    notifications,
)
from recommendations.views.setup import grid as setup_grid
from recommendations.views.setup import pages as setup_pages
from recommendations.views.setup import people as setup_people
from recommendations.views.updates import calendars


def _account(address: str, view: type[Any], name: str, **options: Any) -> URLPattern:
    """One of Django's account pages, with our own template of the same name."""
    options["template_name"] = f"accounts/{name}.html"
    pattern: URLPattern = path(address, view.as_view(**options), name=name)
    return pattern


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

account_patterns: list[URLPattern | URLResolver] = [
    path("calendar/<str:token>.ics", calendars.calendar, name="calendar"),
    path("accounts/", include(account_pages)),
    path("set-up/", include(set_up_pages)),
    path("invitations/<str:token>/", invitations.invitation, name="invitation"),
    path("unsubscribe/<str:token>/", notifications.unsubscribe, name="unsubscribe"),
]
