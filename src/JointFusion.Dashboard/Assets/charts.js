"use strict";

// Reads charts back: where the pointer or the arrow keys stand, every chart of the page says what it has at that step.
(() => {
  const parsed = new WeakMap(); // path -> { d, points }
  let shown = null; // { svg, step }

  const scaleOf = text => {
    const [low, high, from, to] = text.split(" ").map(Number);
    return { at: value => from + (value - low) / (high - low) * (to - from), back: pixel => low + (pixel - from) / (to - from) * (high - low), low, high };
  };

  function pointsOf(path) {
    const d = path.getAttribute("d") ?? "";
    const known = parsed.get(path);
    if (known?.d === d) return known.points;
    const numbers = d.match(/-?\d+(?:\.\d+)?/g)?.map(Number) ?? [];
    let points = [];
    for (let i = 0; i + 1 < numbers.length; i += 2) points.push([numbers[i], numbers[i + 1]]);
    if (path.classList.contains("layer")) {
      const half = points.length / 2;
      points = points.slice(0, half).map(([x, top], i) => [x, top, points[points.length - 1 - i][1]]);
    }
    parsed.set(path, { d, points });
    return points;
  }

  function nearest(points, x) {
    let [from, to] = [0, points.length - 1];
    while (to - from > 1) {
      const middle = (from + to) >> 1;
      if (points[middle][0] <= x) from = middle;
      else to = middle;
    }
    return Math.abs(points[from][0] - x) <= Math.abs(points[to][0] - x) ? points[from] : points[to];
  }

  const figure = value => {
    const size = Math.abs(value);
    return size !== 0 && (size < 1e-3 || size >= 1e5) ? value.toExponential(2) : value.toLocaleString("en-US", { maximumSignificantDigits: 4 });
  };

  function show(svg, step) {
    const x = scaleOf(svg.dataset.x), y = scaleOf(svg.dataset.y);
    const cursor = svg.querySelector(".cursor"), readout = svg.parentElement.querySelector(".readout");
    const values = [];
    let at = null;
    for (const path of svg.querySelectorAll("[data-line]")) {
      const points = pointsOf(path);
      if (points.length === 0) continue;
      const point = nearest(points, x.at(step));
      at ??= point[0];
      values.push([path.dataset.line, figure(point.length > 2 ? y.back(point[1]) - y.back(point[2]) : y.back(point[1]))]);
    }
    if (at === null) return;
    cursor.setAttribute("x1", at);
    cursor.setAttribute("x2", at);
    tell(svg, readout, `step ${Math.round(x.back(at)).toLocaleString("en-US")}`, values);
  }

  // One line's value stands beside the step; those of several stand in the legend, and are words for who does not see it.
  function tell(svg, readout, step, values) {
    const words = values.map(([name, value]) => values.length === 1 ? value : `${name} ${value}`).join(", ");
    readout.ariaLive = svg === shown?.svg && document.activeElement === svg ? "polite" : "off";
    readout.replaceChildren(step, values.length === 1 ? `: ${words}` : Object.assign(document.createElement("span"), { className: "sr", textContent: `: ${words}` }));
    for (const key of svg.parentElement.querySelectorAll("[data-key]"))
      key.querySelector(".at").textContent = values.find(([name]) => name === key.dataset.key)?.[1] ?? "";
  }

  function showAll(svg, step) {
    const { low, high } = scaleOf(svg.dataset.x);
    shown = { svg, step: Math.min(high, Math.max(low, step)) };
    document.body.classList.add("reading");
    for (const chart of document.querySelectorAll("[data-plot]")) show(chart, shown.step);
  }

  function hide() {
    shown = null;
    document.body.classList.remove("reading");
  }

  document.addEventListener("pointermove", event => {
    const svg = event.target.closest?.("[data-plot]");
    if (!svg) {
      if (shown && !document.activeElement?.matches("[data-plot]")) hide();
      return;
    }
    const box = svg.getBoundingClientRect();
    showAll(svg, scaleOf(svg.dataset.x).back((event.clientX - box.left) / box.width * svg.viewBox.baseVal.width));
  });

  const moves = { ArrowLeft: -0.01, ArrowRight: 0.01, PageUp: -0.1, PageDown: 0.1, Home: -1, End: 1 };

  document.addEventListener("keydown", event => {
    const svg = event.target.closest?.("[data-plot]");
    if (!svg) return;
    if (event.key === "Escape") return hide();
    if (!(event.key in moves)) return;
    event.preventDefault();
    const { low, high } = scaleOf(svg.dataset.x);
    const by = moves[event.key] * (high - low);
    showAll(svg, (shown?.step ?? high) + Math.sign(by) * Math.max(1, Math.abs(by)));
  });

  document.addEventListener("focusout", event => {
    if (event.target.matches?.("[data-plot]")) hide();
  });

  // New steps come while somebody reads.
  setInterval(() => {
    if (shown?.svg.isConnected) showAll(shown.svg, shown.step);
  }, 250);
})();
