"""``load_article``: one event a file, nothing twice, refused whole or not at all; natural keys."""

import hashlib
import io
import json
from typing import Any
from unittest.mock import patch

from django.apps import apps
from django.core.management import CommandError, call_command

from recommendations import audit
from recommendations.actions import fixtures
from recommendations.choices import Movement
from recommendations.models import (
    Action,
    Addressee,
    Area,
    AreaAlias,
    AuditEvent,
    Evidence,
    EvidenceLink,
    GroupMembership,
    Indicator,
    IndicatorLink,
    Observation,
    Organisation,
    Recommendation,
    Source,
    StatusUpdate,
    Target,
)
from tests.article.base import FIXTURES, LOADED_AT, ArticleTestCase
from tests.base import link_evidence
from tests.edits import edit, observe


def everything() -> dict[str, list]:
    """All rows of the app, column by column."""
    return {
        model._meta.label: list(model._default_manager.order_by("pk").values())
        for model in apps.get_app_config("recommendations").get_models()
    }


class LoadTests(ArticleTestCase):
    def test_one_event_for_each_file_with_its_digest_and_counts(self):
        events = AuditEvent.objects.filter(object_type="file").order_by("sequence")
        self.assertEqual(
            [event.object_id for event in events], sorted(p.name for p in FIXTURES.glob("*.json"))
        )
        for event, loaded in zip(events, self.loaded, strict=True):
            rows = (FIXTURES / event.object_id).read_bytes()
            self.assertEqual((event.verb, event.actor), ("load", None))
            told = {name: value for name, (_old, value) in self.changes_of(event).items()}
            counts = {"new": len(json.loads(rows)), "updated": 0, "unchanged": 0, "kept": 0}
            digest = hashlib.sha256(rows).hexdigest()
            rest = {"rows": event.rows.count(), "rows_sha256": told["rows_sha256"]}
            self.assertEqual(told, {"sha256": digest, **counts, **rest})
            self.assertTrue(loaded.is_written)
        self.assertEqual((events[0].at, self.one().opened_on), (LOADED_AT, LOADED_AT.date()))
        labels = {"recommendations.area", "recommendations.evidence", "recommendations.source"}
        self.assertFalse(AuditEvent.objects.filter(object_type__in=labels).exists())
        self.assertTrue(audit.verify_chain().is_whole, audit.verify_chain().fault)

    def changes_of(self, event: AuditEvent) -> dict[str, Any]:
        changes: dict[str, Any] = json.loads(event.payload)["changes"]
        return changes

    def test_a_second_run_writes_nothing(self):
        before = everything()
        loaded = self.load()
        self.assertEqual(everything(), before)
        self.assertFalse(any(one.is_written or one.kept for one in loaded.values()))
        self.assertEqual(sum(one.unchanged for one in loaded.values()), 564)

    def test_a_changed_kind_of_an_area_moves_every_indicator_with_figures_of_it(self):
        indicator = self.make_indicator("OTHER", direction="decrease")
        for code, period, value in (
            ("all", "2019", 10),
            ("all", "2020", 11),
            ("M49-002", "2020", 4),
        ):
            observe(indicator, Area.objects.get(code=code), period, value, self.manager)
        indicator.refresh_from_db()
        self.assertEqual(indicator.movement, Movement.AGAINST)
        self.load(self.differing(areas={"all": {"kind": "group"}}))
        indicator.refresh_from_db()
        self.assertEqual(indicator.movement, Movement.NOT_KNOWN)

    def test_what_cannot_be_loaded_is_refused_whole(self):
        bad = {"model": "recommendations.organisation", "fields": {"slug": "x", "name": "a\u202eb"}}

        def half_way(rows: list[dict[str, Any]]) -> None:
            rows[0]["fields"].update(notes="Changed.")
            rows.append({"model": "recommendations.nothing", "fields": {}})

        file = "groups_and_organisations"
        before = everything()
        for folder, *parts in (
            (
                self.altered(**{file: lambda rows: rows.insert(0, bad)}),
                *(f"20_{file}.json, object 1", "U+202E"),
            ),
            (
                self.differing(areas={"KEN": {"parent": ["M49-999"]}}),
                *("10_areas.json", "recommendations.area"),
            ),
            (self.altered(**{file: half_way}), "recommendations.nothing"),
            (FIXTURES / "none", "no fixtures"),
        ):
            with self.subTest(parts), self.assertRaises(fixtures.LoadRefused) as caught:
                self.load(folder)
            self.assertEqual([part for part in parts if part not in str(caught.exception)], [])
            self.assertEqual(everything(), before)
        # A short name that is taken by something else.
        Area.objects.filter(code="KEN").update(code="kenya")
        with self.assertRaisesMessage(fixtures.LoadRefused, "10_areas.json"):
            self.load()


class CommandTests(ArticleTestCase):
    def say(self) -> str:
        said = io.StringIO()
        call_command("load_article", stdout=said, no_color=True)
        return said.getvalue()

    def test_it_says_what_it_did_and_what_it_keeps(self):
        said = self.say()
        self.assertIn("10_areas.json: 0 new, 0 updated, 281 unchanged", said)
        self.assertIn("Nothing to do", said)
        edit(self.one(), self.manager, title="Ours")
        self.assertIn("kept: recommendation DSR-1: title", self.say())

    def test_a_refusal_is_an_error(self):
        refusal = fixtures.LoadRefused("file, object 3: no")
        with (
            patch.object(fixtures, "load", side_effect=refusal),
            self.assertRaisesMessage(CommandError, "file, object 3: no"),
        ):
            call_command("load_article")


MODELS: tuple[Any, ...] = (
    *(Action, Addressee, Area, AreaAlias, Evidence, EvidenceLink, GroupMembership, Indicator),
    *(IndicatorLink, Observation, Organisation, Recommendation, Source, StatusUpdate, Target),
)
NOT_THERE: dict[Any, tuple[Any, ...]] = {
    Action: ("none",),
    Addressee: ("DSR-1", "area", "none"),
    AreaAlias: ("", "none"),
    GroupMembership: ("belt-and-road", "KEN", None),
    EvidenceLink: ("none", "recommendation", "DSR-1"),
    IndicatorLink: ("DSR-1", "none"),
    Observation: ("DSR-DOCS", "all", "2018", "", 1),
    Target: ("DSR-DOCS", "target", "all", "2018"),
}


class NaturalKeyTests(ArticleTestCase):
    """Every row that fixtures hold, or point at, is found again by its natural key."""

    def test_there_and_back(self):
        for model, key in NOT_THERE.items():
            with self.assertRaises(model.DoesNotExist):
                model.objects.get_by_natural_key(*key)
        update = self.make_submitted(self.recommendation)
        paper = self.make_evidence()
        link_evidence(to=update, by=self.staff, stance="supports", evidence=paper)
        EvidenceLink.objects.create(
            evidence=paper,
            observation=Observation.objects.first(),
            stance="supports",
            added_at=update.created_at,
        )
        Addressee.objects.create(recommendation=self.recommendation, organisation=self.agency)
        GroupMembership.objects.create(
            group=Area.objects.get(code="belt-and-road"), member=Area.objects.get(code="KEN")
        )
        for model in MODELS:
            self.assertTrue(model.objects.exists())
            for thing in model.objects.all():
                found = model.objects.get_by_natural_key(*thing.natural_key())
                self.assertEqual(found, thing)
