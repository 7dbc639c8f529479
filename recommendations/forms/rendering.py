"""Controls of forms, drawn in Python: the bytes of Django's templates at a tenth of the cost.

Django includes a template for each option and once more for its attributes. What is not drawn here
is drawn by these templates; a test compares the two.
"""

from collections.abc import Callable, Mapping
from typing import Any

from django.forms.renderers import DjangoTemplates
from django.utils.formats import localize
from django.utils.functional import Promise
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString

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
