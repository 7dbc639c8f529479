"""What people and commands do with evidence, its files, and words that are to go."""

from typing import Any
from unittest import mock

from django.db.models import F
from django.test import override_settings
from django.utils import timezone

from recommendations.actions import redaction
from recommendations.actions.evidence import changes, files, items
from recommendations.actions.redaction import preview_digest
from recommendations.audit.redaction import text_occurrences
from recommendations.choices import Stance, UpdateState
from recommendations.models import (
    Evidence,
    EvidenceChange,
    EvidenceCheck,
    EvidenceLink,
    Observation,
    Response,
    Source,
    StatusUpdate,
    StoredFile,
)
from recommendations.queries.evidence.items import decidable_changes
from recommendations.storage import evidence as store
from tests.files import pdf, received
from tests.histories.history import History, NothingToDo, act, often

WORDS = "Xanthippe"


def _item(history: History) -> dict[str, Any]:
    return {
        "visibility": history.either("public", "internal"),
        "expires_on": history.either(None, history.day(-30, 200)),
    }


def _file(history: History) -> Any:
    return received(content=pdf(history.word("file")))


@act
def record_evidence(history: History) -> None:
    values = {"title": history.word("Paper"), "kind": "document", "citation": "Page 1."}
    file = history.either(None, _file(history))
    by = history.either(history.world.staff, history.world.other_staff, history.world.other_staff)
    items.record(by=by, file=file, values={**values, **_item(history)})


@act
def attach_evidence(history: History) -> None:
    live = StatusUpdate.objects.exclude(state=UpdateState.WITHDRAWN)
    current = live.filter(recommendation__current_update__isnull=False)
    rows = history.either(
        *(live, current, current, Observation.objects.all(), Response.objects.all())
    )
    target = history.pick(rows)
    stance = history.either(Stance.SUPPORTS, Stance.SUPPORTS, Stance.UNDERMINES)
    given = items.EvidenceInput(stance=stance, evidence=history.pick(Evidence.objects.all()))
    by = target.author if isinstance(target, StatusUpdate) else history.world.manager
    by = history.either(by, history.world.manager)
    items.attach_evidence(to=target, by=by, items=[given])


@act
def place_evidence(history: History) -> None:
    """Under a recommendation, which no state follows from."""
    given = items.EvidenceInput(stance=Stance.NEED, evidence=history.pick(Evidence.objects.all()))
    items.attach_evidence(to=history.followed(), by=history.world.manager, items=[given])


def _link(history: History) -> EvidenceLink:
    return history.pick(EvidenceLink.objects.filter(removed_at__isnull=True))


@act
def change_evidence_link(history: History) -> None:
    live = EvidenceLink.objects.filter(removed_at__isnull=True)
    link = history.pick(live.filter(recommendation__isnull=False))
    items.change_evidence_link(
        link=link,
        by=history.world.manager,
        expected_version=None,
        values={"why": history.word("why")},
    )


@act
def detach(history: History) -> None:
    link = _link(history)
    by = history.either(link.added_by, history.world.manager, history.world.other_manager)
    items.detach(link=link, by=by, reason="It tells of something else.")


@act
def answer(history: History) -> None:
    links = EvidenceLink.objects.open_contradictions()
    link = history.pick(links.filter(update__recommendation__current_update=F("update")))
    by = history.either(history.world.staff, history.world.manager, history.world.other_manager)
    items.answer(link=link, by=by, text="It is out of date.")


@act
def check_evidence(history: History) -> None:
    by = history.either(history.world.manager, history.world.other_manager)
    items.check_evidence(evidence=history.pick(Evidence.objects.all()), by=by)


often(check_evidence, "check_more")


@act
def withdraw_check(history: History) -> None:
    check = history.pick(EvidenceCheck.objects.filter(removed_at__isnull=True))
    items.withdraw_check(check=check, by=check.by)


@act
def change_evidence(history: History) -> None:
    """The other manager publishes and hides, and so has a hand in few items."""
    item, values = history.pick(Evidence.objects.all()), _item(history)
    by = history.either(item.recorded_by, history.world.manager, history.world.other_manager)
    if by == history.world.other_manager:
        del values["expires_on"]
    changes.change_item(evidence=item, by=by, expected_version=item.version, values=values)


@act
def change_public_evidence(history: History) -> None:
    """Mostly proposed: approved updates rest on the item."""
    item = history.pick(Evidence.objects.filter(visibility="public", links__isnull=False))
    values = {"title": history.word("Paper"), "expires_on": history.day(100, 900)}
    by: Any = item.recorded_by
    changes.change_item(evidence=item, by=by, expected_version=item.version, values=values)


@act
def replace_public_file(history: History) -> None:
    item = history.pick(Evidence.objects.filter(visibility="public", links__isnull=False))
    by: Any = item.recorded_by
    file = _file(history)
    changes.revise_file(evidence=item, by=by, expected_version=item.version, file=file)


@act
def attach_own_evidence(history: History) -> None:
    """Public evidence, recorded by who attaches it to what is current."""
    item = history.pick(Evidence.objects.filter(visibility="public"))
    current = StatusUpdate.objects.filter(recommendation__current_update=F("pk"))
    stance = history.either(Stance.SUPPORTS, Stance.UNDERMINES)
    given = items.EvidenceInput(stance=stance, evidence=item)
    by: Any = item.recorded_by
    items.attach_evidence(to=history.pick(current), by=by, items=[given])


def _proposal(history: History) -> tuple[EvidenceChange, Any]:
    """A change that awaits a decision, with a manager who may decide on it."""
    managers = (history.world.manager, history.world.other_manager)
    found = [(change, by) for by in managers for change in decidable_changes(by)]
    if not found:
        raise NothingToDo
    return history.either(*found)


@act
def approve_change(history: History) -> None:
    proposal, by = _proposal(history)
    changes.approve_change(proposal=proposal, by=by)


often(approve_change, "approve_more_changes")


@act
def reject_change(history: History) -> None:
    proposal, by = _proposal(history)
    changes.reject_change(proposal=proposal, by=by, note="It is not signed.")


@act
def withdraw_change(history: History) -> None:
    proposal = history.pick(EvidenceChange.objects.open())
    changes.withdraw_change(proposal=proposal, by=proposal.proposed_by)


@act
def new_file(history: History) -> None:
    item = history.pick(Evidence.objects.all())
    changes.revise_file(
        evidence=item,
        by=history.either(history.world.staff, history.world.manager),
        expected_version=item.version,
        file=_file(history),
    )


def refuse_everything(file: Any) -> str:
    """A scanner of the site."""
    return "A virus."


def pass_everything(file: Any) -> str:
    """A scanner of the site."""
    return ""


@act
def scan_files(history: History) -> None:
    scanner = history.either(refuse_everything, pass_everything).__name__
    with override_settings(EVIDENCE_SCANNER=f"{__name__}.{scanner}"):
        files.scan_files(is_all=True, report=lambda file: None)


@act
def find_fault(history: History) -> None:
    """A check of files finds that one is missing, or all of them there again."""
    gone = history.either(None, history.pick(StoredFile.objects.all()).pk)
    there = store.stored_digest

    def digest(name: str) -> str | None:
        return None if name == gone else there(name)

    with mock.patch.object(files.store, "stored_digest", digest):
        files.check_files(at=timezone.now(), report=lambda found: None, progress=lambda done: None)


@act
def redact_file(history: History) -> None:
    file = history.pick(StoredFile.objects.filter(redacted_at__isnull=True))
    redaction.redact_file(file=file, by=history.world.administrator, reason="It was the wrong one.")


@act
def redact(history: History) -> None:
    """Words that stand in the title of a source."""
    history.pick(Source.objects.filter(title__contains=WORDS))
    found = preview_digest(WORDS, text_occurrences(WORDS))
    redaction.redact(
        words=WORDS, by=history.world.administrator, reason="A name stood there.", expected=found
    )
