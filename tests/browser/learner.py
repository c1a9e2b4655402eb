"""A scripted learner: goes through a whole lesson in a real browser, by what the lesson's own data say.

Predicts, trains, reads, answers wrong, takes a hint, tries in vain, and then answers right.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Locator, Page, expect

from lessons.lesson import RIGHT, STAGES, ChoiceGuess, CurveGuess, Exercise, Lesson, MaskGuess, NumberGuess, Trial
from lessons.outline import folder_of
from lessons.texts import Text, filled
from tests.browser.conftest import settled

TRAINED = 180_000  # milliseconds that a lesson's runs, or one of an exercise, may take
SOON = 20_000


class Learner:
    """`page` shows the lesson, opened at its question, in `language`; `looks` is called at the end of each step."""

    def __init__(
        self, page: Page, lesson: Lesson, language: str, looks: Callable[[str], None] = lambda step: None
    ) -> None:
        self.page, self.lesson, self.text = page, lesson, Text(folder_of(lesson), language)
        self.words, self.looks = Text("page", language), looks

    def takes_it_all(self, in_vain: bool = True) -> None:
        """From the question to the end; `in_vain`: with a try at each exercise that misses."""
        self.step("question")
        self.looks("question")
        self.press("next-step")
        self.predicts()
        self.trains()
        self.looks("run")
        self.press("next-step")
        expect(self.page.get_by_text(self.text.title("see")).first).to_be_visible(timeout=SOON)
        self.looks("see")
        self.press("next-step")
        self.page.locator("[data-testid=stCheckbox] label").first.click()
        self.steady()
        self.looks("explain")
        self.press("next-step")
        for question in self.lesson.questions:
            wrong = next(option for option in question.options if option != question.right)
            for option in (wrong, question.right):
                self.answers(question.key, option)
        for exercise in self.lesson.exercises:
            self.solves(exercise, in_vain)
        expect(self.page.get_by_text(self.words.title("finished-lesson")).first).to_be_visible(timeout=SOON)
        self.looks("check")

    # The parts

    def predicts(self) -> None:
        """Some prediction of each kind; all by the keyboard."""
        for guess in self.lesson.guesses:
            widget = f"ask-{self.lesson.slug}-{guess.key}"
            if isinstance(guess, NumberGuess):
                self.slide(self.keyed(widget).locator("input[type=range]").first, 4)
            elif isinstance(guess, ChoiceGuess):
                options = "button" if guess.several else "[role=radiogroup] input"
                self.keyed(widget).locator(options).first.focus()
                self.page.keyboard.press("Space")
            elif isinstance(guess, CurveGuess):
                self.slide(self.keyed(widget).locator("[role=slider]").last, 6)
            elif isinstance(guess, MaskGuess):
                self.keyed(widget).locator("tbody button").first.focus()
                for _ in range(guess.words):  # down the diagonal
                    for press in ("Space", "ArrowRight", "ArrowDown"):
                        self.page.keyboard.press(press)
                self.page.wait_for_timeout(500)  # the square tells the page a moment later
            self.steady()
        self.looks("predict")
        self.press("lock")

    def trains(self) -> None:
        expect(self.button("step-see")).to_be_disabled()
        self.press("train")
        expect(self.button("step-see")).to_be_enabled(timeout=TRAINED)
        self.steady()

    def answers(self, key: str, option: str) -> None:
        """Choose an option of a short question, and read what is said of it."""
        place = self.lesson_question(key).options.index(option)
        self.keyed(f"answer-{self.lesson.slug}-{key}").locator("[role=radiogroup] label").nth(place).click()
        told = self.said(self.text.body(f"check.{key}.{option}"))
        expect(self.page.get_by_text(told[:30]).first).to_be_visible(timeout=SOON)

    def solves(self, exercise: Exercise, in_vain: bool) -> None:
        """A hint, a try in vain that is answered with its feedback, and the solution."""
        self.press(f"hint-{exercise.key}")
        hint = self.words.title("hint-number").replace("{{number}}", "1")
        expect(self.page.get_by_text(hint).first).to_be_visible(timeout=SOON)
        turned: dict[str, Any] = {}
        vain = next(trial for trial in exercise.trials if trial.feedback not in (RIGHT, "not-yet"))
        solution = next(trial for trial in exercise.trials if trial.feedback == RIGHT)
        tries = ((vain, "info"), (solution, "success"))
        for trial, alert in tries if in_vain else tries[1:]:
            self.turns(exercise, trial, turned)
            self.press(f"try-{exercise.key}")
            expect(self.verdict(exercise, alert)).to_be_visible(timeout=TRAINED)

    def turns(self, exercise: Exercise, trial: Trial, turned: dict[str, Any]) -> None:
        """Turn each knob to where the trial has it, or back to where it was."""
        start = exercise.start.plain()
        for knob in exercise.knobs:
            wanted = trial.changes.get(knob.name, start[knob.name])
            now = turned.get(knob.name, start[knob.name])
            if wanted == now:
                continue
            widget = self.keyed(f"knobs-{self.lesson.slug}-{exercise.key}.{knob.name}")
            if knob.options:
                widget.locator("input").first.focus()
                self.page.keyboard.press("ArrowDown")
                self.page.get_by_role("option").nth(knob.options.index(wanted)).click()
            else:
                self.slide(widget.locator("input[type=range]").first, round((wanted - now) / knob.step))
            turned[knob.name] = wanted
            self.steady()

    # Hands and eyes

    def keyed(self, key: str) -> Locator:
        return self.page.locator(f".st-key-{''.join(c if c.isalnum() or c in '_-' else '-' for c in key)}").first

    def button(self, key: str) -> Locator:
        return self.page.locator(f".st-key-{key} button:visible").first

    def press(self, key: str) -> None:
        self.steady()
        expect(self.button(key)).to_be_enabled(timeout=SOON)
        self.button(key).click()
        self.steady()

    def step(self, name: str) -> None:
        assert name in STAGES
        expect(self.button(f"step-{name}")).to_be_enabled(timeout=SOON)

    def slide(self, slider: Locator, steps: int) -> None:
        slider.focus()
        for _ in range(abs(steps)):
            self.page.keyboard.press("ArrowRight" if steps > 0 else "ArrowLeft")
        self.page.wait_for_timeout(500)

    def verdict(self, exercise: Exercise, kind: str) -> Locator:
        """The feedback on the last try; `kind` of alert: info or success."""
        icon = {"success": "task_alt", "info": "arrow_forward"}[kind]
        return self.page.locator("[data-testid=stAlert]").filter(has_text=icon).first

    def said(self, words: str) -> str:
        """How the words begin on the page, up to the first thing that is set in."""
        plain = filled(words.split("{{")[0], {}, "en", lambda _, shown: shown)
        return plain.split("*")[0].split("\n")[0]

    def lesson_question(self, key: str) -> Any:
        return next(one for one in self.lesson.questions if one.key == key)

    def steady(self) -> None:
        settled(self.page)
