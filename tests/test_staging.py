"""Files -> staged records and rejects, with Python's csv module as the judge of what a file says."""

import csv
import io
import itertools
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from job.errors import ConfigError, DataError
from job.staging import rejects
from job.staging.area import StagedFile, Staging
from job.staging.csvfiles import CsvFile, Format
from job.staging.values import Values
from job.tables import Column, Keys, Reference, Table

PEOPLE = Table("people", [Column("name", "VARCHAR", required=False), Column("number", "INTEGER", required=False)])
PLAIN = Format()
TEXTS = Table("texts", [Column("a", "VARCHAR", required=False), Column("b", "VARCHAR", required=False)])
text = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20)
folders = itertools.count()


@contextmanager
def staging(folder: Path, drop_rejected: bool = False) -> Iterator[Staging]:
    with closing(Staging(folder / f"staging{next(folders)}", drop_rejected)) as opened:
        yield opened


def staged(area: Staging, folder: Path, table: Table, content: bytes, written: Format = PLAIN) -> StagedFile:
    (folder / f"{table.name}.csv").write_bytes(content)
    return area.stage(CsvFile(table.name, folder / f"{table.name}.csv", None, written), table)


def rows_of(area: Staging, folder: Path, file: StagedFile) -> list[tuple[str | None, ...]]:
    """The records as they would go to a server: exported, and read again by Python."""
    area.export(file, folder / "exported.csv", null="")
    with (folder / "exported.csv").open(encoding="utf-8", newline="") as stream:
        rows = [tuple(field or None for field in row) for row in csv.reader(stream)]
    assert len(rows) == file.accepted
    return in_order(rows)


def in_order(rows: Iterable[tuple[str | None, ...]]) -> list[tuple[str | None, ...]]:
    return sorted(rows, key=str)


def judged(content: str) -> tuple[list[tuple[str | None, ...]], list[int]]:
    """The records of two fields, and the lines of the others, by Python's csv module.

    Raises DataError with the line where quotes do not match.
    """
    reader = csv.reader(io.StringIO(content, newline=""), strict=True)
    good: list[tuple[str | None, ...]] = []
    broken: list[int] = []
    line = 1
    while True:
        try:
            fields = next(reader)
        except StopIteration:
            return good[1:], broken
        except csv.Error as error:
            raise DataError(f"texts.csv:{line}: ") from error
        if len(fields) >= 2 and not any(fields[2:]):
            good.append(tuple(field or None for field in fields[:2]))
        elif fields:
            broken.append(line)
        line = reader.line_num + 1


@settings(deadline=None, max_examples=150)
@given(st.text(st.sampled_from('a1",\n\r \té'), max_size=40))
@example("x,y\r\n1,2\n")
@example('"a\r\nb",2\r\n3,4\n')
@example(' "x",2\n')
@example('1,"2')
@example("1,2,\n1,2,3\n")
def test_whatever_a_file_holds_is_what_python_reads_or_refused_by_line(
    tmp_path_factory: pytest.TempPathFactory, content: str
) -> None:
    folder = tmp_path_factory.mktemp("any")
    content = "a,b\n" + content
    try:
        good, broken = judged(content)
    except DataError as error:
        with staging(folder) as area, pytest.raises(DataError, match=str(error)):
            staged(area, folder, TEXTS, content.encode())
        return
    with staging(folder) as area:
        file = staged(area, folder, TEXTS, content.encode())
        assert [reject.record.line for reject in rejects.find(area, file)] == broken
        assert (file.records, file.rejected) == (len(good) + len(broken), len(broken))
    with staging(folder, drop_rejected=True) as area:
        assert rows_of(area, folder, staged(area, folder, TEXTS, content.encode())) == in_order(good)


@settings(deadline=None)
@given(
    rows=st.lists(st.tuples(text, st.none() | st.integers(-(2**31), 2**31 - 1)), min_size=1, max_size=10),
    style=st.sampled_from(
        [(csv.QUOTE_ALL, "\n"), (csv.QUOTE_ALL, "\r\n"), (csv.QUOTE_ALL, "\r"), (csv.QUOTE_MINIMAL, "\r\n")]
    ),
    last=st.booleans(),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    delimiter=st.sampled_from([",", ";", "\t", "|"]),
)
def test_any_text_is_read_as_it_was_written(
    tmp_path_factory: pytest.TempPathFactory,
    rows: list[tuple[str, int | None]],
    style: tuple[int, str],
    last: bool,
    encoding: str,
    delimiter: str,
) -> None:
    stream = io.StringIO(newline="")
    quoting, line_end = style
    written = csv.writer(stream, quoting=quoting, lineterminator=line_end, delimiter=delimiter)  # type: ignore[arg-type]
    written.writerows([("name", "number"), *rows])
    content = stream.getvalue() if last else stream.getvalue().removesuffix(line_end)
    expected = [(name or None, str(number) if number is not None else None) for name, number in rows]
    folder = tmp_path_factory.mktemp("any")
    with staging(folder) as area:
        declared = Format("utf-16" if encoding == "utf-16" else "utf-8", delimiter)
        file = staged(area, folder, PEOPLE, content.encode(encoding), declared)
        assert rows_of(area, folder, file) == in_order(expected)


@pytest.mark.parametrize("position", [1, 5_000, 99_999])
def test_bad_records_are_found_in_a_long_file(tmp_path: Path, position: int) -> None:
    """One value and one record of too many fields, behind quoted line breaks; the others arrive in their order."""
    lines = ["name,number", *(f'"line\nbreak {number}",{number}' for number in range(100_000))]
    lines[position] = f'"bad\nline",{position}x'
    lines.insert(position + 1, '"more\nfields",1,2')
    with staging(tmp_path, drop_rejected=True) as area:
        file = staged(area, tmp_path, PEOPLE, "\n".join(lines).encode())
        assert (file.records, file.rejected) == (100_001, 2)
        assert rejects.sentences(area, file) == [
            f"people.csv:{2 * position}:number: value '{position}x' is not a whole number of type INTEGER",
            f"people.csv:{2 * position + 2}: the record has 3 fields, and the header 2",
        ]
        expected = [(f"line\nbreak {number}", str(number)) for number in range(100_000) if number != position - 1]
        assert rows_of(area, tmp_path, file) == in_order(expected)


def test_a_record_longer_than_may_be_is_refused(tmp_path: Path) -> None:
    with staging(tmp_path) as area:
        long = "name,number\nAnn,1\n" + "x" * 1_900_000 + ",2\n"
        assert staged(area, tmp_path, PEOPLE, long.encode()).accepted == 2
        for content in ("x" * 2_100_000 + ",2\n", '"never closed\n' + "x,1\n" * 600_000):
            with pytest.raises(DataError, match=r"people\.csv:3: .* longer than 2,000,000"):
                staged(area, tmp_path, PEOPLE, b"name,number\nAnn,1\n" + content.encode())


TYPES = {
    "INTEGER": (["0", "-1", "+7", "007", "2147483647"], ["2147483648", "1.0", "1e3", "x", " 1", "1 ", "0x1", "1_000"]),
    "DECIMAL(6,2)": (
        ["1", "-1.5", "9999.99", ".5", "1.", "1.5000"],
        ["10000", "1.234", "1,5", "NaN", "1e2", "Infinity"],
    ),
    "DECIMAL(6,0)": (["1", "-1.", "1.00", "999999"], ["1.5", "1000000", "."]),
    "DOUBLE": (["1", "-1.5e300", ".5", "5.", "1E-3"], ["NaN", "inf", "1e400", "1,5", "0x1p3", "--1"]),
    "TIMESTAMP": (
        ["2018-01-31", "2018-01-31 10:56", "2018-01-31T10:56:07", "2018-01-31 10:56:07.123456", "0001-01-01"],
        [
            "2018-02-30",
            "0000-01-01",
            "10/2/2017 10:56",
            "2018-01-31 25:00",
            "infinity",
            "2018-1-1",
            "2018-01-31 10:56Z",
        ],
    ),
    "DATE": (["2018-01-31"], ["2018-02-30", "2018-01-31 10:56", "31.01.2018"]),
}


@pytest.mark.parametrize("type_", TYPES)
def test_what_is_a_value_of_a_type(tmp_path: Path, type_: str) -> None:
    good, bad = TYPES[type_]
    table = Table("values", [Column("x", type_, required=False), Column("y", "VARCHAR", required=False)])
    with staging(tmp_path) as area:
        file = staged(area, tmp_path, table, "\n".join(["x,y", *(f'"{value}",' for value in good + bad)]).encode())
        assert [problem.value for problem in area.problems(file)] == bad


def test_timestamps_may_have_other_formats(tmp_path: Path) -> None:
    table = Table("moments", [Column("x", "TIMESTAMP", required=True), Column("y", "VARCHAR", required=False)])
    written = Format(values=Values(("%m/%d/%Y %H:%M", "%d.%m.%Y")))
    content = b"x,y\n10/2/2017 10:56,\n31.01.2018,\n2017-10-02 10:56:33,\n13/2/2017 10:56,\n30.02.2018,\n"
    with staging(tmp_path) as area:
        file = staged(area, tmp_path, table, content, written)
        assert [problem.value for problem in area.problems(file)] == ["13/2/2017 10:56", "30.02.2018"]
    with staging(tmp_path, drop_rejected=True) as area:
        rows = rows_of(area, tmp_path, staged(area, tmp_path, table, content, written))
        assert [moment for moment, _ in rows] == ["2017-10-02 10:56:00", "2017-10-02 10:56:33", "2018-01-31 00:00:00"]


def test_unknown_columns_may_be_ignored(tmp_path: Path) -> None:
    content = b"x,NUMBER,,Name,x\n1,2,3,Ann,4\n"
    with staging(tmp_path) as area:
        with pytest.raises(DataError, match="column x, , x is unknown"):
            staged(area, tmp_path, PEOPLE, content)
        file = staged(area, tmp_path, PEOPLE, content, Format(ignore_unknown=True))
        assert rows_of(area, tmp_path, file) == [("Ann", "2")]
        with pytest.raises(DataError, match=r"column name \(fields . and .\) is given twice"):
            staged(area, tmp_path, PEOPLE, b"name,Name,number,x\n", Format(ignore_unknown=True))


def test_blank_lines_before_the_header_are_none(tmp_path: Path) -> None:
    with staging(tmp_path) as area:
        file = staged(area, tmp_path, PEOPLE, b"\r\n\nname,number\n\nAnn,1\n\n")
        assert rows_of(area, tmp_path, file) == [("Ann", "1")]


def test_lines_that_look_like_records_within_a_long_field_are_none(tmp_path: Path) -> None:
    """Wherever a reader may begin that takes a part of a file of 20 MB: DuckDB's threads begin every 8 MB."""
    records = [f'{number},"' + "aaaa,1\n" * 300 + f'{number}"' for number in range(10_000)]
    table = Table("people", [Column("a", "VARCHAR", required=False), Column("b", "VARCHAR", required=False)])
    with staging(tmp_path) as area:
        file = staged(area, tmp_path, table, "\n".join(["a,b", *records]).encode())
        assert (file.records, file.rejected) == (10_000, 0)


def test_a_file_of_one_column(tmp_path: Path) -> None:
    """An empty line is no record; a quoted nothing is NULL."""
    table = Table("numbers", [Column("a", "INTEGER", required=False)], Keys(("a",)))
    with staging(tmp_path, drop_rejected=True) as area:
        file = staged(area, tmp_path, table, b'a\n1\n\n\n""\nx\n\n1\n2\n')
        assert (file.records, file.rejected) == (5, 2)
        assert rejects.sentences(area, file) == [
            "numbers.csv:6:a: value 'x' is not a whole number of type INTEGER",
            "numbers.csv:8:a: value '1' is the key of line 2, too",
        ]
        assert rows_of(area, tmp_path, file) == in_order([(), ("1",), ("2",)])


def test_columns_may_have_any_name(tmp_path: Path) -> None:
    names = ["record", "refused", "value0", 'say "x"', "select"]
    table = Table("any table", [Column(name, "VARCHAR", required=False) for name in names], Keys(("record",)))
    header = 'record,refused,value0,"say ""x""",select'
    with staging(tmp_path, drop_rejected=True) as area:
        file = staged(area, tmp_path, table, f"{header}\na,b,c,d,e\na,2,3,4,5\nb,,,,\n".encode())
        assert [problem.column for problem in area.problems(file)] == ["record"]
        assert rows_of(area, tmp_path, file) == in_order([("a", "b", "c", "d", "e"), ("b", None, None, None, None)])


def test_long_records_fit_into_the_memory(tmp_path: Path) -> None:
    """Some thousand of 100 KB: more than the limit, at once."""
    content = "".join(f'{number},"{number % 10}{"x" * 100_000}"\n' for number in range(4_000))
    with staging(tmp_path) as area:
        assert staged(area, tmp_path, TEXTS, f"a,b\n{content}".encode()).accepted == 4_000


def test_a_wrong_timestamp_format_is_told(tmp_path: Path) -> None:
    table = Table("moments", [Column("x", "TIMESTAMP", required=True), Column("y", "VARCHAR", required=False)])
    with staging(tmp_path) as area, pytest.raises(ConfigError, match=r"load\.timestamp_formats: .*%Q"):
        staged(area, tmp_path, table, b"x,y\n1,\n", Format(values=Values(("%Q",))))


KEY = [Column("id", "VARCHAR", required=True), Column("boss", "VARCHAR", required=False)]
BOSSES = Table("staff", KEY, Keys(("id",), (Reference(("boss",), "staff", ("id",)),)))
TEAMS = Table("teams", [Column("team", "INTEGER", True), Column("lead", "VARCHAR", False)],
              Keys(("team",), (Reference(("lead",), "staff", ("id",)),)))  # fmt: skip


@pytest.mark.parametrize(("drop_rejected", "orphans"), [(False, {"nobody"}), (True, {"nobody", "d", "c"})])
def test_a_rejected_record_takes_those_along_that_refer_to_it(
    tmp_path: Path, drop_rejected: bool, orphans: set[str]
) -> None:
    """Where rejects are left out; where they abort, only what is wrong by itself is told."""
    with staging(tmp_path, drop_rejected) as area:
        file = staged(area, tmp_path, BOSSES, b"id,boss\na,\nb,c\nc,d\nd,nobody\na,a\n")
        problems = area.problems(file)
        assert [problem.value for problem in problems if problem.kind == "duplicate"] == ["a"]
        assert {problem.value for problem in problems if problem.kind == "orphan"} == orphans
        assert file.rejected == 1 + len(orphans)
        teams = staged(area, tmp_path, TEAMS, b"team,lead\n1,a\n2,b\n3,\n")
        assert [problem.value for problem in area.problems(teams)] == (["b"] if drop_rejected else [])


def test_parents_come_first(tmp_path: Path) -> None:
    with staging(tmp_path) as area, pytest.raises(ConfigError, match=r"load\.tables: staff must come before teams"):
        staged(area, tmp_path, TEAMS, b"team,lead\n1,a\n")
