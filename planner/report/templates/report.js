"use strict";
(function () {
  const charts = JSON.parse(document.getElementById("charts").textContent);
  const config = { displaylogo: false, responsive: true, displayModeBar: false };
  const drawn = [];

  function themed(panel) {
    const style = getComputedStyle(document.documentElement);
    const colour = (name) => style.getPropertyValue(name).trim();
    const axis = { gridcolor: colour("--faint"), zerolinecolor: colour("--soft"), linecolor: colour("--soft"), zeroline: false,
      fixedrange: true, title: { standoff: 8, font: { size: 12 } } };
    const layout = panel.layout;
    const joined = (own) => ({ ...axis, ...own, title: { ...axis.title, ...(own.title || {}) } });
    return {
      ...layout,
      xaxis: joined({ automargin: true, ...layout.xaxis }), yaxis: joined({ automargin: true, ...layout.yaxis }),
      font: { family: getComputedStyle(document.body).fontFamily, size: 12, color: colour("--ink") },
      paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)", showlegend: false, height: panel.height,
      margin: { l: 56, r: 12, t: 8, b: 40, ...(layout.margin || {}) },
      hoverlabel: { bgcolor: colour("--paper"), bordercolor: colour("--soft"), font: { color: colour("--ink"), size: 12 } },
    };
  }

  function draw(figure, chart, choice) {
    const panels = figure.querySelector(".panels");
    panels.querySelectorAll(".plot").forEach((plot) => {
      Plotly.purge(plot);
      drawn.splice(drawn.findIndex((one) => one.plot === plot), 1);
    });
    panels.replaceChildren();
    panels.classList.toggle("four", chart.variants[choice].panels.length === 4);
    for (const panel of chart.variants[choice].panels) {
      const box = document.createElement("div");
      box.className = panel.wide ? "panel wide" : "panel";
      if (panel.title) {
        const title = document.createElement("h4");
        title.textContent = panel.title;
        box.append(title);
      }
      const plot = document.createElement("div");
      plot.className = "plot";
      box.append(plot);
      panels.append(box);
      Plotly.newPlot(plot, panel.data, themed(panel), config);
      drawn.push({ plot, panel });
    }
  }

  function repaint() {
    for (const { plot, panel } of drawn) {
      Plotly.react(plot, panel.data, themed(panel), config);
    }
  }

  for (const chart of charts) {
    const figure = document.querySelector('[data-chart="' + chart.name + '"]');
    figure.querySelectorAll("input").forEach((input) => {
      input.addEventListener("change", () => draw(figure, chart, Number(input.value)));
    });
    draw(figure, chart, 0);
  }
  document.documentElement.dataset.drawn = String(drawn.length);
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", repaint);
  window.matchMedia("print").addEventListener("change", repaint);
  window.addEventListener("beforeprint", () => {
    document.querySelectorAll("#not-shown details, #data details").forEach((part) => { part.open = true; });
  });
}());
