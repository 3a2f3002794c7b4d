// Draws each chart of a page under a policy that lets no text become code. Bundled by vendor_assets.py.
import { parse, View, Warn } from "vega";
import { expressionInterpreter } from "vega-interpreter";
import { compile } from "vega-lite";

const INK = "#27211f";
const INK_2 = "#4f4742";
const FONT = "Source Sans Pro Web, Source Sans Pro, Helvetica Neue, Arial, sans-serif";

// Vega reads no custom property, so the look's values stand here once more.
const LOOK = {
  background: null,
  font: FONT,
  view: { stroke: null },
  mark: { color: "#7a2450" },
  axis: {
    grid: false, domainColor: INK, tickColor: INK, titleColor: INK, labelColor: INK_2,
    labelFontSize: 15, titleFontSize: 15, titleFontWeight: "normal", labelFont: FONT, titleFont: FONT,
  },
  legend: { labelColor: INK_2, titleColor: INK, labelFontSize: 15, titleFontSize: 15 },
  title: { color: INK, fontSize: 15, anchor: "start" },
  text: { color: INK, fontSize: 15 },
  range: { category: ["#7a2450", "#b7cdc1", "#d9a8c1", "#47705f"] },
};

async function draw(chart, spec) {
  const { spec: compiled } = compile({ width: "container", ...spec }, { config: LOOK });
  const view = new View(parse(compiled, null, { ast: true }), {
    expr: expressionInterpreter, renderer: "svg", container: chart, hover: false, tooltip: () => {}, logLevel: Warn,
  });
  await view.runAsync();
  // The figure's own words and table say all that is drawn.
  chart.querySelectorAll("svg").forEach((svg) => svg.setAttribute("aria-hidden", "true"));
}

function drawAll(part) {
  for (const chart of part.querySelectorAll(".tw-chart:empty")) {
    const source = chart.parentElement.querySelector('script[type="application/json"]');
    if (!source) continue;
    draw(chart, JSON.parse(source.textContent)).catch(() => {
      chart.textContent = "The chart cannot be drawn here; its table has every number.";
    });
  }
}

drawAll(document);
// A part of the page that was exchanged brings its chart along.
document.addEventListener("htmx:afterSettle", (event) => drawAll(event.target));
