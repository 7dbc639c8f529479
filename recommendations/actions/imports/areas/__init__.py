"""Groups of countries with their members, and other names of areas, from a file."""

from recommendations.actions.imports.areas.importer import import_areas, plan_areas
from recommendations.actions.imports.areas.plans import AreaPlan
