"""Shapes of known models, from which parameters and FLOP are counted, and token counts that tables get wrong."""

from __future__ import annotations

from typing import Final

from ..compute import Transformer
from .registry import add

__all__ = ["BTLM_3B_TOKENS", "OPT_175B_CORPUS", "SHAPES"]

SHAPES: Final = add(
    "SHAPES",
    {
        "GPT-2 124M": Transformer(n_layer=12, d_model=768, n_heads=12, vocab=50257, n_ctx=1024, biases=True,
                                  norm="layer", learned_positions=True),
        "Qwen3 0.6B": Transformer(n_layer=28, d_model=1024, n_heads=16, d_head=128, n_kv_heads=8, d_ff=3072,
                                  vocab=151936, n_ctx=4096, gated=True),
        "LLaMA-1 7B": Transformer(n_layer=32, d_model=4096, n_heads=32, d_ff=11008, vocab=32000, n_ctx=2048,
                                  gated=True, tied=False),
        "Llama 3 8B": Transformer(n_layer=32, d_model=4096, n_heads=32, n_kv_heads=8, d_ff=14336, vocab=128256,
                                  n_ctx=8192, gated=True, tied=False),
        "GPT-3 175B": Transformer(n_layer=96, d_model=12288, n_heads=96, vocab=50257, n_ctx=2048, biases=True,
                                  norm="layer", learned_positions=True),
        "Llama 3.1 405B": Transformer(n_layer=126, d_model=16384, n_heads=128, n_kv_heads=8, d_ff=53248,
                                      vocab=128256, n_ctx=8192, gated=True, tied=False),
    },
    "shape, by model",
    "model cards and papers of each",
    "tables of architectures",
    "reported",
    "The totals counted from the shapes are those that the makers print, to the digits printed. n_ctx is the length of"
    " most of the training.",
)

BTLM_3B_TOKENS: Final = add(
    "BTLM_3B_TOKENS", 627e9, "training tokens", "Dey et al. 2023, arXiv 2309.11568", "abstract", "verified",
    "The table base_llm_benchmarks has a thousand times as many.")

OPT_175B_CORPUS: Final = add(
    "OPT_175B_CORPUS", 180e9, "tokens in the corpus", "Zhang et al. 2022, arXiv 2205.01068", "section on the corpus",
    "reported", "Not the tokens seen, which are 300e9 by the training log.")
