// Everything here is a convenience: each page works without it.

// The live timeline: at every event the page asks the server for itself and puts the new story in place of the old one.
function follow(story) {
  let events, live = true, busy = false, again = false;
  async function refresh() {
    if (busy) { again = true; return; }
    busy = true;
    do {
      again = false;
      try {
        const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
        if (!answer.ok) continue;
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        const fresh = page.getElementById(story.id);
        live = Boolean(fresh?.dataset.live);
        if (fresh && fresh.innerHTML !== story.innerHTML) {
          const link = story.contains(document.activeElement) && document.activeElement.getAttribute("href");
          // What is read aloud is heard only where it was before: the status stays, and what it says is replaced.
          const said = story.querySelector("[role=status]"), now = fresh.querySelector("[role=status]");
          if (said && now) {
            said.className = now.className;
            if (said.innerHTML !== now.innerHTML) said.innerHTML = now.innerHTML;
            const rest = [];
            for (let node = now.nextSibling; node; node = node.nextSibling) rest.push(node);
            while (said.nextSibling) said.nextSibling.remove();
            said.after(...rest);
          } else story.innerHTML = fresh.innerHTML;
          if (link) story.querySelector(`a[href="${CSS.escape(link)}"]`)?.focus({ preventScroll: true }); // whoever was on a link stays on it
        }
        const aside = page.querySelector("aside"), old = document.querySelector("aside");
        if (aside && old) old.innerHTML = aside.innerHTML;
      } catch { /* away for a moment: the next event asks again */ }
    } while (again);
    busy = false;
    if (!live) events.close();
  }
  function listen() {
    events = new EventSource(story.dataset.live);
    events.addEventListener("step", refresh);
    events.addEventListener("end", () => { events.close(); refresh(); });
    // A lost connection the browser takes up again by itself; after an answer that is no stream, such as a 503, it does not.
    events.addEventListener("error", () => {
      if (events.readyState === EventSource.CLOSED) setTimeout(async () => { await refresh(); if (live) listen(); }, 2000);
    });
  }
  listen();
}

// A form that was sent is not sent a second time by a second click, and says that it is under way.
function once(form) {
  form.addEventListener("submit", event => {
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "1";
    const button = event.submitter;
    if (button?.dataset.busy) { button.setAttribute("aria-disabled", "true"); button.textContent = button.dataset.busy; }
  });
}

// “Near me” fills in the coordinates, when it is pressed.
function near(box) {
  const field = box.querySelector("input"), button = document.createElement("button");
  button.type = "button"; button.className = "tool"; button.textContent = box.dataset.near;
  button.addEventListener("click", () => navigator.geolocation.getCurrentPosition(place => {
    field.value = `${place.coords.latitude.toFixed(4)},${place.coords.longitude.toFixed(4)}`;
  }));
  if (navigator.geolocation) box.append(button);
}

document.querySelectorAll("[data-live]").forEach(follow);
document.querySelectorAll("form[data-once]").forEach(once);
document.querySelectorAll("[data-near]").forEach(near);

// Printing needs a script; without one the browser's own menu does it.
document.querySelectorAll("[data-print]").forEach(button => {
  button.hidden = false;
  button.addEventListener("click", () => print());
});

// The back button must not bring back a form that is locked.
addEventListener("pageshow", event => { if (event.persisted) location.reload(); });

// The server does not know the time zone of a first visit; from now on it does.
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
if (document.body.dataset.zone && zone && zone !== document.body.dataset.zone) {
  const told = () => document.cookie.split("; ").includes(`zone=${zone}`), before = told(); // told before and still unknown: a name that this server does not have
  document.cookie = `zone=${zone}; path=/; max-age=31536000; samesite=lax`;
  if (!before && told() && document.querySelector("time, .slot")) location.replace(location.href);
}
