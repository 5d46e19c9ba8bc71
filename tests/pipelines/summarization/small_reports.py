"""A small folder of reports, some of them hostile, and the commands that learn them."""

import json

from pipelines.sources.synthetic import synthetic_reports

SIZES = {
    "transformer": [
        *["--transformer.num_layers", "1", "--transformer.d_model", "16", "--transformer.num_heads", "2"],
        *["--transformer.feed_forward_dim", "32", "--transformer.query_chunk", "64", "--training.recompute", "true"],
    ],
    "lstm": ["--model", "lstm", "--lstm.num_layers", "1", "--lstm.d_model", "16", "--lstm.attention", "additive"],
}
TRAINING = [
    *["--training.batch_tokens", "1024", "--training.label_smoothing", "0.1"],
    *["--training.steps", "6", "--training.interval", "3", "--training.warmup_steps", "2"],
]
LENGTHS = ["--max_source_length", "128", "--max_target_length", "24", "--decoding.beam_size", "2"]
FIT = ["fit", "summarization", "--data", "news", "--vocabulary_size", "400", *LENGTHS, *TRAINING]
HOSTILE = {
    "one token 10,000 times": "word " * 10_000,
    "one letter 10,000 times": "a" * 10_000,
    "NUL bytes": "The council\x00 of Melton\x00\x00 meets.",
    "only emoji": "😀🎉👩‍👩‍👧‍👦🏳️‍🌈",
    "right to left": "اجتمع مجلس المدينة يوم الجمعة. ישיבה ביום שישי",
    "shorter than its summary": "Yes.",
}


def write_reports(folder):
    """Reports with two references; every hostile document is among them, also in training."""
    folder.mkdir()
    pairs = list(synthetic_reports.read("validation", seed=3))
    rows = [{"title": pair.kind, "article": pair.source, "summary": [pair.target, "x"]} for pair in pairs]
    hostile = [{"title": "hostile", "article": text, "summary": ["a long summary " * 20]} for text in HOSTILE.values()]
    for split, some in {"train": rows[:114], "val": rows[120:144], "test": rows[150:174]}.items():
        (folder / f"{split}.jsonl").write_text("\n".join(json.dumps(row) for row in [*some, *hostile]))
