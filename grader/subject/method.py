"""The methods that the course's classes have: a check calls them without looking first whether they are there."""

from __future__ import annotations

SIGNATURES = {
    "forward": "(x)",
    "backward": "(dout)",
    "fit": "(x)",
    "transform": "(x)",
    "fit_transform": "(x)",
    "inverse_transform": "(x)",
    "save": "(path)",
    "load": "(path)",
    "step": "(w, grad)",
    "update": "(val_loss)",
    "load_parameters": "(parameters)",
    "parameters": "()",
    "gradients": "()",
    "train": "()",
    "eval": "()",
}

OPEN_RESULTS = ("train", "eval", "load_parameters")
"""Methods of which the contract leaves open what they return: nothing that tells one answer from another."""
