"""Addresses of the API."""

from django.urls import path, re_path

from recommendations.api.schema import SchemaView, SwaggerView
from recommendations.api.views import FileView, nothing_here
from recommendations.api.writes import views

urlpatterns = [
    path("schema.json", SchemaView.as_view(), name="api-schema"),
    path("", SwaggerView.as_view(), name="api"),
    *(path(address, view, name=name) for address, view, name in views()),
    path("evidence/<int:number>/files/<int:file>/", FileView.as_view(), name="api-evidence-file"),
    re_path("", nothing_here),
]
