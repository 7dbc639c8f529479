"""Tables, constraints and querysets; no request, no clock, no e-mail."""

from recommendations.models.areas import Area, AreaAlias, GroupMembership
from recommendations.models.base import AGREED, SHOWN_OUTSIDE, readable_links
from recommendations.models.calendars import CalendarAddress
from recommendations.models.dates import TargetDateChange
from recommendations.models.deputies import Deputy
from recommendations.models.drafts import DraftEntries
from recommendations.models.evidence import (
    Evidence,
    EvidenceLink,
    public_link,
    settled_link,
)
from recommendations.models.evidence_changes import EvidenceChange
from recommendations.models.evidence_checks import EvidenceCheck
from recommendations.models.files import EvidenceRevision, StoredFile
from recommendations.models.indicators import Indicator, IndicatorLink, Target
from recommendations.models.invitations import Invitation
from recommendations.models.messages import Comment, OutgoingMail
from recommendations.models.observations import (
    ImportRun,
    Observation,
    ObservationConfirmation,
)
from recommendations.models.openings import OpeningBatch, OpeningRow
from recommendations.models.oversight import (
    AuditEvent,
    AuditRow,
    AuditText,
    ChainHead,
    Redaction,
)
from recommendations.models.parts import Part, PartCompletion
from recommendations.models.people import (
    Organisation,
    ResetRequest,
    User,
    account_columns,
    full_name,
    with_roles,
)
from recommendations.models.recommendations import Recommendation, Source
from recommendations.models.relations import RecommendationRelation
from recommendations.models.reminders import Reminder
from recommendations.models.reported_statuses import ReportedStatus
from recommendations.models.responses import Action, Addressee, Response
from recommendations.models.rounds import (
    ReportingRound,
    Request,
    RoundExtension,
    RoundReminder,
)
from recommendations.models.saved_views import SavedView
from recommendations.models.search import SearchDocument
from recommendations.models.signoffs import SignOff
from recommendations.models.staging import StagedFigure, StagedImport, StagedText
from recommendations.models.state import (
    IS_OPENING,
    ReadModel,
    RecommendationState,
    SourceStamp,
    StateColumns,
    flag_tests,
)
from recommendations.models.themes import Theme
from recommendations.models.updates import StatusUpdate
from recommendations.models.watches import NotificationSettings, Watch
