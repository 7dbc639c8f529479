"""What people changed stays as they left it; what nobody touched follows the files."""

import json
from decimal import Decimal
from typing import Any

from recommendations import audit
from recommendations.actions import base, indicators, responses
from recommendations.actions import recommendations as recommendation_actions
from recommendations.actions.evidence import items as evidence_items
from recommendations.actions.imports.spreadsheet import SpreadsheetOptions
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
from tests.edits import edit
from tests.imports.files import csv_bytes, map_for, upload
from tests.imports.run import import_spreadsheet

AREAS, RECOMMENDATIONS = "10_areas.json", "40_recommendations.json"
INDICATORS = "60_indicators.json"


class KeptCase(ArticleTestCase):
    def revise(self, number: int = 1, **values: Any) -> Any:
        return edit(self.one(number), self.manager, **values)

    def take_out(self, row: Any) -> None:
        with audit.entry(by=self.administrator) as entry:
            gone = {"removed_at": entry.at, "removed_by": self.administrator}
            base.change(entry, row, verb="remove", expected_version=None, **gone)

    def link(self, item: str) -> EvidenceLink:
        return EvidenceLink.objects.get(evidence__slug=item)

    def kept(self, loaded: dict[str, Any]) -> set[str]:
        return {line for one in loaded.values() for line in one.kept}


class ActsOfPeopleTests(KeptCase):
    """One thing of each kind was changed by somebody, by whatever door."""

    def setUp(self) -> None:
        self.version = self.revise(title="As the office calls it").version
        self.bring_in("DSR-2", "As their list calls it")
        self.step = Action.objects.get(slug="dsr-2-scope")
        dropped = {"state": "dropped", "dropped_reason": "Elsewhere."}
        by: dict[str, Any] = {"by": self.manager}
        responses.change_action(action=self.step, expected_version=1, values=dropped, **by)
        evidence_items.detach(link=self.link("dsr-e1"), **by)
        again = self.link("dsr-e3")
        evidence_items.detach(link=again, **by)
        words = {"stance": "need", "why": "Our own reason."}
        link_evidence(to=self.one(), evidence=again.evidence, **words, **by)
        evidence_items.check_evidence(evidence=Evidence.objects.get(slug="dsr-e4"), **by)
        self.take_out(Addressee.objects.get(recommendation=self.one(3)))
        self.take_out(AreaAlias.objects.get(alias="Turkey"))
        figure = Observation.objects.get(indicator__code="DSR-DOCS")
        of_figure = {"indicator": figure.indicator, "area": figure.area, "period": figure.period}
        indicators.observe(**of_figure, values={"value": Decimal(151)}, **by)
        target = Target.objects.get()
        values = {"kind": "target", "area": target.area, "period": "2025", "value": Decimal(5000)}
        because = {"replaces": target, "reason": "Counted from 2020."}
        indicators.set_target(indicator=target.indicator, values={**values, **because}, **by)

    def bring_in(self, reference: str, title: str) -> None:
        data = csv_bytes([(reference, title)], ("reference", "title"))
        options = SpreadsheetOptions(map_for(data))
        source = self.one().source
        import_spreadsheet(upload=upload(data), source=source, by=self.manager, options=options)

    KEPT = (
        "recommendation DSR-1: title",
        "recommendation DSR-2: title",
        "addressee DSR-3 area belt-and-road: removed",
        "action dsr-2-scope: state",
        "evidence link dsr-e1 recommendation DSR-1: removed",
        "evidence link dsr-e3 recommendation DSR-1: stance, why",
        "other name or code  Turkey: removed",
        "observation DSR-DOCS all 2019  2: comment, is_lower_bound, source, value",
    )

    def test_they_stay_and_each_load_names_them(self):
        events = AuditEvent.objects.count()
        loaded = self.load()
        self.assertEqual(self.kept(loaded), set(self.KEPT))
        self.assertFalse(any(one.is_written for one in loaded.values()))
        self.assertEqual(AuditEvent.objects.count(), events)
        titles = [self.one(number).title for number in (1, 2)]
        self.assertEqual(titles, ["As the office calls it", "As their list calls it"])
        self.assertFalse(EvidenceLink.objects.live().filter(evidence__slug="dsr-e1").exists())
        self.assertEqual(EvidenceLink.objects.filter(evidence__slug="dsr-e1").count(), 1)
        self.assertEqual(Addressee.objects.filter(recommendation=self.one(3)).count(), 1)
        self.assertFalse(AreaAlias.objects.filter(alias="Turkey", removed_at=None).exists())
        self.assertEqual(Observation.objects.filter(indicator__code="DSR-DOCS").count(), 2)

    def test_their_other_fields_follow_but_for_what_somebody_verified_or_replaced(self):
        loaded = self.load(
            self.differing(
                recommendations={"DSR-1": {"title": "A third title", "rationale": "Better."}},
                actions={"dsr-2-scope": {"title": "Agree on the scope"}},
                evidence={"dsr-e4": {"title": "Says more", "slug": "dsr-e4"}},
                indicators={"2024": {"value": "4000"}},
            )
        )
        verified = "evidence item dsr-e4: title"
        target = "baseline or target DSR-PERS target all 2024: value"
        self.assertEqual(self.kept(loaded), {*self.KEPT, verified, target})
        one = self.one()
        self.assertEqual((one.title, one.rationale), ("As the office calls it", "Better."))
        self.assertEqual((one.version, loaded[RECOMMENDATIONS].updated), (self.version + 1, 1))
        self.step.refresh_from_db()
        self.assertEqual((self.step.title, self.step.state), ("Agree on the scope", "dropped"))
        self.assertNotEqual(Evidence.objects.get(slug="dsr-e4").title, "Says more")
        self.assertEqual(Target.objects.count(), 2)


class KeptTests(KeptCase):
    def test_a_field_changed_and_changed_back_is_theirs(self):
        title = self.one().title
        self.revise(title="For a while")
        self.revise(title=title)
        self.assertEqual(self.kept(self.load()), set())
        folder = self.differing(recommendations={"DSR-1": {"title": "A third title"}})
        self.assertEqual(self.load(folder)[RECOMMENDATIONS].updated, 0)
        self.assertEqual(self.one().title, title)

    def test_public_wording_is_not_amended_without_a_person(self):
        recommendation_actions.publish_recommendation(recommendation=self.one(), by=self.manager)
        said = {"locator": "Elsewhere", "summary": "Shorter.", "interval_months": 3}
        loaded = self.load(self.differing(recommendations={"DSR-1": said}))
        self.assertEqual(self.kept(loaded), {"recommendation DSR-1: locator, summary"})
        self.assertNotEqual(self.one().summary, "Shorter.")
        self.assertEqual(self.one().interval_months, 3)
        self.assertNotEqual(self.one().locator, "Elsewhere")
        self.assertEqual(self.one().next_due_on.month, 6)  # which the interval moves

    def test_a_table_of_before_is_filled_up_around_what_people_wrote(self):
        AreaAlias.objects.all().delete()
        Area.objects.get(code="XKX").delete()
        Area.objects.update(**{f"name_{language}": "" for language in NAMED_IN})
        kenya = Area.objects.get(code="KEN")
        theirs = {"name_fr": "Le Kenya", "iso2": ""}
        with audit.entry(by=self.administrator) as entry:
            base.change(entry, kenya, verb="change", expected_version=1, **theirs)
        events = AuditEvent.objects.count()
        loaded = self.load()
        self.assertEqual(AuditEvent.objects.count(), events + 2)
        self.assertEqual((loaded[AREAS].new, loaded[AREAS].updated), (1, 280))
        self.assertEqual(loaded[AREAS].kept, ("area KEN: iso2, name_fr",))
        self.assertEqual(loaded["11_area_aliases.json"].new, 177)
        kenya.refresh_from_db()
        self.assertEqual((kenya.name_fr, kenya.name_es, kenya.iso2), ("Le Kenya", "Kenia", ""))
        self.assertTrue(audit.verify_chain().is_whole, audit.verify_chain().fault)
        self.assertFalse(any(one.is_written for one in self.load().values()))


class FollowingTests(KeptCase):
    def changed(self) -> Any:
        return self.differing(
            areas={"KEN": {"name": "Kenia", "parent": ["M49-001"]}},
            source={"digital-silk-road": {"author": "L. Yushu"}},
            indicators={
                "2759": {"value": "2760"},
                "2024": {"value": "4000"},
                "delivery": {"why": "Said otherwise."},
            },
        )

    def test_what_nobody_touched_follows_the_files_and_follows_again(self):
        folder = self.changed()
        loaded = self.load(folder)
        self.assertEqual((loaded[AREAS].updated, loaded[INDICATORS].updated), (1, 3))
        kenya, source = Area.objects.get(code="KEN"), Source.objects.get(slug="digital-silk-road")
        event = AuditEvent.objects.filter(object_id=AREAS).latest("sequence")
        parents = [Area.objects.get(name=n).pk for n in ("Eastern Africa", "World")]
        self.assertEqual(changes_in(event, kenya), {"name": ["Kenya", "Kenia"], "parent": parents})
        self.assertEqual(json.loads(event.payload)["changes"]["updated"], [None, 1])
        self.assertEqual((kenya.name, kenya.version, kenya.updated_at), ("Kenia", 2, event.at))
        self.assertEqual((source.author, source.last_number), ("L. Yushu", 4))
        link = Indicator.objects.get(code="DSR-PERS").links.get()
        self.assertEqual(link.why, "Said otherwise.")
        # A figure gets its next revision, a target is replaced with a reason.
        figures = Observation.objects.filter(indicator__code="DSR-PAT-OUT", period="2018-S1")
        values = list(figures.order_by("revision").values_list("revision", "value"))
        self.assertEqual(values, [(1, Decimal(2759)), (2, Decimal(2760))])
        target, first = Target.objects.exclude(replaces=None).get(), Target.objects.earliest("pk")
        self.assertEqual((target.value, target.replaces), (Decimal(4000), first))
        self.assertEqual((first.value, bool(target.reason)), (Decimal(5000), True))
        self.assertTrue(audit.verify_chain().is_whole, audit.verify_chain().fault)
        self.assertFalse(any(one.is_written for one in self.load(folder).values()))
        self.assertEqual(self.load()[AREAS].updated, 1)
        self.assertEqual(Area.objects.get(code="KEN").name, "Kenya")
