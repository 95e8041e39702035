"""What is read out of texts, statuses and discounts, by their looks."""

import pytest

from job.setup import discounts, statuses, texts
from job.setup.discounts import Discount
from job.setup.shop import ShopColumn
from job.setup.statuses import Status
from job.setup.texts import TextNumber, TextTime


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
        (["2025-01-31 10:00 -0300"], "'2025-01-31 10:00 -0300': no day, as the job knows them"),
        ([""], "'': no day, as the job knows them"),
    ],
)
def test_days_in_texts(seen: list[str], read: TextTime | str) -> None:
    assert texts.time(seen) == read


def column(name: str, kind: str = "text") -> ShopColumn:
    return ShopColumn("shop", True, "orders", name, kind, kind)


@pytest.mark.parametrize(
    "word",
    [
        *("cancelled", "Canceled", "wc-cancelled", "cancelado", "annulé", "storniert", "STORNO", "anulada"),
        *("refunded", "wc-refunded", "reembolsado", "remboursée", "erstattet", "devolvido", "returned"),
        *("failed", "voided", "payment_declined", "abgelehnt", "draft", "checkout-draft", "Unpaid", "pending_payment"),
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
