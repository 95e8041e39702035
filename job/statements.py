"""The SQL files: found in their folders, rendered with Jinja2, split into statements.

Values are bound as `%(name)s`; only identifiers, numbers that the job computed itself and repetition are rendered. A
shop's own SQL is never rendered or changed: it goes to the engine as it stands.
"""

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence, Sized
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import BytecodeCache, Environment, FileSystemLoader, StrictUndefined
from jinja2.bccache import Bucket

from job.errors import ConfigError
from job.resources import shipped
from job.tables import HERE, OWN_TABLES, Column, Name, Own, quoted
from job.transforms import transformed_sql

if TYPE_CHECKING:
    from sqlglot.tokenizer_core import Token

SQL_FOLDER = shipped("sql")
ENDS = re.compile(r";(?=\s*$|\s*\{%)", re.MULTILINE)  # where a statement of ours does
RUN_COMMENT = re.compile(r"/\*M?!")  # begins a comment whose content some engines run
END = "\0"  # in its place as the files are rendered: no name and no SQL of a shop can hold one


class _Loader(FileSystemLoader):
    """Marks where statements end before anything is rendered into them, a shop's semicolons among it."""

    def get_source(self, environment: Environment, template: str) -> tuple[str, str, Callable[[], bool]]:
        source, path, is_current = super().get_source(environment, template)
        return ENDS.sub(END, source), path, is_current


class _Compiled(BytecodeCache):
    """What the process has compiled: each of its connections would compile the files it needs anew."""

    def __init__(self) -> None:
        self._files: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if compiled := self._files.get(bucket.key):
            bucket.bytecode_from_string(compiled)

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._files[bucket.key] = bucket.bytecode_to_string()


COMPILED = _Compiled()


class SqlFiles:
    """The files of folders of `sql/`; where several have a file, that of the first counts."""

    def __init__(self, *folders: str) -> None:
        self._templates = Environment(
            loader=_Loader([SQL_FOLDER / folder for folder in folders]),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            bytecode_cache=COMPILED,
            autoescape=False,  # SQL, not HTML: names go through `identifier`, values are bound
        )
        self._templates.filters |= {
            "hex": lambda text: text.encode().hex(),
            "identifier": quoted,
            "names": names,
            "number": number,
            "numbered": numbered,
            "pairs": pairs,
            "text": text,
            "transformed": transformed_sql,
        }
        files = self._templates.list_templates(extensions=["sql"])
        self._names = frozenset(file.removesuffix(".sql") for file in files)

    def __contains__(self, name: str) -> bool:
        return name in self._names

    def names(self, prefix: str = "") -> list[str]:
        """Return the names of the files that begin so, without .sql, sorted."""
        return sorted(name for name in self._names if name.startswith(prefix))

    def text(self, name: str) -> str:
        """Return NAME.sql as it stands."""
        loader = self._templates.loader
        assert loader
        return loader.get_source(self._templates, f"{name}.sql")[0].replace(END, ";")

    def render(self, name: str, **context: Any) -> list[str]:
        """Return the statements of NAME.sql, in order.

        Raises jinja2.TemplateNotFound or jinja2.UndefinedError: both are bugs.
        """
        pieces = self._templates.get_template(f"{name}.sql").render(context).split(END)
        return [piece.strip() for piece in pieces if not _is_blank(piece)]


class Statements(SqlFiles):
    """Those of a dialect: `sql/DIALECT/` before `sql/common/`.

    At hand in all of them: the names of the job's own tables, such as {{ customer_features }}, and what
    `sql/common/defaults.sql` defines, in the dialect's words where its dialect.sql has others.
    required: names of those that must be there. Raises ConfigError where one is not.
    """

    def __init__(self, dialect: str, own: Own = HERE, required: Collection[str] = ()) -> None:
        super().__init__(dialect, "common")
        if lacking := sorted(set(required) - self._names):
            raise ConfigError(
                f"sql/{dialect} lacks {', '.join(f'{name}.sql' for name in lacking)}; "
                "job/statement_contract.py and the adapter say what each is for"
            )
        self._templates.globals |= {table: quoted(own.name(table)) for table in OWN_TABLES}
        for name in ("defaults", "dialect"):
            if name in self:
                self._templates.globals |= self._defined(name)

    def macro(self, name: str) -> Callable[..., str]:
        """Return what `sql/common/defaults.sql` defines, or the dialect otherwise, as a function that gives SQL."""
        macro: Any = self._templates.globals[name]
        return lambda *values: str(macro(*values)).strip()

    def _defined(self, name: str) -> dict[str, Any]:
        """Return the macros and variables of NAME.sql."""
        module = self._templates.get_template(f"{name}.sql").module
        return {key: value for key, value in vars(module).items() if not key.startswith("_")}


def read_script(key: str, path: Path) -> str:
    """Return the text of a shop's own file as it stands, without a byte order mark.

    key: the config's, for the ConfigError that is raised where the file cannot be read or holds nothing.
    """
    try:
        script = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise ConfigError(f"{key}: {path} cannot be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{key}: {path} cannot be read: it is not UTF-8 text; save it as UTF-8") from error
    if END in script:  # as in UTF-16 without a byte order mark
        raise ConfigError(f"{key}: {path} cannot be read: it holds a NUL byte; save it as UTF-8")
    if _is_blank(script):
        raise ConfigError(f"{key}: {path} holds no statement")
    return script


def split(script: str, dialect: str, rules: Mapping[str, Any]) -> list[str]:
    """Return a shop's statements, each as it stands in the script, without the semicolons between them.

    dialect: whose words and quotes they have, as sqlglot calls it. rules: what differs from that, as attributes of its
    tokenizer. Raises ValueError where a quote or a comment is not closed by these rules.
    """
    bare = script.rstrip().removesuffix(";")
    if ";" not in bare:  # sqlglot takes as long to import as a short run takes
        return [] if _is_blank(bare) else [bare]
    from sqlglot import TokenType

    tokens = tokenized(script, dialect, rules)
    ends = [token.start for token in tokens if token.token_type == TokenType.SEMICOLON]
    starts = [0, *(end + 1 for end in ends)]
    code = [token.start for token in tokens if token.token_type != TokenType.SEMICOLON]
    code += [match.start() for match in RUN_COMMENT.finditer(script)]
    pieces = zip(starts, [*ends, len(script)], strict=True)
    return [script[start:end] for start, end in pieces if any(start <= place < end for place in code)]


def words(statement: str, dialect: str, rules: Mapping[str, Any]) -> list[str]:
    """Return a statement's words, without comments, each with a blank before it where it is apart from the last one.

    Quoted names and texts are one word each, as are brackets and commas. Arguments and errors: as of `split`.
    """
    found, end = list[str](), 0
    for token in tokenized(statement, dialect, rules):
        text = statement[token.start : token.end + 1]
        parts = text.split() if text[:1].isalpha() else [text]
        found += [f" {part}" if number or token.start > end else part for number, part in enumerate(parts)]
        end = token.end + 1
    return found


def tokenized(script: str, dialect: str, rules: Mapping[str, Any]) -> "list[Token]":
    """Return what a shop's script is made of, without its comments. Arguments and errors: as of `split`."""
    from sqlglot import Dialect
    from sqlglot.errors import TokenError

    # Of what it takes for commands, sqlglot reads all up to the next semicolon as one text, quotes or not.
    tokenizer = type("Tokenizer", (Dialect.get_or_raise(dialect).tokenizer_class,), {"COMMANDS": set(), **rules})
    try:
        tokens: list[Token] = tokenizer(dialect).tokenize(script)
    except TokenError as error:
        raise ValueError(str(error)) from error
    return tokens


def _is_blank(script: str) -> bool:
    """Tell whether there is nothing but empty lines, and lines that are comments in every dialect."""
    return all(not line.strip() or line.strip().startswith("--") for line in script.splitlines())


def text(value: object) -> str:
    """Return the text as an SQL string: for file names, where no engine binds values."""
    return "'" + str(value).replace("'", "''") + "'"


def number(value: float) -> str:
    """Return a literal that every engine reads back as the same double: 17 significant digits, in brackets."""
    return f"({value:.16e})"


def names(columns: Iterable[str | Column], of: str | Name | None = None) -> str:
    """Return the columns as a list: `"a", "b"`, or `"t"."a", "t"."b"` of a table or alias."""
    return ", ".join(_column(column, of) for column in columns)


def pairs(columns: Sequence[str], left: str | Name, right: str | Name, as_right: Sequence[str] | None = None) -> str:
    """Return the condition that rows of two tables, or aliases, agree: `"l"."a" = "r"."a" AND "l"."b" = "r"."b"`.

    as_right: what the columns are called on the right, where that is otherwise.
    """
    both = zip(columns, as_right or columns, strict=True)
    return " AND ".join(f"{_column(ours, left)} = {_column(theirs, right)}" for ours, theirs in both)


def numbered(items: Sized, prefix: str) -> str:
    """Return a list of as many columns as there are items: `"p0", "p1"`."""
    return names(f"{prefix}{number}" for number in range(len(items)))


def _column(column: str | Column, of: str | Name | None) -> str:
    name = quoted(column if isinstance(column, str) else column.name)
    return name if of is None else f"{quoted(of)}.{name}"
