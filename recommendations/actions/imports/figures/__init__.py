"""Figures from files of statistics: planned first, then imported all at once."""

from recommendations.actions.imports.figures.importer import import_figures, plan_figures
from recommendations.actions.imports.figures.plans import FigureOptions, FigurePlan

__all__ = ["FigureOptions", "FigurePlan", "import_figures", "plan_figures"]
