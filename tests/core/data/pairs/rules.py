"""Every translation game's rule once more, from the source to all that is right, written apart from the generators."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

from core.data.pairs import agreement, backwards, chinese, dialects, dialogue, later

Words = tuple[str, ...]


def backwards_(game: Any, source: Words) -> set[Words]:
    return {tuple(backwards.ANIMALS[source[len(source) - 1 - t]] for t in range(len(source)))}


def agreement_(game: Any, source: Words) -> set[Words]:
    nouns = {form: (noun.split(), number) for noun in agreement.PEOPLE + agreement.THINGS
             for number, form in enumerate(noun.split()[:2])}  # fmt: skip
    verbs = {form: said.split()[number] for both, said in agreement.VERBS.items()
             for number, form in enumerate(both.split())}  # fmt: skip
    articles = {("the", 0, "m"): "el", ("the", 1, "m"): "los", ("the", 0, "f"): "la", ("the", 1, "f"): "las",
                ("a", 0, "m"): "un", ("some", 1, "m"): "unos", ("a", 0, "f"): "una",
                ("some", 1, "f"): "unas"}  # fmt: skip

    def phrase(words: Words) -> Words:
        (entry, number), adjective = nouns[words[-1]], words[1:-1]
        ending = [f"{'o' if entry[4] == 'm' else 'a'}{'s' * number}", f"e{'s' * number}"]
        said = tuple(form for form in " ".join(agreement.ADJECTIVES.get(one, "") for one in adjective).split()
                     if form.endswith(tuple(ending)) and form.endswith("s") == bool(number))  # fmt: skip
        return (articles[words[0], number, entry[4]], entry[2 + number], *dict.fromkeys(said))

    at = next(t for t, word in enumerate(source) if word in verbs)
    subject_is_many = nouns[source[at - 1]][1]
    assert source[at].endswith("s") != bool(subject_is_many)  # English agrees as well
    return {(*phrase(source[:at]), verbs[source[at]], *phrase(source[at + 1 : -1]), ".")}


def later_(game: Any, source: Words) -> set[Words]:
    """With lying cues either meaning can be meant; without them the one whose cue is there."""
    plain = {**later.FILLERS}
    senses: dict[str, list[str]] = {}
    cues: dict[str, tuple[str, int]] = {}
    for word, meanings in later.AMBIGUOUS.items():
        senses[word] = [meaning.split()[0] for meaning in meanings]
        for sense, meaning in enumerate(meanings):
            for cue in meaning.split()[1:]:
                english, spanish = cue.split(":")
                plain[english], cues[english] = spanish, (word, sense)
    asked = [word for word in source if word in senses]
    told = [cues[word] for word in source if word in cues]
    assert len(asked) == len(told) == 1
    assert told[0][0] == asked[0]
    possible = [0, 1] if game.epsilon else [told[0][1]]
    return {tuple(senses[w][sense] if w in senses else plain[w] for w in source) for sense in possible}


def dialects_(game: Any, source: Words) -> set[Words]:
    table = {thing.split()[0]: thing.split()[1:] for thing in dialects.THINGS}
    return {tuple(table[word][which] for word in source) for which in (0, 1)}


def chinese_(game: Any, source: Words) -> set[Words]:
    which = ("pinyin", "characters").index(game.script)
    say = lambda entry: entry.split()[which]  # noqa: E731
    rest = " ".join(source[:-1])
    when = next((one for one in chinese.TIMES if rest.endswith(" " + one)), "")
    rest = rest.removesuffix(" " + when) if when else rest
    where = next((one for one in chinese.PLACES if rest.endswith(" " + one)), "")
    rest = rest.removesuffix(" " + where) if where else rest
    who, verb, number, *described = rest.split()
    noun = next(one for one in chinese.NOUNS if described[-1] in one.split())
    assert (described[-1] == noun.split()[0]) == (number == "one")
    assert verb.endswith("s") == (who in chinese.ONE)
    measure, thing = chinese.NOUNS[noun]
    return {
        (
            say({**chinese.ONE, **chinese.SEVERAL}[who]),
            *([say(chinese.TIMES[when])] if when else []),
            *([say("zài 在"), say(chinese.PLACES[where])] if where else []),
            say(chinese.VERBS[verb.removesuffix("s")]),
            say(chinese.NUMBERS[number]),
            say(measure),
            *(say(chinese.ADJECTIVES[one]) for one in described[:-1]),
            say(thing),
            ".",
        )
    }


def summarise_(game: Any, source: Words) -> set[Words]:
    facts = [source[at : at + 3] for at in range(0, len(source), 3)]
    kept = [" ".join(fact[:2]) for fact in facts if fact[2] == "!"]
    assert kept
    return {tuple(" , ".join(kept).split())}


def dialogue_(game: Any, source: Words) -> set[Words]:
    lines = " ".join(source).split(" . ")
    question = lines.pop().split()
    person, verb = next(word for word in question if word in dialogue.PEOPLE), question[-2]
    starts = {"like": "I like ", "live": "I live in ", "have": "I have a "}
    said = {"like": "likes ", "live": "lives in ", "have": "has a "}
    found = [line.split(" : ")[1] for line in lines if line.startswith(f"{person} : {starts[verb]}")]
    assert len(found) <= 1
    answer = f"{person} {said[verb]}{found[0].split()[-1]} ." if found else f"{person} has not said that ."
    return {tuple(answer.split())}


RULES: dict[str, Callable[[Any, Words], set[Words]]] = {
    "backwards": backwards_,
    "agreement": agreement_,
    "later": later_,
    "dialects": dialects_,
    "chinese": chinese_,
    "summarise": summarise_,
    "dialogue": dialogue_,
}

# Every pair that a small game can give, with its probability; fillers that tell nothing share a symbol.
Outcome = tuple[float, Words, Words]


def later_outcomes(game: later.Later) -> list[Outcome]:
    found = []
    for at, word, sense, lies in product(range(1, game.N - 1), range(game.A), range(2), range(2)):
        for cue in (one for one in range(game.N) if one != at):
            chance = 1 / (game.N - 2) / game.A / 2 * (game.epsilon if lies else 1 - game.epsilon)
            chance *= game.p / (game.N - 1 - at) if cue > at else (1 - game.p) / at
            source, target = ["."] * game.N, ["."] * game.N
            source[at], target[at] = f"word{word}", f"sense{word}{sense}"
            source[cue] = target[cue] = f"cue{word}{sense ^ lies}"
            found.append((chance, tuple(source), tuple(target)))
    return found


def dialects_outcomes(game: dialects.Dialects) -> list[Outcome]:
    return [
        (game.V**-game.N / 2, tuple(map(str, things)), tuple(f"{dialect}{thing}" for thing in things))
        for things in product(range(game.V), repeat=game.N)
        for dialect in "ab"
    ]
