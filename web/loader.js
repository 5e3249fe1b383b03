// How much of the code is here, told in the shell while it comes; a word where it cannot come; and the rest of the code, once
// the page stands. Trunk calls it.
export default function loader() {
  const bar = document.getElementById("shell-bar");
  const percent = document.getElementById("shell-percent");
  joinRestLater();
  return {
    onProgress({ current, total }) {
      // `total` is the size of the code as it is run: it is counted behind the browser's decompression.
      if (!bar || !total) return;
      const part = Math.min(100, Math.floor((current * 100) / total));
      if (bar.value === part) return;
      bar.value = part;
      percent.textContent = `${part} %`;
    },
    onFailure(reason) {
      console.error(reason);
      window.kafkascopeFailed(reason);
    },
  };
}

// What the first steps do not need is a module of its own (`weight::split` makes it). It joins the first one: its functions take
// their slots in the table of the first one's, which then calls them. A page that is one module has no rest.
function joinRestLater() {
  const address = document.querySelector("meta[name=rest-of-code]")?.content;
  let first, coming;
  const isHere = () => !address || first.restIsHere.value === 1;
  window.firstCodeIsHere = (exports) => { first = exports; };
  window.fetchRestOfCode = (isAwaited) => {
    if (isHere()) return;
    if (isAwaited) joinNow();
    else coming ??= joinSoon();
  };
  window.restOfCodeHasCome = () => Promise.resolve(coming);
  window.restOfCodeIsHere = () => Boolean(address) && isHere();

  async function joinSoon() {
    try {
      // As bytes, not as a stream: a server that does not know the kind of the file serves it all the same.
      const answer = await fetch(address, { priority: "low" });
      if (!answer.ok) throw new Error(`${answer.status} ${address}`);
      const module = await WebAssembly.compile(await answer.arrayBuffer());
      if (!isHere()) await WebAssembly.instantiate(module, { first });
    } catch (reason) {
      // Nothing is lost: whoever needs it fetches it then.
      console.warn(reason);
      coming = undefined;
    }
  }

  // Somebody was quicker than the network, or it failed. The call that needs the rest cannot be put off: all waits for it, and
  // the person decides how often it is tried. Nothing of the run is lost meanwhile.
  function joinNow() {
    for (;;) {
      try {
        new WebAssembly.Instance(new WebAssembly.Module(bytesNow()), { first });
        return;
      } catch (reason) {
        const again = document.documentElement.lang === "ko"
          ? "Kafkascope의 나머지 코드를 가져오지 못했습니다. 다시 시도할까요?"
          : "The rest of Kafkascope's code could not be fetched. Try again?";
        if (confirm(`${again}\n\n${reason}`)) continue;
        // The step that was under way is lost: the page says so, as it does when it breaks.
        document.getElementById("panic-what").textContent = reason;
        document.getElementById("panic-run").textContent = location.href;
        document.getElementById("panic").hidden = false;
        throw reason;
      }
    }
  }

  function bytesNow() {
    const request = new XMLHttpRequest();
    request.open("GET", address, false);
    // A request that all waits for may bring text only: one character a byte.
    request.overrideMimeType("text/plain; charset=x-user-defined");
    request.send();
    if (request.status !== 200) throw new Error(`${request.status} ${address}`);
    return Uint8Array.from(request.responseText, (character) => character.charCodeAt(0) & 255);
  }
}
