"""Sentences with labels: one class for the whole, or a tag for each word."""
