"""Suggestions while somebody types into the search of the bar."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from recommendations.search.queries import LONGEST, suggest
from recommendations.views.access import open_to_readers


@require_safe
@open_to_readers
def search_suggestions(request: HttpRequest) -> HttpResponse:
    """What may be meant, as the options of a list box; the page of the search is the list."""
    text = request.GET.get("text", "")[:LONGEST]
    found = suggest(request.user, text)
    return render(request, "shell/suggestions.html", {"suggestions": found, "text": text})
