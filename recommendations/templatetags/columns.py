"""Labels of columns, as the model has them."""

from django import template
from django.apps import apps
from django.utils.functional import Promise

from recommendations.columns import label_of

register = template.Library()


@register.simple_tag
def label(column: str) -> str | Promise:
    """The label of a column, by model and name: ``evidence.kind``."""
    model, _dot, name = column.partition(".")
    found: str | Promise = label_of(apps.get_model("recommendations", model), name)
    return found
