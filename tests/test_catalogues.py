"""What `python -m tests.catalogues` refuses."""

import tempfile
from pathlib import Path
from unittest import TestCase

from tests import code_words
from tests.catalogues import ROOT, faults, in_contexts, messages, unfit
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


class CatalogueTests(TestCase):
    def faults_of(self, change: str, into: str) -> list[str]:
        """What is wrong with our catalogue when something is changed in it."""
        text = (ROOT / "recommendations/locale/en/LC_MESSAGES/django.po").read_text()
        self.assertIn(change, text)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "en/LC_MESSAGES/django.po"
            path.parent.mkdir(parents=True)
            path.write_text(text.replace(change, into, 1))
            return [*faults(path, in_contexts())]

    def test_a_message_that_is_new_or_gone_is_refused(self) -> None:
        self.assertEqual(self.faults_of('msgid "Sources"', 'msgid "Sources"'), [])
        gone, new = self.faults_of('msgid "Sources"', 'msgid "Origins"')
        self.assertIn("'Origins' is new or gone", gone)
        self.assertIn("'Sources' is new or gone", new)

    def test_a_message_that_is_there_in_another_context_alone_is_refused(self) -> None:
        found = self.faults_of('msgid "Sources"', 'msgctxt "of rivers"\nmsgid "Sources"')
        self.assertIn("'Sources' (of rivers) is new or gone: run manage.py makemessages", found)


class CodeTests(TestCase):
    def faults_of(self, source: str) -> list[str]:
        return [what for _line, what in code_words.faults_of(source)]

    def test_a_message_joined_to_another_text_is_refused(self) -> None:
        for source in (
            "f\"{_('Sources')} of {name}\"",
            '_("Sources") + ": " + name',
            'name + gettext("of %(n)s") % {"n": n}',
            '"%s of %s" % (_("Sources"), name)',
            '" ".join([_("Sources"), name])',
        ):
            [found] = set(self.faults_of(f"text = {source}"))
            self.assertIn("joins a message", found)

    def test_a_whole_message_is_not_joined(self) -> None:
        for source in ('_("Sources of %s") % name', 'f"{name}.csv"', '", ".join(names)'):
            self.assertEqual(self.faults_of(f"text = {source}"), [])

    def test_a_banned_word_in_a_sentence_that_is_no_message_is_refused(self) -> None:
        [found] = self.faults_of('raise OSError(f"{path} must be open to nobody else")')
        self.assertIn("'nobody'", found)
        self.assertEqual(self.faults_of('verb = "take_out"'), [])
        self.assertEqual(self.faults_of('"""Nobody reads this on a page."""'), [])


class TemplateTests(TestCase):
    def assert_refused(self, template: str, *words: str, is_text: bool = False) -> None:
        with self.subTest(template):
            found = "\n".join(what for _line, what in faults_of(template, is_text=is_text))
            self.assertEqual(bool(found), bool(words), found)
            for word in words:
                self.assertIn(word, found)

    def test_a_message_joined_to_another_or_to_a_value_is_refused(self) -> None:
        by = "{% blocktranslate %}by {{ who }}{% endblocktranslate %}"
        self.assert_refused('{% translate "Saved" %} {{ at }}', "'Saved' is joined to 'at'")
        self.assert_refused(f"{{{{ title }}}} {by}", "'title' is joined to 'by {}'")
        self.assert_refused('{% if a %}{% translate "Saved" %}{% endif %} {{ at }}', "joined")
        self.assert_refused('<b title="{% translate "Of" %} {{ a }}"></b>', "joined")
        self.assert_refused('{% translate "Saved" as saved %}{{ saved }} {{ at }}', "joined")
        self.assert_refused("{{ area }}, {{ period }}", "','")
        self.assert_refused("<b>{{ area }}</b> ({{ period }})", "'('", "')'")

    def test_whole_messages_alternatives_and_elements_are_not_joined(self) -> None:
        for template in (
            '{% translate "No data." %} {% translate "Add a value." %}',
            '{% translate "Source:" %} {{ source }}',
            '{% if a %}{% translate "Yes" %}{% else %}{% translate "No" %}{% endif %}',
            '<dt>{% translate "Saved" %}</dt> <dd>{{ at }}</dd>',
            '{% translate "Saved" as saved %}{{ at }}',
            '{{ names|join:", " }} {{ day|date:"F Y" }}',
            '{% include "a.html" with title=_("Saved") text="" to="area-export" %}',
            '{% block title %}{% translate "Edit" %} – {{ title }}{% endblock title %}',
            '<a href="?a={{ a }}&amp;b={{ b }}">{{ reference }} {{ title }}</a>',
        ):
            self.assert_refused(template)

    def test_text_that_nobody_can_translate_is_refused(self) -> None:
        self.assert_refused("<p>Saved</p>", "'Saved' is outside of a message")
        self.assert_refused('<p aria-label="Saved"></p>', "'Saved'")
        self.assert_refused("<p class='saved'>CSV</p><script>const a = 1</script>")
        self.assert_refused('{{ name|default:"nobody yet" }}', "'nobody yet'")
        self.assert_refused('{{ names|join:" and " }}', "' and '")
        self.assert_refused('{% include "a.html" with title="Not saved" %}', "'Not saved'")

    def test_a_mail_in_plain_text_is_read_line_by_line(self) -> None:
        self.assert_refused("Saved\n", "'Saved' is outside of a message", is_text=True)
        self.assert_refused('{% translate "By" %} {{ name }}\n', "joined", is_text=True)
        self.assert_refused('{% translate "Saved" %}\n{{ name }}:\n> {{ line }}\n', is_text=True)

    def test_a_code_or_a_key_is_refused_where_a_person_reads_it(self) -> None:
        self.assert_refused("{{ update.state }}", "update.state is a code")
        self.assert_refused("{{ update.pk }}", "update.pk is a code")
        self.assert_refused("{{ part.object_id }}", "part.object_id is a code")
        self.assert_refused('<p class="{{ update.state }}">{{ update.get_state_display }}</p>')
        self.assert_refused("{{ update.state|state_label }}")
        self.assert_refused("{{ row.status|capfirst }}", "row.status|capfirst is a code")
        self.assert_refused("{% firstof update.state row.pk %}", "update.state", "row.pk")
        self.assert_refused("{% with a=update.state %}{{ a }}{% endwith %}", "a is a code")
        self.assert_refused(
            "{% blocktranslate with a=row.pk %}Number {{ a }}{% endblocktranslate %}", "row.pk"
        )
