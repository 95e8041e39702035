"""The synthetic shop: its files are read back with DuckDB and Python's csv module, never with our own code."""

from __future__ import annotations  # DuckDB complains at exit when its types were named at run time

import csv
import re
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from job.errors import ConfigError
from job.setup import sample

PEOPLE = 41_000  # two full chunks and a rest

ID = "[0-9a-f]{32}"
COUNT = r"[1-9]\d*"
MONEY = r"\d+\.\d\d"
DAY = r"\d{4}-\d\d-\d\d"
TIME = rf"{DAY} \d\d:\d\d:\d\d"
CITY = "[a-z ]+,[A-Z]{2}"
TEXT = r'([^",\r\n]+|"([^"]|"")+")?'

FORMATS = {  # of every file: its header, and what each record looks like
    "olist_customers_dataset.csv": "customer_id,customer_unique_id,customer_zip_code_prefix,customer_city,"
    "customer_state\n"
    rf"{ID},{ID},\d{{5}},{CITY}",
    "olist_geolocation_dataset.csv": "geolocation_zip_code_prefix,geolocation_lat,geolocation_lng,geolocation_city,"
    "geolocation_state\n"
    rf"\d{{5}},-\d+\.\d{{14}},-\d+\.\d{{14}},{CITY}",
    "olist_order_items_dataset.csv": "order_id,order_item_id,product_id,seller_id,shipping_limit_date,price,"
    "freight_value\n"
    f"{ID},{COUNT},{ID},{ID},{TIME},{MONEY},{MONEY}",
    "olist_order_payments_dataset.csv": "order_id,payment_sequential,payment_type,payment_installments,payment_value\n"
    f"{ID},{COUNT},(credit_card|debit_card|boleto|voucher),{COUNT},{MONEY}",
    "olist_order_reviews_dataset.csv": "review_id,order_id,review_score,review_comment_title,review_comment_message,"
    "review_creation_date,review_answer_timestamp\n"
    f"{ID},{ID},[1-5],{TEXT},{TEXT},{DAY} 00:00:00,{TIME}",
    "olist_orders_dataset.csv": "order_id,customer_id,order_status,order_purchase_timestamp,order_approved_at,"
    "order_delivered_carrier_date,order_delivered_customer_date,order_estimated_delivery_date\n"
    f"{ID},{ID},[a-z]+,{TIME},({TIME})?,({TIME})?,({TIME})?,{DAY} 00:00:00",
    "olist_products_dataset.csv": "product_id,product_category_name,product_name_lenght,product_description_lenght,"
    "product_photos_qty,product_weight_g,product_length_cm,product_height_cm,product_width_cm\n"
    f"{ID},([a-z_]+,{COUNT},{COUNT},{COUNT}|,,,),{COUNT},{COUNT},{COUNT},{COUNT}",
    "olist_sellers_dataset.csv": "seller_id,seller_zip_code_prefix,seller_city,seller_state\n"
    rf"{ID},\d{{5}},{CITY}",
    "product_category_name_translation.csv": "\ufeffproduct_category_name,product_category_name_english\r\n"
    "[a-z_]+,[a-z_]+\r",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sample") / "shop"
    sample.write_shop(path, PEOPLE)
    return path


@pytest.fixture(scope="module")
def shop(folder: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        for name in FORMATS:
            table = name.removeprefix("olist_").removesuffix(".csv").removesuffix("_dataset")
            connection.execute(
                f"create table {table} as select * from read_csv('{folder / name}', header = true, delim = ',', "
                f"""quote = '"', escape = '"', all_varchar = true)"""
            )
        yield connection


def number(shop: duckdb.DuckDBPyConnection, query: str) -> float:
    [(value,)] = shop.execute(query).fetchall()
    return float(value)


def records(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file, strict=True))


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_same_arguments_same_bytes(tmp_path: Path) -> None:
    first, again, other = tmp_path / "first", tmp_path / "again", tmp_path / "other"
    for folder, customers, seed in [(first, 300, 1), (again, 300, 1), (other, 300, 2)]:
        sample.write_shop(folder, customers, seed)
    assert contents(first) == contents(again)
    same = contents(first).items() & contents(other).items()
    assert {name for name, _ in same} == {"product_category_name_translation.csv"}
    assert sorted(tmp_path.iterdir()) == [again, first, other]


@pytest.mark.parametrize("name", FORMATS)
def test_every_record_has_the_real_shops_format(folder: Path, name: str) -> None:
    header, record = FORMATS[name].split("\n")
    text = (folder / name).read_bytes().decode()
    match = re.match(f"{header}\n(?>{record}\n)++", text)
    assert match, text[:200]
    assert match.end() == len(text), text[match.end() :][:200]


def test_messages_are_awkward_to_read(folder: Path) -> None:
    messages = [row["review_comment_message"] for row in records(folder / "olist_order_reviews_dataset.csv")]
    for part in ["\r\n", ",", '"', "\\", "ã", "\N{SMILING FACE WITH HEART-SHAPED EYES}"]:
        assert sum(part in message for message in messages) > len(messages) / 100, part


def test_keys_are_unique(shop: duckdb.DuckDBPyConnection) -> None:
    for table, key in [
        ("customers", "customer_id"),
        ("orders", "order_id"),
        ("orders", "customer_id"),
        ("order_items", "order_id, order_item_id"),
        ("order_payments", "order_id, payment_sequential"),
        ("order_reviews", "review_id, order_id"),
        ("products", "product_id"),
        ("sellers", "seller_id"),
        ("product_category_name_translation", "product_category_name"),
    ]:
        assert number(shop, f"select count(*) - count(distinct ({key})) from {table}") == 0, table


def test_references_hold(shop: duckdb.DuckDBPyConnection) -> None:
    for child, key, parent, parent_key in [
        ("orders", "customer_id", "customers", "customer_id"),
        ("customers", "customer_id", "orders", "customer_id"),
        ("order_items", "order_id", "orders", "order_id"),
        ("order_items", "product_id", "products", "product_id"),
        ("order_items", "seller_id", "sellers", "seller_id"),
        ("order_payments", "order_id", "orders", "order_id"),
        ("order_reviews", "order_id", "orders", "order_id"),
        ("customers", "customer_zip_code_prefix", "geolocation", "geolocation_zip_code_prefix"),
        ("sellers", "seller_zip_code_prefix", "geolocation", "geolocation_zip_code_prefix"),
    ]:
        orphans = f"select count(*) from {child} anti join {parent} on {child}.{key} = {parent}.{parent_key}"
        assert number(shop, orphans) == 0, (child, key)


def test_payments_of_an_order_sum_to_its_items(shop: duckdb.DuckDBPyConnection) -> None:
    compared, unequal = shop.execute("""
        with paid as (select order_id, sum(payment_value::decimal(12, 2)) as paid from order_payments group by all),
        bought as (
            select order_id, sum(price::decimal(12, 2) + freight_value::decimal(12, 2)) as bought
            from order_items group by all
        )
        select count(*), count(*) filter (paid <> bought) from paid join bought using (order_id)
    """).fetchall()[0]
    assert compared > PEOPLE * 0.99
    assert unequal == 0


def test_dates_are_in_order_and_present_as_far_as_the_order_got(shop: duckdb.DuckDBPyConnection) -> None:
    stages = shop.execute("""
        select distinct order_status, concat_ws(' ', if(order_approved_at is null, null, 'approved'),
            if(order_delivered_carrier_date is null, null, 'sent'),
            if(order_delivered_customer_date is null, null, 'delivered'))
        from orders where order_status not in ('created', 'approved') -- too rare to be sure of them
    """).fetchall()
    expected = {"delivered": "approved sent delivered", "shipped": "approved sent", "canceled": ""}
    expected |= dict.fromkeys(["unavailable", "invoiced", "processing"], "approved")
    assert sorted(stages) == sorted(expected.items())
    disorder = """
        select count(*) from orders left join order_reviews using (order_id)
        where order_purchase_timestamp > order_approved_at or order_approved_at > order_delivered_carrier_date
            or order_delivered_carrier_date > order_delivered_customer_date
            or order_purchase_timestamp > order_estimated_delivery_date
            or order_purchase_timestamp > review_creation_date
            or order_delivered_customer_date > review_creation_date or review_creation_date > review_answer_timestamp
    """
    assert number(shop, disorder) == 0


PER_PERSON = "(select count(*) as n from customers group by customer_unique_id)"
SPEND = """(
    select sum(payment_value::double) as spend from order_payments join orders using (order_id)
    join customers using (customer_id) group by customer_unique_id
)"""
DATES = "(customer_unique_id, order_purchase_timestamp::timestamp::date)"
TRANSLATION = "product_category_name_translation using (product_category_name)"


@pytest.mark.parametrize(
    ("query", "low", "high"),
    [
        ("select count(distinct customer_unique_id) from customers", PEOPLE, PEOPLE),
        (f"select avg((n = 1)::int) from {PER_PERSON}", 0.966, 0.973),
        (f"select avg((n = 3)::int) from {PER_PERSON}", 0.002, 0.0045),
        (f"select max(n) from {PER_PERSON}", 6, 16),
        (f"select count(*) - count(distinct {DATES}) from orders join customers using (customer_id)", 0, 0),
        ("select avg((order_purchase_timestamp between '2016-09' and '2017-09')::int) from orders", 0.27, 0.37),
        ("select avg((order_purchase_timestamp between '2017-09' and '2018-09')::int) from orders", 0.63, 0.73),
        (f"select median(spend) from {SPEND}", 100, 111),
        (f"select avg(spend) from {SPEND}", 155, 172),
        (f"select quantile_cont(spend, 0.99) from {SPEND}", 800, 1050),
        ("select (select count(*) from order_items) / count(*) from orders", 1.12, 1.16),
        ("select count(*) - count(distinct (product_id, price, seller_id)) from order_items", 1000, PEOPLE),
        ("select (select count(*) from order_payments) / count(*) from orders", 1.035, 1.055),
        ("select count(*) from orders anti join order_payments using (order_id)", 1, 25),
        ("select avg((payment_type = 'credit_card')::int) from order_payments", 0.72, 0.76),
        ("select avg((order_status = 'delivered')::int) from orders", 0.967, 0.974),
        ("select avg((order_status = 'shipped')::int) from orders", 0.0095, 0.013),
        ("select avg((order_status = 'canceled')::int) from orders", 0.005, 0.008),
        ("select avg((order_status = 'unavailable')::int) from orders", 0.005, 0.0075),
        ("select count(*) from orders semi join order_items using (order_id) where order_status = 'unavailable'", 0, 0),
        ("select (select count(*) from order_reviews) / count(*) from orders", 0.985, 1.0),
        ("select avg((review_score = '5')::int) from order_reviews", 0.56, 0.60),
        ("select avg((review_comment_message is not null)::int) from order_reviews", 0.39, 0.43),
        ("select avg((review_comment_title is not null)::int) from order_reviews", 0.10, 0.14),
        ("select 1 - count(distinct review_id) / count(*) from order_reviews", 0.004, 0.013),
        ("select avg((product_category_name is null)::int) from products", 0.015, 0.022),
        (f"select count(distinct product_category_name) from products anti join {TRANSLATION}", 1, 2),
        ("select avg((customer_zip_code_prefix like '0%')::int) from customers", 0.2, 0.4),
        ("select count(*) - count(distinct geolocation) from geolocation", 100, 10_000),
    ],
)
def test_statistics_follow_the_real_shop(shop: duckdb.DuckDBPyConnection, query: str, low: float, high: float) -> None:
    assert low <= number(shop, query) <= high


@pytest.mark.parametrize(("seed", "empty"), [(1, None), (21, "olist_order_reviews_dataset.csv")])
def test_one_customer_is_a_shop(tmp_path: Path, seed: int, empty: str | None) -> None:
    counts = sample.write_shop(tmp_path, 1, seed)
    assert counts == {name: len(records(tmp_path / name)) for name in FORMATS}
    assert {name for name, count in counts.items() if count == 0} == {empty} - {None}


def test_progress_and_counts_of_several_chunks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sample, "CHUNK", 7)
    progress: list[int] = []
    counts = sample.write_shop(tmp_path, 100, on_progress=progress.append)
    assert counts == {name: len(records(tmp_path / name)) for name in FORMATS}
    assert progress == [7] * 14 + [2]


def test_an_interrupted_run_leaves_nothing(tmp_path: Path) -> None:
    def interrupt(_: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sample.write_shop(tmp_path / "shop", 20, on_progress=interrupt)
    assert list(tmp_path.iterdir()) == []


def test_refuses_what_is_there(tmp_path: Path) -> None:
    """Also a folder that holds nothing but the nine names: they may be the real shop's."""
    real = tmp_path / "olist_orders_dataset.csv"
    real.write_text("mine")
    progress: list[int] = []
    for place in (tmp_path, real):
        with pytest.raises(ConfigError, match=re.escape(str(place)) + " is there already"):
            sample.write_shop(place, 10, on_progress=progress.append)
    assert progress == [], "it must refuse before the work, not after"
    assert real.read_text() == "mine"


def test_keeps_a_file_that_appears_during_the_run(tmp_path: Path) -> None:
    folder = tmp_path / "shop"
    folder.mkdir()
    with pytest.raises(ConfigError, match="is there already"):
        sample.write_shop(folder, 10, on_progress=lambda _: (folder / "notes.txt").touch())
    assert [path.name for path in folder.iterdir()] == ["notes.txt"]


def test_refuses_senseless_numbers(tmp_path: Path) -> None:
    for customers, seed in [(0, 1), (10, -1)]:
        with pytest.raises(ConfigError, match=f"not {customers} and {seed}"):
            sample.write_shop(tmp_path / "shop", customers, seed)
    assert list(tmp_path.iterdir()) == []
