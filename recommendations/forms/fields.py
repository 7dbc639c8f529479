"""Fields of forms, their explanations, and how they are rendered."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import Model
from django.forms import BaseForm
from django.forms.renderers import DjangoTemplates
from django.urls import reverse
from django.utils.formats import localize
from django.utils.functional import Promise
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from recommendations.actions.base import ActionRefused, StaleWrite
from recommendations.choices.terms import OF_CHOICES, OF_FIELDS, Term
from recommendations.columns import label_of
from recommendations.models.fields import (
    PROSE_LENGTH,
    ExactField,
    LineField,
    ProseField,
    validate_readable,
    validate_single_line,
)
from recommendations.readers.statistics.cells import FigureError, read_number

# ---- The sentence that a form says of a choice, with a link to the section of the help page

_BY_CODES: Mapping[frozenset[str], Term] = {
    frozenset(choices.values): term for choices, term in OF_CHOICES.items()
}


class Explanation:
    """A help text that is worked out where it is shown, in the language of the reader."""

    def __init__(self, term: Term, more: str | Promise = "") -> None:
        self.term, self.more = term, more

    @property
    def link(self) -> SafeString:
        """To the section of the help page, also where a page shows another hint."""
        page = reverse("help-ratings" if self.term.is_rating else "help-choices")
        told = gettext("%(title)s explained") % {"title": self.term.title}
        return format_html('<a href="{}#{}">{}</a>', page, self.term.section, told)

    def __str__(self) -> str:
        told = " ".join(str(part) for part in (self.more, self.term.sentence) if part)
        return format_html("{} {}", told, self.link)


def explained(about: type[models.TextChoices] | str, more: str | Promise = "") -> Any:
    """The help text of a field of these choices, or of a field given as ``model.name``.

    ``more`` is what else this form says of the field, and comes first.
    """
    return Explanation(OF_FIELDS[about] if isinstance(about, str) else OF_CHOICES[about], more)


def explanation_of(field: Any) -> Any:
    """The same of a column of a model; nothing where it needs no explanation."""
    key = f"{field.model._meta.model_name}.{field.name}"
    if term := OF_FIELDS.get(key):
        return Explanation(term)
    codes = frozenset(str(code) for code, _label in field.flatchoices if code)
    found = _BY_CODES.get(codes) if codes else None
    return Explanation(found, field.help_text) if found else None


# ---- Controls of forms, drawn in Python: the bytes of Django's templates at a tenth of the cost.
# Django includes a template for each option and once more for its attributes. What is not drawn
# here is drawn by these templates; a test compares the two.

Widget = Mapping[str, Any]
"""What a widget tells its template of itself."""


class FormRenderer(DjangoTemplates):
    def render(self, template_name: str, context: dict[str, Any], request: Any = None) -> Any:
        draw = _DRAWN.get(template_name)
        if draw is None:
            return super().render(template_name, context, request)
        return SafeString(draw(context["widget"]))


def _attrs(attrs: Mapping[str, Any]) -> str:
    return "".join(
        f" {_text(name)}" if value is True else f' {_text(name)}="{_plain(value)}"'
        for name, value in attrs.items()
        if value is not False
    )


def _text(value: Any) -> str:
    """As ``{{ value }}``."""
    shown: Any = value if isinstance(value, str | Promise) else localize(value)
    return conditional_escape(shown)


def _plain(value: Any) -> str:
    """As ``{{ value|stringformat:"s" }}``: numbers are not written as people read them."""
    return conditional_escape(value if isinstance(value, SafeString) else str(value))


def _input(widget: Widget) -> str:
    value = widget["value"]
    shown = "" if value is None else f' value="{_plain(value)}"'
    kind, name = _text(widget["type"]), _text(widget["name"])
    return f'<input type="{kind}" name="{name}"{shown}{_attrs(widget["attrs"])}>'


def _input_option(widget: Widget) -> str:
    drawn = _input(widget)
    if not widget.get("wrap_label"):
        return drawn
    key = widget["attrs"].get("id")
    leads = f' for="{_text(key)}"' if key else ""
    return f"<label{leads}>{drawn}\n {_text(widget['label'])}</label>"


def _textarea(widget: Widget) -> str:
    value = _text(widget["value"]) if widget["value"] else ""
    return f'<textarea name="{_text(widget["name"])}"{_attrs(widget["attrs"])}>\n{value}</textarea>'


def _option(widget: Widget) -> str:
    attrs, label = _attrs(widget["attrs"]), _text(widget["label"])
    return f'<option value="{_plain(widget["value"])}"{attrs}>{label}</option>'


def _select(widget: Widget) -> str:
    drawn = [f'<select name="{_text(widget["name"])}"{_attrs(widget["attrs"])}>']
    for group, options, _index in widget["optgroups"]:
        if group:
            drawn.append(f'\n  <optgroup label="{_text(group)}">')
        drawn.extend(f"\n  {_option(option)}\n" for option in options)
        if group:
            drawn.append("\n  </optgroup>")
    return "".join([*drawn, "\n</select>"])


_INPUTS = (
    *("input", "text", "search", "number", "email", "url", "tel", "password", "hidden", "file"),
    *("checkbox", "color", "date", "datetime", "time"),
)

_DRAWN: Mapping[str, Callable[[Widget], str]] = {
    "django/forms/widgets/select.html": _select,
    "django/forms/widgets/select_option.html": _option,
    "django/forms/widgets/textarea.html": _textarea,
    **{f"django/forms/widgets/{name}.html": _input for name in _INPUTS},
    **{
        f"django/forms/widgets/{name}.html": _input_option
        for name in ("input_option", "checkbox_option", "radio_option")
    },
}


# ---- Fields that forms share, and how a refused action is shown on a form

# What a form says of a field that it was not told, on pages and in the administration.
for _kind, _told in (
    (forms.Field, _("Enter the value.")),
    (forms.FileField, _("Choose a file.")),
    (forms.ChoiceField, _("Choose an option from the list.")),
    (forms.ModelChoiceField, _("Choose an option from the list.")),
):
    _kind.default_error_messages["required"] = _told

F = TypeVar("F", bound=type[BaseForm])


def labelled(model: type[Model]) -> Callable[[F], F]:
    """Gives the fields of a form that have no label of their own those of this model's columns."""

    def decorated(form: F) -> F:
        label_fields(model, form.base_fields)  # type: ignore[attr-defined]
        return form

    return decorated


def label_fields(model: type[Model], fields: Mapping[str, forms.Field]) -> None:
    """The same for fields by the names of their columns."""
    for name, field in fields.items():
        if field.label is None:
            field.label = label_of(model, name)


@dataclass(frozen=True, slots=True)
class Attempt:
    """What came of a form that was sent: ``made`` is what the action returned where it was done.

    Else ``status`` is that of the page with the form: 400 where something in it is wrong, 409
    where ``refusal`` says why the action cannot be done now.
    """

    status: int = 200
    made: Any = None
    refusal: ActionRefused | None = None
    form: Any = None

    @property
    def is_done(self) -> bool:
        return self.status == 200

    @property
    def stale(self) -> StaleWrite | None:
        """The refusal, where it carries what somebody else wrote meanwhile."""
        return self.refusal if isinstance(self.refusal, StaleWrite) else None


NOT_SENT = Attempt()
"""Of a page on which nothing was sent."""


def attempt(
    form: BaseForm, act: Callable[[], Any], *, shown_apart: tuple[type[ActionRefused], ...] = ()
) -> Attempt:
    """Check a form and act; why that was not done is shown on the form, which keeps its input.

    Refusals ``shown_apart`` are not: the page has a place of its own for them.
    """
    if not form.is_valid():
        return Attempt(400, form=form)
    try:
        return Attempt(made=act(), form=form)
    except ValidationError as error:
        add_form_errors(form, error)
        return Attempt(400, form=form)
    except ActionRefused as refusal:
        if not isinstance(refusal, shown_apart):
            form.add_error(None, str(refusal))
        return Attempt(409, refusal=refusal, form=form)


def add_form_errors(form: BaseForm, error: ValidationError) -> None:
    """Put the errors of an action to their fields, and those of other fields to the form."""
    if not hasattr(error, "error_dict"):
        form.add_error(None, error)
        return
    for name, errors in error.error_dict.items():
        form.add_error(name if name in form.fields else None, errors)


def add_missing_errors(form: BaseForm, problems: Mapping[str, str]) -> None:
    """Put what an action would refuse to the fields that have no error of their own yet."""
    for name, why in problems.items():
        if name not in form.errors:
            form.add_error(name, why)


class ProseFormField(forms.CharField):
    """Several lines of readable text.

    The box has no ``maxlength``: a browser would cut a longer text that is pasted without a word.
    Browsers send CRLF; kept as LF, so that a text that comes back unchanged is unchanged.
    """

    default_validators = [validate_readable, MaxLengthValidator(PROSE_LENGTH)]

    def __init__(self, *, rows: int = 3, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.Textarea(attrs={"rows": rows}))
        kwargs.setdefault("required", False)
        super().__init__(**kwargs)

    def to_python(self, value: object) -> str:
        text = super().to_python(value) or ""
        return text.replace("\r\n", "\n").replace("\r", "\n")


class ReasonField(ProseFormField):
    """Why something is done."""

    default_error_messages = {"required": _("Enter the reason.")}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"label": _("Reason"), "required": True, "rows": 2, **kwargs})


class NoteForm(forms.Form):
    """The note on a decision about what another person proposed."""

    note = ProseFormField(
        label=capfirst(_("note")), help_text=_("Required to reject; optional to approve."), rows=2
    )


class LineFormField(forms.CharField):
    """One readable line."""

    default_validators = [validate_readable, validate_single_line]

    def __init__(self, *, max_length: int = 200, **kwargs: Any) -> None:
        kwargs.setdefault("required", False)
        super().__init__(max_length=max_length, **kwargs)


LONGEST_KEY = 18
"""Digits of a key that every column holds."""


class TickedRowsField(forms.ModelMultipleChoiceField):
    """Rows that are ticked, by their keys. A number that no column holds is none of them."""

    def clean(self, value: Any) -> Any:
        for key in value or ():
            if len(str(key)) > LONGEST_KEY:
                invalid = "invalid_pk_value"
                raise ValidationError(self.error_messages[invalid], code=invalid)
        return super().clean(value)


class DayField(forms.DateField):
    """A day, in the form that a browser's own date box reads and sends."""

    default_error_messages = {"required": _("Enter the date.")}

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}))
        kwargs.setdefault("required", False)
        super().__init__(**kwargs)


class NumberFormField(LineFormField):
    """A number as text, kept digit for digit; with a decimal point, without separated thousands."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
        super().__init__(max_length=80, widget=widget, **kwargs)

    def clean(self, value: object) -> Any:
        text = super().clean(value)
        if not text:
            return None
        try:
            return read_number(text, ".", is_grouped=False)
        except FigureError as error:
            raise ValidationError(str(error), code="number") from error


_OF_COLUMNS: Mapping[type[models.Field], type[forms.Field]] = {
    LineField: LineFormField,
    ProseField: ProseFormField,
    ExactField: NumberFormField,
    models.DateField: DayField,
    models.ManyToManyField: TickedRowsField,
}


def field_of(column: Any, **options: Any) -> forms.Field | None:
    """The field of a form in which people write a column, with the label and limits of the model.

    Choices that are not plain say what they mean; none is offered that the column cannot hold.
    """
    if (kind := _OF_COLUMNS.get(type(column))) is not None:
        options["form_class"] = kind
    if kind is ProseFormField:
        options.setdefault("widget", forms.Textarea(attrs={"rows": 3}))
    if column.choices and not column.has_default():
        options.setdefault("initial", None)
    if "help_text" not in options and (told := explanation_of(column)) is not None:
        options["help_text"] = told
    found: forms.Field | None = column.formfield(**options)
    return found


class RecordForm(forms.ModelForm):
    """What people write of one row. What must hold of it the action checks, and nobody else."""

    class Meta:
        formfield_callback = field_of

    def __init__(self, data: Any = None, row: Any = None, **options: Any) -> None:
        super().__init__(data, instance=row, **options)

    def problems(self, values: Mapping[str, Any]) -> Mapping[str, str]:
        """What the action would refuse of these values, by field."""
        return {}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        add_missing_errors(self, self.problems(cleaned))
        return cleaned

    def _post_clean(self) -> None:
        """The row stays as it was read."""

    def values(self) -> dict[str, Any]:
        """What was written, by column; of many rows a list."""
        given = self.cleaned_data.items()
        return {name: list(v) if isinstance(v, models.QuerySet) else v for name, v in given}


class ReplacingField(forms.BooleanField):
    """Whether characters of a file that no text may hold are replaced."""

    def __init__(self) -> None:
        super().__init__(
            label=_("Replace invalid characters with “\N{REPLACEMENT CHARACTER}”"),
            help_text=_("Otherwise rows with such a character, such as U+0081, are rejected."),
            required=False,
        )
