"""Evidence: recorded, linked, checked, changed, and agreed to where readers outside rest on it."""

from datetime import date
from functools import partial
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db import IntegrityError, connection, transaction
from django.db.models import Model
from django.utils import timezone

from recommendations import audit, guards
from recommendations.actions import indicators
from recommendations.actions.base import ActionRefused, NotAllowed, NotAsSeen, StaleWrite
from recommendations.actions.evidence import changes, files, items
from recommendations.actions.redaction import redact_file
from recommendations.actions.responses import record_responses
from recommendations.audit.redaction import text_occurrences
from recommendations.choices import Role, Stance
from recommendations.models import (
    Evidence,
    EvidenceChange,
    EvidenceCheck,
    EvidenceLink,
    IndicatorLink,
    Observation,
    Recommendation,
    RecommendationState,
    Response,
    StatusUpdate,
    StoredFile,
    User,
)
from recommendations.queries.days import Days
from recommendations.queries.evidence.items import change_of, decidable_changes
from recommendations.queries.recommendations.past.listed import evidence_then, standing_then
from recommendations.storage import evidence as store
from tests.actions.acts import UNREADABLE, ActTestCase, fresh
from tests.admin.base import Window, address, said
from tests.base import days_ago, make_person
from tests.checked import checked, independently_checked
from tests.files import pdf, received
from tests.settled import ADDRESS, FIRST, LATER, OUTSIDE, TITLE, SettledTestCase
from tests.views.deciding import undone
from tests.views.writing import Browser

PAPER = {"title": "A paper", "kind": "document", "citation": "Page 1"}


class EvidenceTestCase(ActTestCase):
    item: Evidence
    waiting: StatusUpdate

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.item = cls.make_evidence()
        cls.waiting = cls.make_submitted(cls.recommendation)

    def against(self, title: str = "A count", by: User | None = None) -> EvidenceLink:
        return self.attach(self.waiting, title, "undermines", by or self.manager)


class RecordTests(EvidenceTestCase):
    def record(self, **values: Any) -> Evidence:
        return items.record(by=self.manager, values={**PAPER, **values})

    def test_it_is_internal_not_judged_and_has_an_address_of_its_own(self):
        item = self.record()
        kept = (item.recorded_by, item.visibility, item.reliability)
        self.assertEqual(kept, (self.manager, "internal", "not_judged"))
        slugs = [self.record(title=title).slug for title in ("A paper", "A paper", "报告")]
        self.assertEqual([item.slug, *slugs], ["a-paper-2", "a-paper-3", "a-paper-4", "evidence"])

    def test_it_can_be_looked_up_and_its_days_are_in_order(self):
        order = {"effective_on": days_ago(1), "effective_precision": "day"}
        cases: tuple[tuple[str, dict[str, Any]], ...] = (
            ("reliability", {"reliability": "usually_reliable"}),
            ("url", {"citation": ""}),
            ("url", {"url": "javascript:alert(1)"}),
            ("title", {"title": "a\u202eb"}),
            ("kind", {"kind": "rumour"}),
            ("__all__", {**order, "expires_on": days_ago(2)}),
            ("effective_on", {**order, "effective_on": days_ago(-1)}),
            ("retrieved_on", {"retrieved_on": days_ago(-1)}),
            ("__all__", {"effective_on": days_ago(1)}),
            ("__all__", {"effective_precision": "day"}),
        )
        for field, values in cases:
            self.refused(field, partial(self.record, **values))


class AttachTests(EvidenceTestCase):
    """To an update, a recommendation, a figure and a response alike."""

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.measure, cls.area = cls.make_indicator(), cls.make_area()
        IndicatorLink.objects.create(
            recommendation=cls.recommendation, indicator=cls.measure, relation="outcome"
        )
        cls.figure = cls.observe("10")
        cls.body = cls.address()
        values = {"position": "accepted", "since": days_ago(3)}
        made = record_responses(addressees=[cls.body], by=cls.staff, values=values)
        cls.response: Response = made[0]
        cls.targets: tuple[Model, ...] = (
            *(cls.waiting, cls.recommendation, cls.figure),
            cls.response,
        )

    @classmethod
    def observe(cls, value: str, **more: Any) -> Observation:
        about = {"indicator": cls.measure, "area": cls.area, "period": "2020", **more}
        return indicators.observe(**about, by=cls.manager, values={"value": value})

    def stance(self, target: Model) -> str:
        return "need" if target == self.recommendation else "supports"

    def test_a_new_item_and_its_link_are_written_together_or_not_at_all(self):
        for target in self.targets:
            stance = self.stance(target)
            link = self.attach(target, PAPER, stance, why="It says so.")
            self.assertEqual((link.evidence.title, link.why), ("A paper", "It says so."))
            self.assertIn(
                target, (link.update, link.recommendation, link.observation, link.response)
            )
            for wrong in ("supports", "undermines") if stance == "need" else ("need",):
                self.refused("__all__", self.attach, target, PAPER, wrong)
            found = EvidenceLink.objects.get_by_natural_key(*link.natural_key())
            self.assertEqual(found, link)
        self.assertEqual(Evidence.objects.count(), 1 + len(self.targets))
        self.assertEqual(audit.verify_chain().fault, "")

    def test_an_item_is_linked_once_until_it_is_taken_away_with_who_and_when(self):
        for target in self.targets:
            link = self.attach(target, self.item, self.stance(target))
            self.refused("__all__", self.attach, target, self.item, "background")
            gone = self.detach(link, self.manager)
            self.assertEqual(gone.removed_by, self.manager)
            self.assertIsNotNone(gone.removed_at)
            self.assertFalse(EvidenceLink.objects.live().filter(pk=link.pk).exists())
            self.refused(ActionRefused, self.detach, link, words="already")
            self.attach(target, self.item, self.stance(target))

    def test_what_another_set_against_it_stays_where_the_author_may_take_away_their_own(self):
        for target in (self.waiting, self.figure, self.response):
            theirs = self.attach(target, "Theirs", "undermines", self.manager)
            self.refused(NotAllowed, self.detach, theirs)
            self.detach(theirs, self.manager)
            self.detach(self.attach(target, "Mine", "undermines"))

    def test_what_takes_no_more(self):
        link = self.attach(self.waiting, self.item)
        self.approve(self.waiting)
        for person in (self.staff, self.manager):
            self.refused(ActionRefused, self.detach, link, person)
        other = self.make_evidence("Other")
        withdrawn = self.withdraw(self.make_submitted(self.recommendation))
        self.refused(ActionRefused, self.attach, withdrawn, other)
        self.observe("11")
        self.refused(ActionRefused, self.attach, self.figure, other)
        type(self.body).objects.update(removed_at=timezone.now(), removed_by=self.manager)
        words = "is no longer an addressee"
        self.refused(ActionRefused, self.attach, self.response, other, words=words)

    def test_a_draft_takes_it_from_its_author_alone(self):
        draft, colleague = self.draft(), make_person("colleague", Role.STAFF, self.ministry)
        self.refused(NotAllowed, self.attach, draft, self.item, by=colleague)

    def test_a_figure_is_revised_from_the_one_that_was_seen(self):
        self.assertEqual(self.observe("11", expected_revision=1).revision, 2)
        for seen in (0, 1, 3):
            stale = self.refused(StaleWrite, partial(self.observe, "12", expected_revision=seen))
            self.assertEqual((stale.current.value, len(stale.differences)), (11, 1))
            self.assertEqual(stale.differences[0].field, "value")
        self.assertEqual(self.observe("1", expected_revision=0, period="2021").revision, 1)


class CheckTests(EvidenceTestCase):
    def test_a_manager_who_did_not_record_it_checks_for_their_organisation(self):
        made = self.check(self.item, note="As described.", reliability="usually_reliable")
        kept = (made.by, made.organisation, made.note)
        self.assertEqual(kept, (self.manager, self.ministry, "As described."))
        self.assertEqual(self.held(self.item, "reliability"), "usually_reliable")
        own = self.make_evidence("Own", by=self.manager)
        self.refused(NotAllowed, self.check, own)
        wrong = partial(self.check, self.item, self.other_manager, reliability="splendid")
        self.refused("reliability", wrong)

    def test_one_checks_once_until_they_themselves_take_it_back(self):
        made = self.check(self.item)
        self.refused(ActionRefused, self.check, self.item)
        for person in (self.other_manager, self.administrator):
            self.refused(NotAllowed, items.withdraw_check, check=made, by=person)
        back = partial(items.withdraw_check, check=made, by=self.manager)
        back()
        self.refused(ActionRefused, back)
        self.check(self.item)
        self.assertEqual(EvidenceCheck.objects.filter(by=self.manager).count(), 2)


class AnswerTests(EvidenceTestCase):
    def test_what_stands_against_a_claim_is_answered_once_in_words_that_can_be_read(self):
        link = self.against()
        for text in ("", "  ", *UNREADABLE[::2]):
            self.refused("text", self.answer, link, text=text)
        answered = self.answer(link)
        self.assertEqual(
            (answered.answer, answered.answered_by), ("Of another year.", self.manager)
        )
        self.refused(ActionRefused, self.answer, link, self.other_manager)

    def test_not_by_the_author_and_not_what_supports_it_or_was_taken_away(self):
        waiting = self.make_submitted(self.recommendation, by=self.other_manager)
        link = self.attach(waiting, "Doubt", "undermines", self.manager)
        self.refused(NotAllowed, self.answer, link, self.other_manager)
        self.refused(ActionRefused, self.answer, self.attach(self.waiting, self.item))
        gone = self.detach(self.against(), self.manager)
        self.refused(ActionRefused, self.answer, gone)


class AssuranceTests(EvidenceTestCase):
    """Who counts as a third person, and who as independent."""

    def setUp(self) -> None:
        super().setUp()
        self.link = self.attach(self.waiting, self.item)

    def assert_counts(self, is_checked: bool, is_independent: bool) -> None:
        links = EvidenceLink.objects.filter(pk=self.link.pk)
        found = (checked(links).exists(), independently_checked(links).exists())
        self.assertEqual(found, (is_checked, is_independent))

    def test_a_check_from_an_organisation_without_part_in_it_is_independent(self):
        no_lead = partial(Recommendation.objects.update, lead=None)
        joined = partial(self.revise, contributors=[self.agency])
        free = make_person("free", Role.MANAGER)
        for by, before, is_independent in (
            (self.manager, None, False),
            (self.other_manager, None, True),
            (self.other_manager, joined, False),
            (self.manager, no_lead, True),
            (free, no_lead, False),
        ):
            self.assert_counts(False, False)
            with self.subTest(by.username, before=before):
                if before:
                    before()
                made = self.check(self.item, by)
                self.assert_counts(True, is_independent)
                items.withdraw_check(check=made, by=by)
                Recommendation.objects.update(lead=self.ministry)
                self.recommendation.contributors.clear()

    def test_the_organisation_counts_for_which_the_checker_acted_then(self):
        self.check(self.item, self.other_manager)
        User.objects.filter(pk=self.other_manager.pk).update(organisation=self.ministry)
        self.assert_counts(True, True)

    def test_a_check_by_who_wrote_the_update_or_recorded_the_item_is_none(self):
        by = self.other_manager
        Evidence.objects.update(recorded_by=None)  # loaded: by nobody
        self.check(self.item, by)
        self.assert_counts(True, True)
        mine, about = StatusUpdate.objects.filter(pk=self.waiting.pk), {"last_editor": self.staff}
        for others, own in (
            (partial(mine.update, author=self.staff, **about), partial(mine.update, author=by)),
            (partial(Evidence.objects.update, recorded_by=None), self.recorded_by_checker),
        ):
            own()
            self.assert_counts(False, False)
            others()
            self.assert_counts(True, True)

    def recorded_by_checker(self) -> None:
        Evidence.objects.update(recorded_by=self.other_manager)

    def test_a_check_by_who_wrote_it_and_handed_it_over_is_none(self):
        self.link = self.attach(self.hand(self.draft(self.manager), self.staff), self.item)
        self.check(self.item)
        self.assert_counts(False, False)
        self.check(self.item, self.other_manager)
        self.assert_counts(True, True)


class VisibilityTests(EvidenceTestCase):
    def test_each_role_reads_what_it_may(self):
        public = self.make_evidence("Published", visibility="public")
        self.make_evidence("Under nothing", visibility="public")
        self.attach(self.waiting, public, Stance.BACKGROUND)
        everything = {"A paper", "Published", "Under nothing"}
        inside = (self.staff, self.other_staff, self.manager, self.auditor, self.administrator)
        table: tuple[tuple[tuple[Any, ...], set[str]], ...] = (
            (inside, everything),
            ((self.viewer,), everything - {"A paper"}),
        )
        outside = (AnonymousUser(), self.stranger)
        for act, seen_outside in (
            (None, set()),
            (self.publish, set()),
            (partial(self.approve, self.waiting), {"Published"}),
            (partial(self.make_approved, self.recommendation), set()),
        ):
            if act:
                act()
            for people, seen in (*table, (outside, seen_outside)):
                for person in people:
                    found = Evidence.objects.visible_to(person).values_list("title", flat=True)
                    self.assertEqual(set(found), seen, (act, person))


EARLIER = date(2029, 1, 1)
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
        version = fresh(self.item).version
        return window.post("evidence-edit", self.item.pk, version=version, **filled)

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
        later = {"effective_on": days_ago(-2), "effective_precision": "day"}
        self.refused("effective_on", partial(self.change, **later))
        Evidence.objects.update(**later)
        self.assertEqual(self.change(title="Dated before that was refused").title[:5], "Dated")
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
        described: tuple[dict[str, Any], ...] = (
            {"title": "The law in force"},
            {"kind": "dataset"},
            {"description": "It says that all is done."},
            {"publisher": "The parliament"},
            {"effective_on": date(2025, 1, 1), "effective_precision": "day"},
        )
        ends: list[Any] = [partial(self.change, **values) for values in described]
        for end in (self.newer_file, *ends):
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


class ExtensionTests(ChangesTestCase):
    def test_not_by_the_recorder_who_may_shorten_it_nor_by_who_is_no_manager(self) -> None:
        for by, longer in ((self.staff, LATER), (self.staff, None), (self.administrator, LATER)):
            self.refused("expires_on", partial(self.change, by, expires_on=longer))
        self.change(expires_on=EARLIER)
        self.change(expires_on=LATER)
        self.assertEqual(self.held(self.item, "expires_on"), LATER, "it is not verified now")

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

    def test_the_page_and_the_administration_say_why_and_keep_what_was_typed(self) -> None:
        page = Browser(self.staff).open("evidence-edit", self.item.pk)
        for words in ("This evidence is verified.", NO_PUBLICATION):
            self.assertContains(page, words)
        for sent, words in (
            ({"expires_on": LATER, "visibility": "internal"}, NO_EXTENSION),
            ({"visibility": "public"}, NO_PUBLICATION),
        ):
            self.assertContains(self.posted(self.staff, **sent), words, status_code=400)
        answer = self.saved_in_admin(self.administrator, expires_on=LATER)
        self.assertContains(answer, NO_EXTENSION)
        self.saved_in_admin(self.administrator, visibility="public", title="Other")
        self.assertEqual(self.held(self.item, "visibility", "title"), ("internal", "Other"))
        self.assertEqual(self.posted(self.manager, visibility="public").status_code, 302)
        self.assertEqual(self.held(self.item, "visibility"), "public")

    def test_new_evidence_under_an_approved_update_is_internal(self) -> None:
        self.refused("visibility", self.attach, self.update, self.NEW, "undermines")

    def test_an_approved_update_takes_no_other_than_against_it_and_from_nobody(self) -> None:
        words = "Log an update with this evidence."
        for person in (self.staff, self.manager, self.other_manager):
            for stance in ("supports", "background"):
                item = items.EvidenceInput(stance=stance, evidence=self.make_evidence("Late"))
                given = {"to": self.update, "by": person, "items": [item]}
                self.refused(ActionRefused, items.attach_evidence, words=words, **given)
        self.assertEqual(self.attach(self.update, "Against", "undermines").update, self.update)


OTHER = "Another certificate"
THIRD = "A third certificate"


class AgreedTestCase(SettledTestCase, ActTestCase):
    def offer(self, title: str, by: Any = None, to: Any = None, stance: str = "supports"):
        """A link to public evidence of this person's own."""
        item = self.make_evidence(title, by=by or self.manager, visibility="public")
        return self.attach(to or self.update, item, stance, self.manager)

    def decide(self, act: Any, by: Any = None, **given: Any) -> EvidenceChange:
        """About the wording that is proposed."""
        wording = EvidenceChange.objects.filter(kind="wording").latest("pk")
        return act(proposal=wording, by=by or self.other_manager, **given)

    def assert_outside(self, *read: Any, linked: Any = (TITLE,)) -> None:
        expected = (*read, *(TITLE, ADDRESS, 1)[len(read) :])
        self.assertEqual(self.read_outside(), expected)
        self.assertEqual(self.linked_outside(), list(linked))


class OnePersonTests(AgreedTestCase):
    """What one manager alone cannot bring about for readers outside."""

    def test_other_words_another_file_and_a_link_to_what_is_public_for_now(self) -> None:
        need = partial(self.offer, by=self.staff, to=self.recommendation, stance="need")
        acts = {
            "words": lambda: self.change(title=OTHER, url="https://example.org/b"),
            "file": self.swap,
            "own evidence": lambda: self.offer("Mine"),
            "a rationale, whoever recorded it": lambda: need("Paper"),
        }
        for name, act in acts.items():
            with self.subTest(name), undone():
                act()
                self.assert_outside()
                self.assertEqual(Evidence.objects.visible_to(OUTSIDE).count(), 1)

    def test_whoever_administers_is_told_what_waits(self) -> None:
        window = Window(self.administrator)
        page = window.client.get(address(Evidence, "change", self.item.pk))
        self.assertContains(page, "A change awaits another manager.")
        row = {"links-0-recommendation": self.recommendation.pk, "links-0-stance": "need"}
        data = window.open(Evidence, self.item.pk)
        answer = window.send(Evidence, self.item.pk, data, title=OTHER, **row)
        told = said(window.client.get(answer["Location"]))
        self.assertIn("Your change awaits another manager.", told)
        self.assertIn(f"“{TITLE}”: the public sees this link once another manager agrees.", told)
        listed = window.client.get(address(EvidenceChange, "changelist"))
        self.assertContains(listed, '"field-state">Awaiting decision', count=2)
        self.assert_outside()

    def test_a_link_that_was_context_becoming_the_rationale(self) -> None:
        draft = self.make_recommendation("Another")
        link = self.offer("Paper", to=draft, stance="background")
        self.publish(draft)
        values = {"expected_version": None, "values": {"stance": "need"}}
        change = partial(items.change_evidence_link, link=link, by=self.manager, **values)
        self.refused(ActionRefused, change)

    def test_unpublishing_rewording_and_publishing_it_again(self) -> None:
        self.change(visibility="internal")
        words = {"title": OTHER, "visibility": "public"}
        self.refused("visibility", partial(self.change, **words))
        self.change(title=OTHER)
        self.refused("visibility", partial(self.change, visibility="public"))
        self.change(by=self.other_manager, visibility="public")
        self.assertEqual(self.read_outside()[0], OTHER)

    def test_unpublishing_the_recommendation_meanwhile(self) -> None:
        self.unpublish()
        self.change(title=OTHER)
        self.offer("Paper", to=fresh(self.recommendation), stance="need")
        self.publish()
        self.assert_outside()

    def test_an_expiry_is_not_extended_but_may_come_sooner_at_once(self) -> None:
        for day, held in ((LATER, FIRST), (None, FIRST), (EARLIER, EARLIER)):
            with self.subTest(day), undone():
                self.change(expires_on=day)
                self.assertEqual(self.held(self.item, "expires_on"), held)


class AtOnceTests(AgreedTestCase):
    def test_unpublishing_with_other_words_beside_it(self) -> None:
        item = self.change(visibility="internal", title=OTHER)
        self.assertEqual((item.visibility, item.title), ("internal", OTHER))
        self.assertFalse(EvidenceChange.objects.exists())
        self.assertFalse(Evidence.objects.visible_to(OUTSIDE).exists())

    def test_evidence_on_which_nothing_rests_that_was_approved(self) -> None:
        self.item = self.make_evidence("Of a draft", visibility="public")
        waiting = self.make_submitted(self.make_recommendation("Another"))
        self.attach(waiting, self.item)
        self.assertEqual(self.change(by=self.staff, title="Of two").title, "Of two")

    def test_a_contradiction_counts_inside_from_the_start(self) -> None:
        own = self.make_evidence("A count", by=self.other_manager, visibility="public")
        self.attach(self.update, own, "undermines", self.other_manager)
        kept = RecommendationState.objects.get(recommendation=self.recommendation)
        counts = ("evidence_against", "public_evidence_against")
        self.assertEqual(self.held(kept, *counts), (1, 0))
        self.agree(by=self.manager)
        self.assertEqual(self.held(kept, *counts), (1, 1))

    def test_a_contradiction_with_what_another_recorded_is_not_seen_by_one_alone(self) -> None:
        item = self.make_evidence("A count", by=self.other_manager, visibility="public")
        self.attach(self.update, item, "undermines", self.manager)
        self.assert_outside()
        for person in (self.manager, self.other_manager):
            self.assertEqual(decidable_changes(person), [])
            self.refused(NotAllowed, self.agree, person)
        third = make_person("third", Role.MANAGER, self.manager.organisation)
        self.agree(third)
        self.assert_outside(linked=("A count", TITLE))

    def test_a_contradiction_that_is_taken_away_counts_no_more(self) -> None:
        link = self.attach(self.update, "A count", "undermines", self.other_manager)
        self.detach(link, self.other_manager)
        kept = RecommendationState.objects.get(recommendation=self.recommendation)
        self.assertEqual((kept.evidence_against, kept.contradicted_since), (0, None))

    def test_redacted_words_are_gone_from_what_waits(self) -> None:
        self.change(title="The certificate of Xanthippe")
        self.redact("Xanthippe")
        self.assertNotIn("Xanthippe", str(self.proposal.new_values))
        self.assertEqual(text_occurrences("Xanthippe"), [])
        self.agree()
        self.assertNotIn("Xanthippe", self.read_outside()[0])
        self.assert_verified()


class AgreedTests(AgreedTestCase):
    """The second manager lets readers outside read it."""

    def test_the_other_words_with_events_that_say_so(self) -> None:
        self.change(title=OTHER, url="https://example.org/b")
        self.assertEqual(self.proposal.old_values, {"title": TITLE, "url": ADDRESS})
        change = self.agree(note="Seen.")
        self.assert_outside(OTHER, "https://example.org/b", linked=(OTHER,))
        self.assertEqual((change.state, change.decided_by), ("approved", self.other_manager))
        self.assertEqual(
            [(event.verb, event.actor.username) for event in self.events()],
            [
                ("propose_evidence", "manager"),
                ("approve_evidence", "other_manager"),
                ("apply_change", "other_manager"),
            ],
        )
        self.assert_verified()
        self.refused(NotAllowed, self.check, self.item)

    def test_the_other_file_which_is_of_who_proposed_it(self) -> None:
        self.swap()
        self.agree()
        self.assert_outside(TITLE, ADDRESS, 2)
        revision = self.item.revisions.get(number=2)
        self.assertEqual((revision.added_by, revision.note), (self.manager, "Signed."))
        self.assert_verified()

    def test_the_link_wherever_it_was_carried_to_and_from_then_on(self) -> None:
        self.offer("Mine", stance="undermines")
        self.update = self.decided(
            self.confirm(sentence="Nothing new."), confirm_contradictions=True
        )
        self.recommendation.refresh_from_db()
        self.assert_outside()
        before = timezone.now()
        self.agree()
        self.assert_outside(linked=("Mine", TITLE))
        self.assertEqual(EvidenceLink.objects.filter(agreed_at__isnull=False).count(), 2)
        self.assert_verified()
        for known, titles in ((before, [TITLE]), (timezone.now(), ["Mine", TITLE])):
            day = timezone.localdate()
            days = Days(day, day, known, entry=0, recorded_at=known, entry_hash="")
            then = standing_then(self.recommendation.pk, days, OUTSIDE)
            assert then is not None
            self.assertEqual([each.title for each in evidence_then(then, OUTSIDE)], titles)


class DecisionTests(AgreedTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.change(title=OTHER)

    def test_by_another_manager_also_who_recorded_or_linked_it_or_brought_its_file(self) -> None:
        for person in (self.manager, self.staff, self.administrator, self.viewer, self.auditor):
            self.refused(NotAllowed, self.agree, person)
        third = fresh(self.other_manager)
        for name, touch in (
            ("recorded", lambda: Evidence.objects.update(recorded_by=third)),
            ("linked", lambda: EvidenceLink.objects.update(added_by=third)),
            ("brought", lambda: self.item.revisions.update(added_by=third)),
        ):
            with self.subTest(name), undone():
                guards.drop(connection)
                touch()
                self.assertEqual(decidable_changes(third), [self.proposal])
                self.agree(third)
                self.assert_outside(OTHER, linked=(OTHER,))
        self.assertEqual(decidable_changes(self.manager), [])
        with self.assertRaises(IntegrityError), transaction.atomic():
            EvidenceChange.objects.update(
                state="approved", decided_by=self.manager, decided_at=timezone.now()
            )

    def test_bound_to_what_its_page_showed_and_to_what_was_not_edited_meanwhile(self) -> None:
        found = change_of(self.proposal.pk, self.other_manager)
        assert found
        self.change(visibility="internal")
        self.refused(NotAsSeen, self.agree, seen=found.shown)
        self.assertTrue(self.proposal.is_awaiting)
        self.change(title=THIRD)
        self.refused(ActionRefused, self.agree)

    def test_rejected_with_a_note_and_only_once(self) -> None:
        self.refused("note", partial(self.decide, changes.reject_change, note=" "))
        self.decide(changes.reject_change, note="It is not signed.")
        self.assert_outside()
        self.refused(ActionRefused, self.agree)

    def test_withdrawn_by_who_proposed_it_after_which_another_may_be(self) -> None:
        again = partial(self.change, self.staff, title=THIRD)
        self.refused(ActionRefused, again)
        self.swap()
        self.refused(NotAllowed, self.decide, changes.withdraw_change)
        self.decide(changes.withdraw_change, self.manager)
        again()
        self.assertEqual(EvidenceChange.objects.open().count(), 2)


class KeptTests(AgreedTestCase):
    def test_a_link_that_was_removed_awaits_no_decision(self) -> None:
        self.detach(self.offer("Paper", to=self.recommendation, stance="need"), self.manager)
        self.assertEqual(decidable_changes(self.other_manager), [])
        self.refused(ActionRefused, self.agree)

    def test_proposed_bytes_are_kept_and_redacted_ones_are_not_agreed_to(self) -> None:
        self.swap()
        at = timezone.now() + files.PROTECTED_FOR * 2
        files.check_files(
            at=at, is_pruning=True, report=lambda each: None, progress=lambda done: None
        )
        file = StoredFile.objects.get(changes=self.proposal)
        self.assertTrue(store.file_exists(file.pk))
        redact_file(file=file, by=self.administrator, reason="The wrong one.")
        self.refused(ActionRefused, self.agree)
