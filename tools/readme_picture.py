"""Take the picture of the README from the built site: the IsoFLOP explorer of chapter 5 as a reader meets it.

Run ``make book`` first. The picture is not compared by a test, since fonts differ between machines.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "_build" / "html" / "book" / "ch05_chinchilla.html"
OUT = ROOT / "book" / "_static" / "readme-explorer.png"


def main() -> None:
    """Photograph the first explorer of the page."""
    if not PAGE.exists():
        raise SystemExit(f"{PAGE.relative_to(ROOT)} is not there: run `make book` first.")
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": 1280, "height": 1000}, device_scale_factor=1.5)
        page.goto(PAGE.as_uri())
        explorer = page.locator("[data-sl-explorer]").first
        explorer.scroll_into_view_if_needed()
        explorer.locator("input[type=range]").first.wait_for()
        page.wait_for_timeout(500)
        explorer.screenshot(path=OUT)
        browser.close()
    print(f"{OUT.relative_to(ROOT)}: {OUT.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
