"""``load_article``: one event a file, nothing twice, refused whole or not at all."""

import hashlib
import io
import json
from pathlib import Path
from unittest.mock import patch

from django.apps import apps
from django.core.management import CommandError, call_command

from recommendations import audit
from recommendations.actions import article, indicators
from recommendations.actions import recommendations as recommendation_actions
from recommendations.choices import Movement
from recommendations.models import Area, AreaAlias, AuditEvent, Organisation, Source
from tests.article.base import FIXTURES, LOADED_AT, ArticleTestCase


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
            told = json.loads(event.payload)["changes"]
            self.assertEqual(
                told,
                {
                    "sha256": [None, hashlib.sha256(rows).hexdigest()],
                    "new": [None, len(json.loads(rows))],
                    "updated": [None, 0],
                    "unchanged": [None, 0],
                    "kept": [None, 0],
                    "rows": [None, event.rows.count()],
                    "rows_sha256": told["rows_sha256"],
                },
            )
            self.assertTrue(loaded.is_written)

    def test_loading_leaves_no_event_of_the_objects_themselves(self):
        labels = {"recommendations.area", "recommendations.evidence", "recommendations.source"}
        self.assertFalse(AuditEvent.objects.filter(object_type__in=labels).exists())

    def test_a_second_run_writes_nothing(self):
        before = everything()
        loaded = self.load()
        self.assertEqual(everything(), before)
        self.assertFalse(any(one.is_written or one.kept for one in loaded.values()))
        self.assertEqual(sum(one.unchanged for one in loaded.values()), 532)

    def test_the_record_is_whole(self):
        self.assertTrue(audit.verify_chain().is_whole, audit.verify_chain().fault)

    def test_a_time_in_the_past_is_the_day_of_opening(self):
        event = AuditEvent.objects.filter(object_type="file").earliest("sequence")
        self.assertEqual(event.at, LOADED_AT)
        self.assertEqual(self.one().opened_on, LOADED_AT.date())

    def test_the_counter_goes_on_behind_the_four(self):
        source = Source.objects.get(slug="digital-silk-road")
        self.assertEqual(source.last_number, 4)
        fifth = self.make_recommendation(source=source)
        self.assertEqual(fifth.reference, "DSR-5")
        self.load()
        source.refresh_from_db()
        self.assertEqual(source.last_number, 5)

    def test_a_number_is_not_given_again_after_archiving(self):
        recommendation_actions.archive(
            recommendation=self.one(4), by=self.manager, reason="duplicate"
        )
        self.load()
        self.assertIsNotNone(self.one(4).archived_at)
        source = Source.objects.get(slug="digital-silk-road")
        self.assertEqual(self.make_recommendation(source=source).reference, "DSR-5")

    def test_a_changed_kind_of_an_area_moves_every_indicator_with_figures_of_it(self):
        indicator = self.make_indicator("OTHER", direction="decrease")
        for code, period, value in (
            ("all", "2019", 10),
            ("all", "2020", 11),
            ("M49-002", "2020", 4),
        ):
            indicators.observe(
                indicator=indicator,
                area=Area.objects.get(code=code),
                period=period,
                by=self.manager,
                values={"value": value},
            )
        indicator.refresh_from_db()
        self.assertEqual(indicator.movement, Movement.AGAINST)
        self.load(self.rewritten("10_areas.json", "all", kind="group"))
        indicator.refresh_from_db()
        self.assertEqual(indicator.movement, Movement.NOT_KNOWN)


class RefusalTests(ArticleTestCase):
    def assert_refused(self, folder: Path, *parts: str) -> None:
        before = everything()
        with self.assertRaises(article.LoadRefused) as caught:
            self.load(folder)
        for part in parts:
            self.assertIn(part, str(caught.exception))
        self.assertEqual(everything(), before)

    def test_a_value_that_no_form_would_take(self):
        new = {"model": "recommendations.organisation", "fields": {"slug": "x", "name": "a\u202eb"}}
        folder = self.altered("20_groups_and_organisations.json", lambda rows: rows.insert(0, new))
        self.assert_refused(folder, "20_groups_and_organisations.json, object 1", "U+202E")

    def test_a_reference_to_nothing(self):
        folder = self.rewritten("10_areas.json", "KEN", parent=["M49-999"])
        self.assert_refused(folder, "10_areas.json", "recommendations.area")

    def test_a_file_is_loaded_whole_or_not_at_all(self):
        def change(rows):
            rows[0]["fields"]["notes"] = "Changed."
            rows.append({"model": "recommendations.nothing", "fields": {}})

        folder = self.altered("20_groups_and_organisations.json", change)
        self.assert_refused(folder, "recommendations.nothing")

    def test_a_short_name_that_is_taken_by_something_else(self):
        Organisation.objects.filter(slug="huawei").update(slug="another")
        Area.objects.filter(code="KEN").update(code="kenya")
        self.assert_refused(FIXTURES, "10_areas.json")

    def test_a_folder_without_fixtures(self):
        self.assert_refused(FIXTURES / "none", "no fixtures")


class CommandTests(ArticleTestCase):
    def test_says_what_it_did(self):
        said = io.StringIO()
        call_command("load_article", stdout=said, no_color=True)
        self.assertIn("10_areas.json: 0 new, 0 updated, 281 unchanged", said.getvalue())
        self.assertIn("Nothing to do", said.getvalue())

    def test_one_run_is_one_act(self):
        AreaAlias.objects.all().delete()
        Area.objects.filter(code="KEN").update(name_fr="")
        last = AuditEvent.objects.latest("sequence").sequence
        call_command("load_article", stdout=io.StringIO())
        events = AuditEvent.objects.filter(sequence__gt=last)
        self.assertEqual(events.count(), 2)
        self.assertEqual(len({event.request_id for event in events} - {""}), 1)

    def test_names_what_it_keeps(self):
        recommendation_actions.revise_recommendation(
            recommendation=self.one(),
            by=self.manager,
            expected_version=self.one().version,
            values={"title": "Ours"},
        )
        said = io.StringIO()
        call_command("load_article", stdout=said, no_color=True)
        self.assertIn("kept: recommendation DSR-1: title", said.getvalue())

    def test_a_refusal_is_an_error(self):
        with (
            patch.object(article, "load", side_effect=article.LoadRefused("file, object 3: no")),
            self.assertRaisesMessage(CommandError, "file, object 3: no"),
        ):
            call_command("load_article")
