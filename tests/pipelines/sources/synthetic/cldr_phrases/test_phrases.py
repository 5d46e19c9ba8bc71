import contextlib
import hashlib
import os
import re
import subprocess
import sys
from collections import Counter
from datetime import datetime

import pytest
from babel import Locale
from babel.dates import format_date
from babel.numbers import format_decimal, format_percent, parse_decimal

from pipelines.sources.split_names import SPLITS
from pipelines.sources.synthetic import cldr_phrases
from pipelines.sources.synthetic.cldr_phrases.phrases import KINDS, check, generate

DIGEST = """
import hashlib, sys
from pipelines.sources.synthetic.cldr_phrases import generate
assert "tensorflow" not in sys.modules
print(hashlib.sha256(repr(generate("en", "fr", 3, 240)).encode()).hexdigest())
"""


@pytest.fixture(scope="module")
def phrases():
    return generate(examples=4_800)


def day_of(text):
    for style in ("%m/%d/%y", "%b %d, %Y", "%B %d, %Y", "%A, %B %d, %Y"):
        with contextlib.suppress(ValueError):
            day = datetime.strptime(text, style).date()
            return day.replace(year=day.year - 100) if day.year > 2049 else day
    raise AssertionError(text)


def targets_of(text):
    styles = ("short", "medium", "long", "full")
    day = day_of(text)
    return {format_date(day, style, locale="de") for style in styles if format_date(day, style, locale="en") == text}


def of_kind(pairs, kind):
    return [pair for pair in pairs if pair.kind == kind]


def test_sizes_and_balance(phrases):
    assert list(phrases) == list(SPLITS)
    for split, each in (("train", 600), ("validation", 20), ("test", 20)):
        assert Counter(pair.kind for pair in phrases[split]) == dict.fromkeys(KINDS, each)


def test_uneven_numbers_are_filled_too():
    sizes = {split: len(pairs) for split, pairs in generate(examples=331).items()}
    assert sizes == {"train": 331, "validation": 11, "test": 11}


def test_another_process_generates_the_same():
    command = [sys.executable, "-c", DIGEST]
    outputs = [
        subprocess.run(command, env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True)
        for seed in ("1", "2")
    ]
    here = hashlib.sha256(repr(generate("en", "fr", 3, 240)).encode()).hexdigest()
    assert [output.stdout.strip() for output in outputs] == [here, here]


def test_the_seed_changes_the_phrases():
    first, second = ({pair.source for pair in generate(seed=seed, examples=240)["train"]} for seed in (0, 1))
    assert len(first & second) < 0.2 * len(first)


def test_no_source_twice(phrases):
    sources = [pair.source for pairs in phrases.values() for pair in pairs]
    assert len(set(sources)) == len(sources)


def test_more_examples_move_no_phrase_to_another_split(phrases):
    small = generate(examples=240)
    for split in SPLITS:
        sources = {pair.source for pair in small[split]}
        for other in set(SPLITS) - {split}:
            assert not sources & {pair.source for pair in phrases[other]}


def test_dates_are_written_by_babel_and_have_one_target(phrases):
    assert targets_of("May 5, 2024") == {"05.05.2024", "5. Mai 2024"}  # ambiguous texts are there to be dropped
    pairs = of_kind([pair for pairs in phrases.values() for pair in pairs], "date")
    assert all(targets_of(pair.source) == {pair.target} for pair in pairs)
    assert any(re.fullmatch(r"\d+/\d+/\d\d", pair.source) for pair in pairs)
    assert any(re.fullmatch(r"Jun \d+, \d{4}", pair.source) for pair in pairs)


def test_a_day_is_in_one_split(phrases):
    days = {split: {day_of(pair.source) for pair in of_kind(pairs, "date")} for split, pairs in phrases.items()}
    assert not days["train"] & (days["validation"] | days["test"])
    assert not days["validation"] & days["test"]


def test_a_length_is_in_one_split_in_both_styles(phrases):
    styles = {"km": "km", "kilometers": "km", "kilometer": "km", "ft": "ft", "feet": "ft", "foot": "ft", "lb": "lb"}
    styles |= {"pounds": "lb", "pound": "lb", "hr": "h", "hours": "h", "hour": "h", "kg": "kg", "kilograms": "kg"}
    values = {}
    for split, pairs in phrases.items():
        words = [pair.source.split(" ", 1) for pair in of_kind(pairs, "unit") if " " in pair.source]
        values[split] = [(number, styles[unit]) for number, unit in words if unit in styles]
    assert len(set(values["train"])) < len(values["train"])  # some in both styles
    assert not set(values["train"]) & {*values["validation"], *values["test"]}


def test_numbers_are_written_by_babel(phrases):
    for pair in of_kind(phrases["train"], "number"):
        assert pair.target == format_decimal(parse_decimal(pair.source, locale="en"), locale="de")
    for pair in of_kind(phrases["train"], "percent"):
        ratio = parse_decimal(pair.source.rstrip("%"), locale="en").scaleb(-2)
        assert pair.target == format_percent(ratio, locale="de", decimal_quantization=False)


@pytest.mark.parametrize(
    ("kind", "source", "target"),
    [
        ("relative", r"in \d+ days", r"in \d+ Tagen"),
        ("relative", r"\d+ years ago", r"vor \d+ Jahren"),
        ("time", r"\d+:\d\d\u202fPM", r"(1[2-9]|2\d):\d\d"),
        ("time", r"\d+:\d\d:\d\d\u202fAM", r"0\d:\d\d:\d\d|1[01]:\d\d:\d\d"),
        ("interval", r"\w+ \d+\u2009–\u2009\d+, \d{4}", r"\d+\.–\d+\. \w+\.? \d{4}"),
        ("interval", r".*AM.*PM", r"\d\d:\d\d–\d\d:\d\d Uhr"),
        ("interval", r"[a-zA-Z]{4,} \d{4}\u2009–\u2009\w+ \d{4}", r"\w+\.? \d{4}\u2009–\u2009\w+\.? \d{4}"),
        ("percent", r"-.*%", r"-[\d.,]+\xa0%"),
        ("currency", r"€.*", r".*\xa0€"),
        ("currency", r".* US dollars", r".* US-Dollar"),
        ("currency", r"¥[\d,]+", r"[\d.]+\xa0¥"),
        ("unit", r".* km", r".* km"),
        ("unit", r".* miles", r".* Meilen"),
        ("number", r"-?\d{1,3},\d{3}\.\d+", r"-?\d{1,3}\.\d{3},\d+"),
    ],
)
def test_kinds_have_their_styles(phrases, kind, source, target):
    found = [pair for pair in of_kind(phrases["train"], kind) if re.fullmatch(source, pair.source)]
    assert found
    assert all(re.fullmatch(target, pair.target) for pair in found)


def test_copying_the_source_is_no_solution(phrases):
    copies = [pair for pairs in phrases.values() for pair in pairs if pair.source == pair.target]
    assert len(copies) < 0.04 * sum(len(pairs) for pairs in phrases.values())


def test_units_with_the_same_short_form_are_dropped():
    # In Lao, centimeters and hours have the same short form, which English tells apart.
    sources = [pair.source for pairs in generate("lo", "en", examples=2_400).values() for pair in pairs]
    assert any(source.endswith(" ຊັງຕີແມັດ") for source in sources)
    assert not any(source.endswith(" ຊມ") for source in sources)


@pytest.mark.parametrize(("source", "target"), [("ja", "ar"), ("pt-BR", "pl"), ("en", "en_GB"), ("root", "he")])
def test_any_two_locales(source, target):
    assert {split: len(pairs) for split, pairs in generate(source, target, examples=240).items()} == {
        "train": 240,
        "validation": 8,
        "test": 8,
    }


def test_check_gives_the_locales():
    assert check("pt-BR", "de", 240) == (Locale("pt", "BR"), Locale("de"))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (("xx", "de", 240), "Babel knows.*nearest: xh.*Received: locale='xx'"),
        (("en", "pt-BT", 240), "nearest: .*pt_.*Received: locale='pt-BT'"),
        (("en", "", 240), "Received: locale=''"),
        (("de", "de", 240), "two different locales.*target='de'"),
        (("en", "de", 239), "at least 240.*examples=239"),
    ],
)
def test_wrong_settings_are_named(settings, message, tmp_path):
    with pytest.raises(ValueError, match=message):
        generate(*settings[:2], examples=settings[2])
    with pytest.raises(ValueError, match=message):
        next(cldr_phrases.read("test", *settings[:2], examples=settings[2], data_dir=tmp_path))
    assert not list(tmp_path.iterdir())


def test_reads_what_was_generated_from_files_of_each_setting(tmp_path):
    for target in ("de", "fr"):
        expected = generate("en", target, 0, 240)
        for split in SPLITS:
            assert list(cldr_phrases.read(split, "en", target, examples=240, data_dir=tmp_path)) == expected[split]
    assert len(list((tmp_path / "cldr_phrases").iterdir())) == 2


def test_settings_have_different_names():
    settings = [{}, {"source": "pl"}, {"target": "pl"}, {"seed": 1}, {"examples": 31_000}]
    assert len({cldr_phrases.PhrasesConfig(**changed).name for changed in settings}) == 5
