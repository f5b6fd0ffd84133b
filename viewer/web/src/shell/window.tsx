// A window over the page: closes with Escape, the button, or a click beside it.

import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

export function Window({ title, onClose, children }: { title: string; onClose(): void; children: ComponentChildren }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} class="window" onClose={onClose} onClick={(e) => e.target === dialog.current && onClose()}>
      <div class="window-head">
        <h2>{title}</h2>
        <button type="button" aria-label="Close" onClick={onClose}>
          ×
        </button>
      </div>
      <div class="window-body">{children}</div>
    </dialog>
  );
}
