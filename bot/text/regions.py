"""The region a title or the name of an agency speaks of."""

import re
from collections.abc import Mapping

from bot.domain.words import words

_NAMES: Mapping[str, tuple[str, ...]] = {
    "Auvergne-Rhône-Alpes": ("auvergne rhone alpes",),
    "Bourgogne-Franche-Comté": ("bourgogne franche comte",),
    "Bretagne": ("bretagne",),
    "Centre-Val de Loire": ("centre val de loire",),
    "Corse": ("corse",),
    "Grand Est": ("grand est",),
    "Guadeloupe": ("guadeloupe",),
    "Guyane": ("guyane",),
    "Hauts-de-France": ("hauts de france",),
    "Île-de-France": ("ile de france",),
    "Martinique": ("martinique",),
    "Mayotte": ("mayotte",),
    "Normandie": ("normandie",),
    "Nouvelle-Aquitaine": ("nouvelle aquitaine",),
    "Occitanie": ("occitanie",),
    "Pays de la Loire": ("pays de la loire",),
    "Provence-Alpes-Côte d’Azur": ("provence alpes cote azur", "paca"),
}
_REUNION = re.compile(r"\bLa Réunion\b")  # "la réunion" is a meeting


def region_of(*texts: str) -> str:
    """Of the first text that names exactly one; "": none does."""
    for text in texts:
        if len(found := _named(text)) == 1:
            return found.pop()
    return ""


def _named(text: str) -> set[str]:
    said = f" {' '.join(words(text))} "
    found = {region for region, names in _NAMES.items() if any(f" {name} " in said for name in names)}
    return found | ({"La Réunion"} if _REUNION.search(text) else set())
