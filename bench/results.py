"""What was measured: kept in var/bench/results.json, told in bench/RESULTS.md."""

import json
import os
import platform
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from operator import itemgetter
from pathlib import Path
from statistics import median
from typing import Any

import measuring
import servers
from engines.mysql import ENGINE as MYSQL
from engines.postgres import ENGINE as POSTGRES

KEPT = measuring.FOLDER / "results.json"
PAGE = Path(__file__).parent / "RESULTS.md"
PICTURE = Path(__file__).parent / "results.svg"
PACKAGES = ("duckdb", "scikit-learn", "numpy", "pandas", "psycopg2-binary", "mysql-connector-python")
Subjects = dict[str, dict[str, Any]]
Known = dict[str, list[Subjects]]  # by case, a list of its repetitions
Ratios = Callable[[Known], list[float]]


def _kept() -> dict[str, Any]:
    return json.loads(KEPT.read_text()) if KEPT.exists() else {"cases": {}}


def read() -> Known:
    """Return what is kept."""
    return {name: case["found"] for name, case in _kept()["cases"].items()}


def keep(case: str, found: list[Subjects]) -> Known:
    """Keep a case's repetitions beside the others; return all."""
    kept = _kept()
    kept["machine"] = machine()
    kept["cases"][case] = {"found": found, "measured": f"{datetime.now(UTC):%Y-%m-%d}, commit {_commit()}"}
    KEPT.parent.mkdir(parents=True, exist_ok=True)
    part = KEPT.with_suffix(".new")
    part.write_text(json.dumps(kept))
    part.replace(KEPT)
    return read()


def _commit() -> str:
    found = subprocess.run(
        ["git", "describe", "--always", "--dirty"], capture_output=True, text=True, check=False, cwd=measuring.ROOT
    )
    return found.stdout.strip() or "unknown"


def machine() -> dict[str, str]:
    """Return what the figures depend on."""
    cpu = next(line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name"))
    memory = next(line for line in Path("/proc/meminfo").read_text().splitlines() if line.startswith("MemTotal"))
    found = {engine: servers.server(engine) for engine in (POSTGRES, MYSQL)}
    return {
        "machine": f"{os.cpu_count()} of {cpu.partition(':')[2].strip()}, {int(memory.split()[1]) / 1e6:.0f} GB",
        "system": f"{platform.system()} {platform.release()}, Python {platform.python_version()}",
        "servers": ", ".join(
            f"{engine.title} {server.version.partition(' ')[0]}"
            for engine, server in found.items()
            if isinstance(server, servers.Server)
        ),
        "packages": ", ".join(f"{name} {version(name)}" for name in PACKAGES),
    }


def in_short(subjects: Subjects) -> str:
    """Return a line on one repetition."""
    return ", ".join(f"{name} {figures['seconds']:.2f} s" for name, figures in subjects.items())


def of(case: str, one: str, other: str, figure: str = "seconds") -> Ratios:
    """Return a function that gives the ratio of two subjects' figures in every repetition of the case."""
    return lambda known: [each[one][figure] / each[other][figure] for each in known.get(case, [])]


def within(case: str, subject: str, figure: str, of_figure: str = "") -> Ratios:
    """Return a function that gives a subject's figure, of another one if that is named, in every repetition."""
    return lambda known: [
        each[subject][figure] / (each[subject][of_figure] if of_figure else 1) for each in known.get(case, [])
    ]


def growth(engine: str, figure: Callable[[dict[str, Any]], float]) -> Ratios:
    """Return a function that gives how much more ten million customers take than a million, by a figure of the job."""

    def ratios(known: Known) -> list[float]:
        cases = [known.get(f"scale, {engine}, {customers:,}", []) for customers in (10_000_000, 1_000_000)]
        large, small = ([figure(each["job"]) for each in case] for case in cases)
        return [one / other for one, other in zip(large, small, strict=False)]

    return ratios


@dataclass(frozen=True)
class Goal:
    """A ratio, and where it must come out."""

    what: str
    ratios: Ratios
    at_most: float | None = None
    at_least: float | None = None

    def row(self, known: Known) -> str:
        """Return the goal's line of the table."""
        found = self.ratios(known)
        bound = f"at most {self.at_most:g}" if self.at_most is not None else f"at least {self.at_least:g}"
        if not found:
            return f"| {self.what} | {bound} | not measured | |"
        middle = median(found)
        met = middle <= self.at_most if self.at_most is not None else middle >= (self.at_least or 0)
        return f"| {self.what} | {bound} | {spread(found)} | {'yes' if met else '**no**'} |"


LOADS = ("load, PostgreSQL", "load, MySQL")
GOALS = (
    Goal("First load on PostgreSQL, of `\\copy` into tables with keys", of(LOADS[0], "job", r"\copy"), at_most=0.42),
    Goal("the same, of `\\copy` into tables without", of(LOADS[0], "job", r"\copy, no keys"), at_most=0.95),
    Goal("First load on MySQL, of `LOAD DATA` into tables with keys", of(LOADS[1], "job", "LOAD DATA"), at_most=0.72),
    Goal(
        "scikit-learn on every row, of points and fits, k = 2..10",
        of("fit, 1 million", "scikit-learn, every row", "job"),
        at_least=20,
    ),
    Goal(
        "the highest inertia, of scikit-learn's",
        of("fit, 1 million", "job", "scikit-learn, every row", "inertia"),
        at_most=1,
    ),
    Goal("An UPDATE per customer, of the labels of a million", of("labels, 1 million", "updates", "job"), at_least=50),
    Goal("these labels, of CREATE TABLE AS SELECT", of("labels, 1 million", "job", "CREATE TABLE AS"), at_most=2),
    Goal(
        "Words, RFM scores and the look at groups, of the whole job on PostgreSQL, a million customers",
        of("words, 1 million", "words and RFM", "job"),
        at_most=0.1,
    ),
    Goal(
        "What is to come, who moved, and a campaign of everybody, of a night on PostgreSQL, a million customers",
        of("to come, 1 million", "to come, moved, campaign", "job"),
        at_most=0.15,
    ),
    Goal("The notebook's way, of the whole job on PostgreSQL", of("whole, PostgreSQL", "notebook", "job"), at_least=15),
    *(
        goal
        for engine in ("DuckDB", "PostgreSQL")
        for goal in (
            Goal(
                f"10 million customers on {engine}, of a million: time",
                growth(engine, itemgetter("seconds")),
                at_most=11,
            ),
            Goal("time of the fit", growth(engine, lambda job: job["steps"]["fit"]), at_most=1.5),
            Goal("the job's memory", growth(engine, itemgetter("memory")), at_most=1.1),
        )
    ),
    *(
        Goal(
            f"A second run on {engine} with nothing new, of the first", of(f"nights, {engine}", "second", "first"), 0.1
        )
        for engine in ("DuckDB", "PostgreSQL", "MySQL")
    ),
    *(
        Goal(
            f"A night with 1 % new orders on {engine}, of the first run, a million customers",
            of(f"million, 1 % new, {engine}", "night", "first"),
            at_most,
        )
        for engine, at_most in (("PostgreSQL", 0.35), ("MySQL", 0.28), ("DuckDB", 0.4))
    ),
    *(
        Goal(
            f"the same on PostgreSQL, from files of the new orders alone (`{mode}`)",
            of(f"million, delta files, {mode}", "night", "first"),
            at_most=0.25,
        )
        for mode in ("merge", "append")
    ),
    Goal(
        "the same in the database, ten million customers, of the night's full way",
        of("10 million in the database, 1 % new", "night", "night, full way"),
        at_most=0.35,
    ),
    Goal(
        "Rows that such a night writes on PostgreSQL, of those that change",
        within("million, 1 % new, PostgreSQL", "night", "written", "changed"),
        at_most=3,
    ),
    Goal(
        "A table's size after thirty such nights on PostgreSQL, of the same filled once, the largest ratio",
        within("30 nights, PostgreSQL", "the last of 30 nights", "growth"),
        at_most=1.2,
    ),
    *(
        Goal(
            f"The longest wait of the shop's own updates beside such a night on {engine}, in seconds",
            within(f"waits, {engine}", "beside a night", "seconds"),
            at_most=0.5,
        )
        for engine in ("PostgreSQL", "MySQL")
    ),
    *(
        Goal(
            f"Spark ML, of the job, {customers:,} customers", of(f"Spark, {customers:,}", "Spark ML", "job"), at_least=5
        )
        for customers in (1_000_000, 10_000_000)
    ),
)


def spread(values: list[float], unit: str = "") -> str:
    """Return the median and, of several, the least and the greatest."""
    shown = f"{number(median(values))}{unit}"
    return shown if len(values) == 1 else f"{shown} ({number(min(values))} to {number(max(values))})"


def number(value: float) -> str:
    """Return three digits that count; of what lies close to 1 more."""
    return f"{value:.6f}" if 0.999 < value < 1.001 else f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def write(known: Known) -> Path:
    """Write the page and its picture; return the page."""
    kept = _kept()
    seconds = [each["job"]["seconds"] for each in known.get("help", [])]
    lines = [
        "# What was measured",
        "",
        "Written by `make bench` and `make bench-full`, no figure by hand. Both sides of a ratio took turns:",
        "the median and, in brackets, the least and the greatest. PostgreSQL runs without fsync, for all.",
        "",
        *(f"- {name}: {what}" for name, what in kept["machine"].items()),
        "",
        "## Goals",
        "",
        "| What, of what | Goal | Ratio | Met |",
        "|---|---|---|---|",
        *(goal.row(known) for goal in GOALS),
        f"| `python -m job --help` | under 0.5 s | {spread(seconds, ' s') if seconds else 'not measured'} |"
        f" {('yes' if median(seconds) < 0.5 else '**no**') if seconds else ''} |",
        "",
        "![The job's time beside others'](results.svg)",
    ]
    for case, found in known.items():
        measured = kept["cases"][case]["measured"]
        times = f", {len(found)} times" if len(found) > 1 else ""
        lines += ["", f"## {case[0].upper()}{case[1:]}", "", f"Measured on {measured}{times}.", "", *table(found)]
    PAGE.write_text("\n".join(lines) + "\n")
    draw(known)
    return PAGE


def table(found: list[Subjects]) -> list[str]:
    """Return a line per subject: seconds, how many times the first subject's, and what else was measured."""
    first = next(iter(found[0]))
    lines = [
        "| | seconds | times | CPU s | memory MB | wire MB | disk MB | steps |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name in found[0]:
        ratios = [each[name]["seconds"] / each[first]["seconds"] for each in found]
        figures = found[-1][name]
        others = (
            f"{figures[figure]:,.0f}" if figure in figures else "" for figure in ("cpu", "memory", "wire", "size")
        )
        steps = ", ".join(f"{step} {took:.2f}" for step, took in figures.get("steps", {}).items() if took >= 0.005)
        inertia = figures["inertia"] if isinstance(figures.get("inertia"), dict) else {}
        steps += f"; inertia of k = 5: {inertia['5']:,.2f}" if "5" in inertia else ""
        times = "" if name == first else spread(ratios)
        lines.append(
            f"| {name} | {number(median(each[name]['seconds'] for each in found))} | {times} |"
            f" {' | '.join(others)} | {steps} |"
        )
    return lines


def draw(known: Known) -> None:
    """Draw how many times the job's time each other side takes, on a logarithmic axis."""
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    bars = [
        (f"{case}: {name}", median(each[name]["seconds"] / each["job"]["seconds"] for each in found))
        for case, found in known.items()
        for name in found[0]
        if "job" in found[0] and name != "job"
    ]
    if not bars:
        return
    bars.sort(key=lambda bar: bar[1])
    figure = Figure(figsize=(9, 1 + 0.3 * len(bars)), layout="constrained")
    axes = figure.subplots()
    drawn = axes.barh([name for name, _ in bars], [ratio for _, ratio in bars], color="#4477aa")
    axes.bar_label(drawn, fmt=lambda ratio: f" {ratio:.3g}")
    axes.axvline(1, color="black", linewidth=1)
    axes.set_xscale("log")
    axes.set_xlim(right=bars[-1][1] * 1.5)
    axes.margins(y=0.01)
    axes.xaxis.set_major_formatter("{x:g}")
    axes.set_xlabel("times the job's time; right of the line the job is faster")
    axes.spines[["top", "right"]].set_visible(False)
    with rc_context({"svg.fonttype": "none", "svg.hashsalt": "bench"}):  # text as text, and the same ids each time
        figure.savefig(PICTURE, metadata={"Date": None})
