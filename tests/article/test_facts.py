"""What the article says is what is loaded: figures, marks, dates, and where each stands in it."""

import hashlib
import json
from collections import defaultdict
from datetime import date

from django.core import serializers

from recommendations import names
from recommendations.models import (
    Action,
    Area,
    AreaAlias,
    EvidenceLink,
    Recommendation,
    StatusUpdate,
)
from recommendations.names import NAMED_IN
from tests import areas
from tests.article.base import FIXTURES, ArticleTestCase


class AreaTests(ArticleTestCase):
    def test_the_table_is_as_its_generator_writes_it(self):
        rows = json.loads(areas.FILE.read_text())
        again = [{**row, "fields": areas.named(row["fields"])} for row in rows]
        self.assertEqual(areas.written(again), areas.FILE.read_text())

    def test_no_other_name_or_code_leads_to_two_areas_or_says_what_a_name_says(self):
        found = defaultdict(set)
        known = set()
        for area in Area.objects.all():
            known.add(names.key(area.name))
            for column in ("name", *(f"name_{language}" for language in NAMED_IN)):
                found["", names.key(getattr(area, column))].add(area.code)
        for alias in AreaAlias.objects.select_related("area"):
            text = alias.alias if alias.code_list else names.key(alias.alias)
            found[alias.code_list, text].add(alias.area.code)
            self.assertTrue(alias.code_list or text not in known, alias)
        found.pop(("", ""))  # Groups have no names in other languages.
        self.assertEqual({key: codes for key, codes in found.items() if len(codes) > 1}, {})


COMPARED = {
    "10_areas.json": "eb670586e1d687a4",
    "11_area_aliases.json": "6a7150cfb0327112",
    "20_groups_and_organisations.json": "2a77df55a9a19fd7",
    "30_source.json": "fa214030581d2498",
    "40_recommendations.json": "5a3cf61b53a38f79",
    "50_evidence.json": "2569ebe17fea7c8c",
    "60_indicators.json": "ed0526a3bbfc903a",
    "65_public_statistics.json": "71822486502b10d9",
    "70_actions.json": "a691a021916e1de8",
}
"""The beginning of the SHA-256 of each file as somebody last compared it with the article, word by
word and figure by figure; or with the list that it comes from."""


class FileTests(ArticleTestCase):
    def test_the_files_are_those_that_somebody_compared_with_the_article(self):
        found = {
            path.name: hashlib.sha256(path.read_bytes()).hexdigest()[:16]
            for path in FIXTURES.glob("*.json")
        }
        self.assertEqual(found, COMPARED)

    def test_what_is_loaded_is_what_they_say(self):
        for path in FIXTURES.glob("*.json"):
            said = json.loads(path.read_text())
            objects = serializers.deserialize("json", path.read_text())
            for row, read in zip(said, objects, strict=True):
                kept = type(read.object)._default_manager.get(pk=read.object.pk)
                for name in row["fields"]:
                    field = kept._meta.get_field(name)
                    if not field.many_to_many:
                        values = [getattr(each, field.attname) for each in (kept, read.object)]
                        self.assertEqual(values[0], values[1], (path.name, name, row["fields"]))

    def test_nobody_has_acted_on_the_four_and_nothing_of_it_is_a_report(self):
        for one in Recommendation.objects.filter(source__slug="digital-silk-road"):
            days = (one.published_at, one.current_update, one.target_date, one.lead)
            self.assertEqual(days, (None,) * 4)
            due = (date(2024, 3, 5), date(2024, 9, 5))
            self.assertEqual((one.opened_on, one.next_due_on), due)
        self.assertEqual({*Action.objects.values_list("state", flat=True)}, {"not_started"})
        stances = EvidenceLink.objects.values_list("stance", flat=True)
        self.assertEqual({*stances}, {"need", "background"})
        self.assertFalse(StatusUpdate.objects.exists())
