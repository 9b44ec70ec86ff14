"""Reusable widgets that know nothing of pages or models."""
