"""One small language to learn first and to be asked about later: sentences, and what models are fine-tuned on."""
