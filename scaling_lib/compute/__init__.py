"""From parameters and tokens to FLOP, time, money and memory, and back.

`flops`: the 6ND rule and its inverses. `architecture`: parameters and FLOP of a transformer under each way of counting.
`hardware`: PF-days, utilisation, days, money, energy. `memory`: weights, optimiser, activations and KV cache, and
whether they fit. `decoding`: how fast a model can write. The accelerators themselves, with the date of each price, are in :mod:`scaling_lib.published`.
"""

from .architecture import CONVENTIONS, Transformer, forward_flop_per_token, nonembedding_params
from .decoding import decoding_seconds, decoding_utilisation
from .flops import FLOP_PER_PARAM_SERVED_TOKEN, FLOP_PER_PARAM_TOKEN, train_flop, train_params, train_tokens
from .hardware import (
    PF_DAY,
    Accelerator,
    energy_kwh,
    flop_to_pf_days,
    gpu_hours,
    mfu,
    mfu_from_throughput,
    pf_days_to_flop,
    training_cost,
    training_days,
    training_flop,
)
from .memory import BYTES, Memory, inference_memory, kv_cache_bytes, training_memory

__all__ = [
    "BYTES", "CONVENTIONS", "FLOP_PER_PARAM_SERVED_TOKEN", "FLOP_PER_PARAM_TOKEN", "PF_DAY", "Accelerator", "Memory",
    "Transformer", "decoding_seconds", "decoding_utilisation", "energy_kwh",
    "flop_to_pf_days", "forward_flop_per_token", "gpu_hours", "inference_memory", "kv_cache_bytes", "mfu",
    "mfu_from_throughput", "nonembedding_params", "pf_days_to_flop", "train_flop", "train_params", "train_tokens",
    "training_cost", "training_days", "training_flop", "training_memory",
]
