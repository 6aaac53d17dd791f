"""Parameters and FLOP of a transformer, under each way of counting them.

Use `Transformer` when the shape of a model is known; its `params` and `train_flop` take the name of a convention,
because the convention changes fitted exponents. `nonembedding_params` and `forward_flop_per_token` are Kaplan's two
formulas alone.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Final, Literal

from .._validate import Numeric, broadcast, choice, computed, integer, positive, shown
from .flops import FLOP_PER_PARAM_TOKEN

__all__ = ["CONVENTIONS", "Transformer", "forward_flop_per_token", "nonembedding_params"]

#: Ways of counting parameters, from the narrowest to the widest.
CONVENTIONS: Final = ("non_embedding", "with_head", "total")

_MOST = 10**9


def nonembedding_params(n_layer: object, d_model: object) -> Numeric:
    r"""Kaplan's count of a standard transformer: :math:`N = 12\, n_{layer}\, d_{model}^2`, without embeddings.

    Parameters
    ----------
    n_layer, d_model : float or array_like
        Layers and width of the residual stream; heads fill the width and the feed-forward layer is four times it.

    Returns
    -------
    float or ndarray
        Parameters.

    Raises
    ------
    ValueError
        If an argument is not positive and finite.

    References
    ----------
    .. [1] Kaplan et al. 2020, arXiv 2001.08361, equation 2.1.

    Examples
    --------
    >>> f"{nonembedding_params(n_layer=96, d_model=12288):.4g}"
    '1.739e+11'
    """
    layers, width = broadcast(("n_layer", positive("n_layer", n_layer)), ("d_model", positive("d_model", d_model)))
    return computed("number of parameters", lambda: 12 * layers * width**2)


def forward_flop_per_token(n_layer: object, d_model: object, n_ctx: object, d_attn: object) -> Numeric:
    r"""Kaplan's forward FLOP of a token: :math:`2N + 2\, n_{layer}\, n_{ctx}\, d_{attn}`.

    :math:`N = 2 d_{model} n_{layer} (2 d_{attn} + 4 d_{model})`; the second term is attention over the whole context.
    At d_attn = d_model it equals the first at n_ctx = 12 d_model.

    Parameters
    ----------
    n_layer, d_model : float or array_like
        Layers and width; the feed-forward layer is four times the width.
    n_ctx : float or array_like
        Tokens of context.
    d_attn : float or array_like
        Width of the attention, heads times width of a head.

    Returns
    -------
    float or ndarray
        FLOP for each token.

    Raises
    ------
    ValueError
        If an argument is not positive and finite.

    References
    ----------
    .. [1] Kaplan et al. 2020, arXiv 2001.08361, equation 2.2 and Table 1.

    Examples
    --------
    >>> f"{forward_flop_per_token(n_layer=96, d_model=12288, n_ctx=2048, d_attn=12288):.4g}"
    '3.527e+11'
    """
    layers, width, context, attention = broadcast(
        ("n_layer", positive("n_layer", n_layer)), ("d_model", positive("d_model", d_model)),
        ("n_ctx", positive("n_ctx", n_ctx)), ("d_attn", positive("d_attn", d_attn)))
    return computed("number of FLOP",
                    lambda: 4 * width * layers * (2 * attention + 4 * width) + 2 * layers * context * attention)


@dataclass(frozen=True)
class Transformer:
    """The shape of a decoder-only transformer.

    Parameters
    ----------
    n_layer, d_model : int
        Layers and width of the residual stream.
    n_heads : int
        Query heads.
    vocab : int
        Rows of the embedding.
    n_ctx : int
        Tokens of a training sequence.
    d_ff : int, optional
        Width of the feed-forward layer; 4 d_model if not given.
    d_head : int, optional
        Width of a head; d_model / n_heads if not given.
    n_kv_heads : int, optional
        Key and value heads (grouped-query attention); n_heads if not given.
    gated : bool
        A gated feed-forward layer has three matrices, a plain one two.
    tied : bool
        The output head shares the embedding's matrix.
    biases : bool
        Every linear layer of a block has a bias.
    norm : {"rms", "layer", "none"}
        Parameters of a normalisation: d_model, 2 d_model or none; two in a layer and one at the end.
    learned_positions : bool
        n_ctx rows of position embeddings.

    Raises
    ------
    ValueError
        If a size is not a positive whole number, n_heads does not divide d_model where d_head is not given, or
        n_kv_heads does not divide n_heads.

    Examples
    --------
    >>> llama = Transformer(n_layer=32, d_model=4096, n_heads=32, n_kv_heads=8, d_ff=14336, vocab=128256, n_ctx=8192,
    ...                     gated=True, tied=False)
    >>> llama.params("total")
    8030261248
    """

    n_layer: int
    d_model: int
    n_heads: int
    vocab: int
    n_ctx: int
    d_ff: int | None = None
    d_head: int | None = None
    n_kv_heads: int | None = None
    gated: bool = False
    tied: bool = True
    biases: bool = False
    norm: Literal["rms", "layer", "none"] = "rms"
    learned_positions: bool = False

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if field.name in ("gated", "tied", "biases", "learned_positions"):
                if not isinstance(value, bool):
                    raise ValueError(f"{field.name} is {shown(value)}: expected True or False.")
            elif field.name == "norm":
                choice("norm", value, ("rms", "layer", "none"))
            elif value is not None or field.name not in ("d_ff", "d_head", "n_kv_heads"):
                object.__setattr__(self, field.name, integer(field.name, value, low=1, high=_MOST))
        if self.d_head is None and self.d_model % self.n_heads:
            raise ValueError(
                f"n_heads is {self.n_heads}: it does not divide d_model = {self.d_model}. Give d_head as well."
            )
        if self.n_heads % self.kv_heads:
            raise ValueError(f"n_kv_heads is {self.kv_heads}: it does not divide n_heads = {self.n_heads}.")

    @property
    def ff(self) -> int:
        """Width of the feed-forward layer."""
        return 4 * self.d_model if self.d_ff is None else self.d_ff

    @property
    def head_width(self) -> int:
        """Width of a head."""
        return self.d_model // self.n_heads if self.d_head is None else self.d_head

    @property
    def kv_heads(self) -> int:
        """Key and value heads."""
        return self.n_heads if self.n_kv_heads is None else self.n_kv_heads

    @property
    def d_attn(self) -> int:
        """Width of the attention: heads times width of a head."""
        return self.n_heads * self.head_width

    @property
    def d_kv(self) -> int:
        """Width of the keys, and of the values: key-value heads times width of a head."""
        return self.kv_heads * self.head_width

    @property
    def _matrices(self) -> int:
        """Weights of the blocks' matrices."""
        attention = 2 * self.d_model * (self.d_attn + self.d_kv)
        feed_forward = (3 if self.gated else 2) * self.d_model * self.ff
        return self.n_layer * (attention + feed_forward)

    @property
    def _vectors(self) -> int:
        """Biases and normalisations."""
        bias = self.d_attn + 2 * self.d_kv + 2 * self.d_model + self.ff * (2 if self.gated else 1)
        norm = {"none": 0, "rms": self.d_model, "layer": 2 * self.d_model}[self.norm]
        return self.n_layer * (2 * norm + (bias if self.biases else 0)) + norm

    def params(self, convention: str = "total") -> int:
        """Number of parameters.

        Parameters
        ----------
        convention : {"non_embedding", "with_head", "total"}
            ``"non_embedding"`` is Kaplan's: the matrices of the blocks, 12 L d**2 for the standard shape.
            ``"with_head"`` adds the output matrix, which multiplies every token, tied or not. ``"total"`` counts every
            stored number once, as Hoffmann et al. and model cards do.

        Returns
        -------
        int

        Raises
        ------
        ValueError
            If the convention is unknown.
        """
        kind = choice("convention", convention, CONVENTIONS)
        if kind == "non_embedding":
            return self._matrices
        if kind == "with_head":
            return self._matrices + self.vocab * self.d_model
        embeddings = self.vocab * self.d_model * (1 if self.tied else 2)
        positions = self.n_ctx * self.d_model if self.learned_positions else 0
        return self._matrices + self._vectors + embeddings + positions

    def forward_flop_per_token(self, *, head: bool = False) -> float:
        r"""Kaplan's forward FLOP of a token, :math:`2N + 2 n_{layer} n_{ctx} d_{attn}`, optionally with the output
        head's.

        References
        ----------
        .. [1] Kaplan et al. 2020, arXiv 2001.08361, Table 1.
        """
        if not isinstance(head, bool):
            raise ValueError(f"head is {shown(head)}: expected True or False.")
        return 2.0 * self.params("with_head" if head else "non_embedding") + self.attention_flop_per_token

    @property
    def attention_flop_per_token(self) -> float:
        """Forward FLOP of a token's attention over the whole context by Kaplan's count, 2 n_layer n_ctx d_attn."""
        return 2.0 * self.n_layer * self.n_ctx * self.d_attn

    @property
    def attention_share(self) -> float:
        """Share of the context term in Kaplan's forward FLOP, 0 to 1: what 6ND leaves out.

        Examples
        --------
        >>> gpt3 = Transformer(n_layer=96, d_model=12288, n_heads=96, vocab=50257, n_ctx=2048)
        >>> round(gpt3.attention_share, 4)
        0.0137
        """
        return self.attention_flop_per_token / self.forward_flop_per_token()

    def hoffmann_flop_per_sequence(self, *, embeddings: bool = True) -> float:
        r"""Training FLOP of one sequence by Hoffmann et al.'s count: three times the forward pass.

        Forward, with S = n_ctx: embedding 2SVd; in each layer the projections 2S d (d_attn + 2 d_kv), logits 2SS
        d_attn, softmax 3 heads SS, reduction 2SS d_attn, output 2S d_attn d, feed-forward 2S 2 d d_ff (3 matrices if
        gated); final logits 2SVd.

        Parameters
        ----------
        embeddings : bool
            Count the embedding and the final logits. The paper lists them, but its Table A4 is reproduced only without.

        Returns
        -------
        float
            FLOP.

        References
        ----------
        .. [1] Hoffmann et al. 2022, arXiv 2203.15556, Appendix F.

        Examples
        --------
        >>> shape = Transformer(n_layer=24, d_model=1280, n_heads=10, d_head=128, d_ff=5120, vocab=32000, n_ctx=2048)
        >>> shape.hoffmann_flop_per_sequence(embeddings=False)
        7353453772800.0
        """
        if not isinstance(embeddings, bool):
            raise ValueError(f"embeddings is {shown(embeddings)}: expected True or False.")
        s, d = self.n_ctx, self.d_model
        attention = (2 * s * d * (self.d_attn + 2 * self.d_kv) + 4 * s * s * self.d_attn
                     + 3 * self.n_heads * s * s + 2 * s * self.d_attn * d)
        feed_forward = 2 * s * (3 if self.gated else 2) * d * self.ff
        ends = 4 * s * self.vocab * d if embeddings else 0
        return 3.0 * (self.n_layer * (attention + feed_forward) + ends)

    def train_flop(self, D: object, method: str = "6ND") -> Numeric:
        """Training FLOP on D tokens.

        Parameters
        ----------
        D : float or array_like
            Training tokens.
        method : {"6ND", "6ND_non_embedding", "kaplan", "kaplan_with_head", "hoffmann", "hoffmann_blocks"}
            6 times all (or the non-embedding) parameters; three times Kaplan's forward FLOP, without or with the output
            head; Hoffmann's count with or without embedding and final logits.

        Returns
        -------
        float or ndarray
            FLOP.

        Raises
        ------
        ValueError
            If D is not positive or the method is unknown.

        Examples
        --------
        >>> shape = Transformer(n_layer=80, d_model=8192, n_heads=64, vocab=32000, n_ctx=2048)
        >>> f"{shape.train_flop(1.4e12, 'hoffmann'):.3g}"
        '5.68e+23'
        """
        tokens = positive("D", D, unit="tokens")
        kind = choice(
            "method", method, ("6ND", "6ND_non_embedding", "kaplan", "kaplan_with_head", "hoffmann", "hoffmann_blocks")
        )
        per_token = {
            "6ND": lambda: FLOP_PER_PARAM_TOKEN * self.params("total"),
            "6ND_non_embedding": lambda: FLOP_PER_PARAM_TOKEN * self.params("non_embedding"),
            "kaplan": lambda: 3.0 * self.forward_flop_per_token(),
            "kaplan_with_head": lambda: 3.0 * self.forward_flop_per_token(head=True),
            "hoffmann": lambda: self.hoffmann_flop_per_sequence() / self.n_ctx,
            "hoffmann_blocks": lambda: self.hoffmann_flop_per_sequence(embeddings=False) / self.n_ctx,
        }[kind]()
        return computed("training compute", lambda: per_token * tokens)
