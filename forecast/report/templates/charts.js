// Replaces each drawing of a page by one that answers: values under the pointer, lines switched on and off, zoom in time.
// `vegaEmbed` comes with the bundle. Expressions are interpreted, not compiled, so that the page needs no eval.

const calm = {
  ast: true,
  actions: false,
  renderer: "svg",
  defaultStyle: false,
  logLevel: 1,
  tooltip: (_handler, event, _item, value) => showValue(event, value),
  loader: { load: () => Promise.reject(new Error("nothing is loaded")) },
};

const valueBox = document.createElement("div");
valueBox.id = "chart-value";
valueBox.hidden = true;
document.body.append(valueBox);

function showValue(event, value) {
  if (value === null || value === undefined || value === "") {
    valueBox.hidden = true;
    return;
  }
  const list = document.createElement("dl");
  const rows = typeof value === "object" ? Object.entries(value) : [["", value]];
  for (const [name, shown] of rows) {
    const term = document.createElement("dt");
    const text = document.createElement("dd");
    term.textContent = name;
    text.textContent = String(shown);
    list.append(term, text);
  }
  valueBox.replaceChildren(list);
  valueBox.hidden = false;
  const box = valueBox.getBoundingClientRect();
  const left = Math.min(event.clientX + 14, window.innerWidth - box.width - 8);
  const below = event.clientY + 14;
  valueBox.style.left = `${Math.max(8, left)}px`;
  valueBox.style.top = `${below + box.height > window.innerHeight ? event.clientY - box.height - 14 : below}px`;
}

window.addEventListener("keydown", (event) => {
  if (event.key === "Escape") valueBox.hidden = true;
});
window.addEventListener("scroll", () => (valueBox.hidden = true), { passive: true });

// Every part of a specification that draws marks or lays out those that do, with the colour and the rows it is given.
function* parts(specification, whole, colour, rows = []) {
  const own = specification.encoding?.color;
  const inherited = own?.field ? own : colour;
  const here = specification.data ? rowsOf(specification, whole) : rows;
  yield [specification, inherited, here];
  for (const key of ["layer", "vconcat", "hconcat", "concat"]) {
    for (const inner of specification[key] ?? []) yield* parts(inner, whole, inherited, here);
  }
  if (specification.spec) yield* parts(specification.spec, whole, inherited, here);
}

function rowsOf(specification, whole) {
  const data = specification.data;
  return (data?.name ? whole.datasets?.[data.name] : data?.values) ?? [];
}

const valuesOf = (rows, field) => [...new Set(rows.map((row) => row[field]).filter((value) => value !== undefined && value !== null))];

// What can be switched: fields that a colour stands for, with their values in order.
function seriesOf(whole) {
  const found = new Map();
  for (const [, colour, rows] of parts(whole, whole)) {
    if (!colour || colour.legend === null || colour.type === "quantitative") continue;
    const values = found.get(colour.field) ?? new Set(colour.scale?.domain ?? []);
    for (const value of valuesOf(rows, colour.field)) values.add(value);
    found.set(colour.field, values);
  }
  return [...found].map(([field, values]) => [field, [...values]]).filter(([, values]) => values.length > 1 && values.length <= 16);
}

// The same chart without what is switched off; colours stay with their values.
function without(whole, hidden) {
  const made = structuredClone(whole);
  for (const [part, colour, rows] of [...parts(made, made)]) {
    const own = part.encoding?.color;
    if (own?.field && own.type !== "quantitative" && !own.scale?.domain && rows.length) {
      const values = valuesOf(rows, own.field);
      own.scale = { ...own.scale, domain: own.sort === undefined ? values.sort() : values };
    }
    const off = hidden.get(colour?.field);
    if (part.mark && off?.size) {
      part.transform = [...(part.transform ?? []), { filter: { not: { field: colour.field, oneOf: [...off] } } }];
    }
  }
  return made;
}

// Along an axis of days: drag to move, shift and the wheel to zoom; the wheel alone scrolls the page.
function zoomable(specification) {
  let number = 0;
  for (const [part] of [...parts(specification, specification)]) {
    const inLayer = part.layer ? part.layer[part.layer.length - 1] : null;
    const target = inLayer ?? (part.mark && !part.inside ? part : null);
    for (const inner of part.layer ?? []) inner.inside = true;
    const x = target?.encoding?.x ?? part.encoding?.x;
    if (target?.mark && x?.type === "temporal") {
      const select = { type: "interval", encodings: ["x"], zoom: "wheel![event.shiftKey]" };
      const param = { name: `zoom_${(number += 1)}`, select, bind: "scales" };
      if (target !== specification) {
        target.name ??= `moved_${number}`; // parameters of a part are given at the top, where others would replace them
        param.views = [target.name];
      }
      specification.params = [...(specification.params ?? []), param];
    }
  }
  for (const [part] of parts(specification, specification)) {
    delete part.inside;
    // what can be moved is cut off at the edges; words beside the panel stay
    if (number && part.mark && (part.mark.type ?? part.mark) === "text") {
      part.mark = { ...(part.mark.type ? part.mark : { type: part.mark }), clip: false };
    }
  }
  return number > 0;
}

// Narrower by what stands out of the box; long labels give way first.
function narrowed(specification, excess, narrow) {
  for (const [part] of parts(specification, specification)) {
    if (typeof part.width === "number") part.width = Math.max(150, part.width - excess);
    const y = part.encoding?.y;
    if (narrow && y?.axis?.labelLimit) y.axis.labelLimit = 110;
    const x = part.encoding?.x;
    if (narrow && x?.axis?.tickCount) x.axis.tickCount = 3;
    const legend = part.encoding?.color?.legend;
    if (narrow && legend) Object.assign(legend, { columns: 1, labelLimit: 240 });
    if (narrow && part.title?.text) part.title.limit = excess < 0 ? undefined : 300;
  }
}

class Chart {
  constructor(drawing) {
    this.drawing = drawing;
    this.whole = JSON.parse(document.getElementById(drawing.dataset.chart).textContent);
    this.hidden = new Map();
    this.view = null;
    this.width = 0;
  }

  async start() {
    const fold = this.drawing.closest("details:not([open])");
    if (fold) {
      fold.addEventListener("toggle", () => this.start(), { once: true }); // what is folded has no width yet
      return;
    }
    this.canZoom = zoomable(structuredClone(this.whole));
    await this.draw();
    this.switches();
  }

  async draw() {
    const room = (this.width = this.drawing.clientWidth);
    const specification = without(this.whole, this.hidden);
    zoomable(specification);
    const holder = document.createElement("div");
    for (let attempt = 0; attempt < 3; attempt += 1) {
      this.view?.finalize();
      if (!holder.isConnected) this.drawing.append(holder);
      this.view = (await vegaEmbed(holder, specification, calm)).view;
      const svg = holder.querySelector("svg");
      const excess = Number(svg.getAttribute("width")) - room;
      if (excess <= 0) break;
      narrowed(specification, excess, room < 560);
    }
    for (const old of [...this.drawing.children]) if (old !== holder) old.remove();
    const svg = holder.querySelector("svg");
    svg.setAttribute("aria-hidden", "true");
    svg.setAttribute("focusable", "false");
    this.drawing.removeAttribute("data-static");
    this.drawing.dataset.drawn = String(Number(this.drawing.dataset.drawn ?? 0) + 1);
  }

  switches() {
    const bar = document.createElement("div");
    bar.className = "switches";
    bar.setAttribute("role", "group");
    bar.setAttribute("aria-label", "What the chart shows");
    for (const [field, values] of seriesOf(this.whole)) {
      for (const value of values) bar.append(this.toggle(field, value));
    }
    if (this.canZoom) {
      const whole = document.createElement("button");
      whole.type = "button";
      whole.textContent = "Whole time";
      whole.title = "Drag moves the chart in time, shift with the wheel zooms";
      whole.addEventListener("click", () => this.draw());
      bar.append(whole);
    }
    if (bar.children.length) this.drawing.before(bar);
  }

  toggle(field, value) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = String(value);
    button.setAttribute("aria-pressed", "true");
    button.addEventListener("click", () => {
      const off = this.hidden.get(field) ?? new Set();
      if (!off.delete(value)) off.add(value);
      this.hidden.set(field, off);
      button.setAttribute("aria-pressed", String(!off.has(value)));
      return this.draw();
    });
    return button;
  }
}

const charts = [...document.querySelectorAll("[data-chart]")].map((drawing) => new Chart(drawing));
let waiting;
window.addEventListener("resize", () => {
  clearTimeout(waiting);
  waiting = setTimeout(() => {
    for (const chart of charts) if (chart.view && chart.drawing.clientWidth !== chart.width) chart.draw();
  }, 150);
});

// Paper shows everything, in browsers too whose style sheets cannot open what is folded.
window.addEventListener("beforeprint", () => {
  for (const fold of document.querySelectorAll("details:not([open])")) {
    fold.open = true;
    fold.dataset.folded = "";
  }
});
window.addEventListener("afterprint", () => {
  for (const fold of document.querySelectorAll("details[data-folded]")) {
    fold.open = false;
    delete fold.dataset.folded;
  }
});

(async () => {
  for (const chart of charts) {
    try {
      await chart.start();
    } catch (error) {
      console.error(error); // the drawing that was there stays
    }
  }
  document.documentElement.dataset.charts = "ready";
})();
