"""The `database:` section of the config: what all databases have, and what all servers have."""

from abc import ABC, abstractmethod
from typing import Any, ClassVar, Self
from urllib.parse import parse_qsl, unquote, urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator

from job.config_section import Section


class DatabaseSettings(Section, ABC):
    """What every database has. A dialect adds where its databases are, and `dialect`, the Literal of its name."""

    dialect: str
    job_schema: str | None = Field(
        None,
        description="The schema (on MySQL, the database) for the job's own tables; created if missing. Left out: "
        "the place of the shop's tables.",
        min_length=1,
        max_length=63,
    )

    @property
    @abstractmethod
    def place(self) -> str:
        """Where the database is, for people; without a password."""

    @property
    def patience(self) -> float:
        """Seconds to keep trying while the database is out of reach."""
        return 0

    @property
    def missing(self) -> str:
        """The file that is not there yet, and that a run makes; empty: there is none to be made."""
        return ""

    @classmethod
    @abstractmethod
    def from_address(cls, address: str) -> dict[str, Any] | None:
        """Return the keys for the address that `init --from-database` has; None: it is of another dialect.

        The database is to be reached at once or not at all.
        """

    @classmethod
    @abstractmethod
    def to_fill_in(cls, address: str | None = None, name: str = "clientela") -> dict[str, Any]:
        """Return the keys that a new config starts with: environment variables for what differs from place to place.

        address: that of a database that is there already. name: what a new file of one is called. No password is in the
        keys.
        """


class ServerSettings(DatabaseSettings):
    """A server, by parts or by URL."""

    schemes: ClassVar[tuple[str, ...]]  # of its URLs, the usual one first
    default_port: ClassVar[int]
    variables: ClassVar[str]  # what the names of its environment variables begin with
    name_variable: ClassVar[str]  # that of the database's name

    url: SecretStr | None = Field(
        None,
        description="`SCHEME://user:password@host:port/name?option=value`, in place of host, port, name, user and "
        "password. Its query is added to the options. Empty: not given.",
    )
    host: str = Field("localhost", description="The server's host name.")
    port: int | None = Field(None, description="The server's port. Left out: the usual one.", ge=1, le=65535)
    name: str = Field("", description="The database's name, required without `url`. The database must exist.")
    user: str = Field("", description="The user to connect as.")
    password: SecretStr = Field(SecretStr(""), description="The user's password. A file is safer: `password_file`.")
    connect_timeout: float = Field(
        60,
        description="Seconds to keep trying while the server is out of reach, at the start and after a session is "
        "lost, and while it answers nothing within a statement; 0 tries once. A wrong password or database name fails "
        "at once.",
        ge=0,
    )
    lock_timeout: int = Field(
        60,
        description="Seconds to wait for a lock that another session holds. Then the run is rolled back, which frees "
        "its own locks, and tried again, three times in all.",
        ge=1,
        le=86400,
    )
    options: dict[str, str] = Field(
        {},
        description="Options for the driver by name, such as those for an encrypted session.",
        json_schema_extra={"additionalProperties": {"type": ["string", "integer", "boolean"]}},
    )

    @model_validator(mode="before")
    @classmethod
    def _take_url_apart(cls, values: dict[str, Any]) -> dict[str, Any]:
        if not values.get("url"):
            return values
        try:
            url = urlsplit(str(values["url"]))
            port = url.port
        except ValueError:  # its text would show a part of the password
            raise ValueError(
                "url cannot be read; write # / ? @ and % in a password as %23 %2F %3F %40 and %25"
            ) from None
        if url.scheme not in cls.schemes:
            raise ValueError(f"url starts with {url.scheme}:// but the dialect is {values.get('dialect')}")
        options = values.get("options") or {}
        parts = {
            "host": url.hostname or "localhost",
            "port": port,
            "name": unquote(url.path.removeprefix("/")),
            "user": unquote(url.username or ""),
            "password": unquote(url.password or ""),
            "options": options | dict(parse_qsl(url.query)) if isinstance(options, dict) else options,
        }
        return values | parts

    @field_validator("port")
    @classmethod
    def _has_a_port(cls, value: int | None) -> int:
        return cls.default_port if value is None else value

    @field_validator("options", mode="before")
    @classmethod
    def _as_text(cls, value: Any) -> Any:
        """As in a URL's query; YAML has numbers and booleans besides."""
        if not isinstance(value, dict):
            return value
        return {key: str(item).lower() if isinstance(item, bool | int) else item for key, item in value.items()}

    @model_validator(mode="after")
    def _is_complete(self) -> Self:
        if doubled := self.options.keys() & {"host", "port", "user", "password", "name", "dbname", "database"}:
            raise ValueError(f"{', '.join(sorted(doubled))} is no option; it has a place of its own")
        if not self.name:
            raise ValueError("name is missing: the database to work in (at the end of url, or as name)")
        return self

    @property
    def patience(self) -> float:
        return self.connect_timeout

    @property
    def address(self) -> str:
        """Host and port; and that they may be there for want of a URL, such as an environment variable's."""
        empty = self.url is not None and not self.url.get_secret_value() and self.host == "localhost"
        return f"{self.host}:{self.port}" + (" (database.url is empty)" if empty else "")

    @property
    def place(self) -> str:
        return f"{self.name} on {self.host}"

    @classmethod
    def from_address(cls, address: str) -> dict[str, Any] | None:
        scheme, is_url, _ = address.partition("://")
        if not is_url or scheme not in cls.schemes:
            return None
        return {"url": address, "connect_timeout": 0}

    @classmethod
    def to_fill_in(cls, address: str | None = None, name: str = "clientela") -> dict[str, Any]:
        return {
            "url": "${DATABASE_URL:-}",
            "host": f"${{{cls.variables}_HOST:-localhost}}",
            "port": f"${{{cls.variables}_PORT:-{cls.default_port}}}",
            "name": f"${{{cls.name_variable}:-clientela}}",
            "user": f"${{{cls.variables}_USER:-clientela}}",
            "password": f"${{{cls.variables}_PASSWORD:-}}",
            "password_file": f"${{{cls.variables}_PASSWORD_FILE:-}}",
            "connect_timeout": "${DATABASE_CONNECT_TIMEOUT:-60}",
        }
