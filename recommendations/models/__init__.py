"""Tables, constraints and querysets; no request, no clock, no e-mail."""

from recommendations.models.areas import Area, AreaAlias, GroupMembership
from recommendations.models.base import AGREED, SHOWN_OUTSIDE, readable_links
from recommendations.models.dates import TargetDateChange
from recommendations.models.evidence import (
    Evidence,
    EvidenceChange,
    EvidenceCheck,
    EvidenceLink,
    EvidenceRevision,
    StoredFile,
    public_link,
    settled_link,
)
from recommendations.models.indicators import Indicator, IndicatorLink, Target
from recommendations.models.messages import Comment, OutgoingMail, Queued, QueuedQuerySet
from recommendations.models.observations import (
    ImportRun,
    Observation,
    ObservationConfirmation,
    StagedFigure,
    StagedImport,
    StagedText,
)
from recommendations.models.openings import OpeningBatch, OpeningRow
from recommendations.models.oversight import (
    AuditEvent,
    AuditRow,
    AuditText,
    ChainHead,
    OpenDataRelease,
    OpenDataText,
    Redaction,
    SignOff,
)
from recommendations.models.people import (
    Deputy,
    Invitation,
    Organisation,
    ResetRequest,
    User,
    full_name,
    people_in,
    with_roles,
)
from recommendations.models.personal import (
    ApiRequest,
    ApiToken,
    CalendarAddress,
    NotificationSettings,
    Reminder,
    SavedView,
    Watch,
)
from recommendations.models.recommendations import (
    Part,
    PartCompletion,
    Recommendation,
    RecommendationRelation,
    Source,
    Theme,
    fictional,
)
from recommendations.models.responses import Action, Addressee, Response
from recommendations.models.rounds import (
    ReportingRound,
    Request,
    RoundExtension,
    RoundReminder,
)
from recommendations.models.search import SearchDocument
from recommendations.models.state import (
    ASKS,
    IS_AGELESS,
    IS_OPEN,
    IS_OPENING,
    ReadModel,
    RecommendationState,
    SourceStamp,
    StateColumns,
    flag_tests,
    known_flags,
)
from recommendations.models.undoing import UndoRequest
from recommendations.models.updates import (
    DraftEntries,
    ReportedStatus,
    StatusUpdate,
    SteeringDecision,
)
from recommendations.models.uses import TrackerUses, WordTemplate
from recommendations.models.webhooks import Webhook, WebhookDelivery
