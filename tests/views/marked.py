"""A world in which every text of every model is planted, each with a word of its own."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.core.files.base import ContentFile
from django.utils import timezone

from recommendations.models import (
    Action,
    Addressee,
    Area,
    AreaAlias,
    AuditEvent,
    AuditRow,
    AuditText,
    CalendarAddress,
    ChainHead,
    Comment,
    Deputy,
    DraftEntries,
    Evidence,
    EvidenceChange,
    EvidenceCheck,
    EvidenceLink,
    EvidenceRevision,
    GroupMembership,
    ImportRun,
    Indicator,
    IndicatorLink,
    Invitation,
    NotificationSettings,
    Observation,
    OpeningBatch,
    OpeningRow,
    Organisation,
    OutgoingMail,
    Part,
    PartCompletion,
    Recommendation,
    RecommendationRelation,
    Redaction,
    Reminder,
    ReportedStatus,
    ReportingRound,
    Request,
    ResetRequest,
    Response,
    RoundExtension,
    RoundReminder,
    SavedView,
    SignOff,
    Source,
    StagedFigure,
    StagedImport,
    StagedText,
    StatusUpdate,
    StoredFile,
    Target,
    TargetDateChange,
    Theme,
    User,
    Watch,
)
from recommendations.storage import evidence as store
from tests.base import days_ago, tell_planner
from tests.rows import past_the_guards, write_once
from tests.views.markers import Planter
from tests.views.pages import PageTestCase

HIDDEN_FIGURE = "98765.4321"
"""Of an indicator that is not published; written with a comma between thousands on a page."""


class MarkedTestCase(PageTestCase):
    """A published and a hidden source, each with everything that can hang on it."""

    planter: Planter

    @classmethod
    def setUpTestData(cls) -> None:
        for name, made in write_once("marked world", cls._plant_all).items():
            setattr(cls, name, made)
        tell_planner()

    @classmethod
    @past_the_guards()
    def _plant_all(cls) -> dict[str, Any]:
        before = set(vars(cls))
        cls.make_world()
        Source.objects.all().delete()
        cls.planter = planter = Planter()
        cls.now = timezone.now()
        cls.body = planter.plant(Organisation)
        cls.asked_body = planter.plant(Organisation, is_public=True)
        cls.author = planter.plant(User, organisation=cls.body)
        cls.decider = planter.plant(User, organisation=cls.body)
        cls.area = planter.plant(Area, is_public=True, kind="country")
        cls.hidden_area = planter.plant(Area, kind="country")
        cls.plant_places()
        cls.published = cls.plant_recommendation(cls.plant_source(is_public=True), is_public=True)
        cls.hidden = cls.plant_recommendation(cls.plant_source(is_public=False), is_public=False)
        cls.beside = cls.plant_recommendation(cls.published.source, is_public=False)
        for row, is_public in ((cls.published, True), (cls.hidden, False), (cls.beside, False)):
            cls.plant_updates(row, is_public=is_public)
            cls.plant_evidence(row, is_public=is_public)
            cls.plant_commitments(row, is_public=is_public)
        cls.planter.plant(
            RecommendationRelation,
            recommendation=cls.published,
            other=cls.hidden,
            kind="depends_on",
            added_at=cls.now,
            added_by=cls.author,
        )
        cls.plant_indicators()
        cls.plant_import_under_way()
        cls.plant_record()
        cls.plant_conversation()
        return {name: vars(cls)[name] for name in set(vars(cls)) - before}

    @classmethod
    def plant_places(cls) -> None:
        """What else areas are called, and the group that both belong to."""
        group = cls.planter.plant(Area, kind="group")
        for area in (cls.area, cls.hidden_area):
            cls.planter.plant(AreaAlias, area=area)
            cls.planter.plant(GroupMembership, group=group, member=area)

    @classmethod
    def plant_source(cls, *, is_public: bool) -> Source:
        return cls.planter.plant(
            Source, is_public=is_public, published_on=days_ago(900), date_precision="year"
        )

    @classmethod
    def plant_recommendation(cls, source: Source, *, is_public: bool) -> Recommendation:
        source.last_number += 1
        source.save()
        row = cls.planter.plant(
            Recommendation,
            is_public=is_public,
            source=source,
            number=source.last_number,
            modality="should",
            nature="time_bound",
            lead=cls.body,
            lead_officer=cls.author,
            reviewer=cls.decider,
            target_date=days_ago(5),
            opened_on=days_ago(500),
            wording_amended_at=cls.now,
            published_at=cls.now if is_public else None,
            published_by=cls.decider if is_public else None,
        )
        row.contributors.add(cls.body)
        row.themes.add(cls.planter.plant(Theme))
        cls.planter.plant(Part, is_public=is_public, recommendation=row, amended_at=cls.now)
        area = cls.area if is_public else cls.hidden_area
        body = cls.asked_body if is_public else cls.body
        Addressee.objects.create(recommendation=row, area=area)
        Addressee.objects.create(recommendation=row, organisation=body)
        gone = {"removed_at": cls.now, "removed_by": cls.decider}
        Addressee.objects.create(recommendation=row, organisation=cls.body, **gone)
        return row

    @classmethod
    def plant_update(cls, row: Recommendation, state: str, **values: Any) -> StatusUpdate:
        is_decided = state in ("approved", "returned")
        return cls.planter.plant(
            StatusUpdate,
            leave="" if is_decided else "decision_note",
            recommendation=row,
            state=state,
            implementation_status="in_progress",
            confidence="red",
            author=cls.author,
            last_editor=cls.author,
            created_at=cls.now - timedelta(days=99),
            submitted_at=cls.now - timedelta(days=50),
            decided_at=cls.now - timedelta(days=40) if is_decided else None,
            decided_by=cls.decider if is_decided else None,
            **{"as_of": days_ago(60), "rated_on": days_ago(60), **values},
        )

    @classmethod
    def plant_updates(cls, row: Recommendation, *, is_public: bool) -> None:
        first = cls.plant_update(row, "approved")
        cls.plant_update(row, "approved", kind="correction", corrects=first)
        wrong = cls.plant_update(row, "approved")
        cls.plant_update(row, "approved", kind="retraction", retracts=wrong)
        addressee = row.addressees.first()
        for state in ("draft", "submitted", "returned", "withdrawn"):
            cls.plant_update(row, state)
            cls.plant_update(row, state, addressee=addressee)
        cls.plant_update(row, "approved", addressee=addressee)
        row.current_update = cls.plant_update(
            row, "approved", is_public=is_public, as_of=days_ago(50), rated_on=days_ago(300)
        )
        part = row.parts.get()
        with past_the_guards():
            PartCompletion.objects.create(
                update=row.current_update, part=part, added_at=cls.now, added_by=cls.author
            )
        row.rating_valid_until = days_ago(90)
        row.save()

    @classmethod
    def plant_evidence(cls, row: Recommendation, *, is_public: bool) -> None:
        """Items of both visibilities, under the row and under each of its updates."""
        for update in row.updates.all():
            is_shown = is_public and update == row.current_update
            for visibility in ("public", "internal"):
                is_open = is_shown and visibility == "public"
                cls.link(visibility, is_open, update=update, stance="supports")
                cls.link(visibility, is_open, update=update, stance="undermines", leave="answer")
                answered = {"answered_at": cls.now, "answered_by": cls.decider}
                cls.link(visibility, is_open, update=update, stance="undermines", **answered)
            waiting = {"stance": "supports", "waits_for_agreement": True}
            cls.link("public", False, update=update, **waiting)
        for visibility in ("public", "internal"):
            is_open = is_public and visibility == "public"
            cls.link(visibility, is_open, recommendation=row, stance="need")
            removed = {"removed_at": cls.now, "removed_by": cls.decider}
            cls.link(visibility, False, recommendation=row, stance="need", **removed)

    @classmethod
    def link(cls, visibility: str, is_open: bool, **values: Any) -> None:
        has_files = values["stance"] in ("supports", "need")
        item = cls.planter.plant(
            Evidence,
            is_public=is_open,
            kind="document",
            visibility=visibility,
            last_revision=2 if has_files else 0,
            recorded_at=cls.now,
            recorded_by=cls.author,
        )
        if has_files:
            cls.plant_files(item, is_public=is_open)
            cls.plant_changes(item)
        cls.planter.plant(
            EvidenceCheck,
            evidence=item,
            by=cls.decider,
            organisation=cls.body,
            at=cls.now,
            revision=item.last_revision,
        )
        leave = "" if "answered_at" in values else "answer"
        values = {"leave": leave, **values}
        cls.planter.plant(
            EvidenceLink, evidence=item, added_at=cls.now, added_by=cls.author, **values
        )

    @classmethod
    def plant_changes(cls, item: Evidence) -> None:
        """Other words that await a second manager, and a file that one rejected."""
        proposed = {"evidence": item, "proposed_at": cls.now, "proposed_by": cls.author}
        cls.planter.plant(
            EvidenceChange,
            kind="wording",
            new_values={"title": cls.planter.word("evidencechange.new_values", is_public=False)},
            leave="file_name file_note decision_note",
            **proposed,
        )
        cls.planter.plant(
            EvidenceChange,
            kind="file",
            file=StoredFile.objects.filter(revisions__evidence=item, revisions__number=1).get(),
            state="rejected",
            decided_at=cls.now,
            decided_by=cls.decider,
            **proposed,
        )

    @classmethod
    def plant_files(cls, item: Evidence, *, is_public: bool) -> None:
        """An earlier file, which is for people inside, and the one that the item has now."""
        for number in (1, 2):
            is_current = is_public and number == 2
            word = cls.planter.word("storedfile.content", is_public=is_current)
            held = ContentFile(f"Content: {word}".encode())
            digest = store.sha256_of(held)
            store.save_file(digest, held)
            file = cls.planter.plant(
                StoredFile,
                sha256=digest,
                size=held.size,
                media_type="text/plain",
                stored_at=cls.now,
            )
            cls.planter.plant(
                EvidenceRevision,
                evidence=item,
                number=number,
                file=file,
                added_at=cls.now,
                added_by=cls.author,
            )

    @classmethod
    def plant_commitments(cls, row: Recommendation, *, is_public: bool) -> None:
        """What everybody that is or was addressed said, and a step; of an answer its part alone."""
        recorded = {"recorded_at": cls.now, "recorded_by": cls.author, "since": days_ago(30)}
        for addressee in row.addressees.all():
            is_shown = is_public and addressee.removed_at is None
            cls.planter.plant(
                Response,
                leave="part_accepted",
                addressee=addressee,
                position="awaiting",
                due_on=days_ago(3),
                **recorded,
            )
            cls.planter.plant(
                Response,
                is_public=is_shown,
                addressee=addressee,
                position="accepted_in_part",
                **recorded,
            )
        cls.planter.plant(Action, recommendation=row, state="dropped")
        cls.plant_dates(row)
        reported = {"recorded_at": cls.now, "recorded_by": cls.author}
        cls.planter.plant(ReportedStatus, recommendation=row, **reported)

    @classmethod
    def plant_dates(cls, row: Recommendation) -> None:
        """A date with its reason, a request that was turned down, and one that waits."""
        asked = {
            "recommendation": row,
            "requested_by": cls.author,
            "requested_at": cls.now - timedelta(days=30),
        }
        decided = {"decided_by": cls.decider, "decided_at": cls.now - timedelta(days=20)}
        first, later = days_ago(5), days_ago(-60)
        for number, state in enumerate(("approved", "rejected")):
            days = {"new_date": later, "old_date": first} if number else {"new_date": first}
            cls.planter.plant(
                TargetDateChange, number=number, state=state, **days, **asked, **decided
            )
        cls.planter.plant(
            TargetDateChange,
            leave="decision_note",
            number=2,
            state="requested",
            new_date=later,
            old_date=first,
            **asked,
        )

    @classmethod
    def plant_indicators(cls) -> None:
        for is_public in (True, False):
            indicator = cls.planter.plant(
                Indicator,
                is_public=is_public,
                is_published=is_public,
                measure="1",
                direction="increase",
            )
            for row in (cls.published, cls.hidden, cls.beside):
                cls.planter.plant(
                    IndicatorLink, recommendation=row, indicator=indicator, relation="outcome"
                )
            cls.plant_figures(indicator, is_public=is_public)
        cls.only_for_hidden = cls.planter.plant(
            Indicator, is_public=True, is_published=True, measure="1", direction="decrease"
        )
        cls.planter.plant(
            IndicatorLink,
            recommendation=cls.hidden,
            indicator=cls.only_for_hidden,
            relation="delivery",
        )

    @classmethod
    def plant_figures(cls, indicator: Indicator, *, is_public: bool) -> None:
        shared: dict[str, Any] = {"indicator": indicator, "recorded_at": cls.now}
        area = cls.area if is_public else cls.hidden_area
        aim = {**shared, "area": area, "period": "2030", "kind": "target"}
        value = "5" if is_public else HIDDEN_FIGURE
        old = cls.planter.plant(Target, value=value, **aim)
        cls.planter.plant(Target, is_public=is_public, value=value, replaces=old, **aim)
        days = {"first_day": days_ago(400), "last_day": days_ago(40)}
        seen = {**shared, **days, "area": area, "period": "2025", "recorded_by": cls.author}
        cls.planter.plant(Observation, is_public=is_public, value=value, **seen)
        counts = {"new": 1, "revised": 0, "unchanged": 0, "left_out": 0}
        of = {"indicator": indicator, "at": cls.now, "by": cls.author, "file_sha256": "0" * 64}
        run = cls.planter.plant(ImportRun, undo_reason="", **of, **counts)
        undone = {"undone_at": cls.now, "undone_by": cls.author}
        withdrawn = cls.planter.plant(ImportRun, **undone, **of, **counts)
        cls.planter.plant(Observation, import_run=withdrawn, **{**seen, "period": "2024"})
        figure = cls.planter.plant(Observation, is_public=is_public, import_run=run, **seen)
        link = {"observation": figure, "stance": "supports"}
        cls.link("public", False, **link)
        cls.link("internal", False, **link)

    @classmethod
    def plant_conversation(cls) -> None:
        """What people say to each other, mail that waits, and words that were taken out."""
        for row in (cls.published, cls.hidden):
            said = {"recommendation": row, "author": cls.author, "at": cls.now}
            cls.planter.plant(Comment, **said)
            cls.planter.plant(Comment, update=row.current_update, **said)
        cls.planter.plant(SavedView, owner=cls.author, is_shared=True)
        cls.planter.plant(OutgoingMail, to=cls.author, queued_at=cls.now, due_at=cls.now)
        cls.planter.plant(ResetRequest, at=cls.now)
        cls.planter.plant(
            Invitation,
            role="Viewer",
            organisation=cls.body,
            invited_by=cls.author,
            invited_at=cls.now,
            expires_at=cls.now + timedelta(days=1),
        )
        cls.planter.plant(CalendarAddress, person=cls.author, created_at=cls.now)
        cls.planter.plant(
            Deputy,
            person=cls.author,
            deputy=cls.decider,
            starts_on=days_ago(9),
            ends_on=days_ago(-9),
            recorded_at=cls.now,
            recorded_by=cls.author,
        )
        cls.planter.plant(NotificationSettings, person=cls.author)
        cls.planter.plant(Reminder, person=cls.author, day=days_ago(1), told_until=cls.now)
        cls.planter.plant(Watch, person=cls.author, recommendation=cls.hidden, since=cls.now)
        cls.plant_round()
        cls.planter.plant(
            SignOff,
            recommendation=cls.published,
            as_of=cls.now.date(),
            sequence=1,
            signed_at=cls.now,
            signed_by=cls.decider,
        )
        cls.plant_batch()
        cls.planter.plant(Redaction, at=cls.now, by=cls.decider, places=1)

    @classmethod
    def plant_round(cls) -> None:
        """A reporting round that asks for what is published and for what is not."""
        day = cls.now.date()
        sent = {"as_of": day, "reply_by": day, "sent_at": cls.now, "sent_by": cls.author}
        about = cls.planter.plant(ReportingRound, key=uuid4(), **sent)
        for row in (cls.published, cls.hidden):
            cls.planter.plant(Request, round=about, recommendation=row, organisation=cls.body)
        later = {"old_day": day, "new_day": day + timedelta(days=9), "extended_at": cls.now}
        who = {"round": about, "organisation": cls.body, "extended_by": cls.author}
        cls.planter.plant(RoundExtension, **who, **later)
        told = {"round": about, "person": cls.author, "reminded_by": cls.author}
        cls.planter.plant(RoundReminder, day=day, **told)

    @classmethod
    def plant_batch(cls) -> None:
        """A batch that was approved and undone, of what is published and of what is not."""
        submitted = {"submitted_at": cls.now, "submitted_by": cls.author}
        decided = {"decided_at": cls.now, "decided_by": cls.decider}
        undone = {"undone_at": cls.now, "undone_by": cls.author}
        digests = {"file_sha256": "0" * 64, "digest": "0" * 64}
        source = cls.published.source
        batch = cls.planter.plant(
            OpeningBatch, source=source, **digests, **submitted, **decided, **undone
        )
        left_out = {"left_out_at": cls.now, "left_out_by": cls.author}
        for number, row in enumerate((cls.published, cls.hidden), start=2):
            cls.planter.plant(
                OpeningRow,
                batch=batch,
                number=number,
                recommendation=row,
                as_of=cls.now.date(),
                implementation_status="in_progress",
                **left_out,
            )

    @classmethod
    def plant_import_under_way(cls) -> None:
        """What an import has made ready and not written."""
        staged = cls.planter.plant(
            StagedImport,
            indicator=Indicator.objects.earliest("pk"),
            by=cls.author,
            begun_at=cls.now,
            touched_at=cls.now,
            process=1,
        )
        days = {"first_day": days_ago(400), "last_day": days_ago(40), "revision": 1}
        cls.planter.plant(StagedFigure, staged=staged, observation=1, area=cls.area.pk, **days)
        cls.planter.plant(StagedText, staged=staged)
        for draft in StatusUpdate.objects.filter(state="draft"):
            word = cls.planter.word("draftentries.content", is_public=False)
            cls.planter.plant(DraftEntries, update=draft, content={"date_reason": word})

    @classmethod
    def plant_record(cls) -> None:
        reason = cls.planter.plant(AuditText)
        for sequence, row in enumerate((cls.published, cls.hidden), 1):
            for verb in ("submit", "approve"):
                cls.planter.plant(
                    AuditEvent,
                    sequence=sequence * 10 + len(verb),
                    at=cls.now,
                    actor=cls.decider,
                    verb=verb,
                    object_type="recommendations.statusupdate",
                    object_id=str(row.current_update_id),
                    recommendation=row,
                    reason=reason,
                )
        event = cls.planter.plant(
            AuditEvent, sequence=1, at=cls.now, actor=cls.decider, reason=reason
        )
        cls.planter.plant(AuditRow, event=event)
        cls.planter.plant(ChainHead, pk=1, last_sequence=50, last_at=cls.now)
