"""The command line: ``python -m scaling_lib plan | fit | isoflop | flops``.

Results go to standard output, as text or with ``--json`` as JSON; progress and errors go to standard error. The exit
code is 0 if all went well, 1 if an input was refused (one line says why), 2 if the command itself was not understood.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .fitting import Bootstrap, FitResult

__all__ = ["main"]

#: Modules that add commands of their own: each has ``add_commands(subparsers)``.
MORE_COMMANDS: tuple[str, ...] = (".lab.cli",)

_SUFFIX = {"": 1.0, "k": 1e3, "m": 1e6, "b": 1e9, "t": 1e12}
_BLOCK = 250


def _number(text: str) -> float:
    """A number, with an optional K, M, B or T: 13e9, 13B, 2.5T, 25,000."""
    match = re.fullmatch(r"([+-]?[\d.,_]+(?:[eE][+-]?\d+)?)\s*([kmbtKMBT]?)", text.strip())
    try:
        if match is None:
            raise ValueError(text)
        return float(match[1].replace(",", "").replace("_", "")) * _SUFFIX[match[2].lower()]
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number such as 13e9 or 13B") from None


def _named_number(text: str) -> tuple[str, float]:
    name, found, value = text.partition("=")
    if not found or not name.strip():
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=NUMBER, such as ours=13B")
    return name.strip(), _number(value)


def _fractions(text: str) -> tuple[float, float] | float:
    """0.4, 40%, 0.35-0.45 or 35-45%."""
    match = re.fullmatch(r"\s*([\d.]+)\s*%?\s*(?:-\s*([\d.]+)\s*)?(%?)\s*", text)
    try:
        if match is None:
            raise ValueError(text)
        scale = 0.01 if "%" in text else 1.0
        low = float(match[1]) * scale
        return low if match[2] is None else (low, float(match[2]) * scale)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a fraction or a range, such as 0.4 or 35-45%") from None


def _by_kind(values: Sequence[str] | None, read: Callable[[str], Any]) -> Any:
    """``["2T"]`` -> 2e12; ``["prompt=1T", "output=100B"]`` -> a dictionary."""
    if not values:
        return None
    try:
        if len(values) == 1 and "=" not in values[0]:
            return read(values[0])
        pairs = [value.partition("=") for value in values]
        if not all(found and kind for kind, found, _ in pairs):
            raise ValueError(f"{' '.join(values)!r}: expected one number, or KIND=NUMBER for each kind.")
        return {kind: read(number) for kind, _, number in pairs}
    except argparse.ArgumentTypeError as error:
        raise ValueError(str(error)) from None


def _one_fraction(text: str) -> float:
    value = _fractions(text)
    if isinstance(value, tuple):
        raise argparse.ArgumentTypeError(f"{text!r} is a range: expected one fraction, such as 0.1 or 10%")
    return value


def _steps(what: str, total: int, steps: Iterable[int]) -> Iterable[int]:
    """A progress bar on standard error, where a person watches."""
    from tqdm import tqdm

    bar: Iterable[int] = tqdm(steps, desc=what, total=total, unit="block", file=sys.stderr,
                              disable=not sys.stderr.isatty(), leave=False)
    return bar


def _put(args: argparse.Namespace, answer: dict[str, Any], text: str) -> int:
    print(json.dumps(answer, indent=2, allow_nan=False) if args.json else text)
    return 0


# plan


def _plan(args: argparse.Namespace) -> int:
    from .planner import plan

    names = [name for name in re.split(r"[\s,]+", args.laws) if name] if args.laws else None
    answer = plan(args.budget,
                  law=args.law,
                  laws=names,
                  prefer=args.prefer,
                  candidates=dict(args.candidate) if args.candidate else None,
                  tokens_per_param=args.tokens_per_param,
                  inference_tokens=_by_kind(args.inference_tokens, _number),
                  serving_utilisation=_by_kind(args.serving_utilisation, _one_fraction),
                  unique_tokens=args.unique_tokens,
                  accelerator=args.accelerator,
                  utilisation=args.utilisation,
                  goodput=args.goodput,
                  price_per_hour=args.price_per_hour,
                  price_date=args.price_date,
                  count=args.count,
                  deadline_days=args.deadline_days,
                  batch_tokens=args.batch_tokens,
                  context=args.context,
                  quantise=args.quantise,
                  fine_tune=args.fine_tune,
                  mixture=args.mixture)
    return _put(args, answer.to_dict(), str(answer))


def _add_plan(commands: Any) -> None:
    parser = _command(
        commands, "plan", "what to train on a budget, and what being wrong would waste", _plan,
        'python -m scaling_lib plan "512 H100 for 30 days at 35-45% MFU" --inference-tokens 2T --unique-tokens 1T')
    parser.add_argument("budget",
                        help="'1e23 FLOP', '512 H100 for 30 days at 40%% MFU', '$2M on H100 at $2.50/h at 40%% MFU'")
    parser.add_argument("--law", metavar="FILE", help="your own fit, as 'fit --save' writes it")
    parser.add_argument("--laws", metavar="NAMES", help="published laws to weigh, separated by commas")
    parser.add_argument("--prefer", metavar="ROW", help="row of the table to advise: a law, a candidate, or hedge")
    parser.add_argument("--candidate",
                        metavar="NAME=N",
                        action="append",
                        type=_named_number,
                        help="a size to judge, such as ours=13B")
    for name, help_ in (("tokens-per-param", "a ratio to judge"), ("unique-tokens", "tokens that exist"),
                        ("price-per-hour", "price of one accelerator"), ("count", "number of accelerators"),
                        ("deadline-days", "days the run may take"), ("batch-tokens", "tokens of a batch"),
                        ("context", "tokens of a sequence")):
        parser.add_argument(f"--{name}", metavar="X", type=_number, help=help_)
    parser.add_argument("--inference-tokens", metavar="X", nargs="+", help="tokens served: 2T, or prompt=10T output=1T")
    parser.add_argument("--serving-utilisation", metavar="F", nargs="+", help="0.1, or prompt=0.4 output=0.05")
    parser.add_argument("--accelerator", metavar="NAME", help="where the budget does not name it")
    parser.add_argument("--utilisation", metavar="F", type=_fractions, help="model FLOP utilisation: 0.4 or 35-45%%")
    parser.add_argument("--goodput",
                        metavar="F",
                        type=_one_fraction,
                        help="part of the hours in which training advances")
    parser.add_argument("--price-date", metavar="DATE", help="when that price held")
    for name, help_ in (("quantise", "the model will be quantised"), ("fine-tune", "the model will be fine-tuned"),
                        ("mixture", "the model is a mixture of experts")):
        parser.add_argument(f"--{name}", action="store_true", help=help_)


# fit and isoflop


def _fit(args: argparse.Namespace) -> int:
    from .fitting import fit, tables
    from .fitting.result import law_named

    law = law_named(args.law)
    result = fit(law, data=tables.read_table(args.runs), delta=args.delta, fixed=dict(args.fix) if args.fix else None)
    answer: dict[str, Any] = result.to_dict(data=False)
    lines = [f"{type(result.law).__name__}, {result.n_points} runs: {result.status.value} ({result.message})",
             f"objective {result.objective:.8g} (summed Huber, delta {result.delta:g})"]
    intervals: dict[str, tuple[float, float]] = {}
    if args.bootstrap:
        draws = _resample(result, args.bootstrap, args.seed)
        intervals = {name: (draws.interval(name).low, draws.interval(name).high) for name in result.free}
        answer |= {"bootstrap": {"n": args.bootstrap, "seed": args.seed, "level": 0.95, "intervals": intervals}}
    for name, value in result.law.parameters.items():
        low_high = f"   {intervals[name][0]:.5g} to {intervals[name][1]:.5g} (95 %)" if name in intervals else ""
        lines.append(f"  {name:<8} {value:<12.6g}{'held' if name in result.fixed else ''}{low_high}")
    if args.save:
        try:
            lines.append(f"saved to {result.save(args.save)}")
        except OSError as error:
            raise ValueError(f"--save is {args.save!r}: it cannot be written ({error.strerror}).") from error
    return _put(args, answer, "\n".join(lines))


def _resample(result: FitResult[Any], n: int, seed: int) -> Bootstrap[Any]:
    """A bootstrap in blocks, so that progress can be seen; block i draws with seed + i."""
    import numpy as np

    from .fitting import Bootstrap

    sizes = [min(_BLOCK, n - at) for at in range(0, n, _BLOCK)]
    parts = [result.bootstrap(sizes[i], seed=seed + i) for i in _steps("refits", len(sizes), range(len(sizes)))]
    samples = {name: np.concatenate([part.samples[name] for part in parts]) for name in parts[0].samples}
    return Bootstrap(result.law, samples, np.concatenate([part.objective for part in parts]),
                     np.concatenate([part.converged for part in parts]), parts[0].method, seed)


def _add_fit(commands: Any) -> None:
    parser = _command(commands, "fit", "the constants of a law from a table of runs", _fit,
                      "python -m scaling_lib fit runs.csv --bootstrap 4000 --save fit.json")
    parser.add_argument("runs",
                        metavar="runs.csv",
                        help="a row a run; columns for parameters, tokens and loss by their usual names")
    parser.add_argument("--law", default="ChinchillaLaw", metavar="CLASS", help="the law (default: %(default)s)")
    parser.add_argument("--delta",
                        type=_number,
                        default=1e-3,
                        metavar="X",
                        help="Huber width in log loss (default: %(default)s)")
    parser.add_argument("--fix",
                        action="append",
                        type=_named_number,
                        metavar="NAME=X",
                        help="hold a constant, such as E=1.69")
    parser.add_argument("--bootstrap",
                        type=_count,
                        default=0,
                        metavar="N",
                        help="refits for 95 %% intervals, such as 4000")
    parser.add_argument("--seed", type=_count, default=0, metavar="N", help="seed of the refits (default: %(default)s)")
    parser.add_argument("--save", metavar="FILE", help="write the fit, with its runs, for plan --law")


def _isoflop(args: argparse.Namespace) -> int:
    from .fitting import isoflop

    result = isoflop(data=args.runs, window=args.window)
    valleys = [{"C": v.C, "status": v.status.value, "N": v.N, "D": v.D, "L": v.L} for v in result.valleys]
    answer: dict[str, Any] = {
        "scaling_lib": "isoflop", "valleys": valleys, "a": result.a, "b": result.b, "k_N": result.k_N, "k_D": result.k_D
    }
    line = f"N ~ C^{result.a:.4f}, D ~ C^{result.b:.4f}"
    if args.bootstrap:
        redrawn = result.bootstrap(args.bootstrap, seed=args.seed)
        low, high = redrawn.interval("a")
        answer |= {
            "bootstrap": {"n": args.bootstrap, "seed": args.seed, "level": 0.95, "intervals": {"a": (low, high)}}
        }
        line += f"; the exponent of N lies between {low:.4f} and {high:.4f} (95 %)"
    rows = [f"{'C (FLOP)':>10} {'N*':>10} {'D*':>10} {'tok/par':>8} {'loss':>7}  minimum"]
    for v in result.valleys:
        found = (f"{v.N:>10.3g} {v.D:>10.3g} {v.D / v.N:>8.3g} {v.L:>7.4f}"
                 if v.N is not None and v.D is not None and v.L is not None else " " * 38)
        rows.append(f"{v.C:>10.3g} {found}  {v.status.value}")
    if args.C is not None:
        best = result.optimal(args.C)
        answer |= {"optimal": {"C": args.C, "N": best.N, "D": best.D}}
        line += (f"\nat {args.C:.3g} FLOP: {best.N:.3g} parameters on {best.D:.3g} tokens "
                 f"({best.tokens_per_param:.3g} per parameter)")
    return _put(args, answer, "\n".join([*rows, line]))


def _add_isoflop(commands: Any) -> None:
    parser = _command(commands, "isoflop", "the optimum at each budget and the exponents through them", _isoflop,
                      "python -m scaling_lib isoflop runs.csv --bootstrap 4000 -C 1e23")
    parser.add_argument("runs",
                        metavar="runs.csv",
                        help="a row a run; columns for parameters, loss, and FLOP or tokens")
    parser.add_argument("--window",
                        type=_number,
                        default=6.0,
                        metavar="X",
                        help="use sizes within this factor of the best (default: %(default)s)")
    parser.add_argument("-C", type=_number, metavar="FLOP", help="also the split of this budget")
    parser.add_argument("--bootstrap", type=_count, default=0, metavar="N", help="redrawn tables for a 95 %% interval")
    parser.add_argument("--seed", type=_count, default=0, metavar="N", help="seed of the draw (default: %(default)s)")


# flops


def _flops(args: argparse.Namespace) -> int:
    from .compute import CONVENTIONS, Transformer, train_flop

    shape = Transformer(n_layer=args.layers,
                        d_model=args.width,
                        n_heads=args.heads,
                        vocab=args.vocab,
                        n_ctx=args.context,
                        d_ff=args.ff,
                        n_kv_heads=args.kv_heads,
                        gated=args.gated,
                        tied=not args.untied)
    params = {name: shape.params(name) for name in CONVENTIONS}
    forward = shape.forward_flop_per_token(head=True)
    answer: dict[str, Any] = {"scaling_lib": "flops", "params": params, "forward_flop_per_token": forward,
                              "attention_share": shape.attention_share}
    lines = [f"parameters  {', '.join(f'{name} {value:,}' for name, value in params.items())}",
             f"forward     {forward:.4g} FLOP a token, with the output head; attention over the context is "
             f"{100 * shape.attention_share:.1f} % of the blocks' share"]
    if args.tokens is not None:
        rule = float(train_flop(params["total"], args.tokens))
        counted = 3 * forward * args.tokens
        answer |= {"train_flop": {"D": args.tokens, "6ND": rule, "counted": counted, "ratio": counted / rule}}
        lines.append(f"training    {rule:.4g} FLOP by 6ND, {counted:.4g} counted ({counted / rule:.3f} of it)")
    return _put(args, answer, "\n".join(lines))


def _add_flops(commands: Any) -> None:
    parser = _command(
        commands, "flops", "parameters and FLOP of a transformer, under each way of counting", _flops,
        "python -m scaling_lib flops --layers 80 --width 8192 --heads 64 --vocab 32000 --context 2048 --tokens 1.4T")
    for name, needed, help_ in (("layers", True, "layers"), ("width", True, "width of the residual stream"),
                                ("heads", True, "query heads"), ("vocab", True, "rows of the embedding"),
                                ("context", True, "tokens of a sequence"),
                                ("ff", False, "width of the feed-forward layer (default: 4 times the width)"),
                                ("kv-heads", False, "key and value heads (default: heads)")):
        parser.add_argument(f"--{name}", type=_count, required=needed, metavar="N", help=help_)
    parser.add_argument("--gated", action="store_true", help="a gated feed-forward layer: three matrices")
    parser.add_argument("--untied", action="store_true", help="the output head has a matrix of its own")
    parser.add_argument("--tokens", type=_number, metavar="D", help="training tokens")


def _count(text: str) -> int:
    value = _number(text)
    if value != int(value) or value < 0:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number")
    return int(value)


# the whole


def _command(commands: Any, name: str, summary: str, run: Callable[[argparse.Namespace], int],
             example: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(name,
                                                          help=summary,
                                                          description=summary.capitalize() + ".",
                                                          epilog=f"example: {example}")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.set_defaults(run=run)
    return parser


def build_parser() -> argparse.ArgumentParser:
    """The parser with all commands."""
    from importlib import import_module

    from . import __version__

    parser = argparse.ArgumentParser(prog="python -m scaling_lib", description="Neural scaling laws: plan, fit, count.",
                                     epilog='example: python -m scaling_lib plan "1e23 FLOP"')
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")
    for add in (_add_plan, _add_fit, _add_isoflop, _add_flops):
        add(commands)
    for module in MORE_COMMANDS:
        import_module(module, __package__).add_commands(commands)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit code."""
    args = build_parser().parse_args(argv)
    try:
        return int(args.run(args))
    except ValueError as error:
        print(f"error: {' '.join(str(error).split())}", file=sys.stderr)
        return 1
    except BrokenPipeError:  # the reader, such as head, has gone: no more output, and no message about it
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
