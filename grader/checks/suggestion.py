"""What a difference between numbers suggests, when no known misconception explains it. Pure functions."""

from __future__ import annotations

import numpy as np

from grader.language import _

NEARLY = 1e-5
_NAMED_FACTORS = ((2.0, "2"), (0.5, "1/2"), (3.0, "3"), (4.0, "4"), (0.25, "1/4"))


def suggest(got: np.ndarray, expected: np.ndarray, wrong: int) -> str:
    """One sentence on the pattern of the difference, or an empty string.

    Parameters
    ----------
    got, expected : ndarray
        float64; they differ somewhere.
    wrong : int
        In how many entries, where the shapes are the same.
    """
    if got.shape != expected.shape:
        return _of_shapes(got, expected)
    if got.dtype.kind == "c":
        return _("Complex numbers were returned: a root or a power of a negative number?")
    if not np.isfinite(got).all():
        return _of_infinities(got)
    if not got.size or not np.isfinite(expected).all():
        return ""
    if np.allclose(got, expected, rtol=NEARLY, atol=NEARLY * float(np.abs(expected).max())):
        return _("The numbers are nearly right: look for float32, for rounding, or for an epsilon that is too much.")
    return _of_factor(got, expected) or _of_offset(got, expected) or _of_places(got, expected, got.size - wrong)


def _of_shapes(got: np.ndarray, expected: np.ndarray) -> str:
    if got.T.shape == expected.shape and got.ndim > 1:
        return _("The shape is that of the transpose.")
    if got.size == expected.size:
        return _("The number of entries is right: look for a lost or added axis of length 1.")
    if expected.ndim == 0:
        return _("One number was expected: a sum or a mean over all entries is missing.")
    if got.ndim == 0:
        return _("An array was expected: the result was summed or averaged away.")
    if got.ndim == 2 and expected.ndim == 1 and got.shape[0] == got.shape[1] == expected.size:
        return _("A vector of shape (n,) combined with one of shape (n, 1) broadcasts to (n, n).")
    return _("Check along which axis you sum, and how the shapes broadcast.")


def _of_infinities(got: np.ndarray) -> str:
    if np.isnan(got).any():
        return _("NaN usually comes from 0/0, inf - inf or the logarithm of a negative number.")
    return _("An infinity usually comes from an overflowing exponential, a division by 0 or the logarithm of 0.")


def _of_factor(got: np.ndarray, expected: np.ndarray) -> str:
    nonzero = np.abs(expected) > 1e-12 * max(float(np.abs(expected).max()), 1e-300)
    if not nonzero.any() or np.abs(got[~nonzero]).max(initial=0.0) > 1e-9:
        return ""
    ratios = got[nonzero] / expected[nonzero]
    ratio = float(ratios.flat[0])
    if not np.allclose(ratios, ratio, rtol=1e-7, atol=0) or (ratios.size < 2 and abs(ratio) not in (0.0, 1.0)):
        return _("All zeros were returned.") if not np.any(got) else ""
    if not np.any(got):
        return _("All zeros were returned.")
    if np.isclose(ratio, -1.0):
        return _("Every entry has the opposite sign.")
    for factor, text in _NAMED_FACTORS:
        if np.isclose(ratio, factor):
            return _("Every entry is {factor} times what was expected.").format(factor=text)
    return _("Every entry is {factor} times what was expected: a constant factor is missing or too many.").format(
        factor=f"{ratio:.6g}"
    )


def _of_offset(got: np.ndarray, expected: np.ndarray) -> str:
    difference = got - expected
    if got.size > 1 and np.allclose(difference, difference.flat[0], rtol=1e-7, atol=1e-12):
        return _("Every entry is off by the same {amount}.").format(amount=f"{float(difference.flat[0]):.6g}")
    return ""


def _of_places(got: np.ndarray, expected: np.ndarray, right: int) -> str:
    if got.ndim == 2 and got.shape[0] == got.shape[1] and np.allclose(got.T, expected, rtol=1e-7):
        return _("These are the numbers of the transpose.")
    if right and np.allclose(np.abs(got), np.abs(expected), rtol=1e-7):
        return _("The sizes are right, some signs are not.")
    if right >= 0.25 * got.size:
        return _("{right} of {all} entries are right: see what the others have in common.").format(
            right=right, all=got.size
        )
    return ""
