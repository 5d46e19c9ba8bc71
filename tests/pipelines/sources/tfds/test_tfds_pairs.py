import pytest

from pipelines.sources.synthetic.cldr_phrases import Builder, PhrasesConfig, generate
from pipelines.sources.tfds import tfds_pairs

NAME = "ted_hrlr_translate/pt_to_en"


@pytest.fixture
def talks(mocked):
    """The data set with random texts, a train and a "dev" split."""
    with mocked(NAME, "train", "dev"):
        yield


def test_reads_both_directions(talks):
    forwards = list(tfds_pairs.read("train", NAME, "pt", "en"))
    backwards = list(tfds_pairs.read("train", NAME, "en", "pt"))
    assert len(forwards) == 5
    assert [(pair.target, pair.source) for pair in forwards] == [(pair.source, pair.target) for pair in backwards]


def test_finds_the_split_under_its_other_name(talks):
    assert len(list(tfds_pairs.read("validation", NAME, "pt", "en"))) == 5


def test_names_the_splits_there_are(talks):
    with pytest.raises(ValueError, match=r"train, dev.*Received: split='test'"):
        next(tfds_pairs.read("test", NAME, "pt", "en"))


def test_names_the_languages_there_are(talks):
    with pytest.raises(ValueError, match=r"pt, en.*Received: language='de'"):
        next(tfds_pairs.read("train", NAME, "pt", "de"))


def test_finds_the_languages(talks):
    assert tfds_pairs.find_languages(NAME) == ("pt", "en")


def test_finds_no_languages_in_pictures():
    with pytest.raises(ValueError, match=r"two languages.*name='mnist'"):
        tfds_pairs.find_languages("mnist")


def test_names_the_nearest_configuration(tmp_path):
    with pytest.raises(ValueError, match=r"nearest: ted_hrlr_translate/pt_to_en.*Received.*pt_to_em"):
        tfds_pairs.find_languages("ted_hrlr_translate/pt_to_em", tmp_path)


def test_names_the_nearest_data_set(tmp_path):
    with pytest.raises(ValueError, match=r"nearest: ted_hrlr_translate,.*Received.*ted_hrlr_translat/"):
        tfds_pairs.find_languages("ted_hrlr_translat/pt_to_en", tmp_path)


def test_reads_a_prepared_data_set_by_name(tmp_path):
    config = PhrasesConfig(examples=240)
    Builder(config=config, data_dir=tmp_path).download_and_prepare()
    name = f"cldr_phrases/{config.name}"
    pairs = list(tfds_pairs.read("test", name, "source", "target", tmp_path))
    assert pairs == [pair._replace(kind="") for pair in generate(examples=240)["test"]]
