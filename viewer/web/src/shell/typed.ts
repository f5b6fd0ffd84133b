// A field of a number keeps what is in it from the moment it is clicked, whatever is drawn anew meanwhile, until it is entered
// or left.

import { useState } from 'preact/hooks';

type Input = Event & { currentTarget: HTMLInputElement };

// Properties of the input that shows `value`; enter() is told numbers, not what is no number yet.
export function useTyped(value: number, enter: (value: number, input: HTMLInputElement) => void) {
  const [typed, setTyped] = useState<string | null>(null);
  return {
    value: typed ?? value,
    onFocus: (e: Input) => setTyped(e.currentTarget.value),
    onInput: (e: Input) => setTyped(e.currentTarget.value),
    onBlur: () => setTyped(null),
    onChange: ({ currentTarget: input }: Input) => {
      if (Number.isFinite(input.valueAsNumber)) enter(input.valueAsNumber, input);
      setTyped(null);
    },
  };
}
