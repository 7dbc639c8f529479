"""Links to the other pages of a list."""

from typing import Any

from django import template
from django.core.paginator import Page
from django.utils.http import urlencode

register = template.Library()


@register.inclusion_tag("components/pagination.html", takes_context=True)
def pagination(context: template.Context, page: Page[Any]) -> dict[str, Any]:
    """Links to the other pages that keep the filters; nothing when there is one page."""
    filters = [
        (key, value)
        for key, values in context["request"].GET.lists()
        if key != "page"
        for value in values
        if value
    ]

    def query(number: int) -> str:
        return urlencode([*filters, ("page", number)])

    links = [
        {
            "number": number,
            "query": query(number) if isinstance(number, int) else "",
            "is_current": number == page.number,
        }
        for number in page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)
    ]
    is_counted = not getattr(page.paginator, "is_capped", False)
    return {
        "page": page,
        # How many rows come after it.
        "left": page.paginator.count - page.end_index() if is_counted else "",
        "links": links,
        "previous": query(page.number - 1),
        "next": query(page.number + 1),
    }
