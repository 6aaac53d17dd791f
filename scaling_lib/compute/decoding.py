"""How fast a model can write at best: every new token needs all weights from memory once, shared by the batch.

Use `decoding_seconds` for the least time between two tokens, `decoding_utilisation` for the share of the peak that is
then used. Both are bounds from the data sheet: keys and values, communication and the software come on top.
"""

from __future__ import annotations

import numpy as np

from .._validate import FloatArray, Numeric, broadcast, choice, computed, positive, shown
from .flops import FLOP_PER_PARAM_SERVED_TOKEN
from .hardware import Accelerator
from .memory import BYTES

__all__ = ["decoding_seconds", "decoding_utilisation"]


def _accelerator(value: object) -> Accelerator:
    if not isinstance(value, Accelerator):
        raise ValueError(
            f"accelerator is {shown(value)}: expected an Accelerator, such as scaling_lib.published.H100."
        )
    return value


def decoding_seconds(
    N: object, *, accelerator: Accelerator, batch: object = 1, n_gpu: object = 1, dtype: str = "bf16"
) -> Numeric:
    """Least time in which every request of a batch gets its next token.

    The longer of two: reading N weights from memory, and 2 N FLOP for each request.

    Parameters
    ----------
    N : float or array_like
        Parameters that a token uses.
    accelerator : Accelerator
        Its memory bandwidth and 16-bit peak count.
    batch : float or array_like
        Requests that are decoded together.
    n_gpu : float or array_like
        Accelerators that share the model evenly.
    dtype : {"bf16", "fp16", "fp32", "fp8", "int8", "int4"}
        Precision in which the weights are stored.

    Returns
    -------
    float or ndarray
        Seconds; a bound from below.

    Raises
    ------
    ValueError
        If a number is not positive, `dtype` is unknown or `accelerator` is none.

    Examples
    --------
    >>> from scaling_lib import published
    >>> round(1e3 * decoding_seconds(8e9, accelerator=published.H100), 1)
    4.8
    """
    machine, width = _accelerator(accelerator), BYTES[choice("dtype", dtype, tuple(BYTES))]
    size, requests, count = broadcast(
        ("N", positive("N", N, unit="parameters")),
        ("batch", positive("batch", batch, unit="requests")),
        ("n_gpu", positive("n_gpu", n_gpu)),
    )

    def longer() -> FloatArray:
        reading = width / machine.bandwidth
        counting = FLOP_PER_PARAM_SERVED_TOKEN * requests / machine.flop_per_s
        return np.maximum(reading, counting) * size / count

    return computed("time of a step", longer)


def decoding_utilisation(accelerator: Accelerator, *, batch: object = 1, dtype: str = "bf16") -> Numeric:
    """Largest share of the peak that decoding can use; the size of the model cancels.

    Parameters
    ----------
    accelerator : Accelerator
        Its memory bandwidth and 16-bit peak count.
    batch : float or array_like
        Requests that are decoded together.
    dtype : {"bf16", "fp16", "fp32", "fp8", "int8", "int4"}
        Precision in which the weights are stored.

    Returns
    -------
    float or ndarray
        A fraction; a bound from above.

    Raises
    ------
    ValueError
        If `batch` is not positive, `dtype` is unknown or `accelerator` is none.

    Examples
    --------
    >>> from scaling_lib import published
    >>> round(decoding_utilisation(published.H100), 4)
    0.0034
    """
    machine = _accelerator(accelerator)
    requests = positive("batch", batch, unit="requests")
    seconds = np.asarray(decoding_seconds(1.0, accelerator=machine, batch=requests, dtype=dtype))
    return computed(
        "utilisation", lambda: FLOP_PER_PARAM_SERVED_TOKEN * requests / machine.flop_per_s / seconds
    )
