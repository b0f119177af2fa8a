"""What a language model answered about a text."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    summary: str = ""  # "": refused
    refused: str = ""  # why, in a word for whoever reads the rows
