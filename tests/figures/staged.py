"""What an import leaves whose process was killed."""

import socket
import subprocess
import sys
from typing import Any

from django.utils import timezone

from recommendations.models import Indicator, StagedFigure, StagedImport, StagedText, User


def left_behind(indicator: Indicator, by: User, **given: Any) -> StagedImport:
    """One figure, staged by a process that has ended; ``given`` says otherwise."""
    now = timezone.now()
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    said: dict[str, Any] = {"host": socket.gethostname(), "process": ended.pid, "touched_at": now}
    staged = StagedImport.objects.create(
        indicator=indicator, by=by, file_name="old.csv", begun_at=now, **{**said, **given}
    )
    StagedFigure.objects.create(
        staged=staged, observation=1, area=1, period="2019", value=1, first_day=now.date(),
        last_day=now.date(), comment="Private words", changes="{}",
    )  # fmt: skip
    StagedText.objects.create(staged=staged, digest="0" * 64, salt="", text="Private words")
    return staged
