"""Clientela: customer segments, every night, in the shop's own database."""

__version__ = "0.1.0"
