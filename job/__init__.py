"""Clientela: customer segments, every night, in the shop's own database."""
