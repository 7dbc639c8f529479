"""Events of the audit log as sentences, as safe HTML."""

from django import template
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString

from recommendations.queries.log.names import Named
from recommendations.queries.log.rows import LogRow

register = template.Library()


@register.simple_tag
def event_sentence(row: LogRow) -> SafeString:
    """What happened to what, and by whom; the title leads to the page of what it names."""
    parts = {"action": row.action, "title": named_link(row.named), "name": row.by}
    safe = {name: conditional_escape(part) for name, part in parts.items()}
    return SafeString(conditional_escape(row.pattern) % safe)


@register.filter
def named_link(named: Named) -> SafeString:
    """A title that leads to the page of what it names, where there is one."""
    title = format_html("<cite>{}</cite>", named.title)
    return format_html('<a href="{}">{}</a>', named.url, title) if named.url else title
