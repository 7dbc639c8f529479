"""An update that was handed over: its pages name who wrote it, and who answers for it now."""

from recommendations.actions import people
from recommendations.actions.updates import decisions
from recommendations.choices import Role
from recommendations.models import StatusUpdate
from recommendations.queries.people import workload_of
from tests.base import make_person
from tests.views.pages import PageTestCase, words_of


class HandedOverTests(PageTestCase):
    """Staff submitted an update on REP-1 and left; the heir has all of their work."""

    update: StatusUpdate

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.heir = make_person("heir", Role.STAFF, cls.ministry)
        cls.update = cls.make_submitted(cls.recommendation)

    def leave(self) -> None:
        load = workload_of(self.staff)
        people.hand_over_all(
            of=self.staff, to=self.heir, by=self.administrator, expected=load.digest
        )
        self.update.refresh_from_db()

    def test_before_it_is_decided(self) -> None:
        self.leave()
        page = self.read(f"/updates/{self.update.pk}/", self.manager)
        self.assert_words(page, "Written by Staff. Handed over to Heir, the current author.")
        page = self.read(f"/review/{self.update.pk}/", self.manager)
        self.assert_words(page, "Staff, as of", "Handed over to Heir")

    def test_once_it_is_approved(self) -> None:
        self.leave()
        decisions.approve_update(update=self.update, by=self.manager)
        for path in ("/recommendations/REP-1/", f"/updates/{self.update.pk}/"):
            with self.subTest(path):
                page = self.read(path, self.viewer)
                self.assert_words(page, "Written by Staff")
                self.assert_no_words(page, "ritten by Heir")
        quick = self.read("/exceptions/quick-approvals/", self.auditor)
        self.assert_words(quick, "Written by Staff, approved by Manager")
        history = self.read("/recommendations/REP-1/history/", self.manager)
        self.assert_words(history, "Update handed over", "written by Staff")
        self.assert_no_words(history, "written by Heir")

    def test_what_was_decided_before_names_no_later_author(self) -> None:
        decisions.return_update(update=self.update, by=self.manager, note="Name the day.")
        self.leave()
        history = self.read("/recommendations/REP-1/history/", self.manager)
        self.assert_words(history, "Returned to the author", "by Manager")
        self.assert_no_words(history, "written by Heir")

    def test_who_answers_for_what_nobody_handed_over_is_told_once(self) -> None:
        page = words_of(self.get(f"/updates/{self.update.pk}/", self.manager))
        self.assert_words(page, "Written by Staff.")
        self.assert_no_words(page, "Handed over")
