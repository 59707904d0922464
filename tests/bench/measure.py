"""Runs programs under the stopwatch, in turns, and says what came out."""

import os
import signal
import statistics
import subprocess
from dataclasses import dataclass, field

from tests.support import processes

_PATIENCE = 900.0


class BenchError(Exception):
    """A run that did not do what is being measured."""


@dataclass
class Run:
    """One run: wall clock from just before the program is started until it has ended, peak memory in KiB."""

    seconds: float
    rss: int
    status: int
    out: str
    err: str


@dataclass
class Command:
    argv: list
    env: dict
    cwd: str


class Stopwatch:
    def __init__(self, program, folder):
        self.program = program
        self.result = os.path.join(folder, "stopwatch")

    def run(self, command):
        """One run, whatever its exit status."""
        process = processes.spawn(
            [self.program, self.result, *command.argv], cwd=command.cwd, env=command.env, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        try:
            out, err = process.communicate(timeout=_PATIENCE)
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            raise
        if process.returncode != 0:
            raise BenchError(f"the stopwatch failed: {err.decode('utf-8', 'replace')}")
        with open(self.result, encoding="ascii") as file:
            seconds, rss, status = file.read().split()
        return Run(
            float(seconds), int(rss), os.waitstatus_to_exitcode(int(status)), out.decode("utf-8", "replace"),
            err.decode("utf-8", "replace"),
        )

    def expect(self, command):
        """One run that must succeed."""
        run = self.run(command)
        if run.status != 0:
            raise BenchError(
                f"{' '.join(command.argv)} ended with {run.status}\n{run.out[-1500:]}\n{run.err[-3000:]}"
            )
        return run


@dataclass
class Contender:
    """Who takes part in a case: `prepare` runs outside the clock and answers the command; `verify` looks afterwards."""

    name: str
    prepare: object
    verify: object = None
    runs: list = field(default_factory=list)

    def turn(self, stopwatch):
        run = stopwatch.expect(self.prepare())
        if self.verify:
            self.verify(run)
        self.runs.append(run)

    def seconds(self):
        return [run.seconds for run in self.runs]

    def median(self):
        return statistics.median(self.seconds()) if self.runs else None


def in_turns(stopwatch, contenders, times):
    """A B A B …: what the machine does besides meets all alike."""
    for _ in range(times):
        for contender in contenders:
            contender.turn(stopwatch)


def binary_size(path, folder):
    """Size of a stripped copy."""
    stripped = os.path.join(folder, "stripped")
    subprocess.run(["strip", "-o", stripped, path], check=True)
    return os.path.getsize(stripped)


def build(program, *targets):
    """Builds targets in the build folder that `program` came from and answers their paths."""
    folder = os.path.dirname(os.path.abspath(program))
    while not os.path.exists(os.path.join(folder, "CMakeCache.txt")):
        if folder == os.path.dirname(folder):
            raise BenchError(f"{program} is in no CMake build folder")
        folder = os.path.dirname(folder)
    done = subprocess.run(
        ["cmake", "--build", folder, "--target", *targets], capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise BenchError(f"cmake could not build {', '.join(targets)}:\n{done.stdout[-3000:]}{done.stderr[-3000:]}")
    return [os.path.join(folder, "tests", "bench", target) for target in targets]
