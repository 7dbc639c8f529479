"""Changing evidence: what ends a verification, who extends it, and who makes it public.

By the action, the page and the administration, which call the same action.
"""

from datetime import date
from functools import partial
from typing import Any

from django.urls import reverse

from recommendations.actions.errors import ActionRefused, NotAllowed, StaleWrite
from recommendations.actions.evidence import changes
from recommendations.models import Evidence, EvidenceCheck, EvidenceLink, StatusUpdate, User
from tests.actions.acts import ActTestCase, fresh
from tests.admin.base import Window
from tests.files import pdf, received
from tests.views.deciding import undone
from tests.views.writing import Browser

FIRST, LATER, EARLIER = date(2030, 1, 1), date(2031, 1, 1), date(2029, 1, 1)
NO_EXTENSION = (
    "This evidence is verified. Only a manager who neither recorded it nor added the "
    "file can extend the expiry date."
)
NO_PUBLICATION = (
    "Only a manager who neither recorded, edited nor linked the evidence nor added the "
    "file can publish it."
)


class ChangesTestCase(ActTestCase):
    """An item that staff recorded with its file; a manager verified it."""

    item: Evidence

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.item = cls.make_evidence(
            url="https://example.org/a", expires_on=FIRST, file=received("a.pdf", pdf("1"))
        )
        cls.check(cls.item)

    def change(self, by: User | None = None, **values: Any) -> Evidence:
        return self.change_item(self.item, by, **values)

    def newer_file(self, by: User | None = None, item: Evidence | None = None) -> Any:
        return self.revise_file(item or self.item, received("b.pdf", pdf("2")), by)

    def is_verified(self) -> bool:
        return bool(changes.verifications(fresh(self.item)).exists())

    def posted(self, by: User, **values: Any) -> Any:
        """The answer to the form of the page, as it was open, with these values."""
        window = Browser(by)
        form = window.open("evidence-edit", self.item.pk).context["form"]
        sent = {name: form[name].value() for name in form.fields if not form.fields[name].disabled}
        filled = {name: value for name, value in (sent | values).items() if value is not None}
        seen = fresh(self.item).version
        return window.post("evidence-edit", self.item.pk, seen=seen, **filled)

    def saved_in_admin(self, by: User, **values: Any) -> Any:
        window = Window(by)
        return window.send(Evidence, self.item.pk, window.open(Evidence, self.item.pk), **values)


class WordsTests(ChangesTestCase):
    def test_by_the_recorder_or_a_manager_from_what_was_seen(self) -> None:
        self.change(title="First")
        late = {"version": 1, "title": "Second"}
        stale = self.refused(StaleWrite, partial(self.change_item, self.item, **late))
        self.assertEqual(self.shown(stale.differences), {"title": ("First", "Second")})
        bare = self.make_evidence("Without a file")
        self.refused("__all__", partial(self.change_item, bare, citation=""))
        self.assertEqual(self.change(url="", citation="").citation, "", "its file leads to it")
        Evidence.objects.update(recorded_by=None)
        self.refused(NotAllowed, partial(self.change, self.manager, title="Of the source"))


class VerificationEndsTests(ChangesTestCase):
    OTHER = {"url": "https://example.org/b", "citation": "Page 9.", "expires_on": EARLIER}

    def assert_ended(self, by: User, label: str) -> None:
        """The check stays on record with who ended it, and why; it counts no more."""
        [check] = EvidenceCheck.objects.all()
        self.assertEqual((check.by, check.removed_by), (self.manager, by))
        self.assertIsNotNone(check.removed_at)
        [event] = [each for each in self.events() if each.verb == "end_check"]
        self.assertEqual(event.reason.text, f"Changed: {label}")

    def test_by_another_address_citation_or_expiry_and_by_each_alone(self) -> None:
        labels = {"url": "address", "citation": "citation", "expires_on": "expires on"}
        for name, value in self.OTHER.items():
            with self.subTest(name), undone():
                self.change(**{name: value})
                self.assert_ended(self.staff, labels[name])

    def test_by_a_newer_file_and_other_words_for_the_same(self) -> None:
        described = (
            {"title": "The law in force"},
            {"kind": "dataset"},
            {"description": "It says that all is done."},
            {"publisher": "The parliament"},
            {"effective_on": date(2025, 1, 1), "effective_precision": "day"},
        )
        for end in (self.newer_file, *(partial(self.change, **values) for values in described)):
            with self.subTest(end), undone():
                end()
                self.assertFalse(self.is_verified())

    def test_not_by_who_may_read_it_nor_by_what_is_as_it_was(self) -> None:
        self.change(visibility="public", title=self.item.title, url=self.item.url)
        self.assertTrue(self.is_verified())

    def test_anew_by_a_manager_who_gave_it_no_address_or_citation_that_it_has(self) -> None:
        for name in ("url", "citation"):
            with self.subTest(name), undone():
                self.change(self.manager, **{name: self.OTHER[name]})
                self.refused(NotAllowed, self.check, self.item)
                self.check(self.item, self.other_manager)
        self.change(self.manager, url="https://example.org/b")
        self.change(url="https://example.org/c")
        self.check(self.item)
        self.assertTrue(self.is_verified())

    def test_a_status_that_rested_on_it_is_no_longer_said_to_be_verified(self) -> None:
        link = self.attach(self.make_submitted(self.recommendation), self.item)
        rows = EvidenceLink.objects.with_checked()
        self.assertTrue(rows.get(pk=link.pk).is_checked)
        self.change(url="https://example.org/b")
        self.assertFalse(rows.get(pk=link.pk).is_checked)

    def test_on_the_page_which_says_so_beforehand_and_in_the_administration(self) -> None:
        words = "This evidence is verified."
        self.assertContains(Browser(self.staff).open("evidence-edit", self.item.pk), words)
        with undone():
            answer = self.saved_in_admin(self.administrator, url="https://example.org/b")
            self.assertEqual(answer.status_code, 302)
            self.assert_ended(self.administrator, "address")
        self.assertEqual(self.posted(self.staff, citation="Page 9.").status_code, 302)
        self.assert_ended(self.staff, "citation")
        self.assertNotContains(Browser(self.staff).open("evidence-edit", self.item.pk), words)
        page = Browser(self.manager).open("evidence-detail", self.item.pk)
        self.assertContains(page, "Staff changed what was verified")


class ExtensionTests(ChangesTestCase):
    def test_not_by_the_recorder_who_may_shorten_it_nor_by_who_is_no_manager(self) -> None:
        for by, longer in ((self.staff, LATER), (self.staff, None), (self.administrator, LATER)):
            self.refused("expires_on", partial(self.change, by, expires_on=longer))
        self.change(expires_on=EARLIER)
        self.change(expires_on=LATER)
        self.assertEqual(self.held(self.item, "expires_on"), LATER, "it is not verified now")

    def test_the_page_and_the_administration_say_why_and_keep_what_was_typed(self) -> None:
        answer = self.posted(self.staff, expires_on=LATER)
        for words in (NO_EXTENSION, "2031-01-01"):
            self.assertContains(answer, words, status_code=400)
        answer = self.saved_in_admin(self.administrator, expires_on=LATER)
        self.assertContains(answer, NO_EXTENSION)
        self.assertEqual(self.held(self.item, "expires_on"), FIRST)

    def test_by_a_manager_who_did_not_bring_its_file_and_that_ends_the_verification(self) -> None:
        self.newer_file(self.manager)
        self.check(self.item, self.other_manager)
        extend = partial(self.change, expires_on=LATER)
        self.refused("expires_on", extend, self.manager)
        extend(self.other_manager)
        self.assertEqual(self.held(self.item, "expires_on"), LATER)
        self.assertFalse(self.is_verified())


class PublicationTests(ChangesTestCase):
    update: StatusUpdate
    NEW = {"title": "New", "kind": "document", "citation": "Page 1", "visibility": "public"}

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.update = cls.make_approved(cls.recommendation)
        cls.attach(cls.update, cls.item)

    def test_by_a_manager_who_did_not_record_it_and_nobody_else(self) -> None:
        publish = partial(self.change, visibility="public")
        for person in (self.staff, self.administrator):
            self.refused("visibility", publish, person)
        self.assertEqual(publish(self.manager).visibility, "public")
        self.item = self.attach(self.update, "Own", by=self.manager).evidence
        self.refused("visibility", publish, self.manager)

    def test_by_the_recorder_where_no_approved_update_rests_on_it(self) -> None:
        waiting = self.make_submitted(self.recommendation)
        self.item = self.attach(waiting, "Of a draft").evidence
        for visibility in ("public", "internal"):
            self.assertEqual(self.change(visibility=visibility).visibility, visibility)
        self.assertFalse(self.attach(waiting, self.NEW).is_withheld)

    def test_what_contradicts_it_is_neither_hidden_nor_reworded_by_its_author(self) -> None:
        self.item = self.make_evidence("A count", visibility="public")
        self.attach(self.update, self.item, "undermines", self.other_manager)
        weaker = {"visibility": "internal", "title": "Of no weight", "citation": "Page 9"}
        for by in (self.staff, self.administrator):
            for name, value in weaker.items():
                self.refused(name, partial(self.change, by, **{name: value}))
        self.refused(ActionRefused, self.newer_file)
        hidden = self.change(self.other_manager, visibility="internal")
        self.assertEqual(hidden.visibility, "internal")

    def test_the_page_and_the_administration_show_it_disabled_with_the_reason(self) -> None:
        for by, words in ((self.staff, NO_PUBLICATION), (self.manager, "")):
            page = Browser(by).open("evidence-edit", self.item.pk)
            self.assertContains(page, words)
            is_disabled = page.context["form"]["visibility"].field.disabled
            self.assertEqual(is_disabled, bool(words))
        answer = self.posted(self.staff, visibility="public")
        self.assertContains(answer, NO_PUBLICATION, status_code=400)
        path = reverse("admin:recommendations_evidence_change", args=[self.item.pk])
        self.assertContains(Window(self.administrator).client.get(path), NO_PUBLICATION)
        self.saved_in_admin(self.administrator, visibility="public", title="Other")
        self.assertEqual(self.held(self.item, "visibility", "title"), ("internal", "Other"))
        self.assertEqual(self.posted(self.manager, visibility="public").status_code, 302)
        self.assertEqual(self.held(self.item, "visibility"), "public")

    def test_new_evidence_under_an_approved_update_is_internal(self) -> None:
        self.refused("visibility", self.attach, self.update, self.NEW)
        window = Browser(self.staff)
        page = window.open("update-detail", self.update.pk)
        self.assertTrue(page.context["evidence_form"]["visibility"].field.disabled)
        sent = {f"evidence-{name}": value for name, value in self.NEW.items()}
        answer = window.post("update-evidence", self.update.pk, **sent)
        self.assertContains(answer, "record the evidence as internal", status_code=400)
        self.assertFalse(Evidence.objects.filter(title="New").exists())
