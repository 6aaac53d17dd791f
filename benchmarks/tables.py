"""A plausible truth and design for every law that is fitted: what `make bench` and the tests simulate."""

from __future__ import annotations

from typing import Any

import numpy as np

from scaling_lib import laws
from scaling_lib.fitting import simulate


def typical() -> dict[str, tuple[laws.Law, dict[str, Any]]]:
    """Law and variables by name of the class; 40 to 150 runs each."""
    rng = np.random.default_rng(7)

    def spread(low: float, high: float, n: int = 80) -> np.ndarray:
        return np.exp(rng.uniform(np.log(low), np.log(high), n))

    N, D = spread(2e7, 2e10), spread(1e9, 1e12)
    x = np.geomspace(1e2, 1e8, 60)
    truths: list[tuple[laws.Law, dict[str, Any]]] = [
        (laws.PowerLaw(E=1.7, A=400.0, alpha=0.34), {"x": np.geomspace(1e6, 1e10, 40)}),
        (laws.ChinchillaLaw(E=1.8172, A=482.0, B=2085.0, alpha=0.348, beta=0.366), {"N": N, "D": D}),
        (laws.KaplanN(N_c=8.8e13, alpha_N=0.076), {"N": N}),
        (laws.KaplanD(D_c=5.4e13, alpha_D=0.095), {"D": D}),
        (laws.KaplanC(C_c=3.1e8, alpha_C=0.05), {"C": spread(1e-6, 10.0)}),
        (laws.KaplanND(N_c=6.4e13, D_c=1.8e13, alpha_N=0.076, alpha_D=0.103), {"N": spread(1e6, 1e9), "D": spread(2e7, 2e10)}),
        (laws.KaplanNS(N_c=6.5e13, S_c=2.1e3, alpha_N=0.077, alpha_S=0.76), {"N": spread(1e6, 1e9), "S_min": spread(1e3, 1e5)}),
        (laws.CriticalBatch(B_star=2.1e8, alpha_B=0.21), {"L": spread(2.0, 6.0)}),
        (laws.BatchTradeoff(S_min=1e4, B_crit=5e5), {"B": spread(2e4, 1e7)}),
        (laws.OvertrainingLaw(E=1.84, a=212.0, b=367.0, eta=0.136), {"C": spread(1e17, 1e22), "M": spread(5.0, 640.0)}),
        (laws.DataConstrainedLaw(E=1.87, A=521.0, B=1488.0, alpha=0.353, beta=0.353, R_D_star=15.4, R_N_star=5.31),
         {"N": spread(5e7, 8e9, 150), "D": spread(2e9, 1e12, 150), "U": spread(1e8, 5e10, 150)}),
        (laws.SupervisedLaw(E=1.22, A=3355.0, B=18186.0, alpha=0.408, beta=0.431, gamma=0.452), {"N": N, "D": D}),
        (laws.FineGrainedLaw(c=0.47, a=18.1, alpha=0.115, b=30.8, beta=0.147, g=2.1, gamma=0.58),
         {"N": spread(1e7, 4e9, 120), "D": spread(2e9, 1e11, 120), "G": 2.0 ** rng.integers(0, 6, 120)}),
        (laws.PrecisionLaw(E=1.8, A=482.0, B=2085.0, alpha=0.348, beta=0.366, gamma_w=2.67, gamma_a=2.21, gamma_kv=0.96),
         {"N": spread(3e7, 2e9, 150), "D": spread(1e9, 3e11, 150),
          **{p: rng.choice([3.0, 4.0, 6.0, 8.0, 12.0], 150) for p in ("P_w", "P_a", "P_kv")}}),
        (laws.QuantisationPenalty(C_T=0.05, gamma_D=0.5, gamma_N=0.46, gamma_post=0.6),
         {"N": N, "D": D, "P": rng.choice([3.0, 4.0, 5.0, 6.0, 8.0], 80)}),
        (laws.RoutedLaw(a=-0.083, b=-0.126, c=0.012, d=1.111, E_start=1.88, E_max=470.0),
         {"N": spread(1e7, 2e9, 120), "E": 2.0 ** rng.integers(0, 10, 120)}),
        (laws.AnnealingLaw(L0=2.628, A=0.429, alpha=0.55, C=0.411), {"S1": spread(0.05, 20.0), "S2": spread(0.01, 0.5)}),
        (laws.BrokenPowerLaw(a=1.2, b=3.0, c0=0.1, c=0.4, d=1e5, f=0.3), {"x": x}),
        (laws.M1(beta=5.0, c=-0.3), {"x": x}),
        (laws.M2(beta=5.0, c=-0.3, eps_inf=0.1), {"x": x}),
        (laws.M3(beta=5.0, c=-0.3, gamma=1e-5, eps_inf=0.1), {"x": x}),
        (laws.M4(alpha=0.5, beta=5.0, c=-0.3, eps0=0.9, eps_inf=0.1), {"x": x}),
        (laws.LossToError(epsilon=0.85, k=2.0, gamma=0.75), {"L": spread(1.8, 5.0)}),
        (laws.SigmoidAccuracy(a=-0.7, k=8.0, L0=0.8, b=0.95), {"L": spread(0.3, 1.5)}),
        (laws.BetaCoverage(alpha=0.3, beta=2.0), {"k": np.unique(np.geomspace(1, 1e4, 60).round())}),
        (laws.KumaraswamyCoverage(alpha=0.4, beta=3.0), {"k": np.unique(np.geomspace(1, 1e4, 60).round())}),
        (laws.ScaledBetaCoverage(alpha=0.3, beta=2.0, top=0.1), {"k": np.unique(np.geomspace(1, 1e5, 60).round())}),
        (laws.PowerCoverage(a=-1.8, b=-0.4), {"k": np.unique(np.geomspace(1, 1e3, 60).round())}),
        (laws.BestOfNReward(alpha=1.0, beta=0.25), {"d": np.linspace(0.1, 3.5, 50)}),
        (laws.RLReward(alpha=0.5, beta=0.15), {"d": np.linspace(0.5, 15.0, 50)}),
        (laws.TransferLaw(k=1.9e4, alpha=0.18, beta=0.38), {"D_F": spread(1e5, 1e9), "N": spread(1e6, 1e9)}),
        (laws.PowerRule(k=2e10, p=0.27), {"x": x}),
        (laws.ProductRule(k=2.0, p=-0.7, q=0.3), {"N": N, "D": D}),
    ]
    return {type(law).__name__: (law, variables) for law, variables in truths}


def table(name: str, noise: float = 0.005, seed: int = 0) -> tuple[laws.Law, dict[str, Any]]:
    """The truth of a law and its simulated runs."""
    law, variables = typical()[name]
    return law, simulate.runs(law, noise=noise, seed=seed, **variables)
