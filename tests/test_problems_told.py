"""What is wrong with files, in at most twenty lines: common problems in one, so that the others show."""

# ruff: noqa: E501
from contextlib import closing
from pathlib import Path

from job.staging import rejects
from job.staging.area import Staging
from job.staging.csvfiles import CsvFile
from job.tables import Column, Keys, Reference, Table

SALES = Table(
    "sales",
    [
        Column("id", "INTEGER", required=True),
        Column("sold", "TIMESTAMP", required=True),
        Column("paid", "DECIMAL(9,2)", required=False),
        Column("town", "VARCHAR", required=False, max_length=5),
        Column("card", "VARCHAR", required=False),
    ],
    Keys(("id",), (Reference(("card",), "cards", ("card",)),)),
)
CARDS = Table("cards", [Column("card", "VARCHAR", required=True), Column("x", "INTEGER", False)], Keys(("card",)))


def told(folder: Path, lines: list[str], limit: int = rejects.SHOWN) -> tuple[list[str], int]:
    """Of a file with these lines below its header."""
    (folder / "cards.csv").write_text("card,x\na,1\n")
    (folder / "sales.csv").write_text("\n".join(["id,sold,paid,town,card", *lines, ""]))
    with closing(Staging(folder / "staging")) as area:
        files = [area.stage(CsvFile(table.name, folder / f"{table.name}.csv"), table) for table in (CARDS, SALES)]
        return rejects.told(area, files, limit)


def test_a_wrong_date_in_every_record_hides_nothing(tmp_path: Path) -> None:
    """Half of the amounts have a comma; others are told by line."""
    lines = [f'{number},12/1/2010 8:26,"{"1,5" if number % 2 else "1.5"}",Ulm,a' for number in range(2_000)]
    lines[1000] = "1000,12/1/2010 8:26,1.5,Frankfurt,a"
    lines[1600] = "x,12/1/2010 8:26,1.5,Ulm,a"
    lines[1700] = "1700,12/1/2010 8:26,1.5"
    numbers = "numbers are written as 1234.56: no decimal comma, no separators of thousands, no currency; see load.decimal, load.thousands, load.currency and load.negatives"
    found, rest = told(tmp_path, lines)
    assert found == [
        "sales.csv: 1,999 of 2,000 values of sold; first line 2: '12/1/2010 8:26' is not a timestamp; see load.timestamp_formats",
        f"sales.csv: 1,000 of 2,000 values of paid; first line 3: '1,5' is not a number with at most 7 digits before and 2 after the point; {numbers}",
        "sales.csv:1002:town: value 'Frankfurt' is longer than 5 characters",
        "sales.csv:1602:id: value 'x' is not a whole number of type INTEGER",
        "sales.csv:1702: the record has 3 fields, and the header 5",
    ]
    assert rest == 0
    found, _ = told(tmp_path, [f"{number},2020-01-01,1,Ulm,{number % 3}" for number in range(90)])
    assert found == [
        "sales.csv: all 90 values of card; first line 2: '0' has no match in cards; is the file of that table complete?"
    ]


def test_problems_share_the_lines(tmp_path: Path) -> None:
    """Of those that are not common, none keeps another from being told."""
    lines = [
        f"{number},2020-01-01,{'x' if number < 90 else 1},{'Hamburg' if number == 950 else ''},"
        for number in range(1_000)
    ]
    found, rest = told(tmp_path, lines, 5)
    assert [line.partition(" ")[0] for line in found] == [
        *(f"sales.csv:{line}:paid:" for line in range(2, 6)),
        "sales.csv:952:town:",
    ]
    assert rest == 91 - 5


def test_a_small_file_with_the_same_problem_throughout(tmp_path: Path) -> None:
    found, _ = told(tmp_path, [f"{number};2020-01-01;;;" for number in range(25)])
    assert found == [
        "sales.csv: all 25 records; first line 2: the record has 1 fields, and the header 5; see load.delimiter"
    ]
    found, _ = told(tmp_path, ["1,,,,", "2,,,,", "3,,,,"])
    assert [line.rpartition(": ")[0] for line in found] == [f"sales.csv:{line}:sold" for line in (2, 3, 4)]
