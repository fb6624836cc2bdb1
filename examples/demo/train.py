"""Fits a line to noisy points and logs the progress to Weights & Biases."""

from __future__ import annotations

import random

from tracking import finish, log_epoch, log_evaluation, start


def main() -> None:
    points = [(x / 20, 3 * x / 20 + 1 + random.gauss(0, 0.1)) for x in range(-20, 20)]
    train, held_out = points[::2], points[1::2]
    slope, intercept = 0.0, 0.0
    run = start({"learning_rate": 0.05, "epochs": 50})
    for epoch in range(run.config["epochs"]):
        for x, y in train:
            error = slope * x + intercept - y
            slope -= run.config["learning_rate"] * error * x
            intercept -= run.config["learning_rate"] * error
        log_epoch(run, "fit", epoch, loss=mean_square(slope, intercept, train))
    for noise in (0.0, 0.1, 0.2):
        shaken = [(x + random.gauss(0, noise), y) for x, y in held_out]
        log_epoch(run, "fit_robust", round(noise * 10), loss=mean_square(slope, intercept, shaken))
    log_evaluation(run, mean_square(slope, intercept, held_out))
    finish(run)


def mean_square(slope: float, intercept: float, points: list[tuple[float, float]]) -> float:
    return sum((slope * x + intercept - y) ** 2 for x, y in points) / len(points)


if __name__ == "__main__":
    main()
