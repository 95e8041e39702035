"""Which characters a database, or a column of it, can hold, where those are not all."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

FIRST_PLANE = "first plane"  # in place of a codec: the characters up to U+FFFF, which take three bytes in UTF-8


class Charset(NamedTuple):
    """A database's or a column's set of characters."""

    title: str  # for people: `the database's encoding LATIN1`
    codec: str  # Python's of the same characters, or FIRST_PLANE

    def holds(self, text: str) -> bool:
        """Tell whether all of the text's characters are in the set."""
        if self.codec == FIRST_PLANE:
            return max(text, default="") <= "\uffff"
        try:
            text.encode(self.codec)
        except UnicodeEncodeError:
            return False
        return True

    def lacking(self, characters: Iterable[str]) -> Iterator[str]:
        """Yield those of the characters that are not in the set."""
        return (character for character in characters if not self.holds(character))

    def escaped(self, text: str) -> str:
        r"""Return the text with `\u65e5` in place of a character that is not in the set."""
        if self.holds(text):
            return text
        return "".join(each if self.holds(each) else each.encode("ascii", "backslashreplace").decode() for each in text)

    def pattern_of_lacking(self, characters: Iterable[str]) -> str:
        """Return a regular expression, as DuckDB takes it, for any of the characters that is not in the set.

        It may take others, too, but none of the characters. Empty: all are in the set.
        """
        ranges: list[tuple[str, str]] = []
        before = ""
        for character in sorted(characters):
            if self.holds(character):
                before = ""
                continue
            first = ranges.pop()[0] if before else character
            ranges.append((first, character))
            before = character
        classes = [rf"\x{{{ord(first):X}}}-\x{{{ord(last):X}}}" for first, last in ranges]
        return f"[{''.join(classes)}]" if classes else ""
