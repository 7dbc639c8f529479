"""The page of webhooks: whose are shown, the secret that is shown once, and its buttons."""

from typing import Any

from recommendations.models import AuditEvent, AuditText, Webhook
from tests.receivers import HOST, receiving, status
from tests.views.pages import PageTestCase

PAGE = "/accounts/webhooks/"
SENT = {"name": "Register", "url": f"https://{HOST}/T0/B0", "shape": "slack", "on_round": "on"}


class WebhookPageTests(PageTestCase):
    def post(self, path: str = "", values: Any = None) -> Any:
        return self.client.post(f"{PAGE}{path}", values or {}, follow=True)

    def test_a_secret_is_shown_once_and_neither_it_nor_the_address_is_on_record(self) -> None:
        self.client.force_login(self.manager)
        shown = self.post(values=SENT)
        secret = shown.context["secret"]
        self.assertContains(shown, secret)
        again = self.client.get(PAGE)
        self.assertContains(again, HOST)
        for words in (secret, "/T0/B0"):
            self.assertNotContains(again, words)
        texts = [*AuditEvent.objects.values_list("payload"), *AuditText.objects.values_list("text")]
        row = Webhook.objects.get()
        for words in (secret, "/T0/B0", row.sealed):
            self.assertNotIn(words, str(texts))
        self.assertEqual(
            (row.person, row.shape, row.kinds), (self.manager, "slack", ["round.opened"])
        )
        self.assertContains(self.client.get("/"), PAGE)

    def test_what_is_wrong_is_told_beside_its_field(self) -> None:
        self.client.force_login(self.manager)
        for values, fields in (
            ({"url": "https://10.0.0.1/"}, ["url"]),
            ({"url": "http://example.org/"}, ["url"]),
            ({"url": "", "name": ""}, ["name", "url"]),
            ({"on_round": ""}, ["on_approved"]),
            ({"shape": "letter"}, ["shape"]),
            ({"source": "9" * 30}, ["source"]),
        ):
            with self.subTest(values):
                shown = self.post(values={**SENT, **values})
                self.assertEqual(shown.status_code, 400)
                self.assertEqual(sorted(shown.context["form"].errors), fields)
        self.assertFalse(Webhook.objects.exists())

    def test_each_sees_their_own_and_administrators_end_any(self) -> None:
        for who in (self.staff, self.viewer, self.auditor):
            self.client.force_login(who)
            self.assertEqual(self.client.get(PAGE).status_code, 403)
            self.assertNotContains(self.client.get("/"), PAGE)
        self.client.force_login(self.manager)
        self.post(values=SENT)
        row = Webhook.objects.get()
        self.client.force_login(self.other_manager)
        self.assertNotContains(self.client.get(PAGE), "Register")
        for act in ("remove", "test"):
            self.assertEqual(self.post(f"{row.pk}/{act}/").status_code, 404)
        self.client.force_login(self.administrator)
        self.assertContains(self.client.get(PAGE), "Register")
        self.assertEqual(self.post(f"{row.pk}/test/").status_code, 404)
        self.assertContains(self.post(f"{row.pk}/remove/"), "Webhook removed")
        self.assertNotContains(self.client.get(PAGE), "Register")
        self.assertContains(self.client.get("/audit/"), "Webhook removed")

    def test_a_test_message_says_what_came_back(self) -> None:
        self.client.force_login(self.manager)
        self.post(values=SENT)
        path = f"{Webhook.objects.get().pk}/test/"
        with receiving() as receiver:
            self.assertContains(self.post(path), "Test message delivered: HTTP 204")
            receiver.says = [status(403, "<b>No</b>")]
            shown = self.post(path)
        self.assertContains(shown, "Test message not delivered: HTTP 403: &lt;b&gt;No&lt;/b&gt;")
