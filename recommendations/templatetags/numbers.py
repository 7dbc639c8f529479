"""Numbers as pages show them; a missing one is a dash, never 0."""

from decimal import Decimal

from django import template
from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

register = template.Library()


@register.filter
def number(value: Decimal | int | None, decimals: int | None = None) -> SafeString | str:
    """``2,759``: thousands grouped, with ``decimals`` decimal places or as many as there are."""
    if value is None:
        return format_html(
            '<span aria-hidden="true">–</span><span class="visually-hidden">{}</span>',
            _("No data"),
        )
    return number_format(value, decimal_pos=decimals, use_l10n=True, force_grouping=True)
