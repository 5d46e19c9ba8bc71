from collections import Counter

import pytest
from markdown_it import MarkdownIt

from tfmodels.export import card_text
from tfmodels.export.example_call import example_text
from tfmodels.export.graph.meta_graph import read_meta_graph
from tfmodels.export.model_card import model_card

HOSTILE = [
    "```\n## bad <img src=x onerror=alert(1)>",
    "[x](javascript:alert(1))",
    "```",
    "~~~\nall",
    "## Scores",
    "Fun.\n\n## Scores\n\n| split | rows |\n| --- | --- |\n| test | 1 |",
    "<script>alert(1)</script> &lt;b&gt; <!--",
    "- item\n1. one\n---\n===",
    "*a* **b** __c__ _d_ snake_case ~~e~~ ![i](u)",
    "a\\`b` \\[x](y) `<i>`",
    "[x]: http://example.org\n[x]",
    "    indented\n\ttab",
    "a|b\u2028# c\x1b[2J\u202e",
]
MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])


def tokens(page):
    """All tokens of a page, those within lines too."""
    return [one for block in MARKDOWN.parse(page) for one in [block, *(block.children or [])]]


def structure(page):
    """How often a page has each kind of mark-up."""
    ignored = ("text", "text_special", "softbreak", "entity")
    return Counter(one.type for one in tokens(page) if one.type not in ignored)


@pytest.mark.parametrize("given", HOSTILE)
def test_a_text_is_shown_as_it_is(given):
    """A parser of Markdown finds the letters and no mark-up."""
    page = f"# Title\n\n{card_text.text(given)}\n\nEnd."
    assert structure(page) == structure("# Title\n\nplain\n\nEnd.")
    shown = [one for one in MARKDOWN.parse(page) if one.type == "inline"][1]
    letters = "".join(one.content for one in shown.children)
    assert letters == "".join(letter if letter.isprintable() else "?" for letter in " ".join(given.split()))


@pytest.mark.parametrize("given", HOSTILE)
def test_lines_that_are_quoted_stay_in_the_quotation(given):
    found = structure(f"## Use\n\n{card_text.quoted(given)}\n\n## End")
    assert found["heading_open"] == 2 and found["blockquote_open"] == 1
    assert not found.keys() - {
        *(f"{name}_{side}" for name in ("heading", "blockquote", "paragraph") for side in ("open", "close")),
        "inline",
    }


@pytest.mark.parametrize("given", HOSTILE)
def test_a_page_of_hostile_texts_has_the_form_of_one_of_harmless_texts(lexicon_folder, given):
    meta_graph = read_meta_graph(lexicon_folder / "1")

    def found(text):
        scored = {"split": text, "rows": 1, "metrics": {text: 1.0}, "baseline": {"name": text, "metrics": {text: 0.5}}}
        card = {
            "task": text,
            "description": f"Classifies texts: {text}.",
            "license": text,
            "intended_use": " ".join(text.split()),
            "limits": [f"{text}: a limit."],
            "not_measured": [text],
            "scores": {"note": text, "command": f"tfmodels evaluate {text}", "splits": [scored]},
            "data": {
                "name": text,
                "prepared": text,
                "files": [{"name": text, "bytes": 1, "sha256": text}],
                "synthetic": False,
            },
            "config": {"mark": text},
            "changed": ["mark"],
        }
        page = model_card(text, card, meta_graph, example_text(text, "serving_default", {}, {}))
        kinds = structure(page)
        del kinds["code_inline"]  # a sentence may keep what is between two backticks as code
        return kinds

    assert found(given) == found("plain")


def test_sentences_keep_their_code():
    assert card_text.sentence("`tfmodels fit a|<b>` made\n<it>.") == "`tfmodels fit a|<b>` made &lt;it&gt;."
    assert card_text.row(["`a|b`", card_text.text("a|b")]) == "| `a\\|b` | a\\|b |"


def test_a_block_of_code_ends_where_it_should():
    page = card_text.fenced("sh", "ls\n```\n````\n# no title")
    (block,) = MARKDOWN.parse(page)
    assert block.type == "fence" and block.content == "ls\n```\n````\n# no title\n"
