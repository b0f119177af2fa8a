"""Invented texts that ring as critical alerts."""

from tests.running import Town

TEXT = (
    "La vulnérabilité CVE-2026-{number:04} (score CVSS 9,8) permet l’exécution de code à distance sans compte."
    " Elle est exploitée activement. Il est recommandé d’appliquer le correctif sans délai."
)


def ring(here: Town, slug: str, number: int) -> str:
    """Publishes one; returns its title."""
    title = f"Vulnérabilité critique dans le pare-feu fictif Forteresse {number}, exploitée activement"
    here.publish(slug, title, TEXT.format(number=1000 + number))
    return title
