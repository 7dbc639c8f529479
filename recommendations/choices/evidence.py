"""Kinds of evidence, how far it is relied on, its files, and what it speaks for."""

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class EvidenceKind(TextChoices):
    """What sort of thing an evidence item is."""

    DOCUMENT = "document", _("Document")
    WEB_PAGE = "web_page", _("Web page")
    DATASET = "dataset", _("Dataset")
    STATEMENT = "statement", _("Statement")
    PHOTOGRAPH = "photograph", _("Photograph")
    SOURCE_PASSAGE = "source_passage", _("Passage of the source")


class Reliability(TextChoices):
    """How far a source of evidence can be relied on, in the checker's judgement."""

    COMPLETELY_RELIABLE = "completely_reliable", _("Completely reliable")
    USUALLY_RELIABLE = "usually_reliable", _("Usually reliable")
    FAIRLY_RELIABLE = "fairly_reliable", _("Fairly reliable")
    NOT_USUALLY_RELIABLE = "not_usually_reliable", _("Not usually reliable")
    UNRELIABLE = "unreliable", _("Unreliable")
    NOT_JUDGED = "not_judged", _("Not assessed")


class Visibility(TextChoices):
    """Who may read an evidence item."""

    INTERNAL = "internal", _("Internal")
    PUBLIC = "public", _("Published")


class ScanState(TextChoices):
    """What the scanner of the site said of a file."""

    NOT_ASKED = "not_asked", _("Not scanned for viruses")
    WAITING = "waiting", _("Awaiting virus scan")
    CLEAN = "clean", _("Scanned, no virus found")
    REFUSED = "refused", _("Rejected by the virus scanner")


QUARANTINED = frozenset({ScanState.WAITING, ScanState.REFUSED})
"""Files that nobody is given: the scanner has not let them through."""


class FileFault(TextChoices):
    """What was found wrong with the stored bytes of a file when they were last compared."""

    MISSING = "missing", _("Missing")
    ALTERED = "altered", _("Altered")


class EvidenceChangeKind(TextChoices):
    """What of an evidence item a proposed change is about."""

    WORDING = "wording", _("Details")
    FILE = "file", _("File")
    LINK = "link", _("Link")


class EvidenceChangeState(TextChoices):
    """What has become of a proposed change of evidence."""

    AWAITING = "awaiting", _("Awaiting decision")
    APPROVED = "approved", _("Approved")
    REJECTED = "rejected", _("Rejected")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class Stance(TextChoices):
    """What an evidence item does for the thing it is linked to."""

    SUPPORTS = "supports", _("Supports")
    UNDERMINES = "undermines", _("Contradicts")
    BACKGROUND = "background", _("Context")
    NEED = "need", _("Rationale")


STANCE_DEFINITIONS: dict[str, str | Promise] = {
    Stance.SUPPORTS: _("Supports the status claimed in an update."),
    Stance.UNDERMINES: _("Contradicts the status claimed in an update."),
    Stance.BACKGROUND: _("Gives context; neither supports nor contradicts."),
    Stance.NEED: _("Shows why the recommendation was made. Never counts as progress."),
}
