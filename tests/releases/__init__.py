"""Databases of earlier releases: their rows as lines, gzipped, one file a release."""
