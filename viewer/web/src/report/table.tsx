// A table whose rows are sorted by the column that is clicked; a third click gives the order of the report.

import { useSignal } from '@preact/signals';
import type { Cell, Column, Table } from './data';
import { decimalText } from './data';

type Sort = { column: number; isDown: boolean } | null;

function keyOf(cell: Cell | undefined): number | string | null {
  if (Array.isArray(cell)) return cell.map((flag) => flag.word).join(' ');
  if (cell !== null && typeof cell === 'object') return cell.value;
  return cell ?? null;
}

// What is not known comes last, whatever the direction.
function compare(a: number | string | null, b: number | string | null, isDown: boolean): number {
  if (a === null || a === '' || b === null || b === '') return Number(a === null || a === '') - Number(b === null || b === '');
  const order = typeof a === 'number' && typeof b === 'number' ? a - b : String(a).localeCompare(String(b), 'en', { numeric: true });
  return isDown ? -order : order;
}

function orderOf(table: Table, sort: Sort): number[] {
  const order = table.rows.map((_, i) => i);
  if (!sort) return order;
  const keys = table.rows.map((row) => keyOf(row[sort.column]));
  return order.sort((a, b) => compare(keys[a] ?? null, keys[b] ?? null, sort.isDown) || a - b);
}

function CellText({ cell, column }: { cell: Cell; column: Column }) {
  if (Array.isArray(cell))
    return (
      <>
        {cell.map((flag) => (
          <span key={flag.word} class="flag" title={flag.why}>
            {flag.word}
          </span>
        ))}
      </>
    );
  if (typeof cell === 'string') return <>{cell}</>;
  const isOwn = cell !== null && typeof cell === 'object';
  return <>{decimalText(isOwn ? cell.value : cell, isOwn ? cell.decimals : (column.decimals ?? -1))}</>;
}

const isNumber = (column: Column, cell: Cell) => column.decimals !== undefined || (cell !== null && typeof cell === 'object' && !Array.isArray(cell));

// Every digit, for whoever wants them.
function exactly(cell: Cell): string | undefined {
  const key = keyOf(cell);
  return typeof key === 'number' ? String(key) : undefined;
}

function Row({ table, row, isAside }: { table: Table; row: Cell[]; isAside: boolean }) {
  return (
    <tr class={isAside ? 'aside' : undefined}>
      {row.map((cell, i) => {
        const column = table.columns[i] ?? { name: '' };
        const Tag = i === 0 && column.decimals === undefined ? 'th' : 'td';
        return (
          <Tag key={i} class={isNumber(column, cell) ? 'n' : 'text'} title={exactly(cell)}>
            <CellText cell={cell} column={column} />
          </Tag>
        );
      })}
    </tr>
  );
}

const next = (sort: Sort, column: number): Sort => (sort?.column !== column ? { column, isDown: false } : sort.isDown ? null : { column, isDown: true });

export function SortedTable({ part }: { part: Table }) {
  const sort = useSignal<Sort>(null);
  const now = sort.value;
  const arrow = (i: number) => (now?.column !== i ? '' : now.isDown ? ' ↓' : ' ↑');
  const state = (i: number) => (now?.column !== i ? 'none' : now.isDown ? 'descending' : 'ascending');
  return (
    <>
      {part.title && <h3>{part.title}</h3>}
      <div class="scroll">
        <table class="wide sorted">
          <thead>
            <tr>
              {part.columns.map((column, i) => (
                <th key={i} scope="col" class={column.decimals === undefined ? undefined : 'n'} aria-sort={state(i)}>
                  <button type="button" title="Sort by this column" onClick={() => (sort.value = next(now, i))}>
                    {column.name || '\u00a0'}
                    {arrow(i)}
                    {column.unit && <small>{column.unit}</small>}
                  </button>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {orderOf(part, now).map((i) => (
              <Row key={i} table={part} row={part.rows[i] ?? []} isAside={part.aside?.[i] ?? false} />
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}
