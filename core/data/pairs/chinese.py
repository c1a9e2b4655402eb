"""A small dictionary of English and Chinese with a handful of rules: order, measure words, verbs that never change."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import ClassVar

from core.data.pairs.pair_game import Pair, PairGame
from core.fields import setting

SCRIPTS = ("pinyin", "characters")
# English: pinyin, characters. A subject's verb has -s where the subject is one person.
ONE = {
    "mum": "māma 妈妈", "dad": "bàba 爸爸", "grandma": "nǎinai 奶奶", "grandpa": "yéye 爷爷",
    "she": "tā 她", "he": "tā 他",
}  # fmt: skip
SEVERAL = {"we": "wǒmen 我们", "they": "tāmen 他们"}
VERBS = {"buy": "mǎi 买", "sell": "mài 卖", "see": "kànjiàn 看见", "draw": "huà 画", "find": "zhǎodào 找到"}
NUMBERS = {"one": "yī 一", "two": "liǎng 两", "three": "sān 三", "five": "wǔ 五", "ten": "shí 十"}
ADJECTIVES = {"big": "dà 大", "small": "xiǎo 小", "new": "xīn 新", "old": "jiù 旧"}
NOUNS = {  # one and many in English; the measure word, then the noun
    "book books": ("běn 本", "shū 书"), "car cars": ("liàng 辆", "chē 车"), "cat cats": ("zhī 只", "māo 猫"),
    "map maps": ("zhāng 张", "dìtú 地图"), "shirt shirts": ("jiàn 件", "chènshān 衬衫"),
    "umbrella umbrellas": ("bǎ 把", "sǎn 伞"), "skirt skirts": ("tiáo 条", "qúnzi 裙子"),
}  # fmt: skip
LIVING = ("cat cats",)  # 旧 is said of things only
PLACES = {
    "in the shop": "shāngdiàn 商店", "at school": "xuéxiào 学校", "in the park": "gōngyuán 公园", "at home": "jiā 家",
}  # fmt: skip
TIMES = {"today": "jīntiān 今天", "every day": "měitiān 每天", "on monday": "xīngqīyī 星期一"}
AT = "zài 在"


@dataclass(frozen=True)
class Chinese(PairGame):
    """Who does what to how many things, sometimes where and when. Time and place move before the Chinese verb."""

    title: ClassVar[str] = "English to Chinese"
    story: ClassVar[str] = (
        "Short sentences and their Chinese. “Mum buys two new books in the shop today” becomes “Mum today at shop buy "
        "two-volumes new book”: time and place move before the verb, every noun brings its own measure word, "
        "and neither verb nor noun changes its form."
    )

    script: str = setting("pinyin", "Script", "How Chinese is written.", choices=SCRIPTS)

    def say(self, entry: str) -> str:
        return entry.split()[SCRIPTS.index(self.script)]

    @property
    def source_lexicon(self) -> tuple[str, ...]:
        verbs = [form for verb in VERBS for form in (verb, f"{verb}s")]
        phrases = " ".join([*NUMBERS, *ADJECTIVES, *NOUNS, *PLACES, *TIMES]).split()
        return tuple(dict.fromkeys([*ONE, *SEVERAL, *verbs, *phrases, "."]))

    @property
    def lexicon(self) -> tuple[str, ...]:
        tables = (ONE, SEVERAL, VERBS, NUMBERS, ADJECTIVES, PLACES, TIMES)
        entries = [entry for table in tables for entry in table.values()]
        entries += [entry for noun in NOUNS.values() for entry in noun]
        return tuple(dict.fromkeys([*map(self.say, [*entries, AT]), "."]))

    @property
    def source_length(self) -> int:
        return 11

    @property
    def longest(self) -> int:
        return 10

    @property
    def sources(self) -> int:
        described = len(NOUNS) * (len(ADJECTIVES) + 1) - len(LIVING)
        who = len(ONE) + len(SEVERAL)
        return who * len(VERBS) * len(NUMBERS) * described * (len(PLACES) + 1) * (len(TIMES) + 1)

    def pair(self, draw: Random) -> Pair:
        who, verb = draw.choice([*ONE, *SEVERAL]), draw.choice(list(VERBS))
        number, noun = draw.choice(list(NUMBERS)), draw.choice(list(NOUNS))
        adjective = draw.choice(["", "big", "small", "new"] + ["old"] * (noun not in LIVING))
        place, when = draw.choice(["", *PLACES]), draw.choice(["", *TIMES])
        form = noun.split()[number != "one"]
        english = [who, verb + "s" * (who in ONE), number, adjective, form, *place.split(), *when.split(), "."]
        measure, thing = NOUNS[noun]
        said = [(ONE | SEVERAL)[who], TIMES.get(when, ""), *([AT, PLACES[place]] if place else []), VERBS[verb]]
        said += [NUMBERS[number], measure, ADJECTIVES.get(adjective, ""), thing]
        return [word for word in english if word], [*(self.say(one) for one in said if one), "."]
