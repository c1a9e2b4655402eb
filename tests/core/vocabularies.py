"""Vocabularies in each of the forms that checkpoints bring them, trained on tricky text."""

from __future__ import annotations

import json
from pathlib import Path

from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, trainers

TRICKY = [
    "The river bank was steep, and the bank by the river closed.",
    "Héllo naïve café — “quotes”, don't, U.S.A. 3.14 & co.",
    "北京是中国的首都。 I ❤️ 北京 🙂👩‍👩‍👧",
    "UPPER lower MiXeD\ttabs  and   spaces\nnew line",
    "İstanbul ŞĞ ẞ fi ½ x²",
    "unbelievablyuncommonword zzzzqqqq",
    "",
    "...!?",
]
BERT_MARKS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
ROBERTA_MARKS = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]


def word_pieces(folder: Path, lower: bool, size: int = 300) -> None:
    """vocab.txt and tokenizer_config.json, as BERT has them: special tokens stand among the others."""
    trainee = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    trainee.normalizer = normalizers.BertNormalizer(lowercase=lower)
    trainee.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    trainee.train_from_iterator(TRICKY[:3] * 3, trainers.WordPieceTrainer(vocab_size=size, show_progress=False))
    learned = sorted(token for token in trainee.get_vocab() if token not in BERT_MARKS)
    tokens = ["[PAD]", "[unused0]", "[UNK]", "[CLS]", *learned[:9], "[SEP]", "[MASK]", *learned[9:]]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "vocab.txt").write_text("\n".join(tokens) + "\n", encoding="utf-8")
    (folder / "tokenizer_config.json").write_text(json.dumps({"do_lower_case": lower, "mask_token": "[MASK]"}))


def byte_pairs(folder: Path, marks: list[str], size: int = 330) -> None:
    """vocab.json and merges.txt, as GPT-2 and RoBERTa have them."""
    trainee = Tokenizer(models.BPE())
    trainee.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    trainer = trainers.BpeTrainer(
        vocab_size=size, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), special_tokens=marks, show_progress=False
    )
    trainee.train_from_iterator(TRICKY[:3] * 3, trainer)
    folder.mkdir(parents=True, exist_ok=True)
    trainee.model.save(str(folder))


def size_of(folder: Path) -> int:
    """How many tokens a folder's vocabulary has."""
    if (folder / "vocab.txt").is_file():
        return len((folder / "vocab.txt").read_text(encoding="utf-8").split("\n")) - 1
    return len(json.loads((folder / "vocab.json").read_text()))
