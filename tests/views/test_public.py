"""Nothing internal reaches a reader without a role: no word of it, over every address."""

import re
from functools import partial
from typing import Any, ClassVar

from django.apps import apps
from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import models
from django.test import override_settings
from django.utils import timezone

from recommendations.filters.evidence import EvidenceFilter, PublicEvidenceFilter
from recommendations.filters.indicators import IndicatorFilter
from recommendations.filters.log import AuditEventFilter
from recommendations.filters.recommendations import (
    PublicRecommendationFilter,
    RecommendationFilter,
)
from recommendations.filters.responses import AreaFilter
from recommendations.models import (
    Area,
    AuditEvent,
    Evidence,
    EvidenceLink,
    Indicator,
    Recommendation,
    Source,
    StatusUpdate,
)
from recommendations.queries.indicators.gap_charts import NAMES as PICTURES
from recommendations.storage import evidence as store
from tests.briefings.documents import untypeset_briefings
from tests.catalogues import BANNED
from tests.shown_words import visible
from tests.views.addresses import addresses
from tests.views.marked import HIDDEN_FIGURE, MarkedTestCase
from tests.views.markers import (
    MARKER,
    MUST_BE_SEEN,
    NO_WORDS,
    PUBLIC,
    Planter,
    all_texts,
    text_fields,
)
from tests.views.pages import words_of

LISTS = {
    "/recommendations/": (PublicRecommendationFilter, RecommendationFilter),
    "/evidence/": (PublicEvidenceFilter, EvidenceFilter),
    "/indicators/": (IndicatorFilter, IndicatorFilter),
    "/areas/": (AreaFilter, AreaFilter),
}


class PlacingTests(MarkedTestCase):
    def test_every_text_of_every_model_is_planted(self):
        planted = set(self.planter.internal.values()) | set(self.planter.public.values())
        self.assertEqual(all_texts() - planted, set())

    def test_every_text_that_is_not_public_is_planted_as_internal(self):
        public = {f"{model}.{field}" for model, fields in PUBLIC.items() for field in fields}
        self.assertEqual(all_texts() - public - set(self.planter.internal.values()), set())

    def test_the_lists_name_nothing_that_is_gone(self):
        public = {f"{model}.{field}" for model, fields in PUBLIC.items() for field in fields}
        self.assertLessEqual(public, all_texts())
        for name in NO_WORDS:
            model, field = name.split(".")
            apps.get_model("recommendations", model)._meta.get_field(field)

    def test_a_field_is_internal_until_it_is_named(self):
        class Thing(models.Model):
            secret = models.TextField()

            class Meta:
                app_label = "nowhere"
                managed = False

            def save(self, *args: Any, **kwargs: Any) -> None:
                """Nowhere."""

        planter = Planter()
        thing = planter.plant(Thing, is_public=True)
        self.assertEqual(planter.internal, {thing.secret: "thing.secret"})


@override_settings(PUBLIC_PAGES=True)
class EveryAddressTests(MarkedTestCase):
    read_at: ClassVar[dict[tuple[str, bool], bool]] = {}

    def setUp(self) -> None:
        super().setUp()
        # No word can be found in a PDF; what it is made of is looked through in its place.
        self.enterContext(untypeset_briefings())

    def values_of(self, route: str, kind: str, name: str) -> list[Any]:
        """All that an address can be about: every id, reference, code and short name there is."""
        match kind:
            case "int" if name == "number":
                return [1, 2, 3]
            case "int":
                model = Evidence if route.startswith("/evidence/<") else StatusUpdate
                return [*model.objects.order_by("pk").values_list("pk", flat=True), 10**9]
            case "code":
                if route.startswith("/areas/"):
                    return list(Area.objects.values_list("code", flat=True))
                references = Recommendation.objects.values_list("reference", flat=True)
                return [*references, *Indicator.objects.values_list("code", flat=True)]
            case "slug" if name == "picture":
                return list(PICTURES)
            case "slug":
                return list(Source.objects.values_list("slug", flat=True))
            case "str" if name == "day":
                return [timezone.localdate()]
            case "str" if name == "number":
                return [AuditEvent.objects.latest("sequence").pk, "MQ"]
            case "str":
                return ["MQ", self.decider.username]
        raise AssertionError(f"say what {name} can be in {route}")

    def paths(self, *, is_few: bool = False) -> list[str]:
        """Every address, about all things; the administration's, and those of forms, about few."""
        found: list[str] = []
        for address in addresses():
            if address.is_admin:
                found += address.paths(lambda _kind, _name: ["recommendations", 1])
                continue
            everything = partial(self.values_of, address.route)
            few = list(address.paths(partial(self.few_of, address.route)))
            is_about_one = address.route.count("<") == 1 or address.name == "evidence-file"
            if is_about_one and not is_few and self.is_read(address.route, few[0]):
                found += address.paths(everything)
            else:
                found += few
        return found

    def is_read(self, route: str, path: str) -> bool:
        """Whether an address takes a GET at all, whatever it is about. Each is asked once."""
        key = route, settings.PUBLIC_PAGES
        if key not in self.read_at:
            self.read_at[key] = self.client_for(None).get(path).status_code != 405
        return self.read_at[key]

    def few_of(self, route: str, kind: str, name: str) -> list[Any]:
        return self.values_of(route, kind, name)[:2]

    def assert_nothing_internal(self, path: str, response: Any) -> str:
        body = response.getvalue().decode(errors="replace")
        answer = f"{response.headers}\n{response.cookies}\n{body}"
        self.assertEqual(self.planter.leaked(answer, besides=path), {}, path)
        for figure in (HIDDEN_FIGURE, "98,765.4321"):
            self.assertNotIn(figure, answer, path)
        return answer

    def walk(self, person: Any, *, is_few: bool = False) -> str:
        """Ask for everything; answers all that was public in it."""
        client = self.client_for(person)
        answers = []
        for path in self.paths(is_few=is_few):
            response = client.get(path)
            self.assertLess(response.status_code, 500, path)
            if response.get("Content-Type", "").startswith("text/html"):
                # Every text of a row is planted here, so these words are those of the site.
                words = visible(response.getvalue().decode())
                self.assertIsNone(BANNED.search(words), path)
            answers.append(self.assert_nothing_internal(path, response))
        return "\n".join(answers)

    def assert_public_words_are_seen(self, answers: str) -> None:
        seen = set(self.planter.seen(answers).values())
        self.assertLessEqual(MUST_BE_SEEN, seen)

    def test_signed_out(self):
        self.assert_public_words_are_seen(self.walk(None))

    def test_signed_in_without_a_role(self):
        """Of every address the first few: `AskingTests` and `SayingTests` compare their words."""
        self.walk(self.stranger, is_few=True)

    def test_without_public_pages_not_even_what_is_public(self):
        with override_settings(PUBLIC_PAGES=False):
            for person, is_few in ((None, False), (self.stranger, True)):
                answers = self.walk(person, is_few=is_few)
                # An address that was asked for is said again: where to go after signing in.
                answers = re.sub(r"next=\S+|(?i:location)\S+ \S+|Printed on .*", "", answers)
                seen = set(self.planter.seen(answers).values())
                self.assertLessEqual(
                    seen,
                    {"recommendation.reference", "indicator.code", "source.slug", "area.code"},
                )

    def test_forms_and_forbidden_methods_tell_nothing(self):
        client = self.client_for(None)
        for path in self.paths():
            self.assert_nothing_internal(path, client.post(path))


@override_settings(PUBLIC_PAGES=True)
class AskingTests(MarkedTestCase):
    """Filters must not answer what pages do not show."""

    def test_filters_of_people_inside_change_nothing(self):
        every = {
            *RecommendationFilter.base_filters,
            *EvidenceFilter.base_filters,
            *AuditEventFilter.base_filters,
            *IndicatorFilter.base_filters,
        }
        values = [self.body.pk, self.hidden_area.code, self.body.slug, "no_lead", "internal", "x"]
        for path, (public, _inside) in LISTS.items():
            plain = self.read(path)
            for name in sorted(every - set(public.base_filters)):
                for sent in (values, values[::-1]):  # of several values the last one counts
                    with self.subTest(path=path, filter=name):
                        self.assertEqual(words_of(self.get(path, **{name: sent})), plain)

    def test_columns_are_no_filters(self):
        plain = {path: self.read(path) for path in LISTS}
        for query in (
            "lead__name",
            "lead_officer__username",
            "current_update__internal_note__icontains",
            "published_at__isnull",
            "visibility",
            "o",
            "q",
            "all",
            "format",
        ):
            for path in LISTS:
                with self.subTest(path=path, query=query):
                    self.assertEqual(self.read(path, **{query: "1"}), plain[path])

    def test_words_are_sought_in_public_texts_alone(self):
        for public, _inside in LISTS.values():
            model = public._meta.model._meta.model_name
            with self.subTest(model=model):
                self.assertLessEqual(set(public.base_filters["text"].over), PUBLIC[model])

    def test_no_internal_word_finds_anything(self):
        """One word of each internal text of the things that are listed."""
        words = {name: marker for marker, name in self.planter.internal.items()}
        for path, (public, _inside) in LISTS.items():
            model = public._meta.model._meta.model_name
            for name in (name for name in words if name.startswith(f"{model}.")):
                with self.subTest(path=path, field=name):
                    response = self.get(path, text=words[name])
                    self.assertEqual(len(response.context["page"].object_list), 0)

    def test_public_words_do_find(self):
        for path, name in (
            ("/recommendations/", "recommendation.summary"),
            ("/evidence/", "evidence.publisher"),
            ("/indicators/", "indicator.definition"),
        ):
            marker = next(word for word, of in self.planter.public.items() if of == name)
            self.assertEqual(len(self.get(path, text=marker).context["page"].object_list), 1)

    def test_a_hidden_source_is_as_unknown_as_one_that_is_not(self):
        hidden = self.hidden.source.slug
        there = self.read("/recommendations/", status=400, source=hidden)
        not_there = self.read("/recommendations/", status=400, source="none")
        self.assertEqual(there.replace(hidden, ""), not_there.replace("none", ""))
        for path in (f"/sources/{hidden}/", "/sources/none/"):
            self.read(path, status=404)

    def test_a_relation_to_something_hidden_finds_nothing(self):
        response = self.get("/indicators/", relation="delivery")
        self.assertEqual(len(response.context["page"].object_list), 0)

    def test_orders_and_pages_show_no_more(self):
        for order in PublicRecommendationFilter.base_filters["sort"].extra["choices"]:
            response = self.get("/recommendations/", sort=order[0])
            found = [row.reference for row in response.context["rows"]]
            self.assertEqual(found, [self.published.reference])

    def test_counts_flags_and_assurance_rest_on_what_is_public(self):
        for person in (None, self.stranger):
            (row,) = self.get("/recommendations/", person).context["rows"]
            self.assertEqual(
                (row.evidence_for, row.evidence_against, row.evidence_answered), (1, 2, 1)
            )
            self.assertEqual((row.reported_status, row.lead), ("", ""))
            self.assertEqual((row.pk, row.officer, row.next_due_on), (None, "", None))
            self.assertEqual(row.flags, {"contradicted", "date_overdue", "rating_out_of_date"})
            self.assertEqual(row.assurance, "evidence_checked")

    def test_with_internal_evidence_alone_a_claim_has_only_its_manager(self):
        Evidence.objects.update(visibility="internal")
        (row,) = self.get("/recommendations/").context["rows"]
        self.assertEqual((row.evidence_for, row.evidence_against), (0, 0))
        self.assertNotIn("contradicted", row.flags)
        self.assertEqual(row.assurance, "manager_approved")
        text = self.read(self.published.get_absolute_url())
        self.assert_no_words(text, "Contradicted", "Evidence verified")


@override_settings(PUBLIC_PAGES=True)
class SayingTests(MarkedTestCase):
    def test_one_source_is_shown_as_if_it_were_the_only_one(self):
        text = self.read("/")
        self.assert_words(
            text, f"{self.published.source.short_title} Source: ", "Of one recommendation, one is"
        )
        self.assert_no_words(text, "all sources", "await")

    def test_an_account_without_a_role_gets_the_same_words(self):
        paths = ["/", *LISTS, self.published.get_absolute_url(), "/help/ratings/"]
        for path in paths:
            with self.subTest(path=path):
                self.assertEqual(self.read(path), words_of(self.get(path, self.stranger)), path)

    def test_no_person_is_named(self):
        names = [
            name
            for person in get_user_model().objects.all()
            for name in (str(person), person.username, person.email)
            if len(name) > 7
        ]
        page = self.published.get_absolute_url()
        for path in ("/", *LISTS, page, f"{page}responses/", self.area.get_absolute_url()):
            self.assert_no_words(self.get(path).content.decode(), *names)


@override_settings(PUBLIC_PAGES=True)
class InternalEvidenceTests(MarkedTestCase):
    """A viewer reads what waits and what is decided, and of internal evidence nothing at all."""

    def setUp(self) -> None:
        super().setUp()
        self.enterContext(untypeset_briefings())

    def internal_words(self) -> set[str]:
        """Every word of every internal item: its own, of its links, checks and files."""
        texts: list[str] = []
        for item in Evidence.objects.filter(visibility="internal"):
            for row in (item, *item.links.all(), *item.checks.all(), *item.revisions.all()):
                texts += [getattr(row, field.name) for field in text_fields(type(row))]
            for revision in item.revisions.all():
                with store.open_file(revision.file_id) as file:
                    texts.append(file.read().decode())
        return set(MARKER.findall(" ".join(texts)))

    def values_of(self, route: str, kind: str, name: str) -> list[Any]:
        """All evidence; of everything else what the internal items hang on, and the lists."""
        match kind:
            case "int" if name == "number":
                return [1, 2]
            case "int" if route.startswith("/evidence/<"):
                return list(Evidence.objects.values_list("pk", flat=True))
            case "int":
                links = EvidenceLink.objects.filter(update__recommendation=self.published)
                return sorted(set(links.values_list("update", flat=True)))
            case "code":
                return [self.published.reference, self.hidden.reference]
            case "slug":
                return [self.published.source.slug]
        return []

    def test_no_address_shows_a_viewer_a_word_of_it(self) -> None:
        words, client = self.internal_words(), self.client_for(self.viewer)
        self.assertGreater(len(words), 100)
        asked = 0
        for address in addresses():
            if address.is_admin:
                continue
            for path in address.paths(partial(self.values_of, address.route)):
                response = client.get(path)
                if response.status_code == 405:
                    break  # a form's address: there is nothing to read
                asked += 1
                answer = f"{response.headers}{response.getvalue().decode(errors='replace')}"
                self.assertEqual(words & set(MARKER.findall(answer.lower())), set(), path)
        self.assertGreater(asked, 100)
