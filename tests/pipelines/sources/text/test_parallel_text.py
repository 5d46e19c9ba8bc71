from functools import partial

import pytest

from pipelines.sources.split_names import SPLITS
from pipelines.sources.synthetic import cldr_phrases
from pipelines.sources.text import pair_files, parallel_text
from pipelines.sources.text.pair import Pair
from pipelines.sources.text.pair_form import PairForm
from pipelines.sources.tfds import tfds_pairs

EN_DE = PairForm("en", "de")
NAMES = {"train": "train", "validation": "val", "test": "test"}


@pytest.fixture
def folder(tmp_path):
    """A folder of text files with two pairs in each split."""
    for split, name in NAMES.items():
        (tmp_path / f"{name}.en").write_text(f"{split} one\n{split} two\n")
        (tmp_path / f"{name}.de").write_text(f"{split} eins\n{split} zwei\n")
    return tmp_path


@pytest.fixture
def data_dir(tmp_path, monkeypatch):
    """Where TFDS keeps its files, in place of the user's folder."""
    monkeypatch.setattr(cldr_phrases, "read", partial(cldr_phrases.read, data_dir=tmp_path))
    for name in ("find_languages", "read"):
        monkeypatch.setattr(tfds_pairs, name, partial(getattr(tfds_pairs, name), data_dir=tmp_path))
    return tmp_path


@pytest.mark.parametrize("split", SPLITS)
def test_a_folder_is_read_in_either_direction(folder, split):
    pairs = [Pair(f"{split} one", f"{split} eins"), Pair(f"{split} two", f"{split} zwei")]
    assert list(parallel_text.reader(str(folder), EN_DE)(split)) == pairs
    backwards = [Pair(pair.target, pair.source) for pair in pairs]
    assert list(parallel_text.reader(str(folder), PairForm("de", "en"))(split)) == backwards


def test_a_reader_starts_over_each_time(folder):
    read = parallel_text.reader(str(folder), EN_DE)
    assert list(read("train")) == list(read("train"))


def test_phrases_are_generated_when_they_are_read_without_a_word(data_dir, capsys, caplog):
    read = parallel_text.reader("cldr", PairForm("en", "fr", 240, 3))
    assert not list(data_dir.iterdir())
    assert list(read("test")) == cldr_phrases.generate("en", "fr", 3, 240)["test"]
    assert capsys.readouterr() == ("", "")
    assert not caplog.messages


def test_a_data_set_is_read_by_name_in_either_direction(data_dir):
    config = cldr_phrases.PhrasesConfig(examples=240)
    cldr_phrases.Builder(config=config, data_dir=data_dir).download_and_prepare()
    name = f"tfds:cldr_phrases/{config.name}"
    forwards = list(parallel_text.reader(name, PairForm("source", "target"))("validation"))
    backwards = list(parallel_text.reader(name, PairForm("target", "source"))("validation"))
    assert forwards == [pair._replace(kind="") for pair in cldr_phrases.generate(examples=240)["validation"]]
    assert [(pair.target, pair.source) for pair in backwards] == [(pair.source, pair.target) for pair in forwards]
    with pytest.raises(ValueError, match=r"source and target\. Received: source='source', target='de'"):
        parallel_text.reader(name, PairForm("source", "de"))


@pytest.mark.parametrize(
    ("data", "source", "error", "message"),
    [
        ("nowhere", "en", FileNotFoundError, "nowhere"),
        ("cldr", "xx", ValueError, "locale='xx'"),
        ("cldr", "de", ValueError, "two different locales"),
        ("tfds:ted_hrlr_translat/pt_to_en", "en", ValueError, "nearest: ted_hrlr_translate"),
    ],
)
def test_a_mistake_is_found_before_any_split_is_read(data, source, error, message):
    with pytest.raises(error, match=message):
        parallel_text.reader(data, PairForm(source, "de", 240))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"only one\n", "1 lines in .*en, 2 lines in .*de"),
        (b"one\n\n", r"empty line, .*\.en, line 2"),
        (b"one\ntw\xff\n", r"byte 0xff .*\.en, line 2"),
    ],
)
def test_what_fails_a_check_fails_it_again(folder, content, message):
    (folder / "val.en").write_bytes(content)
    read = parallel_text.reader(str(folder), EN_DE)
    for _ in range(2):
        with pytest.raises(ValueError, match=message):
            read.check("validation")


def test_files_are_checked_once_until_they_change(folder, monkeypatch):
    assert parallel_text.reader(str(folder), EN_DE, folder / "index").check("train") == 2
    with monkeypatch.context() as patch:
        patch.setattr(pair_files, "read", lambda *_: pytest.fail("read again"))
        assert parallel_text.reader(str(folder), EN_DE, folder / "index").check("train") == 2
    for name in ("train.en", "train.de"):
        (folder / name).write_text("one more\n" * 3)
    assert parallel_text.reader(str(folder), EN_DE, folder / "index").check("train") == 3


def test_several_sources_are_read_in_their_order(folder, data_dir):
    (folder_source, folder_read), (phrases, phrases_read) = parallel_text.readers(
        f"{folder}*3,cldr", PairForm("en", "de", 240)
    )
    assert (folder_source, phrases) == ((str(folder), 3), ("cldr", 1))
    assert list(folder_read("test")) == list(parallel_text.reader(str(folder), EN_DE)("test"))
    assert list(phrases_read("test")) == cldr_phrases.generate("en", "de", 1, 240)["test"]


@pytest.mark.parametrize(
    ("other", "error", "message"),
    [
        (
            "nowhere*2",
            FileNotFoundError,
            r"folder='nowhere'; there is no such file.*, of the source 'nowhere' in data='.*,nowhere\*2'",
        ),
        ("cldr", ValueError, "examples=3, of the source 'cldr'"),
        ("tfds:cldr_phrase", ValueError, "name='cldr_phrase', of the source 'tfds:cldr_phrase'"),
    ],
)
def test_a_mistake_names_its_source(folder, other, error, message):
    with pytest.raises(error, match=message):
        parallel_text.readers(f"{folder},{other}", PairForm("en", "de", 3))


def test_other_data_is_read_without_its_training_split(folder):
    for name in ("train.en", "train.de", "val.de"):
        (folder / name).unlink()
    (folder / "val.de").write_text("validation eins\nvalidation zwei\n")
    assert [pair.source for pair in parallel_text.other_pairs(str(folder), "test", EN_DE)] == ["test one", "test two"]
    assert parallel_text.other_files(str(folder), "test", EN_DE) == [folder / "test.en", folder / "test.de"]
    with pytest.raises(ValueError, match="Expected --split validation or --split test"):
        parallel_text.other_pairs(str(folder), "other", EN_DE)


def test_one_file_of_other_data_is_read_whole(tmp_path):
    (tmp_path / "more.tsv").write_text("one\teins\ntwo\tzwei\n")
    assert parallel_text.other_pairs(str(tmp_path / "more.tsv"), "other", EN_DE) == [
        Pair("one", "eins"),
        Pair("two", "zwei"),
    ]


def test_files_beside_those_of_the_splits_are_said(folder):
    assert [found.unread for _, found in parallel_text.readers(str(folder), EN_DE)] == [""]
    for name in ("news.de", "more.tsv", "README", "train.fr"):
        (folder / name).write_text("...")
    ((_, found),) = parallel_text.readers(str(folder), EN_DE)
    assert found.unread.startswith(f"not read in {folder}: more.tsv, news.de, since")
