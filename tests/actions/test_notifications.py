"""Who is told what by mail of an act, and who is not."""

from datetime import timedelta
from typing import Any
from unittest import mock

from django.test import override_settings
from django.utils import timezone
from django.utils.translation import get_language

from recommendations.actions.mail import delivery
from recommendations.actions.updates import decisions
from recommendations.models import StatusUpdate, User
from tests.actions.acts import MORE, ActTestCase
from tests.mail import outbox, sending
from tests.views.pages import client_of, shown_fields


class ToldTests(ActTestCase):
    update: StatusUpdate

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.update = cls.make_submitted(cls.recommendation)

    def told(self, act: Any, *args: Any, **given: Any) -> list[Any]:
        """The messages of an act: whom, about what, and all that they say."""
        with sending():
            act(*args, **given)
        return [
            (message.to[0].partition("@")[0], message.subject, message.body, str(message.message()))
            for message in outbox()
        ]

    def assert_told(self, act: Any, *names: str, **given: Any) -> None:
        told = self.told(act, **given)
        self.assertEqual(sorted(row[0] for row in told), sorted(names), (act, given))

    def test_each_event_tells_those_whom_it_concerns_in_its_words(self) -> None:
        draft, other, note = self.draft(), self.draft(**MORE), "Name <b>the</b> day."
        self.revise(reviewer=self.other_manager)
        about = (f"/review/{other.pk}/", "Staff submitted an update on “REP-1 Do the thing”")
        for act, who, subject, words in (
            (lambda: self.submit(other), "other_manager", "an update awaits review", about),
            (
                lambda: self.give_back(self.update, note=note),
                *("staff", "your update was returned", (note, "&lt;b&gt;the&lt;/b&gt; day.")),
            ),
            (
                lambda: self.approve(self.submit(self.update), note="Fine."),
                *("staff", "your update was approved", ("Fine.",)),
            ),
            (
                lambda: self.hand(draft, self.manager),
                *("manager", "a draft was handed over to you", ()),
            ),
        ):
            with self.subTest(subject):
                told = [row for row in self.told(act) if row[0] == who]
                [(_who, found, body, _whole)] = told
                self.assertEqual(found, f"REP-1: {subject}")
                [message] = [each for each in outbox() if each.to[0].startswith(f"{who}@")]
                html, kind = message.alternatives[0]
                self.assertEqual(kind, "text/html")
                for each in words:
                    self.assertIn(each, body + html)
                self.assertNotIn("<b>", html)
                self.assertEqual(message.extra_headers["Auto-Submitted"], "auto-generated")

    def test_what_is_submitted_tells_the_reviewer_and_without_one_every_manager(self) -> None:
        submit, about = self.make_submitted, {"recommendation": self.recommendation}
        self.assert_told(submit, "manager", "other_manager", **about)
        self.assert_told(submit, "other_manager", by=self.manager, **about)
        self.revise(reviewer=self.other_manager)
        self.recommendation.refresh_from_db()
        self.assert_told(submit, "other_manager", **about)
        User.objects.filter(pk=self.other_manager.pk).update(is_active=False)
        self.assert_told(submit, "manager", **about)

    def test_notes_go_to_nobody_who_may_not_read_them(self) -> None:
        self.staff.groups.set(self.viewer.groups.all())
        [row] = self.told(self.give_back, self.update, note="Between us.")
        self.assertNotIn("Between us", "".join(row))
        update = self.make_submitted(self.recommendation, by=self.other_manager)
        self.other_manager.groups.clear()
        self.assert_told(self.approve, update=update)

    def test_nobody_who_does_not_want_it_or_is_gone_or_did_it_themselves(self) -> None:
        for values in ({"wants_mail": False}, {"is_active": False}, {"email": ""}):
            update = self.make_submitted(self.recommendation)
            User.objects.filter(pk=self.staff.pk).update(**values)
            self.assert_told(self.give_back, update=update)
            self.staff.save()
        own = {"update": self.draft(), "to": self.manager, "by": self.manager}
        self.assert_told(self.hand, **own)
        old = {"recommendation": self.recommendation, "at": timezone.now() - timedelta(days=3)}
        self.assert_told(self.make_approved, **old)

    def test_what_is_rolled_back_tells_nobody(self) -> None:
        broken = mock.patch.object(decisions, "refresh_state", side_effect=ZeroDivisionError)
        with sending(), broken:
            self.refused(ZeroDivisionError, self.approve, self.update)
        self.assertEqual(outbox(), [])

    def test_in_the_language_of_the_reader(self) -> None:
        User.objects.filter(pk=self.staff.pk).update(language="de")
        seen = []

        def note_language(*_args: Any) -> str:
            seen.append(get_language())
            return "x"

        with mock.patch.object(delivery, "render_to_string", note_language):
            self.told(self.approve, self.update)
        self.assertEqual(set(seen), {"de"})

    def test_links_lead_back_to_where_the_request_came_in_else_to_the_address_that_is_set(self):
        path, client = (
            f"/updates/{self.update.pk}/",
            client_of(self.manager, HTTP_HOST="localhost:8000"),
        )
        sent = shown_fields(client.get(f"/review/{self.update.pk}/"))
        [row] = self.told(client.post, f"{path}return/", {**sent, "note": "So."})
        self.assertIn(f"http://localhost:8000{path}", row[2])
        self.submit(self.update)
        with override_settings(SITE_ADDRESS="https://tracker.example"):
            [row] = self.told(self.approve, self.update)
        self.assertIn(f"https://tracker.example{path}", row[2])
