"""Size, latency and BLEU of a translator by the storage format of its exported weights.

    python tests/benchmarks/compact_exports.py multi30k --source val.en.gz --target val.de.gz --rows 500

Exports the run in each format and translates with each export in this process, in batches of 32.
"""

import argparse
import tempfile
import time
from itertools import islice
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from pipelines import runs
from pipelines.progress.quiet_import import import_tensorflow
from pipelines.runs import registry
from pipelines.sources.files import text_lines

BATCH = 32


def translate(export: Any, texts: list[str], seconds: list[float]) -> list[str]:
    """Translates texts and appends the seconds of each batch."""
    found = []
    for batch in (texts[start : start + BATCH] for start in range(0, len(texts), BATCH)):
        start = time.perf_counter()
        found += [text.decode() for text in export.call("serving_default", text=batch)["text"]]
        seconds.append(time.perf_counter() - start)
    return found


def main() -> None:
    """Exports, translates and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("run", help="run of translation, its folder or its name under runs/")
    parser.add_argument("--source", type=Path, required=True, help="source texts, one per line, plain or .gz")
    parser.add_argument("--target", type=Path, required=True, help="reference translations")
    parser.add_argument("--rows", type=int, help="number of rows, from the start (default: all)")
    arguments = parser.parse_args()
    texts, references = (
        list(islice(text_lines.read(path), arguments.rows)) for path in (arguments.source, arguments.target)
    )
    import_tensorflow()

    from tfmodels import export
    from tfmodels.export.graph.compact_weights import FORMATS
    from tfmodels.metrics import looks_tokenized, translation_scores

    run = runs.load(arguments.run)
    table = Table("weights", "MiB", "weights, MiB", "ms per text", "BLEU", "BLEU tokenised", "same output, %")
    exact = None
    with tempfile.TemporaryDirectory() as folder:
        for weights in FORMATS:
            servable = registry.find(run.task).endpoints(run.config, run)
            version = export.save(
                Path(folder) / weights,
                servable.endpoints,
                servable.tracked,
                servable.samples,
                servable.card,
                weights=weights,
            )
            files = [file for file in version.rglob("*") if file.is_file()]
            size = sum(file.stat().st_size for file in files) / 2**20
            values = sum(file.stat().st_size for file in files if file.parent.name == "variables") / 2**20
            loaded, seconds = export.load(version), []
            translate(loaded, texts[:BATCH], [])  # warm-up
            found = translate(loaded, texts, seconds)
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
