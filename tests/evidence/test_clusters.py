"""Errors that allow for clusters: against a slow computation by whole matrices, and over draws of few clusters."""

import numpy as np
import pytest
from scipy import stats

from throughway.evidence.clusters import error_of_influence, least_squares


def slow(y: np.ndarray, x: np.ndarray, cluster: np.ndarray) -> tuple[float, float]:
    """Bell and McCaffrey by the formula: every matrix whole, as large as the table."""
    n = len(y)
    inverse = np.linalg.inv(x.T @ x)
    left = np.eye(n) - x @ inverse @ x.T
    error = left @ y
    columns = []
    for each in np.unique(cluster):
        inside = cluster == each
        roots, axes = np.linalg.eigh(left[np.ix_(inside, inside)])
        keep = roots > 1e-9
        half = axes[:, keep] @ np.diag(1 / np.sqrt(roots[keep])) @ axes[:, keep].T
        columns.append(left[:, inside] @ half @ x[inside] @ inverse[:, 0])
    g = np.column_stack(columns)
    # The variance estimated is the sum of squares of g'y, for errors that are alike and apart.
    values = np.linalg.eigvalsh(g.T @ g)
    return float(np.sqrt(((g.T @ error) ** 2).sum())), float(values.sum() ** 2 / (values**2).sum())


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("alone", [True, False])
def test_errors_equal_a_slow_computation(seed: int, alone: bool) -> None:
    r = np.random.default_rng(seed)
    n = 90
    cluster = np.arange(n) if alone else np.sort(r.integers(0, 12, n))
    treated = (cluster % 2 == 0) if seed % 2 and not alone else r.uniform(size=n) < 0.4
    x = np.column_stack([treated, np.ones(n), r.normal(size=(n, 2))]).astype(float)
    y = r.normal(size=n) + treated
    found = least_squares(y, x[:, 0], x[:, 1:], None if alone else cluster)
    se, df = slow(y, x, cluster)
    assert (found.se, found.df) == (pytest.approx(se), pytest.approx(df))
    assert found.estimate == pytest.approx(np.linalg.lstsq(x, y, rcond=None)[0][0])


def clustered(seed: int, treated: int, clusters: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """An outcome without effect of whole clusters, of which some are in the program."""
    r = np.random.default_rng(seed)
    cluster = np.repeat(np.arange(clusters), r.integers(8, 40, clusters))
    y = (r.normal(size=clusters) * 0.55)[cluster] + r.normal(size=len(cluster)) * 0.84
    return cluster, cluster < treated, y


def test_few_clusters_are_rarely_called_an_effect() -> None:
    """Five of twenty schools: with nineteen degrees of freedom and no correction one of ten intervals would not hold zero."""
    outside = of_influence = 0
    for seed in range(300):
        cluster, treated, y = clustered(seed, 5, 20)
        found = least_squares(y, treated.astype(float), np.ones((len(y), 1)), cluster)
        assert 4 < found.df < 10
        outside += abs(found.estimate) > stats.t.ppf(0.975, found.df) * found.se
        weights = np.where(treated, 1 / treated.sum(), 1 / (~treated).sum())
        mean = np.where(treated, y[treated].mean(), y[~treated].mean())
        influence = len(y) * weights * (y - mean) * np.where(treated, 1, -1)
        se, df = error_of_influence(influence, weights, treated, cluster)
        of_influence += abs(y[treated].mean() - y[~treated].mean()) > stats.t.ppf(0.975, df) * se
    assert outside <= 24  # 15 expected; 24 or more in two of a hundred
    assert of_influence <= 24
