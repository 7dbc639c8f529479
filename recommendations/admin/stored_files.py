"""Stored files: what is known of their bytes, and the page on which one of them is taken out."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from recommendations import permissions
from recommendations.actions.redaction import redact_file
from recommendations.admin.framework.base import TrackedModelAdmin
from recommendations.admin.framework.confirmations import attempt_action, page
from recommendations.forms.fields import ProseFormField
from recommendations.models import StoredFile
from recommendations.queries.backups import backups_since, first_event_of_file
from recommendations.storage import evidence as store


class TakeOutForm(forms.Form):
    """Why a file is taken out."""

    reason = ProseFormField(
        label=gettext_lazy("Reason"),
        help_text=gettext_lazy("The reason and the file name stay on record."),
        required=True,
        rows=2,
    )


@admin.register(StoredFile)
class StoredFileAdmin(TrackedModelAdmin):
    """Bytes in the storage, under their digest."""

    change_form_template = "admin/stored_file.html"
    list_display = ("sha256", "media_type", "size", "stored_at", "scan", "fault", "redacted_at")
    list_filter = ("fault", "scan", "media_type")
    search_fields = ("sha256", "revisions__original_name")

    def get_urls(self) -> list[Any]:
        take_out = self.admin_site.admin_view(self.take_out)
        name = "recommendations_storedfile_take_out"
        return [path("<str:pk>/take-out/", take_out, name=name), *super().get_urls()]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        may = {"may_take_out": permissions.can_administer(request.user)}
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **may})

    def take_out(self, request: HttpRequest, pk: str) -> HttpResponse:
        """Form with the items that have it, then asked once more, then done."""
        if not permissions.can_administer(request.user):
            raise PermissionDenied(_("Only an administrator can redact a file."))
        file = self.get_object(request, pk)
        if file is None:
            raise Http404
        form = TakeOutForm(request.POST if request.method == "POST" else None)
        is_ready = form.is_valid()
        if is_ready and "confirmed" in request.POST:

            def act() -> str:
                return self._take_out(request, file, form.cleaned_data["reason"])

            if answer := attempt_action(self, request, form, act):
                return answer
        context = {
            "file": file,
            "revisions": file.revisions.select_related("evidence").order_by("evidence", "number"),
            "changes": file.changes.select_related("evidence").order_by("evidence", "pk"),
            "backups": backups_since(first_event_of_file(file.pk)),
            "is_shown": is_ready and not form.errors,
            "look": _("Continue"),
            "do": _("Redact permanently"),
        }
        title = _("Redact the file %s") % file
        return page(self, request, "admin/take_file_out.html", form, title, context)

    def _take_out(self, request: HttpRequest, file: StoredFile, reason: str) -> str:
        by: Any = request.user
        redact_file(file=file, by=by, reason=reason)
        try:
            is_gone = not store.file_exists(file.pk)
        except OSError:
            is_gone = False
        if not is_gone:
            told = _(
                "The stored bytes could not be deleted yet. Run “manage.py check_evidence --prune”."
            )
            messages.warning(request, told)
        return _("File redacted. It can no longer be downloaded.")
