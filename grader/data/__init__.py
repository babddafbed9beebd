"""Data that the kit ships: one small, real data set (its origin and licence: `README.md` in this folder)."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np

__all__ = ["load_digits"]


@lru_cache(maxsize=1)
def load_digits() -> tuple[np.ndarray, np.ndarray]:
    """The UCI handwritten digits, 8 x 8 pixels each.

    Returns
    -------
    images : ndarray of uint8, shape (1797, 64)
        Grey levels from 0 to 16, one image a row, row by row from the top left pixel.
        Three of the pixels (numbers 0, 32 and 39) are 0 in every image: constant features.
    labels : ndarray of uint8, shape (1797,)
        The digit that was written, 0 to 9; between 174 and 183 images of each.

    Notes
    -----
    The file is read once; both arrays are read-only, so that no caller changes them for the next one.
    E. Alpaydin and C. Kaynak, *Optical Recognition of Handwritten Digits*, UCI Machine Learning Repository,
    https://doi.org/10.24432/C50P49, CC BY 4.0.

    Examples
    --------
    >>> images, labels = load_digits()
    >>> images.shape, int(images.max()), int(labels[0])
    ((1797, 64), 16, 0)
    """
    with np.load(Path(__file__).with_name("digits.npz"), allow_pickle=False) as archive:
        images, labels = archive["images"], archive["labels"]
    images.setflags(write=False)
    labels.setflags(write=False)
    return images, labels
