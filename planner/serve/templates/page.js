"use strict";
(function () {
  const form = document.getElementById("controls");
  const state = document.getElementById("state");
  const undo = document.getElementById("undo");
  const page = `tab-${Math.random().toString(36).slice(2, 12)}`;
  const WAIT = 120; // milliseconds after the last movement of a slider
  const PAUSE = 1500; // between two movements that are undone apart
  const MOST_KEPT = 4;
  const keep = document.getElementById("keep");
  let asked = 0, timer = 0, shown = null, alone = "", last = { id: "", at: 0 };

  function query() {
    const pairs = [];
    for (const field of form.querySelectorAll("[data-field]")) {
      const value = field.type === "checkbox" ? (field.checked ? "yes" : "no") : field.value;
      const usual = field.dataset.usual;
      if (field.type === "range" ? Number(value) === Number(usual) : value === usual) { continue; }
      pairs.push([field.dataset.field, field.dataset.key === undefined ? value : `${field.dataset.key}:${value}`]);
    }
    const out = Object.fromEntries([...form.querySelectorAll("[data-outage]")].map((part) => [part.dataset.outage, part.value]));
    if (out.region) {
      const length = String(Math.max(1, Math.min(999, parseInt(out.length, 10) || 1)));
      pairs.push(["outage", [out.region, out.start, length, ...(out.stage ? [out.stage] : [])].join(":")]);
    }
    return new URLSearchParams(pairs).toString();
  }

  function depth() { return (history.state && history.state.depth) || 0; }

  function visit(wanted, by = "") {
    const now = Date.now();
    const again = by !== "" && by === last.id && now - last.at < PAUSE;
    last = { id: by, at: now };
    if (location.search.slice(1) !== wanted) {
      if (again) { history.replaceState(history.state, "", `?${wanted}`); } else {
        history.pushState({ depth: depth() + 1 }, "", `?${wanted}`);
      }
    }
    undo.disabled = depth() === 0;
  }

  function show(name, html) {
    const place = document.getElementById(`part-${name}`);
    place.innerHTML = html;
    place.classList.remove("late");
    if (name !== "flows") { place.closest("section").hidden = html === ""; }
  }

  function old(is, words) {
    document.body.classList.toggle("old", is);
    document.getElementById("result").setAttribute("aria-busy", String(is));
    if (words) { state.textContent = words; }
  }

  async function ask(wanted) {
    const mine = ++asked;
    old(true, shown === null ? "Planning…" : "Planning anew; what stands below is the plan before.");
    const answer = await post("/plan", wanted, page);
    if (mine !== asked) { return; }
    if (answer.status === 429 || answer.status === 503) {
      window.setTimeout(() => { if (mine === asked) { ask(wanted); } }, 1000);
      return;
    }
    if (!answer.ok) { old(true, await answer.text()); return; }
    const found = await answer.json();
    if (mine !== asked || found.overtaken) { return; }
    for (const [name, html] of Object.entries(found.parts)) { show(name, html); }
    shown = found.query;
    const said = document.querySelector("#part-answer .said");
    old(false, said ? said.textContent : "");
    alone = found.alone;
    document.body.dataset.shown = shown;
    keep.disabled = !alone || form.querySelectorAll('[data-field="keep"]').length >= MOST_KEPT;
    if (location.search.slice(1) === wanted) { history.replaceState(history.state, "", `?${shown}`); }
    if (found.alone) { rest(found.missing, mine, wanted); }
  }

  const GONE = "The planner does not answer: was it stopped? Start it again with `planner serve`.";

  async function reach(where, options) {
    try { return await fetch(where, options); } catch { return new Response(GONE, { status: 599 }); }
  }

  function post(where, body, who) {
    const headers = { "Content-Type": "application/x-www-form-urlencoded", "X-Page": who };
    return reach(where, { method: "POST", body, headers });
  }

  async function rest(missing, mine, wanted) {
    document.getElementById("part-flows").classList.add("late");
    const drawn = await post("/pictures", wanted, `${page}-pictures`);
    if (mine !== asked || !drawn.ok) { return; }
    const pictures = await drawn.json();
    if (mine !== asked || pictures.overtaken) { return; }
    show("flows", pictures.parts.flows);
    document.body.dataset.drawn = wanted;
    if (missing.length) { fill(missing, mine, wanted); }
  }

  async function fill(missing, mine, wanted) {
    for (const query of missing) {
      const answer = await post("/ahead", query, `${page}-ahead`);
      if (mine !== asked || !answer.ok) { return; }
    }
    const answer = await post("/plan", wanted, page);
    if (mine !== asked || !answer.ok) { return; }
    const found = await answer.json();
    if (mine === asked && !found.overtaken) { show("beside", found.parts.beside); }
  }

  async function prices(button) {
    button.disabled = true;
    const mine = asked, answer = await post("/prices", shown, `${page}-prices`);
    if (mine !== asked) { return; }
    if (!answer.ok) { button.textContent = await answer.text(); return; }
    const found = await answer.json();
    if (mine === asked && found.parts) { show("binds", found.parts.binds); }
  }

  async function save(name) {
    const said = document.getElementById("run-said");
    said.textContent = "being written…";
    const answer = await post(`/run?name=${encodeURIComponent(name)}`, shown, `${page}-run`);
    said.textContent = answer.ok ? (await answer.json()).said : await answer.text();
  }

  async function copy(button, text) {
    const before = button.textContent;
    try { await navigator.clipboard.writeText(text); button.textContent = "Copied"; } catch { button.textContent = "Copying is not allowed here"; }
    window.setTimeout(() => { button.textContent = before; }, 1500);
  }

  function soon() {
    window.clearTimeout(timer);
    timer = window.setTimeout(() => ask(query()), WAIT);
  }

  async function go(wanted) {
    const focused = document.activeElement && document.activeElement.id;
    const answer = await reach(`/controls?${wanted}`);
    if (!answer.ok) { old(true, await answer.text()); return; }
    form.innerHTML = await answer.text();
    const again = focused && document.getElementById(focused);
    if (again) { again.focus(); }
    ask(wanted);
  }

  form.addEventListener("input", (event) => {
    const field = event.target;
    if (field.type === "range") {
      const part = field.closest(".slider");
      part.querySelector("output").textContent = `${field.value} %`;
      part.classList.toggle("moved", Number(field.value) !== Number(field.dataset.usual));
    }
    old(true);
    soon();
  });

  form.addEventListener("change", (event) => {
    window.clearTimeout(timer);
    if ("reload" in event.target.dataset) {
      for (const limit of form.querySelectorAll('[data-field="limit"]')) { limit.value = limit.dataset.usual; }
      form.querySelectorAll('[data-field="repair"]').forEach((repair) => repair.remove());
      const wanted = query();
      visit(wanted);
      go(wanted);
      return;
    }
    const wanted = query();
    visit(wanted, event.target.id);
    ask(wanted);
  });

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-view]");
    if (button) { visit(button.dataset.view); go(button.dataset.view); return; }
    const copied = event.target.closest("[data-copy]");
    if (copied) { copy(copied, document.getElementById(copied.dataset.copy).textContent); }
    if (event.target.id === "prices") { prices(event.target); }
  });

  document.addEventListener("submit", (event) => {
    event.preventDefault();
    if (event.target.id === "run") { save(document.getElementById("run-name").value); }
  });

  keep.addEventListener("click", () => {
    const wanted = `${query()}&${new URLSearchParams([["keep", alone]])}`;
    visit(wanted);
    go(wanted);
  });
  document.getElementById("link").addEventListener("click", (event) => copy(event.target, location.href));

  undo.addEventListener("click", () => history.back());
  document.getElementById("again").addEventListener("click", () => {
    const kept = [...form.querySelectorAll('[data-field="keep"]')].map((field) => ["keep", field.value]);
    const wanted = new URLSearchParams([["policy", document.getElementById("policy").value], ...kept]).toString();
    visit(wanted);
    go(wanted);
  });
  window.addEventListener("popstate", () => { undo.disabled = depth() === 0; go(location.search.slice(1)); });

  new IntersectionObserver((seen) => document.body.classList.toggle("past", !seen[0].isIntersecting))
    .observe(document.getElementById("part-answer"));

  const first = query();
  history.replaceState(history.state || { depth: 0 }, "", `?${first}`);
  undo.disabled = depth() === 0;
  ask(first);
}());
