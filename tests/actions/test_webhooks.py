"""Webhooks: what they are told, by whose rights, and whatever their receivers do."""

from datetime import timedelta
from html import escape
from typing import Any

from django.conf import settings
from django.core.checks import Tags, run_checks
from django.test import override_settings
from django.utils import timezone

from recommendations.actions import people, personal, signoffs
from recommendations.actions.base import ActionRefused, NotAllowed
from recommendations.actions.deliveries import BACK_OFF, LEASE, PassResult
from recommendations.actions.imports import openings
from recommendations.actions.updates import decisions
from recommendations.actions.webhooks import delivery, posting
from recommendations.choices import MailState, WebhookKind
from recommendations.models import (
    AuditEvent,
    Recommendation,
    Source,
    User,
    Webhook,
    WebhookDelivery,
)
from tests.actions.acts import ActTestCase
from tests.base import RaceTestCase, days_ago
from tests.imports.openings import brought, list_of, seen
from tests.receivers import HOST, PUBLIC, REDIRECT, Receiver, receiving, status
from tests.rounds import sent_round
from tests.threads import at_once, failures

ADDRESS = f"https://{HOST}/in?key=1"
EVERY = {kind.column: True for kind in WebhookKind}


def hook(by: User, **values: Any) -> Webhook:
    given = {"name": "Register", "url": ADDRESS, **EVERY, **values}
    return personal.create_webhook(by=by, values=given)[0]


def sent() -> PassResult:
    """One pass over what is due."""
    result = PassResult()
    delivery.send_queue(result)
    return result


def states() -> list[str]:
    return list(WebhookDelivery.objects.order_by("pk").values_list("state", flat=True))


class WebhookTestCase(ActTestCase):
    hidden: Recommendation
    other_source: Source
    receiver: Receiver

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.other_source = Source.objects.create(
            slug="secret-plan", title="The secret plan", short_title="Plan", reference_prefix="PLN"
        )
        cls.hidden = cls.make_recommendation("A hidden aim", source=cls.other_source)
        cls.publish()

    def setUp(self) -> None:
        super().setUp()
        self.receiver = self.enterContext(receiving())


class ToldTests(WebhookTestCase):
    def test_it_is_told_once_of_all_since_it_was_made_in_ids_and_public_text(self) -> None:
        self.make_approved(self.recommendation)
        hook(self.manager)
        own = self.make_approved(self.recommendation, what_happened="Between us.")
        self.make_approved(self.hidden, what_happened="Between us.")
        self.give_back(self.make_submitted(self.hidden), note="Too bold.")
        self.redact("the thing")
        asked = sent_round([self.hidden], self.manager, name="A quiet round")
        for about in (self.hidden, self.other_source):
            given = {"as_of": days_ago(0), "remark": "Ours."}
            signoffs.record_sign_off(about=about, by=self.manager, **given)
        batch = brought(list_of(), self.other_source, self.manager)
        openings.approve_batch(batch=batch, by=self.other_manager, seen=seen(batch))
        self.assertEqual([sent().sent, sent().sent], [8, 0])
        told = [(told["type"], told["data"]["reference"]) for told in self.receiver.told]
        reference = self.hidden.reference
        expected: list[Any] = [("update.approved", "REP-1"), ("update.approved", reference)]
        expected += [("update.returned", reference), ("round.opened", None)]
        expected += [("sign_off.recorded", reference), ("sign_off.recorded", None)]
        expected += [("import.recorded", None), ("update.approved", None)]
        self.assertEqual(told, expected)
        event = AuditEvent.objects.filter(verb="approve", object_id=own.pk).get()
        site = "https://testserver"
        self.assertEqual(
            self.receiver.told[0],
            {
                "type": "update.approved",
                "timestamp": event.at.isoformat(timespec="seconds").replace("+00:00", "Z"),
                "data": {
                    "number": own.pk,
                    "event": event.pk,
                    "reference": "REP-1",
                    "source": "report",
                    "title": Recommendation.objects.get(pk=self.recommendation.pk).title,
                    "is_demonstration": False,
                    "address": f"{site}/updates/{own.pk}/",
                },
            },
        )
        self.assertEqual(self.receiver.told[3]["data"]["number"], asked.pk)
        words = b"".join(body for _headers, body in self.receiver.received)
        for inside in (b"hidden", b"secret", b"Plan", b"us.", b"bold", b"the thing", b"quiet"):
            self.assertNotIn(inside, words)
        for inside in (b"Ours", b"list.csv", b"Staff", b"Manager", b"ongoing"):
            self.assertNotIn(inside, words)

    def test_it_verifies_as_the_documentation_says(self) -> None:
        _row, secret = personal.create_webhook(
            by=self.manager, values={"name": "R", "url": ADDRESS, "on_returned": True}
        )
        self.give_back(self.make_submitted(self.hidden))
        sent()
        [(headers, body)] = self.receiver.received
        code: dict[str, Any] = {}
        text = (settings.BASE_DIR / "docs" / "api.md").read_text()
        exec(text.split("```python")[1].split("```")[0], code)  # noqa: S102
        self.assertTrue(code["is_ours"](secret, headers, body))
        self.assertFalse(code["is_ours"](secret, headers, body + b" "))
        self.assertLess(abs(int(headers["webhook-timestamp"]) - timezone.now().timestamp()), 60)

    def test_only_what_is_chosen_of_its_source(self) -> None:
        hook(self.manager, **{**dict.fromkeys(EVERY, False), "on_round": True})
        hook(self.manager, name="Other", source=self.other_source)
        for about in (self.recommendation, self.hidden):
            self.make_approved(about)
            sent_round([about], self.manager)
            signoffs.record_sign_off(about=about.source, by=self.manager, as_of=days_ago(0))
        for source in (self.source, self.other_source):
            brought(list_of(), source, self.manager)
        sent()
        told = WebhookDelivery.objects.order_by("pk").values_list("webhook__name", "kind")
        expected = [("Other", kind) for kind in ("update.approved", "round.opened")]
        expected += [("Other", "sign_off.recorded"), ("Other", "import.recorded")]
        self.assertEqual(sorted(told), sorted([("Register", "round.opened")] * 2 + expected))

    def test_what_becomes_overdue_is_told_on_the_day_after_and_once(self) -> None:
        self.make_approved(self.recommendation)
        for days, row in enumerate((self.hidden, self.recommendation)):
            Recommendation.objects.filter(pk=row.pk).update(target_date=days_ago(days))
        one, other = hook(self.manager), hook(self.manager, source=self.source)
        sent()
        self.assertEqual(self.receiver.told, [])
        tomorrow = timezone.now() + timedelta(days=1)
        for _time in range(2):
            delivery.queue_news(tomorrow)
        Webhook.objects.filter(pk=one.pk).update(seen_day=days_ago(0))
        delivery.queue_news(tomorrow)
        rows = WebhookDelivery.objects.values_list("webhook", "kind", "recommendation", "day")
        overdue = (one.pk, "recommendation.overdue", self.hidden.pk, days_ago(0))
        self.assertEqual(list(rows), [overdue])
        # What was missed for longer than a delivery is tried is told no more.
        late = WebhookDelivery.objects.filter(webhook=other)
        delivery.queue_news(tomorrow + timedelta(days=60))
        self.assertFalse(late.exists())

    def test_chats_are_told_in_a_sentence_that_is_no_markup(self) -> None:
        self.revise(title="A <b> & [c](https://example.org)", wording_reason="Clearer.")
        User.objects.filter(pk=self.staff.pk).update(is_demonstration=True)
        for shape in ("slack", "teams"):
            hook(self.manager, shape=shape)
        self.make_approved(self.recommendation)
        sent()
        words = "Demonstration: Update approved: REP-1 A <b> & [c](https://example.org)"
        slack, teams = self.receiver.told
        said, address = slack["text"].split("\n")
        self.assertEqual(said, escape(words, quote=False))
        card = teams["attachments"][0]["content"]
        self.assertEqual(card["body"][0]["inlines"], [{"type": "TextRun", "text": words}])
        self.assertEqual(card["actions"][0]["url"], address)


class RightsTests(WebhookTestCase):
    def test_the_owner_is_asked_for_again_at_each_delivery(self) -> None:
        row = hook(self.manager)

        def end() -> None:
            personal.remove_webhook(webhook=row, by=self.administrator)

        def demonstrate() -> None:
            User.objects.filter(pk=self.manager.pk).update(is_demonstration=True)

        for change in (
            lambda: self.manager.groups.clear(),
            lambda: User.objects.filter(pk=self.manager.pk).update(is_active=False),
            demonstrate,
            end,
        ):
            self.make_approved(self.recommendation, decided_by=self.other_manager)
            delivery.queue_news(timezone.now())
            change()
            with override_settings(DEMONSTRATION_SIGNS_IN=False):
                self.assertEqual(sent().dropped, 1)
            User.objects.filter(pk=self.manager.pk).update(is_active=True, is_demonstration=False)
            self.manager.groups.set(self.other_manager.groups.all())
        self.assertEqual(self.receiver.received, [])
        self.assertEqual(set(states()), {MailState.DROPPED})

    def test_who_may_have_and_remove_one(self) -> None:
        for by in (self.staff, self.viewer, self.auditor, self.stranger):
            self.refused(NotAllowed, hook, by)
        row = hook(self.manager)
        self.refused(NotAllowed, personal.remove_webhook, webhook=row, by=self.other_manager)
        for by in (self.other_manager, self.administrator):
            self.refused(NotAllowed, delivery.send_test, webhook=row, by=by)
        people.deactivate(person=self.manager, by=self.administrator)
        people.reactivate(person=self.manager, by=self.administrator)
        row.refresh_from_db()
        self.assertEqual(row.removed_by, self.administrator)

    def test_address_and_secret_are_kept_encrypted_under_the_keys_of_the_site(self) -> None:
        row = hook(self.manager)
        with override_settings(SECRET_KEY="new", SECRET_KEY_FALLBACKS=["only for tests"]):
            self.assertEqual(delivery.send_test(webhook=row, by=self.manager), DELIVERED)
        with override_settings(SECRET_KEY="new"):
            self.refused(
                ActionRefused,
                delivery.send_test,
                webhook=row,
                by=self.manager,
                words="InvalidToken",
            )
            found = run_checks(tags=[Tags.security], include_deployment_checks=True)
            told = [each.msg for each in found if each.id == "recommendations.W004"]
            self.assertIn("has 1 webhook(s) under another SECRET_KEY", told[0])


DELIVERED = "Test message delivered: HTTP 204"


class ReceiverTests(WebhookTestCase):
    def setUp(self) -> None:
        super().setUp()
        hook(self.manager)
        self.make_approved(self.recommendation)

    def again(self) -> PassResult:
        WebhookDelivery.objects.update(due_at=timezone.now())
        return sent()

    def test_whatever_it_does_it_is_told_again_under_the_same_id(self) -> None:
        faults = {
            "hang": "no answer within",
            "drip": "no answer within",
            "silent": "no answer within",
            "close": "RemoteDisconnected",
            status(500, "Out of order"): "HTTP 500: Out of order",
            REDIRECT: "HTTP 301",
            b"not http at all": "BadStatusLine",
            "no name server": "no answer within",
        }
        for number, (says, error) in enumerate(faults.items(), 1):
            with self.subTest(says):
                self.receiver.says = [says]
                self.receiver.is_named = says != "no name server"
                self.assertEqual((self.again().failed, sent().failed), (1, 0))
                row = WebhookDelivery.objects.get()
                self.assertIn(error, row.error)
                self.assertEqual((row.state, row.failures), (MailState.QUEUED, number))
                wait = timezone.now() + BACK_OFF[number - 1]
                self.assertAlmostEqual(row.due_at, wait, delta=timedelta(minutes=1))
        self.receiver.says, self.receiver.is_named = [status(204)], True
        self.assertEqual(self.again().sent, 1)
        self.assertEqual(len(set(self.receiver.ids)), 1)
        self.assertEqual((states(), self.again().sent), ([MailState.SENT], 0))
        self.assertEqual(set(self.receiver.dialled), {PUBLIC})

    def test_one_that_is_killed_or_gone_for_good_keeps_no_other_back(self) -> None:
        self.receiver.says = [status(410), status(204)]
        hook(self.administrator)
        self.make_approved(self.recommendation)
        self.assertEqual((sent().sent, states().count(MailState.DEAD)), (1, 1))
        self.receiver.stop()
        self.assertEqual(self.again().failed, 1)
        self.assertIn("ConnectionRefused", WebhookDelivery.objects.get(state="queued").error)

    def test_three_days_of_tries_and_a_lease_that_outlasts_one(self) -> None:
        self.assertAlmostEqual(sum(BACK_OFF, timedelta()) / timedelta(days=3), 1, delta=0.01)
        self.assertGreater(LEASE.total_seconds(), 3 * (2 * posting.CONNECT_SECONDS + 10))

    def test_a_test_says_what_came_back(self) -> None:
        given = {"webhook": Webhook.objects.get(), "by": self.manager}
        self.assertEqual(delivery.send_test(**given), DELIVERED)
        self.receiver.says = [status(403, "No <b>entry</b>")]
        words = "Test message not delivered: HTTP 403: No <b>entry</b>"
        self.refused(ActionRefused, delivery.send_test, **given, words=words)
        self.assertEqual(self.receiver.told[0]["type"], "test")


PRIVATE = (
    *("127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.1"),
    *("100.64.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255", "192.0.2.1", "::", "::1"),
    *("fe80::1", "fc00::1", "fec0::1", "ff0e::1", "::ffff:8.8.8.8", "::127.0.0.1", "2001:db8::1"),
    *("64:ff9b::7f00:1", "64:ff9b:1::7f00:1", "2002:7f00:1::", "2001:0:808:808::1"),
)


class AddressTests(WebhookTestCase):
    def test_an_address_that_nothing_is_sent_to_is_refused_before_it_is_resolved(self) -> None:
        wrong = ("http://example.org/", "https://", "https://a:b@example.org/", "https://x:99999/")
        literal = (f"https://[{ip}]/" if ":" in ip else f"https://{ip}/" for ip in PRIVATE)
        for url in (*wrong, *literal, f"https://{'a' * 70}.org/"):
            self.refused("url", hook, self.manager, url=url)
        self.refused("__all__", hook, self.manager, **dict.fromkeys(EVERY, False))
        for url in ("https://example.org", "https://8.8.8.8:8443/a", "https://[2606:4700::1]/"):
            posting.target_of(url)

    def test_nothing_is_sent_where_any_address_of_the_name_is_private(self) -> None:
        row = hook(self.manager)
        self.make_approved(self.recommendation)
        for ip in PRIVATE:
            for found in ([ip], [PUBLIC, ip]):
                self.receiver.leads_to = [found]
                WebhookDelivery.objects.update(due_at=timezone.now(), failures=0)
                self.assertEqual(sent().failed, 1)
                told = WebhookDelivery.objects.get().error
                self.assertEqual(told, f"{ip} is not a public address")
        self.receiver.leads_to = [["127.0.0.1"]]
        words = "Test message not delivered: 127.0.0.1 is not a public address"
        self.refused(ActionRefused, delivery.send_test, webhook=row, by=self.manager, words=words)
        self.assertEqual(self.receiver.dialled, [])

    def test_a_name_that_changes_after_the_check_leads_where_was_checked(self) -> None:
        hook(self.manager)
        self.make_approved(self.recommendation)
        self.receiver.leads_to = [[PUBLIC], ["127.0.0.1"]]
        self.assertEqual((sent().sent, self.receiver.dialled), (1, [PUBLIC]))
        self.make_approved(self.recommendation)
        self.assertEqual((sent().failed, self.receiver.dialled), (1, [PUBLIC]))

    def test_a_certificate_for_another_name_is_not_taken(self) -> None:
        row = hook(self.manager)
        with receiving("other.example.org") as other:
            given = {"webhook": row, "by": self.manager, "words": "CERTIFICATE_VERIFY_FAILED"}
            self.refused(ActionRefused, delivery.send_test, **given)
        self.assertEqual(other.received, [])


class SendersTests(RaceTestCase):
    def test_several_senders_at_once_tell_nothing_twice(self) -> None:
        recommendation = self.make_recommendation()
        for number in range(3):
            hook(self.manager, name=str(number))
        for _number in range(4):
            update = self.make_submitted(recommendation)
            decisions.return_update(update=update, by=self.manager, note="No.")
        with receiving() as receiver:
            results = at_once([sent] * 4)
        self.assertEqual(failures(results), [])
        self.assertEqual(sum(result.sent for result in results), 12)
        self.assertEqual((len(receiver.ids), len(set(receiver.ids))), (12, 12))
