"""Files and folders that appear whole or not at all."""

import pytest

from tlkit.files import replacing, write_whole


def test_a_file_is_replaced_in_one_step(tmp_path):
    path = tmp_path / "new" / "record.json"
    write_whole(path, "old")
    with replacing(path) as temporary:
        temporary.write_text("new")
        assert path.read_text() == "old"
        assert temporary.name == path.name
    assert path.read_text() == "new"
    assert [one.name for one in path.parent.iterdir()] == ["record.json"]


def stopped_half_way(path, **options):
    with replacing(path, **options) as temporary:
        temporary.write_text("half")
        raise KeyboardInterrupt


def test_after_an_error_all_is_as_before(tmp_path):
    path = tmp_path / "record.json"
    path.write_text("old")
    with pytest.raises(KeyboardInterrupt):
        stopped_half_way(path)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_appears_whole_and_only_then_the_folder_above_it(tmp_path):
    with pytest.raises(KeyboardInterrupt):
        stopped_half_way(tmp_path / "key" / "segment", within=tmp_path)
    assert list(tmp_path.iterdir()) == []
    with replacing(tmp_path / "key" / "segment", within=tmp_path) as folder:
        folder.mkdir()
    assert [str(one.relative_to(tmp_path)) for one in sorted(tmp_path.rglob("*"))] == ["key", "key/segment"]
