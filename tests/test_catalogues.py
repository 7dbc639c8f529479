"""What `python -m tests.catalogues` refuses."""

from unittest import TestCase

from tests.catalogues import messages, unfit
from tests.template_words import faults_of


class UnfitTests(TestCase):
    def test_a_word_that_no_office_prints_is_refused_in_each_form_of_a_message(self) -> None:
        [one] = unfit(["It was handed in by somebody."])
        self.assertIn("'handed in'", one)
        self.assertEqual(len([*unfit([("%(n)s thing", "%(n)s things")])]), 2)
        self.assertEqual([*unfit(["Understand the handling of outstanding amendments."])], [])

    def test_a_fragment_is_refused(self) -> None:
        for text in (" and ", ", by %(name)s ", "of "):
            self.assertEqual(len([*unfit([text])]), 1, text)

    def test_what_pages_say_is_fit(self) -> None:
        self.assertEqual([*unfit(messages())], [])


class TemplateTests(TestCase):
    def assert_refused(self, template: str, *words: str) -> None:
        with self.subTest(template):
            found = "\n".join(what for _line, what in faults_of(template))
            self.assertEqual(bool(found), bool(words), found)
            for word in words:
                self.assertIn(word, found)

    def test_a_message_joined_to_another_or_to_a_value_is_refused(self) -> None:
        by = "{% blocktranslate %}by {{ who }}{% endblocktranslate %}"
        self.assert_refused('{% translate "Saved" %} {{ at }}', "'Saved' is joined to 'at'")
        self.assert_refused(f"{{{{ title }}}} {by}", "'title' is joined to 'by {}'")
        self.assert_refused('{% if a %}{% translate "Saved" %}{% endif %} {{ at }}', "joined")
        self.assert_refused('<b title="{% translate "Of" %} {{ a }}"></b>', "joined")
        self.assert_refused("{{ area }}, {{ period }}", "','")
        self.assert_refused("<b>{{ area }}</b> ({{ period }})", "'('", "')'")

    def test_whole_messages_alternatives_and_elements_are_not_joined(self) -> None:
        for template in (
            '{% translate "No data." %} {% translate "Add a value." %}',
            '{% translate "Source:" %} {{ source }}',
            '{% if a %}{% translate "Yes" %}{% else %}{% translate "No" %}{% endif %}',
            '<dt>{% translate "Saved" %}</dt> <dd>{{ at }}</dd>',
            '{% translate "Saved" as saved %}{{ at }}',
            '{% block title %}{% translate "Edit" %} – {{ title }}{% endblock title %}',
            '<a href="?a={{ a }}&amp;b={{ b }}">{{ reference }} {{ title }}</a>',
        ):
            self.assert_refused(template)

    def test_text_that_nobody_can_translate_is_refused(self) -> None:
        self.assert_refused("<p>Saved</p>", "'Saved' is outside of a message")
        self.assert_refused('<p aria-label="Saved"></p>', "'Saved'")
        self.assert_refused("<p class='saved'>CSV</p><script>const a = 1</script>")

    def test_a_code_or_a_key_is_refused_where_a_person_reads_it(self) -> None:
        self.assert_refused("{{ update.state }}", "update.state is a code")
        self.assert_refused("{{ update.pk }}", "update.pk is a code")
        self.assert_refused("{{ part.object_id }}", "part.object_id is a code")
        self.assert_refused('<p class="{{ update.state }}">{{ update.get_state_display }}</p>')
        self.assert_refused("{{ update.state|state_label }}")
