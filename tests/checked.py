"""Links whose evidence counts as verified, asked of the rows themselves."""

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from recommendations.models import EvidenceLink, Organisation


def checked(links: QuerySet[EvidenceLink]) -> QuerySet[EvidenceLink]:
    """Those to an update whose evidence was verified by a third person."""
    return links.filter(Exists(EvidenceLink.objects.third_party_checks()))


def independently_checked(links: QuerySet[EvidenceLink]) -> QuerySet[EvidenceLink]:
    """The same, by somebody whose organisation neither leads nor contributes."""
    contributors = Organisation.contributed_recommendations.through.objects.filter(
        recommendation=OuterRef(OuterRef("update__recommendation")),
        organisation=OuterRef("organisation"),
    )
    # 0 is nobody's id: without it a missing lead would make the comparison unknown.
    lead = Coalesce(OuterRef("update__recommendation__lead"), 0)
    checks = EvidenceLink.objects.third_party_checks().filter(
        ~Exists(contributors), ~Q(organisation=lead), organisation__isnull=False
    )
    return links.filter(Exists(checks))
