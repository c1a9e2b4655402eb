"""Pairs of sentences, one to read and one to write: small languages with known ceilings, and a learner's own pairs."""
