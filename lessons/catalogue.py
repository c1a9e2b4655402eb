"""The course, in order: one line a lesson. Its folder holds the rest (docs/lessons.md)."""

from __future__ import annotations

from lessons.lesson import Lesson
from lessons.one_way.lesson import LESSON as ONE_WAY

PARTS: dict[str, tuple[Lesson, ...]] = {  # what “two-way” means in each part (lessons/page/en.md names them)
    "sight": (ONE_WAY,),
}
COURSE: tuple[Lesson, ...] = tuple(lesson for part in PARTS.values() for lesson in part)
LESSONS: dict[str, Lesson] = {lesson.slug: lesson for lesson in COURSE}
