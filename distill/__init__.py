"""Trains a small draft model for a target, from the target's own samples. See README.md."""
