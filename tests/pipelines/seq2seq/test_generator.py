import itertools
import unicodedata
from dataclasses import replace

import keras
import numpy as np
import pytest
import tensorflow as tf

from pipelines.seq2seq import DecodingOptions, Generator
from pipelines.seq2seq.data import token_rows
from pipelines.seq2seq.endpoints import endpoints, samples
from tfmodels import decoding, models, preprocessing
from tfmodels.token_ids import END

LEARNT = ["one two three", "four five six", "seven eight nine zero"] * 20
TEXTS = ["one two three", "", "zero", "   ", "\u00a0\u2003\t", "seven eight nine", "never seen", "語🙂"]
HARD = [b"long line " * 1000, b"\xff\xfe\xfd", b"nul\x00", b"line\nbreak"]
MAX_LENGTH, BEAMS, PENALTY = 24, 3, 0.6
SOURCE_LENGTH = 27
OPTIONS = DecodingOptions(beam_size=BEAMS, length_penalty=PENALTY, length_ratio=2.0)


FAMILIES = {
    "transformer": lambda size: models.TransformerSeq2Seq(
        size,
        models.TransformerOptions(
            num_layers=1, d_model=16, num_heads=2, feed_forward_dim=32, dropout=0.5, norm_first=True
        ),
    ),
    "lstm": lambda size: models.LSTMSeq2Seq(
        size, models.LSTMOptions(d_model=16, num_heads=2, attention="multi_head", dropout=0.5, weight_drop=0.5)
    ),
}


@pytest.fixture(scope="module", params=["transformer", pytest.param("lstm", marks=pytest.mark.slow)])
def translator(request, tmp_path_factory):
    """Untrained, yet sure enough of its words that rounding does not change them."""
    path = tmp_path_factory.mktemp("subwords") / "subwords.model"
    preprocessing.train_subwords(LEARNT, path, 320)
    keras.utils.set_random_seed(3)
    subwords = preprocessing.Subwords(path.read_bytes())
    network = FAMILIES[request.param](subwords.size)
    network.build()
    for variable in network.trainable_variables:
        if len(variable.shape) > 1:
            variable.assign(4 * variable)
    return Generator(network, subwords, SOURCE_LENGTH, MAX_LENGTH, OPTIONS)


@pytest.fixture(scope="module")
def ask(translator):
    """Asks an endpoint, as its graph."""
    by_name = {endpoint.name: endpoint for endpoint in endpoints(translator)}

    def ask(name, texts, **options):
        specs = {spec.name: spec for spec in by_name[name].inputs}
        columns = {"text": texts, **options}
        rows = {column: tf.constant(values, specs[column].dtype, [len(texts)]) for column, values in columns.items()}
        return {output: values.numpy() for output, values in by_name[name].traced(**rows).items()}

    return ask


UNSET = {
    "with_options": {"max_length": 0, "length_penalty": -1.0, "prefix": "", "coverage_penalty": -1.0},
    "sample": {"temperature": -1.0, "top_k": 0, "top_p": 0.0},
}


def with_unset(ask, endpoint, texts, **options):
    """Asks with options, each one value or one for each row; the others are unset."""
    options = UNSET[endpoint] | options
    return ask(endpoint, texts, **{name: np.broadcast_to(value, len(texts)) for name, value in options.items()})


def with_options(ask, texts, **options):
    return with_unset(ask, "with_options", texts, **options)


def sample(ask, texts, seed=0, **options):
    return with_unset(ask, "sample", texts, seed=seed, **options)


def rows_of(answers, start, stop=None):
    return {name: values[start : stop or start + 1] for name, values in answers.items()}


def assert_same(left, right):
    assert left.keys() == right.keys()
    for name, values in left.items():
        if values.dtype.kind == "f":
            np.testing.assert_allclose(values, right[name], rtol=1e-4, atol=1e-5, err_msg=name)
        else:
            assert values.tolist() == right[name].tolist(), name


def test_the_texts_have_answers_to_compare(ask):
    answers = ask("serving_default", TEXTS)
    assert len(set(answers["text"].tolist())) == 6  # three of the eight are empty
    assert answers["length"].max() == MAX_LENGTH - 1
    assert np.isfinite(answers["score"]).all()


@pytest.mark.slow
def test_a_text_has_the_same_answers_in_both_forms_of_unicode(ask):
    texts = ["é one Å", "한국어 two ệ", ""]
    forms = [[unicodedata.normalize(form, text) for text in texts] for form in ("NFC", "NFD")]
    assert forms[0] != forms[1]
    for endpoint in ("serving_default", "nbest", "attention"):
        assert_same(*(ask(endpoint, form) for form in forms))
    assert_same(*(ask("score", texts, target=form) for form in forms))
    assert_same(*(with_options(ask, form, prefix=form) for form in forms))
    assert_same(*(sample(ask, form, seed=[1, 2, 3]) for form in forms))


def test_the_endpoints(translator):
    inputs = {endpoint.name: [spec.name for spec in endpoint.inputs] for endpoint in endpoints(translator)}
    assert inputs == {
        "serving_default": ["text"],
        "with_options": ["text", "max_length", "length_penalty", "prefix", "coverage_penalty"],
        "nbest": ["text"],
        "attention": ["text"],
        "sample": ["text", "seed", "temperature", "top_k", "top_p"],
        "score": ["text", "target"],
    }


def test_the_best_of_nbest_is_the_answer(ask):
    nbest = ask("nbest", TEXTS)
    assert {values.shape for values in nbest.values()} == {(len(TEXTS), BEAMS)}
    assert_same({name: values[:, 0] for name, values in nbest.items()}, ask("serving_default", TEXTS))
    assert (np.diff(nbest["score"]) <= 0).all()


def test_options_unset_give_the_answer(ask):
    assert_same(with_options(ask, TEXTS), ask("serving_default", TEXTS))
    assert_same(with_options(ask, TEXTS, length_penalty=PENALTY), ask("serving_default", TEXTS))
    assert_same(with_options(ask, TEXTS, max_length=1_000), ask("serving_default", TEXTS))
    assert_same(with_options(ask, TEXTS, coverage_penalty=0.0), ask("serving_default", TEXTS))
    assert_same(sample(ask, TEXTS, top_k=-1, top_p=-0.5), sample(ask, TEXTS))


def test_max_length_limits_its_row_alone(ask):
    unlimited = ask("serving_default", TEXTS)
    limits = [0, -1, 2, 0, -(2**31), 3, 1, 0]
    answers = with_options(ask, TEXTS, max_length=limits)
    for row, limit in enumerate(limits):
        if limit > 0:
            assert answers["length"][row] <= limit < unlimited["length"][row]
        else:
            assert_same(rows_of(answers, row), rows_of(unlimited, row))


def test_the_limit_of_an_answer_follows_the_options(ask, translator):
    def lengths(**options):
        other = Generator(
            translator.network, translator.subwords, SOURCE_LENGTH, MAX_LENGTH, replace(OPTIONS, **options)
        )
        source = translator.subwords.ids(tf.constant(TEXTS), SOURCE_LENGTH)
        return other.limits(tf.constant(TEXTS), source).numpy().tolist()

    blank = [not text.strip() for text in TEXTS]
    tokens = np.count_nonzero(translator.subwords.ids(tf.constant(TEXTS), SOURCE_LENGTH), axis=1) - 1
    assert lengths(length_ratio=0.0) == [0 if none else MAX_LENGTH - 1 for none in blank]
    expected = np.minimum(np.floor(1.5 * tokens).astype(int) + 3, MAX_LENGTH - 1)
    assert lengths(length_ratio=1.5, length_margin=3) == np.where(blank, 0, expected).tolist()


def test_length_penalty_divides_the_score(ask):
    """Of rows of one length every penalty prefers the same text."""
    texts = ["one two three"] * 3
    penalties = [0.0, 1.0, 2.0]
    answers = with_options(ask, texts, max_length=1, length_penalty=penalties)
    assert (answers["length"] == 1).all()
    expected = answers["score"][0] / ((5 + 2) / 6) ** np.array(penalties)
    np.testing.assert_allclose(answers["score"], expected, rtol=1e-4)


def test_the_answer_starts_with_its_prefix(ask, translator):
    texts = ["one two three", "zero", "seven eight nine", "", "語🙂", "one"]
    prefixes = ["two", "", "eight nine", "four", "six six", "one " * 30]
    answers = with_options(ask, texts, prefix=prefixes)
    free = ask("serving_default", texts)
    for row, prefix in enumerate(prefixes[:3]):
        assert answers["text"][row].decode().startswith(prefix)
        assert answers["text"][row] != free["text"][row] or not prefix
    assert answers["text"][3] == b""  # there is nothing to say
    assert answers["text"][4].decode().startswith("six six")
    assert answers["text"][5].decode() == ("one " * 30)[: len(answers["text"][5])]
    tokens = np.count_nonzero(translator.subwords.ids(texts[5:], SOURCE_LENGTH)) - 1
    assert answers["length"][5] == 2 * tokens + 10 < MAX_LENGTH
    assert_same(rows_of(answers, 1), rows_of(free, 1))


def test_a_prefix_counts_in_the_score(ask, translator):
    texts, prefixes = ["one two three", "zero"], ["two two", "語"]
    answers = with_options(ask, texts, prefix=prefixes, length_penalty=0.0, max_length=3)
    ids = translator.subwords.ids(tf.constant(prefixes), MAX_LENGTH)
    assert ids.shape[1] > 3  # so the answers are made of the prefixes alone
    cut = tf.where(tf.range(4) == tf.minimum(answers["length"], 3)[:, np.newaxis], END, ids[:, :4])
    memory = translator.network.encode(translator.subwords.ids(tf.constant(texts), SOURCE_LENGTH))
    np.testing.assert_allclose(
        answers["score"], decoding.log_probability(translator.network, memory, cut), rtol=1e-4, atol=1e-4
    )


def test_the_coverage_penalty_touches_its_row_alone(ask):
    penalties = [0.0, -1.0, 0.5, 0.0, 3.0, 0.5, 0.5, 0.0]
    without, answers = ask("serving_default", TEXTS), with_options(ask, TEXTS, coverage_penalty=penalties)
    for row, penalty in enumerate(penalties):
        if penalty > 0:
            assert answers["score"][row] <= without["score"][row] + 1e-5
        else:
            assert_same(rows_of(answers, row), rows_of(without, row))
    assert (answers["score"] < without["score"] - 0.1).any()


def test_the_options_of_a_translator_are_its_defaults(ask, translator):
    """With a block of n-grams, which is no option of a request."""
    options = replace(OPTIONS, length_penalty=0.1, no_repeat_ngram=2, coverage_penalty=0.5)
    other = Generator(translator.network, translator.subwords, SOURCE_LENGTH, MAX_LENGTH, options)
    texts = tf.constant(TEXTS)
    answers = {name: values.numpy() for name, values in other.answer(texts).items()}
    nothing = (tf.fill([len(TEXTS)], 0), tf.fill([len(TEXTS)], 0.1), tf.fill([len(TEXTS)], ""))
    assert_same(
        answers, {k: v.numpy() for k, v in other.answer_with_options(texts, *nothing, 0.5 + 0 * nothing[1]).items()}
    )
    assert (
        answers["text"].tolist() != with_options(ask, TEXTS, length_penalty=0.1, coverage_penalty=0.5)["text"].tolist()
    )
    for endpoint in (translator, other):
        _, ids, _ = endpoint.attention_maps(texts)
        pairs = [[pair for pair in itertools.pairwise(row) if all(pair)] for row in ids.numpy().tolist()]
        repeated = any(len(set(row)) < len(row) for row in pairs)
        assert repeated == (endpoint is translator)


def test_answers_repeat_no_phrase_where_that_is_forbidden(translator):
    options = replace(OPTIONS, no_repeat_phrase=1)
    other = Generator(translator.network, translator.subwords, SOURCE_LENGTH, MAX_LENGTH, options)
    pieces = translator.subwords.vocabulary()
    for generator in (translator, other):
        _, ids, _ = generator.attention_maps(tf.constant(TEXTS))
        doubled = {pieces[two] for row in ids.numpy() for one, two in itertools.pairwise(row) if one == two and two}
        assert any(map(str.isalpha, doubled)) == (generator is translator)


def test_numbers_may_repeat_where_phrases_may_not(translator):
    options = replace(OPTIONS, no_repeat_phrase=1)
    phrases = Generator(translator.network, translator.subwords, SOURCE_LENGTH, MAX_LENGTH, options)._phrases
    counted = dict(zip(translator.subwords.vocabulary(), phrases.tokens, strict=True))
    assert not any(counted[piece] for piece in ("\u2581", "<0x31>") if piece in counted)
    assert not any(one for piece, one in counted.items() if piece.isdigit())
    assert all(one for piece, one in counted.items() if piece.isalpha())


def test_sampling_without_chance_is_greedy(ask, translator):
    source = translator.subwords.ids(tf.constant(TEXTS), SOURCE_LENGTH)
    limits = translator.limits(tf.constant(TEXTS), source)
    found = decoding.greedy(translator.network, translator.network.encode(source), limits)
    expected = {"text": translator.subwords.text(found.ids).numpy(), "score": found.score.numpy()}
    expected["length"] = found.length.numpy()
    for options in ({"temperature": 0.0}, {"top_k": 1}, {"top_p": 1e-9}):
        assert_same(sample(ask, TEXTS, seed=range(len(TEXTS)), **options), expected)


def test_sampling_with_nothing_set_draws_from_all(ask, translator):
    whole = {"temperature": 1.0, "top_k": translator.subwords.size, "top_p": 1.0}
    assert_same(sample(ask, TEXTS, seed=5), sample(ask, TEXTS, seed=5, **whole))


def test_the_seed_decides_what_is_drawn(ask):
    texts = ["one two three"] * 6
    drawn = sample(ask, texts, seed=[1, 2, -3, 2**62, 1, 2], temperature=1.5)
    assert len(set(drawn["text"].tolist())) == 4
    assert drawn["text"][:2].tolist() == drawn["text"][4:].tolist()


def test_the_score_of_an_answer_is_that_of_its_search(ask, translator):
    """Up to the length penalty; the search is made to spell the answer as the tokenizer does."""
    texts, targets = ["one two three", "zero", "seven", "", "one"], ["two", "six six", "語", "", "never"]
    lengths = np.count_nonzero(translator.subwords.ids(tf.constant(targets), MAX_LENGTH), axis=1) - 1
    answers = with_options(ask, texts, prefix=targets, max_length=lengths, length_penalty=0.7)
    assert [text.decode() for text in answers["text"]] == targets
    scores = ask("score", texts, target=targets)
    assert scores["length"].tolist() == answers["length"].tolist() == lengths.tolist()
    np.testing.assert_allclose(scores["score"], answers["score"] * ((5 + lengths + 1) / 6) ** 0.7, rtol=1e-4)


def test_the_better_answer_scores_higher(ask):
    """`nbest` and `score` agree on the order of answers of one token."""
    best = ask("serving_default", TEXTS)["text"]
    scores, others = ask("score", TEXTS, target=best), ask("score", TEXTS, target=best[::-1])
    assert (scores["score"] <= 0).all() and np.isfinite(others["score"]).all()
    assert scores["score"].sum() > others["score"].sum()


EVERY = ["serving_default", "with_options", "nbest", "attention", "sample", "score"]


def rows_for(translator, endpoint, texts):
    """The options of an endpoint for each text; the same ones as long as the text has the same place from the end."""
    options = samples(translator, [*HARD, *TEXTS])[endpoint]
    return {name: values[len(values) - len(texts) :] for name, values in options.items() if name != "text"}


@pytest.mark.parametrize("endpoint", ["serving_default", "nbest", "attention"])
def test_without_text_the_answer_is_empty(ask, endpoint):
    answers = ask(endpoint, ["", " ", "\t\n", "\u00a0\u3000", "one"])
    assert (answers["text"][:4] == b"").all()
    assert answers["text"][4:].any()
    if "length" in answers:
        assert (answers["length"][:4] == 0).all()


@pytest.mark.parametrize("endpoint", EVERY)
def test_hard_texts_are_survived_and_do_not_touch_their_neighbours(ask, translator, endpoint):
    answers = ask(endpoint, [*HARD, *TEXTS], **rows_for(translator, endpoint, [*HARD, *TEXTS]))
    for text in answers.get("text", np.array([])).ravel():
        text.decode()
    assert np.isfinite(answers.get("score", 0)).all()
    alone = ask(endpoint, TEXTS, **rows_for(translator, endpoint, TEXTS))
    assert_same(rows_of(answers, len(HARD), len(HARD) + len(TEXTS)), alone)


@pytest.mark.parametrize("endpoint", EVERY)
def test_a_row_alone_is_the_row_in_the_batch(ask, translator, endpoint):
    texts = [*HARD, *TEXTS]
    options = rows_for(translator, endpoint, texts)
    together = ask(endpoint, texts, **options)
    for row, text in enumerate(texts):
        of_row = {name: values[row : row + 1] for name, values in options.items()}
        assert_same(ask(endpoint, [text], **of_row), rows_of(together, row))


@pytest.mark.parametrize("endpoint", EVERY)
def test_no_rows_give_no_answers(ask, translator, endpoint):
    assert {len(values) for values in ask(endpoint, [], **rows_for(translator, endpoint, [])).values()} == {0}


def test_a_long_text_is_cut(ask):
    cut = {text: ask("serving_default", [text])["text"][0] for text in ("one " * 100, "one " * 2_500)}
    assert len(set(cut.values())) == 1


def test_attention_of_each_token_sums_to_one_and_is_zero_past_the_end(ask, translator):
    found = ask("attention", [*TEXTS, *HARD])
    used = {side: found[f"{side}_tokens"] != b"" for side in ("source", "target")}
    shape = (len(TEXTS) + len(HARD), MAX_LENGTH)
    assert found["attention"].shape == (*shape, SOURCE_LENGTH)
    assert found["source_tokens"].shape == (shape[0], SOURCE_LENGTH)
    assert found["target_tokens"].shape == shape
    np.testing.assert_allclose(found["attention"].sum(axis=2), used["target"], atol=1e-5)
    assert (found["attention"] * ~used["source"][:, np.newaxis] == 0).all()
    assert (found["attention"] >= 0).all()


def test_the_tokens_are_those_of_source_and_answer(ask, translator):
    found, answers = ask("attention", TEXTS), ask("serving_default", TEXTS)
    assert found["text"].tolist() == answers["text"].tolist()
    sources = translator.subwords.pieces(translator.subwords.ids(tf.constant(TEXTS), SOURCE_LENGTH)).numpy()
    for row in range(len(TEXTS)):
        tokens = {side: [token for token in found[f"{side}_tokens"][row] if token] for side in ("source", "target")}
        assert tokens["source"] == [token for token in sources[row] if token]
        assert len(tokens["target"]) == answers["length"][row] + 1
        assert tokens["target"][-1] == b"</s>"


def test_the_attention_is_the_mean_of_the_heads_of_the_last_layer(ask, translator):
    _, target, maps = translator.attention_maps(tf.constant(TEXTS[:1]))
    (last,) = (scores[0].numpy().mean(axis=0) for name, scores in maps.items() if name.endswith("cross_attention"))
    found = ask("attention", TEXTS[:1])["attention"][0, : last.shape[0], : last.shape[1]]
    np.testing.assert_allclose(found[: np.count_nonzero(target)], last[: np.count_nonzero(target)], atol=1e-5)


def test_token_rows_are_the_ids_of_both_sides_in_order(translator):
    pairs = [(f"{'one ' * (row % 30)}end", f"two {row}", "kind") for row in range(1_500)]
    batches = list(token_rows(translator.subwords, iter(pairs), 8, 6))
    assert [len(batch["source"][1]) for batch in batches] == [1024, 476]
    for column, side in enumerate(("source", "target")):
        tokens, lengths = (np.concatenate([batch[side][part] for batch in batches]) for part in (0, 1))
        limit = (8, 6)[column]
        expected = translator.subwords.ragged_ids(tf.constant([pair[column] for pair in pairs]), limit)
        assert lengths.tolist() == expected.row_lengths().numpy().tolist()
        assert tokens.tolist() == expected.values.numpy().tolist()
        assert (tokens[np.cumsum(lengths) - 1] == END).all()
        assert lengths.max() == limit


def test_token_rows_read_nothing_before_they_are_asked_for(translator):
    def pairs():
        raise ValueError("read")
        yield

    rows = token_rows(translator.subwords, pairs(), 8, 8)
    with pytest.raises(Exception, match="read"):
        next(rows)
