"""Rows that a field chooses among, while words are typed into it."""

from django.core.exceptions import BadRequest, PermissionDenied
from django.http import Http404, HttpRequest, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from recommendations.pickers.fields import found_text
from recommendations.pickers.kinds import PICKERS
from recommendations.pickers.rows import LONGEST_WORDS, MOST_FOUND


@require_safe
def pick(request: HttpRequest, name: str) -> JsonResponse:
    """The first rows that hold all ``words``, of those that the reader may choose there."""
    picker = PICKERS.get(name)
    if picker is None:
        raise Http404
    if not picker.open_to(request.user):
        raise PermissionDenied(_("Your role has no access to this page."))
    words = request.GET.get("words", "")
    if len(words) > LONGEST_WORDS:
        raise BadRequest(_("Search for fewer words."))
    found = picker.find(picker.rows(request.user, request.GET.dict()), words)
    return JsonResponse({"options": found[:MOST_FOUND], "told": found_text(len(found))})
