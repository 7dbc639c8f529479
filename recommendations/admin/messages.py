"""What people say to each other, and mail that did not get through: to be read."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from recommendations import permissions
from recommendations.actions.notifications import recent_failures
from recommendations.admin.framework.base import TrackedModelAdmin
from recommendations.models import Comment, MailFailure


@admin.register(Comment)
class CommentAdmin(TrackedModelAdmin):
    list_display = ("at", "author", "recommendation", "update", "text")
    list_select_related = ("author", "recommendation", "update__recommendation")
    search_fields = ("text", "recommendation__reference", "author__username")
    ordering = ("-at", "-pk")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        found: QuerySet[Any] = super().get_queryset(request)
        return found & Comment.objects.visible_to(request.user)


@admin.register(MailFailure)
class MailFailureAdmin(TrackedModelAdmin):
    list_display = ("at", "to", "subject", "error")
    list_select_related = ("to",)
    search_fields = ("subject", "error", "to__username")
    ordering = ("-at", "-pk")


def first_page(request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
    """The first page of the administration, which tells administrators of mail that failed."""
    may_see = permissions.can_administer(request.user)
    failures = recent_failures() if may_see else []
    context = {**(extra_context or {}), "mail_failures": failures}
    return admin.AdminSite.index(admin.site, request, context)


# The site itself stays Django's own: another class would have to be named in the settings.
admin.site.index = first_page  # type: ignore[method-assign, assignment]
admin.site.index_template = "admin/tracker_index.html"
