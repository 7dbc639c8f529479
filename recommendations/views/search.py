"""Suggestions while somebody types into the search of the bar."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from recommendations.queries.cache import audience_of, cached
from recommendations.queries.frame import version_for
from recommendations.search.queries import LONGEST, suggest
from recommendations.views.access import open_to_readers


@require_safe
@open_to_readers
def search_suggestions(request: HttpRequest) -> HttpResponse:
    """What may be meant, as the options of a list box; the page of the search is the list."""
    text = request.GET.get("text", "")[:LONGEST]
    # Many begin alike, and whoever corrects what they typed asks once more.
    found = cached(
        "suggestions",
        lambda: suggest(request.user, text),
        audience=audience_of(request.user),
        version=version_for(request.user).hash,
        parts=(text,),
    )
    return render(request, "shell/suggestions.html", {"suggestions": found, "text": text})
