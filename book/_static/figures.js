/* Draws the Plotly figures of a page, and gives each slider a control that works with keyboard, screen reader
   and touch. Plotly (4.8 MB) is loaded only where there is a figure. */
"use strict";
(() => {
  const here = document.currentScript.src;
  const figures = [...document.querySelectorAll(".moving-figure")];
  if (!figures.length) return;

  // Dark ink on a transparent ground: the style sheet inverts it on a dark page.
  const inked = (layout) => ({
    ...layout, template: undefined, sliders: undefined, updatemenus: undefined, autosize: true,
    paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)", font: { ...layout.font, color: "#202020" },
  });

  const control = (box, steps, active, name, show) => {
    const id = `figure-control-${figures.indexOf(box)}`;
    const bar = document.createElement("div");
    bar.className = "moving-figure-control";
    bar.innerHTML = `<label for="${id}"></label><div class="moving-figure-row">
      <button type="button" aria-label="Step back">‹</button>
      <input type="range" id="${id}" min="0" step="1">
      <button type="button" aria-label="Step forward">›</button></div>
      <output for="${id}" aria-live="polite"></output>`;
    const [back, forward] = bar.querySelectorAll("button");
    const range = bar.querySelector("input");
    const told = bar.querySelector("output");
    bar.querySelector("label").textContent = name;
    range.max = steps.length - 1;
    const set = (value) => {
      range.value = value;
      const label = steps[range.value].label;
      range.setAttribute("aria-valuetext", label);
      told.textContent = label;
      show(steps[range.value]);
    };
    range.addEventListener("input", () => set(range.value));
    back.addEventListener("click", () => set(Number(range.value) - 1));
    forward.addEventListener("click", () => set(Number(range.value) + 1));
    box.append(bar);
    set(active);
  };

  const draw = async (box) => {
    const { data, layout, frames } = JSON.parse(box.querySelector("script").textContent);
    const plot = box.querySelector(".moving-figure-plot");
    const [slider] = layout.sliders || [];
    await Plotly.newPlot(plot, { data, layout: inked(layout), frames, config: { displayModeBar: false, responsive: true } });
    if (slider) {
      const show = (step) => Plotly.animate(plot, step.args[0], {
        mode: "immediate", transition: { duration: 0 }, frame: { duration: 0, redraw: true },
      });
      control(box, slider.steps, slider.active || 0, (layout.meta && layout.meta.control) || "Step", show);
    }
  };

  const script = document.createElement("script");
  script.src = new URL("vendor/plotly.min.js", here).href;
  script.onload = () => figures.forEach(draw);
  document.head.append(script);
})();
