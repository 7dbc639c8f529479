"""Suggestions while somebody types into the search of the bar, and what they opened last."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from recommendations.queries.cache import audience_of, cached
from recommendations.queries.suggestions import MOST_RECENT, recent, suggestions
from recommendations.queries.version import version_for
from recommendations.search.queries import LONGEST
from recommendations.views.access import open_to_readers


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
