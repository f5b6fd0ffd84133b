import { useMemo } from 'preact/hooks';
import { markdown, type Block, type Inline } from './markdown';

function Words({ text }: { text: Inline[] }) {
  return (
    <>
      {text.map((t, i) => {
        if (t.kind === 'code') return <code key={i}>{t.text}</code>;
        if (t.kind === 'strong') return <strong key={i}>{t.text}</strong>;
        if (t.kind === 'emphasis') return <em key={i}>{t.text}</em>;
        return t.text;
      })}
    </>
  );
}

function Table({ block }: { block: Extract<Block, { kind: 'table' }> }) {
  return (
    <table>
      <thead>
        <tr>
          {block.head.map((c, i) => (
            <th key={i}>
              <Words text={c} />
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {block.rows.map((r, i) => (
          <tr key={i}>
            {r.map((c, k) => (
              <td key={k}>
                <Words text={c} />
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function One({ block }: { block: Block }) {
  switch (block.kind) {
    case 'heading':
      return (
        <h4>
          <Words text={block.text} />
        </h4>
      );
    case 'paragraph':
      return (
        <p>
          <Words text={block.text} />
        </p>
      );
    case 'code':
      return <pre>{block.text}</pre>;
    case 'table':
      return <Table block={block} />;
    case 'list': {
      const items = block.items.map((item, i) => (
        <li key={i}>
          <Words text={item} />
        </li>
      ));
      return block.isNumbered ? <ol>{items}</ol> : <ul>{items}</ul>;
    }
  }
}

export function Markdown({ text }: { text: string }) {
  const blocks = useMemo(() => markdown(text), [text]);
  return (
    <div class="markdown">
      {blocks.map((b, i) => (
        <One key={i} block={b} />
      ))}
    </div>
  );
}
