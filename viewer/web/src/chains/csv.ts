// Tables that steps write.

export interface Table {
  head: string[];
  rows: string[][];
}

export function parseCsv(text: string): Table {
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = '';
  let isQuoted = false;
  const endCell = () => {
    row.push(cell);
    cell = '';
  };
  const endRow = () => {
    endCell();
    if (row.length > 1 || row[0] !== '') rows.push(row);
    row = [];
  };
  for (let i = 0; i < text.length; i++) {
    const c = text[i];
    if (isQuoted) {
      if (c === '"' && text[i + 1] === '"') cell += text[++i] ?? '';
      else if (c === '"') isQuoted = false;
      else cell += c;
    } else if (c === '"') isQuoted = true;
    else if (c === ',') endCell();
    else if (c === '\n') endRow();
    else if (c !== '\r') cell += c;
  }
  if (cell !== '' || row.length > 0) endRow();
  const [head = [], ...rest] = rows;
  return { head, rows: rest };
}

export const hasColumn = (t: Table, name: string) => t.head.includes(name);

// Empty cells are NaN.
export function column(t: Table, name: string): Float64Array {
  const at = t.head.indexOf(name);
  return Float64Array.from(t.rows, (r) => {
    const cell = r[at];
    return cell === undefined || cell === '' ? NaN : Number(cell);
  });
}
