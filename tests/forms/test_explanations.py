"""Choices that are not plain are explained wherever a form offers them, and on the help page."""

import pkgutil
from collections.abc import Iterator
from importlib import import_module

from django import forms
from django.contrib import admin
from django.test import RequestFactory
from django.urls import reverse

from recommendations import forms as site_forms
from recommendations.choices.terms import OF_CHOICES, OF_FIELDS, Term
from recommendations.forms import recommendations
from recommendations.forms.fields import explained
from tests.base import TrackerTestCase
from tests.views.pages import client_of

NOT_EXPLAINED = {"MapForm.date_order"}
"""Fields whose choices happen to have codes of another list."""


def fields_of_site() -> Iterator[tuple[str, forms.Field]]:
    """Every field that a form of the site declares, by form and name."""
    for module in pkgutil.walk_packages(site_forms.__path__, f"{site_forms.__name__}."):
        for found in vars(import_module(module.name)).values():
            is_ours = isinstance(found, type) and issubclass(found, forms.BaseForm)
            if is_ours and found.__module__ == module.name:
                for name, field in found.base_fields.items():
                    yield f"{found.__name__}.{name}", field
    for change, field in recommendations._FIELDS.items():
        yield f"bulk change.{change}", field


def term_of(field: forms.Field) -> Term | None:
    """What explains the choices that a field offers; nothing where they are plain."""
    if not isinstance(field, forms.ChoiceField) or isinstance(field, forms.ModelChoiceField):
        return None
    codes = {str(code) for code, _label in field.choices if code}
    fitting = [term for each, term in OF_CHOICES.items() if codes <= set(each.values)]
    return fitting[0] if len(codes) > 1 and fitting else None


class TermTests(TrackerTestCase):
    def test_each_choice_has_its_meaning_in_one_sentence_on_its_page(self) -> None:
        for choices, term in OF_CHOICES.items():
            with self.subTest(choices.__name__):
                self.assertEqual(set(term.meanings), set() if term.is_rating else set(choices))
        client = client_of(self.viewer)
        choices_page, ratings_page = (
            client.get(reverse(name)).content.decode() for name in ("help-choices", "help-ratings")
        )
        for term in (*OF_CHOICES.values(), *OF_FIELDS.values()):
            with self.subTest(term.section):
                page = ratings_page if term.is_rating else choices_page
                self.assertIn(f'id="{term.section}"', page)
                self.assertTrue(term.is_rating or str(term.sentence).split("“")[0] in page)
                self.assertRegex(str(term.sentence), r"^[^.]+\.$")
                self.assertLessEqual(len(str(term.sentence).split()), 20)


class FormTests(TrackerTestCase):
    def test_each_form_of_the_site_explains_them(self):
        found = 0
        for name, field in fields_of_site():
            term = term_of(field)
            if term is None or name in NOT_EXPLAINED:
                continue
            with self.subTest(name):
                self.assertIn(f"#{term.section}", str(field.help_text))
                found += 1
        self.assertGreater(found, 15)

    def test_each_form_of_the_administration_explains_them(self):
        request = RequestFactory().get("/")
        request.user = self.administrator
        found = 0
        for model_admin in admin.site._registry.values():
            if getattr(model_admin, "add_action", None) is None:
                continue
            form = model_admin.get_form(request)
            for name, field in form.base_fields.items():
                term = term_of(field) or OF_FIELDS.get(f"{model_admin.opts.model_name}.{name}")
                if term is not None:
                    with self.subTest(model=model_admin.opts.model_name, field=name):
                        self.assertIn(f"#{term.section}", str(field.help_text))
                        found += 1
        self.assertGreater(found, 20)

    def test_what_a_form_adds_comes_first_and_is_escaped(self):
        told = str(explained("recommendation.lead", "1 < 2."))
        self.assertTrue(told.startswith("1 &lt; 2. Responsible for implementation"))
        self.assertIn('<a href="/help/choices/#responsibilities">', told)
