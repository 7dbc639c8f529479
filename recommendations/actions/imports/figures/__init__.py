"""Figures from files of statistics: planned first, then imported all at once."""

from recommendations.actions.imports.figures.importer import (
    InterruptedImport,
    clear_left_over,
    import_figures,
    plan_figures,
    undo_import,
)
from recommendations.actions.imports.figures.plans import (
    FigureOptions,
    FigurePlan,
    ImportStep,
    Obstacle,
    remembered_import,
    remembered_options,
)
