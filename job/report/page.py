"""The report's HTML page, made of the figures: no database, and nothing to be fetched by who opens it."""

import platform
from collections.abc import Sequence
from dataclasses import replace
from importlib.metadata import version
from typing import Any

import yaml

from job import history
from job.config import Config
from job.formats import Formats
from job.history import DoneRun
from job.model.segment_model import SegmentModel
from job.model.segments import Segment
from job.report import charts, cohorts, lifts, moved, pictures, tables, to_come, words
from job.report.figures import Figures, Today
from job.resources import shipped

PACKAGES = ("duckdb", "numpy", "scikit-learn", "matplotlib", "babel")


def html(figures: Figures, config: Config) -> str:
    """Return the page."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    templates = Environment(
        loader=FileSystemLoader(shipped("report/templates")),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    stored, previous = figures.runs[0], figures.runs[1] if len(figures.runs) > 1 else None
    formats = Formats(config.report.locale, config.report.currency)
    run = in_locale(stored, figures.model, formats)
    today = figures.today
    habits = today.habits if today else {}
    rfm_rows = tables.rfm_rows(today.rfm, formats) if today and today.rfm else []
    # A total less what others have spent would tell what the one has.
    alone = 1 in {*(each.customers for each in run.segments), *(each.customers for each in rfm_rows)}
    return templates.get_template("report.html").render(
        name=config.name,
        run=run,
        previous=previous,
        other_segments=bool(previous and previous.names != stored.names),
        formats=formats,
        period=words.period(today.period if today else None, formats),
        key_figures=words.key_figures(
            run.segments, habits, today.median if today else None, today.revenue if today else None, formats
        ),
        rules=[words.rule(segment, formats) for segment in run.segments],
        movement=words.movement(run.moves, formats),
        arrived=words.arrived(run.figures, formats),
        approaches=words.approaches(stored.segments, habits, config.report.playbook, formats),
        moves=tables.moves_from(run.moves),
        today=today,
        windows=_windows(today, run.segments, formats) if today else [],
        cohorts=today.cohorts if today else None,
        after=cohorts.AFTER,
        campaigns=[
            (result.name, lifts.sentences(result, formats), lifts.rows(result, formats))
            for result in (today.campaigns if today else [])
        ],
        facts=tables.fact_lines(today.facts, formats) if today else {},
        rfm_rows=rfm_rows,
        alone=alone,
        to_come=_to_come(run, today, alone, formats) if today and today.to_come else None,
        rfm_doubts=_rfm_doubts(today, formats) if today else [],
        features=tables.feature_rows(today.statistics, formats) if today else [],
        pictures=pictures.all_pictures(figures, formats),
        figures=figures,
        model=figures.model,
        centroids=tables.centroid_rows(figures.model),
        drift=tables.drift_rows(run, config.lifecycle, formats),
        settings=_settings(config) if history.config_fingerprint(config) == run.config_fingerprint else "",
        versions=_versions(figures.engine),
        colour=charts.colour,
        ink=charts.ink,
        accent=charts.ACCENT,
    )


def _windows(today: Today, segments: Sequence[Segment], formats: Formats) -> list[dict[str, Any]]:
    """Return, for each window, what it is, its sentences, its picture, and its matrix or largest flows."""
    letters = [segment.segment for segment in segments]
    return [
        {
            "nights": window.nights,
            "since": formats.date(window.since),
            "sentences": moved.sentences(window, formats),
            "svg": pictures.flows(window, formats),
            "matrix": moved.matrix(window, letters, formats),
            "largest": moved.largest(window, letters, formats),
        }
        for window in today.moved
    ]


def in_locale(run: DoneRun, model: SegmentModel, formats: Formats) -> DoneRun:
    """Return the run with the numbers in its segments' names as the locale writes them; names of the config stay."""
    segments = [
        segment if segment["name"] in model.names_given else segment | {"name": formats.rewritten(segment["name"])}
        for segment in run.figures["segments"]
    ]
    return replace(run, figures=run.figures | {"segments": segments})


def _to_come(run: DoneRun, today: Today, alone: bool, formats: Formats) -> to_come.ToCome:
    names = {segment["segment"]: segment["name"] for segment in run.figures["segments"]}
    return to_come.told(today.to_come, today.to_come_of, names, alone, formats)


def _rfm_doubts(today: Today, formats: Formats) -> list[str]:
    if today.rfm is None:
        return []
    without = sum(row["customers"] for row in today.rfm.rows if row["rfm_group"] is None)
    return words.rfm_doubts(today.rfm.cuts, without, formats)


def _settings(config: Config) -> str:
    """Return the config as YAML, without the database: who reads the report need not know where that is."""
    return yaml.safe_dump(config.model_dump(mode="json", exclude={"database"}), sort_keys=False, allow_unicode=True)


def _versions(engine: str) -> str:
    packages = ", ".join(f"{package} {version(package)}" for package in PACKAGES)
    return f"{engine}; Python {platform.python_version()}, {packages}"
