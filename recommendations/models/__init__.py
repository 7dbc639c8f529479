"""Tables, constraints and querysets; no request, no clock, no e-mail."""

from recommendations.models.base import readable_links
from recommendations.models.evidence import Evidence, EvidenceCheck, EvidenceLink
from recommendations.models.indicators import Indicator, IndicatorLink, Observation, Target
from recommendations.models.oversight import AuditEvent, AuditText, ChainHead
from recommendations.models.people import Organisation, User, with_roles
from recommendations.models.places import Area
from recommendations.models.recommendations import Addressee, Recommendation, Source
from recommendations.models.updates import StatusUpdate

__all__ = [
    "Addressee",
    "Area",
    "AuditEvent",
    "AuditText",
    "ChainHead",
    "Evidence",
    "EvidenceCheck",
    "EvidenceLink",
    "Indicator",
    "IndicatorLink",
    "Observation",
    "Organisation",
    "Recommendation",
    "Source",
    "StatusUpdate",
    "Target",
    "User",
    "readable_links",
    "with_roles",
]
