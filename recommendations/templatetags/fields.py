"""What a form field needs to be shown: pure, so that the template stays a template."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms.boundfield import BoundField, BoundWidget
from django.utils.safestring import SafeString

from recommendations.templatetags.icons import SHAPES, svg


@dataclass(frozen=True, slots=True)
class Choice:
    """One radio button or tick box, as a card with its icon."""

    tag: str
    id: str
    label: str
    icon: SafeString | str


@dataclass(frozen=True, slots=True)
class FieldView:
    """A field ready to be shown; ``kind`` names the branch of the template."""

    bound: BoundField
    kind: str
    label: str
    hint: str
    control: str
    choices: tuple[Choice, ...]
    folded: tuple[Choice, ...]
    is_folded_open: bool
    described_by: str
    is_optional_shown: bool
    css: str


@dataclass(frozen=True, slots=True)
class FieldOptions:
    """What a page may change about a field."""

    label: str = ""
    hint: str = ""
    icons: str = ""
    folded: tuple[str, ...] = ()
    css: str = ""
    is_optional_shown: bool = False


_CLASSES: dict[str, str] = {"select": "form-select", "check": "form-check-input"}


def field_view(bound: BoundField, options: FieldOptions) -> FieldView:
    """Choose how a bound field is shown and tie label, hint and error to its control."""
    kind = _kind(bound.field.widget)
    hint = options.hint or str(bound.help_text)
    described_by = _described_by(bound, hint)
    shown: tuple[Choice, ...] = ()
    folded: tuple[Choice, ...] = ()
    is_open = False
    control = ""
    if kind in {"radio", "checks"}:
        subwidgets = list(bound.subwidgets)
        shown = _choices(
            (w for w in subwidgets if str(w.data["value"]) not in options.folded), options.icons
        )
        aside = [w for w in subwidgets if str(w.data["value"]) in options.folded]
        folded = _choices(aside, options.icons)
        is_open = any(w.data["selected"] for w in aside)
    else:
        control = bound.as_widget(attrs=_attrs(bound, kind, described_by))
    return FieldView(
        bound=bound,
        kind=kind,
        label=options.label or str(bound.label),
        hint=hint,
        control=control,
        choices=shown,
        folded=folded,
        is_folded_open=is_open,
        described_by=described_by,
        is_optional_shown=options.is_optional_shown and not bound.field.required,
        css=options.css or _width(bound.field.widget),
    )


def first_id(bound: BoundField) -> str:
    """The id of the control that a link in the error summary leads to."""
    is_set = _kind(bound.field.widget) in {"radio", "checks"}
    return f"{bound.auto_id}_0" if is_set else str(bound.id_for_label)


def _kind(widget: forms.Widget) -> str:
    if widget.is_hidden:
        return "hidden"
    if isinstance(widget, forms.CheckboxSelectMultiple):
        return "checks"
    if isinstance(widget, forms.RadioSelect):
        return "radio"
    if isinstance(widget, forms.CheckboxInput):
        return "check"
    return "select" if isinstance(widget, forms.Select) else "control"


def _width(widget: forms.Widget) -> str:
    """Dates and numbers are short, and a short box says so."""
    if isinstance(widget, forms.DateInput | forms.NumberInput | forms.TimeInput):
        return "field-short"
    return ""


def _described_by(bound: BoundField, hint: str) -> str:
    ids = [f"{bound.auto_id}_helptext"] if hint else []
    if bound.errors:
        ids.append(f"{bound.auto_id}_error")
    return " ".join(ids)


def _attrs(bound: BoundField, kind: str, described_by: str) -> dict[str, Any]:
    if kind == "hidden":
        return {}
    classes = [_CLASSES.get(kind, "form-control")]
    if own := bound.field.widget.attrs.get("class"):
        classes.append(own)
    if bound.errors:
        classes.append("is-invalid")
    attrs: dict[str, Any] = {"class": " ".join(classes)}
    if described_by:
        attrs["aria-describedby"] = described_by
    return attrs


def _choices(subwidgets: Iterable[BoundWidget], icons: str) -> tuple[Choice, ...]:
    return tuple(
        Choice(
            tag=widget.tag(),
            id=str(widget.id_for_label),
            label=str(widget.choice_label),
            icon=_icon(icons, str(widget.data["value"])),
        )
        for widget in subwidgets
    )


def _icon(icons: str, value: str) -> SafeString | str:
    name = f"{icons}-{value or 'none'}"
    return svg(name) if icons and name in SHAPES else ""
