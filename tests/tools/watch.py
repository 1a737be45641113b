"""Asks `hourglass watch` over a socket, and looks at its page in headless Chromium while a run goes on.

watch.py PROGRAM RUN: RUN has ended, with some epochs; its folder is taken back to its beginning and let go on. Says what
is wrong, a line each, and exits with 1; with 77 where all is well but there is no browser."""

import fcntl
import http.client
import json
import os
import re
import signal
import subprocess
import sys
import time

import browser as browsers

POINTS = """return [...document.querySelectorAll("figure .canvas canvas")].map((canvas) => Chart.getChart(canvas))
  .reduce((n, chart) => n + chart.data.datasets.reduce((m, d) => m + d.data.length, 0), 0)"""


class Run:
    """A run that stands where it stood after some lines of its journals."""

    def __init__(self, folder):
        self.folder = folder
        self.whole = {name: self.read(name) for name in ("config.json", "model.safetensors", "metrics.jsonl",
                                                         "timing.jsonl", "reconstructions.jsonl")}
        config = json.loads(self.whole["config.json"])
        config["outcome"] = "training"
        self.write("config.json", json.dumps(config).encode())
        os.remove(os.path.join(folder, "model.safetensors"))
        self.hold()
        self.epochs(1)

    def hold(self):
        """As the process that trains it does."""
        self.lock = os.open(self.folder, os.O_RDONLY)
        fcntl.flock(self.lock, fcntl.LOCK_EX)

    def release(self):
        os.close(self.lock)

    def read(self, name):
        with open(os.path.join(self.folder, name), "rb") as file:
            return file.read()

    def write(self, name, data):
        with open(os.path.join(self.folder, name + ".part"), "wb") as file:
            file.write(data)
        os.replace(os.path.join(self.folder, name + ".part"), os.path.join(self.folder, name))

    def epochs(self, count):
        """What the journals are after so many."""
        for name in ("metrics.jsonl", "timing.jsonl", "reconstructions.jsonl"):
            lines = self.whole[name].splitlines(keepends=True)
            self.write(name, b"".join(line for line in lines if json.loads(line).get("epoch", 0) <= count
                                      and json.loads(line).get("split") != "test"))

    def end(self):
        for name in ("model.safetensors", "metrics.jsonl", "timing.jsonl", "reconstructions.jsonl", "config.json"):
            self.write(name, self.whole[name])
        self.release()


class Watch:
    def __init__(self, program, run):
        self.process = subprocess.Popen([program, "watch", run, "--port", "0"], stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        self.port = int(re.search(r"http://127\.0\.0\.1:(\d+)/", line)[1])
        self.url = f"http://127.0.0.1:{self.port}/"

    def ask(self, path, method="GET", host=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request(method, path, headers={"Host": host} if host else {})
        return connection.getresponse()

    def interrupt(self):
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(timeout=30), self.process.stderr.read()


def event(answer, wanted=lambda name, data: True):
    """The first one that is wanted: its name and its data; else the last of a minute. A look of the program's between
    two files that are written one after the other makes two events of one."""
    name, data, end = None, None, time.monotonic() + 60
    while time.monotonic() < end and (line := answer.readline().decode()):  # comments come all the time
        if line.startswith("event: "):
            name = line[7:].strip()
        elif line.startswith("data: "):
            data = json.loads(line[6:])
            if wanted(name, data):
                break
    return name, data


def over_a_socket(watch, run, check):
    page = watch.ask("/")
    body = page.read().decode()
    check(page.status == 200 and body.startswith("<!doctype html>"), f"no page: {page.status}")
    check("connect-src 'self'" in body and "default-src 'none'" in body, "the page may ask others")
    check(watch.ask("/", host=f"localhost:{watch.port}").status == 200, "localhost is refused")
    for host in ("evil.example", f"evil.example:{watch.port}", "127.0.0.1", f"127.0.0.1:{watch.port}.evil.example"):
        for path in ("/", "/events", "/none"):
            check(watch.ask(path, host=host).status == 403, f"{path} answers to {host}")
    for path in ("/none", "/events/", "/../etc/passwd", "/metrics.jsonl", "//"):
        check(watch.ask(path).status == 404, f"{path} is answered")
    for method in ("POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH"):
        check(watch.ask("/", method).status == 405, f"{method} is answered")
    answer = watch.ask("/events")
    check(answer.getheader("Content-Type") == "text/event-stream", "events have another type")
    name, data = event(answer)
    check(name == "whole" and data["live"] and len(data["metrics"]) == 2, f"first event: {name}")
    run.epochs(2)
    more = {}
    name, data = event(answer, lambda name, data: more.update(data) or "reconstructions.jsonl" in more)
    check(name == "more" and [line["epoch"] for line in more["metrics.jsonl"]] == [2, 2], f"after an epoch: {name}")
    check(len(more["reconstructions.jsonl"]) == 1, "an epoch brings no images")
    run.epochs(1)  # resumed from an older checkpoint
    name, data = event(answer, lambda name, data: name == "whole")
    check(name == "whole" and len(data["metrics"]) == 2, f"of journals that were cut: {name}")
    run.release()
    name, data = event(answer, lambda name, data: "killed" in data)
    check(name == "whole" and not data["live"] and data["killed"] == "hourglass train --resume " + run.folder,
          f"of a run that was killed: {name}")
    run.hold()
    name, data = event(answer, lambda name, data: "killed" not in data)
    check(name == "whole" and data["live"] and "killed" not in data, f"of one that is taken up: {name}")
    run.write("config.json", b"{")
    name, data = event(answer, lambda name, data: name == "trouble")
    check(name == "trouble" and "config.json" in data, f"of a config that is none: {name}, {data}")
    run.end()
    name, data = event(answer, lambda name, data: name == "whole" and not data["live"])
    check(name == "whole" and not data["live"] and "latent" in data, f"at the end: {name}")


def in_a_browser(browser, watch, run, check):
    page = browsers.Page(browser, watch.url, (watch.url + "events",))

    def until(script, wanted, what):
        for _ in range(100):
            if wanted(browser.run(script)):
                return check(True, what)
            time.sleep(0.1)
        check(False, f"{what}: {browser.run(script)}")

    status = "return document.getElementById('live').textContent"
    until(status, lambda text: text.startswith("Live: epoch 2 of 3"), "says which epoch it is")
    browser.run("document.querySelector('#by-epoch input').focus()")
    browser.press(browsers.HOME)
    before = browser.run(POINTS)
    run.epochs(3)
    until(status, lambda text: text.startswith("Live: epoch 3 of 3"), "says that an epoch has ended")
    check(browser.run(POINTS) > before, "an epoch brings no point")
    images = "return document.querySelector('#by-epoch input').max"
    check(browser.run(images) == "2", "an epoch brings no images")
    check(browser.run("return document.querySelector('#by-epoch input').value") == "0", "a slider moves by itself")
    check(browser.run("return document.activeElement.matches('#by-epoch input')"), "the focus is lost")
    page.looks()
    run.release()
    until(status, lambda text: text.startswith("Killed: "), "says that training was killed")
    check("hourglass train --resume " in browser.run("return document.querySelector('#summary code').textContent"), "no way to go on")
    run.hold()
    until(status, lambda text: text.startswith("Live: epoch 3 of 3"), "says that it goes on")
    run.end()
    until(status, lambda text: text == "Training has ended: done.", "says that training has ended")
    check(browser.run("return Boolean(document.getElementById('latent'))"), "no codes at the end")
    page.looks()
    page.keyboard()
    page.quiet()
    for wrong in page.wrong:
        check(False, wrong)


def main():
    program, folder = sys.argv[1:]
    counts, wrong = [], []

    def check(right, what):
        counts.append(right)
        if not right:
            wrong.append(what)

    whole = Run(folder)
    watch = Watch(program, folder)
    browser, why_not = None, None
    try:
        over_a_socket(watch, whole, check)
        taken = subprocess.run([program, "watch", folder, "--port", str(watch.port)], capture_output=True, text=True, timeout=60)
        check((taken.returncode, taken.stderr) == (2, f"hourglass: error: watch: {folder}: port {watch.port} of 127.0.0.1 is "
              "taken: choose another by --port, or --port 0 for one that is free\n"), f"a taken port: {taken}")
        browser, why_not = browsers.started()
        if browser:
            whole = Run(folder)
            whole.epochs(2)
            in_a_browser(browser, watch, whole, check)
    finally:
        if browser:
            browser.close()
        ended = watch.interrupt()
    check(ended == (0, ""), f"Ctrl-C ends it with {ended}")
    print("\n".join(wrong) if wrong else why_not or f"{len(counts)} checks")
    return 1 if wrong else browsers.SKIPPED if why_not else 0


sys.exit(main())
