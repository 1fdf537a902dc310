// Prints the page when it is asked to.
"use strict";
document.getElementById("print")?.addEventListener("click", () => window.print());
