"""Nasty files, on every engine: the rows that Python's csv module reads, or a refusal that names line and column."""

# ruff: noqa: E501
import csv
import gzip
import io
import math
import re
import shutil
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import servers
from engines.base import Engine
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shop import ask, configured, load_alone

from job import statements
from job.config import Config, WriteBack
from job.errors import DataError

# A shop of one table, with a column of each type.
SCHEMA = """
CREATE TABLE IF NOT EXISTS "things" (
    "id" {id} NOT NULL,
    "whole" INTEGER,
    "amount" DECIMAL(8, 2) NOT NULL,
    "share" DOUBLE PRECISION,
    "happened" {timestamp},
    "note" {note},
    "text" {text},
    "label" VARCHAR(5){key}
){options};
"""
HEADER = "id,whole,amount,share,happened,note,text"


class Things(NamedTuple):
    """A database whose schema is the one table."""

    engine: Engine
    config: Config
    url: str


@pytest.fixture(scope="module")
def things(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Things]:
    folder = tmp_path_factory.mktemp("sql")
    shutil.copytree(statements.SQL_FOLDER, folder, dirs_exist_ok=True)
    write_schema(engine, folder / engine.dialect)
    with pytest.MonkeyPatch.context() as patch, servers.fresh_database(engine) as url:
        patch.setattr(statements, "SQL_FOLDER", folder)
        config = configured(engine, url, {"tables": {"things": "things.csv"}})
        write_back = WriteBack(table="things", key="id", column="label")
        config = config.model_copy(update={"write_back": write_back})
        (folder / "things.csv").write_text(BASE)
        load_alone(config, folder)
        yield Things(engine, config, url)


def write_schema(engine: Engine, folder: Path) -> None:
    """The one table, with its key, in the engine's words."""
    words = {
        "id": short_text(engine, "id", 8),
        "note": short_text(engine, "note", 5),
        "timestamp": engine.timestamp,
        "text": engine.text,
        "key": "" if engine.keys_after_load else ',\n    PRIMARY KEY ("id")',
        "options": engine.table_options,
    }
    (folder / "schema.sql").write_text(SCHEMA.format(**words))
    if engine.keys_after_load:
        (folder / "constraints.sql").write_text('ALTER TABLE "things" ADD PRIMARY KEY ("id");\n')


def short_text(engine: Engine, column: str, length: int) -> str:
    return f'VARCHAR CHECK (length("{column}") <= {length})' if engine.checks_lengths else f"VARCHAR({length})"


def judged(text: str, delimiter: str = ",") -> list[tuple[Any, ...]]:
    """The rows that the text means, by Python's csv module and Python's types."""
    names, *rows = [row for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True) if row]
    types: dict[str, Callable[[str], Any]] = {
        "whole": int,
        "amount": Decimal,
        "share": float,
        "happened": datetime.fromisoformat,
    }
    order = [[name.lower() for name in names].index(name) for name in HEADER.split(",")]
    return in_order(
        tuple(
            types.get(name, str)(row[index]) if row[index] else None
            for name, index in zip(HEADER.split(","), order, strict=True)
        )
        for row in rows
    )


def rows(*lines: str) -> str:
    return "".join(f"{line}\n" for line in (HEADER, *lines))


GOOD = {
    "plain": rows("a,1,2.50,0.5,2018-01-31 10:56:07,n,t", "b,,3,,,,"),
    "no records": rows(),
    "header without line end": HEADER,
    "crlf": rows("a,1,2.50,0.5,2018-01-31 10:56:07,n,t", "b,,3,,,,").replace("\n", "\r\n"),
    "cr": rows("a,1,2.50,0.5,2018-01-31 10:56:07,n,t", "b,,3,,,,").replace("\n", "\r"),
    "lf and crlf": rows("a,1,2,,,,", "b,1,2,,,,\r", "c,1,2,,,,", "d,1,2,,,,\r"),
    "no last line end": rows("a,1,2,,,,", "b,1,2,,,,x").removesuffix("\n"),
    "blank lines": "\n\n" + rows("a,1,2,,,,", "", "b,1,2,,,,", "", ""),
    "byte order mark": "\ufeff" + rows("a,1,2,,,,"),
    "header in capitals, backwards": "TEXT,Note,HAPPENED,share,amount,whole,ID\nt,n,2018-01-01,1,2,3,a\n",
    "header quoted": '"id","whole","amount","share","happened","note","text"\na,1,2,,,,\n',
    "all quoted": rows('"a","1","2.50","0.5","2018-01-31","n","t"', '"b","","3","","","",""'),
    "quoted line breaks": rows('a,1,2,,,,"line\nbreak\r\nand\rmore\n\n"', "b,1,2,,,,"),
    "quoted line breaks in crlf": rows('a,1,2,,,,"line\nbreak"', "b,1,2,,,,").replace("\n", "\r\n"),
    "quoted delimiters": rows('a,1,2,,,"a,b",",,,"', "b,1,2,,,,"),
    "doubled quotes": rows('a,1,2,,,"""","say ""hi"""', 'b,1,2,,,"""x""",""""""'),
    "quotes inside": rows('a,1,2,,,x"y,5" screen', "b,1,2,,,,"),
    "space before a quote": rows('a,1,2,,, "x", "y"', "b,1,2,,,,"),
    "backslashes": rows(r"a,1,2,,,\,\n\t\\", r"b,1,2,,,\N,\.", r'c,1,2,,,"\""",x'),
    "null words": rows("a,1,2,,,NULL,null", r"b,1,2,,,\N,None", "c,1,2,,,nan,NaN"),
    "null words quoted": rows('a,1,2,,,"NULL","\\N"', 'b,1,2,,,"",""'),
    "end of copy": rows(r"a,1,2,,,\.,\.", 'b,1,2,,,,"\n\\.\n"', "c,1,2,,,,"),
    "emoji": rows("é,1,2,,,😀😀😀😀😀,👩‍👩‍👧‍👦 e\u0301", "b,1,2,,,ß,\u2028\u2029\u0085"),
    "controls": rows("a,1,2,,,\x01,\x1b\x7f\x0b\x0c", "b,1,2,,,\t, \t "),
    "end of file of old": rows("a,1,2,,,,x\x1ay", "b,1,2,,,,"),
    "spaces kept": rows("a,1,2,,, x ,  ", "b,1,2,,,x  , x"),
    "longest": rows(f"12345678,2147483647,999999.99,1.7976931348623157e308,9999-12-31 23:59:59.999999,12345,{'x' * 70_000}"),
    "least": rows("-,-2147483648,-999999.99,-5e-324,0001-01-01,,", "b,-0,-0.00,0,1000-01-01 00:00,,"),
    "long text": rows(f'a,1,2,,,,"{"line of text, " * 60_000}"', "b,1,2,,,,"),
    "numbers as people write them": rows("a,+7,+1.5,1E3,2018-01-31T10:56,,", "b,007,.5,.5e-3,2018-01-31,,", "c,1,1.,1.,,,"),
    "formula": rows("a,1,2,,,=1+1,\"=HYPERLINK(\"\"x\"\")\"", "b,1,2,,,@x,-x"),
    "sql": rows("a,1,2,,,';--,'); DROP TABLE things; --", "b,1,2,,,%s,%(id)s {{ id }} ${ID} $1 ?"),
    "hash": rows("#a,1,2,,,#,# no comment"),
    "case tells keys apart": rows("a,1,2,,,,", "A,1,2,,,,", "á,1,2,,,,", "\uff41,1,2,,,,"),
    "many records": rows(*(f'{number:x},{number},{number}.{number % 100:02d},,,,"x\n{number}"' for number in range(5_000))),
    "surplus fields that are empty": rows("a,1,2,,,,,", "b,1,2,,,,x,,,"),
}  # fmt: skip

BAD = {
    "quote never closed": (rows('a,1,2,,,,"x', "b,1,2,,,,"), "2: a quote is never closed"),
    "quote never closed, late": (rows("a,1,2,,,,", "b,1,2,,,,", 'c,"1,2'), "4: a quote is never closed"),
    "text behind a quote": (rows("a,1,2,,,,", 'b,1,2,,,"x"y,'), "3: text stands behind a closing quote"),
    "backslash before a quote": (rows('a,1,2,,,"x\\"y",'), "2: text stands behind a closing quote"),
    "too few fields": (rows('a,1,2,,,,"\n\n"', "b,1,2"), "5: the record has 3 fields, and the header 7"),
    "too many fields": (rows("a,1,2,,,,x,y"), "2: the record has 8 fields, and the header 7"),
    "delimiter of others": (rows().replace(",", ";"), "1: column id, whole, amount, share, happened, note, text is missing"),
    "column missing": ("id,whole,amount,share,happened,note\na,1,2,,,\n", "1: column text is missing"),
    "column doubled": (HEADER + ",ID\n", "1: column id (fields 1 and 8) is given twice"),
    "column unknown": (HEADER + ",what\n", "1: column what is unknown"),
    "empty": ("", "1: column id, whole, amount, share, happened, note, text is missing"),
    "key missing": (rows("a,1,2,,,,", ",1,2,,,,"), "3:id: the value is missing, and the column requires one"),
    "key quoted and empty": (rows('"",1,2,,,,'), "2:id: the value is missing, and the column requires one"),
    "key doubled": (rows("a,1,2,,,,", 'b,1,2,,,,"\n"', "a,1,2,,,,"), "5:id: value 'a' is the key of line 2, too"),
    "key with a space": (rows("a ,1,2,,,,"), "2:id: value 'a ' ends in a space"),
    "key too long": (rows("123456789,1,2,,,,"), "2:id: value '123456789' is longer than 8 characters"),
    "text too long": (rows("a,1,2,,,😀😀😀😀😀😀,"), "2:note: value '😀😀😀😀😀😀' is longer than 5 characters"),
    "whole with a point": (rows("a,1.0,2,,,,"), "2:whole: value '1.0' is not a whole number of type INTEGER"),
    "whole out of range": (rows("a,2147483648,2,,,,"), "2:whole: value '2147483648' is not a whole number"),
    "whole with a space": (rows("a, 1,2,,,,"), "2:whole: value ' 1' is not a whole number of type INTEGER"),
    "amount too large": (rows("a,1,1000000,,,,"), "2:amount: value '1000000' is not a number with at most 6 digits"),
    "amount too fine": (rows("a,1,0.001,,,,"), "2:amount: value '0.001' is not a number with at most 6 digits before"),
    "amount with a comma": (rows('a,1,"1,5",,,,'), "2:amount: value '1,5' is not a number"),
    "amount missing": (rows("a,1,,,,,"), "2:amount: the value is missing, and the column requires one"),
    "NaN": (rows("a,1,NaN,,,,"), "2:amount: value 'NaN' is not a number"),
    "share NaN": (rows("a,1,2,NaN,,,"), "2:share: value 'NaN' is not a finite number"),
    "share infinite": (rows("a,1,2,1e999,,,"), "2:share: value '1e999' is not a finite number"),
    "no such day": (rows("a,1,2,,2018-02-30,,"), "2:happened: value '2018-02-30' is not a timestamp"),
    "no such hour": (rows("a,1,2,,2018-02-01 24:01:00,,"), "2:happened: value '2018-02-01 24:01:00' is not a timestamp"),
    "year nought": (rows("a,1,2,,0000-01-01,,"), "2:happened: value '0000-01-01' is not a timestamp"),
    "spreadsheet's time": (rows("a,1,2,,10/2/2017 10:56,,"), "2:happened: value '10/2/2017 10:56' is not a timestamp"),
    "time with a zone": (rows("a,1,2,,2018-01-01 10:00:00+02,,"), "2:happened: value '2018-01-01 10:00:00+02' is not a"),
    "NUL": (rows("a,1,2,,,\0,"), "2: a NUL byte"),
}  # fmt: skip


BASE = rows("a,9,9,9,2019-09-09,base,base", "b,,9,,,,", "z,9,9,,,,")
Load = Callable[..., list[tuple[Any, ...]] | str]


@pytest.fixture
def load(things: Things, tmp_path: Path) -> Load:
    """Load a file; gives the table's rows, or the sentence that refused the file."""
    config = things.config

    def outcome(content: str | bytes, name: str = "things.csv", **options: Any) -> list[tuple[Any, ...]] | str:
        (tmp_path / name).write_bytes(content.encode() if isinstance(content, str) else content)
        assert config.load
        changed = config.model_copy(update={"load": config.load.model_copy(update=options)})
        try:
            load_alone(changed, tmp_path)
        except DataError as error:
            return str(error)
        finally:
            (tmp_path / name).unlink()
        return rows_in(things)

    return outcome


def rows_in(things: Things) -> list[tuple[Any, ...]]:
    return in_order(ask(things.engine, things.url, f"SELECT {HEADER} FROM things"))


def in_order(found: Iterable[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """By the id's code points, as Python has it; the databases may sort otherwise."""
    return sorted(found, key=lambda row: str(row[0]))


def emptied(things: Things) -> None:
    ask(things.engine, things.url, "DELETE FROM things WHERE id <> ''")


@pytest.mark.parametrize("case", GOOD)
def test_a_nasty_file_is_what_python_reads(things: Things, load: Load, case: str) -> None:
    """In an empty table, and every other one in place of the rows before."""
    if list(GOOD).index(case) % 2:
        emptied(things)
    assert load(GOOD[case]) == judged(GOOD[case].removeprefix("\ufeff"))


@pytest.mark.parametrize("case", BAD)
def test_a_bad_file_is_refused_by_line_and_column(things: Things, load: Load, case: str) -> None:
    text, complaint = BAD[case]
    before = rows_in(things)
    said = load(text)
    assert isinstance(said, str) and said.startswith(f"things.csv:{complaint}"), said
    assert rows_in(things) == before != []


def test_other_encodings_are_declared(load: Load) -> None:
    text = rows("é,1,2,,,ñ,coração", "b,1,2,,,,x")
    for encoding in ("latin-1", "cp1252", "utf-16", "utf-8-sig"):
        assert load(text.encode(encoding), encoding=encoding) == judged(text)
    assert load(text.encode("utf-8")) == judged(text)
    said = load(rows("b,1,2,,,,x", "é,1,2,,,,").encode("latin-1"))
    assert str(said).startswith(f"things.csv:3: byte 0xe9, number {len(HEADER) + 1 + 11 + 1} of the file, is not UTF-8")
    said = load(b"id\x81,", encoding="cp1252")
    assert str(said).startswith("things.csv:1: byte 0x81, number 3 of the file, is not CP1252")


def test_other_delimiters_formats_and_columns_are_declared(load: Load) -> None:
    text = rows('a,1,2,,,"x;y",', "b,1,2.5,,,,").replace("x;y", "x,y")
    semicolons = HEADER.replace(",", ";") + '\na;1;2;;;"x,y";\nb;1;2.5;;;;\n'
    assert load(semicolons, delimiter=";") == judged(text)
    assert load(semicolons.replace(";", "\t"), delimiter="\t") == judged(text)
    times = rows("a,1,2,,10/2/2017 10:56,,", "b,1,2,,2017-10-02 10:56:33,,")
    assert load(times, timestamp_formats=("%m/%d/%Y %H:%M",)) == judged(times.replace("10/2/2017", "2017-10-02"))
    extra = "what,amount,,share,happened,id,note,text,whole\nx,2,y,,,a,,,1\n"
    assert load(extra, unknown_columns="ignore") == judged(rows("a,1,2,,,,"))


def test_packed_files_are_the_same_files(load: Load) -> None:
    text = rows("é,1,2,,,ñ,coração", 'b,1,2,,,,"x\n"')
    assert load(gzip.compress(text.encode()), name="things.csv.gz") == judged(text)
    assert load(gzip.compress(text.encode("latin-1")), name="things.csv.gz", encoding="latin-1") == judged(text)


# Values that fit, and some that do not, by column.
TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=9)
VALUES = {
    "id": st.text(st.sampled_from("abAé 1"), max_size=3) | TEXT,
    "whole": st.integers(-(2**31), 2**31 - 1).map(str) | st.sampled_from(["", "1.5", "x", "2147483648", " 1", "+1"]),
    "amount": st.decimals(-999999, 999999, places=2).map(str) | st.sampled_from(["1", "1.005", "1e3", "", "-0.00", "9999999"]),
    "share": st.floats(allow_nan=False, allow_infinity=False).map(repr) | st.sampled_from(["", "inf", "1e999", "1,5", "5."]),
    "happened": st.datetimes(datetime(1, 1, 1)).map(str) | st.sampled_from(["", "2018-02-30", "2018-01-31", "1/2/2018"]),
    "note": TEXT,
    "text": st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=50),
}  # fmt: skip
FITS: dict[str, Callable[[str], bool]] = {
    "id": lambda value: 0 < len(value) <= 8 and not value.endswith(" "),
    "whole": lambda value: re.fullmatch("[+-]?[0-9]+", value) is not None and -(2**31) <= int(value) < 2**31,
    "amount": lambda value: re.fullmatch("[+-]?[0-9.]+", value) is not None
    and abs(Decimal(value)) < 1_000_000 and Decimal(value) == round(Decimal(value), 2),
    "share": lambda value: re.fullmatch("[0-9.eE+-]+", value) is not None and math.isfinite(float(value)),
    "happened": lambda value: value not in ("2018-02-30", "1/2/2018"),
    "note": lambda value: len(value) <= 5,
    "text": lambda value: True,
}  # fmt: skip
RECORDS = st.lists(st.fixed_dictionaries(VALUES), max_size=6)


def first_problem(text: str) -> tuple[int, str] | None:
    """The line and column of the first value that does not fit, else of the first key that is there twice."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    names, line, seen, doubled, bad = next(reader), reader.line_num + 1, set(), [], []
    for row in reader:
        record = dict(zip(names, row, strict=True))
        wrong = sorted(name for name, value in record.items() if not fits(name, value))
        bad += [(line, name) for name in wrong]
        if not wrong:
            doubled += [(line, "id")] if record["id"] in seen else []
            seen.add(record["id"])
        line = reader.line_num + 1
    return min(bad + doubled, default=None)


def fits(name: str, value: str) -> bool:
    return name not in ("id", "amount") if not value else FITS[name](value)


@settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    RECORDS,
    st.sampled_from([(csv.QUOTE_ALL, "\n"), (csv.QUOTE_ALL, "\r\n"), (csv.QUOTE_MINIMAL, "\r\n")]),
    st.booleans(),
    st.permutations(HEADER.split(",")),
)
def test_a_generated_file_is_what_python_reads_or_refused(
    things: Things,
    load: Load,
    records: list[dict[str, str]],
    style: tuple[Any, str],
    last: bool,
    names: list[str],
) -> None:
    stream = io.StringIO(newline="")
    writer = csv.DictWriter(stream, names, quoting=style[0], lineterminator=style[1])
    writer.writeheader()
    writer.writerows(records)
    text = stream.getvalue() if last else stream.getvalue().removesuffix(style[1])
    if (problem := first_problem(text)) is None:
        assert load(text) == judged(text)
        return
    before = rows_in(things)
    said = load(text)
    assert isinstance(said, str) and said.startswith("things.csv:{}:{}: ".format(*problem)), said
    assert rows_in(things) == before
