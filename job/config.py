"""The YAML config: read, filled in from the environment and secret files, validated at once.

`${NAME}` and `${NAME:-default}` in a value stand for an environment variable. In `database:`, `password_file: PATH`
stands for `password:` with the file's content; so for every other key there, and in `notify:`.
"""

import math
import os
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date
from pathlib import Path
from string import ascii_uppercase
from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple, Union, get_args

import yaml
from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
    model_validator,
)
from yaml.composer import ComposerError
from yaml.constructor import ConstructorError

from job import formats
from job.adapters import dialects
from job.adapters.settings import DatabaseSettings
from job.config_section import Section
from job.errors import ConfigError
from job.staging.values import NO_CURRENCY
from job.tables import Column, LabelColumn, Name, Own
from job.transforms import TransformName

VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}")  # name, default; an editor reads it, too
EVERY = re.compile(r"every (?P<days>[1-9][0-9]{0,3})d")
MOMENTS = ("DATE", "TIMESTAMP")  # types of columns that say when
SECRET = ("database", "notify")  # sections whose keys may be in files
WEBHOOK = re.compile(r"https?://[!-.0-~]+(/[!-~]*)?", re.IGNORECASE)
PERCENT = re.compile(r"([0-9]+(?:[.][0-9]+)?) *%")


def _share(value: Any) -> float:
    """A share of 1, from `25%` or `0.25`."""
    match = PERCENT.fullmatch(str(value))
    number = float(match[1]) / 100 if match else value
    if isinstance(number, bool) or not isinstance(number, int | float) or not 0 <= number <= 1:
        raise ValueError(f"{value} is no share; write one such as 0.5%")
    return float(number)


Share = Annotated[
    float,
    BeforeValidator(_share),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "number", "minimum": 0, "maximum": 1},
                {"type": "string", "pattern": f"^{PERCENT.pattern}$|{VARIABLE.pattern}"},
            ]
        }
    ),
]


def _beside_config(path: Path, info: ValidationInfo) -> Path:
    return Path(info.context, path) if info.context else path


SqlFile = Annotated[Path, AfterValidator(_beside_config)]  # in the config's folder, where its path is relative


if TYPE_CHECKING:
    AnyDatabase = DatabaseSettings
else:  # the dialects are found, not listed
    AnyDatabase = Annotated[
        Union[tuple(adapter.settings for adapter in dialects().values())], Field(discriminator="dialect")  # noqa: UP007
    ]


Mode = Literal["mirror", "merge", "append"]


def _known_encoding(value: str) -> str:
    try:
        "".encode(value)
    except LookupError:
        raise ValueError(f"encoding {value} is not known; utf-8, latin-1 and cp1252 are usual ones") from None
    return value


def _one_character(value: str) -> str:
    if len(value) != 1 or value.isalnum() or value in ' "\r\n\0':
        raise ValueError('delimiter must be one character, such as ";" or "\\t"')
    return value


def _formats_of_time(value: tuple[str, ...]) -> tuple[str, ...]:
    if wrong := [written for written in value if "%" not in written]:
        raise ValueError(f"timestamp_formats: {wrong[0]} is no format like %m/%d/%Y %H:%M")
    return value


def _signs_of_currency(value: tuple[str, ...]) -> tuple[str, ...]:
    if wrong := [sign for sign in value if not sign or NO_CURRENCY.search(sign)]:
        raise ValueError(f"currency: {wrong[0]!r} is no sign like € or code like EUR")
    return value


def _texts_of_null(value: Any) -> Any:
    if isinstance(value, list | tuple) and not all(isinstance(each, str) for each in value):
        raise ValueError('nulls: write each text in quotes, as in ["NULL", "-1"]')
    return value


FileNames = Annotated[tuple[str, ...], Field(min_length=1)]
Encoding = Annotated[str, AfterValidator(_known_encoding)]
Delimiter = Annotated[str, AfterValidator(_one_character)]
TimeFormats = Annotated[tuple[str, ...], AfterValidator(_formats_of_time)]
Decimal = Literal[".", ","]
Thousands = Literal["", ",", ".", " ", "'"]
Currency = Annotated[tuple[str, ...], AfterValidator(_signs_of_currency)]
Nulls = Annotated[tuple[str, ...], BeforeValidator(_texts_of_null)]
Negatives = tuple[Literal["brackets", "trailing", "unicode"], ...]


class WrittenAs(NamedTuple):
    """How files, or a column of them, are written."""

    encoding: str
    delimiter: str
    timestamp_formats: tuple[str, ...]
    decimal: str
    thousands: str
    currency: tuple[str, ...]
    negatives: tuple[str, ...]
    nulls: tuple[str, ...]

    def require_clear(self) -> "WrittenAs":
        """Raise ValueError where a number could be read in two ways."""
        if self.decimal == self.thousands:
            raise ValueError(f"decimal and thousands are both {self.decimal}; they must be different")
        return self


class OwnFormat(Section):
    """What is written otherwise in a table's files, by `TABLE`, or in a column of them, by `TABLE.COLUMN`."""

    encoding: Encoding | None = Field(None, description="As `load.encoding`; of a table.")
    delimiter: Delimiter | None = Field(None, description="As `load.delimiter`; of a table.")
    timestamp_formats: TimeFormats | None = Field(None, description="As `load.timestamp_formats`.")
    decimal: Decimal | None = Field(None, description="As `load.decimal`.")
    thousands: Thousands | None = Field(None, description="As `load.thousands`.")
    currency: Currency | None = Field(None, description="As `load.currency`.")
    negatives: Negatives | None = Field(None, description="As `load.negatives`.")
    nulls: Nulls | None = Field(None, description="As `load.nulls`.")

    def over(self, others: WrittenAs) -> WrittenAs:
        """Return what is declared here, and for the rest what holds for others."""
        return others._replace(**{key: value for key, value in self if value is not None}).require_clear()


class Load(Section):
    """Which CSV file fills which table, how the files are written, and what becomes of bad records."""

    data: Path | None = Field(
        None, description="A folder or a .zip of CSV files, or one file. `--data` overrides it. Empty: not given."
    )
    sql: SqlFile | None = Field(
        None,
        description="A file with the CREATE TABLE statements of your own shop, relative to the config's folder. "
        "Left out: Olist's tables.",
    )
    tables: dict[str, str | FileNames] = Field(
        description="Which file fills which table, as `table: file`. A table comes after those that it refers to. "
        "Several files may fill one: `sales: sales-*.csv`, or a list. Files may be `.parquet`.",
        min_length=1,
        examples=[{"customers": "customers.csv", "sales": ["sales-*.csv", "old.parquet"]}],
    )
    mode: Mode | dict[str, Mode] = Field(
        "mirror",
        description="`mirror`: the files are the truth, and rows that they lack are deleted. `merge`: such rows stay; "
        "the table needs a key. `append`: a file's records are added, once. For all tables, or as `table: mode`; those "
        "left out there are mirrored.",
        examples=["mirror", "merge", "append", {"customers": "merge", "sales": "append"}],
    )
    on_error: Literal["abort", "quarantine"] = Field(
        "abort",
        description="What happens on a bad record: `abort` ends the run, `quarantine` puts the record aside, in "
        "the table `rejected_records` and in the folder `rejects`.",
    )
    max_rejects: int | str = Field(
        "1%",
        description="How many records of a file `quarantine` may put aside: a count, or a share such as 0.5%. More end "
        "the run.",
    )
    rejects: Path = Field(Path("var/rejects"), description="The folder for files with the rejected records.")
    memory: Path = Field(
        Path("var/memory"),
        description="The folder for what is remembered of the last night's files, so that a night costs what changed. "
        "Without it a night takes longer, and no more than that. It holds customers' ids.",
    )
    encoding: Encoding = Field("utf-8", description="The files' encoding, such as `latin-1` or `cp1252`.")
    delimiter: Delimiter = Field(",", description="The character between fields.")
    timestamp_formats: TimeFormats = Field(
        (),
        description="A list of formats of timestamps, days and times of day, besides `YYYY-MM-DD HH:MM:SS`. "
        '`["%m/%d/%Y %H:%M"]` reads what many spreadsheets save. `%z` reads an offset: the time is stored in UTC.',
    )
    decimal: Decimal = Field(".", description="What stands before a number's decimals: a point or a comma.")
    thousands: Thousands = Field(
        "",
        description="What may stand between a number's groups of three digits: `,`, `.`, `'` or a space, narrow and "
        "no-break ones included; commas also as in 12,34,567. Empty: nothing.",
    )
    currency: Currency = Field(
        (),
        description="A list of signs and codes, one of which may stand before or behind a number: "
        '`["€", "EUR"]`. They say nothing of the currency; `report.currency` does.',
    )
    negatives: Negatives = Field(
        (),
        description="A list of how negative numbers may be written, besides `-12.50`: `brackets` is `(12.50)`, "
        "`trailing` is `12.50-`, `unicode` is a minus sign that is no hyphen.",
    )
    nulls: Nulls = Field(
        (),
        description='A list of texts that stand for no value, such as `["N/A", "NULL", "-"]`, besides an empty field. '
        "A field that is one of them as a whole, in the same letters, is NULL.",
    )
    formats: dict[str, OwnFormat] = Field({}, description="What is written otherwise, by table or column.")
    unknown_columns: Literal["refuse", "ignore"] = Field(
        "refuse",
        description="What happens when a file has a column that its table lacks: `refuse` the file, or `ignore` the "
        "column.",
    )

    @field_validator("data", mode="before")
    @classmethod
    def _empty_is_none(cls, value: Any) -> Any:
        return value or None

    @field_validator("mode", mode="before")
    @classmethod
    def _are_modes(cls, value: Any, info: ValidationInfo) -> Any:
        tables = info.data.get("tables", {})
        modes = value.items() if isinstance(value, dict) else [(None, value)]
        for table, mode in modes:
            if mode not in get_args(Mode):
                raise ValueError(f"{mode} is no mode; write {_listed(get_args(Mode))}, or one for each table")
            if table is not None and tables and table not in tables:
                raise ValueError(f"{table} is none of load.tables")
        return value

    @field_validator("max_rejects")
    @classmethod
    def _is_count_or_share(cls, value: int | str) -> int | str:
        if re.fullmatch(r"[0-9]+([.][0-9]+)? *%|[0-9]+", str(value)) is None:
            raise ValueError("max_rejects is neither a count, such as 100, nor a share, such as 0.5%")
        return value

    @model_validator(mode="after")
    def _formats_are_clear(self) -> "Load":
        for name, own in self.formats.items():
            table, column = self._named(name)
            if column and (own.encoding or own.delimiter):
                raise ValueError(f"formats.{name}: a column has no encoding and no delimiter of its own; its table may")
            if not table:
                raise ValueError(f"formats.{name} is none of load.tables, and no column of one, as TABLE.COLUMN")
        for table in self.tables:
            self.formats_of(table)
        return self

    def _named(self, name: str) -> tuple[str, str]:
        """Return the table, and the column or nothing, that a name of `formats` means; twice nothing: no table."""
        if name in self.tables:
            return name, ""
        return next(
            ((table, name[len(table) + 1 :]) for table in self.tables if name.startswith(f"{table}.")), ("", "")
        )

    def formats_of(self, table: str) -> tuple[WrittenAs, dict[str, WrittenAs]]:
        """Return how the table's files are written, and those columns that are written otherwise."""
        of_all = WrittenAs(*(getattr(self, field) for field in WrittenAs._fields)).require_clear()
        of_table = self.formats.get(table, OwnFormat()).over(of_all)
        names = {name: self._named(name) for name in self.formats}
        return of_table, {
            column: self.formats[name].over(of_table) for name, (of, column) in names.items() if column and of == table
        }

    def mode_of(self, table: str) -> Mode:
        """Return what becomes of the table's rows that its file lacks."""
        return self.mode.get(table, "mirror") if isinstance(self.mode, dict) else self.mode

    def allowed(self, records: int) -> int:
        """Return how many of a file's records may be rejected."""
        if self.on_error == "abort":
            return 0
        limit = str(self.max_rejects)
        return int(records * float(limit.rstrip("% ")) / 100) if limit.endswith("%") else int(limit)


class ShopTable(Section):
    """A table of the shop's own, maybe in another schema."""

    table: str

    @field_validator("table")
    @classmethod
    def _is_name(cls, value: str) -> str:
        Name.of(value)
        return value

    @property
    def name(self) -> Name:
        """The table's name, taken apart."""
        return Name.of(self.table)


class WriteBack(ShopTable):
    """The column of the shop's own table that gets the label."""

    table: str = Field(
        description="The shop's table that gets the label: `customers`, or `crm.people` in another schema."
    )
    key: str = Field(
        description="Its column with the customer's id, as in `customer_features`; or an SQL expression of its columns "
        'that gives it, such as `LOWER("email")`.'
    )
    column: str = Field(description="Its column for the segment's letter. It must exist; only the job writes to it.")
    rfm_column: str | None = Field(
        None,
        description="Its column for the customer's RFM group, such as a `VARCHAR(30)`. It must exist; only the job "
        "writes to it. Left out: none. Groups move with the days: in a night more of them change than letters do.",
    )
    max_missing: Share = Field(
        "5%",
        validate_default=True,
        description="The run ends with exit code 3 when a larger share of the labels does not arrive in the table: "
        "customers without a row there, rows whose key is only nearly a customer's id, or rows that do not carry their "
        "label. Up to it, the run warns.",
    )

    @model_validator(mode="after")
    def _columns_differ(self) -> "WriteBack":
        if self.rfm_column in (self.column, self.key):
            raise ValueError(
                f"rfm_column is {self.rfm_column}, which is another key's; the RFM group needs a column of its own"
            )
        return self

    @property
    def label_columns(self) -> list[LabelColumn]:
        """The columns that the job writes to."""
        return [LabelColumn(self.name, column) for column in (self.column, self.rfm_column) if column]

    @property
    def label(self) -> str:
        """The letter's column with its table, in the config's words."""
        return f"{self.table}.{self.column}"

    @property
    def labels(self) -> list[str]:
        """All columns that the job writes to, with their table, in the config's words."""
        return [label for label in (self.label, self.rfm_label) if label]

    @property
    def rfm_label(self) -> str | None:
        """The same of the RFM group's column; None: there is none."""
        return self.rfm_column and f"{self.table}.{self.rfm_column}"

    def require_columns(self, names: Collection[str]) -> None:
        """Raise ConfigError where the table has no such columns. names: those that the user may read."""
        if not names:
            raise ConfigError(f"write_back.table is {self.table}, which is no table that the database's user may read")
        for key, column in (("key", self.key), ("column", self.column), ("rfm_column", self.rfm_column)):
            if column and column not in names and (key != "key" or column.isidentifier()):  # other keys are expressions
                raise ConfigError(
                    f"write_back.{key} is {column}, which is no column of table {self.table} that the database's user "
                    "may read"
                )


class ChangedSince(ShopTable):
    """A table that tells by a column which of its rows have changed since a run, and whose they are."""

    table: str = Field(description="A table of customers' records: `orders`, or `crm.orders` in another schema.")
    key: str = Field(
        description="Its column with the customer's id, as the features' SQL gives it; or an SQL expression of its "
        "columns that gives it."
    )
    column: str = Field(description="Its column with the date or time of a row's last change.")
    created: str | None = Field(
        None,
        description="Its column with the date or time at which a row was made, which never changes. Rows that are gone "
        "or have come late are found by it. Left out: no row ever changes, and `column` is that time.",
    )

    def require_columns(self, columns: Sequence[Column]) -> None:
        """Raise ConfigError where the table has no such columns, or they are no dates or times.

        columns: those that the user may read.
        """
        where, bases = "features.changed_since", {column.name: column for column in columns}
        if not columns:
            raise ConfigError(f"{where}: {self.table} is no table that the database's user may read")
        for key, name in (("column", self.column), ("created", self.created), ("key", self.key)):
            if name is None or (key == "key" and not name.isidentifier()):  # other keys are expressions
                continue
            if name not in bases:
                raise ConfigError(
                    f"{where}: {key} is {name}, which is no column of table {self.table} that the database's user may "
                    "read"
                )
            if key != "key" and not bases[name].base.startswith(MOMENTS):
                raise ConfigError(
                    f"{where}: {key} is {name}, which is {bases[name].declared} in table {self.table}; it must be a "
                    "date or a time: name a column that is, or in place of the table a view that makes one of it"
                )


class Features(Section):
    """How `customer_features` is computed."""

    sql: SqlFile | None = Field(
        None,
        description="A file with one SELECT that gives a row per customer, with `customer_unique_id`, `monetary`, "
        "`frequency`, `recency_days` and any more numbers; relative to the config's folder. Left out: the job's own.",
    )
    per_customer: bool = Field(
        False,
        description="Whether the SQL gives each customer's row from that customer's records alone, but for the day "
        "that `recency_days` counts up to, if that is the same for all. Then a night on Olist's tables computes those "
        "customers alone whose records have changed; on others, where `changed_since` tells whose have.",
    )
    changed_since: tuple[ChangedSince, ...] = Field(
        (),
        description="Without `load:`, the tables of customers' records that the features come from, and what tells "
        "their changed rows. Then a night computes those customers alone. Left out: all are computed.",
    )

    @model_validator(mode="after")
    def _is_per_customer(self) -> "Features":
        if self.changed_since and self.sql and not self.per_customer:
            raise ValueError(
                "changed_since tells whose records have changed, which says something of their features only if these "
                "come from a customer's records alone: set per_customer to true if so, or leave changed_since out"
            )
        return self


class ClusteringFeature(Section):
    """One axis of the feature space."""

    column: str = Field(description="A numeric column of `customer_features`.")
    transform: TransformName = Field("none", description="`none`, `log1p` or `sqrt`, applied before scaling.")
    scaling: Literal["standard", "none"] = Field(
        "standard", description="`standard`: divided by the standard deviation. `none`: taken as it is."
    )
    weight: float = Field(1, description="How much the axis counts: distances along it are multiplied by it.", gt=0)
    nulls: Literal["refuse", "leave_out"] | float = Field(
        "refuse",
        description="What happens on NULL: `refuse` the run, `leave_out` the customer, who gets no label, or a number "
        "to use in its place.",
    )

    @field_validator("nulls", mode="before")
    @classmethod
    def _is_no_boolean(cls, value: Any) -> Any:
        if isinstance(value, bool):
            raise ValueError("must be refuse, leave_out or a number")
        return value

    @field_validator("weight", "nulls")
    @classmethod
    def _is_finite(cls, value: float | str) -> float | str:
        if not isinstance(value, str) and not math.isfinite(value):
            raise ValueError("must be a finite number")
        return value


class Clustering(Section):
    """How customers are grouped."""

    k: Annotated[int, Field(ge=2, le=26)] | Literal["auto"] = Field(
        5, description="The number of segments, 2 to 26, or `auto`: chosen from `k_range` by `method`."
    )
    k_range: tuple[int, int] = Field((2, 10), description="The smallest and the largest k that `auto` tries.")
    method: Literal["elbow", "silhouette", "davies_bouldin"] = Field(
        "elbow",
        description="How `auto` chooses: by the `elbow` of the inertia, or by the best `silhouette` or "
        "`davies_bouldin` index.",
    )
    min_share: Share = Field(
        "0.1%",
        validate_default=True,
        description="`auto` takes no k whose smallest segment has a smaller share of the customers.",
    )
    min_stability: float = Field(
        0.8,
        description="`auto` takes no k whose refits on resampled customers agree less, as a mean adjusted Rand index.",
        ge=0,
        le=1,
    )
    assign: Literal["nearest", "rules"] = Field(
        "nearest",
        description="Who is in a segment: the customers `nearest` to its centroid; or, with `rules`, those whom its "
        "rule describes, so that it is right for everybody. The run says what that costs in inertia.",
    )
    max_points: int = Field(
        50_000,
        description="The most points that stand for the customers in the fit; more are finer and slower.",
        ge=100,
        le=1_000_000,
    )
    seed: int = Field(1, description="The random seed of KMeans.", ge=0, lt=2**32)
    features: list[ClusteringFeature] = Field(
        [
            ClusteringFeature(column="monetary", transform="log1p"),
            ClusteringFeature(column="frequency", transform="log1p"),
        ],
        description="The axes that customers are compared on.",
        min_length=1,
    )

    @field_validator("k_range")
    @classmethod
    def _is_range(cls, value: tuple[int, int]) -> tuple[int, int]:
        if not 2 <= value[0] < value[1] <= len(ascii_uppercase):
            raise ValueError(f"k_range must be two numbers from 2 to {len(ascii_uppercase)}, the smaller one first")
        return value

    @model_validator(mode="after")
    def _has_room_for_an_elbow(self) -> "Clustering":
        if self.method == "elbow" and self.k_range[1] - self.k_range[0] < 2:
            raise ValueError("k_range has two numbers only: an elbow needs one more, or take another method")
        return self

    @field_validator("features")
    @classmethod
    def _are_different(cls, value: list[ClusteringFeature]) -> list[ClusteringFeature]:
        columns = [feature.column for feature in value]
        if doubled := {column for column in columns if columns.count(column) > 1}:
            raise ValueError(f"{sorted(doubled)[0]} is named twice; its weight says how much it counts")
        return value


class Segments(Section):
    """The order of the segments, and their names."""

    order_by: str = Field(
        "monetary", description="The numeric column whose mean orders the segments; A has the highest."
    )
    names: tuple[str, ...] = Field(
        (), description="The segments' names, A first. Those left out are made of words that are true of the customers."
    )

    @field_validator("names")
    @classmethod
    def _are_names(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if any(not name.strip() or len(name) > 255 or not name.isprintable() for name in value):
            raise ValueError("a name must have 1 to 255 characters, and no line breaks")
        if len(set(value)) < len(value):
            raise ValueError("names must be different")
        return value


class Lifecycle(Section):
    """When a model is fitted anew, and how much may change overnight."""

    refit: str = Field(
        "always",
        description="When a run fits a new model: `always`, `never`, `every 7d` (or another number of days), or "
        "`on_drift` (when a `warn_` limit is reached).",
        examples=["always", "never", "every 7d", "on_drift"],
    )
    refit_gain: Share = Field(
        "0.5%",
        validate_default=True,
        description="A fit from scratch replaces the fit that continues the last model only if its inertia is lower by "
        "this share.",
    )
    warn_psi: float = Field(
        0.25,
        description="Warn when the population stability index of a feature, since the last fit, reaches this.",
        gt=0,
    )
    stop_psi: float | None = Field(
        None, description="The same index from which the run ends with exit code 3. Left out: no limit.", gt=0
    )
    warn_share: Share = Field(
        "5%",
        validate_default=True,
        description="Warn when a segment's share of the customers has changed by this since the last fit.",
    )
    stop_share: Share | None = Field(
        None, description="The same change from which the run ends with exit code 3. Left out: no limit."
    )
    max_moved: Share = Field(
        "25%",
        validate_default=True,
        description="The run ends with exit code 3 when more of the labelled customers would change or lose their "
        "segment. After a change of the config it only warns.",
    )

    @field_validator("refit")
    @classmethod
    def _is_known(cls, value: str) -> str:
        if value not in ("always", "never", "on_drift") and not EVERY.fullmatch(value):
            raise ValueError("refit must be always, never, on_drift, or every Nd such as every 7d")
        return value

    @property
    def refit_days(self) -> int | None:
        """The days from fit to fit, of `every Nd`."""
        match = EVERY.fullmatch(self.refit)
        return int(match["days"]) if match else None


def _off_is_no_boolean(value: Any) -> Any:
    """YAML reads `off` as false."""
    return "off" if value is False else value


CheckAction = Annotated[Literal["warn", "refuse", "off"], BeforeValidator(_off_is_no_boolean)]


class Checks(Section):
    """What to do where the data cannot be right: `warn`, `refuse` (exit code 3, nothing is changed) or `off`."""

    one_customer: CheckAction = Field(
        "warn", description="One customer with an outsized share of the orders or the revenue."
    )
    one_customer_share: Share = Field(
        "10%",
        validate_default=True,
        description="The share from which that is outsized, if it is also ten times a customer's fair share.",
    )
    ids: CheckAction = Field(
        "warn",
        description="Ids that stand for many: a placeholder such as `0` or `guest` with many orders, or a "
        "spreadsheet's number such as `5.51E+11`.",
    )
    dates: CheckAction = Field(
        "warn", description="Orders in the future or years away from all others, or all of one day."
    )
    spend: CheckAction = Field("warn", description="Negative spend, or spend in two currencies.")
    order_counts: CheckAction = Field(
        "warn", description="One order for every customer, or an even number of orders for every customer."
    )
    axes: CheckAction = Field(
        "warn", description="A feature that tells hardly any customers apart, or nearly all customers at one point."
    )
    few_customers: CheckAction = Field(
        "warn", description="Fewer than ten customers to a segment, or a segment of one customer."
    )
    stability: CheckAction = Field("warn", description="Segments that are not found again on resampled customers.")

    def of(self, check: str) -> str:
        """Return what becomes of a finding of the check: warn, refuse or off."""
        action: str = getattr(self, check)
        return action


Scores = tuple[Annotated[int, Field(ge=1, le=5)], Annotated[int, Field(ge=1, le=5)]]
CutPoints = tuple[float, float, float, float]


class RfmGroup(Section):
    """A group of customers by their scores."""

    name: str = Field(description="The group's name.", min_length=1, max_length=255)
    r: Scores = Field((1, 5), description="From which score for recency to which.")
    f: Scores = Field((1, 5), description="From which score for frequency to which.")
    m: Scores = Field((1, 5), description="From which score for money to which.")

    @field_validator("r", "f", "m")
    @classmethod
    def _is_span(cls, value: tuple[int, int]) -> tuple[int, int]:
        if value[0] > value[1]:
            raise ValueError("must be two scores, the lower one first")
        return value


class Rfm(Section):
    """Every customer's scores for recency, frequency and money, 1 to 5, and the group that these make."""

    recency_days: CutPoints | None = Field(
        None,
        description="Four rising cut points: who ordered no more days ago than the first scores 5, over the last 1. "
        "Left out: those that part the customers into fifths, equal values together.",
    )
    frequency: CutPoints | None = Field(
        None, description="The same for the number of orders: up to the first scores 1, over the last 5."
    )
    monetary: CutPoints | None = Field(
        None, description="The same for the spend: up to the first scores 1, over the last 5."
    )
    groups: tuple[RfmGroup, ...] = Field(
        (),
        description="Groups of your own, as a name and the scores `r`, `f` and `m` that it is for; the first that fits "
        "counts, and who fits none is in `Others`. Left out: the usual ten, by `r` and `f`.",
    )

    @field_validator("recency_days", "frequency", "monetary")
    @classmethod
    def _are_rising(cls, value: CutPoints | None) -> CutPoints | None:
        if value and (list(value) != sorted(value) or not all(map(math.isfinite, value))):
            raise ValueError("must be four finite numbers, none lower than the one before")
        return value


class Value(Section):
    """What customers are going to bring, where the features have the days of their orders."""

    days: int = Field(90, description="Within how many days from the last one in the data.", ge=7, le=730)


class Keep(Section):
    """For how long what is remembered of earlier runs is kept; what is left out, for ever."""

    changes: int | None = Field(
        None,
        description="For how many runs, the last ones, `customer_segment_changes` says who moved, and `clientela "
        "rollback` goes back.",
        ge=1,
    )
    models: int | None = Field(
        None, description="How many models, the newest ones and the current one, `segment_models` has.", ge=1
    )
    rejects: int | None = Field(
        None,
        description="For how many days rejected records are kept: in `rejected_records` from the run that rejected "
        "them, in a file from when the last one was added to it.",
        ge=1,
    )


class Report(Section):
    """How the report shows figures, where it goes, and what it advises."""

    currency: str = Field("BRL", description="The currency of `monetary`: an ISO 4217 code, or any other unit.")
    locale: str = Field(
        "en",
        description="How the report writes numbers, money and dates, such as `de` or `pt_BR` (`R$ 1.234,50`). Its "
        "words stay English.",
    )
    folder: Path = Field(Path("var/report"), description="The folder for the report's files; created if missing.")
    keep: int | None = Field(
        None, description="How many pages on runs, the newest ones, stay in the folder. Left out: all.", ge=1
    )
    playbook: dict[str, str] = Field(
        {},
        description="What to do about a segment, by its letter or name. For those left out, a suggestion is made from "
        "what most of its customers do.",
    )

    @field_validator("locale")
    @classmethod
    def _is_locale(cls, value: str) -> str:
        formats.parsed(value)
        return value


class Campaign(Section):
    """A campaign whose effect is measured: some of its customers are left in peace, and compared with the others."""

    name: str = Field(
        description="The campaign's name: small letters, digits, - and _. Its column in the export is `campaign_NAME`.",
        pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$",
    )
    start: date = Field(
        description="Its customers and their arms are written down by the first run on or after this day (UTC), once."
    )
    segments: tuple[str, ...] = Field(
        (), description="Letters or names of the segments that it is for. Left out: all customers."
    )
    share: Share = Field(
        "10%", validate_default=True, description="The share of the customers who are held out, and get nothing."
    )
    salt: str = Field(
        "",
        description="A text that makes another draw of the customers. Left out: the campaign's name.",
        max_length=255,
    )

    @field_validator("share")
    @classmethod
    def _leaves_two_arms(cls, value: float) -> float:
        if not 0 < value < 1:
            raise ValueError("share must be more than 0% and less than 100%: both arms need customers")
        return value


class Notify(Section):
    """Whom to tell how a run ended, well or not."""

    url: SecretStr = Field(
        SecretStr(""),
        description="A webhook, such as a chat's: it gets one POST of JSON a run, without customers' data. It is a "
        "secret: `url_file`, or a variable. Empty: nobody is told.",
    )

    @field_validator("url")
    @classmethod
    def _is_an_address(cls, value: SecretStr) -> SecretStr:
        url = value.get_secret_value()
        if url and not WEBHOOK.fullmatch(url):
            raise ValueError("must be an address that begins with https:// or http://, and has no space or line break")
        return value


class Config(Section):
    """The config of a segmentation."""

    name: str = Field(
        "",
        description="This segmentation's name, needed where several share a database. It comes before the names of the "
        "job's own tables, and its files go to a folder of that name. Empty: not given.",
        pattern=r"^([a-z][a-z0-9_]{0,29})?$",
    )
    database: AnyDatabase
    load: Load | None = Field(None, description="Left out: the tables are in the database already.")
    write_back: WriteBack | None = Field(None, description="Left out: the shop's own tables are only read.")
    features: Features = Features()
    clustering: Clustering = Clustering()
    segments: Segments = Segments()
    lifecycle: Lifecycle = Lifecycle()
    checks: Checks = Checks()
    rfm: Rfm = Rfm()
    value: Value = Value()
    keep: Keep = Keep()
    report: Report = Report()
    campaigns: tuple[Campaign, ...] = Field((), description="Campaigns whose effect is measured.")

    @field_validator("campaigns", mode="before")
    @classmethod
    def _none_are_left_out(cls, value: Any) -> Any:
        return () if value is None else value

    @field_validator("campaigns")
    @classmethod
    def _are_different(cls, value: tuple[Campaign, ...]) -> tuple[Campaign, ...]:
        names = [campaign.name for campaign in value]
        if doubled := {name for name in names if names.count(name) > 1}:
            raise ValueError(f"{sorted(doubled)[0]} is there twice; each campaign has a name of its own")
        return value

    notify: Notify = Notify()

    @field_validator(
        *("features", "clustering", "segments", "lifecycle", "checks", "rfm", "value", "keep", "report", "notify"),
        mode="before",
    )
    @classmethod
    def _empty_is_left_out(cls, value: Any) -> Any:
        return {} if value is None else value

    @model_validator(mode="after")
    def _has_segments_for_the_names(self) -> "Config":
        most = self.clustering.k_range[1] if self.clustering.k == "auto" else self.clustering.k
        if (given := len(self.segments.names)) > most:
            raise ValueError(f"segments.names has {given} names for {most} segments")
        return self

    @model_validator(mode="after")
    def _knows_changes_by_one(self) -> "Config":
        if self.load and self.features.changed_since:
            raise ValueError(
                "features.changed_since is for tables that something else fills; with load: the job knows by itself "
                "which rows have changed: leave it out"
            )
        return self

    @property
    def own(self) -> Own:
        """Where the job's own tables are."""
        return Own(self.database.job_schema, f"{self.name}_" if self.name else "")

    def folder(self, path: Path) -> Path:
        """Return the folder for this segmentation's files: the configured one, or that of its name in it."""
        return path / self.name

    def latest_report(self) -> Path:
        """Return where the page on the last run is, or will be."""
        return self.folder(self.report.folder) / "latest.html"


def read(path: Path) -> Config:
    """Read and validate the config file.

    Raises ConfigError with one sentence that names the file, the line and the field of every problem.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{path}: the config cannot be read ({error.strerror}); name one with --config") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: the config is not UTF-8 text; save it as UTF-8") from error
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        if not isinstance(root, yaml.MappingNode):
            raise ConfigError(f"{path}: the config must be a mapping in YAML, with a database: section")
        for node in _nodes(root):
            if isinstance(node, yaml.MappingNode):
                _refuse_doubled_keys(path, node)
            elif isinstance(node, yaml.ScalarNode):
                _fill_in_variables(path, node)
        values = yaml.SafeLoader("").construct_document(root)
    except yaml.MarkedYAMLError as error:
        line, problem = error.problem_mark.line + 1 if error.problem_mark else 1, error.problem
        if isinstance(error, ComposerError | ConstructorError):  # the text may be a password
            problem = str(problem).split(" '")[0] + "; a value that begins with *, & or ! needs quotes"
        # Without its cause, which quotes the line.
        raise ConfigError(f"{path}:{line}: not valid YAML: {problem}") from None
    except (yaml.YAMLError, ValueError) as error:  # a control character, a date that does not exist
        raise ConfigError(f"{path}: not valid YAML: {' '.join(str(error).split())}") from error
    except RecursionError:
        raise ConfigError(f"{path}: the config is nested too deeply to be read") from None
    values |= {name: _with_secret_files(path, name, values[name]) for name in SECRET if name in values}
    try:
        return Config.model_validate(values, context=path.parent)
    except ValidationError as error:
        raise ConfigError("; ".join(_sentence(path, root, problem) for problem in error.errors())) from error


def _nodes(root: yaml.Node) -> Iterator[yaml.Node]:
    """Yield each node once, however often aliases refer to it, in the order of the text."""
    seen, waiting = set(), [root]
    while waiting:
        node = waiting.pop()
        if id(node) not in seen:
            seen.add(id(node))
            yield node
            if isinstance(node, yaml.MappingNode):
                waiting += [child for _, child in reversed(node.value)]
            elif isinstance(node, yaml.SequenceNode):
                waiting += reversed(node.value)


def _refuse_doubled_keys(path: Path, node: yaml.MappingNode) -> None:
    seen: set[str] = set()
    for key, _ in node.value:
        name = str(key.value)
        if name in seen:
            raise ConfigError(f"{path}:{key.start_mark.line + 1}: {name} is given twice; keep one")
        seen.add(name)


def _fill_in_variables(path: Path, node: yaml.ScalarNode) -> None:
    """Replace ${NAME} in the value; what comes out is text, never YAML."""

    def value_of(match: re.Match[str]) -> str:
        name, default = match.groups()
        value = os.environ.get(name) or default
        if value is None:
            raise ConfigError(
                f"{path}:{node.start_mark.line + 1}: the environment variable {name} is not set; "
                f"set it, or give a default as ${{{name}:-default}}"
            )
        return value

    if VARIABLE.search(node.value):
        node.value = VARIABLE.sub(value_of, node.value)
        node.tag = "tag:yaml.org,2002:str"


def _with_secret_files(path: Path, section: str, values: Any) -> Any:
    """Replace every KEY_file by KEY with the file's content, without its last line break."""
    if not isinstance(values, dict):
        return values
    filled = {key: value for key, value in values.items() if not str(key).endswith("_file")}
    for key in values.keys() - filled.keys():
        target = key.removesuffix("_file")
        if not values[key]:
            continue
        if filled.get(target):
            raise ConfigError(f"{path}: {section}.{target} and {section}.{key} are both given; keep one")
        try:
            filled[target] = Path(str(values[key])).read_text(encoding="utf-8").removesuffix("\n")
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"{path}: {section}.{key}: {values[key]} cannot be read ({error})") from error
    return filled


def _sentence(path: Path, root: yaml.Node, problem: Any) -> str:
    """Say one pydantic problem with the file's line and the field's dotted name."""
    node, line, names = root, 1, []
    for part in problem["loc"]:
        child = _child(node, part)
        if child is None:
            # What pydantic calls the members of a union is no key of the file.
            if part not in dialects() and not isinstance(node, yaml.ScalarNode):
                names.append(str(part))
            continue
        line, node = child
        names.append(str(part))
    message = problem["msg"].removeprefix("Value error, ")
    if problem["type"] == "extra_forbidden":
        message = "unknown key; leave it out, or correct its name"
    elif problem["type"] == "union_tag_not_found":
        message = f"dialect is missing: {_listed(dialects())}"
    return f"{path}:{line}: {'.'.join(names) or 'config'}: {message}"


def _listed(words: Iterable[str]) -> str:
    """Return the words as a sentence has them: `a, b or c`."""
    *others, last = words
    return " or ".join(filter(None, [", ".join(others), last]))


def _child(node: yaml.Node, part: str | int) -> tuple[int, yaml.Node] | None:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == str(part):
                return key.start_mark.line + 1, value
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        return node.value[part].start_mark.line + 1, node.value[part]
    return None
