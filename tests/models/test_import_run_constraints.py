"""What the database itself asks of an import of figures."""

from datetime import timedelta

from recommendations.models import ImportRun
from tests.models.constraints import NOW, ConstraintTestCase, Rule

DIGEST = "0123456789abcdef" * 4


class ImportRunConstraintTests(ConstraintTestCase):
    made: ImportRun

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.made = ImportRun.objects.create(
            indicator=cls.make_indicator(),
            at=NOW,
            by=cls.staff,
            file_name="figures.csv",
            file_sha256=DIGEST,
            format="long",
            new=1,
            revised=0,
            unchanged=0,
            left_out=0,
        )

    def test_the_file_is_known_by_its_sha256(self) -> None:
        self.assert_rule(
            Rule(
                "import_run_digest_is_sha256",
                self.made,
                holds=[{"file_sha256": DIGEST}],
                breaks=[{"file_sha256": digest} for digest in ("", DIGEST[1:], DIGEST.upper())],
            )
        )

    def test_it_is_undone_by_whom_when_and_why_or_not_at_all(self) -> None:
        undone = {"undone_at": NOW, "undone_by": self.manager, "undo_reason": "So."}
        nothing = {"undone_at": None, "undone_by": None, "undo_reason": ""}
        self.assert_rule(
            Rule(
                "import_run_undone_together",
                self.made,
                holds=[undone, nothing],
                breaks=[
                    *({**undone, name: empty} for name, empty in nothing.items()),
                    *({**nothing, name: value} for name, value in undone.items()),
                    {**undone, "undone_at": NOW - timedelta(seconds=1)},
                ],
            )
        )

    def test_an_import_that_changed_nothing_is_none(self) -> None:
        self.assert_rule(
            Rule(
                "import_run_changed_something",
                self.made,
                holds=[{"new": 1, "revised": 1}, {"new": 0, "revised": 1}, {"new": 1}],
                breaks=[{"new": 0, "revised": 0}],
            )
        )
