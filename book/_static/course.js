// Quick questions, guesses, tables and printing. Nothing is sent anywhere; guesses stay in this browser.
(() => {
  "use strict";
  const STORE = "sl-guess";

  // ------------------------------------------------------------------ quick questions
  function quiz(box) {
    const choices = [...box.querySelectorAll("details.sl-choice")];
    const status = box.querySelector(".sl-status");
    for (const choice of choices) {
      choice.addEventListener("toggle", () => {
        if (!choice.open) return;
        for (const other of choices) if (other !== choice) other.open = false;
        status.textContent = choice.querySelector(".sl-feedback").textContent.trim().replace(/\s+/g, " ");
      });
    }
  }

  // ------------------------------------------------------------------ guesses
  function stored() {
    try {
      const all = JSON.parse(localStorage.getItem(STORE) || "{}");
      return all && typeof all === "object" && !Array.isArray(all) ? all : {};
    } catch { return {}; }
  }
  function store(id, guess) {
    const all = stored();
    if (guess) all[id] = guess; else delete all[id];
    try { localStorage.setItem(STORE, JSON.stringify(all)); } catch { /* private mode: the page still answers */ }
  }

  const SCALE = { k: 1e3, m: 1e6, b: 1e9, g: 1e9, t: 1e12 };
  // "2e10", "20 000", "1,000", "70B", "1.4T", "30%"; null if it is not a number
  function parseNumber(text) {
    const plain = text.trim().replace(/[\s\u00a0\u202f_]/g, "").replace(/−/g, "-").replace(/%$/, "");
    const grouped = /^[-+]?\d{1,3}(,\d{3})+(\.\d+)?$/.test(plain) ? plain.replace(/,/g, "") : plain;
    const found = /^([-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?)([kmbgt]?)$/i.exec(grouped);
    if (!found) return null;
    const value = Number(found[1]) * (found[2] ? SCALE[found[2].toLowerCase()] : 1);
    return Number.isFinite(value) ? value : null;
  }
  function show(value) {
    const size = Math.abs(value);
    if (size !== 0 && (size >= 1e6 || size < 1e-3)) return value.toExponential(2).replace(/\.?0+e/, "e").replace("e+", "e");
    return String(Number(value.toPrecision(4)));
  }

  function field(form, name, label, id) {
    const holder = document.createElement("div");
    const input = document.createElement("input");
    const caption = document.createElement("label");
    input.id = `guess-${id}-${name}`;
    input.type = "text";
    input.inputMode = "text";
    input.autocomplete = "off";
    input.setAttribute("aria-describedby", `guess-${id}-message`);
    caption.htmlFor = input.id;
    caption.textContent = label;
    holder.append(caption, input);
    form.append(holder);
    return input;
  }

  function guess(box) {
    const id = box.dataset.guess, unit = box.dataset.unit || "", log = box.dataset.log === "yes";
    const low = box.dataset.low === undefined ? -Infinity : Number(box.dataset.low);
    const high = box.dataset.high === undefined ? Infinity : Number(box.dataset.high);
    const reveal = document.querySelector(`.guess-reveal[data-id="${CSS.escape(id)}"]`);
    box.querySelector(".sl-nojs")?.remove();

    const form = document.createElement("form");
    form.noValidate = true;
    const inputs = {
      value: field(form, "value", "Your value", id),
      low: field(form, "low", "80 % interval, from", id),
      high: field(form, "high", "to", id),
    };
    if (unit) {
      const label = document.createElement("span");
      label.className = "sl-unit";
      label.textContent = unit;
      form.append(label);
    }
    const commit = document.createElement("button");
    commit.type = "submit";
    commit.textContent = "Commit";
    form.append(commit);
    const message = document.createElement("p");
    message.className = "sl-message";
    message.id = `guess-${id}-message`;
    message.setAttribute("role", "status");
    box.append(form, message);

    function say(text, input) {
      message.textContent = text;
      message.classList.toggle("sl-wrong", Boolean(input));
      for (const each of Object.values(inputs)) each.setAttribute("aria-invalid", String(each === input));
      input?.focus();
      return false;
    }
    function check() {
      const read = {};
      for (const [name, input] of Object.entries(inputs)) {
        const words = { value: "your value", low: "the lower end", high: "the upper end" }[name];
        if (!input.value.trim()) return say(`Please give ${words} too.`, input);
        read[name] = parseNumber(input.value);
        if (read[name] === null) return say(`I cannot read ${words} as a number. Try 20, 2e10 or 1.5T.`, input);
        if (log && read[name] <= 0) return say(`Here ${words} must be above zero.`, input);
        if (read[name] < low) return say(`That is below ${show(low)}${unit && " " + unit}, which is ruled out. Try more.`, input);
        if (read[name] > high) return say(`That is above ${show(high)}${unit && " " + unit}, which is ruled out. Try less.`, input);
      }
      if (read.low >= read.high) return say("The interval needs its lower end first.", inputs.high);
      if (read.value < read.low || read.value > read.high) return say("Your interval should hold your own value.", inputs.value);
      return read;
    }
    function committed(record, fresh) {
      for (const name of Object.keys(inputs)) {
        inputs[name].value = show(record[name]);
        inputs[name].disabled = true;
      }
      commit.hidden = true;
      say(`Committed: ${show(record.value)}, between ${show(record.low)} and ${show(record.high)}${unit && " " + unit}. `);
      const again = document.createElement("button");
      again.type = "button";
      again.className = "sl-plain";
      again.textContent = "Guess again";
      again.addEventListener("click", () => {
        store(id, null);
        for (const input of Object.values(inputs)) { input.disabled = false; input.value = ""; }
        commit.hidden = false;
        say("");
        if (reveal) reveal.open = false;
        inputs.value.focus();
      });
      message.append(again);
      if (reveal) { compare(reveal, id, record, log); if (fresh) reveal.open = true; }
    }

    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const read = check();
      if (!read) return;
      const record = { ...read, unit, time: new Date().toISOString() };
      store(id, record);
      committed(record, true);
    });
    const known = stored()[id];
    if (known && ["value", "low", "high"].every((name) => Number.isFinite(known[name]))) committed(known, false);
  }

  // What the guess was worth, and how the reader's intervals have held so far.
  function compare(reveal, id, record, log) {
    const shown = reveal.querySelector(".guess-answer"), line = reveal.querySelector(".sl-calibration");
    const truth = shown ? parseNumber(shown.textContent) : null;
    if (truth === null || !line) return;
    record.truth = truth;
    store(id, record);
    const unit = record.unit ? " " + record.unit : "";
    const off = log || (truth > 0 && record.value > 0)
      ? (record.value >= truth ? `${show(record.value / truth)} times the answer` : `the answer divided by ${show(truth / record.value)}`)
      : `off by ${show(Math.abs(record.value - truth))}${unit}`;
    const near = record.value === truth ? "exactly the answer" : off;
    const holds = (each) => each.low <= each.truth && each.truth <= each.high;
    const all = Object.values(stored()).filter((each) => each && Number.isFinite(each.truth) && Number.isFinite(each.low));
    const held = all.filter(holds).length;
    const tally = all.length > 1
      ? ` So far ${held} of ${all.length} of your 80 % intervals held the answer.`
      : " Across the course, four of five such intervals should hold.";
    line.textContent = `Your interval ${holds(record) ? "holds" : "misses"} it; your value was ${near}.${tally}`;
  }

  // ------------------------------------------------------------------ tables and other wide things
  const NUMBER = /^[-+−±~≈<>]?\s*[$€]?\d[\d,. \u202f]*(e[-+]?\d+|[kMBT])?\s*%?$/i;
  function alignNumbers(table) {
    for (const empty of table.querySelectorAll("thead th:empty")) empty.replaceWith(document.createElement("td"));
    const rows = [...table.tBodies].flatMap((body) => [...body.rows]);
    const width = Math.max(0, ...rows.map((row) => row.cells.length));
    for (let column = 0; column < width; column++) {
      const cells = rows.map((row) => row.cells[column]).filter((cell) => cell && cell.textContent.trim());
      if (!cells.length || !cells.every((cell) => NUMBER.test(cell.textContent.trim()))) continue;
      for (const row of table.rows) row.cells[column]?.classList.add("sl-num");
    }
  }
  const WIDE = ".pst-scrollable-table-container, .output.text_html, div.math, pre, figure, .cell_output > .output";
  function reachable() {
    for (const each of document.querySelectorAll(WIDE)) {
      if (each.scrollWidth > each.clientWidth + 1) each.tabIndex = 0;
      else if (each.tabIndex === 0) each.removeAttribute("tabindex");
    }
  }

  // ------------------------------------------------------------------ printing shows what is folded
  let opened = [];
  addEventListener("beforeprint", () => {
    opened = [...document.querySelectorAll("article details:not([open])")];
    for (const each of opened) each.open = true;
  });
  addEventListener("afterprint", () => { for (const each of opened) each.open = false; opened = []; });

  function start() {
    document.querySelectorAll(".sl-box.sl-quiz").forEach(quiz);
    document.querySelectorAll(".sl-box.sl-guess").forEach(guess);
    document.querySelectorAll("article .cell_output table").forEach(alignNumbers);
    reachable();
    addEventListener("resize", reachable);
    addEventListener("load", () => { reachable(); window.MathJax?.startup?.promise?.then(reachable); });
  }
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start); else start();
})();
