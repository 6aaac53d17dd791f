// The front end of every explorer. It has two homes. JupyterLab (anywidget) calls render({ model, el }) and Python
// computes; the static page calls hydrate() and looks up the grid that Python computed at build time. The view's
// schema is documented in _view.py, the grid's in _grid.py; here they are only drawn. No mathematics of scaling laws
// stands in this file: it converts units, interpolates and draws. Without its last line it is a classic script.
const scalingExplorer = (() => {
  "use strict";
  const GUESSES = "sl-guess";
  const LEFT = 56, RIGHT = 18, CHARACTER = 7.2;
  const DASH = { solid: "", dashed: "6 4", dotted: "1.5 3.5" };
  let count = 0;

  // ---- small tools
  const make = (tag, attributes = {}, ...children) => {
    const node = document.createElement(tag);
    for (const [key, value] of Object.entries(attributes)) {
      if (value === true) node.setAttribute(key, "");
      else if (value !== false && value != null) node.setAttribute(key, value);
    }
    node.append(...children);
    return node;
  };
  const escaped = (text) => String(text).replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
  const balanced = (items) => (items <= 4 ? items : Math.ceil(items / Math.ceil(items / 4)));
  const put = (node, text) => { if (node.textContent !== text) node.textContent = text; };
  const SVG = "http://www.w3.org/2000/svg";
  // One child for each piece of markup. Those that say the same as before stay, and with them their layout.
  const patch = (node, pieces) => {
    while (node.children.length > pieces.length) node.lastChild.remove();
    pieces.forEach((piece, i) => {
      const child = node.children[i] || node.appendChild(node.namespaceURI === SVG ? document.createElementNS(SVG, "g") : make("div"));
      if (child.said !== piece) { child.said = piece; child.innerHTML = piece; }
    });
  };

  // ---- numbers as texts, by the rules of _format.py
  const superscript = (n) => String(n).replace(/[-0-9]/g, (c) => "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"["-0123456789".indexOf(c)]);
  const grouped = (text) => text.replace(/^(-?\d+)/, (whole) => whole.replace(/\B(?=(\d{3})+$)/g, ","));
  const plain = (value, digits) =>
    grouped(value.toFixed(Math.max(digits - 1 - (value ? Math.floor(Math.log10(Math.abs(value))) : 0), 0)));
  const scientific = (value, digits) => {
    const [mantissa, exponent] = value.toExponential(digits - 1).split("e");
    return `${mantissa} × 10${superscript(+exponent)}`;
  };
  const show = (value, format, unit) => {
    const [kind, figures] = format.split(":"), digits = +figures;
    const places = kind === "fixed" ? digits : kind === "percent" ? digits + 2 : null;
    const number = (places === null ? +value.toPrecision(digits) : +value.toFixed(places)) + 0, size = Math.abs(number);
    let text;
    if (kind === "code") return Math.abs(number) < 1e6 ? String(number) : number.toExponential().replace("e+", "e");
    if (kind === "sci") text = number ? scientific(number, digits) : "0";
    else if (kind === "percent") text = `${grouped((100 * number).toFixed(digits))} %`;
    else if (kind === "fixed") text = grouped(number.toFixed(digits));
    else if (kind === "short" && size >= 1e3 && size < 1e15) {
      const [scale, suffix] = [[1e12, "T"], [1e9, "B"], [1e6, "M"], [1e3, "K"]].find(([least]) => size >= least);
      text = plain(number / scale, digits) + suffix;
    } else if (size >= 1e15 || (kind === "sig" && size >= 1e6) || (size > 0 && size < 1e-4)) text = scientific(number, digits);
    else text = plain(number, digits);
    text = text.replace(/^-/, "−");
    return unit ? `${text} ${unit}` : text;
  };

  // ---- the grid of the static page
  const fill = (tree, values) => {
    if (tree === null) return values.next().value;
    if (Array.isArray(tree)) return tree.map((item) => fill(item, values));
    if (typeof tree !== "object") return tree;
    const out = {};
    for (const key in tree) out[key] = fill(tree[key], values);
    return out;
  };
  const unpack = (column) => {
    if (Array.isArray(column[0])) return { texts: column[1].map((i) => column[0][i]) };
    const [order, log, offset, quantum] = column;
    if (order === 3) return { log, numbers: log ? column.slice(2).map(Math.log10) : column.slice(2) };
    const whole = column.slice(4);
    for (let k = 0; k < order; k++) for (let i = 1; i < whole.length; i++) whole[i] += whole[i - 1];
    return { log, numbers: whole.map((q) => offset + quantum * q) };
  };
  const oneGrid = (data, controls) => {
    const groups = data.groups.map((group) => ({ template: group.template, columns: group.columns.map(unpack) }));
    const stencil = ([key, nodes], settings) => {
      const control = controls.find((item) => item.key === key), value = settings[key];
      const options = { slider: control.stops, choice: (control.options || []).map((o) => o[0]), toggle: [false, true] }[control.kind];
      if (!nodes) return [[options.indexOf(value), 1]];
      const place = control.log ? Math.log10 : (v) => v, low = place(options[0]), high = place(options[options.length - 1]);
      const at = (place(value) - low) / (high - low) * (nodes - 1), width = nodes >= 4 ? 4 : 2;
      const first = Math.min(Math.max(Math.floor(at) - (width / 2 - 1), 0), nodes - width), out = [];
      for (let i = 0; i < width; i++) {
        let weight = 1;
        for (let j = 0; j < width; j++) if (j !== i) weight *= (at - first - j) / (i - j);
        if (Math.abs(weight) > 1e-12) out.push([first + i, weight]);
      }
      return out;
    };
    return (settings) => {
      let points = [[0, 1]];
      data.axes.forEach((axis, k) => {
        const picks = stencil(axis, settings);
        points = points.flatMap(([node, weight]) => picks.map(([i, w]) => [node * data.shape[k] + i, weight * w]));
      });
      const places = points.map(([node, weight]) => [...(Array.isArray(data.where) ? data.where[node] : [0, node]), weight]);
      const nearest = places.reduce((a, b) => (b[2] > a[2] ? b : a));
      const used = places.every((p) => p[0] === nearest[0]) ? places : [[nearest[0], nearest[1], 1]];
      const group = groups[nearest[0]];
      return fill(group.template, group.columns.map((column) => {
        if (column.texts) return column.texts[nearest[1]];
        let value = 0;
        for (const [, i, weight] of used) value += weight * column.numbers[i];
        return column.log ? 10 ** value : value;
      }).values());
    };
  };

  // On the far side of a seam a slider's place is its distance from it; past its reach the slider changes nothing.
  const seamed = ({ seam: [key, other, slope, offset, reach], below, above, past }, controls) => {
    const near = oneGrid(below, controls);
    const far = oneGrid(above, controls.map((c) => (c.key === key ? { ...c, log: true, stops: [1, 10 ** reach] } : c)));
    const beyond = past && oneGrid(past, controls);
    return (settings) => {
      const distance = Math.log10(settings[key]) - offset - slope * Math.log10(settings[other]);
      if (beyond && distance > reach + 1e-9) return beyond(settings);
      return distance <= 0 ? near(settings) : far({ ...settings, [key]: 10 ** Math.min(distance, reach) });
    };
  };
  // The largest and smallest of the numbers shown, taken after the interpolation.
  const settled = (view) => {
    const cells = {}, pick = { most: Math.max, least: Math.min };
    for (const { kind, name, most, rows } of view.answers || []) {
      if (kind === "table") for (const [key, , numbers] of rows) {
        if (most) numbers[+most] = Math.max(...numbers.slice(0, +most));
        numbers.forEach((value, i) => { cells[`${name}.${key}.${i}`] = value; });
      }
    }
    for (const readout of view.readouts || []) {
      for (const name in pick) if (readout[name]) readout.value = pick[name](...readout[name].split(" ").map((cell) => cells[cell]));
    }
    return view;
  };
  // The grids of several sections are looked up as one.
  const gridOf = (data, controls) => {
    const lookOf = (grid) => (grid.seam ? seamed(grid, controls) : oneGrid(grid, controls));
    if (!Array.isArray(data)) {
      const look = lookOf(data);
      return (settings) => settled(look(settings));
    }
    const looks = data.map(lookOf);
    return (settings) => {
      const views = looks.map((look) => look(settings)), all = (name) => views.flatMap((view) => view[name] || []);
      return settled({ panels: all("panels"), readouts: all("readouts"), answers: all("answers"), text: views.map((view) => view.text).join(" ") });
    };
  };

  // ---- drawing
  const visible = (part, settings) => {
    if (!part.when) return true;
    const [key, value] = part.when.split("=");
    return value === undefined ? settings[key] === true : settings[key] === value;
  };
  const filler = (view) => {
    const shown = {};
    for (const item of view.readouts || []) shown[item.key] = show(item.value, item.format);
    return (text) => text.replace(/\{(\w+)\}/g, (_, key) => shown[key])
      .replace(/((\S+) [\w-]+)\(s\)/g, (_, counted, n) => counted + (n === "1" ? "" : "s"));
  };
  const holds = (when, values) => (when || "").split("&").filter(Boolean).every((part) => {
    const [key, sign, number] = part.split(/([<>])/);
    return (values[key] > +number) === (sign === ">");
  });
  const answerOf = (part, view, settings, fillIn) => {
    if (part.kind === "table") {
      const rows = part.rows.map(([key, name, numbers]) => `<tr${part.mark && settings[part.mark] === key ? ' class="sl-chosen"' : ""}>`
        + `<th scope="row">${escaped(name)}</th>${numbers.map((v, i) => `<td>${show(v, part.formats[i])}</td>`).join("")}</tr>`);
      return `<div class="sl-answer" tabindex="0" role="group" aria-label="${escaped(part.caption)}"><table><caption>${escaped(part.caption)}</caption>`
        + `<thead><tr>${part.head.map((text) => `<th scope="col">${escaped(text)}</th>`).join("")}</tr></thead><tbody>${rows.join("")}</tbody></table></div>`;
    }
    const values = Object.fromEntries((view.readouts || []).map((item) => [item.key, item.value]));
    const said = part.items.filter(([, when]) => holds(when, values)).map(([text]) => `<li>${escaped(fillIn(text))}</li>`);
    return `<div class="sl-answer"${said.length ? "" : " hidden"}><p class="sl-answer-title">${escaped(part.title)}</p><ul>${said.join("")}</ul></div>`;
  };
  const scaleOf = (axis, start, end) => {
    const place = axis.scale === "log" ? Math.log10 : (v) => v, low = place(axis.low), high = place(axis.high);
    return (value) => start + (end - start) * (place(value) - low) / (high - low);
  };
  const tidy = (v) => Math.round(Math.min(Math.max(v, -9999), 9999) * 10) / 10;
  const pathOf = (xs, ys, x, y) => xs.map((value, i) => `${i ? "L" : "M"}${tidy(x(value))} ${tidy(y(ys[i]))}`).join("");
  const glyph = (kind, cx, cy, r) => {
    const x = tidy(cx), y = tidy(cy);
    if (kind === "circle" || kind === "ring") return `M${x - r} ${y}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0`;
    if (kind === "square") return `M${x - r} ${y - r}h${2 * r}v${2 * r}h${-2 * r}z`;
    if (kind === "diamond") return `M${x - 1.3 * r} ${y}l${1.3 * r} ${-1.3 * r}l${1.3 * r} ${1.3 * r}l${-1.3 * r} ${1.3 * r}z`;
    if (kind === "triangle") return `M${x - 1.2 * r} ${y + r}h${2.4 * r}l${-1.2 * r} ${-2.2 * r}z`;
    return `M${x - r} ${y - r}l${2 * r} ${2 * r}m0 ${-2 * r}l${-2 * r} ${2 * r}`;
  };
  const painted = (kind, tone) => kind === "ring" || kind === "cross"
    ? `class="sl-${tone} sl-open" fill="none" stroke-width="1.4"` : `class="sl-${tone} sl-solid"`;
  const stroked = (tone, style, width) =>
    `class="sl-${tone} sl-stroke" fill="none" stroke-width="${width}" stroke-dasharray="${DASH[style]}"`;
  const area = (tone) => `class="sl-${tone} sl-area" fill-opacity=".18"`;

  const shapeOf = (part, x, y, width, height) => {
    const tone = part.tone;
    switch (part.kind) {
      case "line": return `<path d="${pathOf(part.x, part.y, x, y)}" ${stroked(tone, part.style, tone === "quiet" ? 1.25 : 2.5)}/>`;
      case "points": return `<path d="${part.x.map((v, i) => glyph(part.glyph, x(v), y(part.y[i]), 3.5)).join("")}" ${painted(part.glyph, tone)}/>`;
      case "band": return `<path d="${pathOf(part.x, part.high, x, y)}${pathOf([...part.x].reverse(), [...part.low].reverse(), x, y).replace("M", "L")}z" ${area(tone)}/>`;
      case "bars": {
        const base = tidy(y(0));
        const boxes = part.heights.map((h, i) => h > 0
          ? `M${tidy(x(part.edges[i]) + 0.5)} ${base}V${tidy(y(h))}H${tidy(x(part.edges[i + 1]) - 0.5)}V${base}z` : "");
        return `<path d="${boxes.join("")}" class="sl-${tone} sl-bars" fill-opacity=".55"/>`;
      }
      case "rule": return `<path d="${part.axis === "x" ? `M${tidy(x(part.at))} 0V${height}` : `M0 ${tidy(y(part.at))}H${width}`}" ${stroked(tone, part.style, 1.5)}/>`;
      case "span": return part.axis === "x"
        ? `<path d="M${tidy(x(part.low))} 0H${tidy(x(part.high))}V${height}H${tidy(x(part.low))}z" ${area(tone)}/>`
        : `<path d="M0 ${tidy(y(part.high))}V${tidy(y(part.low))}H${width}V${tidy(y(part.high))}z" ${area(tone)}/>`;
      case "guess": { // with its bar
        const at = tidy(x(part.x)), [low, high] = [part.low, part.high].map((v) => tidy(y(v)));
        return `<path d="M${at - 6} ${low}h12m-6 0V${high}m-6 0h12" ${stroked(tone, "solid", 1.75)}/>`
          + `<path d="${glyph("diamond", x(part.x), y(part.y), 5)}" ${painted("diamond", tone)}/>`;
      }
      default: return part.drawn === 0 || part.drawn === false ? "" : `<path d="${glyph(part.glyph, x(part.x), y(part.y), 5.5)}" ${painted(part.glyph, tone)}/>`
        + (part.kind === "handle" ? `<path d="${arrows(x(part.x), y(part.y), part.axis)}" ${stroked(tone, "solid", 1.5)}/>` : "");
    }
  };
  const arrows = (x, y, axis) => axis === "x" // which way a handle moves
    ? `M${tidy(x - 10)} ${tidy(y - 4)}l-4 4 4 4M${tidy(x + 10)} ${tidy(y - 4)}l4 4 -4 4`
    : `M${tidy(x - 4)} ${tidy(y - 10)}l4 -4 4 4M${tidy(x - 4)} ${tidy(y + 10)}l4 4 4 -4`;
  const words = (text, x, y, anchor, role) =>
    `<text${role ? ` class="${role}"` : ""} x="${tidy(x)}" y="${tidy(y)}" text-anchor="${anchor}">${escaped(text)}</text>`;
  const labelOf = (mark, x, y, width, height, put, taken) => {
    const text = put(mark.label || "");
    if (!text || mark.kind === "handle") return ""; // a handle's label is read out; the picture shows its arrows
    const room = 1.2 * CHARACTER * text.length; // labels are bold
    let at, up, anchor;
    if (mark.kind === "dot" || mark.kind === "guess") {
      at = x(mark.x); up = y(mark.y);
      if (at < -1 || at > width + 1 || up < -1 || up > height + 1) return "";
      anchor = mark.place.includes("left") ? "end" : mark.place.includes("right") ? "start" : "middle";
      at += { end: -9, start: 9, middle: 0 }[anchor];
      up += mark.place.startsWith("above") ? -12 : mark.place.startsWith("below") ? 22 : 4.5;
    } else if (mark.axis === "x") {
      at = x(mark.kind === "rule" ? mark.at : mark.high); up = 14;
      if (at < -1 || at > width + 1) return "";
      anchor = at + room + 6 > width ? "end" : "start";
      at += anchor === "start" ? 6 : -6;
    } else {
      at = width - 6; up = y(mark.kind === "rule" ? mark.at : mark.high) - 6; anchor = "end";
    }
    const before = { start: 0, middle: room / 2, end: room }[anchor];
    at = Math.max(Math.min(at, width + RIGHT + before - room), before);
    if (mark.axis === "x") { // labels at the top edge make room for each other
      const touches = ([left, right, line]) => line === up && left < at - before + room + 6 && right > at - before - 6;
      while (taken.some(touches)) up += 17;
      taken.push([at - before, at - before + room, up]);
    }
    return words(text, at, up, anchor, `sl-${mark.tone} sl-label`);
  };
  // Ticks that would touch are left out, evenly.
  const thinned = (ticks, at, least) => {
    if (ticks.length < 2) return ticks;
    const gap = Math.abs(at(ticks[1][0]) - at(ticks[0][0])), widest = Math.max(...ticks.map((t) => t[1].length)) * CHARACTER;
    const every = Math.max(1, Math.ceil((least ?? widest + 8) / gap));
    return ticks.filter((_, i) => i % every === 0);
  };
  // A label that is wider than its panel goes on in a second line.
  const wrapped = (text, room) => {
    const lines = [""];
    for (const word of text.split(" ")) {
      const longer = lines[lines.length - 1] ? `${lines[lines.length - 1]} ${word}` : word;
      if (longer.length * CHARACTER > room && lines[lines.length - 1]) lines.push(word); else lines[lines.length - 1] = longer;
    }
    return lines;
  };
  // Draws into a node what changed since the last time, and says where its axes lie.
  const drawPanel = (node, panel, settings, title, text, total, fillIn) => {
    const below = wrapped(panel.x.label, total - RIGHT), beside = wrapped(panel.y.label, total);
    const TOP = 14 + 16 * beside.length, BOTTOM = 30 + 16 * below.length;
    const height = panel.height, width = Math.max(total - LEFT - RIGHT, 60), inner = height - TOP - BOTTOM;
    const x = scaleOf(panel.x, 0, width), y = scaleOf(panel.y, inner, 0);
    const taken = [], shown = (part) => visible(part, settings), behind = (mark) => mark.kind === "span", marks = panel.marks.filter(shown);
    const frame = `<svg class="sl-plot" role="img" aria-label="${escaped(title)}" viewBox="0 0 ${total} ${height}" width="${total}" height="${height}">`
      + `<desc></desc><g></g><svg x="${LEFT}" y="${TOP}" width="${width}" height="${inner}" overflow="hidden"></svg><g transform="translate(${LEFT} ${TOP})"></g></svg>`;
    let axes = beside.map((line, i) => words(line, 0, 14 + 16 * i, "start", "sl-axis")).join(""), grid = "";
    for (const [at, label] of thinned(panel.y.ticks, y, 22)) {
      grid += `M${LEFT} ${tidy(TOP + y(at))}h${width}`;
      axes += words(label, LEFT - 8, TOP + y(at) + 4.5, "end");
    }
    for (const [at, label] of thinned(panel.x.ticks, x)) {
      grid += `M${tidy(LEFT + x(at))} ${TOP}v${inner}`;
      axes += words(label, LEFT + x(at), height - BOTTOM + 19, "middle");
    }
    axes += below.map((line, i) => words(line, LEFT + width, height - 6 - 16 * (below.length - 1 - i), "end", "sl-axis")).join("") + `<path class="sl-grid" d="${grid}"/>`;
    const shapes = [...marks.filter(behind), ...panel.series.filter(shown), ...marks.filter((m) => !behind(m))].map((part) => shapeOf(part, x, y, width, inner));
    const labels = marks.map((m) => labelOf(m, x, y, width, inner, fillIn, taken));
    if (node.said !== frame) { node.said = frame; node.innerHTML = frame; }
    const [desc, ...layers] = node.firstChild.children;
    put(desc, text);
    [[axes], shapes, labels].forEach((pieces, i) => patch(layers[i], pieces));
    return { x: (v) => LEFT + x(v), y: (v) => TOP + y(v) };
  };
  // A grip lies over a handle of the picture and is dragged with mouse, pen or finger, or moved with the arrow keys. The picture
  // below is drawn anew at every move; the grip stays, and with it the focus. `act` has grab(), move(fraction) and step(number).
  const grip = (act) => {
    const node = make("div", { class: "sl-grip", role: "slider", "data-lm-suppress-shortcuts": "true" });
    let from = 0, to = 1, axis = "y", here = 0, offset = 0;
    const place = (event) => (axis === "x" ? event.clientX - node.parentNode.getBoundingClientRect().left
      : event.clientY - node.parentNode.getBoundingClientRect().top);
    node.addEventListener("pointerdown", (event) => {
      if (event.button) return;
      event.preventDefault();
      node.setPointerCapture(event.pointerId);
      offset = here - place(event); // it does not jump to the pointer
      node.focus({ preventScroll: true });
      act.grab?.();
    });
    node.addEventListener("pointermove", (event) => {
      if (node.hasPointerCapture(event.pointerId)) act.move(Math.min(Math.max((place(event) + offset - from) / (to - from), 0), 1));
    });
    node.addEventListener("keydown", (event) => {
      const far = { ArrowUp: 1, ArrowRight: 1, ArrowDown: -1, ArrowLeft: -1, PageUp: 10, PageDown: -10, Home: -1e9, End: 1e9 }[event.key];
      if (!far || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      act.step(far);
    });
    return {
      node,
      // where it lies (pixels), between which ends it moves, and what is said of it
      put(drawn, at, ends, along, said) {
        axis = along;
        [from, to] = ends.map(drawn[axis]);
        const [left, top] = [drawn.x(at[0]), drawn.y(at[1])];
        here = axis === "x" ? left : top;
        node.style.left = `${tidy(left)}px`;
        node.style.top = `${tidy(top)}px`;
        node.setAttribute("aria-orientation", axis === "x" ? "horizontal" : "vertical");
        for (const [key, value] of Object.entries(said)) node.setAttribute(key, value);
      },
    };
  };
  const swatch = (part) => {
    const x = (v) => v, y = x;
    const shape = part.kind === "line" ? `<path d="M1 7H25" ${stroked(part.tone, part.style, part.tone === "quiet" ? 1.25 : 2.5)}/>`
      : part.kind === "points" ? shapeOf({ ...part, x: [13], y: [7] }, x, y)
        : part.kind === "bars" ? `<path d="M3 13V7h5v6zM9 13V2h5v11zM15 13V5h5v8z" class="sl-${part.tone} sl-bars" fill-opacity=".55"/>`
          : `<path d="M1 2H25V12H1z" ${area(part.tone)}/>`;
    return `<li><svg width="26" height="14" aria-hidden="true">${shape}</svg>${escaped(part.name)}</li>`;
  };

  // ---- guesses, kept on this machine
  const storage = {
    read(id) { try { return (JSON.parse(localStorage.getItem(GUESSES)) || {})[id]; } catch { return undefined; } },
    write(id, guess) {
      try {
        const all = JSON.parse(localStorage.getItem(GUESSES)) || {};
        if (guess) all[id] = guess; else delete all[id];
        localStorage.setItem(GUESSES, JSON.stringify(all));
      } catch { /* storage may be forbidden; the guess then lasts as long as the page */ }
    },
  };
  const toNumber = (text) => {
    const found = text.trim().replace(/[\s,](?=\d{3}(\D|$))/g, "").replace(",", ".").replace("−", "-")
      .match(/^(-?\d*\.?\d+(?:e[+-]?\d+)?)\s*(k|m|b|t|%)?$/i);
    if (!found) return NaN;
    return +found[1] * ({ k: 1e3, m: 1e6, b: 1e9, t: 1e12 }[(found[2] || "").toLowerCase()] || 1);
  };

  const nearest = (slider, value) => {
    const place = slider.log ? Math.log10 : (v) => v, far = (stop) => Math.abs(place(stop) - place(value));
    return slider.stops.reduce((best, stop, i) => (far(stop) < far(slider.stops[best]) ? i : best), 0);
  };

  // ---- a guess that is dragged in a picture: the three fields hold it, the picture shows and moves them
  const dragged = (guess, fields, title) => {
    const { y: axis } = guess.picture, log = axis.scale === "log", place = log ? Math.log10 : (v) => v, steps = 200;
    const [bottom, top] = [place(axis.low), place(axis.high)], back = (p) => (log ? 10 ** p : p);
    const canvas = make("div", { class: "sl-canvas" }, make("div")), figure = make("figure", { class: "sl-panel sl-ask" }, canvas);
    const start = { value: 0.5, low: 0.38, high: 0.62 };
    const read = (name) => toNumber(fields[name].value), filled = (name) => Number.isFinite(read(name)) && (!log || read(name) > 0);
    const now = (name) => (filled(name) ? (place(read(name)) - bottom) / (top - bottom) : start[name]); // as a part of the axis
    const write = (name, part) => { fields[name].value = String(+back(bottom + Math.min(Math.max(part, 0), 1) * (top - bottom)).toPrecision(3)); };
    const move = (name, part) => {
      const before = { value: now("value"), low: now("low"), high: now("high") };
      const whole = name === "value" ? ["value", "low", "high"] : [name]; // the bar comes along with its middle
      for (const each of Object.keys(before)) write(each, before[each] + (whole.includes(each) ? part - before[name] : 0));
      draw();
    };
    const grips = ["low", "high", "value"].map((name) => {
      const one = grip({ move: (part) => move(name, part), step: (far) => move(name, Math.min(Math.max(now(name) + far / steps, 0), 1)) });
      canvas.append(one.node);
      return [name, one];
    });
    const labels = { value: "Your guess", low: "Lower end of your interval", high: "Upper end of your interval" };
    let width = 640;
    const draw = () => {
      const at = (name) => back(bottom + now(name) * (top - bottom)), sure = filled("value") && filled("low") && filled("high");
      const mark = { kind: "guess", x: guess.at, y: at("value"), low: at("low"), high: at("high"), tone: "third", label: sure ? "" : "drag me", place: "left" };
      const panel = { ...guess.picture, marks: [...guess.picture.marks, mark] };
      const drawn = drawPanel(canvas.firstChild, panel, {}, guess.picture.title || title, guess.question, width, (text) => text);
      for (const [name, one] of grips) {
        one.put(drawn, [guess.at, at(name)], [axis.low, axis.high], "y", {
          "aria-label": labels[name], "aria-valuemin": 0, "aria-valuemax": steps, "aria-valuenow": Math.round(now(name) * steps),
          "aria-valuetext": filled(name) ? show(read(name), guess.format, guess.unit) : "not yet given", tabindex: 0,
        });
      }
    };
    for (const field of Object.values(fields)) field.addEventListener("input", draw);
    if (typeof ResizeObserver !== "undefined") new ResizeObserver(([entry]) => { width = Math.round(entry.contentRect.width) || width; draw(); }).observe(figure);
    draw();
    return figure;
  };

  // ---- one explorer on a page: `source` has spec, settings, view(), ask(settings), onView, onSettings
  const mount = (root, source) => {
    const spec = source.spec, uid = `sl${++count}`, settings = { ...source.settings };
    root.classList.add("sl-explorer");
    root.replaceChildren();
    root.setAttribute("role", "group");
    root.setAttribute("aria-labelledby", `${uid}-title`);
    root.append(make("p", { class: "sl-title", id: `${uid}-title` }, spec.title));
    if (spec.description) root.append(make("p", { class: "sl-about" }, spec.description));
    const gate = make("div"), body = make("div", { class: "sl-veiled" });
    const controls = make("div", { class: "sl-controls" }), panels = make("div", { class: "sl-panels" });
    const readouts = make("dl", { class: "sl-readouts" }), sentence = make("p", { class: "sl-text" });
    const error = make("p", { class: "sl-error", role: "alert", hidden: true });
    const live = make("p", { class: "sl-live", "aria-live": "polite", "aria-atomic": "true" });
    const above = make("div"), below = make("div");
    body.append(controls, above, panels, error, readouts, sentence, below);
    const call = spec.call ? make("code") : null, copy = make("button", { type: "button", class: "sl-plain" }, "Copy");
    if (call) {
      copy.addEventListener("click", () => navigator.clipboard.writeText(call.textContent)
        .then(() => put(copy, "Copied"), () => put(copy, "Copying is not allowed here")).then(() => setTimeout(() => put(copy, "Copy"), 2000)));
      body.append(make("div", { class: "sl-answer" }, make("p", { class: "sl-answer-title" }, "The same question, in Python"), make("pre", { class: "sl-call", tabindex: 0 }, call), copy));
    }
    if (spec.note) body.append(make("p", { class: "sl-about" }, spec.note));
    root.append(gate, body, live);

    const guess = spec.guess;
    let kept = guess && storage.read(guess.id);
    let view = source.view(), readKeys = "", speak = 0, settle = 0, first = true;
    const widths = new Map(), grips = []; // of each panel, in the order of its handles
    // The reader's own guess is drawn once it is there.
    const guessed = (panel) => ({
      ...panel,
      marks: panel.marks.flatMap((mark) => mark.kind !== "guess" ? [mark]
        : kept && !body.hidden && [kept.value, kept.low, kept.high].every(Number.isFinite) ? [{ ...mark, y: kept.value, low: kept.low, high: kept.high }] : []),
    });
    const hold = (i, canvas, handles, drawn) => {
      const own = (grips[i] ||= []);
      while (own.length > handles.length) own.pop().node.remove();
      handles.forEach((handle, k) => {
        const control = spec.controls.find((item) => item.key === handle.control), last = control.stops.length - 1;
        if (!own[k]) {
          let now;
          const place = (v) => (now.control.log ? Math.log10(v) : v), stops = () => now.control.stops;
          own[k] = grip({
            grab() {
              for (const [key, value] of Object.entries(now.handle.sets)) {
                if (settings[key] !== value) change(spec.controls.find((item) => item.key === key), value);
              }
            },
            move(fraction) {
              const low = place(stops()[0]), at = low + fraction * (place(stops()[stops().length - 1]) - low);
              const next = nearest(now.control, now.control.log ? 10 ** at : at);
              if (next !== nearest(now.control, settings[now.control.key])) change(now.control, stops()[next]);
            },
            step(far) {
              const next = nearest(now.control, settings[now.control.key]) + far;
              change(now.control, stops()[Math.min(Math.max(next, 0), stops().length - 1)]);
            },
          });
          own[k].tell = (handle, control) => { now = { handle, control }; };
          canvas.append(own[k].node);
        }
        own[k].tell(handle, control);
        // Of several handles on one slider, one is at work: keys reach it, and the others are reached by grabbing them.
        const works = Object.entries(handle.sets).every(([key, value]) => settings[key] === value);
        own[k].put(drawn, [handle.x, handle.y], [handle.low, handle.high], handle.axis, {
          "aria-label": handle.label, "aria-valuemin": 0, "aria-valuemax": last, "aria-valuenow": nearest(control, settings[control.key]),
          "aria-valuetext": show(settings[control.key], control.format, control.unit), "aria-hidden": String(!works), tabindex: works ? 0 : -1,
        });
      });
    };
    const announce = (text) => {
      clearTimeout(speak);
      speak = setTimeout(() => put(live, text), 350);
    };
    const answer = (place, parts, fillIn) => patch(place, parts.map((part) => answerOf(part, view, settings, fillIn)));
    const draw = () => {
      if (!view) return;
      const fillIn = filler(view), text = fillIn(view.text);
      const shownPanels = view.panels.filter((panel) => visible(panel, settings));
      const shownReadouts = (view.readouts || []).filter((item) => visible(item, settings));
      const keys = shownReadouts.map((item) => item.key).join();
      if (shownPanels.length !== panels.children.length) {
        panels.classList.toggle("sl-many", shownPanels.length > 1);
        watcher?.disconnect();
        panels.replaceChildren(...shownPanels.map((panel) => make("figure", { class: "sl-panel" },
          ...(panel.title ? [make("p", {}, panel.title)] : []), make("div", { class: "sl-canvas" }, make("div")), make("ul", { class: "sl-legend" }))));
        grips.length = 0;
        for (const figure of panels.children) { widths.set(figure, figure.clientWidth); watcher?.observe(figure); }
      }
      if (keys !== readKeys) {
        readKeys = keys;
        readouts.replaceChildren(...shownReadouts.map((item) => make("div", {}, make("dt", {}, item.label), make("dd"))));
        readouts.hidden = !shownReadouts.length;
        readouts.style.setProperty("--sl-columns", balanced(shownReadouts.length));
      }
      shownPanels.forEach((panel, i) => {
        const figure = panels.children[i], legend = figure.querySelector(".sl-legend"), heading = figure.querySelector(":scope > p");
        if (heading) put(heading, panel.title || "");
        const total = Math.round(widths.get(figure)) || 640;
        const drawn = drawPanel(figure.querySelector(".sl-canvas > div"), guessed(panel), settings, panel.title || spec.title, text, total, fillIn);
        hold(i, figure.querySelector(".sl-canvas"), panel.marks.filter((mark) => mark.kind === "handle" && visible(mark, settings)), drawn);
        const named = panel.series.filter((part) => part.name && visible(part, settings));
        const names = named.length > 1 ? named.map(swatch).join("") : ""; // one thing needs no legend
        if (legend.dataset.names !== names) { legend.dataset.names = names; legend.innerHTML = names; legend.hidden = !names; }
      });
      shownReadouts.forEach((item, i) => {
        const node = readouts.children[i], value = show(item.value, item.format);
        put(node.firstChild, item.label);
        const wantedText = item.unit ? `${value} ${item.unit}` : value;
        if (node.lastChild.textContent !== wantedText) {
          node.lastChild.replaceChildren(value, ...(item.unit ? [make("small", {}, ` ${item.unit}`)] : []));
        }
      });
      put(sentence, text);
      const parts = view.answers || [];
      answer(above, parts.filter((part) => part.above), fillIn);
      // Long text under the picture follows when the hand rests, so that a move is painted within a frame.
      clearTimeout(settle);
      const rest = () => {
        answer(below, parts.filter((part) => !part.above), fillIn);
        if (call) {
          put(call, spec.call.replace(/\{(\w+)\}/g, (_, key) => (typeof settings[key] === "number" ? show(settings[key], "code:6") : settings[key])));
        }
      };
      if (first) rest();
      else if (parts.length || call) settle = setTimeout(rest, 80);
      if (!first && !body.hidden) announce(text);
      first = false;
    };
    const watcher = typeof ResizeObserver === "undefined" ? null : new ResizeObserver((entries) => {
      let changed = false;
      for (const entry of entries) {
        const width = entry.contentRect.width;
        if (Math.round(width) !== Math.round(widths.get(entry.target) || 0)) { widths.set(entry.target, width); changed = true; }
      }
      if (changed) draw();
    });

    // controls
    const sync = new Map();
    const change = (control, value) => {
      settings[control.key] = value;
      sync.get(control.key)();
      if (control.layer) draw();
      source.ask({ ...settings }, control.layer);
    };
    for (const control of spec.controls) {
      const id = `${uid}-${control.key}`, keys = { "data-lm-suppress-shortcuts": "true" };
      if (control.kind === "slider") {
        const output = make("output", { for: id });
        const input = make("input", { type: "range", id, min: 0, max: control.stops.length - 1, step: 1, ...keys });
        const write = (v) => show(v, control.format, control.unit);
        input.addEventListener("input", () => change(control, control.stops[+input.value]));
        controls.append(make("div", { class: "sl-control" },
          make("div", { class: "sl-name" }, make("label", { for: id }, control.label), output), input,
          make("div", { class: "sl-ends", "aria-hidden": "true" }, make("span", {}, show(control.stops[0], control.format)),
            make("span", {}, show(control.stops[control.stops.length - 1], control.format)))));
        sync.set(control.key, () => {
          const text = write(settings[control.key]), index = nearest(control, settings[control.key]);
          if (+input.value !== index) input.value = index;
          input.style.setProperty("--sl-at", `${100 * index / (control.stops.length - 1)}%`);
          input.setAttribute("aria-valuetext", text);
          put(output, text);
        });
      } else if (control.kind === "choice") {
        const radios = control.options.map(([value, label]) => {
          const radio = make("input", { type: "radio", name: id, value, ...keys });
          radio.addEventListener("change", () => change(control, value));
          return [radio, make("label", { class: "sl-option" }, radio, make("span", {}, label))];
        });
        const long = control.options.length > 2 || control.options.some(([, label]) => label.length > 18);
        controls.append(make("fieldset", { class: `sl-control${long ? " sl-wide" : ""}` }, make("legend", { class: "sl-name" }, control.label),
          make("div", { class: "sl-options" }, ...radios.map(([, label]) => label))));
        sync.set(control.key, () => { for (const [radio] of radios) radio.checked = radio.value === settings[control.key]; });
      } else {
        const box = make("input", { type: "checkbox", id, ...keys });
        box.addEventListener("change", () => change(control, box.checked));
        controls.append(make("div", { class: "sl-control" }, make("label", { class: "sl-switch", for: id }, box, control.label)));
        sync.set(control.key, () => { box.checked = settings[control.key]; });
      }
      sync.get(control.key)();
    }
    controls.hidden = !spec.controls.length;

    source.onView = (next, message) => {
      if (next) view = next;
      error.hidden = !message;
      put(error, message || "");
      draw();
    };
    source.onSettings = (next) => {
      Object.assign(settings, next);
      for (const update of sync.values()) update();
      draw();
    };

    // the guess that comes first
    const reveal = () => { body.hidden = false; draw(); };
    const ask = (focus) => {
      body.hidden = true;
      const number = (v) => show(v, guess.format, guess.unit);
      const field = (name, label) => {
        const input = make("input", { id: `${uid}-${name}`, inputmode: "decimal", autocomplete: "off", "aria-describedby": `${uid}-wrong`, "data-lm-suppress-shortcuts": "true" });
        if (kept) input.value = String(kept[name]);
        return [input, make("label", { for: input.id }, label, input)];
      };
      const unit = guess.unit ? ` (${guess.unit})` : "";
      const [value, valueLabel] = field("value", `${guess.quantity}${unit}`);
      const [low, lowLabel] = field("low", "80 % sure it is at least");
      const [high, highLabel] = field("high", "and at most");
      const wrong = make("p", { class: "sl-error", id: `${uid}-wrong`, role: "alert", hidden: true });
      const form = make("form", { class: "sl-guess", novalidate: true }, make("p", {}, guess.question));
      const radios = guess.options.map(([option, label]) => {
        const radio = make("input", { type: "radio", name: `${uid}-pick`, value: option, "data-lm-suppress-shortcuts": "true" });
        radio.checked = kept?.choice === option;
        return [radio, make("label", { class: "sl-option" }, radio, make("span", {}, label))];
      });
      if (radios.length) form.append(make("div", { class: "sl-options", role: "radiogroup", "aria-label": "Your answer" }, ...radios.map(([, label]) => label)));
      const skip = make("button", { type: "button", class: "sl-plain" }, "Show without guessing");
      const picture = guess.picture && dragged(guess, { value, low, high }, spec.title);
      if (picture) form.firstChild.after(picture); // below the question, above what is picked and typed
      form.append(make("div", { class: "sl-fields" }, valueLabel, lowLabel, highLabel), wrong,
        make("div", { class: "sl-actions" }, make("button", { type: "submit" }, "Commit to my guess"), skip));
      skip.addEventListener("click", () => { gate.replaceChildren(again("You looked without guessing.", "Guess after all")); reveal(); gate.querySelector("button").focus(); });
      form.addEventListener("submit", (event) => {
        event.preventDefault();
        const numbers = { value: toNumber(value.value), low: toNumber(low.value), high: toNumber(high.value) };
        const picked = radios.find(([radio]) => radio.checked)?.[0].value;
        for (const input of [value, low, high]) input.removeAttribute("aria-invalid");
        const complain = (input, text) => { put(wrong, text); wrong.hidden = false; input.setAttribute("aria-invalid", "true"); input.focus(); };
        for (const [name, input] of [["value", value], ["low", low], ["high", high]]) {
          if (!Number.isFinite(numbers[name])) return complain(input, "Please write a number here, such as 20, 1.5 or 3e9.");
          if (numbers[name] < guess.low || numbers[name] > guess.high) return complain(input, `Please stay between ${number(guess.low)} and ${number(guess.high)}.`);
        }
        if (numbers.low > numbers.high) return complain(low, "The lower end is above the upper end: did you exchange them?");
        if (numbers.low === numbers.high) return complain(high, "An interval of no width claims certainty. Leave yourself some room.");
        if (numbers.value < numbers.low || numbers.value > numbers.high) return complain(value, "Your value lies outside your own interval. Which of them do you mean?");
        if (radios.length && !picked) return complain(radios[0][0], "Please pick one of the answers first.");
        kept = { ...numbers, truth: guess.truth, time: new Date().toISOString(), ...(picked ? { choice: picked } : {}) };
        storage.write(guess.id, kept);
        verdict();
        reveal();
        gate.querySelector(".sl-verdict").focus();
      });
      gate.replaceChildren(form);
      if (focus) value.focus();
    };
    const again = (text, label, ...more) => {
      const button = make("button", { type: "button", class: "sl-plain" }, label);
      button.addEventListener("click", () => ask(true));
      return make("div", { class: "sl-verdict", tabindex: -1 }, make("p", {}, text), ...more, button);
    };
    const verdict = () => {
      const number = (v) => show(v, guess.format, guess.unit), inside = kept.low <= guess.truth && guess.truth <= kept.high;
      const picked = guess.options.find(([option]) => option === kept.choice)?.[1], right = guess.options.find(([option]) => option === guess.right)?.[1];
      const lines = [];
      if (picked) lines.push(kept.choice === guess.right ? `You picked “${picked}”, and so it is.` : `You picked “${picked}”; it is “${right}”.`);
      lines.push(`You guessed ${number(kept.value)}, between ${number(kept.low)} and ${number(kept.high)}. It is ${guess.shown}: ${inside ? "inside" : "outside"} your interval.`);
      gate.replaceChildren(again(lines.join(" "), "Change my guess", ...(guess.explain ? [make("p", {}, guess.explain)] : [])));
    };
    draw();
    if (guess) { if (kept && Number.isFinite(kept.value)) { verdict(); reveal(); } else ask(false); }
    return () => { watcher?.disconnect(); clearTimeout(speak); };
  };

  // ---- home one: JupyterLab. One request is under way at a time; the latest setting waits for its answer.
  const render = ({ model, el }) => {
    let busy = false, waiting = null, number = 0, patience = 0;
    const root = make("div");
    el.append(root);
    const send = (settings) => {
      busy = true;
      clearTimeout(patience);
      patience = setTimeout(() => { busy = false; }, 5000); // a kernel that was interrupted does not answer
      model.set("_request", { number: ++number, settings });
      model.save_changes();
    };
    const source = {
      spec: model.get("_spec"), settings: model.get("_settings"), view: () => model.get("_view"), onView() {}, onSettings() {},
      ask(settings) { if (busy) waiting = settings; else send(settings); },
    };
    const answer = () => {
      busy = false;
      clearTimeout(patience);
      source.onView(model.get("_view"), model.get("_error"));
      if (waiting) { const next = waiting; waiting = null; send(next); }
    };
    const outside = () => { if (!busy && !waiting) source.onSettings(model.get("_settings")); };
    model.on("change:_answer", answer);
    model.on("change:_settings", outside);
    const leave = mount(root, source);
    if (model.get("_error")) source.onView(null, model.get("_error"));
    return () => { model.off("change:_answer", answer); model.off("change:_settings", outside); clearTimeout(patience); leave(); };
  };

  // ---- home two: the static page
  const hydrate = (node) => {
    const data = JSON.parse(node.querySelector("script[type='application/json']").textContent);
    const look = data.grid ? gridOf(data.grid, data.spec.controls) : () => data.view;
    const root = make("div"), source = {
      spec: data.spec, settings: data.settings, view: () => look(data.settings), onView() {}, onSettings() {},
      ask(settings, layer) { if (!layer) source.onView(look(settings)); },
    };
    mount(root, source);
    node.querySelector(".sl-static").replaceWith(root);
  };
  const start = () => {
    for (const node of document.querySelectorAll("[data-sl-explorer]:not([data-sl-on])")) {
      node.setAttribute("data-sl-on", "");
      // In JupyterLab the live widget is shown; should this ever fail, the first view stays as it is.
      try { hydrate(node); } catch (problem) { console.error("An explorer could not start:", problem); }
    }
  };
  if (typeof document !== "undefined") {
    if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start); else start();
  }
  return { render, show, gridOf, start };
})();
export default { render: scalingExplorer.render };
