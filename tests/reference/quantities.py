"""Every named quantity of the reference sheet as one call of `scaling_lib`; no mathematics of its own."""

from __future__ import annotations

from collections.abc import Callable
from math import exp
from typing import Any

from scaling_lib import capability, compute, fitting, laws, sampling
from scaling_lib.laws import ChinchillaLaw, DataConstrainedLaw, KaplanC, KaplanD, KaplanN, KaplanND, KaplanNS, PowerRule

__all__ = ["QUANTITIES"]


def _chinchilla(p: dict[str, Any]) -> ChinchillaLaw:
    return ChinchillaLaw(E=p["E"], A=p["A"], B=p["B"], alpha=p["alpha"], beta=p["beta"])


def _constrained(p: dict[str, Any]) -> DataConstrainedLaw:
    return DataConstrainedLaw(E=exp(p["e"]), A=exp(p["a"]), B=exp(p["b"]), alpha=p["alpha"], beta=p["beta"],
                              R_D_star=p["R_D_star"], R_N_star=p["R_N_star"])


def _hoffmann(p: dict[str, Any], vocab: int) -> compute.Transformer:
    return compute.Transformer(n_layer=p["n_layer"], d_model=p["d_model"], n_heads=p["n_heads"], d_head=p["d_head"],
                               d_ff=p["d_ff"], n_ctx=p["seq_len"], vocab=vocab)


QUANTITIES: dict[str, Callable[..., float]] = {
    "batch_tradeoff_examples": lambda B, B_crit, E_min: laws.examples_at_batch(B, B_crit=B_crit, E_min=E_min),
    "batch_tradeoff_steps": lambda B, B_crit, S_min: laws.BatchTradeoff(S_min=S_min, B_crit=B_crit)(B),
    "best_of_n_kl": lambda n: sampling.best_of_n_kl(n),
    "beta_neglog_slope": lambda alpha, beta, k1, k2: laws.BetaCoverage(alpha=alpha, beta=beta).neglog_slope(k1, k2),
    "beta_pass_at_k": lambda alpha, beta, k: laws.BetaCoverage(alpha=alpha, beta=beta)(k),
    "bnsl": lambda a, b, breaks, c0, x: laws.broken_power_law(x, a=a, b=b, c0=c0, breaks=breaks),
    "chinchilla_D_opt": lambda C, **p: _chinchilla(p).optimal(C).D,
    "chinchilla_G": lambda **p: _chinchilla(p).G,
    "chinchilla_N_opt": lambda C, **p: _chinchilla(p).optimal(C).N,
    "chinchilla_a": lambda **p: _chinchilla(p).a,
    "chinchilla_compute_for_loss": lambda loss, **p: _chinchilla(p).compute_for_loss(loss),
    "chinchilla_loss": lambda N, D, **p: _chinchilla(p)(N, D),
    "chinchilla_loss_opt": lambda C, **p: _chinchilla(p).optimal(C).L,
    "chinchilla_tokens_for_loss": lambda loss, N, **p: _chinchilla(p).tokens_for_loss(loss, N),
    "clark_routed_loss": lambda N, E, **p: laws.RoutedLaw(**p)(N, E),
    "compute_multiplier_for_loss_ratio": lambda loss_ratio, exponent: laws.compute_multiplier(loss_ratio, exponent),
    "coverage_exponentiated_power": lambda a, b, k: laws.PowerCoverage(a=a, b=b)(k),
    "data_constrained_loss": lambda N, D, U, **p: _constrained(p)(N, D, U),
    "data_constrained_opt_N": lambda C, U, **p: _constrained(p).optimal(C, U).N,
    "data_constrained_opt_loss": lambda C, U, **p: _constrained(p).optimal(C, U).L,
    "effective_unique_tokens": lambda U, epochs, R_D_star: laws.effective_tokens(U, epochs, R_D_star=R_D_star),
    "flop_matched_inference_multiplier": lambda M, R_inf_over_pre: sampling.flop_matched_multiplier(M, R_inf_over_pre),
    "flop_to_pf_days": lambda flop: compute.flop_to_pf_days(flop),
    "forward_flop_per_token_kaplan": lambda n_layer, d_model, n_ctx, d_attn: compute.forward_flop_per_token(
        n_layer, d_model, n_ctx, d_attn
    ),
    "hoffmann_train_flop_per_sequence": lambda vocab, **p: _hoffmann(p, vocab).hoffmann_flop_per_sequence(),
    "hoffmann_train_flop_per_sequence_blocks_only": lambda **p: _hoffmann(p, 1).hoffmann_flop_per_sequence(
        embeddings=False
    ),
    "huber_loss": lambda residual, delta: fitting.huber(residual, delta),
    "implied_mfu": lambda flop, gpu_hours, peak: compute.mfu(flop, gpu_hours=gpu_hours, peak=peak),
    "inference_aware_D": lambda loss, D_inf, **p: laws.inference_optimal(_chinchilla(p), loss, D_inf).D,
    "inference_aware_N": lambda loss, D_inf, **p: laws.inference_optimal(_chinchilla(p), loss, D_inf).N,
    "inference_aware_saving_fraction": lambda N_chinchilla_optimal, D_inf, **p: laws.inference_saving(
        _chinchilla(p), N_chinchilla_optimal, D_inf
    ),
    "inference_aware_total_flop": lambda loss, D_inf, **p: laws.inference_optimal(
        _chinchilla(p), loss, D_inf
    ).total_flop,
    "kaplan_B_crit_tokens": lambda L, B_star, alpha_B: laws.CriticalBatch(B_star=B_star, alpha_B=alpha_B)(L),
    "kaplan_D_no_overfit": lambda N, coef, exponent: PowerRule(k=coef, p=exponent)(N),
    "kaplan_D_opt": lambda C_pf_days, D_e, p_D: PowerRule(k=D_e, p=p_D)(C_pf_days),
    "kaplan_L_Cmin": lambda C_pf_days, C_c, alpha_C: KaplanC(C_c=C_c, alpha_C=alpha_C)(C_pf_days),
    "kaplan_L_D": lambda D, D_c, alpha_D: KaplanD(D_c=D_c, alpha_D=alpha_D)(D),
    "kaplan_L_N": lambda N, N_c, alpha_N: KaplanN(N_c=N_c, alpha_N=alpha_N)(N),
    "kaplan_L_ND": lambda N, D, **p: KaplanND(**p)(N, D),
    "kaplan_L_NS": lambda N, S_min, **p: KaplanNS(**p)(N, S_min),
    "kaplan_N_opt": lambda C_pf_days, N_e, p_N: PowerRule(k=N_e, p=p_N)(C_pf_days),
    "kaplan_alpha_C_min": lambda alpha_B, alpha_N, alpha_S: laws.alpha_C_min(
        alpha_N=alpha_N, alpha_S=alpha_S, alpha_B=alpha_B
    ),
    "krajewski_moe_loss": lambda N, D, G, **p: laws.FineGrainedLaw(**p)(N, D, G),
    "loss_to_error": lambda L, epsilon, k, gamma: laws.LossToError(epsilon=epsilon, k=k, gamma=gamma)(L),
    "lr_annealing_S2": lambda lrs, decay: laws.annealing_area(lrs, decay=decay),
    "lr_annealing_loss": lambda S1, S2, **p: laws.AnnealingLaw(**p)(S1, S2),
    "m4_excess_risk": lambda x, **p: laws.M4(**p)(x),
    "majority_vote_binary": lambda p, n: sampling.majority_vote(p, n),
    "mirage_exact_match": lambda ce_per_token, length: capability.exact_match(ce_per_token, length),
    "nonembedding_params_12Ld2": lambda n_layer, d_model: compute.nonembedding_params(n_layer, d_model),
    "off_optimum_loss_penalty": lambda C, N_multiplier, **p: _chinchilla(p).off_optimum_penalty(C, N_multiplier),
    "overopt_bon": lambda d, alpha, beta: laws.BestOfNReward(alpha=alpha, beta=beta)(d),
    "overopt_rl": lambda d, alpha, beta: laws.RLReward(alpha=alpha, beta=beta)(d),
    "overopt_rl_peak_d": lambda alpha, beta: laws.RLReward(alpha=alpha, beta=beta).peak,
    "overtraining_loss": lambda N, M, **p: laws.OvertrainingLaw(**p).of_model(N, M),
    "pass_at_k": lambda n, c, k: sampling.pass_at_k(n, c, k),
    "power_law_loss_rescale": lambda loss, N_small, N_large, exponent: laws.rescale_loss(
        loss, N_small, N_large, exponent
    ),
    "precision_effective_params": lambda N, P_w, gamma_w: laws.effective_params(N, P_w, gamma_w),
    "quantization_alpha_D": lambda alpha: laws.quanta_exponents(alpha).D,
    "rule_of_thumb_N": lambda C, tokens_per_param: laws.params_at_ratio(C, tokens_per_param),
    "small_model_compute_overhead": lambda k_N, alpha, beta: laws.small_model_overhead(k_N, alpha=alpha, beta=beta),
    "train_flop_6ND": lambda N, D: compute.train_flop(N, D),
    "training_days": lambda flop, n_gpu, peak, mfu: compute.training_days(flop, n_gpu=n_gpu, peak=peak, mfu=mfu),
    "transfer_effective_data": lambda D_F, N, k, alpha, beta: laws.TransferLaw(k=k, alpha=alpha, beta=beta)(D_F, N),
}
