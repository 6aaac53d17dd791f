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

  // An answer to a guess that was asked on another page.
  function answer(reveal) {
    const id = reveal.dataset.id, line = reveal.querySelector(".sl-calibration"), known = stored()[id];
    if (document.querySelector(`.sl-box.sl-guess[data-guess="${CSS.escape(id)}"]`) || !line) return;
    if (!complete(known)) { line.textContent = "No guess of yours is stored; it was asked on another page."; return; }
    reveal.addEventListener("toggle", () => { if (reveal.open) compare(reveal, id, known, false); });
  }

  // ------------------------------------------------------------------ how well the reader's intervals have held
  const complete = (each) => Boolean(each) && ["value", "low", "high"].every((name) => Number.isFinite(each[name]));
  function overview(box) {
    box.querySelector(".sl-nojs")?.remove();
    const chapters = new Map();
    for (const [id, each] of Object.entries(stored())) {
      const number = Number(/^ch(\d+)\./.exec(id)?.[1]);
      if (!number || !complete(each)) continue;
      const row = chapters.get(number) || { made: 0, known: 0, held: 0 };
      row.made += 1;
      if (Number.isFinite(each.truth)) {
        row.known += 1;
        if (each.low <= each.truth && each.truth <= each.high) row.held += 1;
      }
      chapters.set(number, row);
    }
    const say = (text) => {
      const line = document.createElement("p");
      line.className = "sl-tally";
      line.textContent = text;
      box.append(line);
    };
    box.querySelectorAll(".sl-tally, table").forEach((old) => old.remove());
    if (!chapters.size) {
      say("Nothing is stored in this browser yet. Commit to a guess on any page, open its answer, and come back.");
      return;
    }
    const rows = [...chapters].sort((a, b) => a[0] - b[0]);
    const sum = (name) => rows.reduce((total, [, row]) => total + row[name], 0);
    const table = document.createElement("table");
    const line = (parent, tag, cells) => {
      const row = parent.insertRow();
      cells.forEach((text, i) => {
        const cell = document.createElement(i && tag === "th" ? "th" : i ? "td" : "th");
        cell.scope = tag === "th" ? "col" : "row";
        if (cell.tagName === "TD") cell.removeAttribute("scope");
        if (i) cell.className = "sl-num";
        cell.textContent = text;
        row.append(cell);
      });
    };
    line(table.createTHead(), "th", ["Chapter", "Guesses", "Answer seen", "Interval held it"]);
    const body = table.createTBody();
    for (const [number, row] of rows) line(body, "td", [`Chapter ${number}`, row.made, row.known, row.held]);
    if (rows.length > 1) line(body, "td", ["All", sum("made"), sum("known"), sum("held")]);
    box.append(table);
    const known = sum("known"), held = sum("held");
    if (!known) say("You have not opened the answer to any of them.");
    else if (known < 5) say(`${held} of ${known} intervals held the answer. With so few that says little; four of five should.`);
    else {
      const share = Math.round((100 * held) / known);
      // Two standard deviations of the share, if each interval holds with 80 %.
      const slack = Math.round(200 * Math.sqrt(0.16 / known));
      const verdict = share < 80 - slack ? "Your intervals are too narrow: make them wider than feels right."
        : share > 80 + slack ? "Your intervals are wider than they need be."
        : `With ${known} of them, anything from ${Math.max(0, 80 - slack)} to ${Math.min(100, 80 + slack)} % may be luck.`;
      say(`${held} of ${known} intervals held the answer, ${share} %; you meant 80 %. ${verdict}`);
    }
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
    document.querySelectorAll(".guess-reveal").forEach(answer);
    const overviews = document.querySelectorAll(".sl-box.sl-overview");
    const count = () => overviews.forEach(overview);
    count();
    if (overviews.length) for (const event of ["submit", "toggle", "click"]) document.addEventListener(event, () => setTimeout(count), true);
    addEventListener("storage", count);
    document.querySelectorAll("article .cell_output table").forEach(alignNumbers);
    reachable();
    addEventListener("resize", reachable);
    addEventListener("load", () => { reachable(); window.MathJax?.startup?.promise?.then(reachable); });
  }
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start); else start();
})();
