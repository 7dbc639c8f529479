"""Areas, their other names and codes, and who belongs to which group and when."""

from collections.abc import Iterable
from datetime import date

from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import translation

from recommendations.models import Addressee, Area, AreaAlias, GroupMembership, Target
from recommendations.queries.areas import areas_in_use
from tests.models.constraints import BEFORE, NOW, TODAY, ConstraintTestCase, Rule


class PlaceTestCase(ConstraintTestCase):
    kenya: Area
    group: Area

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.kenya = cls.make_area("KEN", name="Kenya", kind="country", name_fr="Le Kenya")
        cls.group = cls.make_area("group", name="A group", kind="group")

    def names(self, found: Iterable[Area]) -> list[str]:
        return [area.name for area in found]


class AreaTests(PlaceTestCase):
    def test_codes_have_the_form_of_their_list(self) -> None:
        self.assert_rule(
            Rule(
                "area_codes_have_their_form",
                self.kenya,
                holds=[
                    {"iso2": "KE", "iso3": "KEN", "m49": "404"},
                    {"iso2": "", "iso3": "", "m49": ""},
                    *({missing: ""} for missing in ("iso2", "iso3", "m49")),
                ],
                breaks=[
                    *({"iso2": code} for code in ("K", "ke", "K1", "K ")),
                    *({"iso3": code} for code in ("KE", "ken", "K3N")),
                    *({"m49": code} for code in ("4", "40a", "KEN")),
                ],
                base={"iso2": "KE", "iso3": "KEN", "m49": "404"},
            )
        )
        with self.assertRaisesMessage(ValidationError, "two and three capital letters"):
            Area(code="x", name="X", kind="country", iso2="ke").full_clean()

    def test_a_part_is_a_part_of_something(self) -> None:
        self.assert_rule(
            Rule(
                "area_part_is_of_something",
                self.group,
                holds=[
                    {"kind": "part", "parent": self.kenya},
                    {"kind": "region", "parent": self.kenya},
                    {"kind": "region", "parent": None},
                ],
                breaks=[{"kind": "part", "parent": None}],
                base={"kind": "part", "parent": self.kenya},
            )
        )

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
        chad = self.make_area("TCD", name="Chad", kind="country")

        def in_use() -> list[str]:
            cache.clear()  # what is written past the record is not looked for anew
            found = Area.objects.filter(pk__in=areas_in_use(self.viewer))
            return self.names(found.order_by("name"))

        self.assertEqual(in_use(), ["A group"])
        addressee = Addressee.objects.create(recommendation=self.recommendation, area=chad)
        self.assertEqual(in_use(), ["A group", "Chad"])
        self.write(addressee, {"removed_at": NOW, "removed_by": self.manager})
        self.assertEqual(in_use(), ["A group"])
        indicator = self.make_indicator()
        shared = {"area": chad, "value": "1"}
        Target.objects.create(
            indicator=indicator, kind="target", period="2030", recorded_at=NOW, **shared
        )
        self.assertEqual(in_use(), ["A group", "Chad"])
        indicator.observations.create(
            **{**shared, "area": self.kenya},
            period="2024",
            first_day=BEFORE,
            last_day=TODAY,
            recorded_at=NOW,
        )
        self.assertEqual(in_use(), ["A group", "Chad", "Kenya"])
        togo = self.make_area("TGO", name="Togo", kind="country")
        membership = GroupMembership.objects.create(group=self.group, member=togo)
        self.assertEqual(in_use(), ["A group", "Chad", "Kenya", "Togo"])
        self.write(membership, {"removed_at": NOW, "removed_by": self.manager})
        self.assertEqual(in_use(), ["A group", "Chad", "Kenya"])


class AliasTests(PlaceTestCase):
    def test_one_leads_to_one_area(self) -> None:
        first = AreaAlias.objects.create(area=self.kenya, alias="KY", code_list="owid")
        AreaAlias.objects.create(area=self.group, alias="KY", code_list="iso2")
        again = {"area": self.group, "alias": "KY", "code_list": "owid"}
        with self.assertRaises(IntegrityError) as refusal, transaction.atomic():
            AreaAlias.objects.create(**again)
        said = str(refusal.exception)
        self.assertTrue("area_alias_once" in said or "alias" in said, said)
        self.write(first, {"removed_at": NOW, "removed_by": self.manager})
        second = AreaAlias.objects.create(**again)
        self.assertEqual(AreaAlias.objects.get_by_natural_key("owid", "KY"), second)

    def test_taking_one_out_says_who_and_when(self) -> None:
        self.assert_rule(
            Rule(
                "area_alias_removed_together",
                AreaAlias.objects.create(area=self.kenya, alias="Kenia"),
                holds=[{}, {"removed_at": NOW, "removed_by": self.manager}],
                breaks=[{"removed_at": NOW}, {"removed_by": self.manager}],
            )
        )

    def test_another_name_is_one_readable_line(self) -> None:
        for alias in ("", "a\nb", "a\u202eb", "a" * 201):
            with self.subTest(alias), self.assertRaises(ValidationError):
                AreaAlias(area=self.kenya, alias=alias).full_clean()
        with self.assertRaises(ValidationError):
            AreaAlias(area=self.kenya, alias="a", code_list="else").full_clean()


class MembershipTests(PlaceTestCase):
    def setUp(self) -> None:
        self.row = GroupMembership.objects.create(group=self.group, member=self.kenya)

    def test_the_last_day_is_not_before_the_first(self) -> None:
        self.assert_rule(
            Rule(
                "membership_days_in_order",
                self.row,
                holds=[
                    {},
                    {"valid_from": TODAY},
                    {"valid_to": TODAY},
                    {"valid_from": BEFORE, "valid_to": TODAY},
                    {"valid_from": TODAY, "valid_to": TODAY},
                ],
                breaks=[{"valid_from": TODAY, "valid_to": BEFORE}],
            )
        )

    def test_a_group_is_no_member_of_itself(self) -> None:
        self.assert_rule(
            Rule(
                "membership_is_of_another",
                self.row,
                holds=[{}],
                breaks=[{"member": self.group}],
            )
        )

    def test_taking_one_out_says_who_and_when(self) -> None:
        self.assert_rule(
            Rule(
                "membership_removed_together",
                self.row,
                holds=[{}, {"removed_at": NOW, "removed_by": self.manager}],
                breaks=[{"removed_at": NOW}, {"removed_by": self.manager}],
            )
        )

    def test_an_area_joins_once_on_a_day_and_may_come_back(self) -> None:
        def join(valid_from: date | None) -> GroupMembership:
            return GroupMembership.objects.create(
                group=self.group, member=self.kenya, valid_from=valid_from
            )

        first = join(BEFORE)
        join(TODAY)
        for name, day in (
            ("membership_once", BEFORE),
            ("membership_without_beginning_once", None),
        ):
            with (
                self.subTest(name),
                self.assertRaises(IntegrityError) as refusal,
                transaction.atomic(),
            ):
                join(day)
            said = str(refusal.exception)
            self.assertTrue(name in said or "group_id" in said, said)
        self.write(first, {"removed_at": NOW, "removed_by": self.manager})
        join(BEFORE)

    def test_who_belonged_on_a_day(self) -> None:
        for valid_from, valid_to, day, is_member in (
            (None, None, BEFORE, True),
            (BEFORE, None, BEFORE, True),
            (TODAY, None, BEFORE, False),
            (None, BEFORE, BEFORE, True),
            (None, BEFORE, TODAY, False),
            (BEFORE, TODAY, date(2024, 5, 15), True),
        ):
            with self.subTest(valid_from=valid_from, valid_to=valid_to, day=day):
                self.write(self.row, {"valid_from": valid_from, "valid_to": valid_to})
                found = self.names(Area.objects.members_of(self.group, day))
                self.assertEqual(found, ["Kenya"] if is_member else [])
        self.write(self.row, {"removed_at": NOW, "removed_by": self.manager})
        self.assertEqual(self.names(Area.objects.members_of(self.group, TODAY)), [])

    def test_two_spells_of_one_member_count_once(self) -> None:
        GroupMembership.objects.create(group=self.group, member=self.kenya, valid_from=BEFORE)
        self.assertEqual(self.names(Area.objects.members_of(self.group, TODAY)), ["Kenya"])

    def test_only_a_group_has_members(self) -> None:
        with self.assertRaisesMessage(ValidationError, "Only a group of countries has members."):
            GroupMembership(group=self.kenya, member=self.group).full_clean()
        with self.assertRaises(ValidationError):
            GroupMembership(member=self.group).full_clean()

    def test_natural_keys_lead_there_and_back(self) -> None:
        dated = GroupMembership.objects.create(
            group=self.group, member=self.kenya, valid_from=BEFORE
        )
        for row in (self.row, dated):
            found = GroupMembership.objects.get_by_natural_key(*row.natural_key())
            self.assertEqual(found, row)
        self.assertEqual(str(dated), "Kenya – A group")
