// The little of Markdown that the texts of steps use: headings, paragraphs, lists, tables, code, emphasis. It becomes a
// tree, never HTML text.

export type Inline = { kind: 'text' | 'code' | 'strong' | 'emphasis'; text: string };

export type Block =
  | { kind: 'heading'; level: number; text: Inline[] }
  | { kind: 'paragraph'; text: Inline[] }
  | { kind: 'code'; text: string }
  | { kind: 'list'; isNumbered: boolean; items: Inline[][] }
  | { kind: 'table'; head: Inline[][]; rows: Inline[][][] };

const marks = /(`+)(.+?)\1|\*\*(.+?)\*\*|(?<![\w*])\*([^\s*](?:[^*]*[^\s*])?)\*(?!\w)|\[([^\]]+)\]\([^)]*\)/g;

export function inline(text: string): Inline[] {
  const made: Inline[] = [];
  let at = 0;
  for (const m of text.matchAll(marks)) {
    if (m.index > at) made.push({ kind: 'text', text: text.slice(at, m.index) });
    if (m[2] !== undefined) made.push({ kind: 'code', text: m[2] });
    else if (m[3] !== undefined) made.push({ kind: 'strong', text: m[3] });
    else if (m[4] !== undefined) made.push({ kind: 'emphasis', text: m[4] });
    else made.push({ kind: 'text', text: m[5] ?? '' });
    at = m.index + m[0].length;
  }
  if (at < text.length) made.push({ kind: 'text', text: text.slice(at) });
  return made;
}

const listMark = /^\s{0,3}(?:[-*]|(\d+)\.)\s+/;
const isTable = (line: string) => line.trimStart().startsWith('|');

// Cells of a row; "\|" and bars in code are text.
function cells(line: string): Inline[][] {
  const parts = line.trim().replace(/^\|/, '').replace(/\|$/, '').match(/(?:\\.|`[^`]*`|[^|])+|(?<=\|)(?=\|)/g) ?? [];
  return parts.map((c) => inline(c.trim().replaceAll('\\|', '|')));
}

class Reader {
  private at = 0;
  constructor(private readonly lines: string[]) {}

  private get line(): string | undefined {
    return this.lines[this.at];
  }
  private take(while_: (line: string) => boolean): string[] {
    const from = this.at;
    while (this.line !== undefined && while_(this.line)) this.at++;
    return this.lines.slice(from, this.at);
  }

  read(): Block[] {
    const blocks: Block[] = [];
    while (this.line !== undefined) {
      const block = this.block(this.line);
      if (block) blocks.push(block);
    }
    return blocks;
  }

  private block(line: string): Block | null {
    if (line.trim() === '') {
      this.at++;
      return null;
    }
    const heading = /^(#{1,6})\s+(.*)$/.exec(line);
    if (heading) {
      this.at++;
      return { kind: 'heading', level: (heading[1] ?? '').length, text: inline(heading[2] ?? '') };
    }
    if (line.startsWith('```')) return this.fenced();
    if (line.startsWith('    ')) return { kind: 'code', text: this.take((l) => l.startsWith('    ')).map((l) => l.slice(4)).join('\n') };
    if (isTable(line)) return this.table();
    if (listMark.test(line)) return this.list();
    return this.paragraph();
  }

  private fenced(): Block {
    this.at++;
    const text = this.take((l) => !l.startsWith('```')).join('\n');
    this.at++;
    return { kind: 'code', text };
  }

  private table(): Block {
    const rows = this.take(isTable).filter((l) => !/^[\s|:-]+$/.test(l));
    const [head = [], ...rest] = rows.map(cells);
    return { kind: 'table', head, rows: rest };
  }

  private list(): Block {
    const isNumbered = listMark.exec(this.line ?? '')?.[1] !== undefined;
    const items: string[] = [];
    while (this.line !== undefined && (listMark.test(this.line) || (this.line.trim() !== '' && /^\s/.test(this.line)))) {
      if (listMark.test(this.line)) items.push(this.line.replace(listMark, ''));
      else items.push(`${items.pop() ?? ''} ${this.line.trim()}`);
      this.at++;
    }
    return { kind: 'list', isNumbered, items: items.map(inline) };
  }

  private paragraph(): Block {
    const first = this.at;
    const text = this.take((l) => l.trim() !== '' && (this.at === first || !(isTable(l) || listMark.test(l) || l.startsWith('#'))));
    return { kind: 'paragraph', text: inline(text.map((l) => l.trim()).join(' ')) };
  }
}

export const markdown = (text: string): Block[] => new Reader(text.split('\n')).read();
