"""Form fields as pages show them: label, hint, control and error, tied together."""

from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any, Final, NamedTuple

from django import forms, template
from django.forms.boundfield import BoundField
from django.template.loader import render_to_string
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from recommendations.queries.shown import Shown
from recommendations.templatetags.chips import SHAPES, svg
from recommendations.templatetags.memo import drawn_once

register = template.Library()

_CLASSES: Final = {"select": "form-select", "checkbox": "form-check-input"}
"""Class of a control by the input type of its widget; all others are ``form-control``."""


@register.simple_tag
def shown_field(shown: Shown) -> SafeString:
    """The hidden field with what the page shows of what its form decides on.

    A browser that reloads the page would fill an older value in again, were it not told not to.
    """
    return format_html(
        '<input type="hidden" autocomplete="off" name="{}" value="{}">',
        shown.field_name,
        shown.token,
    )


class _Looks(NamedTuple):
    """How a page shows a field: what it tells ``{% field %}`` besides the field."""

    label: str | Promise = ""
    hint: str | Promise = ""
    icons: str = ""
    folded: str = ""
    folded_label: str | Promise = ""
    size: str = ""
    show_optional: bool = False


@register.simple_tag
def field(bound: BoundField, **looks: Any) -> SafeString:
    """Show one field with its label, hint, control and error.

    Radio buttons and tick boxes become cards. ``icons`` is ``status``, ``confidence`` or
    ``stance``; ``folded`` names choices (by comma) that are folded away under ``folded_label``;
    ``size`` is ``short`` or ``tall``, and short where it is not given for a date or a number.
    ``label`` and ``hint`` stand in place of its own; ``show_optional`` says that it may stay empty.

    A field of a form that was not sent is drawn once for what it shows.
    """
    shown = _Looks(**looks)
    key = _key(bound, shown)
    return _draw(bound, shown) if key is None else drawn_once(key, lambda: _draw(bound, shown))


_LONGEST_KEPT: Final = 4_000
"""The length of all that a field depends on which is drawn once."""

_PLAIN: Final = (
    *(forms.TextInput, forms.Textarea, forms.DateInput, forms.NumberInput, forms.HiddenInput),
    *(forms.Select, forms.RadioSelect, forms.CheckboxInput),
)
"""Widgets that show their value, attributes and choices, and nothing else."""


def _key(bound: BoundField, looks: _Looks) -> str | None:
    """All that the drawing of a field depends on; nothing where that is not known, or much."""
    widget = bound.field.widget
    if bound.form.is_bound or type(widget) not in _PLAIN:
        return None
    depends_on = (
        type(widget).__name__,
        widget.attrs,
        [*getattr(widget, "choices", ())],
        (bound.html_name, bound.auto_id, str(bound.label), str(bound.help_text), bound.value()),
        (bound.field.required, bound.field.disabled, bound.form.use_required_attribute),
        [str(each) for each in looks],
    )
    text = repr(depends_on)
    return text if len(text) <= _LONGEST_KEPT else None


def _draw(bound: BoundField, looks: _Looks) -> SafeString:
    size = looks.size
    if looks.hint:
        # BoundField.aria_describedby names the hint where there is a help text.
        link = getattr(bound.field.help_text, "link", "")
        bound.help_text = format_html("{} {}", looks.hint, link) if link else str(looks.hint)
    if isinstance(bound.field.widget, forms.DateInput | forms.NumberInput | forms.TimeInput):
        size = size or "short"
    context: dict[str, Any] = {
        "bound": bound,
        "is_set": _is_set(bound),
        "is_folded_open": False,
        "help": _help(bound) if bound.help_text or bound.errors else _no_help(),
        "label": looks.label or bound.label,
        "css": f"field-{size}" if size else "",
        "is_optional_shown": looks.show_optional and not bound.field.required,
    }
    if context["is_set"]:
        context |= _cards(bound, looks)
    elif not bound.is_hidden:
        context["control"] = bound.as_widget(attrs=_attrs(bound))
    return SafeString(render_to_string("components/field.html", context))


def _cards(bound: BoundField, looks: _Looks) -> dict[str, Any]:
    """The choices of a set of radio buttons or tick boxes, and those that are folded away."""
    names = {name.strip() for name in looks.folded.split(",")} if looks.folded else set()
    cards: dict[bool, list[SafeString]] = {False: [], True: []}
    is_open = False
    for choice in bound.subwidgets:
        value = str(choice.data["value"])
        icon = f"{looks.icons}-{value or 'none'}"
        card = format_html(
            '\n<span class="choice">\n  {}\n  <label for="{}">{}<span>{}</span></label>\n</span>\n',
            choice.tag(),
            # It covers the card, so that any of it can be pressed.
            choice.id_for_label,
            svg(icon) if looks.icons and icon in SHAPES else "",
            choice.choice_label,
        )
        cards[value in names].append(card)
        is_open |= value in names and choice.data["selected"]
    return {
        "choices": cards[False],
        "folded": cards[True],
        "is_folded_open": is_open,
        "folded_label": looks.folded_label or _("More …"),
    }


@register.inclusion_tag("components/error_summary.html")
def error_summary(*parts: forms.BaseForm | str | None) -> dict[str, Any]:
    """All that is wrong, at the top, each leading to its field; nothing when nothing is.

    ``parts`` are the forms that were sent together, and what else is refused, in words.
    """
    given = [part for part in parts if isinstance(part, forms.BaseForm)]
    rest = [error for form in given for error in form.non_field_errors()]
    rest += [part for part in parts if part and not isinstance(part, forms.BaseForm)]
    fields = [wrong for form in given for wrong in _wrong_fields(form)]
    return {"found": [*fields, *map(_wrong, rest)]}


@register.inclusion_tag("components/error_summary.html")
def admin_error_summary(adminform: Any, formsets: Iterable[Any]) -> dict[str, Any]:
    """The same of a form of the administration and of the rows below it, which name their table."""
    form = adminform.form
    found = [*_wrong_fields(form), *map(_wrong, form.non_field_errors())]
    for formset in (inline.formset for inline in formsets):
        name = capfirst(formset.model._meta.verbose_name)
        found += map(_wrong, formset.non_form_errors())
        for row in formset:
            found += _wrong_fields(row, of=name)
            found += (_wrong(_in(name, error)) for error in row.non_field_errors())
    return {"found": found}


def _wrong_fields(form: forms.BaseForm, of: str = "") -> Iterator[dict[str, Any]]:
    """The errors of its fields; ``of`` names the row that the form is of."""
    for bound in form:
        # The first control, to which the link leads.
        key = f"{bound.auto_id}_0" if _is_set(bound) else str(bound.id_for_label)
        label = _in(of, bound.label) if of else str(bound.label)
        yield from ({"id": key, "label": label, "text": error} for error in bound.errors)


def _wrong(error: Any) -> dict[str, Any]:
    """An error of no one field."""
    return {"id": "", "label": "", "text": error}


def _in(of: str, text: Any) -> str:
    return _("%(label)s: %(value)s") % {"label": of, "value": text}


def _is_set(bound: BoundField) -> bool:
    """Whether it is several radio buttons or tick boxes: the latter are RadioSelects as well."""
    return isinstance(bound.field.widget, forms.RadioSelect)


def _attrs(bound: BoundField) -> dict[str, str | bool]:
    """Class and description of a single control; Django adds the rest."""
    widget = bound.field.widget
    classes = [
        _CLASSES.get(getattr(widget, "input_type", ""), "form-control"),
        widget.attrs.get("class", ""),
        "is-invalid" if bound.errors else "",
    ]
    attrs: dict[str, str | bool] = {"class": " ".join(filter(None, classes))}
    if described_by := bound.aria_describedby:
        attrs["aria-describedby"] = described_by
    if bound.form.errors:
        attrs["autofocus"] = False  # The summary of what is wrong has it.
    return attrs


def _help(bound: BoundField | None) -> SafeString:
    """Hint and error of a field, with the ids that its control names in aria-describedby."""
    return SafeString(render_to_string("components/field_help.html", {"bound": bound}))


@cache
def _no_help() -> SafeString:
    """The same of a field that has neither, as most have."""
    return _help(None)
