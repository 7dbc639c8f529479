"""What contradicted updates on a past day, and had no answer."""

from collections import Counter

from django.db.models import Q

from recommendations import permissions
from recommendations.audit.rewind import Past
from recommendations.choices import Stance, Visibility
from recommendations.models import Evidence, EvidenceLink
from recommendations.permissions import Person
from recommendations.queries.days import Days


def contradictions(of: Q, days: Days, person: Person) -> Counter[int | None]:
    """How many items stood unanswered against each update, as this reader saw it.

    ``of`` tells the links, of evidence to updates, that are asked about. Such evidence is rare: all
    that ever stood there is read.
    """
    known = days.known
    links = EvidenceLink.objects.filter(
        of,
        Q(removed_at=None) | Q(removed_at__gt=known),
        Q(answered_at=None) | Q(answered_at__gt=known),
        stance=Stance.UNDERMINES,
        added_at__lte=known,
    ).order_by()
    if permissions.can_read_internal_evidence(person):
        return Counter(links.values_list("update", flat=True))
    # Public then, and still: what is internal by now is not told of.
    agreed = Q(waits_for_agreement=False) | Q(agreed_at__lte=known)
    public = links.filter(agreed, evidence__visibility=Visibility.PUBLIC)
    pairs = list(public.values_list("update", "evidence"))
    items = Evidence.objects.filter(pk__in={pk for _update, pk in pairs})
    then = {row.pk: row.visibility for row in Past(known).back(list(items))}
    return Counter(update for update, pk in pairs if then.get(pk) == Visibility.PUBLIC)
