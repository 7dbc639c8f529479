"""A form that was sent signed out, or opened before the last sign-in: no word of it is lost."""

from typing import Any

from django.test import Client
from django.urls import reverse

from recommendations.models import Comment
from tests.views.pages import PageTestCase, words_of
from tests.views.test_unavailable import fields_of

PATH = "/recommendations/REP-1/comments/"
WORDS = "Written for an hour."
HERE = {"HTTP_ORIGIN": "http://testserver"}


class SentAgainTests(PageTestCase):
    """A browser that checks where forms come from, as all do."""

    def setUp(self) -> None:
        super().setUp()
        self.browser = Client(enforce_csrf_checks=True)
        self.browser.force_login(self.manager)
        self.typed = {"csrfmiddlewaretoken": self.token(), "text": WORDS}

    def token(self) -> str:
        page = self.browser.get(PATH)
        found: str = fields_of(page)["csrfmiddlewaretoken"][0]
        return found

    def sign_in_again(self) -> None:
        self.browser.force_login(self.manager)
        self.browser.cookies["csrftoken"] = "n" * 32

    def send(self, data: Any, **headers: Any) -> Any:
        return self.browser.post(PATH, data, **{**HERE, **headers})

    def test_signed_out_the_words_come_back(self) -> None:
        self.browser.logout()
        self.browser.cookies["csrftoken"] = self.typed["csrfmiddlewaretoken"]
        refused = self.send(self.typed)
        self.assertEqual(refused.status_code, 403)
        self.assert_words(words_of(refused), "You are signed out", WORDS, "Nothing was saved.")
        self.assertEqual(fields_of(refused)["text"], [WORDS])
        self.sign_in_again()
        refused = self.send(fields_of(refused))
        self.assertEqual(self.send(fields_of(refused)).status_code, 302)
        self.assertEqual([each.text for each in Comment.objects.all()], [WORDS])

    def test_signed_out_the_words_of_the_administration_come_back(self) -> None:
        path = reverse("admin:recommendations_source_change", args=[self.source.pk])
        refused = Client().post(path, {"title": WORDS, "_save": "Save"})
        self.assertEqual(refused.status_code, 403)
        self.assert_words(words_of(refused), "You are signed out", WORDS, "Nothing was saved.")
        self.assertContains(refused, f'action="{path}"', status_code=403)
        alone = Client().post(path, {"_save": "Save"})
        self.assertRedirects(alone, f"/admin/login/?next={path}", fetch_redirect_response=False)

    def test_signed_out_a_button_alone_leads_to_sign_in(self) -> None:
        self.assertEqual(Client().post(PATH, {"next": "/x/"}).status_code, 302)

    def test_after_signing_in_in_another_window_it_can_be_sent_again(self) -> None:
        self.sign_in_again()
        refused = self.send(self.typed)
        self.assertEqual(refused.status_code, 403)
        self.assert_words(words_of(refused), "Send your entries again", WORDS)
        self.assert_no_words(words_of(refused), "Permission denied")
        self.assertEqual(self.send(fields_of(refused)).status_code, 302)
        self.assertEqual(Comment.objects.count(), 1)

    def test_who_has_not_signed_in_is_not_told_of_a_sign_in(self) -> None:
        self.browser.logout()
        path = reverse("login")
        refused = self.browser.post(path, {"username": "viewer", "password": WORDS}, **HERE)
        self.assertEqual(refused.status_code, 403)
        self.assert_words(
            words_of(refused), "This form has expired. Nothing was changed.", "viewer"
        )
        self.assertContains(refused, "btn-primary", count=1, status_code=403)
        self.assert_no_words(words_of(refused), "before you signed in", WORDS)

    def test_what_comes_from_elsewhere_is_not_repeated(self) -> None:
        self.sign_in_again()
        for origin in ("https://elsewhere.example", "null", ""):
            with self.subTest(origin):
                refused = self.send(self.typed, HTTP_ORIGIN=origin)
                self.assertEqual(refused.status_code, 403)
                self.assertNotContains(refused, WORDS, status_code=403)
        self.assertEqual(Comment.objects.count(), 0)

    def test_a_draft_that_saves_itself_says_that_it_did_not(self) -> None:
        self.sign_in_again()
        path = reverse("update-new-autosave", args=["REP-1"])
        answer = self.browser.post(path, self.typed, HTTP_HX_REQUEST="true", **HERE)
        self.assert_words(words_of(answer), "Not saved: you signed in after opening this page")

    def test_who_may_not_reads_the_words_and_cannot_send_them(self) -> None:
        client = self.client_for(self.viewer)
        sent = {"title": WORDS, "nature": "time_bound"}
        refused = client.post("/recommendations/REP-1/actions/new/", sent)
        self.assertEqual(refused.status_code, 403)
        self.assert_words(words_of(refused), WORDS)
        self.assert_no_words(words_of(refused), "time_bound")
        self.assertNotContains(refused, "Send again", status_code=403)
