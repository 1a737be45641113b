"""Opens pages of compared runs in headless Chromium: every run is in each table, each plot, each line of examples.

compare_in_browser.py PAGE...: says what is wrong, a line each, and exits with 1; with 77 where there is no browser."""

import sys

import browser as browsers

HEADS = "return [...document.querySelectorAll(arguments[0] + ' thead th')].map((th) => th.textContent)"
NAMES = "return [...document.querySelectorAll(arguments[0] + ' tbody th')].map((th) => th.textContent)"

# Of each plot of a section its curves: names without their part of the data, and colours.
CURVES = """return typeof Chart === "undefined" ? [] : [...document.querySelectorAll(arguments[0] + " canvas")].map((canvas) =>
  Chart.getChart(canvas).data.datasets.map(({label, borderColor}) => [label.replace(/, validation$/, ""), borderColor]))"""

# The runs whose losses share an axis.
LOSSES = """return typeof Chart === "undefined" ? null : [...document.querySelectorAll("#curves figure")].filter((figure) =>
  figure.querySelector("figcaption").firstChild.data === "Loss").map((figure) => [...new Set(Chart.getChart(figure.querySelector("canvas"))
  .data.datasets.map(({label}) => label.replace(/, validation$/, "")))])"""


class Compare(browsers.Page):
    def tables(self, data):
        runs = [run["name"] for run in data["runs"]]
        for section in ("figures", "differences"):
            wanted = [line["name"] for line in data[section]]
            names = self.browser.run(NAMES, f"#{section}")
            self.check([name.replace(" ", "_") for name in names] == [name.replace(" ", "_") for name in wanted], f"{section}: lines {names}")
            self.check(not wanted or self.browser.run(HEADS, f"#{section}")[1:] == runs, f"{section}: columns of other runs")
        said = self.browser.run("return document.querySelector('#differences p')?.textContent ?? ''")
        self.check(bool(data["differences"]) or said == "Their configurations are the same.", f"differences: {said}")

    def curves(self, data):
        runs = {run["name"] for run in data["runs"]}
        colours = {}
        seen = set()
        for plot in self.browser.run(CURVES, "#curves"):
            for name, colour in plot:
                seen.add(name)
                self.check(colours.setdefault(name, colour) == colour, f"{name} has colours {colours[name]} and {colour}")
        losses = self.browser.run(LOSSES)
        units = {run["loss_unit"] for run in data["runs"]}
        wanted = [{run["name"] for run in data["runs"] if run["loss_unit"] == unit} for unit in units]
        self.check(losses is None or sorted(map(sorted, losses)) == sorted(map(sorted, wanted)), f"runs on one axis of loss: {losses}")
        if colours:
            self.check(seen == runs, f"curves are of {seen}")
            self.check(len(set(colours.values())) == len(colours), f"runs share a colour: {colours}")

    def examples(self, data):
        sources = self.browser.run("return [...document.querySelectorAll('#examples img')].map((image) => image.src)")
        pictures = data.get("pictures")
        wanted = [pictures["originals"], *(run["picture"] for run in pictures["runs"])] if pictures else []
        self.check(sources == wanted, f"{len(sources)} lines of pictures, or others than {len(wanted)}")
        for row in data.get("rows", {}).get("rows", []):
            heads = self.browser.run(HEADS, f"#examples [aria-label='Example {row['number']}']")
            self.check(heads == ["column", "value", *data["rows"]["names"]], f"example {row['number']}: columns {heads}")
        windows = data.get("windows")
        if windows:
            self.slide("#examples .slider", browsers.WINDOW)
            wanted = [["signal", *windows["names"]]] * len(windows["channels"])
            drawn = [[name for name, _ in plot] for plot in self.browser.run(CURVES, "#window")]
            self.check(drawn in ([], wanted), f"windows: curves {drawn}")

    def use(self):
        self.looks()
        data = self.browser.run("return JSON.parse(document.getElementById('run').textContent)")
        self.tables(data)
        self.curves(data)
        self.examples(data)
        self.keyboard()
        self.unfold()
        self.quiet()


sys.exit(browsers.main(Compare))
