// The reference pages: choosing among the checked claims, and copying a call. Without this script everything is shown.
(() => {
  "use strict";
  const make = (tag, attributes = {}, ...children) => {
    const node = document.createElement(tag);
    for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
    node.append(...children);
    return node;
  };
  const NAMES = { verdict: "Verdict", topic: "Topic", source: "Said by" };

  function filter(holder) {
    const items = [...document.querySelectorAll(`.${holder.dataset.slFilter} > li`)];
    const form = make("form", { class: "sl-filter", role: "search", "aria-label": "Choose among the claims" });
    const status = make("p", { class: "sl-filter-status", role: "status" });
    const chosen = {};
    const field = (name, label, control) => {
      control.id = `sl-filter-${name}`;
      form.append(make("div", {}, make("label", { for: control.id }, label), control));
      chosen[name] = control;
    };
    for (const [name, label] of Object.entries(NAMES)) {
      const values = [...new Set(items.map((item) => item.dataset[name]))];
      field(name, label, make("select", {}, make("option", { value: "" }, "all"), ...values.map((value) => make("option", { value }, value))));
    }
    field("words", "With the words", make("input", { type: "search", autocomplete: "off" }));
    const texts = items.map((item) => item.textContent.toLowerCase());
    const apply = () => {
      const words = chosen.words.value.toLowerCase().split(/\s+/).filter(Boolean);
      let shown = 0;
      items.forEach((item, i) => {
        const fits = Object.keys(NAMES).every((name) => !chosen[name].value || item.dataset[name] === chosen[name].value)
          && words.every((word) => texts[i].includes(word));
        item.hidden = !fits;
        shown += fits;
      });
      for (const list of new Set(items.map((item) => item.parentElement))) {
        list.closest("section").hidden = ![...list.children].some((item) => !item.hidden);
      }
      status.textContent = `${shown} of ${items.length} claims`;
    };
    form.addEventListener("input", apply);
    form.addEventListener("submit", (event) => event.preventDefault());
    // A link to a row that is filtered away shows it again.
    addEventListener("hashchange", () => {
      const target = document.getElementById(location.hash.slice(1));
      if (target && target.closest("[hidden]")) { form.reset(); apply(); target.scrollIntoView(); }
    });
    holder.append(form, status);
    apply();
  }

  const start = () => document.querySelectorAll("[data-sl-filter]").forEach(filter);
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start); else start();
})();
