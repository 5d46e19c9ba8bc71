"""What it costs to write a translator's weights in fewer bits: size of the export, time of an answer, BLEU.

    python tests/benchmarks/compact_exports.py multi30k --source val.en.gz --target val.de.gz --rows 500

Exports the run with each format, asks each export in turn, in this process, in batches of 32.
"""

import argparse
import tempfile
import time
from itertools import islice
from pathlib import Path

from rich.console import Console
from rich.table import Table

from pipelines import runs
from pipelines.progress.quiet_import import import_tensorflow
from pipelines.runs import registry
from pipelines.sources.text import text_lines

BATCH = 32


def answers(export: object, texts: list[str], seconds: list[float]) -> list[str]:
    """The translations; the seconds of each batch are appended."""
    found = []
    for batch in (texts[start : start + BATCH] for start in range(0, len(texts), BATCH)):
        start = time.perf_counter()
        found += [text.decode() for text in export.call("serving_default", text=batch)["text"]]
        seconds.append(time.perf_counter() - start)
    return found


def main() -> None:
    """Reads the command line, exports, asks, prints the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("run", help="a run of translation, its folder or its name under runs/")
    parser.add_argument("--source", type=Path, required=True, help="texts to translate, one a line, plain or .gz")
    parser.add_argument("--target", type=Path, required=True, help="their translations")
    parser.add_argument("--rows", type=int, help="take the first so many (default: all)")
    arguments = parser.parse_args()
    texts, references = (
        list(islice(text_lines.read(path), arguments.rows)) for path in (arguments.source, arguments.target)
    )
    import_tensorflow()

    from tfmodels import export
    from tfmodels.export.graph.compact_weights import FORMATS
    from tfmodels.metrics import looks_tokenized, translation_scores

    run = runs.load(arguments.run)
    table = Table("weights", "MiB", "of them weights", "ms a text", "BLEU", "BLEU tokenised", "same text, %")
    exact = None
    with tempfile.TemporaryDirectory() as folder:
        for weights in FORMATS:
            served = registry.find(run.task).endpoints(run.config, run)
            version = export.save(
                Path(folder) / weights, served.endpoints, served.tracked, served.samples, served.card, weights=weights
            )
            files = [file for file in version.rglob("*") if file.is_file()]
            size = sum(file.stat().st_size for file in files) / 2**20
            values = sum(file.stat().st_size for file in files if file.parent.name == "variables") / 2**20
            loaded, seconds = export.load(version), []
            answers(loaded, texts[:BATCH], [])  # the first allocates
            found = answers(loaded, texts, seconds)
            exact = exact or found
            scores = translation_scores(found, references, looks_tokenized(references)).scores
            equal = sum(one == other for one, other in zip(found, exact, strict=True)) / len(texts)
            sizes = (f"{size:.1f}", f"{values:.1f}", f"{1e3 * sum(seconds) / len(texts):.0f}")
            bleu = (f"{scores[name]:.2f}" if name in scores else "-" for name in ("bleu", "bleu_tokenized"))
            table.add_row(weights, *sizes, *bleu, f"{100 * equal:.1f}")
            Console().print(f"{weights}: {len(texts)} texts in {sum(seconds):.0f} s")
    Console().print(table)


if __name__ == "__main__":
    main()
