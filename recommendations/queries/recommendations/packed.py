"""Several counts as one number: thousands of them are added and subtracted by one step each."""

import struct
from collections.abc import Sequence

Counts = int
"""Counts side by side, 32 bits each; sums of them are sums of each, as long as none overflows."""


def packed(counts: Sequence[int]) -> Counts:
    """These counts as one number."""
    return int.from_bytes(struct.pack(f">{len(counts)}I", *counts))


def unpacked(counts: Counts, size: int) -> tuple[int, ...]:
    """The counts again, of which there are so many."""
    return struct.unpack(f">{size}I", counts.to_bytes(4 * size))
