"""What addressees say, which is only ever added to, and the steps under recommendations."""

from typing import Any

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from recommendations.actions import responses
from recommendations.admin.framework.base import TrackedModelAdmin
from recommendations.admin.framework.filters import by_row
from recommendations.admin.framework.forms import TrackedForm
from recommendations.admin.framework.lists import day, yes_no
from recommendations.models import Action, Response, User
from recommendations.pickers import kinds
from recommendations.pickers.fields import RowField


class ResponseAdminForm(TrackedForm):
    """Addressees are named with the recommendation that speaks to them: the same area has many."""

    addressee = RowField(picker=kinds.RESPONDENTS, label=_("addressee"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "addressee" in self.fields:
            addressee: Any = self.fields["addressee"]
            addressee.offer_rows(kinds.respondents())


def _respond(*, by: User, values: dict[str, Any]) -> Response:
    addressees = [values.pop("addressee")]
    [response] = responses.record_responses(addressees=addressees, by=by, values=values)
    return response


@admin.register(Response)
class ResponseAdmin(TrackedModelAdmin):
    """A change is a new response; the one before it stays."""

    form = ResponseAdminForm
    add_action = staticmethod(_respond)
    list_display = (
        "about",
        "addressee",
        "position",
        day("since"),
        day("due_on"),
        day("recorded_at"),
    )
    list_display_links = ("about", "addressee")
    list_filter = (
        "position",
        ("addressee__recommendation__source", by_row(kinds.ALL_SOURCES, is_used=True)),
        ("addressee__area", by_row(kinds.PLACES, is_used=True)),
        ("addressee__organisation", by_row(kinds.BODIES, is_used=True)),
    )
    list_select_related = (
        "addressee__recommendation",
        "addressee__area",
        "addressee__organisation",
    )
    list_reads = (
        "addressee__recommendation__reference",
        *("addressee__area__name", "addressee__organisation__name"),
    )
    search_fields = (
        "addressee__recommendation__reference",
        "addressee__area__name",
        "addressee__organisation__name",
    )
    ordering = ("-pk",)
    readonly_fields = ("recorded_at", "recorded_by")
    fields = (
        "addressee",
        "position",
        "since",
        "due_on",
        "part_accepted",
        "reason",
        "recorded_at",
        "recorded_by",
    )

    @admin.display(description=_("recommendation"))
    def about(self, response: Response) -> str:
        return response.addressee.recommendation.reference


def _add_action(*, by: User, values: dict[str, Any]) -> Action:
    given = {name: values.pop(name) for name in ("recommendation", "slug")}
    return responses.add_action(**given, by=by, values=values)


@admin.register(Action)
class ActionAdmin(TrackedModelAdmin):
    add_action = staticmethod(_add_action)
    change_action = staticmethod(responses.change_action)
    list_display = (
        *("title", "recommendation", "state", "owner"),
        day("due_on"),
        day("done_on"),
        yes_no("is_named_in_source"),
    )
    list_filter = (
        "state",
        "is_named_in_source",
        ("recommendation__source", by_row(kinds.ALL_SOURCES, is_used=True)),
    )
    list_select_related = ("recommendation",)
    search_fields = ("title", "owner", "recommendation__reference", "recommendation__title")
    ordering = ("recommendation__source", "recommendation__number", "pk")
    prepopulated_fields = {"slug": ("title",)}
    raw_id_fields = ("recommendation",)
    # Files name actions by their short name.
    set_once = ("recommendation", "slug")
    fieldsets = (
        (None, {"fields": ("recommendation", "title", "slug", "is_named_in_source", "owner")}),
        (
            _("Status"),
            {"fields": ("state", "due_on", "started_on", "done_on", "dropped_reason")},
        ),
    )
