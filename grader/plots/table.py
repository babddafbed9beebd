"""The table of figures: one picture a topic, in the order of the course."""

from __future__ import annotations

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


def picture_of(topic: str) -> Picture | None:
    """The picture of a topic, or None if it has none."""
    return next((picture for picture in PICTURES if picture.topic == topic), None)
