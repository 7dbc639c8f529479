"""The demonstration: fictional people and progress, replayed from ``fixtures/demonstration/``."""

from recommendations.management.demo.acts import PASSWORD
from recommendations.management.demo.builder import seed
from recommendations.management.demo.scenario import DemonstrationRefused, ScenarioError
