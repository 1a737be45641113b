"""Plays pages of the engine at work in headless Chromium, by buttons, keys and the slider.

play_in_browser.py PAGE...: says what is wrong, a line each, and exits with 1; with 77 where there is no browser."""

import sys

import browser as browsers

LEFT, RIGHT, ENTER = "\ue012", "\ue014", "\ue007"
SHOWN = """return [...document.querySelectorAll(".graph g")].reduce(([v, g], box) =>
  [v + (box.querySelector(".value")?.textContent ? 1 : 0), g + (box.querySelector(".gradient")?.textContent ? 1 : 0)], [0, 0])"""


class Play(browsers.Page):
    def plots(self, where):
        self.check(self.browser.run("return document.querySelectorAll('.graph rect').length") > 5, f"{where}: no graph")

    def press_button(self, name, times=1):
        for _ in range(times):
            self.browser.run("document.getElementById(arguments[0]).click()", name)

    def said(self):
        return self.browser.run("return document.getElementById('said').textContent")

    def play(self):
        leaves = self.browser.run("return JSON.parse(document.getElementById('run').textContent).graph.boxes.filter((b) => b.leaf).length")
        boxes = self.browser.run("return document.querySelectorAll('.graph rect').length")
        self.check(self.browser.run(SHOWN) == [leaves, 0], "at the start more than the leaves is known")
        self.press_button("forward")
        self.check(self.browser.run(SHOWN) == [leaves + 1, 0], "a forward node does not appear where it is computed")
        self.check("forward: %" in self.said(), f"says {self.said()}")
        self.check(self.browser.run("return document.querySelector('.slider input').value") == "1", "the slider does not follow the buttons")
        moments = self.browser.run("return Number(document.querySelector('.slider input').max) + 1")
        self.check(self.browser.run("return document.querySelector('.slider output').textContent") == f"2 of {moments}", "the slider says another moment")
        self.check(self.browser.run("return document.querySelectorAll('#code .now').length") == 1, "no line of code is shown")
        self.press_button("forward", boxes)  # more than there are: it stops at the loss
        self.check(self.browser.run(SHOWN) == [boxes, 0], "not every value is shown after the forward pass")
        self.press_button("backward")
        self.check(self.browser.run(SHOWN) == [boxes, 1], "a gradient does not appear where it is computed")
        self.check("# d loss / d " in self.browser.run("return document.querySelector('#code .now').textContent"), "no line of the gradient")
        self.press_button("backward", boxes)
        values, gradients = self.browser.run(SHOWN)
        self.check(gradients > leaves, "not every gradient is shown after the backward pass")
        self.press_button("update")
        self.check(self.browser.run("return document.querySelectorAll('#updates table').length") == 1, "an update shows no table")
        self.press_button("update", boxes)
        self.check("The loss was " in self.said(), "the update does not end with the loss")
        self.press_button("step")
        self.check(self.said().startswith("Step 2 of 3"), f"the next step is {self.said()}")
        self.check(self.browser.run(SHOWN) == [leaves, 0], "numbers of the last step are left")
        self.press_button("back")
        self.check("The loss was " in self.said(), "there is no way back")

    def by_keys(self):
        self.browser.run("document.activeElement.blur()")
        self.browser.press(RIGHT)
        self.check(self.said().startswith("Step 2 of 3: "), f"a key goes to {self.said()}")
        self.browser.press(LEFT)
        self.check("The loss was " in self.said(), "a key does not go back")
        self.browser.run("document.getElementById('step').focus()")
        self.browser.press(ENTER)
        self.check(self.said().startswith("Step 2 of 3: "), "a button does nothing by the keyboard")

    def use(self):
        self.play()
        self.by_keys()
        self.looks()
        self.slide(".slider", "document.getElementById('said').textContent")
        self.keyboard()
        self.quiet()


sys.exit(browsers.main(Play))
