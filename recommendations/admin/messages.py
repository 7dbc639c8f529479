"""What people say to each other, and the queue of outgoing mail."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from recommendations import permissions
from recommendations.actions.mail import dead_letters
from recommendations.admin.framework.base import TrackedModelAdmin
from recommendations.admin.framework.list_actions import attempt_each
from recommendations.admin.framework.lists import column
from recommendations.models import Comment, OutgoingMail
from recommendations.queries.columns import names_of


@admin.register(Comment)
class CommentAdmin(TrackedModelAdmin):
    list_display = ("at", "author", "recommendation", "update", "text")
    list_select_related = ("author", "recommendation", "update__recommendation")
    list_reads = (
        *names_of("author"),
        *("recommendation__reference", "recommendation__title"),
        *("update__as_of", "update__recommendation__reference"),
    )
    search_fields = ("text", "recommendation__reference", "author__username")
    ordering = ("-at", "-pk")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        found: QuerySet[Any] = super().get_queryset(request)
        return found & Comment.objects.visible_to(request.user)


def _recipient(mail: OutgoingMail) -> str:
    """To whom a message goes: the person, or the address that an invitation is for."""
    return str(mail.to or (mail.invitation.email if mail.invitation else ""))


_RECIPIENT = column(_recipient, _("to"), ordering="to")


@admin.register(OutgoingMail)
class OutgoingMailAdmin(TrackedModelAdmin):
    """The queue, without what its messages say: that is for those whom they are written to."""

    actions = ("send_again", "give_up")
    list_display = ("queued_at", _RECIPIENT, "subject", "state", "error", "failures", "due_at")
    list_filter = ("state",)
    list_select_related = ("to", "invitation")
    search_fields = ("subject", "error", "to__username", "invitation__email")
    ordering = ("-queued_at", "-pk")
    fields = (
        *("queued_at", "to", "invitation", "subject", "message_id", "state"),
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
