"""A config to start from for a shop whose tables are files: looked at once, by what reads them at night, too.

What was found is written down: load.sql with types and keys, the features' SQL, a config with encoding, delimiter and
formats. The shop itself is that of an embedded database in memory, which the files fill.
"""

import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, fields, replace
from itertools import islice
from pathlib import Path
from typing import Any, Protocol

from job import scratch
from job.adapters import in_memory
from job.adapters.base import Database
from job.errors import ClientelaError, ConfigError, DataError
from job.setup import manners, purchases
from job.setup.catalog import Catalog, UnclearError
from job.setup.manners import Asked, Found
from job.setup.purchases import Person, Written
from job.setup.shop import flat
from job.staging import csvfiles, finding, looks, rejects
from job.staging.area import StagedFile, Staging
from job.staging.csvfiles import CsvFile, Format, Source, TableFiles
from job.staging.records import records
from job.staging.values import MARKERS, PLAIN, Values
from job.statements import Statements
from job.tables import OWN_TABLES, Column, Keys, Name, Table

ENDINGS = (".csv", ".txt", ".tsv", ".parquet")
VALUE = re.compile(r"[-+]?[0-9][-0-9.,:/ T]*")  # a number, a day or a time
FOR_EXCEL = re.compile("(?i)sep=")
NOTHING = re.compile(r"[-_ .()]+$|^[-_ .()]+")
OPTIONS = {
    "dates": "--dates day or --dates month says which comes first",
    "numbers": "--decimal , or --decimal . says it",
}


class Questioner(Person, Protocol):
    """Who is asked what is not clear of files, too."""

    def day_first(self, column: str, about: str) -> bool:
        """Return whether in a column's dates the day comes before the month."""

    def decimal(self, column: str, about: str) -> str:
        """Return what stands before the decimals in a column's numbers."""


@dataclass(frozen=True)
class ShopTable:
    """A table, what fills it, and what its columns are."""

    name: str
    named: str | list[str]  # as the config names its files
    source: Source
    columns: Sequence[Found]
    doubled: Sequence[str] = ()  # names that the files have for more than one column

    @property
    def key(self) -> str | None:
        """The column that tells the rows apart; None: no column does whose name says so."""
        keys = [column.name for column in self.columns if column.is_key and manners.is_id(column.name)]
        return keys[0] if keys else None


@dataclass(frozen=True)
class FileShop:
    """What is to be written down."""

    load_sql: str
    load: Mapping[str, Any]  # the config's section, without its data and its SQL
    features: Written


def found(
    data: Path,
    given: Mapping[str, str | None],
    leave_out: Sequence[str] | None,
    currency: str | None,
    asked: Asked,
    person: Questioner | None,
    target: Statements,
) -> FileShop:
    """Return what the files of a folder, a .zip, or one file, are, and the features that they make.

    given, leave_out, currency, person: as `purchases.found` has them. asked: what somebody has said already.
    target: the statements of the dialect that the SQL is for.
    Raises ConfigError where something is not clear, DataError where the files cannot be read.
    """
    sources = _sources(data)
    with closing(Staging(scratch.folder() / "looked at")) as staging:
        tables = []
        for name, named, source in sources:
            columns, asked = _columns(staging, name, source, asked, person)
            tables.append(ShopTable(name, named, source, columns, _doubled(source)))
    with closing(in_memory()) as database, database.rolled_back():
        try:
            _fill(database, _load_sql(database.statements, tables), tables)
            features = purchases.found(database, Catalog(database), given, leave_out, currency, person, target)
        except UnclearError as error:
            raise ConfigError(f"{_of_files(error)}{_ways_out(tables)}") from error
        except ConfigError as error:
            raise ConfigError(_of_files(error)) from error
    return FileShop(_load_sql(target, tables), _section(tables), features)


def _load_sql(statements: Statements, tables: Sequence[ShopTable]) -> str:
    """Return the statements that make the tables."""
    return "\n\n".join(f"{statement};" for statement in statements.render("starter_tables", tables=tables)) + "\n"


def _of_files(error: ClientelaError) -> str:
    return str(error).replace("--from-database", "--from-files")


def _ways_out(tables: Iterable[ShopTable]) -> str:
    unclear = {column.unclear: f"{table.name}.{column.name}" for table in tables for column in table.columns}
    return "".join(
        f"; {column} is a text, as it could mean two things: {OPTIONS[what]}"
        for what, column in unclear.items()
        if what
    )


def _sources(data: Path) -> list[tuple[str, str | list[str], Source]]:
    """Return the files by tables, each with the table's name and what the config calls its files.

    Raises DataError where there is none.
    """
    files = [file for file in finding.candidates(data) if file.name.lower().endswith(ENDINGS)]
    if data.is_file() and not zipfile.is_zipfile(data):
        files = finding.candidates(data)
    if not files:
        books = [file.name for file in finding.candidates(data) if looks.is_workbook_name(file.name)]
        hint = f"{books[0]} is an Excel workbook: {looks.WORKBOOK}" if books else "give a folder or a .zip of them"
        raise DataError(f"--from-files: {data} has no file that ends in {', '.join(ENDINGS)}; {hint}")
    together: dict[str, list[CsvFile]] = {}
    for file in sorted(files, key=lambda file: file.name):
        together.setdefault(_pattern(file.name), []).append(replace(file, format=_format(file)))
    sources: list[tuple[str, str | list[str], Source]] = []
    for pattern, alike in together.items():
        for named, parts in _alike(pattern, alike):
            name = _table_name(named, {source[0] for source in sources})
            readable = [replace(part, table=name, of_several=len(parts) > 1) for part in parts]
            several = len(parts) > 1
            sources.append((name, named, TableFiles(name, named, tuple(readable)) if several else readable[0]))
    return sources


def _pattern(name: str) -> str:
    """Return the name with a * for each of its dates and numbers: files that differ in them are of one table."""
    return re.sub(r"[0-9]+([-_. ]?[0-9]+)*", "*", name)


def _alike(pattern: str, files: Sequence[CsvFile]) -> Iterable[tuple[str, Sequence[CsvFile]]]:
    """Yield files of one pattern, together if they have the same columns, else one by one."""
    if len(files) > 1 and len({frozenset(map(str.lower, _header(file))) for file in files}) == 1:
        yield pattern, files
    else:
        yield from ((file.name, [file]) for file in files)


def _header(file: CsvFile) -> list[str]:
    """Return the names that the file has for its columns, empty ones among them."""
    path = csvfiles.head(file, scratch.folder() / "header.csv")
    found = [field.strip() for record in islice(records(file, path), 1) for field in record.fields]
    if found and FOR_EXCEL.match(found[0]):
        raise DataError(f"{file.name}: its first line, {found[0]}, is for Excel alone; delete it")
    return found


def _table_name(named: str, taken: Iterable[str]) -> str:
    stem = NOTHING.sub("", named.rpartition(".")[0].replace("*", ""))
    name = flat(stem) or "sales"
    name = f"t_{name}" if name[0].isdigit() else name
    while name in OWN_TABLES or name in taken:
        name = f"{name}_file"
    return name


def _format(file: CsvFile) -> Format:
    """Return how the file's text is encoded, and what separates its fields. Raises DataError where it is no text."""
    if file.is_parquet:
        return Format()
    encoding = _encoding(file)
    path = csvfiles.head(replace(file, format=Format(encoding)), scratch.folder() / "sniffed.csv")
    with closing(Staging(scratch.folder() / "sniffing")) as staging:
        [sniffed] = staging.look("sniffed", path=path) or [{"delimiter": ","}]
    delimiter = sniffed["delimiter"]
    return Format(encoding, delimiter if len(delimiter) == 1 and not delimiter.isalnum() and delimiter != " " else ",")


def _encoding(file: CsvFile) -> str:
    """Return what the whole file can be read in: UTF-8, UTF-16 by its mark, else that of Windows, or Latin-1."""
    with file.open() as stream:
        start = stream.read(4)
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    return next((each for each in ("utf-8", "cp1252") if csvfiles.is_text_in(file, each)), "latin-1")


def _columns(
    staging: Staging, name: str, source: Source, asked: Asked, person: Questioner | None
) -> tuple[list[Found], Asked]:
    """Return what the table's columns are, and what has been said by then."""
    doubled = _doubled(source)
    names = [field for field in _header(source.parts[0]) if field and field.lower() not in doubled]
    texts = Table(name, [Column(field, "VARCHAR", required=False) for field in names])
    staged = staging.stage(_ignoring(source), texts)
    marked: StagedFile | None = None
    columns = []
    for field in names:
        column = manners.found(staging, staged, field, asked)
        if column.markers:
            marked = marked or staging.stage(_without_markers(source, name), texts)
            column = manners.without_markers(column, manners.found(staging, marked, field, asked))
        if column.unclear and person:
            asked, nulls = _said(column, f"{name}.{field}", asked, person), column.values.nulls
            column = manners.found(staging, marked if nulls and marked else staged, field, asked)
            column = replace(column, values=replace(column.values, nulls=nulls))
        columns.append(replace(column, values=PLAIN) if column.unclear else column)
    _require_names(source, columns)
    return columns, asked


def _doubled(source: Source) -> list[str]:
    """Return the names that more than one column has, in small letters: nobody can say which one is meant."""
    names = [field.lower() for field in _header(source.parts[0]) if field]
    return sorted({name for name in names if names.count(name) > 1})


def _require_names(source: Source, columns: Sequence[Found]) -> None:
    """Raise DataError where the first line holds values in place of the columns' names."""
    of_values = [column.name for column in columns if column.type != "VARCHAR"]
    if of_values and all(VALUE.fullmatch(name) for name in of_values):
        raise DataError(
            f"{source.parts[0].name}: the first line has {of_values[0]!r} where a column's name should be; write a "
            "line with the columns' names above it"
        )


def _said(column: Found, name: str, asked: Asked, person: Questioner) -> Asked:
    if column.unclear == "dates":
        return replace(asked, day_first=person.day_first(name, column.about))
    return replace(asked, decimal=person.decimal(name, column.about))


def _ignoring(source: Source) -> Source:
    """Return the files, read without columns that have no name, such as a spreadsheet's row numbers."""
    return _as(source, ignore_unknown=True)


def _without_markers(source: Source, name: str) -> Source:
    """Return the files, read with NULL for what programs write for no value, as those of a table beside."""
    marked = _as(source, ignore_unknown=True, values=Values(nulls=MARKERS))
    return replace(marked, table=f"{name} without markers")


def _as(source: Source, **changes: Any) -> Source:
    """Return the files with another format."""
    parts = tuple(replace(part, format=replace(part.format, **changes)) for part in source.parts)
    return parts[0] if isinstance(source, CsvFile) else replace(source, parts=parts)


def _fill(database: Database, load_sql: str, tables: Sequence[ShopTable]) -> None:
    """Make the tables, and load what the files hold as a run does. Raises DataError where a record does not fit."""
    database.run_script(load_sql)
    keys = database.keys()
    with closing(Staging(scratch.folder() / "loaded")) as staging:
        for table in tables:
            declared = Table(table.name, database.columns(Name(None, table.name)), keys.get(table.name, Keys()))
            staged = staging.stage(_with_formats(table), declared)
            if staged.rejected:
                raise DataError(_told(staging, staged))
            database.bulk_load(table.name, staged, staging)


def _told(staging: Staging, staged: StagedFile) -> str:
    shown, rest = rejects.told(staging, [staged])
    return "\n".join([*shown, *([f"and {rest:,} more problems"] if rest else []), "correct the files first"])


def _with_formats(table: ShopTable) -> Source:
    columns = tuple((column.name, column.values) for column in table.columns if column.values != PLAIN)
    return _as(table.source, ignore_unknown=True, columns=columns)


def _section(tables: Sequence[ShopTable]) -> dict[str, Any]:
    """Return what the config's load says: what is the same of all tables once, the rest by table and column."""
    usual = tables[0].source.format
    section: dict[str, Any] = {"tables": {table.name: table.named for table in tables}}
    section |= {"encoding": usual.encoding, "delimiter": usual.delimiter}
    formats: dict[str, dict[str, Any]] = {}
    for table in tables:
        own = table.source.format
        differs = {
            key: getattr(own, key) for key in ("encoding", "delimiter") if getattr(own, key) != getattr(usual, key)
        }
        if differs and not all(part.is_parquet for part in table.source.parts):
            formats[table.name] = differs
        for column in table.columns:
            if column.values != PLAIN:
                formats[f"{table.name}.{column.name}"] = _declared(column.values)
    if formats:
        section["formats"] = formats
    if any(len(_header(table.source.parts[0])) > len(table.columns) for table in tables):
        section["unknown_columns"] = "ignore"
    return section


def _declared(values: Values) -> dict[str, Any]:
    keys = [each.name for each in fields(Values)]
    found = {key: getattr(values, key) for key in keys if getattr(values, key) != getattr(PLAIN, key)}
    return {key: [*value] if isinstance(value, tuple) else value for key, value in found.items()}
