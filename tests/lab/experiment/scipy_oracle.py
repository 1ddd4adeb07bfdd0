"""The laboratory's statistics agree with scipy's: exact tests and estimates to 1e-9, the bootstrap
within the error of its resamples. Usage: scipy_oracle.py STATISTICS_DRIVER"""

import json
import subprocess
import sys

try:
    import numpy as np
    from scipy import stats
except ImportError:
    sys.exit("scipy is missing: install the package python3-scipy")

EXACT = 1e-9
RESAMPLES = 4_000
DRIVER_RESAMPLES = 4_000
SIGMAS = 4.5  # about 300 comparisons of bootstrap tails: one in a thousand such runs would fail
ENUMERABLE = 14  # effects whose sign patterns can all be tried

complaints = []


def expect(holds, name, what):
    if not holds:
        complaints.append(f"{name}: {what}")


def expect_near(found, expected, name, what):
    scale = max(1, abs(expected))
    expect(abs(found - expected) <= EXACT * scale, name, f"{what} {found!r}, scipy {expected!r}")


def samples():
    """(name, effects) of every kind that the laboratory meets; the seeds are fixed."""
    for n in range(3, 41):
        random = np.random.RandomState(n)
        yield f"normal-{n}", 0.02 * random.standard_normal(n) + 0.01 * (n % 3)
    for n in (6, 8, 10, 12, 15, 18, 21, 25, 30, 40):
        random = np.random.RandomState(100 + n)
        yield f"t3-{n}", 0.02 * random.standard_t(3, n)
        yield f"cauchy-{n}", 0.01 * random.standard_cauchy(n)
        slowed = np.where(random.random_sample(n) < 0.2, random.choice([-0.26, 0.26], n), 0)
        yield f"contaminated-{n}", 0.02 * random.standard_normal(n) + slowed
    for n in (3, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14):
        random = np.random.RandomState(200 + n)
        yield f"ties-{n}", np.round(random.standard_normal(n) * 2 + 0.5) / 64
        yield f"zeros-{n}", np.where(random.random_sample(n) < 0.4, 0, random.standard_normal(n))
        yield f"ties-without-zeros-{n}", random.choice([-3, -2, -1, 1, 2, 3, 3], n) / 64
    yield "all-zero", np.zeros(8)
    yield "all-equal", np.full(10, 0.03125)
    yield "one-sided", np.arange(1, 13) / 256
    yield "one", np.array([0.5])
    yield "two", np.array([0.5, -0.25])
    yield "none", np.array([])


def signed_rank(effects):
    """The p value by scipy's own exact method, or by trying every sign where there are ties."""
    nonzero = effects[effects != 0]
    if len(nonzero) == 0:
        return 1.0
    if len(np.unique(np.abs(nonzero))) == len(nonzero):
        return stats.wilcoxon(nonzero, method="exact").pvalue
    ranks = stats.rankdata(np.abs(nonzero))
    return stats.permutation_test(
        (np.sign(nonzero) * ranks,),
        lambda signed, axis: np.sum(np.maximum(signed, 0), axis=axis),
        permutation_type="samples", n_resamples=np.inf, vectorized=True).pvalue


def pseudo_median(effects):
    first, second = np.triu_indices(effects.shape[-1])
    return np.median((effects[..., first] + effects[..., second]) / 2, axis=-1)


def check_interval(name, effects, confidence, found):
    """The interval holds exactly what the exact test does not reject: probed beside its ends."""
    alpha = 1 - confidence
    if found["interval"][0] is None:
        expect(2 / 2 ** len(effects) > alpha, name, "unbounded although the test can reject")
        return
    step = 1e-9
    for end, outwards in zip(found["interval"], (-1, 1)):
        outside = stats.wilcoxon(effects - (end + outwards * step), method="exact").pvalue
        inside = stats.wilcoxon(effects - (end - outwards * step), method="exact").pvalue
        expect(outside <= alpha < inside, name,
               f"interval end {end!r}: p {outside} outside, {inside} inside, alpha {alpha}")


def expected_tail(n, confidence):
    reach = stats.t.ppf((1 + confidence) / 2, n - 1)
    return stats.norm.cdf(-reach * np.sqrt(n / (n - 1)))


def resampled_medians(effects, strata):
    """Pseudo-medians of scipy's resamples; scipy knows no strata, so those are drawn here."""
    random = np.random.RandomState(7)
    if len(set(strata)) <= 1:
        return stats.bootstrap(
            (effects,), lambda drawn, axis: pseudo_median(drawn), method="percentile",
            n_resamples=RESAMPLES, random_state=random, batch=500).bootstrap_distribution
    labels = np.array(strata)
    parts = [effects[labels == label] for label in sorted(set(strata))]
    return pseudo_median(np.concatenate(
        [random.choice(part, (RESAMPLES, len(part))) for part in parts], axis=1))


def check_bootstrap(name, effects, strata, found):
    """Beyond either end lies the share of scipy's resamples that should."""
    medians = resampled_medians(effects, strata)
    tail = found["tail"]
    error = SIGMAS * np.sqrt(tail * (1 - tail) * (1 / RESAMPLES + 1 / DRIVER_RESAMPLES))
    low, high = found["bootstrap"]
    grain = 1e-12
    for what, within, beyond in (
            ("low", np.mean(medians <= low + grain), np.mean(medians < low - grain)),
            ("high", np.mean(medians >= high - grain), np.mean(medians > high + grain))):
        expect(beyond - error <= tail <= within + error, name,
               f"bootstrap {what} end: {beyond:.4f} to {within:.4f} of the resamples, "
               f"should be {tail:.4f} +- {error:.4f}")


def check_heterogeneity(name, effects, strata, found):
    parts = [effects[np.array(strata) == label] for label in sorted(set(strata))]
    means = np.array([part.mean() for part in parts])
    weights = np.array([len(part) / part.var(ddof=1) for part in parts])
    q = np.sum(weights * (means - np.average(means, weights=weights)) ** 2)
    freedom = len(parts) - 1
    expect_near(found["q"], q, name, "Cochran's Q")
    expect_near(found["p"], stats.chi2.sf(q, freedom), name, "p of Cochran's Q")
    expect_near(found["i_squared"], max(0, (q - freedom) / q), name, "I squared")


def ask(driver, questions):
    result = subprocess.run([driver], input=json.dumps(questions), stdout=subprocess.PIPE,
                            text=True, check=True)
    return json.loads(result.stdout)


def check_samples(driver):
    named = list(samples())
    questions = [{"effects": list(effects), "strata": [], "confidence": confidence}
                 for _, effects in named for confidence in (0.95, 0.9972)]
    answers = ask(driver, questions)
    for index, answer in enumerate(answers):
        name, effects = named[index // 2]
        confidence = questions[index]["confidence"]
        expect_near(answer["signed_rank_p"], signed_rank(effects), name, "signed-rank p")
        expect(("effect" in answer) == (len(effects) >= 3), name, "an estimate from three blocks on")
        if len(effects) < 3:
            continue
        expect_near(answer["effect"], pseudo_median(effects), name, "pseudo-median")
        expect(answer["p"] == answer["signed_rank_p"], name, "the estimate's p")
        expect_near(answer["tail"], expected_tail(len(effects), confidence), name, "tail")
        if name.startswith(("normal", "t3", "cauchy", "contaminated")):
            check_interval(name, effects, confidence, answer)
        if "bootstrap" in answer:
            check_bootstrap(name, effects, [], answer)
    return len(named)


def check_strata(driver):
    named, questions = [], []
    for machines in (2, 3, 5):
        for blocks in (4, 10, 21):
            random = np.random.RandomState(1000 * machines + blocks)
            strata = np.repeat(np.arange(machines), blocks)
            shift = 0.02 * random.standard_normal(machines) * (blocks % 2)
            effects = 0.02 * random.standard_t(3, len(strata)) + shift[strata]
            named.append((f"{machines}-machines-{blocks}", effects, strata.tolist()))
            questions.append({"effects": list(effects), "strata": named[-1][2],
                              "confidence": 0.95})
    for (name, effects, strata), answer in zip(named, ask(driver, questions)):
        check_heterogeneity(name, effects, strata, answer["heterogeneity"])
        check_bootstrap(name, effects, strata, answer)
    return len(named)


checked = check_samples(sys.argv[1]) + check_strata(sys.argv[1])
for complaint in complaints:
    print(complaint)
if complaints:
    sys.exit(f"{len(complaints)} disagreements with scipy")
print(f"{checked} data sets agree with scipy")
