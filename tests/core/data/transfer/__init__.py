"""Sentences to pretrain on and questions to fine-tune on."""
