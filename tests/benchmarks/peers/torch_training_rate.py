"""Measures the training throughput of PyTorch's `nn.Transformer` of the same size, eager or compiled, as a JSON line.

Runs in any environment with PyTorch, on the batches of `our_batches.py`. The first steps are a warm-up; with
`--compile` all batches are also processed once before.

    python tests/benchmarks/peers/torch_training_rate.py --batches /tmp/work/batches.npz --compile --precision bfloat16
"""

import argparse
import json
import math
import os
import resource
import time
from pathlib import Path

import batches
import torch
from torch import nn
from torch.nn import functional

LAYERS, WIDTH, HEADS, INNER, DROPOUT = 3, 256, 4, 1024, 0.1
LONGEST = 512
WARM_UP_STEPS = 10


class Transformer(nn.Module):
    """Three pre-norm layers on each side; source, target and output share one embedding."""

    def __init__(self, vocabulary_size: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocabulary_size, WIDTH)
        nn.init.normal_(self.embedding.weight, std=WIDTH**-0.5)
        angles = torch.arange(LONGEST)[:, None] / 10_000 ** (torch.arange(0, WIDTH, 2) / WIDTH)
        self.register_buffer("positions", torch.cat([angles.sin(), angles.cos()], dim=1))
        self.dropout = nn.Dropout(DROPOUT)
        self.transformer = nn.Transformer(
            WIDTH, HEADS, LAYERS, LAYERS, INNER, DROPOUT, batch_first=True, norm_first=True
        )

    def forward(self, source: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        # Padding is at the end, so the causal mask already hides it in the target.
        padding = torch.zeros(source.shape).masked_fill_(source == 0, float("-inf"))
        causal = nn.Transformer.generate_square_subsequent_mask(target.shape[1])
        states = self.transformer(
            self.embed(source),
            self.embed(target),
            tgt_mask=causal,
            src_key_padding_mask=padding,
            memory_key_padding_mask=padding,
            tgt_is_causal=True,
        )
        return functional.linear(states, self.embedding.weight)

    def embed(self, ids: torch.Tensor) -> torch.Tensor:
        return self.dropout(self.embedding(ids) * math.sqrt(WIDTH) + self.positions[: ids.shape[1]])


def train(data: batches.Batches, compiled: bool, precision: str) -> dict[str, float]:
    """Trains on the batches; returns `tokens_per_second`, `parameters` and the last `loss`."""
    torch.manual_seed(1)
    network = Transformer(data.vocabulary_size)
    optimizer = torch.optim.Adam(network.parameters(), lr=5e-4, betas=(0.9, 0.98), fused=True)

    def loss_of(source: torch.Tensor, target: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        with torch.autocast("cpu", torch.bfloat16, enabled=precision == "bfloat16"):
            logits = network(source, target)
        return functional.cross_entropy(
            logits.float().flatten(0, 1), labels.flatten(), ignore_index=0, label_smoothing=0.1
        )

    # One graph for all batch shapes.
    loss_of = torch.compile(loss_of, dynamic=True) if compiled else loss_of

    def take_step(batch: batches.Batch) -> torch.Tensor:
        optimizer.zero_grad(set_to_none=True)
        loss = loss_of(*(torch.from_numpy(ids).long() for ids in batch))
        loss.backward()
        optimizer.step()
        return loss

    # A few shapes are compiled separately all the same; process them before the measurement.
    for batch in data.steps if compiled else data.steps[:WARM_UP_STEPS]:
        take_step(batch)
    start = time.perf_counter()
    for batch in data.steps[WARM_UP_STEPS:]:
        loss = take_step(batch)
    seconds_per_step = (time.perf_counter() - start) / (len(data.steps) - WARM_UP_STEPS)
    return {
        "tokens_per_second": data.tokens_per_step / seconds_per_step,
        "parameters": sum(weights.numel() for weights in network.parameters()),
        "loss": loss.item(),
    }


def main() -> None:
    """Trains and prints the JSON line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--batches", type=Path, required=True, help="batches.npz of our_batches.py")
    parser.add_argument("--compile", action="store_true", help="use torch.compile")
    parser.add_argument("--precision", choices=("float32", "bfloat16"), default="float32")
    arguments = parser.parse_args()
    torch.set_num_threads(len(os.sched_getaffinity(0)))
    data = batches.read(arguments.batches)
    if len(data.steps) <= WARM_UP_STEPS:
        parser.error(f"Expected more than {WARM_UP_STEPS} batches. Received: {len(data.steps)}")
    result = train(data, arguments.compile, arguments.precision)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024  # Linux counts in KiB
    print(json.dumps({**result, "peak_memory_bytes": peak}))


if __name__ == "__main__":
    main()
