"""What is made in one thread and sent in another: in order, bounded, and let go of where the load ends."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest

from job.adapters import binary
from job.errors import DatabaseError
from job.staging.ahead import Ahead, Stream
from job.staging.area import StagedFile, Staging
from job.staging.csvfiles import CsvFile
from job.tables import Column, Keys, Table

WITHIN = 60  # seconds: a thread that hangs fails its test
COLUMNS = [Column("number", "INTEGER", required=True), Column("name", "VARCHAR", required=False)]


def everything(stream: Stream, size: int = 5) -> bytes:
    return b"".join(iter(partial(stream.read, size), b""))


def test_a_table_is_read_between_its_ends_and_those_before_it_are_dropped() -> None:
    ahead = Ahead()
    for table, pieces in {"a": [b"never", b"asked for"], "b": [b"first ", b"", b"second"], "c": [b"third"]}.items():
        for piece in pieces:
            ahead.put(table, memoryview(piece))
        ahead.end(table)
    assert everything(Stream(ahead, "b", b"<", b">>")) == b"<first second>>"
    assert everything(Stream(ahead, "c", b"", b"")) == b"third"


def test_who_makes_more_than_there_is_room_for_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("job.staging.ahead.ROOM", 3)
    ahead, made, held = Ahead(), threading.Semaphore(0), []

    def make() -> None:
        for _ in range(4):
            ahead.put("a", memoryview(b"12"))
            made.release()

    with ThreadPoolExecutor(1) as pool:
        making = pool.submit(make)
        for _ in range(2):
            assert made.acquire(timeout=WITHIN)
        held.append(not made.acquire(blocking=False))  # the third waits
        for _ in range(2):
            ahead.take("a")
            assert made.acquire(timeout=WITHIN)
        making.result(WITHIN)
    assert held == [True]


def test_the_end_lets_go_of_who_makes_and_of_who_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("job.staging.ahead.ROOM", 1)
    ahead, empty = Ahead(), Ahead()
    ahead.put("a", memoryview(b"1"))
    with ThreadPoolExecutor(2) as pool:
        making, taking = pool.submit(ahead.put, "a", memoryview(b"2")), pool.submit(empty.take, "a")
        ahead.close()
        empty.close()
        with pytest.raises(DatabaseError, match="the load has ended"):
            making.result(WITHIN)
        assert taking.result(WITHIN) is None


@pytest.fixture
def area(tmp_path: Path) -> Iterator[Staging]:
    with closing(Staging(tmp_path / "staging")) as opened:
        yield opened


def tables(folder: Path, count: int) -> tuple[list[CsvFile], dict[str, Table]]:
    for index in range(count):
        lines = [f"{number},name {number}" for number in range(1000)]
        (folder / f"t{index}.csv").write_text("\n".join(["number,name", *lines[index:], ""]))
    files = [CsvFile(f"t{index}", folder / f"t{index}.csv") for index in range(count)]
    return files, {file.table: Table(file.table, COLUMNS, Keys(("number",))) for file in files}


def record(file: StagedFile) -> str:
    sql = binary.record(file.columns)
    assert sql
    return sql


def test_what_is_made_ahead_is_what_would_be_made_later(area: Staging, tmp_path: Path) -> None:
    def prepare(file: StagedFile) -> bool:
        prepared.append(file.table)
        area.encode(file, record(file))
        return True

    prepared: list[str] = []
    files, declared = tables(tmp_path, 5)
    staged, found = [], {}
    with area.ahead(files, declared, prepare) as files_staged:
        for file in files_staged:
            staged.append(file)
            if file.table != "t2":  # passed over
                with area.sent(file, record(file), b"<", b">") as stream:
                    found[file.table] = everything(stream, 1000)
    assert prepared == ["t1", "t2", "t3", "t4"]
    for file in staged:
        if file.table != "t2":
            with area.sent(file, record(file), b"<", b">") as stream:
                assert found[file.table] == everything(stream, 1000)


def test_a_file_that_is_exported_ahead_is_what_would_be_exported_later(area: Staging, tmp_path: Path) -> None:
    def prepare(file: StagedFile) -> bool:
        if file.table != "t2":
            area.export_ahead(file, null="NULL")
            made.add(file.table)
        return file.table != "t2"

    made: set[str] = set()
    files, declared = tables(tmp_path, 4)
    staged, found = [], {}
    with area.ahead(files, declared, prepare) as files_staged:
        for file in files_staged:
            staged.append(file)
            with area.exported(file, null="NULL") as path:
                found[file.table] = path.read_bytes()
            assert not path.exists()
    assert made == {"t1", "t3"}
    for file in staged:
        area.export(file, tmp_path / "later.csv", null="NULL")
        assert found[file.table] == (tmp_path / "later.csv").read_bytes()


def test_a_load_that_fails_ends_what_is_made_ahead(
    area: Staging, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Though that waits for somebody to take it."""
    monkeypatch.setattr("job.staging.ahead.ROOM", 1)
    files, declared = tables(tmp_path, 3)
    waits = threading.Event()

    def prepare(file: StagedFile) -> bool:
        area._ahead.put(file.table, memoryview(b"x"))
        waits.set()
        area.encode(file, record(file))
        return True

    with pytest.raises(ZeroDivisionError), area.ahead(files, declared, prepare) as staged:
        next(staged)
        assert waits.wait(WITHIN)
        raise ZeroDivisionError
    names = {thread.name for thread in threading.enumerate() if thread.is_alive()}
    assert not any(name.startswith("ThreadPoolExecutor") for name in names)


def test_what_cannot_be_made_is_told_to_who_sends_it(area: Staging, tmp_path: Path) -> None:
    files, declared = tables(tmp_path, 1)
    with area.ahead(files, declared) as staged:
        [file] = staged
    wrong = 'CASE WHEN "number" = 999 THEN error(\'no such bytes\') ELSE encode("name") END'
    with pytest.raises(Exception, match="no such bytes"), area.sent(file, wrong, b"", b"") as stream:
        everything(stream)
