"""Parts on pages, in lists and files, for the public; on the form of an update; their own form."""

import json
import re
from typing import Any
from uuid import uuid4

from django.core.cache import cache
from django.test import override_settings

from recommendations.actions import recommendations, structure
from recommendations.models import Part, PartCompletion, StatusUpdate
from tests.actions.test_parts import PartTestCase
from tests.base import days_ago
from tests.views.pages import PageTestCase

PAGE = "/recommendations/REP-1/"


class PartPageTests(PageTestCase, PartTestCase):
    def setUp(self) -> None:
        super().setUp()
        cache.clear()

    def assert_counted(self, done: int, count: int) -> None:
        """On the page and in the file, inside and for the public."""
        cache.clear()
        words = f"{done} of {count} parts complete"
        for person in (self.viewer, None):
            with self.subTest("page", person=person):
                self.assertIn(words, self.read(PAGE, person))
            file = self.get("/recommendations/export/", person, format="json")
            [row] = json.loads(b"".join(file.streaming_content))
            with self.subTest("file", person=person):
                self.assertEqual((row["parts_complete"], row["parts_total"]), (done, count))

    @override_settings(PUBLIC_PAGES=True)
    def test_the_count_is_right_on_page_list_file_and_for_the_public(self) -> None:
        recommendations.publish_recommendation(recommendation=self.recommendation, by=self.manager)
        update = self.approve(self.submitted(0, 2, public_text="Two strands are in effect."))
        self.assert_counted(2, 4)
        self.assertContains(self.get(PAGE, self.viewer), f"/updates/{update.pk}/")
        self.assertNotContains(self.get(PAGE), f"/updates/{update.pk}/")
        self.assertIn("(a) Strand a.", self.read(PAGE))
        self.add_part("e", amendment_reason="It was left out.")
        changed = {"text": "Another strand.", "amendment_reason": "It was unclear."}
        structure.change_part(
            part=self.parts[2], by=self.manager, expected_version=1, values=changed
        )
        structure.remove_part(part=self.parts[0], by=self.manager, reason="It was said twice.")
        self.assert_counted(1, 4)
        for words in ("(c) Another strand.", "It was unclear.", "It was left out."):
            self.assertIn(words, self.read(PAGE))

    def test_a_removed_part_is_named_on_the_update_that_completes_it(self) -> None:
        update = self.submitted(0, 2)
        for removed, labels in ((None, "(a), (c)"), (self.parts[0], "(a, removed), (c)")):
            if removed:
                structure.remove_part(part=removed, by=self.manager)
            told = f"Parts completed {labels}"
            self.assertIn(told, self.read(f"/updates/{update.pk}/", self.viewer))
            self.assertIn(told, self.read(f"/review/{update.pk}/", self.manager))
        self.approve(update)
        for part in self.parts[1:]:
            structure.remove_part(part=part, by=self.manager)
        page = self.read(f"/updates/{update.pk}/", self.viewer)
        self.assertIn("Parts completed (a, removed), (c, removed)", page)


class FormTests(PageTestCase, PartTestCase):
    def form(self, *chosen: int, **more: Any) -> dict[str, Any]:
        return {
            "key": str(uuid4()),
            "basis": 0,
            "as_of": days_ago(0).isoformat(),
            "what_happened": "A strand is in effect.", "move": "save", "parts-offered": "1",
            "part": [self.parts[n].pk for n in chosen], **more,
        }  # fmt: skip

    def test_open_parts_are_offered_and_saved(self) -> None:
        self.approve(self.submitted(3))
        page = self.get(f"{PAGE}updates/new/", self.staff)
        self.assertContains(page, 'name="part"', count=3)
        self.post(f"{PAGE}updates/new/", self.staff, **self.form(0, 1))
        draft = StatusUpdate.objects.get(state="draft")
        marked = PartCompletion.objects.live().filter(update=draft)
        self.assertEqual(set(marked.values_list("part__label", flat=True)), {"a", "b"})
        page = self.get(f"/updates/{draft.pk}/", self.staff).content.decode()
        self.assertEqual(len(re.findall(r'name="part" value="\d+" checked', page)), 2)
        words = {"version": draft.version, "remaining": "The others."}
        answer = self.post(f"/updates/{draft.pk}/save/", self.staff, **words)
        self.assertEqual((answer.status_code, marked.count()), (302, 2))

    def test_a_part_of_what_was_published_needs_a_reason(self) -> None:
        recommendations.publish_recommendation(recommendation=self.recommendation, by=self.manager)
        answer = self.post(f"{PAGE}parts/new/", self.manager, label="e", text="Strand e.")
        told = "Enter the reason."
        self.assertContains(answer, told, status_code=400)

    def test_a_part_is_added_changed_and_removed(self) -> None:
        new = f"{PAGE}parts/new/"
        self.assertRedirects(self.post(new, self.manager, label="e", text="Strand e."), PAGE)
        part = Part.objects.get(label="e")
        page = f"/parts/{part.pk}/edit/"
        sent = {"label": "e", "text": "Strand five.", "position": 5, "version": 1}
        self.assertRedirects(self.post(page, self.manager, **sent), PAGE)
        self.assertEqual(self.post(page, self.manager, **sent | {"text": "Late."}).status_code, 409)
        self.assertRedirects(
            self.post(page, self.manager, **sent | {"version": 2, "is_removed": "on"}), PAGE
        )
        self.assert_led_back(page, PAGE)
        self.assertEqual(self.kept(), (0, 4))
