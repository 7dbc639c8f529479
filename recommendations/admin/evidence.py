"""Evidence items, what they are linked to, and who checked them."""

from typing import Any

from django.contrib import admin
from django.db.models import Exists, OuterRef, Q
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from recommendations import pickers
from recommendations.actions.evidence import changes, items
from recommendations.actions.evidence.changes import publication_refusal
from recommendations.admin.framework.base import TrackedInline, TrackedModelAdmin
from recommendations.admin.framework.forms import TrackedForm
from recommendations.admin.framework.lists import (
    beside,
    by_row,
    count,
    day,
    holds,
    moment,
    yes_or_no,
)
from recommendations.models import (
    Evidence,
    EvidenceChange,
    EvidenceCheck,
    EvidenceLink,
    EvidenceRevision,
    User,
)
from recommendations.queries.administration import verified
from recommendations.queries.evidence.items import is_settled
from recommendations.views.access import actor


def _attach(*, by: User, values: dict[str, Any]) -> EvidenceLink:
    [link] = items.attach_evidence(
        to=values.pop("recommendation"), by=by, items=[items.EvidenceInput(**values)]
    )
    return link


class EvidenceLinkRow(TrackedForm):
    """Under a recommendation evidence is need or background, never a claim."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        stance: Any = self.fields["stance"]
        # The empty choice stays: a row that nobody touched must not count as one.
        fitting = EvidenceLink.RECOMMENDATION_STANCES
        stance.choices = [row for row in stance.choices if row[0] in {"", *fitting}]


class EvidenceLinkInline(TrackedInline):
    """What a recommendation rests on."""

    model = EvidenceLink
    form = EvidenceLinkRow
    called = "evidence"
    autocomplete_fields = ("evidence",)
    fields = ("evidence", "stance", "is_placed_by_source", "why")
    fixed = ("evidence",)
    noun = "link"
    add_action = staticmethod(_attach)
    change_action = staticmethod(items.change_evidence_link)
    remove_action = staticmethod(items.detach)

    def note_of(self, made: EvidenceLink) -> str:
        if not made.is_withheld or made.removed_at is not None:
            return ""
        told = gettext("“%s”: the public sees this link once another manager agrees.")
        return told % made.evidence


class RecommendationLinkInline(EvidenceLinkInline):
    """What it is need or background for."""

    called = "recommendation"
    autocomplete_fields = ("recommendation",)
    fields = ("recommendation", "stance", "is_placed_by_source", "why")
    fixed = ("recommendation",)

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).filter(recommendation__isnull=False)


class ClaimInline(TrackedInline):
    """Claims that it stands for or against; changed on their own pages."""

    model = EvidenceLink
    fields = (
        "update",
        "observation",
        "response",
        "stance",
        "why",
        "added_at",
        "added_by",
        "removed_at",
    )
    readonly_fields = fields
    reads = ("update__recommendation",)
    verbose_name_plural = _("role of the evidence")

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).filter(recommendation__isnull=True)


class CheckInline(TrackedInline):
    """Who looked it up. A check is made on the page of the item, by the checker alone."""

    model = EvidenceCheck
    fields = ("by", "organisation", "at", "revision", "note", "removed_at", "removed_by")
    readonly_fields = fields


class RevisionInline(TrackedInline):
    """Its files, newest first. A file is given to an item on the item's own page."""

    model = EvidenceRevision
    fields = ("number", "original_name", "file", "added_at", "added_by", "note")
    readonly_fields = fields


@admin.register(EvidenceChange)
class EvidenceChangeAdmin(TrackedModelAdmin):
    """Changes that await a second manager or were decided; decided on the pages of the site."""

    list_display = (
        "evidence",
        "kind",
        "state",
        moment("proposed_at"),
        "proposed_by",
        moment("decided_at"),
        "decided_by",
    )
    list_filter = ("state", "kind")
    list_select_related = ("evidence", "proposed_by", "decided_by")
    search_fields = ("evidence__title", "evidence__slug")
    ordering = ("-proposed_at", "-pk")


def _is_verified() -> Exists:
    """Whether the current file, or the item itself, was verified."""
    checks = EvidenceCheck.objects.order_by().filter(
        evidence=OuterRef("pk"), revision=OuterRef("last_revision"), removed_at__isnull=True
    )
    return Exists(checks)


def _is_expired() -> Q:
    return Q(expires_on__isnull=False, expires_on__lt=timezone.localdate())


@admin.register(Evidence)
class EvidenceAdmin(TrackedModelAdmin):
    add_action = staticmethod(items.record)
    change_action = staticmethod(changes.change_item)
    list_display = (
        "title",
        "kind",
        "publisher",
        day("effective_on", precision="effective_precision"),
        day("expires_on"),
        beside(_("verified"), verified, yes_or_no),
        "reliability",
        "visibility",
        count(_("links"), EvidenceLink.objects.live, "evidence"),
    )
    list_filter = (
        "kind",
        "reliability",
        "visibility",
        holds("verified", _("verified"), _is_verified),
        holds("expired", _("expired"), _is_expired),
        ("links__recommendation", by_row(pickers.OTHERS)),
    )
    list_reads = ("effective_precision", "last_revision")
    precisions = {"effective_on": "effective_precision"}
    search_fields = ("title", "slug", "publisher", "citation")
    prepopulated_fields = {"slug": ("title",)}
    # How far it is relied on, those who check it say, on its page.
    readonly_fields = ("reliability", "recorded_at", "recorded_by")
    inlines = (RevisionInline, RecommendationLinkInline, ClaimInline, CheckInline)
    fieldsets = (
        (None, {"fields": ("title", "slug", "kind", "description")}),
        (_("Location"), {"fields": ("url", "citation", "publisher")}),
        (
            _("Dates"),
            {"fields": ("effective_on", "effective_precision", "retrieved_on", "expires_on")},
        ),
        (_("Reliability and visibility"), {"fields": ("reliability", "visibility")}),
        (_("Recorded"), {"fields": ("recorded_at", "recorded_by")}),
    )

    def note_of(self, written: Evidence, values: dict[str, Any]) -> str:
        """That the public reads on what was approved, and another manager decides."""
        if not changes.is_proposed(written, values):
            return ""
        return gettext("Your change awaits another manager. The public reads the approved version.")

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        """Who may not make an item public is told so beforehand, and that a change waits."""
        form = super().get_form(request, obj, change=change, **kwargs)
        field = form.base_fields.get("visibility")
        why = "" if obj is None else publication_refusal(obj, actor(request))
        if field is not None and why:
            field.disabled, field.help_text = True, why
        title = form.base_fields.get("title")
        if obj is not None and title is not None and is_settled(obj):
            title.help_text = _(
                "The public reads this evidence, and an approved or published record rests on it. "
                "A change awaits another manager. Unpublishing takes effect at once."
            )
        return form
