"use strict";
// Before the first paint: who has dismissed the welcome does not see it flash.
if (localStorage.getItem("welcome") === "gone") document.documentElement.classList.add("no-welcome");
