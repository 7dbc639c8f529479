"""``python -m tests.bench.pages``: fill, serve, ask, and write the table."""

import argparse
import os
import platform
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from tests.bench.pages import measuring
from tests.bench.pages.instances import HERE, Instance, check_out, commit_of, database_on, running
from tests.bench.pages.measuring import FLOWS, Figures, Plan
from tests.bench.pages.tables import Run
from tests.bench.pages.targets import LIST, MANAGER, Target, targets
from tests.engines import postgresql

OUT = HERE / ".bench"
FLOW_ROUNDS = 24
BRIEF = Plan(rounds=7, budget=5, window=0.7, turns=1, is_cold_too=False)


def asked(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure pages as multiples of two constants.")
    parser.add_argument("--size", type=int, default=1_000, help="recommendations")
    parser.add_argument("--db", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--pages", default="", help="names, separated by commas; all without")
    parser.add_argument("--against", default="", help="another commit, beside this one")
    parser.add_argument("--data", type=Path, help="keep what is filled here, and use it again")
    parser.add_argument("--out", type=Path, help=".md and .json are written there")
    parser.add_argument("--brief", action="store_true", help="fewer rounds, and nothing cold")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> None:
    options = asked(arguments)
    # Whoever ends it ends its servers too.
    signal.signal(signal.SIGTERM, lambda *_signal: sys.exit(1))
    out = options.out or OUT / f"pages-{options.size}-{options.db}"
    wanted = set(filter(None, options.pages.split(",")))
    chosen = [
        target
        for target in targets(options.size)
        if not wanted or target.name in wanted or target.name == "static"
    ]
    chosen_flows = [name for name in FLOWS if not wanted or name in wanted]
    with ExitStack() as stack:
        instances = _instances(options, stack)
        run = Run(_about(options), [*instances], chosen)
        for instance in instances.values():
            instance.fill(options.size, FLOW_ROUNDS + measuring.APPROVALS)
            instance.start()
            instance.keep_rows(LIST, MANAGER)
        plan = BRIEF if options.brief else Plan()
        for target in chosen:
            run.pages[target.name] = measure(target, instances, plan)
            run.write(out)
            print(f"  {target.name}", flush=True)
        if chosen_flows:
            for name, instance in instances.items():
                found = measuring.flows(instance, FLOW_ROUNDS, chosen_flows)
                left = instance.submitted[FLOW_ROUNDS:]
                found |= measuring.beside_writing(instance, left, chosen_flows)
                for flow, figures in found.items():
                    run.pages.setdefault(flow, {})[name] = figures
        run.memory = {name: instance.memory() for name, instance in instances.items()}
    run.write(out)
    print(run.markdown())


def measure(target: Target, instances: dict[str, Instance], plan: Plan) -> dict[str, Figures]:
    """All figures of one page. What is not there, or answers otherwise, is not timed."""
    found = {}
    for name, instance in instances.items():
        seconds = measuring.cold(instance, target) if plan.is_cold_too else 0
        found[name] = measuring.describe(instance, target)
        found[name].cold = seconds
    given = {
        name: (instances[name], figures)
        for name, figures in found.items()
        if measuring.is_given(target, figures)
    }
    if target.kind == "file":
        measuring.one_reader(target, given, replace(plan, rounds=2))
    else:
        measuring.one_reader(target, given, plan)
        measuring.many_readers(target, given, plan)
    return found


def _instances(options: argparse.Namespace, stack: ExitStack) -> dict[str, Instance]:
    """This commit, and the other one where there is one; their servers stop with the stack."""
    scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tracker-")))
    # The user of PostgreSQL has to find its folder.
    scratch.chmod(0o755)
    data = options.data.resolve() if options.data else scratch
    data.mkdir(parents=True, exist_ok=True)
    server = ""
    if options.db == "postgresql":
        server = stack.enter_context(postgresql(data)).url
    found = {}
    for number, ref in enumerate(filter(None, ("HEAD", options.against))):
        folder = scratch / f"{number}"
        folder.mkdir()
        code = check_out(ref, folder / "code") if number else HERE
        name = commit_of(ref)
        kept = f"bench_{options.size}_{name if number else 'here'}"
        url = database_on(server, kept) if server else f"sqlite:///{data / kept}.sqlite3"
        found[name] = stack.enter_context(running(Instance(name, code, folder, url)))
    return found


def _about(options: argparse.Namespace) -> dict[str, object]:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {
        "size": f"{options.size:,} recommendations",
        "database": options.db,
        "day": time.strftime("%Y-%m-%d"),
        "machine": f"{os.cpu_count()} cores, {memory:.0f} GB, Python {platform.python_version()}",
        "load before": f"{os.getloadavg()[0]:.1f}",
    }


if __name__ == "__main__":
    main()
