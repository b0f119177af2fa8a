"""The demo: invented papers on a local server, and the process that keeps the real core running beside it."""

from adapters.demo.supervisor import VARIABLE, demo

__all__ = ["VARIABLE", "demo"]
