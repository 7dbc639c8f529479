"""The comments page and its fragment: inside alone, a few queries, and refusals with words."""

from recommendations.actions import comments
from recommendations.models import Comment
from tests.views.pages import PageTestCase

HISTORY = "/recommendations/REP-1/history/"
PATH = "/recommendations/REP-1/comments/"


class CommentPageTests(PageTestCase):
    def test_write_read_and_who_is_mentioned(self) -> None:
        response = self.post(PATH, self.staff, text="Which day, @manager?")
        comment = Comment.objects.get()
        self.assertRedirects(
            response, f"{PATH}#comment-{comment.pk}", fetch_redirect_response=False
        )
        text = self.read(PATH, self.manager)
        self.assert_words(text, "Staff", "Which day, @manager?", "Mentioned: Manager")
        self.assert_words(self.read(PATH, self.staff), "Comment added. Mentioned: Manager.")

    def test_on_an_update(self) -> None:
        update = self.make_submitted(self.recommendation)
        path = f"/updates/{update.pk}/comments/"
        self.post(path, self.manager, text="What meeting?")
        self.assertEqual(Comment.objects.get().update, update)
        self.assert_words(self.read(path, self.staff), "What meeting?")
        self.assert_words(self.read(PATH, self.staff), "What meeting?", "On the update as of")
        self.post(PATH, self.manager, text="In general")
        self.assert_no_words(self.read(path, self.staff), "In general")

    def test_what_does_not_do_is_said_and_kept(self) -> None:
        response = self.post(PATH, self.staff, text="   ")
        self.assertContains(response, "Enter a comment.", status_code=400)
        response = self.post(PATH, self.staff, text="a\u202eb")
        self.assertContains(response, "cannot be shown safely", status_code=400)

    def test_readers_of_drafts_read_and_writers_write(self) -> None:
        comments.add_comment(recommendation=self.recommendation, by=self.staff, text="Between us")
        self.assert_turned_away(PATH)
        self.assertEqual(self.get(PATH, self.viewer).status_code, 403)
        for reader in (self.auditor, self.administrator):
            self.assert_words(self.read(PATH, reader), "Between us")
            self.assertNotContains(self.get(PATH, reader), "<textarea")
            self.assertEqual(self.post(PATH, reader, text="Me too").status_code, 403)
        self.assertEqual(Comment.objects.count(), 1)
        self.assertEqual(self.get("/recommendations/REP-9/comments/", self.staff).status_code, 404)

    def test_pages_lead_there_for_those_who_may_read(self) -> None:
        update = self.make_submitted(self.recommendation)
        mine = f"/updates/{update.pk}/comments/"
        for person in (self.manager, self.staff, self.auditor):
            self.assertContains(self.get(HISTORY, person), f'hx-get="{PATH}"')
            self.assertContains(self.get(update.get_absolute_url(), person), f'hx-get="{mine}"')
        self.assertNotContains(self.get(HISTORY, self.viewer), "comments/")
        self.assertNotContains(self.get(update.get_absolute_url(), self.viewer), "comments/")

    def test_the_fragment_is_no_page_and_is_kept_apart_from_it(self) -> None:
        comments.add_comment(recommendation=self.recommendation, by=self.staff, text="Between us")
        response = self.client_for(self.manager).get(PATH, headers={"HX-Request": "true"})
        self.assertContains(response, "Between us")
        self.assertContains(response, f'action="{PATH}"')
        self.assertNotContains(response, "<html")
        self.assertIn("HX-Request", response.headers["Vary"])

    def test_beyond_fifty_there_are_pages(self) -> None:
        for index in range(51):
            comments.add_comment(
                recommendation=self.recommendation, by=self.staff, text=f"Number {index}."
            )
        self.assert_no_words(self.read(PATH, self.staff), "Number 0.")
        self.assert_words(self.read(PATH, self.staff, page="2"), "Number 0.")
