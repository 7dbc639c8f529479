"""Form fields as pages show them."""

from django import forms
from django.template import Context, Template
from django.test import SimpleTestCase

from recommendations.choices import ImplementationStatus


class ExampleForm(forms.Form):
    title = forms.CharField(help_text="Short.")
    day = forms.DateField(required=False)
    status = forms.ChoiceField(choices=ImplementationStatus.choices, widget=forms.RadioSelect)


class FieldTests(SimpleTestCase):
    def shown(self, source, form):
        return Template(source).render(Context({"form": form}))

    def test_label_hint_and_error_are_tied_to_the_control(self):
        html = self.shown("{% field form.title %}", ExampleForm({}))
        self.assertIn('<label for="id_title">', html)
        self.assertIn('aria-describedby="id_title_helptext id_title_error"', html)
        self.assertIn('id="id_title_helptext"', html)
        self.assertIn('id="id_title_error"', html)
        self.assertIn('aria-invalid="true"', html)

    def test_radio_buttons_are_a_set_with_its_hint(self):
        html = self.shown(
            '{% field form.status icons="status" hint="Current version" %}', ExampleForm()
        )
        self.assertIn('aria-describedby="id_status_helptext"', html)
        self.assertIn("<legend>", html)
        self.assertEqual(html.count('type="radio"'), len(ImplementationStatus))
        self.assertEqual(html.count("<svg"), len(ImplementationStatus))

    def test_folded_choices_open_where_one_is_chosen(self):
        source = '{% field form.status folded="superseded, not_implemented" %}'
        closed = self.shown(source, ExampleForm({"status": "in_progress"}))
        opened = self.shown(source, ExampleForm({"status": "superseded"}))
        self.assertNotIn("open>", closed)
        self.assertIn("open>", opened)

    def test_the_summary_leads_to_each_field(self):
        form = ExampleForm({})
        html = self.shown('{% error_summary form "And this." %}', form)
        self.assertIn('<a href="#id_title">Title: This field is required.</a>', html)
        self.assertIn('href="#id_status_0"', html)
        self.assertIn("And this.", html)
        self.assertNotIn("role", self.shown("{% error_summary form %}", ExampleForm()))
