import numpy as np

from pipelines.question_answering import token_tables
from pipelines.question_answering.config import Config
from pipelines.question_answering.network import make


def test_capitals_and_the_blank_before_a_token_do_not_count():
    assert token_tables.folded(["a", "b", "▁A", "▁", "B"]) == [0, 1, 0, 3, 1]


def test_words_of_one_stem_share_ngrams_and_scripts_without_blanks_their_letters():
    born, borne, other, university, high_school, particle = token_tables.spellings(
        ["▁born", "▁Borne", "▁city", "大学", "大", "は"], 16, 4096
    )
    assert {*born[born > 0]} < {*borne[borne > 0]} and not {*born[born > 0]} & {*other}
    assert {*high_school[high_school > 0]} < {*university[university > 0]} and not particle.any()
    assert token_tables.spellings(["▁incomprehensibilities", ".", ""], 4, 4096).astype(bool).sum(axis=1).tolist() == [
        4, 0, 0
    ]  # fmt: skip


def test_kinds_tell_years_capitals_and_beginnings_of_words_apart():
    kinds = token_tables.kinds(["▁1958", "▁1960", "1960", "▁Elbe", "▁elbe", "elbe", "東京", "タワー", ".", ""])
    assert kinds[0] == kinds[1] and len({*kinds.tolist()}) == len(kinds) - 1


def test_words_begin_after_blanks_and_everywhere_in_scripts_without_them():
    assert token_tables.begins(["▁born", "e", "東京", "."]).tolist() == [1, 0, 1, 0]
    assert token_tables.begins(["born", "a"]).tolist() == [1, 1]


def test_rare_tokens_weigh_more():
    rarity = token_tables.rarity(np.array([0, 9, 90]))
    assert rarity[0] == 1 and (np.diff(rarity) < 0).all() and (rarity >= 0).all()
    assert np.isfinite(token_tables.rarity(np.array([0, 0]))).all()


def test_all_tables_of_a_reader_are_set():
    reader = make(Config(), 3)
    reader.build()
    token_tables.assign(reader, ["▁Elbe", "elbe", "1958"], np.array([4, 0, 0]))
    assert reader.folded.numpy().tolist() == [0, 0, 2] and reader.rarity.numpy()[1] == 1
    assert reader.begins.numpy().tolist() == [1, 0, 0]
    assert reader.spellings.numpy()[:, 0].all() and len({*reader.shapes.numpy().tolist()}) == 3
