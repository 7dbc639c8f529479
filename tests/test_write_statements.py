"""What the watch over the statements of a run finds, and what it lets pass."""

from types import FunctionType
from typing import Any

from django.db import connection

from recommendations import audit
from recommendations.models import AuditText, Organisation, Recommendation, Source
from tests.base import TrackerTestCase
from tests.write_path import statements


def as_code_of(module: str, act: Any) -> Any:
    """The function, as if it were defined in this module."""
    return FunctionType(act.__code__, {**act.__globals__, "__name__": module})


def rename(pk: int) -> None:
    Source.objects.filter(pk=pk).update(title="Another title")


def insert(pk: int) -> None:
    Source.objects.create(slug="more", title="More", short_title="More", reference_prefix="MORE")


def contribute(pk: int) -> None:
    Recommendation.objects.get(source=pk).contributors.add(*Organisation.objects.all()[:1])


def spell(pk: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("update recommendations_source set title = 'a' where id = %s", [pk])


def begin_with(pk: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH few AS (SELECT 1) UPDATE recommendations_source SET title = 'a' WHERE id = %s",
            [pk],
        )


def keep_text(pk: int) -> None:
    AuditText.objects.create(digest="0", salt="", text="")


class WatchTests(TrackerTestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.recommendation.contributors.add(cls.agency)

    def found(self, act: Any, module: str = "views.planted") -> list[str]:
        """What this finds is removed from the list, so that it does not fail this test."""
        as_code_of(f"recommendations.{module}", act)(self.source.pk)
        return statements.found()

    def test_a_write_outside_an_entry_is_found_in_every_package_of_the_site(self) -> None:
        self.recommendation.contributors.clear()
        for act in (rename, insert, spell, begin_with, contribute):
            with self.subTest(act.__name__):
                [line] = self.found(act)
                self.assertRegex(line, rf"^recommendations\.views\.planted:\d+ {act.__name__}: ")
        for package in ("actions.x", "admin.x", "forms.x", "management.commands.x", "middleware"):
            with self.subTest(package):
                self.assertEqual(len(self.found(rename, package)), 1)

    def test_an_open_entry_lets_it_pass_until_it_ends_or_fails(self) -> None:
        with audit.entry(by=None):
            self.assertEqual(self.found(rename), [])
            with audit.entry(by=None):
                pass
            self.assertEqual(self.found(rename), [])
        self.assertEqual(len(self.found(rename)), 1)
        with self.assertRaises(ZeroDivisionError), audit.entry(by=None):
            raise ZeroDivisionError
        self.assertEqual(len(self.found(rename)), 1)

    def test_rows_of_a_test_and_of_the_record_itself_are_not_meant(self) -> None:
        rename(self.source.pk)
        self.assertEqual(statements.found(), [])
        self.assertEqual(self.found(keep_text), [])

    def test_every_connection_is_watched(self) -> None:
        self.assertIn(statements._watch, connection.execute_wrappers)
