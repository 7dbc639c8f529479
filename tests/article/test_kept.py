"""What people changed stays as they left it; what nobody touched follows the files."""

import json
from decimal import Decimal

from recommendations import audit
from recommendations.actions import base, indicators, responses
from recommendations.actions import recommendations as recommendation_actions
from recommendations.actions.evidence import items as evidence_items
from recommendations.actions.imports.spreadsheet import SpreadsheetOptions, import_spreadsheet
from recommendations.models import (
    Action,
    Addressee,
    Area,
    AreaAlias,
    AuditEvent,
    Evidence,
    EvidenceLink,
    Indicator,
    Observation,
    Source,
    Target,
)
from recommendations.names import NAMED_IN
from tests.article.base import ArticleTestCase
from tests.audit.rows import changes_in
from tests.base import link_evidence
from tests.imports.files import csv_bytes, map_for, upload

RECOMMENDATIONS = "40_recommendations.json"
INDICATORS = "60_indicators.json"


class KeptTests(ArticleTestCase):
    def revise(self, **values):
        return recommendation_actions.revise_recommendation(
            recommendation=self.one(),
            by=self.manager,
            expected_version=self.one().version,
            values=values,
        )

    def test_a_field_that_somebody_changed(self):
        self.revise(title="As the office calls it")
        loaded = self.load()[RECOMMENDATIONS]
        self.assertEqual(self.one().title, "As the office calls it")
        self.assertEqual(loaded.kept, ("recommendation DSR-1: title",))
        self.assertFalse(loaded.is_written)

    def test_a_field_that_somebody_changed_by_an_import(self):
        data = csv_bytes([("DSR-1", "As their list calls it")], ("reference", "title"))
        import_spreadsheet(
            upload=upload(data),
            source=self.one().source,
            by=self.manager,
            options=SpreadsheetOptions(map_for(data)),
        )
        loaded = self.load()[RECOMMENDATIONS]
        self.assertEqual(self.one().title, "As their list calls it")
        self.assertEqual(loaded.kept, ("recommendation DSR-1: title",))

    def test_the_other_fields_of_the_same_thing_still_follow(self):
        version = self.revise(title="As the office calls it").version
        folder = self.rewritten(
            RECOMMENDATIONS, "DSR-1", title="A third title", rationale="A better reason."
        )
        loaded = self.load(folder)[RECOMMENDATIONS]
        one = self.one()
        self.assertEqual((one.title, one.rationale), ("As the office calls it", "A better reason."))
        self.assertEqual(one.version, version + 1)
        self.assertEqual((loaded.updated, len(loaded.kept)), (1, 1))

    def test_a_step_that_somebody_took_on(self):
        action = Action.objects.get(slug="dsr-2-scope")
        responses.change_action(
            action=action,
            by=self.manager,
            expected_version=1,
            values={"state": "dropped", "dropped_reason": "Elsewhere."},
        )
        folder = self.rewritten("70_actions.json", "dsr-2-scope", title="Agree on the scope")
        loaded = self.load(folder)["70_actions.json"]
        self.assertEqual(loaded.kept, ("action dsr-2-scope: state",))
        action.refresh_from_db()
        self.assertEqual((action.title, action.state), ("Agree on the scope", "dropped"))

    def test_a_field_changed_and_changed_back_is_theirs(self):
        title = self.one().title
        self.revise(title="For a while")
        self.revise(title=title)
        self.assertEqual(self.load()[RECOMMENDATIONS].kept, ())
        folder = self.rewritten(RECOMMENDATIONS, "DSR-1", title="A third title")
        self.assertEqual(self.load(folder)[RECOMMENDATIONS].updated, 0)
        self.assertEqual(self.one().title, title)

    def test_an_interval_that_follows_moves_the_day_it_is_due(self):
        self.load(self.rewritten(RECOMMENDATIONS, "DSR-1", interval_months=3))
        self.assertEqual(self.one().next_due_on.month, 6)

    def test_public_wording_is_not_amended_without_a_person(self):
        recommendation_actions.publish_recommendation(recommendation=self.one(), by=self.manager)
        folder = self.rewritten(RECOMMENDATIONS, "DSR-1", locator="Elsewhere", summary="Shorter.")
        loaded = self.load(folder)[RECOMMENDATIONS]
        self.assertEqual(loaded.kept, ("recommendation DSR-1: locator",))
        self.assertEqual(self.one().summary, "Shorter.")
        self.assertNotEqual(self.one().locator, "Elsewhere")

    def test_what_was_verified_of_an_item_of_evidence(self):
        item = Evidence.objects.get(slug="dsr-e1")
        evidence_items.check_evidence(evidence=item, by=self.manager)
        folder = self.rewritten("50_evidence.json", "dsr-e1", title="Says more", slug="dsr-e1")
        self.assertEqual(
            self.load(folder)["50_evidence.json"].kept, ("evidence item dsr-e1: title",)
        )
        item.refresh_from_db()
        self.assertNotEqual(item.title, "Says more")

    def test_a_link_that_was_taken_out(self):
        link = EvidenceLink.objects.get(evidence__slug="dsr-e1")
        evidence_items.detach(link=link, by=self.manager)
        loaded = self.load()["50_evidence.json"]
        self.assertFalse(EvidenceLink.objects.live().filter(evidence__slug="dsr-e1").exists())
        self.assertEqual(EvidenceLink.objects.filter(evidence__slug="dsr-e1").count(), 1)
        self.assertEqual(loaded.kept, ("evidence link dsr-e1 recommendation DSR-1: removed",))

    def test_an_addressee_that_was_taken_out(self):
        addressee = Addressee.objects.get(recommendation=self.one())
        with audit.entry(by=self.manager) as entry:
            base.change(
                entry,
                addressee,
                verb="remove",
                expected_version=None,
                removed_at=entry.at,
                removed_by=self.manager,
            )
        self.assertEqual(len(self.load()[RECOMMENDATIONS].kept), 1)
        self.assertEqual(Addressee.objects.filter(recommendation=self.one()).count(), 1)

    def test_a_link_taken_out_and_put_in_again_with_other_words(self):
        link = EvidenceLink.objects.get(evidence__slug="dsr-e1")
        evidence_items.detach(link=link, by=self.manager)
        link_evidence(
            to=self.one(),
            by=self.manager,
            evidence=link.evidence,
            stance="need",
            why="Our own reason.",
        )
        loaded = self.load()["50_evidence.json"]
        self.assertEqual(loaded.kept, ("evidence link dsr-e1 recommendation DSR-1: stance, why",))

    def test_a_revised_figure(self):
        observation = Observation.objects.get(indicator__code="DSR-DOCS")
        indicators.observe(
            indicator=observation.indicator,
            area=observation.area,
            period="2019",
            by=self.manager,
            values={"value": Decimal(151)},
        )
        loaded = self.load()[INDICATORS]
        self.assertEqual(len(loaded.kept), 1)
        self.assertEqual(Observation.objects.filter(indicator__code="DSR-DOCS").count(), 2)

    def test_a_replaced_target(self):
        target = Target.objects.get()
        indicators.set_target(
            indicator=target.indicator,
            by=self.manager,
            values={
                "kind": "target",
                "area": target.area,
                "period": "2025",
                "value": Decimal(5000),
                "replaces": target,
                "reason": "Counted from 2020.",
            },
        )
        self.assertEqual(self.load()[INDICATORS].kept, ())
        folder = self.rewritten(INDICATORS, "2024", value="4000")
        self.assertEqual(len(self.load(folder)[INDICATORS].kept), 1)
        self.assertEqual(Target.objects.count(), 2)

    def test_an_area_that_was_there_before(self):
        with audit.entry(by=self.administrator) as entry:
            base.create(entry, Area(code="extra", kind="group", name="Theirs"))
        new = {
            "model": "recommendations.area",
            "fields": {"code": "extra", "kind": "region", "name": "Ours"},
        }
        loaded = self.load(self.altered("10_areas.json", lambda rows: rows.append(new)))
        self.assertEqual(loaded["10_areas.json"].kept, ("area extra: kind, name",))

    def test_another_name_that_was_taken_out(self):
        turkey = AreaAlias.objects.get(alias="Turkey")
        with audit.entry(by=self.administrator) as entry:
            base.change(
                entry,
                turkey,
                verb="remove",
                expected_version=None,
                removed_at=entry.at,
                removed_by=self.administrator,
            )
        loaded = self.load()["11_area_aliases.json"]
        self.assertEqual(len(loaded.kept), 1)
        self.assertIn("removed", loaded.kept[0])
        self.assertFalse(AreaAlias.objects.filter(alias="Turkey", removed_at=None).exists())

    def test_a_table_of_before_is_filled_up_around_what_people_wrote(self):
        AreaAlias.objects.all().delete()
        Area.objects.get(code="XKX").delete()
        Area.objects.update(**{f"name_{language}": "" for language in NAMED_IN})
        kenya = Area.objects.get(code="KEN")
        with audit.entry(by=self.administrator) as entry:
            base.change(
                entry, kenya, verb="change", expected_version=1, name_fr="Le Kenya", iso2=""
            )
        events = AuditEvent.objects.count()
        loaded = self.load()
        self.assertEqual(AuditEvent.objects.count(), events + 2)
        self.assertEqual((loaded["10_areas.json"].new, loaded["10_areas.json"].updated), (1, 280))
        self.assertEqual(loaded["10_areas.json"].kept, ("area KEN: iso2, name_fr",))
        self.assertEqual(loaded["11_area_aliases.json"].new, 150)
        kenya.refresh_from_db()
        self.assertEqual((kenya.name_fr, kenya.name_es, kenya.iso2), ("Le Kenya", "Kenia", ""))
        self.assertTrue(audit.verify_chain().is_whole, audit.verify_chain().fault)
        self.assertFalse(any(one.is_written for one in self.load().values()))


class FollowingTests(ArticleTestCase):
    def test_an_untouched_field_follows_and_the_event_says_what_stood_there(self):
        folder = self.rewritten("10_areas.json", "KEN", name="Kenia")
        kenya = Area.objects.get(code="KEN")
        self.load(folder)
        event = AuditEvent.objects.latest("sequence")
        changes = json.loads(event.payload)["changes"]
        self.assertEqual(changes_in(event, kenya), {"name": ["Kenya", "Kenia"]})
        self.assertEqual(changes["updated"], [None, 1])
        kenya.refresh_from_db()
        self.assertEqual((kenya.name, kenya.version, kenya.updated_at), ("Kenia", 2, event.at))
        self.assertTrue(audit.verify_chain().is_whole, audit.verify_chain().fault)
        self.assertEqual(self.load(folder)["10_areas.json"].unchanged, 281)

    def test_what_follows_once_follows_again(self):
        self.load(self.rewritten("10_areas.json", "KEN", name="Kenia"))
        self.assertEqual(self.load()["10_areas.json"].updated, 1)
        self.assertEqual(Area.objects.get(code="KEN").name, "Kenya")

    def test_a_foreign_key_follows(self):
        world = Area.objects.get(code="M49-001")
        self.load(self.rewritten("10_areas.json", "KEN", parent=["M49-001"]))
        self.assertEqual(Area.objects.get(code="KEN").parent, world)

    def test_a_link_follows_though_it_has_no_version(self):
        folder = self.altered(
            INDICATORS, lambda rows: rows[7]["fields"].update(why="Said otherwise.")
        )
        self.load(folder)
        link = Indicator.objects.get(code="DSR-PERS").links.get()
        self.assertEqual(link.why, "Said otherwise.")

    def test_a_figure_gets_its_next_revision(self):
        folder = self.rewritten(INDICATORS, "2759", value="2760")
        self.assertEqual(self.load(folder)[INDICATORS].updated, 1)
        revisions = Observation.objects.filter(indicator__code="DSR-PAT-OUT", period="2018-S1")
        self.assertEqual(
            list(revisions.order_by("revision").values_list("revision", "value")),
            [(1, Decimal(2759)), (2, Decimal(2760))],
        )
        self.assertFalse(self.load(folder)[INDICATORS].is_written)

    def test_a_target_is_replaced_with_a_reason(self):
        folder = self.rewritten(INDICATORS, "2024", value="4000")
        self.load(folder)
        target = Target.objects.get(replaces__isnull=False)
        first = Target.objects.get(replaces__isnull=True)
        self.assertEqual((target.value, target.replaces), (Decimal(4000), first))
        self.assertEqual(first.value, Decimal(5000))
        self.assertTrue(target.reason)
        self.assertFalse(self.load(folder)[INDICATORS].is_written)

    def test_a_source_keeps_its_counter(self):
        self.load(self.rewritten("30_source.json", "digital-silk-road", author="L. Yushu"))
        source = Source.objects.get(slug="digital-silk-road")
        self.assertEqual((source.author, source.last_number), ("L. Yushu", 4))
