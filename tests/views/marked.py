"""A world in which every text of every model is planted, each with a word of its own."""

import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.core.files.base import ContentFile
from django.db.models import Model

from recommendations import models
from recommendations.storage import evidence as store
from tests.base import days_ago, tell_planner
from tests.rows import past_the_guards, write_once
from tests.views.markers import MARKUP, Planter
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
        models.Source.objects.all().delete()
        cls.planter = planter = Planter()
        cls.now = planter.now
        cls.body = planter.plant(models.Organisation)
        cls.asked_body = planter.plant(models.Organisation, is_public=True)
        cls.author = planter.plant(models.User, organisation=cls.body)
        cls.decider = planter.plant(models.User, organisation=cls.body)
        cls.hidden_area = planter.plant(models.Area, kind="country")
        cls.area = planter.plant(models.Area, is_public=True, kind="country")
        planter.rows |= {models.User: cls.author, models.Organisation: cls.body}
        cls.plant_places()
        cls.published = cls.plant_recommendation(cls.plant_source(is_public=True), is_public=True)
        cls.hidden = cls.plant_recommendation(cls.plant_source(is_public=False), is_public=False)
        cls.beside = cls.plant_recommendation(cls.published.source, is_public=False)
        for row, is_public in ((cls.published, True), (cls.hidden, False), (cls.beside, False)):
            cls.plant_updates(row, is_public=is_public)
            cls.plant_evidence(row, is_public=is_public)
            cls.plant_commitments(row, is_public=is_public)
        relation = {"recommendation": cls.published, "other": cls.hidden, "kind": "depends_on"}
        cls.planter.plant(models.RecommendationRelation, **relation)
        cls.plant_indicators()
        cls.plant_record()
        cls.plant_beside()
        return {name: vars(cls)[name] for name in set(vars(cls)) - before}

    @classmethod
    def plant_places(cls) -> None:
        """What else areas are called, and the group that both belong to."""
        group = cls.planter.plant(models.Area, kind="group")
        for area in (cls.area, cls.hidden_area):
            cls.planter.plant(models.AreaAlias, area=area)
            cls.planter.plant(models.GroupMembership, group=group, member=area)

    @classmethod
    def plant_source(cls, *, is_public: bool) -> Any:
        return cls.planter.plant(
            models.Source, is_public=is_public, published_on=days_ago(900), date_precision="year"
        )

    @classmethod
    def plant_recommendation(cls, source: models.Source, *, is_public: bool) -> Any:
        source.last_number += 1
        source.save()
        row = cls.planter.plant(
            models.Recommendation,
            is_public=is_public,
            source=source,
            number=source.last_number,
            modality="should",
            nature="time_bound",
            lead=cls.asked_body if is_public else cls.body,
            lead_officer=cls.author,
            reviewer=cls.decider,
            target_date=days_ago(5),
            opened_on=days_ago(500),
            wording_amended_at=cls.now,
            published_at=cls.now if is_public else None,
            published_by=cls.decider if is_public else None,
        )
        row.contributors.add(cls.body)
        row.themes.add(cls.planter.plant(models.Theme))
        cls.planter.plant(models.Part, is_public=is_public, recommendation=row, amended_at=cls.now)
        area = cls.area if is_public else cls.hidden_area
        body = cls.asked_body if is_public else cls.body
        models.Addressee.objects.create(recommendation=row, area=area)
        models.Addressee.objects.create(recommendation=row, organisation=body)
        gone = {"removed_at": cls.now, "removed_by": cls.decider}
        models.Addressee.objects.create(recommendation=row, organisation=cls.body, **gone)
        return row

    @classmethod
    def plant_update(cls, row: models.Recommendation, state: str, **values: Any) -> Any:
        is_decided = state in ("approved", "returned")
        return cls.planter.plant(
            models.StatusUpdate,
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
    def plant_updates(cls, row: models.Recommendation, *, is_public: bool) -> None:
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
            models.PartCompletion.objects.create(
                update=row.current_update, part=part, added_at=cls.now, added_by=cls.author
            )
        decided = {"update": row.current_update, "is_published": is_public}
        cls.planter.plant(
            models.SteeringDecision, is_public=is_public, leave="removal_reason", **decided
        )
        gone = {"removed_at": cls.now, "removed_by": cls.decider}
        cls.planter.plant(models.SteeringDecision, **decided, **gone)
        row.rating_valid_until = days_ago(90)
        row.save()

    @classmethod
    def plant_evidence(cls, row: models.Recommendation, *, is_public: bool) -> None:
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
            models.Evidence,
            is_public=is_open,
            kind="document",
            visibility=visibility,
            last_revision=2 if has_files else 0,
        )
        if has_files:
            cls.plant_files(item, is_public=is_open)
            cls.plant_changes(item)
        cls.planter.plant(
            models.EvidenceCheck, evidence=item, by=cls.decider, revision=item.last_revision
        )
        leave = "" if "answered_at" in values else "answer"
        values = {"leave": leave, **values}
        cls.planter.plant(models.EvidenceLink, evidence=item, **values)

    @classmethod
    def plant_changes(cls, item: models.Evidence) -> None:
        """Other words that await a second manager, and a file that one rejected."""
        word = cls.planter.word("evidencechange.new_values", is_public=False)
        cls.planter.plant(
            models.EvidenceChange,
            kind="wording",
            new_values={"title": f"{word}{MARKUP}"},
            leave="file_name file_note decision_note",
            evidence=item,
        )
        cls.planter.plant(
            models.EvidenceChange,
            kind="file",
            file=models.StoredFile.objects.filter(
                revisions__evidence=item, revisions__number=1
            ).get(),
            state="rejected",
            decided_at=cls.now,
            decided_by=cls.decider,
            evidence=item,
        )

    @classmethod
    def plant_files(cls, item: models.Evidence, *, is_public: bool) -> None:
        """An earlier file, which is for people inside, and the one that the item has now."""
        for number in (1, 2):
            is_current = is_public and number == 2
            word = cls.planter.word("storedfile.content", is_public=is_current)
            held = ContentFile(f"Content: {word}".encode())
            digest = store.sha256_of(held)
            store.save_file(digest, held)
            file = cls.planter.plant(
                models.StoredFile, sha256=digest, size=held.size, media_type="text/plain"
            )
            cls.planter.plant(models.EvidenceRevision, evidence=item, number=number, file=file)

    @classmethod
    def plant_commitments(cls, row: models.Recommendation, *, is_public: bool) -> None:
        """What everybody that is or was addressed said, and a step; of an answer its part alone."""
        said = {"since": days_ago(30)}
        for addressee in row.addressees.all():
            is_shown = is_public and addressee.removed_at is None
            cls.planter.plant(
                models.Response,
                leave="part_accepted",
                addressee=addressee,
                position="awaiting",
                due_on=days_ago(3),
                **said,
            )
            cls.planter.plant(
                models.Response,
                is_public=is_shown,
                addressee=addressee,
                position="accepted_in_part",
                **said,
            )
        cls.planter.plant(models.Action, recommendation=row, state="dropped")
        cls.plant_dates(row)
        cls.planter.plant(models.ReportedStatus, recommendation=row)

    @classmethod
    def plant_dates(cls, row: models.Recommendation) -> None:
        """A date with its reason, a request that was turned down, and one that waits."""
        asked = {"recommendation": row, "requested_at": cls.now - timedelta(days=30)}
        decided = {"decided_by": cls.decider, "decided_at": cls.now - timedelta(days=20)}
        first, later = days_ago(5), days_ago(-60)
        for number, state in enumerate(("approved", "rejected")):
            days = {"new_date": later, "old_date": first} if number else {"new_date": first}
            cls.planter.plant(
                models.TargetDateChange, number=number, state=state, **days, **asked, **decided
            )
        cls.planter.plant(
            models.TargetDateChange,
            leave="decision_note",
            number=2,
            state="requested",
            new_date=later,
            old_date=first,
            **asked,
        )
        cls.planter.plant(
            models.UndoRequest,
            sequence=1,
            state="rejected",
            requested_at=asked["requested_at"],
            **decided,
        )

    @classmethod
    def plant_indicators(cls) -> None:
        for is_public in (True, False):
            indicator = cls.planter.plant(
                models.Indicator,
                is_public=is_public,
                is_published=is_public,
                measure="1",
                direction="increase",
            )
            for row in (cls.published, cls.hidden, cls.beside):
                cls.planter.plant(
                    models.IndicatorLink,
                    recommendation=row,
                    indicator=indicator,
                    relation="outcome",
                )
            cls.plant_figures(indicator, is_public=is_public)
        cls.only_for_hidden = cls.planter.plant(
            models.Indicator, is_public=True, is_published=True, measure="1", direction="decrease"
        )
        cls.planter.plant(
            models.IndicatorLink,
            recommendation=cls.hidden,
            indicator=cls.only_for_hidden,
            relation="delivery",
        )

    @classmethod
    def plant_figures(cls, indicator: models.Indicator, *, is_public: bool) -> None:
        shared: dict[str, Any] = {"indicator": indicator}
        area = cls.area if is_public else cls.hidden_area
        aim = {**shared, "area": area, "period": "2030", "kind": "target"}
        value = "5" if is_public else HIDDEN_FIGURE
        old = cls.planter.plant(models.Target, value=value, **aim)
        cls.planter.plant(models.Target, is_public=is_public, value=value, replaces=old, **aim)
        days = {"first_day": days_ago(400), "last_day": days_ago(40)}
        seen = {**shared, **days, "area": area, "period": "2025"}
        cls.planter.plant(models.Observation, is_public=is_public, value=value, **seen)
        counts = {"new": 1, "revised": 0, "unchanged": 0, "left_out": 0}
        of = {"indicator": indicator, "file_sha256": "0" * 64}
        run = cls.planter.plant(models.ImportRun, undo_reason="", **of, **counts)
        undone = {"undone_at": cls.now, "undone_by": cls.author}
        withdrawn = cls.planter.plant(models.ImportRun, **undone, **of, **counts)
        cls.planter.plant(models.Observation, import_run=withdrawn, **{**seen, "period": "2024"})
        figure = cls.planter.plant(models.Observation, is_public=is_public, import_run=run, **seen)
        link = {"observation": figure, "stance": "supports"}
        cls.link("public", False, **link)
        cls.link("internal", False, **link)

    @classmethod
    def plant_beside(cls) -> None:
        """What people say, mail that waits, rounds, batches, imports under way, sign-offs."""
        decided = {"decided_at": cls.now, "decided_by": cls.decider}
        undone = {"undone_at": cls.now, "undone_by": cls.author}
        left_out = {"left_out_at": cls.now, "left_out_by": cls.author}
        days = {"starts_on": days_ago(9), "ends_on": days_ago(-9)}
        digests = {"file_sha256": "0" * 64, "digest": "0" * 64}
        rows: list[tuple[type[Model], dict[str, Any]]] = [
            (models.SavedView, {"is_shared": True}),
            (models.OutgoingMail, {}),
            (models.ResetRequest, {}),
            (models.Invitation, {"role": "Viewer", "expires_at": cls.now + timedelta(days=1)}),
            (models.CalendarAddress, {}),
            (models.ApiRequest, {}),
            (models.ApiToken, {"expires_at": cls.now + timedelta(days=1)}),
            (models.Webhook, {"on_round": True, "seen_event": 0, "seen_day": days_ago(1)}),
            (models.WebhookDelivery, {"event": models.AuditEvent.objects.latest("sequence")}),
            (models.Deputy, {"deputy": cls.decider, **days}),
            (models.NotificationSettings, {}),
            (models.TrackerUses, {"pk": 1}),
            (models.Reminder, {"day": days_ago(1)}),
            (models.Watch, {"recommendation": cls.hidden}),
            (models.ReportingRound, {"key": uuid4()}),
            (models.RoundExtension, {"new_day": cls.now.date() + timedelta(days=9)}),
            (models.RoundReminder, {}),
            (models.SignOff, {"recommendation": cls.published, "signed_by": cls.decider}),
            (models.OpeningBatch, {**digests, **decided, **undone}),
            (models.Redaction, {"by": cls.decider}),
            (models.OpenDataRelease, {"files": {}}),
            (models.OpenDataText, {}),
            (models.WordTemplate, {}),
            (models.StagedImport, {}),
            (models.StagedFigure, {"first_day": days_ago(400), "last_day": days_ago(40)}),
            (models.StagedText, {}),
        ]
        for number, row in enumerate((cls.published, cls.hidden), start=2):
            opened = {"number": number, "implementation_status": "in_progress", **left_out}
            about = {"recommendation": row}
            rows += [
                (models.Comment, about),
                (models.Comment, {"update": row.current_update, **about}),
                (models.Request, {"organisation": cls.body, **about}),
                (models.OpeningRow, {**about, **opened}),
            ]
        for model, values in rows:
            cls.planter.plant(model, **values)
        for draft in models.StatusUpdate.objects.filter(state="draft"):
            word = cls.planter.word("draftentries.content", is_public=False)
            cls.planter.plant(models.DraftEntries, update=draft, content={"date_reason": word})

    @classmethod
    def plant_record(cls) -> None:
        reason = cls.planter.plant(models.AuditText)
        word = cls.planter.word("auditevent.payload", is_public=False)
        told = {"what_happened": [f"{word}{MARKUP}", {"text": reason.digest}]}
        shared = {"payload": json.dumps({"changes": told}), "actor": cls.decider, "reason": reason}
        for sequence, row in enumerate((cls.published, cls.hidden), 1):
            for verb in ("submit", "approve"):
                cls.planter.plant(
                    models.AuditEvent,
                    sequence=sequence * 10 + len(verb),
                    verb=verb,
                    object_type="recommendations.statusupdate",
                    object_id=str(row.current_update_id),
                    recommendation=row,
                    **shared,
                )
        event = cls.planter.plant(models.AuditEvent, sequence=1, **shared)
        cls.planter.plant(models.AuditRow, event=event)
        cls.planter.plant(models.ChainHead, pk=1, last_sequence=50, last_at=cls.now)
