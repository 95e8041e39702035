"""Staged records -> the shop's tables."""
