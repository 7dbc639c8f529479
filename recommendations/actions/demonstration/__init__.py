"""Made-up people and made-up progress on the article's recommendations, marked as such."""

from recommendations.actions.demonstration.seed import DemonstrationRefused, seed

__all__ = ["DemonstrationRefused", "seed"]
