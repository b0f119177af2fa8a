"""The region a title or an agency's name speaks of."""

import pytest

from bot.text.regions import region_of


@pytest.mark.parametrize(
    ("texts", "region"),
    [
        (("Un guichet en Normandie", "ARS Bretagne"), "Normandie"),
        (("Un guichet de plus", "ARS Île-de-France"), "Île-de-France"),
        (("Bretagne et Normandie : un guichet commun", "ANS"), ""),
        (("Appel en PACA", ""), "Provence-Alpes-Côte d’Azur"),
        (("Compte rendu de la réunion du 4 mai", "ANS"), ""),
        (("Les hôpitaux de La Réunion", "ANS"), "La Réunion"),
        (("", ""), ""),
    ],
)
def test_the_first_text_that_names_one_region_decides(texts: tuple[str, str], region: str) -> None:
    assert region_of(*texts) == region
