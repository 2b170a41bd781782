"""Rows to indicator frame: pure functions on frames."""

from sosrake_lib.indicators import comparison, intervals, methods, quality, rates, scales, smallarea

__all__ = ["comparison", "intervals", "methods", "quality", "rates", "scales", "smallarea"]
