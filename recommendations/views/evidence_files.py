"""Stands where files of evidence are given out."""

from django.http import Http404, HttpRequest, HttpResponse


def evidence_file(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """Nothing is given out from here."""
    raise Http404
