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
from tests.views.deciding import undone

OMEGA = (
    *("alpha AND omega", "alpha OR omega", "alpha NOT omega", "alpha & omega", "alpha | omega"),
    *("-alpha omega", "office:omega", "NEAR(alpha omega)", "al%omega"),
)
SIGNS = ("", " ", "*", "%", "_", '"', '""', "()", "-", ":", "\\", "'", "NUL\x00")
RUNS = ["".join(chr(0x4E00 + (n * step) % 20_000) for n in range(20_000)) for step in (1, 7)]

TEXTS_AND_SEARCHES: tuple[tuple[str, dict[str, str], tuple[str, ...], tuple[str, ...]], ...] = (
    (
        "case and accents",
        {"summary": "Évaluation de la Côte d’Ivoire"},
        ("evaluation", "ÉVALUATION", "cote", "d'ivoire", "Ivoire", "divoire"),
        (),
    ),
    ("full width", {"summary": wide("Policy 2026")}, ("policy 2026", wide("policy")), ()),
    (
        "hyphens",
        {"summary": "Better co\u2011operation and a follow-up"},
        ("co-operation", "cooperation", "co operation", "followup", "follow up"),
        (),
    ),
    (
        "a beginning of a word and not its middle",
        {"summary": "Implementation"},
        ("implem", "im"),
        ("mentation", "i", '"implem"'),
    ),
    (
        "all of the words wherever they stand",
        {"title": "Set up certification", "summary": "Products of farms"},
        ("farms certification", "cert farm"),
        ("farms fishing",),
    ),
    (
        "a phrase in quotes",
        {"summary": "The budget of the ministry, and the office"},
        ('"budget of the ministry"', "“of the ministry”", '"the" "office"'),
        ('"budget the ministry"', '"of the office"', '"the minis"'),
    ),
    (
        "a phrase does not reach into the next field",
        {"title": "Set up", "summary": "certification now"},
        (),
        ('"up certification"',),
    ),
    (
        "Chinese inside a run",
        {"summary": "建立产品认证系统的建议"},
        ("认证", "产品认证", "统", "认证 建议"),
        ("证认", "品证"),
    ),
    (
        "Japanese inside a run",
        {"summary": "製品認証制度を設けるガイドライン"},
        ("認証", "設ける", "ガイド", "ｶﾞｲﾄﾞ", "制度を設ける"),
        ("カイト", "証認"),
    ),
    (
        "words that say nothing are words",
        {"summary": "The one and the other, or not"},
        ("the", "and", "or", "not", "the and or not"),
        ('"the and"',),
    ),
    (
        "right to left",
        {"summary": "تنفيذُ السياسةِ الوطنية"},
        ("تنفيذ", "السياسة الوطنية", "السيا"),
        (),
    ),
    (
        "a reference and the number elsewhere",
        {"external_id": "111.10"},
        ("REP-1", "rep-1", "rep1", wide("REP-1"), "111.10"),
        ("111.1",),
    ),
    (
        "the lead and the wording of the source",
        {"quoted_text": "States should certify"},
        ("states certify", '"should certify"', "ministry certify"),
        (),
    ),
    (
        "one and many",
        {"summary": "A patent policy of countries, processes and a co-patent of status"},
        (
            *("patents", "Policies", "country", "process", "co-patents", "countries policy"),
            *("policies patents", "processes"),
        ),
        ('"patents"', "statu patentss", "polici es", "counts", "stati"),
    ),
    (
        "operators are text",
        {"summary": "alpha beta near gamma"},
        ("alpha* beta", "(alpha", '"alpha', "alpha:*", "NEAR beta", "!alpha", "'beta"),
        OMEGA,
    ),
    ("signs alone", {"summary": "word " * 50}, ("word " * 2_000,), (*SIGNS, "认" * 10_000)),
    (
        "what is too long is cut",
        {"summary": "the " * 4_000 + "the end of it", "quoted_text": "认" * 19_990 + "结束"},
        ('"the end of it"', "结束", "认结"),
        (
            *("束认", "x" * 10_000, "(" * 10_000 + '"' * 10_000),
            " ".join(f"a{n}" for n in range(3_000)),
        ),
    ),
    (
        "a document of words without end is cut",
        {"summary": " ".join(f"w{n:05}x" for n in range(2_500)), "quoted_text": "".join(RUNS)},
        ("w02499x", RUNS[0][10:14]),
        (),
    ),
)
"""What is tried, the texts of REP-1, searches that find it and searches that do not."""


class WordsTests(SearchTestCase):
    def test_what_each_search_finds(self) -> None:
        self.make_recommendation("Plain other thing", summary="Another thing")
        for name, texts, found, not_found in TEXTS_AND_SEARCHES:
            with self.subTest(name), undone():
                self.write(**texts)
                self.assert_found(*found)
                self.assert_not_found(*not_found)


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
        with self.assertNumQueries(2):
            found = [each.reference for each in suggest(self.manager, "market")]
        self.assertEqual(found, ["REP-4", "REP-3", "REP-2"])
        self.assertEqual(suggest(NOBODY, "market"), [])
        self.publish(self.later)
        self.assertEqual([each.reference for each in suggest(NOBODY, "market")], ["REP-2"])

    def test_at_most_eight_are_suggested_the_newest_first(self) -> None:
        for number in range(9):
            self.make_recommendation(f"Market {number}")
        refresh([*Recommendation.objects.values_list("pk", flat=True)])
        found = [each.title for each in suggest(self.manager, "market")]
        self.assertEqual(found, [f"Market {number}" for number in range(8, 0, -1)])

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
    "ab abc a Éa co-op coop d’a 中国 国 中国人 かが 12 1 1.2 the".split(),
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
