"""A synthetic shop in the shape of the Olist data set: nine CSV files of any size, grown from a seed.

Everything here is invented; only names, formats and rough shares follow the real shop. The shop grows in chunks, each
with customers, products and sellers of its own, so memory does not grow with the size.
"""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from job.errors import ConfigError

Numbers = NDArray[np.int64]
Texts = NDArray[np.str_]
Times = NDArray[np.datetime64]

CHUNK = 20_000  # customers

CUSTOMERS = "olist_customers_dataset.csv"
GEOLOCATION = "olist_geolocation_dataset.csv"
ITEMS = "olist_order_items_dataset.csv"
PAYMENTS = "olist_order_payments_dataset.csv"
REVIEWS = "olist_order_reviews_dataset.csv"
ORDERS = "olist_orders_dataset.csv"
PRODUCTS = "olist_products_dataset.csv"
SELLERS = "olist_sellers_dataset.csv"
TRANSLATION = "product_category_name_translation.csv"
FILES = (CUSTOMERS, GEOLOCATION, ITEMS, PAYMENTS, REVIEWS, ORDERS, PRODUCTS, SELLERS, TRANSLATION)
CONFIG: dict[str, dict[str, Any]] = {  # the sections that say how its files are loaded, and where the label goes
    "load": {
        "data": "${DATA:-}",
        "tables": {
            "customers": CUSTOMERS,
            "sellers": SELLERS,
            "products": PRODUCTS,
            "product_category_name_translation": TRANSLATION,
            "orders": ORDERS,
            "order_items": ITEMS,
            "order_payments": PAYMENTS,
            "geolocation": GEOLOCATION,
            "order_reviews": REVIEWS,
        },
        "memory": "${MEMORY_FOLDER:-var/memory}",
    },
    "write_back": {"table": "customers", "key": "customer_unique_id", "column": "segment"},
}

# Counts follow Zipf's law: the exponent, and the most there can be.
ORDERS_PER_PERSON = (5.2, 16)
ITEMS_PER_ORDER = (3.75, 20)
PAYMENTS_PER_ORDER = (5.0, 26)
REVIEWS_PER_ORDER = (0.0125, 0.9825, 0.005)  # the shares of none, one, two

# Amounts and delays are log-normal: the median, and the standard deviation of the logarithm.
PRICE = (75.0, 0.97)
FREIGHT = (17.0, 0.5)
APPROVAL_DAYS = (0.02, 1.5)
CARRIER_DAYS = (1.8, 0.9)
DELIVERY_DAYS = (7.0, 0.7)
ESTIMATE_DAYS = (25.0, 0.3)
SHIPPING_LIMIT_DAYS = (6.0, 0.5)
ANSWER_DAYS = (1.7, 0.9)
PRODUCT_SIZES = {  # "lenght" is the real shop's spelling
    "product_name_lenght": (50, 0.2),
    "product_description_lenght": (600, 0.8),
    "product_photos_qty": (1.5, 0.6),
    "product_weight_g": (700, 1.3),
    "product_length_cm": (25, 0.5),
    "product_height_cm": (14, 0.6),
    "product_width_cm": (20, 0.4),
}

WITHOUT_PAYMENT = 0.0002
WITHOUT_CATEGORY = 0.0185
WITH_MESSAGE, WITH_TITLE = 0.41, 0.12
SHARED_REVIEW = 0.008
POINTS_PER_PLACE, POINTS_GIVEN_TWICE = 8, 0.25

FIRST_DAY, DAYS = np.datetime64("2016-09-01", "s"), 730
GROWTH = 0.6  # exponent; less is more growth

# The share of the orders, and how far they got.
CREATED, APPROVED, SHIPPED, DELIVERED = range(4)
STATUSES = pd.DataFrame(
    [
        ("delivered", 0.9702, DELIVERED),
        ("shipped", 0.0111, SHIPPED),
        ("canceled", 0.0063, CREATED),
        ("unavailable", 0.0061, APPROVED),
        ("invoiced", 0.0032, APPROVED),
        ("processing", 0.0030, APPROVED),
        ("created", 0.00007, CREATED),
        ("approved", 0.00003, APPROVED),
    ],
    columns=["status", "share", "stage"],
)
STATUSES_WITHOUT_ITEMS = ("created", "unavailable")

# An order's first payment; any other is by voucher.
PAYMENT_TYPES = {"credit_card": 0.767, "boleto": 0.198, "debit_card": 0.015, "voucher": 0.02}
SCORES = (0.115, 0.032, 0.083, 0.193, 0.577)  # the shares of 1 to 5

ADDRESS = ["zip_code_prefix", "city", "state"]
CITIES = pd.DataFrame(
    [
        ("sao paulo", "SP", -23.55, -46.63, 1000, 0.32),
        ("santos", "SP", -23.96, -46.33, 11000, 0.06),
        ("campinas", "SP", -22.91, -47.06, 13000, 0.09),
        ("rio de janeiro", "RJ", -22.91, -43.21, 20000, 0.11),
        ("niteroi", "RJ", -22.88, -43.10, 24000, 0.04),
        ("vitoria", "ES", -20.32, -40.34, 29000, 0.02),
        ("belo horizonte", "MG", -19.92, -43.94, 30000, 0.09),
        ("uberlandia", "MG", -18.92, -48.28, 38000, 0.04),
        ("salvador", "BA", -12.97, -38.50, 40000, 0.04),
        ("brasilia", "DF", -15.79, -47.88, 70000, 0.02),
        ("goiania", "GO", -16.69, -49.25, 74000, 0.02),
        ("curitiba", "PR", -25.43, -49.27, 80000, 0.04),
        ("londrina", "PR", -23.31, -51.16, 86000, 0.02),
        ("florianopolis", "SC", -27.60, -48.55, 88000, 0.04),
        ("porto alegre", "RS", -30.03, -51.23, 90000, 0.05),
    ],
    columns=["city", "state", "lat", "lng", "first_prefix", "share"],
)

# None: the translation file has no line for it.
CATEGORIES = {
    "panelas": "cookware",
    "sapatos": "shoes",
    "luminarias": "lamps",
    "mochilas": "backpacks",
    "cafe_cha": "coffee_tea",
    "camisetas": "t_shirts",
    "bicicletas": "bicycles",
    "jogos_tabuleiro": "board_games",
    "plantas_vasos": "plants_pots",
    "oculos": "eyewear",
    "aquarios": None,
    "bordado_croche": None,
}

TITLES = ["Compra acertada", "Chegou rápido, gostei", "Dá para o gasto", 'Não era "isso"', "Casa feliz 😍"]
MESSAGES = [
    "Tudo como estava no anúncio",
    "Veio bem protegido na caixa, parabéns à equipe pelo cuidado!",
    "Minha avó ficou encantada 😍",
    "Encaixou no suporte tipo A\\B",
    'Na página dizia "pronta entrega", não foi o que aconteceu.',
    '"Nota mil", comprarei outra vez',
    "O material é razoável pelo preço.\r\nTalvez compre de novo.",
    "Segue a lista:\r\n\r\n- caixa rasgada\r\n- nota fiscal ausente",
    "Paguei há semanas e continuo esperando a encomenda!!! Alguém responde?",
    "Mandaram outra cor, outro tamanho, e a loja não explica nada",
]


def write_shop(
    folder: Path, customers: int, seed: int = 1, on_progress: Callable[[int], None] | None = None
) -> dict[str, int]:
    """Write a shop of `customers` distinct people as nine CSV files; return the number of records by file name.

    The same arguments give the same bytes. The folder appears only once all is written.
    on_progress: called with the number of customers written since its last call.
    Raises ConfigError when a number makes no sense, or when the folder is a file or holds anything.
    """
    if customers < 1 or seed < 0:
        raise ConfigError(f"a shop needs at least 1 customer and a seed of at least 0, not {customers} and {seed}")
    folder = folder.resolve()
    _refuse_what_is_there(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{folder.name}-", dir=folder.parent) as scratch:
        new = Path(scratch) / "new"
        new.mkdir()
        records = dict.fromkeys(FILES, 0)
        records[TRANSLATION] = _write_translation(new / TRANSLATION)
        for number, start in enumerate(range(0, customers, CHUNK)):
            people = min(CHUNK, customers - start)
            for name, frame in _chunk(np.random.default_rng([seed, number]), people).items():
                _append(new / name, frame)
                records[name] += len(frame)
            if on_progress:
                on_progress(people)
        _refuse_what_is_there(folder)  # again: one may have come meanwhile
        new.rename(folder)
    return records


def _refuse_what_is_there(folder: Path) -> None:
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ConfigError(f"{folder} is there already; remove it, or name a new or empty folder with --out")


def _append(path: Path, frame: pd.DataFrame) -> None:
    frame.to_csv(
        path,
        mode="a",
        header=not path.exists(),
        index=False,
        lineterminator="\n",
        date_format="%Y-%m-%d %H:%M:%S",
        float_format="%.14f" if path.name == GEOLOCATION else "%.2f",
    )


def _write_translation(path: Path) -> int:
    """Write the file as the real shop has it, with a byte order mark and CRLF; return the number of records."""
    records = [f"{name},{english}\r\n" for name, english in CATEGORIES.items() if english]
    header = "product_category_name,product_category_name_english\r\n"
    path.write_text(header + "".join(records), encoding="utf-8-sig", newline="")
    return len(records)


def _chunk(rng: np.random.Generator, people: int) -> dict[str, pd.DataFrame]:
    """Return the records by file name of a small shop with all it refers to, except the translation."""
    places = _places(rng, max(1, people // 10))
    sellers = _sellers(rng, places, max(1, people // 30))
    products = _products(rng, max(1, people // 3))
    orders_each = counts(rng, people, *ORDERS_PER_PERSON)
    customers = _customers(rng, places, orders_each)
    orders = _orders(rng, customers["customer_id"], purchase_times(rng, orders_each))
    items = _items(rng, orders, products, sellers)
    without_items = orders.loc[orders["order_status"].isin(STATUSES_WITHOUT_ITEMS), "order_id"]
    return {
        GEOLOCATION: _geolocation(rng, places),
        SELLERS: sellers,
        PRODUCTS: products,
        CUSTOMERS: customers,
        ORDERS: orders,
        ITEMS: items[~items["order_id"].isin(without_items)],
        PAYMENTS: _payments(rng, items),
        REVIEWS: _reviews(rng, orders),
    }


def _ids(rng: np.random.Generator, size: int) -> Texts:
    return np.frombuffer(rng.bytes(16 * size).hex().encode(), dtype="S32").astype(np.str_)


def counts(rng: np.random.Generator, size: int, exponent: float, most: int) -> Numbers:
    """Return so many counts from 1 to `most`, by Zipf's law."""
    return np.minimum(rng.zipf(exponent, size), most)


def log_normal(rng: np.random.Generator, size: int, median: float, sigma: float) -> NDArray[np.float64]:
    """Return so many amounts around the median; sigma: the standard deviation of their logarithm."""
    return rng.lognormal(np.log(median), sigma, size)


def _delays(rng: np.random.Generator, size: int, median: float, sigma: float) -> NDArray[np.timedelta64]:
    return (log_normal(rng, size, median, sigma) * 86_400).astype("timedelta64[s]")


def _sometimes(rng: np.random.Generator, size: int, share: float, texts: list[str]) -> NDArray[np.object_]:
    """Return one of the texts in `share` of the places, None in the others."""
    chosen = rng.choice(texts, size).astype(np.object_)
    chosen[rng.random(size) >= share] = None
    return chosen


def _midnight(times: Times) -> Times:
    return times.astype("datetime64[D]").astype("datetime64[s]")


def expand(counts: Numbers) -> tuple[Numbers, Numbers]:
    """For rows that come `counts` times each, return the row of every copy, and the copy's number from 0."""
    row = np.repeat(np.arange(len(counts)), counts)
    return row, np.arange(len(row)) - (np.cumsum(counts) - counts)[row]


def _places(rng: np.random.Generator, size: int) -> pd.DataFrame:
    """Return zip prefixes with their city, state and the city's coordinates."""
    places = CITIES.sample(size, replace=True, weights="share", random_state=rng, ignore_index=True)
    prefixes = places["first_prefix"] + rng.integers(1000, size=size)
    return places.assign(zip_code_prefix=prefixes.map("{:05d}".format))


def _geolocation(rng: np.random.Generator, places: pd.DataFrame) -> pd.DataFrame:
    points = places.loc[places.index.repeat(POINTS_PER_PLACE), ["zip_code_prefix", "lat", "lng", "city", "state"]]
    points[["lat", "lng"]] += rng.normal(0, 0.03, (len(points), 2))
    given_twice = points.sample(frac=POINTS_GIVEN_TWICE, random_state=rng)  # the file has no key
    return pd.concat([points, given_twice]).add_prefix("geolocation_")


def _sellers(rng: np.random.Generator, places: pd.DataFrame, size: int) -> pd.DataFrame:
    sellers = places[ADDRESS].sample(size, replace=True, random_state=rng)
    sellers.insert(0, "id", _ids(rng, size))
    return sellers.add_prefix("seller_")


def _products(rng: np.random.Generator, size: int) -> pd.DataFrame:
    products = pd.DataFrame({"product_id": _ids(rng, size)})
    products["product_category_name"] = rng.choice(list(CATEGORIES), size)
    for column, (median, sigma) in PRODUCT_SIZES.items():
        products[column] = pd.Series(np.ceil(log_normal(rng, size, median, sigma)), dtype="Int64")
    products.loc[rng.random(size) < WITHOUT_CATEGORY, products.columns[1:5]] = None
    return products


def _customers(rng: np.random.Generator, places: pd.DataFrame, orders_each: Numbers) -> pd.DataFrame:
    """Return one record for each order of each person, as the shop has them; a person's follow each other."""
    people = places[ADDRESS].sample(len(orders_each), replace=True, random_state=rng)
    people.insert(0, "unique_id", _ids(rng, len(people)))
    customers = people.iloc[np.repeat(np.arange(len(people)), orders_each)].reset_index(drop=True)
    customers.insert(0, "id", _ids(rng, len(customers)))
    return customers.add_prefix("customer_")


def purchase_times(rng: np.random.Generator, orders_each: Numbers) -> Times:
    """Return the times of all orders; each person's fall on different days."""
    person, position = expand(orders_each)
    first = (DAYS * rng.random(len(orders_each)) ** GROWTH).astype(np.int64)
    gap = rng.integers(1, DAYS // orders_each, endpoint=True)
    # Past the end it goes on at the start; as all gaps together are less than a turn, no day comes again.
    day = (first[person] + position * gap[person]) % DAYS
    return FIRST_DAY + (day * 86_400 + rng.integers(86_400, size=len(day))).astype("timedelta64[s]")


def _orders(rng: np.random.Generator, customer_ids: "pd.Series[str]", purchased: Times) -> pd.DataFrame:
    size = len(purchased)
    status = STATUSES.sample(size, replace=True, weights="share", random_state=rng)
    stage = status["stage"].to_numpy()
    approved = purchased + _delays(rng, size, *APPROVAL_DAYS)
    shipped = approved + _delays(rng, size, *CARRIER_DAYS)
    delivered = shipped + _delays(rng, size, *DELIVERY_DAYS)
    never = np.datetime64("NaT", "s")
    return pd.DataFrame(
        {
            "order_id": _ids(rng, size),
            "customer_id": customer_ids,
            "order_status": status["status"].to_numpy(),
            "order_purchase_timestamp": purchased,
            "order_approved_at": np.where(stage >= APPROVED, approved, never),
            "order_delivered_carrier_date": np.where(stage >= SHIPPED, shipped, never),
            "order_delivered_customer_date": np.where(stage >= DELIVERED, delivered, never),
            "order_estimated_delivery_date": _midnight(purchased + _delays(rng, size, *ESTIMATE_DAYS)),
        }
    )


def _items(
    rng: np.random.Generator, orders: pd.DataFrame, products: pd.DataFrame, sellers: pd.DataFrame
) -> pd.DataFrame:
    """Return one item or more for every order; a product has one price and one seller."""
    price = log_normal(rng, len(products), *PRICE)
    seller = rng.integers(len(sellers), size=len(products))
    order, position = expand(counts(rng, len(orders), *ITEMS_PER_ORDER))
    product = rng.integers(len(products), size=len(order))
    limit = orders["order_purchase_timestamp"] + _delays(rng, len(orders), *SHIPPING_LIMIT_DAYS)
    return pd.DataFrame(
        {
            "order_id": orders["order_id"].to_numpy()[order],
            "order_item_id": position + 1,
            "product_id": products["product_id"].to_numpy()[product],
            "seller_id": sellers["seller_id"].to_numpy()[seller[product]],
            "shipping_limit_date": limit.to_numpy()[order],
            "price": price[product].round(2),
            "freight_value": log_normal(rng, len(order), *FREIGHT).round(2),
        }
    )


def _payments(rng: np.random.Generator, items: pd.DataFrame) -> pd.DataFrame:
    """Return payments that add up to the orders' items to the cent; very few orders have none."""
    totals = (items["price"] + items["freight_value"]).groupby(items["order_id"], sort=False).sum()
    totals = totals[rng.random(len(totals)) >= WITHOUT_PAYMENT]
    cents = (totals.to_numpy() * 100).round().astype(np.int64)
    each = counts(rng, len(totals), *PAYMENTS_PER_ORDER)
    order, position = expand(each)
    first = position == 0
    # The first payment is what the others leave.
    part = np.where(first, 0, rng.random(len(order)) * (cents // each)[order]).astype(np.int64)
    part[first] = cents - np.bincount(order, weights=part, minlength=len(cents)).astype(np.int64)
    kind = np.where(first, rng.choice(list(PAYMENT_TYPES), len(order), p=list(PAYMENT_TYPES.values())), "voucher")
    installments = np.minimum(rng.geometric(0.28, len(order)), 10)
    return pd.DataFrame(
        {
            "order_id": totals.index.to_numpy()[order],
            "payment_sequential": position + 1,
            "payment_type": kind,
            "payment_installments": np.where(kind == "credit_card", installments, 1),
            "payment_value": part / 100,
        }
    )


def _reviews(rng: np.random.Generator, orders: pd.DataFrame) -> pd.DataFrame:
    order, position = expand(rng.choice(3, len(orders), p=REVIEWS_PER_ORDER))
    reviewed = orders.iloc[order]
    size = len(reviewed)
    arrival = reviewed["order_delivered_customer_date"].fillna(reviewed["order_estimated_delivery_date"])
    created = _midnight(arrival.to_numpy()) + np.timedelta64(1, "D")
    # Now and then an order shares the review id of the order before it, so the id alone is no key.
    shared = (position == 0) & (rng.random(size) < SHARED_REVIEW)
    source = np.maximum(np.arange(size) - shared, 0)
    return pd.DataFrame(
        {
            "review_id": _ids(rng, size)[source],
            "order_id": reviewed["order_id"].to_numpy(),
            "review_score": 1 + rng.choice(5, size, p=SCORES),
            "review_comment_title": _sometimes(rng, size, WITH_TITLE, TITLES),
            "review_comment_message": _sometimes(rng, size, WITH_MESSAGE, MESSAGES),
            "review_creation_date": created,
            "review_answer_timestamp": created + _delays(rng, size, *ANSWER_DAYS),
        }
    )
