// How much of the code is here, told in the shell while it comes; and a word where it cannot come. Trunk calls it.
export default function loader() {
  const bar = document.getElementById("shell-bar");
  const percent = document.getElementById("shell-percent");
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
