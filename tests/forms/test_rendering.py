"""Controls drawn in Python have the bytes of Django's own templates."""

from datetime import date, time

from django import forms
from django.forms.renderers import DjangoTemplates
from django.test import SimpleTestCase, override_settings
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as later

from recommendations.forms.fields import _DRAWN, FormRenderer

CHOICES = [
    ("", later("None")),
    (1, "One & <two>"),
    ("a'b", SafeString("<b>bold</b>")),
    (later("Group"), [(12345, 12345), ("x", "“x”")]),
    (None, "nothing"),
    (True, "yes"),
]
ATTRS = {"id": "id_x", "class": 'a "b"', "required": True, "disabled": False, "size": 1234}
VALUES = (None, "", "1", 1, 12345, 1.5, "a'b", '<"&>', ["1", "x"], SafeString("&amp;"), True)
ONE_VALUE = (
    forms.TextInput,
    forms.Textarea,
    forms.NumberInput,
    forms.EmailInput,
    forms.URLInput,
    forms.SearchInput,
    forms.TelInput,
    forms.ColorInput,
    forms.HiddenInput,
    forms.FileInput,
    forms.CheckboxInput,
)
OF_CHOICES = (
    forms.Select,
    forms.SelectMultiple,
    forms.RadioSelect,
    forms.CheckboxSelectMultiple,
)
TIMES = (
    (forms.DateInput(format="%Y-%m-%d"), date(2026, 11, 26)),
    (forms.TimeInput(), time(9, 30)),
    (forms.SplitDateTimeWidget(), None),
    (forms.PasswordInput(render_value=True), 'a"b'),
)


class RenderingTests(SimpleTestCase):
    def assert_same(self, widget, value, attrs):
        ours = widget.render("na<me", value, dict(attrs), renderer=FormRenderer())
        django = widget.render("na<me", value, dict(attrs), renderer=DjangoTemplates())
        self.assertEqual(ours, django)
        self.assertIsInstance(ours, SafeString)

    def test_controls_have_the_same_bytes(self):
        controls = [(kind(), value) for kind in ONE_VALUE for value in VALUES]
        controls += [(kind(choices=CHOICES), value) for kind in OF_CHOICES for value in VALUES]
        for widget, value in (*controls, *TIMES):
            for attrs in ({}, ATTRS):
                with self.subTest(kind=type(widget).__name__, value=value, attrs=attrs):
                    self.assert_same(widget, value, attrs)

    @override_settings(USE_THOUSAND_SEPARATOR=True)
    def test_numbers_are_grouped_for_people_and_not_for_forms(self):
        self.assert_same(forms.Select(choices=CHOICES), 12345, ATTRS)
        self.assert_same(forms.Textarea(), 12345, ATTRS)
        self.assert_same(forms.NumberInput(), 12345, ATTRS)

    def test_single_options(self):
        """As our cards show them: the button without its label, or in it."""

        class Form(forms.Form):
            x = forms.ChoiceField(choices=CHOICES, widget=forms.RadioSelect)

        for one, other in zip(
            Form(renderer=FormRenderer())["x"],
            Form(renderer=DjangoTemplates())["x"],
            strict=True,
        ):
            for wrapped in (True, False):
                self.assertEqual(one.tag(wrap_label=wrapped), other.tag(wrap_label=wrapped))

    def test_whatever_is_drawn_here_is_a_template_of_django(self):
        for name in _DRAWN:
            with self.subTest(name=name):
                self.assertTrue(DjangoTemplates().get_template(name))
