"""What all tokenizers have in common, and what is special to words and characters."""

import keras
import pytest
import tensorflow as tf
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tfmodels import preprocessing
from tfmodels.export.checks.forbidden_ops import forbidden_ops
from tfmodels.export.graph.meta_graph import read_meta_graph
from tfmodels.export.graph.reached_ops import ReachedOps
from tfmodels.token_ids import END, PAD, UNK

LEARNT = ["A dog runs, doesn't it?", "The Dog: 2024 ran.", "it runs in 語 Élan"] * 3
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
ODD = [
    "",
    "  ",
    "Don't \t panic\u2028now",
    "nul\x00nul dog",
    "語🙂 e\u0301",
    "a\u00a0dog\x85!",
    "</s> <unk>",
    "İ ΟΔΟΣ ﬁ",
]
BAD = [b"\xff\xfe", b"dog \xe2\x82 runs\xff", b"\xed\xa0\x80 it", b"\x80", b"\x00\xff\x00"]
ENOUGH = 1_000


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    folder = tmp_path_factory.mktemp("vocabularies")
    preprocessing.Words.train(LEARNT, folder / "Words", 50, lower_case=True)
    preprocessing.Characters.train(LEARNT, folder / "Characters", 60)
    preprocessing.train_subwords(LEARNT * 7, folder / "Subwords", 300)
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture(scope="module", params=["Words", "Characters", "Subwords"])
def tokenizer(request, models):
    return getattr(preprocessing, request.param)(models[request.param])


@pytest.fixture(scope="module")
def words(models):
    return preprocessing.Words(models["Words"])


@pytest.fixture(scope="module")
def characters(models):
    return preprocessing.Characters(models["Characters"])


def texts_of(tensor):
    return [text.decode() for text in tensor.numpy().tolist()]


def spelt(text, starts, ends):
    return [text.encode()[start:end].decode() for start, end in zip(starts, ends, strict=True)]


@settings(deadline=None, max_examples=10)
@given(st.lists(TEXT, min_size=1, max_size=4), st.integers(1, 8))
@example(ODD, 8)
@example(["dog " * 5000], 7)
def test_a_row_is_the_start_of_its_text_then_one_end_then_padding(tokenizer, texts, max_length):
    ids = tokenizer.ids(tf.constant(texts), max_length)
    starts, ends = tokenizer.offsets(tf.constant(texts), max_length)
    assert (ids.dtype, starts.dtype, ends.dtype) == (tf.int32,) * 3
    assert ids.shape == starts.shape == ends.shape
    assert ids.shape[1] <= max_length
    lengths = tokenizer.ragged_ids(tf.constant(texts), max_length).row_lengths().numpy()
    for i, (row, text) in enumerate(zip(ids.numpy(), texts, strict=True)):
        whole = tokenizer.tokenize(tf.constant([text])).numpy()[0]
        kept = min(len(whole), max_length - 1)
        assert row.tolist() == [*whole[:kept], END, *[PAD] * (len(row) - kept - 1)]
        assert lengths[i] == kept + 1
        padding = [0] * (len(row) - kept - 1)
        for side in (starts, ends):
            assert side[i, kept:].numpy().tolist() == [len(text.encode()), *padding]


def test_of_a_long_text_only_the_start_is_tokenized(tokenizer, monkeypatch):
    def watched(method):
        def call(texts):
            seen.append(int(tf.reduce_max(tf.strings.length(texts))))
            return method(texts)

        return call

    seen, long = [], tf.constant(["dog runs " * 50_000])
    expected = tokenizer.tokenize(long)[:, :6]
    for name in ("tokens", "spans"):
        monkeypatch.setattr(tokenizer, name, watched(getattr(tokenizer, name)))
    assert tokenizer.ids(long, 7).numpy().tolist() == [[*expected.numpy()[0], END]]
    starts, ends = tokenizer.offsets(long, 7)
    assert starts.shape == (1, 7) and int(ends[0, -1]) == 450_000
    assert seen and max(seen) == 7 * 4096


@settings(deadline=None, max_examples=10)
@given(st.lists(st.one_of(st.binary(max_size=20), TEXT.map(str.encode)), min_size=1, max_size=4))
@example([text.encode() for text in ODD])
@example(BAD)
def test_offsets_increase_inside_the_text_whatever_its_bytes(tokenizer, texts):
    starts, ends = tokenizer.offsets(tf.constant(texts), ENOUGH)
    lengths = tokenizer.ragged_ids(tf.constant(texts), ENOUGH).row_lengths().numpy()
    for row, (text, length) in enumerate(zip(texts, lengths, strict=True)):
        places = tf.stack([starts[row, :length], ends[row, :length]], axis=1).numpy().ravel().tolist()
        assert places == sorted(places)
        assert places[0] >= 0
        assert places[-1] == len(text)
    assert all(piece.decode() is not None for piece in tokenizer.pieces(tokenizer.ids(texts, 20)).numpy().ravel())


@given(TEXT)
@example("Don't  panic! The dog runs.")
@example("İstanbul\x00語 e\u0301\u2028x")
def test_bytes_of_words_and_characters_spell_them(words, characters, text):
    tensor = tf.constant([text])
    for tokenizer in (words, characters):
        tokens, starts, ends = tokenizer.split(tensor)
        expected = [token.decode() for token in tokens.numpy()[0]]
        assert spelt(text, starts.numpy()[0], ends.numpy()[0]) == expected
    assert "".join(expected) == text
    tokens, starts, ends = words.split(tensor)
    between = [*starts.numpy()[0].tolist(), len(text.encode())]
    gaps = [text.encode()[end:start].decode() for end, start in zip([0, *ends.numpy()[0]], between, strict=True)]
    assert all(not char.isalnum() and (not char.isprintable() or char.isspace()) for gap in gaps for char in gap)


@given(TEXT.filter(lambda text: "▁" not in text))
@example("The  dog 語 runs\u00a0in Élan ")
def test_bytes_of_subwords_spell_them(models, text):
    subwords = preprocessing.Subwords(models["Subwords"], normalize=False)
    ids, starts, ends = (ragged.numpy()[0] for ragged in subwords.tokenize_with_offsets(tf.constant([text])))
    found = spelt(text, starts, ends)
    for piece, part in zip(texts_of(subwords.pieces(tf.constant(ids))), found, strict=True):
        if not piece.startswith("<0x"):
            assert part == piece.lstrip("▁").replace("▁", " ")
    assert "".join(found).replace(" ", "") == text.replace(" ", "")


def test_words_of_a_sentence(words):
    tokens, *_ = words.split(tf.constant(["Don't panic, O’Neill: 3.5€ for e\u0301 हिन्दी_1 'so'!"]))
    expected = [
        "Don't",
        "panic",
        ",",
        "O’Neill",
        ":",
        "3",
        ".",
        "5",
        "€",
        "for",
        "e\u0301",
        "हिन्दी_1",
        "'",
        "so",
        "'",
        "!",
    ]
    assert texts_of(tokens[0]) == expected


def test_upper_and_lower_case(words, characters):
    pieces = texts_of(words.pieces(words.ids(tf.constant(["THE ÉLAN of dogs"]), 9))[0])
    assert pieces == ["the", "élan", "<unk>", "<unk>", "</s>"]
    a, capital, unknown, _ = characters.ids(tf.constant(["aAQ"]), 9).numpy()[0]
    assert len({a, capital, UNK}) == 3
    assert unknown == UNK


def test_the_most_frequent_come_first_and_rare_ones_are_unknown(tmp_path):
    path = tmp_path / "words.json"
    preprocessing.Words.train(iter(["b a a A c", "b c c c once"]), path, 7, lower_case=True)
    assert preprocessing.Words(path.read_bytes()).vocabulary() == ["", "<unk>", "<s>", "</s>", "c", "a", "b"]
    preprocessing.Words.train(["b a a A c", "b c c c once"], path, 6, min_count=1)
    words = preprocessing.Words(path.read_bytes())
    assert words.vocabulary()[4:] == ["c", "a"]
    assert (words.size, words.lower_case) == (6, False)
    assert [file.name for file in tmp_path.iterdir()] == ["words.json"]


def test_training_on_invalid_unicode(tmp_path):
    preprocessing.Characters.train(["a\ud800a\u2028\x85\n", ""], tmp_path / "c", 1_000, min_count=1)
    vocabulary = preprocessing.Characters((tmp_path / "c").read_bytes()).vocabulary()
    assert set(vocabulary[4:]) == {"a", "?", "\u2028", "\x85", "\n"}


def test_impossible_vocabularies_are_refused(tmp_path):
    with pytest.raises(ValueError, match=r"`size` above the 4 reserved ids. Received: size=4"):
        preprocessing.Words.train(["a a"], tmp_path / "words", 4)
    with pytest.raises(ValueError, match=r"occurs at least 2 times. Received: 2 different tokens"):
        preprocessing.Words.train(["a b"], tmp_path / "words", 9)
    assert not list(tmp_path.iterdir())


def test_words_survive_seeding(models):
    words = preprocessing.Words(models["Words"])
    traced = tf.function(words.ids, input_signature=[tf.TensorSpec([None], tf.string), tf.TensorSpec([], tf.int32)])
    expected = traced(["the dog"], 5).numpy().tolist()
    keras.utils.set_random_seed(1)
    assert (
        words.ids(tf.constant(["the dog"]), 5).numpy().tolist() == expected == traced(["the dog"], 5).numpy().tolist()
    )


@pytest.mark.slow
def test_data_pipeline_and_saved_model_as_eagerly(models, tmp_path):
    names = ("Words", "Characters", "Subwords")
    tokenizers = {name: getattr(preprocessing, name)(models[name]) for name in names}
    sentences = preprocessing.Sentences(tokenizers["Words"], 3, 4)
    texts = tf.constant([*[text.encode() for text in ODD], *BAD, b"The dog ran. It runs!"])

    def outputs(texts):
        found = {"sentences": sentences.ids(texts), "sentence_starts": sentences.offsets(texts)[0]}
        for name, tokenizer in tokenizers.items():
            ids = tokenizer.ids(texts, 9)
            found |= {
                name: ids,
                f"{name}_pieces": tokenizer.pieces(ids),
                f"{name}_ends": tokenizer.offsets(texts, 9)[1],
            }
        return found

    expected = {name: value.numpy().tolist() for name, value in outputs(texts).items()}
    pipeline = next(tf.data.Dataset.from_tensors(texts).map(outputs).as_numpy_iterator())
    assert {name: value.tolist() for name, value in pipeline.items()} == expected

    module = tf.Module()
    module.tokenizers, module.sentences = list(tokenizers.values()), sentences
    serve = tf.function(outputs, input_signature=[tf.TensorSpec([None], tf.string, name="texts")], autograph=False)
    tf.saved_model.save(module, tmp_path / "saved", {"serving_default": serve})
    assert not forbidden_ops(ReachedOps(read_meta_graph(tmp_path / "saved")))
    served = tf.saved_model.load(tmp_path / "saved").signatures["serving_default"]
    assert {name: value.numpy().tolist() for name, value in served(texts=texts).items()} == expected
    assert served(texts=tf.zeros([0], tf.string))["Words"].shape == (0, 0)
