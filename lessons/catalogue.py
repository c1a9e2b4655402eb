"""The course, in order: one line a lesson. Its folder holds the rest (docs/lessons.md)."""

from __future__ import annotations

from lessons.both_ways.lesson import LESSON as BOTH_WAYS
from lessons.cheating.lesson import LESSON as CHEATING
from lessons.decode_both_ways.lesson import LESSON as DECODE_BOTH_WAYS
from lessons.fine_tune.lesson import LESSON as FINE_TUNE
from lessons.joining.lesson import LESSON as JOINING
from lessons.late_or_deep.lesson import LESSON as LATE_OR_DEEP
from lessons.lesson import Lesson
from lessons.long_gaps.lesson import LESSON as LONG_GAPS
from lessons.masks.lesson import LESSON as MASKS
from lessons.next_sentence.lesson import LESSON as NEXT_SENTENCE
from lessons.one_way.lesson import LESSON as ONE_WAY
from lessons.tokens.lesson import LESSON as TOKENS
from lessons.top_and_bottom.lesson import LESSON as TOP_AND_BOTTOM
from lessons.translate.lesson import LESSON as TRANSLATE

PARTS: dict[str, tuple[Lesson, ...]] = {  # what “two-way” means in each part (lessons/page/en.md names them)
    "sight": (ONE_WAY, BOTH_WAYS, JOINING, LATE_OR_DEEP, MASKS, CHEATING, NEXT_SENTENCE, LONG_GAPS),
    "writing": (TRANSLATE, DECODE_BOTH_WAYS),
    "knowledge": (FINE_TUNE, TOP_AND_BOTTOM),
    "text": (TOKENS,),
}
COURSE: tuple[Lesson, ...] = tuple(lesson for part in PARTS.values() for lesson in part)
LESSONS: dict[str, Lesson] = {lesson.slug: lesson for lesson in COURSE}
