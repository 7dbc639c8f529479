"""Changes of many rows from a list of the administration."""

import hashlib
import html
import io
import re
import secrets
from collections.abc import Callable, Iterable
from operator import itemgetter
from typing import Any, ClassVar

import tablib
from django.contrib import messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import BadRequest, PermissionDenied, ValidationError
from django.db import models
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from import_export.admin import ImportExportMixin
from import_export.fields import Field
from import_export.formats.base_formats import Format
from import_export.forms import ExportForm, ImportForm
from import_export.resources import Diff, ModelResource
from import_export.results import RowResult
from import_export.tmp_storages import BaseStorage
from import_export.widgets import BooleanWidget, DateWidget, ForeignKeyWidget

from recommendations import audit
from recommendations.actions.base import ActionRefused
from recommendations.admin.framework.base import TrackedModelAdmin
from recommendations.characters import clean_file_name
from recommendations.columns import written
from recommendations.exports import FORMATS, Column, Sheet
from recommendations.models import Area, Organisation
from recommendations.readers import LARGEST_FILE, TableError, open_table
from recommendations.storage import uploads
from recommendations.views import imports

# ---- Moves as admin actions: through the same functions as the pages, each refusal a message.
# They open no entry of their own: every function opens one, locks, and reads afresh.

Act = Callable[[Any], Any]


def attempt_each(
    request: HttpRequest,
    things: Iterable[Any],
    act: Act,
    done: str,
    called: Callable[[Any], str] = str,
) -> None:
    """Make one move on each thing, and say of each how it went.

    ``done`` completes a sentence that begins with what the thing is ``called``.
    """
    for thing in things:
        name = called(thing)
        try:
            act(thing)
        except (ActionRefused, PermissionDenied, ValidationError) as refusal:
            words = refusal.messages if isinstance(refusal, ValidationError) else [str(refusal)]
            messages.error(request, f"{name}: {' '.join(words)}")
        else:
            messages.success(request, f"{name}: {done}.")


# ---- Reference data in bulk: organisations and places from a file and to one, with one event a
# file.
# django-import-export does the pages; files are read and written by our own readers and exports, so
# what they refuse and how they keep formulas out holds here as well.

MARK = "is_demonstration"

MOST_ROWS = 2_000
"""Rows of one file: looking at each before it counts takes a few milliseconds."""


class SafeFormat(Format):
    """A format of ours as the package wants it."""

    code: ClassVar[str]

    def __init__(self, encoding: str | None = None) -> None:
        self.encoding = encoding

    def get_title(self) -> str:
        return FORMATS[self.code].label

    def get_extension(self) -> str:
        return self.code

    def get_content_type(self) -> str:
        return FORMATS[self.code].content_type

    def can_import(self) -> bool:
        return True

    can_export = can_import

    def create_dataset(self, in_stream: bytes) -> tablib.Dataset:
        """The rows of a file as texts; ``TableError`` says what is wrong with it."""
        table = open_table(io.BytesIO(in_stream), f"file.{self.code}")
        data = tablib.Dataset(headers=table.header)
        for row in table.rows:
            data.append(["" if cell is None else str(cell) for cell in row.cells])
            if len(data) > MOST_ROWS:
                raise TableError(_("The file has more than %d rows. Split the file.") % MOST_ROWS)
        data.title = hashlib.sha256(in_stream).hexdigest()
        return data

    def export_data(self, dataset: tablib.Dataset, **kwargs: Any) -> bytes:
        names = enumerate(dataset.headers or [])
        columns = [Column(name, itemgetter(place)) for place, name in names]
        return b"".join(FORMATS[self.code].write(Sheet("list", columns, list(dataset))))


class SafeCsv(SafeFormat):
    code = "csv"


class SafeXlsx(SafeFormat):
    code = "xlsx"


class SafeJson(SafeFormat):
    code = "json"


class PrivateStorage(BaseStorage):
    """Where a file waits to be confirmed: in our own folder, under a name nobody can guess."""

    def save(self, data: bytes) -> None:
        imports.sweep()
        self.name = secrets.token_hex(16)
        imports.write(self.name, [data])

    def read(self) -> bytes:
        return self._path().read_bytes()

    def remove(self) -> None:
        self._path().unlink(missing_ok=True)

    def _path(self) -> Any:
        if not re.fullmatch(r"[0-9a-f]{32}", str(self.name)):
            raise FileNotFoundError(self.name)
        return uploads.upload_folder() / str(self.name)


class SmallFileForm(ImportForm):
    """Refuses by its size what would be read whole."""

    def clean_import_file(self) -> Any:
        file = self.cleaned_data["import_file"]
        if file.size > LARGEST_FILE:
            most = LARGEST_FILE // 1024 // 1024
            raise ValidationError(_("The file has more than %d MB.") % most)
        return file


class PlainDiff(Diff):
    """Before and after as words: the package's own colours are inline styles."""

    def as_html(self) -> list[str]:
        told: list[str] = []
        for before, after in zip(self.left, self.right, strict=False):
            old, new = html.escape(str(before or "")), html.escape(str(after or ""))
            is_new = self.new or before == after
            told.append(mark_safe(new if is_new else f"<del>{old}</del> <ins>{new}</ins>"))  # noqa: S308 - escaped above
        return told


class ReferenceResource(ModelResource):
    """Rows that are known by a code, each written by the action of the page."""

    def __init__(self, model_admin: TrackedModelAdmin | None = None, by: Any = None) -> None:
        super().__init__()
        self.model_admin = model_admin
        self.by = by

    @classmethod
    def get_diff_class(cls) -> type[Diff]:
        return PlainDiff

    def import_field(self, field: Field, instance: Any, row: Any, *args: Any, **kw: Any) -> None:
        """Whether a row is fictional is said as it is added, and never changed."""
        if field.attribute != MARK or instance._state.adding:
            super().import_field(field, instance, row, *args, **kw)

    def do_instance_save(self, instance: Any, is_create: bool) -> None:
        fixed = {*self._meta.import_id_fields, MARK}
        names = set(self._meta.fields) - (set() if is_create else fixed)
        given = {"by": self.by, "values": {name: getattr(instance, name) for name in names}}
        write: Any = self.model_admin
        if is_create:
            saved = write.add_action(**given)
        else:
            thing = {self._meta.model._meta.model_name: instance}
            saved = write.change_action(**thing, **given, expected_version=None)
        vars(instance).update(vars(saved))


class OrganisationResource(ReferenceResource):
    valid_from = Field("valid_from", "valid_from", DateWidget(format="%Y-%m-%d"))
    valid_to = Field("valid_to", "valid_to", DateWidget(format="%Y-%m-%d"))
    successor = Field("successor", "successor", ForeignKeyWidget(Organisation, "slug"))
    is_demonstration = Field(MARK, MARK, BooleanWidget(), default=False)

    class Meta:
        model = Organisation
        fields = (*written(Organisation), MARK)
        import_id_fields = ("slug",)
        skip_unchanged = report_skipped = use_transactions = True


class AreaResource(ReferenceResource):
    parent = Field("parent", "parent", ForeignKeyWidget(Area, "code"))

    class Meta:
        model = Area
        fields = written(Area)
        import_id_fields = ("code",)
        skip_unchanged = report_skipped = use_transactions = True


class BulkAdmin(ImportExportMixin, TrackedModelAdmin):
    """With pages that bring rows in from a file and take them out to one."""

    formats = (SafeCsv, SafeXlsx, SafeJson)
    import_form_class = SmallFileForm
    export_form_class = ExportForm  # boxes to choose columns come with inline script
    import_template_name = "admin/bulk_import.html"
    tmp_storage_class = PrivateStorage
    skip_admin_log = True  # the record tells of it, once

    def has_import_permission(self, request: HttpRequest) -> bool:
        return self.has_add_permission(request) and self.has_change_permission(request)

    def has_export_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def get_export_queryset(self, request: HttpRequest) -> Any:
        """What the list shows that this page was opened from; 400 where it shows nothing."""
        try:
            return super().get_export_queryset(request)
        except IncorrectLookupParameters as error:
            raise BadRequest(_("The filter has an invalid value.")) from error

    def add_data_read_fail_error_to_form(self, form: Any, e: Exception) -> None:
        if not isinstance(e, TableError):
            raise e
        PrivateStorage(name=form.cleaned_data["import_file"].tmp_storage_name).remove()
        form.add_error("import_file", str(e))

    def process_import(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        if not self.has_import_permission(request):
            raise PermissionDenied
        try:
            return super().process_import(request, **kwargs)
        except (OSError, TableError, ValueError, IndexError):
            messages.error(request, _("The file is no longer available. Upload the file again."))
            return HttpResponseRedirect(self._import_page())

    def get_resource_kwargs(self, request: HttpRequest, **kwargs: Any) -> dict[str, Any]:
        return {"model_admin": self, "by": request.user}

    def process_dataset(
        self, dataset: tablib.Dataset, form: Any, request: HttpRequest, **kwargs: Any
    ) -> Any:
        """Write under the lock of the chain, and leave one event for the file."""
        by: Any = request.user
        with audit.entry(by=by) as entry:
            act = audit.BulkAct(entry)
            with act.collecting():
                result = super().process_dataset(dataset, form, request, **kwargs)
            if _is_sound(result) and not act.is_empty:
                name = clean_file_name(form.cleaned_data["original_file_name"])
                told = {"file": audit.FreeText(name), **_counts(self.model, dataset, result)}
                act.record("import", str(dataset.title)[:16], told)
        return result

    def process_result(self, result: object, request: HttpRequest) -> HttpResponse:
        if not _is_sound(result):
            messages.error(
                request,
                _(
                    "Nothing was imported. Records changed since the preview. Check the "
                    "preview again."
                ),
            )
            return HttpResponseRedirect(self._import_page())
        response: HttpResponse = super().process_result(result, request)
        return response

    def _import_page(self) -> str:
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_import")


def _is_sound(result: Any) -> bool:
    return not result.has_errors() and not result.has_validation_errors()


def _counts(model: type[models.Model], dataset: tablib.Dataset, result: Any) -> dict[str, Any]:
    return {
        "sha256": dataset.title,
        "kind": model._meta.label_lower,
        "new": int(result.totals[RowResult.IMPORT_TYPE_NEW]),
        "changed": int(result.totals[RowResult.IMPORT_TYPE_UPDATE]),
        "unchanged": int(result.totals[RowResult.IMPORT_TYPE_SKIP]),
    }
