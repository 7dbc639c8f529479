"""``compare_quotations``: each passage of a quotation, looked up in the text of its source."""

import io
import tempfile
from pathlib import Path

from django.core.management import CommandError, call_command

from recommendations.models import Recommendation
from tests.article.base import ArticleTestCase


class CompareTests(ArticleTestCase):
    def compare(self, text: str | bytes, source: str = "digital-silk-road") -> str:
        file = Path(self.enterContext(tempfile.TemporaryDirectory())) / "article.txt"
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        out = io.StringIO()
        call_command("compare_quotations", source, str(file), stdout=out)
        return out.getvalue()

    def test_each_passage_is_found_with_other_white_space_and_ligatures(self):
        quoted = Recommendation.objects.order_by("number").values_list("quoted_text", flat=True)
        text = "\n".join(quoted).replace(" […] ", " And more. ").replace(" ", "\n")
        said = self.compare(text.replace("fi", "ﬁ"))
        self.assertIn("Every quotation is in the text", said)
        self.assertIn("not the copy whose digest is on record", said)
        with self.assertRaisesMessage(CommandError, "1 of the quoted passages."):
            self.compare(text.replace("certification", "certifying", 1))

    def test_a_wrong_source_or_file_is_named(self):
        with self.assertRaisesMessage(CommandError, "There is no source “other”."):
            self.compare("", source="other")
        with self.assertRaisesMessage(CommandError, "is not UTF-8 (byte 0)"):
            self.compare(b"\xff")
