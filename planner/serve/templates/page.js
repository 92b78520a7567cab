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

  function periods(written) {
    const most = Number(document.getElementById("outage-length").max);
    return String(Math.max(1, Math.min(most, Math.trunc(Number(written)) || 1)));
  }

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
      pairs.push(["outage", [out.region, out.start, periods(out.length), ...(out.stage ? [out.stage] : [])].join(":")]);
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

  // The answer to what was asked for as number `mine`, asked again while too much waits; null where more has been asked.
  async function answered(mine, send) {
    for (;;) {
      const answer = await send();
      if (mine !== asked) { return null; }
      if (answer.status !== 429 && answer.status !== 503) { return answer; }
      await new Promise((done) => window.setTimeout(done, 1000));
      if (mine !== asked) { return null; }
    }
  }

  async function ask(wanted) {
    const mine = ++asked;
    old(true, shown === null ? "Planning…" : "Planning anew; what stands below is the plan before.");
    const answer = await answered(mine, () => post("/plan", wanted, page));
    if (answer === null) { return; }
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
    const drawn = await answered(mine, () => post("/pictures", wanted, `${page}-pictures`));
    if (drawn === null) { return; }
    const pictures = drawn.ok ? await drawn.json() : { parts: { flows: "" } };
    if (mine !== asked || pictures.overtaken) { return; }
    show("flows", pictures.parts.flows);
    document.body.dataset.drawn = wanted;
    if (missing.length) { fill(missing, mine, wanted); }
  }

  async function fill(missing, mine, wanted) {
    for (const query of missing) {
      const answer = await answered(mine, () => post("/ahead", query, `${page}-ahead`));
      if (answer === null || !answer.ok) { return; }
    }
    const answer = await answered(mine, () => post("/plan", wanted, page));
    if (answer === null || !answer.ok) { return; }
    const found = await answer.json();
    if (mine === asked && !found.overtaken) { show("beside", found.parts.beside); }
  }

  async function prices(button) {
    button.disabled = true;
    const mine = asked, answer = await answered(mine, () => post("/prices", shown, `${page}-prices`));
    if (answer === null) { return; }
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
    window.clearTimeout(timer);
    const mine = ++asked, focused = document.activeElement && document.activeElement.id;
    old(true, "Planning anew; what stands below is the plan before.");
    const answer = await answered(mine, () => reach(`/controls?${wanted}`));
    if (answer === null) { return; }
    if (!answer.ok) { old(true, await answer.text()); return; }
    const controls = await answer.text();
    if (mine !== asked) { return; }
    form.innerHTML = controls;
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
    if (event.target.dataset.outage === "length") { event.target.value = periods(event.target.value); }
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

  document.querySelector(".skip").addEventListener("click", (event) => {
    event.preventDefault(); // an address with a # would be one more view to undo
    document.getElementById("result").focus();
  });
  undo.addEventListener("click", () => history.back());
  document.getElementById("again").addEventListener("click", () => {
    const kept = [...form.querySelectorAll('[data-field="keep"]')].map((field) => ["keep", field.value]);
    const wanted = new URLSearchParams([["policy", document.getElementById("policy").value], ...kept]).toString();
    visit(wanted);
    go(wanted);
  });
  window.addEventListener("popstate", () => {
    last = { id: "", at: 0 }; // what is moved now is undone apart from what was moved before
    undo.disabled = depth() === 0;
    go(location.search.slice(1));
  });

  new IntersectionObserver((seen) => document.body.classList.toggle("past", !seen[0].isIntersecting))
    .observe(document.getElementById("part-answer"));

  const first = query();
  history.replaceState(history.state || { depth: 0 }, "", `?${first}`);
  undo.disabled = depth() === 0;
  ask(first);
}());
