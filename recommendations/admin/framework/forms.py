"""Forms and formsets of the administration: they clean fields; all else the actions check."""

import re
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.core import signing
from django.core.exceptions import ValidationError
from django.core.validators import EMPTY_VALUES
from django.db import models
from django.forms.formsets import DELETION_FIELD_NAME
from django.forms.models import InlineForeignKeyField
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from recommendations.admin.framework.conflicts import headline
from recommendations.admin.framework.refusals import RequestWrites, show_refusal
from recommendations.audit.payload import written
from recommendations.forms.fields import ProseFormField
from recommendations.models.base import Versioned
from recommendations.queries.fields import field_text


class TextOfRecord(ProseFormField):
    """Prose that counts as changed only where more than its blank edges did."""

    def has_changed(self, initial: object, data: object) -> bool:
        return super().has_changed(self.to_python(initial), data)


def language_field(field: forms.Field) -> forms.ChoiceField:
    """A choice among the languages of the site in place of a field that takes any code."""
    return forms.ChoiceField(
        choices=[("", _("Browser language")), *settings.LANGUAGES],
        required=False,
        label=field.label,
        help_text=field.help_text,
    )


class SeenField(forms.CharField):
    """What the form showed, signed; never a change by itself.

    One field a form, whatever it shows: a request may have 1,000 fields.
    """

    widget = forms.HiddenInput

    def has_changed(self, initial: object, data: object) -> bool:
        return False


class ShownValue(forms.Widget):
    """What a row is about, in words: a box that cannot be used would look for it once more."""

    def __init__(self, row: models.Model, name: str) -> None:
        super().__init__()
        self.row, self.name = row, name

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        return format_html("<span>{}</span>", field_text(self.row, self.name))


class TrackedForm(forms.ModelForm):
    """The form of one row: it says what to write, and an action writes it.

    Of a row that is there those values are written that differ from what the form showed, so
    nothing that others wrote meanwhile is undone unseen.
    """

    writes: ClassVar[RequestWrites] = RequestWrites()
    fixed: ClassVar[tuple[str, ...]] = ()
    """Fields that cannot be changed once the row is there."""

    seen = SeenField(required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.is_there = self.instance.pk is not None
        if self.is_there:
            for name in self.fixed:
                self.fields[name].disabled = True
                self.fields[name].widget = ShownValue(self.instance, name)
            self.stored = dict(self.initial)
            self.initial["seen"] = self.stored["seen"] = self._sign(self._snapshot())
        sent = self._unsign() if self.is_bound else None
        self.is_complete = sent is not None or not (self.is_bound and self.is_there)
        self.shown: dict[str, Any] = sent or (self._snapshot() if self.is_there else {})
        if self.is_there and sent is not None:
            self.initial |= sent["values"]

    def values(self) -> dict[str, Any]:
        """What to write, by column: of a row that is there what was changed.

        Of a new row what was left empty takes the default of its column.
        """
        is_left_out = self._is_unchanged if self.is_there else self._takes_default
        return {
            column.name: self.cleaned_data[column.name]
            for column in _columns(self.instance)
            if column.name in self.cleaned_data
            and not isinstance(self.fields[column.name], InlineForeignKeyField)
            and not is_left_out(column)
        }

    def expected(self) -> int | dict[str, Any]:
        """What the action compares: the version shown, or the values of a row that has none."""
        if isinstance(self.instance, Versioned):
            return int(self.shown["version"])
        values = self.shown["values"]
        columns = [f for f in self.instance._meta.concrete_fields if f.name in values]
        return {column.name: column.to_python(values[column.name]) for column in columns}

    def shown_row(self) -> int:
        """Of a row to be added: the key of the row like it that a refusal has shown, 0 for none."""
        return int(self.shown.get("key", 0))

    def show_row(self, row: models.Model) -> None:
        """Let the form, when it is sent again, say that this row was shown."""
        self.show("seen", self._sign({"key": row.pk}))

    def show(self, name: str, value: object) -> None:
        """Show a value in place of the one that was sent."""
        self.fields[name].bound_data = lambda data, initial: value  # type: ignore[method-assign]

    def overtaken_fields(self) -> list[str]:
        """Fields that hold by now neither what the form showed nor what it sends."""
        shown = self.shown["values"]
        sent = {n: _plain(self.fields[n], value) for n, value in self.cleaned_data.items()}
        return [
            name
            for name, value in self._snapshot()["values"].items()
            if value not in (shown.get(name), sent.get(name))
        ]

    def _post_clean(self) -> None:
        """The model is checked by the action alone; here it is told what that refused."""
        if not self.is_complete and self.has_changed():
            self.add_error(None, _("This form is incomplete. Open the form again."))
        if (refusal := self.writes.refusal_of(self)) is not None:
            show_refusal(self, refusal)

    def _is_unchanged(self, column: Any) -> bool:
        return column.name not in self.changed_data

    def _takes_default(self, column: Any) -> bool:
        return column.has_default() and self.cleaned_data[column.name] in EMPTY_VALUES

    def _snapshot(self) -> dict[str, Any]:
        """The version and the values of the row that the form shows, as JSON can hold them."""
        values = {
            column.name: _plain(self.fields[column.name], self.stored.get(column.name))
            for column in _columns(self.instance)
            if column.name in self.fields and not self.fields[column.name].disabled
        }
        return {"version": getattr(self.instance, "version", 0), "values": values}

    def _sign(self, shown: Mapping[str, Any]) -> str:
        return signing.dumps(shown, salt=self._salt(), compress=True)

    def _unsign(self) -> dict[str, Any] | None:
        sent = self["seen"].data or ""
        with suppress(signing.BadSignature):
            shown: dict[str, Any] = signing.loads(sent, salt=self._salt())
            return shown
        return None

    def _salt(self) -> str:
        return f"admin.seen.{self.instance._meta.label_lower}.{self.instance.pk}"


class TrackedFormSet(forms.BaseInlineFormSet):
    """Rows under a thing. They are sent back as they were shown, whatever others did meanwhile."""

    writes: ClassVar[RequestWrites] = RequestWrites()
    newest: ClassVar[int | None] = None
    """How many rows are shown, the newest; all where it is ``None``."""

    @cached_property
    def empty_form(self) -> Any:
        """Made once: a page asks for it again and again while it draws these rows."""
        return super().empty_form

    def add_fields(self, form: Any, index: int | None) -> None:
        """Name each field by the heading of its column, which is where its help text is shown."""
        super().add_fields(form, index)
        for field in form.fields.values():
            if not field.widget.is_hidden and field.label:
                widget = getattr(field.widget, "widget", field.widget)
                widget.attrs["aria-label"] = capfirst(field.label)
            field.help_text = ""

    def get_queryset(self) -> Any:
        """The rows to show; when the form is sent, those that it sends, in its order.

        The admin pairs forms and rows by their order, and others may have added rows since.
        """
        if not hasattr(self, "_rows"):
            self._rows = self._sent_rows() if self.is_bound else self._shown_rows()
        return self._rows

    @cached_property
    def _sent(self) -> int:
        """How many rows were sent, whatever number of them is claimed."""
        row = re.compile(rf"{re.escape(str(self.prefix))}-(\d+)-")
        return len({found[1] for name in self.data if (found := row.match(name))})

    def total_form_count(self) -> int:
        """No more than were sent: a number alone would have as many rows made and drawn."""
        count = super().total_form_count()
        return min(count, self._sent) if self.is_bound else count

    def initial_form_count(self) -> int:
        count = super().initial_form_count()
        return min(count, self._sent) if self.is_bound else count

    def clean(self) -> None:
        """Nothing is compared here: the actions run one after another and refuse a repetition.

        What a row that is to go cannot show is said above the rows.
        """
        claimed = max(super().total_form_count(), super().initial_form_count())
        if claimed > self._sent:
            raise ValidationError(_("This form is incomplete. Open the form again."))
        refused = [f for f in self.initial_forms if self.is_to_go(f)]
        told = [f.instance for f in refused if self.writes.refusal_of(f) is not None]
        if told:
            raise ValidationError([f"{row}: {headline(row)}" for row in told])

    def is_to_go(self, form: Any) -> bool:
        """Whether “Delete?” is ticked on a row."""
        return bool(self.can_delete and form.cleaned_data.get(DELETION_FIELD_NAME))

    def shown_rows(self) -> set[int]:
        """Keys of the rows that the form showed."""
        return {form.instance.pk for form in self.initial_forms if form.instance.pk}

    def _shown_rows(self) -> Any:
        rows = super().get_queryset()
        if self.newest is None:
            return rows
        shown = rows.order_by("-pk").values("pk")[: self.newest]
        return rows.filter(pk__in=shown)

    def _sent_rows(self) -> list[Any]:
        model: Any = self.model
        prefixes = [self.add_prefix(index) for index in range(self.initial_form_count())]
        sent = [self.data.get(f"{prefix}-{model._meta.pk.name}", "") for prefix in prefixes]
        keys = [int(key) for key in sent if key.isdecimal() and len(key) < 19]
        found = {row.pk: row for row in super().get_queryset().filter(pk__in=keys)}
        return [found[key] for key in keys if key in found]


def _columns(thing: models.Model) -> list[Any]:
    """What a form may write of a thing."""
    options = thing._meta
    return [f for f in (*options.concrete_fields, *options.many_to_many) if not f.primary_key]


def _plain(field: forms.Field, value: object) -> Any:
    """A value as JSON can hold it: keys of related rows, texts of days and numbers."""
    value = field.prepare_value(value)
    return sorted(value) if isinstance(value, list) else written(value)
