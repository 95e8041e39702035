"""Customers are forgotten: their ids, and what is told by them, go from all that the job keeps."""

import csv
import json
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

from job import scratch
from job.adapters.base import Database
from job.config import Config, Load
from job.errors import ClientelaError, ConfigError
from job.files import Drafts
from job.ids import LONGEST, Erased, Ids
from job.load import remembered
from job.load.accounts import rejects_files
from job.load.plan import file_format
from job.segmentation import features
from job.staging import csvfiles, finding
from job.staging.area import Staging
from job.staging.csvfiles import CsvFile, Format
from job.staging.records import records
from job.tables import Column, Table

OF_CUSTOMERS = (  # by customer_unique_id
    *("customer_segments", "customer_features_data", "customer_segment_changes"),
    "campaign_customers",
)
PLACE = ("run_id", "table_name", "file_name", "line")  # of a rejected record
BATCH = 1_000  # rows with long texts that are held in memory


def erase(database: Database, config: Config, ids: Sequence[str], drafts: Drafts) -> Erased:
    """Remove the customers, in the running transaction, and in drafts that take their places after it.

    Raises ConfigError where a file of rejected records cannot be read or written.
    """
    erased, found = Erased(len(ids)), Ids(ids)
    _stage(database, ids)
    for table in OF_CUSTOMERS:
        erased.rows[table] = database.execute("erase_customers", table=database.own.name(table))
    erased.features_stand = features.stand(database)
    erased.rows["rejected_records"] = _erase_rejects(database, found)
    erased.rows["job_runs"] = _reword_runs(database, found)
    if config.load:
        _erase_files(config, found, drafts, erased)
    return erased


def count_in_shop(database: Database, config: Config, ids: Sequence[str]) -> int | None:
    """Return how many of them the features' SQL gives, as a run would find them; None: it cannot be computed.

    What it stages is taken back.
    """
    try:
        with database.rolled_back():
            _stage(database, ids)
            context: dict[str, Any] = features.computed(database, config)
            return int(database.fetch("still_in_shop", **context)[0]["customers"])
    except ClientelaError:  # no such tables yet, or no more; check says what it is
        return None


def _stage(database: Database, ids: Sequence[str]) -> None:
    database.execute("stage_erased")
    charset = database.charset
    possible = [one for one in ids if len(one) <= LONGEST and "\0" not in one and (not charset or charset.holds(one))]
    column = Column("customer_unique_id", "VARCHAR", required=True)
    _bulk_load(database, "erased_customers", [column], ([one] for one in possible))


def _bulk_load(database: Database, table: str, columns: Sequence[Column], rows: Iterator[Sequence[object]]) -> None:
    path = scratch.folder() / f"{table}.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, quoting=csv.QUOTE_ALL, lineterminator="\n")
        writer.writerow([column.name for column in columns])
        writer.writerows(rows)
    with closing(Staging(scratch.folder() / "staging")) as staging:
        database.bulk_load(table, staging.stage(CsvFile(table, path), Table(table, columns)), staging)
    path.unlink()


def _erase_rejects(database: Database, ids: Ids) -> int:
    columns = [Column(name, "BIGINT" if name == "line" else "VARCHAR", required=True) for name in PLACE]
    _bulk_load(database, "erased_records", columns, _rejects_of(database, ids))
    return database.execute("erase_records", table=database.own.name("rejected_records"))


def _rejects_of(database: Database, ids: Ids) -> Iterator[list[object]]:
    """Yield the places of records that have one of the ids in a field, or are rejected for one."""
    last: dict[str, object] = dict.fromkeys(PLACE, "") | {"line": 0}
    while rows := database.fetch("rejects_after", last, limit=BATCH):
        for row in rows:
            if ids.among([row["record"] or ""]) or ids.without(row["reason"]) != row["reason"]:
                yield [row[name] for name in PLACE]
        last = {name: rows[-1][name] for name in PLACE}


def _reword_runs(database: Database, ids: Ids) -> int:
    """Take the ids out of what runs have warned of or failed with; return how many runs have had some."""
    reworded, last = 0, ""
    while rows := database.fetch("words_of_runs", {"run_id": last}, limit=BATCH):
        for row in rows:
            figures, error = json.loads(row["figures"] or "null"), row["error"]
            less, rest = ids.without(figures), ids.without(error)
            if (less, rest) != (figures, error):
                text = None if row["figures"] is None else json.dumps(less, allow_nan=False)
                database.execute("reword_run", {"run_id": row["run_id"], "figures": text, "error": rest})
                reworded += 1
        last = rows[-1]["run_id"]
    return reworded


def _erase_files(config: Config, ids: Ids, drafts: Drafts, erased: Erased) -> None:
    assert config.load
    for path in rejects_files(config):
        count = _erase_records(path, _format_of(config.load, path), ids, drafts)
        if count:
            erased.records[str(path)] = count
    memory = remembered.path(config, config.load)
    if memory.exists():  # so that the next night compares all files with the tables
        drafts.remove(memory)
        erased.removed.append(str(memory))


def _erase_records(path: Path, written: Format, ids: Ids, drafts: Drafts) -> int:
    """Leave the records out that have one of the ids; return how many. A file with no other goes."""
    file, unpacked, kept, gone = CsvFile(path.name, path, None, written), scratch.folder() / "rejects.csv", 0, 0
    try:
        csvfiles.unpack(file, unpacked)
        with drafts.of(path).open("w", encoding=written.encoding, newline="") as target:
            for record in records(file, unpacked):
                if ids.among(record.fields):
                    gone += 1
                else:
                    target.write(record.text)
                    kept += 1
        unpacked.unlink()
    except OSError as error:
        raise ConfigError(f"{path} cannot be written anew ({error.strerror}); see load.rejects") from error
    if not gone or kept <= 1:  # the header
        drafts.forget(path)
    if gone and kept <= 1:
        drafts.remove(path)
    return gone


def _format_of(load: Load, path: Path) -> Format:
    """Return how the rejects are written: as the file whose they are, and those of a Parquet file as CSV in UTF-8."""
    name = path.name.removesuffix(".csv") if path.name.lower().endswith(".parquet.csv") else path.name
    table = finding.table_of(name, load.tables)
    written = file_format(load, table) if table else Format(load.encoding, load.delimiter)
    return replace(written, encoding="utf-8") if name != path.name else written
