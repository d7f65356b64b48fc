"""Writes reference.json: what mpmath, SciPy, statsmodels and rliable find of a few made-up numbers.

    pip install mpmath numpy 'pandas<3' rliable scipy statsmodels
    python reference.py && npx biome format --write reference.json
"""

import itertools
import json
import pathlib

import mpmath
import numpy as np
import rliable.library
import rliable.metrics
import scipy.stats
from statsmodels.stats.multitest import multipletests

random = np.random.default_rng(20)
mpmath.mp.dps = 30


def scores(*shape, centre=0.8, spread=0.05, digits=4):
    return np.round(random.normal(centre, spread, shape), digits)


def critical(df, alpha):
    """The t with P(|T| >= t) = alpha."""
    tail = lambda t: mpmath.betainc(mpmath.mpf(df) / 2, 0.5, 0, df / (df + t**2), regularized=True) - alpha
    return float(mpmath.findroot(tail, scipy.stats.t.ppf(1 - alpha / 2, df)))


def estimate(values):
    interval = scipy.stats.ttest_1samp(values, 0).confidence_interval(0.95)
    deviation = np.std(values, ddof=1)
    return {"values": list(values), "mean": np.mean(values), "deviation": deviation, "interval": list(interval)}


def sign_flip(first, second):
    """SciPy's up to 12 pairs; above, where it takes minutes, all sums by brute force."""
    differences = first - second
    if len(differences) <= 12:
        statistic = lambda d, axis: np.mean(d, axis=axis)
        test = scipy.stats.permutation_test(
            (differences,), statistic, permutation_type="samples", n_resamples=np.inf, vectorized=True
        )
        p = test.pvalue
    else:
        sums = np.zeros(1)
        for difference in np.round(differences * 10_000).astype(int):
            sums = np.concatenate([sums + difference, sums - difference])
        p = np.mean(np.abs(sums) >= abs(sums[0]))
    return {"first": list(first), "second": list(second), "p": p}


def holm(p):
    return {"p": list(p), "adjusted": list(multipletests(p, method="holm")[1])}


def iqm(values):
    """With each value four times, the middle half is of whole values."""
    found = {"values": list(values), "iqm": scipy.stats.trim_mean(np.repeat(values, 4), 0.25)}
    assert len(values) % 4 or np.isclose(found["iqm"], rliable.metrics.aggregate_iqm(values), rtol=1e-14)
    return found


def bootstrap(table, thresholds):
    """rliable's tables are seeds x settings; its generator is not ours, so the intervals are nearly those of ours."""
    runs, draws = {"learner": table.T}, 50_000
    aggregate = lambda x: np.array([rliable.metrics.aggregate_iqm(x)])
    points, intervals = rliable.library.get_interval_estimates(
        runs, aggregate, reps=draws, random_state=np.random.RandomState(0)
    )
    profiles, bands = rliable.library.create_performance_profile(runs, thresholds, reps=draws // 10)
    return {
        "scores": table.tolist(),
        "iqm": points["learner"][0],
        "interval": intervals["learner"][:, 0].tolist(),
        "thresholds": list(thresholds),
        "profile": profiles["learner"].tolist(),
        "bands": bands["learner"].T.tolist(),
    }


MASK = 2**64 - 1


def words(seed, count):
    """SplitMix64 and xoshiro128** after their authors' C."""
    rotated = lambda x, k: ((x << k) | (x >> (32 - k))) & 0xFFFFFFFF
    state, seed = [], seed & MASK
    for _ in range(2):
        seed = (seed + 0x9E3779B97F4A7C15) & MASK
        z = seed
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        z ^= z >> 31
        state += [z & 0xFFFFFFFF, z >> 32]
    numbers = []
    for _ in range(count):
        numbers.append(rotated(state[1] * 5 & 0xFFFFFFFF, 7) * 9 & 0xFFFFFFFF)
        t = state[1] << 9 & 0xFFFFFFFF
        state[2] ^= state[0]
        state[3] ^= state[1]
        state[1] ^= state[2]
        state[0] ^= state[3]
        state[2] ^= t
        state[3] = rotated(state[3], 11)
    return {"seed": seed_name(seed), "words": numbers}


def seed_name(advanced):
    """The seed before its two steps, signed."""
    seed = (advanced - 2 * 0x9E3779B97F4A7C15) & MASK
    return seed - 2**64 if seed >> 63 else seed


DEGREES = [*range(1, 31), 50, 99, 100, 499, 1000, 4321, 9999, 10_000]
coarse = lambda n: (scores(n, digits=2), scores(n, digits=2))  # ties among the sums
near = lambda n: (scores(n), scores(n, centre=0.82, spread=0.03))
content = {
    "student": [[df, a, critical(df, a)] for df, a in itertools.product(DEGREES, [0.5, 0.05, 0.01, 0.001])],
    "estimates": [estimate(scores(n)) for n in (2, 3, 5, 10, 30)],
    "signFlips": [sign_flip(*near(n)) for n in (2, 5, 8, 9, 10, 11, 12, 17, 20, 24)]
    + [sign_flip(*coarse(n)) for n in (3, 6, 10, 12, 18, 20, 22)],
    "holm": [holm(np.round(random.beta(0.3, 1, n), 5)) for n in (1, 2, 3, 10, 45)] + [holm([0.02, 0.01, 0.01, 0.5])],
    "iqm": [iqm(scores(n)) for n in (1, 2, 3, 4, 5, 7, 8, 10, 30, 40)],
    "bootstrap": bootstrap(scores(4, 10) + np.array([[0], [-0.1], [0.05], [-0.3]]), np.arange(0.3, 1, 0.05).round(2)),
    "words": [words(seed, 6) for seed in (0, 1, 42, -7, 2**53 - 1)],
}
pathlib.Path(__file__).with_name("reference.json").write_text(json.dumps(content, default=float) + "\n")
