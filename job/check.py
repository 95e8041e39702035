"""What a run would find, thing by thing. Nothing is changed."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from job import config as configs
from job import history, pipeline, scratch
from job.adapters import embedded, in_memory
from job.adapters.base import Database
from job.config import Config
from job.errors import ClientelaError, ConfigError, DatabaseError, DataError
from job.load.plan import make_plan
from job.load.tables import Schema, require_columns, require_keys_to_merge
from job.segmentation import features
from job.session import connect
from job.staging import csvfiles, records
from job.staging.csvfiles import CsvFile
from job.tables import OWN_TABLES, Name

# What the temporary folder comes to hold at most, as a share of the unpacked files: from a .zip about as much as they
# are, and some room.
STAGED = 1.2


@dataclass(frozen=True)
class Finding:
    """A thing that a run needs, and what there is of it."""

    name: str
    text: str
    error: ClientelaError | None = None  # which a run would end with
    known: bool = True  # False: it could not be looked at, or a run would go on without it

    @property
    def line(self) -> str:
        """The line of the checklist; a sentence's own further lines stand below it."""
        mark = "failed" if self.error else "ok" if self.known else "--"
        return f"{mark:<7} {self.name:<9} {self.text}".replace("\n", "\n" + 18 * " ")


def checklist(path: Path, data: Path | None) -> Iterator[Finding]:
    """Yield what `findings` does of the config at the path; where that is wrong, nothing else can be looked at."""
    try:
        config = configs.read(path)
    except ConfigError as error:
        yield Finding("config", str(error), error)
        return
    yield from findings(config, data)


def findings(config: Config, data: Path | None) -> Iterator[Finding]:
    """Yield, for each thing that a run needs, what there is of it; go on after one that would stop a run."""
    columns = " and ".join(feature.column for feature in config.clustering.features)
    k = "{} to {}".format(*config.clustering.k_range) if config.clustering.k == "auto" else config.clustering.k
    yield Finding("config", f"{k} segments by {columns}")
    if sql := config.features.sql:
        yield _tried("features", lambda: _features(sql))
    files, finding = _files(config, data)
    yield finding
    if files:
        yield _tried("disk", lambda: _room(files))
    yield _report_folder(config.folder(config.report.folder))
    yield Finding("reads", _reads(config))
    yield Finding("changes", _changes(config))
    yield from _database(config, files)


def _tried(name: str, look: Callable[[], str]) -> Finding:
    try:
        return Finding(name, look())
    except ClientelaError as error:
        return Finding(name, str(error), error)


def _features(sql: Path) -> str:
    features.read(sql)
    return f"by {sql}"


def _files(config: Config, data: Path | None) -> tuple[list[CsvFile] | None, Finding]:
    """Return the files to load, None where something is wrong with them, and what there is to say of them."""
    try:
        files = pipeline.files_to_load(config, data)
        _compare_headers(config, files)
    except ClientelaError as error:
        return None, Finding("files", str(error), error)
    if not files:
        return files, Finding("files", "none: the tables are in the database")
    return files, Finding("files", f"{len(files)} to load, {_size(sum(file.size for file in files))}")


def _compare_headers(config: Config, files: Sequence[CsvFile]) -> None:
    """Raise DataError where a file's header does not name the columns of the table that the schema makes."""
    problems = []
    with closing(in_memory()) as schema:
        if config.load and not (config.load.sql and config.database.dialect != schema.dialect):
            Schema.read(schema, config.load).make(schema)
        for file in files:
            ours = config.write_back.column if config.write_back and file.table == config.write_back.table else None
            columns = [column.name for column in schema.columns(Name(None, file.table)) if column.name != ours]
            try:
                path = csvfiles.head(file, scratch.folder() / "header.csv")
                if columns:
                    records.header(file, path, columns)
            except DataError as error:
                problems.append(str(error))
    if problems:
        raise DataError("\n".join(problems))


def _reads(config: Config) -> str:
    """Say which of the shop's tables a run reads; the features' own SQL says it, and nobody else."""
    return f"the tables that {config.features.sql or 'features.sql'} names"


def _changes(config: Config) -> str:
    loads = ", ".join(config.load.tables) if config.load else ""
    return (
        "; ".join(filter(None, [loads, config.write_back.label if config.write_back else ""]))
        or "none of the shop's tables"
    )


def _makes(database: Database) -> str:
    """Say which of its own tables the job has still to make."""
    missing = [table for table in OWN_TABLES if table not in database.own_tables()]
    return ", ".join(str(database.own.name(table)) for table in missing) or "nothing: its own tables are there"


def _room(files: Sequence[CsvFile]) -> str:
    folder = tempfile.gettempdir()
    needed, free = int(STAGED * sum(file.size for file in files)), shutil.disk_usage(folder).free
    if free < needed:
        raise DatabaseError(
            f"{folder} has {_size(free)} free, and the job's temporary files may take {_size(needed)}; make room, or "
            "name another folder in TMPDIR"
        )
    return f"{_size(free)} free in {folder}, at most {_size(needed)} needed"


def _report_folder(folder: Path) -> Finding:
    there = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    if there.is_dir() and os.access(there, os.W_OK | os.X_OK):
        return Finding("report", f"goes to {folder}")
    return Finding("report", f"{folder} cannot be written; see report.folder, or run with --no-report", known=False)


def _size(size: float) -> str:
    return f"{size / 1e9:,.1f} GB" if size >= 1e9 else f"{size / 1e6:,.1f} MB"


def _database(config: Config, files: Sequence[CsvFile] | None) -> Iterator[Finding]:
    """Yield what there is in the database. files: None where they are not known."""
    settings = config.database
    if config.load and settings.missing:
        yield Finding("database", f"{settings.missing} will be made")
        yield _tried("tables", lambda: _to_be_made(config, [*config.load.tables] if config.load else []))
        return
    try:
        database = connect(config, read_only=True)
    except ClientelaError as error:
        yield Finding("database", str(error), error)
        for name in ("rights", "makes", "tables", "lock"):
            yield Finding(name, "not looked at: there is no session", known=False)
        return
    with closing(database):
        yield Finding("database", database.version)
        yield _tried("rights", lambda: _rights(database, config))
        yield _tried("makes", lambda: _makes(database))
        if files is None:
            yield Finding("tables", "not looked at: it takes the files", known=False)
        else:
            yield _tried("tables", lambda: _tables(database, config, files))
        yield _tried("lock", lambda: _lock(database))


def _lock(database: Database) -> str:
    history.require_lock(database)
    return "free"


def _rights(database: Database, config: Config) -> str:
    label = config.write_back.label_column if config.write_back else None
    rights = database.rights(list(config.load.tables) if config.load else [], label)
    if lacking := [right for right, granted in rights.items() if not granted]:
        raise DatabaseError(f"the user lacks {', '.join(lacking)}; deploy/privileges has the role that the job needs")
    return ", ".join(rights)


def _to_be_made(config: Config, missing: Sequence[str]) -> str:
    """Look at the keys of tables that are to be made, where their schema can be made here, too."""
    if missing and config.load and (not config.load.sql or config.database.dialect == embedded().dialect):
        with closing(in_memory()) as schema:
            Schema.read(schema, config.load).make(schema)
            require_keys_to_merge(config.load, missing, schema.keys())
    return f"{len(missing)} to be made"


def _tables(database: Database, config: Config, files: Sequence[CsvFile]) -> str:
    plan = make_plan(database, files, config.load)
    _to_be_made(config, plan.missing)
    if not plan.nothing_to_do:
        return f"{len(plan.missing)} to be made, {len(files) - len(plan.unchanged)} to be loaded"
    require_columns(database, plan.tables, config)
    try:
        database.fetch("features_probe", features_sql=features.text(database, config))
    except DatabaseError as error:
        if config.features.sql:
            raise ConfigError(f"features.sql: {config.features.sql}: {error}") from error
        raise
    return "hold what the files hold" if files else "are read as they are"
