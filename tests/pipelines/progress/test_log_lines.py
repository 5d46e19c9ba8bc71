import logging

from pipelines.progress import log_lines

LOGGER = logging.getLogger("tfmodels.of.this.test")


def test_our_loggers_print_notes_without_the_names_of_modules(capsys):
    with log_lines.plain():
        LOGGER.warning("an open axis of %s", "time")
        LOGGER.debug("unseen")
    assert capsys.readouterr().err == "warning: an open axis of time\n"


def test_what_a_user_has_set_up_is_as_before(caplog, capsys):
    with log_lines.plain():
        pass
    LOGGER.warning("for the user's handlers")
    assert caplog.messages == ["for the user's handlers"]
    assert capsys.readouterr().err == ""


def test_closed_standard_error_ends_no_work(monkeypatch):
    monkeypatch.setattr("sys.stderr", None)
    with log_lines.plain():
        LOGGER.warning("nobody reads it")
