"""How every page of the administration behaves: audited, under one lock, never deleting.

``AuditedModelAdmin`` is for what an administrator may change, ``ViewOnlyAdmin`` for the rest. A
test walks the registry and fails on a model that has neither.
"""

from __future__ import annotations

from typing import Any, ClassVar
from urllib.parse import urlencode

from django import forms
from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.contrib.admin.widgets import AdminTextareaWidget, AdminTextInputWidget
from django.db import models
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from recommendations import audit
from recommendations.admin.framework.edit_context import (
    edit_context_of,
    settle,
    stored,
    take_out,
    write,
    writing,
)
from recommendations.admin.framework.forms import AuditedForm, AuditedFormSet, RowForm, TextOfRecord
from recommendations.models.fields import ExactField, ProseField


class KeptAdmin(admin.ModelAdmin):
    """Nothing is ever deleted, and the history of a thing is the record."""

    show_full_result_count = False
    list_per_page = 50
    formfield_overrides = {
        ProseField: {"form_class": TextOfRecord, "widget": AdminTextareaWidget({"rows": 5})},
        # No number box: browsers may round what is typed there.
        ExactField: {"widget": AdminTextInputWidget({"inputmode": "decimal"})},
    }

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: Any = None
    ) -> HttpResponse:
        """The events of this thing, in place of a second log of Django's own."""
        events = reverse("admin:recommendations_auditevent_changelist")
        wanted = {"object_type": self.model._meta.label_lower, "object_id": unquote(object_id)}
        return HttpResponseRedirect(f"{events}?{urlencode(wanted)}")


class ViewOnlyAdmin(KeptAdmin):
    """For what is written elsewhere: by the pages of the site, or by the record itself."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class AuditedModelAdmin(KeptAdmin):
    """Every POST that may change something runs in one entry of the record.

    The entry is opened before anything is read, so the lock on the chain comes first here as it
    does in every action. One event is left for each thing that changed: the thing itself, many to
    many included, and each row under it. Whatever fails takes all of it back.
    """

    form = AuditedForm
    verbs: ClassVar[tuple[str, str]] = ("create", "change")
    """What the record calls adding a thing and changing it."""
    set_once: ClassVar[tuple[str, ...]] = ()
    """Fields that cannot be changed once the thing is there, such as codes in addresses."""

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: Any = None,
    ) -> Any:
        if request.method == "POST":
            with writing(request):
                return super().changeform_view(request, object_id, form_url, extra_context)
        edit_context_of(request)  # Read before the thing is, so that nothing slips in between.
        return super().changeform_view(request, object_id, form_url, extra_context)

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        form: Any = super().get_form(request, obj, change=change, **kwargs)
        form.visit = edit_context_of(request)
        return form

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """As declared, with the hidden field that tells what the form had shown."""
        fieldsets = list(super().get_fieldsets(request, obj))
        if obj is None or not self.has_change_permission(request, obj):
            return fieldsets
        name, options = fieldsets[0]
        return [(name, {**options, "fields": (*options["fields"], "seen")}), *fieldsets[1:]]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        fixed = self.set_once if obj is not None else ()
        return (*super().get_readonly_fields(request, obj), *fixed)

    def get_prepopulated_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Suggested while adding; never moved under somebody who edits."""
        return {} if obj is not None else super().get_prepopulated_fields(request, obj)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        visit = edit_context_of(request)
        visit.before = audit.snapshot(stored(obj)) if change else {}
        if form.has_changed() or not change:
            super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        visit = edit_context_of(request)
        form.save_m2m()
        settle(visit, form.instance, visit.before, verb=self.verbs[1] if change else self.verbs[0])
        for formset in formsets:
            # Rows that are only shown are written elsewhere.
            if isinstance(formset, AuditedFormSet):
                self.save_formset(request, form, formset, change)
        self.after_save(request, form.instance)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        visit = edit_context_of(request)
        create, alter, remove = formset.verbs
        formset.save(commit=False)
        for row in formset.deleted_objects:
            take_out(visit, row, verb=remove)
        for row, _names in formset.changed_objects:
            write(visit, row, verb=alter)
        for row in formset.new_objects:
            write(visit, row, verb=create)
        formset.save_m2m()

    def after_save(self, request: HttpRequest, obj: Any) -> None:
        """What follows from a change, once it and its rows are saved."""

    def render_change_form(
        self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """A form that was overtaken now shows what stands there: sent again, it counts."""
        visit = edit_context_of(request)
        if visit.is_stale:
            form = context["adminform"].form
            form.data = form.data.copy()
            form.data["seen"] = form["seen"].initial
        return super().render_change_form(request, context, *args, **kwargs)

    def construct_change_message(
        self, request: HttpRequest, form: Any, formsets: Any, add: bool = False
    ) -> Any:
        """Nothing: what changed is told by the record, in one place."""
        return []

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """For “Recent actions” on the first page, and only if there was one."""
        return (
            super().log_change(request, obj, message)
            if edit_context_of(request).has_written
            else None
        )


class AuditedInline(admin.TabularInline):
    """Rows under a thing. They can be added and changed."""

    form = RowForm
    formset = AuditedFormSet
    extra = 1
    can_delete = False
    formfield_overrides = {
        # Narrower than on a form of their own, so that a row fits on a screen.
        ProseField: {"form_class": TextOfRecord, "widget": forms.Textarea({"rows": 2, "cols": 24})},
        models.CharField: {"widget": forms.TextInput({"size": 10})},
        # No number box: browsers may round what is typed there.
        ExactField: {"widget": forms.TextInput({"size": 12, "inputmode": "decimal"})},
    }
    verbs: ClassVar[tuple[str, str, str]] = ("create", "change", "remove")
    fixed: ClassVar[tuple[str, ...]] = ()
    """What a row is about: cannot be changed once it is there."""

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        formset: Any = super().get_formset(request, obj, **kwargs)
        formset.visit = formset.form.visit = edit_context_of(request)
        formset.verbs = self.verbs
        formset.form.fixed = self.fixed
        # Django refuses to delete what others point to. Nothing is deleted here.
        formset.form.hand_clean_DELETE = lambda form: None
        return formset

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class RemovableInline(AuditedInline):
    """Rows that can be taken out of use. Those that were are not shown; the record has them."""

    can_delete = True
    template = "admin/edit_inline/removable.html"

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Ticking “Delete?” changes a row: it stays, with who took it out of use and when."""
        return self.has_change_permission(request, obj)

    def get_queryset(self, request: HttpRequest) -> Any:
        rows = super().get_queryset(request)
        # When a form is sent, a row that somebody else took out meanwhile must be found.
        return rows if request.method == "POST" else rows.filter(removed_at__isnull=True)


class AddOnlyInline(AuditedInline):
    """Rows that are never changed: a change is a new row. The newest ones are shown."""

    newest = 25
    """Rows that are shown: the form sends each back, and a browser may send 1,000 fields."""

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> Any:
        rows = super().get_queryset(request)
        match = request.resolver_match
        parent = match.kwargs.get("object_id") if match is not None else None
        if parent is None or request.method == "POST":
            return rows
        name = self.fk_name or self.parent_model._meta.model_name
        shown = rows.filter(**{f"{name}": unquote(parent)}).order_by("-pk").values("pk")
        return rows.filter(pk__in=shown[: self.newest])


class ViewOnlyInline(admin.TabularInline):
    """Rows that are written elsewhere."""

    extra = 0
    can_delete = False
    show_change_link = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
