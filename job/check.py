"""What a run would find: config, files, database. Nothing is changed."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from job import features, loading, pipeline, runs
from job.adapters import connect
from job.config import Config, DuckDBDatabase


def findings(config: Config, data: Path | None) -> Iterator[tuple[str, str]]:
    """Yield, for each thing that a run needs, its name and what there is of it.

    Raises ClientelaError at the first that would stop a run.
    """
    columns = " and ".join(feature.column for feature in config.clustering.features)
    k = "{} to {}".format(*config.clustering.k_range) if config.clustering.k == "auto" else config.clustering.k
    yield "config", f"{k} segments by {columns}"
    if config.features.sql:
        features.read(config.features.sql)
        yield "features", f"by {config.features.sql}"
    files = pipeline.files_to_load(config, data)
    yield "files", f"{len(files)} to load" if files else "none: the tables are in the database"
    if files and isinstance(config.database, DuckDBDatabase) and not config.database.path.exists():
        yield "database", f"{config.database.path} will be made"
        return
    with closing(connect(config, read_only=True)) as database:
        yield "database", database.version
        plan = loading.plan(database, files, config.load)
        if not plan.nothing_to_do:
            changed = len(files) - len(plan.unchanged)
            yield "tables", f"{len(plan.missing)} to be made, {changed} to be loaded"
        else:
            loading.require_columns(database, plan.tables, config)
            database.fetch("features_probe", features_sql=features.text(database, config))
            yield "tables", "hold what the files hold" if files else "are read as they are"
        runs.require_lock(database)
        yield "lock", "free"
