"""CSV files, in a folder or a .zip: read, and unpacked as UTF-8."""

import codecs
import gzip
import hashlib
import io
import lzma
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import IO

from job.errors import DataError
from job.fingerprint import fingerprint
from job.staging import looks, parquet
from job.staging.values import PLAIN, Values
from job.tables import Column

CHUNK = 1 << 20  # bytes
QUOTE = b'"'
GZIPPED = 4  # times smaller than its content a gzipped CSV file is, as a rule at most
# What a broken or encrypted .zip or .gz raises, one packed in a way that Python does not know or with names that are no
# text, and a file without read rights.
UNREADABLE = (
    *(OSError, zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, RuntimeError),
    *(UnicodeError, struct.error),
)
LONG = 2 * CHUNK  # bytes of a record
BLANK = 500_000  # line breaks in a row are none of a CSV file's: to a reader, each is a record of nothing


@dataclass(frozen=True)
class Format:
    """How the files are written."""

    encoding: str = "utf-8"
    delimiter: str = ","
    values: Values = PLAIN
    ignore_unknown: bool = False  # columns that the table does not have
    columns: tuple[tuple[str, Values], ...] = ()  # those that are written otherwise

    def of(self, column: str) -> Values:
        """Return how the column's values are written; its case does not matter, as in a header."""
        return next((values for name, values in self.columns if name.lower() == column.lower()), self.values)


@dataclass(frozen=True)
class CsvFile:
    """One CSV file, in a folder or in a .zip, and the table that it fills."""

    table: str
    path: Path  # the .zip, where member is given
    member: str | None = None
    format: Format = Format()
    of_several: bool = False  # that fill the table: its name counts, too

    @property
    def name(self) -> str:
        """The file's own name, without .gz, for messages and `loaded_files`."""
        name = re.split(r"[/\\]", _decoded(self.member))[-1] if self.member else self.path.name
        return name[:-3] if name.lower().endswith(".gz") else name

    @property
    def parts(self) -> "tuple[CsvFile, ...]":
        """Itself: the files that fill the table."""
        return (self,)

    @property
    def is_gzipped(self) -> bool:
        """Tell by its name whether it is gzipped."""
        return (self.member or self.path.name).lower().endswith(".gz")

    @property
    def is_parquet(self) -> bool:
        """Tell by its name whether it is a Parquet file."""
        return self.name.lower().endswith(".parquet")

    @property
    def size(self) -> int:
        """The bytes of the uncompressed content; of a gzipped file, about."""
        size = self.path.stat().st_size
        if self.member:
            with self._readable(), zipfile.ZipFile(self.path) as archive:
                size = archive.getinfo(self.member).file_size
        return size * GZIPPED if self.is_gzipped else size

    @property
    def readable_in_place(self) -> bool:
        """DuckDB can read it where it is: neither packed nor in another encoding."""
        packed = self.member is not None or self.is_gzipped or self.is_parquet
        return not packed and codecs.lookup(self.format.encoding).name == "utf-8"

    @contextmanager
    def open(self) -> Iterator[IO[bytes] | gzip.GzipFile]:
        """Give the uncompressed bytes. Raises DataError where the file cannot be read."""
        with self._readable():
            if self.member:
                with zipfile.ZipFile(self.path) as archive, archive.open(self.member) as stream:
                    yield gzip.GzipFile(fileobj=stream) if self.is_gzipped else stream
            else:
                with gzip.open(self.path) if self.is_gzipped else self.path.open("rb") as stream:
                    yield stream

    @contextmanager
    def _readable(self) -> Iterator[None]:
        try:
            yield
        except UNREADABLE as error:
            reason = printable(str(error)) or type(error).__name__
            way_out = "unpack it first" if isinstance(error, RuntimeError) else "get the file again"
            raise DataError(f"{printable(str(self.path))}: {self.name} cannot be read ({reason}); {way_out}") from error

    @cached_property
    def fingerprint(self) -> str:
        """The SHA-256, in hex, of the uncompressed content, and of its format where that is not the default.

        Of several that fill a table, also of its name: two of them may have the same content, and their order counts.
        """
        digest = self._digest.copy()
        if self.format != Format():
            digest.update(repr(self.format).encode())
        if self.of_several:
            digest.update(self.name.encode(errors="surrogateescape"))
        return digest.hexdigest()

    @property
    def content_fingerprint(self) -> str:
        """The SHA-256, in hex, of the uncompressed content, however it is to be read."""
        return self._digest.hexdigest()

    @cached_property
    def _digest(self) -> "hashlib._Hash":
        digest = hashlib.sha256()
        with self.open() as stream:
            while chunk := stream.read(CHUNK):
                digest.update(chunk)
        return digest


@dataclass(frozen=True)
class TableFiles:
    """Several files that fill one table, one after the other."""

    table: str
    pattern: str  # or names, as the config has them
    parts: tuple[CsvFile, ...]

    @property
    def name(self) -> str:
        """What they are called, for messages that are of all of them."""
        return f"{self.pattern} ({len(self.parts)} files)" if len(self.parts) > 1 else self.parts[0].name

    @property
    def format(self) -> Format:
        """How they are written, all in the same way."""
        return self.parts[0].format

    @property
    def size(self) -> int:
        """The bytes of all; see `CsvFile.size`."""
        return sum(part.size for part in self.parts)

    @property
    def fingerprint(self) -> str:
        """What stands for all of them, in their order."""
        return fingerprint([part.fingerprint for part in self.parts])


Source = CsvFile | TableFiles  # what fills a table


def read_fingerprints(files: Sequence[Source]) -> Iterator[tuple[Source, str]]:
    """Yield each file with its fingerprint; two are read at a time. Raises DataError where one cannot be read."""
    pool = ThreadPoolExecutor(2)
    try:
        yield from zip(files, pool.map(lambda file: file.fingerprint, files), strict=True)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)  # a run that is interrupted does not wait for long files


def _decoded(member: str) -> str:
    """Return the name as it was meant: one in UTF-8 that the .zip does not say so of is read as of old."""
    with suppress(UnicodeError):
        return member.encode("cp437").decode()
    return member


def printable(text: str) -> str:
    """Return the text with what is no printable character written as an escape."""
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text)


@dataclass
class Written:
    """How a file is written, as its chunks show that come by.

    plain: every quote opens a field, closes it or is doubled within one (DuckDB drops spaces that stand between a quote
    and a delimiter), and no record is so long that it would keep DuckDB busy, and fill its memory.
    """

    delimiter: bytes
    plain: bool = True
    records: int = 0  # where it is plain: exactly so many, the header among them
    _inside: int = 0  # 1 within quotes, else 0
    _before: bytes = b"\n\n"  # the last two bytes
    _since_end: int = 0  # of a record

    def look_at(self, chunk: bytes) -> None:
        """See what the next bytes show: the file's, without a mark of their order; none at its end."""
        text = self._before + (chunk or b"\n")
        self._before = text[-2:]
        if not self.plain:
            return
        self._count(text)
        within = self._inside and QUOTE not in chunk  # a quoted field, where a line end ends no record
        last = -1 if within else max(chunk.rfind(b"\n"), chunk.rfind(b"\r"))
        self._since_end = self._since_end + len(chunk) if last < 0 else len(chunk) - last
        self.plain = self.plain and self._since_end <= LONG and not (self._inside and not chunk)

    def _count(self, text: bytes) -> None:
        """Count the records that begin in the text, without its first byte and its last: there the neighbours lack."""
        import numpy as np

        codes = np.frombuffer(text, dtype=np.uint8)
        ends = (codes == ord("\n")) | (codes == ord("\r"))
        begins = ends[:-2] & ~ends[1:-1]  # of lines with something on them
        if QUOTE not in text:
            self.records += 0 if self._inside else int(np.count_nonzero(begins))
            return
        quotes = np.flatnonzero(codes[1:-1] == ord(QUOTE))
        opening, closing = quotes[self._inside :: 2], quotes[1 - self._inside :: 2]
        beside = np.concatenate([codes[opening], codes[closing + 2]])
        self.plain = len(self.delimiter) == 1 and bool(np.isin(beside, list(self.delimiter + b'\r\n"')).all())
        within = (np.searchsorted(quotes, np.flatnonzero(begins)) + self._inside) % 2
        self.records += len(within) - int(within.sum())
        self._inside = (self._inside + len(quotes)) % 2


def unpack(file: CsvFile, path: Path) -> Written:
    """Put the file's content at the path as UTF-8: a link where it is readable as it is, else a copy.

    Also a link has a plain name: DuckDB would take a [, * or ? in a path for a pattern. Returns how it is written.
    Raises DataError where the content is not text in the declared encoding, or has a NUL byte.
    """
    path.unlink(missing_ok=True)
    if file.is_parquet:
        return Written(b"", records=_parquet_to_csv(file, path) + 1)
    if file.readable_in_place:
        path.symlink_to(file.path.resolve())
    written = Written(file.format.delimiter.encode())
    with nullcontext() if file.readable_in_place else path.open("wb") as target:
        for number, chunk in enumerate(_utf8(file)):
            if target:
                target.write(chunk)
            written.look_at(chunk if number else chunk.removeprefix(codecs.BOM_UTF8))
    return written


def with_lacking(paths: Sequence[Path], columns: Sequence[Column]) -> Sequence[Column]:
    """Return the columns, each with the characters of the unpacked files that it cannot hold."""
    if not any(column.charset for column in columns):
        return columns
    characters: set[str] = set()
    for path in paths:
        with path.open(encoding="utf-8", newline="") as stream:
            while chunk := stream.read(CHUNK):
                characters.update(chunk)
    return [
        replace(column, lacking=column.charset.pattern_of_lacking(characters)) if column.charset else column
        for column in columns
    ]


def head(file: CsvFile, path: Path) -> Path:
    """Put the beginning of the file, with its header, at the path as UTF-8; return that. Raises as `unpack`."""
    if file.is_parquet:
        _parquet_to_csv(file, path, limit=1)
    else:
        path.write_bytes(next(_utf8(file)))
    return path


def _parquet_to_csv(file: CsvFile, path: Path, limit: int | None = None) -> int:
    with file.open() as stream:
        return parquet.to_csv(stream, file.name, path, file.format.delimiter, file.format.values, limit)


def is_text_in(file: CsvFile, encoding: str) -> bool:
    """Tell whether the whole file is text in the encoding. Raises DataError where it cannot be read."""
    decoder = codecs.getincrementaldecoder(encoding)()
    with file.open() as source:
        try:
            while chunk := source.read(CHUNK):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True


def _utf8(file: CsvFile) -> Iterator[bytes]:
    """Yield the file's content in chunks of UTF-8. Raises as `unpack`."""
    same = codecs.lookup(file.format.encoding).name == "utf-8"
    decoder = codecs.getincrementaldecoder(file.format.encoding)()
    position = 0  # of the chunk that is being decoded
    with file.open() as source:
        while True:
            chunk = source.read(CHUNK)
            if not position and (what := looks.binary(chunk, file.format.encoding)):
                raise DataError(f"{file.name} {what}")
            pending = len(decoder.getstate()[0])
            try:
                text = decoder.decode(chunk, final=not chunk)
            except UnicodeError as error:
                offset = position - pending + getattr(error, "start", 0)
                byte = error.object[error.start] if isinstance(error, UnicodeDecodeError) else 0
                raise DataError(
                    f"{file.name}:{_line_at(file, offset)}: byte 0x{byte:02x}, number {offset + 1} of the file, is not "
                    f"{file.format.encoding.upper()}; save the file as UTF-8, or declare load.encoding"
                ) from error
            if "\0" in text:
                offset = position - pending + len(text[: text.index("\0")].encode(file.format.encoding))
                raise DataError(
                    f"{file.name}:{_line_at(file, offset)}: a NUL byte, which databases do not store as text; remove it"
                )
            if len(text) >= BLANK and not text.strip("\r\n"):
                line = _line_at(file, position)
                raise DataError(f"{file.name}:{line}: more than {BLANK:,} empty lines follow; is it the right file?")
            position += len(chunk)
            yield chunk if same else text.encode()
            if not chunk:
                return


def _line_at(file: CsvFile, offset: int) -> int:
    """Return the line, as an editor counts, of the byte at the offset."""
    decoder = io.IncrementalNewlineDecoder(codecs.getincrementaldecoder(file.format.encoding)("ignore"), translate=True)
    line = 1
    with file.open() as source:
        while chunk := source.read(min(CHUNK, offset)):
            line += str(decoder.decode(chunk)).count("\n")
            offset -= len(chunk)
    return line
