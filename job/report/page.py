"""The report's HTML page, made of the figures: no database, and nothing to be fetched by who opens it."""

import platform
from dataclasses import replace
from importlib.metadata import version

import yaml

from job import history
from job.config import Config
from job.formats import Formats
from job.history import DoneRun
from job.model.segment_model import SegmentModel
from job.report import charts, pictures, tables, words
from job.report.figures import Figures
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
    return templates.get_template("report.html").render(
        name=config.name,
        run=run,
        previous=previous,
        other_segments=bool(previous and previous.names != stored.names),
        formats=formats,
        headline=words.headline(run.segments, habits, today.median if today else None, formats),
        movement=words.movement(run.moves, formats),
        arrived=words.arrived(run.figures, formats),
        approaches=words.approaches(stored.segments, habits, config.report.playbook, formats),
        moves=tables.move_table(run.moves),
        total=tables.totals(run.segments),
        today=today,
        facts=tables.fact_lines(today.facts, formats) if today else {},
        pictures=pictures.all_pictures(figures, formats),
        figures=figures,
        model=figures.model,
        centroids=tables.centroid_rows(figures.model),
        drift=tables.drift_rows(run, config.lifecycle, formats),
        settings=_settings(config) if history.config_fingerprint(config) == run.config_fingerprint else "",
        versions=_versions(figures.engine),
        colour=charts.colour,
        ink=charts.ink,
    )


def in_locale(run: DoneRun, model: SegmentModel, formats: Formats) -> DoneRun:
    """Return the run with the numbers in its segments' names as the locale writes them; names of the config stay."""
    segments = [
        segment if segment["name"] in model.names_given else segment | {"name": formats.rewritten(segment["name"])}
        for segment in run.figures["segments"]
    ]
    return replace(run, figures=run.figures | {"segments": segments})


def _settings(config: Config) -> str:
    """Return the config as YAML, without the database: who reads the report need not know where that is."""
    return yaml.safe_dump(config.model_dump(mode="json", exclude={"database"}), sort_keys=False, allow_unicode=True)


def _versions(engine: str) -> str:
    packages = ", ".join(f"{package} {version(package)}" for package in PACKAGES)
    return f"{engine}; Python {platform.python_version()}, {packages}"
