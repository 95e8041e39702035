"""What a run would find, thing by thing. Nothing is changed."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from job import config as configs
from job import history, pipeline, rehearsal, scratch
from job.adapters import dialects, in_memory
from job.adapters.base import Database
from job.config import Config
from job.errors import ClientelaError, ConfigError, DatabaseError, DataError, TransientError
from job.load.plan import Plan, make_plan
from job.load.tables import Schema, table_of_files
from job.segmentation import arrival, features, label_column, sanity
from job.session import connect
from job.staging import csvfiles, records
from job.staging.csvfiles import Source
from job.tables import OWN_TABLES, Keys, Name

REHEARSED = ("columns", "select", "values", "customers")
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
    warns: bool = False  # a run would warn of it

    @property
    def line(self) -> str:
        """The line of the checklist; a sentence's own further lines stand below it."""
        mark = "failed" if self.error else "warning" if self.warns else "ok" if self.known else "--"
        return f"{mark:<7} {self.name:<9} {self.text}".replace("\n", "\n" + 18 * " ")


def checklist(path: Path, data: Path | None, sample: Path | None = None) -> Iterator[Finding]:
    """Yield what `findings` does of the config at the path; where that is wrong, nothing else can be looked at.

    sample: the folder of the synthetic shop, where a run without data takes that.
    """
    try:
        config = configs.read(path)
    except ConfigError as error:
        yield Finding("config", str(error), error)
        return
    yield from findings(config, data, sample)


def findings(config: Config, data: Path | None, sample: Path | None = None) -> Iterator[Finding]:
    """Yield, for each thing that a run needs, what there is of it; go on after one that would stop a run."""
    columns = " and ".join(feature.column for feature in config.clustering.features)
    k = "{} to {}".format(*config.clustering.k_range) if config.clustering.k == "auto" else config.clustering.k
    yield Finding("config", f"{k} segments by {columns}")
    if sql := config.features.sql:
        yield _tried("features", lambda: _features(config, sql))
    files, finding = _files(config, data, sample)
    yield finding
    if files:
        yield _tried("disk", lambda: _room(files))
    yield _folder("report", config.folder(config.report.folder), "see report.folder, or run with --no-report")
    if config.load and config.load.on_error == "quarantine":
        yield _folder("rejects", config.folder(config.load.rejects), "bad records would end a run; see load.rejects")
    yield Finding("reads", _reads(config))
    yield Finding("changes", _changes(config))
    yield from _database(config, files)


def _tried(name: str, look: Callable[[], str]) -> Finding:
    try:
        return Finding(name, look())
    except ClientelaError as error:
        return Finding(name, str(error), error)


def _features(config: Config, sql: Path) -> str:
    features.read(dialects()[config.database.dialect], sql)
    return f"by {sql}"


def _files(config: Config, data: Path | None, sample: Path | None) -> tuple[list[Source] | None, Finding]:
    """Return the files to load, None where they cannot be looked at, and what there is to say of them."""
    try:
        if sample and not data and config.load and not config.load.data:
            if not sample.exists():
                return None, Finding("files", f"a run writes those of a synthetic shop to {sample}")
            data = None if pipeline.holds_other_files(config, sample) else sample
        files = pipeline.files_to_load(config, data)
        _compare_headers(config, files)
    except ClientelaError as error:
        return None, Finding("files", str(error), error)
    if not files:
        return files, Finding("files", "none: the tables are in the database")
    return files, Finding(
        "files", f"{sum(len(file.parts) for file in files)} to load, {_size(sum(file.size for file in files))}"
    )


def _compare_headers(config: Config, files: Sequence[Source]) -> None:
    """Raise DataError where a file's header does not name the columns of the table that the schema makes."""
    with closing(in_memory()) as schema, schema.rolled_back():
        if config.load and not (config.load.sql and config.database.dialect != schema.dialect):
            Schema.read(schema, config.load).make(schema)
        _refuse_headers(config, files, schema)


def _refuse_headers(config: Config, files: Sequence[Source], database: Database) -> None:
    """Raise DataError where a file's header does not name the columns of its table, if that is there.

    Raises ConfigError for a column whose type no file is loaded into.
    """
    problems = []
    for file in files:
        labels = config.write_back.label_columns if config.write_back else []
        ours = [label.column for label in labels if label.table == Name(None, file.table)]
        table = table_of_files(file.table, database.columns(Name(None, file.table)), Keys(), ours)
        columns = [column.name for column in table.columns]
        for part in file.parts:
            try:
                path = csvfiles.head(part, scratch.folder() / "header.csv")
                if columns:
                    records.header(part, path, columns)
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
        "; ".join(filter(None, [loads, *(config.write_back.labels if config.write_back else [])]))
        or "none of the shop's tables"
    )


def _makes(database: Database) -> str:
    """Say which of its own tables the job has still to make."""
    missing = [table for table in OWN_TABLES if table not in database.own_tables()]
    return ", ".join(str(database.own.name(table)) for table in missing) or "nothing: its own tables are there"


def _room(files: Sequence[Source]) -> str:
    folder = tempfile.gettempdir()
    needed, free = int(STAGED * sum(file.size for file in files)), shutil.disk_usage(folder).free
    if free < needed:
        raise DatabaseError(
            f"{folder} has {_size(free)} free, and the job's temporary files may take {_size(needed)}; make room, or "
            "name another folder in TMPDIR"
        )
    return f"{_size(free)} free in {folder}, at most {_size(needed)} needed"


def _folder(name: str, folder: Path, way_out: str) -> Finding:
    """Say where files go; a run may do without a folder that cannot be written."""
    there = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    if there.is_dir() and os.access(there, os.W_OK | os.X_OK):
        return Finding(name, f"goes to {folder}" if name == "report" else f"go to {folder}")
    return Finding(name, f"{folder} cannot be written; {way_out}", known=False)


def _size(size: float) -> str:
    return f"{size / 1e9:,.1f} GB" if size >= 1e9 else f"{size / 1e6:,.1f} MB"


def _database(config: Config, files: Sequence[Source] | None) -> Iterator[Finding]:
    """Yield what there is in the database. files: None where they are not known."""
    settings = config.database
    if config.load and settings.missing:
        yield Finding("database", f"{settings.missing} will be made")
        yield from _not_looked_at(REHEARSED, "it takes the files") if files is None else _rehearsed(config, files)
        return
    try:
        database = connect(config, read_only=True)
    except ClientelaError as error:
        yield Finding("database", str(error), error)
        yield from _not_looked_at(("rights", "makes", "tables", "lock", *REHEARSED), "there is no session")
        return
    plan = None
    with closing(database):
        limit = f"; {database.charset.title} does not hold all characters" if database.charset else ""
        yield Finding("database", f"{database.version}{limit}")
        yield _tried("rights", lambda: _rights(database, config))
        if limited := _limited(database):
            yield Finding("rows", limited, known=False)
        yield _tried("makes", lambda: _makes(database))
        if files is None:
            yield from _not_looked_at(("tables",), "it takes the files")
        else:
            plan, finding = _plan(database, config, files)
            yield finding
        if config.write_back and label_column.is_there(database, config.write_back):
            yield _labels(database, config)
        yield _tried("lock", lambda: _lock(database))
    if plan:
        yield from _rehearsed(config, files or (), plan)
    else:
        yield from _not_looked_at(REHEARSED, "it takes the tables")


def _not_looked_at(names: Sequence[str], why: str) -> Iterator[Finding]:
    for name in names:
        yield Finding(name, f"not looked at: {why}", known=False)


def _limited(database: Database) -> str:
    """Say of which tables the user sees some rows alone; empty: of none."""
    rows = database.fetch("limited_tables") if "limited_tables" in database.statements else []
    if not rows:
        return ""
    return (
        f"row-level security shows the user some rows alone of {', '.join(row['table'] for row in rows)}: what "
        "features are computed from may lack the others; a policy that lets it read all, or BYPASSRLS, ends that"
    )


def _labels(database: Database, config: Config) -> Finding:
    """Say where the labels go, what may keep them from it, and how many would arrive, by the tables as they are."""
    assert config.write_back
    try:
        target = arrival.find_target(database, config)
        assert target
        coming = arrival.forecast(database, config, target)
        missing = arrival.judged(config, target, coming) if coming else []
        groups = arrival.find_target(database, config, of_groups=True)
    except ClientelaError as error:
        return Finding("labels", str(error), error)
    rows = f": {coming.of_customers:,} rows of {coming.found:,} customers" if coming else ""
    doubts = [*missing, *(hazard for hazard in target.hazards if not any(hazard in each for each in missing))]
    doubts += [hazard for hazard in (groups.hazards if groups else ()) if hazard not in doubts]
    where = " and ".join(config.write_back.labels)
    text = "; ".join([f"go to {where} by {config.write_back.key}{rows}", *doubts])
    return Finding("labels", text, known=not doubts)


def _lock(database: Database) -> str:
    history.require_lock(database)
    return "free"


def _rights(database: Database, config: Config) -> str:
    tables, rights = list(config.load.tables) if config.load else [], dict[str, bool]()
    for label in config.write_back.label_columns if config.write_back else [None]:
        rights |= database.rights(tables, label)
    if lacking := [right for right, granted in rights.items() if not granted]:
        raise DatabaseError(f"the user lacks {', '.join(lacking)}; an administrator can grant that")
    return ", ".join(rights)


def _plan(database: Database, config: Config, files: Sequence[Source]) -> tuple[Plan | None, Finding]:
    """Return what is to be loaded, None where something is wrong with it, and what there is to say of it."""
    try:
        plan = make_plan(database, files, config.load)
    except ClientelaError as error:
        return None, Finding("tables", str(error), error)
    if not plan.nothing_to_do:
        text = f"{len(plan.missing)} to be made, {len(files) - len(plan.unchanged)} to be loaded"
    else:
        text = "hold what the files hold" if files else "are read as they are"
    return plan, Finding("tables", text)


def _rehearsed(config: Config, files: Sequence[Source], plan: Plan | None = None) -> Iterator[Finding]:
    """Yield what comes of the tables and the features, as a run would make them; all of it is taken back.

    plan: made already, unless there is no database yet.
    """
    found: list[Finding] = []
    try:
        with rehearsal.session(config) as database:
            for finding in _steps(database, config, files, plan or make_plan(database, files, config.load)):
                found.append(finding)
                yield finding
    except ClientelaError as error:
        yield from _not_looked_at(REHEARSED[len(found) :], str(error))


def _steps(database: Database, config: Config, files: Sequence[Source], plan: Plan) -> Iterator[Finding]:
    """Yield the findings of REHEARSED, each by itself; nothing can be looked at after one that fails.

    Raises TransientError where others have kept the session waiting for too long.
    """
    looks: dict[str, Callable[[], Finding]] = {
        "columns": lambda: Finding("columns", _columns(database, config, files, plan)),
        "select": lambda: Finding("select", f"gives {', '.join(rehearsal.select(database, config))}"),
        "values": lambda: Finding("values", _values(database, config, plan)),
        "customers": lambda: _customers(database, config, plan),
    }
    if not _can_read_features(config):
        looks = {"columns": looks["columns"]}
    for number, (name, look) in enumerate(looks.items(), start=1):
        try:
            yield look()
        except TransientError:
            raise
        except _NotYet as reason:
            yield from _not_looked_at((name,), str(reason))
        except ClientelaError as error:
            if doubt := database.doubt(error):
                yield from _not_looked_at(REHEARSED[number - 1 :], doubt)
                return
            yield Finding(name, str(error), error)
            yield from _not_looked_at(REHEARSED[number:], f"it takes the {name}")
            return
    yield from _not_looked_at(REHEARSED[len(looks) :], "it takes features.sql")


def _can_read_features(config: Config) -> bool:
    """Tell whether there is a SELECT to be looked at; what is wrong with the file has been said."""
    sql = config.features.sql
    return sql is None or _tried("features", lambda: _features(config, sql)).error is None


class _NotYet(Exception):
    """Why something cannot be looked at before the first load."""


def _columns(database: Database, config: Config, files: Sequence[Source], plan: Plan) -> str:
    rehearsal.tables(database, config, plan)
    if config.load and config.load.sql:
        _refuse_headers(config, files, database)
    return "those that the config names are there"


def _values(database: Database, config: Config, plan: Plan) -> str:
    if not plan.nothing_to_do:
        raise _NotYet("the files are yet to be loaded")
    return f"{rehearsal.values(database, config):,} customers, and no number that a run would refuse"


def _customers(database: Database, config: Config, plan: Plan) -> Finding:
    """Return what cannot be right about the customers."""
    if not plan.nothing_to_do:
        raise _NotYet("the files are yet to be loaded")
    warnings = sanity.foretold(database, config)
    return Finding("customers", "\n".join(warnings) or "nothing that cannot be right", warns=bool(warnings))
