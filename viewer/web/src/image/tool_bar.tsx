// The tools at the image's edge.

import { activeTool, tools } from './tool';

export function ToolBar() {
  return (
    <div class="image-tools" role="toolbar" aria-label="Tools">
      {tools.value.map((tool) => (
        <button key={tool.id} type="button" title={tool.title} aria-label={tool.title} aria-pressed={activeTool.value === tool.id} onClick={() => (activeTool.value = tool.id)}>
          <svg viewBox="0 0 24 24" width="18" height="18">
            <path d={tool.icon} />
          </svg>
        </button>
      ))}
    </div>
  );
}
