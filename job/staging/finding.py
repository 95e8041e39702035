"""The files of every table: found in a folder or a .zip by their names, or by patterns of them."""

import unicodedata
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path
from types import MappingProxyType

from job.errors import DataError
from job.staging import looks
from job.staging.csvfiles import UNREADABLE, CsvFile, Format, Source, TableFiles, printable

SHOWN_FILES = 5  # of those that are there, in a sentence
MAGIC = "*?["
Named = str | Sequence[str]  # what the config has for a table: a file's name, a pattern, or a list of these


@dataclass(frozen=True)
class _Place:
    """Where files are looked for."""

    data: Path
    files: Sequence[CsvFile]

    def named(self, name: str) -> list[CsvFile]:
        """Return the files of that name; where there is none, those whose letters differ in case."""
        wanted = _composed(name)
        same = [file for file in self.files if _composed(file.name) == wanted]
        return same or [file for file in self.files if _composed(file.name).lower() == wanted.lower()]

    def matching(self, pattern: str) -> list[CsvFile]:
        """Return the files that a pattern names, in the order of their names; a name with a [ in it may be one, too."""
        if (named := self.named(pattern)) or not any(sign in pattern for sign in MAGIC):
            return named
        wanted = _composed(pattern).lower()
        found = [file for file in self.files if fnmatchcase(_composed(file.name).lower(), wanted)]
        return sorted(found, key=lambda file: _composed(file.name))

    def refuse(self, problem: str, what: Iterable[str], more: str = "") -> DataError:
        """Return the error that tells what is wrong, and what there is."""
        hint = f"{more}; " if more else ""
        return DataError(
            f"{self.data} {problem} {', '.join(what)}; {hint}correct the data, or load.tables in the config "
            f"({_there([file.name for file in self.files])})"
        )


def find(data: Path, tables: Mapping[str, Named], formats: Mapping[str, Format] = MappingProxyType({})) -> list[Source]:
    """Return the file, or files, of every table, in the tables' order.

    data: a folder, whose files may be gzipped (.csv.gz), a .zip whose inner folders do not matter, or one file: that of
    the only table, whatever it is called. tables: names of files, whose case does not matter, or patterns such as
    `sales-*.csv`, or lists of these. formats: of tables whose files are not written plainly.
    Raises DataError naming every file that is missing or there twice.
    """
    place = _Place(data, candidates(data))
    if [file.member for file in place.files] == [None] and place.files[0].path == data:
        if len(tables) > 1:
            raise DataError(
                f"{data} is neither a folder nor a readable .zip of CSV files, and load.tables names {len(tables)} "
                "tables; one file fills one"
            )
        found = {table: {str(named): [place.files[0]]} for table, named in tables.items()}
    else:
        found = {table: {name: place.matching(name) for name in _names(named)} for table, named in tables.items()}
    _refuse_missing(place, found)
    sources = []
    for table, named in tables.items():
        files = [_for_table(file, table, formats) for files in found[table].values() for file in files]
        several = not isinstance(named, str) or ((len(files) > 1 or not place.named(named)) and _is_pattern(named))
        sources.append(_several(data, table, named, files) if several else files[0])
    _refuse_shared(data, sources)
    return sources


def table_of(name: str, tables: Mapping[str, Named]) -> str | None:
    """Return the table that a file of that name fills, which need not be there any more; None: none that is named."""
    place = _Place(Path(), [CsvFile("", Path(name))])
    found = (table for table, named in tables.items() if any(map(place.matching, _names(named))))
    return next(found, next(iter(tables)) if len(tables) == 1 else None)


def _names(named: Named) -> list[str]:
    return [named] if isinstance(named, str) else [*named]


def _is_pattern(name: str) -> bool:
    return any(sign in name for sign in MAGIC)


def _for_table(file: CsvFile, table: str, formats: Mapping[str, Format]) -> CsvFile:
    written = formats.get(table, Format())
    return replace(file, table=table, format=replace(written, encoding="utf-8") if file.is_parquet else written)


def _refuse_missing(place: _Place, found: Mapping[str, Mapping[str, Sequence[CsvFile]]]) -> None:
    """Raise DataError for names that no file has, or more than one."""
    each = {name: files for of_table in found.values() for name, files in of_table.items()}
    if lacking := [name for name, files in each.items() if not files]:
        folders = [name for name in lacking if (place.data / name).is_dir()]
        books = [file.name for file in place.files if looks.is_workbook_name(file.name)]
        hint = f"{', '.join(folders)} is a folder, and must be a file" if folders else ""
        hint = f"{printable(', '.join(books[:SHOWN_FILES]))}: {looks.WORKBOOK}" if books and not folders else hint
        patterns = all(map(_is_pattern, lacking))
        raise place.refuse("has no file like" if patterns else "lacks", lacking, hint)
    for of_table in found.values():
        names = [name for name, files in of_table.items() if len(files) > 1 and len(place.named(name)) > 1]
        if names:
            raise place.refuse("has more than one", names)


def _several(data: Path, table: str, named: Named, files: Sequence[CsvFile]) -> TableFiles:
    """Return the files as those of one table. Raises DataError where two have one name, or one is there twice."""
    seen: dict[str, CsvFile] = {}
    for file in files:
        if (before := seen.get(file.name)) is not None:
            what = "is named twice" if (before.path, before.member) == (file.path, file.member) else "is there twice"
            raise DataError(
                f"{data}: {printable(file.name)} {what} among {', '.join(_names(named))} of load.tables.{table}; "
                "a file fills its table once"
            )
        seen[file.name] = file
    return TableFiles(table, ", ".join(_names(named)), tuple(replace(file, of_several=True) for file in files))


def _refuse_shared(data: Path, sources: Sequence[Source]) -> None:
    """Raise DataError where a pattern takes what is another table's file."""
    tables: dict[tuple[Path, str | None], str] = {}
    patterns = {source.table for source in sources if isinstance(source, TableFiles)}
    for source in sources:
        for part in source.parts:
            other = tables.setdefault((part.path, part.member), part.table)
            if other != part.table and patterns & {other, part.table}:
                raise DataError(
                    f"{data}: {printable(part.name)} is a file of both {other} and {part.table}; make the patterns of "
                    "load.tables narrower"
                )


def _composed(name: str) -> str:
    """Return the name as it is compared: macOS writes é as two characters."""
    return unicodedata.normalize("NFC", name)


def _there(names: Sequence[str]) -> str:
    shown = [printable(name) for name in sorted(set(names))[:SHOWN_FILES]]
    rest = len(set(names)) - len(shown)
    return f"it has {', '.join(shown)}{f' and {rest:,} more' if rest else ''}" if shown else "it has no files"


def candidates(data: Path) -> list[CsvFile]:
    """Return all files of a folder or a .zip, or the one file. Raises DataError where there is no such thing."""
    try:
        return _candidates(data)
    except UNREADABLE as error:
        raise DataError(f"{data} cannot be read ({error}); correct its permissions, or get it again") from error


def _candidates(data: Path) -> list[CsvFile]:
    if data.is_dir():
        return [CsvFile("", path) for path in data.iterdir() if path.is_file()]
    if zipfile.is_zipfile(data):
        with zipfile.ZipFile(data) as archive:
            members = [member for member in archive.namelist() if not member.startswith("__MACOSX/")]
        if looks.is_workbook(members):
            raise DataError(f"{data} is an Excel workbook; {looks.WORKBOOK}")
        return [CsvFile("", data, member) for member in members if not member.endswith("/")]
    if data.is_file():
        with data.open("rb") as stream:
            start = stream.read(looks.SIGNATURE)
        if looks.is_old_workbook(start):
            raise DataError(f"{data} is an Excel workbook; {looks.WORKBOOK}")
        if data.suffix.lower() != ".zip" and not start.startswith(b"PK\x03\x04"):
            return [CsvFile("", data)]
    if data.exists():
        raise DataError(f"{data} is neither a folder nor a readable .zip of CSV files; give one with --data")
    raise DataError(
        f"{data} does not exist; give a folder or a .zip of CSV files with --data, or make one with `clientela sample`"
    )
