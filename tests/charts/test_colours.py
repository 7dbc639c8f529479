"""Colours of charts.css can be told from their ground, and are those of a file of its own."""

import re
from itertools import pairwise
from pathlib import Path

from django.contrib.staticfiles import finders
from django.test import SimpleTestCase

from recommendations.charts.line import FIELDS, SERIES_COLOURS
from recommendations.charts.tiles import CLASS_COLOURS

GROUNDS = ("card", "paper", "sunk")


def sheet(name: str) -> str:
    return Path(str(finders.find(f"recommendations/{name}.css"))).read_text(encoding="utf-8")


def tokens(css: str) -> dict[str, str]:
    return dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{6});", css))


def schemes() -> dict[str, dict[str, str]]:
    """The tokens by day, by night and on paper."""
    found = {}
    for name in ("tokens", "charts"):
        day, _, night = sheet(name).partition("@media screen and (prefers-color-scheme: dark)")
        for scheme, css in (("day", day), ("night", night), ("paper", day)):
            found.setdefault(scheme, {}).update(tokens(css))
    found["paper"].update(tokens(sheet("print")))
    return found


def luminance(colour: str) -> float:
    """WCAG 2.2, relative luminance."""
    parts = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


class ColourTests(SimpleTestCase):
    def test_what_is_drawn_can_be_told_from_its_ground(self):
        series = [f"series-{n}" for n in range(1, len(SERIES_COLOURS) + 1)]
        classes = [f"class-{n}" for n in range(1, len(CLASS_COLOURS) + 1)]
        pairs = [
            *((name, ground, 3.0) for name in series for ground in GROUNDS),
            *((name, f"{name}-ink", 4.5) for name in classes),
            ("edge", "card", 3.0),
        ]
        for scheme, found in schemes().items():
            for one, other, least in pairs:
                with self.subTest(scheme=scheme, one=one, other=other):
                    self.assertGreaterEqual(contrast(found[one], found[other]), least)
            with self.subTest("classes go one way from the ground", scheme=scheme):
                away = [contrast(found[name], found["card"]) for name in classes]
                self.assertTrue(all(b / a > 1.2 for a, b in pairwise(away)))

    def test_a_file_of_its_own_has_the_colours_of_the_day_and_so_has_paper(self):
        alone = {f"series-{n}": colour for n, colour in enumerate(SERIES_COLOURS, start=1)}
        for number, (ground, ink) in enumerate(CLASS_COLOURS, start=1):
            alone |= {f"class-{number}": ground, f"class-{number}-ink": ink}
        for scheme in ("day", "paper"):
            found = schemes()[scheme]
            self.assertEqual(alone, {name: found[name] for name in alone})
        for number in range(1, len(SERIES_COLOURS) + 1):
            self.assertIn(f".series-{number} {{", sheet("charts"))
        for number in range(1, len(CLASS_COLOURS) + 1):
            self.assertIn(f".tile-{number} > rect {{", sheet("charts"))

    def test_every_field_has_its_rule_with_the_colour_of_a_file_of_its_own(self):
        css, found = sheet("charts"), schemes()["day"]
        for name, colour in FIELDS.items():
            with self.subTest(field=name):
                rule = re.search(rf"\.field-{name} {{\s*fill: var\(--([\w-]+)\);\s*}}", css)
                self.assertEqual(found[rule[1]] if rule else None, colour)

    def test_fields_that_meet_are_told_apart_by_lightness_alone(self):
        css = dict(re.findall(r"\.field-([\w-]+) {\s*fill: var\(--([\w-]+)\)", sheet("charts")))
        stacks = (
            ("full", "most", "some", "start"),
            ("good", "risk", "off", "start"),
            ("good", "late-1", "late-2", "start"),
        )
        for scheme, found in schemes().items():
            for one, other in (pair for stack in stacks for pair in pairwise(stack)):
                with self.subTest(scheme=scheme, one=one, other=other):
                    colours = found[css[one]], found[css[other]]
                    self.assertGreaterEqual(contrast(*colours), 1.6)
