// Lists of channels as the server takes them: "0-3,7".

export function channelText(channels: number[]): string {
  const parts: string[] = [];
  for (let i = 0; i < channels.length; ) {
    const from = channels[i] ?? 0;
    let to = from;
    while (++i < channels.length && channels[i] === to + 1) to++;
    parts.push(from === to ? String(from) : `${from}-${to}`);
  }
  return parts.join(',');
}

const asWritten: Record<string, string> = { uV: 'µV', '\u03bcV': 'µV', mV: 'mV', V: 'V' };

export const unitText = (unit: string) => asWritten[unit] ?? unit;

export const withUnit = (text: string, unit: string) => (unit === '' ? text : `${text} ${unitText(unit)}`);
