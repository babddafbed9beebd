"""Known wrong answers of `scaling`."""

import numpy as np

from grader.misconceptions.catalogue import misconception, reference

solutions = reference("scaling")


def _float(*arrays):
    return tuple(np.asarray(a, dtype=np.float64) for a in arrays)


def _quiet_divide(a, b):
    """a / b by broadcasting, 0 where b is 0."""
    a, b = np.broadcast_arrays(a, b)
    return np.divide(a, b, out=np.zeros(a.shape), where=b != 0)


# standardize


@misconception(
    "standardize",
    "Divides by the variance",
    hint="After scaling, each feature should have standard deviation 1. Does it? What are the units of your divisor?",
)
def standardize_by_variance(x, mean, std):
    x, mean, std = _float(x, mean, std)
    return _quiet_divide(x - mean, std**2)


@misconception(
    "standardize",
    "Multiplies by the standard deviation",
    hint="A feature with a wide spread should become narrower. Does yours?",
)
def standardize_multiplies(x, mean, std):
    x, mean, std = _float(x, mean, std)
    return (x - mean) * std


@misconception(
    "standardize", "Subtracts the value from the mean", hint="A value above the mean should get a positive z-score."
)
def standardize_sign(x, mean, std):
    x, mean, std = _float(x, mean, std)
    return _quiet_divide(mean - x, std)


@misconception(
    "standardize",
    "Divides before it subtracts the mean",
    hint="Which part of the fraction is above the line? Mind the brackets.",
)
def standardize_precedence(x, mean, std):
    x, mean, std = _float(x, mean, std)
    return np.where(std == 0, 0.0, _quiet_divide(x, std) - _quiet_divide(mean, np.ones_like(mean)))


@misconception(
    "standardize",
    "Only centres",
    hint="Two features in different units should end up with the same spread. Is there something left to do after "
    "centring?",
)
def standardize_only_centres(x, mean, std):
    x, mean = _float(x, mean)
    return x - mean


@misconception(
    "standardize",
    "Divides by a standard deviation of 0",
    hint="A constant feature has std 0, and 0/0 is nan. The contract says which value it should get instead.",
)
def standardize_zero_division(x, mean, std):
    x, mean, std = _float(x, mean, std)
    return (x - mean) / std


@misconception(
    "standardize",
    "Divides 0 by 0 first and repairs the result",
    hint="The numbers are right, but the division still happened and warned. Make the divisor harmless before you "
    "divide.",
)
def standardize_repairs(x, mean, std):
    x, mean, std = _float(x, mean, std)
    return np.nan_to_num((x - mean) / std, nan=0.0, posinf=0.0, neginf=0.0)


@misconception(
    "standardize",
    "Adds an epsilon to every standard deviation",
    hint="A feature with a really small spread is then no longer scaled to 1. Only a std of exactly 0 needs care.",
)
def standardize_epsilon(x, mean, std):
    x, mean, std = _float(x, mean, std)
    return (x - mean) / (std + 1e-8)


@misconception(
    "standardize",
    "Computes the statistics again from x",
    hint="The mean and std are arguments: in production they come from the training data, not from the batch at hand.",
)
def standardize_recomputes(x, mean, std):
    (x,) = _float(x)
    return _quiet_divide(x - x.mean(axis=0), x.std(axis=0))


@misconception(
    "standardize", "Uses one mean and one std for all features", hint="Each column has its own mean and its own std."
)
def standardize_global(x, mean, std):
    x, mean, std = _float(x, mean, std)
    return _quiet_divide(x - mean.mean(), std.mean())


@misconception(
    "standardize",
    "Applies the statistics to the rows",
    hint="The statistics have one entry per feature, and features are the columns. Try data with more rows than "
    "columns.",
)
def standardize_rows(x, mean, std):
    x, mean, std = _float(x, mean, std)
    return _quiet_divide(x - mean[:, None], std[:, None])


@misconception(
    "standardize",
    "Changes x in place",
    hint="Look at your input after the call. An operator such as -= writes into the caller's array.",
)
def standardize_in_place(x, mean, std):
    if not isinstance(x, np.ndarray) or x.dtype != np.float64:
        x = np.array(x, dtype=np.float64)
    mean, std = _float(mean, std)
    x -= mean
    x /= np.where(std == 0, 1.0, std)
    return x


@misconception(
    "standardize",
    "Keeps the integer type of x",
    hint="Give it integers: what does an integer array do with the digits behind the point?",
)
def standardize_integer(x, mean, std):
    x = np.asarray(x)
    out = np.empty_like(x)
    _, mean, std = _float(x, mean, std)
    with np.errstate(all="ignore"):
        out[...] = _quiet_divide(x - mean, std)
    return out


@misconception("standardize", "Computes in float32", hint="Half of the digits are gone. Which dtype do you convert to?")
def standardize_float32(x, mean, std):
    x, mean, std = _float(x, mean, std)
    return _quiet_divide(x - mean, std).astype(np.float32)


@misconception(
    "standardize",
    "Takes a small standard deviation for 0",
    hint="Distances in kilometres between the atoms of a molecule vary very little, and still vary. Which standard "
    "deviation alone needs care?",
)
def standardize_threshold(x, mean, std):
    x, mean, std = _float(x, mean, std)
    return (x - mean) / np.where(std < 1e-3, 1.0, std)


@misconception(
    "standardize",
    "Replaces the zeros in the caller's standard deviations",
    hint="np.asarray makes no copy of an array of floats: what you write into it, the caller sees too.",
)
def standardize_changes_std(x, mean, std):
    x, mean, std = _float(x, mean, std)
    std[std == 0] = 1.0
    return (x - mean) / std


# min_max


@misconception(
    "min_max",
    "Divides by the maximum without subtracting the minimum",
    hint="Where does the minimum land? It should land at 0.",
)
def min_max_over_maximum(x, minimum, maximum):
    x, maximum = _float(x, maximum)
    return _quiet_divide(x, maximum)


@misconception(
    "min_max",
    "Divides by the maximum instead of the range",
    hint="The minimum lands at 0, but where does the maximum land? Put x = maximum into your formula.",
)
def min_max_divides_by_maximum(x, minimum, maximum):
    x, minimum, maximum = _float(x, minimum, maximum)
    return _quiet_divide(x - minimum, maximum)


@misconception(
    "min_max",
    "Does not subtract the minimum",
    hint="Dividing by the range sets the width to 1, but where does the interval begin?",
)
def min_max_not_shifted(x, minimum, maximum):
    x, minimum, maximum = _float(x, minimum, maximum)
    return np.where(maximum == minimum, 0.0, _quiet_divide(x, maximum - minimum))


@misconception(
    "min_max", "Maps to [-1, 1]", hint="The width of your interval is 2. Which interval does the contract ask for?"
)
def min_max_symmetric(x, minimum, maximum):
    x, minimum, maximum = _float(x, minimum, maximum)
    return np.where(maximum == minimum, 0.0, 2 * _quiet_divide(x - minimum, maximum - minimum) - 1)


@misconception("min_max", "Turns the interval around", hint="The largest value should become 1, not 0.")
def min_max_reversed(x, minimum, maximum):
    x, minimum, maximum = _float(x, minimum, maximum)
    return _quiet_divide(maximum - x, maximum - minimum)


@misconception(
    "min_max",
    "Clips to [0, 1]",
    hint="A new value outside the limits carries information: two different values should not become the same number.",
)
def min_max_clips(x, minimum, maximum):
    return np.clip(solutions.min_max(x, minimum, maximum), 0.0, 1.0)


@misconception(
    "min_max",
    "Divides 0 by 0 for a constant feature",
    hint="If minimum and maximum are equal, the range is 0. The contract says what comes out then.",
)
def min_max_zero_division(x, minimum, maximum):
    x, minimum, maximum = _float(x, minimum, maximum)
    return (x - minimum) / (maximum - minimum)


@misconception(
    "min_max",
    "Gives 1 for a constant feature",
    hint="Look up what the contract says about a feature whose minimum and maximum are equal.",
)
def min_max_constant_one(x, minimum, maximum):
    _, minimum, maximum = _float(x, minimum, maximum)
    return np.where(maximum == minimum, 1.0, solutions.min_max(x, minimum, maximum))


@misconception(
    "min_max",
    "Adds an epsilon to every range",
    hint="The maximum should land at exactly 1, also when the range is tiny. Only a range of exactly 0 needs care.",
)
def min_max_epsilon(x, minimum, maximum):
    x, minimum, maximum = _float(x, minimum, maximum)
    return (x - minimum) / (maximum - minimum + 1e-8)


@misconception(
    "min_max",
    "Computes the limits again from x",
    hint="The limits are arguments: they come from the training data, not from the batch at hand.",
)
def min_max_recomputes(x, minimum, maximum):
    (x,) = _float(x)
    return solutions.min_max(x, x.min(axis=0), x.max(axis=0))


@misconception(
    "min_max", "Uses the same limits for all features", hint="Each column has its own minimum and its own maximum."
)
def min_max_global(x, minimum, maximum):
    minimum, maximum = _float(minimum, maximum)
    return solutions.min_max(x, minimum.min(), maximum.max())


@misconception(
    "min_max",
    "Changes x in place",
    hint="Look at your input after the call. An operator such as -= writes into the caller's array.",
)
def min_max_in_place(x, minimum, maximum):
    if not isinstance(x, np.ndarray) or x.dtype != np.float64:
        x = np.array(x, dtype=np.float64)
    minimum, maximum = _float(minimum, maximum)
    x -= minimum
    x /= np.where(maximum == minimum, 1.0, maximum - minimum)
    return x


@misconception(
    "min_max",
    "Keeps the integer type of x",
    hint="Give it integers: what does an integer array do with the digits behind the point?",
)
def min_max_integer(x, minimum, maximum):
    return solutions.min_max(x, minimum, maximum).astype(np.asarray(x).dtype)


@misconception(
    "min_max",
    "Subtracts in the integer type of the data",
    hint="In bytes 3 - 4 is 255. Convert to float64 before you subtract.",
)
def min_max_wraps(x, minimum, maximum):
    x, minimum, maximum = np.asarray(x), np.asarray(minimum), np.asarray(maximum)
    return _quiet_divide(x - minimum, maximum - minimum)


# scale_bytes


@misconception(
    "scale_bytes", "Divides as integers", hint="Which values does your result hold? // throws the remainder away."
)
def scale_bytes_floor(x):
    return np.asarray(x) // 255


@misconception(
    "scale_bytes",
    "Divides by 256",
    hint="A byte has 256 values, but the largest of them is not 256. Where does white land?",
)
def scale_bytes_256(x):
    return np.asarray(x, dtype=np.float64) / 256.0


@misconception(
    "scale_bytes",
    "Divides by the largest value of the image",
    hint="A dark image would come out as bright as a light one. The divisor is a constant.",
)
def scale_bytes_own_maximum(x):
    (x,) = _float(x)
    return x / max(float(x.max(initial=0.0)), 1.0)


@misconception(
    "scale_bytes",
    "Stretches the image to its own minimum and maximum",
    hint="That is min-max with the limits of this image. Here the limits are those of the data type.",
)
def scale_bytes_stretches(x):
    (x,) = _float(x)
    low, high = x.min(initial=255.0), x.max(initial=0.0)
    return (x - low) / (high - low) if high > low else np.zeros_like(x)


@misconception("scale_bytes", "Maps to [-1, 1]", hint="Black should be 0. Which value does it get?")
def scale_bytes_symmetric(x):
    return np.asarray(x, dtype=np.float64) / 127.5 - 1.0


@misconception(
    "scale_bytes", "Reads bytes as signed numbers", hint="Bright pixels come out negative: int8 ends at 127."
)
def scale_bytes_signed(x):
    return np.asarray(x).astype(np.int64).astype(np.int8) / 255.0


@misconception(
    "scale_bytes",
    "Lets uint8 overflow before the division",
    hint="Arithmetic between uint8 values stays in uint8, and 255 + 1 is 0 there. Convert first, compute afterwards.",
)
def scale_bytes_overflow(x):
    x = np.asarray(x).astype(np.int64).astype(np.uint8)
    return (x * np.uint8(2)) / 510.0


@misconception("scale_bytes", "Computes in float32", hint="Half of the digits are gone. Which dtype do you convert to?")
def scale_bytes_float32(x):
    return np.asarray(x).astype(np.float32) / np.float32(255)


@misconception(
    "scale_bytes",
    "Rounds to two decimals",
    hint="There are 256 different bytes, so there should be 256 different results.",
)
def scale_bytes_rounds(x):
    return np.round(np.asarray(x, dtype=np.float64) / 255.0, 2)


@misconception(
    "scale_bytes", "Flattens the image", hint="Compare the shape of what goes in with the shape of what comes out."
)
def scale_bytes_flattens(x):
    return np.asarray(x, dtype=np.float64).ravel() / 255.0


@misconception(
    "scale_bytes",
    "Divides only when a value is above 1",
    hint="An image of bytes may hold nothing but 0 and 1: it is nearly black, and should stay so.",
)
def scale_bytes_guesses(x):
    x = np.asarray(x, dtype=np.float64)
    return x / 255.0 if x.max() > 1 else x


# StandardScaler


@misconception(
    "StandardScaler",
    "Sample standard deviation (m - 1)",
    hint="There are two standard deviations, and they differ most for few rows. Which of them does the contract name?",
)
class StandardScaler_sample_std(solutions.StandardScaler):
    def fit(self, x):
        (x,) = _float(x)
        self.mean_, self.std_ = x.mean(axis=0), x.std(axis=0, ddof=1)
        return self


@misconception(
    "StandardScaler",
    "Divides by the variance",
    hint="Is what you keep in std_ in the units of the feature, or in their square?",
)
class StandardScaler_variance(solutions.StandardScaler):
    def fit(self, x):
        super().fit(x)
        self.std_ = self.std_**2
        return self


@misconception(
    "StandardScaler",
    "Statistics over all features together",
    hint="Without an axis, mean and std run over the whole array. How many means should there be?",
)
class StandardScaler_global(solutions.StandardScaler):
    def fit(self, x):
        (x,) = _float(x)
        self.mean_, self.std_ = x.mean(), x.std()
        return self


@misconception(
    "StandardScaler",
    "Statistics per sample instead of per feature",
    hint="Which axis disappears when you average over the samples? mean_ should have one entry per feature.",
)
class StandardScaler_rows(solutions.StandardScaler):
    def fit(self, x):
        (x,) = _float(x)
        self.mean_, self.std_ = x.mean(axis=1), x.std(axis=1)
        return self


@misconception(
    "StandardScaler",
    "One standard deviation for all features",
    hint="Each feature has its own spread; after scaling each one should have standard deviation 1.",
)
class StandardScaler_shared_std(solutions.StandardScaler):
    def fit(self, x):
        super().fit(x)
        self.std_ = np.std(np.asarray(x, dtype=np.float64))
        return self


@misconception(
    "StandardScaler",
    "Median instead of mean",
    hint="Standardising is not robust scaling: after it the mean of each feature should be 0.",
)
class StandardScaler_median(solutions.StandardScaler):
    def fit(self, x):
        super().fit(x)
        self.mean_ = np.median(np.asarray(x, dtype=np.float64), axis=0)
        return self


@misconception(
    "StandardScaler",
    "Mean absolute deviation instead of standard deviation",
    hint="How are distances to the mean averaged in a standard deviation?",
)
class StandardScaler_absolute_deviation(solutions.StandardScaler):
    def fit(self, x):
        super().fit(x)
        self.std_ = np.mean(np.abs(np.asarray(x, dtype=np.float64) - self.mean_), axis=0)
        return self


@misconception(
    "StandardScaler",
    "Variance as mean of squares minus square of mean",
    hint="For values around 10 million the two terms agree in nearly all their digits. Square the distances to "
    "the mean instead.",
)
class StandardScaler_cancellation(solutions.StandardScaler):
    def fit(self, x):
        (x,) = _float(x)
        self.mean_ = x.mean(axis=0)
        self.std_ = np.sqrt(np.maximum((x**2).mean(axis=0) - self.mean_**2, 0.0))
        return self


@misconception(
    "StandardScaler", "Computes in float32", hint="Half of the digits are gone. Which dtype do you convert to?"
)
class StandardScaler_float32(solutions.StandardScaler):
    def fit(self, x):
        super().fit(np.asarray(x, dtype=np.float32))
        self.mean_, self.std_ = self.mean_.astype(np.float32), self.std_.astype(np.float32)
        return self


@misconception(
    "StandardScaler",
    "Adds an epsilon to every standard deviation",
    hint="A feature with a really small spread is then no longer scaled to 1. Only a std of exactly 0 needs care.",
)
class StandardScaler_epsilon(solutions.StandardScaler):
    def transform(self, x):
        if self.mean_ is None:
            raise ValueError("not fitted")
        return (np.asarray(x, dtype=np.float64) - self.mean_) / (self.std_ + 1e-8)


@misconception(
    "StandardScaler",
    "Divides 0 by 0 for a constant feature",
    hint="The std of a constant feature is 0, and 0/0 is nan. The contract says which value it should get instead.",
)
class StandardScaler_zero_division(solutions.StandardScaler):
    def transform(self, x):
        if self.mean_ is None:
            raise ValueError("not fitted")
        return (np.asarray(x, dtype=np.float64) - self.mean_) / self.std_


@misconception(
    "StandardScaler",
    "A constant feature does not come back",
    hint="transform gives 0 for a constant feature, but inverse_transform should still know which constant it was.",
)
class StandardScaler_forgets_constant(solutions.StandardScaler):
    def inverse_transform(self, x):
        return np.where(self.std_ == 0, 0.0, super().inverse_transform(x))


@misconception(
    "StandardScaler",
    "transform fits again",
    hint="transform uses what fit has learnt from the training data. Give it a shifted batch: does the shift survive?",
)
class StandardScaler_transform_refits(solutions.StandardScaler):
    def transform(self, x):
        if self.mean_ is None:
            raise ValueError("not fitted")
        return self.fit(x)._scaled(x)

    def _scaled(self, x):
        return solutions.standardize(x, self.mean_, self.std_)


@misconception(
    "StandardScaler",
    "transform uses the statistics of its own batch",
    hint="fit keeps the right statistics, but transform does not use them. Give it a shifted batch: does the "
    "shift survive?",
)
class StandardScaler_transform_own_statistics(solutions.StandardScaler):
    def transform(self, x):
        if self.mean_ is None:
            raise ValueError("not fitted")
        (x,) = _float(x)
        return _quiet_divide(x - x.mean(axis=0), x.std(axis=0))


@misconception(
    "StandardScaler",
    "transform updates the statistics",
    hint="Transform the same batch twice: the result should be the same. Only fit may learn.",
)
class StandardScaler_transform_learns(solutions.StandardScaler):
    def transform(self, x):
        out = super().transform(x)
        self.mean_ = 0.9 * self.mean_ + 0.1 * np.mean(np.asarray(x, dtype=np.float64), axis=0)
        return out


@misconception(
    "StandardScaler",
    "Transforms without having been fitted",
    hint="A scaler that has learnt nothing should say so. Returning the data unscaled hides the mistake.",
)
class StandardScaler_unfitted_identity(solutions.StandardScaler):
    def transform(self, x):
        if self.mean_ is None:
            return np.array(x, dtype=np.float64)
        return super().transform(x)


@misconception(
    "StandardScaler",
    "Fits itself when transform comes first",
    hint="If transform silently fits on whatever it gets, the first test batch becomes the training data.",
)
class StandardScaler_unfitted_fits(solutions.StandardScaler):
    def transform(self, x):
        if self.mean_ is None:
            self.fit(x)
        return super().transform(x)


@misconception(
    "StandardScaler",
    "Another error than ValueError before fit",
    hint="transform before fit should raise the error that the contract names, with a sentence that says what was "
    "wrong.",
)
class StandardScaler_unfitted_attribute_error(solutions.StandardScaler):
    def transform(self, x):
        if self.mean_ is None:
            raise AttributeError("'StandardScaler' object has no attribute 'mean_'")
        return super().transform(x)


@misconception(
    "StandardScaler",
    "fit returns nothing",
    hint="StandardScaler().fit(x).transform(x) should work in one line. What does a method without return give back?",
)
class StandardScaler_fit_returns_none(solutions.StandardScaler):
    def fit(self, x):
        super().fit(x)

    def fit_transform(self, x):
        self.fit(x)
        return self.transform(x)


@misconception(
    "StandardScaler", "Only the first fit counts", hint="Fit to other data: the old statistics should be gone."
)
class StandardScaler_first_fit(solutions.StandardScaler):
    def fit(self, x):
        return self if self.mean_ is not None else super().fit(x)


@misconception(
    "StandardScaler",
    "A second fit is averaged with the first",
    hint="fit starts from nothing each time; what was learnt before should not show any more.",
)
class StandardScaler_accumulates(solutions.StandardScaler):
    def fit(self, x):
        old = self.mean_, self.std_
        super().fit(x)
        if old[0] is not None:
            self.mean_, self.std_ = (old[0] + self.mean_) / 2, (old[1] + self.std_) / 2
        return self


@misconception(
    "StandardScaler",
    "All scalers share one state",
    hint="Make two scalers and fit them to different data. Are the statistics stored on the object or on its class?",
)
class StandardScaler_class_state(solutions.StandardScaler):
    def __init__(self):
        cls = type(self)
        cls.mean_, cls.std_ = None, None

    def fit(self, x):
        other = solutions.StandardScaler().fit(x)
        type(self).mean_, type(self).std_ = other.mean_, other.std_
        return self

    @classmethod
    def load(cls, path):
        other = solutions.StandardScaler.load(path)
        scaler = cls()
        cls.mean_, cls.std_ = other.mean_, other.std_
        return scaler


@misconception(
    "StandardScaler",
    "fit_transform does not keep what it learnt",
    hint="After fit_transform on the training data, transform should work on the test data.",
)
class StandardScaler_fit_transform_forgets(solutions.StandardScaler):
    def fit_transform(self, x):
        return type(self)().fit(x).transform(x)


@misconception(
    "StandardScaler",
    "inverse_transform does not add the mean",
    hint="Which steps did transform take? Undo each of them, the last one first.",
)
class StandardScaler_inverse_without_mean(solutions.StandardScaler):
    def inverse_transform(self, x):
        return np.asarray(x, dtype=np.float64) * self.std_


@misconception(
    "StandardScaler",
    "inverse_transform undoes the steps in the wrong order",
    hint="transform subtracts and then divides. Which of the two has to be undone first?",
)
class StandardScaler_inverse_order(solutions.StandardScaler):
    def inverse_transform(self, x):
        std = np.where(self.std_ == 0, 1.0, self.std_)
        return (np.asarray(x, dtype=np.float64) + self.mean_) * std


@misconception(
    "StandardScaler",
    "inverse_transform transforms once more",
    hint="transform and then inverse_transform should give back what you started with.",
)
class StandardScaler_inverse_is_transform(solutions.StandardScaler):
    def inverse_transform(self, x):
        return self.transform(x)


@misconception(
    "StandardScaler",
    "Changes x in place",
    hint="Look at your input after the call. An operator such as -= writes into the caller's array.",
)
class StandardScaler_in_place(solutions.StandardScaler):
    def transform(self, x):
        if self.mean_ is None:
            raise ValueError("not fitted")
        if not isinstance(x, np.ndarray) or x.dtype != np.float64:
            x = np.array(x, dtype=np.float64)
        x -= self.mean_
        x /= np.where(self.std_ == 0, 1.0, self.std_)
        return x


@misconception(
    "StandardScaler",
    "load gives a scaler that is not fitted",
    hint="load should fill the new scaler with what it finds in the file.",
)
class StandardScaler_load_empty(solutions.StandardScaler):
    @classmethod
    def load(cls, path):
        return cls()


@misconception(
    "StandardScaler",
    "load swaps mean and standard deviation",
    hint="Compare mean_ and std_ before save and after load. In which order did you write them, in which do you "
    "read them?",
)
class StandardScaler_load_swaps(solutions.StandardScaler):
    @classmethod
    def load(cls, path):
        scaler = super().load(path)
        scaler.mean_, scaler.std_ = scaler.std_, scaler.mean_
        return scaler


@misconception(
    "StandardScaler", "Saves the mean only", hint="What does transform need? All of it has to be in the file."
)
class StandardScaler_saves_mean_only(solutions.StandardScaler):
    @classmethod
    def load(cls, path):
        scaler = super().load(path)
        scaler.std_ = np.ones_like(scaler.mean_)
        return scaler


@misconception(
    "StandardScaler",
    "Saves in float32",
    hint="The loaded scaler should transform exactly as before: how many digits does the file keep?",
)
class StandardScaler_saves_float32(solutions.StandardScaler):
    def save(self, path):
        np.savez(path, mean_=self.mean_.astype(np.float32), std_=self.std_.astype(np.float32))


@misconception(
    "StandardScaler",
    "load ignores the path",
    hint="Save two different scalers to two files and load the first one. Does load really read its file?",
)
class StandardScaler_load_last_saved(solutions.StandardScaler):
    _last = None

    def save(self, path):
        super().save(path)
        StandardScaler_load_last_saved._last = path

    @classmethod
    def load(cls, path):
        return super().load(StandardScaler_load_last_saved._last or path)


@misconception(
    "StandardScaler",
    "Takes a small standard deviation for 0",
    hint="Measure the same data in a much larger unit: the numbers get small, the scaled data stay as they are. Do "
    "yours?",
)
class StandardScaler_threshold(solutions.StandardScaler):
    def fit(self, x):
        super().fit(x)
        self.std_ = np.where(self.std_ < 1e-3, 1.0, self.std_)
        return self


@misconception(
    "StandardScaler",
    "Takes a mean of 0 for a scaler without fit",
    hint="Fit to data that are centred already: all their means are 0. How else can you tell that fit has run?",
)
class StandardScaler_zero_is_unfitted(solutions.StandardScaler):
    def transform(self, x):
        if not np.any(self.mean_):
            raise ValueError("not fitted")
        return super().transform(x)


@misconception(
    "StandardScaler",
    "load writes into the class",
    hint="Load two files: which statistics does the first scaler have then? In a class method, cls is the class, "
    "which all scalers share. Make an object first.",
)
class StandardScaler_load_into_class(solutions.StandardScaler):
    mean_, std_ = None, None

    def __init__(self):
        pass

    @classmethod
    def load(cls, path):
        other = solutions.StandardScaler.load(path)
        cls.mean_, cls.std_ = other.mean_, other.std_
        return cls()


# MinMaxScaler


@misconception(
    "MinMaxScaler",
    "Limits over all features together",
    hint="Without an axis, min and max run over the whole array. How many minima should there be?",
)
class MinMaxScaler_global(solutions.MinMaxScaler):
    def fit(self, x):
        (x,) = _float(x)
        self.min_, self.max_ = x.min(), x.max()
        return self


@misconception(
    "MinMaxScaler",
    "Limits per sample instead of per feature",
    hint="Which axis disappears when you take the minimum over the samples? min_ should have one entry per feature.",
)
class MinMaxScaler_rows(solutions.MinMaxScaler):
    def fit(self, x):
        (x,) = _float(x)
        self.min_, self.max_ = x.min(axis=1), x.max(axis=1)
        return self


@misconception(
    "MinMaxScaler",
    "Clips new values to [0, 1]",
    hint="A test value outside the training range carries information: two different values should not become the "
    "same.",
)
class MinMaxScaler_clips(solutions.MinMaxScaler):
    def transform(self, x):
        return np.clip(super().transform(x), 0.0, 1.0)


@misconception(
    "MinMaxScaler", "Maps to [-1, 1]", hint="The width of your interval is 2. Which interval does the contract ask for?"
)
class MinMaxScaler_symmetric(solutions.MinMaxScaler):
    def transform(self, x):
        out = super().transform(x)
        return np.where(self.max_ == self.min_, 0.0, 2 * out - 1)

    def inverse_transform(self, x):
        x = np.where(self.max_ == self.min_, 0.0, (np.asarray(x, dtype=np.float64) + 1) / 2)
        return super().inverse_transform(x)


@misconception(
    "MinMaxScaler",
    "Divides by the maximum instead of the range",
    hint="The minimum lands at 0, but where does the maximum land?",
)
class MinMaxScaler_divides_by_maximum(solutions.MinMaxScaler):
    def transform(self, x):
        if self.min_ is None:
            raise ValueError("not fitted")
        return _quiet_divide(np.asarray(x, dtype=np.float64) - self.min_, self.max_)


@misconception(
    "MinMaxScaler",
    "Limits symmetric around 0",
    hint="The minimum of each feature should land at 0. Is the smallest value really minus the largest absolute value?",
)
class MinMaxScaler_max_abs(solutions.MinMaxScaler):
    def fit(self, x):
        super().fit(x)
        largest = np.maximum(np.abs(self.min_), np.abs(self.max_))
        constant = self.min_ == self.max_
        self.min_, self.max_ = np.where(constant, self.min_, -largest), np.where(constant, self.max_, largest)
        return self


@misconception(
    "MinMaxScaler",
    "Divides 0 by 0 for a constant feature",
    hint="If minimum and maximum are equal, the range is 0. The contract says what comes out then.",
)
class MinMaxScaler_zero_division(solutions.MinMaxScaler):
    def transform(self, x):
        if self.min_ is None:
            raise ValueError("not fitted")
        return (np.asarray(x, dtype=np.float64) - self.min_) / (self.max_ - self.min_)


@misconception(
    "MinMaxScaler",
    "Adds an epsilon to every range",
    hint="The maximum should land at exactly 1, also when the range is tiny. Only a range of exactly 0 needs care.",
)
class MinMaxScaler_epsilon(solutions.MinMaxScaler):
    def transform(self, x):
        if self.min_ is None:
            raise ValueError("not fitted")
        return (np.asarray(x, dtype=np.float64) - self.min_) / (self.max_ - self.min_ + 1e-8)


@misconception(
    "MinMaxScaler",
    "A constant feature does not come back",
    hint="transform gives 0 for a constant feature, but inverse_transform should still know which constant it was.",
)
class MinMaxScaler_forgets_constant(solutions.MinMaxScaler):
    def inverse_transform(self, x):
        return np.where(self.min_ == self.max_, 0.0, super().inverse_transform(x))


@misconception(
    "MinMaxScaler",
    "transform fits again",
    hint="transform uses the limits of the training data. Give it a shifted batch: does the shift survive?",
)
class MinMaxScaler_transform_refits(solutions.MinMaxScaler):
    def transform(self, x):
        if self.min_ is None:
            raise ValueError("not fitted")
        self.fit(x)
        return solutions.min_max(x, self.min_, self.max_)


@misconception(
    "MinMaxScaler",
    "transform uses the limits of its own batch",
    hint="fit keeps the right limits, but transform does not use them. Give it values in the middle of the training "
    "range: do they stay there?",
)
class MinMaxScaler_transform_own_limits(solutions.MinMaxScaler):
    def transform(self, x):
        if self.min_ is None:
            raise ValueError("not fitted")
        (x,) = _float(x)
        return solutions.min_max(x, x.min(axis=0), x.max(axis=0))


@misconception(
    "MinMaxScaler", "Only the first fit counts", hint="Fit to other data: the old limits should be gone."
)
class MinMaxScaler_first_fit(solutions.MinMaxScaler):
    def fit(self, x):
        return self if self.min_ is not None else super().fit(x)


@misconception(
    "MinMaxScaler",
    "Takes limits of 0 for a scaler without fit",
    hint="Fit to data whose largest value is 0 in each feature. How else can you tell that fit has run?",
)
class MinMaxScaler_zero_is_unfitted(solutions.MinMaxScaler):
    def transform(self, x):
        if not np.any(self.max_):
            raise ValueError("not fitted")
        return super().transform(x)


@misconception(
    "MinMaxScaler",
    "transform widens the limits",
    hint="Transform the same batch twice: the result should be the same. Only fit may learn.",
)
class MinMaxScaler_transform_learns(solutions.MinMaxScaler):
    def transform(self, x):
        out = super().transform(x)
        (x,) = _float(x)
        self.min_, self.max_ = np.minimum(self.min_, x.min(axis=0)), np.maximum(self.max_, x.max(axis=0))
        return out


@misconception(
    "MinMaxScaler",
    "A second fit widens the limits of the first",
    hint="fit starts from nothing each time; what was learnt before should not show any more.",
)
class MinMaxScaler_accumulates(solutions.MinMaxScaler):
    def fit(self, x):
        old = self.min_, self.max_
        super().fit(x)
        if old[0] is not None:
            self.min_, self.max_ = np.minimum(old[0], self.min_), np.maximum(old[1], self.max_)
        return self


@misconception(
    "MinMaxScaler",
    "Transforms without having been fitted",
    hint="A scaler that has learnt nothing should say so. Returning the data unscaled hides the mistake.",
)
class MinMaxScaler_unfitted_identity(solutions.MinMaxScaler):
    def transform(self, x):
        if self.min_ is None:
            return np.array(x, dtype=np.float64)
        return super().transform(x)


@misconception(
    "MinMaxScaler",
    "fit returns nothing",
    hint="MinMaxScaler().fit(x).transform(x) should work in one line. What does a method without return give back?",
)
class MinMaxScaler_fit_returns_none(solutions.MinMaxScaler):
    def fit(self, x):
        super().fit(x)

    def fit_transform(self, x):
        self.fit(x)
        return self.transform(x)


@misconception(
    "MinMaxScaler",
    "inverse_transform does not add the minimum",
    hint="Which steps did transform take? Undo each of them, the last one first.",
)
class MinMaxScaler_inverse_without_minimum(solutions.MinMaxScaler):
    def inverse_transform(self, x):
        return np.asarray(x, dtype=np.float64) * (self.max_ - self.min_)


@misconception(
    "MinMaxScaler",
    "inverse_transform multiplies by the maximum",
    hint="By what did transform divide? Multiply by the same.",
)
class MinMaxScaler_inverse_by_maximum(solutions.MinMaxScaler):
    def inverse_transform(self, x):
        return np.asarray(x, dtype=np.float64) * self.max_ + self.min_


@misconception(
    "MinMaxScaler",
    "load swaps minimum and maximum",
    hint="Compare min_ and max_ before save and after load. In which order did you write them, in which do you "
    "read them?",
)
class MinMaxScaler_load_swaps(solutions.MinMaxScaler):
    @classmethod
    def load(cls, path):
        scaler = super().load(path)
        scaler.min_, scaler.max_ = scaler.max_, scaler.min_
        return scaler


@misconception(
    "MinMaxScaler",
    "Saves rounded limits",
    hint="The loaded scaler should transform exactly as before: how many digits does the file keep?",
)
class MinMaxScaler_saves_rounded(solutions.MinMaxScaler):
    def save(self, path):
        np.savez(path, min_=np.round(self.min_, 4), max_=np.round(self.max_, 4))


# ChannelScaler


@misconception(
    "ChannelScaler",
    "Statistics over all channels together",
    hint="Red, green and blue each have their own mean. How many means do you keep?",
)
class ChannelScaler_global(solutions.ChannelScaler):
    def fit(self, x):
        (x,) = _float(x)
        self.mean_, self.std_ = x.mean(), x.std()
        return self

    def transform(self, x):
        if self.mean_ is None:
            raise ValueError("not fitted")
        return _quiet_divide(np.asarray(x, dtype=np.float64) - self.mean_, self.std_)


@misconception(
    "ChannelScaler",
    "Statistics per pixel",
    hint="Averaging over the images alone leaves one mean per pixel. Over which of the four axes should you average?",
)
class ChannelScaler_per_pixel(solutions.ChannelScaler):
    def fit(self, x):
        (x,) = _float(x)
        self.mean_, self.std_ = x.mean(axis=0), x.std(axis=0)
        return self

    def transform(self, x):
        if self.mean_ is None:
            raise ValueError("not fitted")
        return solutions.standardize(x, self.mean_, self.std_)


@misconception(
    "ChannelScaler",
    "Each image is scaled by itself",
    hint="A dark image and a light one come out alike. The statistics belong to the training set, not to one image.",
)
class ChannelScaler_per_image(solutions.ChannelScaler):
    def transform(self, x):
        if self.mean_ is None:
            raise ValueError("not fitted")
        (x,) = _float(x)
        return _quiet_divide(x - x.mean(axis=(2, 3), keepdims=True), x.std(axis=(2, 3), keepdims=True))


@misconception(
    "ChannelScaler",
    "Averages the standard deviations of the images",
    hint="The spread between the images counts as well. Take the std over all values of the channel at once.",
)
class ChannelScaler_mean_of_stds(solutions.ChannelScaler):
    def fit(self, x):
        super().fit(x)
        self.std_ = np.asarray(x, dtype=np.float64).std(axis=(2, 3)).mean(axis=0)
        return self


@misconception(
    "ChannelScaler",
    "Takes the last axis for the channels",
    hint="The layout is (m, C, H, W). Which axis is left when you average over 0, 1 and 2?",
)
class ChannelScaler_channels_last(solutions.ChannelScaler):
    def fit(self, x):
        (x,) = _float(x)
        self.mean_, self.std_ = x.mean(axis=(0, 1, 2)), x.std(axis=(0, 1, 2))
        return self

    def transform(self, x):
        if self.mean_ is None:
            raise ValueError("not fitted")
        return solutions.standardize(x, self.mean_, self.std_)


@misconception(
    "ChannelScaler",
    "Lets the statistics broadcast along the width",
    hint="Shapes (m, C, H, W) and (C,) line up at their last axes. Where does C have to stand to meet the channels?",
)
class ChannelScaler_broadcast_width(solutions.ChannelScaler):
    def transform(self, x):
        if self.mean_ is None:
            raise ValueError("not fitted")
        return solutions.standardize(x, self.mean_, self.std_)


@misconception(
    "ChannelScaler",
    "Keeps the statistics as (1, C, 1, 1)",
    hint="That shape is handy inside transform, but the contract gives the shape of mean_ and std_.",
)
class ChannelScaler_keepdims(solutions.ChannelScaler):
    def fit(self, x):
        (x,) = _float(x)
        self.mean_, self.std_ = x.mean(axis=(0, 2, 3), keepdims=True), x.std(axis=(0, 2, 3), keepdims=True)
        return self

    def transform(self, x):
        if self.mean_ is None:
            raise ValueError("not fitted")
        return solutions.standardize(x, self.mean_, self.std_)


@misconception(
    "ChannelScaler",
    "Sample standard deviation",
    hint="There are two standard deviations, and they differ most for few values. Which of them does the contract "
    "name?",
)
class ChannelScaler_sample_std(solutions.ChannelScaler):
    def fit(self, x):
        super().fit(x)
        self.std_ = np.asarray(x, dtype=np.float64).std(axis=(0, 2, 3), ddof=1)
        return self


@misconception(
    "ChannelScaler",
    "Only centres the channels",
    hint="After scaling each channel should have standard deviation 1 on the training images.",
)
class ChannelScaler_only_centres(solutions.ChannelScaler):
    def transform(self, x):
        if self.mean_ is None:
            raise ValueError("not fitted")
        return np.asarray(x, dtype=np.float64) - self.mean_[:, None, None]


@misconception(
    "ChannelScaler",
    "Adds an epsilon to every standard deviation",
    hint="Only a channel that is really constant needs special treatment. How large is a small epsilon beside a small "
    "standard deviation?",
)
class ChannelScaler_epsilon(solutions.ChannelScaler):
    def transform(self, x):
        if self.mean_ is None:
            raise ValueError("not fitted")
        return (np.asarray(x, dtype=np.float64) - self.mean_[:, None, None]) / (self.std_ + 1e-8)[:, None, None]


@misconception(
    "ChannelScaler",
    "Takes a small standard deviation for 0",
    hint="Measure the same images in a much larger unit: the numbers get small, the scaled images stay as they are. Do "
    "yours?",
)
class ChannelScaler_threshold(solutions.ChannelScaler):
    def fit(self, x):
        super().fit(x)
        self.std_ = np.where(self.std_ < 1e-3, 1.0, self.std_)
        return self


@misconception(
    "ChannelScaler",
    "transform fits again",
    hint="transform uses what fit has learnt from the training images. Give it brighter images: do they stay brighter?",
)
class ChannelScaler_transform_refits(solutions.ChannelScaler):
    def transform(self, x):
        if self.mean_ is None:
            raise ValueError("not fitted")
        self.fit(x)
        return super().transform(x)


@misconception(
    "ChannelScaler",
    "All scalers share one state",
    hint="Make two scalers and fit them to different images. Are the statistics stored on the object or on its class?",
)
class ChannelScaler_class_state(solutions.ChannelScaler):
    def __init__(self):
        type(self).mean_, type(self).std_ = None, None

    def fit(self, x):
        other = solutions.ChannelScaler().fit(x)
        type(self).mean_, type(self).std_ = other.mean_, other.std_
        return self


@misconception(
    "ChannelScaler",
    "Transforms without having been fitted",
    hint="A scaler that has learnt nothing should say so. Returning the images unscaled hides the mistake.",
)
class ChannelScaler_unfitted_identity(solutions.ChannelScaler):
    def transform(self, x):
        if self.mean_ is None:
            return np.array(x, dtype=np.float64)
        return super().transform(x)


@misconception(
    "ChannelScaler",
    "fit returns nothing",
    hint="ChannelScaler().fit(x).transform(x) should work in one line. What does a method without return give back?",
)
class ChannelScaler_fit_returns_none(solutions.ChannelScaler):
    def fit(self, x):
        super().fit(x)

    def fit_transform(self, x):
        self.fit(x)
        return self.transform(x)


@misconception(
    "ChannelScaler",
    "Divides 0 by 0 for a constant channel",
    hint="The std of a constant channel is 0, and 0/0 is nan. The contract says which value it should get instead.",
)
class ChannelScaler_zero_division(solutions.ChannelScaler):
    def transform(self, x):
        if self.mean_ is None:
            raise ValueError("not fitted")
        return (np.asarray(x, dtype=np.float64) - self.mean_[:, None, None]) / self.std_[:, None, None]


@misconception(
    "ChannelScaler",
    "Scales to [0, 1] per channel",
    hint="That is min-max. A ChannelScaler standardises: mean 0, standard deviation 1.",
)
class ChannelScaler_min_max(solutions.ChannelScaler):
    def fit(self, x):
        (x,) = _float(x)
        self.mean_, self.std_ = x.min(axis=(0, 2, 3)), np.ptp(x, axis=(0, 2, 3))
        return self


@misconception(
    "ChannelScaler",
    "Averages the variances of the images",
    hint="The images differ in their means as well. Which spread have all the pixels of a channel together?",
)
class ChannelScaler_mean_of_variances(solutions.ChannelScaler):
    def fit(self, x):
        super().fit(x)
        self.std_ = np.sqrt(np.asarray(x, dtype=np.float64).var(axis=(2, 3)).mean(axis=0))
        return self


@misconception(
    "ChannelScaler",
    "Reshapes to (C, ...) without moving the channels to the front",
    hint="reshape keeps the order of the values in memory, and there the second image comes after all channels of the "
    "first. Move the axis before you reshape.",
)
class ChannelScaler_mixes_channels(solutions.ChannelScaler):
    def fit(self, x):
        rows = np.asarray(x, dtype=np.float64)
        rows = rows.reshape(rows.shape[1], -1)
        self.mean_, self.std_ = rows.mean(axis=1), rows.std(axis=1)
        return self


@misconception(
    "ChannelScaler",
    "Changes x in place",
    hint="Look at your input after the call. Assigning to x[:, c] writes into the caller's array.",
)
class ChannelScaler_in_place(solutions.ChannelScaler):
    def transform(self, x):
        if self.mean_ is None:
            raise ValueError("not fitted")
        x = np.asarray(x, dtype=np.float64)
        for c, (mean, std) in enumerate(zip(self.mean_, self.std_, strict=True)):
            x[:, c] = (x[:, c] - mean) / (std or 1.0)
        return x


# split_and_scale


@misconception(
    "split_and_scale",
    "Fits on training and test rows together",
    hint="Change a test row: the training output should not move. Whose statistics may the scaler see?",
)
def split_and_scale_fits_on_all(x_train, x_test):
    scaler = solutions.StandardScaler().fit(np.concatenate(_float(x_train, x_test)))
    return scaler.transform(x_train), scaler.transform(x_test), scaler


@misconception(
    "split_and_scale",
    "Scales the test rows with their own statistics",
    hint="Shift the whole test set: the shift should still be there after scaling. How many scalers do you fit?",
)
def split_and_scale_fits_twice(x_train, x_test):
    scaler = solutions.StandardScaler().fit(x_train)
    return scaler.transform(x_train), solutions.StandardScaler().fit_transform(x_test), scaler


@misconception(
    "split_and_scale",
    "Fits the returned scaler again on the test rows",
    hint="fit_transform learns. On the test rows you want to apply what was learnt, not to learn.",
)
def split_and_scale_refits(x_train, x_test):
    scaler = solutions.StandardScaler()
    return scaler.fit_transform(x_train), scaler.fit_transform(x_test), scaler


@misconception("split_and_scale", "Fits on the test rows", hint="Which of the two sets should have mean 0 afterwards?")
def split_and_scale_fits_on_test(x_train, x_test):
    scaler = solutions.StandardScaler().fit(x_test)
    return scaler.transform(x_train), scaler.transform(x_test), scaler


@misconception(
    "split_and_scale", "Returns the test set first", hint="Look at the order of the three results in the contract."
)
def split_and_scale_swapped(x_train, x_test):
    train, test, scaler = solutions.split_and_scale(x_train, x_test)
    return test, train, scaler


@misconception(
    "split_and_scale",
    "Leaves the test rows unscaled",
    hint="The network learns in scaled units. In which units does it get the test rows?",
)
def split_and_scale_test_unscaled(x_train, x_test):
    train, _, scaler = solutions.split_and_scale(x_train, x_test)
    return train, np.array(x_test, dtype=np.float64), scaler


@misconception(
    "split_and_scale",
    "Centres with the training mean but divides by the spread of the test rows",
    hint="A test set with twice the spread should keep twice the spread.",
)
def split_and_scale_test_spread(x_train, x_test):
    train, test, scaler = solutions.split_and_scale(x_train, x_test)
    return train, _quiet_divide(test, test.std(axis=0)), scaler


@misconception(
    "split_and_scale",
    "Scales to [0, 1]",
    hint="That is min-max; the contract asks for mean 0 and standard deviation 1.",
)
def split_and_scale_min_max(x_train, x_test):
    scaler = solutions.MinMaxScaler().fit(x_train)
    return scaler.transform(x_train), scaler.transform(x_test), scaler


@misconception(
    "split_and_scale",
    "Sample standard deviation (m - 1)",
    hint="There are two standard deviations, and they differ most for few rows. Which of them does the contract name?",
)
def split_and_scale_sample_std(x_train, x_test):
    scaler = StandardScaler_sample_std().fit(x_train)
    return scaler.transform(x_train), scaler.transform(x_test), scaler


@misconception(
    "split_and_scale",
    "Sorts the training rows",
    hint="The rows should come back in the order in which they came: the labels do not move with them.",
)
def split_and_scale_reorders(x_train, x_test):
    train, test, scaler = solutions.split_and_scale(x_train, x_test)
    return train[np.argsort(train[:, 0])], test, scaler


@misconception(
    "split_and_scale",
    "Returns a scaler fitted to all rows",
    hint="The scaler that comes back should be the one that scaled the training rows. Is it fitted again at the end?",
)
def split_and_scale_scaler_sees_all(x_train, x_test):
    train, test, _ = solutions.split_and_scale(x_train, x_test)
    return train, test, solutions.StandardScaler().fit(np.concatenate(_float(x_train, x_test)))


@misconception(
    "split_and_scale",
    "Returns a fresh scaler",
    hint="The scaler that comes back is the one for production. Is it fitted?",
)
def split_and_scale_unfitted_scaler(x_train, x_test):
    train, test, _ = solutions.split_and_scale(x_train, x_test)
    return train, test, solutions.StandardScaler()


@misconception(
    "split_and_scale",
    "One scaler for all calls",
    hint="Whoever calls you twice still needs the first scaler. Make a new one in each call.",
)
def split_and_scale_shares_scaler(x_train, x_test, scaler=solutions.StandardScaler()):  # noqa: B008
    scaler.fit(x_train)
    return scaler.transform(x_train), scaler.transform(x_test), scaler


# gradient_descent


@misconception(
    "gradient_descent",
    "Climbs instead of descending",
    hint="The gradient points uphill. In which direction do you step?",
)
def gradient_descent_ascends(gradient, w0, lr, steps):
    return solutions.gradient_descent(lambda w: -np.asarray(gradient(w)), w0, lr, steps)


@misconception(
    "gradient_descent",
    "Leaves the starting point out",
    hint="How many points does a path of `steps` steps have? The first row is where you start.",
)
def gradient_descent_without_start(gradient, w0, lr, steps):
    (w,) = _float(w0)
    trajectory = []
    for _ in range(steps):
        w = w - lr * np.asarray(gradient(w.copy()), dtype=np.float64)
        trajectory.append(w)
    return np.array(trajectory)


@misconception(
    "gradient_descent", "Stops one step early", hint="Count the rows: one for the start and one for each step."
)
def gradient_descent_one_short(gradient, w0, lr, steps):
    return solutions.gradient_descent(gradient, w0, lr, max(steps - 1, 0))


@misconception(
    "gradient_descent", "Takes one step too many", hint="Count the rows: one for the start and one for each step."
)
def gradient_descent_one_more(gradient, w0, lr, steps):
    return solutions.gradient_descent(gradient, w0, lr, steps + 1)


@misconception(
    "gradient_descent", "Returns only the last point", hint="The result is the whole path, so that it can be drawn."
)
def gradient_descent_last_point(gradient, w0, lr, steps):
    return solutions.gradient_descent(gradient, w0, lr, steps)[-1]


@misconception(
    "gradient_descent",
    "Stores the same array at every step",
    hint="All rows are equal: each of them is the same array, changed in place. Store a copy, or make a new array "
    "each step.",
)
def gradient_descent_aliased(gradient, w0, lr, steps):
    w = np.array(w0, dtype=np.float64)
    trajectory = [w]
    for _ in range(steps):
        w -= lr * np.asarray(gradient(w.copy()), dtype=np.float64)
        trajectory.append(w)
    return np.array(trajectory)


@misconception(
    "gradient_descent",
    "Changes w0 in place",
    hint="Look at w0 after the call. An operator such as -= writes into the caller's array.",
)
def gradient_descent_in_place(gradient, w0, lr, steps):
    w = np.asarray(w0, dtype=np.float64)
    trajectory = [w.copy()]
    for _ in range(steps):
        w -= lr * np.asarray(gradient(w.copy()), dtype=np.float64)
        trajectory.append(w.copy())
    return np.array(trajectory)


@misconception(
    "gradient_descent",
    "Always uses the gradient at w0",
    hint="The slope changes on the way. Where do you evaluate the gradient at the second step?",
)
def gradient_descent_fixed_gradient(gradient, w0, lr, steps):
    (w0,) = _float(w0)
    slope = np.asarray(gradient(w0.copy()), dtype=np.float64)
    return np.array([w0 - k * lr * slope for k in range(steps + 1)])


@misconception(
    "gradient_descent",
    "Steps along the gradient's direction with length lr",
    hint="The step is lr times the gradient: short where the slope is gentle. Do you divide by its norm?",
)
def gradient_descent_normalised(gradient, w0, lr, steps):
    def direction(w):
        g = np.asarray(gradient(w), dtype=np.float64)
        return g / max(float(np.linalg.norm(g)), 1e-300)

    return solutions.gradient_descent(direction, w0, lr, steps)


@misconception(
    "gradient_descent",
    "Lets the learning rate decay",
    hint="In this exercise the learning rate is the same at every step.",
)
def gradient_descent_decays(gradient, w0, lr, steps):
    (w,) = _float(w0)
    trajectory = [w]
    for k in range(steps):
        w = w - lr / (k + 1) * np.asarray(gradient(w.copy()), dtype=np.float64)
        trajectory.append(w)
    return np.array(trajectory)


@misconception("gradient_descent", "Adds momentum", hint="Plain gradient descent forgets its last step.")
def gradient_descent_momentum(gradient, w0, lr, steps):
    (w,) = _float(w0)
    velocity, trajectory = np.zeros_like(w), [w]
    for _ in range(steps):
        velocity = 0.9 * velocity + np.asarray(gradient(w.copy()), dtype=np.float64)
        w = w - lr * velocity
        trajectory.append(w)
    return np.array(trajectory)


@misconception(
    "gradient_descent",
    "Keeps the integer type of w0",
    hint="Start at integers: what does an integer array do with the digits behind the point?",
)
def gradient_descent_integer(gradient, w0, lr, steps):
    w0 = np.asarray(w0)
    trajectory = np.zeros((steps + 1, *w0.shape), dtype=w0.dtype)
    trajectory[0] = w0
    for k in range(steps):
        w = trajectory[k].astype(np.float64)
        trajectory[k + 1] = w - lr * np.asarray(gradient(w), dtype=np.float64)
    return trajectory


@misconception(
    "gradient_descent",
    "Clips the gradient",
    hint="Plain gradient descent takes the gradient as it is, however steep it gets.",
)
def gradient_descent_clips(gradient, w0, lr, steps):
    return solutions.gradient_descent(lambda w: np.clip(gradient(w), -1.0, 1.0), w0, lr, steps)


@misconception(
    "gradient_descent",
    "Uses the sign of the gradient only",
    hint="A step is long where the slope is steep and short where it is flat. Are yours?",
)
def gradient_descent_sign(gradient, w0, lr, steps):
    return solutions.gradient_descent(lambda w: np.sign(gradient(w)), w0, lr, steps)


@misconception(
    "gradient_descent",
    "Stops when the gradient is small",
    hint="The trajectory has steps + 1 rows, whatever the gradient. What comes back from a start close to a minimum?",
)
def gradient_descent_stops_early(gradient, w0, lr, steps):
    trajectory = [np.array(w0, dtype=np.float64)]
    for _ in range(steps):
        slope = np.asarray(gradient(trajectory[-1]))
        if np.linalg.norm(slope) < 1e-6:
            break
        trajectory.append(trajectory[-1] - lr * slope)
    return np.array(trajectory)


# mse_condition_number


@misconception(
    "mse_condition_number",
    "Condition number of X instead of the Hessian",
    hint="The Hessian holds X twice. What does that do to the ratio of its eigenvalues?",
)
def condition_number_of_x(x):
    return float(np.linalg.cond(np.asarray(x, dtype=np.float64)))


@misconception(
    "mse_condition_number",
    "Centres the features first",
    hint="The Hessian of this loss is made of X as it is. Did you take the covariance?",
)
def condition_number_centred(x):
    (x,) = _float(x)
    return solutions.mse_condition_number(x - x.mean(axis=0))


@misconception(
    "mse_condition_number",
    "Standardises the features first",
    hint="The number should tell how bad the data are *before* scaling.",
)
def condition_number_standardised(x):
    (x,) = _float(x)
    return solutions.mse_condition_number((x - x.mean(axis=0)) / x.std(axis=0))


@misconception(
    "mse_condition_number",
    "Uses only the diagonal of the Hessian",
    hint="The diagonal holds the eigenvalues only when the features do not interact.",
)
def condition_number_diagonal(x):
    (x,) = _float(x)
    diagonal = (x**2).sum(axis=0)
    return float(diagonal.max() / diagonal.min())


@misconception(
    "mse_condition_number",
    "Largest eigenvalue alone",
    hint="Twice the data should not change the condition number. What do you divide by?",
)
def condition_number_largest(x):
    (x,) = _float(x)
    return float(np.linalg.eigvalsh(2 / x.shape[0] * x.T @ x)[-1])


@misconception("mse_condition_number", "Inverse ratio", hint="A condition number is at least 1.")
def condition_number_inverse(x):
    return 1.0 / solutions.mse_condition_number(x)


@misconception(
    "mse_condition_number",
    "Frobenius norm instead of the 2-norm",
    hint="numpy.linalg.cond knows several norms. Which one gives the ratio of the eigenvalues?",
)
def condition_number_frobenius(x):
    (x,) = _float(x)
    return float(np.linalg.cond(x.T @ x, "fro"))


@misconception(
    "mse_condition_number",
    "1-norm instead of the 2-norm",
    hint="numpy.linalg.cond knows several norms. Which one gives the ratio of the eigenvalues?",
)
def condition_number_one_norm(x):
    (x,) = _float(x)
    return float(np.linalg.cond(x.T @ x, 1))


@misconception(
    "mse_condition_number", "Adds a bias column", hint="The contract's model has no bias: how large is your Hessian?"
)
def condition_number_with_bias(x):
    (x,) = _float(x)
    return solutions.mse_condition_number(np.column_stack([x, np.ones(x.shape[0])]))


@misconception(
    "mse_condition_number",
    "Multiplies X by its transpose the wrong way round",
    hint="The Hessian has one row per weight, (n, n). Which product gives m by m?",
)
def condition_number_gram(x):
    (x,) = _float(x)
    eigenvalues = np.abs(np.linalg.eigvalsh(x @ x.T))
    return float(eigenvalues.max() / max(eigenvalues.min(), 1e-300))


@misconception(
    "mse_condition_number",
    "Squares the ratio once too often",
    hint="For orthogonal columns of length 1 and 2 the Hessian's eigenvalues have ratio 4. What do you get?",
)
def condition_number_squared(x):
    return solutions.mse_condition_number(x) ** 2
