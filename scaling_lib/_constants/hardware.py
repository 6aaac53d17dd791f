"""Accelerators, prices and utilisation, each with its month.

To update: change the figures and `as_of`, nothing else.
"""

from __future__ import annotations

from typing import Final

from ..compute import Accelerator
from .registry import add

__all__ = ["A100", "B200", "DEEPSEEK_V3_RUN", "H100", "H200", "H800", "LIST_PRICES_2025_02", "MARKET_PRICES_2025",
           "REPORTED_MFU", "TPU_V5E", "TPU_V5P"]

_BOOK = "JAX team 2025, How to Scale Your Model"
_POWER = "Board power is reported."

A100: Final = add(
    "A100",
    Accelerator("A100 80GB", 3.12e14, 80e9, 2.0e12, power_watts=400, as_of="2025-02"),
    "FLOP/s, bytes, bytes/s, watts",
    "NVIDIA data sheet",
    "SXM",
    "reported",
    "The peak is verified in a cost calculator. Also sold with 40 GB.",
)
H100: Final = add(
    "H100", Accelerator("H100 SXM", 9.89e14, 80e9, 3.35e12, power_watts=700, flop_per_s_fp8=1.98e15, as_of="2025-02"),
    "FLOP/s, bytes, bytes/s, watts", _BOOK, "GPU chapter", "verified", _POWER)
H800: Final = add(
    "H800",
    Accelerator("H800", 9.89e14, 80e9, 3.35e12, power_watts=700, flop_per_s_fp8=1.513e15, as_of="2025-02"),
    "FLOP/s, bytes, bytes/s, watts",
    _BOOK,
    "applied chapter",
    "verified",
    "FP8 as in the sheet quoted there. " + _POWER,
)
H200: Final = add(
    "H200", Accelerator("H200 SXM", 9.89e14, 141e9, 4.8e12, power_watts=700, flop_per_s_fp8=1.98e15, as_of="2025-02"),
    "FLOP/s, bytes, bytes/s, watts", "NVIDIA data sheet", "SXM", "reported")
B200: Final = add(
    "B200", Accelerator("B200", 2.25e15, 180e9, 8e12, power_watts=1000, flop_per_s_fp8=4.5e15, as_of="2025-02"),
    "FLOP/s, bytes, bytes/s, watts", "NVIDIA data sheet", "approximate", "reported", "180 to 192 GB by product.")
TPU_V5P: Final = add(
    "TPU_V5P",
    Accelerator("TPU v5p", 4.59e14, 95e9, 2.8e12, as_of="2025-02"),
    "FLOP/s, bytes, bytes/s",
    _BOOK,
    "TPU chapter",
    "verified",
    "Bandwidth is reported, power is not known.",
)
TPU_V5E: Final = add(
    "TPU_V5E",
    Accelerator("TPU v5e", 1.97e14, 16e9, 8.1e11, as_of="2025-02"),
    "FLOP/s, bytes, bytes/s",
    _BOOK,
    "TPU chapter",
    "verified",
    "Bandwidth is reported, power is not known.",
)

LIST_PRICES_2025_02: Final = add(
    "LIST_PRICES_2025_02", {"H100": 10.8, "TPU_V5P": 4.2, "TPU_V5E": 1.2}, "US dollars an hour", _BOOK,
    "Google Cloud on demand, February 2025", "verified")
MARKET_PRICES_2025: Final = add(
    "MARKET_PRICES_2025",
    {"A100": (1.0, 2.5), "H100": (2.0, 4.0), "H200": (2.5, 5.0), "B200": (4.0, 8.0)},
    "US dollars an hour, from and to",
    "market, 2024 to 2025",
    "as of 2025-02",
    "reported",
    "Rented by the hour; they fall.",
)
REPORTED_MFU: Final = add(
    "REPORTED_MFU",
    {
        "GPT-3": 0.197,
        "Gopher": 0.378,
        "MT-NLG": 0.302,
        "PaLM": 0.462,
        "OPT": 0.471,
        "BLOOM": 0.50,
        "LLaMA-65B": 0.475,
        "Llama 2 70B": 0.419,
        "Llama 3.1 405B": 0.404,
        "Falcon-180B": 0.189,
        "DeepSeek-V3": 0.195,
    },
    "share of the peak",
    "Epoch AI, notable systems",
    "export",
    "verified",
    "For DeepSeek-V3 the basis is not stated, presumably the 8-bit peak; "
    "6ND over 2.664e6 H800-hours is 0.346 of the 16-bit peak.",
)

DEEPSEEK_V3_RUN: Final = add(
    "DEEPSEEK_V3_RUN", {"N_active": 37e9, "D": 14.8e12, "pre-training": 2.664e6, "all": 2.79e6},
    "parameters, tokens, H800-hours", _BOOK, "applied chapter", "verified",
    "6ND is 0.346 of the 16-bit peak over the hours of pre-training, 0.216 of the 8-bit peak over all of them.")
