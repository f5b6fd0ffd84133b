import { current } from '../state/app';
import { isHelpOpen, keyList } from './keys';
import { Window } from './window';

const names: Record<string, string> = { ArrowLeft: '←', ArrowRight: '→', ArrowUp: '↑', ArrowDown: '↓', ' ': 'Space' };
const keyName = (key: string) => key.replace(/(Arrow\w+| )$/, (k) => names[k] ?? k);

export function HelpWindow() {
  const kind = current.value?.kind;
  return (
    <Window title="Keys" onClose={() => (isHelpOpen.value = false)}>
      <table class="keys">
        <tbody>
          {keyList()
            .filter((k) => k.kinds === 'any' || (kind !== undefined && k.kinds.includes(kind)))
            .map((k) => (
              <tr key={k.help}>
                <td>
                  {k.keys.map((key) => (
                    <kbd key={key}>{keyName(key)}</kbd>
                  ))}
                </td>
                <td>{k.help}</td>
              </tr>
            ))}
        </tbody>
      </table>
    </Window>
  );
}
