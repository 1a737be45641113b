// The engine at work: a training step played node by node. Every number was computed by the program.

const kSpace = "http://www.w3.org/2000/svg";

function drawn(tag, attributes, ...children) {
  const made = document.createElementNS(kSpace, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

// What happens, one thing after the other: forward, backward, the update, of each step.
function eventsOf(data) {
  const {boxes} = data.graph;
  return data.steps.flatMap(({updates}, step) => [
    {step, phase: "start"},
    ...boxes.map((box, place) => ({step, phase: "forward", place})).filter(({place}) => !boxes[place].leaf),
    ...boxes.map((box, place) => ({step, phase: "backward", place})).reverse().filter(({place}) => boxes[place].rule),
    ...updates.map((update, place) => ({step, phase: "update", place})),
  ]);
}

function pathOf(points) {
  return points.map(([x, y], i) => {
    if (i === 0) return `M${x} ${y}`;
    const middle = (y + points[i - 1][1]) / 2;
    return `C${points[i - 1][0]} ${middle} ${x} ${middle} ${x} ${y}`;
  }).join("");
}

// The graph as it lies; `show(box, value, gradient, state)` writes into one.
function graphOf({boxes, paths, width, height}) {
  const svg = drawn("svg", {viewBox: `-6 -6 ${width + 12} ${height + 12}`, role: "img", "aria-label": "The graph of the loss",
    style: `width: min(100%, ${Math.round(1.5 * (width + 12))}px); min-width: ${width + 12}px`});
  svg.append(drawn("defs", {}, drawn("marker", {id: "head", viewBox: "0 0 6 6", refX: 6, refY: 3, markerWidth: 6, markerHeight: 6, orient: "auto"},
    drawn("path", {d: "M0 0L6 3L0 6z"}))));
  for (const points of paths) svg.append(drawn("path", {d: pathOf(points), class: "arrow", "marker-end": "url(#head)"}));
  const made = boxes.map((box) => {
    const [x, y] = box.at, [w, h] = box.size;
    const texts = [...box.lines, "", ""].map((line, i) => drawn("text", {x: x + 8, y: y + 16 + 15 * i, class: i === 0 ? "name" : "type"}, line));
    const [value, gradient] = texts.slice(-2);
    value.setAttribute("class", "value");
    gradient.setAttribute("class", "gradient");
    const group = drawn("g", {}, drawn("rect", {x, y, width: w, height: h, rx: box.leaf ? 0 : 6}), ...texts);
    svg.append(group);
    return {group, value, gradient};
  });
  return {svg, show(place, value, gradient, state) {
    const {group, value: above, gradient: below} = made[place];
    above.textContent = value ?? "";
    below.textContent = gradient === null ? "" : `d ${gradient}`;
    group.setAttribute("class", `box ${boxes[place].parameter ? "parameter" : boxes[place].leaf ? "input" : ""} ${state}`);
    if (state) keepInSight(svg.parentElement, box(boxes[place], svg));
  }};
}

function box({at, size}, svg) {
  const scale = svg.getBoundingClientRect().width / svg.viewBox.baseVal.width;
  return {left: (at[0] + 6) * scale, top: (at[1] + 6) * scale, width: size[0] * scale, height: size[1] * scale};
}

// Scrolls what holds the graph, not the page.
function keepInSight(holder, {left, top, width, height}) {
  if (!holder) return;
  const past = (start, length, from, seen) => start < from || start + length > from + seen;
  if (past(left, width, holder.scrollLeft, holder.clientWidth)) holder.scrollLeft = left + width / 2 - holder.clientWidth / 2;
  if (past(top, height, holder.scrollTop, holder.clientHeight)) holder.scrollTop = top + height / 2 - holder.clientHeight / 2;
}

function updateTable({parameter, rows}, label) {
  return element("figure", {}, element("figcaption", {}, parameter), table(["", label], rows, parameter));
}

class Player {
  constructor(data) {
    this.data = data;
    this.events = eventsOf(data);
    this.at = 0;
    this.graph = graphOf(data.graph);
    this.say = element("p", {id: "said", role: "status", "aria-live": "polite"});
    this.code = element("ol", {id: "code", class: "code", "aria-label": "The graph code"});
    this.updates = element("div", {id: "updates", class: "plots"});
    this.scroll = slider("Moment", this.events.length, 0, (at) => {
      this.at = at;
      this.show();
      return `${at + 1} of ${this.events.length}`;
    });
    this.buttons = this.makeButtons();
  }

  makeButtons() {
    const button = (id, name, target) => {
      const made = element("button", {type: "button", id}, name);
      made.addEventListener("click", () => this.go(target()));
      return {made, target};
    };
    const next = (phase) => this.events.findIndex((event, i) => i > this.at && event.phase === phase);
    const last = (phase) => this.events.findLastIndex((event) => event.step === this.events[this.at].step && event.phase === phase);
    return [
      button("back", "◂ Back", () => this.at - 1),
      button("forward", "Next forward node ▸", () => this.events[this.at].phase === "start" || this.events[this.at].phase === "forward" ? this.within("forward") : -1),
      button("backward", "Next backward node ▸", () => ["forward", "backward"].includes(this.events[this.at].phase) ? this.within("backward") : -1),
      button("update", "Update ▸", () => this.events[this.at].phase === "update" ? this.within("update") : this.at < last("update") ? next("update") : -1),
      button("step", "Next step ▸▸", () => next("start")),
    ];
  }

  // The next event of a phase, if it is of the same step.
  within(phase) {
    const found = this.events.findIndex((event, i) => i > this.at && event.phase === phase);
    return found >= 0 && this.events[found].step === this.events[this.at].step ? found : -1;
  }

  go(at) {
    if (at < 0 || at >= this.events.length) return;
    this.scroll.input.value = at;
    this.scroll.input.dispatchEvent(new Event("input"));
  }

  // Whether an event of this step has happened.
  past(phase, place) {
    const {step} = this.events[this.at];
    const at = this.events.findIndex((event) => event.step === step && event.phase === phase && event.place === place);
    return at >= 0 && at <= this.at;
  }

  show() {
    const event = this.events[this.at], step = this.data.steps[event.step];
    this.data.graph.boxes.forEach((each, place) => {
      const known = each.leaf || this.past("forward", place), derived = this.past("backward", place);
      const now = event.place === place && event.phase !== "update" ? `now ${event.phase}` : "";
      this.graph.show(place, known ? step.values[place] : null, derived ? step.gradients[place] : null, now);
    });
    this.showCode(event);
    this.updates.replaceChildren(...step.updates.filter((_, place) => this.past("update", place)).map((each) => updateTable(each, `step ${event.step + 1}`)));
    if (event.phase === "update") this.updates.lastElementChild.scrollIntoView({block: "nearest"});
    this.say.textContent = this.sentence(event, step);
    for (const {made, target} of this.buttons ?? []) {
      const off = target() < 0;
      made.setAttribute("aria-disabled", String(off));
    }
  }

  showCode(event) {
    const {boxes} = this.data.graph;
    const rule = event.phase === "backward" ? boxes[event.place].rule : null;
    const lines = boxes.map(({code}, place) => element("li", {class: !rule && event.phase === "forward" && place === event.place ? "now" : false}, element("code", {}, code)));
    if (rule) lines.splice(event.place + 1, 0, element("li", {class: "now backward"}, element("code", {}, rule)));
    this.code.replaceChildren(...lines);
    const now = this.code.querySelector(".now");
    if (now) keepInSight(this.code, {left: 0, width: 1, top: now.offsetTop - this.code.offsetTop, height: now.offsetHeight});
  }

  sentence({phase, place, step: number}, step) {
    const {boxes} = this.data.graph, of = `Step ${number + 1} of ${this.data.steps.length}`;
    if (phase === "start") return `${of}: parameters and examples are known${this.data.begins ? `; ${this.data.begins}` : ""}.`;
    if (phase === "update") {
      const all = place === step.updates.length - 1 ? ` The loss was ${step.before}, and is ${step.after} on the same examples.` : "";
      return `${of}, update: ${step.updates[place].parameter} by ${this.data.optimizer}, learning rate ${step.rate}.${all}`;
    }
    const name = boxes[place].leaf ? `${boxes[place].name} ${boxes[place].lines[0]}` : boxes[place].lines[0];
    const is = (value) => (value.startsWith("|x|") ? `: ${value}` : ` = ${value}`);  // a norm, or the numbers
    return phase === "forward" ? `${of}, forward: ${name}${is(step.values[place])}` : `${of}, backward: d loss / d ${name}${is(step.gradients[place])}`;
  }
}

const data = JSON.parse(document.getElementById("run").textContent);
const player = new Player(data);
document.title = `${data.model}: the engine at work`;
document.getElementById("summary").replaceChildren(element("h1", {}, `${data.model}: the engine at work`));
document.getElementById("contents").remove();
document.getElementById("sections").replaceChildren(
  element("div", {class: "controls"}, player.buttons.map(({made}) => made)), player.scroll.element, player.say,
  element("div", {class: "stage"}, element("div", {class: "graph", tabindex: "0", role: "region", "aria-label": "Graph"}, player.graph.svg),
    element("div", {}, element("h2", {}, "Graph code"), player.code, player.updates)));
player.code.tabIndex = 0;
player.show();
document.addEventListener("keydown", (event) => {
  if (event.target.matches?.("input") || event.altKey || event.ctrlKey || event.metaKey) return;
  if (event.target.matches?.(".graph, .code")) return;
  if (event.key === "ArrowRight") player.go(player.at + 1);
  if (event.key === "ArrowLeft") player.go(player.at - 1);
});
