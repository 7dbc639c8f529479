"""What is found by what is typed: the same on both databases."""

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase as PropertyTestCase

from recommendations.models import Recommendation, SearchDocument
from recommendations.search.documents import refresh
from recommendations.search.queries import matching, named, parse, suggest
from tests.base import World
from tests.depth import times
from tests.search.base import NOBODY, SearchTestCase, holds, wide


class WordsTests(SearchTestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.make_recommendation("Plain other thing", summary="Another thing")

    def test_case_and_accents(self) -> None:
        self.write(summary="Évaluation de la Côte d’Ivoire")
        self.assert_found("evaluation", "ÉVALUATION", "cote", "d'ivoire", "Ivoire", "divoire")

    def test_full_width(self) -> None:
        self.write(summary=wide("Policy 2026"))
        self.assert_found("policy 2026", wide("policy"))

    def test_hyphens(self) -> None:
        self.write(summary="Better co\u2011operation and a follow-up")
        self.assert_found("co-operation", "cooperation", "co operation", "followup", "follow up")

    def test_a_beginning_of_a_word_and_not_its_middle(self) -> None:
        self.write(summary="Implementation")
        self.assert_found("implem", "im")
        self.assert_not_found("mentation", "i", '"implem"')

    def test_all_of_the_words_wherever_they_stand(self) -> None:
        self.write(title="Set up certification", summary="Products of farms")
        self.assert_found("farms certification", "cert farm")
        self.assert_not_found("farms fishing")

    def test_a_phrase_in_quotes(self) -> None:
        self.write(summary="The budget of the ministry, and the office")
        self.assert_found('"budget of the ministry"', "“of the ministry”", '"the" "office"')
        self.assert_not_found('"budget the ministry"', '"of the office"', '"the minis"')

    def test_a_phrase_does_not_reach_into_the_next_field(self) -> None:
        self.write(title="Set up", summary="certification now")
        self.assert_not_found('"up certification"')

    def test_chinese_inside_a_run(self) -> None:
        self.write(summary="建立产品认证系统的建议")
        self.assert_found("认证", "产品认证", "统", "认证 建议")
        self.assert_not_found("证认", "品证")

    def test_japanese_inside_a_run(self) -> None:
        self.write(summary="製品認証制度を設けるガイドライン")
        self.assert_found("認証", "設ける", "ガイド", "ｶﾞｲﾄﾞ", "制度を設ける")
        self.assert_not_found("カイト", "証認")

    def test_words_that_say_nothing_are_words(self) -> None:
        self.write(summary="The one and the other, or not")
        self.assert_found("the", "and", "or", "not", "the and or not")
        self.assert_not_found('"the and"')

    def test_right_to_left(self) -> None:
        self.write(summary="تنفيذُ السياسةِ الوطنية")
        self.assert_found("تنفيذ", "السياسة الوطنية", "السيا")

    def test_a_reference_and_the_number_elsewhere(self) -> None:
        self.write(external_id="111.10")
        self.assert_found("REP-1", "rep-1", "rep1", wide("REP-1"), "111.10")
        self.assert_not_found("111.1")

    def test_the_lead_and_the_wording_of_the_source(self) -> None:
        self.write(quoted_text="States should certify")
        self.assert_found("states certify", '"should certify"')
        self.assert_found("ministry certify")

    def test_operators_are_text(self) -> None:
        self.write(summary="alpha beta near gamma")
        for text in (
            "alpha AND omega",
            "alpha OR omega",
            "alpha NOT omega",
            "alpha & omega",
            "alpha | omega",
            "-alpha omega",
            "office:omega",
            "NEAR(alpha omega)",
            "al%omega",
        ):
            with self.subTest(text):
                self.assertEqual(self.found(text), [])
        self.assert_found(
            "alpha* beta", "(alpha", '"alpha', "alpha:*", "NEAR beta", "!alpha", "'beta"
        )

    def test_signs_alone_find_nothing(self) -> None:
        for text in (
            "",
            " ",
            "*",
            "%",
            "_",
            '"',
            '""',
            "()",
            "-",
            ":",
            "\\",
            "'",
            "NUL\x00",
        ):
            with self.subTest(text):
                self.assertEqual(self.found(text), [])

    def test_what_is_too_long_is_cut(self) -> None:
        self.write(summary="word " * 50)
        self.assert_found("word " * 2_000)
        self.assertEqual(self.found("x" * 10_000), [])
        self.assertEqual(self.found("(" * 10_000 + '"' * 10_000), [])
        self.assert_not_found("认" * 10_000, " ".join(f"a{n}" for n in range(3_000)))

    def test_a_long_text_is_found_to_its_end(self) -> None:
        self.write(summary="the " * 4_000 + "the end of it", quoted_text="认" * 19_990 + "结束")
        self.assert_found('"the end of it"', "结束", "认结")
        self.assert_not_found("束认")

    def test_a_document_of_words_without_end_is_cut(self) -> None:
        texts = [
            "".join(chr(0x4E00 + (n * step) % 20_000) for n in range(20_000)) for step in (1, 7)
        ]
        self.write(summary=" ".join(f"w{n:05}x" for n in range(2_500)), quoted_text="".join(texts))
        self.assert_found("w02499x", texts[0][10:14])


class RelevanceTests(SearchTestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.later = cls.make_recommendation("Other", summary="A border market of the region")
        cls.titled = cls.make_recommendation("Open the market", summary="Nothing")
        cls.both = cls.make_recommendation("A border market", summary="Nothing")
        refresh([*Recommendation.objects.values_list("pk", flat=True)])

    def test_a_hit_in_the_title_comes_before_one_in_the_summary(self) -> None:
        found = [each.reference for each in suggest(self.manager, "border market")]
        self.assertEqual(found, ["REP-4", "REP-2"])
        found = [each.reference for each in suggest(self.manager, "market")]
        self.assertEqual(found, ["REP-4", "REP-3", "REP-2"])

    def test_at_most_eight_are_suggested_the_newest_first(self) -> None:
        for number in range(9):
            self.make_recommendation(f"Market {number}")
        refresh([*Recommendation.objects.values_list("pk", flat=True)])
        found = [each.title for each in suggest(self.manager, "market")]
        self.assertEqual(found, [f"Market {number}" for number in range(8, 0, -1)])

    def test_suggestions_cost_two_questions(self) -> None:
        with self.assertNumQueries(2):
            suggest(self.manager, "border market")

    def test_the_public_is_suggested_what_is_public(self) -> None:
        self.assertEqual(suggest(NOBODY, "market"), [])
        self.publish(self.later)
        self.assertEqual([each.reference for each in suggest(NOBODY, "market")], ["REP-2"])

    def test_a_typed_reference_is_the_one_that_is_meant(self) -> None:
        for text in ("REP-2", " rep-2 ", "Rep-2", wide("REP-2")):
            with self.subTest(text):
                self.assertEqual(named(self.manager, text), self.later)
                self.assertIsNone(named(NOBODY, text))
        for text in ("", "REP-", "REP-22", "REP 2", "2", "x" * 10_000, "REP-2\x00"):
            with self.subTest(text):
                self.assertIsNone(named(self.manager, text))


LETTERS = "ab é-'中国かがｶﾞ\uff211."
WORDS = st.sampled_from(
    [
        "ab",
        "abc",
        "a",
        "Éa",
        "co-op",
        "coop",
        "d’a",
        "中国",
        "国",
        "中国人",
        "かが",
        "12",
        "1",
        "1.2",
        "the",
    ]
)
TEXTS = st.lists(WORDS, max_size=6).map(" ".join) | st.text(LETTERS, max_size=12)
QUERIES = st.lists(WORDS | st.builds('"{} {}"'.format, WORDS, WORDS), min_size=1, max_size=3).map(
    " ".join
) | st.text(LETTERS + '"*:()&|!', max_size=10)


class SameHitsTests(World, PropertyTestCase):
    """Any documents and any searches: what is found is what reading them finds."""

    @classmethod
    def setUpTestData(cls) -> None:
        cls.make_world()
        rows = [cls.make_recommendation(lead=None) for _number in range(4)]
        cls.names = {row.pk: [row.reference, row.title] for row in rows}

    @settings(max_examples=times(60, 1_000), deadline=None)
    @given(st.lists(st.tuples(TEXTS, TEXTS), min_size=4, max_size=4), st.lists(QUERIES, max_size=6))
    def test_the_same_is_found(self, documents: list[tuple[str, str]], queries: list[str]) -> None:
        for key, (summary, quoted) in zip(self.names, documents, strict=True):
            Recommendation.objects.filter(pk=key).update(summary=summary, quoted_text=quoted)
        refresh([*self.names])
        for query in queries:
            rows = SearchDocument.objects.filter(matching(self.manager, parse(query), ""))
            expected = {
                key
                for (key, names), texts in zip(self.names.items(), documents, strict=True)
                if holds([*names, *texts], query)
            }
            self.assertEqual(set(rows.values_list("pk", flat=True)), expected, query)
