"""Reads that are not rows: counts, claims, timelines; frozen and safe to hand to a template."""
