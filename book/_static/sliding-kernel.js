/* Moves the window of the start page's figure: by itself until somebody stops it, by the slider, by the pointer.
   It starts still where the reader's system asks for less motion, and it ends after one round. */
"use strict";
(() => {
  const figure = document.querySelector(".sliding-kernel");
  if (!figure) return;
  const { x, w, y, start } = JSON.parse(figure.querySelector("script").textContent);
  const columns = y[0].length, last = y.length * columns - 1;
  const [image, map] = figure.querySelectorAll(".sliding-kernel-image");
  const terms = figure.querySelectorAll(".sliding-kernel-sum span");
  const sum = figure.querySelector("output");
  const signed = (value) => value.toFixed(1).replace("-", "−");

  const bar = document.createElement("div");
  bar.className = "sliding-kernel-control";
  bar.innerHTML = `<button type="button"></button><input type="range" min="0" max="${last}" aria-label="Position of the window">`;
  const [button, range] = bar.children;
  figure.append(bar);

  const place = (box, i, j) => {
    const frame = box.querySelector("i"), side = box === image ? x.length : y.length;
    frame.style.cssText = `--i: ${i / side}; --j: ${j / side}`;
  };
  const show = (position) => {
    const i = Math.floor(position / columns), j = position % columns;
    place(image, i, j);
    place(map, i, j);
    terms.forEach((term, n) => {
      const p = Math.floor(n / 3), q = n % 3;
      term.firstChild.data = x[i + p][j + q].toFixed(1);
    });
    sum.textContent = `sum ${signed(y[i][j])}`;
    range.value = position;
    range.setAttribute("aria-valuetext", `row ${i + 1}, column ${j + 1}: sum ${signed(y[i][j])}`);
    // What is computed so far: whole rows, and the row of the window as far as it came.
    const done = (n) => `${(100 * n) / y.length}%`;
    map.firstElementChild.style.clipPath = `polygon(0 0, 100% 0, 100% ${done(i)}, ${done(j + 1)} ${done(i)}, ${done(j + 1)} ${done(i + 1)}, 0 ${done(i + 1)})`;
  };

  let position = start[0] * columns + start[1], playing = false, due = 0;
  // Where the window sees blank paper only, there is nothing to read: pass quickly.
  const blank = (at) => {
    const i = Math.floor(at / columns), j = at % columns;
    return w.every((row, p) => row.every((_, q) => x[i + p][j + q] === 0));
  };
  const tick = (now) => {
    if (!playing) return;
    if (now >= due) {
      if (position === last) return play(false);
      show(++position);
      due = now + (blank(position) ? 15 : 90);
    }
    requestAnimationFrame(tick);
  };
  const play = (wanted) => {
    playing = wanted;
    button.textContent = playing ? "Pause" : position === last ? "Again" : "Play";
    if (playing) requestAnimationFrame(tick);
  };
  const go = (to) => {
    position = Math.min(Math.max(to, 0), last);
    show(position);
    play(false);
  };
  button.addEventListener("click", () => {
    if (!playing && position === last) position = 0;
    play(!playing);
  });
  range.addEventListener("input", () => go(Number(range.value)));
  image.addEventListener("pointermove", (event) => {
    const box = image.getBoundingClientRect();
    const cell = (offset, size) => Math.min(Math.max(Math.floor((offset / size) * x.length) - 1, 0), columns - 1);
    go(cell(event.clientY - box.top, box.height) * columns + cell(event.clientX - box.left, box.width));
  });

  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  if (!still) position = 8 * columns; // with something to see from the first moment
  show(position);
  play(!still);
})();
