"use strict";

// Before anything is drawn: what was chosen here before, or else what the system has.
(() => {
  const chosen = localStorage.getItem("jointfusion-theme");
  if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
})();
