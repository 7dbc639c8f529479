"""What readers outside could read at some time, told from the record."""

from recommendations.models import AuditEvent, AuditRow, Recommendation
from recommendations.queries.bulk_verbs import UNDID_MANY, UNPUBLISHED_MANY


def was_public(recommendation: Recommendation) -> bool:
    """Whether people could read it, now or before it was unpublished."""
    if recommendation.published_at is not None:
        return True
    about = {
        "object_type": recommendation._meta.label_lower,
        "object_id": str(recommendation.pk),
    }
    in_bulk = AuditRow.objects.filter(
        **about,
        event__verb__in=(UNDID_MANY, UNPUBLISHED_MANY),
        changes__contains='"published_at":[',
    )
    return AuditEvent.objects.filter(**about, verb="unpublish").exists() or in_bulk.exists()
