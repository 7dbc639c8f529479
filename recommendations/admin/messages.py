"""What people say to each other, and the queue of outgoing mail."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from recommendations import permissions
from recommendations.actions.mail import dead_letters
from recommendations.admin.framework.base import TrackedModelAdmin
from recommendations.admin.framework.list_actions import attempt_each
from recommendations.models import Comment, OutgoingMail
from recommendations.queries.columns import names_of
from recommendations.queries.mail import failing_mail, mail_waits_since


@admin.register(Comment)
class CommentAdmin(TrackedModelAdmin):
    list_display = ("at", "author", "recommendation", "update", "text")
    list_select_related = ("author", "recommendation", "update__recommendation")
    list_reads = (
        *("at", "text", *names_of("author")),
        *("recommendation__reference", "recommendation__title"),
        *("update__as_of", "update__recommendation__reference"),
    )
    search_fields = ("text", "recommendation__reference", "author__username")
    ordering = ("-at", "-pk")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        found: QuerySet[Any] = super().get_queryset(request)
        return found & Comment.objects.visible_to(request.user)


@admin.register(OutgoingMail)
class OutgoingMailAdmin(TrackedModelAdmin):
    """The queue, without what its messages say: that is for those whom they are written to."""

    actions = ("send_again", "give_up")
    list_display = ("queued_at", "to", "subject", "state", "error", "failures", "due_at")
    list_filter = ("state",)
    list_select_related = ("to",)
    search_fields = ("subject", "error", "to__username")
    ordering = ("-queued_at", "-pk")
    fields = (
        *("queued_at", "to", "subject", "message_id", "state"),
        *("failures", "error", "due_at", "ended_at"),
    )

    def has_administer_permission(self, request: HttpRequest) -> bool:
        return permissions.can_administer(request.user)

    @admin.action(description=_("Send again"), permissions=["administer"])
    def send_again(self, request: HttpRequest, queryset: QuerySet[OutgoingMail]) -> None:
        by: Any = request.user
        done = gettext("will be sent again")
        attempt_each(
            request, queryset, lambda mail: dead_letters.send_again(mail=mail, by=by), done
        )

    @admin.action(description=_("Abandon delivery"), permissions=["administer"])
    def give_up(self, request: HttpRequest, queryset: QuerySet[OutgoingMail]) -> None:
        by: Any = request.user
        done = gettext("delivery abandoned")
        attempt_each(request, queryset, lambda mail: dead_letters.give_up(mail=mail, by=by), done)


def first_page(request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
    """The first page of the administration, which tells administrators of mail that failed."""
    told: dict[str, Any] = {}
    if permissions.can_administer(request.user):
        told = {"failing_mail": failing_mail(), "mail_waits_since": mail_waits_since()}
    return admin.AdminSite.index(admin.site, request, {**(extra_context or {}), **told})


# The site itself stays Django's own: another class would have to be named in the settings.
admin.site.index = first_page  # type: ignore[method-assign, assignment]
admin.site.index_template = "admin/tracker_index.html"
