"""What `python -m tests.catalogues` refuses."""

import tempfile
from pathlib import Path
from unittest import TestCase

from tests import code_words
from tests.catalogues import ROOT, faults, in_contexts, messages, unfit
from tests.template_words import faults_of


class UnfitTests(TestCase):
    def test_banned_words_and_fragments_are_refused_in_each_form_of_a_message(self) -> None:
        for message, count in (
            ("It was handed in by somebody.", 1),
            (("%(n)s thing", "%(n)s things"), 2),
            ("Understand the handling of outstanding amendments.", 0),
            (" and ", 1),
            (", by %(name)s ", 1),
            ("of ", 1),
        ):
            self.assertEqual(len([*unfit([message])]), count, message)
        self.assertEqual([*unfit(messages())], [])


class CatalogueTests(TestCase):
    def test_a_message_that_is_new_gone_or_in_another_context_is_refused(self) -> None:
        text = (ROOT / "recommendations/locale/en/LC_MESSAGES/django.po").read_text()
        there = 'msgid "Indicators"'
        for into, told in (
            (there, []),
            ('msgid "Measures"', ["'Indicators' is new or gone", "'Measures' is new or gone"]),
            (
                f'msgctxt "of rivers"\n{there}',
                ["'Indicators' is new or gone", "'Indicators' (of rivers) is new or gone"],
            ),
        ):
            with self.subTest(into), tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / "en/LC_MESSAGES/django.po"
                path.parent.mkdir(parents=True)
                path.write_text(text.replace(there, into, 1))
                found = [each.partition(":")[0] for each in faults(path, in_contexts())]
                self.assertEqual(found, told)


class CodeTests(TestCase):
    def test_what_is_refused_in_python(self) -> None:
        for source, told in (
            ("text = f\"{_('Sources')} of {name}\"", "joins a message"),
            ('text = _("Sources") + ": " + name', "joins a message"),
            ('text = name + gettext("of %(n)s") % {"n": n}', "joins a message"),
            ('text = "%s of %s" % (_("Sources"), name)', "joins a message"),
            ('text = " ".join([_("Sources"), name])', "joins a message"),
            ('raise OSError(f"{path} must be open to nobody else")', "'nobody'"),
            ('text = _("Sources of %s") % name', ""),
            ('text = f"{name}.csv"', ""),
            ('text = ", ".join(names)', ""),
            ('verb = "take_out"', ""),
            ('"""Nobody reads this on a page."""', ""),
        ):
            with self.subTest(source):
                found = "".join({what for _line, what in code_words.faults_of(source)})
                self.assertEqual(bool(found), bool(told), found)
                self.assertIn(told, found)


BY = "{% blocktranslate %}by {{ who }}{% endblocktranslate %}"

TEMPLATES: tuple[tuple[str, *tuple[str, ...]], ...] = (
    # A template, and what is told of it; nothing where it is fine.
    # A message that is joined to another, or to a value.
    ('{% translate "Saved" %} {{ at }}', "'Saved' is joined to 'at'"),
    (f"{{{{ title }}}} {BY}", "'title' is joined to 'by {}'"),
    ('{% if a %}{% translate "Saved" %}{% endif %} {{ at }}', "joined"),
    ('<b title="{% translate "Of" %} {{ a }}"></b>', "joined"),
    ('{% translate "Saved" as saved %}{{ saved }} {{ at }}', "joined"),
    ("{{ area }}, {{ period }}", "','"),
    ("<b>{{ area }}</b> ({{ period }})", "'('", "')'"),
    # Whole messages, alternatives and elements.
    ('{% translate "No data." %} {% translate "Add a value." %}',),
    ('{% translate "Source:" %} {{ source }}',),
    ('{% if a %}{% translate "Yes" %}{% else %}{% translate "No" %}{% endif %}',),
    ('<dt>{% translate "Saved" %}</dt> <dd>{{ at }}</dd>',),
    ('{% translate "Saved" as saved %}{{ at }}',),
    ('{{ names|join:", " }} {{ day|date:"F Y" }}',),
    ('{% include "a.html" with title=_("Saved") text="" to="area-export" %}',),
    ('{% block title %}{% translate "Edit" %} – {{ title }}{% endblock title %}',),
    ('<a href="?a={{ a }}&amp;b={{ b }}">{{ reference }} {{ title }}</a>',),
    # Text that nobody can translate.
    ("<p>Saved</p>", "'Saved' is outside of a message"),
    ('<p aria-label="Saved"></p>', "'Saved'"),
    ("<p class='saved'>CSV</p><script>const a = 1</script>",),
    ('{{ name|default:"nobody yet" }}', "'nobody yet'"),
    ('{{ names|join:" and " }}', "' and '"),
    ('{% include "a.html" with title="Not saved" %}', "'Not saved'"),
    # A code or a key where a person reads it.
    ("{{ update.state }}", "update.state is a code"),
    ("{{ update.pk }}", "update.pk is a code"),
    ("{{ part.object_id }}", "part.object_id is a code"),
    ('<p class="{{ update.state }}">{{ update.get_state_display }}</p>',),
    ("{{ update.state|state_label }}",),
    ("{{ row.status|capfirst }}", "row.status|capfirst is a code"),
    ("{% firstof update.state row.pk %}", "update.state", "row.pk"),
    ("{% with a=update.state %}{{ a }}{% endwith %}", "a is a code"),
    ("{% blocktranslate with a=row.pk %}Number {{ a }}{% endblocktranslate %}", "row.pk"),
)
MAILS = (
    # A mail in plain text is read line by line.
    ("Saved\n", "'Saved' is outside of a message"),
    ('{% translate "By" %} {{ name }}\n', "joined"),
    ('{% translate "Saved" %}\n{{ name }}:\n> {{ line }}\n',),
)


class TemplateTests(TestCase):
    def test_what_is_refused_in_templates(self) -> None:
        for is_text, table in ((False, TEMPLATES), (True, MAILS)):
            for template, *words in table:
                with self.subTest(template):
                    found = "\n".join(what for _at, what in faults_of(template, is_text=is_text))
                    self.assertEqual(bool(found), bool(words), found)
                    for word in words:
                        self.assertIn(word, found)
