"""Options that contradict each other are refused by name before anything is read."""

import pytest

from pipelines.question_answering.config import Config
from pipelines.runs import registry
from tfmodels.checked_options import OptionError


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"question_column": "a", "context_column": "a"}, "question_column to be another column than context_column"),
        ({"answer_column": "a", "context_column": "a"}, "context_column to be another column than answer_column"),
        ({"answer_column": "a", "start_column": "a"}, "answer_column to be another column than start_column"),
        ({"max_answer_length": 192}, "max_answer_length to be below window, 192, and at most max_context_length, 512"),
        ({"max_answer_length": 24, "max_context_length": 23}, "max_answer_length to be .* max_context_length, 23"),
        ({"overlap": 192}, "overlap to be above half of max_answer_length and below window, 192"),
        ({"validation_share": 0.5, "test_share": 0.5}, "test_share to leave rows to train on beside validation_share"),
    ],
)
def test_contradictions_are_refused(given, message):
    with pytest.raises(OptionError, match=message):
        Config(**given)


def test_what_does_not_contradict_is_taken():
    Config(question_column="a", context_column="b", answer_column="c", title_column="b", id_column="a")
    Config(max_answer_length=94, max_context_length=94, window=95, overlap=48)
    Config(validation_share=0.5, test_share=0.49)


def test_shares_of_every_task_of_texts_leave_rows_to_train_on():
    with pytest.raises(OptionError, match="test_share to leave rows"):
        registry.find("classification").Config(validation_share=0.9, test_share=0.1)
