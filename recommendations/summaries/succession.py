"""What an organisation holds: what another takes over when it ends."""

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from recommendations.models import Organisation, Recommendation, User


@dataclass(frozen=True, slots=True)
class Holdings:
    """What an organisation leads and contributes to, as far as it is followed, and its people."""

    led: tuple[Any, ...]
    contributed: tuple[Any, ...]
    people: tuple[User, ...]

    @property
    def digest(self) -> str:
        """Stands for these holdings: what was shown and what moves can be compared."""
        told = [[thing.pk for thing in things] for things in (self.led, self.contributed)]
        told.append([person.pk for person in self.people])
        return hashlib.sha256(json.dumps(told).encode()).hexdigest()


def holdings_of(organisation: Organisation) -> Holdings:
    """What an organisation holds now; three queries."""
    followed = Recommendation.objects.followed().order_by("source", "number", "pk")
    return Holdings(
        led=tuple(followed.filter(lead=organisation.pk)),
        contributed=tuple(followed.filter(contributors=organisation.pk)),
        people=tuple(User.objects.filter(organisation=organisation.pk).order_by("username", "pk")),
    )
