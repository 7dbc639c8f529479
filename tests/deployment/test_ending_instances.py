"""Instances that are killed or renewed while people write."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

from recommendations import audit
from recommendations.models import Comment
from tests.deployment.base import DeployedTestCase
from tests.deployment.visitor import Answer, Visitor
from tests.processes import until

WRITERS = 6


class Writer(threading.Thread):
    """Somebody who comments until told to stop, and remembers what came of each comment."""

    def __init__(self, visitor: Visitor, path: str, number: int, stop: threading.Event) -> None:
        super().__init__()
        self.visitor, self.path, self.number, self.stop = visitor, path, number, stop
        self.answers: dict[str, Answer] = {}

    def run(self) -> None:
        while not self.stop.is_set():
            text = f"comment {len(self.answers)} of writer {self.number}"
            self.answers[text] = self.visitor.post(self.path, {"text": text})


@dataclass
class Writing:
    """Several people who write at once."""

    writers: list[Writer]

    @property
    def answers(self) -> dict[str, Answer]:
        return {text: answer for one in self.writers for text, answer in dict(one.answers).items()}

    def wait_for_more(self, count: int = 20) -> None:
        """So many more comments have been answered, whatever the answer."""
        wanted = len(self.answers) + count
        until(lambda: len(self.answers) >= wanted, "a comment")


@pytest.mark.usefixtures("with_bucket")
class EndingInstanceTests(DeployedTestCase):
    def test_killed_while_people_write(self) -> None:
        one, _two = self.deployment.instances
        with self.writing() as writing:
            writing.wait_for_more()
            one.kill()
            writing.wait_for_more(30)
            one.start()
            writing.wait_for_more()
        failed = self.failed(writing)
        for answer in failed.values():
            self.assertEqual(answer.status, 502)
            self.assertIn("look in another window whether it was recorded", answer.words)
        # What each had under way at that moment, at most.
        self.assertLessEqual(len(failed), WRITERS)
        until(lambda: self.instance_of_next().endswith(f":{one.port}"), "the one that was killed")

    def test_told_to_take_new_code_while_people_write(self) -> None:
        one, _two = self.deployment.instances
        with self.writing() as writing:
            writing.wait_for_more()
            ended = one.ended_workers()
            one.reload()
            until(lambda: one.ended_workers() > ended, "the end of a process")
            writing.wait_for_more()
        self.assertEqual(self.failed(writing), {})

    @contextmanager
    def writing(self) -> Iterator[Writing]:
        """Until the end of the block; what was acknowledged is then there, and nothing twice."""
        path = f"/recommendations/{self.make_recommendation().reference}/comments/"
        stop, people = threading.Event(), (self.staff, self.manager, self.other_manager)
        writing = Writing(
            [
                Writer(self.signed_in(people[number % 3]), path, number, stop)
                for number in range(WRITERS)
            ]
        )
        for writer in writing.writers:
            writer.start()
        try:
            yield writing
        finally:
            stop.set()
            for writer in writing.writers:
                writer.join()
        written = list(Comment.objects.values_list("text", flat=True))
        self.assertEqual(len(written), len(set(written)))
        self.assertLessEqual(writing.answers.keys() - self.failed(writing).keys(), set(written))
        self.assertEqual(audit.verify_chain().fault, "")

    @staticmethod
    def failed(writing: Writing) -> dict[str, Answer]:
        """The answer to each comment that was not acknowledged."""
        return {text: answer for text, answer in writing.answers.items() if answer.status != 302}

    def instance_of_next(self) -> str:
        """Which instance answers a question that is asked now."""
        request_id = self.visitor().get("/nowhere/").headers["X-Request-ID"]
        return self.deployment.request_for(request_id)["instance"]
