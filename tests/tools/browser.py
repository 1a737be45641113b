"""Headless Chromium by its WebDriver, and what must hold of every page: it draws, it can be read, it is quiet."""

import json
import os
import re
import subprocess
import sys
import urllib.request

SKIPPED = 77
ARGUMENTS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
TAB, END, HOME = "\ue004", "\ue010", "\ue011"

# What a plot is made of, whether something of it stands on the canvas, and what of it lies beside its axes; how much of the canvas
# the axes leave it, which names of its legend are cut off, and, of curves, whether they have two places or more.
PLOTS = """return typeof Chart === "undefined" ? null : [...document.querySelectorAll("figure .canvas canvas")].map((canvas) => {
  const chart = Chart.getChart(canvas);
  const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
  const seen = new Set();
  for (let i = 0; i < pixels.length; i += 4) if (pixels[i + 3] > 200) seen.add((pixels[i] << 16) + (pixels[i + 1] << 8) + pixels[i + 2]);
  return {name: canvas.getAttribute("aria-label"), items: chart ? chart.getSortedVisibleDatasetMetas().reduce((n, m) => n + m.data.length, 0) : 0,
          colours: seen.size, beside: chart ? chart.getSortedVisibleDatasetMetas().flatMap((meta) => meta.data).filter(({x, y}) => x < chart.chartArea.left - 1 ||
            x > chart.chartArea.right + 1 || y < chart.chartArea.top - 1 || y > chart.chartArea.bottom + 1).length : 0,
          room: chart ? (chart.chartArea.bottom - chart.chartArea.top) / chart.height : 0,
          cut: chart?.legend.options.display ? chart.legend.legendHitBoxes.filter((box) => box.top + box.height > chart.legend.bottom + 1 ||
            box.left + box.width > chart.width + 1).length : 0,
          point: chart?.config.type === "line" && new Set(chart.data.datasets.flatMap(({data}) => data.map(({x}) => x))).size < 2};
})"""

# Ratios of luminance of texts to what is behind them (WCAG 2, 1.4.3).
CONTRAST = """const light = (name) => {
  const probe = document.createElement("i");
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const [r, g, b] = getComputedStyle(probe).color.match(/[\\d.]+/g).map((v) => v / 255).map((v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
  probe.remove();
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const ratio = (a, b) => (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
return {paper: light("--paper"), least: Math.min(...["--ink", "--soft", "--link", "--bad", "--good"].flatMap((name) =>
  ["--paper", "--panel"].map((behind) => ratio(light(name), light(behind)))))};"""

# What is drawn of a window of a series, or said of it where nothing is drawn.
WINDOW = """(typeof Chart === "undefined" ? document.getElementById("window").innerText : JSON.stringify(
  [...document.querySelectorAll("#window canvas")].map((canvas) => Chart.getChart(canvas).data.datasets.map(({data}) => data))))"""


class Browser:
    def __init__(self):
        self.driver = subprocess.Popen(["chromedriver", "--port=0"], stdout=subprocess.PIPE,
                                       stderr=subprocess.DEVNULL, text=True)
        for line in self.driver.stdout:
            started = re.search(r"successfully on port (\d+)", line)
            if started:
                break
        self.root = f"http://127.0.0.1:{started[1]}/session"
        wanted = {"goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"},
                  "goog:chromeOptions": {"args": ARGUMENTS}}
        self.root += "/" + self.call("", {"capabilities": {"alwaysMatch": wanted}})["sessionId"]

    def call(self, path, body):
        request = urllib.request.Request(self.root + path, json.dumps(body).encode(),
                                         {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=120) as answer:
            return json.load(answer)["value"]

    def run(self, script, *arguments):
        return self.call("/execute/sync", {"script": script, "args": list(arguments)})

    def command(self, name, **parameters):
        return self.call("/goog/cdp/execute", {"cmd": name, "params": parameters})

    def look(self, width, scheme, height=900):
        self.command("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        self.command("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])

    def settle(self):
        """Two frames: what a change of size or colour asked for has been drawn."""
        self.call("/execute/async", {"script": "const done = arguments[0];"
                                     "setTimeout(() => requestAnimationFrame(() => requestAnimationFrame(done)), 200)", "args": []})

    def press(self, key, times=1):
        keys = [{"type": kind, "value": key} for _ in range(times) for kind in ("keyDown", "keyUp")]
        self.call("/actions", {"actions": [{"type": "key", "id": "keys", "actions": keys}]})

    def point(self, x, y):
        moves = [{"type": "pointerMove", "duration": 0, "x": round(x) + d, "y": round(y)} for d in (1, 0)]
        self.call("/actions", {"actions": [{"type": "pointer", "id": "mouse", "actions": moves}]})

    def log(self, kind):
        return self.call("/se/log", {"type": kind})

    def close(self):
        """The session first: a browser outlives a driver that is only terminated."""
        try:
            urllib.request.urlopen(urllib.request.Request(self.root, method="DELETE"), timeout=30).close()
        finally:
            self.driver.terminate()
            self.driver.wait()


class Page:
    """One page, of a file or of a server; `allowed` are the addresses that it may ask besides."""

    def __init__(self, browser, path, allowed=()):
        self.browser, self.path, self.checks, self.wrong = browser, path, 0, []
        self.url = path if path.startswith("http:") else "file://" + os.path.abspath(path)
        self.allowed = (self.url, *allowed)
        browser.look(1200, "light")
        browser.call("/url", {"url": self.url})
        browser.settle()

    def check(self, right, what):
        self.checks += 1
        if not right:
            self.wrong.append(f"{self.path}: {what}")

    def plots(self, where):
        found = self.browser.run(PLOTS)
        if found is None:  # built without Chart.js
            tables = self.browser.run("return document.querySelectorAll('figure table').length")
            return self.check(tables > 0, f"{where}: there is neither a plot nor a table")
        self.check(found, f"{where}: there is no plot")
        for plot in found:
            self.check(plot["items"] > 0 and plot["colours"] > 3, f"{where}: nothing is drawn: {plot}")
            self.check(plot["beside"] == 0, f"{where}: points lie beside the axes: {plot}")
            self.check(plot["room"] > 0.45 and plot["cut"] == 0, f"{where}: the legend has no room, or leaves none: {plot}")
            self.check(not plot["point"], f"{where}: a curve of a single point: {plot}")
        bare = self.browser.run("return [...document.querySelectorAll('figure')].filter((f) => !f.querySelector('canvas, table, img')).map((f) => f.textContent)")
        self.check(not bare, f"{where}: figures of nothing: {bare}")

    def looks(self):
        for width, scheme in ((1200, "light"), (400, "dark"), (400, "light")):
            where = f"{width} pixels, {scheme}"
            self.browser.look(width, scheme)
            self.browser.settle()
            self.plots(where)
            wide = self.browser.run("return document.documentElement.scrollWidth")
            self.check(wide <= width, f"{where}: {wide} pixels wide")
            seen = self.browser.run(CONTRAST)
            self.check((seen["paper"] < 0.1) == (scheme == "dark"), f"{where}: paper of luminance {seen['paper']}")
            self.check(seen["least"] >= 4.5, f"{where}: contrast of {seen['least']:.2f}")
        self.browser.look(1200, "light")
        self.browser.settle()

    def slide(self, within, changed):
        """Keys move a slider from its begin to its end, and what it shows changes."""
        if not self.browser.run("return Boolean(document.querySelector(arguments[0]))", within + " input"):
            return
        self.browser.run("document.querySelector(arguments[0]).focus()", within + " input")
        self.browser.press(HOME)
        before = self.browser.run("return " + changed)
        self.browser.press(END)
        self.check(self.browser.run("return " + changed) != before, f"{within}: the slider shows nothing else")

    def keyboard(self):
        """The tabulator reaches everything that can be used, and leaves it again."""
        wanted = self.browser.run("""document.activeElement.blur(); window.scrollTo(0, 0);
          window.reached = new Set();
          document.addEventListener("focusin", (event) => window.reached.add(event.target));
          return document.querySelectorAll("a[href], summary, input, button, [tabindex]").length""")
        self.browser.press(TAB, wanted + 2)
        missed = self.browser.run("""return [...document.querySelectorAll("a[href], summary, input, button, [tabindex]")]
          .filter((e) => e.checkVisibility() && !window.reached.has(e)).map((e) => e.outerHTML.slice(0, 80))""")
        self.check(not missed, f"not reached by the keyboard: {missed}")

    def unfold(self):
        """Every fold opens, with something in it."""
        empty = self.browser.run("""document.querySelectorAll("details").forEach((d) => { d.open = true; });
          return document.querySelectorAll("details").length""")
        self.browser.settle()
        empty = self.browser.run("return [...document.querySelectorAll('details')].filter((d) => d.children.length < 2).length")
        self.check(empty == 0, f"{empty} folds are empty")

    def quiet(self):
        """No complaint, no request but for the page, no element that a label made."""
        for entry in self.browser.log("browser"):
            self.check(False, "console: " + entry["message"])
        for entry in self.browser.log("performance"):
            message = json.loads(entry["message"])["message"]
            if message["method"] != "Network.requestWillBeSent":
                continue
            url = message["params"]["request"]["url"]
            self.check(url.startswith("data:") or url in self.allowed, "asks for " + url[:200])
        made = self.browser.run("return document.querySelectorAll('header script, main script, nav script').length")
        self.check(made == 0, f"{made} scripts were made of text")


def started():
    """A browser, or what to say where there is none."""
    try:
        return Browser(), None
    except (OSError, UnboundLocalError, TypeError, urllib.error.URLError) as reason:
        return None, f"Skipped: no headless Chromium (the packages chromium and chromium-driver): {reason}"


def main(kind):
    """Uses the pages that are named on the command line, of a class that derives from Page; the exit code."""
    browser, why_not = started()
    if why_not:
        print(why_not)
        return SKIPPED
    checks, wrong = 0, []
    try:
        for path in sys.argv[1:]:
            page = kind(browser, path)
            page.use()
            checks += page.checks
            wrong += page.wrong
    finally:
        browser.close()
    print("\n".join(wrong) if wrong else f"{len(sys.argv) - 1} pages, {checks} checks")
    return 1 if wrong or checks == 0 else 0
