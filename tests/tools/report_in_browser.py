"""Opens pages of runs in headless Chromium and uses them as a person would.

report_in_browser.py PAGE...: says what is wrong, a line each, and exits with 1; with 77 where there is no browser."""

import sys

import browser as browsers


class Report(browsers.Page):
    def point(self):
        """A point of the codes' plot shows its example."""
        place = self.browser.run("""const canvas = document.querySelector("#latent canvas");
          if (!canvas || !Chart.getChart(canvas)) return null;  // no plot: said above
          canvas.scrollIntoView({block: "center"});
          const box = canvas.getBoundingClientRect(), chart = Chart.getChart(canvas);
          const chosen = Number(document.querySelector("#latent-slider input")?.value ?? 0);
          const last = chart.getSortedVisibleDatasetMetas().filter((m) => m.label !== "shown")
            .flatMap((m) => m.data.filter((_, i) => chart.data.datasets[m.index].data[i].place !== chosen)).at(-1);
          return last ? [box.left + last.x, box.top + last.y] : null  // an only point""")
        if place is None:
            return
        said = "return document.getElementById('example').textContent"
        drawn = "return [...document.querySelectorAll('#example canvas')].map((canvas) => canvas.toDataURL())"
        before, before_drawn = self.browser.run(said), self.browser.run(drawn)
        self.browser.point(*place)
        self.check(self.browser.run(said) != before, "pointing at a code says no other example")
        self.check(not before_drawn or self.browser.run(drawn) != before_drawn, "pointing at a code draws no other example")

    def classes(self):
        """Classes are told by a legend, or, where they are too many for one, by pointing alone."""
        found = self.browser.run("""const {latent} = JSON.parse(document.getElementById("run").textContent);
          const canvas = document.querySelector("#latent canvas");
          if (!latent || !canvas) return null;
          const legend = Chart.getChart(canvas).legend;
          return [latent.classes, legend.options.display ? legend.legendItems.map((item) => item.text) : []]""")
        if found is not None:
            classes, named = found
            self.check(named == classes or (not named and len(classes) > 12), f"classes {classes}: the legend has {named}")

    def codebook(self):
        use = self.browser.run("return JSON.parse(document.getElementById('run').textContent).codebook ?? null")
        said = self.browser.run("return [...document.querySelectorAll('figcaption')].find((c) => c.textContent.startsWith('Use of the codebook'))?.textContent ?? ''")
        self.check((use is None) == (said == ""), f"of the codebook {use} the page says {said}")
        if use:
            self.check(f" {use['used']} of {len(use['shares'])}; perplexity {use['perplexity']:g}" in said, f"of the codebook {use} the page says {said}")

    def use(self):
        self.looks()
        self.codebook()
        self.classes()
        self.slide("#by-epoch", "document.querySelectorAll('#by-epoch img')[1].src")
        self.slide("#windows", browsers.WINDOW)
        self.slide("#latent-slider", "document.getElementById('example').textContent")
        self.point()
        self.keyboard()
        self.unfold()
        self.quiet()


sys.exit(browsers.main(Report))
