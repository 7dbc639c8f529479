"""Every address, asked by every kind of reader: no word of what they may not read, none unescaped.

The world of these tests has a word of its own in every text of every table (`marked.py`), with
markup behind it wherever people write.
"""

import re
from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any, ClassVar

from django.apps import apps
from django.core.cache import cache
from django.db import models
from django.test import override_settings
from django.utils import timezone

from recommendations.filters.lists import (
    AuditEventFilter,
    EvidenceFilter,
    IndicatorFilter,
    PublicEvidenceFilter,
)
from recommendations.filters.recommendations import (
    AreaFilter,
    PublicRecommendationFilter,
    RecommendationFilter,
)
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
from recommendations.queries.indicators.gap_page import NAMES as PICTURES
from recommendations.storage import evidence as store
from tests.briefings.documents import untypeset_briefings
from tests.depth import IS_DEEP
from tests.views.addresses import Address, addresses
from tests.views.marked import HIDDEN_FIGURE, MarkedTestCase
from tests.views.markers import (
    MARKER,
    MUST_BE_SEEN,
    NO_WORDS,
    PUBLIC,
    UNESCAPED,
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
ROWS = {
    "/": "StatusUpdate",
    "/accounts/deputies/": "Deputy",
    "/accounts/notifications/": "OutgoingMail",
    "/actions/": "Action",
    "/dates/": "TargetDateChange",
    "/evidence/": "Evidence",
    "/evidence/changes/": "EvidenceChange",
    "/evidence/links/": "EvidenceLink",
    "/figures/": "Observation",
    "/indicators/": "ImportRun",
    "/parts/": "Part",
    "/recommendations/openings/": "OpeningBatch",
    "/recommendations/views/": "SavedView",
    "/relations/": "RecommendationRelation",
    "/responses/": "Response",
    "/review/dates/": "TargetDateChange",
    "/rounds/": "ReportingRound",
    "/set-up/": "Invitation",
    "/sign-offs/": "SignOff",
    "/themes/": "Theme",
}
"""What the number in an address is the key of, by how the address begins."""

ROLES = ("viewer", "staff", "auditor", "manager", "administrator")
REFUSED: dict[str, str] = {
    "viewer": """source-changes source-changes-export source-changes-briefing opening-batch
        opening-row recommendation-changes recommendation-changes-export update-comments
        recommendation-changes-briefing recommendation-comments evidence-change
        evidence-change-file""",
    "viewer staff": "bulk-change sign-off-file audit-log audit-export",
    "viewer auditor": "deputies indicator-import",
    "viewer staff auditor": """relation-remove part-edit theme-new theme-edit bulk-new bulk-undo
        recommendation-import recommendation-import-template recommendation-import-sheet
        recommendation-import-progress recommendation-import-map opening-undo relation-new part-new
        recommendation-classify recommendation-publish recommendation-unpublish area-import
        recommendation-archive recommendation-restore figure-import import-undo figure-new
        figure-evidence set-up set-up-source set-up-recommendations set-up-people webhooks""",
    "viewer staff administrator": """exception-report exception-report-export exception-list
        exception-report-briefing exception-list-export""",
    "viewer auditor administrator": """my-work work-no-change evidence-pick round-upload
        calendar-page""",
    "viewer staff auditor administrator": """source-sign-off recommendation-sign-off action-new
        update-new update-no-change update-decision response-evidence action-edit review
        review-no-change review-date review-item round-new round-close round-extend evidence-edit
        evidence-revise""",
    "viewer staff auditor manager": """invitation-withdraw tracker-uses word-template
        word-template-file""",
}
"""Pages by the roles that are told that they have no access; all roles read the others.

A staff member of these tests is of an organisation that leads nothing here.
"""
OPEN = frozenset(
    [
        *("login", "password_reset", "password_reset_done", "password_reset_confirm"),
        *("password_reset_complete", "healthz"),
    ]
)
"""Pages that ask nobody who they are, though nothing is public."""
OWN = frozenset({"password_change", "password_change_done"})
"""Pages of every account, whatever its role."""
UNKNOWN = frozenset(
    [
        *("metrics", "source-feed", "recommendation-feed", "updates-feed", "calendar", "pick"),
        *("invitation", "unsubscribe", "embed-recommendation", "embed-status", "embed-badge"),
        *("embed-source", "embed-source-status", "open-data", "open-data-file"),
    ]
)
"""Addresses that are not there for who is signed out, since a token, a kind or a setting lacks."""

TO_ALL = frozenset(
    [
        *("embed-recommendation", "embed-status", "embed-badge", "embed-source"),
        *("embed-source-status", "open-data"),
        *("overview", "source-detail", "source-briefing", "recommendation-list", "list-briefing"),
        *("home-briefing", "recommendation-record-briefing"),
        *("recommendation-export", "recommendation-detail", "recommendation-evidence", "gap"),
        *("recommendation-indicators", "recommendation-print", "recommendation-briefing"),
        *("response-list", "response-export", "evidence-list", "evidence-export"),
        *("evidence-detail", "indicator-list", "indicator-export", "indicator-detail"),
        *("figure-export", "area-list", "area-export", "help-choices", "help-ratings"),
        *("updates-feed", "source-feed", "recommendation-feed", "search-suggestions"),
        "recommendation-wording",
        *("home-look-back", "source-look-back", "recommendation-look-back"),
    ]
)
"""Pages of what is published, where public pages are on."""
ADDRESSED = frozenset({"recommendation.reference", "indicator.code", "source.slug", "area.code"})
"""What an address is made of."""
ANSWERS = (200, 302, 400, 401, 403, 404, 405, 501)
MISSING = 10**9
_HAS_MARKUP = re.compile(r"html|\bxml|\+xml")


class PlacingTests(MarkedTestCase):
    def test_every_text_is_planted_and_what_is_not_public_as_internal(self):
        public = {f"{model}.{field}" for model, fields in PUBLIC.items() for field in fields}
        internal = set(self.planter.internal.values())
        self.assertEqual(all_texts() - internal - set(self.planter.public.values()), set())
        self.assertEqual(all_texts() - public - internal, set())

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
        [(word, name)] = planter.internal.items()
        self.assertTrue(thing.secret.startswith(word))
        self.assertEqual(name, "thing.secret")


@override_settings(PUBLIC_PAGES=True)
class EveryAddressTests(MarkedTestCase):
    """Each reader's answers are looked at for everything at once; all findings are told."""

    read_at: ClassVar[dict[str, bool]] = {}

    def setUp(self) -> None:
        super().setUp()
        # No word can be found in a PDF; what it is made of is looked through in its place.
        self.enterContext(untypeset_briefings())
        self.found: list[str] = []

    def things(self, route: str) -> list[int]:
        """Keys of rows that an address can be about; of like ones a usual run takes the first."""
        start = max((each for each in ROWS if route.startswith(each)), key=len)
        model = apps.get_model("recommendations", ROWS[start])
        rows = model.objects.order_by("pk")
        if IS_DEEP:
            return list(rows.values_list("pk", flat=True))
        if model is Evidence:
            return _of_each_kind(self.published.pk)
        if model is StatusUpdate:
            current = self.published.current_update_id
            updates = rows.filter(recommendation=self.published).values_list("pk", flat=True)
            return [current, *updates.exclude(pk=current), self.hidden.current_update_id]
        return list(rows.values_list("pk", flat=True)[:6])

    def values_of(self, route: str, kind: str, name: str) -> list[Any]:
        """What an address can be about: ids, references, codes and short names that there are."""
        if route.startswith("/admin/"):
            return ["recommendations", 1]
        if kind == "int":
            is_beside = name in ("number", "sequence", "organisation", "link_pk")
            return [1, 2] if is_beside else [*self.things(route), MISSING]
        if kind == "code":
            return list(_rows_with_codes(route))
        named: dict[str, list[Any]] = {
            "picture": list(PICTURES),
            "day": [timezone.localdate()],
            "entry": _entries(),
        }
        if kind == "slug" and name not in named:
            return list(Source.objects.values_list("slug", flat=True))
        return named.get(name, ["MQ", self.decider.username])

    def first_of(self, route: str, kind: str, name: str) -> list[Any]:
        return self.values_of(route, kind, name)[:1]

    def few(self, each: Address) -> list[str]:
        return list(each.paths(partial(self.first_of, each.route)))

    def all_paths(self) -> Iterator[str]:
        """Every address, about all things where it is about one; those of forms about few."""
        for each in addresses():
            is_about_one = each.route.count("<") == 1 or each.name == "evidence-file"
            few = self.few(each)
            if is_about_one and not each.is_admin and self.is_read(each.route, few[0]):
                yield from each.paths(partial(self.values_of, each.route))
            else:
                yield from few

    def is_read(self, route: str, path: str) -> bool:
        """Whether an address takes a GET at all, whatever it is about. Each is asked once."""
        if route not in self.read_at:
            self.read_at[route] = self.client_for(None).get(path).status_code != 405
        return self.read_at[route]

    def walk(self, person: Any, paths: Iterable[str], unseen: frozenset[str]) -> str:
        """Ask for all; note what is wrong, ``unseen`` words among it; answers all that was told."""
        client, answers = self.client_for(person), []
        for path in paths:
            response = client.get(path)
            self.status = response.status_code
            told = f"{response.headers}\n{response.cookies}\n{_body_of(response)}"
            self.look_at(path, response, told, unseen)
            answers.append(told)
        return "\n".join(answers)

    def look_at(self, path: str, response: Any, told: str, unseen: frozenset[str]) -> None:
        if response.status_code not in ANSWERS:
            self.found.append(f"{path}: {response.status_code}")
        there = set(MARKER.findall(told.lower())) - set(MARKER.findall(path.lower()))
        for word in there & unseen:
            self.found.append(f"{path}: {self.planter.internal[word]}")
        if HIDDEN_FIGURE in unseen and re.search(r"98,?765\.4321", told):
            self.found.append(f"{path}: a figure of an indicator that is not published")
        if _HAS_MARKUP.search(response.get("Content-Type", "")) and UNESCAPED.search(told):
            self.found.append(f"{path}: markup as somebody wrote it")

    def outside(self) -> frozenset[str]:
        return frozenset({*self.planter.internal, HIDDEN_FIGURE})

    def test_signed_out(self):
        answers = self.walk(None, self.all_paths(), self.outside())
        seen = set(self.planter.seen(answers).values())
        self.assertEqual((self.found, MUST_BE_SEEN - seen), ([], set()))

    def test_signed_out_by_sending_a_form(self):
        client = self.client_for(None)
        for path in (path for each in addresses() for path in self.few(each)):
            response = client.post(path)
            self.look_at(path, response, f"{response.headers}{_body_of(response)}", self.outside())
        self.assertEqual(self.found, [])

    def test_signed_in_without_a_role(self):
        """Of every address the first: `SayingTests` compares the words of pages."""
        opened = set()
        for page, paths in self.pages().items():
            self.walk(self.stranger, paths, self.outside())
            opened |= {page} if self.status == 200 else set()
        self.assertEqual((self.found, sorted((opened - OPEN - OWN) ^ TO_ALL)), ([], []))

    def pages(self) -> dict[str, list[str]]:
        """Addresses about one thing each by the name of the page, without those of forms alone."""
        found = {each.name: self.few(each) for each in addresses() if each.is_page}
        routes = {each.name: each.route for each in addresses()}
        return {name: few for name, few in found.items() if self.is_read(routes[name], few[0])}

    @override_settings(PUBLIC_PAGES=False)
    def test_without_public_pages_not_even_what_is_public(self):
        for person, refusal, is_open in ((None, 302, OPEN), (self.stranger, 403, OPEN | OWN)):
            told: dict[int, set[str]] = {}
            for name, paths in self.pages().items():
                answers = self.walk(person, paths, self.outside())
                told.setdefault(self.status, set()).add(name)
                # An address that was asked for is said again: where to go after signing in.
                answers = re.sub(r"next=\S+|(?i:location)\S+ \S+|Printed on .*", "", answers)
                self.assertEqual(set(self.planter.seen(answers).values()) - ADDRESSED, set(), name)
            self.assertEqual((told[200], told[404]), (is_open, UNKNOWN))
            self.assertEqual(set(told), {200, 404, refusal})
        self.assertEqual(self.found, [])

    def test_who_opens_which_page_which_escapes_what_people_wrote_and_writes_nothing(self):
        """Pages that every role opens are asked for by two of them in a usual run."""
        before, pages = AuditEvent.objects.count(), self.pages()
        expected = {page: roles for roles, named in REFUSED.items() for page in named.split()}
        refused: dict[str, list[str]] = {page: [] for page in pages}
        seen: set[str] = set()
        for role in ROLES:
            unseen = self.words_of_internal_evidence() if role == "viewer" else frozenset()
            is_brief = role not in ("viewer", "manager") and not IS_DEEP
            for page in expected if is_brief else pages:
                seen |= set(MARKER.findall(self.walk(getattr(self, role), pages[page], unseen)))
                refused[page] += [role] if self.status == 403 else []
        told = {page: (" ".join(roles), expected.get(page, "")) for page, roles in refused.items()}
        wrong = {page: pair for page, pair in told.items() if pair[0] != pair[1]}
        self.assertEqual((self.found, wrong), ([], {}))
        self.assertEqual(AuditEvent.objects.count(), before)
        texts = {self.planter.internal.get(word) for word in seen}
        self.assertLessEqual({"comment.text", "statusupdate.internal_note", "action.title"}, texts)

    def test_a_viewer_reads_nothing_of_any_internal_evidence(self):
        """On pages of evidence and of updates it is under; in a deep run wherever it may be."""
        words = self.words_of_internal_evidence()
        self.assertGreater(len(words), 100)
        places = {"evidence-detail", "evidence-file", "update-detail"}
        pages = set(self.pages()) if IS_DEEP else places
        for each in addresses():
            if each.name in pages and not each.is_admin:
                self.walk(self.viewer, each.paths(partial(self.values_of, each.route)), words)
        self.assertEqual(self.found, [])

    def words_of_internal_evidence(self) -> frozenset[str]:
        """Every word of every internal item: its own, of its links, checks and files."""
        texts: list[str] = []
        for item in Evidence.objects.filter(visibility="internal"):
            for row in (item, *item.links.all(), *item.checks.all(), *item.revisions.all()):
                texts += [getattr(row, field.name) for field in text_fields(type(row))]
            for revision in item.revisions.all():
                with store.open_file(revision.file_id) as file:
                    texts.append(file.read().decode())
        return frozenset(MARKER.findall(" ".join(texts)))


@override_settings(PUBLIC_PAGES=True)
class AskingTests(MarkedTestCase):
    """Filters must not answer what pages do not show."""

    def test_filters_of_people_inside_and_columns_change_nothing(self):
        every = {
            *RecommendationFilter.base_filters,
            *EvidenceFilter.base_filters,
            *AuditEventFilter.base_filters,
            *IndicatorFilter.base_filters,
        }
        columns = (
            *("lead__name", "lead_officer__username", "published_at__isnull", "visibility"),
            *("current_update__internal_note__icontains", "o", "q", "all", "format"),
        )
        values = [self.body.pk, self.hidden_area.code, self.body.slug, "no_lead", "internal", "x"]
        for path, (public, _inside) in LISTS.items():
            plain = self.read(path)
            names = [*sorted(every - set(public.base_filters)), *columns]
            groups = [[name] for name in names] if IS_DEEP else [names]
            for group in groups:
                for sent in (values, values[::-1], "1"):  # of several values the last one counts
                    with self.subTest(path=path, filters=group, sent=sent):
                        asked = dict.fromkeys(group, sent)
                        self.assertEqual(words_of(self.get(path, **asked)), plain)

    def test_words_are_sought_in_public_texts_alone(self):
        words = {name: marker for marker, name in self.planter.internal.items()}
        for path, (public, _inside) in LISTS.items():
            model = public._meta.model._meta.model_name
            with self.subTest(model=model):
                self.assertLessEqual(set(public.base_filters["text"].over), PUBLIC[model])
            for name in (name for name in words if name.startswith(f"{model}.")):
                with self.subTest(path=path, field=name):
                    response = self.get(path, text=words[name])
                    self.assertEqual(len(response.context["page"].object_list), 0)
        for path, name in (
            ("/recommendations/", "recommendation.summary"),
            ("/evidence/", "evidence.publisher"),
            ("/indicators/", "indicator.definition"),
        ):
            marker = next(word for word, of in self.planter.public.items() if of == name)
            self.assertEqual(len(self.get(path, text=marker).context["page"].object_list), 1)

    def test_a_hidden_source_or_relation_is_as_unknown_as_one_that_is_not(self):
        hidden = self.hidden.source.slug
        there = self.read("/recommendations/", status=400, source=hidden)
        not_there = self.read("/recommendations/", status=400, source="none")
        self.assertEqual(there.replace(hidden, ""), not_there.replace("none", ""))
        for path in (f"/sources/{hidden}/", "/sources/none/"):
            self.read(path, status=404)
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
            self.assertEqual((row.reported_status, row.lead), ("", self.published.lead.name))
            self.assertEqual((row.pk, row.officer, row.next_due_on), (None, "", None))
            self.assertEqual(row.flags, {"contradicted", "date_overdue", "rating_out_of_date"})
            self.assertEqual(row.assurance, "evidence_checked")
        Evidence.objects.update(visibility="internal")
        cache.clear()  # What is written past the record is not looked for anew.
        (row,) = self.get("/recommendations/").context["rows"]
        self.assertEqual((row.evidence_for, row.evidence_against), (0, 0))
        self.assertNotIn("contradicted", row.flags)
        self.assertEqual(row.assurance, "manager_approved")
        text = self.read(self.published.get_absolute_url())
        self.assert_no_words(text, "Contradicted", "Evidence verified")


@override_settings(PUBLIC_PAGES=True)
class SayingTests(MarkedTestCase):
    def test_an_account_without_a_role_gets_the_same_words(self):
        for path in ("/", *LISTS, self.published.get_absolute_url(), "/help/ratings/"):
            with self.subTest(path=path):
                self.assertEqual(self.read(path), words_of(self.get(path, self.stranger)), path)


def _body_of(response: Any) -> str:
    return response.getvalue().decode(errors="replace")


def _rows_with_codes(route: str) -> Iterable[Any]:
    if route.startswith("/areas/"):
        return Area.objects.values_list("code", flat=True)
    if route.startswith("/indicators/"):
        return Indicator.objects.values_list("code", flat=True)
    return Recommendation.objects.values_list("reference", flat=True)


def _entries() -> list[str]:
    return [f"{AuditEvent.objects.latest('sequence').sequence}-{'0' * 12}", "MQ"]


def _of_each_kind(published: int) -> list[int]:
    """One item of evidence under each update, and one of each stance and state under each row."""
    current = set(Recommendation.objects.values_list("current_update", flat=True))
    kinds: dict[tuple[Any, ...], int] = {}
    for link in EvidenceLink.objects.select_related("evidence", "update").order_by("pk"):
        row = link.recommendation_id or (link.update and link.update.recommendation_id)
        visibility, under = link.evidence.visibility, (link.update_id, link.observation_id)
        state = link.answered_at, link.removed_at, link.waits_for_agreement
        is_current = link.update_id in current
        if visibility == "public" or row == published:
            kinds.setdefault((visibility, *under), link.evidence_id)
        shape = visibility, row, is_current, link.stance, *map(bool, state)
        kinds.setdefault(shape, link.evidence_id)
    return sorted(set(kinds.values()))
