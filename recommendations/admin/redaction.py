"""Redactions: that words were taken out, and the page on which an administrator takes them out."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils.decorators import method_decorator
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables

from recommendations import permissions
from recommendations.actions import redaction as actions
from recommendations.admin.framework.base import TrackedModelAdmin
from recommendations.admin.framework.confirmations import attempt_action, page
from recommendations.audit.text_search import (
    TextOccurrence,
    preview_digest,
    sessions_with,
    text_occurrences,
)
from recommendations.forms.fields import ProseFormField
from recommendations.models import AuditText, Redaction
from recommendations.queries.backups import BackupRow, backups_since, first_event_with
from recommendations.storage import uploads

SHOWN = 200
"""Places that the preview lists; all of them are counted and changed."""


class WordsForm(forms.Form):
    """Which words, and why."""

    words = ProseFormField(
        label=_("Exact words"),
        help_text=_(
            "At least four characters, with exact upper and lower case. Other spellings "
            "are not found: redact each one separately."
        ),
        required=True,
        rows=2,
    )
    reason = ProseFormField(
        label=_("Reason"),
        help_text=_("The reason stays on record and must not repeat the redacted words."),
        required=True,
        rows=2,
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
    change_list_template = "admin/redaction_list.html"
    list_display = ("at", "by", "reason", "file", "places")
    list_select_related = ("by", "file")
    ordering = ("-at", "-pk")
    fields = ("at", "by", "reason", "file", "places", "digest")

    def get_urls(self) -> list[Any]:
        take_out = self.admin_site.admin_view(self.take_out)
        name = "recommendations_redaction_take_out"
        return [path("take-out/", take_out, name=name), *super().get_urls()]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> Any:
        may_redact = permissions.can_administer(request.user)
        return super().changelist_view(request, {**(extra_context or {}), "may_redact": may_redact})

    @method_decorator(sensitive_post_parameters("words", "reason"))
    @method_decorator(sensitive_variables())
    def take_out(self, request: HttpRequest) -> HttpResponse:
        """Form, then preview, then done. The words come by POST alone, so no address has them."""
        if not permissions.can_administer(request.user):
            raise PermissionDenied(gettext("Only an administrator can redact text."))
        form = WordsForm(request.POST if request.method == "POST" else None)
        if request.method != "POST" or not form.is_valid():
            return self._page(request, form)
        words = form.cleaned_data["words"]
        if "confirmed" in request.POST:
            by: Any = request.user

            def act() -> str:
                made = actions.redact(by=by, **form.cleaned_data)
                told = ngettext("Redacted in %d text.", "Redacted in %d texts.", made.places)
                return told % made.places

            if answer := attempt_action(self, request, form, act):
                return answer
        return self._page(request, form, words)

    def _page(self, request: HttpRequest, form: WordsForm, words: str = "") -> HttpResponse:
        found = text_occurrences(words) if words else []
        if words and not found:
            form.add_error("words", gettext("This text was not found."))
        context = {
            "places": found[:SHOWN],
            "count": len(found),
            "sessions": len(sessions_with(words)) if found else 0,
            "files": len(list(uploads.list_uploads())) if found else 0,
            "backups": _backups_with(found) if found else [],
            "is_shown": bool(found),
            "expected": preview_digest(words, found),
            "look": gettext("Preview redaction"),
            "do": gettext("Redact permanently"),
        }
        title = gettext("Redact text")
        return page(self, request, "admin/redaction.html", form, title, context)


def _backups_with(found: Sequence[TextOccurrence]) -> list[BackupRow]:
    """Backups made since the words were first recorded."""
    record = AuditText._meta.label_lower
    digests = [place.key for place in found if place.model == record]
    return backups_since(first_event_with(digests))
