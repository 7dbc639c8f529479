"""The record, mail, redactions and stored files in the administration."""

from collections.abc import Iterable, Sequence
from operator import itemgetter
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import gettext, gettext_lazy, ngettext
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables

from recommendations import permissions, pickers
from recommendations.actions import deliveries
from recommendations.actions import redaction as actions
from recommendations.actions.redaction import redact_file
from recommendations.admin.framework.base import TrackedModelAdmin
from recommendations.admin.framework.forms import attempt_each, found_or_404, step_page
from recommendations.admin.framework.lists import Choice, beside, by_row, column, moment, one_of
from recommendations.audit import tracked_models
from recommendations.audit.redaction import (
    TextOccurrence,
    sessions_with,
    text_occurrences,
)
from recommendations.forms.fields import ProseFormField, ReasonField
from recommendations.models import (
    AuditEvent,
    AuditRow,
    AuditText,
    ChainHead,
    Comment,
    OutgoingMail,
    Redaction,
    StoredFile,
    WebhookDelivery,
)
from recommendations.queries.administration import names_in_events
from recommendations.queries.listed import column_names as columns_of
from recommendations.queries.log.conditions import (
    events_of_object,
    numbers_with_rows,
    rows_of_object,
)
from recommendations.queries.log.words import (
    ACTIONS,
    KINDS,
    Change,
    action_text,
    kind_text,
    log_rows,
)
from recommendations.queries.operation import (
    BackupRow,
    backups_since,
    first_event_of_file,
    first_event_with,
)
from recommendations.storage import evidence as store
from recommendations.storage import uploads
from recommendations.views.access import actor

# ---- The record, to be read: events with their rows and texts, and the head of the chain


def _kinds(request: HttpRequest) -> list[Choice]:
    """All that are tracked: asking a long record which kinds it has is slow."""
    kinds = [*(model._meta.label_lower for model in tracked_models()), *KINDS]
    told = sorted(((kind, kind_text(kind)) for kind in kinds), key=itemgetter(1))
    return [(kind, text, Q(object_type=kind)) for kind, text in told]


def _verbs(request: HttpRequest) -> list[Choice]:
    told = sorted(ACTIONS.items(), key=lambda found: str(found[1]))
    return [(verb, text, Q(verb=verb)) for verb, text in told]


def _one_thing(request: HttpRequest) -> list[Choice]:
    """The one that the address names, bulk events with a row about it included.

    There are as many as rows in all tables.
    """
    asked = request.GET.get("thing", "")
    kind, _colon, key = asked.partition(":")
    own, rows = events_of_object(kind, key), rows_of_object(kind, key)
    return [(asked, asked, Q(sequence__in=numbers_with_rows(own, rows)))] if key else []


_BY_KIND = one_of("object_type", gettext_lazy("type of record"), _kinds)


def _as_list(changes: Iterable[Change]) -> SafeString:
    items = format_html_join(
        "",
        "<li>{}: “{}” → “{}”</li>",
        ((change.label, change.before, change.after) for change in changes),
    )
    return format_html("<ul>{}</ul>", items)


def _about(events: Sequence[AuditEvent]) -> dict[int, str]:
    """What each is about, by its name; by its kind and number where it has none."""
    names = names_in_events(events)
    return {
        event.pk: str(names[event.pk].title)
        if event.pk in names
        else f"{kind_text(event.object_type)} {Truncator(event.object_id).chars(12)}"
        for event in events
    }


_ABOUT = beside(gettext_lazy("record"), _about, ordering="object_type")


@admin.register(AuditEvent)
class AuditEventAdmin(TrackedModelAdmin):
    list_display = ("sequence", moment("at"), "action", _ABOUT, "actor", "why")
    list_filter = (
        ("at", admin.DateFieldListFilter),
        _BY_KIND,
        one_of("verb", gettext_lazy("event"), _verbs),
        ("actor", by_row(pickers.ACTORS)),
        one_of("thing", gettext_lazy("record"), _one_thing),
    )
    list_select_related = ("actor", "reason")
    # A payload may be long: it is read on the page of one event.
    list_reads = ("verb", "object_type", "object_id", "reason__text", *columns_of("actor"))
    search_fields = ("=verb", "=object_id", "=request_id", "=actor__username")
    search_help_text = gettext_lazy("An action, a record number, a request ID or a username.")
    ordering = ("-sequence",)
    fields = (
        "sequence",
        "at",
        "action",
        "actor",
        "object_id",
        "recommendation",
        "reason",
        "changes",
        "rows",
        "request_id",
        "payload",
        "previous_hash",
        "hash",
    )
    readonly_fields = ("action", "changes", "rows")

    @admin.display(description=gettext_lazy("event"), ordering="verb")
    def action(self, event: AuditEvent) -> str:
        return action_text(event.verb, event.object_type)

    @admin.display(description=gettext_lazy("reason"), empty_value="–")
    def why(self, event: AuditEvent) -> str | None:
        return Truncator(event.reason.text).words(20) if event.reason else None

    @admin.display(description=gettext_lazy("changes"))
    def changes(self, event: AuditEvent) -> SafeString:
        [row] = log_rows([event])
        return _as_list(row.changes)

    @admin.display(description=gettext_lazy("rows"))
    def rows(self, event: AuditEvent) -> SafeString:
        """How many rows a bulk event has, with the way to them."""
        count = event.rows.count()
        listing = reverse("admin:recommendations_auditrow_changelist")
        return format_html('<a href="{}?event={}">{}</a>', listing, event.pk, count)


@admin.register(AuditRow)
class AuditRowAdmin(TrackedModelAdmin):
    list_display = ("event", "kind", "object_id", "recommendation")
    list_filter = (_BY_KIND,)
    list_select_related = ("event", "recommendation")
    search_fields = ("=event__sequence", "=object_id")
    ordering = ("-pk",)
    fields = ("event", "kind", "object_id", "recommendation", "readable", "changes")
    readonly_fields = ("kind", "readable")

    @admin.display(description=gettext_lazy("type of record"), ordering="object_type")
    def kind(self, row: AuditRow) -> str:
        return kind_text(row.object_type)

    @admin.display(description=gettext_lazy("changes"))
    def readable(self, row: AuditRow) -> SafeString:
        [shown] = log_rows([row.event], AuditRow.objects.filter(pk=row.pk))
        return _as_list(shown.rows[0].changes)


@admin.register(AuditText)
class AuditTextAdmin(TrackedModelAdmin):
    list_display = ("digest",)
    search_fields = ("digest__startswith",)
    ordering = ("digest",)
    fields = ("digest", "text")


@admin.register(ChainHead)
class ChainHeadAdmin(TrackedModelAdmin):
    list_display = ("last_sequence", "last_at", "last_hash")


# ---- What people say to each other, and the queue of outgoing mail


@admin.register(Comment)
class CommentAdmin(TrackedModelAdmin):
    list_display = ("at", "author", "recommendation", "update", "text")
    list_select_related = ("author", "recommendation", "update__recommendation")
    list_reads = (
        *columns_of("author"),
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


_RECIPIENT = column(_recipient, gettext_lazy("to"), ordering="to")


class QueueAdmin(TrackedModelAdmin):
    """A queue, and what is done about what could not be delivered."""

    actions = ("send_again", "give_up")
    ordering = ("-queued_at", "-pk")

    def has_administer_permission(self, request: HttpRequest) -> bool:
        return permissions.can_administer(request.user)

    @admin.action(description=gettext_lazy("Send again"), permissions=["administer"])
    def send_again(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        done = gettext("will be sent again")
        attempt_each(request, queryset, deliveries.send_again, "row", done)

    @admin.action(description=gettext_lazy("Abandon delivery"), permissions=["administer"])
    def give_up(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        done = gettext("delivery abandoned")
        attempt_each(request, queryset, deliveries.give_up, "row", done)


@admin.register(OutgoingMail)
class OutgoingMailAdmin(QueueAdmin):
    """The queue, without what its messages say: that is for those whom they are written to."""

    list_display = ("queued_at", _RECIPIENT, "subject", "state", "error", "failures", "due_at")
    list_filter = ("state",)
    list_select_related = ("to", "invitation")
    search_fields = ("subject", "error", "to__username", "invitation__email")
    fields = (
        *("queued_at", "to", "invitation", "subject", "message_id", "state"),
        *("failures", "error", "due_at", "ended_at"),
    )


@admin.register(WebhookDelivery)
class WebhookDeliveryAdmin(QueueAdmin):
    """What webhooks are told."""

    list_display = ("queued_at", "webhook", "kind", "state", "error", "failures", "due_at")
    list_filter = ("state", "kind")
    list_select_related = ("webhook",)
    search_fields = ("webhook__name", "error", "message_id")
    fields = (
        *("queued_at", "webhook", "kind", "event", "recommendation", "day", "message_id", "state"),
        *("failures", "error", "due_at", "ended_at"),
    )


# ---- Redactions: that words were taken out, and the page on which an administrator takes them out

SHOWN = 200
"""Places that the preview lists; all of them are counted and changed."""


class WordsForm(forms.Form):
    """Which words, and why."""

    words = ProseFormField(
        label=gettext_lazy("Exact words"),
        help_text=gettext_lazy(
            "At least four characters, with exact upper and lower case. Other spellings "
            "are not found: redact each one separately."
        ),
        required=True,
        rows=2,
    )
    reason = ReasonField(
        help_text=gettext_lazy("The reason stays on record. Do not repeat the redacted text.")
    )
    expected = forms.CharField(required=False, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        if "words" in self.cleaned_data:
            try:
                self.cleaned_data["words"] = actions.checked_words(self.cleaned_data["words"])
                if reason := self.cleaned_data.get("reason"):
                    actions.checked_reason(reason, self.cleaned_data["words"])
            except ValidationError as error:
                self.add_error(None, error)
        return cleaned


@admin.register(Redaction)
class RedactionAdmin(TrackedModelAdmin):
    list_display = ("at", "by", "reason", "file", "places")
    list_select_related = ("by", "file")
    ordering = ("-at", "-pk")
    fields = ("at", "by", "reason", "file", "places", "digest")

    def told_of(self, request: HttpRequest, found: Any = None) -> dict[str, Any]:
        if not permissions.can_administer(request.user):
            return {}
        page = reverse("admin:recommendations_redaction_take_out")
        return {"tools": [] if found else [(gettext("Redact text"), page)]}

    @method_decorator(sensitive_post_parameters("words", "reason"))
    @method_decorator(sensitive_variables())
    def take_out(self, request: HttpRequest) -> HttpResponse:
        """Form, then preview, then done. The words come by POST alone, so no address has them."""
        if not permissions.can_administer(request.user):
            raise PermissionDenied(gettext("Only an administrator can do this."))
        form = WordsForm(request.POST if request.method == "POST" else None)

        def act(_expected: str) -> str:
            made = actions.redact(by=actor(request), **form.cleaned_data)
            return ngettext("Redacted in %d text.", "Redacted in %d texts.", made.places) % (
                made.places
            )

        @sensitive_variables()
        def context(is_ready: bool) -> dict[str, Any]:
            words = form.cleaned_data["words"] if is_ready else ""
            found = text_occurrences(words) if words else []
            if words and not found:
                form.add_error("words", gettext("This text was not found."))
            return {
                "places": found[:SHOWN],
                "count": len(found),
                "sessions": len(sessions_with(words)) if found else 0,
                "files": len(list(uploads.list_uploads())) if found else 0,
                "backups": _backups_with(found) if found else [],
                "is_shown": bool(found),
                "expected": actions.preview_digest(words, found),
                "look": gettext("Preview redaction"),
                "do": gettext("Redact permanently"),
            }

        title = gettext("Redact text")
        return step_page(self, request, "admin/redaction.html", form, title, act, context)

    pages = {"take_out": ("take-out/", take_out)}


def _backups_with(found: Sequence[TextOccurrence]) -> list[BackupRow]:
    """Backups made since the words were first recorded."""
    record = AuditText._meta.label_lower
    digests = [place.key for place in found if place.model == record]
    return backups_since(first_event_with(digests))


# ---- Stored files: what is known of their bytes, and the page on which one of them is taken out


class TakeOutForm(forms.Form):
    """Why a file is taken out."""

    reason = ReasonField(help_text=gettext_lazy("The reason and the file name stay on record."))


@admin.register(StoredFile)
class StoredFileAdmin(TrackedModelAdmin):
    """Bytes in the storage, under their digest."""

    list_display = ("sha256", "media_type", "size", "stored_at", "scan", "fault", "redacted_at")
    list_filter = ("fault", "scan", "media_type")
    search_fields = ("sha256", "revisions__original_name")

    def told_of(self, request: HttpRequest, found: Any = None) -> dict[str, Any]:
        if found is None or found.redacted_at or not permissions.can_administer(request.user):
            return {}
        page = reverse("admin:recommendations_storedfile_take_out", args=[found.pk])
        return {"tools": [(gettext("Redact this file"), page)]}

    def take_out(self, request: HttpRequest, pk: str) -> HttpResponse:
        """Form with the items that have it, then asked once more, then done."""
        if not permissions.can_administer(request.user):
            raise PermissionDenied(gettext("Only an administrator can do this."))
        file = found_or_404(self, request, pk)
        form = TakeOutForm(request.POST if request.method == "POST" else None)

        def act(_expected: str) -> str:
            return self._take_out(request, file, form.cleaned_data["reason"])

        def context(is_ready: bool) -> dict[str, Any]:
            revisions = file.revisions.select_related("evidence").order_by("evidence", "number")
            return {
                "file": file,
                "revisions": revisions,
                "changes": file.changes.select_related("evidence").order_by("evidence", "pk"),
                "backups": backups_since(first_event_of_file(file.pk)),
                "is_shown": is_ready and not form.errors,
                "look": gettext("Continue"),
                "do": gettext("Redact permanently"),
            }

        title = gettext("Redact the file %s") % file
        return step_page(self, request, "admin/take_file_out.html", form, title, act, context)

    pages = {"take_out": ("<str:pk>/take-out/", take_out)}

    def _take_out(self, request: HttpRequest, file: StoredFile, reason: str) -> str:
        redact_file(file=file, by=actor(request), reason=reason)
        try:
            is_gone = not store.file_exists(file.pk)
        except OSError:
            is_gone = False
        if not is_gone:
            told = gettext(
                "The stored bytes could not be deleted yet. Run “manage.py check_evidence --prune”."
            )
            messages.warning(request, told)
        return gettext("File redacted. It can no longer be downloaded.")
