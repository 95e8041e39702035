"""What is read out of texts, statuses and discounts, by their looks."""

import pytest
from public_schemas import shop

from job.setup import currencies, discounts, guests, statuses, texts
from job.setup.currencies import Currency
from job.setup.discounts import Discount
from job.setup.shop import ShopColumn
from job.setup.statuses import Status
from job.setup.texts import DecimalId, NumberTime, TextNumber, TextTime

CODES = (
    "grand_total",
    "order_currency_code",
    "base_grand_total",
    "base_currency_code",
)


@pytest.mark.parametrize(
    ("seen", "read"),
    [
        (["12", "7.50", ""], TextNumber((), ".")),
        (["1.234,50", "7,5", "-3,00"], TextNumber((".",), ",")),
        (["1,234.50", "0.1"], TextNumber((",",), ".")),
        (["1.234.567", "12"], TextNumber((".",), ",")),
        (["R$ 1.234,50", "R$ 2,00"], TextNumber(("R$", "."), ",")),
        (["12,50 €", "1 200,00 €"], TextNumber((" ", "€"), ",")),
        (["1234,500", "2,250"], TextNumber((), ",")),
        (["$1,234.56", "-$57.80"], texts.TextNumber(("$", ","), ".")),
        (["$1.20", "-$-3.50"], "'-$-3.50': no number"),
        (["1.5", "1,5"], "1,5 and 1.5 side by side"),
        (["1,234", "5"], "'1,234', which may be thousands or decimals"),
        (["5", "(5.00)"], "'(5.00)': no number"),
        (["5", "n/a"], "'n/a': no number"),
        (["", " "], "nothing"),
    ],
)
def test_numbers_in_texts(seen: list[str], read: TextNumber | str) -> None:
    assert texts.number(seen) == read


@pytest.mark.parametrize(
    ("seen", "read"),
    [
        (["2025-01-31", "2025-01-31 10:56:01.5", "2025-01-31T10:56"], TextTime("")),
        (["2025/01/31"], TextTime("%Y/%m/%d")),
        (["20250131", "20240101"], TextTime("%Y%m%d")),
        (["31/1/2025 8:26", "1/2/2025 18:00"], TextTime("%d/%m/%Y %H:%M")),
        (["12/1/2010 8:26", "12/23/2010 18:00"], TextTime("%m/%d/%Y %H:%M")),
        (["01.02.2025", "03.04.2025"], TextTime("%d.%m.%Y")),
        (["31-12-24 10:00:00"], TextTime("%d-%m-%y %H:%M:%S")),
        (["01/02/2025"], "'01/02/2025': which is the day, and which the month?"),
        (["13/02/2025", "02/13/2025"], "'13/02/2025': which is the day, and which the month?"),
        (["31/01/2025", "31.01.2025"], "'31/01/2025' and others that are written otherwise"),
        (["31/01/2025", "yesterday"], "'31/01/2025': no day, as the job knows them"),
        (["2025-01-31 10:00:59 -0300", "2025-01-31T10:00:59.123Z"], TextTime("", offset=True)),
        (
            ["2025-01-31 10:00:59 -0300", "2025-01-31 10:00:59"],
            "'2025-01-31 10:00:59 -0300': no day, as the job knows them",
        ),
        (["2025-01-31 10:00 -0300"], "'2025-01-31 10:00 -0300': no day, as the job knows them"),
        ([""], "'': no day, as the job knows them"),
    ],
)
def test_days_in_texts(seen: list[str], read: TextTime | str) -> None:
    assert texts.time(seen) == read


@pytest.mark.parametrize(
    ("seen", "read"),
    [
        ([1_704_449_472, 0], NumberTime(1)),
        ([1_704_449_472_000], NumberTime(1000)),
        ([1_704_449_472, 1_704_449_472_000], "1704449472: no time since 1970"),
        ([20250131], "20250131: no time since 1970"),
        ([0], "nothing"),
    ],
)
def test_numbers_that_are_times(seen: list[int], read: NumberTime | str) -> None:
    assert texts.number_time(seen) == read


def test_ids_with_decimals() -> None:
    assert texts.decimal_id(["17850.0", "", "13047.00"]) == DecimalId()
    assert texts.decimal_id(["17850.0", "A-7"]) is texts.decimal_id(["17850.5"]) is texts.decimal_id([]) is None


def column(name: str, kind: str = "text") -> ShopColumn:
    return ShopColumn("shop", True, "orders", name, kind, kind)


def named(column: ShopColumn | None) -> str | None:
    return column.name if column else None


@pytest.mark.parametrize(
    ("columns", "amount", "right"),
    [
        ("total dec, currency text, currency_value dec, exchange_rate dec", "total", "currency"),
        ("grand_total dec, base_grand_total dec, base_currency_code text, order_currency_code text", *CODES[:2]),
        ("grand_total dec, base_grand_total dec, base_currency_code text, order_currency_code text", *CODES[2:]),
        ("total dec, moeda text", "total", "moeda"),
        ("total dec, currency_symbol text, currency_rate dec", "total", None),
        ("total dec, id_currency int, currency_symbol text", "total", "id_currency"),
        ("total dec, currency_id int", "total", "currency_id"),
        ("total dec, country text", "total", None),
    ],
)
def test_which_column_says_the_currency(columns: str, amount: str, right: str | None) -> None:
    found = shop([f"orders: id int*, {columns}"])
    [of] = [one for one in found.columns if one.name == amount]
    assert named(currencies.column(found, of, [of.of])) == right


def test_the_same_amount_in_the_shops_own_currency() -> None:
    found = shop(["orders: id int*, grand_total dec, base_grand_total dec, subtotal dec"])
    _, total, base, subtotal = found.columns
    assert currencies.base_beside(found, total) == base and currencies.base_beside(found, subtotal) is None
    assert currencies.column(found, base, [base.of]) is None


def test_who_has_no_id_has_an_email_address_beside_it() -> None:
    found = shop(["orders: id int*, customer_id int, shipping_email text, billing_email text, email_sent int"])
    assert named(guests.email_beside(found, found.columns[1])) == "billing_email"
    [email] = shop(["orders: customer_email text"]).columns
    assert guests.is_email(email) and guests.email_beside(found, email) is None
    found = shop(["customers: id int*, email text"])
    assert guests.email_beside(found, found.columns[0]) is None  # who has a row has an id


@pytest.mark.parametrize(
    ("columns", "right"),
    [
        ("id int*, total dec, parent_order_id int", "parent_order_id"),
        ("id int*, total dec, refunded_order int", "refunded_order"),
        ("id int*, total dec, parent_order_id text", None),
        ("id int*, total dec, parent_id int, original_id int", None),
        ("total dec, parent_id int", None),
    ],
)
def test_what_leads_from_a_refund_to_its_order(columns: str, right: str | None) -> None:
    found = shop([f"orders: {columns}"])
    [total] = [one for one in found.columns if one.name == "total"]
    assert named(guests.parent_of(found, total)) == right


def test_refunds_are_below_zero() -> None:
    assert guests.are_refunds({"children": 10, "negative": 9})
    assert not guests.are_refunds({"children": 10, "negative": 5})
    assert not guests.are_refunds({"children": 0, "negative": 0})


def test_names_of_statuses_are_looked_for() -> None:
    """By a key, by a column of the same name, and in the table that is called so."""
    orders = "orders: id int*, {}"
    for tables, right in [
        ([orders.format("status_id int >states.id"), "states: id int*, label text"], ["states.label"]),
        ([orders.format("order_status_id int"), "order_status: order_status_id int, language_id int, name text"],
         ["order_status.name"]),
        ([orders.format("current_state int"), "ps_order_state: id_order_state int*, color text",
          "ps_order_state_lang: id_order_state int, id_lang int, name text"],
         ["ps_order_state_lang.name", "ps_order_state.color"]),
        ([orders.format("current_state int"), "order_states: id int*, color text, title text"], ["order_states.title"]),
        ([orders.format("status int"), "people: id int*, name text"], []),
        ([orders.format("status text"), "order_states: id int*, name text"], []),
    ]:  # fmt: skip
        found = shop(tables)
        assert [str(name) for _, name in statuses.lookups(found, found.columns[1])] == right


def test_codes_of_currencies_are_looked_for() -> None:
    tables = ["orders: id int*, total dec, id_currency int", "ps_currency: id_currency int*, name text, iso_code text"]
    found = shop(tables)
    lookup = currencies.lookup(found, found.columns[2])
    assert lookup and [str(one) for one in lookup] == ["ps_currency.id_currency", "ps_currency.iso_code"]
    euro, dollar = (Currency(found.columns[2], *one) for one in (("1", 9, 90.0, "EUR"), ("2", 1, 5.0, "usd")))
    assert currencies.listed([euro, dollar]) == "1 EUR (9 rows, 90.00), 2 usd (1 rows, 5.00)"
    assert [currencies.code([euro, dollar], kept) for kept in ("1", "2", "all")] == ["EUR", "USD", ""]
    assert currencies.lookup(found, found.columns[0]) is None


def test_a_status_goes_by_its_name() -> None:
    assert Status(column("status_id", "whole"), "4", 1, "Cancelled").is_none
    assert not statuses.is_clear([Status(column("status_id", "whole"), "4", 1)])
    assert statuses.is_clear([Status(column("status_id", "whole"), "3", 1, "Versendet")])


@pytest.mark.parametrize(
    ("columns", "amount", "right"),
    [
        ("Total text, Refunded_Amount text, Refund_reason text", "Total", "Refunded_Amount"),
        ("grand_total dec, base_grand_total dec, total_refunded dec, base_total_refunded dec", "grand_total",
         "total_refunded"),
        ("grand_total dec, base_grand_total dec, total_refunded dec, base_total_refunded dec", "base_grand_total",
         "base_total_refunded"),
        ("total dec, tax_refunded_amount dec, qty_refunded dec", "total", None),
    ],
)  # fmt: skip
def test_what_was_paid_back(columns: str, amount: str, right: str | None) -> None:
    found = shop([f"orders: {columns}"])
    [of] = [one for one in found.columns if one.name == amount]
    assert named(discounts.refunded_beside(found, of)) == right


def test_what_was_paid_back_is_taken_off_where_it_is_clear() -> None:
    back = column("refunded_amount", "decimal")
    seen = {"rows": 1000, "most": 80, "negative": 0, "beyond": 0, "broken": 0}
    assert discounts.paid_back(back, seen) == Discount(back, "money")
    assert discounts.paid_back(back, {**seen, "most": 0}) is None
    for unclear in ({"negative": 3}, {"beyond": 900}):
        assert discounts.paid_back(back, {**seen, **unclear}) == Discount(back, "unclear")
    assert "not taken off" in discounts.told(Discount(back, "unclear"))


@pytest.mark.parametrize(
    "word",
    [
        *("cancelled", "Canceled", "wc-cancelled", "cancelado", "annulé", "storniert", "STORNO", "anulada"),
        *("refunded", "wc-refunded", "reembolsado", "remboursée", "erstattet", "devolvido", "returned"),
        *("failed", "voided", "payment_declined", "Payment error", "abgelehnt", "draft", "checkout-draft", "Unpaid"),
        *("pending_payment", "Erreur de paiement"),
    ],
)
def test_what_no_purchase_is_called(word: str) -> None:
    assert Status(column("status"), word, 1).is_none


@pytest.mark.parametrize(
    "word",
    [
        *("completed", "paid", "partially_refunded", "Shipped", "pending", "on-hold", "entregue", "bezahlt", "livré"),
        *("teilweise erstattet", "not cancelled", "processing", "5", "new"),
    ],
)
def test_what_counts(word: str) -> None:
    assert not Status(column("status"), word, 1).is_none


@pytest.mark.parametrize(
    ("name", "kind", "values", "is_status", "is_clear"),
    [
        ("status", "text", ["completed", "cancelled"], True, True),
        ("order_status_id", "whole", ["1", "5", "7"], True, False),
        ("estado", "text", ["SP", "RJ", "MG"], False, False),
        ("estado", "text", ["pagado", "cancelado"], True, True),
        ("state", "text", ["NY", "CA"], False, False),
        ("status", "text", ["completed"], False, True),
    ],
)
def test_statuses_are_told_from_states(
    name: str, kind: str, values: list[str], is_status: bool, is_clear: bool
) -> None:
    found = [Status(column(name, kind), value, 1) for value in values]
    assert (statuses.are_statuses(column(name, kind), found), statuses.is_clear(found)) == (is_status, is_clear)


@pytest.mark.parametrize(
    ("name", "most", "beyond", "broken", "kind"),
    [
        ("discount", 0.25, 0, 9, "fraction"),
        ("discount", 12.5, 0, 9, "money"),
        ("discount", 20, 3, 0, "percent"),
        ("discount", 20, 0, 0, "unclear"),
        ("discount", 0, 0, 0, "unclear"),
        ("discount", 250, 9, 9, "unclear"),
        ("discount_amount", 1, 0, 9, "money"),
        ("remise_percent", 15, 0, 0, "percent"),
    ],
)
def test_how_a_discount_is_meant(name: str, most: float, beyond: int, broken: int, kind: str) -> None:
    row = {"most": most, "negative": 0, "beyond": beyond, "broken": broken}
    assert discounts.meant(column(name), row).kind == kind
    assert discounts.meant(column(name), {**row, "negative": 1}).kind == "unclear"


def test_what_a_line_is_worth() -> None:
    def worth(kind: str) -> str:
        return discounts.worth("p", "q", Discount(column("d"), kind), "d")  # type: ignore[arg-type]

    assert worth("money") == "p * q - COALESCE(d, 0)"
    assert worth("fraction") == "p * q * (1 - COALESCE(d, 0))"
    assert worth("percent") == "p * q * (1 - COALESCE(d, 0) * 0.01)"
    assert worth("unclear") == "p * q" == discounts.worth("p", "q", None, "")
