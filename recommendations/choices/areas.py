"""Kinds of areas, and lists of codes that name them."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class AreaKind(TextChoices):
    """What sort of place an area is."""

    ALL = "all", _("All areas")
    REGION = "region", _("Region")
    COUNTRY = "country", _("Country or territory")
    GROUP = "group", _("Group of countries")
    PART = "part", _("Part of a country")


class RegionLevel(TextChoices):
    """How finely UN M49 divides the world."""

    REGION = "region", _("Regions")
    SUB_REGION = "sub_region", _("Sub-regions")


class CodeList(TextChoices):
    """A list of codes by which files name areas; what a code means depends on its list."""

    ISO3 = "iso3", _("ISO 3166-1 alpha-3")
    ISO2 = "iso2", _("ISO 3166-1 alpha-2")
    M49 = "m49", _("UN M49")
    OWN = "own", _("Codes of this site")
    WORLD_BANK = "world_bank", _("World Bank")
    OWID = "owid", _("Our World in Data")
    EUROSTAT = "eurostat", _("Eurostat")


class AreaCodes(TextChoices):
    """What a person states of the codes of areas in a file whose format names no code list."""

    ISO = "iso", _("ISO 3166-1: two or three letters for a country")
    M49 = "m49", _("UN M49: three digits for a country")
    OWN = "own", _("Codes of this site")
    PARTS = "parts", _("Parts of the country chosen above: each an area of its own")
    SKIP = "skip", _("None of these: skip their rows")
