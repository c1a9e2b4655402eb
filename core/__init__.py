"""Bothways' engine: direction in language models, as a plain library.

Axis letters, one legend for the whole project: B batch, T (target) position, S source position,
H heads, D width, V vocabulary, K classes, L layers.
"""
