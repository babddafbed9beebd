"""Known wrong answers of `dropout`."""

import numpy as np

from grader.misconceptions.catalogue import misconception, reference

solutions = reference("dropout")


def _check(p):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], not {p}")
    return float(p)


def _float(*arrays):
    return tuple(np.asarray(a, dtype=np.float64) for a in arrays)


# dropout_mask


@misconception(
    "dropout_mask",
    "p is the probability of keeping",
    hint="With p = 0.2 only a fifth should be lost. What share of your mask is 0? (At p = 0.5 you cannot see it.)",
)
def dropout_mask_keeps_p(shape, p, rng):
    return (np.random.default_rng(rng).random(shape) < _check(p)).astype(float)


@misconception(
    "dropout_mask", "Drops half whatever p is", hint="Try p = 0.2 and p = 0.8. Where does p enter your mask?"
)
def dropout_mask_half(shape, p, rng):
    _check(p)
    return (np.random.default_rng(rng).random(shape) < 0.5).astype(float)


@misconception(
    "dropout_mask",
    "Scales the mask",
    hint="The mask only says who stays: 0 or 1. The factor belongs to the forward pass; you would apply it twice.",
)
def dropout_mask_scaled(shape, p, rng):
    mask = solutions.dropout_mask(shape, p, rng)
    return mask / (1 - p) if p < 1 else mask


@misconception(
    "dropout_mask",
    "Returns probabilities instead of decisions",
    hint="Each entry should be 0 or 1. What do you compare the random numbers with?",
)
def dropout_mask_soft(shape, p, rng):
    return np.random.default_rng(rng).random(shape) * (1 - _check(p))


@misconception(
    "dropout_mask",
    "Drops exactly the share p",
    hint="Each unit is dropped on its own, so the number of dropped units varies from mask to mask. Does yours?",
)
def dropout_mask_exact_share(shape, p, rng):
    size = int(np.prod(shape))
    mask = np.ones(size)
    mask[: round(_check(p) * size)] = 0
    return np.random.default_rng(rng).permutation(mask).reshape(shape)


@misconception(
    "dropout_mask",
    "The same units in every row",
    hint="Compare the rows of your mask: each sample should lose units of its own.",
)
def dropout_mask_same_rows(shape, p, rng):
    row = solutions.dropout_mask(tuple(shape)[1:], p, rng)
    return np.broadcast_to(row, shape).copy()


@misconception(
    "dropout_mask",
    "Drops whole rows",
    hint="Within one sample some units stay and others go. Is one decision made per row?",
)
def dropout_mask_whole_rows(shape, p, rng):
    column = solutions.dropout_mask((shape[0], *[1] * (len(shape) - 1)), p, rng)
    return np.broadcast_to(column, shape).copy()


@misconception(
    "dropout_mask",
    "Ignores rng and uses a seed of its own",
    hint="Two different seeds should give two different masks. Is there a number in your default_rng()?",
)
def dropout_mask_own_seed(shape, p, rng):
    return solutions.dropout_mask(shape, p, 0)


@misconception(
    "dropout_mask",
    "Ignores rng: the same seed gives different masks",
    hint="A run must be repeatable: the same seed twice gives the same mask. Do you pass rng on?",
)
def dropout_mask_unseeded(shape, p, rng):
    return solutions.dropout_mask(shape, p, None)


@misconception(
    "dropout_mask", "Accepts a p outside [0, 1]", hint="Neither -0.5 nor 1.5 is a probability. What should happen then?"
)
def dropout_mask_no_validation(shape, p, rng):
    return (np.random.default_rng(rng).random(shape) >= p).astype(float)


@misconception(
    "dropout_mask",
    "Refuses p = 0 and p = 1",
    hint="Both ends belong to the interval: with 0 everything is kept, with 1 nothing.",
)
def dropout_mask_refuses_ends(shape, p, rng):
    if not 0 < p < 1:
        raise ValueError(f"p must be in (0, 1), not {p}")
    return solutions.dropout_mask(shape, p, rng)


@misconception(
    "dropout_mask",
    "Refuses p = 1",
    hint="The interval [0, 1] has two ends: with p = 1 the mask is all zeros.",
)
def dropout_mask_refuses_one(shape, p, rng):
    if not 0 <= p < 1:
        raise ValueError(f"p must be in [0, 1), not {p}")
    return solutions.dropout_mask(shape, p, rng)


@misconception(
    "dropout_mask",
    "Always the same mask when rng is None",
    hint="rng = None asks for a draw that nobody can foresee. Which seed do you put in its place?",
)
def dropout_mask_seeds_none(shape, p, rng):
    return solutions.dropout_mask(shape, p, 0 if rng is None else rng)


@misconception(
    "dropout_mask",
    "Turns the shape around",
    hint="Try a shape that is not square. Are rows and columns in the order in which they were asked for?",
)
def dropout_mask_transposed(shape, p, rng):
    return solutions.dropout_mask(tuple(shape)[::-1], p, rng)


@misconception("dropout_mask", "Returns a flat mask", hint="The mask should have the shape that was asked for.")
def dropout_mask_flat(shape, p, rng):
    return solutions.dropout_mask((int(np.prod(shape)),), p, rng)


# dropout_forward


@misconception(
    "dropout_forward",
    "Does not scale up what stays",
    hint="If a part is dropped, the sum shrinks. By which factor must the rest grow so that the expected value stays?",
)
def dropout_forward_unscaled(x, mask, p):
    _check(p)
    x, mask = _float(x, mask)
    return x * mask


@misconception(
    "dropout_forward",
    "Multiplies by the keep probability",
    hint="That makes the sum even smaller. Scaling down belongs to classic dropout, at test time.",
)
def dropout_forward_multiplies(x, mask, p):
    x, mask = _float(x, mask)
    return x * mask * (1 - _check(p))


@misconception(
    "dropout_forward",
    "Divides by p",
    hint="What share of the units is left when p of them are dropped? (At p = 0.5 you cannot see the difference.)",
)
def dropout_forward_over_p(x, mask, p):
    x, mask = _float(x, mask)
    return x * mask / p if _check(p) > 0 and p < 1 else x * mask


@misconception(
    "dropout_forward",
    "Reads the mask the wrong way round",
    hint="In the mask 1 means kept. Which elements come out as 0?",
)
def dropout_forward_inverted_mask(x, mask, p):
    x, mask = _float(x, mask)
    _check(p)
    return x * (1 - mask) / (1 - p) if p < 1 else np.zeros_like(x)


@misconception(
    "dropout_forward", "Ignores the mask", hint="Which elements come out as 0? The mask says which ones should."
)
def dropout_forward_ignores_mask(x, mask, p):
    _check(p)
    (x,) = _float(x)
    return x / (1 - p) if p < 1 else np.zeros_like(x)


@misconception(
    "dropout_forward",
    "Divides by the share kept in this mask",
    hint="The factor comes from p, not from how many ones happen to be in this mask.",
)
def dropout_forward_mask_mean(x, mask, p):
    _check(p)
    x, mask = _float(x, mask)
    share = mask.mean() if mask.size else 1.0
    return x * mask / share if share > 0 else np.zeros_like(x)


@misconception(
    "dropout_forward",
    "Divides 0 by 0 for p = 1",
    hint="With p = 1 nothing is left and 1 - p is 0. The contract says what comes out.",
)
def dropout_forward_zero_division(x, mask, p):
    x, mask = _float(x, mask)
    return x * mask / np.float64(1 - _check(p))


@misconception("dropout_forward", "Returns x for p = 1", hint="With p = 1 everything is dropped. What is left of x?")
def dropout_forward_identity_at_one(x, mask, p):
    return np.array(x, dtype=np.float64) if p == 1 else solutions.dropout_forward(x, mask, p)


@misconception(
    "dropout_forward",
    "Refuses p = 1",
    hint="The interval [0, 1] has two ends: with p = 1 the result is all zeros.",
)
def dropout_forward_refuses_one(x, mask, p):
    if not 0 <= p < 1:
        raise ValueError(f"p must be in [0, 1), not {p}")
    return solutions.dropout_forward(x, mask, p)


@misconception(
    "dropout_forward",
    "Adds an epsilon to 1 - p",
    hint="Near p = 1 the epsilon changes the result. Only p = 1 itself needs care.",
)
def dropout_forward_epsilon(x, mask, p):
    x, mask = _float(x, mask)
    return x * mask / (1 - _check(p) + 1e-8)


@misconception(
    "dropout_forward",
    "Accepts a p outside [0, 1]",
    hint="Neither -0.5 nor 1.5 is a probability. What should happen then?",
)
def dropout_forward_no_validation(x, mask, p):
    x, mask = _float(x, mask)
    return np.zeros_like(x) if p == 1 else x * mask / (1 - p)


@misconception(
    "dropout_forward",
    "Changes x in place",
    hint="Look at your input after the call. An operator such as *= writes into the caller's array.",
)
def dropout_forward_in_place(x, mask, p):
    if not isinstance(x, np.ndarray) or x.dtype != np.float64:
        x = np.array(x, dtype=np.float64)
    (mask,) = _float(mask)
    x *= mask
    if _check(p) < 1:
        x /= 1 - p
    return x


@misconception(
    "dropout_forward",
    "Keeps the integer type of x",
    hint="Give it integers: what does an integer array do with the digits behind the point?",
)
def dropout_forward_integer(x, mask, p):
    return solutions.dropout_forward(x, mask, p).astype(np.asarray(x).dtype)


@misconception(
    "dropout_forward", "Computes in float32", hint="Half of the digits are gone. Which dtype do you convert to?"
)
def dropout_forward_float32(x, mask, p):
    return solutions.dropout_forward(x, mask, p).astype(np.float32)


# dropout_backward


@misconception(
    "dropout_backward",
    "Lets every gradient through",
    hint="A dropped unit had no influence on the loss. What is its gradient?",
)
def dropout_backward_ignores_mask(dout, mask, p):
    _check(p)
    (dout,) = _float(dout)
    return dout / (1 - p) if p < 1 else np.zeros_like(dout)


@misconception(
    "dropout_backward",
    "Passes the gradient on unchanged",
    hint="Write the forward pass for one element and differentiate it.",
)
def dropout_backward_identity(dout, mask, p):
    _check(p)
    return np.array(dout, dtype=np.float64)


@misconception(
    "dropout_backward",
    "Forgets the scale of the forward pass",
    hint="The forward pass multiplied what it kept by a factor. Does the factor appear in the derivative?",
)
def dropout_backward_unscaled(dout, mask, p):
    _check(p)
    dout, mask = _float(dout, mask)
    return dout * mask


@misconception(
    "dropout_backward", "Undoes the scale instead of applying it", hint="The gradient of c * x is c, not 1 / c."
)
def dropout_backward_undoes(dout, mask, p):
    dout, mask = _float(dout, mask)
    return dout * mask * (1 - _check(p))


@misconception("dropout_backward", "Scales twice", hint="The factor appears in the derivative exactly once.")
def dropout_backward_scales_twice(dout, mask, p):
    _check(p)
    dout, mask = _float(dout, mask)
    return dout * mask / (1 - p) ** 2 if p < 1 else np.zeros_like(dout)


@misconception(
    "dropout_backward",
    "Divides by p",
    hint="Use the factor of the forward pass. (At p = 0.5 you cannot see the difference.)",
)
def dropout_backward_over_p(dout, mask, p):
    dout, mask = _float(dout, mask)
    return dout * mask / p if _check(p) > 0 and p < 1 else dout * mask


@misconception(
    "dropout_backward",
    "Reads the mask the wrong way round",
    hint="In the mask 1 means kept. Through which units does the gradient flow?",
)
def dropout_backward_inverted_mask(dout, mask, p):
    _check(p)
    dout, mask = _float(dout, mask)
    return dout * (1 - mask) / (1 - p) if p < 1 else np.zeros_like(dout)


@misconception(
    "dropout_backward",
    "Divides 0 by 0 for p = 1",
    hint="With p = 1 nothing is left and 1 - p is 0. The contract says what comes out.",
)
def dropout_backward_zero_division(dout, mask, p):
    dout, mask = _float(dout, mask)
    return dout * mask / np.float64(1 - _check(p))


@misconception(
    "dropout_backward",
    "Accepts a p outside [0, 1]",
    hint="Neither -0.5 nor 1.5 is a probability. What should happen then?",
)
def dropout_backward_no_validation(dout, mask, p):
    dout, mask = _float(dout, mask)
    return np.zeros_like(dout) if p == 1 else dout * mask / (1 - p)


@misconception(
    "dropout_backward",
    "Changes dout in place",
    hint="Look at your input after the call. An operator such as *= writes into the caller's array.",
)
def dropout_backward_in_place(dout, mask, p):
    if not isinstance(dout, np.ndarray) or dout.dtype != np.float64:
        dout = np.array(dout, dtype=np.float64)
    (mask,) = _float(mask)
    dout *= mask
    if _check(p) < 1:
        dout /= 1 - p
    return dout


# Dropout


@misconception(
    "Dropout",
    "p is the probability of keeping",
    hint="With p = 0.2 only a fifth should be lost. What share of your output is 0? (At p = 0.5 you cannot see it.)",
)
class Dropout_keeps_p(solutions.Dropout):
    def __init__(self, p=0.5, rng=None):
        super().__init__(1 - _check(p), rng)


class _Unscaled:
    def forward(self, x):
        out = super().forward(x)
        return out * (1 - self.p) if self.training else out

    def backward(self, dout):
        dx = super().backward(dout)
        return dx if self._mask is None else dx * (1 - self.p)


@misconception(
    "Dropout",
    "Does not scale up what stays",
    hint="Average many training passes: the mean should come out as x. Which factor is missing?",
)
class Dropout_unscaled(_Unscaled, solutions.Dropout):
    pass


class _ScalesInEval:
    def forward(self, x):
        out = super().forward(x)
        return out if self.training else out * (1 - self.p)

    def backward(self, dout):
        dx = super().backward(dout)
        return dx * (1 - self.p) if self._mask is None else dx


@misconception(
    "Dropout",
    "Classic dropout: scales down in evaluation",
    hint="In inverted dropout the factor belongs to training, so that evaluation returns x as it is.",
)
class Dropout_scales_in_eval(_ScalesInEval, Dropout_unscaled):
    pass


@misconception(
    "Dropout",
    "Keeps what it should drop",
    hint="The factor is right, but with p = 0.2 only a fifth should be lost. Compare the random numbers the other "
    "way round.",
)
class Dropout_inverted_mask(solutions.Dropout):
    def forward(self, x):
        if not self.training:
            return super().forward(x)
        (x,) = _float(x)
        self._mask = solutions.dropout_mask(x.shape, 1 - self.p, self.rng)
        return solutions.dropout_forward(x, self._mask, self.p)


@misconception(
    "Dropout",
    "Scales in evaluation as well",
    hint="What training divides by 1 - p keeps its expected value already: evaluation returns x as it is.",
)
class Dropout_scales_in_both(solutions.Dropout):
    def forward(self, x):
        out = super().forward(x)
        return out if self.training else out * (1 - self.p)


@misconception(
    "Dropout",
    "Drops exactly the share p",
    hint="Each unit is dropped on its own, so the number of dropped units varies from pass to pass. Does yours?",
)
class Dropout_exact_share(solutions.Dropout):
    def forward(self, x):
        if not self.training:
            return super().forward(x)
        (x,) = _float(x)
        mask = np.ones(x.size)
        mask[: round(self.p * x.size)] = 0
        self._mask = self.rng.permutation(mask).reshape(x.shape)
        return solutions.dropout_forward(x, self._mask, self.p)


@misconception(
    "Dropout",
    "Divides by p",
    hint="What share of the units is left when p of them are dropped? (At p = 0.5 you cannot see the difference.)",
)
class Dropout_over_p(solutions.Dropout):
    def _factor(self):
        return (1 - self.p) / self.p if 0 < self.p < 1 else 1.0

    def forward(self, x):
        out = super().forward(x)
        return out * self._factor() if self.training else out

    def backward(self, dout):
        dx = super().backward(dout)
        return dx if self._mask is None else dx * self._factor()


class _DropsInEval:
    def forward(self, x):
        mode, self.training = self.training, True
        out = super().forward(x)
        self.training = mode
        return out


@misconception(
    "Dropout",
    "Still drops in evaluation",
    hint="Call eval() and then forward: the output should be x. Does forward look at the mode?",
)
class Dropout_drops_in_eval(_DropsInEval, solutions.Dropout):
    pass


@misconception(
    "Dropout",
    "Has the two modes the wrong way round",
    hint="Dropout belongs to training. After eval() the output should be x: what does your train() switch on?",
)
class Dropout_modes_swapped(solutions.Dropout):
    def forward(self, x):
        self.training = not self.training
        out = super().forward(x)
        self.training = not self.training
        return out


@misconception("Dropout", "The default p is not 0.5", hint="Look at the default in the signature.")
class Dropout_default(solutions.Dropout):
    def __init__(self, p=0.2, rng=None):
        super().__init__(p, rng)


@misconception(
    "Dropout", "p is fixed at 0.5", hint="Try p = 0.2 and p = 0.8. Does your layer use the p that it was given?"
)
class Dropout_fixed_p(solutions.Dropout):
    def __init__(self, p=0.5, rng=None):
        super().__init__(0.5 if 0 < _check(p) < 1 else p, rng)


@misconception(
    "Dropout",
    "Draws one mask and keeps it",
    hint="Call forward twice on the same batch: the two outputs should differ. When is the mask drawn?",
)
class Dropout_one_mask(solutions.Dropout):
    def forward(self, x):
        if not self.training:
            return super().forward(x)
        (x,) = _float(x)
        kept = getattr(self, "_kept", None)
        if kept is None or kept.shape != x.shape:
            super().forward(x)
            self._kept = self._mask
        self._mask = self._kept
        return solutions.dropout_forward(x, self._mask, self.p)


@misconception(
    "Dropout",
    "Starts the generator again at every forward",
    hint="Call forward twice on the same batch: the two outputs should differ. Where is default_rng(seed) called?",
)
class Dropout_reseeds(solutions.Dropout):
    def __init__(self, p=0.5, rng=None):
        super().__init__(p, rng)
        self._seed = rng

    def forward(self, x):
        self.rng = np.random.default_rng(self._seed)
        return super().forward(x)


@misconception(
    "Dropout",
    "Ignores rng and uses a seed of its own",
    hint="Two layers with different seeds should draw different masks. Is there a number in your default_rng()?",
)
class Dropout_own_seed(solutions.Dropout):
    def __init__(self, p=0.5, rng=None):
        super().__init__(p, 0)


@misconception(
    "Dropout",
    "Ignores rng: the same seed gives different masks",
    hint="A run must be repeatable: two layers with the same seed draw the same masks. Do you pass rng on?",
)
class Dropout_unseeded(solutions.Dropout):
    def __init__(self, p=0.5, rng=None):
        super().__init__(p, None)


@misconception(
    "Dropout",
    "The same units for the whole batch",
    hint="Compare the zeros of two rows: each sample should lose units of its own.",
)
class Dropout_same_rows(solutions.Dropout):
    def forward(self, x):
        if not self.training:
            return super().forward(x)
        (x,) = _float(x)
        row = solutions.dropout_mask(x.shape[1:], self.p, self.rng)
        self._mask = np.broadcast_to(row, x.shape)
        return solutions.dropout_forward(x, self._mask, self.p)


@misconception(
    "Dropout",
    "backward draws a new mask",
    hint="The gradient has to flow through the units that were kept, and only through these. Keep the forward's mask.",
)
class Dropout_new_mask_in_backward(solutions.Dropout):
    def backward(self, dout):
        (dout,) = _float(dout)
        if self._mask is None:
            return dout
        return solutions.dropout_backward(dout, solutions.dropout_mask(dout.shape, self.p, self.rng), self.p)


@misconception(
    "Dropout",
    "backward uses the first mask",
    hint="After a second forward, backward belongs to that one. Is the mask overwritten?",
)
class Dropout_first_mask(solutions.Dropout):
    def forward(self, x):
        out = super().forward(x)
        if self.training and getattr(self, "_first", None) is None:
            self._first = self._mask
        return out

    def backward(self, dout):
        if self._mask is not None and self._first.shape == np.shape(dout):
            return solutions.dropout_backward(dout, self._first, self.p)
        return super().backward(dout)


@misconception(
    "Dropout",
    "backward does not scale",
    hint="The forward pass multiplied what it kept by a factor. Does the factor appear in the derivative?",
)
class Dropout_backward_unscaled(solutions.Dropout):
    def backward(self, dout):
        dx = super().backward(dout)
        return dx if self._mask is None else dx * (1 - self.p)


@misconception(
    "Dropout",
    "backward passes everything on",
    hint="A dropped unit had no influence on the loss. What is its gradient?",
)
class Dropout_backward_identity(solutions.Dropout):
    def backward(self, dout):
        return np.array(dout, dtype=np.float64)


class _MaskFromOutput:
    def forward(self, x):
        out = super().forward(x)
        if self.training:
            self._mask = (out != 0).astype(float)
        return out


@misconception(
    "Dropout",
    "backward reads the mask off the output",
    hint="An output of 0 need not mean dropped: the input may have been 0 (after ReLU many are). Remember the "
    "mask itself.",
)
class Dropout_mask_from_output(_MaskFromOutput, solutions.Dropout):
    pass


@misconception(
    "Dropout",
    "backward looks at the mode of now",
    hint="backward belongs to the last forward. Switch the mode in between: nothing should change.",
)
class Dropout_backward_current_mode(solutions.Dropout):
    def backward(self, dout):
        if not self.training:
            return np.array(dout, dtype=np.float64)
        return super().backward(dout)


class _StaleMask:
    def forward(self, x):
        mask = self._mask
        out = super().forward(x)
        if not self.training:
            self._mask = mask
        return out


@misconception(
    "Dropout",
    "backward keeps an old mask after an evaluation pass",
    hint="After a forward in evaluation the layer was the identity. Is there a mask left from training?",
)
class Dropout_stale_mask(_StaleMask, solutions.Dropout):
    pass


class _ClassMask:
    def forward(self, x):
        out = super().forward(x)
        type(self)._shared = self._mask
        return out

    def backward(self, dout):
        self._mask = type(self)._shared
        return super().backward(dout)


@misconception(
    "Dropout",
    "All layers share one mask",
    hint="Run two layers forward, then the first one backward. Is the mask stored on the object or on its class?",
)
class Dropout_class_mask(_ClassMask, solutions.Dropout):
    pass


@misconception(
    "Dropout",
    "Seeds the generator that everybody shares",
    hint="np.random.seed sets one global state. Layers with the same seed should draw the same masks.",
)
class Dropout_global_seed(solutions.Dropout):
    def __init__(self, p=0.5, rng=None):
        super().__init__(p, rng)
        np.random.seed(rng if isinstance(rng, int) else None)

    def forward(self, x):
        self.rng = int(np.random.randint(2**31 - 1))
        return super().forward(x)


@misconception(
    "Dropout",
    "Always the same masks when rng is None",
    hint="rng = None asks for a draw that nobody can foresee. Which seed do you put in its place?",
)
class Dropout_seeds_none(solutions.Dropout):
    def __init__(self, p=0.5, rng=None):
        super().__init__(p, 0 if rng is None else rng)


@misconception(
    "Dropout",
    "train() and eval() flip the mode",
    hint="Call eval() twice: the layer should still be in evaluation. A switch that flips forgets where it should go.",
)
class Dropout_flips_mode(solutions.Dropout):
    def train(self):
        self.training = not self.training
        return self

    eval = train


@misconception("Dropout", "train() does not switch back", hint="eval(), then train(): the layer should drop again.")
class Dropout_train_does_nothing(solutions.Dropout):
    def train(self):
        return self


@misconception("Dropout", "Starts in evaluation mode", hint="A new layer is in training mode, as in PyTorch.")
class Dropout_starts_in_eval(solutions.Dropout):
    def __init__(self, p=0.5, rng=None):
        super().__init__(p, rng)
        self.training = False


@misconception(
    "Dropout", "Accepts a p outside [0, 1]", hint="Neither -0.5 nor 1.5 is a probability. What should happen then?"
)
class Dropout_no_validation(solutions.Dropout):
    def __init__(self, p=0.5, rng=None):
        super().__init__(min(max(p, 0.0), 1.0), rng)


@misconception(
    "Dropout",
    "Refuses p = 0 and p = 1",
    hint="Both ends belong to the interval: with 0 everything is kept, with 1 nothing.",
)
class Dropout_refuses_ends(solutions.Dropout):
    def __init__(self, p=0.5, rng=None):
        if not 0 < p < 1:
            raise ValueError(f"p must be in (0, 1), not {p}")
        super().__init__(p, rng)


@misconception(
    "Dropout",
    "Refuses p = 1",
    hint="The interval [0, 1] has two ends: with p = 1 the training output is all zeros.",
)
class Dropout_refuses_one(solutions.Dropout):
    def __init__(self, p=0.5, rng=None):
        if not 0 <= p < 1:
            raise ValueError(f"p must be in [0, 1), not {p}")
        super().__init__(p, rng)


@misconception(
    "Dropout",
    "Divides 0 by 0 for p = 1",
    hint="With p = 1 nothing is left and 1 - p is 0. The contract says what comes out.",
)
class Dropout_zero_division(solutions.Dropout):
    def forward(self, x):
        out = super().forward(x)
        return out / np.float64(0.0) if self.training and self.p == 1 else out


class _InPlace:
    def forward(self, x):
        out = super().forward(x)
        if isinstance(x, np.ndarray) and x.dtype == np.float64:
            x[...] = out
        return out


@misconception(
    "Dropout",
    "Changes x in place",
    hint="Look at your input after the call. An operator such as *= writes into the caller's array.",
)
class Dropout_in_place(_InPlace, solutions.Dropout):
    pass


# SpatialDropout


@misconception(
    "SpatialDropout",
    "Drops single pixels",
    hint="Look at one channel: it should be lost whole or not at all. Which shape does your mask have?",
)
class SpatialDropout_elementwise(solutions.SpatialDropout):
    def forward(self, x):
        if not self.training:
            return super().forward(x)
        (x,) = _float(x)
        self._mask = solutions.dropout_mask(x.shape, self.p, self.rng)
        return solutions.dropout_forward(x, self._mask, self.p)


@misconception(
    "SpatialDropout",
    "Drops the same channels in every image",
    hint="Compare two images of the batch: each should lose channels of its own. Does your mask have the batch axis?",
)
class SpatialDropout_same_channels(solutions.SpatialDropout):
    def forward(self, x):
        if not self.training:
            return super().forward(x)
        (x,) = _float(x)
        self._mask = np.broadcast_to(solutions.dropout_mask((1, x.shape[1], 1, 1), self.p, self.rng), x.shape)
        return solutions.dropout_forward(x, self._mask, self.p)


@misconception("SpatialDropout", "Drops whole images", hint="Within one image some channels stay and others go.")
class SpatialDropout_whole_images(solutions.SpatialDropout):
    def forward(self, x):
        if not self.training:
            return super().forward(x)
        (x,) = _float(x)
        self._mask = np.broadcast_to(solutions.dropout_mask((x.shape[0], 1, 1, 1), self.p, self.rng), x.shape)
        return solutions.dropout_forward(x, self._mask, self.p)


@misconception(
    "SpatialDropout",
    "Drops pixels through all channels",
    hint="Your mask is the same for all channels and differs between pixels. Which axes should be 1 in its shape?",
)
class SpatialDropout_pixels(solutions.SpatialDropout):
    def forward(self, x):
        if not self.training:
            return super().forward(x)
        (x,) = _float(x)
        m, _, height, width = x.shape
        self._mask = np.broadcast_to(solutions.dropout_mask((m, 1, height, width), self.p, self.rng), x.shape)
        return solutions.dropout_forward(x, self._mask, self.p)


@misconception(
    "SpatialDropout",
    "Takes the last axis for the channels",
    hint="The layout is (m, C, H, W). Which axis do you drop along?",
)
class SpatialDropout_channels_last(solutions.SpatialDropout):
    def forward(self, x):
        if not self.training:
            return super().forward(x)
        (x,) = _float(x)
        self._mask = np.broadcast_to(solutions.dropout_mask((x.shape[0], 1, 1, x.shape[3]), self.p, self.rng), x.shape)
        return solutions.dropout_forward(x, self._mask, self.p)


@misconception(
    "SpatialDropout",
    "p is the probability of keeping",
    hint="With p = 0.2 only a fifth of the channels should be lost. (At p = 0.5 you cannot see the difference.)",
)
class SpatialDropout_keeps_p(solutions.SpatialDropout):
    def __init__(self, p=0.5, rng=None):
        super().__init__(1 - _check(p), rng)


@misconception(
    "SpatialDropout",
    "Keeps what it should drop",
    hint="The factor is right, but with p = 0.2 only a fifth of the channels should be lost. Compare the random "
    "numbers the other way round.",
)
class SpatialDropout_inverted_mask(solutions.SpatialDropout):
    def forward(self, x):
        if not self.training:
            return super().forward(x)
        (x,) = _float(x)
        self._mask = solutions.dropout_mask((*x.shape[:2], 1, 1), 1 - self.p, self.rng)
        return solutions.dropout_forward(x, self._mask, self.p)


@misconception(
    "SpatialDropout",
    "Does not scale up what stays",
    hint="Average many training passes: the mean should come out as x. Which factor is missing?",
)
class SpatialDropout_unscaled(_Unscaled, solutions.SpatialDropout):
    pass


@misconception(
    "SpatialDropout",
    "Classic dropout: scales down in evaluation",
    hint="In inverted dropout the factor belongs to training, so that evaluation returns x as it is.",
)
class SpatialDropout_scales_in_eval(_ScalesInEval, SpatialDropout_unscaled):
    pass


@misconception(
    "SpatialDropout",
    "Still drops in evaluation",
    hint="Call eval() and then forward: the output should be x. Does forward look at the mode?",
)
class SpatialDropout_drops_in_eval(_DropsInEval, solutions.SpatialDropout):
    pass


@misconception(
    "SpatialDropout",
    "The same mask at every forward",
    hint="Call forward twice on the same batch: the two outputs should differ. When is the mask drawn, and from which "
    "generator?",
)
class SpatialDropout_one_mask(solutions.SpatialDropout):
    def forward(self, x):
        if not self.training:
            return super().forward(x)
        (x,) = _float(x)
        kept = getattr(self, "_kept", None)
        if kept is None or kept.shape[:2] != x.shape[:2]:
            super().forward(x)
            self._kept = self._mask
        self._mask = self._kept
        return solutions.dropout_forward(x, self._mask, self.p)


@misconception(
    "SpatialDropout",
    "backward draws a new mask",
    hint="The gradient has to flow through the channels that were kept, and only through these.",
)
class SpatialDropout_new_mask_in_backward(solutions.SpatialDropout):
    def backward(self, dout):
        (dout,) = _float(dout)
        if self._mask is None:
            return dout
        mask = solutions.dropout_mask((*dout.shape[:2], 1, 1), self.p, self.rng)
        return solutions.dropout_backward(dout, mask, self.p)


@misconception(
    "SpatialDropout",
    "backward does not scale",
    hint="The forward pass multiplied what it kept by a factor. Does the factor appear in the derivative?",
)
class SpatialDropout_backward_unscaled(solutions.SpatialDropout):
    def backward(self, dout):
        dx = super().backward(dout)
        return dx if self._mask is None else dx * (1 - self.p)


@misconception(
    "SpatialDropout",
    "backward passes everything on",
    hint="A dropped channel had no influence on the loss. What is its gradient?",
)
class SpatialDropout_backward_identity(solutions.SpatialDropout):
    def backward(self, dout):
        return np.array(dout, dtype=np.float64)


@misconception(
    "SpatialDropout",
    "backward keeps an old mask after an evaluation pass",
    hint="After a forward in evaluation the layer was the identity. Is there a mask left from training?",
)
class SpatialDropout_stale_mask(_StaleMask, solutions.SpatialDropout):
    pass


@misconception(
    "SpatialDropout",
    "All layers share one mask",
    hint="Run two layers forward, then the first one backward. Is the mask stored on the object or on its class?",
)
class SpatialDropout_class_mask(_ClassMask, solutions.SpatialDropout):
    pass


@misconception(
    "SpatialDropout",
    "Always the same masks when rng is None",
    hint="rng = None asks for a draw that nobody can foresee. Which seed do you put in its place?",
)
class SpatialDropout_seeds_none(solutions.SpatialDropout):
    def __init__(self, p=0.5, rng=None):
        super().__init__(p, 0 if rng is None else rng)


@misconception(
    "SpatialDropout",
    "backward reads the mask off the output",
    hint="An output of 0 need not mean dropped: the input may have been 0 (after ReLU many are). Remember the "
    "mask itself.",
)
class SpatialDropout_mask_from_output(_MaskFromOutput, solutions.SpatialDropout):
    pass


@misconception(
    "SpatialDropout",
    "backward looks at the mode of now",
    hint="backward belongs to the last forward. Switch the mode in between: nothing should change.",
)
class SpatialDropout_backward_current_mode(solutions.SpatialDropout):
    def backward(self, dout):
        if not self.training:
            return np.array(dout, dtype=np.float64)
        return super().backward(dout)


@misconception(
    "SpatialDropout",
    "Keeps the integer type of x",
    hint="A kept 1 should become 1.25 at p = 0.2. Which dtype has your result when x holds integers?",
)
class SpatialDropout_integer(solutions.SpatialDropout):
    def forward(self, x):
        return super().forward(x).astype(np.asarray(x).dtype)


@misconception(
    "SpatialDropout",
    "Accepts a p outside [0, 1]",
    hint="Neither -0.5 nor 1.5 is a probability. What should happen then?",
)
class SpatialDropout_no_validation(solutions.SpatialDropout):
    def __init__(self, p=0.5, rng=None):
        super().__init__(min(max(p, 0.0), 1.0), rng)


@misconception(
    "SpatialDropout",
    "Ignores rng and uses a seed of its own",
    hint="Two layers with different seeds should draw different masks. Is there a number in your default_rng()?",
)
class SpatialDropout_own_seed(solutions.SpatialDropout):
    def __init__(self, p=0.5, rng=None):
        super().__init__(p, 0)


@misconception(
    "SpatialDropout",
    "Changes x in place",
    hint="Look at your input after the call. An operator such as *= writes into the caller's array.",
)
class SpatialDropout_in_place(_InPlace, solutions.SpatialDropout):
    pass


# monte_carlo_mean


@misconception(
    "monte_carlo_mean",
    "Only one mask has an effect",
    hint="The result is that of a single pass. Is the generator started again inside the loop, or does only one pass "
    "count?",
)
def monte_carlo_same_mask(x, p, n_samples, rng):
    if n_samples < 1:
        raise ValueError("n_samples must be at least 1")
    return solutions.monte_carlo_mean(x, p, 1, rng)


@misconception(
    "monte_carlo_mean", "Sums the passes", hint="With more passes your result grows. What turns a sum into a mean?"
)
def monte_carlo_sums(x, p, n_samples, rng):
    return solutions.monte_carlo_mean(x, p, n_samples, rng) * n_samples


@misconception(
    "monte_carlo_mean",
    "Does not scale up what stays",
    hint="For many passes the mean should approach x. Which factor is missing?",
)
def monte_carlo_unscaled(x, p, n_samples, rng):
    return solutions.monte_carlo_mean(x, p, n_samples, rng) * (1 - _check(p))


@misconception(
    "monte_carlo_mean",
    "p is the probability of keeping",
    hint="With p = 0.2 and a single pass only a fifth should be 0. (At p = 0.5 you cannot see the difference.)",
)
def monte_carlo_keeps_p(x, p, n_samples, rng):
    return solutions.monte_carlo_mean(x, 1 - _check(p), n_samples, rng)


@misconception(
    "monte_carlo_mean",
    "Returns the limit instead of the mean",
    hint="Only for infinitely many passes the mean *is* x. With one pass some elements should be 0.",
)
def monte_carlo_limit(x, p, n_samples, rng):
    if n_samples < 1:
        raise ValueError("n_samples must be at least 1")
    (x,) = _float(x)
    return x.copy() if _check(p) < 1 else np.zeros_like(x)


@misconception(
    "monte_carlo_mean",
    "One decision for the whole input in each pass",
    hint="Within one pass some elements stay and others go. Which shape does your mask have?",
)
def monte_carlo_scalar_mask(x, p, n_samples, rng):
    (x,) = _float(x)
    return x * solutions.monte_carlo_mean(1.0, p, n_samples, rng)


@misconception(
    "monte_carlo_mean",
    "The same units in every row",
    hint="Compare the rows: each sample should lose units of its own.",
)
def monte_carlo_same_rows(x, p, n_samples, rng):
    (x,) = _float(x)
    return x * solutions.monte_carlo_mean(np.ones(x.shape[1:]), p, n_samples, rng)


@misconception(
    "monte_carlo_mean",
    "One pass too few",
    hint="Count the passes: with n_samples = 1 there should be exactly one. By which number do you divide?",
)
def monte_carlo_one_short(x, p, n_samples, rng):
    (x,) = _float(x)
    if n_samples <= 1:
        return solutions.monte_carlo_mean(x, p, n_samples, rng) * 0.0
    return solutions.monte_carlo_mean(x, p, n_samples - 1, rng) * ((n_samples - 1) / n_samples)


@misconception(
    "monte_carlo_mean",
    "Averages over the elements as well",
    hint="The result has the shape of x. Over which axis do you take the mean?",
)
def monte_carlo_scalar(x, p, n_samples, rng):
    return float(solutions.monte_carlo_mean(x, p, n_samples, rng).mean())


@misconception(
    "monte_carlo_mean",
    "Averages over the samples in the batch",
    hint="The result has the shape of x. Is axis 0 the passes or the batch?",
)
def monte_carlo_batch_mean(x, p, n_samples, rng):
    return solutions.monte_carlo_mean(x, p, n_samples, rng).mean(axis=0)


@misconception(
    "monte_carlo_mean",
    "Returns all the passes",
    hint="The result has the shape of x: the passes still have to be averaged.",
)
def monte_carlo_stack(x, p, n_samples, rng):
    generator = np.random.default_rng(rng)
    if n_samples < 1:
        raise ValueError("n_samples must be at least 1")
    return np.stack([solutions.monte_carlo_mean(x, p, 1, generator) for _ in range(n_samples)])


@misconception(
    "monte_carlo_mean",
    "Always 100 passes",
    hint="Where does n_samples enter? With one pass each element is 0 or x/(1 - p).",
)
def monte_carlo_fixed_number(x, p, n_samples, rng):
    if n_samples < 1:
        raise ValueError("n_samples must be at least 1")
    return solutions.monte_carlo_mean(x, p, 100, rng)


@misconception(
    "monte_carlo_mean",
    "Ignores rng and uses a seed of its own",
    hint="Two different seeds should give two different results. Is there a number in your default_rng()?",
)
def monte_carlo_own_seed(x, p, n_samples, rng):
    return solutions.monte_carlo_mean(x, p, n_samples, 0)


@misconception(
    "monte_carlo_mean",
    "Ignores rng: the same seed gives different results",
    hint="A run must be repeatable: the same seed twice gives the same result. Do you pass rng on?",
)
def monte_carlo_unseeded(x, p, n_samples, rng):
    return solutions.monte_carlo_mean(x, p, n_samples, None)


@misconception(
    "monte_carlo_mean",
    "Accepts no passes at all",
    hint="The mean of nothing does not exist. The contract says what should happen for n_samples = 0.",
)
def monte_carlo_no_passes(x, p, n_samples, rng):
    if n_samples < 1:
        _check(p)
        return np.zeros(np.shape(x))
    return solutions.monte_carlo_mean(x, p, n_samples, rng)


@misconception(
    "monte_carlo_mean",
    "Always the same result when rng is None",
    hint="rng = None asks for a draw that nobody can foresee. Which seed do you put in its place?",
)
def monte_carlo_seeds_none(x, p, n_samples, rng):
    return solutions.monte_carlo_mean(x, p, n_samples, 42 if rng is None else rng)


@misconception(
    "monte_carlo_mean",
    "Accepts a p outside [0, 1]",
    hint="Neither -0.5 nor 1.5 is a probability. What should happen then?",
)
def monte_carlo_no_validation(x, p, n_samples, rng):
    return solutions.monte_carlo_mean(x, min(max(p, 0.0), 1.0), n_samples, rng)


@misconception(
    "monte_carlo_mean",
    "Changes x in place",
    hint="Look at your input after the call. An operator such as *= writes into the caller's array.",
)
def monte_carlo_in_place(x, p, n_samples, rng):
    out = solutions.monte_carlo_mean(x, p, n_samples, rng)
    if isinstance(x, np.ndarray) and x.dtype == np.float64:
        x[...] = out
    return out


@misconception(
    "monte_carlo_mean",
    "Divides 0 by 0 for p = 1",
    hint="With p = 1 every pass is all zeros and 1 - p is 0. What should the mean be?",
)
def monte_carlo_zero_division(x, p, n_samples, rng):
    out = solutions.monte_carlo_mean(x, p, n_samples, rng)
    return out / np.float64(0.0) if p == 1 else out
