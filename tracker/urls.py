"""The site's addresses: Django's admin, and everything else from the app."""

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from tracker import metrics

urlpatterns = [
    # One's own password is changed in one place, which records that it was.
    path("admin/password_change/", RedirectView.as_view(pattern_name="password_change")),
    path("admin/", admin.site.urls),
    path("metrics", metrics.metrics, name="metrics"),
    path("", include("recommendations.urls")),
]

handler400 = "recommendations.views.errors.bad_request"
handler403 = "recommendations.views.errors.permission_denied"
handler404 = "recommendations.views.errors.page_not_found"
handler500 = "recommendations.views.errors.server_error"
