"""Actions, comments and relations under a recommendation, on its pages and by their forms."""

from typing import Any

from django.core.cache import cache
from django.test import override_settings

from recommendations.actions import comments, recommendations, responses, structure
from recommendations.models import Action, Comment, RecommendationRelation
from tests.base import days_ago
from tests.views.writing import ProgressTestCase

PAGE = "/recommendations/REP-1/"
ACTIONS, HISTORY, COMMENTS = f"{PAGE}actions/", f"{PAGE}history/", f"{PAGE}comments/"


def long(days: int) -> str:
    return f"{days_ago(days):%-d %B %Y}"


class ActionTests(ProgressTestCase):
    def add(self, title: str = "Write the law", **values: Any) -> Action:
        return responses.add_action(
            recommendation=self.recommendation, by=self.staff, values={"title": title, **values}
        )

    def send(self, path: str, person: Any = None, **values: Any) -> Any:
        sent = {"title": "Write the law", "state": "not_started", **values}
        return self.post(path, person or self.staff, **sent)

    def test_each_with_whose_it_is_its_days_and_where_it_came_from(self) -> None:
        self.add("Late", due_on=days_ago(3), owner="The ministry", is_named_in_source=True)
        self.add("Going", state="in_progress", started_on=days_ago(9), due_on=days_ago(-3))
        done = {"state": "done", "started_on": days_ago(9), "done_on": days_ago(1)}
        self.add("Through", due_on=days_ago(5), **done)
        self.add("Away", due_on=days_ago(5), state="dropped", dropped_reason="Not needed.")
        ours = "Added by this office"
        for words in (
            "Actions do not change the status. 1 is overdue. | Status: No report yet",
            "Action: Not started Late Overdue Named in the source The ministry Due "
            f"{long(3)}, 3 days ago",
            f"Action: In progress Going {ours} Started {long(9)} Due",
            f"Action: Completed Through {ours} Started {long(9)}",
            f"Completed on {long(1)}",
            f"Action: Cancelled Away {ours}",
            "Cancelled: Not needed.",
        ):
            self.assert_says(ACTIONS, "viewer", words)
        text = self.read(ACTIONS, self.viewer)
        places = [text.index(f" {title} ") for title in ("Late", "Going", "Through", "Away")]
        self.assertEqual(places, sorted(places))
        self.assert_says("/", "viewer", "Action overdue")
        self.assert_says(PAGE, "viewer", "Action overdue by 3 days. “Late” was due")
        recommendations.publish_recommendation(recommendation=self.recommendation, by=self.manager)
        with override_settings(PUBLIC_PAGES=True):
            for path in ("/", PAGE):
                self.assert_says(path, "", "", "Late | verdue | Actions")

    def test_one_is_added_once_and_changed_only_as_it_was_seen(self) -> None:
        new = f"{ACTIONS}new/"
        answer = self.send(new, due_on=days_ago(-9).isoformat())
        self.assertRedirects(answer, ACTIONS, fetch_redirect_response=False)
        self.assert_says(ACTIONS, "staff", "Action added | Write the law")
        told = "An action with this title already exists."
        self.assertContains(self.send(new), told, status_code=400)
        path = Action.objects.get().get_absolute_url()
        self.assertContains(self.get(path, self.staff), f'value="{days_ago(-9).isoformat()}"')
        self.send(path, self.manager, version=1, owner="The manager's choice")
        for shown in ("", "x", "9" * 30, 1):
            answer = self.send(path, version=shown, owner="My choice")
            told = "This record was changed after you opened it"
            both = ("The manager&#x27;s choice", 'value="My choice"', 'name="version" value="2"')
            self.assertAnswers(answer, 409, told, *both)
        self.send(path, version=2, state="dropped", dropped_reason="Not needed.")
        self.assertEqual(Action.objects.get().state, "dropped")


class CommentTests(ProgressTestCase):
    def say(self, text: str = "Between us") -> None:
        comments.add_comment(recommendation=self.recommendation, by=self.staff, text=text)

    def test_it_is_written_and_read_with_whom_it_mentions(self) -> None:
        answer = self.post(COMMENTS, self.staff, text="Which day, @manager?")
        to = f"{COMMENTS}#comment-{Comment.objects.get().pk}"
        self.assertRedirects(answer, to, fetch_redirect_response=False)
        self.assert_says(COMMENTS, "staff", "Comment added. Mentioned: Manager.")
        self.assert_says(COMMENTS, "manager", "Staff | Which day, @manager? | Mentioned: Manager")
        for reader in ("auditor", "administrator"):
            self.assert_says(COMMENTS, reader, "Which day")
            self.assertNotContains(self.get(COMMENTS, getattr(self, reader)), "<textarea")

    def test_on_an_update(self) -> None:
        update = self.make_submitted(self.recommendation)
        page = update.get_absolute_url()
        self.post(f"{page}comments/", self.manager, text="What meeting?")
        self.assertEqual(Comment.objects.get().update, update)
        self.say("In general")
        self.assert_says(f"{page}comments/", "staff", "What meeting?", "In general")
        self.assert_says(COMMENTS, "staff", "What meeting? | On the update as of | In general")
        for path, at in ((HISTORY, COMMENTS), (page, f"{page}comments/")):
            for person in (self.manager, self.staff, self.auditor):
                self.assertContains(self.get(path, person), f'hx-get="{at}"')
            self.assertNotContains(self.get(path, self.viewer), "comments/")
        fragment = self.client_for(self.manager).get(COMMENTS, headers={"HX-Request": "true"})
        self.assertAnswers(fragment, 200, "In general", f'action="{COMMENTS}"')
        self.assertNotContains(fragment, "<html")
        self.assertIn("HX-Request", fragment.headers["Vary"])


class RelationTests(ProgressTestCase):
    """REP-1 depends on REP-2."""

    OTHER = "/recommendations/REP-2/"

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.second = cls.make_recommendation("Lay the cable")
        ends = {"recommendation": cls.recommendation, "other": cls.second, "kind": "depends_on"}
        structure.add_relation(by=cls.manager, values={**ends, "why": "It needs the cable."})

    def setUp(self) -> None:
        super().setUp()
        cache.clear()

    def close(self, status: str, **values: Any) -> None:
        self.make_approved(
            self.second, implementation_status=status, confidence="not_rated", **values
        )
        cache.clear()

    def test_both_ends_tell_it_files_too_and_the_public_reads_none(self) -> None:
        shown = "Depends on REP-2 Lay the cable | It needs the cable."
        self.assert_says(PAGE, "viewer", shown, "closed without being implemented")
        self.assert_says(self.OTHER, "viewer", "Required by REP-1")
        file = self.get("/recommendations/export/", self.viewer, format="csv").getvalue().decode()
        self.assertIn("REP-2", file.splitlines()[1])
        recommendations.publish_recommendation(recommendation=self.recommendation, by=self.manager)
        with override_settings(PUBLIC_PAGES=True):
            self.assert_says(PAGE, "", "", "Lay the cable")

    def test_a_predecessor_that_is_closed_or_archived_is_told_on_what_depends_on_it(self) -> None:
        self.close("not_implemented", closing_reason="No money.")
        closed = "closed without being implemented"
        self.assert_says(PAGE, "viewer", closed)
        self.assert_says(self.OTHER, "viewer", "", closed)
        recommendations.archive(recommendation=self.second, by=self.manager, reason="duplicate")
        cache.clear()
        self.assert_says(PAGE, "viewer", "Archived: Duplicate of another")

    def test_one_is_added_and_removed(self) -> None:
        third = self.make_recommendation("Third")
        new = {"kind": "related", "other": third.pk}
        self.assertRedirects(self.post(f"{PAGE}relations/new/", self.manager, **new), PAGE)
        remove = f"/relations/{RecommendationRelation.objects.get(kind='related').pk}/remove/"
        self.assertContains(self.get(remove, self.manager), "Remove relation")
        self.assertRedirects(self.post(remove, self.manager), PAGE)
        self.assert_led_back(remove, PAGE)
