"""`init --from-database` on order lines, statuses, refunds and texts: what it writes adds up to what Python adds up."""

import random
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from engines.base import Engine
from starting import administrator, init, role
from typer.testing import CliRunner, Result

from job.cli import app

Features = dict[str, tuple[Decimal, int, str]]  # what a customer spent, how often they bought, and when they last did


class Line(NamedTuple):
    order: int
    buyer: int
    at: datetime
    status: str
    price: Decimal
    quantity: int
    discount: Decimal


STATUSES = ("completed",) * 6 + ("Shipped", "cancelled", "refunded", "partially refunded")


def lines() -> list[Line]:
    """One to four for each of 200 orders of 40 buyers."""
    random.seed(8)
    made = []
    for order in range(1, 201):
        at = datetime(2025, 1, 1) + timedelta(minutes=random.randrange(360 * 1440))
        buyer, status = random.randrange(1, 41), random.choice(STATUSES)
        for _ in range(random.randrange(1, 5)):
            price, quantity = Decimal(random.randrange(200, 99_000)) / 100, random.randrange(1, 6)
            less = random.choice([Decimal(0), Decimal("0.5"), Decimal("1.25")])
            made.append(Line(order, buyer, at, status, price, quantity, less))
    return made


def features(counted: list[Line]) -> Features:
    """Of each buyer; an order counts once, and a refund not at all."""
    found = {}
    for buyer in {line.buyer for line in counted}:
        own = [line for line in counted if line.buyer == buyer]
        bought = [line for line in own if line.quantity > 0]
        spent = sum((line.price * line.quantity - line.discount for line in own), Decimal(0))
        if bought:
            last = max(line.at for line in bought).strftime("%Y-%m-%d %H:%M")
            found[str(buyer)] = (max(spent, Decimal(0)), len({line.order for line in bought}), last)
    return found


def sold(counted: list[Line]) -> list[Line]:
    return [line for line in counted if line.status not in ("cancelled", "refunded")]


def selected(engine: Engine, url: str, out: Path) -> Features:
    """What the SQL that is written selects."""
    sql = out.with_name(f"{out.stem}-features.sql").read_text()
    with administrator(engine, url) as rows:
        return {
            str(person): (Decimal(str(spent)).quantize(Decimal("0.01")), int(often), str(last)[:16])
            for person, spent, often, _, _, last, _ in rows(sql)
        }


def values(rows: list[tuple[Any, ...]]) -> str:
    return ", ".join("(" + ", ".join(f"'{value}'" for value in row) + ")" for row in rows)


@pytest.fixture
def shop_of_lines(engine: Engine, database_url: str) -> None:
    """Customers, orders and their lines, joined by keys."""
    known = {line.order: line for line in lines()}
    with administrator(engine, database_url) as rows:
        rows("CREATE TABLE customers (id INTEGER PRIMARY KEY, email VARCHAR(50), created_at DATE)")
        rows(
            f"CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER, ordered_at {engine.timestamp},"
            f" shipped_at {engine.timestamp}, status VARCHAR(30), FOREIGN KEY (customer_id) REFERENCES customers (id))"
        )
        rows(
            "CREATE TABLE order_items (id INTEGER PRIMARY KEY, order_id INTEGER, product INTEGER, quantity INTEGER,"
            " unit_price DECIMAL(9, 2), discount DECIMAL(9, 2), FOREIGN KEY (order_id) REFERENCES orders (id))"
        )
        rows("INSERT INTO customers (id) VALUES " + values([(number,) for number in range(1, 41)]))
        orders = [(one.order, one.buyer, one.at, one.status) for one in known.values()]
        rows(f"INSERT INTO orders (id, customer_id, ordered_at, status) VALUES {values(orders)}")
        items = [
            (number, one.order, number % 50, one.quantity, one.price, one.discount)
            for number, one in enumerate(lines(), start=1)
        ]
        rows(f"INSERT INTO order_items VALUES {values(items)}")
        if engine.rights_by_table:
            rows(f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role(engine, database_url)}")


COLUMNS = {"customer": "customer_id", "amount": "unit_price", "date": "ordered_at"}


def with_options(engine: Engine, url: str, out: Path, *options: str) -> Result:
    columns = [part for kind, name in COLUMNS.items() for part in (f"--{kind}-column", name)]
    arguments = ["init", "--from-database", "--out", str(out), *columns, *options]
    return CliRunner().invoke(app, arguments, env={"DATABASE_URL": engine.job_place(url)})


@pytest.mark.usefixtures("shop_of_lines")
def test_lines_with_price_quantity_and_discount(engine: Engine, database_url: str, tmp_path: Path) -> None:
    """What is cancelled or refunded is left out, and said; the preview tells what the run is going to."""
    out = tmp_path / "shop.yaml"
    result = with_options(engine, database_url, out)
    assert result.exit_code == 0, result.stderr
    expected = features(sold(lines()))
    assert selected(engine, database_url, out) == expected
    revenue, orders = sum(spent for spent, _, _ in expected.values()), sum(often for _, often, _ in expected.values())
    told = " ".join(result.stdout.split())
    assert f"Customers {len(expected)} orders.customer_id Orders {orders} orders.id; " in told
    assert f"Revenue {revenue:,.2f} order_items.unit_price * order_items.quantity - COALESCE(" in told
    assert "orders.status: left out are" in told and "cancelled (" in told and "refunded (" in told
    assert "Largest customer" in told and "order_items.discount is money off the whole line" in told
    others = tmp_path / "others.yaml"
    options = ("--leave-out", "", "--quantity-column", "none", "--order-column", "none")
    assert with_options(engine, database_url, others, *options).exit_code == 0
    found = selected(engine, database_url, others)
    assert sum(often for _, often, _ in found.values()) == len(lines())
    assert sum(spent for spent, _, _ in found.values()) == sum(line.price for line in lines())


@pytest.mark.usefixtures("shop_of_lines")
def test_codes_for_statuses_are_to_be_named(engine: Engine, database_url: str, tmp_path: Path) -> None:
    """Nothing tells that 2 is a cancelled order: without a terminal, an option must."""
    with administrator(engine, database_url) as rows:
        rows("UPDATE orders SET status = CASE WHEN status IN ('cancelled', 'refunded') THEN '2' ELSE '1' END")
    out = tmp_path / "shop.yaml"
    unclear = with_options(engine, database_url, out)
    assert unclear.exit_code == 2 and not out.exists()
    assert "--leave-out is missing: which values of orders.status are no purchases" in unclear.stderr
    strange = with_options(engine, database_url, out, "--leave-out", "cancelled")
    assert (strange.exit_code, strange.stderr) == (
        2,
        "error: --leave-out: no order has the status cancelled; there are 1, 2\n",
    )
    assert with_options(engine, database_url, out, "--leave-out", "2").exit_code == 0
    assert selected(engine, database_url, out) == features(sold(lines()))


@pytest.mark.usefixtures("shop_of_lines")
def test_tables_without_keys_are_joined_by_names(engine: Engine, database_url: str, tmp_path: Path) -> None:
    """As files are imported; not by a column that has values twice."""
    with administrator(engine, database_url) as rows:
        for table in ("order_items", "orders"):
            rows(f"CREATE TABLE {table}_copy AS SELECT * FROM {table}")
        rows("DROP TABLE order_items")
        rows("DROP TABLE orders")
        for table in ("order_items", "orders"):
            rows(f"CREATE TABLE {table} AS SELECT * FROM {table}_copy")
            rows(f"DROP TABLE {table}_copy")
        if engine.rights_by_table:
            rows(f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role(engine, database_url)}")
    out = tmp_path / "shop.yaml"
    result = with_options(engine, database_url, out)
    assert result.exit_code == 0, result.stderr
    assert selected(engine, database_url, out) == features(sold(lines()))
    with administrator(engine, database_url) as rows:
        rows("INSERT INTO orders SELECT * FROM orders WHERE id = 7")
    doubled = with_options(engine, database_url, tmp_path / "other.yaml")
    assert doubled.exit_code == 2
    assert "order_items would be joined to orders by orders.id, which has 1 values more than once" in doubled.stderr


@pytest.fixture
def log_of_texts(engine: Engine, database_url: str) -> list[Line]:
    """One table without keys, as an import makes it: all is text; some invoices are cancelled by others with a C."""
    made = lines()
    made += [line._replace(quantity=-line.quantity, order=-line.order) for line in made if line.order % 9 == 0]
    made = [line._replace(discount=Decimal(0)) for line in made]
    with administrator(engine, database_url) as rows:
        rows(
            "CREATE TABLE sales_log (InvoiceNo VARCHAR(20), StockCode VARCHAR(20), Quantity VARCHAR(20),"
            " InvoiceDate VARCHAR(20), Price VARCHAR(20), Customer VARCHAR(20))"
        )
        records = [
            (
                f"{'C' if line.order < 0 else ''}{abs(line.order)}",
                "x",
                f"{line.quantity}",
                f"{line.at.day}/{line.at.month}/{line.at:%Y %H:%M}",
                f"R$ {line.price:,.2f}".replace(".", ";").replace(",", ".").replace(";", ","),
                line.buyer,
            )
            for line in made
        ]
        rows(f"INSERT INTO sales_log VALUES {values(records)}")
        rows("INSERT INTO sales_log VALUES ('1', 'x', '1', '1/1/2025 10:00', '1,00', '')")
        if engine.rights_by_table:
            rows(f"GRANT SELECT ON sales_log TO {role(engine, database_url)}")
    return made


def test_texts_are_read_as_they_are_written(
    engine: Engine, database_url: str, log_of_texts: list[Line], tmp_path: Path
) -> None:
    """Days before months, decimal commas, a currency sign; cancelled invoices lower the spend, and are no orders."""
    out = tmp_path / "log.yaml"
    result = init(engine, database_url, out, customer="Customer", amount="Price", date="InvoiceDate")
    if "is no column" in result.stderr:  # names without quotes may have become small letters
        result = init(engine, database_url, out, customer="customer", amount="price", date="invoicedate")
    assert result.exit_code == 0, result.stderr
    assert selected(engine, database_url, out) == features(log_of_texts)
    assert "lines have a negative amount, such as those of C" in result.stdout
    with administrator(engine, database_url) as rows:
        rows("INSERT INTO sales_log VALUES ('1', 'x', '1', '1/31/2025 10:00', '1,00', '1')")
    out.unlink()
    out.with_name("log-features.sql").unlink()
    again = init(engine, database_url, out, customer="customer", amount="price", date="invoicedate")
    if "is no column" in again.stderr:
        again = init(engine, database_url, out, customer="Customer", amount="Price", date="InvoiceDate")
    assert again.exit_code == 2 and "which is the day, and which the month?" in again.stderr and not out.exists()


def test_an_amount_that_every_line_repeats_counts_once(engine: Engine, database_url: str, tmp_path: Path) -> None:
    """As in exports with a line for each product and the order's total in all of them."""
    made = lines()
    totals = {order: sum(one.price for one in made if one.order == order) for order in {one.order for one in made}}
    with administrator(engine, database_url) as rows:
        rows(
            "CREATE TABLE orders_export (order_number INTEGER, product INTEGER, email VARCHAR(50),"
            f" created_at {engine.timestamp}, total DECIMAL(12, 2))"
        )
        records = [(one.order, number, one.buyer, one.at, totals[one.order]) for number, one in enumerate(made)]
        rows(f"INSERT INTO orders_export VALUES {values(records)}")
        if engine.rights_by_table:
            rows(f"GRANT SELECT ON orders_export TO {role(engine, database_url)}")
    out = tmp_path / "shop.yaml"
    result = init(engine, database_url, out, customer="email", amount="total", date="created_at")
    assert result.exit_code == 0, result.stderr
    once = [Line(one.order, one.buyer, one.at, "", one.price, 1, Decimal(0)) for one in made]
    assert selected(engine, database_url, out) == features(once)
    assert "Each line repeats its order's amount, which counts once." in result.stdout
