"""`make gallery`: redraws docs/gallery.md."""

import asyncio

from tests.gallery.page import PAGE, page

if __name__ == "__main__":
    PAGE.write_text(asyncio.run(page()), "utf-8")
