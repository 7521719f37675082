// Brings new mail onto the page while somebody looks at it.

setInterval(async () => {
  if (document.hidden) return;
  try {
    const response = await fetch("/mail");
    const main = new DOMParser().parseFromString(await response.text(), "text/html").querySelector("main");
    const shown = document.querySelector("main");
    // Replaced only if something is new, so that focus and selection stay.
    if (main && main.innerHTML !== shown.innerHTML) shown.replaceWith(main);
  } catch {
    // The server is being restarted: the next round will tell.
  }
}, 3000);
