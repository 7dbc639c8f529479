"""Suggestions while words are typed, and rows that a field chooses among."""

from django.core.exceptions import BadRequest, PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from recommendations.pickers import LONGEST_WORDS, MOST_FOUND, PICKERS, found_text
from recommendations.queries.cache import audience_of, cached, version_for
from recommendations.queries.suggestions import MOST_RECENT, recent, suggestions
from recommendations.search.queries import LONGEST
from recommendations.views.access import open_to_readers

# ---- Suggestions while somebody types into the search of the bar, and what they opened last


@require_safe
@open_to_readers
def search_suggestions(request: HttpRequest) -> HttpResponse:
    """What may be meant, as the options of a list box; the page of the search is the list.

    With ``recent``, addresses that the browser remembers, it is what they show.
    """
    text = request.GET.get("text", "")[:LONGEST]
    if paths := request.GET.getlist("recent")[: 2 * MOST_RECENT]:
        groups = recent(request.user, paths)
    else:
        # Many begin alike, and whoever corrects what they typed asks once more.
        groups = cached(
            "suggestions",
            lambda: suggestions(request.user, text),
            audience=audience_of(request.user),
            version=version_for(request.user).hash,
            parts=(text,),
        )
    count = sum(len(group.items) for group in groups)
    return render(
        request, "shell/suggestions.html", {"groups": groups, "count": count, "text": text}
    )


# ---- Rows that a field chooses among, while words are typed into it


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
