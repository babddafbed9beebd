"""The table of figures: one picture a topic, in the order of the course."""

from __future__ import annotations

from grader.course import Course
from grader.plots import activations, backprop, batchnorm, dropout, losses, network, regularization, scaling
from grader.plots.picture import Picture

PICTURES: tuple[Picture, ...] = (
    activations.PICTURE,
    backprop.PICTURE,
    scaling.PICTURE,
    batchnorm.PICTURE,
    losses.PICTURE,
    regularization.PICTURE,
    dropout.PICTURE,
    network.PICTURE,
)


def pictures_of(course: Course) -> tuple[Picture, ...]:
    """The pictures of the topics that a course has: a kit may leave some out."""
    return tuple(picture for picture in PICTURES if picture.topic in course.names)
