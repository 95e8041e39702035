"""`clientela init --from-files`: from files as shops have them to figures that plain Python agrees with."""

import csv
import random
import re
import zipfile
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml
from typer.testing import CliRunner

from job import cli, pipeline
from job import config as configs
from job.history import new_run_id
from job.progress import Steps

Spent = dict[str, tuple[Decimal, int]]  # by customer: what was spent, and in how many orders
RETAIL = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country"
SHOPIFY = (
    "Name,Email,Financial Status,Paid at,Fulfillment Status,Currency,Subtotal,Shipping,Taxes,Total,Discount Code,"
    "Discount Amount,Created at,Lineitem quantity,Lineitem name,Lineitem price,Billing Name,Billing Zip,"
    "Refunded Amount,Id"
)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def init(data: str, *options: str) -> tuple[int, str]:
    """The exit code, and what was said."""
    result = CliRunner().invoke(cli.app, ["init", "--from-files", data, "--out", "shop.yaml", *options])
    return result.exit_code, result.output


def columns(amount: str, date: str, customer: str) -> list[str]:
    return ["--amount-column", amount, "--date-column", date, "--customer-column", customer]


def segmented(path: str = "shop.yaml") -> Spent:
    """What a run with the config makes of the files."""
    config = configs.read(Path(path))
    pipeline.run(config, None, new_run_id(), Steps("json"))
    with duckdb.connect(str(config.database.place)) as connection:
        rows = connection.execute("SELECT customer_unique_id, monetary, frequency FROM customer_features").fetchall()
    return {customer: (Decimal(str(round(float(spent), 2))), int(orders)) for customer, spent, orders in rows}


def saved(path: Path, header: str, rows: list[list[Any]], encoding: str = "utf-8", delimiter: str = ",") -> None:
    path.parent.mkdir(exist_ok=True)
    with path.open("w", encoding=encoding, newline="") as stream:
        csv.writer(stream, delimiter=delimiter).writerows([header.split(","), *rows])


def invoices() -> tuple[list[list[Any]], Spent]:
    """A log in the manner of UCI's Online Retail, and what its customers have spent."""
    chance, at, rows = random.Random(1), datetime(2010, 12, 1, 8, 26), []
    spent: dict[str, Decimal] = {}
    orders: dict[str, set[int]] = {}
    for number in range(536_365, 536_665):
        at += timedelta(hours=chance.randint(1, 30))
        customer, cancelled = chance.choice(["", *map(str, range(12_346, 12_386))]), chance.random() < 0.1
        for _ in range(chance.randint(1, 4)):
            quantity, price = chance.randint(1, 20) * (-1 if cancelled else 1), Decimal(chance.randint(1, 999)) / 100
            what = chance.choice(["CAFÉ SET, £5", "7 BABUSHKA ", '12" BOX'])
            time = f"{at.month}/{at.day}/{at.year} {at.hour}:{at.minute:02}"
            code = chance.choice(["85123A", "22752", "POST"])
            rows.append([f"{'C' * cancelled}{number}", code, what, quantity, time, price, customer, "EIRE"])
            if customer:
                spent[customer] = spent.get(customer, Decimal(0)) + quantity * price
                orders.setdefault(customer, set()).update([] if cancelled else [number])
    return rows, {key: (max(spent[key], Decimal(0)), len(its)) for key, its in orders.items() if its}


def test_a_sales_log_with_cancelled_invoices(here: Path) -> None:
    rows, expected = invoices()
    saved(here / "data/Online Retail.csv", RETAIL, rows, "latin-1")
    code, said = init("data", *columns("UnitPrice", "InvoiceDate", "CustomerID"))
    assert (code, "Customers" in said) == (0, True), said
    load = yaml.safe_load((here / "shop.yaml").read_text())["load"]
    assert load["encoding"] == "cp1252"
    assert load["formats"] == {"online_retail.InvoiceDate": {"timestamp_formats": ["%m/%d/%Y %H:%M"]}}
    assert '"InvoiceNo" VARCHAR' in (here / "shop-load.sql").read_text()
    assert segmented() == expected


def exported() -> tuple[list[list[Any]], Spent]:
    """A Shopify orders export, and what its customers have spent: less what was paid back."""
    chance, at, rows = random.Random(2), datetime(2024, 1, 1, 8), []
    expected: Spent = {}
    for number in range(1001, 1301):
        at += timedelta(hours=chance.randint(1, 20))
        email = f"c{chance.randint(1, 60)}@x.example"
        status = chance.choice([*["paid"] * 8, "refunded", "voided", "partially_refunded"])
        time = f"{at:%Y-%m-%d %H:%M:%S} {chance.choice(['-0500', '-0400'])}"
        lines = [(chance.randint(1, 3), Decimal(chance.randint(100, 9999)) / 100) for _ in range(chance.randint(1, 4))]
        total = sum((quantity * price for quantity, price in lines), Decimal(0))
        back = {"refunded": total, "partially_refunded": Decimal(1)}.get(status, Decimal(0))
        whole = [status, time, "fulfilled", "USD", total, 0, 0, total, "", 0]
        for line, (quantity, price) in enumerate(lines):
            head, tail = (["Ann", "'01234", back, number], whole) if not line else ([""] * 4, [""] * 10)
            rows.append([f"#{number}", email, *tail, time, quantity, "Thing", price, *head])
        if status not in ("refunded", "voided"):
            spent, orders = expected.get(email, (Decimal(0), 0))
            expected[email] = (spent + total - back, orders + 1)
    return rows, expected


def test_an_export_whose_orders_have_several_lines(here: Path) -> None:
    rows, expected = exported()
    saved(here / "orders_export.csv", SHOPIFY, rows)
    code, said = init("orders_export.csv", *columns("Total", "Created at", "Email"))
    assert code == 0, said
    load = yaml.safe_load((here / "shop.yaml").read_text())["load"]
    assert load["formats"]["orders_export.Created at"] == {"timestamp_formats": ["%Y-%m-%d %H:%M:%S %z"]}
    assert segmented() == expected


def test_tables_of_several_files_with_decimal_commas(here: Path) -> None:
    """Monthly files, in a .zip, from a spreadsheet in Europe; a list of customers; and what is no data."""
    chance, expected = random.Random(3), dict[str, tuple[Decimal, int]]()
    (here / "data").mkdir()
    number = 0
    for month in (1, 2, 3):
        rows = []
        for _ in range(80):
            number += 1
            card, paid = f"{chance.randint(1, 30):03}", Decimal(chance.randint(1, 500_000)) / 100
            money = f"{paid:,.2f} €".translate(str.maketrans(",.", ".,"))
            rows.append([number, card, money, f"{chance.randint(1, 28):02}.{month:02}.2024"])
            expected[card] = (expected.get(card, (Decimal(0), 0))[0] + paid, expected.get(card, (Decimal(0), 0))[1] + 1)
        saved(here / f"data/Bestellungen 2024-{month:02}.csv", "Nr,Kunde,Betrag,Datum", rows, "cp1252", ";")
    saved(here / "data/kunden.csv", "Kunde,Größe", [[f"{card:03}", "groß"] for card in range(1, 31)], "cp1252", ";")
    (here / "data/readme.md").write_text("# hello")
    with zipfile.ZipFile("data.zip", "w") as archive:
        for path in (here / "data").iterdir():
            archive.write(path, f"export/{path.name}")
    code, said = init("data.zip", *columns("Betrag", "Datum", "bestellungen.Kunde"))
    assert code == 0, said
    load = yaml.safe_load((here / "shop.yaml").read_text())["load"]
    assert load["tables"] == {"bestellungen": "Bestellungen *.csv", "kunden": "kunden.csv"}
    assert (load["encoding"], load["delimiter"]) == ("cp1252", ";")
    assert load["formats"] == {
        "bestellungen.Betrag": {"decimal": ",", "thousands": ".", "currency": ["€"]},
        "bestellungen.Datum": {"timestamp_formats": ["%d.%m.%Y"]},
    }
    schema = (here / "shop-load.sql").read_text()
    assert all(line in schema for line in ('"Nr" VARCHAR PRIMARY KEY', '"Kunde" VARCHAR', '"Datum" DATE'))
    assert segmented() == expected


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "1,k1,2024-05-01,7.50\n2,k2,2024-05-02,8.50\n",
            r"sales\.csv: the first line has '1' where a column's name should",
        ),
        ("sep=;\nid;card;day;paid\n1;k1;2024-05-01;7.50\n", r"sales\.csv: its first line, sep=, is for Excel alone"),
    ],
)
def test_a_first_line_without_names_is_told(here: Path, text: str, told: str) -> None:
    (here / "sales.csv").write_text(text)
    code, said = init("sales.csv", *columns("paid", "day", "card"))
    assert code == 3 and re.search(told, said)
    assert not (here / "shop.yaml").exists()


def test_per_cent_off_and_prices_in_cents(here: Path) -> None:
    chance, expected, rows = random.Random(4), dict[str, tuple[Decimal, int]](), []
    for number in range(300):
        card, cents, pieces, off = (
            f"c{chance.randint(1, 30)}",
            chance.randint(100, 9_000),
            chance.randint(1, 3),
            number % 3,
        )
        rows.append([f"no {number}", card, f"2024-05-{number % 28 + 1:02} 10:00:00", cents, pieces, f"{off * 0.5}%"])
        spent, orders = expected.get(card, (Decimal(0), 0))
        expected[card] = spent + Decimal(cents) * pieces * (200 - off) / 20_000, orders + 1
    saved(here / "sales.csv", "order_id,card,day,price_cents,quantity,discount", rows)
    code, said = init("sales.csv", *columns("price_cents", "day", "card"))
    assert code == 0 and "sales.discount is per cent of the price, and taken off." in said
    assert "sales.price_cents is a number: cents, as its name says, and counted as hundredths." in said
    found = segmented()
    assert found.keys() == expected.keys()
    for card, (spent, orders) in expected.items():
        assert abs(found[card][0] - spent) < Decimal("0.006") and found[card][1] == orders


def test_texts_for_no_value_and_doubled_names(here: Path) -> None:
    """They are written down where a column is otherwise of numbers or days; a text column keeps its own."""
    chance, expected, rows = random.Random(7), dict[str, tuple[Decimal, int]](), []
    for number in range(200):
        customer = f"c{number % 20}"
        amount, sold = chance.choice(["12,34,567.50", "1,200.00", "N/A", "-"]), chance.choice(["2025-03-01", "NULL"])
        rows.append([f"A{number}", customer, amount, sold, chance.choice(["N/A", "Ulm"]), "x", "y", "N/A"])
        if sold != "NULL":
            spent, orders = expected.get(customer, (Decimal(0), 0))
            paid = Decimal(amount.replace(",", "")) if amount not in ("N/A", "-") else Decimal(0)
            expected[customer] = (spent + paid, orders + 1)
    saved(here / "sales.csv", "order,customer,amount,sold,town,note,Note,remark", rows)
    code, said = init("sales.csv", *columns("amount", "sold", "customer"))
    assert code == 0, said
    load, sql = yaml.safe_load((here / "shop.yaml").read_text())["load"], (here / "shop-load.sql").read_text()
    assert load["formats"] == {
        "sales.amount": {"thousands": ",", "nulls": ["N/A", "-"]},
        "sales.sold": {"nulls": ["NULL"]},
    }
    assert '"note"' not in sql.partition("CREATE")[2] and 'called "note"' in sql
    assert segmented() == expected


def two_ways(here: Path, rows: list[list[Any]]) -> Callable[..., tuple[int, str]]:
    saved(here / "sales.csv", "id,card,paid,day", rows)
    return lambda *options: init("sales.csv", *columns("paid", "day", "card"), *options)


def test_a_day_that_may_be_a_month_is_not_guessed(here: Path) -> None:
    run = two_ways(here, [[number, f"c{number % 9}", "1.50", f"{number % 12 + 1}/{5}/2024"] for number in range(60)])
    code, said = run()
    assert code == 2
    assert "sales.day is a text, as it could mean two things: --dates day or --dates month says which" in said
    assert not (here / "shop.yaml").exists()
    for said_so, last in (("month", "2024-12-05"), ("day", "2024-05-12")):
        code, said = run("--dates", said_so)
        assert code == 0 and last in said
        for path in here.glob("shop*"):
            path.unlink()


def test_a_thousand_that_may_be_a_decimal_is_not_guessed(here: Path) -> None:
    for written in ("1.{:03}", "1,{:03}"):
        run = two_ways(here, [[n, f"c{n % 9}", written.format(n + 100), f"2024-01-{n % 28 + 1:02}"] for n in range(60)])
        code, said = run()
        assert code == 2 and "--decimal , or --decimal . says it" in said
        for decimal in ".,":
            code, said = run("--decimal", decimal)
            assert code == 0, said
            total = sum(Decimal(f"1{'.' if written[1] == decimal else ''}{n + 100:03}") for n in range(60))
            assert f"{total:,.2f}" in said
            for path in here.glob("shop*"):
                path.unlink()


def test_what_is_no_shop_of_files_is_told(here: Path) -> None:
    (here / "empty").mkdir()
    code, said = init("empty")
    sentence = "error: --from-files: empty has no file that ends in .csv, .txt, .tsv, .parquet; give a folder or a .zip"
    assert code == 3 and said.startswith(sentence)
    with zipfile.ZipFile(here / "empty/sales.xlsx", "w") as book:
        book.writestr("[Content_Types].xml", "<Types/>")
        book.writestr("xl/workbook.xml", "<workbook/>")
    for data in ("empty", "empty/sales.xlsx"):
        code, said = init(data)
        assert code == 3 and "in Excel, save each sheet by itself: File, Save As, CSV UTF-8" in said
    assert init("nowhere")[0] == 3
    saved(here / "one/sales.csv", "id,card", [[1, "a"]])
    code, said = init("one")
    assert code == 2 and "--amount-column is missing" in said
    (here / "shop-load.sql").touch()
    code, said = init("one")
    assert code == 2 and "shop-load.sql is there already, and stays as it is" in said
    assert init("one", "--dialect", "postgres")[0] == 2
    assert init("one", "--from-database")[0] == 2
