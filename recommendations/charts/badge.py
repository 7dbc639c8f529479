"""A badge: one line that says how something stands, to be shown on pages of others."""

from dataclasses import dataclass
from typing import ClassVar, Final

from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from recommendations.charts.canvas import (
    BACKGROUND,
    EDGE,
    TEXT_SIZE,
    Canvas,
    ChartTable,
    Frame,
    text_width,
)
from recommendations.charts.line import State

_HEIGHT: Final = 26
_PAD: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class BadgeData:
    """What it is about, how that stands with the colour of it, and the whole statement.

    Only ``name`` and the label of ``state`` are drawn; the statement is its description.
    """

    name: str
    state: State
    statement: str
    steps: ClassVar = ""

    def table(self) -> ChartTable:
        return ChartTable((capfirst(_("name")), _("Status")), ((self.name, self.state.label),))


def badge(data: BadgeData) -> SafeString:
    """Dark words on white, so that it can be read on any ground; as wide as its words."""
    name, words = text_width(data.name, is_strong=True), text_width(data.state.label)
    width = round(name + words) + 4 * _PAD + 12
    title = _("%(label)s: %(value)s") % {"label": data.name, "value": data.state.label}
    canvas = Canvas(Frame(title=title, prefix="badge", width=width), "badge", data.statement, pad=0)
    edge = {"x": 0.5, "y": 0.5, "width": width - 1, "height": _HEIGHT - 1, "rx": 4}
    canvas.add("rect", fill=BACKGROUND, stroke=EDGE, **edge)
    line = (_HEIGHT + TEXT_SIZE) / 2 - 2
    canvas.strong_text(data.name, _PAD, line)
    x = _PAD * 2 + name
    canvas.add("rect", x=x, y=(_HEIGHT - 12) / 2, width=12, height=12, **data.state.looks)
    canvas.text(data.state.label, x + 12 + _PAD, line)
    return canvas.finish(_HEIGHT - 0.49)
