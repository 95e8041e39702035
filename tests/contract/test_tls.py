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
from engines import on_servers, where
from engines.base import Engine
from servers import Server
from shop import ask, configured, elsewhere, started

from job.config import Config
from job.errors import DatabaseError, TransientError
from job.session import connect


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


def own_server(engine: Engine, tls: str) -> Iterator[Server]:
    found = servers.own(engine, tls)
    if isinstance(found, servers.Missing):
        pytest.skip(f"no {engine.title} server with settings of its own: {found.reason}")
    yield found
    found.stop()


@pytest.fixture(scope="module")
def encrypting(engine: Engine, authorities: Authorities) -> Iterator[Server]:
    yield from own_server(engine, authorities.key_and_certificates)


@pytest.fixture(scope="module")
def unencrypting(engine: Engine) -> Iterator[Server]:
    yield from own_server(engine, "")


@pytest.fixture
def url(engine: Engine, encrypting: Server) -> Iterator[str]:
    with servers.fresh_database(engine, on=encrypting) as url:
        yield url


def demanding(engine: Engine, url: str, authority: Path, host: str = "localhost", **options: str) -> str:
    """The job's URL, with a host name and the authority whose certificates are taken."""
    parts = urlsplit(engine.job_place(url))
    place = f"{parts.netloc.rpartition('@')[0]}@{host}:{parts.port}"
    query = urlencode({engine.tls_authority: str(authority), **options})
    return parts._replace(netloc=place, query=query).geturl()


def complaint(engine: Engine, url: str, shop: Path, database_url: str) -> str:
    """What the job says as it ends, at once, with exit code 4."""
    with started(engine, url, shop, DATABASE_URL=database_url) as process:
        _, errors = process.communicate(timeout=120)
    [only] = [json.loads(line) for line in errors.splitlines()]
    assert process.returncode == only["exit_code"] == 4
    return str(only["error"])


@on_servers
def test_a_run_with_all_checks_is_encrypted(engine: Engine, url: str, authorities: Authorities, shop: Path) -> None:
    database_url = demanding(engine, url, authorities.right, **engine.tls_demands[-1])
    with started(engine, url, shop, DATABASE_URL=database_url) as process:
        _, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors
    assert ask(engine, url, "SELECT status FROM job_runs") == [("done",)]


@on_servers
@pytest.mark.filterwarnings("ignore:ssl:DeprecationWarning")  # for what the driver does
def test_options_are_as_good_as_the_url(engine: Engine, url: str, authorities: Authorities) -> None:
    """With YAML's booleans and numbers; the driver would take the text 'false' for true."""
    options = {engine.tls_authority: str(authorities.right), **engine.tls_options}
    settings = {"dialect": engine.dialect, "url": engine.job_place(url).replace("127.0.0.1", "localhost")}
    settings_now = Config.model_validate({"database": {**settings, "options": options}})
    with closing(connect(settings_now)) as database:
        [row], _ = database._run(engine.tls_cipher)
    assert list(row.values())[-1].startswith("TLS_"), "TLS 1.3 has ciphers of that name"


@on_servers
def test_another_authority_is_refused(engine: Engine, url: str, authorities: Authorities, shop: Path) -> None:
    for options in engine.tls_demands:
        said = complaint(engine, url, shop, demanding(engine, url, authorities.other, **options))
        assert "localhost" in said and "certificate" in said


@on_servers
def test_another_host_name_is_refused(engine: Engine, url: str, authorities: Authorities, shop: Path) -> None:
    database_url = demanding(engine, url, authorities.right, "127.0.0.1", **engine.tls_demands[-1])
    said = complaint(engine, url, shop, database_url)
    assert "certificate" in said and "127.0.0.1" in said


@on_servers
def test_a_server_without_encryption_is_refused(
    engine: Engine, unencrypting: Server, authorities: Authorities, shop: Path
) -> None:
    url = f"{unencrypting.url}shop"
    for options in engine.tls_demands:
        said = complaint(engine, url, shop, demanding(engine, url, authorities.right, **options))
        assert "SSL" in said and "support" in said


@where(lambda engine: engine.hosts_in_turn)
def test_a_refused_certificate_counts_more_than_an_address_without_a_server(
    engine: Engine, url: str, authorities: Authorities
) -> None:
    settings = configured(engine, url)
    options = {engine.tls_authority: str(authorities.other), **engine.tls_demands[-1]}
    with pytest.raises(DatabaseError, match="certificate verify failed") as raised:
        connect(elsewhere(settings, host="127.0.0.2,localhost", options=options))
    assert not isinstance(raised.value, TransientError)
