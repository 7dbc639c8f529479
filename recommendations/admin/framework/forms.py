"""Forms and formsets of the administration: checked whole under the lock, stale ones refused."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.forms.formsets import DELETION_FIELD_NAME
from django.forms.models import InlineForeignKeyField
from django.utils.translation import gettext_lazy as _

from recommendations import audit
from recommendations.admin.framework.changes_since import (
    ChangesSince,
    changes_since,
    refuse,
    who_and_when,
)
from recommendations.admin.framework.edit_context import EditContext, Seen, stored
from recommendations.forms.fields import ProseFormField
from recommendations.models.base import Removable
from recommendations.models.fields import validate_readable


class TextOfRecord(ProseFormField):
    """Prose that counts as changed only where more than its blank edges did."""

    def has_changed(self, initial: Any, data: Any) -> bool:
        return super().has_changed(self.to_python(initial), data)


class CheckedForm(forms.ModelForm):
    """A form that checks every constraint of its row, also those over columns it does not show."""

    visit: ClassVar[EditContext] = EditContext()
    set_on_save: ClassVar[frozenset[str]] = frozenset()
    """Columns that get their value only as the row is saved, so cannot be checked before."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            is_text = isinstance(field, forms.CharField)
            if is_text and not isinstance(field.widget, forms.PasswordInput):
                field.validators.append(validate_readable)

    def prepare(self, entry: audit.Entry) -> None:
        """Set what the form does not ask for; ``ValidationError`` where that cannot be done."""

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        for name, field in self.fields.items():
            # Kept to the letter where only line ends or spaces at the end came back otherwise.
            if isinstance(field, TextOfRecord) and name not in self.changed_data:
                self.cleaned_data[name] = self.initial.get(name) or ""
        # Checked below, once ``prepare`` has set the other columns.
        self._validate_constraints = False
        return cleaned

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]
        if self.visit.entry is None:
            return
        try:
            self.prepare(self.visit.entry)
        except ValidationError as error:
            self.add_error(None, error)
        self._check_constraints()

    def _check_constraints(self) -> None:
        skipped = {*self.errors, *self.set_on_save, *self._unsaved_parents()}
        for model, constraints in self.instance.get_constraints():
            for constraint in constraints:
                try:
                    constraint.validate(model, self.instance, exclude=skipped)
                except ValidationError as error:
                    self.add_error(None, error.messages)

    def _unsaved_parents(self) -> set[str]:
        """Of a row under a thing that is itself being added: the column that will point to it."""
        return {
            name
            for name, field in self.fields.items()
            if isinstance(field, InlineForeignKeyField)
            and getattr(self.instance, f"{name}_id", None) is None
        }


class SeenField(forms.CharField):
    """What the form showed; never a change by itself."""

    widget = forms.HiddenInput

    def has_changed(self, initial: Any, data: Any) -> bool:
        return False


def language_field(field: forms.Field) -> forms.ChoiceField:
    """A choice among the languages of the site in place of a field that takes any code."""
    return forms.ChoiceField(
        choices=[("", _("As the browser asks")), *settings.LANGUAGES],
        required=False,
        label=field.label,
        help_text=field.help_text,
    )


class AuditedForm(CheckedForm):
    """The form of one thing: refused when somebody changed the thing since it was opened."""

    seen = SeenField(required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk is not None:
            version = getattr(self.instance, "version", 0)
            self.fields["seen"].initial = str(Seen(version, self.visit.head))

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        if self.visit.entry is not None and self.instance.pk is not None:
            self._refuse_if_overtaken()
        return cleaned

    def _refuse_if_overtaken(self) -> None:
        seen = self.visit.seen
        if seen is None:
            self.add_error(None, _("This form is incomplete: open it again."))
            return
        found = changes_since(type(self.instance), [self.instance.pk], seen.sequence)
        since = found.get(str(self.instance.pk), ChangesSince())
        version = getattr(self.instance, "version", 0)
        if (since.events or version != seen.version) and self.has_changed():
            self.visit.is_stale = True
            refuse(self, since, self.instance)


class RowForm(CheckedForm):
    """The form of one row under a thing. ``fixed`` fields cannot be changed once it is there."""

    fixed: ClassVar[tuple[str, ...]] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk is not None:
            for name in self.fixed:
                self.fields[name].disabled = True


class AuditedFormSet(forms.BaseInlineFormSet):
    """Rows under a thing. A row that somebody else changed meanwhile is refused, never lost."""

    visit: ClassVar[EditContext] = EditContext()
    verbs: ClassVar[tuple[str, str, str]] = ("create", "change", "remove")
    """What the record calls adding a row, changing one and taking one out of use."""

    def get_queryset(self) -> Any:
        """The rows to show; when the form is sent, those that it sends, in its order.

        The admin pairs forms and rows by their order, and others may have added rows since.
        """
        if not self.is_bound:
            return super().get_queryset()
        if not hasattr(self, "_sent"):
            keys = self._sent_keys()
            found = {row.pk: row for row in super().get_queryset().filter(pk__in=keys)}
            self._sent = [found[key] for key in keys if key in found]
        return self._sent

    def clean(self) -> None:
        super().clean()
        if self.visit.entry is not None:
            self._refuse_repeats()
            self._refuse_overtaken()

    def delete_existing(self, obj: Any, commit: bool = True) -> None:
        if commit:
            raise RuntimeError("rows are taken out of use by the admin, and never deleted")

    def _model(self) -> Any:
        return self.model

    def _sent_keys(self) -> list[int]:
        name = self._model()._meta.pk.name
        sent = [
            self.data.get(f"{self.add_prefix(index)}-{name}", "")
            for index in range(self.initial_form_count())
        ]
        return [int(key) for key in sent if key.isdecimal() and len(key) < 19]

    def _is_taken_out(self, form: Any) -> bool:
        return bool(self.can_delete and form.cleaned_data.get(DELETION_FIELD_NAME))

    def _refuse_repeats(self) -> None:
        """Two rows of one form may not be the same: the database would refuse the second."""
        seen: set[tuple[Any, ...]] = set()
        for form in self.forms:
            row = form.instance
            is_gone = self._is_taken_out(form) or getattr(row, "removed_at", None)
            if is_gone or form.errors or not (row.pk or form.has_changed()):
                continue
            for constraint in row._meta.constraints:
                if not isinstance(constraint, models.UniqueConstraint):
                    continue
                key = (constraint.name, *(self._key(row, name) for name in constraint.fields))
                if None in key:
                    continue
                if key in seen:
                    form.add_error(None, _("This row repeats another one."))
                seen.add(key)

    def _key(self, row: Any, name: str) -> Any:
        """A column of a row; any row of this set has the same parent, saved or not."""
        return 0 if name == self.fk.name else getattr(row, row._meta.get_field(name).attname)

    def _refuse_overtaken(self) -> None:
        touched = [form for form in self.initial_forms if form.instance.pk and form.has_changed()]
        if not touched or self.visit.seen is None:
            return  # Without ``seen`` the form above says that it is incomplete.
        keys = [form.instance.pk for form in touched]
        found = changes_since(self._model(), keys, self.visit.seen.sequence)
        messages: list[str] = []
        for form in touched:
            if (since := found.get(str(form.instance.pk))) is not None:
                messages.extend(self._refuse_row(form, since))
        if messages:
            raise ValidationError(messages)

    def _refuse_row(self, form: Any, since: ChangesSince) -> Iterator[str]:
        """Refuse on the form of the row; what a row that is to go cannot show is given back."""
        row = stored(form.instance)
        is_removed = isinstance(row, Removable) and row.removed_at is not None
        if is_removed and self._is_taken_out(form):
            return  # Both wanted the same.
        self.visit.is_stale = True
        if is_removed:
            form.add_error(
                None,
                _(
                    "%(who)s took this row out of use on %(when)s, so your change to it cannot be "
                    "kept. Tick “Delete?” to go on."
                )
                % who_and_when(since.events[-1]),
            )
        elif self._is_taken_out(form):
            yield f"{row}: {since.headline()}"
        else:
            refuse(form, since, row)
