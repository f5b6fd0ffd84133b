// A browser that shows the page in a sandbox may forbid storage; then the theme is forgotten with the page.

try {
  void localStorage.length;
} catch {
  Object.defineProperty(window, 'localStorage', { value: { getItem: () => null, setItem: () => {} } });
}

export {};
