"""Updates, target dates and responses in the administration."""

from collections.abc import Mapping, Sequence
from operator import attrgetter
from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from recommendations import pickers
from recommendations.actions import responses
from recommendations.actions.updates.drafts import TEXT_FIELDS
from recommendations.admin.framework.base import TrackedInline, TrackedModelAdmin
from recommendations.admin.framework.forms import TrackedForm
from recommendations.admin.framework.lists import Words, beside, by_row, day, yes_no
from recommendations.models import (
    Action,
    EvidenceLink,
    ReportedStatus,
    Response,
    StatusUpdate,
    TargetDateChange,
    User,
)
from recommendations.pickers import RowField
from recommendations.queries.listed import column_names
from recommendations.queries.publicity import Mark, marks_of

# ---- Status updates: read here, written and decided on their pages


class DecidedAdmin(TrackedModelAdmin):
    """What one person writes and another decides on; its page here says so, and leads there."""

    change_form_template = "admin/decided_form.html"
    why_shown: ClassVar[Words]

    def written_at(self, thing: Any) -> str:
        """The page on which such a thing is written or decided on."""
        address: str = thing.get_absolute_url()
        return address

    def told_of(self, request: HttpRequest, found: Any = None) -> dict[str, Any]:
        if found is None:
            return {}
        return {"why_shown": self.why_shown, "written_at": self.written_at(found)}


class UpdateEvidenceInline(TrackedInline):
    """Evidence for and against. It is added and taken away on the page of the update."""

    model = EvidenceLink
    fields = ("evidence", "stance", "why", "added_at", "added_by", "removed_at", "removed_by")
    readonly_fields = fields


def _marks(rows: Sequence[StatusUpdate]) -> Mapping[int, Mark]:
    """Whether and when each was retracted, corrected or undone."""
    return marks_of(row.pk for row in rows)


@admin.register(StatusUpdate)
class StatusUpdateAdmin(DecidedAdmin):
    why_shown = _(
        "Updates are written by one person and decided by another. They are never edited here."
    )
    list_display = (
        "recommendation",
        "addressee",
        "kind",
        day("as_of"),
        "state",
        "implementation_status",
        "confidence",
        "author",
        "decided_by",
        day("decided_at", _("decided at")),
        beside(_("replaced"), _marks, attrgetter("text")),
    )
    list_filter = (
        "state",
        "kind",
        "implementation_status",
        "confidence",
        ("recommendation__source", by_row(pickers.ALL_SOURCES, is_used=True)),
    )
    list_select_related = (
        "recommendation",
        "addressee__area",
        "addressee__organisation",
        "author",
        "decided_by",
    )
    list_reads = (
        *("recommendation__reference", "recommendation__title"),
        *("addressee__area__name", "addressee__organisation__name"),
        *column_names("author", "decided_by"),
    )
    search_fields = (
        "recommendation__reference",
        "recommendation__title",
        "author__username",
        "author__last_name",
    )
    ordering = ("-pk",)
    inlines = (UpdateEvidenceInline,)

    fieldsets = (
        (None, {"fields": ("recommendation", "addressee", "kind", "state", "as_of")}),
        (
            capfirst(_("status")),
            {
                "fields": (
                    "implementation_status",
                    "confidence",
                    "rated_on",
                    "completed_on",
                    "review_on",
                    "successor",
                )
            },
        ),
        (
            capfirst(_("content")),
            {"fields": TEXT_FIELDS},
        ),
        (
            _("Review"),
            {
                "fields": (
                    "author",
                    "editors",
                    "created_at",
                    "submitted_at",
                    "decided_at",
                    "decided_by",
                    "decision_note",
                    "based_on",
                    "corrects",
                    "retracts",
                )
            },
        ),
    )


@admin.register(ReportedStatus)
class ReportedStatusAdmin(TrackedModelAdmin):
    list_display = (
        "recommendation",
        day("as_of"),
        *("words", "implementation_status", "file_name"),
    )
    list_filter = ("implementation_status",)
    list_select_related = ("recommendation",)
    search_fields = ("words", "recommendation__reference", "file_name")
    ordering = ("-recorded_at", "-pk")


# ---- Date changes: read here, decided on the page that shows all of them


@admin.register(TargetDateChange)
class TargetDateChangeAdmin(DecidedAdmin):
    why_shown = _(
        "Date changes are requested by one person and decided by another. They are never edited "
        "here."
    )
    list_display = (
        "recommendation",
        "number",
        day("old_date", _("old date")),
        day("new_date", empty=_("No target date")),
        "state",
        "requested_by",
        day("requested_at"),
        "decided_by",
        day("decided_at"),
    )
    list_filter = ("state", ("recommendation__source", by_row(pickers.ALL_SOURCES, is_used=True)))
    list_select_related = ("recommendation", "requested_by", "decided_by")
    search_fields = (
        "recommendation__reference",
        "recommendation__title",
        "requested_by__username",
        "requested_by__last_name",
    )
    ordering = ("-pk",)

    def written_at(self, thing: Any) -> str:
        return reverse("recommendation-dates", args=[thing.recommendation.reference])

    def view_on_site(self, obj: Any) -> str:
        return self.written_at(obj)


# ---- What addressees say, which is only ever added to, and the steps under recommendations


class ResponseAdminForm(TrackedForm):
    """Addressees are named with the recommendation that speaks to them: the same area has many."""

    addressee = RowField(picker=pickers.RESPONDENTS, label=capfirst(_("addressee")))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        addressee: Any = self.fields["addressee"]
        addressee.offer_rows(pickers.respondents())


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
        ("addressee__recommendation__source", by_row(pickers.ALL_SOURCES, is_used=True)),
        ("addressee__area", by_row(pickers.PLACES, is_used=True)),
        ("addressee__organisation", by_row(pickers.BODIES, is_used=True)),
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
        ("recommendation__source", by_row(pickers.ALL_SOURCES, is_used=True)),
        "is_demonstration",
    )
    list_select_related = ("recommendation",)
    search_fields = ("title", "owner", "recommendation__reference", "recommendation__title")
    ordering = ("recommendation__source", "recommendation__number", "pk")
    prepopulated_fields = {"slug": ("title",)}
    raw_id_fields = ("recommendation",)
    # Files name actions by their short name.
    set_once = ("recommendation", "slug")
    readonly_fields = ("is_demonstration",)
    fieldsets = (
        (None, {"fields": ("recommendation", "title", "slug", "is_named_in_source", "owner")}),
        (
            _("Status"),
            {"fields": ("state", "due_on", "started_on", "done_on", "dropped_reason")},
        ),
        (_("Other"), {"fields": ("is_demonstration",)}),
    )
