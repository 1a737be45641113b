"""Who is timed: our programs, started anew for each timing, and the peers' workers, which stay."""

import json
import os
import subprocess
import time

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PEERS = {
    "torch": "torch_train.py",
    "jax": "jax_train.py",
    "onnx": "onnx_run.py",
    "numpy": "numpy_run.py",
}
# What an environment may pin to another CPU, or to other threads than those of the row.
UNSET = ("OPENBLAS_", "OMP_", "GOMP_", "KMP_", "MKL_", "XLA_", "JAX_", "TORCH")


def environment():
    return {name: value for name, value in os.environ.items() if not name.startswith(UNSET)}


def machine(build):
    command = [os.path.join(build, "bench/train"), "--machine"]
    return json.loads(subprocess.run(command, env=environment(), check=True, capture_output=True).stdout)


class Ours:
    """A workload of bench/train or a row of bench/bounds."""

    def __init__(self, bench, program, name, key):
        self.name = f"hourglass {name}"
        self.key = key
        self.bench = bench
        self.command = [bench.program(program), name, "--json", "--threads", str(bench.threads)]

    def sample(self, seconds):
        figures = json.loads(self.bench.run(self.command + ["--seconds", str(seconds)]))
        for key in self.key:
            figures = figures[key]
        return figures


class Worker:
    """A peer's Python process: it starts once a count of cores and keeps what it has compiled."""

    def __init__(self, bench, name):
        self.name = name
        script = os.path.join(HERE, PEERS[name])
        command = [bench.python, script, "--serve", "--threads", str(bench.threads)]
        self.log = open(os.path.join(bench.folder, name + ".log"), "w+")
        self.process = subprocess.Popen(
            command + ["--files", bench.folder],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.log,
            text=True,
            env=environment(),
            preexec_fn=lambda: os.sched_setaffinity(0, bench.cores),
        )

    def ask(self, **request):
        print(json.dumps(request), file=self.process.stdin, flush=True)
        answer = self.process.stdout.readline()
        if not answer:
            self.log.seek(0)
            raise RuntimeError(f"{self.name} failed at {request}:\n{self.log.read()[-4000:]}")
        return json.loads(answer)

    def close(self):
        self.process.stdin.close()
        self.process.wait()
        self.log.close()


class Peer:
    """One setting of one workload in a worker."""

    def __init__(self, worker, workload, setting):
        self.name = f"{worker.name} {setting}"
        self.worker = worker
        self.request = {"workload": workload, "setting": setting}

    def sample(self, seconds):
        return self.worker.ask(ask="sample", seconds=seconds, **self.request)

    def losses(self, steps):
        return self.worker.ask(ask="losses", steps=steps, **self.request)

    def difference(self):
        """Of its output to ours, relative to the largest number."""
        return self.worker.ask(ask="difference", **self.request)


class Process:
    """A whole process: seconds from start to exit; `memory` is the most it held at the last run."""

    def __init__(self, bench, name, command):
        self.name, self.command, self.bench = name, command, bench
        self.memory = 0

    def sample(self, _):
        start = time.perf_counter()
        process = self.bench.start(self.command)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            raise RuntimeError(f"{self.name} failed: {' '.join(self.command)}")
        self.memory = usage.ru_maxrss * 1024
        return time.perf_counter() - start


class Bench:
    """All that a row needs: the cores, our programs, the workers (started when first asked for)."""

    def __init__(self, arguments, folder, threads, cores):
        self.folder, self.threads, self.cores = folder, threads, cores
        self.pairs, self.seconds = arguments.pairs, arguments.seconds
        self.build = arguments.build
        self.python = os.path.join(arguments.peers, "bin/python")
        self.workers = {}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for worker in self.workers.values():
            worker.close()

    def program(self, name):
        return os.path.join(self.build, "bench", name)

    def start(self, command, stdout=subprocess.DEVNULL):
        pin = lambda: os.sched_setaffinity(0, self.cores)
        return subprocess.Popen(command, env=environment(), preexec_fn=pin, stdout=stdout)

    def run(self, command):
        process = self.start(command, subprocess.PIPE)
        output, _ = process.communicate()
        if process.returncode != 0:
            raise RuntimeError(f"{' '.join(command)} failed")
        return output

    def worker(self, name):
        if name not in self.workers:
            self.workers[name] = Worker(self, name)
        return self.workers[name]

    def peers(self, workload):
        """Every setting of every peer."""
        workers = [self.worker(name) for name in PEERS]
        return [
            Peer(worker, workload, setting)
            for worker in workers
            for setting in worker.ask(ask="settings", workload=workload)
        ]

    def file(self, workload, steps):
        """What both start from, and our losses: written by build/bench/oracle, once."""
        path = os.path.join(self.folder, workload + ".safetensors")
        if not os.path.exists(path):
            self.run([self.program("oracle"), workload, "-o", path, "--steps", str(steps)])
        return path
