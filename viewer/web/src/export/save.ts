// Files to and from the person's own disk.

export function saveBlob(blob: Blob, name: string) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

export const saveText = (text: string, name: string, type = 'text/plain') => saveBlob(new Blob([text], { type }), name);

// A text as it is, other values as JSON.
export const saveContent = (content: unknown, name: string) => (typeof content === 'string' ? saveText(content, name) : saveJson(content, name));

export const saveJson = (value: unknown, name: string) => saveText(`${JSON.stringify(value, null, 1)}\n`, name, 'application/json');

export function saveAddress(address: string, name: string) {
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
}

// Asks for a file and gives its text; does nothing if none is chosen.
export function loadText(accept: string, use: (text: string, name: string) => void) {
  const input = document.createElement('input');
  input.type = 'file';
  input.accept = accept;
  input.addEventListener('change', () => {
    const file = input.files?.[0];
    if (file) void file.text().then((text) => use(text, file.name));
  });
  input.click();
}

// "movie.ome.tif" -> "movie"
export const stem = (label: string) => label.replace(/^.*[\\/]/, '').replace(/\.[^.]*$/, '') || 'limpid';
