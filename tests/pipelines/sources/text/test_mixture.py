import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.sources.text.mixture import Component, parse

NAME = st.text(st.characters(exclude_characters=",*\x00", exclude_categories=["Cs"]), min_size=1).filter(
    lambda name: name == name.strip()
)
SOURCES = st.lists(st.builds(Component, NAME.map("nowhere/{}".format), st.integers(1, 10**6)), min_size=1, max_size=4)


@given(sources=SOURCES, blank=st.sampled_from(["", " "]), spell_once=st.booleans())
def test_what_is_written_out_is_read_again(sources, blank, spell_once):
    written = [f"{name}*{times}" if times > 1 or spell_once else name for name, times in sources]
    assert parse(f"{blank},{blank}".join(written)) == sources


@pytest.mark.parametrize("data", ["cldr", "tfds:ted_hrlr_translate/pt_to_en", "my/texts", "/a b/ü:1.0"])
def test_one_source_is_itself(data):
    assert parse(data) == [Component(data, 1)]


@pytest.mark.parametrize("name", ["a,b", "a*3", "a*", "*", "a*3,b*2"])
def test_what_names_a_folder_is_that_folder(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    (tmp_path / name).mkdir()
    assert parse(name) == [Component(name)]
    if "," not in name:
        assert parse(f"cldr,{name}*4") == [Component("cldr"), Component(name, 4)]


@pytest.mark.parametrize(
    ("data", "part"),
    [
        ("a*0", "a*0"),
        ("a,b*1.5", "b*1.5"),
        ("a,*3", "*3"),
        ("a,,b", ""),
        ("a,", ""),
        ("a*-1", "a*-1"),
        ("a*2*3", "a*2*3"),
    ],
)
def test_a_wrong_part_is_named(data, part):
    with pytest.raises(ValueError, match="whole number of at least 1") as error:
        parse(data)
    assert f"Received: {part!r} in data={data!r}" in str(error.value)
