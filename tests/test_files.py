"""A file is there whole, or as it was before."""

import stat
import subprocess
import sys
from pathlib import Path

import pytest

from job.files import Drafts, private, replaced

# Writes half a file, says so, and waits.
WRITER = """
import sys
from pathlib import Path
from job.files import replaced
with replaced(Path(sys.argv[1])) as draft:
    draft.write_text("half")
    print("half", flush=True)
    sys.stdin.read()
"""


def test_a_file_is_replaced_at_the_end(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "labels.csv"
    for content in ("first", "second"):
        with replaced(path) as draft:
            draft.write_text(content)
            assert path.exists() == (content == "second")
        assert path.read_text() == content
    assert list(path.parent.iterdir()) == [path]


def test_a_block_that_fails_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "labels.csv"
    path.write_text("first")
    with pytest.raises(KeyboardInterrupt), replaced(path) as draft:
        draft.write_text("half")
        raise KeyboardInterrupt
    assert path.read_text() == "first"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("published", [True, False])
def test_drafts_take_their_places_later_or_not_at_all(tmp_path: Path, published: bool) -> None:
    new, outdated = tmp_path / "new.csv", tmp_path / "outdated.csv"
    outdated.write_text("mended by now")
    drafts = Drafts()
    drafts.of(new).write_text("one")
    drafts.of(new).write_text("two")
    drafts.remove(outdated)
    drafts.remove(tmp_path / "never there.csv")
    assert (new.exists(), outdated.exists()) == (False, True)
    if published:
        drafts.publish()
        assert new.read_text() == "two"
    else:
        drafts.discard()
    assert list(tmp_path.iterdir()) == ([new] if published else [outdated])


def test_what_a_killed_process_has_left_goes_with_the_next_draft(tmp_path: Path) -> None:
    """And what one that lives is writing stays."""
    path, command = tmp_path / "labels.csv", [sys.executable, "-c", WRITER]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen([*command, path], **pipes) as writer:  # type: ignore[call-overload]
        assert writer.stdout.readline() == "half\n"
        with replaced(tmp_path / "other.csv") as draft:
            draft.write_text("whole")
        assert [left.read_text() for left in tmp_path.glob(".*/labels.csv")] == ["half"]
        writer.kill()
    with replaced(path) as draft:
        draft.write_text("whole")
    assert sorted(tmp_path.rglob("*")) == [path, tmp_path / "other.csv"]


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_new_files_are_the_users_and_others_stay_as_open_as_they_were(tmp_path: Path) -> None:
    """A folder that is a group's shares what is new in it; who may read a folder of reports may read these, too."""
    path, group, open_to_all = tmp_path / "own" / "a.csv", tmp_path / "group", tmp_path / "open"
    for folder, bits in ((group, 0o2770), (open_to_all, 0o755)):
        folder.mkdir()
        folder.chmod(bits)
    with private():
        for folder in (path.parent, group, open_to_all):
            with replaced(folder / "a.csv") as draft:
                draft.write_text("1")
        with replaced(open_to_all / "page.html", shared=True) as draft:
            draft.write_text("1")
    assert (mode(path.parent), mode(path)) == (0o700, 0o600)
    assert (mode(group / "a.csv"), mode(open_to_all / "a.csv")) == (0o660, 0o600)
    assert (mode(open_to_all / "page.html"), mode(open_to_all)) == (0o644, 0o755)
    path.chmod(0o640)
    with replaced(path) as draft:
        draft.write_text("2")
    assert mode(path) == 0o640
