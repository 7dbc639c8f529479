"""What migrating puts into an empty database: the areas of the world, once and on record."""

from typing import Any

from django.conf import settings
from django.test import TestCase

from recommendations import audit
from recommendations.actions import areas, fixtures
from recommendations.actions.base import ActionRefused, change
from recommendations.actions.oversight import verification
from recommendations.actions.oversight.backups import refuse_filled_database
from recommendations.apps import prepare_database
from recommendations.models import Area, AreaAlias, AuditEvent, AuditRow, Source
from tests.base import TrackerTestCase


class MigratedTests(TestCase):
    def migrate(self) -> None:
        prepare_database(using="default")

    def test_the_areas_of_the_world_are_there_with_an_event_for_each_file(self) -> None:
        self.migrate()
        self.assertEqual(Area.objects.get(code="KEN").name_fr, "Kenya")
        self.assertEqual(
            list(AuditEvent.objects.order_by("pk").values_list("verb", "actor", "object_id")),
            [("load", None, name) for name in fixtures.FILES],
        )
        self.assertEqual(AuditRow.objects.count(), Area.objects.count() + AreaAlias.objects.count())
        self.assertTrue(verification.verify().is_whole)

    def test_the_article_finds_them_there(self) -> None:
        self.migrate()
        loaded = fixtures.load(folder=settings.BASE_DIR / "fixtures")
        self.assertEqual([each.is_written for each in loaded[:3]], [False, False, True])

    def test_again_nothing_is_written(self) -> None:
        self.migrate()
        self.migrate()
        self.assertEqual(AuditEvent.objects.count(), len(fixtures.FILES))

    def test_cleared_nothing_is_left(self) -> None:
        self.migrate()
        fixtures.clear()
        self.assertFalse(Area.objects.exists() or AuditEvent.objects.exists())
        self.assertTrue(verification.verify().is_whole)


class EmptyTests(TrackerTestCase):
    """Whether a database may be loaded over: only where people recorded nothing."""

    @classmethod
    def setUpTestData(cls) -> None:
        pass

    def assert_filled(self, write: Any) -> None:
        prepare_database(using="default")
        refuse_filled_database()
        write()
        with self.assertRaisesMessage(ActionRefused, "This database is not empty."):
            refuse_filled_database()

    def test_with_a_row_of_anything_else(self) -> None:
        self.assert_filled(
            lambda: Source.objects.create(
                slug="a", title="A", short_title="A", reference_prefix="A"
            )
        )

    def test_with_the_article(self) -> None:
        self.assert_filled(lambda: fixtures.load(folder=settings.BASE_DIR / "fixtures"))

    def test_with_an_area_whose_change_is_on_record_and_nothing_else(self) -> None:
        def rename() -> None:
            area = Area.objects.get(code="KEN")
            with audit.entry(by=None) as entry:
                change(entry, area, verb="change", name="Kenia")

        self.assert_filled(rename)

    def test_an_office_that_recorded_something_gets_no_areas(self) -> None:
        self.make_world()
        areas.add_area(by=self.administrator, values={"code": "X", "name": "X", "kind": "group"})
        prepare_database(using="default")
        self.assertEqual(Area.objects.count(), 1)
