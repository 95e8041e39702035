"""Files against last night's -> the records that are new, and the keys of those that are gone.

What was accepted once is accepted again: its text is the same, and so are the table, the format and DuckDB (see
`memory.state`). New records get every check, and with those of last night each other's keys. The verdicts are those of
`Staging`; where they could not be, that is doubted, and all files are to be staged as a whole.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb

from job.staging import memory
from job.staging.area import BeyondFiles, Comparison, StagedFile, Staging
from job.staging.csvfiles import Source
from job.tables import Table, quoted

SHARE = 0.3  # of the records that are new or gone: from there on, the whole costs no more
FEW = 10_000  # records of which any number may be


class Doubt(Exception):
    """Why the night has to take the full way, for the log. much: so much has changed that the whole costs no more."""

    def __init__(self, reason: str, much: bool = False) -> None:
        super().__init__(reason)
        self.much = much


@dataclass(frozen=True)
class Difference:
    """What a table is to get and to lose."""

    file: StagedFile  # with the new records
    new: int  # how many these are: rows to come, or new values of such as are there
    gone: StagedFile  # with the keys of rows to go, as records
    takes: bool  # rows go, or get other values

    @property
    def table(self) -> str:
        """The table's name."""
        return self.file.table


class Differences(Staging):
    """A staging area that knows last night's records: those in the memory at a path, which it may change."""

    def __init__(self, folder: Path, drop_rejected: bool, beyond_files: BeyondFiles, last_night: Path) -> None:
        super().__init__(folder, drop_rejected, beyond_files, hashed=True)
        try:
            self._states = {row["name"]: row["state"] for row in self._run("memory_open", path=last_night)}
        except duckdb.Error as error:
            self.close()
            raise Doubt(f"what is remembered cannot be read: {str(error).splitlines()[0]}") from error

    def require_states(self, states: Mapping[str, str]) -> None:
        """Raise Doubt where what is remembered is not of these tables as they are."""
        if self._states != states:
            raise Doubt("what is remembered is of other tables, or of another night")

    def stage_all(
        self, files: Sequence[Source], unchanged: frozenset[str], tables: Mapping[str, Table]
    ) -> list[StagedFile]:
        """Stage all files, parents first; return those that are not unchanged. Raises Doubt, and as `stage`."""
        for name in _loose(tables):
            raise Doubt(f"keys of table {name} are compared by a collation")
        changed = [file for file in files if file.table not in unchanged]
        with ThreadPoolExecutor(2) as pool:  # the database has nothing to do meanwhile
            reading = {file.table: pool.submit(self._read, file, tables[file.table]) for file in changed}
            staged = []
            try:
                for file in files:
                    if file.table in unchanged:
                        self._staged[file.table] = self._not_read(file, tables[file.table])
                    else:
                        staged.append(self._checked(reading[file.table].result(), tables[file.table]))
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                self._ended = True
                self._interrupt()
                raise
        for table in tables.values():
            self._doubt_orphans(table)
        return staged

    def _not_read(self, file: Source, table: Table) -> StagedFile:
        path = self._path(file, ".parquet")
        staged = self._prepared(StagedFile(file, (), table.columns, table.keys.primary, path, True))
        self._run("not_staged", file=staged)
        return staged

    def _prepared(self, staged: StagedFile) -> StagedFile:
        if staged.table not in self._states:  # it is none of the shop's
            return staged
        vanished = quoted(f"vanished {staged.path.stem}")
        compared = staged.path.with_suffix(".compared.parquet")
        return replace(staged, comparison=Comparison(memory.name(staged.table), vanished, compared))

    def _write_records(self, staged: StagedFile) -> dict[str, int]:
        """As of a whole file, those that last night's file had not."""
        if not staged.comparison:
            return super()._write_records(staged)
        [counts] = self._run("csv_compare", "compared", file=staged, repeats=False)
        if counts["known"] > counts["different"]:
            self._run("repeats", file=staged)
            [counts] = self._run("csv_compare", "compared", file=staged, repeats=True)
        new, vanished = counts["records"] - counts["known"], counts["last_night"] - counts["known"]
        if not staged.key and (new or vanished):
            raise Doubt(f"table {staged.table}, whose file has changed, has no key to tell its rows by")
        if max(new, vanished) > max(FEW, SHARE * counts["records"]):
            much = f"of {counts['records']:,} records of {staged.source.name} {new:,} are new, {vanished:,} gone"
            raise Doubt(much, much=True)
        [refused] = self._run("new_stage", "csv_count", file=staged, some_vanished=vanished > 0)
        return {**refused, "records": counts["records"]}

    def _reject_duplicates(self, file: StagedFile) -> None:
        [found] = self._run("known_duplicates", file=file)
        if found["later"]:
            raise Doubt(f"new records of {file.source.name} stand before known ones that have their keys")
        super()._reject_duplicates(file)

    def _doubt_orphans(self, table: Table) -> None:
        """Raise Doubt where what was accepted last night has lost its parent."""
        if lost := list(self._without_parents(table, still=True)):
            raise Doubt(f"known records of table {table.name} have lost their match in {lost[0]}")

    def _without_parents(self, child: Table, still: bool) -> Iterator[str]:
        """Yield the parents that lose keys of last night's children; still: of those that are there still."""
        for reference in child.keys.references:
            if parent := self._staged.get(reference.parent):
                staged = self._staged[child.name]
                [lost] = self._run("lost_keys", child=staged, parent=parent, reference=reference, still=still)
                if lost["keys"]:
                    yield reference.parent

    def doubt_rows_in_place(self, tables: Mapping[str, Table], unique: Collection[str]) -> None:
        """Raise Doubt where rows would have to be deleted that others refer to, if they did so only last night.

        That is what a database refuses which does not see, within a transaction, that these have gone; an update of an
        indexed column may be that, too. unique: tables with such columns that are neither key nor reference.
        """
        for child in tables.values():
            if lost := list(self._without_parents(child, still=False)):
                raise Doubt(f"rows of table {lost[0]} go together with such as refer to them")
        parents = {reference.parent for table in tables.values() for reference in table.keys.references}
        for file in map(self._staged.__getitem__, parents & tables.keys()):
            columns = [column for reference in tables[file.table].keys.references for column in reference.columns]
            if columns and self._run("refer_elsewhere", file=file, columns=columns)[0]["rows"]:
                raise Doubt(f"rows of table {file.table}, which others refer to, come to refer to others")
            if file.table in unique and self.difference(file).takes:
                raise Doubt(f"rows of table {file.table}, which others refer to, may change in a unique column")

    def difference(self, file: StagedFile) -> Difference:
        """Return what the table is to get and to lose, of a file that is staged."""
        [counts] = self._run("difference_counts", file=file)
        return Difference(file, counts["new"], self._gone(file), takes=counts["vanished"] > 0)

    def _gone(self, file: StagedFile) -> StagedFile:
        if not file.key:
            return replace(file, records=0)
        keys = [column for column in file.columns if column.name in file.key]
        path = file.path.with_suffix(".gone.parquet")
        [counts] = self._run("gone_keys", file=file, target=path)
        return StagedFile(file.source, (), keys, (), path, records=counts["keys"])

    def remember_changes(
        self, files: Sequence[StagedFile], tables: Mapping[str, Table], states: Mapping[str, str]
    ) -> None:
        """Bring the memory up to what the tables hold now, and close it. states: see `memory.state`.

        Raises OSError where it cannot be written.
        """
        try:
            self._run("memory_update", remembered=memory.remembered(files, tables), states=states)
        except duckdb.Error as error:
            raise OSError(str(error).splitlines()[0]) from error


def _loose(tables: Mapping[str, Table]) -> Iterator[str]:
    """Yield the tables whose keys are the same in other letters, too."""
    for table in tables.values():
        if any(column.loose for column in table.columns if column.name in memory.columns(table, tables.values())):
            yield table.name
