"""Known wrong answers of `batchnorm`."""

import numpy as np

from grader.misconceptions.catalogue import misconception, reference

solutions = reference("batchnorm")


def _array(x):
    return np.asarray(x, dtype=np.float64)


def _own(x):
    """Whether `x` is an array that a careless `-=` really changes."""
    return isinstance(x, np.ndarray) and x.dtype == np.float64


def _standardised(x, axis=0, eps=1e-5, ddof=0):
    x = _array(x)
    return (x - x.mean(axis=axis, keepdims=True)) / np.sqrt(x.var(axis=axis, ddof=ddof, keepdims=True) + eps)


# batch_mean_and_variance ----------------------------------------------------------------------------------------------


@misconception(
    "batch_mean_and_variance",
    "Divides the variance by m - 1",
    hint="The batch is normalised with the biased variance. Look at the fraction in front of the sum in step 1.",
)
def batch_variance_unbiased(z):
    z = _array(z)
    return z.mean(axis=0), z.var(axis=0, ddof=1) if len(z) > 1 else np.zeros(z.shape[1])


@misconception(
    "batch_mean_and_variance",
    "Statistics of each sample instead of each feature",
    hint="The batch has one sample a row. Which axis has to disappear so that one number per feature is left?",
)
def batch_statistics_per_row(z):
    z = _array(z)
    return z.mean(axis=1), z.var(axis=1)


@misconception(
    "batch_mean_and_variance",
    "One mean and variance for the whole batch",
    hint="Each feature has a mean and a variance of its own: both results have n entries.",
)
def batch_statistics_global(z):
    z = _array(z)
    return np.full(z.shape[1], z.mean()), np.full(z.shape[1], z.var())


@misconception(
    "batch_mean_and_variance",
    "Returns the standard deviation",
    hint="The second result is the variance. The root comes in the next step, after epsilon has been added.",
)
def batch_variance_is_std(z):
    z = _array(z)
    return z.mean(axis=0), z.std(axis=0)


@misconception(
    "batch_mean_and_variance",
    "Returns the variance first",
    hint="Look at the order in which the two results are asked for; torch.var_mean has the other one.",
)
def batch_statistics_exchanged(z):
    z = _array(z)
    return z.var(axis=0), z.mean(axis=0)


@misconception(
    "batch_mean_and_variance",
    "Sums the squared deviations without dividing",
    hint="A variance is an average of squares. What happens to your result when every row appears twice?",
)
def batch_variance_is_sum(z):
    z = _array(z)
    return z.mean(axis=0), ((z - z.mean(axis=0)) ** 2).sum(axis=0)


@misconception(
    "batch_mean_and_variance",
    "Mean of the squares minus square of the mean",
    hint="For a feature near 1000 that hardly varies, both of these numbers are about a million and their difference "
    "is all rounding. Take the deviations from the mean before squaring.",
)
def batch_variance_cancels(z):
    z = _array(z)
    mu = z.mean(axis=0)
    return mu, (z**2).mean(axis=0) - mu**2


@misconception(
    "batch_mean_and_variance",
    "Mean absolute deviation as the variance",
    hint="The deviations are squared before they are averaged.",
)
def batch_variance_is_mad(z):
    z = _array(z)
    return z.mean(axis=0), np.abs(z - z.mean(axis=0)).mean(axis=0)


@misconception(
    "batch_mean_and_variance",
    "Computes in float32",
    hint="Single precision keeps seven digits, too few for a feature that is large beside its spread. Stay in float64.",
)
def batch_statistics_in_float32(z):
    z = np.asarray(z, dtype=np.float32)
    return z.mean(axis=0), z.var(axis=0)


@misconception(
    "batch_mean_and_variance",
    "Subtracts the mean from the caller's batch",
    hint="`-=` on an array changes the array that the caller still holds. Make a new one.",
)
def batch_statistics_in_place(z):
    values = z if _own(z) else _array(z).copy()
    mu = values.mean(axis=0)
    values -= mu
    return mu, (values**2).mean(axis=0)


# normalize ------------------------------------------------------------------------------------------------------------


@misconception(
    "normalize",
    "Epsilon added outside the root",
    hint="Epsilon is added to the variance before the root is taken, not to the standard deviation.",
)
def normalize_eps_outside(z, mu, var, eps=1e-5):
    return (_array(z) - mu) / (np.sqrt(_array(var)) + eps)


@misconception(
    "normalize",
    "Forgets epsilon",
    hint="A feature that is constant in the batch has variance 0. What keeps the division alive?",
)
def normalize_without_eps(z, mu, var, eps=1e-5):
    return (_array(z) - mu) / np.sqrt(_array(var))


@misconception(
    "normalize",
    "Divides by the variance, without the root",
    hint="After this step the features should have variance 1. Check what yours have.",
)
def normalize_without_root(z, mu, var, eps=1e-5):
    return (_array(z) - mu) / (_array(var) + eps)


@misconception(
    "normalize",
    "Squares epsilon",
    hint="Epsilon is added to the variance as it is.",
)
def normalize_eps_squared(z, mu, var, eps=1e-5):
    return (_array(z) - mu) / np.sqrt(_array(var) + eps**2)


@misconception(
    "normalize",
    "Epsilon as a lower bound of the variance",
    hint="Epsilon is always added; it does not only step in when the variance is small.",
)
def normalize_eps_floor(z, mu, var, eps=1e-5):
    return (_array(z) - mu) / np.sqrt(np.maximum(_array(var), eps))


@misconception(
    "normalize",
    "Epsilon only where the variance is 0",
    hint="Epsilon is added to every variance, not only to those that would cause a division by zero.",
)
def normalize_eps_for_zero(z, mu, var, eps=1e-5):
    var = _array(var)
    return (_array(z) - mu) / np.sqrt(np.where(var == 0, eps, var))


@misconception(
    "normalize",
    "Ignores the mean and variance that it is given",
    hint="The statistics are arguments. In evaluation they are the running ones, not those of z.",
)
def normalize_uses_own_statistics(z, mu, var, eps=1e-5):
    return _standardised(z, 0, eps)


@misconception(
    "normalize",
    "Epsilon fixed at 1e-5",
    hint="The caller may choose another epsilon than the default.",
)
def normalize_eps_hard_coded(z, mu, var, eps=1e-5):
    return (_array(z) - mu) / np.sqrt(_array(var) + 1e-5)


@misconception(
    "normalize",
    "Another default for epsilon",
    hint="Compare the default of eps with the signature that you were given.",
)
def normalize_eps_default(z, mu, var, eps=1e-3):
    return (_array(z) - mu) / np.sqrt(_array(var) + eps)


@misconception(
    "normalize",
    "Scales but does not centre",
    hint="After this step a batch with these statistics has mean 0. What takes the mean away?",
)
def normalize_without_centring(z, mu, var, eps=1e-5):
    return _array(z) / np.sqrt(_array(var) + eps)


@misconception(
    "normalize",
    "Subtracts the mean from the caller's array",
    hint="`-=` on an array changes the array that the caller still holds. Make a new one.",
)
def normalize_in_place(z, mu, var, eps=1e-5):
    if _own(z):
        z -= mu
    else:
        z = _array(z) - mu
    return z / np.sqrt(_array(var) + eps)


@misconception(
    "normalize",
    "Result in the integer type of the input",
    hint="np.empty_like and np.zeros_like copy the type as well: with integers in z, every fraction is cut off.",
)
def normalize_in_type_of_z(z, mu, var, eps=1e-5):
    out = np.empty_like(np.asarray(z))
    out[...] = (_array(z) - mu) / np.sqrt(_array(var) + eps)
    return out


# scale_and_shift ------------------------------------------------------------------------------------------------------


@misconception(
    "scale_and_shift",
    "Shifts before scaling",
    hint="Beta is the mean that comes out. If it is added first, gamma scales it as well.",
)
def scale_after_shift(z_hat, gamma, beta):
    return _array(gamma) * (_array(z_hat) + beta)


@misconception(
    "scale_and_shift",
    "Gamma and beta exchanged",
    hint="Gamma scales, beta shifts.",
)
def scale_and_shift_exchanged(z_hat, gamma, beta):
    return _array(beta) * _array(z_hat) + gamma


@misconception(
    "scale_and_shift",
    "Scales by the root of gamma",
    hint="Gamma controls the spread of the output, but it multiplies as it is; it may even be negative.",
)
def scale_by_root(z_hat, gamma, beta):
    return np.sqrt(_array(gamma)) * _array(z_hat) + beta


@misconception(
    "scale_and_shift",
    "Scales by 1 + gamma",
    hint="Gamma starts at one, so nothing has to be added to it.",
)
def scale_by_one_plus_gamma(z_hat, gamma, beta):
    return (1 + _array(gamma)) * _array(z_hat) + beta


@misconception(
    "scale_and_shift",
    "Divides by gamma",
    hint="Normalising divides by a spread. This step gives a spread back.",
)
def scale_divides(z_hat, gamma, beta):
    return _array(z_hat) / _array(gamma) + beta


@misconception(
    "scale_and_shift",
    "Subtracts beta",
    hint="Which mean should the output have if beta is 3?",
)
def scale_and_shift_down(z_hat, gamma, beta):
    return _array(gamma) * _array(z_hat) - beta


@misconception(
    "scale_and_shift",
    "Scales the caller's array in place",
    hint="`*=` and `+=` change the array that the caller still holds. Make a new one.",
)
def scale_and_shift_in_place(z_hat, gamma, beta):
    if not _own(z_hat):
        z_hat = _array(z_hat).copy()
    z_hat *= gamma
    z_hat += beta
    return z_hat


# update_running_statistics --------------------------------------------------------------------------------------------


def _running(running, new, momentum):
    return (1 - momentum) * _array(running) + momentum * new


def _needs_two_rows(z):
    z = _array(z)
    if len(z) < 2:
        raise ValueError("at least two rows are needed")
    return z


@misconception(
    "update_running_statistics",
    "Momentum the wrong way round",
    hint="Momentum is the weight of the new observation here: 0.1 means that nine tenths of the old statistics stay.",
)
def running_momentum_inverted(running_mean, running_var, z, momentum=0.1):
    z = _needs_two_rows(z)
    return (
        _running(running_mean, z.mean(axis=0), 1 - momentum),
        _running(running_var, z.var(axis=0, ddof=1), 1 - momentum),
    )


@misconception(
    "update_running_statistics",
    "Running variance takes the biased batch variance",
    hint="The batch is normalised with division by m, but the running variance collects the estimate that divides "
    "by m - 1.",
)
def running_variance_biased(running_mean, running_var, z, momentum=0.1):
    z = _needs_two_rows(z)
    return _running(running_mean, z.mean(axis=0), momentum), _running(running_var, z.var(axis=0), momentum)


@misconception(
    "update_running_statistics",
    "Momentum fixed at 0.1",
    hint="The caller may choose another momentum than the default.",
)
def running_momentum_hard_coded(running_mean, running_var, z, momentum=0.1):
    z = _needs_two_rows(z)
    return _running(running_mean, z.mean(axis=0), 0.1), _running(running_var, z.var(axis=0, ddof=1), 0.1)


@misconception(
    "update_running_statistics",
    "Momentum by default 0.9",
    hint="Compare the default of momentum with the signature that you were given.",
)
def running_momentum_default(running_mean, running_var, z, momentum=0.9):
    z = _needs_two_rows(z)
    return _running(running_mean, z.mean(axis=0), momentum), _running(running_var, z.var(axis=0, ddof=1), momentum)


@misconception(
    "update_running_statistics",
    "Keeps the latest batch only",
    hint="The old statistics are part of the new ones.",
)
def running_replaced(running_mean, running_var, z, momentum=0.1):
    z = _needs_two_rows(z)
    return z.mean(axis=0), z.var(axis=0, ddof=1)


@misconception(
    "update_running_statistics",
    "Adds the batch without shrinking the old statistics",
    hint="The two weights add up to 1. With yours, equal batches would let the statistics grow for ever.",
)
def running_accumulates(running_mean, running_var, z, momentum=0.1):
    z = _needs_two_rows(z)
    return (
        _array(running_mean) + momentum * z.mean(axis=0),
        _array(running_var) + momentum * z.var(axis=0, ddof=1),
    )


@misconception(
    "update_running_statistics",
    "Averages the standard deviations",
    hint="The running statistic is a variance: average variances, not their roots.",
)
def running_averages_std(running_mean, running_var, z, momentum=0.1):
    z = _needs_two_rows(z)
    std = _running(np.sqrt(_array(running_var)), z.std(axis=0, ddof=1), momentum)
    return _running(running_mean, z.mean(axis=0), momentum), std**2


@misconception(
    "update_running_statistics",
    "Accepts a batch of one row",
    hint="The unbiased variance of one row divides by zero: it does not exist. Say so with a ValueError.",
)
def running_accepts_one_row(running_mean, running_var, z, momentum=0.1):
    z = _array(z)
    var = z.var(axis=0) * len(z) / max(len(z) - 1, 1)
    return _running(running_mean, z.mean(axis=0), momentum), _running(running_var, var, momentum)


@misconception(
    "update_running_statistics",
    "Updates the caller's arrays in place",
    hint="The new pair is returned; the arrays that came in stay as they were.",
)
def running_in_place(running_mean, running_var, z, momentum=0.1):
    z = _needs_two_rows(z)
    for running, new in ((running_mean, z.mean(axis=0)), (running_var, z.var(axis=0, ddof=1))):
        if _own(running):
            running *= 1 - momentum
            running += momentum * new
    if _own(running_mean):
        return running_mean, running_var
    return _running(running_mean, z.mean(axis=0), momentum), _running(running_var, z.var(axis=0, ddof=1), momentum)


# batchnorm_backward ---------------------------------------------------------------------------------------------------


def _backward(dout, z, gamma, eps, *, through_mean=True, through_var=True, ddof=0):
    """The right gradients, with each of the two detours through the statistics optional."""
    dout, z, gamma = _array(dout), _array(z), _array(gamma)
    m = len(z)
    std = np.sqrt(z.var(axis=0, ddof=ddof) + eps)
    z_hat = (z - z.mean(axis=0)) / std
    dz_hat = dout * gamma
    dz = dz_hat.copy()
    if through_mean:
        dz -= dz_hat.mean(axis=0)
    if through_var:
        dz -= z_hat * (dz_hat * z_hat).sum(axis=0) / (m - ddof)
    return dz / std, (dout * z_hat).sum(axis=0), dout.sum(axis=0)


@misconception(
    "batchnorm_backward",
    "Mean and variance treated as constants",
    hint="Both statistics are computed from z. Changing one row changes them, and with them every other row.",
)
def backward_statistics_constant(dout, z, gamma, eps=1e-5):
    return _backward(dout, z, gamma, eps, through_mean=False, through_var=False)


@misconception(
    "batchnorm_backward",
    "Forgets that the variance depends on z",
    hint="You follow the way through the mean. The variance is computed from z as well.",
)
def backward_variance_constant(dout, z, gamma, eps=1e-5):
    return _backward(dout, z, gamma, eps, through_var=False)


@misconception(
    "batchnorm_backward",
    "Forgets that the mean depends on z",
    hint="You follow the way through the variance. The mean that is subtracted is computed from z as well.",
)
def backward_mean_constant(dout, z, gamma, eps=1e-5):
    return _backward(dout, z, gamma, eps, through_mean=False)


@misconception(
    "batchnorm_backward",
    "Forgets gamma in dz",
    hint="On its way back the gradient meets the scaling first. What does it do to it?",
)
def backward_without_gamma(dout, z, gamma, eps=1e-5):
    return _backward(dout, z, np.ones_like(_array(gamma)), eps)


@misconception(
    "batchnorm_backward",
    "Unbiased variance in the forward pass",
    hint="The batch is normalised with the biased variance, which divides by m.",
)
def backward_unbiased(dout, z, gamma, eps=1e-5):
    return _backward(dout, z, gamma, eps, ddof=1)


@misconception(
    "batchnorm_backward",
    "Epsilon added outside the root",
    hint="The standard deviation here is the root of (variance + epsilon), in every place where it occurs.",
)
def backward_eps_outside(dout, z, gamma, eps=1e-5):
    dout, z, gamma = _array(dout), _array(z), _array(gamma)
    std = z.std(axis=0) + eps
    z_hat = (z - z.mean(axis=0)) / std
    dgamma, dbeta = (dout * z_hat).sum(axis=0), dout.sum(axis=0)
    return gamma / std * (dout - dbeta / len(z) - z_hat * dgamma / len(z)), dgamma, dbeta


@misconception(
    "batchnorm_backward",
    "Epsilon fixed at 1e-5",
    hint="The gradient belongs to a forward pass with the epsilon that is given.",
)
def backward_eps_hard_coded(dout, z, gamma, eps=1e-5):
    return _backward(dout, z, gamma, 1e-5)


@misconception(
    "batchnorm_backward",
    "Averages dgamma and dbeta over the batch",
    hint="Gamma and beta act on every row, so their gradients are sums over the rows. If the loss is a mean, its 1/m "
    "is already in dout.",
)
def backward_averages_parameters(dout, z, gamma, eps=1e-5):
    dz, dgamma, dbeta = _backward(dout, z, gamma, eps)
    return dz, dgamma / len(dz), dbeta / len(dz)


@misconception(
    "batchnorm_backward",
    "dgamma and dbeta exchanged",
    hint="The order of the results is dz, dgamma, dbeta.",
)
def backward_exchanges_parameters(dout, z, gamma, eps=1e-5):
    dz, dgamma, dbeta = _backward(dout, z, gamma, eps)
    return dz, dbeta, dgamma


@misconception(
    "batchnorm_backward",
    "dgamma from z instead of the normalised z",
    hint="Gamma multiplies the normalised values. Those are what its gradient is made of.",
)
def backward_dgamma_from_z(dout, z, gamma, eps=1e-5):
    dz, _, dbeta = _backward(dout, z, gamma, eps)
    return dz, (_array(dout) * _array(z)).sum(axis=0), dbeta


@misconception(
    "batchnorm_backward",
    "Gamma inside dgamma and dbeta",
    hint="The output is gamma times z_hat plus beta. Differentiate with respect to gamma and to beta: is gamma "
    "left in either?",
)
def backward_gamma_everywhere(dout, z, gamma, eps=1e-5):
    dz, dgamma, dbeta = _backward(dout, z, gamma, eps)
    return dz, dgamma * gamma, dbeta * gamma


@misconception(
    "batchnorm_backward",
    "Subtracts sums where means belong",
    hint="The mean and the variance carry a factor 1/m, and so do the gradients through them.",
)
def backward_without_one_over_m(dout, z, gamma, eps=1e-5):
    dout, z, gamma = _array(dout), _array(z), _array(gamma)
    std = np.sqrt(z.var(axis=0) + eps)
    z_hat = (z - z.mean(axis=0)) / std
    dgamma, dbeta = (dout * z_hat).sum(axis=0), dout.sum(axis=0)
    return gamma / std * (dout - dbeta - z_hat * dgamma), dgamma, dbeta


@misconception(
    "batchnorm_backward",
    "dz is m times too large",
    hint="The short formula has m * dout in its brackets. Which factor in front of them goes with that?",
)
def backward_m_times_too_large(dout, z, gamma, eps=1e-5):
    dz, dgamma, dbeta = _backward(dout, z, gamma, eps)
    return len(dz) * dz, dgamma, dbeta


@misconception(
    "batchnorm_backward",
    "The part through the variance is twice too large",
    hint="The derivative of a root has a factor that takes away the 2 of the square. Write out both.",
)
def backward_variance_doubled(dout, z, gamma, eps=1e-5):
    without = _backward(dout, z, gamma, eps, through_var=False)[0]
    dz, dgamma, dbeta = _backward(dout, z, gamma, eps)
    return 2 * dz - without, dgamma, dbeta


@misconception(
    "batchnorm_backward",
    "Scales the caller's gradient in place",
    hint="`*=` changes the array that the caller still holds, here the gradient of the layer above. Make a new one.",
)
def backward_in_place(dout, z, gamma, eps=1e-5):
    gradients = _backward(dout, z, gamma, eps)
    if _own(dout):
        dout *= gamma
    return gradients


# BatchNorm ------------------------------------------------------------------------------------------------------------


class _BatchNorm(solutions.BatchNorm):
    """A right BatchNorm cut into small methods, so that each wrong one below has to change one of them only."""

    def __init__(self, n_features, eps=1e-5, momentum=0.1):
        super().__init__(n_features, eps, momentum)
        self.last = None

    def check(self, z):
        if self.training and len(z) < 2:
            raise ValueError("training needs at least two rows")

    def batch_statistics(self, z):
        return z.mean(axis=0), z.var(axis=0)

    def statistics(self, z):
        if self.training:
            return self.batch_statistics(z)
        return self.running_mean, self.running_var

    def new_observation(self, z):
        return z.mean(axis=0), z.var(axis=0, ddof=1)

    def update(self, z):
        mean, var = self.new_observation(z)
        self.running_mean = (1 - self.momentum) * self.running_mean + self.momentum * mean
        self.running_var = (1 - self.momentum) * self.running_var + self.momentum * var

    def after_forward(self, z):
        if self.training:
            self.update(z)

    def std(self, var):
        return np.sqrt(var + self.eps)

    def forward(self, z):
        z = _array(z)
        self.check(z)
        mean, var = self.statistics(z)
        z_hat = (z - mean) / self.std(var)
        self.last = (z, z_hat, self.std(var), self.training)
        self.after_forward(z)
        return self.gamma * z_hat + self.beta

    def mode_of_backward(self):
        return self.last[3]

    def backward(self, dout):
        _, z_hat, std, _ = self.last
        dout = _array(dout)
        dgamma, dbeta = (dout * z_hat).sum(axis=0), dout.sum(axis=0)
        if self.mode_of_backward():
            return self.gamma / std * (dout - dout.mean(axis=0) - z_hat * dgamma / len(dout)), dgamma, dbeta
        return dout * self.gamma / std, dgamma, dbeta


@misconception(
    "BatchNorm",
    "Updates the running statistics in evaluation mode",
    hint="Evaluation uses the running statistics and leaves them alone; otherwise the test set leaks into the model.",
)
class BatchNorm_updates_in_eval(_BatchNorm):
    def after_forward(self, z):
        if len(z) > 1:
            self.update(z)


@misconception(
    "BatchNorm",
    "Batch statistics in evaluation mode",
    hint="What would your layer return for a single test image? In evaluation the running statistics are used.",
)
class BatchNorm_batch_statistics_in_eval(_BatchNorm):
    def statistics(self, z):
        return self.batch_statistics(z)


@misconception(
    "BatchNorm",
    "Running statistics in training mode",
    hint="Training normalises with the mean and variance of the current batch; the running ones are for evaluation.",
)
class BatchNorm_running_statistics_in_training(_BatchNorm):
    def statistics(self, z):
        return self.running_mean, self.running_var


@misconception(
    "BatchNorm",
    "Running variance takes the biased batch variance",
    hint="Two variances are at work: division by m to normalise the batch, division by m - 1 for the running variance.",
)
class BatchNorm_running_variance_biased(_BatchNorm):
    def new_observation(self, z):
        return self.batch_statistics(z)


@misconception(
    "BatchNorm",
    "Normalises the batch with the unbiased variance",
    hint="Two variances are at work: division by m to normalise the batch, division by m - 1 for the running variance.",
)
class BatchNorm_normalizes_unbiased(_BatchNorm):
    def batch_statistics(self, z):
        return z.mean(axis=0), z.var(axis=0, ddof=1)


@misconception(
    "BatchNorm",
    "Momentum the wrong way round",
    hint="Momentum is the weight of the new batch: with 0.1, nine tenths of the old statistics stay.",
)
class BatchNorm_momentum_inverted(_BatchNorm):
    def __init__(self, n_features, eps=1e-5, momentum=0.1):
        super().__init__(n_features, eps, 1 - momentum)


@misconception(
    "BatchNorm",
    "Never updates the running statistics",
    hint="Look at running_mean after a few training batches. Who tells it about them?",
)
class BatchNorm_never_updates(_BatchNorm):
    def after_forward(self, z):
        pass


@misconception(
    "BatchNorm",
    "The first batch replaces the running statistics",
    hint="The running statistics start at zeros and ones, and the first batch joins them with weight momentum like "
    "any other.",
)
class BatchNorm_first_batch_replaces(_BatchNorm):
    seen = False

    def update(self, z):
        if self.seen:
            super().update(z)
        else:
            self.seen = True
            self.running_mean, self.running_var = self.new_observation(z)


@misconception(
    "BatchNorm",
    "Plain average of all batches",
    hint="The running statistics are an exponential average with the given momentum, not the mean of everything seen.",
)
class BatchNorm_cumulative_average(_BatchNorm):
    count = 0

    def update(self, z):
        self.count += 1
        momentum, self.momentum = self.momentum, 1 / self.count
        super().update(z)
        self.momentum = momentum


@misconception(
    "BatchNorm",
    "Running variance starts at zero",
    hint="A variance of zero would blow up the first evaluation. What is a neutral value to divide by?",
)
class BatchNorm_running_var_starts_at_zero(_BatchNorm):
    def __init__(self, n_features, eps=1e-5, momentum=0.1):
        super().__init__(n_features, eps, momentum)
        self.running_var = np.zeros(n_features)


@misconception(
    "BatchNorm",
    "Gamma starts at zero",
    hint="A fresh layer should let the normalised values through as they are. Which gamma does that?",
)
class BatchNorm_gamma_starts_at_zero(_BatchNorm):
    def __init__(self, n_features, eps=1e-5, momentum=0.1):
        super().__init__(n_features, eps, momentum)
        self.gamma = np.zeros(n_features)


@misconception(
    "BatchNorm",
    "Epsilon added outside the root",
    hint="Epsilon is added to the variance before the root is taken.",
)
class BatchNorm_eps_outside(_BatchNorm):
    def std(self, var):
        return np.sqrt(var) + self.eps


@misconception(
    "BatchNorm",
    "Epsilon outside the root in evaluation only",
    hint="Training and evaluation divide by the same expression: only the variance in it differs.",
)
class BatchNorm_eps_outside_in_eval(_BatchNorm):
    def std(self, var):
        return np.sqrt(var + self.eps) if self.training else np.sqrt(var) + self.eps


@misconception(
    "BatchNorm",
    "Epsilon fixed at 1e-5",
    hint="Keep the eps that the constructor was given and use it in both modes.",
)
class BatchNorm_eps_hard_coded(_BatchNorm):
    def __init__(self, n_features, eps=1e-5, momentum=0.1):
        super().__init__(n_features, 1e-5, momentum)


@misconception(
    "BatchNorm",
    "Momentum fixed at 0.1",
    hint="Keep the momentum that the constructor was given.",
)
class BatchNorm_momentum_hard_coded(_BatchNorm):
    def __init__(self, n_features, eps=1e-5, momentum=0.1):
        super().__init__(n_features, eps, 0.1)


@misconception(
    "BatchNorm",
    "Accepts a training batch of one row",
    hint="One row minus its own mean is zero, whatever the row was. Training on it must raise ValueError.",
)
class BatchNorm_trains_on_one_row(_BatchNorm):
    def check(self, z):
        pass

    def new_observation(self, z):
        return z.mean(axis=0), z.var(axis=0) * len(z) / max(len(z) - 1, 1)


@misconception(
    "BatchNorm",
    "Refuses a single row in evaluation mode",
    hint="In evaluation nothing is computed from the batch, so one row is as good as a hundred.",
)
class BatchNorm_refuses_one_row_in_eval(_BatchNorm):
    def check(self, z):
        if len(z) < 2:
            raise ValueError("at least two rows are needed")


@misconception(
    "BatchNorm",
    "train() and eval() return nothing",
    hint="Both methods end by returning the object itself, so that calls can be chained.",
)
class BatchNorm_modes_return_nothing(_BatchNorm):
    def train(self):
        self.training = True

    def eval(self):
        self.training = False


@misconception(
    "BatchNorm",
    "Training gradient after an evaluation pass",
    hint="In evaluation the mean and variance are constants. Which of the three ways to z are left?",
)
class BatchNorm_eval_backward_like_training(_BatchNorm):
    def mode_of_backward(self):
        return True


@misconception(
    "BatchNorm",
    "Statistics as constants in the training gradient",
    hint="In training the mean and variance are computed from the batch, and the gradient flows through both.",
)
class BatchNorm_training_backward_like_eval(_BatchNorm):
    def mode_of_backward(self):
        return False


@misconception(
    "BatchNorm",
    "Backward looks at the present mode",
    hint="The gradient belongs to the last forward pass. Remember in which mode that one ran.",
)
class BatchNorm_backward_in_present_mode(_BatchNorm):
    def mode_of_backward(self):
        return self.training


@misconception(
    "BatchNorm",
    "Backward remembers training passes only",
    hint="The gradients belong to the last forward pass, also when it ran in evaluation mode.",
)
class BatchNorm_backward_of_last_training_pass(_BatchNorm):
    def forward(self, z):
        before = self.last
        out = super().forward(z)
        if not self.training and before is not None:
            self.last = before
        return out


@misconception(
    "BatchNorm",
    "Training pass forgets gamma and beta",
    hint="Scale and shift belong to both modes.",
)
class BatchNorm_training_ignores_gamma_beta(_BatchNorm):
    def forward(self, z):
        out = super().forward(z)
        return self.last[1] if self.training else out


@misconception(
    "BatchNorm",
    "Evaluation pass forgets gamma and beta",
    hint="Scale and shift belong to both modes.",
)
class BatchNorm_eval_ignores_gamma_beta(_BatchNorm):
    def forward(self, z):
        out = super().forward(z)
        return out if self.training else self.last[1]


@misconception(
    "BatchNorm",
    "Normalises with the updated running statistics in training",
    hint="Updating the running statistics is a side effect of training. The batch itself is normalised with its "
    "own statistics.",
)
class BatchNorm_normalizes_with_updated_running(_BatchNorm):
    def statistics(self, z):
        if self.training:
            self.update(z)
        return self.running_mean, self.running_var

    def after_forward(self, z):
        pass


@misconception(
    "BatchNorm",
    "Subtracts the mean from the caller's batch",
    hint="`-=` on an array changes the array that the caller still holds. Make a new one.",
)
class BatchNorm_in_place(_BatchNorm):
    def forward(self, z):
        out = super().forward(z)
        if _own(z):
            self.last = (z.copy(), *self.last[1:])
            z -= self.batch_statistics(z)[0] if self.training else self.running_mean
        return out


@misconception(
    "BatchNorm",
    "Keeps to the gamma and beta of the beginning",
    hint="An optimiser may put new arrays in gamma and beta at any time. Read them in each pass, not once in "
    "__init__.",
)
class BatchNorm_first_parameters(_BatchNorm):
    def __init__(self, n_features, eps=1e-5, momentum=0.1):
        super().__init__(n_features, eps, momentum)
        self.first = self.gamma, self.beta

    def _with_first(self, method, argument):
        present = self.gamma, self.beta
        self.gamma, self.beta = self.first
        try:
            return method(argument)
        finally:
            self.gamma, self.beta = present

    def forward(self, z):
        return self._with_first(super().forward, z)

    def backward(self, dout):
        return self._with_first(super().backward, dout)


@misconception(
    "BatchNorm",
    "Keeps the statistics of the first evaluation",
    hint="A network is evaluated after each epoch, and trained on in between. Does your second evaluation use what the "
    "layer has learnt since the first one?",
)
class BatchNorm_first_evaluation_statistics(_BatchNorm):
    def __init__(self, n_features, eps=1e-5, momentum=0.1):
        super().__init__(n_features, eps, momentum)
        self.kept = None

    def statistics(self, z):
        if self.training:
            return self.batch_statistics(z)
        if self.kept is None:
            self.kept = self.running_mean, self.running_var
        return self.kept


@misconception(
    "BatchNorm",
    "All layers share the memory of the last pass",
    hint="A network runs all its layers forward before the first of them goes back. What backward needs belongs on "
    "self, not on the class.",
)
class BatchNorm_shared_pass(_BatchNorm):
    passes = None

    def forward(self, z):
        out = super().forward(z)
        type(self).passes = self.last
        return out

    def backward(self, dout):
        self.last = type(self).passes
        return super().backward(dout)


@misconception(
    "BatchNorm",
    "All layers share one mode",
    hint="The mode belongs to the object: set it on self, not on the class.",
)
class BatchNorm_shared_mode(_BatchNorm):
    def __init__(self, n_features, eps=1e-5, momentum=0.1):
        super().__init__(n_features, eps, momentum)
        del self.training
        type(self).training = True

    def train(self):
        type(self).training = True
        return self

    def eval(self):
        type(self).training = False
        return self


@misconception(
    "BatchNorm",
    "Forgets gamma in the gradient of z",
    hint="On its way back the gradient meets the scaling first, in both modes. What does it do to it?",
)
class BatchNorm_backward_without_gamma(_BatchNorm):
    def backward(self, dout):
        gamma, self.gamma = self.gamma, np.ones_like(self.gamma)
        try:
            return super().backward(dout)
        finally:
            self.gamma = gamma


# batchnorm_layer ------------------------------------------------------------------------------------------------------


def _linear(a_prev, W, b):
    return _array(a_prev) @ _array(W).T + _array(b)


@misconception(
    "batchnorm_layer",
    "Normalises after the activation",
    hint="The order of the slides: linear, normalise, scale and shift, and only then the activation.",
)
def layer_batchnorm_after_relu(a_prev, W, b, gamma, beta, eps=1e-5):
    return _array(gamma) * _standardised(np.maximum(_linear(a_prev, W, b), 0), 0, eps) + beta


@misconception(
    "batchnorm_layer",
    "Adds the bias after the normalisation",
    hint="b is part of z, which is what is normalised. The shift after it is called beta.",
)
def layer_bias_after_normalization(a_prev, W, b, gamma, beta, eps=1e-5):
    return np.maximum(_array(gamma) * _standardised(_linear(a_prev, W, 0), 0, eps) + beta + _array(b), 0)


@misconception(
    "batchnorm_layer",
    "Forgets the activation",
    hint="Step 4 is missing: can your output be negative?",
)
def layer_without_relu(a_prev, W, b, gamma, beta, eps=1e-5):
    return _array(gamma) * _standardised(_linear(a_prev, W, b), 0, eps) + beta


@misconception(
    "batchnorm_layer",
    "Sigmoid as the activation",
    hint="On the slides sigma stands for any activation. Here it is ReLU.",
)
def layer_with_sigmoid(a_prev, W, b, gamma, beta, eps=1e-5):
    return 1 / (1 + np.exp(-(_array(gamma) * _standardised(_linear(a_prev, W, b), 0, eps) + beta)))


@misconception(
    "batchnorm_layer",
    "Activation before scale and shift",
    hint="Gamma and beta act on the normalised values before the activation sees them.",
)
def layer_relu_before_scale(a_prev, W, b, gamma, beta, eps=1e-5):
    return _array(gamma) * np.maximum(_standardised(_linear(a_prev, W, b), 0, eps), 0) + beta


@misconception(
    "batchnorm_layer",
    "No normalisation at all",
    hint="Step 2 is missing: z goes to gamma and beta as it is.",
)
def layer_without_normalization(a_prev, W, b, gamma, beta, eps=1e-5):
    return np.maximum(_array(gamma) * _linear(a_prev, W, b) + beta, 0)


@misconception(
    "batchnorm_layer",
    "Normalises each sample over its features",
    hint="That is layer normalisation. Batch normalisation takes the statistics of each feature over the rows.",
)
def layer_normalizes_rows(a_prev, W, b, gamma, beta, eps=1e-5):
    return np.maximum(_array(gamma) * _standardised(_linear(a_prev, W, b), 1, eps) + beta, 0)


@misconception(
    "batchnorm_layer",
    "Normalises the input instead of z",
    hint="What is normalised is the result of the linear part, not what goes into it.",
)
def layer_normalizes_input(a_prev, W, b, gamma, beta, eps=1e-5):
    return np.maximum(_array(gamma) * _linear(_standardised(a_prev, 0, eps), W, b) + beta, 0)


@misconception(
    "batchnorm_layer",
    "Normalises with the unbiased variance",
    hint="The batch is normalised with division by m.",
)
def layer_unbiased(a_prev, W, b, gamma, beta, eps=1e-5):
    return np.maximum(_array(gamma) * _standardised(_linear(a_prev, W, b), 0, eps, ddof=1) + beta, 0)


@misconception(
    "batchnorm_layer",
    "Epsilon added outside the root",
    hint="Epsilon is added to the variance before the root is taken.",
)
def layer_eps_outside(a_prev, W, b, gamma, beta, eps=1e-5):
    z = _linear(a_prev, W, b)
    return np.maximum(_array(gamma) * (z - z.mean(axis=0)) / (z.std(axis=0) + eps) + beta, 0)


@misconception(
    "batchnorm_layer",
    "Epsilon fixed at 1e-5",
    hint="Pass the given epsilon on to the normalisation.",
)
def layer_eps_hard_coded(a_prev, W, b, gamma, beta, eps=1e-5):
    return np.maximum(_array(gamma) * _standardised(_linear(a_prev, W, b), 0) + beta, 0)


@misconception(
    "batchnorm_layer",
    "Result in the integer type of the input",
    hint="np.empty_like and np.zeros_like copy the type as well: with integers everywhere, every fraction is cut off.",
)
def layer_in_type_of_z(a_prev, W, b, gamma, beta, eps=1e-5):
    z = np.asarray(a_prev) @ np.asarray(W).T + np.asarray(b)
    out = np.empty_like(z)
    out[...] = np.maximum(_array(gamma) * _standardised(z, 0, eps) + beta, 0)
    return out


@misconception(
    "batchnorm_layer",
    "Scales gamma in place",
    hint="`*=` and `/=` change the array that the caller still holds, here a parameter of the network. Make a new one.",
)
def layer_changes_gamma(a_prev, W, b, gamma, beta, eps=1e-5):
    z = _linear(a_prev, W, b)
    scale = gamma if _own(gamma) else _array(gamma).copy()
    scale /= np.sqrt(z.var(axis=0) + eps)
    return np.maximum(scale * (z - z.mean(axis=0)) + beta, 0)


# layer_norm -----------------------------------------------------------------------------------------------------------


@misconception(
    "layer_norm",
    "Normalises over the batch",
    hint="That is batch normalisation. Layer normalisation looks at one sample at a time.",
)
def layer_norm_over_batch(x, gamma, beta, eps=1e-5):
    return _array(gamma) * _standardised(x, 0, eps) + beta


@misconception(
    "layer_norm",
    "Normalises over axis 1 instead of the last axis",
    hint="For sequences (m, length, n) the features are on the last axis, and that one is axis 2.",
)
def layer_norm_axis_one(x, gamma, beta, eps=1e-5):
    return _array(gamma) * _standardised(x, 1, eps) + beta


@misconception(
    "layer_norm",
    "Normalises over all axes but the first",
    hint="In a sequence each position has a mean and a variance of its own; nothing is shared along the length.",
)
def layer_norm_over_sample(x, gamma, beta, eps=1e-5):
    x = _array(x)
    return _array(gamma) * _standardised(x, tuple(range(1, x.ndim)), eps) + beta


@misconception(
    "layer_norm",
    "One mean and variance for everything",
    hint="Each sample is normalised by itself. Change one row: do the others stay as they were?",
)
def layer_norm_global(x, gamma, beta, eps=1e-5):
    return _array(gamma) * _standardised(x, None, eps) + beta


@misconception(
    "layer_norm",
    "Normalises with the unbiased variance",
    hint="The variance divides by the number of features n, not by n - 1.",
)
def layer_norm_unbiased(x, gamma, beta, eps=1e-5):
    return _array(gamma) * _standardised(x, -1, eps, ddof=1) + beta


@misconception(
    "layer_norm",
    "Does not subtract the mean",
    hint="Dividing by the root mean square is RMSNorm, a later idea. Layer normalisation centres first.",
)
def layer_norm_is_rms_norm(x, gamma, beta, eps=1e-5):
    x = _array(x)
    return _array(gamma) * x / np.sqrt((x**2).mean(axis=-1, keepdims=True) + eps) + beta


@misconception(
    "layer_norm",
    "Epsilon added outside the root",
    hint="Epsilon is added to the variance before the root is taken.",
)
def layer_norm_eps_outside(x, gamma, beta, eps=1e-5):
    x = _array(x)
    x_hat = (x - x.mean(axis=-1, keepdims=True)) / (x.std(axis=-1, keepdims=True) + eps)
    return _array(gamma) * x_hat + beta


@misconception(
    "layer_norm",
    "Epsilon fixed at 1e-5",
    hint="The caller may choose another epsilon than the default.",
)
def layer_norm_eps_hard_coded(x, gamma, beta, eps=1e-5):
    return _array(gamma) * _standardised(x, -1) + beta


@misconception(
    "layer_norm",
    "Forgets gamma and beta",
    hint="Like batch normalisation, this one gives a learnt scale and mean back.",
)
def layer_norm_without_parameters(x, gamma, beta, eps=1e-5):
    return _standardised(x, -1, eps)


@misconception(
    "layer_norm",
    "Subtracts the mean from the caller's array",
    hint="`-=` on an array changes the array that the caller still holds. Make a new one.",
)
def layer_norm_in_place(x, gamma, beta, eps=1e-5):
    values = x if _own(x) else _array(x).copy()
    values -= values.mean(axis=-1, keepdims=True)
    return _array(gamma) * values / np.sqrt((values**2).mean(axis=-1, keepdims=True) + eps) + beta


@misconception(
    "layer_norm",
    "Forgets epsilon",
    hint="All features of a sample may be alike. What keeps the division alive then?",
)
def layer_norm_without_eps(x, gamma, beta, eps=1e-5):
    return _array(gamma) * _standardised(x, -1, 0.0) + beta


# group_norm -----------------------------------------------------------------------------------------------------------


def _channels(gamma, x_hat, beta):
    return _array(gamma).reshape(-1, 1, 1) * x_hat + _array(beta).reshape(-1, 1, 1)


def _groups(x, n_groups):
    """(m, C, H, W) as (m, groups, channels in the group, H, W)."""
    x = _array(x)
    if x.shape[1] % n_groups:
        raise ValueError("the channels cannot be cut into equal groups")
    return x.reshape(len(x), n_groups, -1, *x.shape[2:])


def _group_norm(x, n_groups, gamma, beta, eps, axis=(2, 3, 4), ddof=0):
    return _channels(gamma, _standardised(_groups(x, n_groups), axis, eps, ddof).reshape(np.shape(x)), beta)


@misconception(
    "group_norm",
    "Groups of every n-th channel",
    hint="A group consists of neighbouring channels: 0 and 1, then 2 and 3 - not 0 and 2, then 1 and 3.",
)
def group_norm_interleaved(x, n_groups, gamma, beta, eps=1e-5):
    x = _array(x)
    if x.shape[1] % n_groups:
        raise ValueError("the channels cannot be cut into equal groups")
    groups = x.reshape(len(x), -1, n_groups, *x.shape[2:])
    return _channels(gamma, _standardised(groups, (1, 3, 4), eps).reshape(x.shape), beta)


@misconception(
    "group_norm",
    "Shares the statistics between images",
    hint="No image of the batch has an influence on another. Over which axes may the mean run?",
)
def group_norm_over_batch(x, n_groups, gamma, beta, eps=1e-5):
    return _group_norm(x, n_groups, gamma, beta, eps, axis=(0, 2, 3, 4))


@misconception(
    "group_norm",
    "Batch normalisation of each channel",
    hint="Each channel gets one mean from all images of the batch. Here an image has its own, one for each group.",
)
def group_norm_is_batch_norm(x, n_groups, gamma, beta, eps=1e-5):
    _groups(x, n_groups)
    return _channels(gamma, _standardised(x, (0, 2, 3), eps), beta)


@misconception(
    "group_norm",
    "Statistics of each pixel",
    hint="The mean of a group runs over its channels and over all of their pixels.",
)
def group_norm_per_pixel(x, n_groups, gamma, beta, eps=1e-5):
    return _group_norm(x, n_groups, gamma, beta, eps, axis=2)


@misconception(
    "group_norm",
    "Statistics of each channel, whatever the groups",
    hint="That is what one group per channel gives (instance normalisation). The channels of a group share their "
    "statistics.",
)
def group_norm_per_channel(x, n_groups, gamma, beta, eps=1e-5):
    return _group_norm(x, n_groups, gamma, beta, eps, axis=(3, 4))


@misconception(
    "group_norm",
    "One group, whatever n_groups says",
    hint="You normalise the whole image at once. Cut its channels into n_groups groups first.",
)
def group_norm_whole_image(x, n_groups, gamma, beta, eps=1e-5):
    return _group_norm(x, n_groups, gamma, beta, eps, axis=(1, 2, 3, 4))


@misconception(
    "group_norm",
    "n_groups read as the size of a group",
    hint="n_groups counts the groups; each of them has C / n_groups channels.",
)
def group_norm_size_for_count(x, n_groups, gamma, beta, eps=1e-5):
    n_channels = np.shape(x)[1]
    if n_channels % n_groups:
        raise ValueError("the channels cannot be cut into equal groups")
    return _group_norm(x, n_channels // n_groups, gamma, beta, eps)


@misconception(
    "group_norm",
    "Accepts channels that do not divide into the groups",
    hint="With 5 channels and 2 groups no equal cut exists. Raise ValueError instead of making groups of different "
    "sizes.",
)
def group_norm_unequal_groups(x, n_groups, gamma, beta, eps=1e-5):
    x = _array(x)
    x_hat = np.concatenate([_standardised(g, (1, 2, 3), eps) for g in np.array_split(x, n_groups, axis=1)], axis=1)
    return _channels(gamma, x_hat, beta)


@misconception(
    "group_norm",
    "Gamma and beta along the width",
    hint="Gamma has one entry per channel, and the channels are axis 1. Broadcasting starts from the last axis.",
)
def group_norm_gamma_along_width(x, n_groups, gamma, beta, eps=1e-5):
    x_hat = _standardised(_groups(x, n_groups), (2, 3, 4), eps).reshape(np.shape(x))
    return _array(gamma) * x_hat + _array(beta)


@misconception(
    "group_norm",
    "Normalises with the unbiased variance",
    hint="The variance divides by the number of values in the group.",
)
def group_norm_unbiased(x, n_groups, gamma, beta, eps=1e-5):
    return _group_norm(x, n_groups, gamma, beta, eps, ddof=1)


@misconception(
    "group_norm",
    "Epsilon added outside the root",
    hint="Epsilon is added to the variance before the root is taken.",
)
def group_norm_eps_outside(x, n_groups, gamma, beta, eps=1e-5):
    groups = _groups(x, n_groups)
    axes = (2, 3, 4)
    x_hat = (groups - groups.mean(axis=axes, keepdims=True)) / (groups.std(axis=axes, keepdims=True) + eps)
    return _channels(gamma, x_hat.reshape(np.shape(x)), beta)


@misconception(
    "group_norm",
    "Epsilon fixed at 1e-5",
    hint="The caller may choose another epsilon than the default.",
)
def group_norm_eps_hard_coded(x, n_groups, gamma, beta, eps=1e-5):
    return _group_norm(x, n_groups, gamma, beta, 1e-5)


@misconception(
    "group_norm",
    "Writes into the caller's images",
    hint="A reshaped array shares its memory with the original: what you write into it, the caller sees too.",
)
def group_norm_in_place(x, n_groups, gamma, beta, eps=1e-5):
    images = x if _own(x) else _array(x).copy()
    groups = _groups(images, n_groups)
    groups -= groups.mean(axis=(2, 3, 4), keepdims=True)
    groups /= np.sqrt((groups**2).mean(axis=(2, 3, 4), keepdims=True) + eps)
    return _channels(gamma, groups.reshape(images.shape), beta)
