"""The table of a run: as Markdown for people, as JSON for whatever compares two runs."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.bench.pages.measuring import FLOWS, Figures
from tests.bench.pages.targets import Target

HEAD = (
    "page", "ms", "× static", "by work", "bar", "cold ms", "requests/s of 16", "of static",
    "statements", "longest, bytes", "sent, kB", "gzip, kB",
)  # fmt: skip


@dataclass
class Run:
    """All that was measured in one run. ``pages`` has figures by page, then by commit."""

    about: dict[str, Any]
    commits: Sequence[str]
    targets: Sequence[Target]
    pages: dict[str, dict[str, Figures]] = field(default_factory=dict)
    memory: dict[str, float] = field(default_factory=dict)

    def write(self, path: Path) -> None:
        """``path`` without its ending; beside each other a table and the same as data."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.with_suffix(".md").write_text(self.markdown())
        pages = {
            name: {commit: figures.plain() for commit, figures in by_commit.items()}
            for name, by_commit in self.pages.items()
        }
        whole = {**self.about, "memory": self.memory, "pages": pages}
        path.with_suffix(".json").write_text(json.dumps(whole, indent=1) + "\n")

    def markdown(self) -> str:
        said = [f"{name}: {value}" for name, value in self.about.items()]
        lines = ["- " + line for line in said]
        for commit in self.commits:
            lines += ["", f"**{commit}**, workers {self.memory.get(commit, 0):.0f} MB PSS", ""]
            lines += aligned([HEAD, *self._rows(commit)])
            lines += ["", *self._files(commit)]
        if len(self.commits) > 1:
            lines += ["", *self._beside(*self.commits)]
        return "\n".join(lines) + "\n"

    def _rows(self, commit: str) -> Iterator[Sequence[str]]:
        bars: Mapping[str, Target] = {target.name: target for target in self.targets}
        for name, by_commit in self.pages.items():
            figures, target = by_commit[commit], bars.get(name)
            if target is not None and target.kind == "file":
                continue
            bar = target.bar if target else FLOWS[name]
            of = target.of if target else "static"
            ratio, work_ratio = self._ratios(commit, name, of)
            yield (
                name,
                _number(figures.median * 1000, 1),
                _number(ratio, 2) + (f" of {of}" if of != "static" else ""),
                _number(work_ratio, 2),
                f"{bar:g}" if bar else "",
                _number(figures.cold * 1000, 0),
                _number(figures.rate, 1),
                _number(figures.rate / figures.static_rate if figures.static_rate else 0, 2),
                f"{figures.statements}" if figures.warm else f"({figures.status})",
                f"{figures.largest}",
                _number(figures.size / 1000, 1),
                _number(figures.packed / 1000, 1),
            )

    def _ratios(self, commit: str, name: str, of: str) -> tuple[float, float]:
        """By time and by work, of the page that this one is compared with."""
        figures, other = self.pages[name][commit], self.pages.get(of, {}).get(commit)
        if of == "static" or other is None:
            return figures.ratio, figures.work_ratio
        # Each by the constant page right before it: the machine was not as busy at both times.
        pairs = (figures.ratio, other.ratio), (figures.work_ratio, other.work_ratio)
        by_time, by_work = (own / its if its else 0 for own, its in pairs)
        return by_time, by_work

    def _files(self, commit: str) -> Iterator[str]:
        for target in self.targets:
            figures = self.pages.get(target.name, {}).get(commit)
            if target.kind == "file" and figures and figures.warm:
                yield (
                    f"- {target.name}: first byte after {min(figures.first):.2f} s, "
                    f"whole after {figures.median:.1f} s, {figures.size / 1e6:.1f} MB"
                )

    def _beside(self, now: str, before: str) -> Iterator[str]:
        """How many times as fast ``now`` is as ``before``."""
        rows: list[Sequence[str]] = [
            ("page", f"ms {before}", f"ms {now}", "times as fast", "requests/s of 16, times")
        ]
        for name, by_commit in self.pages.items():
            one, other = by_commit[now], by_commit[before]
            if one.median and other.median:
                rate = one.rate / other.rate if other.rate else 0
                rows.append(
                    (
                        name, _number(other.median * 1000, 1), _number(one.median * 1000, 1),
                        _number(other.median / one.median, 1), _number(rate, 1),
                    )
                )  # fmt: skip
        yield from aligned(rows)


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """A table in Markdown: names to the left, numbers to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]

    def line(row: Sequence[str]) -> str:
        first, *rest = zip(row, widths, strict=True)
        cells = [first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in rest)]
        return f"| {' | '.join(cells)} |"

    first, *rest = widths
    rule = ["-" * first, *("-" * (width - 1) + ":" for width in rest)]
    return [line(rows[0]), line(rule), *map(line, rows[1:])]


def _number(value: float, places: int) -> str:
    """Nothing where nothing was measured, which 0 is not."""
    return f"{value:.{places}f}" if value else "–"
