"""Engines for tests: what they stream is collected beside what they return."""

import pytest


class Collecting:
    """An engine whose `profile` and `run` return what they streamed as well, put together as a client does."""

    def __init__(self, engine):
        self.__dict__["engine"] = engine

    def __getattr__(self, name):
        return getattr(self.engine, name)

    def __setattr__(self, name, value):
        setattr(self.engine, name, value)

    def profile(self, runs, warmup, seed, emit, cancelled):
        samples, moved = {device["name"]: {} for device in self.engine.describe()["devices"]}, []

        def take(event, **fields):
            if event == "sample":
                for layer, ms in fields["layers"].items():
                    samples[fields["device"]].setdefault(layer, []).append(ms)
            if event == "transfer":
                moved.append(fields)
            emit(event, **fields)

        result = self.engine.profile(runs, warmup, seed, take, cancelled)
        return {**result, "samples": samples, "transfer_samples": moved}

    def run(self, assignment, runs, warmup, seed, emit, cancelled):
        samples = []

        def take(event, **fields):
            if event == "sample":
                samples.append(fields)
            emit(event, **fields)

        result = self.engine.run(assignment, runs, warmup, seed, take, cancelled)
        for name in ("segments_ms", "transfers_ms"):
            result[name] = [list(column) for column in zip(*(one[name] for one in samples), strict=True)]
        return {**result, "samples_ms": [one["ms"] for one in samples]}


@pytest.fixture(scope="session")
def collecting():
    """collecting(engine) -> it, with what it streams in what it returns."""
    return Collecting
