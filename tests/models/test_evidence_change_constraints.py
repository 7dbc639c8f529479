"""What the database itself asks of changes of evidence that a second manager decides on."""

from django.db import IntegrityError, transaction

from recommendations.models import EvidenceChange, EvidenceLink, StoredFile
from tests.base import link_evidence
from tests.files import received
from tests.models.constraints import NOW, ConstraintTestCase, Rule, Values


class EvidenceChangeConstraintTests(ConstraintTestCase):
    change: EvidenceChange
    link: EvidenceLink

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        item = cls.make_evidence(file=received())
        cls.link = link_evidence(
            to=cls.make_submitted(cls.recommendation),
            by=cls.staff,
            stance="supports",
            evidence=item,
        )
        cls.change = cls.proposed()

    @classmethod
    def proposed(cls, **values: object) -> EvidenceChange:
        given: Values = {"evidence": cls.link.evidence, "kind": "wording", **values}
        return EvidenceChange.objects.create(proposed_at=NOW, proposed_by=cls.staff, **given)

    def test_it_has_what_its_kind_asks_for_and_no_more(self) -> None:
        file: Values = {"file": StoredFile.objects.get(), "file_name": "b.pdf"}
        nothing: Values = {"file": None, "file_name": "", "link": None}
        self.assert_rule(
            Rule(
                "evidence_change_fits_kind",
                self.change,
                holds=[
                    {**nothing, "kind": "wording"},
                    {**nothing, "kind": "file", **file},
                    {**nothing, "kind": "link", "link": self.link},
                ],
                breaks=[
                    {**nothing, "kind": "wording", **file},
                    {**nothing, "kind": "wording", "link": self.link},
                    {**nothing, "kind": "file"},
                    {**nothing, "kind": "file", **file, "file_name": ""},
                    {**nothing, "kind": "file", **file, "link": self.link},
                    {**nothing, "kind": "link"},
                    {**nothing, "kind": "link", "link": self.link, **file},
                ],
            )
        )

    def test_a_decision_has_who_and_when_together(self) -> None:
        by: Values = {"decided_by": self.manager}
        self.assert_rule(
            Rule(
                "evidence_change_decided_together",
                self.change,
                holds=[{}, {"state": "approved", "decided_at": NOW, **by}],
                breaks=[
                    {"decided_at": NOW},
                    by,
                    {"decision_note": "So."},
                    {"state": "approved", "decided_at": NOW},
                    {"state": "approved", **by},
                ],
            )
        )

    def test_another_decides_and_who_proposed_it_withdraws_it(self) -> None:
        at: Values = {"decided_at": NOW, "decision_note": "So."}
        own, other = {"decided_by": self.staff}, {"decided_by": self.manager}
        self.assert_rule(
            Rule(
                "evidence_change_decided_by_another",
                self.change,
                holds=[
                    {"state": "approved", **at, **other},
                    {"state": "rejected", **at, **other},
                    {"state": "withdrawn", **at, **own},
                ],
                breaks=[
                    {"state": "approved", **at, **own},
                    {"state": "rejected", **at, **own},
                    {"state": "withdrawn", **at, **other},
                ],
            )
        )

    def test_a_rejection_says_why(self) -> None:
        rejected: Values = {"state": "rejected", "decided_at": NOW, "decided_by": self.manager}
        self.assert_rule(
            Rule(
                "evidence_change_rejected_with_note",
                self.change,
                holds=[{**rejected, "decision_note": "So."}],
                breaks=[{**rejected, "decision_note": ""}],
            )
        )

    def test_only_a_link_that_waits_is_agreed_to(self) -> None:
        self.assert_rule(
            Rule(
                "link_agreed_where_it_waits",
                self.link,
                holds=[
                    {},
                    {"waits_for_agreement": True},
                    {"waits_for_agreement": True, "agreed_at": NOW},
                ],
                breaks=[{"agreed_at": NOW}],
            )
        )

    def test_one_change_of_a_kind_awaits_a_decision_and_one_of_each_link(self) -> None:
        decided: Values = {"state": "withdrawn", "decided_at": NOW, "decided_by": self.staff}
        file: Values = {"kind": "file", "file": StoredFile.objects.get(), "file_name": "b.pdf"}
        linked: Values = {"kind": "link", "link": self.link}
        self.proposed(**decided)
        for values in (file, linked):
            self.proposed(**values)
        awaiting, of_link = "evidence_change_one_awaits", "evidence_change_once_a_link"
        for values, name in (
            *((file, awaiting), ({}, awaiting)),
            *((linked, of_link), (linked | decided, of_link)),
        ):
            with (
                self.subTest(name, **values),
                self.assertRaises(IntegrityError),
                transaction.atomic(),
            ):
                self.proposed(**values)
