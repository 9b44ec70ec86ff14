"""Asks the network off the GUI thread: at every stroke, and never so often that no answer comes."""

from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, Signal

from visualizer.core.ink import Step
from visualizer.state import inspect_work
from visualizer.state.inspect_work import Answer, Subject
from visualizer.ui.background import Background, Job
from visualizer.ui.errors import unexpected

_BREATH_S = 0.03  # the answer is painted, and the next stroke answered, before anything slow begins


@dataclass(frozen=True, eq=False)
class Question:
    """What is to be found out.

    Attributes:
        examined: whom to ask.
        subject, switched: about what, see `inspect_work.ask`.
        more: what else to find out about the answer once it is known: each a function of the
            answer and the job, called in this order.
    """

    examined: Any
    subject: Subject
    switched: frozenset[Step]
    more: tuple[Any, ...] = ()


class Asker(QObject):
    """Answers the newest question. While one is being answered only the newest waits.

    The answer always comes; what else was to be found out is given up for a newer question.

    Signals:
        answered(Answer): the newest that is known.
        found(object): something more about that answer.
    """

    answered = Signal(object)
    found = Signal(object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._work = Background("asking the network", self)
        self._waiting: Question | None = None
        self._is_asking = False
        self._work.reported.connect(self._hear)
        self._work.failed.connect(self._failed)

    @property
    def busy(self) -> bool:
        """Whether a question is being answered."""
        return self._work.busy

    def ask(self, question: Question) -> None:
        """Answer this, in place of what is not answered yet."""
        self._waiting = question
        if not self._is_asking:
            self._next()

    def cancel(self) -> None:
        """Answer nothing more for now."""
        self._waiting, self._is_asking = None, False
        self._work.cancel()

    def close(self) -> None:
        """End the thread."""
        self._work.close()

    def _next(self) -> None:
        question, self._waiting = self._waiting, None
        if question is None:
            return
        self._is_asking = True

        def task(job: Job) -> None:
            answer = inspect_work.ask(question.examined, question.subject, question.switched)
            job.report(answer)
            if answer.best is not None and question.more:
                job.pause(_BREATH_S)
                for find in question.more:
                    for found in find(answer, job):
                        job.report(found)

        self._work.submit(task)

    def _hear(self, news: Any) -> None:
        if isinstance(news, Answer):
            self._is_asking = False
            self.answered.emit(news)
            self._next()
        else:
            self.found.emit(news)

    def _failed(self, error: Exception) -> None:
        self._is_asking = False
        unexpected(error)
        self._next()
