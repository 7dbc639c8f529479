"""The list of a past day as a file; other files come from their lists (``views/lists.py``)."""

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _

from recommendations.exports.past import past_sheet
from recommendations.exports.sheets import in_batches
from recommendations.queries.days import Days
from recommendations.queries.recommendations.past.shown import rows_then
from recommendations.views.lists import send
from recommendations.views.looking_back import past_filters, past_ids


def past_export(request: HttpRequest, days: Days) -> HttpResponseBase:
    """All that the list of a past day finds."""
    filters = past_filters(request)
    if not filters.is_valid():
        raise BadRequest(_("The filter has an invalid value."))
    ids = past_ids(request, days, filters)
    batches = (rows_then(some, days, request.user) for some in in_batches(ids))
    rows = (row for some in batches for row in some.values())
    return send(request, past_sheet(rows, days, filters.left_out))
