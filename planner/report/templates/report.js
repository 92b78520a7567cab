"use strict";
(function () {
  const links = new Map([...document.querySelectorAll("nav a")].map((link) => [link.hash.slice(1), link]));
  const parts = [...links.keys()].map((name) => document.getElementById(name)).filter(Boolean);

  function mark() {
    const passed = parts.filter((part) => part.getBoundingClientRect().top < window.innerHeight / 3);
    const here = passed.length ? passed[passed.length - 1] : parts[0];
    const link = here && links.get(here.id);
    if (link && !link.hasAttribute("aria-current")) { // where the contents lie in a row, those read now are in sight
      const row = link.closest("nav");
      row.scrollLeft += link.getBoundingClientRect().left - row.getBoundingClientRect().left - 16;
    }
    for (const [name, link] of links) {
      if (here && name === here.id) { link.setAttribute("aria-current", "true"); } else { link.removeAttribute("aria-current"); }
    }
  }

  window.addEventListener("scroll", mark, { passive: true });
  mark();
  document.documentElement.dataset.ready = String(parts.length);
}());
