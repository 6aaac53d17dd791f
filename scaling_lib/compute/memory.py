"""What a model needs in memory, to train and to serve, and whether it fits.

An estimate for planning: weights, gradients and optimiser state are exact for the stated precisions, activations follow
a published formula for a standard block, and the allocator's fragmentation, buffers and the framework come on top.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from .._validate import Numeric, choice, computed, integer, positive, scalar, shown
from .architecture import Transformer
from .hardware import Accelerator

__all__ = ["BYTES", "Memory", "inference_memory", "kv_cache_bytes", "training_memory"]

#: Bytes of one number.
BYTES: Final = {"fp32": 4.0, "bf16": 2.0, "fp16": 2.0, "fp8": 1.0, "int8": 1.0, "int4": 0.5}

#: Bytes of optimiser state for each parameter: Adam keeps two moments, SGD with momentum one, all in float32.
_OPTIMISERS = {"adam": 8.0, "sgd_momentum": 4.0, "sgd": 0.0}


@dataclass(frozen=True)
class Memory:
    """Memory of one accelerator, by what it holds.

    Attributes
    ----------
    weights, gradients, optimiser, activations, kv_cache : float
        Bytes. The optimiser's share includes the float32 master copy of the weights.
    """

    weights: float
    gradients: float = 0.0
    optimiser: float = 0.0
    activations: float = 0.0
    kv_cache: float = 0.0

    @property
    def total(self) -> float:
        """Sum of the parts, bytes."""
        return self.weights + self.gradients + self.optimiser + self.activations + self.kv_cache

    def share_of(self, accelerator: Accelerator) -> float:
        """Total as a fraction of the accelerator's memory; above about 0.9 it does not fit in practice."""
        if not isinstance(accelerator, Accelerator):
            raise ValueError(
                f"accelerator is {shown(accelerator)}: expected an Accelerator, such as scaling_lib.published.H100."
            )
        return self.total / accelerator.memory_bytes

    def fits(self, accelerator: Accelerator, *, headroom: float = 0.1) -> bool:
        """Whether it fits with a share `headroom` left for buffers and fragmentation."""
        return self.share_of(accelerator) <= 1 - scalar("headroom", headroom, low=0, high=1)

    def __repr__(self) -> str:
        parts = {name: getattr(self, name) for name in ("weights", "gradients", "optimiser", "activations", "kv_cache")}
        inside = ", ".join(f"{name}={value / 1e9:.3g} GB" for name, value in parts.items() if value)
        return f"Memory({inside}; total={self.total / 1e9:.3g} GB)"


def _model(model: object) -> Transformer:
    if not isinstance(model, Transformer):
        raise ValueError(f"model is {shown(model)}: expected a scaling_lib.compute.Transformer.")
    return model


def kv_cache_bytes(model: Transformer, tokens: object, *, dtype: str = "bf16") -> Numeric:
    """Keys and values of so many tokens in the context (summed over the requests that are served together).

    2 n_layer n_kv_heads d_head numbers a token.

    Parameters
    ----------
    model : Transformer
        The shape.
    tokens : float or array_like
        Tokens held, requests times context.
    dtype : {"bf16", "fp16", "fp32", "fp8", "int8", "int4"}
        Precision of the cache.

    Returns
    -------
    float or ndarray
        Bytes.

    Raises
    ------
    ValueError
        If `tokens` is not positive or `dtype` unknown.

    Examples
    --------
    >>> llama = Transformer(n_layer=32, d_model=4096, n_heads=32, n_kv_heads=8, d_ff=14336, vocab=128256, n_ctx=8192)
    >>> kv_cache_bytes(llama, 1)
    131072.0
    """
    shape = _model(model)
    held = positive("tokens", tokens, unit="tokens")
    each = 2.0 * shape.n_layer * shape.d_kv * BYTES[choice("dtype", dtype, tuple(BYTES))]
    return computed("size of the cache", lambda: each * held)


def inference_memory(model: Transformer, *, tokens: object, dtype: str = "bf16", cache_dtype: str = "bf16",
                     n_gpu: object = 1) -> Memory:
    """Memory of each of n accelerators that serve a model together: weights and KV cache, split evenly.

    Parameters
    ----------
    model : Transformer
        The shape.
    tokens : float
        Tokens held in the cache, requests times context.
    dtype, cache_dtype : str
        Precision of weights and cache, a key of `BYTES`.
    n_gpu : int
        Accelerators that share the model.

    Returns
    -------
    Memory

    Raises
    ------
    ValueError
        If an argument is out of range.

    Examples
    --------
    >>> llama = Transformer(n_layer=32, d_model=4096, n_heads=32, n_kv_heads=8, d_ff=14336, vocab=128256, n_ctx=8192,
    ...                     gated=True, tied=False)
    >>> inference_memory(llama, tokens=8 * 8192)
    Memory(weights=16.1 GB, kv_cache=8.59 GB; total=24.7 GB)
    """
    shape, count = _model(model), integer("n_gpu", n_gpu, low=1, high=10**7)
    held = scalar("tokens", tokens, unit="tokens", low=0, open_low=True)
    weights = shape.params("total") * BYTES[choice("dtype", dtype, tuple(BYTES))]
    return Memory(weights=weights / count, kv_cache=float(kv_cache_bytes(shape, held, dtype=cache_dtype)) / count)


def training_memory(
    model: Transformer,
    *,
    batch: object,
    n_gpu: object = 1,
    zero_stage: object = 0,
    tensor_parallel: object = 1,
    optimiser: str = "adam",
    recompute: str = "selective",
) -> Memory:
    """Memory of one of n accelerators that train a model in mixed precision.

    For each parameter 2 bytes of weights, 2 of gradients, 4 of master weights and, for Adam, 8 of moments. ZeRO stage 1
    shares the optimiser state among the data-parallel replicas, stage 2 the gradients too, stage 3 the weights too.
    Activations of a layer, with s tokens, b sequences, width h and a heads: s b h (34 + 5 a s / h) bytes, 34 s b h with
    the attention recomputed, 2 s b h with everything recomputed.

    Parameters
    ----------
    model : Transformer
        The shape; its n_ctx is the length of a sequence.
    batch : int
        Sequences in flight on each data-parallel replica (the micro-batch).
    n_gpu : int
        All accelerators; n_gpu / tensor_parallel replicas.
    zero_stage : {0, 1, 2, 3}
        How much the replicas share.
    tensor_parallel : int
        Accelerators that split each layer, with sequence parallelism for the rest of the activations.
    optimiser : {"adam", "sgd_momentum", "sgd"}
        What is kept for each parameter.
    recompute : {"none", "selective", "full"}
        Activations that are recomputed in the backward pass.

    Returns
    -------
    Memory

    Raises
    ------
    ValueError
        If an argument is out of range, or tensor_parallel does not divide n_gpu.

    References
    ----------
    .. [1] Rajbhandari et al. 2019, arXiv 1910.02054 (ZeRO).
    .. [2] Korthikanti et al. 2022, arXiv 2205.05198, equations 1 to 4 (activations; reported, not checked here).

    Examples
    --------
    >>> llama = Transformer(n_layer=32, d_model=4096, n_heads=32, d_ff=11008, vocab=32000, n_ctx=4096, gated=True)
    >>> training_memory(llama, batch=1, n_gpu=64, zero_stage=3).total < training_memory(llama, batch=1, n_gpu=64).total
    True
    """
    shape = _model(model)
    sequences = integer("batch", batch, low=1, high=10**9)
    count = integer("n_gpu", n_gpu, low=1, high=10**7)
    split = integer("tensor_parallel", tensor_parallel, low=1, high=count)
    stage = integer("zero_stage", zero_stage, low=0, high=3)
    if count % split:
        raise ValueError(f"tensor_parallel is {split}: it does not divide n_gpu = {count}.")
    state = _OPTIMISERS[choice("optimiser", optimiser, tuple(_OPTIMISERS))]
    replicas = count // split
    mine = shape.params("total") / split
    shared = [replicas if stage >= least else 1 for least in (1, 2, 3)]
    tokens = float(shape.n_ctx) * sequences * shape.d_model
    per_layer = {"none": 34 + 5 * shape.n_heads * shape.n_ctx / shape.d_model, "selective": 34.0, "full": 2.0}
    activations = shape.n_layer * tokens * per_layer[choice("recompute", recompute, tuple(per_layer))] / split
    return Memory(
        weights=2 * mine / shared[2],
        gradients=2 * mine / shared[1],
        optimiser=(4 + state) * mine / shared[0],
        activations=activations,
    )
