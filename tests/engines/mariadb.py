"""MariaDB, which the job takes for a MySQL."""

from pathlib import Path
from typing import ClassVar

from engines.base import which
from engines.mysql import MySQL


class MariaDB(MySQL):
    """A MariaDB server."""

    name = "mariadb"
    title = "MariaDB"

    programs = "mariadbd and mariadb-install-db"
    # The core packages hold the server without a system service; its set-up script needs the client's.
    packages = ("mariadb-server-core", "mariadb-client-core")
    image = "mariadb:11"
    image_environment = ("MARIADB_ROOT_PASSWORD=test",)

    odd_settings: ClassVar[dict[str, object]] = {
        {
            "max_execution_time": "max_statement_time",
            "transaction_isolation": "tx_isolation",
        }.get(name, name): value
        for name, value in MySQL.odd_settings.items()
    }
    hidden_keys = None
    to_see_who_waits = "GRANT PROCESS ON *.* TO {0}"
    default_role = "SET DEFAULT ROLE {0} FOR {1}"
    uuid = "UUID"
    requires_keys = "innodb_force_primary_key"

    def find_programs(self) -> tuple[str, str] | None:
        install, mariadbd = which("mariadb-install-db"), which("mariadbd")
        return (install, mariadbd) if install and mariadbd else None

    def commands(self, programs: tuple[str, str], folder: Path, port: int) -> tuple[list[list[str]], list[str]]:
        initialise, serve = programs
        make = [
            initialise,
            "--no-defaults",
            f"--datadir={folder}/data",
            "--auth-root-authentication-method=normal",
        ]
        return [[*make, "--skip-test-db", "--force"]], [serve, *self.options(folder, port)]

    def tls_arguments(self, pem: str, path: Path) -> list[str]:
        return super().tls_arguments(pem, path) if pem else ["--skip-ssl"]

    def is_version(self, version: str) -> bool:
        return "MariaDB" in version


ENGINE = MariaDB()
