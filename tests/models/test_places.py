"""Areas and who belongs to which group and when; what forms are told of broken rules, in words."""

from typing import Any

from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import translation

from recommendations.models import (
    Addressee,
    Area,
    AreaAlias,
    GroupMembership,
    Indicator,
    Organisation,
    Source,
    Target,
)
from recommendations.queries.areas import areas_in_use
from tests.base import TrackerTestCase
from tests.models.constraints import BEFORE, NOW, TODAY


class PlaceTestCase(TrackerTestCase):
    kenya: Area
    group: Area

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.kenya = cls.make_area("KEN", name="Kenya", kind="country", name_fr="Le Kenya")
        cls.group = cls.make_area("group", name="A group", kind="group")

    def remove(self, row: models.Model) -> None:
        rows = type(row)._base_manager.filter(pk=row.pk)
        rows.update(removed_at=NOW, removed_by=self.manager)


class AreaTests(PlaceTestCase):
    def test_a_name_is_in_the_language_of_the_reader_else_in_english(self) -> None:
        for language, kenya, group in (
            ("en", "Kenya", "A group"),
            ("fr", "Le Kenya", "A group"),
            ("fr-ca", "Le Kenya", "A group"),
            ("ru", "Kenya", "A group"),
            ("de", "Kenya", "A group"),
        ):
            with self.subTest(language), translation.override(language):
                self.assertEqual(self.kenya.local_name, kenya)
                shown = Area.objects.localised().order_by("-shown_name")
                with self.assertNumQueries(1):
                    self.assertEqual([area.shown_name for area in shown], [kenya, group])
        with translation.override(None):
            self.assertEqual(self.kenya.local_name, "Kenya")

    def test_those_in_use_are_those_that_something_is_about(self) -> None:
        chad, togo = (self.make_area(name, name=name, kind="country") for name in ("Chad", "Togo"))
        value: dict[str, Any] = {"value": "1", "recorded_at": NOW}
        indicator = self.make_indicator()

        def address() -> models.Model:
            return Addressee.objects.create(recommendation=self.recommendation, area=chad)

        def aim() -> None:
            about = {"indicator": indicator, "area": chad}
            Target.objects.create(kind="target", period="2030", **about, **value)

        def observe() -> None:
            days = {"period": "2024", "first_day": BEFORE, "last_day": TODAY}
            indicator.observations.create(area=self.kenya, **days, **value)

        def join() -> models.Model:
            return GroupMembership.objects.create(group=self.group, member=togo)

        used = {"A group"}
        for act, name, can_go in (
            (address, "Chad", True),
            (aim, "Chad", False),
            (observe, "Kenya", False),
            (join, "Togo", True),
        ):
            with self.subTest(act.__name__):
                self.assertEqual(self.in_use(), used)
                row = act()
                self.assertEqual(self.in_use(), used | {name})
                if can_go and row is not None:
                    self.remove(row)
                else:
                    used |= {name}
        self.assertEqual(self.in_use(), used)

    def in_use(self) -> set[str]:
        cache.clear()  # What is written past the record is not looked for anew.
        found = Area.objects.filter(pk__in=areas_in_use(self.viewer))
        return {area.name for area in found}


class ValidationTests(PlaceTestCase):
    """The same rules where a form asks: a sentence instead of an error of the database."""

    def test_the_broken_rule_is_told_in_words(self) -> None:
        titled = {"slug": "x", "title": "X", "short_title": "X", "reference_prefix": "X"}
        about = {"indicator": self.make_indicator(), "area": self.kenya}
        told = {"title": "X", "definition": "X", "unit": "X", "measure": "1"}
        other = {"area": self.kenya, "alias": "a"}
        for row, words in (
            (
                Organisation(slug="x", name="X", valid_from=TODAY, valid_to=BEFORE),
                "must not be after",
            ),
            (
                Source(**titled, published_on=TODAY),
                "Enter the date and its precision, or neither.",
            ),
            (Addressee(recommendation=self.recommendation), "not both"),
            (
                Target(**about, kind="target", period="2030"),
                "Enter a value or describe the value in words.",
            ),
            (
                Indicator(code="a b", direction="increase", **told),
                "letters, digits, points and dashes",
            ),
            (
                Area(code="x", name="X", kind="country", iso2="ke"),
                "two and three capital letters",
            ),
            (
                GroupMembership(group=self.kenya, member=self.group),
                "Only a group of countries has members.",
            ),
            (GroupMembership(member=self.group), "group"),
            *(
                (AreaAlias(**other | {"alias": alias}), "alias")
                for alias in ("", "a\nb", "a\u202eb", "a" * 201)
            ),
            (AreaAlias(**other, code_list="else"), "code_list"),
        ):
            with self.subTest(words), self.assertRaises(ValidationError) as refusal:
                row.full_clean()
            self.assertIn(words, str(refusal.exception))
