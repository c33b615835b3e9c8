"""The simulated Google and SuiteCRM, as a program that runs beside a test."""

import contextlib
import json
import os
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]


class Simulators:
    """Both simulators. `addresses` is what they said of themselves at their start."""

    def __init__(self, process: subprocess.Popen):
        self._process = process
        self.addresses = self._hear()

    def ask(self, what: str, **details):
        """Has one of them do something, or tell what it knows."""
        self._process.stdin.write(json.dumps({"do": what, **details}) + "\n")
        self._process.stdin.flush()
        answer = self._hear()
        if isinstance(answer, dict) and set(answer) == {"error"}:
            raise AssertionError(f"{what}: {answer['error']}")
        return answer

    def _hear(self):
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("the simulators ended")
        return json.loads(line)


@contextlib.contextmanager
def running():
    """Starts both, yields them, ends them."""
    target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    program = target / "debug" / "simulators"
    if not program.is_file():
        raise RuntimeError("the simulators are not built: cargo build -p simulators --bin simulators")
    process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        yield Simulators(process)
    finally:
        # They end with their input.
        process.stdin.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=10)
        process.kill()
        process.stdout.close()
