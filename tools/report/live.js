// A report that goes on: the server tells what is new, and what was open, chosen or focused stays so.

const kFocusable = 'a[href], summary, input, [tabindex]';

function keepingPlace(render) {
  const places = (selector) => [...document.querySelectorAll(selector)];
  const open = new Set(places('main details[open] > summary').map((each) => placeOf(each)));
  const sliders = new Map(places('main input[type=range]')
                              .filter((each) => each.value !== each.max)
                              .map((each) => [placeOf(each), each.value]));
  const focused =
      document.activeElement?.matches?.(kFocusable) ? placeOf(document.activeElement) : null;
  const top = window.scrollY;
  render();
  for (const summary of places('main details > summary'))
    summary.parentElement.open = open.has(placeOf(summary));
  for (const input of places('main input[type=range]')) {
    if (!sliders.has(placeOf(input))) continue;
    input.value = sliders.get(placeOf(input));
    input.dispatchEvent(new Event('input'));
  }
  places(kFocusable).find((each) => placeOf(each) === focused)?.focus({preventScroll: true});
  window.scrollTo({top, behavior: 'instant'});
}

// Where an element stands, in words that hold after the page was filled again.
function placeOf(each) {
  const figure = each.closest('figure')?.querySelector('figcaption')?.textContent ?? '';
  return [
    each.closest('section')?.id, figure, each.tagName,
    each.getAttribute('aria-label') ?? each.textContent
  ].join('|');
}

const run = beginPage(renderReport);
const status = element('p', {role: 'status', id: 'live'});
document.getElementById('summary').after(status);

function say(state, line) {
  status.className = state;
  status.textContent = line;
}

function sayHow() {
  const epoch = run.metrics.filter((line) => line.split === 'train').at(-1)?.epoch;
  if (run.killed) return say('bad', `Killed: its training does not go on by itself.`);
  if (!run.live) return say('good', `Training has ended: ${run.config.outcome}.`);
  say('soft',
      `Live: ${
          epoch === undefined ? 'no epoch has ended yet' :
                                `epoch ${epoch} of ${run.config.training?.epochs ?? '?'}, at ${
                                    new Date().toLocaleTimeString()}`}.`);
}

function addLines(more) {
  run.metrics.push(...more['metrics.jsonl'] ?? []);
  run.timing.push(...more['timing.jsonl'] ?? []);
  for (const line of more['reconstructions.jsonl'] ?? []) {
    run.reconstructions_by_epoch ??= {epochs: []};
    if (line.originals)
      run.reconstructions_by_epoch.originals = line.originals;
    else
      run.reconstructions_by_epoch.epochs.push(line);
  }
  if (run.reconstructions_by_epoch?.epochs.length === 0) delete run.reconstructions_by_epoch;
}

function listen(source, name, change) {
  source.addEventListener(name, (event) => {
    change(JSON.parse(event.data));
    keepingPlace(() => renderReport(run));
    sayHow();
  });
}

const source = new EventSource('events');
listen(source, 'whole', (whole) => {
  for (const name of Object.keys(run)) delete run[name];
  Object.assign(run, whole);
});
listen(source, 'more', addLines);
source.addEventListener('trouble', (event) => say('bad', JSON.parse(event.data)));
source.addEventListener(
    'error',
    () => say('bad', 'hourglass watch does not answer: what stands here is what it said last.'));
sayHow();
