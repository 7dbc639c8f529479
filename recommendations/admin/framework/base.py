"""What all pages of the administration share: one tracked model, its forms and its history."""

from collections.abc import Callable, Mapping, Sequence
from copy import copy
from functools import partial
from http import HTTPStatus
from operator import attrgetter, itemgetter
from typing import Any, ClassVar, cast

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.utils import flatten, unquote
from django.contrib.admin.views.main import ChangeList
from django.contrib.admin.widgets import (
    AdminTextareaWidget,
    AdminTextInputWidget,
    AutocompleteMixin,
    RelatedFieldWidgetWrapper,
)
from django.core.exceptions import BadRequest, PermissionDenied
from django.db import models
from django.forms.widgets import Script
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from recommendations import audit
from recommendations.admin.framework.forms import (
    RolledBack,
    TextOfRecord,
    TrackedForm,
    TrackedFormSet,
    writes_of,
)
from recommendations.admin.framework.lists import (
    FICTIONAL,
    FindsRows,
    NarrowList,
    day,
    is_beyond,
    label_columns,
)
from recommendations.columns import Column, public, written
from recommendations.exports import Sheet
from recommendations.forms.fields import TickedRowsField, explanation_of
from recommendations.models import AuditEvent
from recommendations.models.fields import ExactField, ProseField
from recommendations.queries.frame import frame_for
from recommendations.queries.listed import A_PAGE
from recommendations.queries.log.conditions import (
    events_of_object,
    numbers_with_rows,
    rows_of_object,
)
from recommendations.queries.log.words import log_rows
from recommendations.views.access import actor
from recommendations.views.lists import OF_EVENTS, CappedPaginator, requested_page, send

# ---- The history of one thing: what the audit log tells of it, in place of a log of Django's own


def history_page(model_admin: Any, request: HttpRequest, object_id: str) -> HttpResponse:
    """Every event about a thing, and about rows of it in bulk acts, latest first.

    For who may see the thing and the log.
    """
    found = model_admin.get_object(request, unquote(object_id))
    if found is None:
        missing: HttpResponse = model_admin._get_obj_does_not_exist_redirect(
            request, model_admin.opts, object_id
        )
        return missing
    may_see = model_admin.has_view_or_change_permission(request, found)
    if not may_see or not request.user.has_perm("recommendations.view_auditevent"):
        raise PermissionDenied
    kind, key = model_admin.opts.label_lower, str(found.pk)
    rows = rows_of_object(kind, key)
    own = AuditEvent.objects.filter(
        sequence__in=numbers_with_rows(events_of_object(kind, key), rows)
    )
    read = AuditEvent.objects.select_related("actor", "reason", "recommendation").only(*OF_EVENTS)
    page = requested_page(request, CappedPaginator(own.order_by("-sequence"), read.in_bulk, A_PAGE))
    context = {
        **model_admin.admin_site.each_context(request),
        "title": _("History: %(title)s") % {"title": found},
        "opts": model_admin.opts,
        "object": found,
        "page": page,
        "rows": log_rows(page, rows),
    }
    return TemplateResponse(request, "admin/tracker_history.html", context)


# ---- How every page of the administration behaves: written by actions, in one transaction, logged.
# What has no action cannot be done here: a model without any is shown and no more. A test walks the
# registry and fails on a model that is administered otherwise.

WriteAction = Callable[..., Any]
"""An action, called by keywords: ``by``, ``values``, and what else each use below says."""


class Explained(FindsRows):
    """Fields whose choices are not plain say what they mean, with a link to the help page."""

    def formfield_for_dbfield(
        self, db_field: models.Field, request: HttpRequest, **kwargs: Any
    ) -> forms.Field | None:
        if db_field.many_to_many:
            kwargs.setdefault("form_class", TickedRowsField)
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        widget: Any = getattr(field, "widget", None)
        if isinstance(widget, RelatedFieldWidgetWrapper):
            # What is chosen has a page of its own; here it is chosen, or added.
            widget.can_change_related = widget.can_view_related = False
        widget = getattr(widget, "widget", widget)
        is_searched = isinstance(widget, AutocompleteMixin)
        if is_searched:
            # What opens is part of the content, for whoever goes from landmark to landmark.
            widget.attrs["data-dropdown-parent"] = "#content-start"
            # Each choice has a cross of its own; one for all would be no item of their list.
            widget.is_required |= db_field.many_to_many
        if field is not None and (told := explanation_of(db_field)) is not None:
            field.help_text = told
        return field


class TrackedModelAdmin(Explained, admin.ModelAdmin):
    """A POST that may change something runs its actions in one transaction.

    The chain is locked before anything is read, as in every action. Nothing is ever deleted.
    """

    form = TrackedForm

    class Media:
        js = (Script("recommendations/admin_forms.js", defer=True),)

    add_action: ClassVar[WriteAction | None] = None
    """Adds a thing of these ``values``."""
    change_action: ClassVar[WriteAction | None] = None
    """Changes a thing, given under the name of its model, that had the ``expected_version``."""
    adds_revisions: ClassVar[bool] = False
    """Whether a thing that is added may be the next revision of another: then the action is given
    the keys of those that the form has ``shown``."""
    set_once: ClassVar[tuple[str, ...]] = ()
    """Fields that cannot be changed once the thing is there, such as codes in addresses."""
    precisions: ClassVar[Mapping[str, str]] = {}
    """Days that may be known less exactly, each with the column that says how exactly."""

    pages: ClassVar[Mapping[str, tuple[str, Callable[..., HttpResponseBase]]]] = {}
    """Pages of its own by their names, each with its address below the list."""
    list_reads: ClassVar[tuple[str, ...] | None] = None
    """Columns that the list reads besides its own, where whole rows are wide."""

    empty_value_display = "–"
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    list_per_page = 50
    formfield_overrides = {
        ProseField: {"form_class": TextOfRecord, "widget": AdminTextareaWidget({"rows": 5})},
        # No number box: browsers may round what is typed there.
        ExactField: {"widget": AdminTextInputWidget({"inputmode": "decimal"})},
    }

    def __init__(self, model: type[models.Model], admin_site: admin.AdminSite) -> None:
        super().__init__(model, admin_site)
        label_columns(model, self.list_display)

    def get_urls(self) -> list[Any]:
        guarded, of = self.admin_site.admin_view, f"{self.opts.app_label}_{self.opts.model_name}"
        own = [
            path(address, guarded(partial(view, self)), name=f"{of}_{name}")
            for name, (address, view) in self.pages.items()
        ]
        return [*own, *super().get_urls()]

    def get_list_display(self, request: HttpRequest) -> Any:
        """With a column of what is fictional where people of the demonstration have accounts."""
        columns = super().get_list_display(request)
        names = {field.name for field in self.opts.fields}
        if "is_demonstration" not in names or not frame_for(request.user).is_demonstration:
            return columns
        return (*columns, FICTIONAL)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return NarrowList

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> Any:
        """Under the name of what it lists."""
        if any(is_beyond(key) for key in request.POST.getlist(ACTION_CHECKBOX_NAME)):
            raise BadRequest("no key of a row")
        title = capfirst(self.opts.verbose_name_plural)
        context = {"title": title, **self.told_of(request), **(extra_context or {})}
        response = super().changelist_view(request, context)
        shown = (getattr(response, "context_data", None) or {}).get("cl")
        if shown and shown.is_wrong:
            response.status_code = HTTPStatus.BAD_REQUEST
        return response

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """The list; empty, and saying so, where the address asks for what no filter knows.

        Nothing is done with such rows: Django's own would show every row instead.
        """
        try:
            return super().get_changelist_instance(request)
        except IncorrectLookupParameters:
            if request.method == "POST":
                raise
            unasked = copy(request)
            unasked.GET = QueryDict()
            found: Any = super().get_changelist_instance(unasked)
            found.empty(unasked)
            return found

    def get_paginator(
        self, request: HttpRequest, queryset: Any, per_page: int, *args: Any, **kwargs: Any
    ) -> CappedPaginator:
        """As lists of pages: counted to a cap, and the rows of a page read by their ids."""
        return CappedPaginator(queryset, queryset.in_bulk, per_page)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.add_action is not None and super().has_add_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return self.change_action is not None and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The events of this thing, in place of a second log of Django's own."""
        return history_page(self, request, object_id)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        # Without one a form is sent to the address of the page with the field that was gone to.
        to = form_url or request.get_full_path()
        respond = partial(super().changeform_view, request, object_id, to, extra_context)
        if request.method != "POST":
            return respond()
        with audit.entry(by=actor(request)):
            return respond()

    def told_of(self, request: HttpRequest, found: Any = None) -> dict[str, Any]:
        """What the page of a thing shows besides, or the list, where ``found`` is ``None``.

        ``tools`` are links beside the name: what each says, and its address.
        """
        return {}

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        context |= self.told_of(request, kwargs.get("obj"))
        context["show_save_and_add_another"] = not kwargs.get("change")
        return super().render_change_form(request, context, *args, **kwargs)

    def get_form(
        self,
        request: HttpRequest,
        obj: models.Model | None = None,
        change: bool = False,
        **kwargs: Any,
    ) -> Any:
        form: Any = super().get_form(request, obj, change=change, **kwargs)
        if request.method == "POST":
            form.write = staticmethod(partial(self.write_form, request, change))
        return form

    def get_fields(self, request: HttpRequest, obj: models.Model | None = None) -> Any:
        """Of what is only shown every column, also those that no form may change."""
        if self.fields or self.add_action is not None or self.change_action is not None:
            return super().get_fields(request, obj)
        columns = (*self.opts.concrete_fields, *self.opts.many_to_many)
        return [column.name for column in columns if not isinstance(column, models.AutoField)]

    def get_fieldsets(self, request: HttpRequest, obj: models.Model | None = None) -> Any:
        """As declared, with the hidden field that tells what the form had shown."""
        (name, options), *rest = self.sections(request, obj)
        if self._may_write(request, obj):
            return [(name, {**options, "fields": (*options["fields"], "seen")}), *rest]
        if obj is None or not self.precisions:
            return [(name, options), *rest]
        return [
            (name, {**options, "fields": self._as_known(options["fields"])})
            for name, options in ((name, options), *rest)
        ]

    def _as_known(self, names: Sequence[str]) -> list[Any]:
        """Fields for a reader: each day no more exact than it is known."""
        labels = {column.name: column.verbose_name for column in self.opts.concrete_fields}
        return [
            day(name, labels[name], precision=self.precisions[name])
            if name in self.precisions
            else name
            for name in names
            if name not in self.precisions.values()
        ]

    def sections(self, request: HttpRequest, obj: models.Model | None) -> Any:
        """The fieldsets of this form, where they depend on the thing or the reader."""
        return super().get_fieldsets(request, obj)

    def _may_write(self, request: HttpRequest, obj: models.Model | None) -> bool:
        if obj is None:
            return self.adds_revisions
        return self.has_change_permission(request, obj)

    def get_readonly_fields(self, request: HttpRequest, obj: models.Model | None = None) -> Any:
        fixed = self.set_once if obj is not None else ()
        return (*super().get_readonly_fields(request, obj), *fixed)

    def get_prepopulated_fields(self, request: HttpRequest, obj: models.Model | None = None) -> Any:
        """Suggested while adding; never moved under somebody who edits."""
        return {} if obj is not None else super().get_prepopulated_fields(request, obj)

    def save_form(self, request: HttpRequest, form: Any, change: bool) -> Any:
        return form.instance

    def write_form(self, request: HttpRequest, change: bool, form: Any) -> bool:
        """Write the thing and its rows, or nothing; whether no action refused.

        Nothing is tried either where a row cannot be read.
        """
        writes, by, thing = writes_of(request), cast(Any, request.user), form.instance
        if not all(formset.is_valid() for formset in writes.formsets):
            return True
        before = dict(vars(thing))
        try:
            with audit.entry(by=by):
                self._write_thing(request, thing, form, change)
                if not writes.refusals:
                    self.write_beside(request, form)
                for formset in writes.formsets:
                    formset.inline.write_rows(request, formset)
                if writes.refusals:
                    raise RolledBack
        except RolledBack:
            vars(thing).clear()
            vars(thing).update(before)
            writes.show_refusals(form)
            return False
        return True

    def _write_thing(
        self, request: HttpRequest, thing: models.Model, form: Any, change: bool
    ) -> None:
        """Write the thing, and let ``thing`` hold what was written."""
        given: dict[str, Any] = {"by": request.user, "values": form.values()}
        if change and not given["values"]:
            return
        if change:
            given |= {str(self.opts.model_name): thing, "expected_version": form.expected()}
        elif self.adds_revisions:
            given["shown"] = {form.shown_row()}
        act: Any = self.change_action if change else self.add_action
        writes = writes_of(request)
        written = writes.attempt(form, partial(act, **given))
        if written is not None:
            vars(thing).update(vars(written))
            if note := self.note_of(written, given["values"]):
                writes.notes.append(note)
        elif not change:
            raise RolledBack  # There is nothing that rows could be added to.

    def save_model(
        self, request: HttpRequest, obj: models.Model | None, form: Any, change: bool
    ) -> None:
        """Nothing: the form has written it."""

    def note_of(self, written: Any, values: dict[str, Any]) -> str:
        """What the person is to know of a thing that was written; empty where it is as they see."""
        return ""

    def write_beside(self, request: HttpRequest, form: Any) -> None:
        """Call what other actions the form of the thing asks for, once the thing is written."""

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Nothing is left to write; what the person is to know of it is told."""
        for note in writes_of(request).notes:
            messages.warning(request, note)

    def construct_change_message(
        self, request: HttpRequest, form: Any, formsets: Any, add: bool = False
    ) -> Any:
        """Nothing: what changed is told by the record, in one place."""
        return []

    def log_addition(self, request: HttpRequest, obj: models.Model, message: object) -> Any:
        """Nothing, as ``log_change``: the audit log tells of it."""

    def log_change(self, request: HttpRequest, obj: models.Model | None, message: object) -> Any:
        """Nothing: a second log would tell the same, and nobody would verify it."""


class ReferenceAdmin(TrackedModelAdmin):
    """A list that goes out as a file, and comes in by the import of the site."""

    change_list_template = "admin/reference_list.html"
    beside: ClassVar[tuple[str, ...]] = ()
    """Columns of the file that nobody writes by hand."""

    def export_view(self, request: HttpRequest) -> HttpResponseBase:
        """What the list shows, on all of its pages; 400 where it shows nothing."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        asked: Any = copy(request)
        asked.GET = request.GET.copy()
        [*_others, code] = asked.GET.pop("format", ["csv"])
        listed: Any = self.get_changelist_instance(asked)
        if listed.is_wrong:
            raise BadRequest(_("The filter has an invalid value."))
        names = (*written(self.model), *self.beside)
        paths = {name: self._file_path(name) for name in names}
        columns = public(*(Column(name, itemgetter(path)) for name, path in paths.items()))
        rows = self.model._default_manager.filter(pk__in=listed.queryset.order_by().values("pk"))
        return send(
            request, Sheet(str(self.opts.model_name), columns, rows.values(*paths.values())), code
        )

    pages: ClassVar[Any] = {"export": ("export/", export_view)}

    def _file_path(self, name: str) -> str:
        """Where a column is read; a row that is referred to is told by its natural key."""
        field: Any = self.opts.get_field(name)
        return "__".join((name, *field.related_model.NATURAL_KEY)) if field.is_relation else name


class TrackedInline(Explained, admin.TabularInline):
    """Rows under a thing, each written by an action of its own."""

    form = TrackedForm
    formset = TrackedFormSet
    extra = 1
    formfield_overrides = {
        # Narrower than on a form of their own, so that a row fits on a screen.
        ProseField: {"form_class": TextOfRecord, "widget": forms.Textarea({"rows": 2, "cols": 24})},
        models.CharField: {"widget": forms.TextInput({"size": 10})},
        # No number box: browsers may round what is typed there.
        ExactField: {"widget": forms.TextInput({"size": 12, "inputmode": "decimal"})},
    }
    add_action: ClassVar[WriteAction | None] = None
    """Adds a row of these ``values``, of which the thing is one."""
    change_action: ClassVar[WriteAction | None] = None
    """Changes a row, given under its ``noun``; its values as shown are the ``expected_version``."""
    remove_action: ClassVar[WriteAction | None] = None
    """Takes a row out of use, with who and when; it is given as for ``change_action``."""
    noun: ClassVar[str] = ""
    adds_revisions: ClassVar[bool] = False
    """As for ``TrackedModelAdmin``."""
    fixed: ClassVar[tuple[str, ...]] = ()
    """What a row is about: cannot be changed once it is there."""
    newest: ClassVar[int | None] = None
    """Rows that are shown: the form sends each back, and a request may have 1,000 fields."""
    reads: ClassVar[tuple[str, ...]] = ()
    """What a row names besides the rows in its ``fields``."""
    called: ClassVar[str] = ""
    """The column that names a row in the heading of the fold, else its text."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rows_template, self.template = self.template, "admin/edit_inline/explained.html"

    @property
    def explanations(self) -> list[tuple[str, Any]]:
        """Labels of fields whose choices are not plain, and what they mean: a row has no room."""
        columns: list[Any] = [self.opts.get_field(name) for name in flatten(self.fields or ())]
        told = ((column.verbose_name, explanation_of(column)) for column in columns)
        is_shown = self.add_action is not None or self.change_action is not None
        return [(str(label), text) for label, text in told if text is not None and is_shown]

    def has_add_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return self.add_action is not None and super().has_add_permission(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        may = self.change_action is not None or self.remove_action is not None
        return may and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """Ticking “Delete?” changes a row: it stays, with who took it out of use and when."""
        return self.remove_action is not None and self.has_change_permission(request, obj)

    def get_fields(self, request: HttpRequest, obj: models.Model | None = None) -> Any:
        fields = super().get_fields(request, obj)
        may_write = self.has_change_permission(request, obj) or self.adds_revisions
        return (*fields, "seen") if may_write else fields

    def get_formset(
        self, request: HttpRequest, obj: models.Model | None = None, **kwargs: Any
    ) -> Any:
        formset: Any = super().get_formset(request, obj, **kwargs)
        formset.inline, formset.newest = self, self.newest
        formset.writes = writes_of(request)
        formset.form.fixed = self.fixed
        # Django refuses to delete what others point to. Nothing is deleted here.
        formset.form.hand_clean_DELETE = lambda form: None
        return formset

    def get_queryset(self, request: HttpRequest) -> Any:
        rows = super().get_queryset(request)
        names = [n for n in flatten(self.fields or ()) if self.opts.get_field(n).many_to_one]
        if read := (*names, *self.reads):
            rows = rows.select_related(*read)
        # When a form is sent, a row that somebody else took out meanwhile must be found.
        is_sent = request.method == "POST"
        return rows if is_sent or self.remove_action is None else rows.filter(removed_at=None)

    def write_rows(self, request: HttpRequest, formset: Any) -> None:
        """Call the action of each row that was added, changed or ticked to go."""
        for form in filter(attrgetter("is_there"), formset.initial_forms):
            if formset.is_to_go(form):
                # Where somebody else took it out, both wanted the same.
                if form.instance.removed_at is None:
                    self._attempt(request, form, self.remove_action, **self._given(form))
            elif form.has_changed():
                row, values = self._given(form), form.values()
                self._attempt(request, form, self.change_action, **row, values=values)
        for form in formset.extra_forms:
            if form.has_changed() and not formset.is_to_go(form):
                values = {formset.fk.name: formset.instance, **form.values()}
                given: dict[str, Any] = {"values": values}
                if self.adds_revisions:
                    given["shown"] = {*formset.shown_rows(), form.shown_row()}
                self._attempt(request, form, self.add_action, **given)

    def _given(self, form: Any) -> dict[str, Any]:
        noun = self.noun or str(self.opts.model_name)
        return {noun: form.instance, "expected_version": form.expected()}

    def _attempt(self, request: HttpRequest, form: Any, act: Any, **given: Any) -> None:
        made = writes_of(request).attempt(form, partial(act, by=request.user, **given))
        if made is not None and (note := self.note_of(made)):
            writes_of(request).notes.append(note)

    def note_of(self, made: Any) -> str:
        """What the person is to know of a row that was written; empty where it is as they see."""
        return ""
