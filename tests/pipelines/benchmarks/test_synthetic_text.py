from pipelines.benchmarks import synthetic_text


def test_pairs_are_the_same_each_time_and_have_many_words(tmp_path):
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        synthetic_text.write(tmp_path / name, "en", "de")
    files = {path.name: path.read_text() for path in (tmp_path / "first").iterdir()}
    assert files == {path.name: path.read_text() for path in (tmp_path / "second").iterdir()}
    assert files.keys() == {f"{split}.{language}" for split in ("train", "val", "test") for language in ("en", "de")}
    source, target = (files[f"train.{language}"].splitlines() for language in ("en", "de"))
    assert len(source) == len(target) == 20_000
    lengths = [len(line.split()) for line in source]
    assert 11 < sum(lengths) / len(lengths) < 13
    assert (min(lengths), max(lengths)) == (4, 28)
    assert len({word for line in source for word in line.split()}) > 8000
