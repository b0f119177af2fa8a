"""The text of an article's page whose shape tells us too little, as trafilatura finds it.

trafilatura weighs 300 modules: it is imported when it is needed, which is in a worker process and nowhere else.
"""

import logging

LARGEST = 400_000  # characters; a larger page might take more than the time it has, and lose what we read ourselves


def text_of(html: str) -> str:
    """Paragraphs separated by "\\n\\n", the cells of a row by "|"; "" where it finds none."""
    if len(html) > LARGEST:
        return ""
    import trafilatura

    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)  # what it misses is no news to anybody
    try:
        found = trafilatura.extract(html, fast=True, include_comments=False, include_tables=True, favor_precision=True)
    except MemoryError:
        raise
    except Exception:  # on bytes from outside: no list of what it may raise is complete
        return ""
    return "\n\n".join(line for part in (found or "").splitlines() if (line := part.strip(" |\t\u00a0")))
