"""The site's addresses: Django's admin, and everything else from the app."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("", include("recommendations.urls")),
]

handler400 = "recommendations.views.errors.bad_request"
handler403 = "recommendations.views.errors.permission_denied"
handler404 = "recommendations.views.errors.page_not_found"
handler500 = "recommendations.views.errors.server_error"
