"""Emergence, observational laws and test-time compute, as reported."""

from __future__ import annotations

from typing import Final, NamedTuple

from .registry import add

__all__ = ["BROWN_2024_GEMMA_CODECONTESTS", "BROWN_2024_SWE_BENCH", "COBBE_2021_VERIFIER", "DU_2024_THRESHOLD",
           "EPOCH_2024_GROWTH", "EmergentAbility", "GAO_2022_MIN_COMPARISONS", "GAO_2022_MODELS", "O1_AIME",
           "R1_2025", "RUAN_2024_VARIANCE", "SNELL_2024_EMERGENCE_AHEAD", "SNELL_2024_RATIOS",
           "SNELL_2024_TEST_TIME", "VILLALOBOS_2023_BACK", "VILLALOBOS_2023_SPANS", "VILLALOBOS_2023_TRADES",
           "WANG_2022_GAINS", "WEI_2022"]


class EmergentAbility(NamedTuple):
    """A row of Wei et al.'s table: at which training compute, size and model an ability was first seen.

    Attributes
    ----------
    ability : str
        The task.
    C : float
        Training compute, FLOP.
    N : float
        Parameters.
    model : str
        Family of the model.
    augmented : bool
        Whether it was prompted or tuned in a special way.
    """

    ability: str
    C: float
    N: float
    model: str
    augmented: bool


_FEW_SHOT = (
    ("addition and subtraction, 3 digits", 2.3e22, 13e9, "GPT-3"),
    ("addition and subtraction, 4 to 5 digits", 3.1e23, 175e9, "GPT-3"),
    ("MMLU, 57 topics", 3.1e23, 175e9, "GPT-3"),
    ("toxicity, CivilComments", 1.3e22, 7.1e9, "Gopher"),
    ("TruthfulQA", 5.0e23, 280e9, "Gopher"),
    ("MMLU, 26 topics", 5.0e23, 280e9, "Gopher"),
    ("grounded conceptual mappings", 3.1e23, 175e9, "GPT-3"),
    ("MMLU, 30 topics", 5.0e23, 70e9, "Chinchilla"),
    ("word in context", 2.5e24, 540e9, "PaLM"),
)
_AUGMENTED = (
    ("instruction following", 1.3e23, 68e9, "FLAN"),
    ("scratchpad, 8-digit addition", 8.9e19, 40e6, "LaMDA"),
    ("open-book fact checking", 1.3e22, 7.1e9, "Gopher"),
    ("chain of thought, maths word problems", 1.3e23, 68e9, "LaMDA"),
    ("chain of thought, StrategyQA", 2.9e23, 62e9, "PaLM"),
    ("differentiable search index", 3.3e22, 11e9, "T5"),
    ("self-consistency", 1.3e23, 68e9, "LaMDA"),
    ("explanations in the prompt", 5.0e23, 280e9, "Gopher"),
    ("least-to-most prompting", 3.1e23, 175e9, "GPT-3"),
    ("zero-shot chain of thought", 3.1e23, 175e9, "GPT-3"),
    ("calibration by P(True)", 2.6e23, 52e9, "Anthropic"),
    ("multilingual chain of thought", 2.9e23, 62e9, "PaLM"),
    ("ask me anything", 1.4e22, 6e9, "EleutherAI"),
)

WEI_2022: Final = add(
    "WEI_2022",
    tuple(EmergentAbility(*row, False) for row in _FEW_SHOT) + tuple(EmergentAbility(*row, True) for row in _AUGMENTED),
    "FLOP, parameters",
    "Wei et al. 2022, arXiv 2206.07682",
    "Table 1",
    "verified",
    "For the models, prompts and metrics of that time.",
)

DU_2024_THRESHOLD: Final = add(
    "DU_2024_THRESHOLD",
    2.2,
    "nats per token on their corpus",
    "Du et al. 2024, arXiv 2403.15796",
    "figures",
    "reported",
    "Loss below which MMLU, C-Eval and GSM8K leave chance.",
)
RUAN_2024_VARIANCE: Final = add("RUAN_2024_VARIANCE", {1: 0.80, 3: 0.97}, "share of variance in so many components",
                                "Ruan et al. 2024, arXiv 2405.10938", "Figure 2", "reported",
                                "The stored table gives 0.843 and 0.974.")
SNELL_2024_EMERGENCE_AHEAD: Final = add(
    "SNELL_2024_EMERGENCE_AHEAD",
    4.0,
    "times the compute",
    "Snell et al. 2024, arXiv 2411.16035",
    "abstract",
    "reported",
    "How far ahead fine-tuning small models foretells emergence.",
)
EPOCH_2024_GROWTH: Final = add(
    "EPOCH_2024_GROWTH",
    (4.0, 5.0),
    "times a year",
    "Sevilla and Roldan 2024, Epoch AI",
    "title",
    "recomputed",
    "Training compute of notable models; the stored table gives 4.3.",
)

BROWN_2024_SWE_BENCH: Final = add("BROWN_2024_SWE_BENCH", {1: 0.159, 250: 0.56}, "share solved with so many samples",
                                  "Brown et al. 2024, arXiv 2407.21787", "abstract", "verified",
                                  "SWE-bench Lite; the best single sample of the day reached 0.43.")
BROWN_2024_GEMMA_CODECONTESTS: Final = add(
    "BROWN_2024_GEMMA_CODECONTESTS",
    {1: 0.0002, 10_000: 0.071},
    "share solved with so many samples",
    "Brown et al. 2024, arXiv 2407.21787",
    "text",
    "reported",
)
SNELL_2024_TEST_TIME: Final = add("SNELL_2024_TEST_TIME", {"over_best_of_n": 4.0, "larger_model": 14.0}, "times",
                                  "Snell et al. 2024, arXiv 2408.03314", "abstract", "verified",
                                  "The 14 times larger model is matched where the small one has non-trivial success.")
SNELL_2024_RATIOS: Final = add("SNELL_2024_RATIOS", (0.16, 0.79, 22.0), "served tokens over pre-training tokens",
                               "Snell et al. 2024, arXiv 2408.03314", "section 7", "reported")
COBBE_2021_VERIFIER: Final = add(
    "COBBE_2021_VERIFIER",
    {"size_equivalent": 30.0, "best_of": 100.0, "hurts_beyond": 400.0},
    "times, samples",
    "Cobbe et al. 2021, arXiv 2110.14168",
    "text",
    "reported",
)
WANG_2022_GAINS: Final = add(
    "WANG_2022_GAINS",
    {"GSM8K": 0.179, "SVAMP": 0.110, "AQuA": 0.122, "StrategyQA": 0.064, "ARC-c": 0.039},
    "accuracy gained",
    "Wang et al. 2022, arXiv 2203.11171",
    "abstract",
    "reported",
    "Self-consistency.",
)
GAO_2022_MIN_COMPARISONS: Final = add(
    "GAO_2022_MIN_COMPARISONS",
    2000,
    "comparisons",
    "Gao et al. 2022, arXiv 2210.10760",
    "text",
    "reported",
    "Fewer train a reward model that is near chance.",
)
R1_2025: Final = add(
    "R1_2025",
    {
        "R1-Zero AIME 2024 before": 0.156,
        "R1-Zero AIME 2024": 0.710,
        "R1-Zero AIME 2024 majority of 64": 0.867,
        "R1 AIME 2024": 0.798,
        "R1 MATH-500": 0.973,
        "R1 SWE-bench Verified": 0.492,
        "o1-1217 AIME 2024": 0.792,
        "o1-1217 MATH-500": 0.964,
        "o1-1217 SWE-bench Verified": 0.489,
    },
    "share solved",
    "DeepSeek-AI 2025, arXiv 2501.12948",
    "Figure 1 and text",
    "reported",
    "The majority of 64 and the o1-1217 values are verified.",
)
O1_AIME: Final = add(
    "O1_AIME",
    {"GPT-4o": 0.12, "single": 0.744, "majority of 64": 0.833, "re-ranked from 1000": 0.933},
    "share solved",
    "OpenAI 2024, announcement of o1",
    "text",
    "reported",
)
VILLALOBOS_2023_TRADES: Final = add(
    "VILLALOBOS_2023_TRADES",
    {
        "most tasks": ((1.0, 2.0), 1.0),
        "sequential or decomposable": ((2.0, 3.0), 2.0),
        "cheap verification": ((5.0, 6.0), 3.5),
    },
    "factors of ten of inference added, of training saved",
    "Villalobos and Atkinson 2023, Epoch AI",
    "key takeaways",
    "verified",
    "With cheap verification 3 to 4 factors of ten are saved.",
)

GAO_2022_MODELS: Final = add(
    "GAO_2022_MODELS", {"proxy, smallest": 3e6, "proxy, largest": 3e9, "gold": 6e9}, "parameters of the reward models",
    "Gao et al. 2022, arXiv 2210.10760", "text", "reported")
VILLALOBOS_2023_BACK: Final = add(
    "VILLALOBOS_2023_BACK", (1.0, 2.0), "factors of ten of training added for one of inference saved",
    "Villalobos and Atkinson 2023, Epoch AI", "key takeaways", "verified")
VILLALOBOS_2023_SPANS: Final = add(
    "VILLALOBOS_2023_SPANS", {"model scaling": (1.2, 0.7), "tree search": (1.0, 1.6)},
    "factors of ten of training, of inference", "Villalobos and Atkinson 2023, Epoch AI", "secondary summary",
    "reported", "The report's own table was not read.")
