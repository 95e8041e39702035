"""Files -> records that the tables take, as Parquet, and what is wrong with the others.

DuckDB reads every file, whatever the target database: all fields as text, then each against the type that the
target declares, then keys and references against each other. So one file means the same rows everywhere.
"""

import os
import shutil
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, replace
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import IO, Any

import duckdb

from job import interrupt
from job.errors import ConfigError, DatabaseError, DataError
from job.fingerprint import fingerprint
from job.staging import csvfiles, memory, records
from job.staging.ahead import Ahead, Stream
from job.staging.casts import cast
from job.staging.csvfiles import CsvFile, Source
from job.statements import SqlFiles
from job.tables import Column, Reference, Table

# What DuckDB holds before it spills to the temporary folder. With one thread, and 10,240 records in a row group, that
# is enough for records of 1 KB on average; where it is not, the limit is taken off. Two threads are no faster where
# the database works at the same time.
MEMORY = "256MB"
MAX_KEYS = 100_000  # that are fetched from the database


@dataclass(frozen=True)
class Problem:
    """What is wrong with a record that has as many fields as the header."""

    record: int  # its number among those, from 0
    kind: str  # value, duplicate, alike, orphan or present
    column: str  # or columns, with commas
    value: str | None
    other: str | None  # the record that has the key already; the table that lacks it, or has it


@dataclass(frozen=True)
class Comparison:
    """A file's records held against those of last night's file."""

    known: str  # SQL name of the table that remembers these
    vanished: str  # SQL name of the table with those of them that are there no more
    path: Path  # the file's records as Parquet, each with its number and hash, and whether it is known


@dataclass(frozen=True)
class StagedPart:
    """One of a table's files, as it is read."""

    source: CsvFile
    unpacked: Path  # as it came, in UTF-8
    csv: Path  # the same, or as plainly written as DuckDB needs it
    fields: Sequence[str]  # the table's column for each field of the file
    plain: bool = True  # DuckDB can make it out as it came
    records: int = 0  # with as many fields as the header
    broken: int = 0  # with another number of them
    rejected: int = 0  # broken ones included


@dataclass(frozen=True)
class StagedFile:
    """The records of a table's file or files, ready to be loaded."""

    source: Source
    parts: Sequence[StagedPart]
    columns: Sequence[Column]  # the table's, in the table's order
    key: Sequence[str]
    path: Path  # the records as Parquet; with a comparison, those that last night's file had not
    hashed: bool = False  # it has the records' hashes, by which they are known the next night
    comparison: Comparison | None = None
    records: int = 0  # in its files
    broken: int = 0  # of them, with another number of fields than the header
    rejected: int = 0  # of them, broken ones included
    problems: int = 0
    of_parent: bool = False  # loaded into columns as the parent declares them, whose types may be others

    @property
    def table(self) -> str:
        """The table that the file fills."""
        return self.source.table

    @property
    def casts(self) -> list[str]:
        """The SQL of each column's value, in the columns' order; see `cast`."""
        return [cast(column, self.source.format.of(column.name)) for column in self.columns]

    def nulls(self, column: Column) -> Sequence[str]:
        """Return the texts that are NULL in the column's fields."""
        return self.source.format.of(column.name).nulls

    @property
    def has_nulls(self) -> bool:
        """Tell whether any column's fields have such texts."""
        return any(map(self.nulls, self.columns))

    @property
    def runs(self) -> list[tuple[list[Path], Sequence[str]]]:
        """The files to read, those together that follow each other and have the same header."""
        return [
            ([part.csv for part in parts], fields)
            for fields, parts in ((list(key), list(its)) for key, its in groupby(self.parts, lambda part: part.fields))
        ]

    @property
    def accepted(self) -> int:
        """How many records are to be loaded."""
        return self.records - self.rejected


# Makes ahead what is going to be sent of a file, by `encode` or `export_ahead` of `Staging`; returns whether it has.
Prepare = Callable[[StagedFile], bool]
# Given a reference and keys, returns those of them that the parent's table has, or those that it has not.
Ask = Callable[[Reference, StagedFile], Sequence[tuple[Any, ...]]]


@dataclass(frozen=True)
class BeyondFiles:
    """What the database holds and no file does, and how to ask for it."""

    parents: Collection[str] = ()  # tables with such rows, that files refer to
    added_to: Collection[str] = ()  # tables with keys and rows that stay as they are: a file may not have them again
    alike: Ask = lambda reference, keys: ()  # those equal to others by collation, behind the number of their group
    lacking: Ask = lambda reference, keys: ()
    present: Ask = lambda reference, keys: ()


@cache
def _sql() -> SqlFiles:
    """Return the engine's SQL; its templates are compiled once in a process."""
    return SqlFiles("staging")


class Staging:
    """An in-memory DuckDB that reads the files, and the folder for its Parquet and what is unpacked.

    drop_rejected: rejected records are left out, and count as not there for those that refer to them.
    beyond_files: what is not in the files that are staged here.
    hashed: the records get their hashes, too.
    """

    def __init__(
        self,
        folder: Path,
        drop_rejected: bool = False,
        beyond_files: BeyondFiles = BeyondFiles(),
        hashed: bool = False,
    ) -> None:
        folder.mkdir(exist_ok=True)
        self._folder = folder
        self._drop_rejected = drop_rejected
        self._beyond_files = beyond_files
        self._hashed = hashed
        self._ended = False
        self._statements = _sql()
        self._connection = duckdb.connect()
        self._running: set[duckdb.DuckDBPyConnection] = set()
        self._staged: dict[str, StagedFile] = {}
        self._ahead = Ahead()
        self._made_ahead: dict[str, Future[bool]] = {}  # by table
        for setting, value in (
            ("memory_limit", MEMORY),
            ("temp_directory", str(folder / "spilled")),
            ("enable_progress_bar", "false"),
            ("threads", "1"),
            ("GLOBAL TimeZone", "UTC"),  # for times with an offset: the same on every machine
        ):
            self._connection.execute(f"SET {setting} = '{value}'")
        self._run("rejects")

    def stage(self, file: Source, table: Table) -> StagedFile:
        """Compare every field of the file with the table's columns, and its keys with each other and their parents'.

        Files are staged one after the other, parents first. An empty field, quoted or not, is NULL. Raises DataError
        where the file cannot be read as a CSV of the table, ConfigError where a parent comes later.
        """
        return self._checked(self._read(file, table), table)

    def _checked(self, staged: StagedFile, table: Table) -> StagedFile:
        """Hold the records' keys against each other and their parents'; leave out what is rejected."""
        file = staged.source
        if staged.key:
            self._reject_duplicates(staged)
            self._reject_alike(staged)
        if file.table in self._beyond_files.added_to:
            self._reject_present(staged, table)
        self._staged[file.table] = staged
        for reference in table.keys.references:
            self._reject_orphans(staged, reference, table)
        [counts] = self._run("rejected", table=file.table, numbers=None)
        rejected, problems = (staged.broken + counts[what] for what in ("records", "problems"))
        parts = self._with_rejected(staged) if counts["records"] else staged.parts
        staged = replace(staged, parts=parts, rejected=rejected, problems=problems)
        if counts["records"] and self._drop_rejected:
            path = staged.path.with_suffix(".accepted.parquet")
            self._run("staged_accepted", file=staged, target=path)
            path.replace(staged.path)
        for part in staged.parts:
            if part.csv != part.unpacked:
                part.csv.unlink()
            if not staged.rejected:
                part.unpacked.unlink()
        self._staged[file.table] = staged
        return staged

    def _with_rejected(self, staged: StagedFile) -> list[StagedPart]:
        """Count the rejected records of each file."""
        parts, first = [], 0
        for part in staged.parts:
            numbers = (first, first + part.records - 1)  # its records among those of all files
            [counts] = self._run("rejected", table=staged.table, numbers=numbers)
            parts.append(replace(part, rejected=part.broken + counts["records"]))
            first += part.records
        return parts

    def _path(self, file: Source, suffix: str) -> Path:
        """Return a path for the file's content: a table's name may be longer than a file's, or have a slash in it."""
        return self._folder / f"{fingerprint(file.table)[:32]}{suffix}"

    def _read(self, file: Source, table: Table) -> StagedFile:
        """Write the records to Parquet, and list the values that the table would refuse.

        What is written in a way that DuckDB may take otherwise than Python's csv module is first rewritten by that,
        without the records that do not fit the header.
        """
        parts = [self._unpacked(part, number, table) for number, part in enumerate(file.parts)]
        columns = csvfiles.with_lacking([part.unpacked for part in parts], table.columns)
        key, target = table.keys.primary, self._path(file, ".parquet")
        staged = self._prepared(StagedFile(file, parts, columns, key, target, self._hashed))
        staged = replace(staged, parts=[part if part.plain else _rewritten(part) for part in parts])
        counts = self._converted(staged)
        if counts is None or counts["records"] != sum(part.records for part in staged.parts):
            staged = replace(staged, parts=[_rewritten(part) if part.plain else part for part in staged.parts])
            counts = self._converted(staged)
        if counts is None:
            raise DataError(f"{file.name}: DuckDB cannot read it as a CSV file; please report this")
        if counts["refused"]:
            self._run("csv_refused", file=staged)
        broken = sum(part.broken for part in staged.parts)
        parts = [replace(part, rejected=part.broken) for part in staged.parts]
        return replace(staged, parts=parts, records=counts["records"] + broken, broken=broken)

    def _unpacked(self, file: CsvFile, number: int, table: Table) -> StagedPart:
        """Return one of a table's files, with its header read."""
        path = self._path(file, f".{number}.csv")
        written = csvfiles.unpack(file, path)
        line, header = records.header(file, path, [column.name for column in table.columns], table.generated)
        fields = [column or f"ignored {number}" for number, column in enumerate(header)]
        # To DuckDB, an empty line is a record of one empty field.
        plain = written.plain and line == 1 and len(fields) > 1
        return StagedPart(file, path, path, fields, plain, written.records - 1)  # the header is one

    def _prepared(self, staged: StagedFile) -> StagedFile:
        """Return the file as it is to be read."""
        return staged

    def _converted(self, staged: StagedFile) -> dict[str, int] | None:
        """Write the records to Parquet; return how many there are, and how many have a value that is refused.

        None: there is a record that does not fit the header, or one that DuckDB cannot make out.
        """
        try:
            return self._write_records(staged)
        except duckdb.InvalidInputException as error:
            if "format specifier" in str(error):
                raise ConfigError(f"load.timestamp_formats: {str(error).splitlines()[0]}") from error
            return None

    def _write_records(self, staged: StagedFile) -> dict[str, int]:
        [counts] = self._run("csv_stage", "csv_count", file=staged)
        return counts

    def _reject_duplicates(self, file: StagedFile) -> None:
        if self._run("may_be_duplicates", file=file)[0]["may"]:
            self._run("staged_duplicates", file=file)

    def _reject_alike(self, file: StagedFile) -> None:
        """Reject records whose key is another text than an earlier record's, and the same to the database."""
        columns = [column for column in file.columns if column.name in file.key]
        loose = [column for column in columns if column.loose]
        if not loose:
            return
        strict = [column.name for column in columns if not column.loose]
        same = [*(f"fold{number}" for number in range(len(loose))), *strict]
        [counts] = self._run("alike_keys", file=file, loose=loose, same=same)
        if not counts["keys"]:
            return
        names = [column.name for column in columns]
        keys = replace(file, columns=columns, key=(), path=self._folder / "alike_keys.parquet")
        self._run("alike_keys_export", target=keys.path)
        alike = self._beyond_files.alike(Reference(tuple(names), file.table, tuple(names)), keys)
        if len(alike) > MAX_KEYS:
            raise DataError(
                f"{file.source.name}: more than {MAX_KEYS:,} keys are the same to the database, by the collation "
                f"of {', '.join(column.name for column in loose)}; declare a binary one for keys"
            )
        self._run("alike_keys_empty")
        if alike:
            with self._cursor() as cursor:
                cursor.executemany(self._statements.render("alike_keys_insert", columns=columns)[0], alike)
            self._run("staged_alike", file=file)

    def _reject_orphans(self, child: StagedFile, reference: Reference, table: Table) -> None:
        parent = self._staged.get(reference.parent)
        if parent is None and reference.parent not in self._beyond_files.parents:
            raise ConfigError(f"load.tables: {reference.parent} must come before {child.table}, which refers to it")
        while True:
            [counts] = self._run("staged_orphan_keys", child=child, parent=parent, reference=reference)
            orphans = counts["keys"]
            if orphans and reference.parent in self._beyond_files.parents:
                orphans = self._keep(self._beyond_files.lacking, child, reference, table)
            if not orphans:
                return
            self._run("staged_orphans", child=child, reference=reference, kind="orphan")
            if reference.parent != child.table or not self._drop_rejected:
                return

    def _reject_present(self, file: StagedFile, table: Table) -> None:
        itself = Reference(table.keys.primary, table.name, table.keys.primary)
        self._run("staged_orphan_keys", child=file, parent=None, reference=itself)
        if self._keep(self._beyond_files.present, file, itself, table):
            self._run("staged_orphans", child=file, reference=itself, kind="present")

    def _keep(self, ask: Ask, child: StagedFile, reference: Reference, table: Table) -> int:
        """Leave in orphan_keys only what the database says; return how many these are."""
        columns = {column.name: column for column in table.columns}
        keys = replace(
            child,
            columns=[
                replace(columns[name], name=parent_name)
                for name, parent_name in zip(reference.columns, reference.parent_columns, strict=True)
            ],
            key=(),
            path=self._folder / "orphan_keys.parquet",
            of_parent=True,
        )
        self._run("orphan_keys_export", target=keys.path)
        found = ask(reference, keys)
        if len(found) > MAX_KEYS:
            what = "are there already" if reference.parent == child.table else f"have no match in {reference.parent}"
            raise DataError(f"{child.source.name}: more than {MAX_KEYS:,} keys {what}; is it the right file?")
        self._run("orphan_keys_empty")
        if found:
            with self._cursor() as cursor:
                cursor.executemany(self._statements.render("orphan_keys_insert", columns=keys.columns)[0], found)
        return len(found)

    @contextmanager
    def ahead(
        self, files: Sequence[Source], tables: Mapping[str, Table], prepare: Prepare = lambda file: False
    ) -> Iterator[Iterator[StagedFile]]:
        """Give an iterator over the files as staged; while the caller loads one, the others are being staged.

        And the next is being prepared. Where the database must be asked, they take turns: it has one session.
        """
        loose = any(
            column.loose and column.name in table.keys.primary for table in tables.values() for column in table.columns
        )
        if self._beyond_files.parents or self._beyond_files.added_to or loose:
            yield (self.stage(file, tables[file.table]) for file in files)
            return
        with ThreadPoolExecutor(1) as stages, ThreadPoolExecutor(1) as prepares:
            futures = [stages.submit(self.stage, file, tables[file.table]) for file in files]

            def staged() -> Iterator[StagedFile]:
                for number, future in enumerate(futures):
                    file = future.result()
                    for later, to_come in zip(files[number + 1 : number + 2], futures[number + 1 :], strict=False):
                        self._made_ahead[later.table] = prepares.submit(self._make_ahead, later.table, to_come, prepare)
                    yield file

            try:
                yield staged()
            except BaseException:
                self._ended = True
                raise
            finally:
                self._ahead.close()
                self._made_ahead.clear()
                for pool in (stages, prepares):
                    pool.shutdown(wait=False, cancel_futures=True)
                self._interrupt()

    def _make_ahead(self, table: str, staged: Future[StagedFile], prepare: Prepare) -> bool:
        try:
            return prepare(staged.result())
        finally:
            self._ahead.end(table)

    def problems(self, file: StagedFile, limit: int | None = None) -> list[Problem]:
        """Return what is wrong with the file's values and keys, in the records' order.

        limit: of a kind and column, so many at most.
        """
        return [Problem(**row) for row in self._run("problems", table=file.table, limit=limit)]

    def problem_counts(self, file: StagedFile) -> dict[tuple[str, str], int]:
        """Return how many problems the file has by kind and column; records with other fields are of no column."""
        rows = self._run("problem_counts", table=file.table)
        counts = {(row["kind"], row["column"]): row["problems"] for row in rows}
        return counts | ({("fields", ""): file.broken} if file.broken else {})

    def look(self, name: str, **context: Any) -> list[dict[str, Any]]:
        """Return the rows of a statement that only reads, by its name."""
        return self._run(name, **context)

    def export(self, file: StagedFile, target: Path, null: str) -> None:
        """Write the records to a normalised CSV: a path, or an open pipe's.

        The columns are the table's, without a header line; NULL is written as `null`, unquoted, and a text that
        reads the same is quoted; lines end in LF. The records come in the order of the key.
        """
        self._run("staged_export", file=file, target=target, null=null)

    @contextmanager
    def exported(self, file: StagedFile, null: str) -> Iterator[Path]:
        """Give the path of what `export` writes, which `export_ahead` may have written; behind the block it goes."""
        making = self._made_ahead.pop(file.table, None)
        if not (making and making.result()):
            self.export(file, _exported(file), null)
        try:
            yield _exported(file)
        finally:
            _exported(file).unlink()

    def export_ahead(self, file: StagedFile, null: str) -> None:
        """Write ahead what `exported` gives."""
        self.export(file, _exported(file), null)

    @contextmanager
    def piped(self, file: StagedFile, null: str) -> Iterator[IO[bytes]]:
        """Give what `export` writes as a stream, while it is being written. Raises as that, at the end."""
        reading, writing = os.pipe()
        with ThreadPoolExecutor(1) as pool:
            exporting = pool.submit(self._export_and_close, file, writing, null)
            with os.fdopen(reading, "rb") as stream, interrupt.cancellable(self._interrupt):
                yield stream
        exporting.result()

    def _export_and_close(self, file: StagedFile, writing: int, null: str) -> None:
        try:
            self.export(file, Path(f"/dev/fd/{writing}"), null)
        finally:
            os.close(writing)

    @contextmanager
    def sent(self, file: StagedFile, record: str, beginning: bytes, ending: bytes) -> Iterator[Stream]:
        """Give the bytes of the records, in the order of the key, as a stream; `encode` may make them ahead.

        record: the SQL of one's, a BLOB. Raises as `export`, at the end.
        """
        if making := self._made_ahead.pop(file.table, None):
            yield Stream(self._ahead, file.table, beginning, ending)
            assert making.result(), f"{file.table} was not prepared"
            return
        ahead = Ahead()
        with ThreadPoolExecutor(1) as pool, interrupt.cancellable(self._interrupt):
            encoding = pool.submit(self._encode, file, record, ahead)
            try:
                yield Stream(ahead, file.table, beginning, ending)
            finally:
                ahead.close()
        encoding.result()

    def encode(self, file: StagedFile, record: str) -> None:
        """Make ahead what `sent` gives."""
        for piece in self._pieces(file, record):
            self._ahead.put(file.table, piece)

    def _encode(self, file: StagedFile, record: str, ahead: Ahead) -> None:
        try:
            for piece in self._pieces(file, record):
                ahead.put(file.table, piece)
        finally:
            ahead.end(file.table)

    def _pieces(self, file: StagedFile, record: str) -> Iterator[memoryview]:
        from nanoarrow.c_array_stream import c_array_stream

        [statement] = self._statements.render("staged_bytes", file=file, record=record)
        with self._cursor() as cursor:
            try:
                for array in self._retried(cursor, lambda: c_array_stream(cursor.sql(statement))):
                    _, _, content = array.child(0).view().buffers
                    yield memoryview(content)
            except RuntimeError as error:  # nanoarrow's, with what DuckDB has said
                raise duckdb.OperationalError(str(error)) from error

    def rows(self, file: StagedFile, size: int) -> Iterator[list[tuple[Any, ...]]]:
        """Yield the records, `size` at a time, as Python values of the table's types, in its order of columns."""
        [statement] = self._statements.render("staged_rows", file=file)
        with self._cursor() as cursor:
            with interrupt.cancellable(cursor.interrupt):
                cursor.execute(statement)
                rows = cursor.fetchmany(size)
            while rows:
                yield rows
                with interrupt.cancellable(cursor.interrupt):
                    rows = cursor.fetchmany(size)

    def remember(
        self, path: Path, files: Sequence[StagedFile], tables: Mapping[str, Table], states: Mapping[str, str]
    ) -> None:
        """Write what is to be remembered of the files to a new one. states: of all tables, see `memory.state`.

        Raises OSError where it cannot be written.
        """
        try:
            self._run("memory_write", path=path, remembered=memory.remembered(files, tables), states=states)
        except duckdb.Error as error:
            raise OSError(str(error).splitlines()[0]) from error

    def _run(self, *names: str, **context: Any) -> list[dict[str, Any]]:
        """Run the statements of sql/staging/NAME.sql, in a session of their own; return the rows of the last one."""
        rows: list[dict[str, Any]] = []
        with self._cursor() as cursor, interrupt.cancellable(cursor.interrupt):
            for statement in [one for name in names for one in self._statements.render(name, **context)]:
                self._execute(cursor, statement)
                columns = [column[0] for column in cursor.description or ()]
                rows = [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]
        return rows

    def _execute(self, cursor: duckdb.DuckDBPyConnection, statement: str) -> None:
        self._retried(cursor, lambda: cursor.execute(statement))

    def _retried(self, cursor: duckdb.DuckDBPyConnection, call: Callable[[], Any]) -> Any:
        """Return what the call returns; where that takes more memory than the limit, without one."""
        if self._ended:
            raise DatabaseError("the load has ended")
        try:
            return call()
        except duckdb.OutOfMemoryException:
            cursor.execute("RESET memory_limit")
            return call()

    @contextmanager
    def _cursor(self) -> Iterator[duckdb.DuckDBPyConnection]:
        with closing(self._connection.cursor()) as cursor:
            self._running.add(cursor)
            try:
                yield cursor
            finally:
                self._running.discard(cursor)

    def _interrupt(self) -> None:
        """End what other threads have it do."""
        for cursor in tuple(self._running):
            with suppress(duckdb.Error):  # closed by now
                cursor.interrupt()

    def close(self) -> None:
        """Let go of the memory and of the folder."""
        self._connection.close()
        shutil.rmtree(self._folder, ignore_errors=True)  # what is left goes with the process


def _rewritten(part: StagedPart) -> StagedPart:
    csv = part.unpacked.with_suffix(".plain.csv")
    kept, broken = records.rewrite(part.source, part.unpacked, csv, len(part.fields))
    return replace(part, csv=csv, plain=False, records=kept, broken=broken)


def _exported(file: StagedFile) -> Path:
    return file.path.with_suffix(".exported.csv")
