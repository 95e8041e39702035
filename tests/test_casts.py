"""Fields -> values of a column's type, by the SQL that staging runs for it."""

from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import duckdb
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from job.staging.casts import cast
from job.staging.values import Values
from job.tables import Column

# What a field must look like, and its value then: the plain way to say it, of which the casts are a faster one.
MOMENT = "[0-9]{4}-[0-9]{2}-[0-9]{2}([ T][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]{1,6}0*)?)?)?"
YEARS = "{value} BETWEEN '0001-01-01' AND '9999-12-31 23:59:59.999999'"
PLAIN_WAYS = {
    "TINYINT": ("[+-]?[0-9]+", ""),
    "INTEGER": ("[+-]?[0-9]+", ""),
    "UBIGINT": ("[+-]?[0-9]+", ""),
    "DECIMAL(4,0)": ("[+-]?[0-9]+([.]0*)?", ""),
    "DECIMAL(6,2)": ("[+-]?([0-9]+[.]?|[0-9]*[.][0-9]{1,2}0*)", ""),
    "DECIMAL(38,38)": ("[+-]?([0-9]+[.]?|[0-9]*[.][0-9]{1,38}0*)", ""),
    "DOUBLE": ("[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)?", "isfinite({value})"),
    "TIMESTAMP": (MOMENT, YEARS),
    "TIMESTAMP(3)": (MOMENT, YEARS + " AND epoch_us({value}) % 1000 = 0"),
}
WRITTEN = (
    *("0", "-7", "127", "128", "2147483647", "18446744073709551615", "007", "1_000", "0x1F", "0b1", "1e3"),
    *("1.5", ".5", "5.", "-0.25", "1.500", "12.345", "123456", "0.", "0." + "1" * 38, "-." + "9" * 38),
    *("1e308", "-2.5E-3", "1e400", "5e-324", "inf", "-Infinity", "NaN", "-46.63929204800168"),
    *("2018-01-31", "2018-01-31 10:56", "2018-01-31 10:56:07", "2018-01-31T10:56:07.120", "2018-01-31 24:00:00"),
    *("2018-01-31 10:56:07.1234567", "0000-01-01 00:00:00", "0001-01-01 (BC) 00:00:00", "10000-01-01 00:00:00"),
    *("infinity", "epoch", "2018-02-30 00:00:00", "2018-01-31 10:56:07+00", "2018-01-31 10:56:07Z", "2018-1-1"),
)
odd = st.sampled_from("0123456789+-.eE_:TZ/ \t\n\v\f\r,x'\"\u00a0\u0661\u2003")
FORMATS = ("%m/%d/%Y %H:%M", "%d.%m.%Y")


def values(column: Column, fields: list[str | None], formats: tuple[str, ...] = ()) -> list[Any]:
    return read(column, fields, Values(formats))


def read(column: Column, fields: list[str | None], written: Values) -> list[Any]:
    name = column.name.replace('"', '""')
    rows = [[number, field] for number, field in enumerate(fields)]
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")  # as staging does
        connection.execute(f'CREATE TABLE "fields" ("number" INTEGER, "{name}" VARCHAR)')
        connection.executemany('INSERT INTO "fields" VALUES (?, ?)', rows)
        found = connection.execute(f'SELECT {cast(column, written)} FROM "fields" ORDER BY "number"').fetchall()
    return [value for (value,) in found]


@st.composite
def almost_written(draw: st.DrawFn) -> str:
    """A text that some type has as a value, with characters put in and left out."""
    field = draw(st.sampled_from(WRITTEN))
    for _ in range(draw(st.integers(0, 2))):
        place = draw(st.integers(0, len(field)))
        field = field[:place] + draw(odd) + field[place + draw(st.integers(0, 1)) :]
    return field


def plain_and_fast(declared: str) -> str:
    """A test in SQL, whether both ways take the field for something else."""
    pattern, condition = PLAIN_WAYS[declared]
    type_, second_digits = ("TIMESTAMP", 3) if declared == "TIMESTAMP(3)" else (declared, 6)
    value = f'TRY_CAST("x" AS {type_})'
    conditions = [f"regexp_full_match(\"x\", '{pattern}')", *filter(None, [condition.format(value=value)])]
    plain = f"CASE WHEN {' AND '.join(conditions)} THEN {value} END"
    fast = cast(Column("x", type_, required=False, second_digits=second_digits))
    return f"{fast} IS DISTINCT FROM {plain}"


@settings(deadline=None, max_examples=50)
@given(st.lists(almost_written() | st.text(odd, max_size=24), max_size=50))
@example(["+-5", " 1", "1 ", "1\n", "1_0", "-.5", "1e5 ", "--1", *WRITTEN])
def test_the_fast_way_to_a_value_is_the_plain_way(fields: list[str]) -> None:
    differing = [
        f'SELECT \'{declared}\', "x" FROM "fields" WHERE {plain_and_fast(declared)}' for declared in PLAIN_WAYS
    ]
    with duckdb.connect() as connection:
        connection.execute('CREATE TABLE "fields" ("x" VARCHAR)')
        connection.execute('INSERT INTO "fields" SELECT unnest(?::VARCHAR[])', [fields])
        assert connection.execute(" UNION ALL ".join(differing)).fetchall() == []


@pytest.mark.parametrize(
    ("type_", "good"),
    [
        ("TINYINT", {"127": 127, "-128": -128}),
        ("INTEGER", {"0": 0, "-1": -1, "+7": 7, "007": 7, "2147483647": 2**31 - 1, "-2147483648": -(2**31)}),
        ("BIGINT", {"9223372036854775807": 2**63 - 1}),
        ("DECIMAL(6,2)", {"1": Decimal(1), "-1.5": Decimal("-1.5"), ".5": Decimal("0.5"), "1.": Decimal(1),
                          "9999.99": Decimal("9999.99"), "1.5000": Decimal("1.5"), "+0": Decimal(0)}),
        ("DECIMAL(6,0)", {"123456": Decimal(123456), "-1.": Decimal(-1), "1.00": Decimal(1)}),
        ("DOUBLE", {"1": 1.0, "-1.5e300": -1.5e300, ".5": 0.5, "5.": 5.0, "1E-3": 0.001, "1e-400": 0.0}),
        ("DATE", {"2018-01-31": date(2018, 1, 31), "2020-02-29": date(2020, 2, 29)}),
        ("TIMESTAMP", {"2018-01-31": datetime(2018, 1, 31), "2018-01-31 10:56": datetime(2018, 1, 31, 10, 56),
                       "2018-01-31T10:56:07": datetime(2018, 1, 31, 10, 56, 7),
                       "2018-01-31 10:56:07.123456": datetime(2018, 1, 31, 10, 56, 7, 123456),
                       "2018-01-31 10:56:07.1200000": datetime(2018, 1, 31, 10, 56, 7, 120000),
                       "0001-01-01": datetime(1, 1, 1),
                       "9999-12-31 23:59:59.999999": datetime.max}),
    ],
)  # fmt: skip
def test_a_field_is_the_value_that_it_says(type_: str, good: dict[str, object]) -> None:
    assert values(Column("x", type_, required=False), [*good, None]) == [*good.values(), None]


@pytest.mark.parametrize(
    ("type_", "bad"),
    [
        ("TINYINT", ["128", "-129"]),
        ("INTEGER", ["2147483648", "1.0", "1e3", "x", " 1", "1 ", "0x1", "1_000", "1\n", "\u0661", "--1", "+"]),
        ("DECIMAL(6,2)", ["10000", "1.234", "1.0050", "1,5", "NaN", "1e2", "Infinity", ".", "-"]),
        ("DECIMAL(6,0)", ["1.5", "1234567", ".", ".0"]),
        ("DOUBLE", ["NaN", "inf", "-Infinity", "1e400", "1,5", "0x1p3", "--1", ".", "e5"]),
        ("DATE", ["2018-02-30", "2018-01-31 10:56", "31.01.2018", "2018-1-1", "infinity", "today"]),
        ("TIMESTAMP", ["2018-02-30", "0000-01-01", "10/2/2017 10:56", "2018-01-31 25:00", "infinity", "2018-1-1",
                       "2018-01-31 10:56Z", "2018-01-31 10:56:07.1234567", "10000-01-01", "epoch"]),
    ],
)  # fmt: skip
def test_what_is_no_value_of_the_type_is_null(type_: str, bad: list[str]) -> None:
    assert values(Column("x", type_, required=False), [*bad]) == [None] * len(bad)


def test_timestamps_in_other_formats() -> None:
    fields = ["10/2/2017 10:56", "31.01.2018", "2017-10-02 10:56:33", "13/2/2017 10:56", "30.02.2018", "01.01.0000"]
    found = values(Column("x", "TIMESTAMP", required=True), [*fields], FORMATS)
    good = [datetime(2017, 10, 2, 10, 56), datetime(2018, 1, 31), datetime(2017, 10, 2, 10, 56, 33)]
    assert found == [*good, None, None, None]


def test_a_date_in_another_format_has_no_time_of_day_but_midnight() -> None:
    good = ["31.01.2018", "1/31/2018 00:00", "2018-01-31", "2018-01-31T00:00:00.000"]
    bad = ["1/31/2018 10:56", "2018-01-31 00:00:00.000001", "01.01.0000", "2018-01-31 00:00Z"]
    found = values(Column("x", "DATE", required=False), [*good, *bad], FORMATS)
    assert found == [date(2018, 1, 31)] * len(good) + [None] * len(bad)
    zoned = values(Column("x", "DATE", required=False), ["31.01.2018 -0300", "31.01.2018 +0000"], ("%d.%m.%Y %z",))
    assert zoned == [None, date(2018, 1, 31)]


@pytest.mark.parametrize(
    ("column", "good", "bad"),
    [
        (Column("x", "UBIGINT", False), {"18446744073709551615": 2**64 - 1, "+0": 0}, ["-1", "18446744073709551616"]),
        (Column("x", "INTEGER", False, least="0", most="16777215"), {"16777215": 2**24 - 1}, ["-1", "16777216"]),
        (Column("x", "SMALLINT", False, least="1901", most="2155"), {"1901": 1901}, ["0", "70", "2156"]),
        (Column("x", "HUGEINT", False), {str(2**127 - 1): str(2**127 - 1), "-007": "-7"}, [str(2**127), "1.0"]),
        (Column("x", "DECIMAL(5,2)", False, least="0"), {"999.99": Decimal("999.99"), "-0": Decimal(0)}, ["-0.01"]),
        (Column("x", "NUMERIC", False), {"0012.3400": "12.34", "-.50": "-0.5", "+7.": "7", "-0.00": "0", "100": "100",
                                         "9" * 60: "9" * 60}, [".", "-", "1e3", "1,5", "NaN", " 1"]),
        (Column("x", "NUMERIC(42,2)", False), {"9" * 40 + ".99": "9" * 40 + ".99", "1.000": "1"}, ["9" * 41, "1.001"]),
        (Column("x", "NUMERIC(42,2)", False, least="0"), {"0.5": "0.5"}, ["-0.01"]),
        (Column("x", "FLOAT", False), {"0.5": 0.5, "16777216": 2.0**24, "1e-40": pytest.approx(1e-40)},
         ["16777217", "0.123456789", "1e39", "1e-50", "nan"]),
        (Column("x", "BOOLEAN", False), {"TRUE": True, "t": True, "Yes": True, "y": True, "1": True,
                                         "false": False, "F": False, "no": False, "N": False, "0": False},
         ["on", "off", "2", "01", "t ", "ja"]),
        (Column("x", "TINYINT", False, boolean=True), {"true": 1, "No": 0, "7": 7, "-128": -128}, ["128", "on"]),
        (Column("x", "TIME", False), {"00:00": time(), "23:59:59.9999990": time(23, 59, 59, 999999)},
         ["24:00", "12:60", "1:02", "10:00:60", "10:00Z", "-01:00", "10:56:07.1234567"]),
        (Column("x", "TIME", False, second_digits=0), {"10:56:07.000": time(10, 56, 7)}, ["10:56:07.1"]),
        (Column("x", "UUID", False), {"ABCDEF00-0000-4000-8000-00000000000A": "abcdef00-0000-4000-8000-00000000000a"},
         ["abcdef00-0000-4000-8000-00000000000", "{abcdef00-0000-4000-8000-00000000000a}", "x" * 36, "a" * 32]),
        (Column("x", "JSON", False), dict.fromkeys(['{"a": [1, ",]", NaN]}'.replace("NaN", "null"), '"\\\\u0000"', "1",
                                                    r'"\ud83d\ude00"', '"nan, infinity,]"'], ...),
         ["{a: 1}", "[1,]", "[1 , ]", '{"a": 1,}', "NaN", "[-Infinity]", r'"\ud800"', r'"\u0000"', "1 2", "01", "'a'"]),
        (Column("x", "ENUM", False, words=("a", "it's")), {"a": "a", "it's": "it's"}, ["A", "a ", "1", "its"]),
        (Column("x", "VARCHAR", False, max_bytes=4), {"éé": "éé"}, ["ééa"]),
        (Column("x", "TIMESTAMP", False, least="1970-01-01 00:00:01", most="2038-01-19 03:14:07", instant=True),
         {"2038-01-19T03:14:07Z": datetime(2038, 1, 19, 3, 14, 7), "1970-01-01 00:00:01": datetime(1970, 1, 1, 0, 0, 1),
          "2018-01-31 23:00-0330": datetime(2018, 2, 1, 2, 30), "2018-01-31": datetime(2018, 1, 31)},
         ["1970-01-01 00:00:00", "2038-01-19 03:14:08", "2018-01-31 23:00 -03:30", "2018-01-31 10:00+16",
          "2018-01-31 10:00+05:60", "2018-01-31Z", "2018-01-31 10:00 UTC"]),
    ],
    ids=lambda value: f"{value.type} {value.least or ''}".strip() if isinstance(value, Column) else "",
)  # fmt: skip
def test_a_field_of_a_rarer_type_is_a_value_or_is_refused(column: Column, good: dict[str, Any], bad: list[str]) -> None:
    found = values(column, [*good, *bad, None])
    assert found == [field if value is ... else value for field, value in good.items()] + [None] * (len(bad) + 1)


def test_texts_have_a_length_and_keys_end_in_no_space() -> None:
    fields = ["", "é" * 3, "abcd", "a ", None]
    assert values(Column("x", "VARCHAR", required=False, max_length=3), [*fields]) == ["", "é" * 3, None, "a ", None]
    assert values(Column("x", "VARCHAR", required=True), [*fields]) == ["", "é" * 3, "abcd", None, None]
    assert values(Column("x", "VARCHAR", required=False), [*fields]) == fields


def test_a_column_may_have_any_name() -> None:
    assert values(Column('say "x"\n', "INTEGER", required=False), ["1", "x"]) == [1, None]


@pytest.mark.parametrize(
    ("digits", "kept"),
    [
        (0, ["2018-12-31 23:59:59", "2018-12-31 23:59:59.000"]),
        (3, ["2018-12-31 23:59:59.9", "2018-12-31 23:59:59.999"]),
    ],
)
def test_a_time_keeps_all_of_its_second_or_is_refused(digits: int, kept: list[str]) -> None:
    """MySQL would round it, to another year."""
    column = Column("x", "TIMESTAMP", required=False, second_digits=digits)
    lost = ["2018-12-31 23:59:59.9999", "2018-12-31 23:59:59.000001"]
    assert values(column, [*kept, *lost]) == [*map(datetime.fromisoformat, kept), None, None]
    assert values(column, ["31.12.2018 23:59:59.9999"], ("%d.%m.%Y %H:%M:%S.%f",)) == [None]


def test_a_text_that_would_lose_its_spaces_is_refused() -> None:
    column = Column("x", "VARCHAR", required=False, max_length=3, drops_spaces=True)
    assert values(column, ["a", " a", "a ", "  "]) == ["a", " a", None, None]


def test_a_time_with_an_offset_is_that_moment_in_utc(monkeypatch: pytest.MonkeyPatch) -> None:
    formats = ("%Y-%m-%d %H:%M:%S %z", "%d.%m.%Y")
    for zone in ("America/Sao_Paulo", "Asia/Tokyo", "UTC"):
        monkeypatch.setenv("TZ", zone)
        fields = ["2024-03-10 02:30:00 -0500", "2024-03-10 02:30:00", "2024-03-10T02:30:00", "10.03.2024"]
        there = [datetime(2024, 3, 10, 7, 30), *[datetime(2024, 3, 10, 2, 30)] * 2, datetime(2024, 3, 10)]
        assert values(Column("x", "TIMESTAMP", required=True), [*fields], formats) == there


MONEY = Column("x", "DECIMAL(12,2)", required=False)
GERMAN = Values(decimal=",", thousands=".", currency=("€", "EUR"), negatives=("brackets", "trailing", "unicode"))
SPACED = Values(decimal=",", thousands=" ", currency=("zł", "kr."))
SWISS = Values(thousands="'", currency=("Fr.", "CHF", "Rs.", "R$"))
ENGLISH = Values(thousands=",", negatives=("brackets",), currency=("$",))


@pytest.mark.parametrize(
    ("written", "good", "bad"),
    [
        (GERMAN, {"1.234,56": "1234.56", "1234,56": "1234.56", "12": "12", ",5": "0.5", "5,": "5", "1.234": "1234",
                  "1.234.567,8": "1234567.8", "-1,50": "-1.5", "+1,50": "1.5", "\u22121,50": "-1.5",
                  "(1,50)": "-1.5", "1,50-": "-1.5", "€ 1,50": "1.5", "-€1,50": "-1.5", "€ -1,50": "-1.5",
                  "1,50 €": "1.5", "1,50\u00a0EUR": "1.5", "(€ 1,50)": "-1.5", "(1,50 €)": "-1.5", "€(1,50)": "-1.5",
                  "€ 1,50-": "-1.5", "1,50- €": "-1.5", "\u22121.234,50 €": "-1234.5", "(0,00)": "0"},
         ["1.23", "12.34.567", "1.2345", "1234.567", ".123", "1,234.5", "1,2,3", "1.234,567", "--1", "-1-", "(-1)",
          "-(1)", "(1", "1)", "€1€", "€ ", "()", "€  1", " 1", "1 ", "- 1", "1 000", "$1", "1_0", "1e2", "\u0661", "-",
          ",", "1.", "1..234", "USD 1", "1 EURO", "€EUR 1", "+1-", "(1)-"]),
        (SPACED, {"1 234,5": "1234.5", "1\u00a0234\u00a0567,5": "1234567.5", "1\u202f234 zł": "1234", "kr. 7": "7",
                  "kr.1 000": "1000"},
         ["1 23", "1  234", "1 234\u00a0567", "1.5", "(1)", "1-", "\u22121", "1 234567", " 1 234"]),
        (SWISS, {"1'234.5": "1234.5", "1\u2019234": "1234", "Fr. 1.5": "1.5", "Rs.5": "5", "R$ -7": "-7"},
         ["1'234\u2019567", "1,5", "Fr 1", "R 1", "R$R$ 1", "Fr.", "1'23"]),
        (ENGLISH, {"$1,234.50": "1234.5", "($1,234.50)": "-1234.5", "1234.5": "1234.5", "-$5": "-5", "$-5": "-5",
                   "12,34,567.89": "1234567.89", "1,23,45,678": "12345678", "($ 1,00,000)": "-100000"},
         ["1,2,3", "1,23", "1.234,5", "$1,234.50-", "1,234,56", "123,45,678", "1,23,4567", "12,345,67,890",
          "12,34,56"]),
    ],
    ids=["de", "pl", "ch", "us"],
)  # fmt: skip
def test_a_number_is_read_as_it_is_declared_or_refused(written: Values, good: dict[str, str], bad: list[str]) -> None:
    assert read(MONEY, [*good, None], written) == [*map(Decimal, good.values()), None]
    assert dict(zip(bad, read(MONEY, [*bad], written), strict=True)) == dict.fromkeys(bad)


@pytest.mark.parametrize(
    ("type_", "field", "value"),
    [
        ("INTEGER", "1.234", 1234),
        ("INTEGER", "1,5", None),
        ("DECIMAL(6,0)", "1.234,00", Decimal(1234)),
        ("NUMERIC", "(01.234,50)", "-1234.5"),
        ("DOUBLE", "1.234,5", 1234.5),
        ("DOUBLE", "-1,5e-3", -0.0015),
        ("FLOAT", "€ 0,5", 0.5),
    ],
)
def test_every_type_of_number_is_written_so(type_: str, field: str, value: Any) -> None:
    assert read(Column("x", type_, required=False), [field], GERMAN) == [value]


def test_a_number_that_stands_for_a_boolean_has_its_words_too() -> None:
    column = Column("x", "TINYINT", required=False, boolean=True)
    assert read(column, ["true", "No", "(7)", "1,5", "1.5", "x"], GERMAN) == [1, 0, -7, None, None, None]


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.decimals(-(10**9), 10**9, places=2), min_size=1, max_size=20),
    st.sampled_from([GERMAN, SPACED, SWISS, ENGLISH]),
    st.sampled_from(["", "front", "behind"]),
    st.booleans(),
)
def test_what_is_written_in_a_manner_is_read_in_it(
    numbers: list[Decimal], manner: Values, place: str, grouped: bool
) -> None:
    def shown(number: Decimal) -> str:
        marks = {",": manner.thousands if grouped else "", ".": manner.decimal}
        digits = "".join(marks.get(each, each) for each in f"{abs(number):,.2f}")
        sign = "-" if number < 0 else ""
        currency = manner.currency[0]
        return {"": sign + digits, "front": f"{currency} {sign}{digits}", "behind": f"{sign}{digits} {currency}"}[place]

    assert read(MONEY, [*map(shown, numbers)], manner) == numbers


def test_plain_numbers_take_the_same_sql_whatever_times_are_like() -> None:
    assert cast(MONEY, Values(FORMATS)) == cast(MONEY) and "CASE WHEN regexp" not in cast(MONEY)


def test_a_time_of_day_has_formats_of_its_own() -> None:
    formats = ("%I:%M %p", "%H.%M Uhr", "%d.%m.%Y %H:%M")
    fields = ["10:30 PM", "7.05 Uhr", "07:05", "31.01.2018 10:00", "25.00 Uhr"]
    found = values(Column("x", "TIME", required=False), [*fields], formats)
    assert found == [time(22, 30), time(7, 5), time(7, 5), None, None]
    precise = Column("x", "TIME", required=False, second_digits=0)
    assert values(precise, ["10-00-00.5", "10-00-00.0"], ("%H-%M-%S.%f",)) == [None, time(10)]
    moments = values(Column("x", "TIMESTAMP", required=False), ["10:30 PM", "31.01.2018 10:00"], formats)
    assert moments == [None, datetime(2018, 1, 31, 10)]


def test_an_offset_may_be_z() -> None:
    fields = [f"2024-01-05 10:11:12 {offset}" for offset in ("-0500", "-05:00", "Z")]
    found = values(Column("x", "TIMESTAMP", required=False), [*fields], ("%Y-%m-%d %H:%M:%S %z",))
    assert found == [*[datetime(2024, 1, 5, 15, 11, 12)] * 2, datetime(2024, 1, 5, 10, 11, 12)]
