"""Which characters a database can hold, as Python's codecs and DuckDB's regular expressions say it."""

import duckdb
import pytest

from job.charsets import FIRST_PLANE, Charset

TEXTS = ["", "plain", "niterói", "ÿ€", "日本語", "ш", "a😀b", "[^]\\-", "\x7f"]


@pytest.mark.parametrize(
    ("codec", "held"),
    [
        ("latin1", {"", "plain", "niterói", "[^]\\-", "\x7f"}),
        ("cp1252", {"", "plain", "niterói", "ÿ€", "[^]\\-", "\x7f"}),
        ("koi8_r", {"", "plain", "ш", "[^]\\-", "\x7f"}),
        ("euc_jp", {"", "plain", "niterói", "日本語", "ш", "[^]\\-", "\x7f"}),
        (FIRST_PLANE, set(TEXTS) - {"a😀b"}),
        ("utf-8", set(TEXTS)),
    ],
)
def test_python_and_duckdb_agree_on_what_a_charset_holds(codec: str, held: set[str]) -> None:
    charset = Charset("a charset", codec)
    assert {text for text in TEXTS if charset.holds(text)} == held
    pattern = charset.pattern_of_lacking(set("".join(TEXTS)))
    with duckdb.connect() as connection:
        found = {text: connection.execute("SELECT regexp_matches(?, ?)", [text, pattern]).fetchone() for text in TEXTS}
    assert {text for text, row in found.items() if not pattern or row == (False,)} == held
    assert all(charset.holds(charset.escaped(text)) for text in TEXTS)
    assert {text for text in TEXTS if charset.escaped(text) == text} == held


def test_thousands_of_characters_are_a_short_pattern() -> None:
    characters = {chr(code) for code in range(0x4E00, 0x9FFF, 2)} | set("aé😀")
    assert Charset("", "latin1").pattern_of_lacking(characters) == r"[\x{4E00}-\x{1F600}]"
