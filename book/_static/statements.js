/* Adds a filter to the table of statements. Without scripts the whole table is there. */
"use strict";
(() => {
  const table = document.querySelector("table.statement-table");
  if (!table) return;
  const rows = [...table.tBodies[0].rows];
  const verdictOf = (row) => row.cells[2].textContent.trim();
  const form = document.createElement("form");
  form.className = "statement-filter";
  form.setAttribute("role", "search");
  form.innerHTML = `<label>Words <input type="search" name="words" autocomplete="off"></label>
    <label>Verdict <select name="verdict"><option value="">all</option></select></label>
    <output aria-live="polite"></output>`;
  const { words, verdict } = form.elements;
  for (const name of [...new Set(rows.map(verdictOf))]) verdict.add(new Option(name, name));
  const apply = () => {
    const wanted = words.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const row of rows) {
      const text = row.textContent.toLowerCase();
      const fits = (!verdict.value || verdictOf(row) === verdict.value) && wanted.every((word) => text.includes(word));
      row.hidden = !fits;
      shown += fits;
    }
    form.querySelector("output").textContent = `${shown} of ${rows.length} statements`;
  };
  form.addEventListener("input", apply);
  form.addEventListener("submit", (event) => event.preventDefault());
  (table.closest(".pst-scrollable-table-container") || table).before(form);
  apply();
})();
