"""Checks of scaling the inputs."""

import numpy as np

from exercises import scaling
from grader.checks import (
    as_array,
    assert_close,
    assert_raises,
    assert_shape,
    assert_that,
    check,
    inputs_unchanged,
    no_float_errors,
    parts,
)
from grader.language import N_

LOOSE = 1e-6
"""Relative tolerance where data far from 0 cost the right answer digits as well."""

ROUNDING = 1e-13
"""Tolerance where the same numbers are computed twice: a matrix product may round otherwise in another shape."""

TINY = 1e-6
"""A change of units that makes every spread small, though none of them 0, nor as small as rounding could make one."""


def pattern(rng, m, n):
    """Columns of mean 0 and (population) standard deviation 1, none of them symmetric."""
    z = rng.normal(size=(m, n)) + np.linspace(0.0, 1.0, m)[:, None] ** 3
    z -= z.mean(axis=0)
    return z / np.sqrt((z**2).mean(axis=0))


def centres_and_spreads(rng, n):
    """A centre away from 0 and a spread for each column, from 0.05 to about 10."""
    centres = rng.uniform(2.0, 6.0, size=n) * rng.choice([-1.0, 1.0], size=n)
    return centres, rng.permutation(np.geomspace(0.05, 9.0, n)) * rng.uniform(1.0, 1.2, size=n)


def fractions(rng, m, n):
    """Columns of which the smallest entry is 0 and the largest 1."""
    u = rng.uniform(0.1, 0.9, size=(m, n))
    rows = np.array([rng.permutation(m)[:2] for _ in range(n)]).T
    u[rows[0], np.arange(n)], u[rows[1], np.arange(n)] = 0.0, 1.0
    return u


# standardize


@check("standardize", "concept")
def test_standardize_undoes_units(rng):
    """each feature loses its own centre and its own spread, small spreads too"""
    z = rng.normal(size=(6, 4))
    mean, std = centres_and_spreads(rng, 4)
    assert_close(scaling.standardize(z * std + mean, mean, std), z)
    assert_close(
        scaling.standardize(TINY * (z * std + mean), TINY * mean, TINY * std),
        z,
        because="A standard deviation is not 0 because it is small: in another unit it would be large.",
    )


@check("standardize", "concept")
def test_standardize_uses_the_statistics_it_is_given(rng):
    """a single new sample, however far away, is scaled with the statistics that are given, not with its own"""
    z = rng.uniform(1.0, 3.0, size=(1, 3)) * [[1.0, 10.0, -10.0]]
    mean, std = centres_and_spreads(rng, 3)
    assert_close(scaling.standardize(z * std + mean, mean, std), z)


@check("standardize", "concept")
def test_standardize_constant_feature(rng):
    """a feature with a standard deviation of 0 gives 0, without a division by 0 on the way"""
    z = rng.normal(size=(5, 3))
    mean, std = centres_and_spreads(rng, 3)
    z[:, 1], std[1] = 0.0, 0.0
    with no_float_errors():
        assert_close(scaling.standardize(z * std + mean, mean, std), z)


@check("standardize", "concept")
def test_standardize_integers(rng):
    """integers, in lists or in arrays, give real numbers"""
    x = [[1, 8], [2, 3], [4, 0]]
    assert_close(scaling.standardize(x, [2, 3], [4, 2]), [[-0.25, 2.5], [0.0, 0.0], [0.5, -1.5]])
    assert_close(
        scaling.standardize(np.array(x), np.array([2.5, 3.0]), np.array([4.0, 2.5])),
        [[-0.375, 2.0], [-0.125, 0.0], [0.375, -1.2]],
    )


@check("standardize", "concept")
def test_standardize_leaves_its_inputs(rng):
    """x, mean and std stay as they were"""
    z = rng.normal(size=(4, 3))
    mean, std = centres_and_spreads(rng, 3)
    std[2] = 0.0
    with inputs_unchanged():
        assert_shape(scaling.standardize(z * std + mean, mean, std), (4, 3))


# min_max


@check("min_max", "concept")
def test_min_max_maps_the_limits(rng):
    """each feature's minimum goes to 0, its maximum to 1, and the rest stays in proportion, small ranges too"""
    u = fractions(rng, 6, 4)
    low, width = centres_and_spreads(rng, 4)
    assert_close(scaling.min_max(u * width + low, low, low + width), u)
    assert_close(
        scaling.min_max(TINY * (u * width + low), TINY * low, TINY * (low + width)),
        u,
        because="A range is not 0 because it is small: in another unit it would be large.",
    )


@check("min_max", "concept")
def test_min_max_uses_the_limits_it_is_given(rng):
    """a batch inside the limits is scaled with the limits that are given, not with its own"""
    u = rng.uniform(0.3, 0.6, size=(3, 4))
    low, width = centres_and_spreads(rng, 4)
    assert_close(scaling.min_max(u * width + low, low, low + width), u)


@check("min_max", "concept")
def test_min_max_does_not_clip(rng):
    """a value outside the limits lands outside [0, 1]"""
    u = np.concatenate([rng.uniform(1.2, 2.5, size=(2, 3)), rng.uniform(-1.5, -0.2, size=(2, 3))])
    low, width = centres_and_spreads(rng, 3)
    assert_close(scaling.min_max(u * width + low, low, low + width), u)


@check("min_max", "concept")
def test_min_max_constant_feature(rng):
    """a feature whose minimum and maximum are equal gives 0, without a division by 0 on the way"""
    u = rng.uniform(0.1, 0.9, size=(5, 3))
    low, width = centres_and_spreads(rng, 3)
    u[:, 2], width[2] = 0.0, 0.0
    with no_float_errors():
        assert_close(scaling.min_max(u * width + low, low, low + width), u)


@check("min_max", "concept")
def test_min_max_integers(rng):
    """lists of integers and bytes give real numbers"""
    x, expected = [[2, 0], [3, 10], [6, 4]], [[0.0, 0.2], [0.25, 1.2], [1.0, 0.6]]
    assert_close(scaling.min_max(x, [2, -2], [6, 8]), expected)
    assert_close(scaling.min_max(np.array(x), np.array([2, -2]), np.array([6, 8])), expected)
    assert_close(
        scaling.min_max(np.array(x, dtype=np.uint8), np.array([4, 2], dtype=np.uint8), np.array([6, 12], np.uint8)),
        [[-1.0, -0.2], [-0.5, 0.8], [1.0, 0.2]],
        because="Bytes have no negative numbers: below the minimum the difference wraps around.",
    )


@check("min_max", "concept")
def test_min_max_leaves_its_inputs(rng):
    """x, minimum and maximum stay as they were"""
    low, width = centres_and_spreads(rng, 3)
    width[1] = 0.0
    with inputs_unchanged():
        assert_shape(scaling.min_max(rng.uniform(size=(4, 3)) * width + low, low, low + width), (4, 3))


# scale_bytes


@check("scale_bytes", "concept")
def test_scale_bytes_whole_range(rng):
    """the 256 bytes are spread evenly from 0 to 1"""
    order = rng.permutation(256)
    assert_close(
        scaling.scale_bytes(order.astype(np.uint8).reshape(16, 16)), np.linspace(0, 1, 256)[order].reshape(16, 16)
    )


@check("scale_bytes", "concept")
def test_scale_bytes_same_scale_for_every_image(rng):
    """a dark image stays dark and a bright one bright: the divisor is a constant"""
    bytes_ = np.array([51, 102, 153, 204])
    dark, bright = rng.permutation(bytes_[:3]), rng.permutation(bytes_[1:])
    with no_float_errors():
        assert_close(scaling.scale_bytes(dark.astype(np.uint8)[None]), dark[None] // 51 * 0.2)
        assert_close(scaling.scale_bytes(bright.astype(np.uint8)[None]), bright[None] // 51 * 0.2)
        assert_close(scaling.scale_bytes(np.full((2, 3), 51, dtype=np.uint8)), np.full((2, 3), 0.2))
        nearly_black = rng.permutation([0, 0, 1, 1]).reshape(2, 2)
        assert_close(scaling.scale_bytes(nearly_black.astype(np.uint8)), np.linspace(0, 1, 256)[nearly_black])


@check("scale_bytes", "concept")
def test_scale_bytes_any_shape(rng):
    """a batch of colour images and a single byte keep their shapes"""
    order = rng.randint(20, 200, size=(2, 3, 4, 5))
    assert_close(scaling.scale_bytes(order.astype(np.uint8)), np.linspace(0, 1, 256)[order])
    assert_close(scaling.scale_bytes(np.array(51, dtype=np.uint8)), 0.2)


@check("scale_bytes", "concept")
def test_scale_bytes_list():
    """a list of integers works as well"""
    assert_close(scaling.scale_bytes([[0, 51], [153, 255]]), [[0.0, 0.2], [0.6, 1.0]])


@check("scale_bytes", "concept")
def test_scale_bytes_leaves_its_input(rng):
    """x stays as it was"""
    x = rng.randint(20, 200, size=(3, 4))
    with inputs_unchanged():
        assert_close(scaling.scale_bytes(x), np.linspace(0, 1, 256)[x])


# StandardScaler


def training_data(rng, m, n):
    """Data of which mean and standard deviation are known, with these and the scaled data."""
    z = pattern(rng, m, n)
    mean, std = centres_and_spreads(rng, n)
    return z * std + mean, mean, std, z


def flat(value):
    """Statistics as one row of numbers: (n,) and (1, n) are both fine."""
    array = as_array(value)
    return array.ravel() if array.ndim == 2 and array.shape[0] == 1 else array


@check("StandardScaler", "concept")
def test_standard_scaler_learns_mean_and_std(rng):
    """fit learns the mean and the population standard deviation of each feature"""
    x, mean, std, _ = training_data(rng, 5, 3)
    scaler = scaling.StandardScaler()
    scaler.fit(x)
    assert_close(flat(scaler.mean_), mean, because="mean_ holds one mean a feature, over the samples.")
    assert_close(flat(scaler.std_), std, because="std_ holds one standard deviation a feature, and it divides by m.")


@check("StandardScaler", "concept")
def test_standard_scaler_uses_training_statistics(rng):
    """transform scales new data, however unlike the training data, with what fit has learnt"""
    x, mean, std, z = training_data(rng, 7, 4)
    new = rng.normal(loc=3.0, scale=2.0, size=(3, 4))
    new[1, :2] = -20.0, 20.0
    scaler = scaling.StandardScaler()
    scaler.fit(x)
    assert_close(scaler.transform(x), z)
    assert_close(scaler.transform(new * std + mean), new)
    assert_close(scaler.transform(new[:1] * std + mean), new[:1])
    scaler.fit(TINY * x)
    because = N_("Only a feature that is really constant is special, however small the others are.")
    assert_close(scaler.transform(TINY * (new * std + mean)), new, because=because)


@check("StandardScaler", "concept")
def test_standard_scaler_transform_learns_nothing(rng):
    """transform never changes the state"""
    x, mean, std, _ = training_data(rng, 6, 3)
    new = rng.normal(loc=-4.0, scale=3.0, size=(4, 3))
    scaler = scaling.StandardScaler()
    scaler.fit(x)
    scaler.transform(new * std + mean)
    mean_after, std_after = scaler.mean_, scaler.std_
    again = scaler.transform(new * std + mean)
    assert_close(flat(mean_after), mean, because="Only fit may change the mean.")
    assert_close(flat(std_after), std, because="Only fit may change the standard deviation.")
    assert_close(again, new, because="The same call twice should give the same numbers.")


@check("StandardScaler", "concept")
def test_standard_scaler_fit_returns_the_scaler(rng):
    """fit returns the scaler itself"""
    scaler = scaling.StandardScaler()
    fitted = scaler.fit(training_data(rng, 5, 2)[0])
    assert_that(fitted == scaler, "fit should return self, so that StandardScaler().fit(x).transform(x) works.", fitted)


@check("StandardScaler", "concept")
def test_standard_scaler_fit_transform(rng):
    """fit_transform gives the scaled training data and leaves the scaler fitted"""
    x, mean, std, z = training_data(rng, 5, 3)
    new = rng.normal(loc=2.0, size=(4, 3))
    scaler = scaling.StandardScaler()
    assert_close(scaler.fit_transform(x), z)
    assert_close(scaler.transform(new * std + mean), new)


@check("StandardScaler", "concept")
def test_standard_scaler_needs_fit():
    """transform before fit raises ValueError"""
    assert_raises(ValueError, scaling.StandardScaler().transform, np.array([[1.0, 2.0], [3.0, 5.0]]))


@check("StandardScaler", "concept")
def test_standard_scaler_fits_again(rng):
    """a second fit replaces the first"""
    scaler = scaling.StandardScaler()
    scaler.fit(rng.normal(loc=20.0, scale=5.0, size=(4, 3)))
    x, mean, std, _ = training_data(rng, 6, 3)
    new = rng.normal(size=(2, 3))
    scaler.fit(x)
    assert_close(scaler.transform(new * std + mean), new, because="Only the data of the last fit count.")
    x, mean, std, z = training_data(rng, 5, 3)
    assert_close(scaler.fit_transform(x), z, because="Only the data of the last fit count.")


@check("StandardScaler", "concept")
def test_standard_scalers_are_independent(rng):
    """two scalers fitted to different data do not disturb each other"""
    x, mean, std, _ = training_data(rng, 5, 3)
    new = rng.normal(size=(2, 3))
    first, second = scaling.StandardScaler(), scaling.StandardScaler()
    first.fit(x)
    second.fit(rng.normal(loc=30.0, scale=4.0, size=(6, 3)))
    scaling.StandardScaler()
    assert_close(first.transform(new * std + mean), new, because="Another scaler has been fitted since.")


@check("StandardScaler", "concept")
def test_standard_scaler_constant_feature(rng):
    """a constant feature becomes 0, without a division by 0, and comes back exactly"""
    x, _, _, z = training_data(rng, 8, 3)
    x[:, 1], z[:, 1] = -7.0, 0.0
    scaler = scaling.StandardScaler()
    with no_float_errors():
        scaler.fit(x)
        assert_close(scaler.transform(x), z)
        back = as_array(scaler.inverse_transform(z))
    assert_close(back, x)
    assert_close(back[:, 1], x[:, 1], rtol=0.0, atol=0.0, because="The constant feature should come back exactly.")
    with no_float_errors():
        assert_close(scaling.StandardScaler().fit_transform(np.full((3, 1), 4.0)), np.zeros((3, 1)))


@check("StandardScaler", "concept")
def test_standard_scaler_inverse(rng):
    """inverse_transform brings scaled values back to the original units"""
    x, mean, std, _ = training_data(rng, 6, 4)
    new = rng.normal(loc=1.0, size=(3, 4))
    scaler = scaling.StandardScaler()
    scaler.fit(x)
    assert_close(scaler.inverse_transform(new), new * std + mean)


@check("StandardScaler", "concept")
def test_standard_scaler_large_offset(rng):
    """values around ten million that differ by about 1 keep their standard deviation"""
    z = pattern(rng, 12, 4)
    mean, std = rng.uniform(1e7, 2e7, size=4), rng.uniform(0.5, 2.0, size=4)
    scaler = scaling.StandardScaler()
    with no_float_errors():
        scaler.fit(z * std + mean)
        got = scaler.transform(z * std + mean)
    assert_close(got, z, rtol=LOOSE, atol=LOOSE, because="Differences of large and nearly equal numbers lose digits.")


@check("StandardScaler", "concept", points=2)
def test_standard_scaler_save_and_load(rng, scratch):
    """a scaler loaded from its file transforms and transforms back as it did when it was saved"""
    x, mean, std, _ = training_data(rng, 5, 3)
    x_other, mean_other, std_other, _ = training_data(rng, 6, 3)
    new = rng.normal(loc=1.0, size=(4, 3))
    path, path_other = f"{scratch}/standard.npz", f"{scratch}/other_standard.npz"
    scaler = scaling.StandardScaler()
    scaler.fit(x)
    scaler.save(path)
    scaler.save(path_other)
    scaler.fit(x_other)
    scaler.save(path_other)
    loaded = scaling.StandardScaler.load(path)
    assert_close(flat(loaded.mean_), mean, because="This is what was saved in the file that is loaded.")
    assert_close(flat(loaded.std_), std, because="This is what was saved in the file that is loaded.")
    assert_close(loaded.transform(new * std + mean), new)
    assert_close(loaded.inverse_transform(new), new * std + mean)
    loaded_other = scaling.StandardScaler.load(path_other)
    assert_close(loaded_other.transform(new * std_other + mean_other), new)
    assert_close(loaded.transform(new * std + mean), new, because="Another file has been loaded since.")


@check("StandardScaler", "concept")
def test_standard_scaler_integers(rng):
    """lists of integers are scaled to real numbers, also where every mean is 0"""
    scaler = scaling.StandardScaler()
    scaler.fit([[1, 10], [1, 30], [6, 10], [6, 30]])
    assert_close(scaler.transform([[6, 25], [3, 0]]), [[1.0, 0.5], [-0.2, -2.0]])
    assert_close(scaler.inverse_transform([[1, -1]]), [[6.0, 10.0]])
    scaler.fit([[-1, 2], [1, -2]])
    because = N_("A mean of 0 is a mean: the scaler has been fitted.")
    assert_close(scaler.transform([[3, 4], [0, -1]]), [[3.0, 2.0], [0.0, -0.5]], because=because)


@check("StandardScaler", "concept")
def test_standard_scaler_leaves_its_inputs(rng):
    """no method changes the array that it is given"""
    x, mean, std, _ = training_data(rng, 5, 3)
    scaler = scaling.StandardScaler()
    with inputs_unchanged():
        scaler.fit(x)
        scaler.transform(x)
        scaler.inverse_transform(x)
        scaler.fit_transform(x)


# MinMaxScaler


def limited_data(rng, m, n):
    """Data of which minimum and maximum are known, with these and the scaled data."""
    u = fractions(rng, m, n)
    low, width = centres_and_spreads(rng, n)
    return np.where(u == 1.0, low + width, u * width + low), low, low + width, u


def rescaled(u, low, high):
    """Values that lie at the fraction u between low and high."""
    return (1 - u) * low + u * high


@check("MinMaxScaler", "concept")
def test_min_max_scaler_learns_the_limits(rng):
    """fit learns the minimum and the maximum of each feature"""
    x, low, high, _ = limited_data(rng, 5, 3)
    scaler = scaling.MinMaxScaler()
    scaler.fit(x)
    assert_close(flat(scaler.min_), low, because="min_ holds one minimum a feature, over the samples.")
    assert_close(flat(scaler.max_), high, because="max_ holds one maximum a feature, over the samples.")


@check("MinMaxScaler", "concept")
def test_min_max_scaler_uses_training_limits(rng):
    """transform scales new data with what fit has learnt, and the training data to [0, 1]"""
    x, low, high, u = limited_data(rng, 7, 4)
    new = rng.uniform(0.3, 0.6, size=(3, 4))
    scaler = scaling.MinMaxScaler()
    scaler.fit(x)
    assert_close(scaler.transform(x), u)
    assert_close(scaler.transform(rescaled(new, low, high)), new)
    assert_close(scaler.transform(rescaled(new[:1], low, high)), new[:1])
    scaler.fit(TINY * x)
    because = N_("Only a feature that is really constant is special, however small the others are.")
    assert_close(scaler.transform(TINY * rescaled(new, low, high)), new, because=because)


@check("MinMaxScaler", "concept")
def test_min_max_scaler_does_not_clip(rng):
    """new values outside the training range land outside [0, 1]"""
    x, low, high, _ = limited_data(rng, 6, 3)
    new = np.concatenate([rng.uniform(1.2, 3.0, size=(2, 3)), rng.uniform(-2.0, -0.2, size=(2, 3))])
    scaler = scaling.MinMaxScaler()
    scaler.fit(x)
    assert_close(scaler.transform(rescaled(new, low, high)), new)


@check("MinMaxScaler", "concept")
def test_min_max_scaler_transform_learns_nothing(rng):
    """transform never changes the state"""
    x, low, high, _ = limited_data(rng, 6, 3)
    new = rng.uniform(-1.0, 2.0, size=(4, 3))
    new[:2] = [[-1.5] * 3, [2.5] * 3]
    scaler = scaling.MinMaxScaler()
    scaler.fit(x)
    scaler.transform(rescaled(new, low, high))
    low_after, high_after = scaler.min_, scaler.max_
    again = scaler.transform(rescaled(new, low, high))
    assert_close(flat(low_after), low, because="Only fit may change the limits.")
    assert_close(flat(high_after), high, because="Only fit may change the limits.")
    assert_close(again, new, because="The same call twice should give the same numbers.")


@check("MinMaxScaler", "concept")
def test_min_max_scaler_fit_returns_the_scaler(rng):
    """fit returns the scaler itself"""
    scaler = scaling.MinMaxScaler()
    fitted = scaler.fit(limited_data(rng, 5, 2)[0])
    assert_that(fitted == scaler, "fit should return self, so that MinMaxScaler().fit(x).transform(x) works.", fitted)


@check("MinMaxScaler", "concept")
def test_min_max_scaler_fit_transform(rng):
    """fit_transform gives the scaled training data and leaves the scaler fitted"""
    x, low, high, u = limited_data(rng, 5, 3)
    new = rng.uniform(0.2, 0.8, size=(4, 3))
    scaler = scaling.MinMaxScaler()
    assert_close(scaler.fit_transform(x), u)
    assert_close(scaler.transform(rescaled(new, low, high)), new)


@check("MinMaxScaler", "concept")
def test_min_max_scaler_needs_fit():
    """transform before fit raises ValueError"""
    assert_raises(ValueError, scaling.MinMaxScaler().transform, np.array([[1.0, 2.0], [3.0, 5.0]]))


@check("MinMaxScaler", "concept")
def test_min_max_scaler_fits_again(rng):
    """a second fit replaces the first"""
    scaler = scaling.MinMaxScaler()
    wide = rng.normal(scale=50.0, size=(4, 3)) + [[100.0] * 3, [-100.0] * 3, [0.0] * 3, [0.0] * 3]
    scaler.fit(wide * [1.0, 0.01, 1.0] + [0.0, 30.0, 0.0])
    x, low, high, _ = limited_data(rng, 6, 3)
    new = rng.uniform(size=(2, 3))
    scaler.fit(x)
    assert_close(scaler.transform(rescaled(new, low, high)), new, because="Only the data of the last fit count.")
    x, low, high, u = limited_data(rng, 5, 3)
    assert_close(scaler.fit_transform(x), u, because="Only the data of the last fit count.")


@check("MinMaxScaler", "concept")
def test_min_max_scalers_are_independent(rng):
    """two scalers fitted to different data do not disturb each other"""
    x, low, high, _ = limited_data(rng, 5, 3)
    new = rng.uniform(size=(2, 3))
    first, second = scaling.MinMaxScaler(), scaling.MinMaxScaler()
    first.fit(x)
    second.fit(rng.normal(loc=30.0, scale=4.0, size=(6, 3)))
    scaling.MinMaxScaler()
    assert_close(first.transform(rescaled(new, low, high)), new, because="Another scaler has been fitted since.")


@check("MinMaxScaler", "concept")
def test_min_max_scaler_constant_feature(rng):
    """a constant feature becomes 0, without a division by 0, and comes back exactly"""
    x, _, _, u = limited_data(rng, 6, 3)
    x[:, 0], u[:, 0] = 5.0, 0.0
    scaler = scaling.MinMaxScaler()
    with no_float_errors():
        scaler.fit(x)
        assert_close(scaler.transform(x), u)
        back = as_array(scaler.inverse_transform(u))
    assert_close(back, x)
    assert_close(back[:, 0], x[:, 0], rtol=0.0, atol=0.0, because="The constant feature should come back exactly.")


@check("MinMaxScaler", "concept")
def test_min_max_scaler_inverse(rng):
    """inverse_transform brings scaled values back to the original units, outside [0, 1] too"""
    x, low, high, _ = limited_data(rng, 6, 4)
    new = rng.uniform(-1.0, 2.0, size=(3, 4))
    scaler = scaling.MinMaxScaler()
    scaler.fit(x)
    assert_close(scaler.inverse_transform(new), rescaled(new, low, high))


@check("MinMaxScaler", "concept", points=2)
def test_min_max_scaler_save_and_load(rng, scratch):
    """a scaler loaded from its file transforms and transforms back as it did when it was saved"""
    x, low, high, _ = limited_data(rng, 5, 3)
    x_other, low_other, high_other, _ = limited_data(rng, 6, 3)
    new = rng.uniform(size=(4, 3))
    path, path_other = f"{scratch}/limits.npz", f"{scratch}/other_limits.npz"
    scaler = scaling.MinMaxScaler()
    scaler.fit(x)
    scaler.save(path)
    scaler.save(path_other)
    scaler.fit(x_other)
    scaler.save(path_other)
    loaded = scaling.MinMaxScaler.load(path)
    assert_close(flat(loaded.min_), low, because="This is what was saved in the file that is loaded.")
    assert_close(flat(loaded.max_), high, because="This is what was saved in the file that is loaded.")
    assert_close(loaded.transform(rescaled(new, low, high)), new)
    assert_close(loaded.inverse_transform(new), rescaled(new, low, high))
    loaded_other = scaling.MinMaxScaler.load(path_other)
    assert_close(loaded_other.transform(rescaled(new, low_other, high_other)), new)
    assert_close(loaded.transform(rescaled(new, low, high)), new, because="Another file has been loaded since.")


@check("MinMaxScaler", "concept")
def test_min_max_scaler_integers(rng):
    """lists of integers and bytes are scaled to real numbers"""
    scaler = scaling.MinMaxScaler()
    scaler.fit([[1, 10], [5, 20], [2, 30]])
    assert_close(scaler.transform([[2, 25], [7, 5]]), [[0.25, 0.75], [1.5, -0.25]])
    assert_close(scaler.inverse_transform([[1, 2]]), [[5.0, 50.0]])
    because = N_("A limit of 0 is a limit: the scaler has been fitted.")
    for data in ([[0, 0], [4, 2]], [[-4, -2], [0, 0]]):
        scaler.fit(data)
        assert_close(scaler.transform([data[1], data[0]]), [[1.0, 1.0], [0.0, 0.0]], because=because)
    scaler.fit(np.array([[1, 10], [5, 20], [2, 30]], dtype=np.uint8))
    because = N_("Bytes have no negative numbers: below the minimum the difference wraps around.")
    assert_close(
        scaler.transform(np.array([[2, 25], [7, 5]], dtype=np.uint8)), [[0.25, 0.75], [1.5, -0.25]], because=because
    )


@check("MinMaxScaler", "concept")
def test_min_max_scaler_leaves_its_inputs(rng):
    """no method changes the array that it is given"""
    x = limited_data(rng, 5, 3)[0]
    scaler = scaling.MinMaxScaler()
    with inputs_unchanged():
        scaler.fit(x)
        scaler.transform(x)
        scaler.inverse_transform(x)
        scaler.fit_transform(x)


# ChannelScaler


def images(rng, m, channels, height, width):
    """Images of which each channel's mean and standard deviation are known, with these and the scaled images."""
    z = pattern(rng, m * height * width, channels).reshape(m, height, width, channels).transpose(0, 3, 1, 2)
    mean, std = centres_and_spreads(rng, channels)
    return in_units(z, mean, std), mean, std, z


def in_units(z, mean, std):
    """Scaled images back in the units of each channel."""
    return z * std[:, None, None] + mean[:, None, None]


@check("ChannelScaler", "concept")
def test_channel_scaler_learns_one_mean_a_channel(rng):
    """fit learns the mean and the population standard deviation of each channel, of shape (C,)"""
    x, mean, std, _ = images(rng, 3, 4, 2, 5)
    scaler = scaling.ChannelScaler()
    scaler.fit(x)
    assert_close(scaler.mean_, mean, because="A channel has one mean, over all images and all their pixels.")
    assert_close(
        scaler.std_, std, because="A channel has one standard deviation, over all images and all their pixels."
    )


@check("ChannelScaler", "concept")
def test_channel_scaler_uses_training_statistics(rng):
    """transform scales images of another number and size with what fit has learnt"""
    x, mean, std, z = images(rng, 3, 4, 5, 2)
    new = rng.normal(loc=2.0, scale=3.0, size=(2, 4, 3, 6))
    scaler = scaling.ChannelScaler()
    scaler.fit(x)
    assert_close(scaler.transform(x), z)
    assert_close(scaler.transform(in_units(new, mean, std)), new)
    scaler.fit(TINY * x)
    because = N_("Only a channel that is really constant is special, however small the others are.")
    assert_close(scaler.transform(TINY * in_units(new, mean, std)), new, because=because)


@check("ChannelScaler", "concept")
def test_channel_scaler_as_wide_as_deep(rng):
    """images that are as wide as they have channels are still scaled by channel"""
    x, mean, std, z = images(rng, 2, 3, 4, 3)
    new = rng.normal(loc=1.0, size=(1, 3, 3, 3))
    scaler = scaling.ChannelScaler()
    scaler.fit(x)
    assert_close(scaler.transform(x), z)
    assert_close(scaler.transform(in_units(new, mean, std)), new)


@check("ChannelScaler", "concept")
def test_channel_scaler_transform_learns_nothing(rng):
    """transform never changes the state: brighter images stay brighter"""
    x, mean, std, _ = images(rng, 3, 3, 2, 4)
    new = rng.normal(loc=5.0, scale=2.0, size=(2, 3, 2, 4))
    scaler = scaling.ChannelScaler()
    scaler.fit(x)
    scaler.transform(in_units(new, mean, std))
    mean_after, std_after = scaler.mean_, scaler.std_
    again = scaler.transform(in_units(new, mean, std))
    assert_close(mean_after, mean, because="Only fit may change the means.")
    assert_close(std_after, std, because="Only fit may change the standard deviations.")
    assert_close(again, new, because="The same call twice should give the same numbers.")


@check("ChannelScaler", "concept")
def test_channel_scaler_fit_returns_the_scaler(rng):
    """fit returns the scaler itself"""
    scaler = scaling.ChannelScaler()
    fitted = scaler.fit(images(rng, 2, 3, 4, 2)[0])
    assert_that(fitted == scaler, "fit should return self, so that ChannelScaler().fit(x).transform(x) works.", fitted)


@check("ChannelScaler", "concept")
def test_channel_scaler_fit_transform(rng):
    """fit_transform gives the scaled training images, leaves the scaler fitted, and replaces an older fit"""
    scaler = scaling.ChannelScaler()
    scaler.fit(rng.normal(loc=20.0, scale=5.0, size=(2, 3, 2, 2)))
    x, mean, std, z = images(rng, 2, 3, 4, 5)
    new = rng.normal(size=(3, 3, 2, 4))
    assert_close(scaler.fit_transform(x), z)
    assert_close(scaler.transform(in_units(new, mean, std)), new)


@check("ChannelScaler", "concept")
def test_channel_scaler_needs_fit(rng):
    """transform before fit raises ValueError instead of returning images"""
    assert_raises(ValueError, scaling.ChannelScaler().transform, rng.normal(size=(2, 3, 4, 2)))


@check("ChannelScaler", "concept")
def test_channel_scalers_are_independent(rng):
    """two scalers fitted to different images do not disturb each other"""
    x, mean, std, _ = images(rng, 2, 3, 2, 4)
    new = rng.normal(size=(2, 3, 4, 2))
    first, second = scaling.ChannelScaler(), scaling.ChannelScaler()
    first.fit(x)
    second.fit(rng.normal(loc=30.0, scale=4.0, size=(2, 3, 2, 2)))
    scaling.ChannelScaler()
    assert_close(first.transform(in_units(new, mean, std)), new, because="Another scaler has been fitted since.")


@check("ChannelScaler", "concept")
def test_channel_scaler_constant_channel(rng):
    """a constant channel becomes 0, a single pixel and black images too, without a division by 0"""
    x, _, _, z = images(rng, 2, 3, 2, 4)
    x[:, 1], z[:, 1] = 128.0, 0.0
    scaler = scaling.ChannelScaler()
    with no_float_errors():
        scaler.fit(x)
        assert_close(scaler.transform(x), z)
        assert_close(scaling.ChannelScaler().fit_transform(np.full((1, 1, 1, 1), 7.0)), np.zeros((1, 1, 1, 1)))
        assert_close(scaling.ChannelScaler().fit_transform(np.zeros((2, 1, 2, 2))), np.zeros((2, 1, 2, 2)))


@check("ChannelScaler", "concept")
def test_channel_scaler_bytes(rng):
    """images of bytes, of real numbers and in nested lists are scaled alike, and stay as they were"""
    x = np.empty((2, 2, 1, 4), dtype=np.uint8)
    x[:, 0], x[:, 1] = rng.permutation([200, 250] * 4).reshape(2, 1, 4), rng.permutation([10, 20] * 4).reshape(2, 1, 4)
    scaler = scaling.ChannelScaler()
    with inputs_unchanged():
        scaler.fit(x)
        got = scaler.transform(x)
        got_of_floats = scaler.transform(x.astype(np.float64))
        scaler.fit_transform(x.astype(np.float64))
    scaled = np.stack([np.where(x[:, 0] == 250, 1.0, -1.0), np.where(x[:, 1] == 20, 1.0, -1.0)], axis=1)
    assert_close(scaler.mean_, [225.0, 15.0])
    assert_close(scaler.std_, [25.0, 5.0])
    assert_close(got, scaled)
    assert_close(got_of_floats, scaled)
    assert_close(scaler.transform(x.tolist()), scaled)


# split_and_scale


def split(rng, m_train=6, m_test=4, n=3):
    """Training rows with known statistics, test rows unlike them, and the scaled versions of both."""
    x_train, mean, std, z_train = training_data(rng, m_train, n)
    z_test = rng.normal(loc=2.0, scale=1.5, size=(m_test, n))
    return x_train, z_test * std + mean, z_train, z_test


@check("split_and_scale", "concept", points=2)
def test_split_and_scale_uses_training_statistics(rng):
    """both sets are scaled with the statistics of the training rows"""
    x_train, x_test, z_train, z_test = split(rng)
    train, test, _ = parts(scaling.split_and_scale(x_train, x_test), "train_scaled", "test_scaled", "scaler")
    assert_close(train, z_train, because="The training set should have mean 0 and standard deviation 1, rows in order.")
    assert_close(test, z_test, because="The test set should be in the units of the training set.")


@check("split_and_scale", "concept", points=2)
def test_split_and_scale_does_not_leak(rng):
    """other test rows, more or fewer, leave the scaled training rows exactly as they are"""
    x_train, x_test, z_train, _ = split(rng)
    before, _, _ = parts(scaling.split_and_scale(x_train, x_test), "train_scaled", "test_scaled", "scaler")
    assert_shape(before, z_train.shape)
    for other in (x_test + 100.0, rng.normal(scale=30.0, size=(9, 3)), x_test[:1]):
        train, _, _ = parts(scaling.split_and_scale(x_train, other), "train_scaled", "test_scaled", "scaler")
        because = N_("Data leakage: the training set depends on rows that it must not know.")
        assert_close(train, as_array(before), rtol=ROUNDING, atol=ROUNDING, because=because)


@check("split_and_scale", "concept")
def test_split_and_scale_keeps_a_shift(rng):
    """a test set that is shifted and stretched stays shifted and stretched"""
    x_train, mean, std, _ = training_data(rng, 6, 3)
    shift, stretch = rng.uniform(3.0, 5.0, size=3), rng.uniform(2.0, 4.0, size=3)
    x_test = (pattern(rng, 5, 3) * stretch + shift) * std + mean
    _, test, _ = parts(scaling.split_and_scale(x_train, x_test), "train_scaled", "test_scaled", "scaler")
    test = as_array(test)
    assert_shape(test, (5, 3))
    assert_close(test.mean(axis=0), shift, because="The shift of the test set has been scaled away.")
    assert_close(test.std(axis=0), stretch, because="The spread of the test set has been scaled away.")


@check("split_and_scale", "concept")
def test_split_and_scale_returns_the_scaler(rng):
    """the scaler that comes back transforms new rows with the statistics of the training rows"""
    x_train, mean, std, _ = training_data(rng, 5, 3)
    new = rng.normal(loc=-1.0, size=(2, 3))
    result = scaling.split_and_scale(x_train, rng.normal(loc=7.0, size=(4, 3)))
    _, _, scaler = parts(result, "train_scaled", "test_scaled", "scaler")
    assert_close(scaler.transform(new * std + mean), new)
    scaling.split_and_scale(rng.normal(loc=30.0, scale=4.0, size=(5, 3)), rng.normal(size=(2, 3)))
    assert_close(scaler.transform(new * std + mean), new, because="Other data have been split and scaled since.")


@check("split_and_scale", "concept")
def test_split_and_scale_few_rows(rng):
    """one test row and a constant feature, in lists, cause no division by 0"""
    x_train, x_test, z_train, z_test = split(rng, m_test=1)
    x_train[:, 2], x_test[:, 2], z_train[:, 2], z_test[:, 2] = 3.0, 3.0, 0.0, 0.0
    with no_float_errors():
        result = scaling.split_and_scale(x_train.tolist(), x_test.tolist())
    train, test, _ = parts(result, "train_scaled", "test_scaled", "scaler")
    assert_close(train, z_train)
    assert_close(test, z_test)


@check("split_and_scale", "concept")
def test_split_and_scale_leaves_its_inputs(rng):
    """both sets stay as they were"""
    x_train, x_test, _, _ = split(rng)
    with inputs_unchanged():
        parts(scaling.split_and_scale(x_train, x_test), "train_scaled", "test_scaled", "scaler")


# gradient_descent


@check("gradient_descent", "concept")
def test_gradient_descent_by_hand():
    """on w squared, from 8 and 0 with learning rate 1/4: each step goes half the way to the minimum"""
    path = scaling.gradient_descent(lambda w: 2 * w, np.array([8.0, 0.0]), 0.25, 3)
    assert_close(path, [[8.0, 0.0], [4.0, 0.0], [2.0, 0.0], [1.0, 0.0]])


@check("gradient_descent", "parity")
def test_gradient_descent_agrees_with_pytorch(rng, pytorch):
    """on a loss that is no parabola, the path that torch.optim.SGD takes"""
    a, w0 = rng.normal(size=(4, 3)), rng.normal(size=3)

    def sgd(torch):
        w = torch.tensor(w0, requires_grad=True)
        optimizer, path = torch.optim.SGD([w], lr=0.07), [w.detach().clone()]
        for _ in range(5):
            optimizer.zero_grad()
            (torch.cosh(torch.tensor(a) @ w / 3).sum() + w[0]).backward()
            optimizer.step()
            path.append(w.detach().clone())
        return torch.stack(path)

    def gradient(w):
        return a.T @ np.sinh(a @ w / 3) / 3 + np.array([1.0, 0.0, 0.0])

    expected = pytorch(sgd)
    assert_close(scaling.gradient_descent(gradient, w0, 0.07, 5), expected)


@check("gradient_descent", "concept")
def test_gradient_descent_steps_count(rng):
    """steps = 0 gives the starting point alone, steps = 1 one point more, near a minimum too"""
    w0 = rng.normal(size=4)
    assert_close(scaling.gradient_descent(lambda w: w, w0, 0.5, 0), w0[None])
    assert_close(scaling.gradient_descent(lambda w: w, w0, 0.5, 1), np.stack([w0, w0 / 2]))
    near = 1e-9 * w0
    because = N_("Every step is taken, however small the gradient is.")
    path = scaling.gradient_descent(lambda w: w, near, 0.5, 3)
    assert_close(path, np.stack([near, near / 2, near / 4, near / 8]), atol=0.0, because=because)


@check("gradient_descent", "concept")
def test_gradient_descent_narrow_valley(rng):
    """with one learning rate a round bowl is done in one step, a narrow valley zigzags, a steep one is left"""
    start = rng.uniform(1.0, 2.0, size=2)
    bowl = scaling.gradient_descent(lambda w: 2 * w, start, 0.5, 3)
    assert_close(bowl, np.stack([start, *np.zeros((3, 2))]))
    valley = scaling.gradient_descent(lambda w: np.array([0.02, 3.0]) * w, start, 0.5, 3)
    assert_close(valley, start * np.array([[1.0, 1.0], [0.99, -0.5], [0.99**2, 0.25], [0.99**3, -0.125]]))
    steep = scaling.gradient_descent(lambda w: 6 * w, 100 * start, 0.5, 3)
    because = N_("Where the learning rate is too large, each step leads further away.")
    assert_close(steep, 100 * start * np.array([[1.0], [-2.0], [4.0], [-8.0]]), because=because)


@check("gradient_descent", "concept")
def test_gradient_descent_integer_start():
    """a start of whole numbers does not round the path"""
    expected = [[3.0, -1.0], [1.5, -0.5], [0.75, -0.25]]
    assert_close(scaling.gradient_descent(lambda w: w, [3, -1], 0.5, 2), expected)
    assert_close(scaling.gradient_descent(lambda w: w, np.array([3, -1]), 0.5, 2), expected)


@check("gradient_descent", "concept")
def test_gradient_descent_leaves_w0(rng):
    """w0 stays as it was"""
    with inputs_unchanged():
        assert_shape(scaling.gradient_descent(lambda w: 2 * w + 1, rng.normal(size=3), 0.1, 4), (5, 3))


# mse_condition_number


def with_singular_values(rng, m, values):
    """An (m, n) matrix with given singular values, whose columns are neither centred nor orthogonal."""
    n = len(values)
    left = np.linalg.qr(rng.normal(size=(m, n)) + 1.0)[0]
    right = np.linalg.qr(rng.normal(size=(n, n)))[0]
    return left @ np.diag(values) @ right.T


UNSCALED_CONDITION = 390626.12500369007
"""Of the curvatures [[1e6, 1200], [1200, 4]]: their sum is 1000004, their product 2560000."""


@check("mse_condition_number", "concept")
def test_condition_number_by_hand():
    """two orthogonal features of length 5 and 2: the curvatures are as 25 to 4"""
    assert_close(scaling.mse_condition_number(np.array([[3.0, 0.0], [4.0, 0.0], [0.0, 2.0]])), 6.25)


@check("mse_condition_number", "concept")
def test_condition_number_of_correlated_features(rng):
    """features that are neither centred nor orthogonal: the ratio of the extreme curvatures"""
    assert_close(scaling.mse_condition_number(with_singular_values(rng, 9, [6.0, 4.0, 1.5])), 16.0)
    assert_close(scaling.mse_condition_number(with_singular_values(rng, 4, [10.0, 1.0, 5.0, 2.0])), 100.0)


@check("mse_condition_number", "concept")
def test_condition_number_has_no_units(rng):
    """more data of the same kind, or other units for all features alike, change nothing"""
    x = with_singular_values(rng, 5, [0.03, 0.01])
    assert_close(scaling.mse_condition_number(x), 9.0)
    assert_close(scaling.mse_condition_number(np.concatenate([x, x, x])), 9.0)
    assert_close(scaling.mse_condition_number(1000.0 * x), 9.0)


@check("mse_condition_number", "concept")
def test_condition_number_falls_when_standardized(rng):
    """features in very different units make a narrow valley, the same ones standardised a rounder one"""
    basis = np.linalg.qr(np.column_stack([np.ones(8), rng.normal(size=(8, 2))]))[0][:, 1:] * np.sqrt(8.0)
    z = basis @ [[1.0, 0.6], [0.0, 0.8]]  # means 0, standard deviations 1, correlation 0.6
    assert_close(scaling.mse_condition_number(z), 4.0)
    assert_close(scaling.mse_condition_number(z * [1000.0, 2.0]), UNSCALED_CONDITION, rtol=LOOSE)


@check("mse_condition_number", "concept")
def test_condition_number_integers():
    """lists of integers and bytes work as well, a single feature too, and x stays as it was"""
    with inputs_unchanged():
        assert_close(scaling.mse_condition_number([[3, 0], [0, 1], [0, 0], [0, 0]]), 9.0)
        assert_close(scaling.mse_condition_number([[3], [4]]), 1.0, because="A single feature makes a round valley.")
        assert_close(scaling.mse_condition_number([[3]]), 1.0, because="A single feature makes a round valley.")
        assert_close(scaling.mse_condition_number(np.array([[0, 2], [6, 0], [0, 0]])), 9.0)
        assert_close(
            scaling.mse_condition_number(np.array([[0, 60], [240, 0], [0, 0]], dtype=np.uint8)),
            16.0,
            because="The products of bytes do not fit into bytes.",
        )
