"""Encrypted sessions: the config's authority and host name are demanded, and nothing less is taken."""

import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest
import servers
import trustme
from servers import Server
from shop import DIALECTS, ask, configured, elsewhere, started

from job.config import Config
from job.errors import DatabaseError, TransientError
from job.session import connect

SERVERS = [engine for engine in servers.ENGINES if engine != "duckdb"]
AUTHORITY = {"postgres": "sslrootcert", "mysql": "ssl_ca"}
# Besides the authority; the last demands all that there is.
DEMANDS = {"postgres": [{"sslmode": "verify-full"}], "mysql": [{}, {"ssl_verify_identity": "true"}]}
CIPHER = {
    "postgres": "SELECT cipher FROM pg_stat_ssl WHERE pid = pg_backend_pid()",
    "mysql": "SHOW STATUS LIKE 'Ssl_cipher'",
}
on_servers = pytest.mark.parametrize("engine", SERVERS, indirect=True)


@dataclass(frozen=True)
class Authorities:
    right: Path
    other: Path
    key_and_certificates: str  # of a server that is called localhost


@pytest.fixture(scope="module")
def authorities(tmp_path_factory: pytest.TempPathFactory) -> Authorities:
    folder, authority = tmp_path_factory.mktemp("tls"), trustme.CA()
    found = Authorities(
        folder / "right.pem",
        folder / "other.pem",
        authority.issue_cert("localhost").private_key_and_cert_chain_pem.bytes().decode(),
    )
    authority.cert_pem.write_to_path(str(found.right))
    trustme.CA().cert_pem.write_to_path(str(found.other))
    return found


def own_server(engine: str, tls: str) -> Iterator[Server]:
    found = servers.own(engine, tls)
    if isinstance(found, servers.Missing):
        pytest.skip(f"no {servers.NAMES[engine]} server with settings of its own: {found.reason}")
    yield found
    found.stop()


@pytest.fixture(scope="module")
def encrypting(engine: str, authorities: Authorities) -> Iterator[Server]:
    yield from own_server(engine, authorities.key_and_certificates)


@pytest.fixture(scope="module")
def unencrypting(engine: str) -> Iterator[Server]:
    yield from own_server(engine, "")


@pytest.fixture
def url(engine: str, encrypting: Server) -> Iterator[str]:
    with servers.fresh_database(engine, on=encrypting) as url:
        yield url


def demanding(engine: str, url: str, authority: Path, host: str = "localhost", **options: str) -> str:
    """The job's URL, with a host name and the authority whose certificates are taken."""
    parts = urlsplit(servers.job_url(url))
    place = f"{parts.netloc.rpartition('@')[0]}@{host}:{parts.port}"
    query = urlencode({AUTHORITY[DIALECTS[engine]]: str(authority), **options})
    return parts._replace(netloc=place, query=query).geturl()


def complaint(engine: str, url: str, shop: Path, database_url: str) -> str:
    """What the job says as it ends, at once, with exit code 4."""
    with started(engine, url, shop, DATABASE_URL=database_url) as process:
        _, errors = process.communicate(timeout=120)
    [only] = [json.loads(line) for line in errors.splitlines()]
    assert process.returncode == only["exit_code"] == 4
    return str(only["error"])


@on_servers
def test_a_run_with_all_checks_is_encrypted(engine: str, url: str, authorities: Authorities, shop: Path) -> None:
    database_url = demanding(engine, url, authorities.right, **DEMANDS[DIALECTS[engine]][-1])
    with started(engine, url, shop, DATABASE_URL=database_url) as process:
        _, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors
    assert ask(engine, url, "SELECT status FROM job_runs") == [("done",)]


@on_servers
@pytest.mark.filterwarnings("ignore:ssl:DeprecationWarning")  # for what the driver does
def test_options_are_as_good_as_the_url(engine: str, url: str, authorities: Authorities) -> None:
    """With YAML's booleans and numbers; the driver would take the text 'false' for true."""
    more: dict[str, dict[str, object]] = {
        "postgres": {"sslmode": "verify-full", "ssl_min_protocol_version": "TLSv1.3", "keepalives": 1},
        "mysql": {"ssl_verify_identity": True, "ssl_disabled": False, "tls_versions": "TLSv1.3", "read_timeout": 60},
    }
    options = {AUTHORITY[DIALECTS[engine]]: str(authorities.right), **more[DIALECTS[engine]]}
    settings = {"dialect": DIALECTS[engine], "url": servers.job_url(url).replace("127.0.0.1", "localhost")}
    settings_now = Config.model_validate({"database": {**settings, "options": options}})
    with closing(connect(settings_now)) as database:
        [row], _ = database._run(CIPHER[DIALECTS[engine]])
    assert list(row.values())[-1].startswith("TLS_"), "TLS 1.3 has ciphers of that name"


@on_servers
def test_another_authority_is_refused(engine: str, url: str, authorities: Authorities, shop: Path) -> None:
    for options in DEMANDS[DIALECTS[engine]]:
        said = complaint(engine, url, shop, demanding(engine, url, authorities.other, **options))
        assert "localhost" in said and "certificate" in said


@on_servers
def test_another_host_name_is_refused(engine: str, url: str, authorities: Authorities, shop: Path) -> None:
    database_url = demanding(engine, url, authorities.right, "127.0.0.1", **DEMANDS[DIALECTS[engine]][-1])
    said = complaint(engine, url, shop, database_url)
    assert "certificate" in said and "127.0.0.1" in said


@on_servers
def test_a_server_without_encryption_is_refused(
    engine: str, unencrypting: Server, authorities: Authorities, shop: Path
) -> None:
    url = f"{unencrypting.url}shop"
    for options in DEMANDS[DIALECTS[engine]]:
        said = complaint(engine, url, shop, demanding(engine, url, authorities.right, **options))
        assert "SSL" in said and "support" in said


@pytest.mark.parametrize("engine", ["postgres"], indirect=True)
def test_a_refused_certificate_counts_more_than_an_address_without_a_server(
    engine: str, url: str, authorities: Authorities
) -> None:
    settings = configured(engine, url)
    options = {"sslmode": "verify-full", "sslrootcert": str(authorities.other)}
    with pytest.raises(DatabaseError, match="certificate verify failed") as raised:
        connect(elsewhere(settings, host="127.0.0.2,localhost", options=options))
    assert not isinstance(raised.value, TransientError)
