"""Rows to indicator frame: pure functions on frames."""
