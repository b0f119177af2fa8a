"""Tocsin's core. It knows no platform, no database and no library of the network: `wiring.py` brings those in."""

__version__ = "0.1.0"
