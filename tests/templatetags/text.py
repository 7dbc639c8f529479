"""What a reader sees of rendered tags."""

from django.utils.html import strip_tags


def text_of(html):
    return " ".join(strip_tags(html).split())
