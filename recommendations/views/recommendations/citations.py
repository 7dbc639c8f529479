"""The page that a citation leads to."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from recommendations.models import Recommendation
from recommendations.queries.recommendations.cited import NotCitable, page_cited
from recommendations.views.access import open_to_readers
from recommendations.views.conditional import shows_record


@require_safe
@open_to_readers
@shows_record
def recommendation_cited(
    request: HttpRequest, reference: str, day: str, entry: str
) -> HttpResponse:
    """What was current on a day, as known at an entry of the audit log; else why there is none."""
    visible = Recommendation.objects.visible_to(request.user).select_related("source")
    found = get_object_or_404(visible, reference=reference)
    try:
        page = page_cited(found, day, entry, timezone.localdate(), request.user)
    except NotCitable as reason:
        shown = {"found": found, "reason": str(reason)}
        return render(request, "recommendations/not_citable.html", shown, status=404)
    return render(request, "recommendations/cited.html", {"view": page})
