"""Figures: functions that take `ax`, draw on it and return it.

Call `use_style` once; then draw. Without `ax` new axes are made. Nothing is shown, no setting is left changed, labels
carry units and say where an axis is logarithmic, and `alt` puts into words what is seen.

* Scaling: `loglog` (points, law, band), `isoflop_curves`, `frontier`, `tokens_per_param`, `loss_surface`, `basin`.
* Uncertainty: `residuals`, `bootstrap_cloud`, `forest`.
"""

from .curves import basin, frontier, loglog, tokens_per_param
from .style import DARK, MARKERS, PALETTE, alt, use_style
from .surfaces import isoflop_curves, loss_surface
from .uncertainty import bootstrap_cloud, forest, residuals

__all__ = [
    "DARK",
    "MARKERS",
    "PALETTE",
    "alt",
    "basin",
    "bootstrap_cloud",
    "forest",
    "frontier",
    "isoflop_curves",
    "loglog",
    "loss_surface",
    "residuals",
    "tokens_per_param",
    "use_style",
]
