"""A file is there whole, or as it was before."""

from pathlib import Path

import pytest

from job.files import Drafts, replaced


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
