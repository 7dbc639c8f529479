"""Every row that fixtures hold, or point at, is found again by its natural key."""

from typing import Any

from recommendations.actions import indicators
from recommendations.actions.evidence import items as evidence_items
from recommendations.models import (
    Action,
    Addressee,
    Area,
    AreaAlias,
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
from tests.article.base import ArticleTestCase
from tests.base import link_evidence

MODELS: tuple[Any, ...] = (
    Action,
    Addressee,
    Area,
    AreaAlias,
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


class NaturalKeyTests(ArticleTestCase):
    def test_there_and_back(self):
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

    def test_what_is_not_there(self):
        keys: dict[Any, tuple[Any, ...]] = {
            Action: ("none",),
            Addressee: ("DSR-1", "area", "none"),
            AreaAlias: ("", "none"),
            GroupMembership: ("belt-and-road", "KEN", None),
            EvidenceLink: ("none", "recommendation", "DSR-1"),
            IndicatorLink: ("DSR-1", "none"),
            Observation: ("DSR-DOCS", "all", "2018", "", 1),
            Target: ("DSR-DOCS", "target", "all", "2018"),
        }
        for model, key in keys.items():
            with self.assertRaises(model.DoesNotExist):
                model.objects.get_by_natural_key(*key)

    def test_of_a_link_taken_out_and_put_in_again_it_is_the_live_one(self):
        first = EvidenceLink.objects.get(evidence__slug="dsr-e1")
        key = first.natural_key()
        evidence_items.detach(link=first, by=self.manager)
        self.assertEqual(EvidenceLink.objects.get_by_natural_key(*key), first)
        second = link_evidence(
            to=self.one(), by=self.manager, evidence=first.evidence, stance="need"
        )
        self.assertEqual(EvidenceLink.objects.get_by_natural_key(*key), second)

    def test_of_targets_that_replace_each_other_it_is_the_last(self):
        first = Target.objects.get()
        second = indicators.set_target(
            indicator=first.indicator,
            by=self.manager,
            values={
                "kind": first.kind,
                "area": first.area,
                "period": first.period,
                "value": 4000,
                "replaces": first,
                "reason": "Recounted.",
            },
        )
        self.assertEqual(Target.objects.get_by_natural_key(*first.natural_key()), second)
